"""The mean of a figure over independent runs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...decisions.counting.measure import Unit
from ...decisions.estimating.intervals import Estimate
from .stopping import half_width

ASSUMES = "runs independent of each other; what the scenario assumes"
_RANGE = 0.9
"""The share of single runs that ``p5`` to ``p95`` is to hold."""


@dataclass(frozen=True, slots=True)
class MeanOfRuns(Estimate):
    """A figure's mean over runs; ``n`` is the number of runs in which it is known."""

    confidence: float = 0.95
    """Coverage of ``low`` to ``high``, which is about the mean."""
    sd: float = math.nan
    """Standard deviation between runs."""
    p5: float = math.nan
    """With ``p95``: nine in ten single runs lie between them. NaN below 19 runs."""
    p95: float = math.nan

    @property
    def half_width(self) -> float:
        """Half the interval, before it is cut at what is possible."""
        return half_width(self.sd, int(self.n), self.confidence)

    def __str__(self) -> str:
        if not self.known:
            return self.assumes
        between = "" if math.isnan(self.low) else (
            f"{100 * self.confidence:g}%: {self.low:,.5g} to {self.high:,.5g}, ")  # fmt: skip
        single = "" if math.isnan(self.p5) else (
            f"nine in ten runs {self.p5:,.5g} to {self.p95:,.5g}; ")  # fmt: skip
        return f"{self.value:,.5g} ({between}n = {self.n:,.0f} runs; {single}{self.assumes})"


def mean_of(
    values: Sequence[float] | NDArray[np.float64],
    confidence: float = 0.95,
    *,
    unit: Unit | str | None = None,
    assumes: str = ASSUMES,
    cut: bool = True,
) -> MeanOfRuns:
    """The mean of what independent runs show, with its t-interval; NaN is not known.

    With ``cut`` the interval ends at 0 where no run is below it, and a share's at 1 where none is
    above.

    Examples
    --------
    >>> e = mean_of([0.11, 0.13, 0.12, math.nan])
    >>> round(e.value, 3), round(e.low, 3), round(e.high, 3), e.n
    (0.12, 0.095, 0.145, 3)
    """
    known = np.asarray(values, float)
    known = known[~np.isnan(known)]
    n = len(known)
    if n < len(values):
        assumes += f"; known in {n} of {len(values)} runs"
    if not n:
        return MeanOfRuns(math.nan, math.nan, math.nan, 0, f"not enough evidence: {assumes}")
    mean = float(known.mean())
    sd = float(known.std(ddof=1)) if n > 1 else math.nan
    if sd == 0:
        # certain if it is decided, such as hours of calls; not so of what is merely rare
        assumes += "; no run differs from another"
    half = half_width(sd, n, confidence)
    low, high = mean - half, mean + half
    if cut and n > 1 and known.min() >= 0:
        low = max(0.0, low)
        high = min(1.0, high) if unit == Unit.SHARE and known.max() <= 1 else high
    p5, p95 = _range_of_one(known)
    return MeanOfRuns(mean, low, high, n, assumes, confidence=confidence, sd=sd, p5=p5, p95=p95)


def _range_of_one(known: NDArray[np.float64]) -> tuple[float, float]:
    """Between which values one more run lies in nine cases of ten, whatever the distribution.

    It lies below the smallest of n with probability 1 / (n + 1), and so on: nothing is assumed, but
    fewer than 19 runs do not reach far enough.
    """
    tail = (1 - _RANGE) / 2
    if len(known) + 1 < 1 / tail - 1e-9:
        return math.nan, math.nan
    low, high = np.quantile(known, [tail, 1 - tail], method="weibull")
    return float(low), float(high)
