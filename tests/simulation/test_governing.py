"""The team's rules at work: what they do, when, on which evidence, and what a run makes of it."""

from __future__ import annotations

import math
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import hitlsim as hs
from hitlsim.scenario.hours import HOUR_MS, WEEK_MS
from hitlsim.simulation.contract import SEEN, LookKind, Records
from hitlsim.simulation.governing import Action, Governor
from hitlsim.simulation.holding import standing_still
from tests.simulation.small_teams import (
    EXCEPTIONS,
    OFFICE,
    PHASES,
    SAFE_FLOW,
    SHADOW,
    START,
    STEADY,
    reps_and_lead,
    small_team,
)

CRM, MAIL, LETTER = range(3)
SAFE: dict[str, Any] = {
    **SAFE_FLOW,
    "by_hand": {"minutes": {"median": 2.0, "sigma": 0.0}},
}
GATED = {"access": "manager-approved", "gate": "send"}


def team(email: dict[str, Any] | None = None, **changes: Any) -> hs.Scenario:
    """Eight weeks of 100 updates, 200 emails and 50 letters, with nobody's habits and no rules."""
    flows = {
        "crm": {**SAFE, "action": "write_crm", "volume_per_week": 100},
        "mail": {**SAFE, "action": "send_email", "volume_per_week": 200, "channel": "email",
                 "email": email or {}},
        "letter": {**SAFE, **GATED, "action": "send_letter", "volume_per_week": 50,
                   "channel": "email", "email": {}},
    }  # fmt: skip
    plain: dict[str, Any] = {
        "weeks": 8,
        "agents": {
            "bot": {
                "may": ["write_crm", "send_email", "send_letter"],
                "slots": 50,
                "draft_seconds": {"median": 5.0, "sigma": 0.0},
            }
        },
        "workflows": flows,
        "boundary": {"bands": {"auto": 0.85, "review": 0.6}},
        "pools": reps_and_lead(["ann", "bob", "cat"], habits="steady"),
        "phases": PHASES,
    }
    return small_team(**{**plain, **changes})


def ruled(**rules: Any) -> hs.Scenario:
    """The team with these rules of governance."""
    return team(governance=rules)


def phased(**phases: dict[str, Any]) -> hs.Scenario:
    """The team with some of its phases changed."""
    given_ = {"shadow": SHADOW, "exception_only": EXCEPTIONS, "steady_state": STEADY, **phases}
    return team(phases={name.replace("_", "-"): phase for name, phase in given_.items()})


def nothing_seen(s: hs.Scenario) -> Records:
    return np.zeros((s.weeks * 7, len(s.workflows)), SEEN)


def saw(s: hs.Scenario, *days: tuple[int, int, dict[str, int]]) -> Records:
    """What was seen: (day, workflow, counts)."""
    seen = nothing_seen(s)
    for day, flow, counts in days:
        for name, count in counts.items():
            seen[name][day, flow] = count
    return seen


def govern(s: hs.Scenario, seen: Records) -> tuple[Records, list[Action]]:
    """The policies of all days, and what was done."""
    governor = Governor(s)
    return np.stack([governor.policies(d, seen) for d in range(len(seen))]), governor.actions


def days_of(flags: Any) -> list[int]:
    return np.flatnonzero(flags).tolist()


def looks(n: int, bad: int = 0) -> dict[str, int]:
    return {"looked": n, "looked_bad": bad, "safe": 10 * n, "exceptions": n}


# --- phases --------------------------------------------------------------------------------------


def test_phases_end_at_midnight_after_their_weeks() -> None:
    s = team()
    policies, actions = govern(s, nothing_seen(s))
    assert policies["phase"].T.tolist() == [[0] * 14 + [1] * 14 + [2] * 28] * 3
    assert actions == [], "what the calendar says is nobody's deed"


def test_each_phase_has_its_own_settings() -> None:
    bulk = {"bulk_above": 0.95, "bulk_effort": 0.2, "bulk_inspect": 0.3}
    s = phased(exception_only={"weeks": 2, "looks": {**EXCEPTIONS["looks"], "effort": 0.7, **bulk}})
    policies, _ = govern(s, nothing_seen(s))
    names = ["waits", "look", "look_share", "look_effort", "bulk_above"]
    shadow, exceptions, steady = ([p[n].item() for n in names] for p in policies[[0, 14, 28], MAIL])
    assert shadow == [False, LookKind.OBSERVE, 1.0, 0.5, math.inf]
    assert exceptions == [True, LookKind.BATCH, 0.3, 0.7, 0.95]
    assert steady == [True, LookKind.SPOT_CHECK, 0.05, 0.5, math.inf], "nothing in bulk"
    assert policies[14, MAIL][["bulk_effort", "bulk_inspect"]].item() == (0.2, 0.3)


def test_a_phase_by_criterion_ends_on_the_first_monday_after_the_bar_is_cleared() -> None:
    # no bad one among 59 shows less than 5% with 95% confidence; among 58 it does not
    s = phased(shadow={**SHADOW, "weeks": 1, "until": {"bad_below": 0.05, "confidence": 0.95}})
    seen = saw(s, (3, CRM, looks(58)), (9, CRM, looks(1)), (3, MAIL, looks(59, bad=1)))
    policies, actions = govern(s, seen)
    assert policies["phase"][:, CRM].tolist() == [0] * 14 + [1] * 14 + [2] * 28
    assert not policies["phase"][:, MAIL].any(), "never by date"
    (action,) = actions
    assert action[:4] == (14, "crm", "phases.shadow.until", "moved on to exception-only")
    assert action.because == "bad among those looked at: 0 of 59 (0.00%); exceptions: 10.0%"


