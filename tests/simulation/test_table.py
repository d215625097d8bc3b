"""A scenario as flat arrays: who can do what, who is at the desk when, how people are."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.scenario.hours import DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS
from hitlsim.simulation import reviewing
from hitlsim.simulation.contract import NEVER, PERSON, Kind, Table
from hitlsim.simulation.table import _without, agenda_of, hours_at_desk, people_of, table_of
from hitlsim.simulation.world.draws import draw

NINE_TO_FIVE = ["mon-fri 09:00-17:00"]
MONDAY = date(2026, 8, 3)
People = Mapping[str, Mapping[str, Mapping[str, Any]]]


def flow(*, responsible: str = "rep", accountable: str = "rep", **own: Any) -> dict[str, Any]:
    return {
        "agent": "bot", "action": "write", "class": "execution", "access": "automation-safe",
        "raci": {"accountable": accountable, "responsible": [responsible]},
        "volume_per_week": 5, **own,
    }  # fmt: skip


def team(
    outbound: hs.Scenario,
    workflows: Mapping[str, Any],
    pools: People | None = None,
    **parts: Any,
) -> hs.Scenario:
    """A small scenario of its own; ``pools`` has the reviewers by role, who sit from 9 to 5."""
    pools = pools or {"rep": {"ann": {}}}
    own = {
        "start": str(MONDAY), "weeks": 2, "timezone": "UTC", "hours": {"office": NINE_TO_FIVE},
        "signals": {}, "agents": {"bot": {"may": ["write"]}}, "habits": {}, "boundary": {},
        "governance": {}, "incidents": {}, "crm": None, "holidays": [],
        "phases": {"steady-state": {"looks": {"share": 0}}}, "workflows": workflows,
        "pools": {
            f"{role}s": {
                "role": role,
                "reviewers": {n: {"shifts": NINE_TO_FIVE, **r} for n, r in people.items()},
            }
            for role, people in pools.items()
        },
    }  # fmt: skip
    return outbound.with_(**{**own, **parts})


def table(scenario: hs.Scenario) -> Table:
    return table_of(scenario, draw(scenario, 1))


def able(scenario: hs.Scenario, column: str = "queue") -> dict[str, list[str]]:
    """For each workflow the people who work the queue it is in."""
    t, names = table(scenario), [name for _, name, _ in scenario.reviewers()]
    queue = dict(zip(scenario.workflows, t.workflows[column], strict=True))
    return {
        name: [who for who, own in zip(names, t.queues, strict=True) if queue[name] in own]
        for name in scenario.workflows
    }


# --- skills and queues ---------------------------------------------------------------------------


def test_a_workflow_comes_to_those_who_can_do_it(outbound: hs.Scenario) -> None:
    pool = {"ann": {}, "bob": {"skills": ["a"]}, "cyd": {"skills": ["b", "d"]}}
    scenario = team(outbound, {n: flow() for n in "abcd"}, {"rep": pool})
    assert able(scenario) == {
        "a": ["ann", "bob"], "b": ["ann", "cyd"], "c": ["ann"], "d": ["ann", "cyd"],
    }  # fmt: skip


def test_workflows_that_the_same_people_can_do_share_a_queue(outbound: hs.Scenario) -> None:
    pool = {"ann": {}, "bob": {"skills": ["a", "b"]}}
    t = table(team(outbound, {n: flow() for n in "abcd"}, {"rep": pool}))
    a, b, c, d = t.workflows["queue"]
    assert a == b != c == d
    assert t.n_queues == 2


def test_every_queue_has_people_and_they_sit_in_one_pool(outbound: hs.Scenario) -> None:
    scenario = hs.load("on-the-loop")
    t = table(scenario)
    for queue in range(t.n_queues):
        pools = {int(p["pool"]) for p, own in zip(t.people, t.queues, strict=True) if queue in own}
        assert len(pools) == 1
    names = list(scenario.pools)
    for w, row in zip(scenario.workflows.values(), t.workflows, strict=True):
        assert names[row["pool"]] == scenario.pool_of_role(w.raci.responsible[0])


def test_it_goes_on_to_those_who_answer_for_it_only_where_they_are_others(
    outbound: hs.Scenario,
) -> None:
    workflows = {"own": flow(), "bosses": flow(accountable="boss"),
                 "boss_does_it": flow(responsible="boss", accountable="boss")}  # fmt: skip
    scenario = team(outbound, workflows, {"rep": {"ann": {}}, "boss": {"eve": {}, "fay": {}}})
    assert able(scenario, "backup_queue") == {"own": [], "bosses": ["eve", "fay"],
                                              "boss_does_it": []}  # fmt: skip
    backup = table(scenario).workflows["backup_queue"]
    assert [b == NEVER for b in backup] == [True, False, True]


def test_among_those_who_answer_for_it_the_skilled_get_it(outbound: hs.Scenario) -> None:
    bosses = {"eve": {"skills": ["a"]}, "fay": {"skills": ["b"]}}
    workflows = {n: flow(accountable="boss") for n in "abc"}
    scenario = team(outbound, workflows, {"rep": {"ann": {}}, "boss": bosses})
    # nobody there has learnt c: then everybody may
    assert able(scenario, "backup_queue") == {"a": ["eve"], "b": ["fay"], "c": ["eve", "fay"]}


def test_what_a_workflow_says_arrives_in_the_units_of_the_engine(outbound: hs.Scenario) -> None:
    gated: dict[str, Any] = {
        "access": "draft-only",
        "gate": "crm-sync",
        "priority": 2,
        "redrafts": 0,
    }
    own = flow(**gated, skip_after_hours=1.5, escalate_after_hours=0.5, execute_seconds=90)
    first, second = table(team(outbound, {"own": own, "default": flow()})).workflows
    assert first["gated"]
    assert first["optional"]
    assert (first["priority"], first["redrafts"]) == (2, 0)
    assert first["skip_after"] == 90 * MINUTE_MS
    assert first["escalate_after"] == 30 * MINUTE_MS
    assert first["execute"] == 90_000
    assert not second["gated"]
    assert not second["optional"]
    assert second["skip_after"] == NEVER
    assert second["escalate_after"] == 24 * HOUR_MS


# --- hours ---------------------------------------------------------------------------------------


def hours(scenario: hs.Scenario, number: int = 0) -> list[str]:
    """When one of the reviewers is at the desk, as text."""
    pool, _, reviewer = scenario.reviewers()[number]

    def told(ms: int) -> str:
        day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[ms // DAY_MS % 7]
        return f"{day} {ms // HOUR_MS % 24:02d}:{ms // MINUTE_MS % 60:02d}"

    return [f"{told(a)}-{told(b)[4:]}" for a, b in hours_at_desk(scenario, pool, reviewer)]


WEEKDAYS = ["mon", "tue", "wed", "thu", "fri"]


@pytest.mark.parametrize(
    ("at", "minutes", "left"),
    [
        ("mon 12:00", 60, ["09:00-12:00", "13:00-17:00"]),
        ("mon 09:00", 60, ["10:00-17:00"]),
        ("mon 08:30", 60, ["09:30-17:00"]),
        ("mon 16:30", 60, ["09:00-16:30"]),
        ("mon 08:30", 480, ["16:30-17:00"]),
        ("mon 09:00", 480, []),
        ("mon 08:00", 60, ["09:00-17:00"]),
        ("mon 17:00", 60, ["09:00-17:00"]),
    ],
)
def test_nobody_is_at_the_desk_during_a_call(
    outbound: hs.Scenario, at: str, minutes: int, left: list[str]
) -> None:
    calls = {"weekly": {"at": at, "minutes": minutes}}
    scenario = team(outbound, {"a": flow()}, governance={"calls": calls}, weeks=1)
    monday = [part[4:] for part in hours(scenario) if part.startswith("mon")]
    assert monday == left
    assert hours(scenario)[len(left) :] == [f"{d} 09:00-17:00" for d in WEEKDAYS[1:]]


def test_several_calls_cut_a_shift_into_pieces(outbound: hs.Scenario) -> None:
    calls = {f"at{h}": {"at": f"mon {h}:00", "minutes": 30} for h in (14, 10)}
    scenario = team(outbound, {"a": flow()}, governance={"calls": calls}, weeks=1)
    assert hours(scenario)[:3] == ["mon 09:00-10:00", "mon 10:30-14:00", "mon 14:30-17:00"]


def test_a_call_takes_only_the_roles_that_attend(outbound: hs.Scenario) -> None:
    pools: People = {"rep": {"ann": {}}, "boss": {"eve": {}}}
    calls = {"bosses": {"at": "tue 09:00", "minutes": 60, "roles": ["boss"]}}
    workflows = {"a": flow(accountable="boss")}
    scenario = team(outbound, workflows, pools, governance={"calls": calls})
    assert "tue 09:00-17:00" in hours(scenario, 0)
    assert "tue 10:00-17:00" in hours(scenario, 1)


def test_a_call_on_sunday_night_goes_on_on_monday(outbound: hs.Scenario) -> None:
    pool = {"rep": {"ann": {"shifts": ["mon 00:00-08:00"]}}}
    calls = {"late": {"at": "sun 23:30", "minutes": 60}}
    scenario = team(outbound, {"a": flow()}, pool, governance={"calls": calls})
    assert hours(scenario) == ["mon 00:30-08:00"] * 2


def test_nobody_works_on_a_holiday(outbound: hs.Scenario) -> None:
    tuesday, next_friday = MONDAY + timedelta(days=1), MONDAY + timedelta(days=11)
    pools: People = {"rep": {"ann": {}, "bob": {"holidays": [str(next_friday)]}}}
    long_past = MONDAY - timedelta(days=7)
    scenario = team(outbound, {"a": flow()}, pools, holidays=[str(tuesday), str(long_past)])
    ann, bob = ([h[:3] for h in hours(scenario, i)] for i in (0, 1))
    assert ann == ["mon", "wed", "thu", "fri", *WEEKDAYS]
    assert bob == ["mon", "wed", "thu", "fri", *WEEKDAYS[:4]]


def test_the_agenda_brings_everybody_and_sends_them_home(outbound: hs.Scenario) -> None:
    pools: People = {"rep": {"ann": {}, "bob": {"shifts": ["mon 10:00-11:00", "mon 11:00-12:00"]}}}
    calls = {"weekly": {"at": "wed 12:00", "minutes": 60}}
    scenario = team(outbound, {"a": flow()}, pools, governance={"calls": calls})
    agenda = agenda_of(scenario)
    assert agenda.tolist() == sorted(agenda.tolist()), "in the order of the contract"
    shifts = agenda[agenda["kind"] == Kind.SHIFT]
    for person, (pool, _, reviewer) in enumerate(scenario.reviewers()):
        comes, leaves = (shifts["time"][shifts["item"] == 2 * person + c] for c in (1, 0))
        stays = zip(comes.tolist(), leaves.tolist(), strict=True)
        assert list(stays) == hours_at_desk(scenario, pool, reviewer)


SPANS = st.tuples(st.integers(0, 30), st.integers(1, 10)).map(lambda s: (s[0], s[0] + s[1]))


@given(SPANS, st.lists(SPANS, max_size=5))
def test_what_calls_leave_of_a_shift_is_the_shift_without_them(
    shift: tuple[int, int], calls: list[tuple[int, int]]
) -> None:
    calls = sorted(calls)
    left = _without(shift, calls)
    minutes = [minute for start, end in left for minute in range(start, end)]
    busy = {minute for start, end in calls for minute in range(start, end)}
    assert minutes == [minute for minute in range(*shift) if minute not in busy]
    assert all(start < end for start, end in left)


# --- people --------------------------------------------------------------------------------------


def person(outbound: hs.Scenario, *, pool: Mapping[str, Any] | None = None, **habits: Any) -> Any:
    """PERSON of somebody with these habits and, for the rest, steady ones."""
    scenario = team(outbound, {"a": flow()}, {"rep": {"ann": {"habits": "own"}}},
                    habits={"own": {"like": "steady", **habits}})  # fmt: skip
    if pool:
        pools = {"reps": scenario.pools["reps"].model_copy(update=dict(pool))}
        scenario = scenario.with_(pools=pools)
    return people_of(scenario)[0]


def test_steady_people_have_no_effects(outbound: hs.Scenario) -> None:
    who = person(outbound)
    for name in ("prevalence", "lapse", "by_trust", "by_queue", "by_repeats", "fatigue",
                 "success", "failure", "dwell"):  # fmt: skip
        assert who[name] == 0, name
    assert (who["follows"], who["hurry"], who["speed"]) == (1, 1, 1)
    assert who["reads"] == math.inf
    assert who["peeks"] == -math.inf
    assert not who["speed_accuracy"]


def test_a_persons_rates_come_back_from_d_prime_and_criterion(outbound: hs.Scenario) -> None:
    who = person(outbound, hit_rate=0.7, false_alarm_rate=0.1)
    for ok, rate in ((False, 0.7), (True, 0.1)):
        chance = reviewing.flag_chance(ok, who["d_prime"], who["criterion"], 1.0)
        assert chance == pytest.approx(rate)


def test_accountability_raises_the_share_that_is_read(outbound: hs.Scenario) -> None:
    habits = {"inspect_share": 0.5, "accountability_weight": 2.0}
    nobody, named = (person(outbound, pool={"accountability": a}, **habits) for a in (0, 1))
    assert reviewing.sigmoid(nobody["reads"]) == pytest.approx(0.5)
    assert named["reads"] - nobody["reads"] == pytest.approx(2.0)


@pytest.mark.parametrize("switch", ["accountability", "accountability_weight"])
def test_accountability_0_or_a_weight_of_0_has_no_effect(
    outbound: hs.Scenario, switch: str
) -> None:
    on = {"accountability": 1.0, "accountability_weight": 1.0, switch: 0.0}
    habits = {"inspect_share": 0.6, "accountability_weight": on["accountability_weight"]}
    who = person(outbound, pool={"accountability": on["accountability"]}, **habits)
    assert reviewing.sigmoid(who["reads"]) == pytest.approx(0.6)


def test_first_impressions_of_the_ai_count_as_experiences(outbound: hs.Scenario) -> None:
    who = person(outbound, trust_start=0.8, trust_prior=50)
    assert (who["alpha"], who["beta"]) == (pytest.approx(40), pytest.approx(10))


def test_shares_at_neutral_trust_come_back_from_log_odds(outbound: hs.Scenario) -> None:
    who = person(outbound, inspect_share=0.35, uptake_share=0.2, peek_share=0.1)
    for name, share in (("reads", 0.35), ("uses", 0.2), ("peeks", 0.1)):
        assert reviewing.sigmoid(who[name]) == pytest.approx(share), name


def test_times_are_in_milliseconds(outbound: hs.Scenario) -> None:
    who = person(outbound, pool={"minimum_dwell_seconds": 1.5}, skip_seconds=4)
    assert (who["dwell"], who["skip"]) == (1_500, 4_000)


def test_every_field_of_a_person_is_filled_in(outbound: hs.Scenario) -> None:
    """What is forgotten would be 0, and an effect silently off."""
    habits = {
        "prevalence_weight": 0.5, "follows_ai": 2, "inspect_share": 0.7, "lapse": 0.1,
        "trust_weight": 1, "queue_weight": 1, "alert_weight": 1, "speed_accuracy": True,
        "fatigue": 0.2, "trust_success": 1, "trust_failure": 2, "peek_share": 0.2,
        "peek_trust_weight": 1, "uptake_share": 0.3, "uptake_trust_weight": 1,
        "hit_rate": 0.8, "false_alarm_rate": 0.1, "feedback_share": 0.4,
    }  # fmt: skip
    who = person(outbound, pool={"minimum_dwell_seconds": 9}, **habits)
    empty = [name for name in PERSON.names or () if name != "pool" and not who[name]]
    assert not empty


def test_people_stand_in_the_rosters_order(outbound: hs.Scenario) -> None:
    pools: People = {
        "rep": {"zoe": {"speed": 3}, "ann": {"speed": 2}},
        "boss": {"eve": {"speed": 1.5}},
    }
    scenario = team(outbound, {"a": flow(accountable="boss")}, pools)
    assert people_of(scenario)["speed"].tolist() == [3, 2, 1.5]
    assert people_of(scenario)["pool"].tolist() == [0, 0, 1]


# --- the whole -----------------------------------------------------------------------------------


def test_a_table_of_a_scenario_that_ships_fits_itself() -> None:
    scenario = hs.load("on-the-loop")
    draws = draw(scenario, 3)
    t = table_of(scenario, draws)
    assert len(t.workflows) == len(scenario.workflows)
    assert len(t.people) == len(t.queues) == len(scenario.reviewers())
    assert len(t.ready) == len(draws)
    assert t.horizon_ms == scenario.weeks * WEEK_MS
    assert t.slots.tolist() == [a.slots for a in scenario.agents.values()]
    used = {int(q) for name in ("queue", "backup_queue") for q in t.workflows[name]} - {NEVER}
    assert used <= set(range(t.n_queues))
    assert np.isin(t.agenda["kind"], (Kind.SHIFT, Kind.RELEASE)).all()
