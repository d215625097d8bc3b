"""Control limits of shares: how far chance alone takes a period from the baseline.

A period is a share of ``n`` decisions (effective ones, where observations weigh unequally) beside
the share that the baseline leads one to expect. Where weeks of the baseline differ no more than
chance lets them, limits are the exact predictive ones of a binomial count (a p-chart). Where they
differ by more, Laney's p' widens them by how much standardised weeks move from one to the next.
Either way the baseline is an estimate, and its own uncertainty is in the limits.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import betainc, betaincc, betaln, chdtrc, gammaincinv, gammaln, ndtri, stdtrit

D2 = 1.128
"""Mean range of two standard normal values: moving ranges are divided by it."""
OVERDISPERSED = 0.05
"""Weeks that differ so much that chance would do it less often than this get Laney's limits."""
THREE_SIGMA = 1 / 370.4
"""How often chance takes a normal value out of three standard deviations to either side."""
_TINY = 1e-9
_MIXED = 40
"""Values of an uncertain inflation that are averaged over."""

Floats = NDArray[np.float64]


class Limits(NamedTuple):
    """Where a share in control lies, but for so small a chance."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Spread:
    """How much the weeks of a baseline differ, beside what chance lets them.

    Attributes
    ----------
    sigma_z : float
        Mean moving range of the standardised weeks over 1.128; 1 is what chance does.
    weeks : int
        How many weeks it comes from.
    chance : float
        How often chance alone makes weeks differ this much.
    n : float
        Effective decisions in the baseline; infinite where the baseline is known, not estimated.
    """

    sigma_z: float
    weeks: int
    chance: float
    n: float

    @property
    def over(self) -> bool:
        """Whether weeks differ by more than chance, so that limits are Laney's."""
        return self.chance < OVERDISPERSED and self.sigma_z > 1

    @property
    def inflation(self) -> float:
        """By what the variance exceeds that of independent decisions."""
        return self.sigma_z**2 if self.over else 1.0

    @property
    def dof(self) -> float:
        """Degrees of freedom that a mean moving range is worth; infinite for a p-chart.

        References
        ----------
        Variance of the mean moving range: Bryce, Gaudard & Joiner 1997.

        Examples
        --------
        >>> round(Spread(1.5, 20, 0.01, 1e4).dof, 1)
        11.7
        """
        if not self.over:
            return math.inf
        k = self.weeks
        return max(1.0, (k - 1) ** 2 / (2 * (0.8264 * k - 1.082)))

    def inflations(self, many: int) -> Floats:
        """What the inflation may truly be: so many quantiles, all equally likely."""
        if not self.over:
            return np.ones(1)
        level = (np.arange(many) + 0.5) / many
        half = self.dof / 2
        return np.asarray(self.inflation * half / gammaincinv(half, level[::-1]), float)


KNOWN = Spread(1.0, 0, 1.0, math.inf)
"""A baseline that is known, not estimated."""


def spread(values: ArrayLike, expected: ArrayLike, n: ArrayLike) -> Spread:
    """How much weeks differ from what is expected, beside chance.

    Parameters
    ----------
    values, expected : array of float
        Share observed in each week of the baseline, and the share expected.
    n : array of float
        Effective decisions of each week; weeks without any are left out.

    References
    ----------
    Laney 2002, "Improved control charts for attributes".

    Examples
    --------
    >>> week = spread([0.10, 0.14, 0.10, 0.14], [0.12] * 4, [1000] * 4)
    >>> round(week.sigma_z, 2), week.over
    (3.45, True)
    """
    value, mean, size = (np.atleast_1d(np.asarray(x, float)) for x in (values, expected, n))
    some = (size > 0) & np.isfinite(value)
    value, mean, size = value[some], np.clip(mean[some], _TINY, 1 - _TINY), size[some]
    z = (value - mean) / np.sqrt(mean * (1 - mean) / size)
    k = len(z)
    if k < 2:
        return Spread(1.0, k, 1.0, float(size.sum()))
    sigma_z = float(np.abs(np.diff(z)).mean()) / D2
    chance = float(chdtrc(k - 1, float((z**2).sum())))
    return Spread(sigma_z, k, chance, float(size.sum()))


