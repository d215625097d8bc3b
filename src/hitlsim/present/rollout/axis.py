"""The axis of weeks that a rollout's figures share: phases shaded and named."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ..style import GREY, INK, MIST, plain
from .spans import Span

_MOST_LABELS = 14


def phase_axis(ax: Any, weeks: Sequence[int], spans: Sequence[Span], *, named: bool = True) -> None:
    """Weeks from left to right; every other phase shaded, each named at the top."""
    first, last = min(weeks), max(weeks)
    ax.set_xlim(first - 0.6, last + 0.6)
    every = -(-len(weeks) // _MOST_LABELS)
    ax.set_xticks(list(weeks)[::every])
    ax.set_xlabel("week of the rollout")
    for i, span in enumerate(spans):
        begin, end = span.first_week - 0.5, min(span.last_week, last) + 0.5
        if i % 2:
            ax.axvspan(begin, end, facecolor=MIST, lw=0, zorder=0)
        if i:
            ax.axvline(begin, color=GREY, lw=0.9, ls=(0, (2, 2)), zorder=1)
        if named:
            ax.annotate(
                plain(span.name), ((begin + end) / 2, 1.0), xycoords=("data", "axes fraction"),
                xytext=(0, 4), textcoords="offset points", ha="center", color=INK, fontsize=9.5,
                fontweight="bold",
            )  # fmt: skip


def series(frame: pd.DataFrame, metric: str) -> pd.DataFrame:
    """One metric, week by week."""
    return frame[frame["metric"] == metric].set_index("week").sort_index()
