"""Silent errors: how many bad decisions went out alone, from outcomes that are mostly unseen.

Decisions that went alone have a label only where somebody looked, or where the outcome is known.
The looks are a random sample with known chances (``inclusion``), so each counts with the inverse of
its chance, within its workflow (Horvitz & Thompson, as a ratio within strata). Complaints are left
out: they come only about bad decisions. The interval is Korn & Graubard's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .intervals import INDEPENDENT, NOTHING, Estimate, korn_graubard


def sampled(frame: pd.DataFrame) -> NDArray[np.bool_]:
    """Which decisions of a log have an outcome that is known otherwise than by a complaint.

    The same rule as in :func:`~hitlsim.decisions.counting.tally.tally`, for a log in memory.
    """
    if "ok" not in frame:
        return np.zeros(len(frame), bool)
    known = np.array(frame["ok"].notna())
    if "ok_source" in frame:
        known &= np.asarray(frame["ok_source"].astype("str") != "complaint")
    return known


@dataclass(frozen=True, slots=True)
class _Errors:
    """Estimated bad decisions on either side of the boundary, with their variances."""

    auto: float
    auto_bad: float
    auto_squares: float
    """Sum of squared weights over the bad ones seen."""
    squares: float
    """Sum of squared weights over all that were seen."""
    asked: float
    """Decisions that a person was asked about first, though the AI might take them alone."""
    asked_bad: float
    asked_squares: float
    failures: float
    seen: float
    covered: float
    """Share of the decisions that went alone whose workflow had at least one look."""

    @property
    def assumes(self) -> str:
        if self.covered > 0.995:
            return f"{INDEPENDENT}, looked at by chance, judged as the lookers judged"
        return (
            f"{INDEPENDENT}, looked at by chance; speaks for {self.covered:.0%} of what went "
            "alone: the other workflows had no look"
        )


def _errors(rows: pd.DataFrame) -> _Errors | None:
    codes, flows = pd.factorize(rows["workflow"])

    def total(column: str) -> NDArray[np.float64]:
        return np.asarray(np.bincount(codes, rows[column].to_numpy(float), len(flows)), float)

    auto, safe, weight = total("auto"), total("safe"), total("auto_w")
    some = weight > 0
    seen = float(auto[some].sum())
    if not seen:
        return None
    scale = np.divide(auto, weight, out=np.zeros_like(auto), where=some)
    sampled, bad = total("asked_sampled"), total("asked_bad")
    up = np.divide(safe - auto, sampled, out=np.zeros_like(auto), where=sampled > 0)
    return _Errors(
        auto=seen,
        auto_bad=float((scale * total("auto_w_bad")).sum()),
        auto_squares=float((scale**2 * total("auto_ww_bad")).sum()),
        squares=float((scale**2 * total("auto_ww")).sum()),
        asked=float((safe - auto).sum()),
        asked_bad=float((up * bad).sum()),
        asked_squares=float((up**2 * bad).sum()),
        failures=float(total("auto_bad")[some].sum()),
        seen=float(total("auto_sampled")[some].sum()),
        covered=seen / float(auto.sum()),
    )


def fn_of_auto(rows: pd.DataFrame) -> Estimate:
    """P(bad given auto): among decisions that went alone, the share that was bad."""
    e = _errors(rows)
    if e is None:
        return NOTHING
    p = e.auto_bad / e.auto
    variance = _spread(e, p, zeros=0.0) / e.auto**2
    return _interval(e, p, variance, e.auto**2 / e.squares)


def fn_share(rows: pd.DataFrame) -> Estimate:
    """P(auto and bad): among all decisions the AI was allowed to take, the silent errors."""
    e = _errors(rows)
    if e is None:
        return NOTHING
    total = e.auto + e.asked * e.covered
    p = e.auto_bad / total
    zeros = e.asked * e.covered
    variance = _spread(e, p, zeros=zeros) / total**2
    return _interval(e, p, variance, total**2 / (e.squares + zeros))


def fn_of_bad(rows: pd.DataFrame) -> Estimate:
    """P(auto given bad): among bad decisions, the share that no exception caught."""
    e = _errors(rows)
    if e is None or not e.auto_bad + e.asked_bad:
        return NOTHING
    bad = e.auto_bad + e.asked_bad
    p = e.auto_bad / bad
    variance = (e.auto_squares * (1 - p) ** 2 + e.asked_squares * p**2) / bad**2
    return _interval(e, p, variance, e.failures + e.asked_bad)


def _spread(e: _Errors, p: float, *, zeros: float) -> float:
    """Sum of squared weighted deviations from ``p``; ``zeros`` exceptions are known not silent."""
    return (1 - 2 * p) * e.auto_squares + p * p * (e.squares + zeros)


def _interval(e: _Errors, p: float, variance: float, n_if_none: float) -> Estimate:
    known = korn_graubard(
        float(np.clip(p, 0, 1)), variance, n_if_none, failures=e.failures, assumes=e.assumes
    )
    # what readers can check is how many were looked at, not the effective number
    return Estimate(known.value, known.low, known.high, e.seen, known.assumes, known.few)
