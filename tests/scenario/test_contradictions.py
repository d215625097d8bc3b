"""Parts that contradict each other are found before anything runs, wherever they stand."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

import hitlsim as hs
from hitlsim.scenario import reachable
from hitlsim.scenario.files import read_yaml
from hitlsim.scenario.framework import unsafe_workflows
from hitlsim.scenario.governance import Emergency
from hitlsim.scenario.phases import Criterion

Load = Callable[..., hs.Scenario]
HERE = Path(__file__).parent
SOUND = HERE / "sound-team.yaml"
CASES = read_yaml(HERE / "contradictions.yaml").values["cases"]


@pytest.fixture(scope="module")
def sound() -> hs.Scenario:
    return hs.load(SOUND)


@pytest.fixture
def vary(load_text: Load, tmp_path: Path) -> Load:
    """Load a variation of the sound team as ``team.yaml``."""

    def load(text: str) -> hs.Scenario:
        shutil.copy(SOUND, tmp_path)
        return load_text(f"extends: sound-team.yaml\n{text}\n")

    return load


# --- known answers: what is not a contradiction --------------------------------------------------


def test_a_sound_team_is_not_refused(sound: hs.Scenario) -> None:
    assert sound.name == "sound"
    assert sound.habits_of(sound.pools["desk"].reviewers["ana"]).hurry == 2


MAY_BE = """
pools: {reps: {reviewers: {dia: {holidays: [2031-01-01]}}}}
workflows: {stage: {access: read-only, action: score_lead, gate: send}}
workflows: {merge: {action: write_crm, channel: phone, gate: crm-sync}}
workflows: {reply: {access: manager-approved}}
workflows: {mail: {volume_per_week: 0}}
workflows: {merge: {volume_per_week: 0}}
pools: {bosses: {reviewers: {bob: {skills: [stage, crm]}}}}
governance: {calls: {next: {at: "mon 10:00"}}}
governance: {list_limits: {stage: 3}}
governance: {emergency: {baseline: 0.03, baseline_weeks: 500}}
governance: {pauses: {spam: {window_days: 1, min_count: 70}}}
phases: {shadow: {until: {min_labels: 6300}}}
phases: {shadow: {weeks: 2}}
phases: {shadow: {until: {overrides_above: 0.3, exceptions_below: 0.15}}}
"""


@pytest.mark.parametrize("text", MAY_BE.strip().splitlines())
def test_what_may_be_is_not_refused(vary: Load, text: str) -> None:
    assert vary(text).name == "sound"


def test_allow_unsafe_lets_the_ai_act_alone_and_tells_where(vary: Load) -> None:
    unsafe = vary(
        "allow_unsafe: true\nworkflows:\n"
        "  crm: {topic: contract}\n  mail: {action: change_stage, topic: executive}"
    )
    assert [(name, rule.partition(" ")[0]) for name, rule in unsafe_workflows(unsafe)] == [
        ("crm", "contract,"),
        ("mail", "communication"),
        ("mail", "a"),
    ]


# --- known answers: what a run can show ----------------------------------------------------------


@pytest.mark.parametrize(("margin", "weeks"), [(0, 6), (0.5, 14), (1, 46), (1.5, 239)])
def test_a_stable_process_trips_the_emergency_path_as_often_as_is_said(
    margin: float, weeks: int
) -> None:
    assert round(Emergency(margin_sd=margin).weeks_between_false_alarms()) == weeks


def test_an_alarm_that_never_comes_by_chance_is_no_division_by_zero() -> None:
    assert Emergency(margin_sd=6, weeks_running=52).weeks_between_false_alarms() > 1e300


def test_one_week_running_is_a_coin_that_falls_once_in_a_while() -> None:
    alarm = Emergency(margin_sd=0, weeks_running=1)
    assert alarm.weeks_between_false_alarms() == pytest.approx(2)


def test_the_decisions_of_a_run_count_growth_and_lists(vary: Load) -> None:
    growing = vary(
        "workflows:\n  crm: {growth_per_week: 0.1, list_drop: {contacts: 500, at: 'wed 06:00'}}"
    )
    # lists on 5 August, 2 September and 7 October
    by_hand = sum(100 * 1.1**k for k in range(12)) + 3 * 500
    assert reachable.decisions(growing, growing.workflows["crm"]) == pytest.approx(by_hand)


@pytest.mark.parametrize(
    ("change", "days", "expected"),
    [
        ("", 1, 70),  # a fifth of a week
        ("", 5, 350),
        ("", 7, 350),
        ("", 10, 350 + 210),
        ("", 365, 12 * 350),
        ("hours: mondays", 1, 350),
        ("growth_per_week: 0.1", 7, 350 * 1.1**11),
        ("list_drop: {contacts: 500}", 7, 350 + 500),
        ("list_drop: {contacts: 500}", 30, 4 * 350 + 140 + 2 * 500),
    ],
)
def test_emails_of_the_busiest_days(vary: Load, change: str, days: int, expected: float) -> None:
    scenario = vary(f"workflows: {{mail: {{{change or 'volume_per_week: 350'}}}}}")
    found = reachable.emails(scenario, scenario.workflows["mail"], days)
    assert found == pytest.approx(expected)


def test_a_week_of_approvals_may_fall_on_one_day(vary: Load) -> None:
    scenario = vary("workflows: {reply: {email: {}}}")
    assert reachable.emails(scenario, scenario.workflows["reply"], 1) == pytest.approx(40)


def test_looks_add_the_audit_to_what_the_phase_asks_for(sound: hs.Scenario) -> None:
    shadow, weekly, monthly = sound.phases.values()
    assert reachable.looks(sound, "mail", 7, [weekly]) == pytest.approx(35 + 105)
    assert reachable.looks(sound, "mail", 1, [weekly]) == pytest.approx(35 + 105)
    # what five weeks brought is looked at together
    assert reachable.looks(sound, "mail", 7, [monthly]) == pytest.approx(35 + 175)
    assert reachable.looks(sound, "crm", 7, [shadow, monthly]) == pytest.approx(100)
    assert reachable.looks(sound, "merge", 7, [shadow]) == 0
    assert reachable.seen_share(sound, "mail", weekly) == pytest.approx(1 - 0.9 * 0.7)


# --- properties ----------------------------------------------------------------------------------


@given(bar=st.floats(0.001, 0.9), confidence=st.floats(0.51, 0.999))
def test_the_looks_needed_are_the_fewest_that_clear_the_bar(bar: float, confidence: float) -> None:
    """The upper Clopper-Pearson limit of none in n is the quantile of Beta(1, n)."""
    n = reachable.labels_needed(Criterion(bad_below=bar, confidence=confidence))
    assert beta.ppf(confidence, 1, n) < bar * (1 + 1e-9)
    assert n == 1 or beta.ppf(confidence, 1, n - 1) >= bar * (1 - 1e-9)


@given(
    margin=st.floats(0, 3), more=st.floats(0.01, 1), running=st.integers(1, 6)
)  # beyond that a double has no digits left
def test_a_wider_margin_and_more_weeks_make_false_alarms_rarer(
    margin: float, more: float, running: int
) -> None:
    def weeks(m: float, k: int) -> float:
        return Emergency(margin_sd=m, weeks_running=k).weeks_between_false_alarms()

    assert weeks(margin, running) < weeks(margin + more, running)
    assert weeks(margin, running) < weeks(margin, running + 1)


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda c: c["says"].split(":")[1].split(" ")[1])
def test_a_contradiction_is_found(vary: Load, case: dict[str, str]) -> None:
    with pytest.raises(hs.ScenarioError, match="^" + re.escape(case["says"])) as caught:
        vary(case["add"])
    assert len(str(caught.value).splitlines()) == 1, "one mistake, one line"


UNSEEN = ('looks: {share: 0.1, cadence: monthly, at: "tue 09:00"}', "looks: {share: 0}")
SHADOW = "phases:\n  shadow: {until: {%s}, looks: {share: 0}}\n"


BLIND = [
    (
        "{pauses: {p: {rate: spam, pause: 0.003}}}",
        "pauses.p.rate: no workflow has a rate of 'spam': none says anything under 'email'; add it",
    ),
    (
        "{pauses: {p: {rate: bad, pause: 0.1}}}",
        "pauses.p.rate: no workflow has a rate of 'bad': nobody looks at what goes out alone;",
    ),
    (
        "{pauses: {p: {rate: bad, pause: 0.1, workflows: [crm]}}}",
        "pauses.p.workflows.0: 'crm' has no rate of 'bad': nobody looks at what goes out alone; ",
    ),
    (
        "{emergency: {baseline: 0.03}}",
        "emergency.rate: no workflow has a rate of 'reply': none says anything under 'email'; add",
    ),
    (
        "{rollout: {first: [crm], holds: {bad_below: 0.1}}}",
        "rollout.holds.bad_below: can never be met: nobody looks at what goes out alone; raise ",
    ),
]


@pytest.mark.parametrize(("governance", "says"), BLIND)
def test_what_nobody_would_ever_see_is_refused(
    load_text: Load, small: str, governance: str, says: str
) -> None:
    blind = small.replace(*UNSEEN).replace("phases:", f"governance: {governance}\nphases:")
    message = "^" + re.escape(f"team.yaml:32 governance.{says}")
    with pytest.raises(hs.ScenarioError, match=message):
        load_text(blind)


def test_a_phase_cannot_end_or_go_back_by_what_nobody_sees(load_text: Load, small: str) -> None:
    blind = small.replace(*UNSEEN)
    for bar, key in (("min_labels: 5", "min_labels"), ("bad_below: 0.1", "bad_below")):
        message = f"^team.yaml:33 phases.shadow.until.{key}: can never be met: nobody looks"
        with pytest.raises(hs.ScenarioError, match=message):
            load_text(blind.replace("phases:\n", SHADOW % bar))
    back = blind.replace("phases:\n", "phases:\n  shadow: {weeks: 1, looks: {share: 1}}\n")
    back = back.replace("looks: {share: 0}", "looks: {share: 0}\n    back_if: {bad_above: 0.1}")
    message = "^team.yaml:36 phases.steady-state.back_if: would never be asked: nobody looks"
    with pytest.raises(hs.ScenarioError, match=message):
        load_text(back)


def test_an_audit_is_a_look_too(load_text: Load, small: str) -> None:
    audited = small.replace(*UNSEEN).replace("  bands:", "  audit: {share: 0.2}\n  bands:")
    assert load_text(audited.replace("phases:\n", SHADOW % "min_labels: 50")).weeks == 4


def test_one_phase_alone_has_none_to_go_back_to(load_text: Load, small: str) -> None:
    email = small.replace("    agent: bot", "    agent: bot\n    channel: email\n    email: {}")
    emergency = "governance: {emergency: {baseline: 0.03, action: phase-back}}\nphases:"
    message = "^team.yaml:34 governance.emergency.action: 'phase-back' has nowhere to go, there is"
    with pytest.raises(hs.ScenarioError, match=message):
        load_text(email.replace("phases:", emergency))


def test_a_rollout_needs_somebody_who_acts_alone(load_text: Load, small: str) -> None:
    gated = small.replace("automation-safe", "manager-approved\n    gate: crm-sync")
    message = "begin with one that is automation-safe: there is none"
    with pytest.raises(hs.ScenarioError, match=message):
        load_text(gated.replace("phases:", "governance: {rollout: {first: [crm]}}\nphases:"))
