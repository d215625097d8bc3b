"""The desk of the compiled engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import NEVER, ROUNDS, Journal, Kind, Outcome, Records, Table, World, event_key
from ..jit import index, part, tell_if_it_takes_long, whole
from . import events, people
from .heap import pop
from .state import FAR, State, state_of, with_more_room

_DRAFTED, _REVIEWED, _ARRIVAL = int(Kind.DRAFTED), int(Kind.REVIEWED), int(Kind.ARRIVAL)
_SHIFT, _ESCALATION, _RELEASE = int(Kind.SHIFT), int(Kind.ESCALATION), int(Kind.RELEASE)


class CompiledDesk:
    """The same as :class:`~hitlsim.simulation.reference.desk.ReferenceDesk`, and as it to the bit.

    Everything lies in arrays, so that a copy (``copy.deepcopy``) is a snapshot to go on from.
    """

    def __init__(self, table: Table, world: World, policies: Records) -> None:
        tell_if_it_takes_long()
        self._state = state_of(table, world, policies)
        _begin(self._state)

    def apply(self, policies: Records) -> None:
        """What holds from now on."""
        # as plain bytes: numpy copies records field by field
        self._state.policies.view(np.uint8)[:] = policies.view(np.uint8)

    def run_until(self, time_ms: int) -> Journal:
        """Everything that happens before ``time_ms``; then what happened since the last time."""
        s = self._state
        decided, judged, went_out, waiting = _run_until(s, time_ms, False)
        while waiting == NEVER:
            self._state = s = with_more_room(s)
            decided, judged, went_out, waiting = _run_until(s, time_ms, True)
        return Journal(s.decided[:decided], s.judged[:judged], s.went_out[:went_out], waiting)

    def outcome(self) -> Outcome:
        """What came of the visits; it changes as the desk goes on."""
        s = self._state
        _give_all_a_record(s)
        return Outcome(_read_only(s.out[: s.clock["items"][0]]), _read_only(s.place))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    view = array.view()
    view.flags.writeable = False
    return view


@whole
def _begin(s: State) -> None:
    for person in range(len(s.people)):
        people.pulls(s, person)
    events.expect_arrival(s)
    _expect_on_agenda(s)
    s.clock[0].next_deadline = FAR


@whole
def _give_all_a_record(s: State) -> None:
    """Also to decisions that have not arisen, or never will."""
    for arrival in range(s.clock[0].arrivals, len(s.coming)):
        decision = index(s.coming[index(arrival)])
        events.comes_up(s, decision, ROUNDS * decision)
    if len(s.coming) < len(s.decisions):
        for decision in range(len(s.decisions)):
            if s.ready[index(decision)] == NEVER:
                events.comes_up(s, index(decision), ROUNDS * decision)


@whole
def _run_until(s: State, time_ms: int, goes_on: bool) -> tuple[int, int, int, int]:
    """How long the journal is, and what waits; NEVER if there is no room for another record."""
    clock = s.clock[0]
    if not goes_on:
        clock.decided = clock.judged = clock.went_out = 0
    bits = clock.bits
    end, item_of = (time_ms << 3) << bits, (1 << bits) - 1
    while True:
        key = min(clock.next_arrival, clock.next_on_agenda, clock.next_deadline)
        under_way = clock.heap > 0 and s.heap[0] < key
        if under_way:
            key = s.heap[0]
        if key >= end:
            break
        if clock.items == len(s.out):  # an event adds one at most
            return 0, 0, 0, NEVER
        if under_way:
            pop(s.heap, clock.heap)
            clock.heap -= 1
        now, kind, item = key >> (bits + 3), (key >> bits) & 7, index(key & item_of)
        first = last = _happen(s, kind, item, now)
        if kind == _RELEASE:
            first, last = 0, len(s.pools) - 1
        if last != NEVER:
            for number in range(first, last + 1):
                events.dispatch(s, index(number), now)
    return clock.decided, clock.judged, clock.went_out, _waiting(s)


@part
def _waiting(s: State) -> int:
    waiting = 0
    for number in range(len(s.pools)):
        waiting += s.pools[index(number)].waiting
    return waiting


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
