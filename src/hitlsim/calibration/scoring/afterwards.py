"""Columns that look known only after the decision: no score may learn from those.

A call's length, a closing reason or a signature date tells the outcome because it came with
it. Learnt from, they make a score look excellent until it meets decisions that are still open. Three
kinds of evidence are weighed, on outcomes of the last third, which nothing was learnt from:

- *strength*: alone, the column tells right from wrong far better than all others together;
- *gaps*: it is filled mostly for one outcome, and no other column says why;
- *name*: it is called like an outcome. That lowers the bars, and never suffices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from ...decisions.estimating.intervals import Estimate
from .crossfit import one_thread
from .encoding import Floats, Kind
from .judging import auroc, mean_of, resampled
from .learnable import short
from .learners import Candidate, fit_all, half_life_days, log_losses, recency
from .parts import Bools, Ints, Lesson

NAMES = (
    "duration", "seconds", "secs", "minutes", "length", "closed", "close", "outcome", "result",
    "won", "win", "lost", "loss", "final", "ended", "end", "resolution", "resolved", "feedback",
    "refund", "refunded", "churn", "churned", "signed", "paid", "invoice", "reply", "replied",
    "answered", "converted", "subscribed", "bought", "purchased", "approved", "rejected", "after",
    "disposition", "complaint", "booked",
)  # fmt: skip
"""Words in the names of columns that come with the outcome."""
_ALONE = 0.80
"""AUROC that a single column known beforehand hardly ever reaches."""
_ALONE_NAMED = 0.65
_ADDS, _ADDS_NAMED = 0.10, 0.03
"""Share of the others' log-loss that it takes away."""
_GAP, _GAP_NAMED = 0.25, 0.10
"""Difference between right and wrong ones in how often the column is filled."""
_GAP_ADDS = 0.02
_GAP_CHANCE = 1e-4


@dataclass(frozen=True)
class Suspect:
    """A column that looks known only afterwards, with the evidence.

    Attributes
    ----------
    alone : Estimate
        AUROC of a score that saw only this column.
    with_it, without_it : Estimate
        Log-loss of scores that saw all others, and this column or not.
    auroc_with, auroc_without : Estimate
        Their AUROC.
    reasons : tuple of str
        Why, in words.
    """

    column: str
    alone: Estimate
    with_it: Estimate
    without_it: Estimate
    auroc_with: Estimate
    auroc_without: Estimate
    reasons: tuple[str, ...]


