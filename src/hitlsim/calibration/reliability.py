"""Can scores be believed: reliability by bin, the calibration error, and what chance makes of it.

Bins hold equally many decisions each, since scores crowd near the top, where it matters.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ..decisions.estimating.intervals import INDEPENDENT, Estimate, as_row, korn_graubard
from ..errors import LogError

Floats = NDArray[np.float64]
_WORLDS = 400
"""Simulated sets of outcomes behind a null band."""


def reliability_table(
    p: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, bins: int = 10
) -> pd.DataFrame:
    """How often decisions with like scores were right.

    Parameters
    ----------
    p : array of float
        Scores, 0 to 1.
    y : array of bool
        Whether the decision was right.
    weights : array of float, optional
        One over the chance that the outcome is known; default 1.
    bins : int
        Bins of equally many decisions; fewer where scores are tied.

    Returns
    -------
    DataFrame
        One row for each bin, by score: ``score_low``, ``score_high``, ``score`` (mean) and
        ``value``, ``low``, ``high`` (95%), ``n``, ``assumes``, ``few`` of the share that was right.

    Raises
    ------
    LogError
        When there is no outcome, or scores lie outside 0 to 1.

    References
    ----------
    Nguyen & O'Connor 2015 (bins of equal mass); Korn & Graubard 1998 (interval).

    Examples
    --------
    >>> table = reliability_table([0.6, 0.6, 0.9, 0.9], [True, False, True, True], bins=2)
    >>> table[["score", "value", "n"]].to_numpy().tolist()
    [[0.6, 0.5, 2.0], [0.9, 1.0, 2.0]]
    """
    score, right, w = _checked(p, y, weights)
    at = _bins(score, bins)
    rows = []
    for b in range(at.max() + 1):
        here = at == b
        rows.append(
            {
                "score_low": score[here].min(),
                "score_high": score[here].max(),
                "score": float(np.average(score[here], weights=w[here])),
                **as_row(weighted_share(right[here], w[here])),
            }
        )
    return pd.DataFrame(rows)


def weighted_share(hit: Floats, weights: Floats) -> Estimate:
    """A share from observations that weigh unequally, with Korn & Graubard's interval.

    >>> weighted_share(np.array([1.0, 0.0, 0.0]), np.array([2.0, 1.0, 1.0])).value
    0.5
    """
    total = float(weights.sum())
    # rounding must not leave a share of all a hair below 1
    share = 1.0 if hit.all() else float(weights @ hit) / total
    variance = float((weights**2) @ (hit - share) ** 2) / total**2
    fewer = min(hit.sum(), len(hit) - hit.sum())
    effective = total**2 / float(weights @ weights)
    e = korn_graubard(share, variance, effective, seen=len(hit), failures=float(fewer))
    return Estimate(e.value, e.low, e.high, len(hit), INDEPENDENT, e.few)


def ece(p: ArrayLike, y: ArrayLike, weights: ArrayLike | None = None, bins: int = 10) -> float:
    """Expected calibration error: the mean distance between score and share right, over bins.

    ``sum over bins of W_b / W * |share right - mean score|``, W being weights. It is not 0 even
    for a perfect score: see :func:`ece_null_band`.

    References
    ----------
    Naeini, Cooper & Hauskrecht 2015; bins of equal mass.

    Examples
    --------
    >>> round(ece([0.9, 0.9, 0.9, 0.9], [True, True, True, False]), 2)
    0.15
    """
    score, right, w = _checked(p, y, weights)
    return _error(_bins(score, bins), w * (right - score), w)


def ece_null_band(
    p: ArrayLike, weights: ArrayLike | None = None, seed: int = 0, *, bins: int = 10
) -> Estimate:
    """The calibration error that chance alone gives, were these very scores perfect.

    Parameters
    ----------
    p : array of float
        Scores whose outcomes are known.
    weights : array of float, optional
        One over the chance that the outcome is known.
    seed : int
        Of the simulated outcomes.

    Returns
    -------
    Estimate
        Mean, and the range that holds 95% of what chance gives. Only an error above ``high`` is
        evidence against the scores.

    Examples
    --------
    >>> few = ece_null_band(np.full(100, 0.9), seed=1)
    >>> many = ece_null_band(np.full(10_000, 0.9), seed=1)
    >>> bool(many.high < few.value)
    True
    """
    score, _, w = _checked(p, np.zeros(np.shape(p)), weights)
    at, rng = _bins(score, bins), np.random.default_rng(seed)
    by_chance = [
        _error(at, w * ((rng.random(len(score)) < score) - score), w) for _ in range(_WORLDS)
    ]
    low, high = np.quantile(by_chance, [0.025, 0.975])
    return Estimate(
        float(np.mean(by_chance)), float(low), float(high), len(score),
        f"every score is right on average; {_WORLDS} simulated sets of outcomes",
    )  # fmt: skip


def _error(at: NDArray[np.intp], gaps: Floats, weights: Floats) -> float:
    return float(np.abs(np.bincount(at, gaps)).sum() / weights.sum())


def _bins(score: Floats, bins: int) -> NDArray[np.intp]:
    """The bin of each score; equal scores share one, and none is empty."""
    if bins < 1:
        raise LogError(f"bins {bins} must be at least 1, for example 10")
    inner = np.quantile(score, np.arange(1, bins) / bins, method="higher")
    at = np.searchsorted(np.unique(inner), score, side="right")
    return np.asarray(np.unique(at, return_inverse=True)[1], np.intp)


def _checked(
    p: ArrayLike, y: ArrayLike, weights: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    score, right = np.asarray(p, float), np.asarray(y, float)
    w = np.ones(len(score)) if weights is None else np.asarray(weights, float)
    if not len(score) == len(right) == len(w):
        raise LogError(
            f"{len(score)} scores, {len(right)} outcomes and {len(w)} weights do not belong "
            "together; give one of each for every decision"
        )
    if not len(score):
        raise LogError("no outcome is known, so nothing says whether the scores can be believed")
    if not ((score >= 0) & (score <= 1)).all():
        raise LogError("a score lies outside 0 to 1; set confidence_scale in the mapping file")
    if not (w > 0).all():
        raise LogError("a weight is not above 0; it is one over the chance of being known")
    return score, right, w
