"""CUSUM: evidence for a stated change, added up period by period, and how long it takes.

``S = max(0, S + LLR)``, where a period's log-likelihood ratio weighs "the odds are so many times
those of the baseline" against "they are as in the baseline". It sees lasting changes that are too
small for one period's limits. Its threshold is chosen for a stated run length: how many periods
pass on average until chance alone raises it, the baseline's own uncertainty counted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtr, betaincinv

from .charts import KNOWN, Spread

Floats = NDArray[np.float64]
Distribution = Callable[[Floats], Floats]
"""Chance that a period's log-likelihood ratio is at most so much."""

_STATES = 50
_LEAST, _MOST = 3.0, 200.0
"""Large periods would do with less, but small ones come between."""
_QUANTILES = (0.1, 0.3, 0.5, 0.7, 0.9)
_FEW_QUANTILES = (1 / 6, 1 / 2, 5 / 6)
_MIXED = 5
"""Values of an uncertain share, and of an uncertain inflation, that are averaged over."""
_TINY = 1e-9


class Plan(NamedTuple):
    """A CUSUM for one change.

    Attributes
    ----------
    shift : float
        The odds looked for, as a multiple of the baseline's; below 1 it looks for a fall.
    threshold : float
        At this the change is said to be there.
    once_in : float
        Mean number of periods until chance alone reaches it.
    """

    shift: float
    threshold: float
    once_in: float


def llr(values: ArrayLike, expected: ArrayLike, n: ArrayLike, shift: float) -> Floats:
    """Log-likelihood ratio of each period for odds ``shift`` times those expected.

    References
    ----------
    Steiner, Cook, Farewell & Treasure 2000, risk-adjusted CUSUM.

    Examples
    --------
    >>> llr([0.04], [0.02], [200], shift=2.0).round(2).tolist()
    [1.58]
    """
    value, p, size = (np.asarray(x, float) for x in (values, expected, n))
    size = np.where(np.isfinite(value), size, 0.0)
    value = np.where(np.isfinite(value), value, 0.0)
    return np.asarray(size * (value * math.log(shift) - np.log1p(p * (shift - 1))))


def path(steps: ArrayLike, most: float) -> Floats:
    """The CUSUM after each step; it stops rising at ``most``, so that it can fall again in time.

    >>> path([1.0, -3.0, 2.0, 2.0, -1.0], most=3.0).tolist()
    [1.0, 0.0, 2.0, 3.0, 2.0]
    """
    out, s = [], 0.0
    for step in np.asarray(steps, float):
        s = min(most, max(0.0, s + float(step)))
        out.append(s)
    return np.array(out)


def run_length(below: Distribution, threshold: float, *, states: int = _STATES) -> float:
    """Mean number of periods until a CUSUM that starts at 0 reaches its threshold.

    Parameters
    ----------
    below : callable
        Distribution of one step.
    threshold : float
        Above 0.
    states : int
        Into how many the stretch below the threshold is cut.

    References
    ----------
    Brook & Evans 1972, the Markov chain.

    Examples
    --------
    >>> from scipy.special import ndtr
    >>> round(run_length(lambda x: ndtr(x + 0.5), 4.0))  # no change, reference value 1/2
    335
    >>> round(run_length(lambda x: ndtr(x - 0.5), 4.0), 2)  # one standard deviation
    8.38
    """
    width = 2 * threshold / (2 * states - 1)
    i = np.arange(states)
    edges = below(np.asarray((np.arange(-states + 1, states + 1) - 0.5) * width, float))
    stay = np.diff(edges)[(i[None, :] - i[:, None]) + states - 1]
    stay[:, 0] = below(np.asarray((0.5 - i) * width, float))
    try:
        periods = np.linalg.solve(np.eye(states) - stay, np.ones(states))
    except np.linalg.LinAlgError:
        return math.inf
    first = float(periods[0])
    return first if first >= 1 else math.inf


def steps_of(
    true: float,
    expected: float,
    n: float,
    shift: float,
    *,
    assumed: float = 1.0,
    inflation: float = 1.0,
) -> Distribution:
    """Distribution of a period's log-likelihood ratio.

    Parameters
    ----------
    true, expected : float
        Share there is, and share the baseline leads one to expect.
    n : float
        Effective decisions of the period.
    shift : float
        Odds looked for, as a multiple of the baseline's.
    assumed, inflation : float
        By what the variance is taken to exceed that of independent decisions, and by what it does:
        over-dispersed counts vary like those of fewer decisions.
    """
    size = max(1, round(n / inflation))
    each = math.log(shift) * n / assumed / size
    fixed = n / assumed * math.log1p(expected * (shift - 1))

    def below(x: Floats) -> Floats:
        count = (np.asarray(x, float) + fixed) / each
        if each > 0:
            return _binomial(np.floor(count + _TINY), size, true)
        return 1 - _binomial(np.ceil(count - _TINY) - 1, size, true)

    return below


def _binomial(k: Floats, n: int, p: float) -> Floats:
    inside = np.clip(k, 0, n)
    return np.asarray(np.where(k < 0, 0.0, np.where(k >= n, 1.0, bdtr(inside, n, p))))


def plan(expected: float, n: float, shift: float, once_in: float, base: Spread = KNOWN) -> Plan:
    """The lowest threshold that chance alone reaches no more often than once in so many periods.

    The baseline is an estimate: the chance is the mean over what it may truly be.

    Parameters
    ----------
    expected : float
        Share in the baseline.
    n : float
        Effective decisions of a usual period.
    shift : float
        Odds looked for, as a multiple of the baseline's.
    once_in : float
        Periods.
    base : Spread
        How the baseline's weeks differ, and how much there is of it.

    Examples
    --------
    >>> found = plan(0.02, 200, 2.0, once_in=370)
    >>> round(found.threshold, 1), 370 <= found.once_in < 400
    (4.3, True)
    """
    worlds = _worlds(expected, n, shift, base)

    def between(threshold: float) -> float:
        rate = float(np.mean([1 / run_length(world, threshold) for world in worlds]))
        return math.inf if rate <= 0 else 1 / rate

    low, high = _LEAST, _MOST
    if between(low) >= once_in:
        return Plan(shift, low, between(low))
    while high - low > 0.05:
        middle = (low + high) / 2
        low, high = (low, middle) if between(middle) >= once_in else (middle, high)
    return Plan(shift, high, between(high))


def _worlds(expected: float, n: float, shift: float, base: Spread) -> Sequence[Distribution]:
    """Distributions of a step in control, for what the baseline may truly be."""
    p = min(max(expected, _TINY), 1 - _TINY)
    shares = [p]
    if not math.isinf(base.n):
        size = base.n / base.inflation
        some = _FEW_QUANTILES if base.over else _QUANTILES
        shares = [float(betaincinv(p * size + 0.5, (1 - p) * size + 0.5, q)) for q in some]
    return [
        steps_of(share, p, n, shift, assumed=base.inflation, inflation=inflation)
        for share in shares
        for inflation in base.inflations(_MIXED).tolist()
    ]
