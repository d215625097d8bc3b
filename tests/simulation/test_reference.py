"""The reference engine against a plain loop that looks through everything at every step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitlsim.simulation.contract import (
    AGENDA,
    DECISION,
    FIRST,
    LOOK,
    NEVER,
    OUTCOME,
    REDRAFT,
    ROUNDS,
    VISIT,
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
from hitlsim.simulation.reference.desk import ReferenceDesk
from tests.simulation.agreeing import NOTES, same_journal
from tests.simulation.conftest import (
    FOREVER_MS,
    neutral_people,
    neutral_policies,
    neutral_workflows,
    shift_changes,
)
from tests.simulation.plain_loop import DAY, MINUTE, Case, Naive
from tests.simulation.small_worlds import CASES, DAYS, HOUR, Small


def run_reference(case: Case, stops: tuple[int, ...] = ()) -> tuple[Records, list[Journal]]:
    """Run with the policies of each day, stopping at midnights and at ``stops``."""
    desk = ReferenceDesk(case.table, case.world, case.days[0])
    journals = []
    for time in sorted({*stops, *(DAY * (d + 1) for d in range(DAYS))}):
        desk.apply(case.days[(time - 1) // DAY])
        journals.append(desk.run_until(time))
    return desk.outcome().every(), journals


def run_two_desks(
    arrivals: list[int],
    *,
    rep: list[tuple[int, int]],
    boss: list[tuple[int, int]] | None = None,
    services: int | list[int] = HOUR,
    until: int = 9 * DAY,
    agenda: tuple[tuple[int, int, int], ...] = (),
    policy: dict[str, Any] | None = None,
    draws: dict[str, Any] | None = None,
    **workflow: Any,
) -> Records:
    """A representative and the boss who gets what is not begun within a day; all of it is gated.

    A draft takes 1 ms. ``draws`` are of every decision or visit.
    """
    n = len(arrivals)
    decisions, visits = np.zeros(n, DECISION), np.zeros((ROUNDS, n), VISIT)
    decisions["arrival"] = arrivals
    visits["draft"], visits["review"], visits["u_flag"] = 1, services, 1
    for name, value in (draws or {}).items():
        (decisions if name in (decisions.dtype.names or ()) else visits)[name] = value
    shifts = shift_changes([rep, [(0, 9 * DAY)] if boss is None else boss])
    own = {"gated": True, "backup_queue": 1, "escalate_after": DAY, **workflow}
    table = Table(
        workflows=neutral_workflows(**own),
        slots=np.array([n]),
        people=neutral_people(2, pool=[0, 1]),
        queues=((0,), (1,)),
        n_queues=2,
        agenda=np.array(sorted([*shifts, *agenda]), AGENDA),
        ready=np.array(arrivals, np.int64),
        horizon_ms=9 * DAY,
    )
    world = World(decisions, visits)
    desk = ReferenceDesk(table, world, neutral_policies(**(policy or {})))
    desk.run_until(until)
    return desk.outcome().every()


# --- known answers: escalation --------------------------------------------------------------------


def test_what_nobody_begins_in_time_goes_to_those_who_answer_for_it() -> None:
    out = run_two_desks([0, HOUR], rep=[])[FIRST::ROUNDS]
    assert out["queued"].tolist() == [1, HOUR + 1]
    assert out["escalated"].tolist() == out["started"].tolist() == [DAY + 1, DAY + HOUR + 1]
    assert out["person"].tolist() == [1, 1]


def test_whoever_comes_or_is_free_at_the_deadline_still_begins_in_time() -> None:
    out = run_two_desks([0], rep=[(DAY + 1, 2 * DAY)])[FIRST]
    assert (out["started"], out["person"], out["escalated"]) == (DAY + 1, 0, NEVER)
    # the first review ends when the second one is due
    out = run_two_desks([0, 0], rep=[(0, DAY)], services=DAY)[FIRST::ROUNDS]
    assert out["ended"][0] == DAY + 1
    assert out["escalated"].tolist() == [NEVER, DAY + 1], "after the shift nothing is begun"
    out = run_two_desks([0, 0], rep=[(0, 2 * DAY)], services=DAY)[FIRST::ROUNDS]
    assert out["started"].tolist() == [1, DAY + 1]
    assert out["escalated"].tolist() == [NEVER, NEVER]


def test_what_is_at_work_at_its_deadline_stays_there() -> None:
    out = run_two_desks([0], rep=[(0, 9 * DAY)], services=2 * DAY)[FIRST]
    assert (out["ended"], out["person"], out["escalated"]) == (2 * DAY + 1, 0, NEVER)


def test_among_the_escalated_the_oldest_comes_first() -> None:
    comes = 2 * DAY
    out = run_two_desks([2, 1, 0], rep=[], boss=[(comes, 9 * DAY)])[FIRST::ROUNDS]
    assert out["started"].tolist() == [comes + 2 * HOUR, comes + HOUR, comes]


def test_without_others_to_go_to_nothing_is_escalated() -> None:
    out = run_two_desks([0], rep=[(3 * DAY, 4 * DAY)], backup_queue=NEVER)[FIRST]
    assert (out["started"], out["escalated"]) == (3 * DAY, NEVER)


# --- known answers: what people do ----------------------------------------------------------------


def test_what_was_approved_may_be_audited_and_the_audit_never_escalates() -> None:
    out = run_two_desks(
        [0], rep=[(0, 2 * HOUR)], policy={"audit": 0.5}, draws={"u_audit": 0.4},
        agenda=((DAY, int(Kind.RELEASE), int(LookKind.AUDIT)),),
    )  # fmt: skip
    assert out["verdict"][FIRST] == Verdict.APPROVE
    assert (out["look"][LOOK], out["queued"][LOOK]) == (LookKind.AUDIT, DAY)
    assert (out["started"][LOOK], out["escalated"][LOOK]) == (NEVER, NEVER), "for eight days"


def test_from_a_yes_until_it_takes_effect_it_takes_its_time() -> None:
    out = run_two_desks([0], rep=[(0, DAY)], execute=5 * MINUTE)[FIRST]
    assert (out["ended"], out["executed"]) == (HOUR + 1, HOUR + 5 * MINUTE + 1)


def test_a_step_that_was_overtaken_is_skipped_and_nobody_audits_it() -> None:
    late: dict[str, Any] = {"rep": [(3 * HOUR, DAY)], "policy": {"audit": 1.0}}
    out = run_two_desks([0], **late, skip_after=4 * HOUR - 1)
    assert (out["skipped"][FIRST], out["executed"][FIRST]) == (1, NEVER)
    assert out["verdict"][FIRST] == Verdict.APPROVE
    assert out["look"][LOOK] == NEVER
    out = run_two_desks([0], **late, skip_after=4 * HOUR)
    assert (out["skipped"][FIRST], out["executed"][FIRST]) == (NEVER, 4 * HOUR)


@pytest.mark.parametrize(
    ("workflow", "policy", "route"),
    [({"optional": True}, {}, Route.GATE), ({}, {"manual": True}, Route.MANUAL)],
)
def test_work_by_hand_takes_its_time_and_has_no_verdict(
    workflow: dict[str, Any], policy: dict[str, Any], route: Route
) -> None:
    draws = {"by_hand": 40 * MINUTE, "u_uptake": 1.0}  # nobody would use it
    out = run_two_desks([0], rep=[(0, DAY)], policy=policy, draws=draws, execute=9, **workflow)
    first = out[FIRST]
    assert (first["route"], first["by_hand"]) == (route, 1)
    assert first["ended"] - first["started"] == 40 * MINUTE
    assert first["executed"] == first["ended"], "whoever does it by hand has done it"
    assert (first["verdict"], first["inspected"]) == (NEVER, NEVER)


@pytest.mark.parametrize(("redrafts", "again"), [(0, False), (1, True)])
def test_what_is_sent_back_is_drafted_again_only_as_often_as_it_may(
    redrafts: int, again: bool
) -> None:
    out = run_two_desks([0], rep=[(0, DAY)], draws={"u_flag": 0.0}, redrafts=redrafts)
    assert out["verdict"][FIRST] == Verdict.REJECT
    assert (out["verdict"][REDRAFT] == Verdict.REJECT) == again
    assert (out["executed"] == NEVER).all()
    assert (out["drafting"][LOOK::ROUNDS] == NEVER).all()


def test_a_workflow_that_is_not_on_yet_leaves_no_trace() -> None:
    out = run_two_desks([0], rep=[(0, DAY)], policy={"on": False})
    np.testing.assert_array_equal(out, nothing_happened(ROUNDS))


# --- known answers: the roster --------------------------------------------------------------------


def test_the_roster_decides_even_when_people_outnumber_decisions(
    run_desk: Callable[..., Records],
) -> None:
    come = [(HOUR, 2 * HOUR)]
    out = run_desk([0], [1], shifts=[[], come, [], [], come])
    assert out["person"][FIRST] == 1


def test_of_many_who_are_free_the_first_of_the_roster_comes_first(
    run_desk: Callable[..., Records],
) -> None:
    """Also where a pool fills several words of bits, of 32 people each."""
    there, n = [2, 30, 31, 32, 33, 62, 63, 64, 65, 94, 95, 96, 99], 13
    shifts = [[(0, FOREVER_MS)] if person in there else [] for person in range(100)]
    out = run_desk([0] * n, [HOUR] * n, shifts=shifts)[FIRST::ROUNDS]
    assert out["person"].tolist() == there
    # 31, 63 and 96 have done first; the next three are taken up in that order, at another moment
    services = [HOUR if person in (31, 63, 96) else DAY for person in there] + [HOUR] * 3
    out = run_desk([0] * n + [DAY // 2] * 3, services, shifts=shifts)[FIRST::ROUNDS]
    assert out["person"].tolist() == [*there, 31, 63, 96]


# --- properties ----------------------------------------------------------------------------------


@settings(max_examples=300)
@given(CASES)
def test_every_visit_is_as_in_the_plain_loop(case: Case) -> None:
    outcome, journals = run_reference(case)
    naive = Naive(case)
    expected = naive.run()
    for name in OUTCOME.names or ():
        np.testing.assert_array_equal(outcome[name], expected[name], err_msg=name)
    for journal, told in zip(journals, naive.journals, strict=True):
        same_journal(journal, told)


@settings(max_examples=100)
@given(CASES, st.lists(st.integers(1, DAYS * DAY), max_size=5))
def test_stopping_in_between_changes_nothing(case: Case, stops: list[int]) -> None:
    straight, by_day = run_reference(case)
    stopped, by_stop = run_reference(case, tuple(stops))
    np.testing.assert_array_equal(straight, stopped)
    for told in NOTES:
        once, often = (np.concatenate([getattr(j, told) for j in js]) for js in (by_day, by_stop))
        np.testing.assert_array_equal(once, often)
    assert by_day[-1].waiting == by_stop[-1].waiting


@settings(max_examples=100)
@given(CASES)
def test_the_journal_tells_what_happened(case: Case) -> None:
    out, journals = run_reference(case)
    for day, journal in enumerate(journals):
        end = DAY * (day + 1)  # half-open: what happens at midnight belongs to the next day

        def on_this_day(name: str, end: int = end) -> set[int]:
            return set(np.flatnonzero((out[name] >= end - DAY) & (out[name] < end)))

        routed, judged = np.flatnonzero(out["route"] != NEVER), out["verdict"] != NEVER
        assert set(journal.decided["visit"]) == on_this_day("drafted") & set(routed)
        assert set(journal.judged["visit"]) == on_this_day("ended") & set(np.flatnonzero(judged))
        for notes in journal[:3]:
            assert len(set(notes["visit"])) == len(notes), "each visit once"
        # what a visit's record says of this, nothing that comes later changes any more
        first = journal.judged["visit"] // ROUNDS * ROUNDS
        for notes, names in (
            (journal.decided, ["route"]), (journal.judged, ["look", "verdict"]),
            (journal.went_out, ["executed", "ok", "verdict", "by_hand"]),
        ):  # fmt: skip
            for name in names:
                np.testing.assert_array_equal(notes[name], out[name][notes["visit"]], name)
        np.testing.assert_array_equal(journal.judged["route"], out["route"][first])
        for notes, when in ((journal.decided, "drafted"), (journal.judged, "ended")):
            assert (np.diff(out[when][notes["visit"]]) >= 0).all(), "in order"
        queued = (out["queued"] != NEVER) & (out["queued"] < end)
        started = (out["started"] != NEVER) & (out["started"] < end)
        assert journal.waiting == queued.sum() - started.sum()
    went_out = [v for journal in journals for v in journal.went_out["visit"]]
    assert sorted(went_out) == np.flatnonzero(out["executed"] != NEVER).tolist()


# --- whether the small worlds are worth the comparison -------------------------------------------


def branches(case: Case) -> Counter[str]:
    """How often each thing that can happen to a visit did."""
    out, _ = run_reference(case)
    rounds = out.reshape(-1, ROUNDS)
    first, redraft, look = rounds[:, FIRST], rounds[:, REDRAFT], rounds[:, LOOK]
    flow = case.table.workflows[case.world.decisions["workflow"]]
    on_time = (case.table.ready != NEVER) & (case.table.ready < case.table.horizon_ms)
    begun, escalated = out["started"] != NEVER, out["escalated"] != NEVER
    by_hand, manual = first["by_hand"] == 1, first["route"] == Route.MANUAL
    rejected = first["verdict"] == Verdict.REJECT
    exception = np.isin(first["route"], (Route.REVIEW, Route.TRIAGE))
    audited = look["look"] == LookKind.AUDIT
    asked = np.isin(first["route"], (Route.REVIEW, Route.TRIAGE, Route.GATE, Route.PEEK))
    deadline = np.repeat(flow["escalate_after"], ROUNDS) + out["queued"]
    overdue = (
        begun & (np.repeat(flow["backup_queue"], ROUNDS) != NEVER) & (deadline > out["started"])
    )
    waited = out["queued"][(out["queued"] != NEVER) & ~begun]
    taken = {
        **{f"route {r.name}": first["route"] == r for r in Route},
        **{f"look {k.name}": look["look"] == k for k in LookKind},
        **{f"verdict {v.name}": out["verdict"] == v for v in Verdict},
        "held back": case.table.ready == NEVER,
        "drafted later than it arose": case.table.ready > case.world.decisions["arrival"],
        "workflow that is not on": on_time & (first["drafting"] == NEVER),
        "waits for a slot": first["drafting"] > case.table.ready,
        "exception that is only observed": exception & (look["look"] == LookKind.OBSERVE),
        "escalated": escalated,
        "escalated and done": escalated & (out["ended"] != NEVER),
        "escalated redraft": redraft["escalated"] != NEVER,
        "begun at its very deadline": begun & (np.repeat(flow["backup_queue"], ROUNDS) != NEVER)
        & (deadline == out["started"]) & ~escalated,
        "deadline while at work": overdue & (deadline < out["ended"]),
        "deadline as it ends": overdue & (deadline == out["ended"]),
        "escalated where somebody else comes that moment": escalated & np.isin(
            out["escalated"], case.table.agenda["time"]),
        "by hand after a kill switch": manual & (first["ended"] != NEVER),
        "optional draft unused": by_hand & ~manual & (first["ended"] != NEVER),
        "optional draft used": flow["optional"] & (first["by_hand"] == 0) & (first["started"] >= 0),
        "skipped when it goes alone": (first["route"] == Route.AUTO) & (first["skipped"] == 1),
        "skipped by hand": by_hand & (first["skipped"] == 1),
        "skipped after a yes": (out["skipped"] == 1) & (out["verdict"] != NEVER),
        "redraft": redraft["drafting"] != NEVER,
        "rejected for good": rejected & (redraft["drafting"] == NEVER),
        "redraft rejected": redraft["verdict"] == Verdict.REJECT,
        "takes effect later": (out["executed"] > out["ended"]) & (out["ended"] != NEVER),
        "bulk, read": (out["bulk"] == 1) & (out["inspected"] == 1),
        "bulk, not read": (out["bulk"] == 1) & (out["inspected"] == 0),
        "look not in bulk": look["bulk"] == 0,
        "waved through": (first["inspected"] == 0) & (first["verdict"] == Verdict.APPROVE),
        "audit of what went alone": audited & (first["route"] == Route.AUTO),
        "audit of a reviewed one": audited & asked & (first["executed"] != NEVER),
        "audit of a redraft": audited & (redraft["executed"] != NEVER),
        "look that finds fault": look["verdict"] > Verdict.APPROVE,
        "work across midnight": begun & (out["started"] // DAY < out["ended"] // DAY),
    }  # fmt: skip
    seen = Counter({name: int(np.count_nonzero(mask)) for name, mask in taken.items()})
    seen["left waiting at the end"] = len(waited)
    seen["two verdicts at one moment"] = tied(out["ended"])
    seen["two escalations at one moment"] = tied(out["escalated"])
    return seen


def tied(times: np.typing.NDArray[np.int64]) -> int:
    _, counts = np.unique(times[times != NEVER], return_counts=True)
    return int((counts > 1).sum())


def test_small_worlds_take_every_branch() -> None:
    """Else the comparison with the plain loop could pass without having compared anything."""
    rng = np.random.default_rng(1)
    seen: Counter[str] = Counter()
    for seed in range(150):
        n, people, agents, pools = (int(rng.integers(lo, hi)) for lo, hi in
                                    ((5, 61), (1, 6), (1, 3), (1, 3)))  # fmt: skip
        tick = (MINUTE, HOUR)[seed % 2]
        seen.update(branches(Small(seed, tick, n, people, agents, pools).case()))
    rare = {name: n for name, n in seen.items() if n < 10}
    assert not rare, f"hardly ever happens: {rare}"