@pytest.mark.parametrize(("weeks", "moves"), [(None, 7), (1, 7), (3, 21)])
def test_a_phase_by_criterion_lasts_its_weeks_at_least(weeks: int | None, moves: int) -> None:
    until = {"until": {"min_labels": 10}}
    shadow = {**SHADOW, **until} if weeks is None else {**SHADOW, **until, "weeks": weeks}
    if weeks is None:
        del shadow["weeks"]
    s = phased(shadow=shadow)
    policies, _ = govern(s, saw(s, (0, CRM, looks(100))))
    assert days_of(policies["phase"][:, CRM])[0] == moves


def test_the_weeks_of_a_later_phase_are_counted_from_its_beginning() -> None:
    s = phased(exception_only={**EXCEPTIONS, "weeks": 3, "until": {"min_labels": 10}})
    policies, _ = govern(s, saw(s, (15, CRM, looks(100))))
    assert policies["phase"][:, CRM].tolist() == [0] * 14 + [1] * 21 + [2] * 21


def test_a_phase_is_judged_by_what_was_seen_in_it() -> None:
    until = {"weeks": 1, "until": {"min_labels": 50}}
    s = phased(shadow={**SHADOW, **until}, exception_only={**EXCEPTIONS, **until})
    shown_once = saw(s, (2, CRM, looks(100)))
    policies, _ = govern(s, shown_once)
    assert policies["phase"][:, CRM].tolist() == [0] * 7 + [1] * 49
    shown_again = saw(s, (2, CRM, looks(100)), (7, CRM, looks(50)))
    policies, _ = govern(s, shown_again)
    assert policies["phase"][:, CRM].tolist() == [0] * 7 + [1] * 7 + [2] * 42


def back_if(phase: dict[str, Any]) -> dict[str, Any]:
    rule = {"bad_above": 0.1, "confidence": 0.95, "min_labels": 20}
    return {**phase, "looks": {**phase["looks"], "share": 0.5}, "back_if": rule}


def test_a_workflow_goes_back_a_phase_and_on_again_by_date() -> None:
    s = phased(exception_only=back_if(EXCEPTIONS))
    policies, actions = govern(s, saw(s, (15, CRM, looks(20, bad=10))))
    assert policies["phase"][:, CRM].tolist() == [0] * 14 + [1] * 7 + [0] * 14 + [1] * 14 + [2] * 7
    assert policies["phase"][:, MAIL].tolist() == [0] * 14 + [1] * 14 + [2] * 28, "the other stays"
    (action,) = actions
    assert action[:4] == (21, "crm", "phases.exception-only.back_if", "back to shadow")
    assert "10 of 20 (50.00%)" in action.because
    good, actions = govern(s, saw(s, (15, CRM, looks(20, bad=1))))
    assert good["phase"][:, CRM].tolist() == policies["phase"][:, MAIL].tolist()
    assert not actions


def test_going_back_is_judged_by_this_phase_alone() -> None:
    s = phased(exception_only=back_if(EXCEPTIONS))
    _, actions = govern(s, saw(s, (13, CRM, looks(20, bad=20))))
    assert not actions, "the thirteenth day is still in shadow"


@pytest.mark.parametrize(("second_day", "goes_back"), [(50, True), (60, False)])
def test_going_back_is_judged_by_the_last_four_weeks(second_day: int, goes_back: bool) -> None:
    s = team(
        weeks=10,
        phases={"shadow": SHADOW, "exception-only": EXCEPTIONS, "steady-state": back_if(STEADY)},
    )
    seen = saw(s, (29, CRM, looks(19, bad=19)), (second_day, CRM, looks(1, bad=1)))
    _, actions = govern(s, seen)
    assert [a.day for a in actions] == ([56] if goes_back else [])


# --- one workflow first --------------------------------------------------------------------------


def test_without_a_rollout_all_workflows_begin_on_the_first_day() -> None:
    s = team()
    assert govern(s, nothing_seen(s))[0]["on"].all()


def test_a_rollout_begins_with_one_and_the_others_follow_in_order() -> None:
    rollout = {"first": ["mail"], "next_after_weeks": 2, "one_by_one": ["letter"]}
    s = ruled(rollout=rollout)
    policies, actions = govern(s, nothing_seen(s))
    begins = [days_of(policies["on"][:, i])[0] for i in (MAIL, LETTER, CRM)]
    assert begins == [0, 14, 28]
    in_order = ruled(rollout={**rollout, "one_by_one": ["crm", "letter"]})
    other = govern(in_order, nothing_seen(s))[0]["on"]
    assert [days_of(other[:, i])[0] for i in (MAIL, LETTER, CRM)] == [0, 28, 14]
    assert (np.diff(policies["on"].astype(int), axis=0) >= 0).all(), "nobody is taken off again"
    assert [a[:4] for a in actions] == [
        (14, "letter", "governance.rollout", "started"),
        (28, "crm", "governance.rollout", "started"),
    ]


def test_those_not_named_start_together_last() -> None:
    s = ruled(rollout={"first": ["mail"], "next_after_weeks": 3})
    policies, _ = govern(s, nothing_seen(s))
    assert [days_of(policies["on"][:, i])[0] for i in (MAIL, LETTER, CRM)] == [0, 21, 21]


