from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.calibration.tuning.weighing.cases import Bools, Cases
from hitlsim.calibration.tuning.weighing.frontier import along, best_asks, frontier, worth
from hitlsim.calibration.tuning.weighing.outlook import cost_of
from tests.calibration.tuning.tuning_worlds import cases_of, looks_of, small_cases

# --- known answers -------------------------------------------------------------------------------


def sales_world(seed: int) -> Cases:
    """2,000 proposals: deals of very different size, scores that tell a little, dear looks.

    As in the reference: an error loses a share of the deal, so that what is at stake differs much
    more from one decision to the next than the score does.
    """
    rng = np.random.default_rng(seed)
    n = 2000
    score = rng.beta(6, 1.5, n)
    wrong = 1 / (1 + np.exp(0.4 + 0.5 * np.log(score / (1 - score))))
    deal = rng.lognormal(np.log(55_000), 1.0, n)
    return cases_of(
        score, wrong, harm=20 + 0.02 * deal, deal_size=deal,
        looks=looks_of(1, minutes=3.0, money=8.0, waiting=2.0, catches=0.75, spoils=0.005),
    )  # fmt: skip


def realised(cases: Cases, asks: Bools, rng: np.random.Generator) -> float:
    """What really happened: who was bad, whom the looks caught, what they spoilt."""
    bad = rng.random(len(cases)) < cases.p_bad
    caught = asks & (rng.random(len(cases)) < cases.looks.catches[0])
    spoilt = asks & (rng.random(len(cases)) < cases.looks.spoils[0])
    out = np.where(bad, ~caught, spoilt)
    return float((cases.harm * out).sum() + cases.price_of_look[asks].sum())


def test_600_looks_by_value_cost_less_than_by_confidence_and_those_less_than_none() -> None:
    """The ordering of the reference: 854.6k without a look, then 624.3k, and 469.9k by value."""
    rows = []
    for seed in range(50):
        cases = sales_world(seed)
        by_score = np.zeros(len(cases), bool)
        by_score[np.argsort(cases.score)[:600]] = True
        ways = (np.zeros(len(cases), bool), by_score, best_asks(cases, 600))
        # the same luck for all three
        rows.append([realised(cases, asks, np.random.default_rng(seed)) for asks in ways])
    none, confidence, value = np.array(rows).T / 1000
    assert (none > confidence).all()
    assert (confidence > value).all()
    means = [float(x.mean().round(1)) for x in (none, confidence, value)]
    assert means == pytest.approx(SEEN, rel=0.01)


SEEN = [872.3, 600.3, 429.4]
"""Thousands, means over the 50 worlds: no look, 600 by confidence, 600 by value."""


def test_the_price_is_what_one_more_look_would_bring() -> None:
    cases = small_cases(np.random.default_rng(1), n=40)
    table = frontier(cases, per="look", points=len(cases) + 1)
    always = int(cases.always.sum())
    cost = table["cost_per_1000"].to_numpy() * len(cases) / 1000
    np.testing.assert_allclose(table["price"].iloc[1:], -np.diff(cost), atol=1e-9)
    # after what is asked about anyhow the price only falls
    assert (np.diff(table["price"].iloc[always + 1 :]) <= 1e-12).all()


def test_value_alone_stops_where_the_price_passes_nothing() -> None:
    cases = small_cases(np.random.default_rng(2), n=60)
    table = frontier(cases, per="look", points=len(cases) + 1)
    always = int(cases.always.sum())
    cheapest = int(table["cost_per_1000"].iloc[always:].to_numpy().argmin()) + always
    assert table["price"].iloc[cheapest] >= 0 or cheapest == always
    assert cheapest == len(cases) or table["price"].iloc[cheapest + 1] <= 0


def test_what_is_asked_about_anyhow_comes_first() -> None:
    always = np.array([False, False, True])
    cases = cases_of([0.9, 0.1, 0.5], [0.9, 0.5, 0.0], always=always)
    assert best_asks(cases, 1).tolist() == [False, False, True]
    assert best_asks(cases, 2).tolist() == [True, False, True]
    assert best_asks(cases, 0).tolist() == [False] * 3


def test_along_confidence_ends_where_the_exact_trade_off_ends() -> None:
    cases = small_cases(np.random.default_rng(3), n=50)
    exact, by_score = frontier(cases), along(cases, -cases.score)
    for place in (0, -1):
        for column in ("exception_rate", "hours_per_week", "fn_share", "cost_per_1000"):
            assert exact[column].iloc[place] == pytest.approx(by_score[column].iloc[place])
    assert exact["fn_share"].iloc[-1] == pytest.approx(0, abs=1e-12)


# --- properties ----------------------------------------------------------------------------------


@given(seed=st.integers(0, 10_000), k=st.integers(0, 11))
def test_no_other_decisions_as_many_are_worth_more(seed: int, k: int) -> None:
    cases = small_cases(np.random.default_rng(seed), n=11, flows=2, levels=5)
    always = set(np.flatnonzero(cases.always))
    k = max(k, len(always))
    got = cost_of(cases, best_asks(cases, k)).sum()
    for chosen in combinations(range(len(cases)), k):
        if always <= set(chosen):
            asks = np.zeros(len(cases), bool)
            asks[list(chosen)] = True
            assert got <= cost_of(cases, asks).sum() + 1e-9


@given(seed=st.integers(0, 10_000))
def test_per_minute_no_other_decisions_in_as_little_time_are_worth_more(seed: int) -> None:
    cases = small_cases(np.random.default_rng(seed), n=10, flows=3, levels=5)
    cases = cases.part(~cases.always)
    minutes = cases.looks.minutes[cases.flow]
    order = np.argsort(-worth(cases), kind="stable")
    subsets = np.arange(1 << len(cases))[:, None] >> np.arange(len(cases)) & 1
    spent, gained = subsets @ minutes, subsets @ cases.gain
    for k in range(len(cases) + 1):
        taken = order[:k]
        if (cases.gain[taken] < 0).any():
            break
        within = spent <= minutes[taken].sum() + 1e-9
        assert gained[within].max() <= cases.gain[taken].sum() + 1e-9


# --- errors --------------------------------------------------------------------------------------


def test_worth_per_anything_else_is_refused() -> None:
    with pytest.raises(ValueError, match="per 'hour' must be 'look' or 'minute'"):
        frontier(cases_of([0.5], [0.5]), per="hour")
