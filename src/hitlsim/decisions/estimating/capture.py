"""How many errors there are, from two ways of finding them that overlap."""

from __future__ import annotations

import math

from scipy.special import ndtri

from ...errors import LogError
from .intervals import FEW, Estimate, clopper_pearson

_ASSUMES = (
    "the two find errors independently of each other; where the same errors are easy for both, as "
    "is usual, the true number is higher"
)


def chapman(first: int, second: int, both: int, *, confidence: float = 0.95) -> Estimate:
    """How many there are in all, found or not: capture and recapture.

    ``N = (first + 1)(second + 1) / (both + 1) - 1``, with variance ``(first + 1)(second + 1)
    (first - both)(second - both) / ((both + 1)^2 (both + 2))``. The interval is that of a
    lognormal number of those nobody found, so it never falls below what was found. Where the one
    found all that the other did, its upper end is by the exact interval of the share it finds.

    Parameters
    ----------
    first, second : int
        Found by the one (an audit) and by the other (complaints).
    both : int
        Found by both.

    Raises
    ------
    LogError
        When more were found by both than by one of them.

    References
    ----------
    Chapman 1951; Seber 1970 (variance); Chao 1987 (interval).

    Examples
    --------
    >>> e = chapman(20, 15, 6)
    >>> e.value, round(e.low), round(e.high), e.n
    (47.0, 35, 81, 29)
    >>> e = chapman(20, 6, 6)
    >>> e.value, e.low, round(e.high)
    (20.0, 20.0, 37)
    """
    if not 0 <= both <= min(first, second):
        raise LogError(
            f"{both} found by both, but {first} and {second} by each; both count in each"
        )
    found = first + second - both
    total = (first + 1) * (second + 1) / (both + 1) - 1
    hidden = total - found
    if hidden <= 0:
        # one found all that the other did, yet may find less of what neither did
        rate = clopper_pearson(both, both, confidence=confidence).low if both else 0.0
        most = max(first, second) / rate if rate else math.inf
        return Estimate(total, total, most, found, _ASSUMES, both < FEW)
    spread = math.exp(
        float(ndtri((1 + confidence) / 2))
        * math.sqrt(math.log1p(variance(first, second, both) / hidden**2))
    )
    low, high = found + hidden / spread, found + hidden * spread
    return Estimate(total, low, high, found, _ASSUMES, both < FEW)


def variance(first: int, second: int, both: int) -> float:
    """Variance of Chapman's estimate.

    >>> variance(20, 15, 6)
    108.0
    """
    top = (first + 1) * (second + 1) * (first - both) * (second - both)
    return top / ((both + 1) ** 2 * (both + 2))