def test_the_clock_of_the_phases_begins_when_a_workflow_starts() -> None:
    s = ruled(rollout={"first": ["mail"], "next_after_weeks": 3})
    policies, _ = govern(s, nothing_seen(s))
    assert policies["phase"][:, MAIL].tolist() == [0] * 14 + [1] * 14 + [2] * 28
    assert policies["phase"][:, CRM].tolist() == [0] * 35 + [1] * 14 + [2] * 7


def test_the_next_starts_only_when_those_at_work_hold() -> None:
    holds = {"bad_below": 0.05, "confidence": 0.95}
    rollout = {"first": ["mail"], "next_after_weeks": 1, "one_by_one": ["crm"], "holds": holds}
    s = ruled(rollout=rollout)
    # workflows that are not at work show nothing; what showed that one holds is not used twice
    seen = saw(s, (1, CRM, looks(100)), (2, MAIL, looks(58)), (10, MAIL, looks(1)))
    policies, actions = govern(s, seen)
    assert days_of(policies["on"][:, CRM])[0] == 14
    assert not policies["on"][:, LETTER].any()
    assert actions[0].because.startswith("bad among those looked at: 0 of 59 (0.00%)")
    seen = saw(s, (2, MAIL, looks(59)), (9, MAIL, looks(30)), (9, CRM, looks(29)))
    policies, _ = govern(s, seen)
    begins = [days_of(policies["on"][:, i])[0] for i in (CRM, LETTER)]
    assert begins == [7, 14], "all at work show it together"


# --- pauses --------------------------------------------------------------------------------------


def bounces(**more: Any) -> dict[str, Any]:
    return {"pauses": {"bounces": {"rate": "bounce", "pause": 0.05, "min_count": 50, **more}}}


BAD_DAY = {"emails": 100, "bounced": 20}


def test_a_breach_pauses_the_workflow_for_its_days_with_the_evidence() -> None:
    s = ruled(**bounces(days=3))
    policies, actions = govern(s, saw(s, (3, MAIL, BAD_DAY)))
    assert days_of(policies["manual"][:, MAIL]) == [4, 5, 6]
    assert not policies["manual"][:, [CRM, LETTER]].any()
    because = "bounce 20 of 100 (20.00%), above 5.00%"
    assert actions == [Action(4, "mail", "governance.pauses.bounces", "paused for 3 days", because)]
    assert not govern(team(), saw(s, (3, MAIL, BAD_DAY)))[1], "without the rule nothing happens"


def test_what_was_sent_before_the_pause_ended_is_not_counted_again() -> None:
    s = ruled(**bounces(days=3, window_days=14))
    seen = saw(s, (3, MAIL, BAD_DAY), (5, MAIL, BAD_DAY), (20, MAIL, BAD_DAY))
    policies, actions = govern(s, seen)
    assert days_of(policies["manual"][:, MAIL]) == [4, 5, 6, 21, 22, 23]
    assert [a.because for a in actions] == ["bounce 20 of 100 (20.00%), above 5.00%"] * 2


@pytest.mark.parametrize(("window_days", "paused_on"), [(7, []), (14, [11])])
def test_only_the_last_days_are_looked_at(window_days: int, paused_on: list[int]) -> None:
    s = ruled(**bounces(window_days=window_days))
    half = {"emails": 30, "bounced": 15}
    _, actions = govern(s, saw(s, (1, MAIL, half), (10, MAIL, half)))
    assert [a.day for a in actions] == paused_on


@pytest.mark.parametrize(
    ("rule", "counts"),
    [
        ({"rate": "bounce", "pause": 0.05}, {"emails": 100, "bounced": 20}),
        ({"rate": "spam", "pause": 0.003}, {"emails": 400, "spam": 6}),
        ({"rate": "opt-out", "pause": 0.02}, {"emails": 100, "opted_out": 20}),
        ({"rate": "reply", "pause": 0.02}, {"emails": 400}),
        ({"rate": "meeting", "pause": 0.02}, {"emails": 400, "replied": 40}),
    ],
)
def test_each_rate_of_emails_can_pause(rule: dict[str, Any], counts: dict[str, int]) -> None:
    s = ruled(pauses={"watch": rule})
    fine = {"emails": 400, "replied": 40, "meetings": 12}
    seen = saw(s, (3, MAIL, counts), (3, LETTER, fine), (3, CRM, counts))
    policies, _ = govern(s, seen)
    assert policies["manual"][4].tolist() == [False, True, False], "crm sends no emails"


def test_findings_pause_what_goes_out_alone() -> None:
    s = ruled(pauses={"findings": {"rate": "bad", "pause": 0.1}})
    seen = saw(s, *((3, i, looks(100, bad=30)) for i in (CRM, MAIL, LETTER)))
    policies, _ = govern(s, seen)
    assert policies["manual"][4].tolist() == [True, True, False], "a person sees every letter"


def test_a_rule_may_watch_some_workflows_only() -> None:
    s = ruled(**bounces(workflows=["letter"]))
    policies, _ = govern(s, saw(s, (3, MAIL, BAD_DAY), (3, LETTER, BAD_DAY)))
    assert policies["manual"][4].tolist() == [False, False, True]


