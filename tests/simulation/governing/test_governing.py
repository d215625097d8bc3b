"""The team's rules at work: what they do, when, on which evidence, and what a run makes of it."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.simulation.contract import LookKind, Records
from hitlsim.simulation.governing.governor import Action
from tests.simulation.governed import (
    CRM,
    LETTER,
    MAIL,
    back_if,
    bounces,
    days_of,
    govern,
    learner,
    looks,
    nothing_seen,
    phased,
    ruled,
    saw,
    team,
)
from tests.simulation.small_teams import (
    EXCEPTIONS,
    SHADOW,
    STEADY,
)

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
