"""How many reviewers, at which hours? Answered from a decision log, real or simulated.

Waits count by the clock on the wall, nights included, as in the scorecard. So the answer depends on
how long an item may wait. Within a quarter of an hour, people must be there when items come: that
is Erlang's question, hour by hour. Within a day, which is usual here, what matters is that a day's
people get through a day's work; at which hours of the day they do it matters little. One
calculation covers both (:mod:`hitlsim.simulation.queueing.hourly`): the queue is followed through
the week with the backlog that nights and weekends leave.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaincinv, stdtrit

from ..decisions.estimating.intervals import Estimate
from ..decisions.log import DecisionLog
from ..errors import LogError
from ..scenario.hours import DAYS, parse_window
from ..shown import Shown
from ..simulation.queueing.hourly import HOURS
from .demand import Demand, demand_of
from .roster import Plan, Task, least_people
from .staffing_words import sentences

ALWAYS = "always"
USUAL_MINUTES = 24 * 60.0
"""The playbook's targets: 80% begun within 24 h, review hours used to 85% at most."""
ENOUGH_WEEKS = 4
"""Full weeks from which a week's pattern counts as known."""
ENOUGH_PRECISION = 0.25
"""How far the interval of a week's work may reach from it, as a share."""
_OUT_OF_REACH = 0.99
"""Share of what can be reached in time beyond which a target asks for too many people."""
_MOST_WEEKS = 520


