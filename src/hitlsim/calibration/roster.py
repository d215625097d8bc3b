"""The least people, stretch by stretch of the week, with whom enough is begun in time."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression

from ..simulation.queueing.hourly import HOURS, STEPS, Floats, HourlyQueue, Ints

_SWEEPS = 8
_TRIES = 16
_LONGEST_QUEUE = 2_000
"""Longer queues are counted in larger items, which makes them vary more: on the safe side."""
NOBODY = -1
"""Instead of an hour: nobody is there in time."""
_ROUNDING = 1e-9


class Plan(NamedTuple):
    """People by hour of the week, and what comes of it."""

    people: Ints
    in_time: Floats
    """Share begun in time, by hour of arrival."""
    wait_hours: Floats
    """Mean wait, by hour of arrival."""
    busy: Floats
    """Mean number of people at work on items."""


@dataclass(frozen=True, kw_only=True)
class Task:
    """What a desk has to do, and when it may.

    Attributes
    ----------
    items_per_hour : array of 168
    service_hours, cv2 : float
        Mean hands-on time, and its squared coefficient of variation.
    other_hours : float
        Work a week that waits for nobody, such as looks afterwards.
    open_hours : array of 168 bools
        When people may be at the desk.
    limit_hours : float
        Longest wait that counts as in time; from 0 to a week.
    """

    items_per_hour: Floats
    service_hours: float
    cv2: float
    other_hours: float
    open_hours: NDArray[np.bool_]
    limit_hours: float

    def reachable(self) -> Floats:
        """Share of each hour's items for whom somebody may be there in time."""
        due = self.last_chance() != NOBODY
        return np.asarray(due.reshape(HOURS, STEPS).mean(axis=1))

    def last_chance(self) -> Ints:
        """The last open hour before the limit, for each quarter of arrival."""
        opened = np.tile(np.repeat(self.open_hours, STEPS), 3)
        last = np.maximum.accumulate(np.where(opened, np.arange(len(opened)), NOBODY))
        quarters = np.arange(HOURS * STEPS)
        end = (quarters + 0.5 + self.limit_hours * STEPS).astype(np.int64)
        chance = last[end]
        return np.where(chance >= quarters, chance // STEPS % HOURS, NOBODY)

    def stretches(self) -> list[Ints]:
        """Open hours that share a number of person-hours: as long as the limit, at most a day."""
        out: list[Ints] = []
        for day in range(7):
            hours = np.flatnonzero(self.open_hours[day * 24 : day * 24 + 24]) + day * 24
            if not len(hours):
                continue
            whole = hours[-1] + 1 - hours[0] <= self.limit_hours
            runs = [hours] if whole else np.split(hours, np.flatnonzero(np.diff(hours) > 1) + 1)
            longest = max(1, math.floor(self.limit_hours))
            out += [
                part for run in runs for part in np.array_split(run, math.ceil(len(run) / longest))
            ]
        return out

    def work_by_stretch(self, stretches: list[Ints]) -> Floats:
        """Hours of work a week for each stretch.

        What comes while nobody is there is work of the next open day, and spread over it; so is
        what waits for nobody, over the week.
        """
        work = self.items_per_hour * self.service_hours
        out = []
        for hours in stretches:
            today = np.flatnonzero(self.open_hours & (np.arange(HOURS) // 24 == hours[0] // 24))
            before = np.flatnonzero(self.open_hours[: today[0]])
            closed = before[-1] if len(before) else np.flatnonzero(self.open_hours)[-1] - HOURS
            since = np.setdiff1d(np.arange(closed + 1, today[-1]) % HOURS, today)
            shut = float(work[since].sum()) / len(today)
            other = self.other_hours / int(self.open_hours.sum())
            out.append(float(work[hours].sum()) + len(hours) * (shut + other))
        return np.array(out)


def hours_for_work(work: Floats, utilisation: float) -> list[int]:
    """Person-hours that keep people from being busier than that over the week.

    Whole hours in proportion to the work of each stretch, what is left over to the largest rests
    (Hamilton's method).

    >>> hours_for_work(np.array([1.0, 1.0, 1.6]), 0.85)
    [2, 1, 2]
    """
    exact = work / utilisation
    out = np.floor(exact + _ROUNDING).astype(np.int64)
    left = math.ceil(exact.sum() - _ROUNDING) - int(out.sum())
    out[np.argsort(out - exact, kind="stable")[:left]] += 1
    return cast("list[int]", out.tolist())


def spread(person_hours: int, n_hours: int) -> Ints:
    """People in each of some hours: as even as can be, what is left over late rather than early.

    The last hour comes first, so that what came during the stretch does not stay overnight.

    >>> spread(3, 8).tolist(), spread(11, 4).tolist()
    ([0, 0, 1, 0, 0, 1, 0, 1], [2, 3, 3, 3])
    """
    each, extra = divmod(person_hours, n_hours)
    people = np.full(n_hours, each)
    people[np.ceil(np.arange(1, extra + 1) * n_hours / max(extra, 1)).astype(np.int64) - 1] += 1
    return people


def least_people(task: Task, share: float, utilisation: float) -> Plan:
    """Find the least people with whom a share of the week's items begins in time.

    Each stretch gets as many person-hours as its work asks for (one at least, if anything falls due
    there), then one more until the share of the items whose last chance lies there begin in time.
    What that gives beyond the share of the whole week is taken back, first where an hour gained
    least: mostly after a closed day, when much is late already. In the end none of the hours added
    can go, as far as a few tries tell.

    Parameters
    ----------
    task : Task
    share : float
        Share of what can be reached in time; from 0 up, below 1.
    utilisation : float
        Largest share of the week's person-hours that may be work; above 0, below 1.
    """
    search = _Search(task, utilisation, share)
    for _ in range(_SWEEPS):
        before = search.person_hours.copy()
        search.fill_all()
        if search.person_hours == before:
            break
    search.take_back()
    return outcome_of(task, search.people)


def outcome_of(task: Task, people: Ints) -> Plan:
    """What comes of a plan in the long run.

    >>> always = Task(items_per_hour=np.full(HOURS, 200.0), service_hours=1 / 20, cv2=1.0,
    ...               other_hours=0.0, open_hours=np.ones(HOURS, bool), limit_hours=20 / 3600)
    >>> round(float(outcome_of(always, np.full(HOURS, 14)).in_time[0]), 5)
    0.88835
    """
    queue = _queue_of(task, people)
    present, _ = queue.settle(people)
    late = queue.late(people, np.arange(HOURS * STEPS), task.limit_hours)
    at_work = np.minimum(np.arange(present.shape[1]), np.repeat(people, STEPS)[:, None])

    def hourly(chances: Floats) -> Floats:
        return np.asarray((present * chances).sum(axis=1).reshape(HOURS, STEPS).mean(axis=1))

    return Plan(people, hourly(1 - late), hourly(queue.waits(people)), hourly(at_work))


class _Search:
    """A plan in the making, and the queue it leads to."""

    def __init__(self, task: Task, utilisation: float, share: float) -> None:
        self._task, self._share = task, share
        self._stretches = task.stretches()
        self._last_chance = task.last_chance()
        self._due = [np.flatnonzero(np.isin(self._last_chance, hours)) for hours in self._stretches]
        self._floors = self._at_least(utilisation)
        self.people = np.zeros(HOURS, np.int64)
        self.person_hours = list(self._floors)
        self._gained: list[list[float]] = [[] for _ in self._floors]
        for number in range(len(self._stretches)):
            self._put(number, self._floors[number])
        self._queue = _queue_of(task, self.people)
        self._present, self._starts = self._queue.settle(self.people, weeks=1)

    def _at_least(self, utilisation: float) -> list[int]:
        """What the work asks for, and one hour of one person wherever something falls due."""
        comes = self._task.items_per_hour
        for_work = hours_for_work(self._task.work_by_stretch(self._stretches), utilisation)
        return [
            max(hours, int(comes[due // STEPS].sum() > 0))
            for hours, due in zip(for_work, self._due, strict=True)
        ]

    def _put(self, number: int, person_hours: int) -> None:
        hours = self._stretches[number]
        self.person_hours[number] = person_hours
        self.people[hours] = spread(person_hours, len(hours))

    def fill_all(self) -> None:
        """Every stretch after the one before it, then over the turn of the week."""
        for number, hours in enumerate(self._stretches):
            self._fill(number)
            following = self._stretches[(number + 1) % len(self._stretches)][0]
            if following != hours[-1] + 1:
                self._go_on(int(hours[-1]), int(following) + HOURS * (following <= hours[-1]))

    def _fill(self, number: int) -> None:
        """As few person-hours as will do, the other stretches being given."""
        hours, due, person_hours = self._stretches[number], self._due[number], self._floors[number]
        gained: list[float] = []
        before, step = 0.0, 0
        while True:
            self._put(number, person_hours)
            self._go_on(int(hours[0]), int(hours[-1]))
            missed, allowed = self._missed(due)
            gained += [(before - missed) / max(step, 1)] * step
            if missed <= allowed:
                self._gained[number] = gained
                return
            before, step = missed, max(1, person_hours // 40)
            person_hours += step

    def _go_on(self, first: int, last: int) -> None:
        """From the hour before, since who goes home at its end depends on the next."""
        for hour in range(first - 1, last + 1):
            self._queue.advance(self.people, hour % HOURS, self._present, self._starts)

    def _missed(self, quarters: Ints) -> tuple[float, float]:
        """How many of those who come then begin too late, and how many may."""
        comes = self._queue.arrivals[quarters // STEPS]
        late = self._queue.late(self.people, quarters, self._task.limit_hours)
        missed = float(comes @ (self._present[quarters] * late).sum(axis=1))
        return missed, (1 - self._share) * float(comes.sum()) + _ROUNDING

    def take_back(self) -> None:
        """Take away again what the week's share does not need, as long as the tries last."""
        hours = self._least_gained_first()
        for _ in range(_TRIES):
            spared = _most(len(hours), partial(self._can_spare, hours))
            for number in hours[:spared]:
                self._put(number, self.person_hours[number] - 1)
            if spared == len(hours):
                return
            kept = hours[spared]
            hours = [number for number in hours[spared + 1 :] if number != kept]

    def _least_gained_first(self) -> list[int]:
        """The stretch of each person-hour that was added; of one stretch the last added first."""
        gained: list[tuple[float, int]] = []
        for number, gains in enumerate(self._gained):
            # an hour that gains nothing by itself, but lets those after it, counts like them
            even = isotonic_regression(gains, increasing=False).x if gains else []
            gained += [(float(gain), number) for gain in even]
        return [number for _, number in sorted(gained)]

    def _can_spare(self, hours: list[int], n: int) -> bool:
        """Whether the week's share would hold without the first n of these person-hours."""
        before = list(self.person_hours)
        for number, fewer in Counter(hours[:n]).items():
            self._put(number, before[number] - fewer)
        self._present, self._starts = self._queue.settle(self.people, self._starts[0])
        missed, allowed = self._missed(np.flatnonzero(self._last_chance != NOBODY))
        for number in set(hours[:n]):
            self._put(number, before[number])
        return missed <= allowed


def _most(n: int, holds: Callable[[int], bool]) -> int:
    """The largest number up to n for which something holds; it does for 0, and then up to there.

    >>> _most(100, lambda n: n * n <= 50)
    7
    """
    low, step = 0, 1
    while low + step <= n and holds(low + step):
        low, step = low + step, 2 * step
    high = min(low + step, n + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _queue_of(task: Task, people: Ints) -> HourlyQueue:
    """The queue, in services that stand for the task's, long enough for its worst backlog."""
    service = task.service_hours * (1 + task.cv2) / 2
    work = task.items_per_hour * task.service_hours
    backlog = worst = 0.0
    for hour in [*range(HOURS), *range(HOURS)]:
        worst = max(worst, backlog + work[hour])
        backlog = max(0.0, backlog + work[hour] - people[hour])
    service = max(service, worst / _LONGEST_QUEUE)
    items = worst / service
    longest = math.ceil(items + 12 * math.sqrt(items) + 2 * people.max() + 120)
    return HourlyQueue(work / service, service, longest)
