"""d', c and c* against known answers, and on trainees whose eyes are known."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.simulation.reviewing import flag_chance
from hitlsim.training.answers import Answers
from hitlsim.training.scoring.detection import brier, detection
from hitlsim.training.scoring.marking import marked

Z = NormalDist().inv_cdf
BAD, GOOD = 28, 60
"""Wrong and right items that are judged in a deck as it is stated, about."""


def test_d_prime_and_c_of_a_known_table() -> None:
    """Macmillan & Creelman's example: 20 of 25 hits, 10 of 25 false alarms; half a case added."""
    d = detection(20, 25, 10, 25, miss=1, needless=1)
    hit, alarm = Z(20.5 / 26), Z(10.5 / 26)
    assert d.sensitivity.value == pytest.approx(hit - alarm)
    assert d.sensitivity.value == pytest.approx(1.0445, abs=5e-5)
    assert d.criterion.value == pytest.approx(-(hit + alarm) / 2)
    assert (d.hit_rate.value, d.false_alarm_rate.value) == (0.8, 0.4)


def test_the_ideal_line_of_known_stakes() -> None:
    """c* = ln((good / bad) (needless / miss)) / d'; with even stakes and as many of each, 0."""
    even = detection(40, 50, 10, 50, miss=3, needless=3)
    assert even.ideal.value == pytest.approx(0)
    rare = detection(40, 50, 20, 100, miss=10, needless=1)
    assert rare.ideal.value == pytest.approx(math.log(2 / 10) / rare.sensitivity.value)
    assert rare.leaning.value == pytest.approx(rare.criterion.value - rare.ideal.value)


def test_all_caught_and_nothing_changed_needlessly_still_has_a_finite_d_prime() -> None:
    d = detection(25, 25, 0, 25, miss=1, needless=1)
    assert d.sensitivity.value == pytest.approx(2 * Z(25.5 / 26))
    assert math.isfinite(d.sensitivity.high)


@pytest.mark.parametrize("counts", [(4, 4, 3, 40), (20, 40, 1, 4), (0, 0, 0, 9)])
def test_under_five_of_a_kind_nothing_is_said(counts: tuple[int, int, int, int]) -> None:
    assert not detection(*counts, miss=1, needless=1).sensitivity.known


def test_without_clear_sight_there_is_no_ideal_line() -> None:
    d = detection(11, 20, 10, 20, miss=10, needless=1)
    assert d.sensitivity.known
    assert not d.ideal.known


@given(st.integers(0, 30), st.integers(0, 60))
def test_calling_more_of_everything_wrong_moves_the_line_down_only(hits: int, alarms: int) -> None:
    before = detection(hits, 31, alarms, 61, miss=1, needless=1)
    after = detection(hits + 1, 31, alarms + 1, 61, miss=1, needless=1)
    assert after.criterion.value < before.criterion.value


@pytest.mark.parametrize(("d_prime", "c"), [(1.0, -0.2), (1.6, 0.2), (1.6, 0.8), (2.2, -0.2)])
def test_two_hundred_trainees_with_known_eyes(d_prime: float, c: float) -> None:
    """Unbiased to within the log-linear correction's .05 and 3.3 standard errors (chance of a
    false alarm .001 each); at least 181 of 200 intervals cover (true coverage .95 and more: chance
    of a false alarm under .003 each)."""
    rng = np.random.default_rng(20)
    hit, alarm = (flag_chance(ok, d_prime, c, 1.0) for ok in (False, True))
    found = [
        detection(h, BAD, f, GOOD, miss=1, needless=1)
        for h, f in zip(rng.binomial(BAD, hit, 200), rng.binomial(GOOD, alarm, 200), strict=True)
    ]
    for name, truth in (("sensitivity", d_prime), ("criterion", c)):
        estimates = [getattr(d, name) for d in found]
        values = np.array([e.value for e in estimates])
        error = values.std(ddof=1) / math.sqrt(200)
        assert abs(values.mean() - truth) < 0.05 + 3.3 * error
        assert sum(e.low <= truth <= e.high for e in estimates) >= 181