def limits(expected: float, n: float, base: Spread = KNOWN, chance: float = THREE_SIGMA) -> Limits:
    """Limits of a share, two-sided, crossed by chance alone at most so often.

    Exact for independent decisions: the count is binomial where the baseline is known, and
    beta-binomial (Jeffreys' prior) where it is estimated. For decisions that are not independent
    they have Laney's standard error; the share is taken to be beta distributed, as small shares are
    skewed, and the uncertainty of the moving range is averaged over.

    Parameters
    ----------
    expected : float
        Share expected from the baseline, 0 to 1.
    n : float
        Effective decisions of the period.
    base : Spread
        How the baseline's weeks differ, and how much there is of it.
    chance : float
        Of both sides together.

    References
    ----------
    Shewhart 1931; Laney 2002.

    Examples
    --------
    >>> low, high = limits(0.02, 2000)
    >>> round(low, 4), round(high, 4)
    (0.0115, 0.03)
    """
    if not base.over:
        pmf = _predictive(expected, n, base.n)
        below, above = np.cumsum(pmf), np.cumsum(pmf[::-1])[::-1]
        # the outermost counts that are still reached more often than that
        low = int(np.argmax(below > chance / 2))
        high = len(pmf) - 1 - int(np.argmax(above[::-1] > chance / 2))
        size = len(pmf) - 1
        return Limits(low / size, high / size)
    a, b = _shapes(expected, n, base)
    return Limits(
        _solve(lambda x: float(betainc(a, b, x).mean()) - chance / 2, 0.0, expected),
        _solve(lambda x: chance / 2 - float(betaincc(a, b, x).mean()), expected, 1.0),
    )


def sigma_limits(p: float, n: float, sigmas: float = 3.0) -> Limits:
    """Limits of the textbook p-chart, ``p +- 3 sqrt(p (1 - p) / n)``, whatever chance they have.

    Examples
    --------
    >>> low, high = sigma_limits(0.2313, 50)  # Montgomery's orange juice cans
    >>> round(low, 4), round(high, 4)
    (0.0524, 0.4102)
    """
    half = sigmas * math.sqrt(p * (1 - p) / n)
    return Limits(max(0.0, p - half), min(1.0, p + half))


def chance_of(value: float, expected: float, n: float, base: Spread = KNOWN) -> float:
    """How often chance alone takes a share as far from the baseline, to either side.

    >>> round(chance_of(0.031, 0.02, 2000), 4)
    0.0013
    """
    if base.over:
        a, b = _shapes(expected, n, base)
        return min(1.0, 2 * float(min(betainc(a, b, value).mean(), betaincc(a, b, value).mean())))
    pmf = _predictive(expected, n, base.n)
    size = len(pmf) - 1
    k = min(size, max(0, round(value * size)))
    return min(1.0, 2 * float(min(pmf[: k + 1].sum(), pmf[k:].sum())))


def sigmas(chance: float, dof: float = math.inf) -> float:
    """Standard deviations out of which chance takes a value so often, to either side.

    >>> round(sigmas(THREE_SIGMA), 2), round(sigmas(THREE_SIGMA, 8), 2)
    (3.0, 4.28)
    """
    if math.isinf(dof):
        return -float(ndtri(chance / 2))
    return -float(stdtrit(dof, chance / 2))


def _shapes(expected: float, n: float, base: Spread) -> tuple[Floats, Floats]:
    """Beta distributions of a share in control, one for each inflation that there may be."""
    p = min(max(expected, _TINY), 1 - _TINY)
    variance = np.minimum(base.inflations(_MIXED) * (1 / n + 1 / base.n), 0.9)
    size = 1 / variance - 1
    return p * size, (1 - p) * size


def _solve(f: Callable[[float], float], low: float, high: float) -> float:
    """Where an increasing function crosses zero; an end, where it does not."""
    if f(low) >= 0:
        return low
    if f(high) <= 0:
        return high
    return float(brentq(f, low, high, xtol=1e-6))


def _predictive(expected: float, n: float, base_n: float) -> Floats:
    """Chance of each count 0 ... n, the baseline being as uncertain as ``base_n`` decisions."""
    size = max(1, round(n))
    k = np.arange(size + 1.0)
    p = min(max(expected, _TINY), 1 - _TINY)
    ways = gammaln(size + 1) - gammaln(k + 1) - gammaln(size - k + 1)
    if math.isinf(base_n):
        log = ways + k * math.log(p) + (size - k) * math.log1p(-p)
    else:
        a, b = p * base_n + 0.5, (1 - p) * base_n + 0.5
        log = ways + betaln(k + a, size - k + b) - betaln(a, b)
    return np.asarray(np.exp(log), float)
