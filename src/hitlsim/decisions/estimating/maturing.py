"""Outcomes that take their time: how many are in, and what the young ones will turn out to be.

A deal won closes after weeks, a complaint comes after days, so the newest decisions look different
from what they are. Two curves tell: how much becomes known by which age (Kaplan & Meier), and of
what became known, how late it came (the same run backwards, since late ones are not in yet).
"""

from __future__ import annotations

from dataclasses import replace

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


def matured(
    bad: ArrayLike,
    delays: ArrayLike,
    ages: ArrayLike,
    *,
    weights: ArrayLike | None = None,
    groups: ArrayLike | None = None,
    sizes: ArrayLike = (1.0,),
    seed: int = 0,
) -> Estimate:
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
    weights : array of float, optional
        One over the chance that the outcome would ever get known; default 1.
    groups : array of int, optional
        Where chances or shares differ: the group (a workflow) of each, from 0.
    sizes : array of float
        Decisions of each group, known or not. Groups of which nothing is known are left out.
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
    w = np.ones(len(age)) if weights is None else np.asarray(weights, float)
    group = np.zeros(len(age), np.int64) if groups is None else np.asarray(groups, np.int64)
    every = np.asarray(sizes, float)
    kinds = [_Kind(delay[k], age[k], w[k], group[k], len(every)) for k in (is_bad, ~is_bad)]
    from_age = max(kind.shows_from for kind in kinds)
    used = age >= from_age
    if not used.any():
        return NOTHING
    rng = np.random.default_rng((seed, _MATURING))
    wrong, right = (kind.total(from_age, kind.counts[None]) for kind in kinds)
    again = [kind.total(from_age, rng.poisson(kind.counts, (_SAMPLES, len(kind.counts))))
             for kind in kinds]  # fmt: skip
    some = (wrong + right)[0] > 0
    of = np.where(some, every, 0) / every[some].sum()
    shares = _share(wrong, right, 0.0)
    p, drawn = float((shares @ of)[0]), _share(again[0], again[1], shares) @ of
    alike, variance = _as_if_alike(w[used], group[used], of), float(np.var(drawn))
    if (wrong[0][some] <= 0).any():
        # a group of which no bad one is in may have some: it adds nothing to the samples' variance
        variance = max(variance, p * (1 - p) / alike)
    n = int(used.sum())
    e = korn_graubard(p, variance, alike, seen=n, failures=float(is_bad[used].sum()))
    covered = every[some].sum() / every.sum()
    said = "" if covered > 0.995 else f"; speaks for {covered:.0%} of what went alone"
    return replace(e, n=n, assumes=_ASSUMES + said)


def _share(wrong: Floats, right: Floats, if_none: Floats | float) -> Floats:
    """Bad ones of all, by sample and group."""
    whole = wrong + right
    return np.asarray(np.where(whole > 0, wrong / np.where(whole > 0, whole, 1), if_none))


def _as_if_alike(w: Floats, group: NDArray[np.int64], of: Floats) -> float:
    """The effective number of outcomes if all groups were alike (Kish)."""
    total, squares = (np.bincount(group, x, len(of)) for x in (w, w * w))
    return 1 / float((of**2 * np.divide(squares, total**2, where=total > 0, out=of * 0)).sum())


class _Kind:
    """Outcomes of one kind, counted by group, delay and age."""

    def __init__(
        self, delay: Floats, age: Floats, w: Floats, group: NDArray[np.int64], groups: int
    ) -> None:
        cells, which, self.counts = np.unique(
            np.stack([delay, age, group]), axis=1, return_inverse=True, return_counts=True
        )
        self._delay, self._age, of = cells
        weight = np.bincount(which, w, len(self.counts)) / self.counts
        self._weigh = weight[:, None] * (of[:, None] == np.arange(groups))
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
        """How many there will be, of decisions of at least this age, by sample and group."""
        used = self._age >= from_age
        if not used.any():
            return np.zeros((len(counts), self._weigh.shape[1]))
        at = np.searchsorted(self._steps, self._age[used], "right") - 1
        share = np.maximum(self._known_by(counts)[:, at], SEEN_SHARE)
        return np.asarray((counts[:, used] / share) @ self._weigh[used])

    def _known_by(self, counts: NDArray[np.int64]) -> Floats:
        return _backwards(counts @ self._took, counts @ self._at_risk)
