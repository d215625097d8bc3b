from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hitlsim.calibration.tuning.weighing import holding
from hitlsim.calibration.tuning.weighing.holding import (
    Band,
    chance_inside,
    spread_of,
    spread_of_months,
    spread_of_weeks,
)

# --- known answers: the reference's figures ------------------------------------------------------


@pytest.mark.parametrize(("n", "chance"), [(200, 0.72), (400, 0.87), (500, 0.91), (1000, 0.98)])
def test_chance_that_the_true_rate_lies_in_10_to_15_percent(n: int, chance: float) -> None:
    assert Band(0.10, 0.15, 1000).chance_true(0.125 * n, n) == pytest.approx(chance, abs=0.005)


def test_600_scores_keep_next_months_500_inside_with_81_percent() -> None:
    band = Band(0.10, 0.15, 500)
    assert band.chance_next(75, 600) == pytest.approx(0.81, abs=0.005)
    exact = stats.betabinom(500, 75, 526)
    assert band.chance_next(75, 600) == pytest.approx(exact.cdf(75) - exact.cdf(49))


def test_the_true_rate_behind_the_50th_of_400_scores_spreads_as_simulated() -> None:
    # mean .1247, 5% and 95% at .0986 and .1530; 8,000 draws: standard error of each below .0004
    rng = np.random.default_rng(1)
    k_th = np.partition(rng.random((8_000, 400)), 49, axis=1)[:, 49]
    low, high = np.quantile(k_th, [0.05, 0.95])
    assert (k_th.mean(), low, high) == pytest.approx((0.1247, 0.0986, 0.1530), abs=0.0016)
    band = Band(float(low), float(high), 1000)
    assert band.chance_true(50, 400) == pytest.approx(0.90, abs=0.012)


def test_a_known_rate_moves_by_the_binomial_alone() -> None:
    band = Band(0.10, 0.15, 150)
    exact = stats.binom.cdf(22, 150, 0.125) - stats.binom.cdf(14, 150, 0.125)
    assert band.chance_if_known(0.125) == pytest.approx(exact)


def test_band_edges_are_inside() -> None:
    assert Band(0.10, 0.15, 20).chance_if_known(0.125) == pytest.approx(
        stats.binom.pmf(2, 20, 0.125) + stats.binom.pmf(3, 20, 0.125)
    )


def test_asking_about_nothing_holds_in_a_band_from_nothing_on() -> None:
    band = Band(0.0, 0.05, 1000)
    assert band.chance_true(0, 2000) == pytest.approx(1.0, abs=1e-6)
    assert band.chance_next(0, 2000) == pytest.approx(1.0, abs=1e-6)
    assert Band(0.01, 0.05, 1000).chance_next(0, 2000) == 0.0


def test_weeks_that_differ_more_count_as_fewer_decisions() -> None:
    alike, different = Band(0.1, 0.15, 2000), Band(0.1, 0.15, 2000, spread=4.0)
    assert different.chance_next(250, 2000) == pytest.approx(
        Band(0.1, 0.15, 500).chance_next(62.5, 500)
    )
    assert different.chance_next(250, 2000) < alike.chance_next(250, 2000)


def test_bands_print_as_they_were_asked_for() -> None:
    assert str(Band(0.10, 0.15, 1)) == "10-15%"
    assert str(Band(0.075, 0.15, 1)) == "7.5-15.0%"
    assert str(Band(0.12, 0.1201, 1)) == "12.00-12.01%"
    assert str(Band(0.0, 0.001, 1)) == "0.0-0.1%"


@pytest.mark.parametrize(("n", "counts"), [(3, 0), (7, 1), (9, 1), (20, 2), (1000, 51)])
def test_counts_inside_a_band_are_those_that_can_be_had(n: int, counts: int) -> None:
    inside = [k for k in range(n + 1) if 0.10 <= k / n <= 0.15]
    assert Band(0.10, 0.15, 1).rates(n) == len(inside) == counts


# --- properties ----------------------------------------------------------------------------------


@given(n=st.integers(50, 3000), k=st.floats(0.02, 0.5), m=st.integers(20, 3000))
def test_the_chance_is_the_beta_binomials(n: int, k: float, m: int) -> None:
    at = max(1, round(k * n))
    exact = stats.betabinom(m, at, n - at + 1)
    low, high = np.ceil(0.10 * m - 1e-9), np.floor(0.15 * m + 1e-9)
    expected = exact.cdf(high) - exact.cdf(low - 1)
    assert chance_inside(at, n, m, 0.10, 0.15) == pytest.approx(expected, abs=1e-7)


@pytest.mark.parametrize("n", [20, 100, 600, 5_000, 100_000, 10_000_000])
@pytest.mark.parametrize("rate", [0.05, 0.1, 0.125, 0.15, 0.5])
@pytest.mark.parametrize(("low", "high"), [(0.10, 0.15), (0.0, 0.05), (0.2, 0.5)])
def test_long_months_get_the_chance_that_the_sum_gives(
    n: int, rate: float, low: float, high: float
) -> None:
    """A normal curve is off by up to 27 points here, as thresholds from few scores are skewed."""
    k = max(1.0, rate * n)
    exact = chance_inside(k, n, 100_000, low, high)
    assert holding._chance_inside_long(k, n, 100_000, low, high) == pytest.approx(exact, abs=1.5e-3)
    # one more decision moves the whole count next to an edge
    assert chance_inside(k, n, 100_001, low, high) == pytest.approx(exact, abs=6e-3)


