"""Where everybody draws the line, and which mistakes get through."""

from __future__ import annotations

import textwrap
from typing import Any

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import Estimate
from ...present import style
from ...present.axes import finding, rows_axis
from ...present.picture import Note, Picture
from ...present.style import (
    BLACK,
    GREEN,
    GREY,
    INK,
    MIST,
    PALE,
    VERMILLION,
    count,
    percent,
)
from ..debrief import Debrief
from ..scoring.marking import stakes
from ..scoring.score import Score

_LETTERS = 36
_MOST_FAULTS = 12
_WIDEST = 4.0
"""Criteria beyond this are drawn at the edge: their d' is hardly above guessing."""


def draw_line(d: Debrief, me: str = "") -> Picture | Note:
    """Where everybody draws the line, beside the line that costs least.

    Parameters
    ----------
    d : Debrief
    me : str
        Only this pseudonym is named.
    """
    known = [s for s in d.scores if s.figures["criterion"].known]
    known.sort(key=lambda s: (-s.figures["criterion"].value, s.who))
    if not known:
        return Note("Where people draw the line takes five wrong and five right items judged.")
    times = stakes(pd.concat([s.marks for s in d.scores]))
    title = _line_title(d, known, times, me)
    with style.drawing(1.9 + 0.31 * len(known)) as fig:
        finding(fig, title)
        ax = fig.add_subplot()
        for y, s in enumerate(known):
            _criterion(ax, y, s, grey=bool(me) and s.who != me)
        names = ["you" if s.who == me else "" if me else s.who for s in known]
        ax.set_yticks(range(len(known)), names, color=INK)
        _line_axis(ax, len(known), "your" if me else "their")
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. {len(known)} criteria from {known[-1].figures['criterion'].value:.1f} to "
        f"{known[0].figures['criterion'].value:.1f}, each with its interval and its ideal.",
        caption="Circles: criterion c, with 95% intervals (half a case added, Hautus 1995). "
        "Coloured: clearly off the ideal. Diamonds: the ideal c* for somebody with the same eyes, "
        f"when a miss costs {times:.0f} "
        "times a needless change and as many items are wrong as in the deck; none where wrong was "
        "not clearly told from right. Taken for granted: wrong ones are alike to see, and right "
        "ones.",
        table=_line_table([s for s in known if not me or s.who == me], me),
    )


def _line_table(known: list[Score], me: str) -> pd.DataFrame:
    """Of one's own debrief, one's own row only."""
    names = {
        "Sensitivity d'": "sensitivity", "Criterion c": "criterion", "Ideal c*": "ideal",
        "Above the ideal": "leaning",
    }  # fmt: skip
    columns = {title: [number(s.figures[n]) for s in known] for title, n in names.items()}
    return pd.DataFrame({"Who": ["you" if me else s.who for s in known], **columns})


def number(e: Estimate) -> str:
    """A number with its interval.

    >>> number(Estimate(1.234, 0.9, 1.55, 40, ""))
    '1.23 (0.90 to 1.55)'
    >>> number(Estimate(-0.004, -0.3, 0.29, 40, ""))
    '0.00 (-0.30 to 0.29)'
    """
    if not e.known:
        return "not known"
    if np.isnan(e.low):
        return f"{e.value:z.2f}"
    return f"{e.value:z.2f} ({e.low:z.2f} to {e.high:z.2f})"


def _line_title(d: Debrief, known: list[Score], times: float, me: str) -> str:
    stake = f"here a miss costs as much as {times:.0f} needless changes"
    if me:
        e = d.of(me).figures["leaning"]
        if not e.known:
            return "You do not yet tell wrong from right clearly enough to say where your line lies"
        if e.low > 0:
            return f"In doubt you let through more than pays: {stake}"
        return f"In doubt you change more than pays: {stake}" if e.high < 0 else (
            "Your line may be the one that costs least")  # fmt: skip
    above = sum(s.figures["leaning"].low > 0 for s in known)
    below = sum(s.figures["leaning"].high < 0 for s in known)
    if above >= below and above:
        return f"In doubt {above} of {len(known)} let through more than pays: {stake}"
    if below:
        return f"In doubt {below} of {len(known)} change more than pays: {stake}"
    return f"Nobody's line is clearly off the one that costs least: {stake}"


