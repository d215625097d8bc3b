"""The face that scikit-learn's users expect: it must say what ``tune`` says."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.estimator_checks import (
    check_get_params_invariance,
    check_no_attributes_set_in_init,
    check_set_params,
)

import hitlsim as hs
from hitlsim.calibration.tuning.as_log import UNDATED, as_log
from hitlsim.calibration.tuning.costs import Costs
from hitlsim.calibration.tuning.estimator import BoundaryTuner
from hitlsim.calibration.tuning.proving.spending import Spending
from hitlsim.calibration.tuning.rerouting.bands import gated
from hitlsim.scenario.boundary import Boundary

Table = tuple[pd.DataFrame, "np.ndarray[Any, np.dtype[np.int64]]"]


def decisions(n: int = 3000, seed: int = 5) -> Table:
    """Two workflows, one with a name that a spec cannot write; all outcomes known."""
    rng = np.random.default_rng(seed)
    score = rng.beta(6, 1.5, n)
    table = pd.DataFrame({
        "confidence": score, "workflow": rng.choice(["Lead Scoring", "crm"], n),
        "deal_size": rng.lognormal(9, 1, n), "signals": rng.choice(["", "angry", "first"], n),
    })  # fmt: skip
    return table, (rng.random(n) < score).astype(np.int64)


@pytest.fixture(scope="module")
def fitted() -> BoundaryTuner:
    x, y = decisions()
    return BoundaryTuner().fit(x, y)


@pytest.fixture(scope="module")
def month(reference_run: hs.Run) -> hs.DecisionLog:
    """The last month of the reference rollout."""
    return reference_run.log.month(reference_run.log.months()[-1])


# --- known answers -------------------------------------------------------------------------------


def test_it_asks_about_as_many_decisions_as_the_recommendation_says(fitted: BoundaryTuner) -> None:
    x, _ = decisions()
    asked = 1 - fitted.predict(x)
    assert asked.mean() == fitted.recommendation_.rate.value
    assert 0.10 < asked.mean() < 0.15


def test_it_finds_what_tune_finds_in_the_same_log(month: hs.DecisionLog) -> None:
    found = BoundaryTuner(rules="bands").fit(month.frame).recommendation_
    told = hs.tune(month, rules="bands")
    assert found.policy == told.policy
    for name, figure in told.figures.items():
        other = found.figures[name]
        assert (other.value, other.low) == pytest.approx((figure.value, figure.low), nan_ok=True)


def test_it_sends_decisions_where_the_spec_it_writes_does(month: hs.DecisionLog) -> None:
    x = month.frame
    tuner = BoundaryTuner(rules="one").fit(x)
    routed = hs.rerouted(month, boundary=tuner.recommendation_.boundary).frame["route"]
    assert (tuner.predict(x) == (routed == "auto")).all()
    behind_gates = gated(month)
    assert behind_gates.any()
    assert not tuner.predict(x)[behind_gates].any(), "a gate holds whatever the score"


def test_a_table_of_a_log_becomes_that_log(month: hs.DecisionLog) -> None:
    frame = month.frame.sort_values("decided_at", kind="stable", ignore_index=True)
    again, said = as_log(frame)
    assert said == ()
    assert list(again.frame) == list(frame)
    for name in frame:
        # categories may be fewer and in another order; values are the same
        one, other = (f[name].astype(object).fillna("") for f in (frame, again.frame))
        assert (one == other).all(), name


def test_texts_are_read_as_they_are_from_files() -> None:
    table = pd.DataFrame({
        "confidence": ["0.9", "0.70"], "decided_at": ["2026-09-02 10:00", "2026-09-01"],
        "ok": ["yes", None], "deal_size": [None, "12.5"],
    })  # fmt: skip
    log, _ = as_log(table)
    assert log.frame["confidence"].tolist() == [0.7, 0.9]
    assert log.frame["ok"].isna().tolist() == [True, False]
    assert log.frame["ok_source"].isna().tolist() == [True, False]
    assert log.frame["deal_size"].tolist()[0] == 12.5
    assert str(log.frame["decided_at"].dt.tz) == "UTC"


def test_rows_without_time_are_one_month_in_their_order_and_that_is_said(
    fitted: BoundaryTuner,
) -> None:
    assert fitted.recommendation_.next_month == 3000
    assert fitted.recommendation_.why()[-1] == UNDATED
    at = as_log(decisions()[0])[0].frame["decided_at"]
    assert at.is_monotonic_increasing
    assert (at.max() - at.min()).days == 27


def test_with_times_the_order_of_rows_is_nothing() -> None:
    x, y = decisions(1500)
    x["decided_at"] = pd.Timestamp("2026-09-01") + pd.to_timedelta(np.arange(1500) // 50, unit="D")
    shuffled = np.random.default_rng(1).permutation(1500)
    one = BoundaryTuner(rules="bands").fit(x, y)
    other = BoundaryTuner(rules="bands").fit(x.iloc[shuffled], y[shuffled])
    assert one.policy_ == other.policy_
    assert UNDATED not in one.recommendation_.why()


def test_outcomes_known_in_part_count_by_how_they_got_known() -> None:
    # what goes alone is looked at with a chance of a tenth, and its outcome weighs ten times
    x, y = decisions(4000)
    looked = np.random.default_rng(2).random(4000) < np.where(x["confidence"] < 0.7, 1.0, 0.1)
    x["ok"] = pd.array(np.where(looked, y, np.nan), dtype="Float64").astype("boolean")
    x["inclusion"] = np.where(x["confidence"] < 0.7, 1.0, 0.1)
    silent = BoundaryTuner(rules="one").fit(x).recommendation_.silent
    truth = BoundaryTuner(rules="one").fit(*decisions(4000)).recommendation_.silent
    assert silent.low < truth.value < silent.high
    assert silent.n < 1500


def test_without_any_outcome_scores_alone_decide() -> None:
    x, _ = decisions(1000)
    found = BoundaryTuner(rules="one").fit(x[["confidence"]])
    assert 0.10 < 1 - found.predict(x).mean() < 0.15
    assert not found.recommendation_.silent.known


# --- scikit-learn's ways -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "check", [check_no_attributes_set_in_init, check_get_params_invariance, check_set_params]
)
def test_parameters_keep_scikit_learns_rules(check: Callable[[str, BoundaryTuner], None]) -> None:
    check("BoundaryTuner", BoundaryTuner())


def test_parameters_stay_as_given_and_a_clone_has_the_same() -> None:
    given_: dict[str, Any] = {
        "exception_rate": [0.2, 0.3], "fn_share": 0.1, "costs": Costs(harm=30.0),
        "boundary": Boundary(version=4), "spending": Spending(retunes=4), "rules": "bands",
    }  # fmt: skip
    tuner = BoundaryTuner(**given_)
    for one in (tuner, clone(tuner)):
        held = one.get_params()
        assert {name: held[name] for name in given_} == given_
    assert tuner.get_params()["costs"] is given_["costs"]
    assert tuner.set_params(fn_share=0.2, costs={"harm": 1.0}).fn_share == 0.2
    assert repr(BoundaryTuner(fn_share=0.1)) == "BoundaryTuner(fn_share=0.1)"


def test_what_is_wrong_with_parameters_is_said_in_fit_only() -> None:
    x, y = decisions(200)
    wrong = BoundaryTuner(exception_rate=(0.3, 0.1))
    with pytest.raises(hs.LogError, match=re.escape("exception_rate 0.3-0.1 is no band")):
        wrong.fit(x, y)
    with pytest.raises(hs.LogError, match="rules 'few' must be one of"):
        BoundaryTuner(rules="few").fit(x, y)  # type: ignore[arg-type]
    with pytest.raises(hs.LogError, match="'mail' is no workflow of the log"):
        BoundaryTuner(costs={"workflows": {"mail": {"harm": 3.0}}}).fit(x, y)


def test_it_stands_at_the_end_of_a_pipeline() -> None:
    x, y = decisions(1000)
    x = x.rename(columns={"confidence": "score"})
    renamed = FunctionTransformer(lambda t: t.rename(columns={"score": "confidence"}))
    pipe = Pipeline([("rename", renamed), ("tune", BoundaryTuner(rules="one"))])
    asked = 1 - pipe.fit(x, y).predict(x)
    assert asked.mean() == pipe[-1].recommendation_.rate.value
    assert pipe.classes_.tolist() == [0, 1]
    assert clone(pipe).get_params()["tune__rules"] == "one"


def test_what_was_learnt_is_kept_where_scikit_learn_keeps_it(fitted: BoundaryTuner) -> None:
    x, _ = decisions()
    assert fitted.classes_.tolist() == [0, 1]
    assert fitted.n_features_in_ == 4
    assert fitted.feature_names_in_.tolist() == list(x)
    assert fitted.policy_ == fitted.recommendation_.policy
    assert set(fitted.policy_.rules) == {"lead-scoring", "crm"}
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - our own
    assert (again.predict(x) == fitted.predict(x)).all()


def test_targets_that_cannot_be_kept_are_warned_of() -> None:
    x, y = decisions(1000)
    tied = x.assign(confidence=0.9)
    with pytest.warns(UserWarning, match="No threshold gives a rate inside 10-15%"):
        tuner = BoundaryTuner(rules="one").fit(tied[["confidence"]], y)
    assert tuner.recommendation_.status == "unattainable"


# --- properties ----------------------------------------------------------------------------------


@settings(max_examples=40)
@given(scores=st.lists(st.floats(0, 1), min_size=1, max_size=20), seed=st.integers(0, 99))
def test_a_surer_proposal_is_never_asked_about_sooner(
    fitted: BoundaryTuner, scores: list[float], seed: int
) -> None:
    x, _ = decisions()
    row = x.iloc[[seed] * len(scores)].assign(confidence=sorted(scores))
    assert (np.diff(fitted.predict(row)) >= 0).all()


@settings(max_examples=40)
@given(rows=st.lists(st.integers(0, 2999), max_size=30))
def test_a_decision_goes_where_it_goes_whatever_comes_with_it(
    fitted: BoundaryTuner, rows: list[int]
) -> None:
    x, _ = decisions()
    assert fitted.predict(x.iloc[rows]).tolist() == fitted.predict(x)[rows].tolist()


def test_names_that_a_spec_would_write_alike_stay_apart() -> None:
    # both are lead-scoring in a spec; alone at predict each must meet its own rule
    x, y = decisions(2000)
    x["workflow"] = np.where(x["workflow"] == "crm", "lead-scoring", "Lead Scoring")
    y = np.where(x["workflow"] == "lead-scoring", 1, y)
    tuner = BoundaryTuner(rules="bands").fit(x, y)
    whole = tuner.predict(x)
    rules = list(tuner.policy_.rules.values())
    assert rules[0].auto != rules[1].auto
    for name in ("Lead Scoring", "lead-scoring"):
        some = x["workflow"] == name
        assert (tuner.predict(x[some]) == whole[some]).all()


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("none", [np.nan, None, pd.NA])
def test_missing_outcomes_are_refused_with_their_count_and_the_remedy(none: Any) -> None:
    x, y = decisions(50)
    some = pd.Series(y, dtype=object)
    some[[3, 7, 9]] = none
    remedy = "3 of 50 outcomes are missing.*keep all rows, leave y out.*column ok.*inclusion"
    with pytest.raises(hs.LogError, match=remedy):
        BoundaryTuner().fit(x, some)


@pytest.mark.parametrize(
    ("change", "y", "match"),
    [
        ({}, [1] * 49, "y has 49 values for 50 rows"),
        ({}, [2] * 50, "y: 2 is neither 1 .* nor 0"),
        ({}, ["yes"] * 50, "y: 'yes' is neither"),
        ({"ok": True}, [1] * 50, "outcomes come twice"),
        ({"inclusion": 0.1}, [1] * 50, "y says how every row came out, and column inclusion"),
        ({"confidence": 95.0}, None, "confidence: 95 is above 1; divide percentages by 100"),
        ({"confidence": -0.1}, None, "confidence: -0.1 is below 0"),
        ({"confidence": "high"}, None, r"confidence: 'high' is not a number \(row 1, and 49 more"),
        ({"confidence": np.nan}, None, "50 of 50 decisions have no score"),
        ({"route": "alone"}, None, "route: 'alone' is not one of auto, review"),
        ({"deal_size": np.inf}, None, "deal_size: inf is no number"),
        ({"decided_at": "31/12/2026"}, None, "decided_at: '31/12/2026' is not a date"),
        ({"decided_at": pd.NaT}, None, "decided_at: 50 of 50 values are missing"),
    ],
)
def test_values_that_mean_nothing_are_refused(change: dict[str, Any], y: Any, match: str) -> None:
    x, _ = decisions(50)
    with pytest.raises(hs.LogError, match=match):
        BoundaryTuner().fit(x.assign(**change), y)


@pytest.mark.parametrize(
    ("x", "match"),
    [
        (np.zeros((3, 2)), "X is a ndarray; give a pandas DataFrame"),
        (pd.DataFrame({"score": [0.9]}), "no column confidence.*it has: score"),
        (pd.DataFrame({"confidence": []}), "X has no rows"),
        (pd.DataFrame([[1, 2]], columns=["confidence"] * 2), "column confidence more than once"),
    ],
)
def test_what_is_no_table_of_decisions_is_refused(x: Any, match: str) -> None:
    with pytest.raises(hs.LogError, match=match):
        BoundaryTuner().fit(x)


def test_hours_a_week_need_weeks() -> None:
    with pytest.raises(hs.LogError, match="hours_per_week: X has no decided_at"):
        BoundaryTuner(hours_per_week=5.0).fit(*decisions(50))


def test_before_fit_nothing_is_predicted() -> None:
    with pytest.raises(NotFittedError):
        BoundaryTuner().predict(decisions(5)[0])


def test_no_rows_give_no_routes(fitted: BoundaryTuner) -> None:
    assert fitted.predict(decisions(5)[0].iloc[:0]).tolist() == []


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda x: x.assign(workflow=["crm", "legal"]), r"workflow legal: not seen.*\(1 of 2 rows"),
        (lambda x: x.drop(columns="workflow"), "no column workflow.*with Lead Scoring and crm"),
        (lambda x: x.drop(columns="confidence"), "X has no column confidence"),
        (lambda x: x.drop(columns="deal_size"), "no column deal_size, which the rules found go by"),
        (lambda x: x.assign(confidence=[0.9, np.nan]), "1 decisions have no confidence"),
    ],
)
def test_decisions_that_no_rule_fits_are_refused(
    fitted: BoundaryTuner, change: Callable[[pd.DataFrame], pd.DataFrame], match: str
) -> None:
    with pytest.raises(hs.LogError, match=match):
        fitted.predict(change(decisions(2)[0]))
