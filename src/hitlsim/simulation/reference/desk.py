"""The reference engine, on SimPy: written to be read.

Every kind of event is one method that starts with ``_on_``. SimPy keeps the clock; the order of
simultaneous events is the contract's, given to SimPy as the priority.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import numpy as np
import simpy

from .. import rules
from ..contract import (
    DECIDED,
    ESCALATED_FIRST,
    FIRST,
    JUDGED,
    LOOK,
    LOOKS_COME_AFTER,
    NEVER,
    REDRAFT,
    ROUNDS,
    WENT_OUT,
    Journal,
    Kind,
    LookKind,
    Outcome,
    Records,
    Route,
    Table,
    World,
    as_lists,
    event_key,
    nothing_happened,
    outcome_of,
    visit_bits,
)
from .people import People
from .queues import Queues


class _Happening(simpy.Event):
    """One event of the contract, at its place in the order."""

    def __init__(
        self, env: simpy.Environment, time: int, order: int, act: Callable[[int], None], item: int
    ) -> None:
        super().__init__(env)
        self._ok, self._value = True, None
        self._act, self._item = act, item
        self.callbacks = [self._happen]
        # SimPy's own two priorities are 0 and 1; its heap takes any whole number, and so do we
        env.schedule(self, priority=order, delay=time - env.now)  # type: ignore[arg-type]

    def _happen(self, _: simpy.Event) -> None:
        self._act(self._item)


class ReferenceDesk:
    """Agents that draft, a boundary that routes, and people who work the queues.

    Parameters
    ----------
    table : Table
        What stays as it is.
    world : World
        All randomness.
    policies : records
        POLICY: what holds for each workflow on the first day.
    """

    def __init__(self, table: Table, world: World, policies: Records) -> None:
        self._env = simpy.Environment(initial_time=0)
        self._decisions, self._visits = as_lists(world.decisions), as_lists(world.by_number())
        self._workflows = as_lists(table.workflows)
        self._people = People(table)
        self._n = len(world.decisions)
        self._bits = visit_bits(table.horizon_ms, ROUNDS * self._n, len(table.people))
        self._out = as_lists(nothing_happened(ROUNDS * self._n))
        self._ready: list[int] = table.ready.tolist()
        self._free_slots: list[int] = table.slots.tolist()
        self._to_draft: list[deque[int]] = [deque() for _ in table.slots]
        self._queues = Queues(table)
        self._queues_of = table.queues
        self._went_ok = [False] * self._n
        self._held_looks: dict[int, list[int]] = {kind: [] for kind in LookKind}
        # the journal: records as tuples
        self._decided: list[tuple[int, int]] = []
        self._judged: list[tuple[int, int, int, int]] = []
        self._out_there: list[tuple[int, int, int, int, int]] = []
        self.apply(policies)
        acts = {Kind.SHIFT: self._on_shift, Kind.RELEASE: self._on_release}
        for time, kind, item in table.agenda.tolist():
            self._at(time, kind, item, acts[Kind(kind)])
        coming = np.lexsort((np.arange(self._n), table.ready))
        self._coming: list[int] = coming[table.ready[coming] != NEVER].tolist()
        self._expect_arrival(0)

    # --- the contract ------------------------------------------------------------------------

    def apply(self, policies: Records) -> None:
        """What holds from now on."""
        self._policies = as_lists(policies)

    def run_until(self, time_ms: int) -> Journal:
        """Everything that happens before ``time_ms``; then what happened since the last time."""
        self._env.run(until=time_ms)
        happened = (self._decided, self._judged, self._out_there)
        notes = zip(happened, (DECIDED, JUDGED, WENT_OUT), strict=True)
        decided, judged, went_out = (np.array(those, dtype) for those, dtype in notes)
        for those in happened:
            those.clear()
        return Journal(decided, judged, went_out, sum(self._queues.waiting))

    def outcome(self) -> Outcome:
        """What came of the visits so far."""
        records = nothing_happened(ROUNDS * self._n)
        for name, column in self._out.items():
            records[name] = column
        return outcome_of(records)

    # --- events ------------------------------------------------------------------------------

    def _on_arrival(self, number: int) -> None:
        self._expect_arrival(number + 1)
        decision = self._coming[number]
        if self._policies["on"][self._decisions["workflow"][decision]]:
            self._ask_for_draft(ROUNDS * decision)

    def _on_drafted(self, visit: int) -> None:
        v, out, now = self._visits, self._out, int(self._env.now)
        decision, agent = visit // ROUNDS, self._agent_of(visit)
        learned = self._policies["learned"][self._decisions["workflow"][decision]]
        out["drafted"][visit] = now
        out["ok"][visit] = rules.is_ok(v["u_ok"][visit], v["logit_ok"][visit] + learned)
        if visit % ROUNDS == REDRAFT:
            self._queue(visit)
        else:
            self._decide(decision, visit)
        self._free_slots[agent] += 1
        self._draft_next(agent)

    def _on_reviewed(self, visit: int) -> None:
        v, out, now = self._visits, self._out, int(self._env.now)
        person = out["person"][visit]
        out["ended"][visit] = now
        if out["by_hand"][visit] == 1:
            self._went_out(visit, now, now)
        else:
            ok = self._judged_ok(visit)
            flagged = self._people.flags[person]
            verdict = rules.verdict(flagged, v["u_edit"][visit], self._people.edit_share[person])
            out["verdict"][visit] = verdict
            first = visit - visit % ROUNDS
            self._judged.append((visit, out["route"][first], out["look"][visit], verdict))
            self._people.learns(person, ok, flagged, v["u_know"][visit])
            if visit % ROUNDS != LOOK:
                self._after_verdict(visit, verdict, ok)
        self._people.done(person, now - out["started"][visit], now)
        self._dispatch(self._people.pool[person])

    def _on_shift(self, item: int) -> None:
        person, comes = divmod(item, 2)
        if comes:
            self._people.comes(person)
            self._dispatch(self._people.pool[person])
        else:
            self._people.leaves(person)

    def _on_escalation(self, visit: int) -> None:
        """Not begun in time: on to those who answer for it, before everything else they have."""
        if visit not in self._queues:
            return
        workflow = self._decisions["workflow"][visit // ROUNDS]
        self._queues.leave(visit)
        self._out["escalated"][visit] = int(self._env.now)
        queue, since = self._workflows["backup_queue"][workflow], self._out["queued"][visit]
        self._dispatch(self._queues.enter(visit, queue, ESCALATED_FIRST, since))

    def _on_release(self, kind: int) -> None:
        held, self._held_looks[kind] = self._held_looks[kind], []
        pools = {self._join(visit) for visit in held}
        for pool in sorted(pools):  # when all of them are on the desk: the most urgent goes first
            self._dispatch(pool)

    # --- what they have in common ------------------------------------------------------------

    def _at(self, time: int, kind: int, item: int, act: Callable[[int], None]) -> None:
        _Happening(self._env, time, event_key(0, kind, item, self._bits), act, item)

    def _expect_arrival(self, number: int) -> None:
        if number < len(self._coming):
            decision = self._coming[number]
            key = event_key(0, Kind.ARRIVAL, decision * ROUNDS, self._bits)
            _Happening(self._env, self._ready[decision], key, self._on_arrival, number)

    def _agent_of(self, visit: int) -> int:
        agent: int = self._workflows["agent"][self._decisions["workflow"][visit // ROUNDS]]
        return agent

    def _ask_for_draft(self, visit: int) -> None:
        agent = self._agent_of(visit)
        self._to_draft[agent].append(visit)
        self._draft_next(agent)

    def _draft_next(self, agent: int) -> None:
        """First come, first served, while a slot is free."""
        while self._free_slots[agent] and self._to_draft[agent]:
            visit = self._to_draft[agent].popleft()
            self._free_slots[agent] -= 1
            self._out["drafting"][visit] = int(self._env.now)
            done = self._env.now + self._visits["draft"][visit]
            self._at(int(done), Kind.DRAFTED, visit, self._on_drafted)

    def _decide(self, decision: int, visit: int) -> None:
        """Route a first draft: it goes out, or it waits for a person."""
        d, out, policy, now = self._decisions, self._out, self._policies, int(self._env.now)
        workflow = d["workflow"][decision]
        waits = policy["waits"][workflow]
        peeks = self._people.peeking[self._workflows["pool"][workflow]]
        route, reasons = rules.route(
            policy["manual"][workflow],
            self._workflows["gated"][workflow],
            self._visits["confidence"][visit],
            policy["auto"][workflow],
            policy["review"][workflow],
            d["deal_size"][decision],
            policy["deal_limit"][workflow],
            d["signals"][decision],
            policy["triggers"][workflow],
            waits and d["u_peek"][decision] < peeks,
        )
        out["phase"][visit], out["route"][visit] = policy["phase"][workflow], route
        out["reasons"][visit] = reasons
        self._decided.append((visit, route))
        audit, share = policy["audit"][workflow], policy["look_share"][workflow]
        if route != Route.MANUAL:
            out["inclusion"][visit] = 1.0 if route else rules.inclusion(audit, share)
        exception = route in (Route.REVIEW, Route.TRIAGE)
        if route not in (Route.AUTO, Route.REVIEW, Route.TRIAGE) or (exception and waits):
            out["by_hand"][visit] = int(route == Route.MANUAL)
            self._queue(visit)
            return
        self._went_ok[decision] = bool(out["ok"][visit])
        if not self._went_out(visit, now, now):
            return
        look = int(LookKind.OBSERVE)
        if not exception:
            look = rules.look_kind(
                d["u_audit"][decision], audit, d["u_look"][decision], share,
                policy["look"][workflow],
            )  # fmt: skip
        self._look_later(decision, look)

    def _after_verdict(self, visit: int, verdict: int, ok: bool) -> None:
        decision, now = visit // ROUNDS, int(self._env.now)
        workflow = self._decisions["workflow"][decision]
        if verdict == rules.REJECT:
            if visit % ROUNDS == FIRST and self._workflows["redrafts"][workflow]:
                self._ask_for_draft(visit + REDRAFT)
            return
        self._went_ok[decision] = ok or verdict == rules.EDIT
        effect = now + self._workflows["execute"][workflow]
        if self._went_out(visit, now, effect):
            audited = self._decisions["u_audit"][decision] < self._policies["audit"][workflow]
            self._look_later(decision, rules.AUDIT if audited else NEVER)

    def _went_out(self, visit: int, now: int, effect: int) -> bool:
        """It takes effect, unless its step has been overtaken by the next."""
        workflow = self._decisions["workflow"][visit // ROUNDS]
        skip_after = self._workflows["skip_after"][workflow]
        if rules.too_late(now, self._ready[visit // ROUNDS], skip_after):
            self._out["skipped"][visit] = 1
            return False
        out = self._out
        out["executed"][visit] = effect
        self._out_there.append(
            (effect, visit, int(out["ok"][visit]), out["verdict"][visit], out["by_hand"][visit])
        )
        return True

    def _look_later(self, decision: int, look: int) -> None:
        if look == NEVER:
            return
        visit = ROUNDS * decision + LOOK
        self._out["look"][visit] = look
        if look == LookKind.OBSERVE:
            self._queue(visit)
        else:
            self._held_looks[look].append(visit)

    # --- queues ------------------------------------------------------------------------------

    def _queue(self, visit: int) -> None:
        self._dispatch(self._join(visit))

    def _join(self, visit: int) -> int:
        """It waits for a person from now on; the pool."""
        now = int(self._env.now)
        workflow = self._decisions["workflow"][visit // ROUNDS]
        priority = self._workflows["priority"][workflow]
        self._out["queued"][visit] = now
        if visit % ROUNDS == LOOK:
            priority += LOOKS_COME_AFTER
        elif self._workflows["backup_queue"][workflow] != NEVER:
            late = now + self._workflows["escalate_after"][workflow]
            self._at(late, Kind.ESCALATION, visit, self._on_escalation)
        return self._queues.enter(visit, self._workflows["queue"][workflow], priority, now)

    def _dispatch(self, pool: int) -> None:
        """The first free person in roster order takes the next item, as long as there is one."""
        if not self._queues.waiting[pool]:
            return
        for person in list(self._people.free[pool]):
            visit = self._queues.most_urgent(self._queues_of[person])
            if visit != NEVER:
                self._queues.leave(visit)
                self._start(person, visit)

    def _start(self, person: int, visit: int) -> None:
        out, d, now = self._out, self._decisions, int(self._env.now)
        decision = visit // ROUNDS
        workflow, base = d["workflow"][decision], self._visits["review"][visit]
        out["person"][visit], out["started"][visit] = person, now
        optional = visit % ROUNDS == FIRST and self._workflows["optional"][workflow]
        if optional and out["by_hand"][visit] != 1:
            used = d["u_uptake"][decision] < self._people.uptake(person)
            out["by_hand"][visit] = int(not used)
        if out["by_hand"][visit] == 1:
            self._people.takes(person)
            took = rules.review_ms(d["by_hand"][decision], 1.0, self._people.speed[person], 0)
        else:
            effort, skim, inspect, bulk = self._care_for(visit, workflow)
            reads, took = self._people.reviews(
                person, workflow, base, effort, skim, inspect, bulk, self._judged_ok(visit),
                self._queues.waiting[self._people.pool[person]], now,
                self._visits["u_inspect"][visit], self._visits["u_flag"][visit],
            )  # fmt: skip
            out["inspected"][visit], out["bulk"][visit] = int(reads), int(bulk)
        self._at(now + took, Kind.REVIEWED, visit, self._on_reviewed)

    def _care_for(self, visit: int, workflow: int) -> tuple[float, float, float, bool]:
        """Time relative to a review, and to that; factor on the chance of reading; if in bulk."""
        if visit % ROUNDS != LOOK:
            return 1.0, 1.0, 1.0, False
        policy = self._policies
        effort = policy["look_effort"][workflow]
        sure = self._visits["confidence"][visit - LOOK] >= policy["bulk_above"][workflow]
        if sure and self._out["look"][visit] != LookKind.OBSERVE:
            skim, inspect = policy["bulk_effort"][workflow], policy["bulk_inspect"][workflow]
            return effort, skim, inspect, True
        return effort, 1.0, 1.0, False

    def _judged_ok(self, visit: int) -> bool:
        """Whether what somebody has before them is right."""
        if visit % ROUNDS == LOOK:
            return self._went_ok[visit // ROUNDS]
        return bool(self._out["ok"][visit])
