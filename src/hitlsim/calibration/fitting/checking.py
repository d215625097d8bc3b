"""Whether the log's weeks look like weeks of the fitted scenario."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.columns import EXCEPTION_ROUTES, SAFE_ROUTES
from ...decisions.estimating.intervals import Estimate, ratio_of_clusters
from ...errors import ScenarioError
from ...simulation.run import simulate
from ...simulation.world.draws import check_seed
from ..demand import LONGEST_MINUTES
from .ai import mend_guessing

if TYPE_CHECKING:
    from .fit import Fitted
    from .seen import Seen

Floats = NDArray[np.float64]

FIGURES = {
    "decisions": "decisions",
    "exception_rate": "exception rate",
    "override_rate": "override rate",
    "right_rate": "share judged right",
    "review_hours": "hours of review",
    "wait_minutes": "mean wait in minutes",
    "within_24h": "share begun within 24 h",
}
"""What is compared, week by week."""
_LEAST_RUNS = 19
"""With fewer no band of 90% can be had: its ends are the runs' own extremes."""
_LEVEL = 0.9
_LEAST_N = 5
"""A rate of a week rests on so many at least."""


@dataclass(frozen=True)
class PredictiveCheck:
    """Observed weeks beside simulated ones.

    Attributes
    ----------
    weeks : DataFrame
        For each figure and week: ``monday``, ``figure``, ``observed``, ``low``, ``median``,
        ``high``, ``inside``, ``n`` (of runs).
    level : float
        Share of weeks that the bands are made to hold.
    runs : int
    """

    weeks: pd.DataFrame
    level: float
    runs: int

    @property
    def inside(self) -> Estimate:
        """Share of all observed weekly figures that lie inside their bands; weeks hang together."""
        by_week = self.weeks.groupby("monday")["inside"].agg(["sum", "size"])
        return ratio_of_clusters(by_week["sum"], by_week["size"], clusters="weeks")

    def share_inside(self, figure: str) -> float:
        """The same for one figure; NaN where the log does not have it."""
        mine = self.weeks[self.weeks["figure"] == figure]
        return float(mine["inside"].mean()) if len(mine) else math.nan

    @property
    def fits(self) -> list[str]:
        """The figures of which no more weeks lie outside than chance explains."""
        return [f for f in FIGURES if (self.weeks["figure"] == f).any() and not self._odd(f)]

    def _odd(self, figure: str) -> bool:
        from scipy.stats import binom

        mine = self.weeks[self.weeks["figure"] == figure]
        outside = int((~mine["inside"]).sum())
        # of seven figures one may look odd once in forty checks
        return bool(binom.sf(outside - 1, len(mine), 1 - self.level) < 0.025 / 7)

    def words(self) -> list[str]:
        """What fits and what does not, figure by figure."""
        out = []
        for figure, name in FIGURES.items():
            mine = self.weeks[self.weeks["figure"] == figure]
            if mine.empty:
                continue
            outside = mine[~mine["inside"]]
            said = f"{name}: {len(mine) - len(outside)} of {len(mine)} weeks inside"
            if len(outside):
                above = int((outside["observed"] > outside["high"]).sum())
                which = ", ".join(f"{d:%Y-%m-%d}" for d in outside["monday"][:5])
                more = " ..." if len(outside) > 5 else ""
                sides = f"{above} above, {len(outside) - above} below"
                said += f"; outside ({sides}): {which}{more}"
            if self._odd(figure):
                said += ". That is more than chance explains: the scenario misses something here"
            out.append(said + ".")
        return out


def check(fitted: Fitted, n: int = 40, *, seed: int = 7) -> PredictiveCheck:
    """Simulate a fitted scenario and compare the log's weeks with the simulated ones.

    Each run takes other numbers from within their uncertainty, so that bands hold both what chance
    does to a week and what the log leaves open. Weeks that the log covers in part are left out.

    Parameters
    ----------
    fitted : Fitted
    n : int
        Runs; 19 at least.
    seed : int

    Returns
    -------
    PredictiveCheck

    Raises
    ------
    ScenarioError
        When there are too few runs for a band.

    Notes
    -----
    The log was used for the fit, so a little more than the stated share of its weeks lie inside.

    References
    ----------
    Gelman, Meng & Stern 1996, Posterior predictive assessment of model fitness.
    """
    from .fit import validated

    if n < _LEAST_RUNS:
        raise ScenarioError(f"check with n={n} runs: a band of 90% takes {_LEAST_RUNS} at least")
    seen = fitted.seen
    whole = whole_weeks(seen)
    known = outcomes_known(seen)
    observed = weekly(seen.frame, seen.monday, seen.weeks, known)
    children = np.random.SeedSequence(check_seed(seed)).spawn(n)
    runs = []
    for i, child in enumerate(children):
        parts = fitted.book.drawn(np.random.default_rng(child))
        mend_guessing(parts)
        run = simulate(validated(parts), seed=seed + i)
        runs.append(weekly(run.log.frame, seen.monday, seen.weeks, known).to_numpy())
    stack = np.stack(runs)
    rows = []
    for j, figure in enumerate(observed.columns):
        for week in np.flatnonzero(whole):
            value = float(observed.iloc[week, j])
            drawn = np.sort(stack[np.isfinite(stack[:, week, j]), week, j])
            if not math.isfinite(value) or len(drawn) < _LEAST_RUNS:
                continue
            low, high = _band(drawn)
            rows.append({
                "monday": seen.monday + pd.Timedelta(weeks=int(week)), "figure": figure,
                "observed": value, "low": low, "median": float(np.median(drawn)), "high": high,
                "inside": low <= value <= high, "n": len(drawn),
            })  # fmt: skip
    columns = ["monday", "figure", "observed", "low", "median", "high", "inside", "n"]
    return PredictiveCheck(pd.DataFrame(rows, columns=columns), _LEVEL, n)


