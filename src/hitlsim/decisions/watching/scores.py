"""Whether scores are distributed as in the baseline, whatever came of the decisions.

Scores are put into bins of about equal size in the baseline. Edges lie midway between neighbouring
values, so that tied scores never part. The distance of a period from the baseline is the population
stability index; times ``n m / (n + m)`` it is chi-square with one degree of freedom less than bins,
if decisions are independent. Where weeks of the baseline differ more than that, the yardstick is
how much they do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, chdtri, fdtrc, fdtri

from .charts import OVERDISPERSED, Limits

Floats = NDArray[np.float64]
Counts = NDArray[np.float64]

MOST_BINS = 10
LEAST_IN_A_BIN = 5
"""Expected decisions in a bin below which chi-square is not to be trusted."""


def edges(score: ArrayLike, bins: int) -> Floats:
    """Edges between bins that each hold about as much; none parts equal scores.

    >>> edges([0.1, 0.2, 0.2, 0.2, 0.9, 1.0], 3).tolist()
    [0.15000000000000002, 0.55]
    """
    values, counts = np.unique(np.asarray(score, float), return_counts=True)
    share = counts.cumsum() / counts.sum()
    cut = []
    for k in range(1, bins):
        i = int(np.argmin(np.abs(share - k / bins)))
        if i < len(values) - 1:
            cut.append((values[i] + values[i + 1]) / 2)
    return np.unique(cut)


def binned(score: ArrayLike, at: Floats) -> Counts:
    """How many scores lie in each bin.

    >>> binned([0.1, 0.2, 0.6], np.array([0.15, 0.55])).tolist()
    [1.0, 1.0, 1.0]
    """
    where = np.searchsorted(at, np.asarray(score, float))
    return np.bincount(where, minlength=len(at) + 1).astype(float)


def stability_index(now: Counts, before: Counts) -> float:
    """Population stability index, ``sum (a - b) ln(a / b)``, half a decision added to each bin.

    References
    ----------
    Siddiqi 2006; its distribution: Yurdakul & Naranjo 2020.

    Examples
    --------
    >>> round(stability_index(np.array([30.0, 70.0]), np.array([500.0, 500.0])), 3)
    0.166
    """
    a, b = ((x + 0.5) / (x.sum() + 0.5 * len(x)) for x in (now, before))
    return float(((a - b) * np.log(a / b)).sum())


@dataclass(frozen=True, slots=True)
class Yardstick:
    """How far the baseline's own weeks lie from the rest of it.

    Attributes
    ----------
    bins : int
    weeks : int
        Weeks with enough decisions to fill the bins.
    inflation : float
        Mean of their chi-squares over the degrees of freedom; 1 is what chance does.
    chance : float
        How often chance alone makes them differ this much.
    n : float
        Decisions in the baseline.
    """

    bins: int
    weeks: int
    inflation: float
    chance: float
    n: float

    @property
    def over(self) -> bool:
        return self.chance < OVERDISPERSED and self.inflation > 1

    def chance_of(self, index: float, n: float) -> float:
        """How often chance alone takes a period of ``n`` decisions so far."""
        x = index / (1 / n + 1 / self.n)
        if self.over:
            # weeks that move together move in one direction of the bins
            return float(fdtrc(1, max(1, self.weeks - 1), x / (self.bins - 1) / self.inflation))
        return float(chdtrc(self.bins - 1, x))

    def limits(self, n: float, chance: float) -> Limits:
        """The index that chance exceeds only so often."""
        x = (
            float(fdtri(1, max(1, self.weeks - 1), 1 - chance)) * (self.bins - 1) * self.inflation
            if self.over
            else float(chdtri(self.bins - 1, chance))
        )
        return Limits(0.0, x * (1 / n + 1 / self.n))


def yardstick(weeks: list[Counts]) -> Yardstick:
    """Compare each week of the baseline with its other weeks."""
    whole = np.sum(weeks, axis=0)
    bins = len(whole)
    full = [w for w in weeks if w.sum() >= LEAST_IN_A_BIN * bins and w.sum() < whole.sum()]
    if len(full) < 2 or bins < 2:
        return Yardstick(bins, len(full), 1.0, 1.0, float(whole.sum()))
    each = [stability_index(w, whole - w) / (1 / w.sum() + 1 / (whole - w).sum()) for w in full]
    # a week beside the rest: their sum has the degrees of freedom of one week less
    total = sum(x * (1 - w.sum() / whole.sum()) for x, w in zip(each, full, strict=True))
    dof = (bins - 1) * (len(full) - 1)
    return Yardstick(bins, len(full), total / dof, float(chdtrc(dof, total)), float(whole.sum()))


def enough_for(bins: int) -> int:
    """Decisions of a period without which its distribution is not judged.

    >>> enough_for(10)
    50
    """
    return LEAST_IN_A_BIN * bins


def bins_for(usual: float) -> int:
    """How many bins periods of a usual size fill.

    >>> bins_for(30), bins_for(2000)
    (2, 10)
    """
    if math.isnan(usual):
        return 2
    return int(min(MOST_BINS, max(2, usual // (3 * LEAST_IN_A_BIN))))
