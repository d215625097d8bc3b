"""Who lets too much through and who opens too much: everybody side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from ...decisions.diagnosing.diagnosis import MOST, Found
from ...present import style
from ...present.axes import finding, rows_axis
from ...present.picture import Note, Picture
from ...present.style import BLACK, GREY, INK, MIST, PALE, VERMILLION, percent
from ..debrief import Debrief
from ..scoring.naming import OPENED, Habit
from ..scoring.score import Score
from ..words import headline, kindly

_LOOKS = {Found.NAMED: (VERMILLION, "X"), Found.OPEN: (GREY, "o"), Found.NOT: (BLACK, "o")}
"""Colour and mark, so that neither alone tells them apart; open ones are hollow."""


def draw_who(d: Debrief, me: str = "") -> Picture | Note:
    """Wrong items let through, and routine items opened, one row for each person.

    Parameters
    ----------
    d : Debrief
    me : str
        Only this pseudonym is named; all others are grey.
    """
    shown = [s for s in d.scores if s.abdication.share.known or s.hoarding.share.known]
    if not shown:
        return Note(
            "There is nothing to draw yet: it takes wrong items that people were asked to see, or "
            "a steady round with routine items."
        )
    shown.sort(key=lambda s: (-_value(s.abdication), -_value(s.hoarding), s.who))
    title = kindly(d.of(me), to="you") if me else headline(d).rstrip(".")
    with style.drawing(1.75 + 0.29 * len(shown)) as fig:
        finding(fig, title)
        left, right = fig.subplots(1, 2, sharey=True, gridspec_kw={"wspace": 0.07})
        _panel(left, [s.abdication for s in shown], shown, me, 100 * MOST,
               "wrong items let through, %")  # fmt: skip
        _panel(right, [s.hoarding for s in shown], shown, me, 100 * OPENED,
               "routine items opened, %")  # fmt: skip
        names = ["you" if s.who == me else "" if me else s.who for s in shown]
        left.set_yticks(range(len(shown)), names, color=INK, fontsize=10)
        left.set_ylim(len(shown) - 0.45, -1.25)
        png = style.to_png(fig)
    first = shown[0]
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. {len(shown)} people, each with the share of wrong items let through, from "
        f"{_value(shown[-1].abdication):.0%} to {_value(first.abdication):.0%}, and of routine "
        "items opened.",
        caption=f"For each person {first.abdication.share.n:.0f} wrong items that a person was "
        f"asked to see, and {first.hoarding.share.n:.0f} routine items of the steady round, which "
        "the boundary spec lets go alone. Bars: 95% intervals (Clopper-Pearson), which take items "
        "as independent. Crosses: the whole interval lies beyond the dashed line. Full circles: it "
        "lies on the good side. Hollow circles: too few items to say.",
        table=pd.DataFrame(
            {
                "Who": ["you" if s.who == me else s.who for s in shown if not me or s.who == me],
                "Wrong items let through": _shares(shown, me, "abdication"),
                "Routine items opened": _shares(shown, me, "hoarding"),
                "What it shows": [kindly(s) for s in shown if not me or s.who == me],
            }
        ),
    )


def _value(h: Habit) -> float:
    return h.share.value if h.share.known else 0.0


def _shares(shown: Sequence[Score], me: str, name: str) -> list[str]:
    return [percent(getattr(s, name).share) for s in shown if not me or s.who == me]


def _panel(
    ax: Any, habits: Sequence[Habit], shown: Sequence[Score], me: str, line: float, label: str
) -> None:
    ax.axvspan(-2, line, facecolor=MIST, lw=0, zorder=0)
    ax.axvline(line, color=GREY, lw=1, ls=(0, (5, 3)), zorder=1)
    ax.annotate("good", (line, -0.85), xytext=(-6, 0), textcoords="offset points", ha="right",
                va="center", color=GREY, fontsize=9, style="italic")  # fmt: skip
    ax.annotate("too much", (line, -0.85), xytext=(6, 0), textcoords="offset points", ha="left",
                va="center", color=GREY, fontsize=9, style="italic")  # fmt: skip
    for y, (h, s) in enumerate(zip(habits, shown, strict=True)):
        if h.share.known:
            _row(ax, y, h, grey=bool(me) and s.who != me, wide=s.who == me)
    ax.set_xlim(-2, 102)
    ax.set_xticks(range(0, 101, 20))
    ax.set_xlabel(label)
    rows_axis(ax)


def _row(ax: Any, y: int, h: Habit, *, grey: bool, wide: bool) -> None:
    colour, mark = _LOOKS[h.status]
    colour = PALE if grey else colour
    ax.plot([100 * h.share.low, 100 * h.share.high], [y, y], color=colour,
            lw=3.4 if wide else 1.8, zorder=3, solid_capstyle="butt")  # fmt: skip
    hollow = h.status is Found.OPEN
    ax.plot(
        100 * h.share.value, y, mark, ms=10 if mark == "X" else 8, zorder=4,
        color="white" if hollow else colour, mec=colour if hollow else "white",
        mew=1.8 if hollow else 1, clip_on=False,
    )  # fmt: skip
