"""The events of the compiled engine: each kind is one function, as in the reference engine.

Each gives back the pool to which it brought work or a free person (NEVER if none); what people
then take up comes last, in one place, since all of this is compiled into one function.
"""

from __future__ import annotations

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
    workflow = workflow_of(s, visit)
    if s.policies[workflow].on:
        _ask_for_draft(s, visit, workflow, now)


@part
def on_drafted(s: State, visit: int, now: int) -> int:
    """A draft is there: it is routed; a second one goes back to whoever asked for it."""
    v, o, workflow = s.visits[visit], s.out[visit], workflow_of(s, visit)
    o.drafted = now
    o.ok = rules.is_ok(v.u_ok, v.logit_ok + s.policies[workflow].learned)
    pool = NEVER
    queued = visit if visit % ROUNDS == REDRAFT else _decide(s, visit, workflow, now)
    if queued != NEVER:
        pool = _join(s, queued, workflow, now)
    agent = index(s.workflows[workflow].agent)
    s.agents[agent].free += 1
    _draft_next(s, agent, now)
    return pool


@part
def on_reviewed(s: State, visit: int, now: int) -> int:
    """A verdict falls, or work by hand is done; the person is free for the next."""
    o, workflow = s.out[visit], workflow_of(s, visit)
    person = index(o.person)
    o.ended = now
    if o.by_hand == 1:
        _went_out(s, visit, workflow, now, now)
    else:
        ok, flagged = _judged_ok(s, visit), s.minds[person].flagged
        verdict = rules.verdict(flagged, s.visits[visit].u_edit, s.people[person].edit_share)
        o.verdict = verdict
        s.judged[s.clock[0].judged] = visit
        s.clock[0].judged += 1
        people.learns(s, person, ok, flagged, s.visits[visit].u_know)
        if visit % ROUNDS != LOOK:
            _after_verdict(s, visit, workflow, verdict, ok, now)
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
    workflow = workflow_of(s, visit)
    late, waits = s.flows[workflow].late, s.links[visit].lane != NEVER
    if waits:
        queues.leave(s, visit)
        s.out[visit].escalated = now
        queues.enter(s, visit, late)
    queues.take_deadline(s, workflow)
    return int(s.lanes[late].pool) if waits else NEVER


@part
def on_release(s: State, kind: int, now: int) -> None:
    """Looks that were held come on the desk together; then people take the most urgent."""
    n, visit = 0, s.held[kind]
    while visit != NEVER:
        push(s.sorting, n, visit)
        n += 1
        visit = s.links[index(visit)].next
    s.held[kind] = NEVER
    for size in range(n, 0, -1):
        visit = index(pop(s.sorting, size))
        _join(s, visit, workflow_of(s, visit), now)  # sorted, each one comes last in its lane


@part
def dispatch(s: State, number: int, now: int) -> None:
    """The first free person in roster order takes the next item, as long as there is one."""
    pool = s.pools[number]
    for i in range(pool.first, pool.end):
        if not (pool.waiting and pool.free):
            return
        person = index(s.members[i])
        if s.minds[person].there and not s.minds[person].busy:
            visit = queues.most_urgent(s, person)
            if visit != NEVER:
                queues.leave(s, index(visit))
                _start(s, person, index(visit), now)


# --- what they have in common --------------------------------------------------------------------


