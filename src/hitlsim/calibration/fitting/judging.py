"""How often the AI is right at a score, and what people see of it: both at once.

People err, so what they say is not what is so. A decision's being bad is not observed but where an
outcome tells it; verdicts depend on it by each person's hit and false-alarm rate. Scores, second
looks at what a reviewer passed, and outcomes tell the two apart, as far as they do; beyond that the
published evidence on reviewers decides, and the intervals say how far.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .labels import Labels

Floats = NDArray[np.float64]

BELIEFS = {
    "intercept": (0.0, 3.0),
    "slope": (0.7, 1.0),
    "signal": (0.0, 1.5),
    "hit": (1.2, 1.2),
    "false_alarm": (-2.2, 1.2),
}
"""Mean and spread of what is believed before the log is read, on the scale of log-odds. Hit rates
from .24 to .97 and false alarms from .01 to .54 have 95%: clinicians caught .25-.35 (Biro 2025),
searchers .70-.93 (Wolfe 2005)."""


class Judging(NamedTuple):
    """What was found, with its covariance.

    ``mean`` holds, one after the other: the intercepts, the slopes, the signals' log odds ratios,
    and the log-odds of everybody's hit and false-alarm rates.
    """

    mean: Floats
    cov: Floats
    prior_sd: Floats


class Places(NamedTuple):
    """Where each kind of number stands."""

    intercept: slice
    slope: slice
    signal: slice
    hit: slice
    false_alarm: slice


def places_of(labels: Labels) -> Places:
    """Where each kind of number stands in :class:`Judging`."""
    sizes = (len(labels.workflows), len(labels.workflows), len(labels.signal_names),
             len(labels.people), len(labels.people))  # fmt: skip
    ends = np.cumsum((0, *sizes))
    return Places(*(slice(int(a), int(b)) for a, b in pairwise(ends)))


def judge(labels: Labels) -> Judging:
    """Fit the AI and the people who judge it to a log's judgments.

    The most likely values given the log and :data:`BELIEFS`; their covariance is the inverse of the
    curvature there.

    Parameters
    ----------
    labels : Labels

    Returns
    -------
    Judging

    References
    ----------
    Hui & Walter 1980, Estimating the error rates of diagnostic tests; Dawid & Skene 1979.
    """
    from scipy.optimize import minimize
    from threadpoolctl import threadpool_limits

    at = places_of(labels)
    centre, spread = _prior(at)
    slope_of = _posterior(labels, at, centre, spread)
    start = centre.copy()
    with threadpool_limits(limits=1):  # for so little to add up, more threads only wait
        found = minimize(
            lambda x: slope_of(x), start, jac=True, method="L-BFGS-B",
            options={"maxiter": 2000, "maxfun": 4000, "ftol": 1e-12, "gtol": 1e-4},
        )  # fmt: skip
        x = np.asarray(found.x)
        curvature = _curvature(lambda v: slope_of(v)[1], x)
    values, vectors = np.linalg.eigh(curvature)
    # what the prior knows bounds what can be unknown
    cov = vectors / np.maximum(values, 0.5 / spread.max() ** 2) @ vectors.T
    return Judging(x, cov, spread)


def _prior(at: Places) -> tuple[Floats, Floats]:
    n = at.false_alarm.stop
    centre, spread = np.zeros(n), np.ones(n)
    for name, where in at._asdict().items():
        centre[where], spread[where] = BELIEFS[name]
    return centre, spread


def _posterior(
    labels: Labels, at: Places, centre: Floats, spread: Floats
) -> Callable[[Floats], tuple[float, Floats]]:
    """Minus the logarithm of the posterior, and its slope, as a function of all numbers."""
    w, x, n, carries = labels.workflow, labels.logit, labels.n, labels.carries
    both = [(labels.first, labels.first_by), (labels.second, labels.second_by)]
    visits = [(found, by) for found, by in both if (found >= 0).any()]
    flows, people = len(labels.workflows), len(labels.people)
    told_bad, told_good = labels.truth == 1, labels.truth == 0

    def evaluate(v: Floats) -> tuple[float, Floats]:
        right = v[at.intercept][w] + v[at.slope][w] * x + carries @ v[at.signal]
        log_bad, log_good = -np.logaddexp(0, right), -np.logaddexp(0, -right)
        if_bad, if_good = log_bad.copy(), log_good.copy()
        chances = []
        for found, by in visits:
            hit, alarm = v[at.hit][by], v[at.false_alarm][by]
            sign = np.where(found == 1, 1.0, -1.0)
            seen = found >= 0
            if_bad -= np.where(seen, np.logaddexp(0, -sign * hit), 0.0)
            if_good -= np.where(seen, np.logaddexp(0, -sign * alarm), 0.0)
            chances.append((seen, found == 1, by, _sigmoid(hit), _sigmoid(alarm)))
        if_bad[told_good], if_good[told_bad] = -np.inf, -np.inf
        total = np.logaddexp(if_bad, if_good)
        bad = np.exp(if_bad - total)
        slope = np.zeros_like(v)
        # the slope of a mixture is the mean of its parts' slopes
        pull = n * ((1 - bad) - np.exp(log_good))
        slope[at.intercept] = np.bincount(w, pull, flows)
        slope[at.slope] = np.bincount(w, pull * x, flows)
        slope[at.signal] = carries.T @ pull
        for seen, flagged, by, hit, alarm in chances:
            rows = np.flatnonzero(seen)
            of, f = by[rows], flagged[rows]
            k = n[rows]
            slope[at.hit] += np.bincount(of, k * bad[rows] * (f - hit[rows]), people)
            slope[at.false_alarm] += np.bincount(
                of, k * (1 - bad[rows]) * (f - alarm[rows]), people
            )
        z = (v - centre) / spread
        return float(-(n * total).sum() + 0.5 * (z * z).sum()), -slope + z / spread

    return evaluate


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-np.clip(x, -700, 700))))


def _curvature(slope_of: Callable[[Floats], Floats], x: Floats, h: float = 1e-4) -> Floats:
    out = np.empty((len(x), len(x)))
    for i in range(len(x)):
        step = np.zeros(len(x))
        step[i] = h
        out[i] = (slope_of(x + step) - slope_of(x - step)) / (2 * h)
    return (out + out.T) / 2


def chance_bad(labels_logit: Floats, flow: NDArray[np.int64], carries: Floats,
               found: Judging, at: Places) -> Floats:  # fmt: skip
    """P(bad) of decisions before anybody judged them."""
    v = found.mean
    right = v[at.intercept][flow] + v[at.slope][flow] * labels_logit + carries @ v[at.signal]
    return _sigmoid(-right)
