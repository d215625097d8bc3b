"""How well routing tells bad decisions from good ones, from outcomes known only in part.

What was asked about is mostly judged, what went alone hardly ever. Counting only what is known
makes the routing look far better than it is. Each cell (one trigger, one workflow) is therefore
raised from what is known of it to all of it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from ...errors import LogError
from .intervals import FEW, NOTHING, Estimate

Floats = NDArray[np.float64]
_ASSUMES = "which decisions of a cell are known does not depend on how they turned out"


class Accuracy(NamedTuple):
    """What routing catches and what it spares."""

    sensitivity: Estimate
    """Of the bad ones, the share that was asked about."""
    specificity: Estimate
    """Of the good ones, the share that went alone."""


def begg_greenes(
    flagged: ArrayLike,
    n: ArrayLike,
    verified: ArrayLike,
    bad: ArrayLike,
    *,
    confidence: float = 0.95,
) -> Accuracy:
    """Sensitivity and specificity corrected for outcomes that are known only in part.

    With ``N_c`` decisions in cell c and ``p_c = bad_c / verified_c``, sensitivity is
    ``sum of N_c p_c over flagged cells / sum of N_c p_c over all cells``; specificity the same with
    ``1 - p_c`` over the other cells. Intervals by the delta method on the scale of logits.

    Parameters
    ----------
    flagged : array of bool
        Whether a person was asked about the decisions of a cell.
    n : array of int
        Decisions of each cell.
    verified : array of float
        Of these, with a known outcome (effective number where they weigh unequally).
    bad : array of float
        Of those, bad.
    confidence : float
        Coverage, two-sided.

    Raises
    ------
    LogError
        When a cell has more known outcomes than decisions, or more bad ones than known ones.

    References
    ----------
    Begg & Greenes 1983; Zhou 1993 (variance). The check is Drum & Christacopoulos 1972.

    Examples
    --------
    1,000 drafts: 120 asked about and judged (40 bad), 880 went alone, 88 audited (3 bad). Of the 43
    known bad ones 93% were caught; of all bad ones it is 57%.

    >>> caught = begg_greenes([True, False], [120, 880], [120, 88], [40, 3]).sensitivity
    >>> round(40 / 43, 2), round(caught.value, 2)
    (0.93, 0.57)
    >>> round(caught.low, 2), round(caught.high, 2)
    (0.3, 0.81)
    """
    up, size, seen, failed = _checked(flagged, n, verified, bad)
    used = (size > 0) & (seen > 0)
    up, size, seen, failed = up[used], size[used], seen[used], failed[used]
    return Accuracy(
        _share(up, size, seen, failed, confidence),
        _share(~up, size, seen, seen - failed, confidence),
    )


def _share(
    here: NDArray[np.bool_],
    size: Floats,
    seen: Floats,
    hit: Floats,
    confidence: float,
) -> Estimate:
    """Of all hits, the share that lies in these cells."""
    whole = size * np.divide(hit, seen)
    if not whole.sum() or here.all() or not here.any():
        return NOTHING
    value = float(whole[here].sum() / whole.sum())
    # a share of 0 has no logarithm: there the interval is centred on (k + 1/2) / (n + 1)
    p = np.where((hit <= 0) | (hit >= seen), (hit + 0.5) / (seen + 1), hit / seen)
    of, total = size / size.sum(), float(size.sum())
    inside, outside = (float((of * p)[side].sum()) for side in (here, ~here))
    slope = np.where(here, 1 / inside, -1 / outside)
    variance = float((of * (slope * p) ** 2).sum()) / total
    variance += float(((slope * of) ** 2 * p * (1 - p) / seen).sum())
    centre, half = math.log(inside / outside), float(ndtri((1 + confidence) / 2)) * variance**0.5
    low, high = (1 / (1 + math.exp(-x)) for x in (centre - half, centre + half))
    few = bool(min(hit[here].sum(), hit[~here].sum()) < FEW)
    return Estimate(value, min(low, value), max(high, value), float(seen.sum()), _ASSUMES, few)


def _checked(
    flagged: ArrayLike, n: ArrayLike, verified: ArrayLike, bad: ArrayLike
) -> tuple[NDArray[np.bool_], Floats, Floats, Floats]:
    up = np.asarray(flagged, bool)
    size, seen, failed = (np.asarray(x, float) for x in (n, verified, bad))
    if (seen > size * (1 + 1e-9)).any() or (failed > seen * (1 + 1e-9)).any() or (failed < 0).any():
        raise LogError(
            "a cell has more known outcomes than decisions, or more bad ones than known ones; give "
            "for each cell all decisions, those of them that are known, and the bad ones of those"
        )
    return up, size, seen, failed
