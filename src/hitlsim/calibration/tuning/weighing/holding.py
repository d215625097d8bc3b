"""How likely a rate stays inside a band next month, and how much evidence it takes to say so.

A threshold at the k-th smallest of n scores has the true rate Beta(k, n - k + 1), whatever their
distribution; next month's count is then BetaBinomial. Weeks that differ by more than chance count
as fewer decisions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import bdtr, betainc, betaln, chdtrc, gammaln

ENOUGH = 0.80
"""Chance of being inside the band next month from which a recommendation counts as supported."""
SURE = 0.90
"""Chance that the true rate lies inside the band from which a threshold counts as known."""
_FEW_WEEKS = 6
"""Weeks below which nothing is said of how they differ."""
_FEW_MONTHS, _MONTH = 4, 30
"""The same of months, and their days."""
_MOST_DIGITS = 8
"""Of a percentage: finer bands are not told apart."""
_LONG = 100_000
"""Months from which a smooth curve takes the place of a sum over every count."""
_BY_CHANCE = 0.05
"""Weeks count as alike unless chance would make them differ as much less often than this."""


@dataclass(frozen=True, slots=True)
class Band:
    """A band of rates that is to hold among so many decisions a month.

    ``spread`` is how much more weeks or months differ than chance alone lets them (variance ratio,
    1 or more).
    """

    low: float
    high: float
    month: int
    spread: float = 1.0

    @property
    def middle(self) -> float:
        return (self.low + self.high) / 2

    def __str__(self) -> str:
        digits = _digits(self)
        return f"{100 * self.low:.{digits}f}-{100 * self.high:.{digits}f}%"

    def rates(self, n: int) -> int:
        """How many counts of n decisions lie inside; 0 where no whole number of them does."""
        return max(0, math.floor(self.high * n + 1e-9) - math.ceil(self.low * n - 1e-9) + 1)

    def chance_true(self, k: float, n: float) -> float:
        """Chance that the true rate is inside, where the threshold is the k-th of n scores."""
        k, n = k / self.spread, n / self.spread
        if k > n or (k <= 0 and self.low > 0):
            return 0.0
        # below the smallest score the rate is at most that of the first
        a = k if k > 0 else 1.0
        b = n - a + 1
        return float(betainc(a, b, self.high) - betainc(a, b, self.low))

    def chance_next(self, k: float, n: float) -> float:
        """Chance that next month's rate is inside."""
        m = max(1, round(self.month / self.spread))
        return chance_inside(k / self.spread, n / self.spread, m, self.low, self.high)

    def chance_if_known(self, rate: float) -> float:
        """The same if the true rate were known."""
        m = max(1, round(self.month / self.spread))
        return _chance_if_known(m, self.low, self.high, rate)

    def supported(self, k: float, n: float) -> bool:
        """Whether both chances will do."""
        return self.chance_true(k, n) >= SURE and self.chance_next(k, n) >= ENOUGH

    def needed(self, aim: float) -> int | None:
        """Smallest log with which an aim at some rate does; None if even a million do not."""
        return _needed(self, aim)

    def month_needed(self, rate: float) -> int:
        """Smallest month that chance alone keeps inside the band often enough."""
        sizes = np.unique(np.geomspace(20, 10_000_000, 600).astype(int)).tolist()
        enough = (
            m for m in sizes
            if _chance_if_known(max(1, round(m / self.spread)), self.low, self.high, rate) >= ENOUGH
        )  # fmt: skip
        return int(next(enough, sizes[-1]))


def _digits(band: Band) -> int:
    """Digits of a percentage that it takes to say both ends as they were given."""
    ends = (100 * band.low, 100 * band.high)
    exact = (d for d in range(_MOST_DIGITS) if all(abs(x - round(x, d)) < 1e-9 for x in ends))
    return next(exact, _MOST_DIGITS)


def chance_inside(k: float, n: float, m: int, low: float, high: float) -> float:
    """Chance that next month's rate is inside the band: BetaBinomial(m, k, n - k + 1).

    >>> round(chance_inside(75, 600, 500, 0.10, 0.15), 2)
    0.81
    """
    if k > n or (k <= 0 and low > 0):
        return 0.0
    k = k if k > 0 else 1.0
    if m > _LONG:
        return _chance_inside_long(k, n, m, low, high)
    j = np.arange(math.ceil(low * m - 1e-9), math.floor(high * m + 1e-9) + 1)
    if not len(j):
        return 0.0
    log_choose = gammaln(m + 1) - gammaln(j + 1) - gammaln(m - j + 1)
    b = n - k + 1
    return min(1.0, float(np.exp(log_choose + betaln(j + k, m - j + b) - betaln(k, b)).sum()))


