"""What several figures share: the finding on top, and an axis of weeks."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

import pandas as pd

from .style import BLUE, GREY, INK, MIST, plain

_TITLE_LETTERS = 84
_MOST_LABELS = 12


def finding(figure: Any, title: str) -> None:
    """The finding, above everything, at the left edge."""
    figure.suptitle(
        textwrap.fill(title, _TITLE_LETTERS), x=0.005, ha="left", fontsize=12.5,
        fontweight="bold", color=INK,
    )  # fmt: skip


def week_axis(
    ax: Any,
    weeks: pd.DataFrame,
    phases: Sequence[tuple[pd.Timestamp, str]] = (),
    month: str = "",
) -> None:
    """An axis of weeks: the month shaded and named above, phases marked by thin lines."""
    k = len(weeks)
    ax.set_xlim(-0.6, k - 0.3)
    every = -(-k // _MOST_LABELS)
    at = [i for i in range(k) if (k - 1 - i) % every == 0]
    ax.set_xticks(at, [_day(weeks["monday"][i]) for i in at])
    ax.set_xlabel("week beginning")
    inside = weeks.index[weeks["in_month"]]
    if len(inside):
        ax.axvspan(inside[0] - 0.5, inside[-1] + 0.5, facecolor=MIST, lw=0, zorder=0)
        if month:
            ax.annotate(
                month, (inside.to_numpy().mean(), 1.0), xycoords=("data", "axes fraction"),
                xytext=(0, 4), textcoords="offset points", ha="center", color=BLUE,
                fontsize=9.5, fontweight="bold",
            )  # fmt: skip
    if month:
        _mark_phases(ax, weeks, phases)


def _mark_phases(ax: Any, weeks: pd.DataFrame, phases: Sequence[tuple[pd.Timestamp, str]]) -> None:
    first = weeks["monday"].iloc[0]
    week = pd.Timedelta(days=7)
    for i, (day, name) in enumerate(phases):
        later = phases[i + 1][0] if i + 1 < len(phases) else weeks["monday"].iloc[-1] + week
        if later <= first:
            continue
        at = max((day - first) / week, 0.0) - 0.5
        if at > -0.5:
            ax.axvline(at, color=GREY, lw=0.9, zorder=1)
        ax.annotate(
            plain(name), (at, 0.985), xycoords=("data", "axes fraction"), xytext=(4, 0),
            textcoords="offset points", va="top", color=GREY, fontsize=9,
        )  # fmt: skip


def _day(day: pd.Timestamp) -> str:
    """A day as ``3 Aug``, the same in every locale; January also says the year."""
    names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    year = f"\n{day.year}" if day.month == 1 and day.day <= 7 else ""
    return f"{day.day} {names[day.month - 1]}{year}"