def test_a_warning_is_said_once_while_it_stands() -> None:
    s = ruled(**bounces(pause=0.5, warn=0.02, window_days=7))
    worrying = {"emails": 100, "bounced": 9}
    seen = saw(s, (1, MAIL, worrying), (3, MAIL, worrying), (20, MAIL, worrying))
    policies, actions = govern(s, seen)
    assert not policies["manual"].any()
    said = [(a.day, a.what, a.because) for a in actions]
    because = "bounce 9 of 100 (9.00%), above 2.00%"
    assert said == [(2, "warned", because), (21, "warned", because)]


# --- kill switches -------------------------------------------------------------------------------


@pytest.mark.parametrize(("weeks", "last"), [(2, 27), (None, 55), (40, 55)])
def test_a_kill_switch_turns_the_ai_off_for_its_weeks(weeks: int | None, last: int) -> None:
    switch = {"from_week": 3} if weeks is None else {"from_week": 3, "weeks": weeks}
    s = ruled(kill_switches={"crm": switch})
    policies, actions = govern(s, nothing_seen(s))
    assert days_of(policies["manual"][:, CRM]) == list(range(14, last + 1))
    assert not policies["manual"][:, [MAIL, LETTER]].any()
    rule = "governance.kill_switches.crm"
    expected = [Action(14, "crm", rule, "killed", "as decided")]
    expected += [Action(28, "crm", rule, "back on", "as decided")] * (last == 27)
    assert actions == expected


def test_a_kill_switch_may_hold_from_the_first_day() -> None:
    s = ruled(kill_switches={"mail": {"from_week": 1, "weeks": 1}})
    policies, actions = govern(s, nothing_seen(s))
    assert days_of(policies["manual"][:, MAIL]) == list(range(7))
    assert [a.day for a in actions] == [0, 7]


# --- the emergency path --------------------------------------------------------------------------


def replies(s: hs.Scenario, *weekly: int, flow: int = MAIL) -> Records:
    """1,000 emails on each Monday, and so many replies."""
    emails = [{"emails": 1000, "replied": n} for n in weekly]
    return saw(s, *((7 * week, flow, counts) for week, counts in enumerate(emails)))


def emergency(**more: Any) -> hs.Scenario:
    return ruled(emergency={"baseline": 0.04, **more})


def test_two_bad_weeks_running_are_told() -> None:
    s = emergency()
    seen = replies(s, 40, 10, 40, 10, 12, 40)
    policies, actions = govern(s, seen)
    (action,) = actions
    assert action[:4] == (35, "all", "governance.emergency", "people were told")
    assert action.because.startswith(
        "reply for 2 weeks: 10 of 1,000 (1.00%), then 12 of 1,000 (1.20%)"
    )
    assert "46 weeks" in action.because, "how often chance alone does that"
    np.testing.assert_array_equal(policies, govern(team(), seen)[0])


def test_the_emergency_path_may_pause_the_emails() -> None:
    s = emergency(action="pause", days=5)
    policies, actions = govern(s, replies(s, 40, 10, 12, 40))
    assert [a.what for a in actions] == ["paused for 5 days"]
    for flow in (MAIL, LETTER):
        assert days_of(policies["manual"][:, flow]) == list(range(21, 26))
    assert not policies["manual"][:, CRM].any(), "it sends none"


def test_the_emergency_path_may_go_back_a_phase() -> None:
    s = emergency(action="phase-back")
    policies, actions = govern(s, replies(s, 40, 10, 12, 40))
    assert [a.what for a in actions] == ["back one phase"]
    expected = [0] * 14 + [1] * 7 + [0] * 14 + [1] * 14 + [2] * 7
    assert policies["phase"][:, MAIL].tolist() == policies["phase"][:, LETTER].tolist() == expected
    assert policies["phase"][:, CRM].tolist() == [0] * 14 + [1] * 14 + [2] * 28
    early, _ = govern(s, replies(s, 10, 10))
    assert early["phase"][14, MAIL] == 1, "from the first phase there is nowhere to go"


def test_the_emergency_path_watches_its_workflows_only() -> None:
    s = emergency(workflows=["letter"])
    assert not govern(s, replies(s, 10, 10, 10))[1]
    assert len(govern(s, replies(s, 10, 10, flow=LETTER))[1]) == 1


def test_an_emergency_does_not_cut_a_longer_pause_short() -> None:
    s = ruled(
        emergency={"baseline": 0.04, "action": "pause", "days": 2}, **bounces(days=20, min_count=50)
    )
    seen = replies(s, 40, 10, 10)
    seen["bounced"][14, MAIL] = 300
    policies, actions = govern(s, seen)
    assert [a.day for a in actions] == [15, 21]
    assert days_of(policies["manual"][:, MAIL]) == list(range(15, 35))
    assert days_of(policies["manual"][:, LETTER]) == [21, 22]


# --- learning ------------------------------------------------------------------------------------


def learner(odds_reduction: float, corrections: float = 100.0) -> hs.Scenario:
    plain = team().workflows
    ai = {"learning": {"odds_reduction": odds_reduction, "corrections": corrections}}
    return team(workflows={**plain, "crm": {**SAFE, "action": "write_crm", "volume_per_week": 100,
                                            "ai": ai}})  # fmt: skip


