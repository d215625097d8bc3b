"""What answers leave open about a rate: its posterior on a grid, and draws from it.

A grid is even in the angle whose squared sine is the rate: Jeffreys' prior is flat there, so that
the likelihood alone is the posterior.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CELLS = 200
_CELLS_OF_TWO = 40
_TAILS = (0.025, 0.975)
_LEAST = 1e-12


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