def _band(drawn: Floats) -> tuple[float, float]:
    """Between which two of the runs another one lies with the stated probability.

    Of n runs, the k-th and the k-th from the end hold the next one with 1 - 2k/(n + 1).
    """
    k = max(1, int((len(drawn) + 1) * (1 - _LEVEL) / 2))
    return float(drawn[k - 1]), float(drawn[-k])


def whole_weeks(seen: Seen) -> NDArray[np.bool_]:
    """Weeks all of whose weekdays the log covers."""
    week = np.arange(seen.weeks)
    first, last = (seen.days[0] - seen.monday).days, (seen.days[-1] - seen.monday).days
    return np.asarray((7 * week >= first) & (7 * week + 4 <= last))


def outcomes_known(seen: Seen) -> bool:
    """Whether the outcome itself tells of most decisions whether they were right."""
    if not seen.has("ok"):
        return False
    told = seen.words("ok_source").isin(["outcome", ""]) & seen.frame["ok"].notna()
    return bool(told.mean() > 0.5) and not seen.has("verdict")


def weekly(frame: pd.DataFrame, monday: pd.Timestamp, weeks: int, outcomes: bool) -> pd.DataFrame:
    """The figures of each week, by the week of the decision; NaN where there is too little.

    ``outcomes``: rightness is that of all decisions, as outcomes tell it, and not as people judge.
    """
    local = frame["decided_at"].dt.tz_localize(None)
    week = np.asarray((local - monday).dt.days // 7)
    rows = (week >= 0) & (week < weeks)
    frame, week = frame[rows], week[rows]

    def count(which: Any) -> Floats:
        return np.bincount(week, np.asarray(which, float), weeks).astype(float)

    def share(top: Any, bottom: Any) -> Floats:
        n = count(bottom)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.where(n >= _LEAST_N, count(top) / n, np.nan)

    out = pd.DataFrame({"decisions": count(np.ones(len(frame)))}, index=range(weeks))
    blank = np.full(weeks, np.nan)
    route = frame.get("route")
    out["exception_rate"] = out["override_rate"] = out["right_rate"] = blank
    verdict, look = _words(frame, "verdict"), _words(frame, "look_verdict")
    if route is not None:
        exception = np.asarray(route.isin(EXCEPTION_ROUTES))
        out["exception_rate"] = share(exception, route.isin(SAFE_ROUTES))
        judged = exception & (verdict != "")
        out["override_rate"] = share(judged & (verdict != "approve"), judged)
    if outcomes:
        truth = "true_ok" if "true_ok" in frame else "ok"
        known = np.asarray(frame[truth].notna(), bool)
        right = np.asarray(frame[truth].astype("boolean").fillna(False), bool)
        out["right_rate"] = share(known & right, known)
    else:
        said = np.where(look != "", look, verdict)
        out["right_rate"] = share(said == "approve", said != "")
    out["review_hours"] = _hours(frame, count)
    waits = _waits(frame)
    out["wait_minutes"] = out["within_24h"] = blank
    if waits is not None and np.isfinite(waits).any():
        begun = np.isfinite(waits)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean = count(np.where(begun, waits, 0.0)) / count(begun)
        out["wait_minutes"] = np.where(count(begun) >= _LEAST_N, mean, np.nan)
        out["within_24h"] = share(begun & (np.nan_to_num(waits) <= 1440), begun)
    return out


def _words(frame: pd.DataFrame, column: str) -> NDArray[np.object_]:
    if column not in frame:
        return np.full(len(frame), "", object)
    text = frame[column].astype("object")
    return np.asarray(text.where(text.notna(), ""), object)


def _hours(frame: pd.DataFrame, count: Callable[[Any], Floats]) -> Floats:
    """Hands-on hours, sittings longer than any left out; NaN where nothing is timed."""
    minutes = np.full(len(frame), np.nan)
    if {"started_at", "ended_at"} <= set(frame):
        minutes = ((frame["ended_at"] - frame["started_at"]).dt.total_seconds() / 60).to_numpy()
    if not np.isfinite(minutes).any() and "review_minutes" in frame:
        minutes = frame["review_minutes"].to_numpy(float)
    looks = frame["look_minutes"].to_numpy(float) if "look_minutes" in frame else minutes * np.nan
    both = [np.where(m <= LONGEST_MINUTES, m, np.nan) for m in (minutes, looks)]
    if not any(np.isfinite(m).any() for m in both):
        return np.asarray(count(np.ones(len(frame))) * np.nan)
    return np.asarray(sum(count(np.nan_to_num(m)) for m in both) / 60)


def _waits(frame: pd.DataFrame) -> Floats | None:
    if "wait_minutes" in frame and frame["wait_minutes"].notna().any():
        return np.asarray(frame["wait_minutes"], float)
    if {"queued_at", "started_at"} <= set(frame):
        return np.asarray((frame["started_at"] - frame["queued_at"]).dt.total_seconds() / 60)
    return None
