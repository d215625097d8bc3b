from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitlsim.calibration.tuning.weighing import grid as grid_module
from hitlsim.calibration.tuning.weighing.cases import Cases
from hitlsim.calibration.tuning.weighing.grid import Grid, Keep, Shape, cuts_of, grid_of
from hitlsim.calibration.tuning.weighing.policy import Policy, Rule
from tests.calibration.tuning.tuning_worlds import cases_of, keep_none, rules_of, small_cases

# --- known answers -------------------------------------------------------------------------------


def test_thresholds_lie_between_scores_and_never_on_one() -> None:
    assert cuts_of(np.array([0.7, 0.5, 0.7, 0.9])).tolist() == pytest.approx([0, 0.6, 0.8, 0.9])
    assert cuts_of(np.array([0.9]))[-1] > 0.9
    # nothing above 1 can be asked for
    assert cuts_of(np.array([0.5, 1.0])).tolist() == [0.0, 0.8]
    assert cuts_of(np.zeros(0)).tolist() == [0.0]


def test_few_thresholds_stand_at_even_shares_of_many_scores() -> None:
    score = np.random.default_rng(1).beta(8, 1, 20_000)
    cuts = cuts_of(score, 50)
    assert len(cuts) == 52
    shares = np.diff([(score < c).mean() for c in cuts[:-1]])
    assert shares.max() < 0.03


def test_what_is_asked_about_anyhow_is_not_in_the_table_and_counts_all_the_same() -> None:
    cases = cases_of([0.5, 0.6, 0.7], [0.1] * 3, always=np.array([True, False, False]),
                     signals=("angry",), present=np.array([0, 1, 0]))  # fmt: skip
    grid = grid_of(cases, Shape.TRIGGERS, Keep({"w0": ("angry",)}, {"w0": 0.0}))
    (flow,) = grid.flows
    assert flow.anyhow == 2
    assert flow.sums[0].sum() == 1
    assert flow.optional == ()
    assert grid.forced.tolist() == [True, True, False]
    assert grid.priced().best(-1e9).rate == 1.0
    assert grid.priced().best(1e9).rate == pytest.approx(2 / 3)


def test_every_workflow_keeps_the_signals_and_the_triage_band_it_had() -> None:
    cases = small_cases(np.random.default_rng(2), flows=2, signals=2)
    keep = Keep({"w0": ("s1",), "w1": ()}, {"w0": 0.3, "w1": 0.99})
    priced = grid_of(cases, Shape.TRIGGERS, keep).priced()
    policy = priced.policy(priced.best(0.0))
    assert "s1" in policy.rules["w0"].signals
    assert all(rule.review <= rule.auto for rule in policy.rules.values())
    assert policy.rules["w0"].review == min(0.3, policy.rules["w0"].auto)


def test_one_band_for_all_is_one_threshold_without_new_triggers() -> None:
    cases = small_cases(np.random.default_rng(3), flows=3, signals=2)
    priced = grid_of(cases, Shape.ONE_BAND, keep_none(cases)).priced()
    rules = set(priced.policy(priced.best(0.0)).rules.values())
    assert len(rules) == 1
    assert {r.deal_limit for r in rules} == {math.inf}


# --- properties ----------------------------------------------------------------------------------


@settings(max_examples=50)
@given(
    seed=st.integers(0, 10_000), look=st.floats(-30, 30), minute=st.floats(0, 10),
    error=st.floats(0, 100),
)  # fmt: skip
def test_the_best_rules_are_those_of_brute_force_over_all_readable_rules(
    seed: int, look: float, minute: float, error: float
) -> None:
    rng = np.random.default_rng(seed)
    cases = small_cases(rng, n=40, flows=1, levels=6, signals=2)
    grid = grid_of(cases, Shape.TRIGGERS, keep_none(cases))
    priced = grid.priced(minute, error)
    at = priced.best(look)
    got = _value(cases, priced.policy(at), grid, look, minute, error)
    every = [
        _value(cases, Policy({"w0": rule}), grid, look, minute, error)
        for rule in rules_of(grid.flows[0])
    ]
    assert len(every) == priced.tables[0][0].size
    assert got == pytest.approx(max(every), abs=1e-6)
    assert at.rate == pytest.approx(priced.policy(at).asks(cases).mean())


def _value(
    cases: Cases, policy: Policy, grid: Grid, look: float, minute: float, error: float
) -> float:
    """What rules are worth, a small sum less for each condition to remember."""
    minutes = cases.looks.minutes[cases.flow]
    each = cases.gain + error * cases.p_bad - minute * minutes
    (rule,) = policy.rules.values()
    remembered = len(rule.signals) + math.isfinite(rule.deal_limit)
    free = ~grid.forced
    trifle = grid_module._TRIFLE * np.abs(_cells(cases, grid, each)).sum()
    asked = policy.asks(cases) & free
    return float((each - look)[asked].sum() - trifle * remembered)


def _cells(cases: Cases, grid: Grid, each: np.ndarray) -> np.ndarray:
    """The same sums as the grid has, one for each score, deal size and set of signals."""
    (flow,) = grid.flows
    deal = np.searchsorted(flow.limits, np.nan_to_num(cases.deal_size), side="left")
    keys: dict[tuple[float, int, int], float] = {}
    for key, worth, forced in zip(
        zip(cases.score, deal, cases.present, strict=True), each, grid.forced, strict=True
    ):
        keys[key] = keys.get(key, 0.0) + (0.0 if forced else worth)
    return np.array(list(keys.values()))


@given(seed=st.integers(0, 10_000), rate=st.floats(0.02, 0.98))
def test_a_dearer_look_is_never_asked_for_more_often(seed: int, rate: float) -> None:
    cases = small_cases(np.random.default_rng(seed), flows=2)
    priced = grid_of(cases, Shape.TRIGGERS, keep_none(cases)).priced()
    rates = [priced.best(look).rate for look in (-100, -5, -1, 0, 1, 5, 100)]
    assert all(a >= b - 1e-12 for a, b in pairwise(rates))
    over, under, look = priced.around(rate)
    assert under.rate <= rate or under.rate == min(rates)
    assert over.rate > rate or over.rate == max(rates)
    # both are best at the price between them, and what is between them is not better
    best = priced.best(look)
    for at in (over, under):
        assert at.worth - look * at.rate * 60 == pytest.approx(best.worth - look * best.rate * 60)


@given(seed=st.integers(0, 10_000))
def test_sums_of_every_rule_are_those_of_the_decisions_it_asks_about(seed: int) -> None:
    cases = small_cases(np.random.default_rng(seed), n=30, flows=1, levels=4, signals=1)
    grid = grid_of(cases, Shape.TRIGGERS, keep_none(cases))
    (flow,) = grid.flows
    sums = flow.everything()
    minutes = cases.looks.minutes[cases.flow]
    for place in range(sums.shape[1]):
        auto, limit, signals = flow.rule(place)
        asked = Policy({"w0": Rule(auto, 0.0, limit, signals)}).asks(cases) & ~grid.forced
        expected = [asked.sum(), cases.gain[asked].sum(), cases.bad_hat[asked].sum(),
                    minutes[asked].sum(), cases.overridden[asked].sum()]  # fmt: skip
        np.testing.assert_allclose(sums[:5, place], expected, atol=1e-9)
