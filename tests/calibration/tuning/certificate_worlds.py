"""Worlds whose silent-error rates are known in closed form, and rules to compare with."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """Decisions by rank ``a`` of their score, 0 the surest: P(bad) = low + rise * a ** bend.

    Candidate k lets go alone what ranks below ``shares[k]``.
    """

    low: float
    rise: float
    bend: float
    shares: Floats

    def draw(self, n: int, rng: np.random.Generator) -> tuple[Mask, Mask]:
        """Who goes alone under which candidate, and who was bad."""
        rank = rng.random(n)
        bad = rng.random(n) < self.low + self.rise * rank**self.bend
        return rank[:, None] < self.shares, bad

    def bad_below(self, a: Floats) -> Floats:
        """P(rank below a and bad)."""
        return np.asarray(self.low * a + self.rise * a ** (self.bend + 1) / (self.bend + 1))

    def truth(self, rate: str) -> Floats:
        """The rate under each candidate."""
        joint = self.bad_below(self.shares)
        return (
            joint
            / {
                "fn_share": np.ones_like(joint),
                "fn_of_auto": self.shares,
                "fn_of_bad": self.bad_below(np.ones_like(joint)),
            }[rate]
        )


LIMIT, CONFIDENCE = 0.05, 0.90
CROSSES = 0.37
"""Share alone at which P(auto and bad) is .05 in the reference world."""
REFERENCE = World(
    low=0.0,
    rise=1.5 * LIMIT / CROSSES**1.5,
    bend=0.5,
    shares=np.asarray(0.364 + 0.025 * np.arange(-12, 13), np.float64),
)
"""P(auto and bad) = .05 (a / .37)^1.5; of 25 candidates that with .364 is the last to keep .05."""


def anywhere(rng: np.random.Generator) -> World:
    """Some world with some family."""
    low, high = np.sort(rng.uniform(0.01, 0.5, 2))
    shares = np.sort(rng.uniform(0.05, 0.95, rng.integers(3, 25)))
    return World(low, high - low, rng.uniform(0.3, 3), shares)


def observed(alone: Mask, bad: Mask, rate: str) -> Floats:
    """The rate among the labels, 1 where it has no denominator."""
    wrong = (alone & bad[:, None]).sum(axis=0)
    of = {
        "fn_share": np.full(len(wrong), len(bad)),
        "fn_of_auto": alone.sum(axis=0),
        "fn_of_bad": np.full(len(wrong), bad.sum()),
    }[rate]
    return np.where(of > 0, wrong / np.maximum(of, 1), 1.0)


def naive(alone: Mask, bad: Mask, rate: str, at_most: float) -> int | None:
    """The loosest candidate whose observed rate is within the limit."""
    fine = np.flatnonzero(observed(alone, bad, rate) <= at_most)
    return int(fine[-1]) if len(fine) else None
