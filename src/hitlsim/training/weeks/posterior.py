"""What answers leave open about a rate or a pace: its posterior on a grid, and draws from it.

A grid is even in the angle whose squared sine is the rate: Jeffreys' prior is flat there, so that
the likelihood alone is the posterior. That of a pace is even in its log, and in that of the spread.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr

Floats = NDArray[np.float64]

_CELLS = 200
_CELLS_OF_TWO = 40
_TAILS = (0.025, 0.975)
_LEAST = 1e-12
_PACES, _SPREADS = 160, 24
_FASTEST, _NARROW, _WIDE = 5.0, 0.1, 1.2
"""Beyond these no pace, and no spread of the log of somebody's times, is looked for."""
_USUAL_SPREAD, _VARIES = 0.5, 0.3
"""Of the log of one person's times, and how much its log varies between people. Where floors cut
off most times, pace and spread can hardly be told apart without it."""


def rate_at(angle: Floats) -> Floats:
    """The rate at an angle.

    >>> rate_at(np.array([0.0, math.pi / 4, math.pi / 2])).round(3).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(np.sin(angle) ** 2)


def _edges(cells: int) -> Floats:
    return np.linspace(0, math.pi / 2, cells + 1)


def _middles(cells: int) -> Floats:
    edges = _edges(cells)
    return np.asarray((edges[1:] + edges[:-1]) / 2)


@dataclass(frozen=True)
class Rate:
    """One rate: how likely it lies in each cell of the grid."""

    weights: Floats

    @property
    def mean(self) -> float:
        """Posterior mean; of n answers alike it is (k + 1/2) / (n + 1)."""
        return float(self.weights @ rate_at(_middles(len(self.weights))))

    @property
    def interval(self) -> tuple[float, float]:
        """The middle 95%."""
        low, high = self.at(np.array(_TAILS))
        return float(low), float(high)

    def at(self, u: Floats) -> Floats:
        """Quantiles: the rates below which these shares of the posterior lie."""
        below = np.concatenate([[0.0], np.cumsum(self.weights)])
        return rate_at(np.interp(u, below / below[-1], _edges(len(self.weights))))


@dataclass(frozen=True)
class Two:
    """Two rates, of which the first is at least the second."""

    weights: Floats
    """By cell of the first, then of the second."""

    @property
    def first(self) -> Rate:
        return Rate(self.weights.sum(axis=1))

    @property
    def second(self) -> Rate:
        return Rate(self.weights.sum(axis=0))

    def at(self, u: Floats, v: Floats) -> tuple[Floats, Floats]:
        """Draws, by quantiles of the first and of the second beside it."""
        first = self.first
        theirs = first.at(u)
        angle = np.arcsin(np.sqrt(theirs))
        row = np.minimum((angle / (math.pi / 2) * len(self.weights)).astype(int),
                         len(self.weights) - 1)  # fmt: skip
        beside = [Rate(self.weights[r]).at(np.array([x]))[0] for r, x in zip(row, v, strict=True)]
        return theirs, np.minimum(np.array(beside), theirs)


@dataclass(frozen=True)
class Pace:
    """How much longer than usual somebody reads, and how much their times spread, as logs."""

    weights: Floats
    """By cell of the log of the time relative to the usual one, then of its spread."""

    def at(self, u: Floats) -> Floats:
        """Quantiles of the pace: how many times as fast as usual."""
        longer = self.weights.sum(axis=1)
        below = np.concatenate([[0.0], np.cumsum(longer)])
        edges = np.linspace(-math.log(_FASTEST), math.log(_FASTEST), _PACES + 1)
        return np.exp(-np.interp(1 - u, below / below[-1], edges))

    def over(self, floors: Floats) -> Floats:
        """Chance that a text that is read takes at least so long, in logs of the usual time."""
        longer, spreads = _times()
        kinds, of = np.unique(floors, return_inverse=True)
        chances = [float((self.weights * ndtr((longer - x) / spreads)).sum()) for x in kinds]
        return np.array(chances)[of]


def _times() -> tuple[Floats, Floats]:
    """Middles of the cells of a pace: of its log as a column, of the spread as a row."""
    edges = np.linspace(-math.log(_FASTEST), math.log(_FASTEST), _PACES + 1)
    return (edges[1:, None] + edges[:-1, None]) / 2, np.geomspace(_NARROW, _WIDE, _SPREADS)[None, :]


def pace_of(longer: Floats, floors: Floats) -> Pace:
    """The posterior of a pace behind times of which only those above a floor are seen.

    Whoever is below the floor may have read or not, so shorter times are left out: what is left is
    a normal sample of logs cut off at the floor. Taken as whole it would say too slow a pace.

    Parameters
    ----------
    longer : array
        Log of each time relative to the usual one.
    floors : array
        Log of each floor relative to the usual time; none is above its time.

    References
    ----------
    Cohen 1959 (truncated normal samples); van der Linden 2006 (times of a person as lognormal).

    Examples
    --------
    >>> seen = pace_of(np.array([-0.5, -0.2, 0.0, 0.1, 0.6]), np.full(5, -9.0))
    >>> seen.at(np.array([0.025, 0.5, 0.975])).round(2).tolist()
    [0.64, 1.0, 1.56]
    """
    middle, spreads = _times()
    n, mean, square = (
        len(longer),
        float(longer.mean()),
        float(((longer - longer.mean()) ** 2).sum()),
    )
    prior = np.log(spreads / _USUAL_SPREAD) ** 2 / (2 * _VARIES**2)
    logs = -prior - n * np.log(spreads) - (square + n * (middle - mean) ** 2) / (2 * spreads**2)
    for floor, of_it in zip(*np.unique(floors, return_counts=True), strict=True):
        logs = logs - of_it * log_ndtr((middle - floor) / spreads)
    return Pace(_weights(logs))


Chance = Callable[[float], Sequence[float]]
"""Given a rate: the chance of each kind of answer to come out as counted."""


def rate_of(hits: Sequence[float], n: Sequence[float], chance: Chance) -> Rate:
    """The posterior of a rate behind some counts.

    Parameters
    ----------
    hits, n : sequence of float
        So many of so many, by kind of answer.
    chance : callable
        Given the rate, the chance of a hit in each kind.

    References
    ----------
    Jeffreys 1946; Brown, Cai & DasGupta 2001 (its intervals for a rate).

    Examples
    --------
    >>> seen = rate_of([8], [10], lambda rate: [rate])
    >>> round(seen.mean, 3), [round(x, 2) for x in seen.interval]
    (0.773, [0.5, 0.96])
    """
    logs = [_log_likelihood(hits, n, chance(float(r))) for r in rate_at(_middles(_CELLS))]
    return Rate(_weights(np.array(logs)))


def two_of(
    hits: Sequence[float], n: Sequence[float], chance: Callable[[float, float], Sequence[float]]
) -> Two:
    """The posterior of two rates, the first at least the second; as :func:`rate_of`."""
    rates = rate_at(_middles(_CELLS_OF_TWO)).tolist()
    logs = np.full((len(rates), len(rates)), -math.inf)
    for i, first in enumerate(rates):
        for j, second in enumerate(rates[: i + 1]):
            logs[i, j] = _log_likelihood(hits, n, chance(first, second))
    return Two(_weights(logs))


def _log_likelihood(hits: Sequence[float], n: Sequence[float], chance: Sequence[float]) -> float:
    total = 0.0
    for k, of, p in zip(hits, n, chance, strict=True):
        total += k * math.log(max(p, _LEAST)) + (of - k) * math.log(max(1 - p, _LEAST))
    return total


def _weights(logs: Floats) -> Floats:
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def spread(n: int, rng: np.random.Generator) -> Floats:
    """Shares of a posterior for n draws: one out of each nth part, in any order.

    References
    ----------
    McKay, Beckman & Conover 1979 (Latin hypercube sampling).

    Examples
    --------
    >>> u = spread(4, np.random.default_rng(7))
    >>> sorted((u * 4).astype(int).tolist())
    [0, 1, 2, 3]
    """
    return np.asarray((rng.permutation(n) + rng.random(n)) / n)