def test_a_month_of_ten_millions_takes_no_sum_over_every_count(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(holding, "betaln", lambda *_: pytest.fail("every count was summed"))
    # so long a month is the true rate
    expected = stats.beta(75, 526).cdf(0.15) - stats.beta(75, 526).cdf(0.10)
    assert chance_inside(75, 600, 10_000_000, 0.10, 0.15) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("aim", [0.11, 0.125, 0.14])
def test_so_many_decisions_do_and_nearly_as_many_do_not(aim: float) -> None:
    band = Band(0.10, 0.15, 20_000)
    n = band.needed(aim)
    assert n is not None
    assert band.supported(round(aim * n), n)
    less = int(0.93 * n)
    assert not band.supported(round(aim * less), less)


def test_a_month_large_enough_does_and_a_smaller_one_does_not() -> None:
    m = Band(0.10, 0.15, 1).month_needed(0.125)
    assert Band(0.10, 0.15, m).chance_if_known(0.125) >= 0.80
    assert Band(0.10, 0.15, int(0.85 * m)).chance_if_known(0.125) < 0.80


def _weeks(rng: np.random.Generator, rates: np.ndarray, size: int) -> tuple[np.ndarray, np.ndarray]:
    day = np.repeat(np.arange(7 * len(rates)), size // 7)
    return day, rng.random(len(day)) < np.repeat(rates, 7 * (size // 7))


@pytest.mark.parametrize(("weeks", "size"), [(8, 70), (12, 350), (26, 1400)])
def test_weeks_of_chance_alone_count_as_such_19_times_in_20(weeks: int, size: int) -> None:
    # the test that gates it has a level of 5% (chi-squared, nearly exact): more than 8% of 600
    # with probability < .002
    rng = np.random.default_rng(7)
    spreads = [spread_of_weeks(*_weeks(rng, np.full(weeks, 0.12), size)) for _ in range(600)]
    assert np.mean(np.array(spreads) > 1) < 0.08
    assert np.mean(spreads) < 1.15


@pytest.mark.parametrize("ratio", [3.0, 8.0])
def test_over_dispersed_weeks_are_found_and_by_how_much(ratio: float) -> None:
    # weekly rates of a Beta whose variance makes the whole `ratio` times the binomial's; 40 weeks,
    # mean of 300: Laney's ratio is nearly unbiased
    size, p = 700, 0.12
    rho = (ratio - 1) / (size - 1)
    rng = np.random.default_rng(8)
    spreads = []
    for _ in range(300):
        rates = rng.beta(p * (1 / rho - 1), (1 - p) * (1 / rho - 1), 40)
        spreads.append(spread_of_weeks(*_weeks(rng, rates, size)))
    assert np.mean(np.array(spreads) > 1) > 0.98
    assert np.mean(spreads) == pytest.approx(ratio, rel=0.12)


def test_a_step_of_the_rate_counts_once_and_not_in_all_weeks() -> None:
    rng = np.random.default_rng(9)
    rates = np.repeat([0.08, 0.20], 10)
    day, asked = _weeks(rng, rates, 700)
    k = np.bincount(day // 7, asked)
    p = asked.mean()
    plain = ((k / 700 - p) ** 2).sum() / 19 / (p * (1 - p) / 700)
    assert plain > 20
    assert spread_of_weeks(day, asked) < plain / 4


def test_months_that_drift_count_though_weeks_hardly_differ_from_the_next() -> None:
    # from 8% to 20% in eight months of 1,500 decisions: .015 a month, .0035 a week
    rng = np.random.default_rng(11)
    day = np.repeat(np.arange(240), 50)
    asked = rng.random(len(day)) < 0.08 + 0.12 * day / 240
    assert spread_of_months(day, asked) > 1.5
    assert spread_of(day, asked) == max(spread_of_weeks(day, asked), spread_of_months(day, asked))
    band = Band(0.10, 0.15, 1500, spread_of(day, asked))
    k = float(asked.sum())
    assert band.chance_next(k, len(day)) < Band(0.10, 0.15, 1500).chance_next(k, len(day))


def test_months_of_chance_alone_count_as_such_19_times_in_20() -> None:
    # as for weeks: more than 8% of 600 with probability < .002
    rng = np.random.default_rng(12)
    day = np.repeat(np.arange(180), 20)
    spreads = [spread_of_months(day, rng.random(len(day)) < 0.12) for _ in range(600)]
    assert np.mean(np.array(spreads) > 1) < 0.08


def test_few_weeks_or_nobody_asked_say_nothing() -> None:
    rng = np.random.default_rng(10)
    day, asked = _weeks(rng, np.array([0.05, 0.5, 0.05]), 700)
    assert spread_of_weeks(day, asked) == 1.0
    assert spread_of_weeks(np.arange(700), np.zeros(700, bool)) == 1.0
