"""Posteriors on a grid agree with the closed form where there is one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import beta

from hitlsim.training.weeks.posterior import pace_of, rate_of, spread, two_of


@pytest.mark.parametrize(("k", "n"), [(0, 28), (3, 10), (20, 40), (92, 92)])
def test_a_rate_alone_has_jeffreys_posterior(k: int, n: int) -> None:
    seen, exact = rate_of([k], [n], lambda rate: [rate]), beta(k + 0.5, n - k + 0.5)
    assert seen.mean == pytest.approx(exact.mean(), abs=1e-3)
    assert seen.interval == pytest.approx(exact.ppf([0.025, 0.975]), abs=5e-3)


def test_two_rates_far_apart_do_not_know_of_each_other() -> None:
    two = two_of([36, 4], [40, 40], lambda hit, alarm: [hit, alarm])
    assert two.first.mean == pytest.approx(36.5 / 41, abs=3e-3)
    assert two.second.mean == pytest.approx(4.5 / 41, abs=3e-3)


@pytest.mark.parametrize("floor", [-9.0, -1.1, -0.3])
def test_a_pace_is_found_again_though_short_times_are_cut_off(floor: float) -> None:
    """200 samples of log times around -.2, spread .6, of which those above a floor are seen (all,
    .93 and .57): their mean alone would be off by .08 and .42 where some are cut. Of 95%
    intervals under 175 of 200 have a chance below .0001."""
    rng, truth = np.random.default_rng(5), np.exp(0.2)
    covered, middles = 0, []
    for _ in range(200):
        logs = rng.normal(-0.2, 0.6, 60)
        seen = logs[logs >= floor]
        low, middle, high = pace_of(seen, np.full(len(seen), floor)).at(
            np.array([0.025, 0.5, 0.975])
        )
        covered += low <= truth <= high
        middles.append(np.log(middle))
    assert covered >= 175
    assert np.mean(middles) == pytest.approx(0.2, abs=0.05)


def test_the_share_of_times_above_a_floor_is_known_from_those_that_are() -> None:
    logs = np.random.default_rng(5).normal(0.0, 0.5, 20_000)
    seen = logs[logs >= -0.4]
    pace = pace_of(seen, np.full(len(seen), -0.4))
    assert pace.over(np.array([-0.4, 0.0])) == pytest.approx([0.788, 0.5], abs=0.02)


@given(st.integers(0, 20), st.integers(0, 20), st.integers(0, 99))
def test_the_first_of_two_is_never_below_the_second(hits: int, alarms: int, seed: int) -> None:
    two = two_of([hits, alarms], [20, 20], lambda hit, alarm: [hit, alarm])
    u = np.random.default_rng(seed).random((2, 8))
    first, second = two.at(*u)
    assert (first >= second).all()
    assert (second >= 0).all()
    assert (first <= 1).all()


@given(st.integers(1, 50), st.integers(0, 99))
def test_draws_come_from_each_part_of_the_posterior(n: int, seed: int) -> None:
    u = spread(n, np.random.default_rng(seed))
    assert sorted((u * n).astype(int).tolist()) == list(range(n))
