from __future__ import annotations

import math

import pytest
from scipy import stats

import hitlsim as hs
from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.trials import METRIC_OF, Trials, chance_of
from hitlsim.calibration.tuning.weighing.policy import Policy


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
