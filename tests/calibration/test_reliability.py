from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.calibration.reliability import ece, ece_null_band, reliability_table, weighted_share
from hitlsim.decisions.estimating.intervals import clopper_pearson
from hitlsim.errors import LogError

# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "error"), [(100, 0.060), (200, 0.041), (1000, 0.019)])
def test_even_perfect_scores_have_this_calibration_error(n: int, error: float) -> None:
    # scores like those of real sales calls (.93 right); mean of 5 sets of scores, each with 400
    # sets of outcomes, standard error under .001
    rng = np.random.default_rng(3)
    means = [ece_null_band(rng.beta(12, 1, n), seed=i).value for i in range(5)]
    assert np.mean(means) == pytest.approx(error, abs=0.003)


def test_the_error_is_the_mean_distance_weighted_by_bin() -> None:
    # 6 at .5 of which 4 right, 2 at .9 of which 1 right: (6 * 1/6 + 2 * .4) / 8
    p, y = [0.5] * 6 + [0.9] * 2, [1, 1, 1, 1, 0, 0, 1, 0]
    assert ece(p, y) == pytest.approx((6 / 6 + 2 * 0.4) / 8)


def test_a_bin_counts_with_its_weights() -> None:
    table = reliability_table([0.6, 0.6, 0.9], [True, False, True], [9.0, 1.0, 1.0])
    assert table["value"].tolist() == pytest.approx([0.9, 1.0])
    assert table["n"].tolist() == [2, 1]


def test_with_equal_weights_the_interval_is_the_exact_one() -> None:
    e, exact = weighted_share(np.arange(40) % 8 == 0, np.full(40, 7.0)), clopper_pearson(5, 40)
    assert (e.value, e.low, e.high) == pytest.approx((exact.value, exact.low, exact.high))


def test_all_right_is_no_more_certain_where_weights_differ() -> None:
    # rounding once left a share of .9999999999999999 and so an effective number of 1e16
    rng, exact = np.random.default_rng(0), clopper_pearson(200, 200)
    for _ in range(50):
        e = weighted_share(np.ones(200), 1 / rng.uniform(0.05, 1, 200))
        assert e.value == 1
        assert e.low < exact.low


def test_bins_hold_equally_many_and_ties_stay_together() -> None:
    table = reliability_table(np.linspace(0.5, 0.99, 1000), np.ones(1000))
    assert table["n"].tolist() == [100] * 10
    tied = reliability_table([0.9] * 95 + [0.2] * 5, np.ones(100))
    assert tied["n"].tolist() == [5, 95]


# --- properties ----------------------------------------------------------------------------------


@given(
    p=st.lists(st.integers(0, 20), min_size=1, max_size=80),
    y=st.lists(st.booleans(), min_size=80, max_size=80),
    bins=st.integers(1, 12),
)
def test_every_decision_is_in_one_bin_and_equal_scores_in_the_same(
    p: list[int], y: list[bool], bins: int
) -> None:
    scores, right = np.array(p) / 20, y[: len(p)]
    table = reliability_table(scores, right, bins=bins)
    assert table["n"].sum() == len(p)
    assert (table["score_low"].to_numpy()[1:] > table["score_high"].to_numpy()[:-1]).all()
    assert len(table) <= bins
    assert 0 <= ece(scores, right, bins=bins) <= 1


def test_outcomes_made_by_the_scores_stay_inside_the_null_band() -> None:
    # 200 worlds with weights; at coverage .95 fewer than 178 come with probability < .001
    rng, hits = np.random.default_rng(5), 0
    p, w = rng.beta(12, 1, 400), rng.choice([1.0, 5.0], 400)
    band = ece_null_band(p, w, seed=1)
    for _ in range(200):
        hits += band.low <= ece(p, rng.random(400) < p, w) <= band.high
    assert hits >= 178


def test_an_overconfident_score_is_above_the_null_band() -> None:
    rng = np.random.default_rng(1)
    p = rng.beta(12, 1, 1000)
    assert ece(p, rng.random(1000) < p - 0.08) > ece_null_band(p, seed=2).high


def test_the_same_seed_gives_the_same_band() -> None:
    p = np.linspace(0.5, 1, 60)
    assert ece_null_band(p, seed=4) == ece_null_band(p, seed=4)


# --- errors --------------------------------------------------------------------------------------


def test_scores_outside_0_1_are_refused_with_the_remedy() -> None:
    with pytest.raises(LogError, match="set confidence_scale"):
        reliability_table([93.5], [True])


def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(LogError, match="2 scores, 1 outcomes and 2 weights"):
        ece([0.5, 0.6], [True])
    with pytest.raises(LogError, match="no outcome is known"):
        ece([], [])
    with pytest.raises(LogError, match="a weight is not above 0"):
        ece([0.5], [True], [0.0])
    with pytest.raises(LogError, match="bins 0 must be at least 1"):
        ece([0.5], [True], bins=0)
