from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.calibration.tuning.costs import Costs
from hitlsim.calibration.tuning.weighing.from_log import from_log
from hitlsim.calibration.tuning.weighing.policy import Policy, Rule
from hitlsim.scenario.boundary import Boundary, Triggers, WorkflowBoundary
from tests.calibration.tuning.tuning_worlds import cases_of

# --- known answers -------------------------------------------------------------------------------


def test_a_score_on_the_threshold_goes_alone_and_a_sum_just_below_it_does_not() -> None:
    below = 0.7 + 0.2
    assert not below >= 0.9
    cases = cases_of([0.9, below, np.nextafter(0.9, 1)], [0.1] * 3)
    assert Policy({"w0": Rule(0.9, 0.5)}).asks(cases).tolist() == [False, True, False]
    assert Policy({"w0": Rule(below, 0.5)}).asks(cases).tolist() == [False, False, False]


def test_a_deal_on_the_limit_and_one_of_unknown_size_go_alone() -> None:
    cases = cases_of([0.9] * 3, [0.1] * 3, deal_size=np.array([500.0, 500.01, np.nan]))
    assert Policy({"w0": Rule(0.5, 0.5, 500.0)}).asks(cases).tolist() == [False, True, False]


def test_signals_ask_only_where_the_rule_names_them() -> None:
    cases = cases_of([0.9] * 4, [0.1] * 4, flow=[0, 0, 1, 1], signals=("angry", "new"),
                     present=np.array([1, 2, 1, 0]))  # fmt: skip
    policy = Policy({"w0": Rule(0.5, 0.5, math.inf, ("angry",)), "w1": Rule(0.5, 0.5)})
    assert policy.asks(cases).tolist() == [True, False, False, False]


def test_what_fired_and_cannot_be_decided_anew_is_asked_about_under_all_rules() -> None:
    cases = cases_of([0.9, 0.9], [0.1] * 2, always=np.array([True, False]))
    assert Policy({"w0": Rule(0.0, 0.0)}).asks(cases).tolist() == [True, False]


def test_conditions_are_counted_once_however_many_workflows_share_them() -> None:
    shared = Policy({f: Rule(0.8, 0.5, 1e5, ("angry",)) for f in "abc"})
    assert shared.conditions == 3
    assert shared.with_auto("a", 0.9).conditions == 4


def test_a_limit_for_all_does_not_come_back_where_a_workflow_is_to_have_none() -> None:
    base = Boundary(triggers=Triggers(deal_size_above=1e5, signals=("angry",)),
                    workflows={"other": WorkflowBoundary(auto=0.95)})  # fmt: skip
    policy = Policy({"a": Rule(0.8, 0.6), "b": Rule(0.7, 0.6, 2e4)})
    spec = policy.boundary(base)
    assert (spec.deal_limit_of("a"), spec.deal_limit_of("b")) == (None, 2e4)
    assert spec.signals_of("a") == ()
    assert spec.version == 2
    # what the rules do not speak of stays
    assert spec.deal_limit_of("other") == 1e5
    assert spec.signals_of("other") == ("angry",)
    assert spec.bands_of("other").auto == 0.95


# --- properties ----------------------------------------------------------------------------------


@given(seed=st.integers(0, 10_000))
def test_rules_ask_about_what_the_boundary_they_write_sends_to_people(seed: int) -> None:
    rng = np.random.default_rng(seed)
    log, rules = _some_log(rng), {}
    for flow in ("a", "b"):
        # thresholds and limits on values that occur, so that ties are hit
        auto = float(rng.choice(log.frame["confidence"]))
        limit = float(rng.choice([math.inf, rng.choice(log.frame["deal_size"].dropna())]))
        rules[flow] = Rule(auto, auto * rng.random(), limit, ((), ("angry",), ("new", "angry"))[
            rng.integers(3)])  # fmt: skip
    policy = Policy(rules)
    base = Boundary(triggers=Triggers(deal_size_above=float(rng.choice([100.0, 1e6])),
                                      signals=("new",)))  # fmt: skip
    spec = policy.boundary(base)
    routed = hs.rerouted(log, boundary=spec).frame
    cases = from_log(log, Costs(), base).cases
    np.testing.assert_array_equal(policy.asks(cases), routed["exception"].to_numpy())
    assert Policy.of(spec, ("a", "b")) == policy


def test_a_boundary_written_and_read_again_has_the_same_rules(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    for i in range(20):
        policy = Policy({
            "a": Rule(float(rng.random()), 0.0, float(rng.lognormal(9, 2)), ("angry",)),
            "b": Rule(float(np.nextafter(0.9, 1)), 0.1),
        })  # fmt: skip
        path = hs.write_boundary(policy.boundary(Boundary()), tmp_path / f"{i}.yaml")
        assert Policy.of(hs.load_boundary(path).boundary, ("a", "b")) == policy


def _some_log(rng: np.random.Generator, n: int = 80) -> hs.DecisionLog:
    return hs.DecisionLog(pd.DataFrame({
        "decision_id": [f"d{i}" for i in range(n)],
        "decided_at": pd.Timestamp("2026-09-01", tz="UTC") + pd.to_timedelta(np.arange(n), "h"),
        "workflow": np.where(np.arange(n) % 2 == 0, "a", "b"),
        "confidence": rng.choice([0.3, 0.5, 0.7 + 0.2, 0.9, 0.95, 1.0], n),
        "deal_size": rng.choice([50.0, 500.0, 5000.0, np.nan], n),
        "signals": rng.choice(["", "angry", "new", "angry+new"], n),
    }), {})  # fmt: skip
