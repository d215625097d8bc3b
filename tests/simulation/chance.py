"""Chances and choices from one generator, as plain Python values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

T = TypeVar("T")
Part = dict[str, Any]
"""A part of a scenario, as a file would say it."""


class Chance:
    """Whatever is asked for, at random, always the same for the same seed."""

    def __init__(self, *seed: int) -> None:
        self._rng = np.random.default_rng(seed)

    def happens(self, share: float) -> bool:
        return bool(self._rng.random() < share)

    def whole(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return int(self._rng.integers(low, high + 1))

    def one_of(self, *choices: T) -> T:
        return choices[self.whole(0, len(choices) - 1)]

    def some_of(self, choices: Sequence[T], at_least: int = 0) -> list[T]:
        """Some of these, each at most once, in any order."""
        n = self.whole(min(at_least, len(choices)), len(choices))
        return [choices[i] for i in self._rng.permutation(len(choices))[:n].tolist()]
