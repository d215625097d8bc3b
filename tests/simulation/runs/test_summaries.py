from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import hitlsim as hs
from hitlsim.simulation.runs.means import mean_of
from hitlsim.simulation.runs.replication import Replication
from tests.simulation.one_flow import FLOW, one_flow

finite = st.floats(-1e6, 1e6)


@pytest.fixture(scope="module")
def runs() -> list[Replication]:
    return list(hs.replicate(one_flow(weeks=3), n=4))


@pytest.fixture(scope="module")
def summary(runs: list[Replication]) -> hs.Summary:
    return hs.summarise(runs)


# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["exception_rate", "override_rate", "review_hours", "decisions"])
def test_the_mean_of_the_scorecards_with_its_t_interval(
    summary: hs.Summary, runs: list[Replication], metric: str
) -> None:
    values = [run.scorecard().get(metric).value for run in runs]
    e = summary.get(metric)
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))
    assert e.n == 4
    assert [e.value, e.low, e.high] == pytest.approx([np.mean(values), max(0, low), high])
    assert e.sd == pytest.approx(np.std(values, ddof=1))
    assert e.half_width == pytest.approx((high - low) / 2)


def test_the_mean_of_many_runs_is_what_the_scenario_says() -> None:
    """The exact share of scores below the band; 99.9% hold, and the seeds are fixed."""
    s = one_flow(flow={"volume_per_week": 400}, weeks=1)
    ai = s.workflows[FLOW].ai
    a = ai.confidence_mean * ai.confidence_concentration
    step = 10.0**-ai.confidence_decimals
    truth = stats.beta.cdf(0.9 - step / 2, a, ai.confidence_concentration - a)
    e = hs.summarise(hs.replicate(s, n=12), confidence=0.999).get("exception_rate")
    assert e.low < truth < e.high
    assert e.half_width < 0.03


def test_periods_and_workflows_are_those_of_the_scorecard(runs: list[Replication]) -> None:
    summary = hs.summarise(runs, by="week", per_workflow=True)
    week, flow = "2026-08-10", FLOW
    values = [
        run.scorecard(by="week", per_workflow=True)
        .get("exception_rate", period=week, workflow=flow)
        .value
        for run in runs
    ]
    e = summary.get("exception_rate", period=week, workflow=flow)
    assert e.value == pytest.approx(np.mean(values))
    assert list(dict.fromkeys(summary.frame["period"])) == ["2026-08-03", week, "2026-08-17"]
    assert summary.frame["workflow"].iloc[0] == "all"


def test_nine_in_ten_runs_lie_between_order_statistics() -> None:
    e = mean_of(range(1, 20))
    assert (e.p5, e.p95) == (1, 19), "a twentieth run is below the lowest in one case of twenty"
    assert math.isnan(mean_of(range(1, 19)).p5)


def test_figures_without_spread_say_so() -> None:
    e = mean_of([0.0] * 5)
    assert (e.low, e.high) == (0, 0)
    assert "no run differs from another" in e.assumes


@pytest.mark.parametrize("unit", ["share", "hours_per_week"])
def test_of_one_run_there_is_no_interval(unit: str) -> None:
    e = mean_of([0.2], unit=unit)
    assert (e.value, e.n) == (0.2, 1)
    assert math.isnan(e.low)
    assert math.isnan(e.high)


def test_runs_needed_make_the_interval_as_narrow(summary: hs.Summary) -> None:
    e = summary.get("exception_rate")
    assert summary.runs_needed("exception_rate", e.half_width) == 4
    assert summary.runs_needed("exception_rate", e.half_width / 10) > 100


def with_by_hand(run: Replication, done: float) -> Replication:
    """The same run with so many decisions done by hand."""
    rows = run.counts.rows.assign(by_hand=0.0)
    rows.loc[0, "by_hand"] = done
    return replace(run, counts=replace(run.counts, rows=rows))


def test_what_happened_in_some_runs_only_is_zero_in_the_others(runs: list[Replication]) -> None:
    some = [with_by_hand(run, 3.0 * (run.number == 0)) for run in runs]
    e = hs.summarise(some).get("by_hand_share")
    assert e.n == 4
    assert e.value == pytest.approx(3 / runs[0].counts.rows["n"].sum() / 4)
    never = hs.summarise([with_by_hand(run, 0.0) for run in runs])
    assert "by_hand_share" not in set(never.frame["metric"])


def without_exceptions(run: Replication) -> Replication:
    rows = run.counts.rows.assign(judged=0.0, overridden=0.0)
    return replace(run, counts=replace(run.counts, rows=rows))


