from __future__ import annotations

import json
import math
import re

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.telling.words import chance, money, percent
from hitlsim.decisions.estimating.intervals import Estimate
from tests.calibration.tuning.tuning_worlds import LogWorld

WORLD = LogWorld(np.array([5.0, 8.0]), np.array([0.8, 1.5]), np.array([0.8, 1.0]), audit=0.3)


@pytest.fixture(scope="module")
def recommendations() -> dict[str, hs.Recommendation]:
    log = WORLD.log(np.random.default_rng(1), 4000)
    return {
        "plain": hs.tune(log),
        "guaranteed": hs.tune(log, fn_share=0.25),
        "impossible": hs.tune(log, fn_share=0.01, hours_per_week=0.1),
        "no band": hs.tune(log, exception_rate=None, fn_share=0.3),
        "few": hs.tune(hs.DecisionLog(log.frame[:120].reset_index(drop=True), log.record)),
    }


# --- known answers -------------------------------------------------------------------------------


def test_figures_are_said_with_their_intervals() -> None:
    e = Estimate(0.1234, 0.101, 0.149, 400, "")
    assert percent(e) == "12.3% (10.1%-14.9%)"
    assert money(Estimate(-1234.5, -2000, -50, 9, ""), "EUR") == "EUR -1,234 (-2,000 to -50)"
    assert money(Estimate(5.0, 1, 9, 9, ""), "") == "5 (1 to 9)"


@pytest.mark.parametrize(
    ("p", "said"), [(0.999, "over 99%"), (0.001, "under 1%"), (0.5, "50%"), (0.99, "99%")]
)
def test_no_chance_is_said_to_be_certain(p: float, said: str) -> None:
    assert chance(p) == said


# --- properties of what is said ------------------------------------------------------------------


def test_what_to_do_comes_first_and_nothing_is_said_twice(
    recommendations: dict[str, hs.Recommendation],
) -> None:
    for rec in recommendations.values():
        said = rec.why()
        assert len(said) == len(set(said))
        assert said[0] == (rec.aim() if not rec.stays else said[0])
        assert all(s.endswith(".") for s in said), said


def test_no_sentence_shows_a_missing_or_endless_number(
    recommendations: dict[str, hs.Recommendation],
) -> None:
    for rec in recommendations.values():
        for sentence in rec.why():
            assert not re.search(r"\b(nan|inf|None|np\.)\b", sentence), sentence


def test_nobody_is_named(recommendations: dict[str, hs.Recommendation]) -> None:
    for rec in recommendations.values():
        assert "r1" not in " ".join(rec.why())


def test_the_threshold_said_is_the_one_recommended(
    recommendations: dict[str, hs.Recommendation],
) -> None:
    rec = recommendations["plain"]
    for flow, rule in rec.policy.rules.items():
        assert f"{flow} {rule.auto:.6g}" in rec.aim()


def test_what_cannot_be_had_is_named_with_what_it_would_be(
    recommendations: dict[str, hs.Recommendation],
) -> None:
    rec = recommendations["impossible"]
    assert rec.status == "infeasible"
    assert rec.aim().startswith("Not all of it can be had together")
    assert "hours a week" in rec.aim()
    assert "silent errors" in rec.aim()


def test_too_little_evidence_says_how_much_would_do(
    recommendations: dict[str, hs.Recommendation],
) -> None:
    rec = recommendations["few"]
    assert rec.status == "not enough evidence"
    assert rec.n_needed is not None
    assert f"About {rec.n_needed:,} decisions would do" in rec.why()[-1]


def test_the_table_has_a_row_for_each_workflow_now_and_then(
    recommendations: dict[str, hs.Recommendation],
) -> None:
    rec = recommendations["plain"]
    table = rec.table().set_index("workflow")
    assert list(table.index) == list(rec.policy.rules)
    for flow, rule in rec.policy.rules.items():
        assert table.loc[flow, "alone from"] == rule.auto
        assert table.loc[flow, "alone from (now)"] == 0.8


def test_everything_as_plain_values_goes_to_json_and_back(
    recommendations: dict[str, hs.Recommendation],
) -> None:
    for rec in recommendations.values():
        values = json.loads(json.dumps(rec.to_dict()))
        assert values["status"] == rec.status
        for flow, rule in rec.policy.rules.items():
            # not rounded: a rounded threshold is another one
            assert values["rules"][flow]["auto"] == rule.auto
        assert values["exception_rate"][0] == rec.rate.value
        assert all(math.isnan(t["price"]) or t["price"] != 0 for t in values["targets"])


# --- what cannot be had, and what cannot be told -------------------------------------------------


@pytest.fixture(scope="module")
def unlabelled() -> hs.DecisionLog:
    """Nobody says what was right."""
    log = WORLD.log(np.random.default_rng(1), 4000)
    told = ["ok", "ok_source", "verdict", "inclusion"]
    kept = log.frame.drop(columns=[c for c in told if c in log.frame])
    return hs.DecisionLog(kept, log.record)


def test_hours_need_no_outcomes(unlabelled: hs.DecisionLog) -> None:
    free = hs.tune(unlabelled)
    assert math.isnan(free.wanted_rate)
    most = 0.93 * free.figures["hours_per_week"].value
    rec = hs.tune(unlabelled, hours_per_week=most)
    assert rec.status == "recommended"
    assert rec.figures["hours_per_week"].value <= most
    assert 0.10 < rec.rate.value < free.rate.value


@pytest.mark.parametrize("asked", [{"override_rate": 0.3}, {"cost_per_1000": 500.0}])
def test_what_no_outcome_tells_is_not_called_impossible(
    unlabelled: hs.DecisionLog, asked: dict[str, float]
) -> None:
    rec = hs.tune(unlabelled, **asked)  # type: ignore[arg-type]
    assert rec.status == "not enough evidence"
    assert "cannot be told, as no outcome is known" in rec.aim()


def test_three_decisions_are_too_few_and_not_tied(unlabelled: hs.DecisionLog) -> None:
    few = hs.DecisionLog(unlabelled.frame[:3].reset_index(drop=True), unlabelled.record)
    rec = hs.tune(few)
    assert rec.status == "not enough evidence"
    assert "tied" not in rec.aim()


def test_few_hours_are_shown_with_digits_enough(
    recommendations: dict[str, hs.Recommendation],
) -> None:
    log = WORLD.log(np.random.default_rng(1), 4000)
    rec = hs.tune(log, hours_per_week=0.0012)
    assert rec.status == "infeasible"
    assert 0.10 <= rec.rate.value <= 0.15
    assert "instead of 0.0012 hours" in rec.aim()
    assert "tied" not in rec.aim()


def test_a_cost_not_to_be_had_is_said_with_the_least_or_where_it_could_be(
    recommendations: dict[str, hs.Recommendation],
) -> None:
    log = WORLD.log(np.random.default_rng(1), 4000)
    plain = recommendations["plain"].figures
    cost, hours = plain["cost_per_1000"].value, plain["hours_per_week"].value
    least = hs.tune(log, cost_per_1000=0.2 * cost)
    assert least.status == "infeasible"
    assert "the least that rules of this kind cost inside 10-15%" in least.aim()
    both = hs.tune(log, cost_per_1000=1.0001 * cost, hours_per_week=0.85 * hours)
    assert both.status == "infeasible"
    assert re.search(r"without the other targets it could be had at 1\d\.\d%, where the band holds "
                     r"with a chance of", both.aim())  # fmt: skip
