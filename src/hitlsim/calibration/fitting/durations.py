"""How long something takes, from times that real logs hold: with days among the minutes."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from ...decisions.estimating.intervals import Estimate
from .learnt import Book, Joint, Path_, Scale

Floats = NDArray[np.float64]

LEAST = 10
"""Fewer times show neither a median nor a spread."""
_WIDEST = 3.0
_HOW = "median; sigma so that the mean is right too"


class Spread(NamedTuple):
    """A lognormal distribution with the median and the mean of what was observed.

    ``mean`` and ``cov`` belong to the logarithm of the median and to sigma.
    """

    mean: Floats
    cov: Floats
    n: int


def spread_of(times: Floats) -> Spread:
    """Median, and the sigma with which the mean is as observed.

    Waiting depends on medians less than on means, so both must be right; times too long for any
    sitting should be left out before.

    Parameters
    ----------
    times : array
        Above 0, any unit.

    Notes
    -----
    ``sigma = sqrt(2 ln(mean / median))``. The covariance is that of mean and median of a lognormal
    sample, to first order.

    References
    ----------
    Ferguson 1999, Asymptotic joint distribution of sample mean and a sample quantile.

    Examples
    --------
    >>> times = np.exp(np.log(40) + 0.6 * np.random.default_rng(7).standard_normal(4000))
    >>> median, sigma = spread_of(times).mean
    >>> round(float(np.exp(median)) / 40, 1), round(float(sigma), 1)
    (1.0, 0.6)
    """
    n, median = len(times), float(np.median(times))
    half = max(math.log(float(times.mean()) / median), 0.0)
    sigma = min(math.sqrt(2 * half), _WIDEST)
    own = float(np.log(times).std(ddof=1))
    # where the mean says nothing of a spread that is there, errors follow that spread
    s = max(sigma, 0.5 * own, 1e-6)
    var_median = math.pi * s * s / 2
    both = (2 * float(ndtr(s)) - 1) * s * math.sqrt(2 * math.pi) / 2
    var_half = math.expm1(s * s) + var_median - 2 * both
    cov = np.array([[var_median, (both - var_median) / s], [(both - var_median) / s,
                    var_half / (s * s)]]) / n  # fmt: skip
    return Spread(np.array([math.log(median), sigma]), cov, n)


def spread_of_logs(amounts: Floats) -> Spread:
    """Median and sigma of a lognormal quantity by the mean and spread of its logarithm.

    >>> spread_of_logs(np.exp([1.0, 2.0, 3.0])).mean.tolist()
    [2.0, 1.0]
    """
    logs = np.log(amounts)
    n, sigma = len(logs), float(logs.std(ddof=1))
    cov = np.diag([sigma**2 / n, sigma**2 / (2 * (n - 1))])
    return Spread(np.array([float(logs.mean()), min(sigma, _WIDEST)]), cov, n)


def learn_spread(times: Floats, path: Path_, of_what: str, book: Book, *, unit: float,
                 fit: Callable[[Floats], Spread] = spread_of) -> bool:  # fmt: skip
    """Learn median and sigma of some times (or amounts), given in ``unit`` of the scenario's.

    Gives whether there were enough.
    """
    if len(times) < LEAST:
        return False
    found = fit(times * unit)
    joint = Joint(
        ((*path, "median"), (*path, "sigma")), (Scale.LOG, Scale.LINE),
        ((1e-3, 1e12), (0.0, _WIDEST)), found.mean, found.cov,
    )  # fmt: skip
    book.learn_together(
        joint, [found.n] * 2, [of_what, _HOW if fit is spread_of else "spread of its logarithm"]
    )
    return True


def ratio_of_medians(pairs: Sequence[tuple[Floats, Floats]]) -> Estimate:
    """How many times as long some take as others, by their medians, kind by kind.

    ``pairs`` holds, for each kind, the times of some and of the others; kinds weigh by how well
    their ratio is known.

    >>> e = ratio_of_medians([(np.array([19.0, 20, 21]), np.array([39.0, 40, 41]))])
    >>> round(e.value, 2)
    0.5
    """
    ratios, errors = [], []
    for some, others in pairs:
        a, b = np.log(some), np.log(others)
        ratios.append(float(np.median(a) - np.median(b)))
        spread = (a.var(ddof=1) * (len(a) - 1) + b.var(ddof=1) * (len(b) - 1)) / (
            len(a) + len(b) - 2
        )
        errors.append(max(1e-6, math.pi / 2 * float(spread) * (1 / len(a) + 1 / len(b))))
    weights = 1 / np.array(errors)
    value = float(np.average(ratios, weights=weights))
    half = 1.959964 / math.sqrt(float(weights.sum()))
    low, high = (math.exp(value + k * half) for k in (-1, 1))
    n = sum(len(some) for some, _ in pairs)
    return Estimate(math.exp(value), low, high, n, "times alike but for a factor")