def _chance_inside_long(k: float, n: float, m: int, low: float, high: float) -> float:
    """The same by a Beta with the BetaBinomial's mean and variance.

    A normal curve has no skew, and a threshold learnt from few scores has much: this is exact in
    the limit of many decisions a month, whatever n.
    """
    mean = k / (n + 1)
    size = m * (n + 2) / (n + 1 + m) - 1
    a, b = mean * size, (1 - mean) * size
    # counts are whole: each stands for half a decision on either side
    first, last = math.ceil(low * m - 1e-9) - 0.5, math.floor(high * m + 1e-9) + 0.5
    to, since = (min(1.0, max(0.0, x / m)) for x in (last, first))
    return max(0.0, float(betainc(a, b, to) - betainc(a, b, since)))


def _chance_if_known(m: int, low: float, high: float, rate: float) -> float:
    first, last = math.ceil(low * m - 1e-9), math.floor(high * m + 1e-9)
    return float(bdtr(last, m, rate) - (bdtr(first - 1, m, rate) if first else 0.0))


@lru_cache
def _needed(band: Band, aim: float) -> int | None:
    promised = band.chance_if_known(aim) >= ENOUGH
    for size in np.unique(np.geomspace(20, 1_000_000, 400).astype(int)):
        n = int(size)
        k = max(1, round(aim * n))
        if band.supported(k, n) if promised else band.chance_true(k, n) >= SURE:
            return n
    return None


def spread_of(day: NDArray[np.int64], asked: NDArray[np.bool_]) -> float:
    """How much more than chance a rate differs from time to time; at least 1.

    The larger of what weeks and what months show: scores that drift differ little from one week to
    the next and much from month to month.

    Parameters
    ----------
    day : int array
        Days since the first.
    asked : bool array
        Exceptions.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> day = np.repeat(np.arange(180), 50)
    >>> spread_of(day, rng.random(len(day)) < 0.12)
    1.0
    >>> spread_of(day, rng.random(len(day)) < 0.05 + day / 1000) > 5
    True
    """
    return max(spread_of_weeks(day, asked), spread_of_months(day, asked))


def spread_of_weeks(day: NDArray[np.int64], asked: NDArray[np.bool_]) -> float:
    """Variance of the weekly rate relative to what chance gives; at least 1.

    Laney's ratio by moving ranges, so that a step of the rate counts once and not in all weeks.

    References
    ----------
    Laney 2002, Improved control charts for attributes.
    """
    z = _beyond_chance(day // 7, asked, _FEW_WEEKS)
    return max(1.0, (float(np.abs(np.diff(z)).mean()) / 1.128) ** 2) if len(z) else 1.0


def spread_of_months(day: NDArray[np.int64], asked: NDArray[np.bool_]) -> float:
    """The same for stretches of 30 days, counted back from the last.

    By mean squares of successive differences: few months have no typical range.

    References
    ----------
    Von Neumann, Kent, Bellinson & Hart 1941, The mean square successive difference.
    """
    if not len(day):
        return 1.0
    z = _beyond_chance((day.max() - day) // _MONTH, asked, _FEW_MONTHS)
    return max(1.0, float((np.diff(z) ** 2).mean()) / 2) if len(z) else 1.0


def _beyond_chance(
    number: NDArray[np.int64], asked: NDArray[np.bool_], least: int
) -> NDArray[np.float64]:
    """How many standard errors each stretch's rate is from the mean; none if that is chance."""
    nothing = np.zeros(0)
    n = np.bincount(number).astype(float)
    k = np.bincount(number, asked, len(n))
    k, n = k[n > 0], n[n > 0]
    full = n >= 0.5 * np.median(n)
    k, n = k[full], n[full]
    p = k.sum() / n.sum() if n.sum() else 0.0
    if len(n) < least or not 0 < p < 1:
        return nothing
    z = (k / n - p) / np.sqrt(p * (1 - p) / n)
    return nothing if chdtrc(len(n) - 1, float(z @ z)) > _BY_CHANCE else np.asarray(z)
