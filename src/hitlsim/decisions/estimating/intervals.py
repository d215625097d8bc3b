"""Estimates with their intervals."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv, ndtri, stdtrit

from ...errors import LogError

FEW = 5
"""Below so many failures found in a sample an estimate is shown as an interval, not a point."""


NEVER_SETTLED = 1_000_000
"""Said to be needed where a rate lies so near a line that no number of observations tells."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure, its interval, and what it rests on.

    ``low`` and ``high`` are NaN where the figure is counted in full and has no interval.
    """

    value: float
    low: float
    high: float
    n: float
    """Number of observations behind it (whole, or effective where observations weigh unequally)."""
    assumes: str
    """What the interval takes for granted."""
    few: bool = False
    """Too few failures for a point: show the interval only."""

    def scaled(self, factor: float) -> Estimate:
        """The same figure in another unit; below 0 the ends of the interval change places.

        >>> Estimate(-17.0, -38.0, 3.0, 90, "").scaled(-1)
        Estimate(value=17.0, low=-3.0, high=38.0, n=90, assumes='', few=False)
        """
        ends = self.low * factor, self.high * factor
        low, high = ends if factor >= 0 else ends[::-1]
        return replace(self, value=self.value * factor, low=low, high=high)

    @property
    def known(self) -> bool:
        return not math.isnan(self.value)

    def __str__(self) -> str:
        if not self.known:
            return self.assumes
        point = "too few failures for a point" if self.few else f"{self.value:,.5g}"
        between = "" if math.isnan(self.low) else f"95%: {self.low:,.5g} to {self.high:,.5g}, "
        return f"{point} ({between}n = {self.n:,.0f}; {self.assumes})"


INDEPENDENT = "decisions independent of each other"
NOTHING = Estimate(math.nan, math.nan, math.nan, 0, "not enough evidence")
"""What is answered when nothing was observed."""


def _tail(confidence: float) -> float:
    if not 0 < confidence < 1:
        raise LogError(f"confidence {confidence!r} must lie between 0 and 1, for example 0.95")
    return (1 - confidence) / 2


def counted(value: float, n: float, assumes: str = "counted in full") -> Estimate:
    """A figure without sampling error."""
    return Estimate(value, math.nan, math.nan, n, assumes)


def clopper_pearson(
    k: float, n: float, *, confidence: float = 0.95, assumes: str = INDEPENDENT
) -> Estimate:
    """Rate ``k / n`` with the exact binomial interval (never too narrow).

    Parameters
    ----------
    k, n : float
        Successes and trials; effective ones need not be whole.
    confidence : float
        Coverage, two-sided.

    References
    ----------
    Clopper & Pearson 1934.

    Examples
    --------
    >>> e = clopper_pearson(50, 400)
    >>> round(e.low, 3), round(e.high, 3)
    (0.094, 0.161)
    """
    if n <= 0:
        return NOTHING
    tail = _tail(confidence)
    low = 0.0 if k <= 0 else float(betaincinv(k, n - k + 1, tail))
    high = 1.0 if k >= n else float(betaincinv(k + 1, n - k, 1 - tail))
    return Estimate(k / n, low, high, n, assumes)


def wilson(k: float, n: float, *, confidence: float = 0.95, assumes: str = INDEPENDENT) -> Estimate:
    """Rate ``k / n`` with Wilson's interval (right on average).

    References
    ----------
    Wilson 1927.

    Examples
    --------
    >>> e = wilson(50, 400)
    >>> round(e.low, 3), round(e.high, 3)
    (0.096, 0.161)
    """
    if n <= 0:
        return NOTHING
    z = float(ndtri(1 - _tail(confidence)))
    p = k / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Estimate(p, max(0.0, centre - half), min(1.0, centre + half), n, assumes)


def effective_size(p: float, variance: float, n_if_none: float, *, seen: float) -> float:
    """How many equal observations would tell a rate as precisely; never more than there are.

    Parameters
    ----------
    p, variance : float
        Weighted rate and its estimated variance.
    n_if_none : float
        Effective size to use when the rate is 0 or 1 and has no variance.
    seen : float
        Observations. Where the rarest kind weighs most and none of it was seen to fail, the
        variance is far too small; the number of observations is then the bound.

    References
    ----------
    Parker et al. 2017, NCHS Data Presentation Standards for Proportions (the bound).

    Examples
    --------
    >>> round(effective_size(0.125, 0.125 * 0.875 / 400, 400, seen=400))
    400
    >>> effective_size(0.125, 1e-9, 400, seen=500)
    500
    """
    return min(p * (1 - p) / variance if variance > 0 and 0 < p < 1 else n_if_none, seen)


def korn_graubard(
    p: float,
    variance: float,
    n_if_none: float,
    *,
    seen: float,
    failures: float,
    confidence: float = 0.95,
    assumes: str = INDEPENDENT,
) -> Estimate:
    """Rate from weighted observations: the exact interval at the effective sample size.

    Parameters
    ----------
    p : float
        Weighted rate.
    variance : float
        Its estimated variance.
    n_if_none, seen : float
        As for :func:`effective_size`.
    failures : float
        Failures found, unweighted; below five the estimate is marked as ``few``.

    References
    ----------
    Korn & Graubard 1998; here without the t-adjustment, as strata are not few clusters.

    Examples
    --------
    >>> e = korn_graubard(0.125, 0.125 * 0.875 / 400, 400, seen=400, failures=50)
    >>> round(e.low, 3), round(e.high, 3), round(e.n)
    (0.094, 0.161, 400)
    """
    n = effective_size(p, variance, n_if_none, seen=seen)
    e = clopper_pearson(p * n, n, confidence=confidence, assumes=assumes)
    return replace(e, few=failures < FEW)


def ratio_of_clusters(
    numerators: ArrayLike, denominators: ArrayLike, *, confidence: float = 0.95, clusters: str
) -> Estimate:
    """Mean per item where items of one cluster (a day, a week) resemble each other.

    The interval is Student's, on the linearised ratio, with clusters - 1 degrees of freedom.

    Examples
    --------
    >>> e = ratio_of_clusters([4.0, 6.0, 5.0], [1, 1, 1], clusters="days")
    >>> e.value, round(e.low, 2), round(e.high, 2)
    (5.0, 2.52, 7.48)
    """
    top, bottom = np.asarray(numerators, float), np.asarray(denominators, float)
    used = bottom > 0
    top, bottom = top[used], bottom[used]
    m, total = len(top), float(bottom.sum())
    if not m:
        return NOTHING
    ratio = float(top.sum()) / total
    if m < 2:
        return Estimate(ratio, math.nan, math.nan, total, f"one of {clusters} only: no interval")
    residual = top - ratio * bottom
    error = math.sqrt(m / (m - 1) * float((residual**2).sum())) / total
    half = float(stdtrit(m - 1, 1 - _tail(confidence))) * error
    # amounts are never below 0; differences may be
    low = ratio - half if (top < 0).any() else max(0.0, ratio - half)
    return Estimate(ratio, low, ratio + half, total, f"{clusters} independent of each other")


def product(*factors: Estimate, assumes: str) -> Estimate:
    """Product of independent figures above zero; a factor's interval may reach to 0 or infinity.

    The interval is made from theirs on the scale of logarithms, each side from the halves that
    face it, so that skewed intervals stay skewed.

    References
    ----------
    Zou & Donner 2008 (MOVER).

    Examples
    --------
    >>> half, twice = Estimate(0.5, 0.4, 0.6, 90, ""), Estimate(2.0, 2.0, 2.0, 50, "")
    >>> e = product(half, twice, assumes="")
    >>> round(e.value, 2), round(e.low, 2), round(e.high, 2), e.n
    (1.0, 0.8, 1.2, 50)
    """
    value, below, above = (
        [_log(getattr(f, name)) for f in factors] for name in ("value", "low", "high")
    )
    centre = sum(value)
    down = math.hypot(*(v - b for v, b in zip(value, below, strict=True)))
    up = math.hypot(*(a - v for v, a in zip(value, above, strict=True)))
    return Estimate(
        _exp(centre), _exp(centre - down), _exp(centre + up), min(f.n for f in factors), assumes
    )


def inverse(e: Estimate) -> Estimate:
    """One over a figure.

    >>> inverse(Estimate(0.5, 0.0, 0.8, 10, "")).high
    inf
    """
    value, low, high = (1 / x if x else math.inf for x in (e.value, e.high, e.low))
    return replace(e, value=value, low=low, high=high)


def complement(e: Estimate) -> Estimate:
    """The share of all others.

    >>> complement(Estimate(0.25, 0.125, 0.5, 10, ""))
    Estimate(value=0.75, low=0.5, high=0.875, n=10, assumes='', few=False)
    """
    return replace(e, value=1 - e.value, low=1 - e.high, high=1 - e.low)


def odds(e: Estimate) -> Estimate:
    """A share as odds.

    >>> odds(Estimate(0.5, 0.2, 1.0, 10, ""))
    Estimate(value=1.0, low=0.25, high=inf, n=10, assumes='', few=False)
    """
    value, low, high = (x / (1 - x) if x < 1 else math.inf for x in (e.value, e.low, e.high))
    return replace(e, value=value, low=low, high=high)


def _log(x: float) -> float:
    return -math.inf if x <= 0 else math.log(x)


def _exp(x: float) -> float:
    return math.exp(x) if x < 700 else math.inf


def needed(p: float, line: float) -> int:
    """How many observations put the interval of a rate clear of a line.

    >>> needed(0.1, 0.2), needed(0.3, 0.3)
    (65, 1000000)
    """

    def settles(n: int) -> bool:
        e = clopper_pearson(p * n, n)
        return not e.low <= line <= e.high

    return fewest(settles)


def fewest(enough: Callable[[int], bool]) -> int:
    """The smallest number that is enough, if all larger ones are; a million if more it takes.

    >>> fewest(lambda n: n * n > 1000)
    32
    """
    low, high = 0, 1
    while not enough(high):
        low, high = high, 2 * high
        if high >= NEVER_SETTLED:
            return NEVER_SETTLED
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def about(value: float) -> str:
    """An estimated number of things, with no more digits than it deserves.

    >>> about(1432.4), about(17.6)
    ('1,430', '18')
    """
    if value < 100:
        return f"{value:,.0f}"
    step = 10 ** (math.floor(math.log10(value)) - 2)
    return f"{round(value / step) * step:,.0f}"


def as_row(e: Estimate) -> dict[str, Any]:
    """An estimate as cells of a table."""
    return {"value": e.value, "low": e.low, "high": e.high, "n": e.n, "assumes": e.assumes,
            "few": e.few}  # fmt: skip
