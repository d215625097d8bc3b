"""The events of the compiled engine: each kind is one function, as in the reference engine.

Each gives back the pool to which it brought work or a free person (NEVER if none); what people
then take up comes last, in one place, since all of this is compiled into one function. A *visit* is
known by its number, an *item* by the place of its record; see :mod:`.state`.
"""

from __future__ import annotations

from typing import Any

from .. import rules
from ..contract import (
    FIRST,
    LOOK,
    NEVER,
    REDRAFT,
    ROUNDS,
    Kind,
    event_key,
)
from ..jit import index, part
from . import people, queues
from .heap import pop, push
from .state import FAR, State

_DRAFTED, _REVIEWED, _ARRIVAL = int(Kind.DRAFTED), int(Kind.REVIEWED), int(Kind.ARRIVAL)


@part
def on_arrival(s: State, visit: int, now: int) -> None:
    """A decision arises."""
    s.clock[0].arrivals += 1
    expect_arrival(s)
    item = visit // ROUNDS
    comes_up(s, item, visit)
    workflow = _workflow_of(s, visit)
    if s.policies[workflow].on:
        _ask_for_draft(s, item, workflow, now)


@part
def on_drafted(s: State, visit: int, now: int) -> int:
    """A draft is there: it is routed; a second one goes back to whoever asked for it."""
    item, workflow = _item_of(s, visit), _workflow_of(s, visit)
    v, o = _drawn(s, visit), s.out[item]
    o.drafted = now
    o.ok = rules.is_ok(v.u_ok, v.logit_ok + s.policies[workflow].learned)
    pool = NEVER
    queued = item if visit % ROUNDS == REDRAFT else _decide(s, visit, workflow, now)
    if queued != NEVER:
        pool = _join(s, index(queued), workflow, now)
    agent = index(s.workflows[workflow].agent)
    s.agents[agent].free += 1
    _draft_next(s, agent, now)
    return pool


@part
def on_reviewed(s: State, visit: int, now: int) -> int:
    """A verdict falls, or work by hand is done; the person is free for the next."""
    item, workflow = _item_of(s, visit), _workflow_of(s, visit)
    o = s.out[item]
    person = index(o.person)
    o.ended = now
    if o.by_hand == 1:
        _went_out(s, item, visit, workflow, now, now)
    else:
        ok, flagged = _judged_ok(s, item, visit), s.minds[person].flagged
        o.verdict = rules.verdict(flagged, _drawn(s, visit).u_edit, s.people[person].edit_share)
        _note_judged(s, item, visit)
        people.learns(s, person, ok, flagged, _drawn(s, visit).u_know)
        if visit % ROUNDS != LOOK:
            _after_verdict(s, item, visit, workflow, ok, now)
    people.done(s, person, now - o.started, now)
    return int(s.people[person].pool)


@part
def on_shift(s: State, item: int) -> int:
    """Somebody comes or leaves."""
    person = item // 2
    if item % 2:
        people.comes(s, person)
        return int(s.people[person].pool)
    people.leaves(s, person)
    return NEVER


@part
def on_escalation(s: State, visit: int, now: int) -> int:
    """Not begun in time: on to those who answer for it, before everything else they have."""
    item, workflow = _item_of(s, visit), _workflow_of(s, visit)
    late, waits = s.flows[workflow].late, s.links[item].lane != NEVER
    if waits:
        queues.leave(s, item)
        s.out[item].escalated = now
        queues.enter(s, item, index(late), NEVER)
    queues.take_deadline(s, workflow)
    return int(s.lanes[index(late)].pool) if waits else NEVER


@part
def on_release(s: State, kind: int, now: int) -> None:
    """Looks that were held come on the desk together; then people take the most urgent."""
    n, item = 0, s.held[kind]
    while item != NEVER:
        push(s.sorting, n, s.links[index(item)].visit)
        n += 1
        item = s.links[index(item)].next
    s.held[kind] = NEVER
    for size in range(n, 0, -1):
        s.sorting[size - 1] = pop(s.sorting, size)
    for number in range(len(s.lanes)):
        s.lanes[index(number)].released = NEVER
    # the last one first: in its lane each stands before the one that came before
    for i in range(n):
        visit = index(s.sorting[index(i)])
        item = _item_of(s, visit)
        number = index(s.flows[_workflow_of(s, visit)].look)
        s.out[item].queued = now
        queues.enter(s, item, number, s.lanes[number].released)
        s.lanes[number].released = item


