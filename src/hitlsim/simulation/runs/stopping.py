"""How many runs are enough: intervals of means over runs, and when a wanted precision is reached.

Whoever looks after every run and stops as soon as the interval is narrow stops too often when it is
narrow by luck. So there are few looks: after the first ``at_least`` runs, then when as many are
there as the last look asked for, at most twice as many as it had seen. For normally distributed
figures the mean then lies within the wanted half-width in 95% of cases, and the t-interval of all
runs covers 93.5 to 95% (measured; ``tests/simulation/test_stopping.py``).
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from difflib import get_close_matches
from typing import Any, Generic, TypeVar

import numpy as np
from scipy.special import stdtrit

from ...decisions.counting.metrics import BY_NAME
from ...errors import NotEnoughEvidence, ScenarioError

_GROWTH = 2
"""A look may at most double the runs: an early spread is a poor guide for many more."""

K = TypeVar("K", bound=Hashable)


def half_width(sd: float, n: int, confidence: float) -> float:
    """Half the t-interval of a mean over independent runs; NaN for a single one.

    >>> round(half_width(2.0, 16, 0.95), 3)
    1.066
    """
    if n < 2:
        return math.nan
    return float(stdtrit(n - 1, (1 + confidence) / 2)) * sd / math.sqrt(n)


def runs_needed(sd: float, wanted: float, confidence: float) -> int:
    """How many runs make the interval as narrow as wanted, if their spread is as given.

    >>> runs_needed(2.0, 1.066, 0.95), runs_needed(0.0, 0.1, 0.95)
    (16, 2)
    """
    if not sd:
        return 2
    # the normal distribution's answer is a little too small, and never far off
    n = max(2, math.floor((half_width(sd, 10**9, confidence) / wanted) ** 2 * 1e9))
    while half_width(sd, n, confidence) > wanted:
        n += 1
    return n


class Enough(Generic[K]):
    """Whether there are enough runs for the precision wanted.

    It is told of runs in their order and decides by them alone, so that its answer does not depend
    on who finished first.

    Attributes
    ----------
    planned : int
        So many runs are to be made before it decides anew.
    expected : int or None
        So many are likely to be made in all; None before the first look.
    """

    def __init__(
        self, wanted: Mapping[K, float], confidence: float, at_least: int, at_most: int
    ) -> None:
        self._wanted, self._confidence, self._at_most = dict(wanted), confidence, at_most
        self._seen: dict[K, list[float]] = {key: [] for key in wanted}
        self._runs = 0
        self.planned = min(at_least, at_most)
        self.expected: int | None = None

    def add(self, values: Mapping[K, float]) -> None:
        """Take in what the next run showed; what is NaN or left out is not known."""
        self._runs += 1
        for key, seen in self._seen.items():
            value = values.get(key, math.nan)
            if not math.isnan(value):
                seen.append(value)
        if self._runs == self.planned:
            self._look()

    def _look(self) -> None:
        need = max(self._needs(key) for key in self._wanted)
        self.expected = min(max(need, self._runs), self._at_most)
        if need > self._runs:
            self.planned = min(self.expected, _GROWTH * self._runs)

    def _needs(self, key: K) -> int:
        seen = self._seen[key]
        if not seen:
            raise NotEnoughEvidence(
                f"precision of {_named(key)}: none of the first {self._runs} runs says anything "
                "about it; ask for something that happens in this scenario"
            )
        if len(seen) < 2:
            return _GROWTH * self._runs
        known = runs_needed(_spread(seen), self._wanted[key], self._confidence)
        return math.ceil(known * self._runs / len(seen))

    def sentences(self) -> list[str]:
        """What was reached, and for what was not how many runs it would take."""
        out = []
        for key, wanted in self._wanted.items():
            seen = self._seen[key]
            half = half_width(_spread(seen), len(seen), self._confidence)
            if half <= wanted:
                said = f"reached after {self._runs} runs" + (
                    "" if half else ", none of which differs: certain only of what cannot vary"
                )
            elif self._runs < self.planned or self._runs < self._at_most:
                said = f"not reached: stopped after {self._runs} runs"
            else:
                said = f"not reached within {self._at_most} runs (at_most)"
            if not half <= wanted:
                more = f"; it would take about {self._needs(key):,}" if len(seen) > 1 else ""
                said += f", which give ±{half:.3g}{more}"
            out.append(f"precision of {_named(key)}, ±{wanted:g}: {said}")
        return out


def _spread(seen: list[float]) -> float:
    return float(np.std(seen, ddof=1)) if len(seen) > 1 else math.nan


def _named(key: Hashable) -> str:
    return " of ".join(key) if isinstance(key, tuple) else str(key)


# --- what can be asked for -----------------------------------------------------------------------


def check_whole(name: str, value: Any, least: int, why: str = "") -> int:
    """A whole number that is not too small.

    >>> check_whole("n", 40, 1)
    40
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ScenarioError(f"{name}={value!r} must be a whole number, {least} or more{why}")
    return int(value)


def check_confidence(confidence: float) -> float:
    """A share of intervals that hold.

    >>> check_confidence(0.9)
    0.9
    """
    if not 0 < confidence < 1:
        raise ScenarioError(f"confidence={confidence!r} must lie between 0 and 1, for example 0.95")
    return float(confidence)


def check_metric(name: str, where: str) -> str:
    """The name of a metric.

    >>> check_metric("exception_rate", "metrics")
    'exception_rate'
    """
    if name not in BY_NAME:
        near = get_close_matches(str(name), BY_NAME, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise ScenarioError(
            f"{where}: metric {name!r} is unknown; {hint}known: {', '.join(BY_NAME)}"
        )
    return name


def check_precision(precision: Mapping[str, float]) -> dict[str, float]:
    """Half-widths of intervals by metric.

    >>> check_precision({"exception_rate": 0.005})
    {'exception_rate': 0.005}
    """
    if not precision:
        raise ScenarioError(
            "precision is empty: name a metric and half the width of its interval, for example "
            "{'exception_rate': 0.005}; or give n"
        )
    for name, half in precision.items():
        check_metric(name, "precision")
        if not isinstance(half, (int, float)) or not 0 < half < math.inf:
            raise ScenarioError(
                f"precision of {name}: {half!r} must be above 0; it is half the width of the "
                "interval, in the metric's unit"
            )
    return dict(precision)