def name_hint(column: str) -> str | None:
    """The word in a column's name that sounds like an outcome.

    >>> name_hint("context_call_seconds"), name_hint("context_first_contact")
    ('seconds', None)
    >>> name_hint("closeDate"), name_hint("window_size")
    ('close', None)
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", short(column)).lower()
    return next((word for word in re.split(r"[^a-z]+", spaced) if word in NAMES), None)


def suspects(data: Lesson, seed: int) -> list[Suspect]:
    """Columns that look known only after the decision, the strongest first."""
    split = _Split.of(data)
    if split is None:
        return []
    with one_thread():
        alone = {name: split.scores([name], seed) for name in data.kinds}
        gaps = {name: _gap(data, name) for name in data.kinds}
        bars = {name: _ALONE if name_hint(name) is None else _ALONE_NAMED for name in data.kinds}
        strong = {n for n, p in alone.items() if split.auroc(p) >= bars[n]}
        gappy = {n for n, gap in gaps.items() if gap is not None} - strong
        # two that know the outcome would hide each other, so neither is among the others
        others = [name for name in data.kinds if name not in strong | gappy]
        found = []
        for name in [n for n in data.kinds if n in strong | gappy]:
            suspect = _weigh(split, others, name, alone[name], gaps[name], seed)
            if suspect is not None:
                found.append(suspect)
    return sorted(found, key=lambda s: -s.alone.value)


def _weigh(
    split: _Split, others: list[str], name: str, alone: Floats, gap: str | None, seed: int
) -> Suspect | None:
    without, joint = split.scores(others, seed), split.scores([*others, name], seed)
    base = split.loss(without)
    adds = (base - split.loss(joint)) / base
    hint = name_hint(name)
    strong = split.auroc(alone) >= (_ALONE if hint is None else _ALONE_NAMED)
    reasons = []
    if strong and adds >= (_ADDS if hint is None else _ADDS_NAMED):
        reasons.append("alone it tells right from wrong better than one may expect beforehand")
    if gap is not None and adds >= _GAP_ADDS:
        reasons.append(gap)
    if not reasons:
        return None
    if hint is not None:
        reasons.append(f"its name says '{hint}'")
    return Suspect(
        name, split.auroc_of(alone, seed), split.loss_of(joint, seed),
        split.loss_of(without, seed), split.auroc_of(joint, seed),
        split.auroc_of(without, seed), tuple(reasons),
    )  # fmt: skip


def _gap(data: Lesson, name: str) -> str | None:
    """That a column is filled for one outcome more than for the other, beyond chance."""
    rows = np.flatnonzero(data.known)
    filled = data.frame[name].notna().to_numpy()[rows]
    if data.kinds[name] is Kind.TOKENS or filled.all():
        return None
    right, weight = data.right[rows], data.weight[rows]
    shares, variance = [], 0.0
    for kind in (right, ~right):
        share = float(np.average(filled[kind], weights=weight[kind]))
        effective = float(weight[kind].sum() ** 2 / (weight[kind] @ weight[kind]))
        shares.append(share)
        variance += max(share * (1 - share), 1 / effective) / effective
    good, bad = shares
    sure = abs(good - bad) > -float(ndtri(_GAP_CHANCE / 2)) * variance**0.5
    if not sure or abs(good - bad) < (_GAP if name_hint(name) is None else _GAP_NAMED):
        return None
    return f"it is filled for {good:.0%} of the right ones and {bad:.0%} of the wrong"


@dataclass(frozen=True)
class _Split:
    """The log cut once: earlier decisions teach, the last third judges."""

    data: Lesson
    learn: Ints
    judge: Ints

    @classmethod
    def of(cls, data: Lesson) -> _Split | None:
        late = data.last_third if data.has_time else _some_groups(data)
        if data.has_time:
            late = late & (data.day > data.day[np.argmax(late)])
        apart = ~np.isin(data.group, data.group[late])
        learn, judge = np.flatnonzero(~late & apart & data.known), np.flatnonzero(late & data.known)
        both = all(0 < data.right[rows].sum() < len(rows) for rows in (learn, judge))
        return cls(data, learn, judge) if both else None

    def scores(self, columns: list[str], seed: int) -> Floats:
        """What a logistic regression on some columns gives the judged rows."""
        data, rows = self.data, self.learn
        half = half_life_days(float(np.ptp(data.at_days)))
        age = data.at_days[rows].max() - data.at_days[rows]
        weight = data.weight[rows] * recency(age, half)
        if not columns:
            rate = float(np.average(data.right[rows], weights=weight))
            return np.full(len(self.judge), rate)
        kinds = {name: data.kinds[name] for name in columns}
        (model,) = fit_all(
            [Candidate(kind="logistic")], data.frame.iloc[rows], kinds, data.right[rows], weight,
            seed,
        )  # fmt: skip
        return model.scores(data.frame.iloc[self.judge])

    @property
    def right(self) -> Bools:
        return self.data.right[self.judge]

    def auroc(self, p: Floats) -> float:
        return auroc(p, self.right, self.data.weight[self.judge])

    def loss(self, p: Floats) -> float:
        return mean_of(log_losses(p, self.right))(self.data.weight[self.judge])

    def auroc_of(self, p: Floats, seed: int) -> Estimate:
        return resampled(self.data, self.judge, lambda w: auroc(p, self.right, w), seed)

    def loss_of(self, p: Floats, seed: int) -> Estimate:
        return resampled(self.data, self.judge, mean_of(log_losses(p, self.right)), seed)


def _some_groups(data: Lesson) -> Bools:
    """A third of what belongs together, by its number: the log's order says nothing here."""
    return np.asarray(data.group % 3 == 2)
