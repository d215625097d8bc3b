"""A run straight to what the explorer shows, day by day: the third way to count the same thing.

:mod:`hitlsim.simulation.outcome.counting` counts all that a scorecard knows; here only what is
shown is counted, several times as fast, since somebody's hand is on a slider. A test holds both
equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import bdtr, bdtrik

from ...decisions.estimating.intervals import INDEPENDENT, NOTHING, Estimate
from ...scenario.hours import HOUR_MS, MINUTE_MS, WEEK_MS
from ...scenario.once import once_for_each
from ...scenario.scenario import Scenario
from ...simulation.contract import FIRST, LOOK, NEVER, REDRAFT, WENT_OUT, Route, Verdict
from ...simulation.outcome.aftermath import (
    FOREVER,
    complaint_times,
    harm_of,
    lost_by_waiting,
    went_bad,
)
from ...simulation.outcome.as_columns import rounds
from ...simulation.outcome.instants import run_clock
from ...simulation.run import Run

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

WHOLE = "all"
"""The phase that is none: the whole run."""
_DUE_HOURS = 24
_ASKED = {
    FIRST: (
        "drafted", "queued", "started", "ended", "executed", "escalated", "phase", "ok", "route",
        "by_hand", "verdict",
    ),
    REDRAFT: ("drafting", "started", "ended", "executed", "ok", "by_hand", "verdict"),
    LOOK: ("started", "ended", "verdict"),
}  # fmt: skip
QUANTILES = {"wait_median": 0.5, "wait_p90": 0.9}


@dataclass(frozen=True, slots=True)
class DaySums:
    """What one run comes down to.

    Attributes
    ----------
    days : DatetimeIndex
        From the first day on which a decision was taken to the last.
    sums : dict of str to ndarray
        Sums by day; work by the day on which it was done, all else by the day of the decision.
    phase : ndarray
        For each day the number of the phase in which most of its decisions were taken.
    phases : tuple of str
    waits : dict of (phase, quantile) to Estimate
        In minutes.
    capacity_hours : float
        A week, of all pools together.
    """

    days: pd.DatetimeIndex
    sums: dict[str, Floats]
    phase: NDArray[np.int64]
    phases: tuple[str, ...]
    waits: dict[tuple[str, str], Estimate]
    capacity_hours: float

    def inside(self, phase: str) -> NDArray[np.bool_]:
        """Which days belong to a phase."""
        if phase == WHOLE:
            return np.ones(len(self.days), bool)
        return np.asarray(self.phase == self.phases.index(phase))


@once_for_each
def _flows(scenario: Scenario) -> dict[str, NDArray[Any]]:
    """What is asked of each workflow."""
    pools = list(scenario.pools)
    cost = [scenario.pools[p].cost_per_hour for p in pools]
    of = scenario.pool_of_role
    flows = scenario.workflows.values()
    return {
        "cost": np.array([cost[pools.index(of(w.raci.responsible[0]))] for w in flows]),
        "backup_cost": np.array([cost[pools.index(of(w.raci.accountable))] for w in flows]),
        "rollback": np.array([w.rollback_hours * HOUR_MS for w in flows]),
        "reversible": np.array([w.reversible for w in flows]),
        "perishable": np.array([w.waiting is not None for w in flows]),
    }


def day_sums(run: Run) -> DaySums:
    """Count a run by day.

    Parameters
    ----------
    run : Run

    Returns
    -------
    DaySums

    Examples
    --------
    >>> import hitlsim as hs
    >>> run = hs.simulate(hs.load("outbound"), seed=7)
    >>> bool(day_sums(run).sums["n"].sum() == len(run.log))
    True
    """
    return _Counting(run).done()


class _Counting:
    """The columns of a run, once."""

    def __init__(self, run: Run) -> None:
        s = run.scenario
        self.scenario, self.of_flow = s, _flows(s)
        self.decisions = run.draws.world.decisions
        self.first, self.redraft, self.look = rounds(run.outcome, _ASKED)
        self.horizon = s.weeks * WEEK_MS
        longest = max(int(w.due_hours * HOUR_MS) for w in s.workflows.values())
        self.clock = run_clock(s.start, s.timezone, (self.horizon + longest) // (24 * HOUR_MS) + 1)
        self.flow = self.decisions["workflow"].astype(np.intp)
        taken = self.first["drafted"] != NEVER
        self.those = np.flatnonzero(taken)
        self.whole = len(self.those) == len(taken)
        day = self.clock.days(self._of_those(self.first["drafted"]))
        self.first_day, self.n_days = int(day.min()), int(np.ptp(day)) + 1
        self.day = np.zeros(len(taken), np.int64)
        self.day[self.those] = day - self.first_day

    def _of_those(self, values: NDArray[Any]) -> NDArray[Any]:
        return values if self.whole else values.take(self.those)

    def _by_day(self, some: Times, values: NDArray[Any] | None = None) -> Floats:
        """Sums by the day of the decision."""
        return np.asarray(np.bincount(self.day.take(some), values, self.n_days), float)

    def _by_its_day(self, day: Times, values: NDArray[Any]) -> Floats:
        """Sums by another day; what lies outside is left out, as in a scorecard."""
        day = day - self.first_day
        inside = (day >= 0) & (day < self.n_days)
        return np.asarray(np.bincount(day[inside], values[inside], self.n_days), float)

    def done(self) -> DaySums:
        s = self.scenario
        phase = self._phases()
        sums = {**self._routes(), **self._waits(), **self._work(), **self._money()}
        start = pd.Timestamp(s.start) + pd.Timedelta(days=self.first_day)
        days = pd.date_range(start, periods=self.n_days, freq="D")
        phases = tuple(str(p) for p in s.phases)
        return DaySums(
            days, sums, phase, phases, self._quantiles(phase, phases), s.capacity_hours_per_week
        )

    def _phases(self) -> Times:
        n = len(self.scenario.phases)
        key = self.day.take(self.those) * n + self._of_those(self.first["phase"])
        there = np.bincount(key, minlength=self.n_days * n).reshape(self.n_days, n)
        most = np.where(there.any(axis=1), there.argmax(axis=1), NEVER)
        # a day without decisions belongs to the phase before; the first day has some
        last = np.maximum.accumulate(np.where(most == NEVER, 0, np.arange(self.n_days)))
        return np.asarray(most[last])

    def _routes(self) -> dict[str, Floats]:
        route = self.first["route"]
        auto = np.flatnonzero(route == Route.AUTO)
        exceptions = np.flatnonzero((route == Route.REVIEW) | (route == Route.TRIAGE))
        peeked = np.flatnonzero(route == Route.PEEK)
        bad = auto[self.first["ok"].take(auto) != 1]
        asked = self._by_day(exceptions)
        return {
            "n": self._by_day(self.those),
            "safe": self._by_day(auto) + asked + self._by_day(peeked),
            "exceptions": asked,
            "true_auto_bad": self._by_day(bad),
        }

    def _waits(self) -> dict[str, Floats]:
        queued = self.first["queued"]
        self.waited = np.flatnonzero(queued != NEVER)
        since, started = queued.take(self.waited), self.first["started"].take(self.waited)
        begun = started != NEVER
        self.begun = self.waited[begun]
        self.wait = started[begun] - since[begun]
        still, limit = self.waited[~begun], _DUE_HOURS * HOUR_MS
        end = self.first["drafted"].max(keepdims=True)
        age = self.clock.since_epoch(end) - self.clock.since_epoch(since[~begun])
        return {
            "started": self._by_day(self.begun),
            "within_24": self._by_day(self.begun[self.wait <= limit]),
            "late_24": self._by_day(still[age > limit]),
        }

    def _work(self) -> dict[str, Floats]:
        done = self.waited[self.first["ended"].take(self.waited) != NEVER]
        started = self.first["started"].take(done)
        took = self.first["ended"].take(done) - started
        again = self.redraft["ended"].take(done)
        took += np.where(again != NEVER, again - self.redraft["started"].take(done), 0)
        looked = np.flatnonzero(self.look["ended"] != NEVER)
        ended = self.look["ended"].take(looked)
        day = np.concatenate([self.clock.days(started), self.clock.days(ended)])
        minutes = np.concatenate([took, ended - self.look["started"].take(looked)]) / MINUTE_MS
        who = np.concatenate([done, looked])
        flow, passed_on = self.flow.take(who), self.first["escalated"].take(who) != NEVER
        cost = np.where(passed_on, self.of_flow["backup_cost"][flow], self.of_flow["cost"][flow])
        return {
            "hours": self._by_its_day(day, minutes) / 60,
            "review_cost": self._by_its_day(day, minutes * cost) / 60,
        }

    def _money(self) -> dict[str, Floats]:
        s, flow = self.scenario, self.flow
        again = self.redraft["executed"] != NEVER
        last = np.zeros(len(flow), WENT_OUT)
        for name in ("ok", "verdict", "by_hand", "executed"):
            last[name] = np.where(again, self.redraft[name], self.first[name])
        executed = np.where(last["executed"] < self.horizon, last["executed"], NEVER)
        out = executed != NEVER
        bad = np.flatnonzero(out & went_bad(s, self.decisions, last))
        theirs, when, all_bad = self.decisions.take(bad), executed[bad], np.ones(len(bad), bool)
        found = np.where(
            self.look["verdict"].take(bad) > Verdict.APPROVE, self.look["ended"].take(bad), FOREVER
        )
        surfaced = np.minimum(found, complaint_times(s, theirs, when, all_bad, self.horizon))
        in_time = surfaced <= when + self.of_flow["rollback"][flow[bad]]
        undone = self.of_flow["reversible"][flow[bad]] & (surfaced != FOREVER) & in_time
        harm = np.round(harm_of(s, theirs, all_bad, undone), 2)
        late = np.flatnonzero(out & self.of_flow["perishable"][flow])
        lost = np.round(lost_by_waiting(s, self.decisions.take(late), executed[late]), 2)
        return {"true_harm": self._by_day(bad, harm), "delay_cost": self._by_day(late, lost)}

    def _quantiles(self, phase: Times, phases: tuple[str, ...]) -> dict[tuple[str, str], Estimate]:
        minutes = self.wait / MINUTE_MS
        of = phase.take(self.day.take(self.begun))
        parts = {WHOLE: minutes, **{name: minutes[of == i] for i, name in enumerate(phases)}}
        return {
            (name, quantile): e
            for name, values in parts.items()
            for quantile, e in zip(
                QUANTILES, quantiles(np.sort(values), tuple(QUANTILES.values())), strict=True
            )
        }


def quantiles(ordered: Floats, shares: tuple[float, ...]) -> list[Estimate]:
    """Quantiles of sorted values, each between two of them that hold it in 95 of 100 cases.

    How many of n values lie below a quantile is binomial, whatever they are.

    References
    ----------
    David & Nagaraja 2003, Order Statistics, 7.1.

    Examples
    --------
    >>> e = quantiles(np.arange(1.0, 101.0), (0.5,))[0]
    >>> e.value, e.low, e.high
    (50.5, 40.0, 61.0)
    """
    n = len(ordered)
    out = []
    for share in shares:
        if not n:
            out.append(NOTHING)
            continue
        below, above = (_least_with(tail, n, share) for tail in (0.025, 0.975))
        value = float(np.quantile(ordered, share))
        # not enough values on one side: no interval
        low = float(ordered[below - 1]) if below else np.nan
        high = float(ordered[above]) if above < n else np.nan
        if np.isnan(low + high):
            low = high = np.nan
        out.append(Estimate(value, low, high, n, INDEPENDENT))
    return out


def _least_with(tail: float, n: int, share: float) -> int:
    """The least number up to which a binomial count lies with this probability."""
    k = int(np.ceil(bdtrik(tail, n, share)))
    return k - 1 if k and bdtr(k - 1, n, share) >= tail else k