def test_corrections_lower_the_error_odds_to_the_stated_limit() -> None:
    s = learner(0.3)
    of_others = (1, MAIL, {"corrections": 500})
    seen = saw(s, of_others, (4, CRM, {"corrections": 100}), (9, CRM, {"corrections": 10_000}))
    learned = govern(s, seen)[0]["learned"]
    after_100 = 1 - 0.3 * (1 - math.exp(-1))  # 63% of the reduction has come
    assert np.exp(-learned[[4, 5, 9, 10, 55], CRM]) == pytest.approx(
        [1, after_100, after_100, 0.7, 0.7]
    )
    assert (np.diff(learned[:, CRM]) >= 0).all()
    assert not learned[:, [MAIL, LETTER]].any(), "what one learns the others do not"


def test_whoever_does_not_learn_stays_as_he_is() -> None:
    s = learner(0.0)
    assert not govern(s, saw(s, (4, CRM, {"corrections": 10_000})))[0]["learned"].any()


# --- the boundary spec ---------------------------------------------------------------------------


def test_the_boundary_spec_holds_every_day_whatever_is_seen() -> None:
    boundary = {
        "bands": {"auto": 0.85, "review": 0.6},
        "workflows": {"mail": {"auto": 0.95, "deal_size_above": 1000.0}},
        "triggers": {"deal_size_above": 9000.0, "signals": ["third", "first"]},
        "audit": {"share": 0.1, "workflows": ["mail"]},
    }
    signals = {name: {"share": 0.1} for name in ("first", "second", "third")}
    s = team(boundary=boundary, signals=signals)
    policies, _ = govern(s, replies(s, 40, 10, 10))
    names = ["auto", "review", "deal_limit", "triggers", "audit"]
    for day in policies[[0, 14, 55]]:
        assert day[CRM][names].item() == (0.85, 0.6, 9000.0, 0b101, 0.0)
        assert day[MAIL][names].item() == (0.95, 0.6, 1000.0, 0b101, 0.1)
    everywhere = team(boundary={**boundary, "audit": {"share": 0.1}}, signals=signals)
    audits = govern(everywhere, nothing_seen(s))[0]["audit"][0]
    assert audits.tolist() == [0.1, 0.1, 0.0], "a person sees every letter"


# --- properties: nothing but what was seen -------------------------------------------------------


@cache
def under_all_rules() -> hs.Scenario:
    until = {"min_labels": 30, "bad_below": 0.2}
    flows = {**learner(0.3).workflows}
    return team(
        workflows=flows,
        phases={
            "shadow": {**SHADOW, "until": until},
            "exception-only": back_if(EXCEPTIONS),
            "steady-state": back_if(STEADY),
        },
        governance={
            "pauses": {
                "bounces": {"rate": "bounce", "warn": 0.05, "pause": 0.1, "days": 2},
                "answers": {"rate": "reply", "warn": 0.05, "pause": 0.02},
                "findings": {"rate": "bad", "pause": 0.2, "workflows": ["crm"]},
            },
            "kill_switches": {"mail": {"from_week": 5, "weeks": 1}},
            "emergency": {"baseline_weeks": 2, "margin_sd": 0.0, "action": "phase-back"},
            "rollout": {"first": ["crm"], "one_by_one": ["mail"], "holds": {"min_labels": 40}},
        },
    )


def some_world(s: hs.Scenario, seed: int) -> Records:
    """Random counts that fit together."""
    rng = np.random.default_rng(seed)
    seen = nothing_seen(s)
    parts = {
        "safe": ("exceptions",), "exceptions": ("exceptions_judged",),
        "exceptions_judged": ("overridden",), "looked": ("looked_bad", "corrections"),
        "emails": ("bounced", "spam", "opted_out", "replied"), "replied": ("meetings",),
    }  # fmt: skip
    for name in ("decided", "safe", "looked", "emails", "refreshed"):
        seen[name] = rng.poisson(rng.uniform(1, 60), seen.shape)
    for whole, some in parts.items():
        for name in some:
            seen[name] = rng.binomial(seen[whole], rng.uniform(0, 0.3, seen.shape))
    return seen


worlds = st.integers(0, 2**32 - 1)


@settings(max_examples=30)
@given(seed=worlds, other=worlds)
def test_nothing_seen_later_changes_what_holds_today(seed: int, other: int) -> None:
    s = under_all_rules()
    seen, different = some_world(s, seed), some_world(s, other)
    foresighted, plain = Governor(s), Governor(s)
    for day in range(len(seen)):
        mixed = np.concatenate([seen[:day], different[day:]])
        np.testing.assert_array_equal(
            foresighted.policies(day, seen), plain.policies(day, mixed), str(day)
        )
    assert foresighted.actions == plain.actions


@settings(max_examples=30)
@given(seed=worlds)
def test_same_seen_same_policies_and_nothing_seen_is_changed(seed: int) -> None:
    s = under_all_rules()
    seen = some_world(s, seed)
    before = seen.copy()
    first, second = govern(s, seen), govern(s, seen)
    np.testing.assert_array_equal(first[0], second[0])
    assert first[1] == second[1]
    np.testing.assert_array_equal(seen, before)


@settings(max_examples=30)
@given(seed=worlds)
def test_what_a_team_could_not_see_changes_nothing(seed: int) -> None:
    """Whether a record was refreshed rightly is the world's affair, and stands among the counts."""
    s = under_all_rules()
    seen = some_world(s, seed)
    policies, actions = govern(s, seen)
    seen["refreshed"] = 0
    np.testing.assert_array_equal(govern(s, seen)[0], policies)
    assert govern(s, seen)[1] == actions


