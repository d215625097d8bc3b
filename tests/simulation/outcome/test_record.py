"""A log's record says of its scenario what metrics and reports need beside the rows."""

from __future__ import annotations

import json
import math
import re
from typing import Any

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.scenario.base import Lognormal
from hitlsim.simulation.outcome.record import record_of
from tests.simulation.small_teams import SAFE_FLOW, small_team

SAFE: dict[str, Any] = {**SAFE_FLOW, "volume_per_week": 100}


def team(**changes: Any) -> hs.Scenario:
    """Three people of 20, 10 and 5 hours, of whom one answers for everything."""
    reps = {"ann": {"shifts": ["mon-fri 08:00-12:00"]}, "bob": {"shifts": ["mon-fri 08:00-10:00"]}}
    plain: dict[str, Any] = {
        "currency": "CHF",
        "weeks": 6,
        "agents": {"bot": {"may": ["write_crm", "send_email"]}},
        "workflows": {
            "crm": {**SAFE, "action": "write_crm", "words": 119,
                    "by_hand": {"minutes": {"median": 40.0, "sigma": 0.4}}},
            "mail": {**SAFE, "action": "send_email", "words": 238, "channel": "email",
                     "by_hand": {"minutes": {"median": 12.0, "sigma": 0.0}}},
        },
        "boundary": {"version": 3, "bands": {"auto": 0.85, "review": 0.6}},
        "pools": {
            "reps": {"role": "rep", "reviewers": reps, "cost_per_hour": 40.0},
            "leads": {"role": "lead", "reviewers": {"lea": {"shifts": ["mon-fri 10:00-11:00"]}},
                      "cost_per_hour": 90.0},
        },
        "phases": {"steady-state": {"looks": {"share": 0.1}}},
    }  # fmt: skip
    return small_team(**{**plain, **changes})


def test_all_that_metrics_need_stands_in_the_record() -> None:
    governance = {
        "manager_hours_per_week": 35.0,
        "human_domains": {"strategy": 0.3, "coaching": 0.5},
        "same_day": ["mail", "crm"],
    }
    expected = {
        "boundary_version": 3,
        "bands": {"auto": 0.85, "review": 0.6},
        "currency": "CHF",
        "manager_pools": ["leads"],
        "managers": 1,
        "manager_hours_per_week": 35.0,
        "human_domains": {"strategy": 0.3, "coaching": 0.5},
        "fixed_hours_per_week": {"calls": 0, "approvals": 0},
        "capacity_hours_per_week": {"reps": 30.0, "leads": 5.0},
        "cost_per_hour": {"reps": 40.0, "leads": 90.0},
        # the mean of a lognormal quantity lies above its median
        "by_hand_minutes": {"crm": round(40 * math.exp(0.08), 6), "mail": 12.0},
        "reading_floor_seconds": {"crm": 30.0, "mail": 60.0},
        "same_day": ["mail", "crm"],
        "unsafe_workflows": [],
    }
    record = record_of(team(governance=governance))
    assert {name: record.get(name) for name in expected} == expected


def test_what_a_human_should_decide_is_named() -> None:
    legal = {**SAFE, "action": "send_email", "channel": "email", "topic": "contract"}
    record = record_of(team(workflows={"terms": legal}, allow_unsafe=True))
    (unsafe,) = record["unsafe_workflows"]
    assert unsafe.startswith("terms: ")


def test_the_mean_by_hand_is_the_mean_of_what_is_drawn() -> None:
    """100,000 draws of which the mean is off by more than four standard errors in .006%."""
    dist = Lognormal(median=40.0, sigma=0.4)
    draws = hs.draw(team(weeks=520, workflows={"crm": {
        **SAFE, "action": "write_crm", "volume_per_week": 200,
        "by_hand": {"minutes": {"median": 40.0, "sigma": 0.4}}}}), 1)  # fmt: skip
    minutes = draws.world.decisions["by_hand"] / 60_000
    assert len(minutes) > 90_000
    assert abs(minutes.mean() - dist.mean) < 4 * minutes.std() / math.sqrt(len(minutes))


@pytest.mark.parametrize(
    ("roles", "calls"), [([], 1.5), (["lead"], 1.5), (["rep"], 0.0), (["rep", "lead"], 1.5)]
)
def test_calls_cost_managers_the_hours_of_those_who_attend(roles: list[str], calls: float) -> None:
    rules = {"calls": {"weekly": {"at": "wed 10:00", "minutes": 90, "roles": roles}}}
    fixed = record_of(team(governance=rules))["fixed_hours_per_week"]
    assert fixed == {"calls": calls, "approvals": 0}


def test_approvals_cost_managers_their_minutes_each_time() -> None:
    one = {"workflows": ["mail"], "every_weeks": 4, "minutes": 60.0}
    rules = {"approvals": {"templates": one, "sequence": {**one, "every_weeks": 1}}}
    fixed = record_of(team(governance=rules))["fixed_hours_per_week"]
    assert fixed == {"calls": 0, "approvals": 1.25}


