"""What several figures share: the finding on top, an axis of weeks, the band, hours in bars."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..decisions.columns import DOMAINS
from .style import BLACK, BLUE, FILLS, GREEN, GREY, HATCHES, INK, MIST, plain

_TITLE_LETTERS = 84
_MOST_LABELS = 12
_HEADROOM = 1.2
_KEY_LENGTH = 1.9
"""Of a key, in letters: as long as two dashes of the line of hours set aside."""


def finding(figure: Any, title: str) -> None:
    """The finding, above everything, at the left edge."""
    figure.suptitle(
        textwrap.fill(title, _TITLE_LETTERS), x=0.005, ha="left", fontsize=12.5,
        fontweight="bold", color=INK,
    )  # fmt: skip


def rows_axis(ax: Any) -> None:
    """An axis whose rows have names and no line of their own."""
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)


def over_lines(words: Any) -> None:
    """Drawn words that a line may cross: it stops short of them."""
    words.set_bbox({"boxstyle": "square,pad=0.1", "facecolor": "white", "edgecolor": "none"})


def band_area(ax: Any, band: tuple[float, float]) -> None:
    """The band that a rate is to stay inside, as shares of 1, on an axis of percent."""
    low, high = 100 * band[0], 100 * band[1]
    ax.axhspan(low, high, facecolor=GREEN, alpha=0.13, lw=0)
    for edge in (low, high):
        ax.axhline(edge, color=GREEN, lw=0.8, ls=(0, (4, 3)))
    ax.annotate(
        f"band\n{low:g}-{high:g}%", (1.008, (low + high) / 2), xycoords=("axes fraction", "data"),
        va="center", color=GREEN, fontsize=9.5, fontweight="bold", annotation_clip=False,
    )  # fmt: skip


def hours_bars(ax: Any, at: pd.Index, hours: Mapping[str, Any], *, capacity: float) -> list[Any]:
    """Hours at the desk by domain, one bar on the other, under the line of hours set aside.

    Parameters
    ----------
    ax : Axes
    at : Index
        Places of the bars.
    hours : mapping of str to array
        By domain, in the order of :data:`~hitlsim.decisions.columns.DOMAINS`.
    capacity : float
        Hours set aside a week; NaN where nothing is known of them.

    Returns
    -------
    list
        The bars, domain by domain.
    """
    bottom, drawn = np.zeros(len(at)), []
    for domain, values in hours.items():
        i = DOMAINS.index(domain)
        drawn.append(ax.bar(
            at, values, bottom=bottom, color=FILLS[i], hatch=HATCHES[i], edgecolor="white", lw=0.8,
            width=0.62, label=domain,
        ))  # fmt: skip
        bottom = bottom + np.asarray(values, float)
    for x, total in zip(at, bottom, strict=True):
        over_lines(ax.annotate(
            f"{total:.0f}", (x, total), xytext=(0, 3), textcoords="offset points", ha="center",
            fontsize=9, fontweight="bold",
        ))  # fmt: skip
    top = float(bottom.max())
    if not math.isnan(capacity):
        said = f"set aside: {capacity:.3g} h"
        ax.axhline(capacity, color=BLACK, lw=1.4, ls=(0, (5, 3)), label=said)
        top = max(top, capacity)
    ax.set_ylim(0, _HEADROOM * top)
    ax.set_ylabel("hours a week")
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, reverse=True,
              fontsize=9.5, handlelength=_KEY_LENGTH)  # fmt: skip
    return drawn


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
