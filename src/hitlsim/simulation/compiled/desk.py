"""The desk of the compiled engine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..contract import GLIMPSE, NEVER, Journal, Kind, Records, Table, World, event_key
from ..jit import index, part, tell_if_it_takes_long, whole
from . import events, people
from .heap import pop
from .state import FAR, State, state_of

_DRAFTED, _REVIEWED, _ARRIVAL = int(Kind.DRAFTED), int(Kind.REVIEWED), int(Kind.ARRIVAL)
_SHIFT, _ESCALATION, _RELEASE = int(Kind.SHIFT), int(Kind.ESCALATION), int(Kind.RELEASE)


class CompiledDesk:
    """The same as :class:`~hitlsim.simulation.reference.desk.ReferenceDesk`, and as it to the bit.

    Everything lies in arrays, so that a copy (``copy.deepcopy``) is a snapshot to go on from.
    """

    def __init__(self, table: Table, world: World, policies: Records) -> None:
        tell_if_it_takes_long()
        self._state = state_of(table, world, policies)
        self._told = (0, 0, 0)
        _begin(self._state)

    def apply(self, policies: Records) -> None:
        """What holds from now on."""
        self._state.policies[:] = policies

    def run_until(self, time_ms: int) -> Journal:
        """Everything that happens before ``time_ms``; then what happened since the last time."""
        s, told = self._state, self._told
        _run_until(s, time_ms)
        clock = s.clock[0]
        self._told = now = (int(clock["decided"]), int(clock["judged"]), int(clock["went_out"]))
        decided, judged, went_out = (
            visits[start:end]
            for visits, start, end in zip((s.decided, s.judged, s.went_out), told, now, strict=True)
        )
        return Journal(decided, judged, went_out, int(s.pools["waiting"].sum()))

    def outcome(self) -> Records:
        """One record for each visit; it changes as the desk goes on."""
        out = self._state.out.view()
        out.flags.writeable = False
        return out

    def glimpse(self, visits: NDArray[np.int64]) -> Records:
        """GLIMPSE of some visits."""
        records = np.empty(len(visits), GLIMPSE)
        _glimpse(self._state.out, visits, records)
        return records


@whole
def _begin(s: State) -> None:
    clock = s.clock[0]
    for person in range(len(s.people)):
        people.pulls(s, person)
    for pool in range(len(s.pools)):
        people.peeking(s, pool)
    events.expect_arrival(s)
    _expect_on_agenda(s)
    clock.next_deadline = FAR


@whole
def _run_until(s: State, time_ms: int) -> None:
    clock = s.clock[0]
    bits = clock.bits
    end, item_of = (time_ms << 3) << bits, (1 << bits) - 1
    while True:
        key = min(clock.next_arrival, clock.next_on_agenda, clock.next_deadline)
        under_way = clock.heap > 0 and s.heap[0] < key
        if under_way:
            key = s.heap[0]
        if key >= end:
            return
        if under_way:
            pop(s.heap, clock.heap)
            clock.heap -= 1
        now, kind, item = key >> (bits + 3), (key >> bits) & 7, index(key & item_of)
        first = last = _happen(s, kind, item, now)
        if kind == _RELEASE:
            first, last = 0, len(s.pools) - 1
        if last != NEVER:
            for pool in range(first, last + 1):
                events.dispatch(s, pool, now)


@part
def _happen(s: State, kind: int, item: int, now: int) -> int:
    """One event; the pool to which it brought work or a free person."""
    if kind == _DRAFTED:
        return events.on_drafted(s, item, now)
    if kind == _REVIEWED:
        return events.on_reviewed(s, item, now)
    if kind == _ESCALATION:
        return events.on_escalation(s, item, now)
    if kind == _ARRIVAL:
        events.on_arrival(s, item, now)
        return NEVER
    _expect_on_agenda(s)
    if kind == _SHIFT:
        return events.on_shift(s, item)
    events.on_release(s, item, now)
    return NEVER


@part
def _expect_on_agenda(s: State) -> None:
    clock = s.clock[0]
    if clock.agenda < len(s.agenda):
        entry = s.agenda[clock.agenda]
        clock.next_on_agenda = event_key(entry.time, entry.kind, entry.item, clock.bits)
        clock.agenda += 1
    else:
        clock.next_on_agenda = FAR


@whole
def _glimpse(out: Records, visits: NDArray[np.int64], records: Records) -> None:
    for i in range(len(visits)):
        o, r = out[visits[i]], records[i]
        r.route, r.look, r.ok = o.route, o.look, o.ok
        r.verdict, r.by_hand, r.executed = o.verdict, o.by_hand, o.executed
