"""How good held-out scores are, and whether there is any signal in them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import logit, ndtr, ndtri, stdtr

from ...decisions.estimating.intervals import Estimate
from ...errors import NotEnoughEvidence
from ..reliability import ece, ece_null_band
from .crossfit import Held
from .encoding import Floats
from .learners import log_losses
from .parts import Bools, Ints, Lesson

FALSE_ALARM = 0.01
"""How often a log without any signal is said to have one."""
POWER = 0.80
"""How often a score worth having must be found for a log without one to count as evidence."""
WORTH_AUROC = 0.60
"""A score worth having: in so many of 100 pairs the right one scores above the wrong one."""
_ENOUGH_CLUSTERS = 20
_DRAWS = 400
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Clusters:
    """Decisions that may resemble each other, and are drawn together."""

    of: Ints
    name: str


def clusters(data: Lesson, rows: Ints) -> Clusters:
    """Weeks where there are enough of them, else days, else accounts or twins."""
    if data.has_time:
        for code, name in ((data.week, "weeks"), (data.day, "days")):
            found = np.unique(code[rows], return_inverse=True)[1]
            if found.max(initial=0) + 1 >= _ENOUGH_CLUSTERS:
                return Clusters(found, name)
    kept = "decisions, twins and those of an account kept together,"
    return Clusters(np.unique(data.group[rows], return_inverse=True)[1], kept)


def resampled(data: Lesson, rows: Ints, figure: Callable[[Floats], float], seed: int) -> Estimate:
    """A figure with its interval by resampling clusters.

    Parameters
    ----------
    figure : callable
        The figure for given weights of the rows; rows may weigh 0.

    References
    ----------
    Efron & Tibshirani 1993 (percentile intervals); Field & Welsh 2007 (clusters).
    """
    by = clusters(data, rows)
    weight = data.weight[rows]
    m = int(by.of.max()) + 1
    rng = np.random.default_rng(seed)
    drawn = [figure(weight * np.bincount(rng.integers(m, size=m), minlength=m)[by.of])
             for _ in range(_DRAWS)]  # fmt: skip
    known = np.array([x for x in drawn if math.isfinite(x)])
    low, high = np.quantile(known, [0.025, 0.975]) if len(known) else (math.nan, math.nan)
    assumes = f"{by.name} independent of each other; {_DRAWS} resamples of {m:,}"
    return Estimate(figure(weight), float(low), float(high), len(rows), assumes)


def auroc_of(p: Floats, right: Bools) -> Callable[[Floats], float]:
    """Chance that a right one scores above a wrong one, as a figure of weights; ties count half.

    >>> auroc_of(np.array([0.9, 0.8, 0.8]), np.array([True, False, True]))(np.ones(3))
    0.75
    """
    _, at = np.unique(p, return_inverse=True)

    def figure(weight: Floats) -> float:
        good, bad = np.bincount(at, weight * right), np.bincount(at, weight * ~right)
        pairs = good.sum() * bad.sum()
        below = np.cumsum(bad) - bad
        return float(good @ (below + bad / 2) / pairs) if pairs > 0 else math.nan

    return figure


def judged_on(data: Lesson, p: Floats) -> Ints:
    """Scored decisions with known outcomes, of the last third where there is an order of time.

    Raises
    ------
    NotEnoughEvidence
        When they hold no right one, or no wrong one.
    """
    scored = data.known & ~np.isnan(p)
    late = scored & data.last_third
    rows = np.flatnonzero(late if data.has_time and late.any() else scored)
    right = int(data.right[rows].sum())
    if not 0 < right < len(rows):
        kind = "right" if right else "wrong"
        raise NotEnoughEvidence(
            f"not enough evidence to judge a score: all {len(rows):,} outcomes that it could be "
            f"judged on{' (the last third)' if data.has_time else ''} are {kind}; it takes right "
            "ones and wrong ones. Learn it from a log that ends later, or earlier"
        )
    return rows


def two_figures(data: Lesson, p: Floats, rows: Ints, seed: int) -> dict[str, Estimate]:
    """Log-loss and AUROC, each with its interval."""
    q, right = p[rows], data.right[rows]
    return {
        "log_loss": resampled(data, rows, mean_of(log_losses(q, right)), seed),
        "auroc": resampled(data, rows, auroc_of(q, right), seed),
    }


def figures(data: Lesson, p: Floats, rows: Ints, seed: int) -> dict[str, Estimate]:
    """Log-loss, AUROC, Brier score and calibration error, each with its interval."""
    q, right = p[rows], data.right[rows]

    def calibration(weight: Floats) -> float:
        some = weight > 0
        return ece(q[some], right[some], weight[some])

    return {
        **two_figures(data, p, rows, seed),
        "brier": resampled(data, rows, mean_of((q - right) ** 2), seed),
        "ece": resampled(data, rows, calibration, seed),
        "ece_by_chance": ece_null_band(q, data.weight[rows], seed),
    }


def mean_of(values: Floats) -> Callable[[Floats], float]:
    """The weighted mean, as a figure of weights."""
    return lambda weight: float(weight @ values) / float(weight.sum())


def gain(data: Lesson, better: Floats, worse: Floats, rows: Ints, seed: int) -> Estimate:
    """By how much the log-loss of one score is lower than that of another, decision by decision."""
    right = data.right[rows]
    saved = log_losses(worse[rows], right) - log_losses(better[rows], right)
    return resampled(data, rows, mean_of(saved), seed)


def better_order(data: Lesson, better: Floats, worse: Floats, rows: Ints, seed: int) -> Estimate:
    """By how much the AUROC of one score is higher than that of another, on the same resamples."""
    one, other = (auroc_of(p[rows], data.right[rows]) for p in (better, worse))
    return resampled(data, rows, lambda weight: one(weight) - other(weight), seed)


@dataclass(frozen=True)
class Signal:
    """Whether scores tell right from wrong better than the base rate does.

    Attributes
    ----------
    status : str
        ``signal``, ``no signal`` or ``not enough evidence``.
    gain : Estimate
        Log-loss of the base rate known at that time, minus the score's.
    p_value : float
        How often chance alone orders decisions so well.
    power : float
        How often a score worth having would have been found.
    needed : int
        Known outcomes that it takes for that.
    """

    status: str
    gain: Estimate
    p_value: float
    power: float
    needed: int


def signal(data: Lesson, held: Held, seed: int) -> Signal:
    """Test the held-out log-loss against the base rate known at that time.

    If nothing that was seen says anything on outcomes, then those of one day could as well have
    come in any other order. Exchanging them changes the held-out log-loss only through
    ``sum of y * logit(p)``, and leaves that of the base rate, which is the same all day. So the
    test is on that sum, centred within days; its variance is that between accounts or twins.

    References
    ----------
    Mantel 1963 (association within strata); Liang & Zeger 1986 (variance between clusters).
    """
    rows = np.flatnonzero(data.known & ~np.isnan(held.p))
    better = gain(data, held.p, held.base, rows, seed)
    p_value = chance_of(
        held.p[rows], data.right[rows], data.weight[rows], data.day[rows], data.group[rows]
    )
    power, factor = _power(data.right[rows], data.weight[rows])
    status = "no signal"
    if p_value < FALSE_ALARM and better.value > 0:
        status = "signal"
    elif power < POWER:
        status = "not enough evidence"
    return Signal(status, better, p_value, power, math.ceil(factor * data.known.sum()))


def chance_of(p: Floats, right: Bools, weight: Floats, day: Ints, group: Ints) -> float:
    """How often chance alone orders the decisions of a day so well; one-sided."""
    z = _centred(logit(p), weight, day)
    # a score that is the same all day must not be ranked by its rounding
    z[np.abs(z) < _ROUNDING] = 0.0
    y = _centred(right.astype(float), weight, day)
    apart = np.unique(group, return_inverse=True)[1]
    sums = np.bincount(apart, weight * z * y)
    m = int((sums != 0).sum())
    spread = math.sqrt(float(sums @ sums))
    if m < 2 or spread == 0:
        return 1.0
    return float(stdtr(m - 1, -sums.sum() / spread))


def _centred(x: Floats, weight: Floats, day: Ints) -> Floats:
    _, at = np.unique(day, return_inverse=True)
    means = np.bincount(at, weight * x) / np.bincount(at, weight)
    return np.asarray(x - means[at])


def _power(right: Bools, weight: Floats) -> tuple[float, float]:
    """Power to find a score worth having, and by which factor more would do.

    References
    ----------
    Hanley & McNeil 1982: without signal the AUROC's variance is (1/m + 1/n) / 12 in large samples.
    """
    variance = 0.0
    for kind in (right, ~right):
        w = weight[kind]
        # rows that weigh unequally tell as much as fewer that weigh the same (Kish 1965)
        variance += float(w @ w) / float(w.sum()) ** 2 / 12 if len(w) else math.inf
    shift = (WORTH_AUROC - 0.5) / math.sqrt(variance)
    wanted = float(ndtri(1 - FALSE_ALARM) + ndtri(POWER))
    return float(ndtr(shift - ndtri(1 - FALSE_ALARM))), (wanted / shift) ** 2 if shift else math.inf


def importances(data: Lesson, held: Held, rows: Ints, seed: int) -> pd.DataFrame:
    """How much the log-loss rises when a column's values are dealt out anew among decisions.

    References
    ----------
    Breiman 2001 (permutation importance), here on held-out parts.
    """
    rng = np.random.default_rng(seed)
    judged = np.zeros(len(data), bool)
    judged[rows] = True
    found = []
    for column in data.kinds:
        rise = np.zeros(len(data))
        for chosen in held.chosen:
            mine = chosen.rows[judged[chosen.rows]]
            if not len(mine):
                continue
            frame = data.frame.iloc[mine]
            dealt = frame.assign(**{column: frame[column].to_numpy()[rng.permutation(len(mine))]})
            right = data.right[mine]
            after = log_losses(chosen.model.scores(dealt), right)
            rise[mine] = after - log_losses(held.p[mine], right)
        e = resampled(data, rows, mean_of(rise[rows]), seed)
        found.append({"column": column, "importance": e.value, "low": e.low, "high": e.high})
    table = pd.DataFrame(found, columns=["column", "importance", "low", "high"])
    return table.sort_values("importance", ascending=False, kind="stable", ignore_index=True)


def given_on(data: Lesson, p: Floats, rows: Ints) -> tuple[Ints, Floats]:
    """Rows that also came with a confidence, and that confidence kept off 0 and 1."""
    both = rows[~np.isnan(data.given[rows]) & ~np.isnan(p[rows])]
    return both, np.clip(data.given, 1e-6, 1 - 1e-6)