def test_managers_are_those_who_answer_for_a_workflow() -> None:
    flows = {"crm": {**SAFE, "action": "write_crm",
                     "raci": {"accountable": "rep", "responsible": ["rep"]}},
             "mail": {**SAFE, "action": "send_email", "channel": "email"}}  # fmt: skip
    record = record_of(team(workflows=flows))
    assert (record["manager_pools"], record["managers"]) == (["leads", "reps"], 3)


def test_a_run_says_what_never_came_to_be_decided() -> None:
    """Every decision stands in the log, or it is counted as held back, not started or pending."""
    rules = {
        "list_limits": {"mail": 150},
        "rollout": {"first": ["mail"], "next_after_weeks": 2},
        "approvals": {"templates": {"workflows": ["mail"], "every_weeks": 3, "hours": 1.0}},
    }
    # work arises on Sundays too, so that a day more or less of the rollout shows
    always = {"office": ["mon-sun 00:00-24:00"]}
    run = hs.simulate(team(governance=rules, hours=always), seed=3)
    record, total = run.record, len(run.draws)
    drawn = pd.Series(run.draws.world.decisions["arrival"]) // (7 * 86_400_000)
    mail = run.draws.world.decisions["workflow"] == 1
    day = pd.Timestamp("2026-08-03") + pd.to_timedelta(
        run.draws.world.decisions["arrival"][mail], "ms"
    )
    by_month = pd.Series(day.strftime("%Y-%m")).value_counts()
    assert record["held_back"] == (by_month - 150).clip(lower=0).sum() > 100
    assert record["not_started"] == ((drawn < 2) & ~mail).sum() > 100
    pending = record["undecided_at_end"] - record["held_back"] - record["not_started"]
    assert pending >= 0
    assert len(run.log) + record["undecided_at_end"] == total
    free = hs.simulate(team(hours=always), seed=3, draws=run.draws).record
    assert (free["held_back"], free["not_started"]) == (0, 0)


def test_work_held_back_before_its_workflow_has_started_is_counted_once() -> None:
    rules = {"list_limits": {"crm": 0}, "rollout": {"first": ["mail"], "next_after_weeks": 6}}
    run = hs.simulate(team(governance=rules), seed=3)
    crm = int((run.draws.world.decisions["workflow"] == 0).sum())
    assert (run.record["held_back"], run.record["not_started"]) == (crm, 0)


def test_what_governance_did_stands_in_the_record() -> None:
    rules = {"kill_switches": {"mail": {"from_week": 2, "weeks": 1}}}
    run = hs.simulate(team(governance=rules), seed=3)
    where = {"workflow": "mail", "rule": "governance.kill_switches.mail", "because": "as decided"}
    assert run.record["governance"] == [
        {**where, "date": "2026-08-10", "what": "killed"},
        {**where, "date": "2026-08-17", "what": "back on"},
    ]
    table = run.governance
    assert list(table.columns) == ["date", "workflow", "rule", "what", "because"]
    assert table["date"].tolist() == [pd.Timestamp("2026-08-10"), pd.Timestamp("2026-08-17")]
    calm = hs.simulate(team(weeks=1), seed=3)
    assert calm.record["governance"] == []
    assert list(calm.governance.columns) == list(table.columns)


@pytest.mark.parametrize("rules", [{}, {"kill_switches": {"mail": {"from_week": 2}}}])
def test_the_record_goes_through_json_unchanged(rules: dict[str, Any]) -> None:
    record = hs.simulate(team(governance=rules, weeks=2), seed=3).record
    assert json.loads(json.dumps(record)) == record


def test_what_must_be_done_on_the_day_can_be_asked_of_the_log() -> None:
    """The rule names workflows; a log says of each decision whether it went out that day."""
    gated = {**SAFE, "access": "manager-approved", "gate": "crm-sync", "action": "write_crm"}
    alone = {**SAFE, "action": "write_crm"}
    shares = {}
    for name, flow in (("alone", alone), ("gated", gated)):
        s = team(
            workflows={"crm": flow},
            governance={"same_day": ["crm"]},
            boundary={"bands": {"auto": 0.0, "review": 0.0}},
        )
        log = hs.simulate(s, seed=3).log
        assert log.record["same_day"] == ["crm"]
        frame = log.frame
        shares[name] = (frame["executed_at"].dt.date == frame["arrived_at"].dt.date).mean()
    assert shares["alone"] == 1
    assert 0.2 < shares["gated"] < 0.9, "what arises in the afternoon waits for the morning"


def test_nobody_s_name_stands_in_what_reports_list() -> None:
    scenario = hs.load("on-the-loop")
    names = {name for _, name, _ in scenario.reviewers()}
    text = json.dumps(hs.simulate(scenario.with_(weeks=5), seed=7).record)
    assert not names & set(re.findall(r"[\w-]+", text))