def test_what_is_unknown_in_a_run_is_left_out_and_said(runs: list[Replication]) -> None:
    some = [without_exceptions(run) if run.number == 1 else run for run in runs]
    summary = hs.summarise(some)
    e = summary.get("override_rate")
    assert e.n == 3
    assert "known in 3 of 4 runs" in e.assumes
    assert "3" in summary.rows(["override_rate"])["known"].tolist()
    none = hs.summarise([without_exceptions(run) for run in runs]).get("override_rate")
    assert not none.known
    assert "not enough evidence" in str(none)


def test_a_summary_can_be_read(summary: hs.Summary) -> None:
    text, page = str(summary), summary._repr_html_()
    assert "one-flow: 4 runs of 3 weeks (2026-08-03 to 2026-08-2" in text
    assert "seeds 1 to 4" in text
    for line in ("Exception rate", "95% interval"):
        assert line in text
        assert line in page
    assert "95%: " in str(summary.get("exception_rate"))


def test_other_coverages_are_said_as_they_are(runs: list[Replication]) -> None:
    summary = hs.summarise(runs, confidence=0.8, metrics=["exception_rate"])
    assert set(summary.frame["metric"]) == {"exception_rate"}
    assert "(80%: " in str(summary.get("exception_rate"))
    assert "80% interval" in str(summary)


# --- properties ----------------------------------------------------------------------------------


@given(st.lists(finite, min_size=2, max_size=30), st.floats(0.5, 0.99))
def test_the_interval_is_about_the_mean(values: list[float], confidence: float) -> None:
    e = mean_of(values, confidence)
    assert e.low <= e.value + 1e-9
    assert e.high >= e.value - 1e-9
    assert e.low >= 0 or min(values) < 0


@given(st.lists(st.floats(0, 1), min_size=2, max_size=30))
def test_shares_stay_between_0_and_1(values: list[float]) -> None:
    e = mean_of(values, unit="share")
    assert 0 <= e.low <= e.high <= 1


def test_the_range_of_single_runs_holds_nine_in_ten() -> None:
    """Whatever the distribution: true share .9, and a chance of 1 in 10,000 to fail."""
    rng = np.random.default_rng(4)
    inside = 0
    for _ in range(4_000):
        values = np.exp(rng.standard_normal(40))
        e = mean_of(values[:39])
        inside += e.p5 <= values[39] <= e.p95
    assert inside / 4_000 == pytest.approx(0.9, abs=0.019)


# --- errors --------------------------------------------------------------------------------------


def test_one_run_has_no_interval(runs: list[Replication]) -> None:
    with pytest.raises(hs.NotEnoughEvidence, match=r"1 run to summarise: .* two or more"):
        hs.summarise(runs[:1])
    with pytest.raises(hs.NotEnoughEvidence, match="0 runs to summarise"):
        hs.summarise([])


def test_runs_of_two_scenarios_do_not_mix(runs: list[Replication]) -> None:
    (other,) = hs.replicate(one_flow(auto=0.8), n=1, seed=100)
    with pytest.raises(hs.ScenarioError, match=r"runs of two scenarios.*hs\.compare"):
        hs.summarise([*runs, other])


def test_the_same_run_twice_is_refused(runs: list[Replication]) -> None:
    with pytest.raises(hs.ScenarioError, match="seed 1 comes twice"):
        hs.summarise([runs[0], runs[0]])


@pytest.mark.parametrize(
    ("asked", "error", "says"),
    [
        ({"by": "year"}, hs.LogError, "by='year' must be None, 'week' or 'month'"),
        ({"metrics": ["speed"]}, hs.ScenarioError, "metrics: metric 'speed' is unknown"),
        ({"confidence": 1.0}, hs.ScenarioError, "confidence=1.0 must lie between 0 and 1"),
    ],
)
def test_questions_that_make_no_sense(
    runs: list[Replication], asked: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        hs.summarise(runs, **asked)


def test_figures_that_are_not_there(summary: hs.Summary) -> None:
    with pytest.raises(hs.LogError, match="metric 'bounce_rate' is not in the summary; it has"):
        summary.get("bounce_rate")
    with pytest.raises(hs.LogError, match="period '2026-09' is not in the summary; it has all"):
        summary.get("exception_rate", period="2026-09")
    with pytest.raises(hs.ScenarioError, match="half_width=0 must be above 0"):
        summary.runs_needed("exception_rate", 0)


def test_rows_of_nothing_wanted(summary: hs.Summary) -> None:
    assert isinstance(summary.rows(["bounce_rate"]), pd.DataFrame)
