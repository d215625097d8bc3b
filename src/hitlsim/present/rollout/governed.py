"""What governance did in many runs: in how many of them, when first, and what it had seen."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

import pandas as pd

from ...scenario.scenario import Scenario

_Key = tuple[str, str, str]
"""Workflow, what was done, by which rule."""
_Happened = list[tuple[int, str]]
"""Each time in one run: the week, and what had been seen."""
_MOVES = ("moved on to ", "back to ")


class Governed(NamedTuple):
    """One thing that governance did.

    Attributes
    ----------
    workflow : str
    what : str
    rule : str
        Path of the setting behind it.
    runs, of : int
        Runs in which it happened, of how many.
    week : float
        Median, over those runs, of the week in which it first happened; 1 is the first.
    earliest, latest : int
        Of these weeks.
    times : float
        How often it happened, on average of all runs.
    because : str
        What it had seen, in the first of those runs.
    """

    workflow: str
    what: str
    rule: str
    runs: int
    of: int
    week: float
    earliest: int
    latest: int
    times: float
    because: str


def moves(runs: Sequence[pd.DataFrame], scenario: Scenario) -> tuple[Governed, ...]:
    """Only what moved a workflow from phase to phase, by criterion."""
    return tuple(g for g in _grouped(runs, scenario) if g.what.startswith(_MOVES))


def governed(runs: Sequence[pd.DataFrame], scenario: Scenario) -> tuple[Governed, ...]:
    """All else that governance did beyond the calendar, the earliest first."""
    return tuple(g for g in _grouped(runs, scenario) if not g.what.startswith(_MOVES))


def _grouped(runs: Sequence[pd.DataFrame], scenario: Scenario) -> list[Governed]:
    start = pd.Timestamp(scenario.start)
    found: dict[_Key, list[_Happened]] = {}
    for run in runs:
        mine: dict[_Key, _Happened] = {}
        for row in run.to_dict("records"):
            key = (str(row["workflow"]), str(row["what"]), str(row["rule"]))
            week = (row["date"] - start).days // 7 + 1
            mine.setdefault(key, []).append((week, str(row["because"])))
        for key, happened in mine.items():
            found.setdefault(key, []).append(happened)
    out = []
    for (workflow, what, rule), all_runs in found.items():
        first = [happened[0][0] for happened in all_runs]
        times = sum(len(happened) for happened in all_runs) / len(runs)
        out.append(
            Governed(
                workflow, what, rule, len(all_runs), len(runs), float(median(first)), min(first),
                max(first), times, all_runs[0][0][1],
            )
        )  # fmt: skip
    return sorted(out, key=lambda g: (g.week, g.workflow, g.what))
