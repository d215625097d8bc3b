"""Silent errors: how many bad decisions went out alone, from outcomes that are mostly unseen.

Decisions that went alone have a label only where somebody looked, or where the outcome is known.
The looks are a random sample with known chances (``inclusion``), so each counts with the inverse of
its chance, within its workflow (Horvitz & Thompson, as a ratio within strata). Complaints are left
out: they come only about bad decisions. The interval is Korn & Graubard's. A workflow that was not
looked at counts on neither side of the boundary.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..columns import SAFE_ROUTES
from .intervals import (
    FEW,
    INDEPENDENT,
    NOTHING,
    Estimate,
    clopper_pearson,
    effective_size,
    korn_graubard,
)

Floats = NDArray[np.float64]
COUNTS = ("safe", "auto", "auto_sampled", "auto_bad", "auto_w", "auto_w_bad", "auto_ww",
          "auto_ww_bad", "asked_sampled", "asked_bad")  # fmt: skip
"""What the estimates need to know."""
Counts: TypeAlias = pd.DataFrame | Mapping[str, Floats]
"""Rows with a ``workflow`` each, or sums with a number for each workflow."""


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


def chances(frame: pd.DataFrame) -> Floats:
    """The chance that an outcome gets known; 1 where the log does not say.

    What had no chance counts as one where it is known all the same, as in
    :func:`~hitlsim.decisions.counting.tally.tally`.

    >>> chances(pd.DataFrame({"inclusion": [0.1, 1.0, None, 0.0]})).tolist()
    [0.1, 1.0, 1.0, 1.0]
    """
    if "inclusion" not in frame:
        return np.ones(len(frame))
    chance = frame["inclusion"].to_numpy(float, na_value=np.nan)
    return np.where(chance > 0, chance, 1.0)


def weights(frame: pd.DataFrame, known: NDArray[np.bool_]) -> Floats:
    """One over the chance of being known, of decisions that are; else 0 (Horvitz & Thompson 1952).

    >>> weights(pd.DataFrame({"inclusion": [0.5, np.nan, 0.5]}), np.array([True, True, False]))
    array([2., 1., 0.])
    """
    return known / chances(frame)


def workflows(frame: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.str_]]:
    """The number of each decision's workflow, and their names."""
    if "workflow" not in frame:
        return np.zeros(len(frame), np.int64), np.array(["all"])
    codes, found = pd.factorize(frame["workflow"], sort=True, use_na_sentinel=False)
    return codes, np.array([flow if isinstance(flow, str) else "all" for flow in found])


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
    weight, (codes, flows) = weights(frame, known), workflows(frame)
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
class _Side:
    """One side of the boundary: what went alone, or what people were asked about first."""

    n: float
    """Decisions."""
    bad: float
    """Estimated bad ones of these."""
    found_squares: float
    """Sum of squared weights over the bad ones seen."""
    half_squares: float
    """The same over half a one for each workflow of which no look was bad."""
    squares: float
    """Sum of squared weights over all that were seen."""
    seen: float
    found: float
    """Bad ones seen."""

    def __add__(self, other: _Side) -> _Side:
        return _Side(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))

    @property
    def share(self) -> float:
        return min(1.0, self.bad / self.n)

    @property
    def bad_squares(self) -> float:
        """Variance of the number of bad ones, were they rare.

        Where no look was bad there may be bad ones all the same, so half a one counts; as long as
        that says no less than if all workflows were alike.
        """
        alike = self.squares * self.share if self.bad else 0.0
        return self.found_squares + min(self.half_squares, max(0.0, alike - self.found_squares))

    def spread(self, p: float) -> float:
        """Sum of squared weighted deviations from a share of bad ones."""
        return (1 - 2 * p) * self.bad_squares + p * p * self.squares

    @property
    def variance(self) -> float:
        return self.spread(self.share) / self.n**2

    @property
    def if_none(self) -> float:
        """The effective number where none was bad (Kish)."""
        return self.n**2 / self.squares


@dataclass(frozen=True, slots=True)
class _Errors:
    """Bad decisions on either side of the boundary, in the workflows of which enough is known."""

    auto: _Side
    asked: _Side
    """Those that a person was asked about first, though the AI might take them alone."""
    covered: float
    """Share of the decisions that went alone that are of these workflows."""

    @property
    def assumes(self) -> str:
        if self.covered > 0.995:
            return f"{INDEPENDENT}, looked at by chance, judged as the lookers judged"
        return (
            f"{INDEPENDENT}, looked at by chance; speaks for {self.covered:.0%} of what went "
            "alone: too little is known of the other workflows"
        )


