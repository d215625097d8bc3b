"""Governing rests on what was seen and on nothing else."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.simulation.contract import Records
from hitlsim.simulation.governing.governor import Governor
from tests.simulation.governed import back_if, govern, learner, nothing_seen, team
from tests.simulation.small_teams import (
    EXCEPTIONS,
    SHADOW,
    STEADY,
)

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
def test_policies_are_the_same_records_exactly_as_long_as_nothing_changes(seed: int) -> None:
    """And what was given for one day is not changed when another day's are asked for."""
    s = under_all_rules()
    governor, seen = Governor(s), some_world(s, seed)
    seen["corrections"][np.arange(len(seen)) % 3 > 0] = 0  # or somebody learns every day
    given_ = [governor.policies(day, seen) for day in range(len(seen))]
    kept = govern(s, seen)[0]
    changes = 0
    for day in range(1, len(seen)):
        alike = given_[day].tobytes() == given_[day - 1].tobytes()
        assert (given_[day] is given_[day - 1]) == alike, day
        changes += not alike
    assert 0 < changes < len(seen) - 1, "some days change something, some do not"
    for day, policies in enumerate(given_):
        np.testing.assert_array_equal(policies, kept[day])


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
