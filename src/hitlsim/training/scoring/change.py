"""Did it change? Each figure of one deck beside the same figure of a second one.

A second deck has other items, so both are samples of what somebody does: the interval of a change
is made from the intervals of the two. A change is called one only where its whole interval says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from ...decisions.diagnosing.evidence import Kind
from ...decisions.estimating.intervals import Estimate, as_row, fewest, wilson
from ...present.change import change
from ...simulation.runs.means import mean_of
from .costing import forgone
from .score import BY_NAME, Score

_HOPELESS = 400
"""More items of a kind than any deck has, and more people than any class."""
_ITEMS = "items of the two decks independent of each other"
_PEOPLE = "people independent of each other, on these two decks"


class Verdict(StrEnum):
    """What the evidence says of a change."""

    BETTER = "better"
    WORSE = "worse"
    MOVED = "moved"
    """Clearly another figure, of one that is neither good nor bad by itself."""
    OPEN = "not enough items"


class Compared(NamedTuple):
    """A figure that two decks are compared by."""

    name: str
    title: str
    better: int
    """-1 where less is better, 1 where more is, 0 where neither is."""
    items: str
    """What it is counted over."""
    percent: bool = False
    """Whether it is written in percent."""


COMPARED = (
    Compared("missed", "Wrong items let through", -1, "wrong items", percent=True),
    Compared("opened", "Routine items opened", -1, "routine items", percent=True),
    Compared("begun", "Asked items taken up", 1, "items that ask for a person", percent=True),
    Compared("fast", "Approvals faster than reading", -1, "approvals", percent=True),
    Compared("forgone", "Savings forgone", -1, "items of the steady round", percent=True),
    Compared("sensitivity", "Sensitivity d'", 1, "items judged"),
    Compared("criterion", "Criterion c", 0, "items judged"),
    Compared("distance", "Distance from the ideal line", -1, "items judged"),
    Compared("brier", "Brier score", -1, "items judged"),
)
"""``forgone`` stands for the cost above the ideal, as a share of what the ideal saves: mistakes of
one deck are dearer than those of another. ``distance`` stands for the criterion above the ideal, on
either side of it. The others are :data:`~hitlsim.training.scoring.score.FIGURES`."""
BY_FIGURE = {c.name: c for c in COMPARED}


@dataclass(frozen=True, slots=True)
class Moved:
    """One figure on two decks.

    Attributes
    ----------
    name : str
        One of :data:`COMPARED`.
    before, after : Estimate
    by : Estimate
        ``after`` less ``before``; n is that of the smaller deck, or the number of people.
    verdict : Verdict
    settles : int
        Where there are not enough items: with about how many in each deck a change as large as
        this one would show (of a cohort: with how many people); 0 where no number would do.
    """

    name: str
    before: Estimate
    after: Estimate
    by: Estimate
    verdict: Verdict
    settles: int

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {"before": as_row(self.before), "after": as_row(self.after), "by": as_row(self.by),
                "verdict": str(self.verdict), "settles": self.settles}  # fmt: skip


@dataclass(frozen=True)
class Changes:
    """What changed from one deck to the next.

    Attributes
    ----------
    first, then : str
        Letters of the two decks.
    people : dict of str to dict of str to Moved
        By pseudonym, then by figure: whoever played both decks, and what is known on both.
    cohort : dict of str to Moved
        The mean over these people; its interval is about how people differ.
    scores : dict of str to tuple of Score
        Theirs, on the first deck and on the second.
    """

    first: str
    then: str
    people: dict[str, dict[str, Moved]]
    cohort: dict[str, Moved]
    scores: dict[str, tuple[Score, Score]]

    def told(self, name: str, verdict: Verdict) -> list[str]:
        """Whose figure changed so."""
        return [w for w, by in self.people.items() if name in by and by[name].verdict is verdict]

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each person and figure."""
        rows = [
            {"who": who, "figure": name, "before": m.before.value, "after": m.after.value,
             "by": m.by.value, "low": m.by.low, "high": m.by.high, "n": m.by.n,
             "verdict": str(m.verdict), "settles": m.settles}
            for who, by in self.people.items() for name, m in by.items()
        ]  # fmt: skip
        return pd.DataFrame(rows)

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "first": self.first,
            "then": self.then,
            "cohort": {name: m.to_dict() for name, m in self.cohort.items()},
            "trainees": {
                who: {name: m.to_dict() for name, m in by.items()}
                for who, by in self.people.items()
            },
        }


