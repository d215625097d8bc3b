"""The reference engine against a plain loop that looks through everything at every step."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hitlsim.simulation import rules
from hitlsim.simulation.contract import (
    AGENDA,
    DECISION,
    FIRST,
    LOOK,
    NEVER,
    OUTCOME,
    PERSON,
    POLICY,
    REDRAFT,
    ROUNDS,
    VISIT,
    WORKFLOW,
    DayTally,
    Kind,
    LookKind,
    Records,
    Route,
    Settings,
    Table,
    Verdict,
    World,
    nothing_happened,
    shift_item,
)
from hitlsim.simulation.reference import ReferenceDesk

HOUR = 3_600_000
DAY = 24 * HOUR
DAYS = 3


class Case(NamedTuple):
    table: Table
    world: World
    days: list[Settings]


# --- the plain loop ------------------------------------------------------------------------------


class Naive:
    """All pending events in one list; free people and next items are searched for each time."""

    def __init__(self, case: Case) -> None:
        self.table, self.world, self.days = case
        self.d, self.v = case.world
        self.out = nothing_happened(len(self.v))
        self.pending: list[tuple[int, int, int]] = [
            *((int(t), int(k), int(i)) for t, k, i in case.table.agenda.tolist()),
            *((int(t), int(Kind.ARRIVAL), ROUNDS * i) for i, t in enumerate(self.d["arrival"])),
        ]
        self.to_draft: list[int] = []
        self.drafting: list[int] = []
        self.queue: list[int] = []
        self.held: list[int] = []
        self.present: set[int] = set()
        self.working: dict[int, int] = {}

    def run(self) -> Records:
        while self.pending:
            event = min(self.pending)
            self.pending.remove(event)
            self.now, kind, item = event
            if self.now < self.table.horizon_ms:
                self.settings = self.days[self.now // DAY]
                self.happens(Kind(kind), item)
                self.start_drafts()
                self.start_reviews()
        return self.out

    def happens(self, kind: Kind, item: int) -> None:
        if kind is Kind.ARRIVAL:
            self.to_draft.append(item)
        elif kind is Kind.DRAFTED:
            self.drafting.remove(item)
            self.drafted(item)
        elif kind is Kind.REVIEWED:
            self.reviewed(item)
        elif kind is Kind.RELEASE:
            ready = [v for v in self.held if self.out["look"][v] == item]
            self.held = [v for v in self.held if v not in ready]
            for v in ready:
                self.join(v)
        elif item % 2:
            self.present.add(item // 2)
        else:
            self.present.discard(item // 2)

    def workflow(self, visit: int) -> Any:
        return self.table.workflows[self.d["workflow"][visit // ROUNDS]]

    def join(self, visit: int) -> None:
        self.out["queued"][visit] = self.now
        self.queue.append(visit)

    def drafted(self, visit: int) -> None:
        v, d, out = self.v[visit], self.d[visit // ROUNDS], self.out
        out["drafted"][visit] = self.now
        out["ok"][visit] = rules.is_ok(float(v["u_ok"]), float(v["logit_ok"]))
        if visit % ROUNDS == REDRAFT:
            self.join(visit)
            return
        s, policy = self.settings, self.settings.policies[d["workflow"]]
        route, reasons = rules.route(
            bool(self.workflow(visit)["gated"]), v["confidence"], policy["auto"], policy["review"],
            d["deal_size"], policy["deal_limit"], int(d["signals"]), int(policy["triggers"]),
        )  # fmt: skip
        out["route"][visit], out["reasons"][visit], out["phase"][visit] = route, reasons, s.phase
        looked, audited = d["u_look"] < s.look_share, d["u_audit"] < policy["audit"]
        out["inclusion"][visit] = (
            1 if route else 1 - (1 - float(policy["audit"])) * (1 - s.look_share)
        )
        if route == Route.GATE or (route != Route.AUTO and s.exceptions_wait):
            self.join(visit)
            return
        out["executed"][visit] = self.now
        if route != Route.AUTO or (looked and s.look == LookKind.OBSERVE):
            out["look"][visit + LOOK] = LookKind.OBSERVE
            self.join(visit + LOOK)
        elif looked or audited:
            out["look"][visit + LOOK] = LookKind.AUDIT if audited else s.look
            self.held.append(visit + LOOK)

    def reviewed(self, visit: int) -> None:
        person, out = self.working.pop(visit), self.out
        who = self.table.people[person]
        ok = out["ok"][visit - LOOK if visit % ROUNDS == LOOK else visit]
        flagged = rules.flags(self.v["u_flag"][visit], ok, who["d_prime"], who["criterion"])
        edits = self.v["u_edit"][visit] < who["edit_share"]
        verdict = Verdict.APPROVE
        if flagged:
            verdict = Verdict.EDIT if edits else Verdict.REJECT
        out["verdict"][visit], out["ended"][visit] = verdict, self.now
        if visit % ROUNDS != LOOK and verdict != Verdict.REJECT:
            out["executed"][visit] = self.now
        if visit % ROUNDS == FIRST and verdict == Verdict.REJECT:
            self.to_draft.append(visit + REDRAFT)

    def start_drafts(self) -> None:
        for visit in list(self.to_draft):
            agent = self.workflow(visit)["agent"]
            busy = sum(self.workflow(v)["agent"] == agent for v in self.drafting)
            if busy < self.table.slots[agent]:
                self.to_draft.remove(visit)
                self.drafting.append(visit)
                self.out["drafting"][visit] = self.now
                end = self.now + int(self.v["draft"][visit])
                self.pending.append((end, int(Kind.DRAFTED), visit))

    def start_reviews(self) -> None:
        def rank(visit: int) -> tuple[bool, int, int, int]:
            priority, queued = self.workflow(visit)["priority"], self.out["queued"][visit]
            return visit % ROUNDS == LOOK, int(priority), int(queued), visit

        for person in range(len(self.table.people)):  # the roster's order
            if person not in self.present or person in self.working.values():
                continue
            who = self.table.people[person]
            mine = [v for v in self.queue if self.workflow(v)["pool"] == who["pool"]]
            if mine:
                visit = min(mine, key=rank)
                self.queue.remove(visit)
                self.working[visit] = person
                self.out["person"][visit], self.out["started"][visit] = person, self.now
                effort = self.settings.look_effort if visit % ROUNDS == LOOK else 1.0
                took = max(1, int(int(self.v["review"][visit]) * effort / float(who["speed"])))
                self.pending.append((self.now + took, int(Kind.REVIEWED), visit))


def run_reference(case: Case, *, stops: list[int]) -> tuple[Records, list[DayTally]]:
    """Run with the settings of each day, stopping at midnights and at ``stops``."""
    desk = ReferenceDesk(case.table, case.world, case.days[0])
    tallies = []
    for time in sorted({*stops, *(DAY * (d + 1) for d in range(DAYS))}):
        desk.apply(case.days[(time - 1) // DAY])
        tallies.append(desk.run_until(time))
    return desk.outcome(), tallies


# --- small worlds with many ties -----------------------------------------------------------------


class Small:
    """Everything in whole ticks, around midnights, from a few values: most things coincide."""

    def __init__(self, seed: int, tick: int, n: int, people: int, agents: int, pools: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.tick, self.n, self.n_people = tick, n, people
        self.n_agents, self.n_pools, self.n_workflows = agents, pools, 3
        self.moments = np.array([m * DAY + k * tick for m in range(DAYS) for k in range(8)])

    def records(self, dtype: np.dtype[Any], n: int, **values: Any) -> Records:
        out = np.zeros(n, dtype)
        for name, choices in values.items():
            out[name] = self.rng.choice(choices, n)
        return out

    def case(self) -> Case:
        units = [0.0, 0.3, 0.6, 0.99]
        decisions = self.records(
            DECISION, self.n, arrival=self.moments, workflow=range(self.n_workflows),
            deal_size=[50, 100, 150], signals=range(4), u_audit=units, u_look=units,
        )  # fmt: skip
        decisions.sort(order="arrival")
        durations = self.tick * np.arange(1, 4)
        visits = self.records(
            VISIT, ROUNDS * self.n, confidence=[0.6, 0.7, 0.8, 0.9, 0.95], u_ok=units,
            draft=durations, review=durations, u_flag=units, u_edit=units,
        )  # fmt: skip
        workflows = self.records(
            WORKFLOW, self.n_workflows, agent=range(self.n_agents), pool=range(self.n_pools),
            gated=[False, True], priority=[1, 1, 2],
        )  # fmt: skip
        roster = self.records(
            PERSON, self.n_people, pool=range(self.n_pools), d_prime=[0, 4],
            criterion=[-1, 0, 1], edit_share=[0, 0.5, 1], speed=[0.5, 1, 1, 2],
        )  # fmt: skip
        slots = self.rng.integers(1, 3, self.n_agents)
        table = Table(workflows, slots, roster, self.n_pools, self.agenda(), DAYS * DAY)
        return Case(table, World(decisions, visits), [self.settings() for _ in range(DAYS)])

    def agenda(self) -> Records:
        items: set[tuple[int, int, int]] = {
            (int(self.rng.choice(self.moments)), int(Kind.RELEASE), k) for k in LookKind
        }
        for person in range(self.n_people):
            edges = np.unique(self.rng.choice(self.moments, 4)).tolist()
            for start, end in pairwise([*edges, DAYS * DAY]):
                if self.rng.random() < 0.8:  # shifts may touch: leaves and comes at one moment
                    items.add((start, int(Kind.SHIFT), shift_item(person, comes=True)))
                    items.add((end, int(Kind.SHIFT), shift_item(person, comes=False)))
        return np.array(sorted(items), AGENDA)

    def settings(self) -> Settings:
        looks = [LookKind.OBSERVE, LookKind.BATCH, LookKind.SPOT_CHECK]
        return Settings(
            phase=int(self.rng.integers(3)),
            exceptions_wait=bool(self.rng.random() < 0.7),
            look=looks[self.rng.integers(3)],
            look_share=float(self.rng.choice([0, 0.5, 1])),
            look_effort=float(self.rng.choice([0.5, 1])),
            policies=self.records(
                POLICY, self.n_workflows, auto=[0.8, 0.9], review=[0.7, 0.8],
                deal_limit=[100, math.inf], triggers=range(4), audit=[0, 0.5, 1],
            ),
        )  # fmt: skip


CASES = st.builds(
    Small,
    seed=st.integers(0, 2**32 - 1),
    tick=st.sampled_from([60_000, HOUR]),
    n=st.integers(0, 25),
    people=st.integers(0, 4),
    agents=st.integers(1, 2),
    pools=st.integers(1, 2),
).map(Small.case)


def test_the_roster_decides_even_when_people_outnumber_decisions(
    run_desk: Callable[..., Records],
) -> None:
    come = [(HOUR, 2 * HOUR)]
    out = run_desk([0], [1], shifts=[[], come, [], [], come])
    assert out["person"][FIRST] == 1


@settings(max_examples=600)
@given(CASES)
def test_every_visit_is_as_in_the_plain_loop(case: Case) -> None:
    outcome, _ = run_reference(case, stops=[])
    expected = Naive(case).run()
    for name in OUTCOME.names or ():
        np.testing.assert_array_equal(outcome[name], expected[name], err_msg=name)


@settings(max_examples=100)
@given(CASES, st.lists(st.integers(1, DAYS * DAY), max_size=5))
def test_stopping_in_between_changes_nothing(case: Case, stops: list[int]) -> None:
    straight, _ = run_reference(case, stops=[])
    stopped, tallies = run_reference(case, stops=stops)
    np.testing.assert_array_equal(straight, stopped)
    assert tallies == sorted(tallies, key=lambda t: (t.decided, t.exceptions, t.reviewed))


@settings(max_examples=100)
@given(CASES)
def test_the_tally_counts_what_happened(case: Case) -> None:
    out, tallies = run_reference(case, stops=[])
    for day, tally in enumerate(tallies):
        end = DAY * (day + 1)  # half-open: what happens at midnight belongs to the next day
        decided = (out["route"] != NEVER) & (out["drafted"] < end)
        queued = (out["queued"] != NEVER) & (out["queued"] < end)
        started = (out["started"] != NEVER) & (out["started"] < end)
        assert tally == DayTally(
            decided=decided.sum(),
            exceptions=(decided & np.isin(out["route"], (Route.REVIEW, Route.TRIAGE))).sum(),
            reviewed=((out["ended"] != NEVER) & (out["ended"] < end)).sum(),
            waiting=queued.sum() - started.sum(),
        )
