"""One run, counted for what habits change: who looked, for how long, and what went out wrong."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...scenario.hours import HOUR_MS, MINUTE_MS
from ...simulation.contract import NEVER, REDRAFT, Route, Verdict
from ...simulation.outcome.taken import Into, Taken
from ...simulation.run import Run

Floats = NDArray[np.float64]
_DAYS = 7


@dataclass(frozen=True)
class Told:
    """What a run comes down to.

    Attributes
    ----------
    sums : dict of str to ndarray
        By week of the scenario; work by the week in which it was done, all else by the week of
        the decision.
    wait_minutes, wait_p90 : float
        Mean wait of what people began, and within how many minutes nine in ten were begun.
    """

    sums: dict[str, Floats]
    wait_minutes: float
    wait_p90: float

    def total(self, name: str) -> float:
        """Over all weeks."""
        return float(self.sums[name].sum())


def told_of(run: Run) -> Told:
    """Count a run.

    Examples
    --------
    >>> import hitlsim as hs
    >>> run = hs.simulate(hs.load("outbound"), seed=7)
    >>> told_of(run).total("n") == len(run.log)
    True
    """
    t = Taken(run.scenario, run.draws, run.outcome, run.stale)
    into = Into(_weeks(t.day, run.scenario.weeks), run.scenario.weeks)
    begun = t.asked["started"] != NEVER
    waits = (t.asked["started"][begun] - t.asked["queued"][begun]) / MINUTE_MS
    sums = {**_routes(t, into), **_judged(t, into), **_money(t, into), **_work(t)}
    if not len(waits):
        return Told(sums, np.nan, np.nan)
    return Told(sums, float(waits.mean()), float(np.quantile(waits, 0.9)))


def _weeks(day: NDArray[np.int64], weeks: int) -> NDArray[np.int64]:
    """The week of a day; what is done after the end counts in the last."""
    return np.clip(day // _DAYS, 0, weeks - 1)


def _routes(t: Taken, into: Into) -> dict[str, Floats]:
    auto, peek = t.route == Route.AUTO, t.route == Route.PEEK
    exception = (t.route == Route.REVIEW) | (t.route == Route.TRIAGE)
    touched = np.zeros(len(t), bool)
    touched[t.picked] = t.looks["verdict"] != NEVER
    touched[t.waited] |= t.asked["verdict"] != NEVER
    return {
        "n": into(),
        "safe": into(auto | exception | peek),
        "exceptions": into(exception),
        "touched": into(touched),
        "silent": into(auto & ~t.right),
    }


def _judged(t: Taken, into: Into) -> dict[str, Floats]:
    """Of the wrong drafts before a reviewer, those let through."""
    asked = t.asked
    wrong = (asked["verdict"] != NEVER) & (asked["by_hand"] != 1) & ~t.right[t.waited]
    passed = wrong & (asked["verdict"] == Verdict.APPROVE)
    return {"wrong_seen": into.among(t.waited)(wrong), "passed": into.among(t.waited)(passed)}


def _money(t: Taken, into: Into) -> dict[str, Floats]:
    bad, lost, harm = (t.after(name) for name in ("bad_out", "lost", "harm"))
    return {
        "bad_out": into(bad),
        # the log has cents
        "lost": into(np.round(np.where(np.isnan(lost), 0.0, lost), 2)) + into(np.round(harm, 2)),
    }


def _work(t: Taken) -> dict[str, Floats]:
    """Hours of people by the week in which they worked, and what those cost."""
    pools = t.scenario.pools
    wages = np.array([pool.cost_per_hour for pool in pools.values()])[t.pool()]
    weeks = t.scenario.weeks
    asked, looks = t.asked, t.looks
    done = np.flatnonzero(asked["ended"] != NEVER)
    some, started = t.waited[done], asked["started"][done]
    took = np.zeros(len(t), np.int64)
    took[some] = asked["ended"][done] - started
    again = t.visits(t.redrafted, REDRAFT)
    took[t.redrafted] += np.where(again["ended"] != NEVER, again["ended"] - again["started"], 0)
    hours, week = took[some] / HOUR_MS, _weeks(t.clock.days(started), weeks)
    route, own = asked["route"][done], asked["by_hand"][done] != 1
    exception = own & ((route == Route.REVIEW) | (route == Route.TRIAGE))
    looked = np.flatnonzero(looks["ended"] != NEVER)
    ended = looks["ended"][looked]
    look_hours = (ended - looks["started"][looked]) / HOUR_MS
    look_week = _weeks(t.clock.days(ended), weeks)
    into, after = Into(week, weeks), Into(look_week, weeks)
    return {
        "hours": into(hours) + after(look_hours),
        "exception_hours": into(hours * exception),
        "peek_hours": into(hours * (own & (route == Route.PEEK))),
        "wages": into(hours * wages[some]) + after(look_hours * wages[t.picked[looked]]),
    }