@part
def dispatch(s: State, number: int, now: int) -> None:
    """The first free person in roster order takes the next item, as long as there is one."""
    pool = s.pools[number]
    while pool.waiting and pool.free:
        person, group = people.first_who_can(s, number)
        if person == NEVER:
            return
        item = index(queues.most_urgent(s, group))
        queues.leave(s, item)
        _start(s, person, item, now)


# --- what they have in common --------------------------------------------------------------------


@part
def comes_up(s: State, item: int, visit: int) -> None:
    """From now on it has a record, in which nothing has happened."""
    s.out[item], s.links[item] = s.nothing[0], s.alone[0]
    s.links[item].visit, s.place[visit] = visit, item


@part
def _comes_up_later(s: State, visit: int) -> int:
    """A visit after the first one: its item."""
    clock = s.clock[0]
    item = index(clock.items)
    clock.items += 1
    comes_up(s, item, visit)
    return item


@part
def _item_of(s: State, visit: int) -> int:
    return index(s.place[visit])


@part
def _drawn(s: State, visit: int) -> Any:
    """VISIT of a visit."""
    return s.visits[visit % ROUNDS, visit // ROUNDS]


@part
def _workflow_of(s: State, visit: int) -> int:
    return index(s.decisions[visit // ROUNDS].workflow)


@part
def expect_arrival(s: State) -> None:
    """The key of the next decision to arise."""
    clock = s.clock[0]
    if clock.arrivals < len(s.coming):
        decision = index(s.coming[index(clock.arrivals)])
        clock.next_arrival = event_key(s.ready[decision], _ARRIVAL, ROUNDS * decision, clock.bits)
    else:
        clock.next_arrival = FAR


@part
def _will_happen(s: State, time: int, kind: int, visit: int) -> None:
    clock = s.clock[0]
    # what comes after the end never happens, and its key might not fit
    key = event_key(min(time, clock.horizon), kind, visit, clock.bits)
    push(s.heap, clock.heap, key)
    clock.heap += 1


@part
def _ask_for_draft(s: State, item: int, workflow: int, now: int) -> None:
    number = index(s.workflows[workflow].agent)
    agent = s.agents[number]
    if agent.first == NEVER:
        agent.first = item
    else:
        s.links[index(agent.last)].next = item
    agent.last = item
    _draft_next(s, number, now)


@part
def _draft_next(s: State, number: int, now: int) -> None:
    """First come, first served, while a slot is free."""
    agent = s.agents[number]
    while agent.free and agent.first != NEVER:
        item = index(agent.first)
        link = s.links[item]
        agent.first = link.next
        link.next = NEVER
        agent.free -= 1
        s.out[item].drafting = now
        visit = index(link.visit)
        _will_happen(s, now + _drawn(s, visit).draft, _DRAFTED, visit)


@part
def _decide(s: State, visit: int, workflow: int, now: int) -> int:
    """Route a first draft: it goes out, or it waits for a person; the item that now waits."""
    decision = visit // ROUNDS
    d, o, clock = s.decisions[decision], s.out[decision], s.clock[0]
    w, policy = s.workflows[workflow], s.policies[workflow]
    peeked = policy.waits and d.u_peek < s.pools[index(w.pool)].peeking
    route, reasons = rules.route(
        policy.manual, w.gated, _drawn(s, visit).confidence, policy.auto, policy.review,
        d.deal_size, policy.deal_limit, d.signals, policy.triggers, peeked,
    )  # fmt: skip
    o.phase, o.route, o.reasons = policy.phase, route, reasons
    note = s.decided[index(clock.decided)]
    note.visit, note.route = visit, route
    clock.decided += 1
    alone = route == rules.AUTO
    if route != rules.MANUAL:
        o.inclusion = rules.inclusion(policy.audit, policy.look_share) if alone else 1.0
    exception = route in (rules.REVIEW, rules.TRIAGE)
    if not (alone or (exception and not policy.waits)):
        o.by_hand = route == rules.MANUAL
        return decision
    s.went_ok[decision] = o.ok == 1
    if not _went_out(s, decision, visit, workflow, now, now):
        return NEVER
    look = rules.OBSERVE
    if alone:
        look = rules.look_kind(d.u_audit, policy.audit, d.u_look, policy.look_share, policy.look)
    return _look_later(s, decision, look)


@part
def _after_verdict(s: State, item: int, visit: int, workflow: int, ok: bool, now: int) -> None:
    decision, w, verdict = visit // ROUNDS, s.workflows[workflow], s.out[item].verdict
    if verdict == rules.REJECT:
        if visit % ROUNDS == FIRST and w.redrafts:
            _ask_for_draft(s, _comes_up_later(s, visit + REDRAFT), workflow, now)
        return
    s.went_ok[decision] = ok or verdict == rules.EDIT
    if _went_out(s, item, visit, workflow, now, now + w.execute):
        audited = s.decisions[decision].u_audit < s.policies[workflow].audit
        _look_later(s, decision, rules.AUDIT if audited else NEVER)


@part
def _went_out(s: State, item: int, visit: int, workflow: int, now: int, effect: int) -> bool:
    """It takes effect, unless its step has been overtaken by the next."""
    o, clock = s.out[item], s.clock[0]
    skip_after = s.workflows[workflow].skip_after
    if rules.too_late(now, s.ready[visit // ROUNDS], skip_after):
        o.skipped = 1
        return False
    o.executed = effect
    note = s.went_out[index(clock.went_out)]
    note.visit, note.executed = visit, effect
    note.ok, note.verdict, note.by_hand = o.ok, o.verdict, o.by_hand
    clock.went_out += 1
    return True


@part
def _note_judged(s: State, item: int, visit: int) -> None:
    clock = s.clock[0]
    note, o = s.judged[index(clock.judged)], s.out[item]
    note.visit, note.route = visit, s.out[visit // ROUNDS].route
    note.look, note.verdict = o.look, o.verdict
    clock.judged += 1


@part
def _look_later(s: State, decision: int, look: int) -> int:
    """Somebody looks at it at once (the item that waits for it), or at the next release."""
    if look == NEVER:
        return NEVER
    item = _comes_up_later(s, ROUNDS * decision + LOOK)
    s.out[item].look = look
    if look == rules.OBSERVE:
        return item
    s.links[item].next = s.held[look]
    s.held[look] = item
    return NEVER


@part
def _join(s: State, item: int, workflow: int, now: int) -> int:
    """It waits for a person from now on; the pool."""
    flow, is_look = s.flows[workflow], s.out[item].look != NEVER
    s.out[item].queued = now
    lane = index(flow.look if is_look else flow.lane)
    queues.enter(s, item, lane, NEVER)
    if not is_look and s.workflows[workflow].backup_queue != NEVER:
        queues.await_deadline(s, item, workflow)
    return int(s.lanes[lane].pool)


@part
def _start(s: State, person: int, item: int, now: int) -> None:
    visit = index(s.links[item].visit)
    d, v, o = s.decisions[visit // ROUNDS], _drawn(s, visit), s.out[item]
    workflow = _workflow_of(s, visit)
    people.takes(s, person, now)
    o.person, o.started = person, now
    optional = visit % ROUNDS == FIRST and s.workflows[workflow].optional
    if optional and o.by_hand != 1:
        o.by_hand = not (d.u_uptake < people.uptake(s, person))
    if o.by_hand == 1:
        took = rules.review_ms(d.by_hand, 1.0, s.people[person].speed, 0)
    else:
        effort, skim, inspect, bulk = _care_for(s, item, visit, workflow)
        reads, took = people.reviews(
            s, person, workflow, v.review, effort, skim, inspect, bulk,
            _judged_ok(s, item, visit), v.u_inspect, v.u_flag,
        )  # fmt: skip
        o.inspected, o.bulk = reads, bulk
    _will_happen(s, now + took, _REVIEWED, visit)


@part
def _care_for(s: State, item: int, visit: int, workflow: int) -> tuple[float, float, float, bool]:
    """Time relative to a review, and to that; factor on the chance of reading; if in bulk."""
    if visit % ROUNDS != LOOK:
        return 1.0, 1.0, 1.0, False
    policy = s.policies[workflow]
    sure = _drawn(s, visit - LOOK).confidence >= policy.bulk_above
    if sure and s.out[item].look != rules.OBSERVE:
        return policy.look_effort, policy.bulk_effort, policy.bulk_inspect, True
    return policy.look_effort, 1.0, 1.0, False


@part
def _judged_ok(s: State, item: int, visit: int) -> bool:
    """Whether what somebody has before them is right."""
    if visit % ROUNDS == LOOK:
        return bool(s.went_ok[visit // ROUNDS])
    return bool(s.out[item].ok == 1)