def _criterion(ax: Any, y: int, s: Score, *, grey: bool) -> None:
    c, ideal, lean = (s.figures[n] for n in ("criterion", "ideal", "leaning"))
    off = lean.known and (lean.low > 0 or lean.high < 0)
    colour = PALE if grey else VERMILLION if off else BLACK
    ax.plot([c.low, c.high], [y, y], color=colour, lw=2, zorder=3, solid_capstyle="butt")
    ax.plot(c.value, y, "o", color=colour, ms=8, mec="white", zorder=4)
    if ideal.known:
        at = float(np.clip(ideal.value, -_WIDEST, _WIDEST))
        ax.plot(at, y, "D", color=PALE if grey else GREEN, ms=7, mec="white", zorder=4)


def _line_axis(ax: Any, n: int, whose: str) -> None:
    ax.set_ylim(n - 0.4, -1.15)
    ax.axvline(0, color=PALE, lw=1, zorder=1)
    low, high = ax.get_xlim()
    reach = max(abs(low), abs(high), 1.0)
    ax.set_xlim(-reach, reach)
    for x, words, side in ((0.99, "lets through when in doubt →", "right"),
                           (0.01, "← steps in when in doubt", "left")):  # fmt: skip
        ax.annotate(words, (x, -0.75), xycoords=("axes fraction", "data"), ha=side, va="center",
                    color=GREY, fontsize=9, style="italic")  # fmt: skip
    for i, (words, colour) in enumerate(((f"● {whose} line c", BLACK), ("◆ the ideal c*", GREEN))):
        ax.annotate(words, (0.5, -0.75), xycoords=("axes fraction", "data"), va="center",
                    xytext=(-96 + 104 * i, 0), textcoords="offset points", color=colour,
                    fontsize=9, fontweight="bold")  # fmt: skip
    ax.set_xlabel("criterion")
    ax.grid(axis="x", color=MIST, lw=1)
    rows_axis(ax)


def draw_faults(d: Debrief) -> Picture | Note:
    """The mistakes that got through, the most often missed first."""
    if not len(d.faults):
        return Note("The answers do not say what was wrong with the wrong items (column fault).")
    f = d.faults.head(_MOST_FAULTS)
    top, first = d.hardest, f.iloc[0]
    title = f'Most often let through: "{top["fault"]}", in {top["value"]:.0%} of the answers'
    with style.drawing(1.25 + 0.36 * len(f)) as fig:
        finding(fig, title)
        ax = fig.add_subplot()
        for y, row in enumerate(f.to_dict("records")):
            ax.plot([100 * row["low"], 100 * row["high"]], [y, y], color=VERMILLION, lw=2, zorder=3,
                    solid_capstyle="butt")  # fmt: skip
            ax.plot(100 * row["value"], y, "o", color=VERMILLION, ms=8, mec="white", zorder=4)
            ax.annotate(f"{row['items']} item{'s' if row['items'] > 1 else ''}", (101.5, y),
                        va="center", color=GREY, fontsize=9, annotation_clip=False)  # fmt: skip
        names = [textwrap.fill(str(name), _LETTERS) for name in f["fault"]]
        ax.set_yticks(range(len(f)), names, color=INK)
        ax.set_ylim(len(f) - 0.5, -0.6)
        ax.set_xlim(0, 100)
        ax.set_xlabel("let through, % of answers")
        ax.grid(axis="x", color=MIST, lw=1)
        rows_axis(ax)
        png = style.to_png(fig)
    return Picture(
        png=png,
        title=title,
        alt=f"{title}. {len(f)} kinds of mistakes, from {f['value'].iloc[-1]:.0%} to "
        f"{first['value']:.0%} let through.",
        caption="Of the answers to wrong items that a person was asked to see, the share let "
        "through, by kind of mistake. Bars: 95% intervals over people, each independent of the "
        "others. A kind shown by one item only may be that item's doing; of twelve kinds that are "
        "alike, the highest and the lowest lie apart by chance.",
        table=pd.DataFrame(
            {
                "Kind of mistake": f["fault"],
                "Items": f["items"],
                "Answers": [count(n) for n in f["n"]],
                "Let through": [percent(e) for e in estimates(f)],
            }
        ),
    )


def estimates(f: pd.DataFrame) -> list[Estimate]:
    """Rows of a table as figures again."""
    names = ("value", "low", "high", "n", "assumes", "few")
    return [Estimate(**{n: row[n] for n in names}) for row in f.to_dict("records")]
