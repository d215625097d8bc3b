"""What a score promised in the baseline: the chance of being wrong, given score and workflow."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, log_expit, logit, ndtri

from ..estimating.intervals import NOTHING, Estimate

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_EDGE = 1e-3
"""Scores of 0 and 1 would promise certainty; they count as this far from it."""
_FLOW_SD = 1.0
"""How far workflows are expected to differ, in log-odds; those with few outcomes lean to all."""
FEW_EITHER = 10
"""Wrong ones, and right ones, below which no relation is fitted."""


def stretched(score: Floats) -> Floats:
    """Log-odds of being wrong that a score states."""
    return np.asarray(-logit(np.clip(score, _EDGE, 1 - _EDGE)), float)


@dataclass(frozen=True, slots=True)
class Relation:
    """Log-odds of being wrong: ``level + slope * stated + workflow``, fitted on the baseline.

    A slope of 1 is a score that means what it says; 0 one that says nothing.
    """

    level: float
    slope: float
    flows: Floats

    def expected(self, score: Floats, flow: Whole) -> Floats:
        """Chance of being wrong."""
        return np.asarray(expit(self.log_odds(score, flow)), float)

    def log_odds(self, score: Floats, flow: Whole) -> Floats:
        return np.asarray(self.level + self.slope * stretched(score) + self.flows[flow], float)


def fit(score: Floats, bad: Floats, weight: Floats, flow: Whole, flows: int) -> Relation:
    """Fit by penalised maximum likelihood; weights are scaled to the evidence they carry."""
    x = stretched(score)
    w = weight * weight.sum() / (weight**2).sum()
    middle, sd = float(np.average(x, weights=w)), float(x.std()) or 1.0
    u = (x - middle) / sd

    def loss(theta: Floats) -> tuple[float, Floats]:
        level, slope, own = theta[0], theta[1], theta[2:]
        eta = level + slope * u + own[flow]
        lost = -float((w * (bad * log_expit(eta) + (1 - bad) * log_expit(-eta))).sum())
        residual = w * (expit(eta) - bad)
        each = np.bincount(flow, residual, flows) + own / _FLOW_SD**2
        gradient = np.array([residual.sum(), (residual * u).sum(), *each])
        return lost + float((own**2).sum()) / (2 * _FLOW_SD**2), gradient

    start = np.zeros(2 + flows)
    start[0] = logit(np.clip(np.average(bad, weights=w), _EDGE, 1 - _EDGE))
    found = minimize(loss, start, jac=True, method="BFGS").x
    slope = float(found[1]) / sd if x.std() > 0 else 0.0
    return Relation(float(found[0]) - slope * middle, slope, np.asarray(found[2:], float))


def slope_now(
    relation: Relation, score: Floats, bad: Floats, weight: Floats, flow: Whole
) -> Estimate:
    """Slope of a stretch of time as a multiple of the baseline's, its level being free.

    1: the score tells good from bad as it did; 0: it no longer does.

    References
    ----------
    Cox 1958, the calibration slope.
    """
    if min(bad.sum(), (1 - bad).sum()) < FEW_EITHER or not relation.slope:
        return NOTHING
    u = relation.log_odds(score, flow)
    w = weight * weight.sum() / (weight**2).sum()
    u = u - np.average(u, weights=w)
    theta = np.array([float(logit(np.clip(np.average(bad, weights=w), _EDGE, 1 - _EDGE))), 1.0])
    for _ in range(25):
        p = expit(theta[0] + theta[1] * u)
        v = w * p * (1 - p)
        information = np.array([[v.sum(), (v * u).sum()], [(v * u).sum(), (v * u * u).sum()]])
        residual = w * (bad - p)
        if np.linalg.det(information) < 1e-9:
            return NOTHING
        step = np.linalg.solve(information, [residual.sum(), (residual * u).sum()])
        theta = theta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-8:
            break
    half = float(ndtri(0.975)) * math.sqrt(float(np.linalg.inv(information)[1, 1]))
    slope = float(theta[1])
    return Estimate(slope, slope - half, slope + half, len(bad), "outcomes known by chance")
