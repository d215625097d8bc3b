"""The queues of the compiled engine: lanes of visits, and the line of their deadlines."""

from __future__ import annotations

from ..contract import NEVER, Kind, event_key
from ..jit import index, part
from .state import FAR, State

_ESCALATION = int(Kind.ESCALATION)


@part
def enter(s: State, visit: int, number: int) -> None:
    """Wait in a lane: oldest first, then lowest visit."""
    link, lane = s.links[visit], s.lanes[number]
    since = s.out[visit].queued
    after, before = NEVER, lane.last
    # nearly always it is the last one
    while before != NEVER and _is_before(s, visit, since, index(before)):
        after, before = before, s.links[index(before)].previous
    link.lane, link.previous, link.next = number, before, after
    if before == NEVER:
        lane.first = visit
    else:
        s.links[index(before)].next = visit
    if after == NEVER:
        lane.last = visit
    else:
        s.links[index(after)].previous = visit
    s.pools[index(lane.pool)].waiting += 1


@part
def _is_before(s: State, visit: int, since: int, other: int) -> bool:
    queued = s.out[other].queued
    return bool(since < queued or (since == queued and visit < other))


@part
def leave(s: State, visit: int) -> None:
    """Wait no longer."""
    link = s.links[visit]
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
    s.pools[index(lane.pool)].waiting -= 1


@part
def most_urgent(s: State, person: int) -> int:
    """The next visit of the lanes that somebody works; NEVER if nothing waits in them."""
    mind, best, priority = s.minds[person], NEVER, 0
    for i in range(mind.first, mind.end):
        lane = s.lanes[index(s.lanes_of[index(i)])]
        if lane.first == NEVER:
            continue
        if best == NEVER:
            best, priority = lane.first, lane.priority
        elif lane.priority > priority:
            break  # lanes are sorted by priority
        elif _is_before(s, lane.first, s.out[index(lane.first)].queued, index(best)):
            best = lane.first
    return best


@part
def await_deadline(s: State, visit: int, workflow: int) -> None:
    """What joins a workflow's line later is due later."""
    flow = s.flows[workflow]
    if flow.first == NEVER:
        flow.first = visit
        s.clock[0].next_deadline = min(s.clock[0].next_deadline, _due(s, visit, workflow))
    else:
        s.links[flow.last].due_next = visit
    flow.last = visit


@part
def take_deadline(s: State, workflow: int) -> None:
    """The first of a workflow's line is over; the next one that still waits comes up."""
    flow = s.flows[workflow]
    visit = s.links[flow.first].due_next
    while visit != NEVER and s.links[visit].lane == NEVER:
        visit = s.links[visit].due_next  # it was begun in time
    flow.first = visit
    soonest = FAR
    for other in range(len(s.flows)):
        if s.flows[other].first != NEVER:
            soonest = min(soonest, _due(s, s.flows[other].first, other))
    s.clock[0].next_deadline = soonest


@part
def _due(s: State, visit: int, workflow: int) -> int:
    clock, late = s.clock[0], s.out[visit].queued + s.workflows[workflow].escalate_after
    return event_key(min(late, clock.horizon), _ESCALATION, visit, clock.bits)