def _errors(rows: Counts, *, both_sides: bool = False) -> _Errors | None:
    """Sums over the workflows that had a look; where both sides count, over those known on both."""
    total = rows if isinstance(rows, Mapping) else _by_workflow(rows)
    auto, weight = total["auto"], total["auto_w"]
    asked, sampled, bad = total["safe"] - auto, total["asked_sampled"], total["asked_bad"]
    some = weight > 0
    if both_sides:
        some &= (asked == 0) | (sampled > 0)
    if not auto[some].sum():
        return None
    alone = (auto, weight, total["auto_w_bad"], total["auto_ww"], total["auto_ww_bad"],
             total["auto_sampled"], total["auto_bad"])  # fmt: skip
    return _Errors(
        _side(*(x[some] for x in alone)),
        _side(*(x[some] for x in (asked, sampled, bad, sampled, bad, sampled, bad))),
        float(auto[some].sum() / auto.sum()),
    )


def _by_workflow(rows: pd.DataFrame) -> Mapping[str, Floats]:
    codes, flows = pd.factorize(rows["workflow"])
    return {
        name: np.asarray(np.bincount(codes, rows[name].to_numpy(float), len(flows)), float)
        for name in COUNTS
    }


def _side(
    n: Floats, w: Floats, w_bad: Floats, ww: Floats, ww_bad: Floats, seen: Floats, found: Floats
) -> _Side:
    """One side from its sums by workflow, the weights of each raised to all of it."""
    scale = np.divide(n, w, out=np.zeros_like(n), where=w > 0)
    ww = scale**2 * ww
    half = np.where(found > 0, 0, 0.5 * ww / (seen + 1))
    columns = (n, scale * w_bad, scale**2 * ww_bad, half, ww, seen, found)
    return _Side(*(float(x.sum()) for x in columns))


def fn_of_auto(rows: Counts) -> Estimate:
    """P(bad given auto): among decisions that went alone, the share that was bad."""
    e = _errors(rows)
    return NOTHING if e is None else _alone(e)


def _alone(e: _Errors) -> Estimate:
    return _interval(e, e.auto.share, e.auto.variance, e.auto.if_none, seen=e.auto.seen)


def fn_share(rows: Counts) -> Estimate:
    """P(auto and bad): among all decisions the AI was allowed to take, the silent errors."""
    e = _errors(rows)
    if e is None:
        return NOTHING
    # what people were asked about is known not to be silent
    zeros, total = e.asked.n, e.auto.n + e.asked.n
    p = e.auto.bad / total
    variance = (e.auto.spread(p) + p * p * zeros) / total**2
    if_none = total**2 / (e.auto.squares + zeros)
    return _interval(e, p, variance, if_none, seen=e.auto.seen + zeros)


def fn_of_bad(rows: Counts) -> Estimate:
    """P(auto given bad): among bad decisions, the share that no exception caught."""
    e = _errors(rows, both_sides=True)
    if e is None or not e.auto.bad + e.asked.bad:
        return NOTHING
    bad = e.auto.bad + e.asked.bad
    if not e.auto.bad:
        # as many may have gone alone unseen as the looks cannot rule out
        none = _alone(e)
        hidden = none.high * e.auto.n
        return replace(none, high=hidden / (hidden + e.asked.bad))
    p = e.auto.bad / bad
    variance = (e.auto.bad_squares * (1 - p) ** 2 + e.asked.bad_squares * p**2) / bad**2
    found = e.auto.found + e.asked.found
    known = _interval(e, p, variance, found, seen=found)
    if e.asked.bad or not e.asked.n:
        return known
    # nor do the exceptions whose outcome is known rule out that some caught a bad one
    caught = clopper_pearson(0, e.asked.seen).high * e.asked.n
    return replace(known, low=min(known.low, bad / (bad + caught)))


def bad_share(rows: Counts) -> Estimate:
    """P(bad): among all decisions the AI was allowed to take, whoever took them in the end."""
    e = _errors(rows, both_sides=True)
    if e is None:
        return NOTHING
    both = e.auto + e.asked
    known = _interval(e, both.share, both.variance, both.if_none, seen=both.seen)
    return replace(known, few=both.found < FEW)


def effective_of_auto(rows: Counts) -> tuple[float, float]:
    """The weighted share of what went alone that was bad, and the effective number behind it.

    >>> rows = sums(pd.DataFrame({"route": ["auto"] * 4}), np.full(4, True), np.arange(4) < 1)
    >>> effective_of_auto(rows)
    (0.25, 4.0)
    """
    e = _errors(rows)
    if e is None:
        return 0.0, 0.0
    a = e.auto
    return a.share, effective_size(a.share, a.variance, a.if_none, seen=a.seen)


def _interval(e: _Errors, p: float, variance: float, if_none: float, *, seen: float) -> Estimate:
    known = korn_graubard(
        float(np.clip(p, 0, 1)), variance, if_none,
        seen=seen, failures=e.auto.found, assumes=e.assumes,
    )  # fmt: skip
    # what readers can check is how many were looked at, not the effective number
    return replace(known, n=e.auto.seen)
