"""The reference engine, on SimPy: written to be read.

Every kind of event is one method that starts with ``_on_``. SimPy keeps the clock; the order of
simultaneous events is the contract's, given to SimPy as the priority.
"""

from __future__ import annotations

from bisect import insort
from collections import deque
from collections.abc import Callable
from heapq import heappop, heappush

import numpy as np
import simpy

from . import rules
from .contract import (
    FIRST,
    LOOK,
    NEVER,
    OUTCOME,
    REDRAFT,
    ROUNDS,
    DayTally,
    Kind,
    LookKind,
    Records,
    Route,
    Settings,
    Table,
    World,
    as_lists,
    event_key,
    nothing_happened,
    visit_bits,
)

_LOOKS_COME_AFTER = 100  # added to the priority of a look: whatever waits to go out comes first


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
    """Agents that draft, a boundary that routes, and people who work the queue.

    Parameters
    ----------
    table : Table
        What stays as it is.
    world : World
        All randomness.
    settings : Settings
        What holds on the first day.
    """

    def __init__(self, table: Table, world: World, settings: Settings) -> None:
        self._env = simpy.Environment(initial_time=0)
        self._decisions, self._visits = as_lists(world.decisions), as_lists(world.visits)
        self._workflows, self._people = as_lists(table.workflows), as_lists(table.people)
        self._n = len(world.decisions)
        self._bits = visit_bits(table.horizon_ms, ROUNDS * self._n, len(table.people))
        self._out = as_lists(nothing_happened(ROUNDS * self._n))
        self._free_slots: list[int] = table.slots.tolist()
        self._to_draft: list[deque[int]] = [deque() for _ in table.slots]
        self._queues: list[list[tuple[int, int, int]]] = [[] for _ in range(table.n_pools)]
        self._free: list[list[int]] = [[] for _ in range(table.n_pools)]
        self._on_duty = [False] * len(table.people)
        self._busy = [False] * len(table.people)
        self._held_looks: dict[int, list[int]] = {kind: [] for kind in LookKind}
        self._decided = self._exceptions = self._reviewed = 0
        self.apply(settings)
        acts = {Kind.SHIFT: self._on_shift, Kind.RELEASE: self._on_release}
        for time, kind, item in table.agenda.tolist():
            self._at(time, kind, item, acts[Kind(kind)])
        self._expect_arrival(0)

    # --- the contract ------------------------------------------------------------------------

    def apply(self, settings: Settings) -> None:
        """What holds from now on."""
        self._settings = settings
        self._policies = as_lists(settings.policies)

    def run_until(self, time_ms: int) -> DayTally:
        """Everything that happens before ``time_ms``; then what a team sees."""
        self._env.run(until=time_ms)
        waiting = sum(map(len, self._queues))
        return DayTally(self._decided, self._exceptions, self._reviewed, waiting)

    def outcome(self) -> Records:
        """One record for each visit."""
        records = np.empty(ROUNDS * self._n, OUTCOME)
        for name, column in self._out.items():
            records[name] = column
        return records

    # --- events ------------------------------------------------------------------------------

    def _on_arrival(self, visit: int) -> None:
        self._expect_arrival(visit // ROUNDS + 1)
        self._ask_for_draft(visit)

    def _on_drafted(self, visit: int) -> None:
        v, out, now = self._visits, self._out, self._env.now
        decision, agent = visit // ROUNDS, self._agent_of(visit)
        out["drafted"][visit] = now
        out["ok"][visit] = rules.is_ok(v["u_ok"][visit], v["logit_ok"][visit])
        if visit % ROUNDS == REDRAFT:
            self._queue(visit)
        else:
            self._decide(decision, visit)
        self._free_slots[agent] += 1
        self._draft_next(agent)

    def _on_reviewed(self, visit: int) -> None:
        v, out, now = self._visits, self._out, self._env.now
        person = out["person"][visit]
        judged = visit - LOOK if visit % ROUNDS == LOOK else visit
        flagged = rules.flags(
            v["u_flag"][visit],
            out["ok"][judged],
            self._people["d_prime"][person],
            self._people["criterion"][person],
        )
        verdict = rules.verdict(flagged, v["u_edit"][visit], self._people["edit_share"][person])
        out["verdict"][visit] = verdict
        out["ended"][visit] = now
        self._reviewed += 1
        if visit % ROUNDS != LOOK:
            if verdict != rules.REJECT:
                out["executed"][visit] = now
            elif visit % ROUNDS == FIRST:
                self._ask_for_draft(visit + REDRAFT)
        self._busy[person] = False
        if self._on_duty[person]:
            insort(self._free[self._people["pool"][person]], person)
        self._dispatch(self._people["pool"][person])

    def _on_shift(self, item: int) -> None:
        person, comes = divmod(item, 2)
        pool = self._people["pool"][person]
        self._on_duty[person] = bool(comes)
        if comes and not self._busy[person]:
            insort(self._free[pool], person)
            self._dispatch(pool)
        elif not comes and person in self._free[pool]:
            self._free[pool].remove(person)

    def _on_release(self, kind: int) -> None:
        held, self._held_looks[kind] = self._held_looks[kind], []
        pools = {self._join(visit) for visit in held}
        for pool in sorted(pools):  # when all of them are on the desk: the most urgent goes first
            self._dispatch(pool)

    # --- what they have in common ------------------------------------------------------------

    def _at(self, time: int, kind: int, item: int, act: Callable[[int], None]) -> None:
        _Happening(self._env, time, event_key(0, kind, item, self._bits), act, item)

    def _expect_arrival(self, decision: int) -> None:
        if decision < self._n:
            arrival = self._decisions["arrival"][decision]
            self._at(arrival, Kind.ARRIVAL, decision * ROUNDS, self._on_arrival)

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
            self._out["drafting"][visit] = self._env.now
            done = self._env.now + self._visits["draft"][visit]
            self._at(int(done), Kind.DRAFTED, visit, self._on_drafted)

    def _decide(self, decision: int, visit: int) -> None:
        """Route a first draft: it goes out, or it waits for a person."""
        d, out, s = self._decisions, self._out, self._settings
        workflow = d["workflow"][decision]
        audit = self._policies["audit"][workflow]
        route, reasons = rules.route(
            self._workflows["gated"][workflow],
            self._visits["confidence"][visit],
            self._policies["auto"][workflow],
            self._policies["review"][workflow],
            d["deal_size"][decision],
            self._policies["deal_limit"][workflow],
            d["signals"][decision],
            self._policies["triggers"][workflow],
        )
        exception = route in (Route.REVIEW, Route.TRIAGE)
        self._decided += 1
        self._exceptions += exception
        out["phase"][visit], out["route"][visit], out["reasons"][visit] = s.phase, route, reasons
        out["inclusion"][visit] = 1.0 if route else rules.inclusion(audit, s.look_share)
        if route == Route.GATE or (exception and s.exceptions_wait):
            self._queue(visit)
            return
        out["executed"][visit] = self._env.now
        look = int(LookKind.OBSERVE)
        if not exception:
            look = rules.look_kind(
                d["u_audit"][decision], audit, d["u_look"][decision], s.look_share, s.look
            )
        if look != NEVER:
            out["look"][visit + LOOK] = look
            if look == LookKind.OBSERVE:
                self._queue(visit + LOOK)
            else:
                self._held_looks[look].append(visit + LOOK)

    def _queue(self, visit: int) -> None:
        self._dispatch(self._join(visit))

    def _join(self, visit: int) -> int:
        """Highest priority first (1 is highest), then oldest, then lowest visit; the pool."""
        workflow = self._decisions["workflow"][visit // ROUNDS]
        pool: int = self._workflows["pool"][workflow]
        priority = self._workflows["priority"][workflow]
        if visit % ROUNDS == LOOK:
            priority += _LOOKS_COME_AFTER
        self._out["queued"][visit] = self._env.now
        heappush(self._queues[pool], (priority, int(self._env.now), visit))
        return pool

    def _dispatch(self, pool: int) -> None:
        """The lowest free person in roster order takes the next item, while there are both."""
        while self._free[pool] and self._queues[pool]:
            person = self._free[pool].pop(0)
            _, _, visit = heappop(self._queues[pool])
            effort = self._settings.look_effort if visit % ROUNDS == LOOK else 1.0
            took = rules.review_ms(
                self._visits["review"][visit], effort, self._people["speed"][person]
            )
            self._busy[person] = True
            self._out["person"][visit] = person
            self._out["started"][visit] = self._env.now
            self._at(int(self._env.now) + took, Kind.REVIEWED, visit, self._on_reviewed)
