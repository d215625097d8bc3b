"""How many looks would do."""

from __future__ import annotations

import math

from ...errors import LogError
from .intervals import clopper_pearson, fewest

AUDIT_SIZES = (0.01, 0.02, 0.03, 0.05)
"""Shares of bad ones for which it is said how many looks without a bad one rule them out."""


def looks_if_none_bad(share: float, *, confidence: float = 0.95) -> int:
    """Looks that, none of them bad, show that fewer than this share is bad.

    The smallest n with ``(1 - share)^n <= 1 - confidence``.

    Parameters
    ----------
    share : float
        Largest share of bad ones to be ruled out, between 0 and 1.
    confidence : float
        One-sided.

    References
    ----------
    Hanley & Lippman-Hand 1983 (the rule of three).

    Examples
    --------
    >>> [looks_if_none_bad(share) for share in AUDIT_SIZES]
    [299, 149, 99, 59]
    """
    if not 0 < share < 1:
        raise LogError(f"share {share:g} must lie between 0 and 1, for example 0.02")
    return math.ceil(math.log(1 - confidence) / math.log1p(-share))


def looks_for(share: float, half_width: float) -> int:
    """Looks at random after which a share is known to within this much to either side, at 95%.

    Half the width of the exact interval is what counts.

    Parameters
    ----------
    share : float
        What it is expected to be.
    half_width : float
        In the same unit, above 0.

    References
    ----------
    Clopper & Pearson 1934.

    Examples
    --------
    >>> looks_for(0.05, 0.01), looks_for(0.0, 0.05)
    (1927, 36)
    """
    if half_width <= 0:
        raise LogError(f"half width {half_width:g} must be above 0, for example 0.01")

    def narrow(n: int) -> bool:
        e = clopper_pearson(share * n, n)
        return e.high - e.low <= 2 * half_width

    return fewest(narrow)


LEAST_LOOKS = looks_if_none_bad(AUDIT_SIZES[-1])
"""Below so many looks nothing is said: even if none were bad, one in twenty could be."""