def test_whatever_is_done_has_its_rule_and_its_evidence() -> None:
    s = under_all_rules()
    done: dict[str, set[str]] = {}
    written = s.to_dict()
    for seed in range(40):
        for action in govern(s, some_world(s, seed))[1]:
            node: Any = written
            for key in action.rule.split("."):
                node = node[key]
            assert node, action.rule
            told = "as decided" if "kill_switches" in action.rule else "of "
            assert told in action.because, action
            assert action.workflow in (*s.workflows, "all")
            assert 0 <= action.day < s.weeks * 7
            done.setdefault(action.rule, set()).add(action.what.split(" to ")[0])
    assert set(done) == {
        "phases.shadow.until", "phases.exception-only.back_if", "phases.steady-state.back_if",
        "governance.pauses.bounces", "governance.pauses.answers", "governance.pauses.findings",
        "governance.kill_switches.mail", "governance.emergency", "governance.rollout",
    }  # fmt: skip
    assert done["governance.pauses.bounces"] == {"warned", "paused for 2 days"}


# --- whole runs ----------------------------------------------------------------------------------


def day_of(times: pd.Series) -> pd.Series:
    return (times.dt.tz_localize(None) - pd.Timestamp(START)) // pd.Timedelta(1, "D")


def test_many_bounces_pause_the_emails_and_people_write_them() -> None:
    """20% bounce, so that a line of 5% over a week's 200 emails is surely crossed; or none do."""
    run = hs.simulate(team({"bounce": 0.2}, weeks=3, governance=bounces(days=3)), seed=1)
    paused = [(a.day, a.workflow) for a in run.actions]
    assert paused
    assert {name for _, name in paused} == {"mail"}
    frame = run.log.frame
    day, mail = day_of(frame["decided_at"]), frame["workflow"] == "mail"
    inside = mail & day.isin([start + i for start, _ in paused for i in range(3)])
    assert inside.sum() > 50
    assert (inside == (frame["route"] == "manual")).all()
    assert (inside == frame["by_hand"]).all()
    assert run.governance["because"].str.startswith("bounce ").all()
    calm = hs.simulate(team({"bounce": 0.0}, weeks=3, governance=bounces(days=3)), seed=1)
    assert not calm.actions
    assert not calm.log.frame["by_hand"].any()


