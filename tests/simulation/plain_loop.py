"""The model as a plain loop: all pending events in one list, and everything else searched for.

An oracle for engines. It shares nothing with them but the contract and the rules. What somebody
has come to expect, trust or feel is worked out anew each time from all that they have done.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from hitlsim.simulation import reviewing, rules
from hitlsim.simulation.contract import (
    DECIDED,
    FIRST,
    JUDGED,
    LOOK,
    NEVER,
    REDRAFT,
    ROUNDS,
    WENT_OUT,
    Journal,
    Kind,
    LookKind,
    Records,
    Route,
    Table,
    Verdict,
    World,
    nothing_happened,
)

DAY = 86_400_000
MINUTE = 60_000


class Case(NamedTuple):
    """A desk, its world, and the POLICY records of each day."""

    table: Table
    world: World
    days: list[Records]


class Stint(NamedTuple):
    """Somebody worked on something."""

    person: int
    visit: int
    start: int
    end: int


class Naive:
    """Slow, and plain to see through."""

    def __init__(self, case: Case) -> None:
        self.table, self.world, self.days = case
        self.d, self.v = case.world.decisions, case.world.by_number()
        self.out = nothing_happened(len(self.v))
        self.pending: list[tuple[int, int, int]] = [
            *((int(t), int(k), int(i)) for t, k, i in case.table.agenda.tolist()),
            *(
                (int(t), int(Kind.ARRIVAL), ROUNDS * i)
                for i, t in enumerate(case.table.ready)
                if t != NEVER
            ),
        ]
        self.to_draft: list[int] = []
        self.drafting: list[int] = []
        self.queue: list[int] = []
        self.held: list[int] = []
        self.working: dict[int, int] = {}  # visit: person
        # all that ever happened, in order
        self.came: list[list[int]] = [[] for _ in case.table.people]  # lengths of `begun`
        self.left: list[list[int]] = [[] for _ in case.table.people]
        self.begun: list[tuple[int, int]] = []  # (person, workflow) of reviews
        self.normal_effort: dict[int, float] = {}
        self.stints: list[Stint] = []
        self.learnt: list[tuple[int, bool]] = []  # (person, whether it was an error)
        self.journals: list[Journal] = []

    def run(self) -> Records:
        for day, policies in enumerate(self.days):
            self.policies = policies
            self.decided: list[dict[str, Any]] = []
            self.judged: list[dict[str, Any]] = []
            self.went_out: list[dict[str, Any]] = []
            while self.pending and min(self.pending)[0] < DAY * (day + 1):
                event = min(self.pending)
                self.pending.remove(event)
                self.now, kind, item = event
                self.happens(Kind(kind), item)
                self.start_drafts()
                self.start_work()
            decided, judged = as_records(self.decided, DECIDED), as_records(self.judged, JUDGED)
            went_out = as_records(self.went_out, WENT_OUT)
            self.journals.append(Journal(decided, judged, went_out, waiting=len(self.queue)))
        return self.out

    def happens(self, kind: Kind, item: int) -> None:
        if kind is Kind.ARRIVAL:
            if self.policy(item)["on"]:
                self.to_draft.append(item)
        elif kind is Kind.DRAFTED:
            self.drafting.remove(item)
            self.drafted(item)
        elif kind is Kind.REVIEWED:
            self.finished(item)
        elif kind is Kind.ESCALATION:
            if item in self.queue:
                self.out["escalated"][item] = self.now
        elif kind is Kind.RELEASE:
            ready = [v for v in self.held if self.out["look"][v] == item]
            self.held = [v for v in self.held if v not in ready]
            for v in ready:
                self.join(v)
        else:
            (self.came if item % 2 else self.left)[item // 2].append(len(self.begun))

    # --- what belongs to a visit -----------------------------------------------------------------

    def workflow(self, visit: int) -> Any:
        return self.table.workflows[self.d["workflow"][visit // ROUNDS]]

    def policy(self, visit: int) -> Any:
        return self.policies[self.d["workflow"][visit // ROUNDS]]

    def ok(self, visit: int) -> bool:
        """Whether what lies before the reviewer is right; of a look, what went out."""
        if visit % ROUNDS != LOOK:
            return bool(self.out["ok"][visit])
        for went in (visit - LOOK + REDRAFT, visit - LOOK):
            if self.out["executed"][went] != NEVER:
                return bool(self.out["ok"][went] or self.out["verdict"][went] == Verdict.EDIT)
        raise AssertionError("nothing went out that could be looked at")

    def queue_of(self, visit: int) -> int:
        escalated = self.out["escalated"][visit] != NEVER
        return int(self.workflow(visit)["backup_queue" if escalated else "queue"])

    def pool_of(self, visit: int) -> int:
        queue = self.queue_of(visit)
        pools = [p["pool"] for p, q in zip(self.table.people, self.table.queues, strict=True)
                 if queue in q]  # fmt: skip
        return int(pools[0])

    # --- drafting and deciding -------------------------------------------------------------------

    def start_drafts(self) -> None:
        for visit in list(self.to_draft):
            agent = self.workflow(visit)["agent"]
            busy = sum(self.workflow(v)["agent"] == agent for v in self.drafting)
            if busy < self.table.slots[agent]:
                self.to_draft.remove(visit)
                self.drafting.append(visit)
                self.out["drafting"][visit] = self.now
                self.later(int(self.v["draft"][visit]), Kind.DRAFTED, visit)

    def drafted(self, visit: int) -> None:
        v, policy, out = self.v[visit], self.policy(visit), self.out
        out["drafted"][visit] = self.now
        log_odds = float(v["logit_ok"]) + float(policy["learned"])
        out["ok"][visit] = rules.is_ok(float(v["u_ok"]), log_odds)
        if visit % ROUNDS == REDRAFT:
            self.join(visit)
        else:
            self.decide(visit)

    def decide(self, visit: int) -> None:
        d, policy, out = self.d[visit // ROUNDS], self.policy(visit), self.out
        pulled = policy["waits"] and d["u_peek"] < self.peeking(int(self.workflow(visit)["pool"]))
        route, reasons = rules.route(
            bool(policy["manual"]), bool(self.workflow(visit)["gated"]),
            self.v["confidence"][visit], policy["auto"], policy["review"], d["deal_size"],
            policy["deal_limit"], int(d["signals"]), int(policy["triggers"]), bool(pulled),
        )  # fmt: skip
        out["route"][visit], out["reasons"][visit] = route, reasons
        out["phase"][visit] = policy["phase"]
        self.decided.append({"visit": visit, "route": int(route)})
        not_looked_at = (1 - float(policy["audit"])) * (1 - float(policy["look_share"]))
        asked = route != Route.AUTO
        out["inclusion"][visit] = 1.0 if asked else 1 - not_looked_at
        if route == Route.MANUAL:
            out["inclusion"][visit] = NEVER
        exception = route in (Route.REVIEW, Route.TRIAGE)
        if asked and (policy["waits"] or not exception):
            out["by_hand"][visit] = route == Route.MANUAL
            self.join(visit)
        elif self.goes_out(visit, self.now):
            looked = d["u_look"] < policy["look_share"]
            audited = d["u_audit"] < policy["audit"]
            if exception or (looked and policy["look"] == LookKind.OBSERVE):
                out["look"][visit + LOOK] = LookKind.OBSERVE
                self.join(visit + LOOK)
            elif looked or audited:
                self.hold(visit, int(LookKind.AUDIT if audited else policy["look"]))

    def goes_out(self, visit: int, effect: int) -> bool:
        limit = int(self.workflow(visit)["skip_after"])
        if limit != NEVER and self.now > int(self.table.ready[visit // ROUNDS]) + limit:
            self.out["skipped"][visit] = 1
            return False
        self.out["executed"][visit] = effect
        # a draft left aside has its own rightness still, and no verdict
        how = {name: int(self.out[name][visit]) for name in ("ok", "verdict", "by_hand")}
        self.went_out.append({"visit": visit, "executed": effect, **how})
        return True

    def hold(self, visit: int, look: int) -> None:
        visit += LOOK - visit % ROUNDS
        self.out["look"][visit] = look
        self.held.append(visit)

    def later(self, after: int, kind: Kind, visit: int) -> None:
        self.pending.append((self.now + after, int(kind), visit))

    # --- the queue -------------------------------------------------------------------------------

    def join(self, visit: int) -> None:
        self.out["queued"][visit] = self.now
        self.queue.append(visit)
        if visit % ROUNDS != LOOK and self.workflow(visit)["backup_queue"] != NEVER:
            self.later(int(self.workflow(visit)["escalate_after"]), Kind.ESCALATION, visit)

    def rank(self, visit: int) -> tuple[bool, bool, int, int, int]:
        """Escalated first, looks last; then by priority, age and number."""
        first = self.out["escalated"][visit] == NEVER
        priority = 0 if not first else int(self.workflow(visit)["priority"])
        return first, visit % ROUNDS == LOOK, priority, int(self.out["queued"][visit]), visit

    def start_work(self) -> None:
        for person, queues in enumerate(self.table.queues):  # the roster's order
            there = len(self.came[person]) > len(self.left[person])
            mine = [v for v in self.queue if self.queue_of(v) in queues]
            if there and mine and person not in self.working.values():
                self.start(person, min(mine, key=self.rank))

    # --- people ----------------------------------------------------------------------------------

    def start(self, person: int, visit: int) -> None:
        out, workflow, d = self.out, self.workflow(visit), self.d[visit // ROUNDS]
        pool = self.pool_of(visit)
        self.queue.remove(visit)
        self.working[visit] = person
        out["person"][visit], out["started"][visit] = person, self.now
        if visit % ROUNDS == FIRST and workflow["optional"] and out["by_hand"][visit] != 1:
            who, trust = self.table.people[person], self.trust(person)
            uptake = reviewing.leaning(float(who["uses"]), float(who["uses_by_trust"]), trust)
            out["by_hand"][visit] = d["u_uptake"] >= uptake
        if out["by_hand"][visit] == 1:
            took = max(1, int(int(d["by_hand"]) / float(self.table.people["speed"][person])))
        else:
            took = self.start_review(
                person, visit, sum(self.pool_of(v) == pool for v in self.queue)
            )
            self.begun.append((person, int(self.d["workflow"][visit // ROUNDS])))
        self.later(took, Kind.REVIEWED, visit)

    def start_review(self, person: int, visit: int, waiting: int) -> int:
        who, policy, out = self.table.people[person], self.policy(visit), self.out
        effort, care, bulk = 1.0, 1.0, False
        self.normal_effort[visit] = effort  # as it is now: the policy may change before the end
        if visit % ROUNDS == LOOK:
            effort = float(policy["look_effort"])
            self.normal_effort[visit] = effort
            sure = self.v["confidence"][visit - LOOK] >= policy["bulk_above"]
            if sure and out["look"][visit] != LookKind.OBSERVE:
                effort, care, bulk = (
                    effort * float(policy["bulk_effort"]), float(policy["bulk_inspect"]), True
                )  # fmt: skip
        reads = reviewing.reading(
            float(who["reads"]), self.trust(person), float(who["by_trust"]), waiting,
            float(who["by_queue"]), self.repeats(person, visit), float(who["by_repeats"]),
            float(who["lapse"]),
        )  # fmt: skip
        out["inspected"][visit] = self.v["u_inspect"][visit] < care * reads
        out["bulk"][visit] = bulk
        floor = 0 if bulk else int(who["dwell"])
        if not out["inspected"][visit]:
            return max(1, floor, int(who["skip"]))
        pace = float(who["speed"]) * float(who["hurry"])
        return max(1, floor, int(int(self.v["review"][visit]) * effort / pace))

    def finished(self, visit: int) -> None:
        out, person = self.out, self.working.pop(visit)
        out["ended"][visit] = self.now
        if out["by_hand"][visit] == 1:
            self.goes_out(visit, self.now)
        else:
            self.judge(person, visit)
        self.stints.append(Stint(person, visit, int(out["started"][visit]), self.now))

    def judge(self, person: int, visit: int) -> None:
        who, v, out, ok = self.table.people[person], self.v[visit], self.out, self.ok(visit)
        flagged = bool(out["inspected"][visit] == 1) and self.finds_fault(person, visit, ok)
        verdict = Verdict.APPROVE
        if flagged:
            verdict = Verdict.EDIT if v["u_edit"] < who["edit_share"] else Verdict.REJECT
        out["verdict"][visit] = verdict
        said = {"route": self.out["route"][visit // ROUNDS * ROUNDS], "look": out["look"][visit]}
        self.judged.append({"visit": visit, "verdict": int(verdict), **said})
        learns_truth = v["u_know"] < who["feedback"]
        self.learnt.append((person, not ok if learns_truth else flagged))
        if visit % ROUNDS == LOOK:
            return
        if verdict != Verdict.REJECT:
            effect = self.now + int(self.workflow(visit)["execute"])
            audited = self.d["u_audit"][visit // ROUNDS] < self.policy(visit)["audit"]
            if self.goes_out(visit, effect) and audited:
                self.hold(visit, int(LookKind.AUDIT))
        elif visit % ROUNDS == FIRST and self.workflow(visit)["redrafts"]:
            self.to_draft.append(visit + REDRAFT)

    def finds_fault(self, person: int, visit: int, ok: bool) -> bool:
        who, v, started = self.table.people[person], self.v[visit], int(self.out["started"][visit])
        pace = math.inf
        if who["speed_accuracy"]:
            normal = int(v["review"]) * self.normal_effort[visit]
            pace = (self.now - started) * float(who["speed"]) / normal
        d_prime = reviewing.sensitivity(
            float(who["d_prime"]), pace, self.tired(person, started), float(who["fatigue"]),
            float(who["tires_in"]),
        )  # fmt: skip
        criterion = reviewing.criterion_of(
            float(who["criterion"]), float(who["prevalence"]), self.expects(person), d_prime
        )
        chance = reviewing.flag_chance(ok, d_prime, criterion, float(who["follows"]))
        return bool(v["u_flag"] < chance)

    def trust(self, person: int) -> float:
        who = self.table.people[person]
        alpha, beta = float(who["alpha"]), float(who["beta"])
        for whose, error in self.learnt:
            if whose == person and error:
                beta += float(who["failure"])
            elif whose == person:
                alpha += float(who["success"])
        return alpha / (alpha + beta)

    def expects(self, person: int) -> float:
        who = self.table.people[person]
        expects = float(who["expects"])
        for whose, error in self.learnt:
            if whose == person:
                expects = reviewing.expects_after(expects, error, float(who["memory"]))
        return expects

    def tired(self, person: int, now: int) -> float:
        """Minutes worked, each stint's forgotten by half in each ``rests_in`` minutes of break."""
        half_in, tired, since = float(self.table.people["rests_in"][person]), 0.0, 0
        for stint in self.stints:
            if stint.person == person:
                tired = reviewing.rested(tired, (stint.start - since) / MINUTE, half_in)
                tired, since = tired + (stint.end - stint.start) / MINUTE, stint.end
        return reviewing.rested(tired, (now - since) / MINUTE, half_in)

    def repeats(self, person: int, visit: int) -> int:
        """Reviews of the same workflow that they have begun since they last came."""
        same = (person, int(self.d["workflow"][visit // ROUNDS]))
        return self.begun[self.came[person][-1] :].count(same)

    def peeking(self, pool: int) -> float:
        """Mean chance to pull what could go alone, each cut to whole parts of 2**30."""
        members = [(i, who) for i, who in enumerate(self.table.people) if who["pool"] == pool]
        parts = 0
        for i, who in members:
            weight = -float(who["peeks_by_trust"])
            parts += math.floor(
                2**30 * reviewing.leaning(float(who["peeks"]), weight, self.trust(i))
            )
        return parts / 2**30 / len(members)


def as_records(notes: list[dict[str, Any]], dtype: np.dtype[Any]) -> Records:
    """Notes of a journal, field by field."""
    out = np.zeros(len(notes), dtype)
    for record, note in zip(out, notes, strict=True):
        for name in dtype.names or ():
            record[name] = note[name]
    return out
