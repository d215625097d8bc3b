"""Whether scores moved: ties, the index, and how often chance moves them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from hitlsim.decisions.watching.scores import (
    binned,
    edges,
    stability_index,
    yardstick,
)


def test_the_stability_index_is_the_textbooks_sum() -> None:
    a, b = (30.5 / 101, 70.5 / 101), (500.5 / 1001, 500.5 / 1001)
    by_hand = sum((x - y) * math.log(x / y) for x, y in zip(a, b, strict=True))
    assert stability_index(np.array([30.0, 70.0]), np.array([500.0, 500.0])) == pytest.approx(
        by_hand
    )


@given(st.lists(st.sampled_from([0.1, 0.5, 0.7, 0.7, 0.9, 0.95, 1.0]), min_size=2, max_size=60))
def test_equal_scores_never_part(scores: list[float]) -> None:
    at = edges(scores, 5)
    assert not set(at) & set(scores), "an edge lies between values, not on one"
    assert binned(scores, at).sum() == len(scores)
    assert len(at) < len(set(scores)) or not len(at)


def test_one_score_has_no_edges() -> None:
    assert len(edges([0.9] * 50, 10)) == 0


@pytest.mark.parametrize("n", [60, 400])
def test_chance_moves_scores_no_more_often_than_stated(n: int) -> None:
    """800 baselines of 8 weeks and one more week, tied scores; a false alarm: 1 in 10,000."""
    rng = np.random.default_rng(4)
    values = np.round(rng.beta(8, 2, 40), 2)
    weeks = [rng.choice(values, (800, n)) for _ in range(9)]
    crossed = 0
    for i in range(800):
        base = np.concatenate([w[i] for w in weeks[:8]])
        at = edges(base, min(10, n // 15))
        counts = [binned(w[i], at) for w in weeks]
        rule = yardstick(counts[:8])
        index = stability_index(counts[8], np.sum(counts[:8], axis=0))
        crossed += rule.chance_of(index, n) < 0.02
    assert crossed <= binom.ppf(1 - 1e-4, 800, 0.02)


def test_weeks_that_always_move_are_the_yardstick() -> None:
    """Scores that drift back and forth: the last week is like the others, so it is no alarm."""
    rng = np.random.default_rng(6)
    weeks = [np.clip(rng.normal(0.8 + 0.05 * (-1) ** k, 0.05, 500), 0, 1) for k in range(11)]
    at = edges(np.concatenate(weeks[:10]), 10)
    counts = [binned(w, at) for w in weeks]
    rule = yardstick(counts[:10])
    assert rule.over
    index = stability_index(counts[10], np.sum(counts[:10], axis=0))
    assert rule.chance_of(index, 500) > 0.05
    assert rule.limits(500, 0.01).high > index


def test_limits_and_chances_agree() -> None:
    rule = yardstick([np.array([50.0, 60.0, 40.0]), np.array([52.0, 55.0, 43.0])])
    high = rule.limits(150, 0.01).high
    assert rule.chance_of(high, 150) == pytest.approx(0.01)
