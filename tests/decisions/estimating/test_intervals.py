from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.estimating.intervals import (
    Estimate,
    clopper_pearson,
    inverse,
    korn_graubard,
    odds,
    product,
    ratio_of_clusters,
    wilson,
)
from hitlsim.errors import LogError

# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [(50, 400, 0.0943, 0.1615), (0, 59, 0.0, 0.0606), (5, 5, 0.4782, 1.0), (1, 10, 0.0025, 0.4450)],
)
def test_clopper_pearson_gives_the_textbook_intervals(
    k: int, n: int, low: float, high: float
) -> None:
    e = clopper_pearson(k, n)
    assert (e.low, e.high) == pytest.approx((low, high), abs=1e-4)


@given(st.floats(-100, 100), st.floats(-1e6, 1e6), st.floats(0, 1e6), st.floats(0, 1e6))
def test_a_figure_lies_between_its_ends_in_every_unit(
    factor: float, value: float, below: float, above: float
) -> None:
    e = Estimate(value, value - below, value + above, 9, "").scaled(factor)
    assert e.low <= e.value <= e.high
    assert {e.low, e.high} == {factor * (value - below), factor * (value + above)}


def test_wilson_gives_the_textbook_interval() -> None:
    e = wilson(50, 400)
    assert (e.low, e.high) == pytest.approx((0.0962, 0.1610), abs=1e-4)


def test_weighted_interval_is_the_exact_one_when_all_weigh_the_same() -> None:
    exact = clopper_pearson(50, 400)
    weighted = korn_graubard(0.125, 0.125 * 0.875 / 400, 400, seen=400, failures=50)
    assert (weighted.low, weighted.high) == pytest.approx((exact.low, exact.high))


def test_few_failures_are_marked_so_that_no_point_is_shown() -> None:
    assert korn_graubard(0.01, 0.01 * 0.99 / 400, 400, seen=400, failures=4).few
    assert not korn_graubard(0.0125, 0.0125 * 0.9875 / 400, 400, seen=400, failures=5).few


def test_mean_over_days_is_the_t_interval_when_days_are_alike_in_size() -> None:
    e = ratio_of_clusters([4.0, 6.0, 5.0, 9.0], [1, 1, 1, 1], clusters="days")
    # t(3, .975) = 3.182446, s = 2.160247
    assert e.value == 6.0
    assert e.high - e.value == pytest.approx(3.182446 * 2.160247 / 2, rel=1e-5)


def test_one_cluster_gives_no_interval_instead_of_a_wrong_one() -> None:
    e = ratio_of_clusters([4.0], [2.0], clusters="days")
    assert e.value == 2.0
    assert math.isnan(e.low)


def test_coverage_of_the_exact_interval_is_at_least_nominal() -> None:
    # 4,000 repetitions at true coverage .95 would fall below .94 with probability < .003
    rng = np.random.default_rng(5)
    hits = 0
    for k in rng.binomial(200, 0.05, 4000):
        e = clopper_pearson(int(k), 200)
        hits += e.low <= 0.05 <= e.high
    assert hits / 4000 >= 0.94


def test_a_ratio_of_rates_has_the_interval_of_their_logarithms() -> None:
    # two rates known to within a factor 2: their ratio to within 2 ** sqrt(2)
    e = product(Estimate(0.4, 0.2, 0.8, 50, ""), inverse(Estimate(0.1, 0.05, 0.2, 90, "")),
                assumes="")  # fmt: skip
    assert (e.value, e.low, e.high) == pytest.approx((4, 4 / 2**2**0.5, 4 * 2**2**0.5))
    assert e.n == 50


def test_a_rate_that_may_be_zero_gives_a_ratio_that_may_be_zero() -> None:
    e = product(Estimate(0.1, 0.0, 0.3, 9, ""), Estimate(2.0, 2.0, 2.0, 9, ""), assumes="")
    assert e.low == 0
    assert e.high == pytest.approx(0.6)
    assert odds(inverse(inverse(Estimate(1.0, 0.5, 1.0, 3, "")))).value == math.inf


# --- properties ----------------------------------------------------------------------------------


@given(n=st.integers(1, 5000), share=st.floats(0, 1))
def test_intervals_hold_their_figure_and_stay_inside_0_1(n: int, share: float) -> None:
    k = round(share * n)
    for e in (clopper_pearson(k, n), wilson(k, n)):
        assert 0 <= e.low <= e.value + 1e-12
        assert e.value - 1e-12 <= e.high <= 1


@given(n=st.integers(2, 500), k=st.integers(0, 500))
def test_more_confidence_never_narrows_an_interval(n: int, k: int) -> None:
    k = min(k, n)
    narrow, wide = clopper_pearson(k, n, confidence=0.8), clopper_pearson(k, n, confidence=0.99)
    assert wide.low <= narrow.low
    assert narrow.high <= wide.high


# --- errors --------------------------------------------------------------------------------------


def test_nothing_observed_is_said_and_not_called_zero() -> None:
    e = clopper_pearson(0, 0)
    assert not e.known
    assert e.assumes == "not enough evidence"


@pytest.mark.parametrize("confidence", [0, 1, 95, -0.1])
def test_confidence_outside_0_1_is_refused(confidence: float) -> None:
    with pytest.raises(LogError, match="must lie between 0 and 1"):
        clopper_pearson(1, 2, confidence=confidence)
