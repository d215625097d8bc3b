"""CUSUMs: run lengths of the literature, of a simulation, and what a threshold promises."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import ndtr

from hitlsim.decisions.watching.charts import Spread
from hitlsim.decisions.watching.cusum import llr, path, plan, run_length, steps_of


def normal(mean: float):  # type: ignore[no-untyped-def]
    return lambda x: ndtr(x - mean)


# Montgomery, table 9.3: k = 1/2, both sides; one side alone runs twice as long in control
@pytest.mark.parametrize(
    ("h", "in_control", "after_one_sigma"), [(4.0, 168, 8.38), (5.0, 465, 10.4)]
)
def test_run_lengths_are_those_of_the_literature(
    h: float, in_control: float, after_one_sigma: float
) -> None:
    assert run_length(normal(-0.5), h, states=120) / 2 == pytest.approx(in_control, rel=0.005)
    assert run_length(normal(0.5), h, states=120) == pytest.approx(after_one_sigma, abs=0.03)


@pytest.mark.parametrize(("h", "mean"), [(4.0, -0.5), (5.0, -0.5), (4.0, 0.5), (5.0, 0.25)])
def test_run_lengths_agree_with_siegmunds_formula(h: float, mean: float) -> None:
    b = h + 1.166
    siegmund = (math.exp(-2 * mean * b) + 2 * mean * b - 1) / (2 * mean**2)
    assert run_length(normal(mean), h) == pytest.approx(siegmund, rel=0.03)


@pytest.mark.parametrize(("true", "shift"), [(0.05, 2.0), (0.095, 2.0), (0.05, 0.5)])
def test_run_lengths_of_counts_agree_with_a_simulation(true: float, shift: float) -> None:
    """4,000 runs: the mean's standard error is 1.6%; five of them, beside a grid's 3%."""
    rng = np.random.default_rng(3)
    n, threshold, runs = 60, 2.0, 4000
    s, lengths = np.zeros(runs), np.zeros(runs)
    going = np.ones(runs, bool)
    for _ in range(20_000):
        steps = llr(rng.binomial(n, true, runs) / n, np.full(runs, 0.05), np.full(runs, n), shift)
        s = np.maximum(0, s + steps)
        lengths += going
        going &= s < threshold
        if not going.any():
            break
    found = run_length(steps_of(true, 0.05, n, shift), threshold, states=120)
    assert found == pytest.approx(lengths.mean(), rel=0.11)


def test_evidence_is_the_log_likelihood_ratio_of_the_counts() -> None:
    p, doubled, k, n = 0.02, 2 * 0.02 / (1 + 0.02), 8, 200
    by_hand = k * math.log(doubled / p) + (n - k) * math.log((1 - doubled) / (1 - p))
    assert llr([k / n], [p], [n], 2.0)[0] == pytest.approx(by_hand)


def test_a_period_without_decisions_changes_nothing() -> None:
    assert llr([math.nan], [0.02], [0], 2.0)[0] == 0


def test_a_cusum_never_goes_below_zero_nor_above_its_most() -> None:
    found = path([-5.0, 2.0, 2.0, 2.0, -1.0], most=3.0)
    assert found.tolist() == [0, 2, 3, 3, 2]


def test_chance_raises_a_cusum_no_more_often_than_planned() -> None:
    """300 estimated baselines of 10 weeks, 60 weeks each, once in 60 planned.

    18,000 weeks: 300 alarms at most expected; 380 is more than four standard deviations above.
    """
    rng = np.random.default_rng(8)
    n, p, weeks, alarms = 300, 0.05, 10, 0
    for _ in range(300):
        share = rng.binomial(n * weeks, p) / (n * weeks)
        chosen = plan(share, n, 2.0, 60, Spread(1.0, weeks, 1.0, float(n * weeks)))
        s = 0.0
        for step in llr(rng.binomial(n, p, 60) / n, np.full(60, share), np.full(60, n), 2.0):
            s = max(0.0, s + float(step))
            if s >= chosen.threshold:
                alarms, s = alarms + 1, 0.0
    assert alarms <= 380


def test_a_shorter_baseline_asks_for_more_evidence() -> None:
    thresholds = [
        plan(0.05, 200, 2.0, 370, Spread(1.0, 8, 1.0, n)).threshold for n in (1e9, 1600, 400)
    ]
    assert thresholds == sorted(thresholds)
    assert thresholds[0] < thresholds[-1]
