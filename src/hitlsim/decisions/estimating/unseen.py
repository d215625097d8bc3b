"""Silent errors: how many bad decisions went out alone, from outcomes that are mostly unseen.

Decisions that went alone have a label only where somebody looked, or where the outcome is known.
The looks are a random sample with known chances (``inclusion``), so each counts with the inverse of
its chance, within its workflow (Horvitz & Thompson, as a ratio within strata). Complaints are left
out: they come only about bad decisions. The interval is Korn & Graubard's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..columns import SAFE_ROUTES
from .intervals import FEW, INDEPENDENT, NOTHING, Estimate, korn_graubard


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


def sums(frame: pd.DataFrame, known: NDArray[np.bool_], bad: NDArray[np.bool_]) -> pd.DataFrame:
    """What the estimates need, by workflow, from a log in memory.

    The same counts as of :func:`~hitlsim.decisions.counting.tally.tally`, for any label.

    Parameters
    ----------
    frame : DataFrame
        Decisions with their ``route``, and ``inclusion`` where looks had unequal chances.
    known, bad : array of bool
        Which outcomes count as known, and which of them as bad.

    Examples
    --------
    >>> frame = pd.DataFrame({"route": ["auto", "auto", "review"], "inclusion": [0.5, 0.5, 1.0]})
    >>> rows = sums(frame, np.array([True, False, True]), np.array([True, False, False]))
    >>> rows[["auto", "auto_w", "asked_sampled"]].to_numpy().tolist()
    [[2.0, 2.0, 1.0]]
    """
    auto = np.asarray(frame["route"] == "auto")
    safe = np.asarray(frame["route"].isin(SAFE_ROUTES))
    asked = safe & ~auto
    weight = np.ones(len(frame))
    if "inclusion" in frame:
        chance = frame["inclusion"].fillna(1.0).to_numpy(float)
        weight = np.divide(1, chance, out=np.zeros(len(frame)), where=known & (chance > 0))
    codes, flows = np.zeros(len(frame), np.int64), np.array(["all"])
    if "workflow" in frame:
        codes, found = pd.factorize(frame["workflow"], sort=True, use_na_sentinel=False)
        flows = np.array([flow if isinstance(flow, str) else "all" for flow in found])
    seen, failed = auto & known, auto & known & bad
    columns = {
        "safe": safe, "auto": auto, "auto_sampled": seen, "auto_bad": failed,
        "auto_w": seen * weight, "auto_w_bad": failed * weight,
        "auto_ww": seen * weight**2, "auto_ww_bad": failed * weight**2,
        "asked_sampled": asked & known, "asked_bad": asked & known & bad,
    }  # fmt: skip
    return pd.DataFrame(
        {"workflow": flows, **{n: np.bincount(codes, v, len(flows)) for n, v in columns.items()}}
    )


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
    asked_seen_squares: float
    """The same over all of these whose outcome is known."""
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
        asked_seen_squares=float((up**2 * sampled).sum()),
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
    if not e.auto_bad:
        # as many may have gone alone unseen as the looks cannot rule out
        none = fn_of_auto(rows)
        hidden = none.high * e.auto
        return replace(none, high=hidden / (hidden + e.asked_bad))
    p = e.auto_bad / bad
    variance = (e.auto_squares * (1 - p) ** 2 + e.asked_squares * p**2) / bad**2
    return _interval(e, p, variance, e.failures + e.asked_bad)


def bad_share(rows: pd.DataFrame) -> Estimate:
    """P(bad): among all decisions the AI was allowed to take, whoever took them in the end."""
    e = _errors(rows)
    if e is None:
        return NOTHING
    total = e.auto + e.asked * e.covered
    p = min(1.0, (e.auto_bad + e.asked_bad * e.covered) / total)
    bad_squares = e.auto_squares + e.asked_squares
    squares = e.squares + e.asked_seen_squares
    variance = ((1 - 2 * p) * bad_squares + p * p * squares) / total**2
    known = _interval(e, p, variance, total**2 / squares)
    return replace(known, few=e.failures + e.asked_bad < FEW)


def effective_of_auto(rows: pd.DataFrame) -> tuple[float, float]:
    """The weighted share of what went alone that was bad, and the effective number behind it.

    >>> rows = sums(pd.DataFrame({"route": ["auto"] * 4}), np.full(4, True), np.arange(4) < 1)
    >>> effective_of_auto(rows)
    (0.25, 4.0)
    """
    e = _errors(rows)
    if e is None:
        return 0.0, 0.0
    p = min(1.0, e.auto_bad / e.auto)
    variance = _spread(e, p, zeros=0.0) / e.auto**2
    if variance > 0 and 0 < p < 1:
        return p, p * (1 - p) / variance
    return p, e.auto**2 / e.squares


def _spread(e: _Errors, p: float, *, zeros: float) -> float:
    """Sum of squared weighted deviations from ``p``; ``zeros`` exceptions are known not silent."""
    return (1 - 2 * p) * e.auto_squares + p * p * (e.squares + zeros)


def _interval(e: _Errors, p: float, variance: float, n_if_none: float) -> Estimate:
    known = korn_graubard(
        float(np.clip(p, 0, 1)), variance, n_if_none, failures=e.failures, assumes=e.assumes
    )
    # what readers can check is how many were looked at, not the effective number
    return Estimate(known.value, known.low, known.high, e.seen, known.assumes, known.few)