@part
def workflow_of(s: State, visit: int) -> int:
    """The workflow of a visit."""
    return index(s.decisions[visit // ROUNDS].workflow)


@part
def expect_arrival(s: State) -> None:
    """The key of the next decision to arise."""
    clock = s.clock[0]
    if clock.arrivals < len(s.coming):
        decision = index(s.coming[clock.arrivals])
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
def _ask_for_draft(s: State, visit: int, workflow: int, now: int) -> None:
    number = index(s.workflows[workflow].agent)
    agent = s.agents[number]
    if agent.first == NEVER:
        agent.first = visit
    else:
        s.links[agent.last].next = visit
    agent.last = visit
    _draft_next(s, number, now)


@part
def _draft_next(s: State, number: int, now: int) -> None:
    """First come, first served, while a slot is free."""
    agent = s.agents[number]
    while agent.free and agent.first != NEVER:
        visit = index(agent.first)
        agent.first = s.links[visit].next
        s.links[visit].next = NEVER
        agent.free -= 1
        s.out[visit].drafting = now
        _will_happen(s, now + s.visits[visit].draft, _DRAFTED, visit)


@part
def _decide(s: State, visit: int, workflow: int, now: int) -> int:
    """Route a first draft: it goes out, or it waits for a person; the visit that now waits."""
    decision = visit // ROUNDS
    d, o, clock = s.decisions[decision], s.out[visit], s.clock[0]
    w, policy = s.workflows[workflow], s.policies[workflow]
    peeked = policy.waits and d.u_peek < s.pools[index(w.pool)].peeking
    route, reasons = rules.route(
        policy.manual, w.gated, s.visits[visit].confidence, policy.auto, policy.review,
        d.deal_size, policy.deal_limit, d.signals, policy.triggers, peeked,
    )  # fmt: skip
    o.phase, o.route, o.reasons = policy.phase, route, reasons
    s.decided[clock.decided] = visit
    clock.decided += 1
    alone = route == rules.AUTO
    if route != rules.MANUAL:
        o.inclusion = rules.inclusion(policy.audit, policy.look_share) if alone else 1.0
    exception = route in (rules.REVIEW, rules.TRIAGE)
    if not (alone or (exception and not policy.waits)):
        o.by_hand = route == rules.MANUAL
        return visit
    s.went_ok[decision] = o.ok == 1
    if not _went_out(s, visit, workflow, now, now):
        return NEVER
    look = rules.OBSERVE
    if alone:
        look = rules.look_kind(d.u_audit, policy.audit, d.u_look, policy.look_share, policy.look)
    return _look_later(s, decision, look)


@part
def _after_verdict(s: State, visit: int, workflow: int, verdict: int, ok: bool, now: int) -> None:
    decision, w = visit // ROUNDS, s.workflows[workflow]
    if verdict == rules.REJECT:
        if visit % ROUNDS == FIRST and w.redrafts:
            _ask_for_draft(s, visit + REDRAFT, workflow, now)
        return
    s.went_ok[decision] = ok or verdict == rules.EDIT
    if _went_out(s, visit, workflow, now, now + w.execute):
        audited = s.decisions[decision].u_audit < s.policies[workflow].audit
        _look_later(s, decision, rules.AUDIT if audited else NEVER)


@part
def _went_out(s: State, visit: int, workflow: int, now: int, effect: int) -> bool:
    """It takes effect, unless its step has been overtaken by the next."""
    decision, o = visit // ROUNDS, s.out[visit]
    skip_after = s.workflows[workflow].skip_after
    if rules.too_late(now, s.ready[decision], skip_after):
        o.skipped = 1
        return False
    o.executed = effect
    s.went_out[s.clock[0].went_out] = visit
    s.clock[0].went_out += 1
    return True


@part
def _look_later(s: State, decision: int, look: int) -> int:
    """Somebody looks at it at once (the visit that waits for it), or at the next release."""
    if look == NEVER:
        return NEVER
    visit = ROUNDS * decision + LOOK
    s.out[visit].look = look
    if look == rules.OBSERVE:
        return visit
    s.links[visit].next = s.held[look]
    s.held[look] = visit
    return NEVER


@part
def _join(s: State, visit: int, workflow: int, now: int) -> int:
    """It waits for a person from now on; the pool."""
    flow = s.flows[workflow]
    s.out[visit].queued = now
    lane = index(flow.look if visit % ROUNDS == LOOK else flow.lane)
    queues.enter(s, visit, lane)
    if visit % ROUNDS != LOOK and s.workflows[workflow].backup_queue != NEVER:
        queues.await_deadline(s, visit, workflow)
    return int(s.lanes[lane].pool)


@part
def _start(s: State, person: int, visit: int, now: int) -> None:
    d, v, o = s.decisions[visit // ROUNDS], s.visits[visit], s.out[visit]
    workflow = workflow_of(s, visit)
    o.person, o.started = person, now
    optional = visit % ROUNDS == FIRST and s.workflows[workflow].optional
    if optional and o.by_hand != 1:
        o.by_hand = not (d.u_uptake < people.uptake(s, person))
    if o.by_hand == 1:
        people.takes(s, person)
        took = rules.review_ms(d.by_hand, 1.0, s.people[person].speed, 0)
    else:
        effort, skim, inspect, bulk = _care_for(s, visit, workflow)
        reads, took = people.reviews(
            s, person, workflow, v.review, effort, skim, inspect, bulk, _judged_ok(s, visit), now,
            v.u_inspect, v.u_flag,
        )  # fmt: skip
        o.inspected, o.bulk = reads, bulk
    _will_happen(s, now + took, _REVIEWED, visit)


@part
def _care_for(s: State, visit: int, workflow: int) -> tuple[float, float, float, bool]:
    """Time relative to a review, and to that; factor on the chance of reading; if in bulk."""
    if visit % ROUNDS != LOOK:
        return 1.0, 1.0, 1.0, False
    policy = s.policies[workflow]
    sure = s.visits[visit - LOOK].confidence >= policy.bulk_above
    if sure and s.out[visit].look != rules.OBSERVE:
        return policy.look_effort, policy.bulk_effort, policy.bulk_inspect, True
    return policy.look_effort, 1.0, 1.0, False


@part
def _judged_ok(s: State, visit: int) -> bool:
    """Whether what somebody has before them is right."""
    if visit % ROUNDS == LOOK:
        return bool(s.went_ok[visit // ROUNDS])
    return bool(s.out[visit].ok == 1)
