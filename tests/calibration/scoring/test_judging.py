"""Figures against known answers, and that chance alone raises no more alarms than stated."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import log_loss, roc_auc_score

from hitlsim.calibration.scoring import judging
from hitlsim.calibration.scoring.learners import log_losses


@given(st.integers(0, 10_000), st.integers(2, 60))
def test_auroc_and_log_loss_are_those_of_scikit_learn(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    p, right, weight = rng.integers(1, 9, n) / 10, rng.random(n) < 0.6, rng.uniform(0.2, 4, n)
    right[:2] = True, False
    theirs = roc_auc_score(right, p, sample_weight=weight)
    assert judging.auroc_of(p, right)(weight) == pytest.approx(theirs)
    ours = judging.mean_of(log_losses(p, right))(weight)
    assert ours == pytest.approx(log_loss(right, p, sample_weight=weight))


def one_log(rng: np.random.Generator, n: int, *, effect: float, drift: float) -> tuple:  # type: ignore[type-arg]
    day = np.sort(rng.integers(0, 20, n))
    level = drift * rng.normal(size=20)[day]
    z = rng.normal(1.5, 0.7, n) + level  # a score that follows the drift of its days
    right = rng.random(n) < 1 / (1 + np.exp(-(1.2 + level + effect * (z - 1.5 - level))))
    weight = rng.choice([1.0, 4.0], n)
    return 1 / (1 + np.exp(-z)), right, weight, day, np.arange(n)


def test_without_signal_one_log_in_a_hundred_passes_also_when_the_base_rate_drifts() -> None:
    """600 logs at a stated 1%: more than 16 come by chance in under 1 of 1,000 suites."""
    rng = np.random.default_rng(11)
    passed = sum(
        judging.chance_of(*one_log(rng, 300, effect=0, drift=0.8)) < judging.FALSE_ALARM
        for _ in range(600)
    )
    assert passed <= stats.binom.ppf(0.999, 600, judging.FALSE_ALARM)


def test_twins_are_no_further_evidence() -> None:
    """Each decision six times: the test must not be six times as sure. 400 logs, as above."""
    rng = np.random.default_rng(12)
    passed = 0
    for _ in range(400):
        log = one_log(rng, 80, effect=0, drift=0)
        passed += judging.chance_of(*(np.repeat(column, 6) for column in log)) < 0.01
    assert passed <= stats.binom.ppf(0.999, 400, 0.015)


def test_a_signal_is_found_inside_days() -> None:
    assert judging.chance_of(*one_log(np.random.default_rng(1), 3000, effect=1, drift=1)) < 1e-6


def test_scores_that_only_follow_the_days_say_nothing_on_decisions() -> None:
    _, right, weight, day, group = one_log(np.random.default_rng(2), 500, effect=0, drift=1)
    same_all_day = 0.5 + day / 50
    assert judging.chance_of(same_all_day, right, weight, day, group) == 1.0


def test_power_is_that_of_simulated_rank_tests() -> None:
    """AUROC .60 with 90 wrong of 900: 400 simulated tests have a standard error of .025."""
    rng = np.random.default_rng(3)
    shift = np.sqrt(2) * stats.norm.ppf(judging.WORTH_AUROC)
    right = np.arange(900) >= 90
    power, factor = judging._power(right, np.ones(900))
    found = sum(
        stats.mannwhitneyu(
            rng.normal(shift, 1, 810), rng.normal(0, 1, 90), alternative="greater"
        ).pvalue < judging.FALSE_ALARM
        for _ in range(400)
    ) / 400  # fmt: skip
    assert power == pytest.approx(found, abs=0.08)
    n = round(900 * factor)
    assert judging._power(np.arange(n) >= n / 10, np.ones(n))[0] == pytest.approx(0.8, abs=0.01)


def test_rows_that_weigh_unequally_tell_less() -> None:
    right = np.arange(900) >= 90
    unequal = np.where(np.arange(900) % 10 == 0, 20.0, 1.0)
    assert judging._power(right, unequal)[0] < judging._power(right, np.ones(900))[0] - 0.1
