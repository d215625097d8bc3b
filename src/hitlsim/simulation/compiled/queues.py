"""The queues of the compiled engine: lanes of items, and the line of their deadlines."""

from __future__ import annotations

from ..contract import NEVER, Kind, event_key
from ..jit import index, part
from .bits import WORD_BITS, lowest_of, number_of
from .state import FAR, State

_ESCALATION = int(Kind.ESCALATION)


@part
def enter(s: State, item: int, number: int, after: int) -> None:
    """Wait in a lane: oldest first, then lowest visit.

    ``after`` is one there that surely comes after it, if one is known.
    """
    link, lane = s.links[item], s.lanes[number]
    before = lane.last if after == NEVER else s.links[index(after)].previous
    # nearly always this is its place
    while before != NEVER and _is_before(s, item, index(before)):
        after, before = before, s.links[index(before)].previous
    link.lane, link.previous, link.next = number, before, after
    if before == NEVER:
        lane.first = item
        s.occupied[index(lane.word)] |= lane.bit
    else:
        s.links[index(before)].next = item
    if after == NEVER:
        lane.last = item
    else:
        s.links[index(after)].previous = item
    s.pools[index(lane.pool)].waiting += 1


@part
def _is_before(s: State, item: int, other: int) -> bool:
    since, queued = s.out[item].queued, s.out[other].queued
    if since != queued:
        return bool(since < queued)
    return bool(s.links[item].visit < s.links[other].visit)


@part
def leave(s: State, item: int) -> None:
    """Wait no longer."""
    link = s.links[item]
    lane = s.lanes[index(link.lane)]
    if link.previous == NEVER:
        lane.first = link.next
    else:
        s.links[index(link.previous)].next = link.next
    if link.next == NEVER:
        lane.last = link.previous
    else:
        s.links[index(link.next)].previous = link.previous
    link.lane = NEVER
    if lane.first == NEVER:
        s.occupied[index(lane.word)] ^= lane.bit
    s.pools[index(lane.pool)].waiting -= 1


@part
def anything_for(s: State, group: int) -> bool:
    """Whether anything waits in the lanes that a group works."""
    for word in range(len(s.occupied)):
        if s.occupied[index(word)] & s.lanes_of[group, index(word)]:
            return True
    return False


@part
def most_urgent(s: State, group: int) -> int:
    """The next item of the lanes that a group works; NEVER if nothing waits in them."""
    best, priority = NEVER, 0
    for word in range(len(s.occupied)):
        bits = s.occupied[index(word)] & s.lanes_of[group, index(word)]
        while bits:
            lowest = lowest_of(bits)
            bits ^= lowest
            lane = s.lanes[index(WORD_BITS * word + number_of(lowest))]
            if best == NEVER:
                best, priority = lane.first, lane.priority
            elif lane.priority > priority:
                return best  # lanes are sorted by priority
            elif _is_before(s, index(lane.first), index(best)):
                best = lane.first
    return best


@part
def await_deadline(s: State, item: int, workflow: int) -> None:
    """What joins a workflow's line later is due later."""
    flow = s.flows[workflow]
    if flow.first == NEVER:
        flow.first = item
        s.clock[0].next_deadline = min(s.clock[0].next_deadline, _due(s, item, workflow))
    else:
        s.links[index(flow.last)].due_next = item
    flow.last = item


@part
def take_deadline(s: State, workflow: int) -> None:
    """The first of a workflow's line is over; the next one that still waits comes up."""
    flow = s.flows[workflow]
    item = s.links[index(flow.first)].due_next
    while item != NEVER and s.links[index(item)].lane == NEVER:
        item = s.links[index(item)].due_next  # it was begun in time
    flow.first = item
    soonest = FAR
    for other in range(len(s.flows)):
        if s.flows[other].first != NEVER:
            soonest = min(soonest, _due(s, index(s.flows[other].first), other))
    s.clock[0].next_deadline = soonest


@part
def _due(s: State, item: int, workflow: int) -> int:
    clock, late = s.clock[0], s.out[item].queued + s.workflows[workflow].escalate_after
    return event_key(min(late, clock.horizon), _ESCALATION, s.links[item].visit, clock.bits)
