"""A queue whose arrivals and people change with the hour of the week: M(t)/M/c(t).

Between two changes it is the queue of Erlang C, but it need not have settled: what queued at night
is still there in the morning. Whoever goes home finishes what they began. The week repeats itself.

Service times are exponential. A general service time of mean s and squared coefficient of variation
cv2 is stood for by services of ``s (1 + cv2) / 2`` at the same load: as long as the mean residual
service of a busy person, and so by Pollaczek and Khinchine the same mean wait at one server, by
Allen and Cunneen about the same at several, and the same variance of the work that comes.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln, pdtr, pdtrc, xlogy

from ..jit import whole

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

HOURS = 168
"""Hours of a week, from Monday 00:00."""
STEPS = 4
"""Quarters of an hour: arrivals within one are taken to come in its middle."""
_SETTLED = 1e-6


class Settled(NamedTuple):
    """What a week looks like once every week is like the last one."""

    present: Floats
    """Chance of each number of items at the desk (queued or in work), for each quarter."""
    starts: Floats
    """The same at the beginning of each hour."""


class _Events(NamedTuple):
    """What may happen within a quarter, by uniformisation (Jensen 1953)."""

    comes: float
    """Chance that an event is an arrival."""
    goes: Floats
    """Chance that it is the end of a service, by number present; empty if nobody is there."""
    passed: Floats
    """Part of the quarter in which so many events have happened, on average."""
    chance: Floats
    """Chance of so many by its end."""


class HourlyQueue:
    """Chances of every length of the queue, hour by hour.

    Parameters
    ----------
    arrivals_per_hour : array of 168
        Poisson rates of the hours of a week, from Monday 00:00.
    service_hours : float
        Mean of the exponential service times.
    longest : int
        Lengths above that are not told apart.
    """

    def __init__(self, arrivals_per_hour: Floats, service_hours: float, longest: int) -> None:
        self.arrivals = arrivals_per_hour
        self._served = 1 / service_hours / STEPS  # by one person in a quarter, busy all the time
        self._n = np.arange(longest + 1, dtype=float)
        self._events: dict[tuple[int, int], _Events] = {}

    # --- from one moment to the next -------------------------------------------------------------

    def hour(self, start: Floats, hour: int, people: int) -> tuple[Floats, Floats]:
        """What is present in the four quarters of an hour, and at its end."""
        if (hour, people) not in self._events:
            self._events[hour, people] = self._events_of(self.arrivals[hour] / STEPS, people)
        events = self._events[hour, people]
        present = np.empty((STEPS, len(start)))
        for quarter in range(STEPS):
            start = _after(start, events, present[quarter])
        return present, start

    def _events_of(self, comes: float, people: int) -> _Events:
        served = people * self._served
        rate = comes + served
        k = np.arange(math.ceil(rate + 8 * math.sqrt(rate)) + 12 if rate else 1)
        chance = np.exp(xlogy(k, rate) - rate - gammaln(k + 1))
        passed = pdtrc(k, rate) / rate if rate else chance
        goes = np.minimum(self._n, people) * (self._served / rate) if people else np.zeros(0)
        return _Events(comes / rate if rate else 0.0, goes, passed, chance)

    def leave(self, start: Floats, before: int, after: int) -> Floats:
        """Some go home: who was busy takes the item in hand along and finishes it."""
        if after >= before:
            return start
        stays = self._n - np.clip(self._n - after, 0, before - after)
        return np.asarray(np.bincount(stays.astype(np.int64), start, len(start)), float)

    def settle(self, people: Ints, monday: Floats | None = None, weeks: int = 20) -> Settled:
        """Week after week until they are alike, or so many have passed; the desk begins empty."""
        present = np.empty((HOURS * STEPS, len(self._n)))
        starts = np.zeros((HOURS, len(self._n)))
        if monday is None:
            starts[0, 0] = 1.0
        else:
            starts[0] = monday
        for _ in range(weeks):
            before = starts[0].copy()
            for h in range(HOURS):
                self.advance(people, h, present, starts)
            if np.abs(starts[0] - before).sum() < _SETTLED:
                break
        return Settled(present, starts)

    def advance(self, people: Ints, hour: int, present: Floats, starts: Floats) -> None:
        """Work out one hour from its start, and write down the start of the next."""
        following = (hour + 1) % HOURS
        quarters = slice(hour * STEPS, (hour + 1) * STEPS)
        present[quarters], end = self.hour(starts[hour], hour, int(people[hour]))
        starts[following] = self.leave(end, int(people[hour]), int(people[following]))

    # --- how long somebody waits who comes now ---------------------------------------------------

    def late(self, people: Ints, quarters: Ints, limit_hours: float) -> Floats:
        """Chance to wait longer than a limit, by quarter of arrival and number present.

        Who finds n present begins when fewer than the people are left before them. As long as
        everybody is busy, services end as a Poisson process; who goes home finishes one more.
        """
        at_desk, served, gone = self._three_weeks(people)
        middle = quarters + 0.5
        end = middle + limit_hours * STEPS
        staffed = np.maximum.accumulate(np.where(at_desk > 0, np.arange(len(at_desk)), -1))
        last = staffed[np.minimum(end.astype(np.int64), len(at_desk) - 1)]
        end = np.minimum(end, last + 1)
        edges = np.arange(len(served))
        ended = np.interp(end, edges, served) - np.interp(middle, edges, served)
        ahead = self._n - (at_desk[last] + gone[last] - gone[quarters])[:, None]
        late = np.where(ahead < 0, 0.0, pdtr(np.maximum(ahead, 0), np.maximum(ended, 0)[:, None]))
        late[last < quarters] = 1.0  # nobody comes in time
        late[self._n < at_desk[quarters][:, None]] = 0.0
        return late

    def waits(self, people: Ints) -> Floats:
        """Hours until an item begins, by quarter of arrival and number present, on average.

        At most two weeks. It is the time in which the mean amount of work ahead gets done.
        """
        at_desk, served, gone = self._three_weeks(people)
        n = len(at_desk)
        # how many that were ahead are in hand or done, at the beginning and end of each quarter
        reached = np.stack([served[:-1] + gone + at_desk, served[1:] + gone + at_desk], axis=1)
        at = np.stack([np.arange(n), np.arange(1, n + 1)], axis=1)
        quarters = np.arange(HOURS * STEPS)
        middle = quarters + 0.5
        base = np.interp(middle, np.arange(n + 1), served) + gone[quarters]
        begun = np.interp(base[:, None] + self._n + 1, reached.ravel(), at.ravel())
        return np.asarray(np.maximum(0.0, begun - middle[:, None]) / STEPS)

    def _three_weeks(self, people: Ints) -> tuple[Ints, Floats, Ints]:
        """People in each quarter; services ended and people gone before it, if all are busy."""
        at_desk = np.tile(np.repeat(people, STEPS), 3)
        served = np.concatenate([[0.0], np.cumsum(at_desk * self._served)])
        gone = np.concatenate([[0], np.cumsum(np.maximum(0, at_desk[:-1] - at_desk[1:]))])
        return at_desk, served, gone


def _after(start: Floats, events: _Events, present: Floats) -> Floats:
    """Chances at the end of a quarter; the mean over it goes to ``present``."""
    comes, goes, passed, chance = events
    if not len(goes):
        present[:] = _grown(start, passed)
        return _grown(start, chance)
    np.multiply(passed[0], start, out=present)
    end: Floats = chance[0] * start
    _follow(comes, goes, passed, chance, start.copy(), np.empty_like(start), present, end)
    return end


def _grown(start: Floats, arrivals: Floats) -> Floats:
    """So many more, with these chances; longer queues are not told apart."""
    grown = np.convolve(start, arrivals)
    grown[len(start) - 1] += grown[len(start) :].sum()
    return grown[: len(start)]


@whole
def _follow(
    comes: float,
    goes: Floats,
    passed: Floats,
    chance: Floats,
    now: Floats,
    then: Floats,
    mean: Floats,
    end: Floats,
) -> None:
    """Follow the chances ``now`` from event to event, adding them up to ``mean`` and ``end``.

    ``goes`` is the chance that the next event is the end of a service, by number present; what
    neither comes nor goes is no event at all. The longest queue stays when another item comes.
    """
    n = len(now)
    for k in range(1, len(passed)):
        for i in range(n):
            stays = 1 - comes - goes[i] + (comes if i == n - 1 else 0.0)
            then[i] = stays * now[i]
            if i > 0:
                then[i] += comes * now[i - 1]
            if i < n - 1:
                then[i] += goes[i + 1] * now[i + 1]
        now, then = then, now
        for i in range(n):
            mean[i] += passed[k] * now[i]
            end[i] += chance[k] * now[i]
