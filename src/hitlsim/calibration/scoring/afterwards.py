"""Columns that look known only after the decision: no score may learn from those.

A call's length, a closing reason or a signature date tells the outcome because it came with
it. Learnt from, they make a score look excellent until it meets decisions that are still open.
Three kinds of evidence are weighed, on the last two thirds, each scored by what came before it (on
the later half where outcomes of a kind are few):

- *strength*: alone, the column tells right from wrong far better than all others together;
- *gaps*: it is filled mostly for one outcome, and no other column says why;
- *name*: it is called like an outcome. That lowers the bars, and never suffices.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from scipy.special import ndtri

from ...decisions.estimating.intervals import FEW, Estimate
from .encoding import Floats, Kind
from .judging import auroc_of, resampled
from .learnable import short
from .learners import FEW_OF_A_KIND, Candidate, fit_all, half_life_days, log_losses, recency
from .parts import Ints, Lesson, apart

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
        AUROC, on the last part, of a score that saw only this column.
    adds : float
        Share of the log-loss of all others that the column takes away.
    reasons : tuple of str
        Why, in words.
    """

    column: str
    alone: Estimate
    adds: float
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


def suspects(data: Lesson, seed: int) -> list[Suspect] | None:
    """Columns that look known only after the decision, the strongest first.

    None where too few outcomes of a kind are known to tell.
    """
    cuts = _cuts(data)
    if not cuts.cuts:
        return None
    alone = {name: cuts.aurocs([name], seed) for name in data.kinds}
    gaps = {name: _gap(data, name) for name in data.kinds}
    strong = {n for n, value in alone.items() if value >= _bar(n, _ALONE, _ALONE_NAMED)}
    suspicious = strong | {n for n, gap in gaps.items() if gap is not None}
    # two that know the outcome would hide each other, so neither is among the others
    others = [name for name in data.kinds if name not in suspicious]
    found = []
    for name in (n for n in data.kinds if n in suspicious):
        before, after = cuts.loss(others, seed), cuts.loss([*others, name], seed)
        adds = (before - after) / before
        reasons = _reasons(name, name in strong, gaps[name], adds)
        if reasons:
            found.append(Suspect(name, cuts.auroc([name], seed), adds, reasons))
    return sorted(found, key=lambda s: -s.alone.value)


def _bar(name: str, usual: float, named: float) -> float:
    return usual if name_hint(name) is None else named


def _reasons(name: str, strong: bool, gap: str | None, adds: float) -> tuple[str, ...]:
    reasons = []
    if strong and adds >= _bar(name, _ADDS, _ADDS_NAMED):
        reasons.append(
            "alone it tells right from wrong better than is to be expected of anything known "
            f"beforehand, and beside all others it takes {adds:.0%} off the log-loss"
        )
    if gap is not None and adds >= _GAP_ADDS:
        reasons.append(gap)
    hint = name_hint(name)
    if reasons and hint is not None:
        reasons.append(f"its name says '{hint}'")
    return tuple(reasons)


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
    if not sure or abs(good - bad) < _bar(name, _GAP, _GAP_NAMED):
        return None
    return f"it is filled for {good:.0%} of the right ones and {bad:.0%} of the wrong"


@dataclass(frozen=True)
class _Cuts:
    """The log cut at each third: what came before teaches, the third after judges.

    Where outcomes of a kind are few it is cut once, in the middle.
    """

    data: Lesson
    cuts: tuple[tuple[Ints, Ints], ...]

    def scores(self, columns: list[str], learn: Ints, judge: Ints, seed: int) -> Floats:
        """What a logistic regression on some columns gives the judged rows."""
        data = self.data
        half = half_life_days(float(np.ptp(data.at_days)))
        age = data.at_days[learn].max() - data.at_days[learn]
        weight = data.weight[learn] * recency(age, half)
        if not columns:
            return np.full(len(judge), np.average(data.right[learn], weights=weight))
        kinds = {name: data.kinds[name] for name in columns}
        (model,) = fit_all(
            [Candidate(kind="logistic")], data.frame.iloc[learn], kinds, data.right[learn],
            weight, seed,
        )  # fmt: skip
        return model.scores(data.frame.iloc[judge])

    def aurocs(self, columns: list[str], seed: int) -> float:
        """Mean AUROC over the thirds."""
        data = self.data
        each = [
            auroc_of(self.scores(columns, learn, judge, seed), data.right[judge])(
                data.weight[judge]
            )
            for learn, judge in self.cuts
        ]
        return float(np.mean(each))

    def loss(self, columns: list[str], seed: int) -> float:
        """Log-loss over the thirds."""
        data, total, weight = self.data, 0.0, 0.0
        for learn, judge in self.cuts:
            losses = log_losses(self.scores(columns, learn, judge, seed), data.right[judge])
            total += float(data.weight[judge] @ losses)
            weight += float(data.weight[judge].sum())
        return total / weight

    def auroc(self, columns: list[str], seed: int) -> Estimate:
        """AUROC on the last part, with its interval."""
        data, (learn, judge) = self.data, self.cuts[-1]
        p, right = self.scores(columns, learn, judge, seed), data.right[judge]
        return resampled(data, judge, auroc_of(p, right), seed)


def _cuts(data: Lesson) -> _Cuts:
    return _Cuts(data, _cut(data, 3, FEW_OF_A_KIND) or _cut(data, 2, FEW))


def _cut(data: Lesson, parts: int, few: int) -> tuple[tuple[Ints, Ints], ...]:
    """Every part but the first with what teaches it, where both hold enough of each kind."""
    n, cuts = len(data), []
    starts = [*(data.day[n * k // parts] for k in range(1, parts)), data.day[-1] + 1]
    for k, (start, end) in enumerate(pairwise(starts), 1):
        if data.has_time:
            before, after = data.day < start, (data.day >= start) & (data.day < end)
            taught = apart(data, before & data.known, after)
        else:
            # the log's order says nothing here: parts of what belongs together
            taught = [(data.group % parts != k, data.group % parts == k)]
        for rows in taught:
            learn, judge = (np.flatnonzero(some & data.known) for some in rows)
            of_a_kind = [(data.right[some] == kind).sum()
                         for some in (learn, judge) for kind in (True, False)]  # fmt: skip
            if min(of_a_kind) >= few:
                cuts.append((learn, judge))
    return tuple(cuts)
