"""Control limits: textbook figures, and that chance crosses them as seldom as they say."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from hitlsim.decisions.watching.charts import (
    KNOWN,
    THREE_SIGMA,
    Spread,
    chance_of,
    limits,
    sigma_limits,
    sigmas,
    spread,
)

# --- known answers -------------------------------------------------------------------------------


def test_a_textbook_p_chart_has_the_textbooks_limits() -> None:
    # Montgomery, orange juice concentrate cans: 347 of 30 samples of 50
    p = 347 / (30 * 50)
    low, high = sigma_limits(p, 50)
    assert (round(low, 4), round(high, 4)) == (0.0524, 0.4102)


def test_large_periods_with_a_known_baseline_have_limits_three_sigmas_off() -> None:
    for p, n in ((0.3, 20_000), (0.02, 200_000)):
        for exact, textbook in zip(limits(p, n), sigma_limits(p, n), strict=True):
            assert exact == pytest.approx(textbook, abs=0.06 * math.sqrt(p * (1 - p) / n))


def test_small_periods_have_the_limits_of_the_binomial_count() -> None:
    high = limits(0.02, 200, KNOWN, chance=0.02).high
    assert (
        binom.sf(round(200 * high), 200, 0.02) <= 0.01 < binom.sf(round(200 * high) - 1, 200, 0.02)
    )


def test_laneys_sigma_is_the_mean_moving_range_of_standardised_weeks() -> None:
    sigma_p = math.sqrt(0.12 * 0.88 / 1000)
    moving_range = (0.14 - 0.10) / sigma_p
    found = spread([0.10, 0.14, 0.10, 0.14], [0.12] * 4, [1000] * 4)
    assert found.sigma_z == pytest.approx(moving_range / 1.128)
    assert found.over
    assert found.inflation == pytest.approx(found.sigma_z**2)


def test_laneys_limits_are_those_of_a_p_chart_times_sigma_z_where_the_baseline_is_long() -> None:
    base = Spread(sigma_z=2.0, weeks=100_000, chance=1e-9, n=1e12)
    low, high = limits(0.3, 50_000, base)
    narrow_low, narrow_high = sigma_limits(0.3, 50_000)
    assert high - 0.3 == pytest.approx(2 * (narrow_high - 0.3), rel=0.02)
    assert 0.3 - low == pytest.approx(2 * (0.3 - narrow_low), rel=0.02)


def test_a_moving_range_is_worth_as_many_degrees_of_freedom_as_simulated() -> None:
    # of a mean moving range R: dof = mean(R)^2 / (2 var(R)), over 20,000 samples of 20
    rng = np.random.default_rng(5)
    ranges = np.abs(np.diff(rng.normal(size=(20_000, 20)), axis=1)).mean(axis=1)
    simulated = ranges.mean() ** 2 / (2 * ranges.var())
    assert Spread(2.0, 20, 0.0, 1e4).dof == pytest.approx(simulated, rel=0.05)


def test_three_sigmas_are_three_sigmas() -> None:
    assert sigmas(THREE_SIGMA) == pytest.approx(3.0, abs=1e-3)


# --- what they promise ---------------------------------------------------------------------------


@pytest.mark.parametrize(("p", "n", "weeks"), [(0.02, 200, 8), (0.05, 300, 8), (0.12, 4500, 12)])
def test_chance_crosses_the_limits_no_more_often_than_they_say(
    p: float, n: int, weeks: int
) -> None:
    """1,500 baselines, one more week each; at 2% a false alarm of this test: 1 in 10,000."""
    rng = np.random.default_rng(11)
    crossed = 0
    for k, now in zip(rng.binomial(n * weeks, p, 1500), rng.binomial(n, p, 1500) / n, strict=True):
        base = Spread(1.0, weeks, 1.0, float(n * weeks))
        low, high = limits(k / (n * weeks), n, base, chance=0.02)
        crossed += not low <= now <= high
    assert crossed <= binom.ppf(1 - 1e-4, 1500, 0.02)
    assert crossed >= 0.2 * 0.02 * 1500, "so wide that they see nothing"


def test_chance_crosses_laneys_limits_about_as_often_as_they_say() -> None:
    """Weeks whose true rate varies (beta, variance nine times binomial), baselines of 30 weeks.

    Nominal 2%, up to 4.5% allowed, since the moving range is approximated: of 400 baselines more
    would cross once in 1,000 such tests, were it 2%.
    """
    rng = np.random.default_rng(12)
    p, n, weeks, rho = 0.1, 800, 30, 0.01
    crossed = 0
    for _ in range(400):
        rates = rng.beta(p * (1 - rho) / rho, (1 - p) * (1 - rho) / rho, weeks + 1)
        shares = rng.binomial(n, rates) / n
        centre = float(shares[:-1].mean())
        found = spread(shares[:-1], [centre] * weeks, [n] * weeks)
        low, high = limits(centre, n, found, chance=0.02)
        crossed += not low <= shares[-1] <= high
    assert found.over
    assert 0.0025 * 400 <= crossed <= 0.045 * 400


@given(
    st.floats(0.001, 0.999), st.integers(1, 1500), st.floats(50, 1e5), st.floats(1.1, 5),
    st.booleans(),
)  # fmt: skip
def test_limits_hold_what_is_expected_and_agree_with_the_chance(
    p: float, n: int, base_n: float, sigma_z: float, over: bool
) -> None:
    base = Spread(sigma_z, 12, 0.0 if over else 1.0, base_n)
    low, high = limits(p, n, base)
    assert 0 <= low <= high <= 1
    assert low <= p + 1 / n
    assert high >= p - 1 / n
    wider = limits(p, n, base, chance=THREE_SIGMA / 10)
    assert wider.low <= low + 1e-5
    assert wider.high >= high - 1e-5
    beyond = high + (1.01 / n if not over else 1e-3)
    if beyond < 1:
        assert chance_of(beyond, p, n, base) <= THREE_SIGMA * 1.001


def test_one_week_alone_says_nothing_of_how_weeks_differ() -> None:
    assert not spread([0.1], [0.1], [500]).over
    assert not spread([0.1, math.nan], [0.1, 0.1], [500, 0]).over