def test_a_killed_workflow_is_worked_by_hand_at_forty_minutes_each() -> None:
    slow = {**SAFE, "by_hand": {"minutes": {"median": 40.0, "sigma": 0.0}}}
    flows = {
        "crm": {**slow, "action": "write_crm", "volume_per_week": 60},
        "mail": {**slow, "action": "send_email", "volume_per_week": 60, "channel": "email",
                 "email": {}},
    }  # fmt: skip
    switches = {"kill_switches": {"crm": {"from_week": 2, "weeks": 1}}}
    killed, free = (
        hs.simulate(team(workflows=flows, weeks=3, governance=g), seed=5).log.frame
        for g in (switches, {})
    )
    off = (day_of(killed["decided_at"]) // 7 == 1) & (killed["workflow"] == "crm")
    assert off.sum() > 30
    assert ((killed["route"] == "manual") == off).all()
    assert (killed["by_hand"] == off).all()
    assert (killed["reasons"][off] == "manual").all()
    done = killed[off & killed["executed_at"].notna()]
    assert len(done) == off.sum(), "three people have the time"
    assert done["review_minutes"].sum() == pytest.approx(40 * len(done))
    assert done["verdict"].isna().all()
    assert not free["by_hand"].any()
    assert (free["route"] != "manual").all()
    same = free[free["decision_id"].isin(done["decision_id"])]
    assisted = same[["review_minutes", "look_minutes"]].sum().sum()
    assert assisted < 3 * len(done), "under 3 minutes each with the AI"


def test_a_list_limit_holds_back_what_comes_on_top() -> None:
    # August and September: 800 and 800 expected, of which 120 a month may be drafted
    run = hs.simulate(ruled(list_limits={"mail": 120}), seed=3)
    frame, draws = run.log.frame, run.draws
    drafted = frame[frame["workflow"] == "mail"]["arrived_at"].dt.strftime("%Y-%m")
    assert drafted.value_counts().to_dict() == {"2026-08": 120, "2026-09": 120}
    free = hs.simulate(team(), seed=3, draws=draws)
    assert run.record["held_back"] == (free.log.frame["workflow"] == "mail").sum() - 240
    assert free.record["held_back"] == 0
    assert (frame["workflow"] == "crm").sum() == (free.log.frame["workflow"] == "crm").sum()


def test_no_draft_is_made_before_its_template_is_approved() -> None:
    rule = {"workflows": ["mail"], "every_weeks": 4, "hours": 30.0, "sigma": 0.0}
    held, free = (
        hs.simulate(team(weeks=6, governance=g), seed=3).log.frame
        for g in ({"approvals": {"templates": rule}}, {})
    )
    # approved on Tuesday at six, in the first week and in the fifth
    approved = pd.to_timedelta(30, "h") + pd.to_datetime(["2026-08-03", "2026-08-31"], utc=True)
    pd.testing.assert_series_equal(held["arrived_at"], free["arrived_at"])
    monday = day_of(held["arrived_at"]).isin([0, 28]) & (held["workflow"] == "mail")
    assert monday.sum() > 20
    late = held[monday].groupby(day_of(held["arrived_at"]))["decided_at"]
    assert (late.min() >= approved).all()
    assert (late.max() < approved + pd.Timedelta(1, "h")).all()
    others = ["crm", "letter"]
    for frame, which in ((held, held["workflow"].isin(others)), (free, free["arrived_at"].notna())):
        soon = frame["decided_at"] - frame["arrived_at"] < pd.Timedelta(1, "min")
        assert soon[which].all()
    assert (held["decided_at"] - held["arrived_at"] < pd.Timedelta(1, "min"))[~monday].all()


def test_approvals_take_as_long_as_stated() -> None:
    """Ten a week for 520 weeks; with a fresh seed a right program fails in .1%."""
    rule = {"workflows": ["mail", "crm"], "every_weeks": 1, "hours": 8.0, "sigma": 0.5}
    approvals = {f"template{i}": rule for i in range(10)}
    windows = standing_still(team(weeks=520, governance={"approvals": approvals}), 11)
    assert windows["mail"] == windows["crm"], "approved together"
    assert "letter" not in windows
    start, end = np.array(windows["mail"]).T
    assert start.tolist() == [week * WEEK_MS for week in range(520) for _ in range(10)]
    spread = np.log((end - start) / HOUR_MS / 8.0) / 0.5
    assert stats.kstest(spread, "norm").pvalue > 0.001


def starts(run: hs.Run, *, pool: str) -> pd.Series:
    """When reviews and looks of a pool began."""
    out, pools = run.outcome, [name for name, _, _ in run.scenario.reviewers()]
    mine = np.isin(out["person"], [i for i, name in enumerate(pools) if name == pool])
    began = out["started"][mine & (out["started"] >= 0)]
    return pd.Series(pd.Timestamp(run.scenario.start) + pd.to_timedelta(began, "ms"))


@pytest.mark.parametrize(("roles", "empty"), [([], ["leads", "reps"]), (["lead"], ["leads"])])
def test_nobody_is_at_the_desk_during_the_call(roles: list[str], empty: list[str]) -> None:
    call = {"at": "wed 10:00", "minutes": 60, "roles": roles}
    # letters are the lead's, so that there is something to do at every hour
    busy = {**SAFE, **GATED, "action": "send_letter", "volume_per_week": 1500, "channel": "email"}
    flows = {**team().workflows, "letter": {**busy, "raci": {"accountable": "lead",
                                                             "responsible": ["lead"]}}}  # fmt: skip
    flows["crm"] = {**SAFE, "action": "write_crm", "volume_per_week": 3000}
    run = hs.simulate(
        team(workflows=flows, weeks=2, governance={"calls": {"weekly": call}}), seed=2
    )
    for pool in ("leads", "reps"):
        at = starts(run, pool=pool)
        during = (at.dt.day_of_week == 2) & (at.dt.hour == 10)
        others = (at.dt.day_of_week == 1) & (at.dt.hour == 10)
        assert others.sum() > 20, "on Tuesday there is work"
        assert during.any() == (pool not in empty), pool


def test_on_holidays_nothing_arrives_and_nobody_works() -> None:
    feast = date(2026, 8, 12)
    closed, usual = (hs.simulate(team(weeks=2, holidays=days), seed=4) for days in ((feast,), ()))
    for run, works in ((closed, False), (usual, True)):
        assert (run.log.frame["arrived_at"].dt.date == feast).any() == works
        began = pd.concat([starts(run, pool=p) for p in ("leads", "reps")])
        assert (began.dt.date == feast).any() == works
        assert len(began) > 100


def test_whoever_is_away_is_not_at_the_desk() -> None:
    people = {"shifts": OFFICE, "habits": "steady"}
    away = {**people, "holidays": [date(2026, 8, 4)]}
    pools = {
        "reps": {"role": "rep", "reviewers": {"ann": away, "bob": people}},
        "leads": {"role": "lead", "reviewers": {"lea": people}},
    }
    run = hs.simulate(team(weeks=1, pools=pools), seed=4)
    frame = run.log.frame
    by_day = frame.groupby(["looker", day_of(frame["looked_at"])], observed=True).size()
    assert ("bob", 1) in by_day.index
    assert ("ann", 1) not in by_day.index
    assert {("ann", 0), ("ann", 2)} <= set(by_day.index)


def test_workflows_that_have_not_started_are_never_drafted() -> None:
    rollout = {"first": ["mail"], "next_after_weeks": 2, "one_by_one": ["crm"]}
    s = team(weeks=5, governance={"rollout": rollout})
    run = hs.simulate(s, seed=6)
    frame = run.log.frame
    first = day_of(frame["arrived_at"]).groupby(frame["workflow"], observed=True).min()
    assert first.to_dict() == {"mail": 0, "crm": 14, "letter": 28}
    everything = hs.simulate(team(weeks=5), seed=6, draws=run.draws).log.frame
    missing = set(everything["decision_id"]) - set(frame["decision_id"])
    late = everything["decision_id"].isin(missing)
    assert set(everything["workflow"][late]) == {"crm", "letter"}
    assert run.record["not_started"] == len(missing)
    assert (
        frame["phase"][(frame["workflow"] == "crm") & (day_of(frame["decided_at"]) < 28)]
        .isin(["shadow"])
        .all()
    )


def test_an_ai_that_learns_makes_fewer_mistakes_after_its_corrections() -> None:
    """On the same draws: whoever was right without learning is right with it, and more are."""
    apt, dull = learner(0.9, corrections=20.0), learner(0.0, corrections=20.0)
    bright = hs.simulate(apt, seed=8)
    plain = hs.simulate(dull, seed=8)
    a, b = (r.log.frame[r.log.frame["workflow"] == "crm"].reset_index() for r in (bright, plain))
    assert (a["decision_id"] == b["decision_id"]).all()
    assert (a["true_ok"] >= b["true_ok"]).all()
    first_day = day_of(a["decided_at"]) == 0
    assert (a["true_ok"] == b["true_ok"])[first_day].all(), "it learns overnight"
    later = day_of(a["decided_at"]) >= 28
    odds = [(1 - f["true_ok"][later].mean()) / f["true_ok"][later].mean() for f in (a, b)]
    assert odds[0] < 0.35 * odds[1]


def test_in_bulk_sure_ones_are_skimmed_and_others_are_not() -> None:
    def at_looks(more: dict[str, Any]) -> pd.DataFrame:
        weekly = {"looks": {"share": 0.5, "cadence": "weekly", **more}}
        flows = {"crm": {**SAFE, "action": "write_crm", "volume_per_week": 300,
                         "review_seconds": {"median": 100.0, "sigma": 0.0}}}  # fmt: skip
        frame = hs.simulate(
            team(workflows=flows, weeks=3, phases={"steady-state": weekly}), seed=9
        ).log.frame
        return frame[frame["looked_at"].notna()]

    skimmed = at_looks({"bulk_above": 0.95, "bulk_effort": 0.2, "bulk_inspect": 1.0})
    sure = skimmed["confidence"] >= 0.95
    assert (skimmed["bulk"] == sure).all()
    assert sure.sum() > 50
    assert (~sure).sum() > 50
    minutes = skimmed["look_minutes"]
    assert minutes[sure].to_numpy() == pytest.approx(100 * 0.5 * 0.2 / 60)
    assert minutes[~sure].to_numpy() == pytest.approx(100 * 0.5 / 60)
    assert skimmed["true_look_inspected"].all()
    unread = at_looks({"bulk_above": 0.95, "bulk_inspect": 0.0})
    assert (unread["true_look_inspected"].astype(bool) == ~unread["bulk"]).all()
    assert not at_looks({})["bulk"].any()


def test_gates_hold_in_every_phase() -> None:
    frame = hs.simulate(team(weeks=6), seed=10).log.frame
    letters = frame[frame["workflow"] == "letter"]
    assert set(letters["phase"]) == {"shadow", "exception-only", "steady-state"}
    assert (letters["route"] == "gate").all()
    out = letters.dropna(subset=["executed_at"])
    assert out["verdict"].notna().all()
    assert (out["executed_at"] >= out["ended_at"]).all()


def test_a_good_ai_moves_on_and_a_bad_one_stays_with_what_the_log_says_as_evidence() -> None:
    """Wrong in .1% or in half of what it does, against a bar of 10% with 95% confidence."""

    def crm_of(intercept: float) -> hs.Run:
        until = {"weeks": 1, "until": {"bad_below": 0.1, "confidence": 0.95}}
        flow = {**SAFE, "action": "write_crm", "volume_per_week": 100,
                "ai": {"intercept": intercept, "slope": 0.0}}  # fmt: skip
        exact = {"shifts": OFFICE, "habits": "steady", "hit_rate": 0.99, "false_alarm_rate": 0.001}
        return hs.simulate(
            team(
                weeks=4,
                workflows={"crm": flow},
                phases={"shadow": {**SHADOW, **until}, "exception-only": EXCEPTIONS,
                        "steady-state": STEADY},
                pools={"reps": {"role": "rep", "reviewers": {"ann": exact}},
                       "leads": {"role": "lead", "reviewers": {"lea": exact}}},
            ),
            seed=12,
        )  # fmt: skip

    good, bad = crm_of(7.0), crm_of(0.0)
    (moved,) = [a for a in good.actions if "until" in a.rule]
    frame = good.log.frame
    looked = (frame["route"] == "auto") & (day_of(frame["looked_at"]) < moved.day)
    wrong = looked & (frame["look_verdict"] != "approve")
    assert f": {wrong.sum()} of {looked.sum()} (" in moved.because
    assert (frame["phase"][day_of(frame["decided_at"]) >= moved.day] != "shadow").all()
    assert not bad.actions
    assert (bad.log.frame["phase"] == "shadow").all()


@pytest.mark.parametrize("action", ["tell", "pause"])
def test_when_answers_fail_to_come_the_emergency_path_is_taken(action: str) -> None:
    """From the fourth week on every email is wrong, and nobody answers those: 40% of 200 do before.

    The baseline of three such weeks lies many standard deviations above nothing.
    """
    email = {"reply": 0.4, "bad_reply": 0.0, "bounce": 0.0, "reply_days": {"median": 0.01}}
    rules = {"emergency": {"baseline_weeks": 3, "margin_sd": 3.0, "action": action, "days": 4,
                           "workflows": ["mail"]}}  # fmt: skip
    broken = {"outage": {"from_week": 4, "log_odds": -10.0}}
    runs = [hs.simulate(team(email, governance=rules, incidents=i), seed=13) for i in (broken, {})]
    taken, calm = ([a.day for a in run.actions if "emergency" in a.rule] for run in runs)
    assert taken[0] == 35, "after the fourth and the fifth week"
    assert not calm
    frame = runs[0].log.frame
    by_hand = frame["by_hand"] & (day_of(frame["decided_at"]) < 42)
    days = set(day_of(frame["decided_at"])[by_hand])
    assert days == (set(range(35, 39)) if action == "pause" else set())
