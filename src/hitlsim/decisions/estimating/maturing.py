"""Outcomes that take their time: how many are in, and what the young ones will turn out to be.

A deal won closes after weeks, a complaint comes after days, so the newest decisions look different
from what they are. Two curves tell: how much becomes known by which age (Kaplan & Meier), and of
what became known, how late it came (the same run backwards, since late ones are not in yet).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ...errors import LogError
from .intervals import NOTHING, Estimate, korn_graubard

Floats = NDArray[np.float64]
_SAMPLES = 200
"""Bootstrap samples behind the intervals."""
_MATURING = 4
"""Beside a seed, so that these draws are no others'."""
_ASSUMES = (
    "outcomes keep coming as late as they did, and none comes later than the oldest decision is old"
)
SEEN_SHARE = 0.25
"""Outcomes of an age at which fewer have become known are left out: they would weigh too much."""


def known_by(days: ArrayLike, known: ArrayLike) -> pd.Series:
    """Share of decisions whose outcome is known by each age.

    Parameters
    ----------
    days : array of float
        Days until the outcome was known, or until now where it is not.
    known : array of bool
        Whether it is.

    Returns
    -------
    Series
        Share known, by age in days; a step at each age at which something became known.

    References
    ----------
    Kaplan & Meier 1958.

    Examples
    --------
    >>> known_by([1, 1, 2, 3], [True, False, True, False])
    1.0    0.250
    2.0    0.625
    dtype: float64
    """
    at, event = np.asarray(days, float), np.asarray(known, bool)
    if not len(at):
        return pd.Series(dtype=float)
    order = np.argsort(at, kind="stable")
    steps, first = np.unique(at[order], return_index=True)
    came = np.add.reduceat(event[order].astype(float), first)
    waiting = len(at) - first
    left = np.cumprod(1 - came / waiting)
    return pd.Series(1 - left, steps)[came > 0]


def in_by(delays: ArrayLike, ages: ArrayLike) -> pd.Series:
    """Of outcomes that become known within the oldest age, the share that is known by each age.

    Only what became known is seen, and young decisions show only quick outcomes. Time is run
    backwards: at each delay t the share of delays of at most t that took just t, among decisions
    old enough to show it.

    Parameters
    ----------
    delays : array of float
        Days from decision to outcome, of outcomes that are known.
    ages : array of float
        Days from these decisions to now.

    Returns
    -------
    Series
        By delay in days, rising to 1.

    Raises
    ------
    LogError
        When an outcome was known before the decision, or after now.

    References
    ----------
    Kalbfleisch & Lawless 1989; Lagakos, Barraj & De Gruttola 1988.

    Examples
    --------
    Two decisions of ten days showed an outcome after 1 and after 5 days, a younger one after 1.

    >>> in_by([1, 5, 1], [10, 10, 2]).round(2).to_dict()
    {1.0: 0.5, 5.0: 1.0}
    """
    delay, age = np.asarray(delays, float), np.asarray(ages, float)
    if ((delay < 0) | (delay > age)).any():
        raise LogError("an outcome was known before its decision was taken, or later than now")
    steps, count = np.unique(delay, return_counts=True)
    # of those known by t, the ones old enough that they could have taken t
    at_risk = np.searchsorted(np.sort(delay), steps, "right") - np.searchsorted(
        np.sort(age), steps, "left"
    )
    return pd.Series(_backwards(count.astype(float), at_risk.astype(float)), steps)


def _backwards(count: Floats, at_risk: Floats) -> Floats:
    """Share known by each delay: the product of what later delays leave."""
    stays = 1 - np.divide(count, at_risk, out=np.zeros_like(count), where=at_risk > 0)
    later = np.cumprod(stays[..., ::-1], axis=-1)[..., ::-1]
    return np.asarray(np.concatenate([later[..., 1:], np.ones_like(later[..., :1])], axis=-1))


def matured(bad: ArrayLike, delays: ArrayLike, ages: ArrayLike, *, seed: int = 0) -> Estimate:
    """Share of bad outcomes once all are in, from those that are in now.

    Each known outcome stands for one over the share of its kind that is known at its decision's
    age; bad ones and good ones have a curve each, as bad news often travels more slowly. Intervals
    by bootstrap over days, so that the curves' own uncertainty is in them.

    Parameters
    ----------
    bad : array of bool
        Of the outcomes known.
    delays, ages : array of float
        As for :func:`in_by`.
    seed : int
        Of the bootstrap.

    References
    ----------
    Kalbfleisch & Lawless 1989; Horvitz & Thompson 1952.

    Examples
    --------
    Good outcomes are known at once, bad ones after a day; of the young decisions no bad one is in.

    >>> bad = [True] * 20 + [False] * 80 + [False] * 80
    >>> days = [1] * 20 + [0] * 160
    >>> ages = [2] * 100 + [0] * 80
    >>> round(matured(bad, days, ages).value, 3)
    0.2
    """
    is_bad = np.asarray(bad, bool)
    delay, age = np.floor(np.asarray(delays, float)), np.floor(np.asarray(ages, float))
    in_by(delay, age)  # refuses what cannot be
    kinds = [_Kind(delay[is_bad == kind], age[is_bad == kind]) for kind in (True, False)]
    from_age = max(kind.shows_from for kind in kinds)
    used = age >= from_age
    if not used.any():
        return NOTHING
    rng = np.random.default_rng((seed, _MATURING))
    wrong, right = (kind.total(from_age, kind.counts[None]) for kind in kinds)
    again = [kind.total(from_age, rng.poisson(kind.counts, (_SAMPLES, len(kind.counts))))
             for kind in kinds]  # fmt: skip
    whole = np.maximum(again[0] + again[1], 1e-300)
    p = float(wrong[0] / (wrong[0] + right[0]))
    e = korn_graubard(
        p, float(np.var(again[0] / whole)), float(used.sum()), failures=float(is_bad[used].sum())
    )
    return Estimate(e.value, e.low, e.high, int(used.sum()), _ASSUMES, e.few)


class _Kind:
    """Outcomes of one kind, counted by delay and age."""

    def __init__(self, delay: Floats, age: Floats) -> None:
        cells, self.counts = np.unique(np.stack([delay, age]), axis=1, return_counts=True)
        self._delay, self._age = cells
        self._steps = np.unique(self._delay)
        self._took = (self._delay[:, None] == self._steps).astype(float)
        # could have taken so long, and did not take longer
        self._at_risk = ((self._delay[:, None] <= self._steps)
                         & (self._age[:, None] >= self._steps)).astype(float)  # fmt: skip

    @property
    def shows_from(self) -> float:
        """Age from which enough of them are known to speak for the others."""
        if not len(self._steps):
            return 0.0
        share = self._known_by(self.counts[None])[0]
        return float(self._steps[share >= SEEN_SHARE][0])

    def total(self, from_age: float, counts: NDArray[np.int64]) -> Floats:
        """How many there will be, of decisions of at least this age, for each sample."""
        used = self._age >= from_age
        if not used.any():
            return np.zeros(len(counts))
        at = np.searchsorted(self._steps, self._age[used], "right") - 1
        share = np.maximum(self._known_by(counts)[:, at], SEEN_SHARE)
        return np.asarray((counts[:, used] / share).sum(axis=1))

    def _known_by(self, counts: NDArray[np.int64]) -> Floats:
        return _backwards(counts @ self._took, counts @ self._at_risk)
