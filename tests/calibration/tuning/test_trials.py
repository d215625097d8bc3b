from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from scipy import stats

import hitlsim as hs
from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.trials import METRIC_OF, Trials, chance_of
from hitlsim.calibration.tuning.weighing.policy import Policy
from tests.calibration.tuning.two_flows import team


def quiet(_share: float) -> None:
    """Nobody watches."""


@pytest.fixture(scope="module")
def trials() -> Trials:
    """Three policies of a small team, four runs each."""
    s = hs.load("outbound").with_(weeks=3)
    flows = tuple(n for n, w in s.workflows.items() if w.automation_safe)
    today = Policy.of(s.boundary, flows)
    policies = {"today": today}
    for name, auto in (("loose", 0.3), ("strict", 0.97)):
        policies[name] = today
        for flow in flows:
            policies[name] = policies[name].with_auto(flow, auto)
    made = Trials(s, s.boundary, 0, workers=1)
    made.run(policies, n=4, seed=11, done=quiet)
    return made


def test_todays_rules_give_what_replicating_the_scenario_gives(trials: Trials) -> None:
    runs = list(hs.replicate(trials.scenario, n=4, seed=11, workers=1))
    for name, metric in METRIC_OF.items():
        if name == "cost_per_1000":
            continue
        expected = [run.scorecard().get(metric).value for run in runs]
        assert trials.values["today"][name] == pytest.approx(expected, nan_ok=True)


def test_the_cost_is_of_the_workflows_that_rules_are_made_for(trials: Trials) -> None:
    s = trials.scenario
    safe = [n for n, w in s.workflows.items() if w.automation_safe]
    wages = {name: pool.cost_per_hour for name, pool in s.pools.items()}
    for i, seed in enumerate(range(11, 15)):
        f = hs.simulate(s, seed=seed).log.frame
        f = f[f["workflow"].isin(safe)]
        time = f.loc[f["route"] != "auto", "review_minutes"].fillna(0.0) / 60
        paid = (time * f["pool"].astype(str).map(wages)).sum()
        lost = f["true_harm"].sum() + f["delay_cost"].sum()
        free = f["route"].isin(["auto", "review", "triage", "peek"]).sum()
        # minutes of work that is not done yet at the end are in the desk's hours only
        expected = 1000 * (paid + lost) / free
        assert trials.values["today"]["cost_per_1000"][i] == pytest.approx(expected, rel=0.01)


def test_a_later_round_adds_runs_and_one_policy_alone_can_run(trials: Trials) -> None:
    alone = Trials(trials.scenario, trials.present, 1, workers=1)
    alone.run({"today": trials.policies["today"]}, n=2, seed=3, done=quiet)
    alone.run({"today": trials.policies["today"]}, n=2, seed=5, done=quiet)
    assert len(alone.values["today"]["exception_rate"]) == 4
    assert set(alone.values) == {"today"}


def test_what_keeps_the_targets_comes_first_and_then_what_is_cheap(trials: Trials) -> None:
    loose = trials.figure("loose", "exception_rate").value
    strict = trials.figure("strict", "exception_rate").value
    assert loose < strict
    goals = Goals(exception_rate=(strict - 0.02, min(1.0, strict + 0.02)))
    assert trials.ranked(["loose", "today", "strict"], goals)[0] == "strict"
    free = Goals(exception_rate=(0.0, 1.0))
    by_cost = sorted(trials.values, key=lambda p: trials.figure(p, "cost_per_1000").value)
    assert trials.ranked(["loose", "today", "strict"], free) == by_cost


def test_the_worse_half_is_given_up_and_what_is_surely_worse_even_sooner(trials: Trials) -> None:
    goals = Goals(exception_rate=(0.0, 1.0))
    best, *others = trials.ranked(["loose", "today", "strict"], goals)
    left = trials.still_in(["loose", "today", "strict"], goals)
    assert left[0] == best
    assert len(left) <= 2
    surely = [p for p in others if trials.difference(best, p, "cost_per_1000", policies=2).low > 0]
    assert not set(surely) & set(left)