def changes(
    first: str, before: Mapping[str, Score], then: str, after: Mapping[str, Score]
) -> Changes:
    """Compare what people did on two decks.

    Parameters
    ----------
    first, then : str
        Letters of the decks.
    before, after : mapping of str to Score
        By pseudonym; whoever played one deck only is left out.

    Returns
    -------
    Changes

    References
    ----------
    Newcombe 1998, method 10 (shares); Zou & Donner 2008 (MOVER: the others).
    """
    both = [who for who in before if who in after]
    people = {who: moved(before[who], after[who]) for who in both}
    means = {c.name: _of_cohort(c, [people[w][c.name] for w in both if c.name in people[w]])
             for c in COMPARED}  # fmt: skip
    return Changes(
        first, then, people, {name: m for name, m in means.items() if m is not None},
        {who: (before[who], after[who]) for who in both},
    )  # fmt: skip


def moved(before: Score, after: Score) -> dict[str, Moved]:
    """What changed of one person, figure by figure; what one deck does not tell is left out.

    Parameters
    ----------
    before, after : Score
        Of the same person, on two decks that share no item.
    """
    found = {}
    for c in COMPARED:
        old, new = (_compared(c.name, s) for s in (before, after))
        if old.known and new.known:
            found[c.name] = _moved(c, old, new)
    return found


def _compared(name: str, s: Score) -> Estimate:
    if name == "forgone":
        return forgone(s.costs)
    if name == "distance":
        return _either_side(s.figures["leaning"])
    return s.figures[name]


def _either_side(e: Estimate) -> Estimate:
    """How far something lies from 0."""
    near = 0.0 if e.low <= 0 <= e.high else min(abs(e.low), abs(e.high))
    return replace(e, value=abs(e.value), low=near, high=max(abs(e.low), abs(e.high)))


def _moved(c: Compared, old: Estimate, new: Estimate) -> Moved:
    share = c.name in BY_NAME and BY_NAME[c.name].kind is Kind.SHARE
    parts = [wilson(e.value * e.n, e.n) if share else e for e in (new, old)]
    found = change(*parts)
    by = Estimate(found.value, found.low, found.high, min(old.n, new.n), _ITEMS)
    verdict, settles = _verdict(c, by), 0
    if verdict is Verdict.OPEN:
        settles = _shares_settle(old.value, new.value) if share else _settles(by)
        # one more than there are, at least: those there are did not do
        settles = 0 if settles >= _HOPELESS else max(settles, int(by.n) + 1)
    return Moved(c.name, old, new, by, verdict, settles)


def _verdict(c: Compared, by: Estimate) -> Verdict:
    if not (by.low > 0 or by.high < 0):
        return Verdict.OPEN
    if not c.better:
        return Verdict.MOVED
    return Verdict.BETTER if (by.value > 0) == (c.better > 0) else Verdict.WORSE


def _shares_settle(old: float, new: float) -> int:
    """How many items in each deck would show that these shares differ."""

    def enough(n: int) -> bool:
        return change(wilson(new * n, n), wilson(old * n, n)).clear

    return fewest(enough)


def _settles(by: Estimate) -> int:
    """How large n must be for the end that faces 0 to reach it; widths go with 1 / sqrt(n)."""
    reach = by.value - by.low if by.value > 0 else by.high - by.value
    if not by.value or math.isnan(reach):
        return _HOPELESS
    return math.ceil(min(by.n * (reach / by.value) ** 2, _HOPELESS))


def _of_cohort(c: Compared, each: Sequence[Moved]) -> Moved | None:
    """The mean change over people."""
    if not each:
        return None
    if len(each) == 1:
        return each[0]
    old, new, by = (_mean([getattr(m, name).value for m in each])
                    for name in ("before", "after", "by"))  # fmt: skip
    if not np.ptp([m.by.value for m in each]):
        # nobody's change differs from anybody's: the people tell nothing of its interval
        by = replace(by, low=math.nan, high=math.nan)
    verdict = _verdict(c, by)
    settles = _settles(by) if verdict is Verdict.OPEN else 0
    settles = 0 if not settles or settles >= _HOPELESS else max(settles, len(each) + 1)
    return Moved(c.name, old, new, by, verdict, settles)


def _mean(values: list[float]) -> Estimate:
    e = mean_of(values, cut=False)
    return Estimate(e.value, e.low, e.high, e.n, _PEOPLE)