@dataclass(frozen=True, kw_only=True)
class Staffing(Shown):
    """People for every hour of the week, why, and how sure.

    Attributes
    ----------
    status : str
        ``recommended``, ``out of reach`` (too much comes when nobody may be there in time) or
        ``not enough evidence``. Where it is not good the best guess is given all the same.
    within_minutes, share, utilisation_limit : float
        The target: this share of items begun within so many minutes, and people at work for at
        most this share of their time.
    frame : DataFrame
        One row for each hour of the week: ``weekday``, ``hour``, ``open``, ``items_per_hour``
        (mean) with ``items_low`` and ``items_high`` (95%), ``load`` (hands-on hours that come in
        that hour), ``people``, ``in_time`` (share begun in time) and ``wait_minutes`` (mean) of
        what comes in that hour, ``utilisation`` by items (NaN where nobody is there).
    hours : Estimate
        Person-hours a week; the interval is that of a week's work.
    in_time, wait_minutes, utilisation : float
        What these people give: share begun in time, mean wait, share of their time at work.
    reachable : float
        Share of items for which somebody may be there in time.
    today : Estimate
        Share that began in time in the log.
    set_aside : float
        Person-hours a week set aside now; NaN where the log does not say.
    weeks_needed : int, optional
        Full weeks that would be enough evidence.
    for_work : int
        Person-hours a week that the work alone asks for; what is above it, the waits ask for.
    demand : Demand
        What the log says of the work.
    """

    status: str
    within_minutes: float
    share: float
    utilisation_limit: float
    frame: pd.DataFrame
    hours: Estimate
    in_time: float
    wait_minutes: float
    utilisation: float
    reachable: float
    today: Estimate
    set_aside: float
    weeks_needed: int | None
    for_work: int
    demand: Demand

    @property
    def pool(self) -> str:
        """Whose desk it is; ``all`` where the log names no pools."""
        return self.demand.pool

    @property
    def work_decides(self) -> bool:
        """Whether the amount of work asks for so many hours, and not the waits."""
        return self.hours.value <= self.for_work

    @property
    def most(self) -> int:
        """People at the busiest hour."""
        return int(self.frame["people"].max())

    def people(self, weekday: str, hour: int) -> int:
        """People needed in one hour, such as ``people("mon", 9)`` for Monday from 9 to 10.

        Raises
        ------
        LogError
            When there is no such hour.
        """
        if weekday not in DAYS or hour not in range(24):
            raise LogError(
                f"{weekday!r}, {hour!r} is no hour of the week; give one of {', '.join(DAYS)} and "
                "an hour from 0 to 23"
            )
        return int(self.frame["people"].iloc[24 * DAYS.index(weekday) + hour])

    def table(self) -> pd.DataFrame:
        """People by hour (rows) and weekday (columns); missing where the desk is closed."""
        used = self.frame[self.frame["open"]]
        shown = used.assign(hour=[f"{h:02d}-{h + 1:02d}" for h in used["hour"]])
        table = shown.pivot_table(index="hour", columns="weekday", values="people", aggfunc="sum")
        days = [day for day in DAYS if day in table]
        return table[days].astype("Int64").rename_axis(index=None, columns=None)

    def why(self) -> list[str]:
        """What to do, then the reasons, in sentences."""
        return sentences(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for ``results.json``."""
        return {
            "status": self.status,
            "pool": self.pool,
            "phase": self.demand.phase,
            "target": {
                "within_minutes": self.within_minutes,
                "share": self.share,
                "utilisation": self.utilisation_limit,
            },
            "people": self.frame["people"].tolist(),
            "hours": [self.hours.value, self.hours.low, self.hours.high],
            "most": self.most,
            "in_time": self.in_time,
            "wait_minutes": self.wait_minutes,
            "utilisation": self.utilisation,
            "reachable": self.reachable,
            "today": [self.today.value, self.today.low, self.today.high],
            "set_aside": self.set_aside,
            "for_work": self.for_work,
            "items": int(self.demand.items.sum()),
            "weeks": self.demand.weeks,
            "why": self.why(),
        }

    def __str__(self) -> str:
        people = self.table().astype("object")
        shown = people.map(lambda n: "" if pd.isna(n) else str(n or "."))
        return "\n".join([*self.why(), "", shown.to_string()])


def staffing(
    log: DecisionLog,
    *,
    pool: str | None = None,
    within_minutes: float = USUAL_MINUTES,
    share: float = 0.80,
    utilisation: float = 0.85,
    open_hours: str | Sequence[str] | None = None,
    phase: str | None = None,
) -> Staffing:
    """Find how many reviewers are needed at which hours of the week.

    Parameters
    ----------
    log : DecisionLog
        Real or simulated, with the times at which items queued and the hands-on minutes.
    pool : str, optional
        Whose desk; needed if the log has several. What was escalated counts where it came from.
    within_minutes : float
        Longest wait, by the clock on the wall, that counts as in time; from 0 to a week (10,080).
        Default 24 h: the playbook's target, and what ``within_24h`` measures.
    share : float
        Share of items to begin in time; above 0, below 1. Default the playbook's 80%.
    utilisation : float
        Largest share of people's time that may be work; above 0, below 1. Default the playbook's
        85%: the rest is what queues need to get shorter again.
    open_hours : str or sequence of str, optional
        When people may be at the desk: ``always``, or whole hours like ``mon-fri 09:00-17:00``.
        Default the hours in which work is usually begun in the log.
    phase : str, optional
        Default the phase that the log ends in; ``all`` for the whole log.

    Returns
    -------
    Staffing

    Raises
    ------
    LogError
        When the target makes no sense, or the log lacks what is needed.
    NotEnoughEvidence
        When the log covers less than a week, or nothing came to the pool.

    Notes
    -----
    Taken for granted: arrivals within an hour are independent of each other (Poisson), one queue in
    order of arrival, people who can all do everything and who finish what they began, looks
    afterwards when nothing else waits. People are those at the desk; holidays and sick leave come
    on top. A stretch of open hours as long as the target, at most a day, shares its person-hours
    evenly; see :func:`~hitlsim.calibration.roster.least_people`.

    References
    ----------
    Erlang 1917; Allen 1978 (Allen-Cunneen); Green, Kolesar & Whitt 2007 for demand that changes
    with the hour.

    Examples
    --------
    >>> import hitlsim as hs
    >>> log = hs.simulate(hs.load("on-the-loop"), seed=7).log
    >>> found = staffing(log, pool="sdr-desk")
    >>> found.status, found.hours.value, found.for_work, found.in_time > 0.80
    ('recommended', 13.0, 13, True)
    """
    _check(within_minutes, share, utilisation)
    demand = demand_of(log, pool, phase)
    task = Task(
        items_per_hour=demand.items_per_hour,
        service_hours=demand.minutes / 60,
        cv2=demand.cv2,
        other_hours=demand.look_hours,
        open_hours=_opened(open_hours, demand),
        limit_hours=within_minutes / 60,
    )
    comes = task.items_per_hour / task.items_per_hour.sum()
    reachable = float(task.reachable() @ comes)
    beyond = share > _OUT_OF_REACH * reachable
    aim = share if beyond else share / reachable
    plan = least_people(task, aim, utilisation)
    person_hours = float(plan.people.sum())
    low, high = (
        person_hours if factor == 1 else _hours_for(task, factor, aim, utilisation)
        for factor in (demand.work.low / demand.work.value, demand.work.high / demand.work.value)
    )
    weeks = _weeks_needed(demand.work)
    supported = demand.full_weeks >= weeks
    work = float(task.items_per_hour.sum()) * task.service_hours + task.other_hours
    return Staffing(
        status=_status(supported=supported, beyond=beyond),
        within_minutes=within_minutes,
        share=share,
        utilisation_limit=utilisation,
        frame=_frame(task, demand, plan),
        hours=replace(demand.work, value=person_hours, low=low, high=high),
        in_time=float(plan.in_time @ comes),
        wait_minutes=60 * float(plan.wait_hours @ comes),
        utilisation=work / person_hours,
        reachable=reachable,
        today=demand.in_time(within_minutes),
        set_aside=_set_aside(log, demand.pool),
        weeks_needed=None if supported else weeks,
        for_work=math.ceil(work / utilisation - 1e-9),
        demand=demand,
    )


def _status(*, supported: bool, beyond: bool) -> str:
    if not supported:
        return "not enough evidence"
    return "out of reach" if beyond else "recommended"


def _check(within_minutes: float, share: float, utilisation: float) -> None:
    if not 0 <= within_minutes <= 60 * HOURS:
        raise LogError(
            f"within_minutes is {within_minutes!r}; it must be a time from 0 to a week (10,080 "
            "minutes), such as 1440 for a day"
        )
    for name, value, usual in (("share", share, 0.80), ("utilisation", utilisation, 0.85)):
        if not 0 < value < 1:
            raise LogError(
                f"{name} is {value!r}; it must lie above 0 and below 1, such as {usual:.2f}"
            )


def _opened(open_hours: str | Sequence[str] | None, demand: Demand) -> NDArray[np.bool_]:
    """When people may be there, as 168 yes or no."""
    if open_hours is None:
        if demand.worked is None:
            raise LogError(
                "the log does not say when work was begun (started_at), so nobody knows when the "
                "desk is open; give open_hours, such as 'mon-fri 09:00-17:00' or 'always'"
            )
        return demand.worked
    opened = np.zeros(HOURS, bool)
    for text in [open_hours] if isinstance(open_hours, str) else open_hours:
        if text == ALWAYS:
            return np.ones(HOURS, bool)
        opened |= _window(text)
    if not opened.any():
        raise LogError(
            "open_hours is empty; give stretches like 'mon-fri 09:00-17:00', or 'always'"
        )
    return opened


def _window(text: str) -> NDArray[np.bool_]:
    try:
        window = parse_window(text)
    except ValueError as e:
        raise LogError(f"open_hours: {e}; or 'always'") from None
    if window.start_minute % 60 or window.end_minute % 60:
        raise LogError(
            f"open_hours: {text!r} has parts of hours, and people are counted by whole hours; "
            "round it to full hours"
        )
    out = np.zeros((7, 24), bool)
    out[list(window.days), window.start_minute // 60 : window.end_minute // 60] = True
    return out.ravel()


def _hours_for(task: Task, factor: float, aim: float, utilisation: float) -> float:
    """Person-hours if a week's work were so many times what it is."""
    if math.isnan(factor) or factor <= 0:
        return 0.0 if factor <= 0 else math.nan
    other = replace(
        task, items_per_hour=task.items_per_hour * factor, other_hours=task.other_hours * factor
    )
    return float(least_people(other, aim, utilisation).people.sum())


def _weeks_needed(work: Estimate) -> int:
    """Full weeks after which the interval of a week's work is narrow enough."""
    if math.isnan(work.high):
        return ENOUGH_WEEKS
    n = work.n
    spread = (work.high - work.value) * math.sqrt(n) / float(stdtrit(n - 1, 0.975))
    weeks = np.arange(ENOUGH_WEEKS, _MOST_WEEKS + 1)
    narrow = stdtrit(weeks - 1, 0.975) * spread / np.sqrt(weeks) <= ENOUGH_PRECISION * work.value
    return int(weeks[narrow][0]) if narrow.any() else _MOST_WEEKS


def _set_aside(log: DecisionLog, pool: str) -> float:
    hours = cast("dict[str, float]", log.record.get("capacity_hours_per_week") or {})
    return float(sum(hours.values()) if pool == "all" and hours else hours.get(pool, math.nan))


def _frame(task: Task, demand: Demand, plan: Plan) -> pd.DataFrame:
    hour, n = np.arange(HOURS), demand.items
    with np.errstate(invalid="ignore"):
        busy = np.where(plan.people > 0, plan.busy / plan.people, np.nan)
    return pd.DataFrame(
        {
            "weekday": [DAYS[h // 24] for h in hour],
            "hour": hour % 24,
            "open": task.open_hours,
            "items_per_hour": task.items_per_hour,
            # exact interval of a Poisson count (Garwood 1936)
            "items_low": np.where(n > 0, gammaincinv(np.maximum(n, 1), 0.025), 0) / demand.seen,
            "items_high": gammaincinv(n + 1, 0.975) / demand.seen,
            "load": task.items_per_hour * task.service_hours,
            "people": plan.people,
            "in_time": plan.in_time,
            "wait_minutes": 60 * plan.wait_hours,
            "utilisation": busy,
        }
    )