def test_the_chance_of_the_next_run_is_students_predictive_one() -> None:
    x = [0.11, 0.14, 0.12, 0.15, 0.13]
    mean, sd = sum(x) / 5, math.sqrt(sum((v - 0.13) ** 2 for v in x) / 4)
    t = stats.t(4, mean, sd * math.sqrt(1.2))
    assert chance_of(x, 0.10, 0.15) == pytest.approx(t.cdf(0.15) - t.cdf(0.10))
    assert chance_of([0.12, 0.12], 0.10, 0.15) == 1.0
    assert chance_of([0.2, 0.2], 0.10, 0.15) == 0.0


# --- what one look brings ------------------------------------------------------------------------


@cache
def _nothing_happens() -> hs.Scenario:
    return team()


def side_by_side(fewer: dict[str, list[float]], more: dict[str, list[float]]) -> Trials:
    """Runs of two policies whose figures are as given; the scenario plays no part."""
    s = _nothing_happens()
    return Trials(s, s.boundary, 0, workers=1, values={"fewer": fewer, "more": more})


def fieller(saved: np.ndarray, looks: np.ndarray) -> tuple[float, float]:
    """Fieller's 95% interval of the ratio of two paired means."""
    n = len(saved)
    t2 = stats.t.ppf(0.975, n - 1) ** 2 / n
    (a, ab), (_, b) = np.cov(saved, looks)
    one, two, three = (looks.mean() ** 2 - t2 * b, saved.mean() * looks.mean() - t2 * ab,
                       saved.mean() ** 2 - t2 * a)  # fmt: skip
    half = math.sqrt(two**2 - one * three)
    return (two - half) / one, (two + half) / one


def test_a_look_brings_what_was_saved_for_each_look_more() -> None:
    # 30, 20 and 10 saved per 1,000 decisions by 10 looks more each
    made = side_by_side(
        {"cost_per_1000": [500.0, 400.0, 450.0], "exception_rate": [0.10, 0.12, 0.11]},
        {"cost_per_1000": [470.0, 380.0, 440.0], "exception_rate": [0.11, 0.13, 0.12]},
    )
    price = made.saved_per_look("fewer", "more")
    assert price.value == pytest.approx(2.0)
    assert price.n == 3
    # as all have the same number of looks it is the t-interval of 3, 2 and 1
    half = stats.t.ppf(0.975, 2) / math.sqrt(3)
    assert price.high - price.value == pytest.approx(half)


def test_looks_that_cost_more_than_they_bring_have_a_price_below_0() -> None:
    made = side_by_side(
        {"cost_per_1000": [500.0, 400.0, 450.0], "exception_rate": [0.10, 0.12, 0.11]},
        {"cost_per_1000": [530.0, 425.0, 484.0], "exception_rate": [0.11, 0.13, 0.12]},
    )
    price = made.saved_per_look("fewer", "more")
    assert price.value == pytest.approx(-89 / 30)
    assert price.high < 0


@pytest.mark.parametrize("rate", [[0.11, 0.12, 0.12], [0.11, 0.11, 0.12]])
def test_rules_that_hardly_ask_more_have_no_price(rate: list[float]) -> None:
    # in one of three worlds they asked about as many, or about fewer
    made = side_by_side(
        {"cost_per_1000": [500.0, 400.0, 450.0], "exception_rate": [0.10, 0.12, 0.11]},
        {"cost_per_1000": [470.0, 380.0, 440.0], "exception_rate": rate},
    )
    assert not made.saved_per_look("fewer", "more").known


def test_the_interval_of_a_look_holds_as_often_as_it_says_and_is_nearly_fiellers() -> None:
    # money and looks go up and down together, as in worlds with more decisions; the true price is 8
    rng = np.random.default_rng(5)
    held, times = 0, 2_000
    for _ in range(times):
        looks = rng.normal(50, 4, 20)
        saved = 8 * looks + rng.normal(0, 60, 20)
        made = side_by_side(
            {"cost_per_1000": [0.0] * 20, "exception_rate": [0.0] * 20},
            {"cost_per_1000": list(-saved), "exception_rate": list(looks / 1000)},
        )
        e = made.saved_per_look("fewer", "more")
        held += e.low <= 8 <= e.high
        low, high = fieller(saved, looks)
        assert (e.low, e.high) == pytest.approx((low, high), abs=0.02 * (high - low))
    # 95% of 2,000: below 93% in 1 of 20,000 cases, above 97% as seldom
    assert 0.93 < held / times < 0.97
