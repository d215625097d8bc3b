"""Twelve weeks as tables, as they are to be read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

from ...decisions.counting.measure import Unit
from ...decisions.estimating.intervals import Estimate
from ...present.style import duration, percent, written
from .figures import FIGURES
from .measured import HABITS, USUAL
from .ways import IDEAL, TEAM, WAYS, YOU

if TYPE_CHECKING:
    from .twelve import Weeks

NAMES = {TEAM: "team as it is", YOU: "with your habits", IDEAL: "the ideal"}
COURSE = (
    ("review_hours", "hours of work", 1.0),
    ("missed", "wrong ones that reviewers let through, %", 100.0),
)
"""What is drawn week by week: name, words, and the factor by which it is shown."""


def figures_table(w: Weeks) -> pd.DataFrame:
    """All figures of the three ways, and by how much yours differs from the team's."""
    rows = []
    for f in FIGURES:
        money = f", {w.scenario.currency} per 1,000" if f.unit is Unit.MONEY else ""
        cells = [written(w.figures[way, f.name], f.unit) for way in WAYS]
        more = _more(w.apart[TEAM, f.name], f.unit)
        rows.append([f"{f.title}{money}", *cells, more])
    return pd.DataFrame(
        rows, columns=["", *(WAYS[way] for way in WAYS), "Yours against the team's"]
    )


def _more(e: Estimate, unit: Unit) -> str:
    """A difference with its interval, signs and all.

    >>> _more(Estimate(0.021, 0.004, 0.04, 8, ""), Unit.SHARE)
    '+2.1 points (+0.4 to +4.0)'
    """
    if not e.known:
        return "not known"
    if abs(e.value) + abs(e.low) + abs(e.high) == 0:
        return "the same"
    if unit is Unit.SHARE:
        e = e.scaled(100)
        return f"{e.value:+.1f} points ({e.low:+.1f} to {e.high:+.1f})"
    if unit is Unit.MINUTES:
        return f"{_signed(e.value)} ({_signed(e.low)} to {_signed(e.high)})"
    if unit is Unit.MONEY:
        return f"{e.value:+,.0f} ({e.low:+,.0f} to {e.high:+,.0f})"
    return f"{e.value:+.1f} h ({e.low:+.1f} to {e.high:+.1f})"


def _signed(minutes: float) -> str:
    return f"{'-' if minutes < 0 else '+'}{duration(abs(minutes))}"


def habits_table(w: Weeks) -> pd.DataFrame:
    """The habits that were measured, beside those of people on average."""
    rows = []
    for m in HABITS:
        e = w.measured.figures.get(m.name)
        usual = getattr(USUAL, m.name, None)
        pace = m.name == "hurry"
        shown = "not enough evidence" if e is None else (
            f"{e.value:.2f} ({e.low:.2f}-{e.high:.2f})" if pace else percent(e))  # fmt: skip
        average = "" if usual is None else f"{usual:.2f}" if pace else f"{usual:.0%}"
        rows.append([m.title, shown, average, f"{w.measured.counted[m.name]} {m.of}"])
    return pd.DataFrame(rows, columns=["Habit", "Yours", "On average", "Rests on"])


def course_table(w: Weeks) -> pd.DataFrame:
    """Week by week what is drawn."""
    out: dict[str, Any] = {"Week": list(range(1, w.scenario.weeks + 1))}
    for name, words, scale in COURSE:
        for way in WAYS:
            part = w.course[(w.course["figure"] == name) & (w.course["way"] == way)]
            digits = 1 if scale == 1 else 0
            out[f"{words.removesuffix(', %')}: {NAMES[way]}"] = [
                "" if math.isnan(v) else f"{scale * v:.{digits}f}{'' if scale == 1 else '%'}"
                for v in part["value"]
            ]
    return pd.DataFrame(out)
