"""The distribution of an AI's own scores: Beta, rounded as tools export them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .learnt import Book, Joint, Scale
from .seen import Seen

Floats = NDArray[np.float64]

_LEAST = 20
"""Fewer scores of a workflow do not show how they spread."""
_MOST_DECIMALS = 6
_MISFIT = 0.08
"""Largest difference between the scores' distribution and the Beta's that is passed over."""


class Scores(NamedTuple):
    """A rounded Beta distribution fitted to scores."""

    mean: Floats
    """Log-odds of the mean, logarithm of the concentration."""
    cov: Floats
    decimals: int
    misfit: float
    """Largest difference of the distribution functions (Kolmogorov)."""


def scores_of(confidence: Floats) -> Scores:
    """Fit a Beta distribution to scores that were rounded and kept off 0 and 1.

    The likelihood is that of the rounding intervals: near 1 half of all scores may be the same.

    Parameters
    ----------
    confidence : array
        Scores from 0 to 1.

    References
    ----------
    Heitjan 1989, Inference from grouped continuous data: a review.

    Examples
    --------
    >>> rng = np.random.default_rng(7)
    >>> found = scores_of(np.round(rng.beta(13.5, 1.5, 4000), 2).clip(0.01, 0.99))
    >>> found.decimals, round(float(1 / (1 + np.exp(-found.mean[0]))), 2)
    (2, 0.9)
    """
    from scipy.optimize import minimize

    decimals = decimals_of(confidence)
    step = 10.0**-decimals
    values, counts = np.unique(np.clip(confidence, step, 1 - step), return_counts=True)
    n = counts.sum()
    # beyond four decimals rounding hides nothing, and there are too many values
    cells = _cells(values, step)
    m = float(np.clip((values * counts).sum() / n, 0.01, 0.99))
    v = float((counts * (values - m) ** 2).sum() / n)
    guess = np.array([math.log(m / (1 - m)), math.log(max(0.6, m * (1 - m) / max(v, 1e-6) - 1))])

    def loss(x: Floats) -> float:
        return -float((counts * np.log(np.maximum(_mass(x, cells), 1e-300))).sum())

    found = minimize(loss, guess, method="Nelder-Mead", options={"xatol": 1e-5, "fatol": 1e-6})
    x = np.asarray(found.x)
    upper = np.cumsum(counts) / n
    misfit = float(np.abs(_upto(x, cells[1]) - upper).max())
    return Scores(x, np.asarray(np.linalg.inv(_hessian(loss, x)), float), decimals, misfit)


def _cells(values: Floats, step: float) -> tuple[Floats, Floats]:
    """From where to where each value was rounded to it; the outermost take all beyond."""
    low = np.where(values <= step, 0.0, values - step / 2)
    high = np.where(values >= 1 - step, 1.0, values + step / 2)
    return low, high


def _upto(x: Floats, at: Floats) -> Floats:
    from scipy.special import betainc

    mean, concentration = 1 / (1 + math.exp(-np.clip(x[0], -30, 30))), math.exp(min(x[1], 20))
    return np.asarray(betainc(mean * concentration, (1 - mean) * concentration, at))


def _mass(x: Floats, cells: tuple[Floats, Floats]) -> Floats:
    return _upto(x, cells[1]) - _upto(x, cells[0])


def _hessian(loss: Callable[[Floats], float], x: Floats, h: float = 1e-3) -> Floats:
    out = np.zeros((2, 2))
    e = np.eye(2) * h
    for i in range(2):
        for j in range(2):
            out[i, j] = (
                loss(x + e[i] + e[j]) - loss(x + e[i] - e[j]) - loss(x - e[i] + e[j])
                + loss(x - e[i] - e[j])
            ) / (4 * h * h)  # fmt: skip
    return out


def decimals_of(values: Floats) -> int:
    """Decimals to which all scores are rounded, from 1 to 6.

    >>> decimals_of(np.array([0.5, 0.25]))
    2
    """
    return next(
        (d for d in range(1, _MOST_DECIMALS) if np.allclose(values, values.round(d), atol=1e-9)),
        _MOST_DECIMALS,
    )


def learn_scores(seen: Seen, book: Book) -> None:
    """Mean, concentration and rounding of every workflow's scores."""
    confidence = seen.number("confidence")
    if not np.isfinite(confidence).any():
        book.note("The log has no scores of the AI: how sure it is, is an assumption.")
        return
    far = []
    for name in seen.workflows:
        mine = confidence[np.asarray(seen.workflow == name) & np.isfinite(confidence)]
        if len(mine) < _LEAST or mine.std() < 1e-9:
            book.note(f"{name} has {len(mine)} scores that tell nothing of their spread; "
                      f"{_LEAST} different ones would.")  # fmt: skip
            continue
        found = scores_of(mine)
        here = ("workflows", name, "ai")
        joint = Joint(
            ((*here, "confidence_mean"), (*here, "confidence_concentration")),
            (Scale.SHARE, Scale.LOG), ((0.001, 0.999), (0.5, 500.0)), found.mean, found.cov,
        )  # fmt: skip
        book.learn_together(joint, [len(mine)] * 2, ["mean score", "how close scores lie"])
        book.count((*here, "confidence_decimals"), found.decimals, len(mine), "rounding of scores")
        if found.misfit > _MISFIT:
            far.append((found.misfit, name))
    if far:
        worst, name = max(far)
        book.note(
            f"The scores of {len(far)} workflow{'s' if len(far) > 1 else ''} are not shaped like "
            f"the Beta distribution a scenario has: in {name} by up to {worst:.0%} of the "
            "decisions. Shares at a single threshold can be off by as much."
        )