@pytest.mark.parametrize(("d_prime", "c"), [(3.0, -1.5), (1.0, 2.2), (3.5, 0.5)])
def test_intervals_cover_where_nearly_all_or_none_are_called_wrong(
    d_prime: float, c: float
) -> None:
    """A deck's 10 wrong and 20 right ones judged by 400 who call 99.9% of the wrong ones wrong, or
    .3% of the right ones. By the variance alone 58% were covered; now .97 and more are, and under
    368 of 400 has a chance below .0001."""
    rng = np.random.default_rng(21)
    hit, alarm = (flag_chance(ok, d_prime, c, 1.0) for ok in (False, True))
    found = [
        detection(h, 10, f, 20, miss=1, needless=1)
        for h, f in zip(rng.binomial(10, hit, 400), rng.binomial(20, alarm, 400), strict=True)
    ]
    for name, truth in (("sensitivity", d_prime), ("criterion", c)):
        assert sum(getattr(d, name).low <= truth <= getattr(d, name).high for d in found) >= 368
        assert all(math.isfinite(getattr(d, name).high) for d in found)


def test_brier_of_a_known_table(make_answers: Callable[..., Answers]) -> None:
    """Of four answers nothing is said; of eight the mean, which may be better than the usual one
    and reach below it: the difference is not cut at 0."""
    right, sure = [True, True, False, False], [1.0, 0.5, 0.5, 0.0]
    assert not brier(marked(make_answers(right=right, sure=sure)))[0].known
    own, skill = brier(marked(make_answers(right=right * 2, sure=sure * 2)))
    assert own.value == pytest.approx((0 + 0.25 + 0.25 + 0) / 4)
    assert own.low >= 0
    assert skill.value == pytest.approx(0.25 - 0.125)
    worse = brier(marked(make_answers(right=right * 2, sure=[0.6, 0.3, 0.6, 0.3] * 2)))[1]
    assert worse.low < worse.value < 0


def test_what_nobody_was_asked_is_not_scored(make_answers: Callable[..., Answers]) -> None:
    own, skill = brier(marked(make_answers(right=[True, False])))
    assert not own.known
    assert not skill.known


def test_the_ideal_line_is_as_uncertain_as_the_eyes_it_is_for() -> None:
    """c* = ln(beta*) / d', so its ends are those of d', the nearer to guessing the further off."""
    d = detection(18, 22, 10, 50, miss=10, needless=1)
    log_beta = d.ideal.value * d.sensitivity.value
    assert (d.ideal.low, d.ideal.high) == pytest.approx(
        (log_beta / d.sensitivity.low, log_beta / d.sensitivity.high)
    )
    assert d.ideal.low < d.ideal.value < d.ideal.high < 0


@pytest.mark.parametrize("errs", [0.01, 0.03])
def test_who_seldom_errs_may_err_though_it_was_not_seen(errs: float) -> None:
    """100 people who are .95 sure and err so seldom that in 25 answers most never do: a t-interval
    then has no width, and would cover under .6 of them. Under 85 of 100 has a chance below .001."""
    rng, truth = np.random.default_rng(6), errs * 0.95**2 + (1 - errs) * 0.05**2
    covered = np.zeros(2)
    for _ in range(100):
        right, slip = rng.random(25) < 0.7, rng.random(25) < errs
        f = pd.DataFrame(
            {"judged": True, "right": right, "sure": np.where(right ^ slip, 0.95, 0.05)}
        )
        base = right.mean() * (1 - right.mean())
        for i, (e, at) in enumerate(zip(brier(f), (truth, base - truth), strict=True)):
            covered[i] += e.low <= at <= e.high
    assert (covered >= 85).all()
