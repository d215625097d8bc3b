"""Each estimator by itself: known answers, and coverage where it is an interval.

Coverage tests have fixed seeds; each says how often chance would break it with others.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from hitlsim.calibration.fitting.aftermath import delays
from hitlsim.calibration.fitting.boundary import roundest
from hitlsim.calibration.fitting.durations import spread_of, spread_of_logs
from hitlsim.calibration.fitting.rhythm import rhythm_of
from hitlsim.calibration.fitting.roster import shifts_of
from hitlsim.calibration.fitting.scores import decimals_of, scores_of
from hitlsim.calibration.fitting.seen import slugs
from hitlsim.calibration.fitting.volume import weekly

DAYS = pd.date_range("2026-08-03", periods=70)


def times(
    rng: np.random.Generator, days: list[int], start: float, end: float, n: int
) -> list[object]:
    """So many moments on some weekdays between two hours."""
    which = DAYS[DAYS.day_of_week.isin(days)]
    day = rng.choice(np.asarray(which), n)
    return list(day + pd.to_timedelta(rng.uniform(start * 60, end * 60, n), unit="min"))


# --- hours of the week ---------------------------------------------------------------------------


def test_stretches_of_the_week_are_found_with_their_weights() -> None:
    rng = np.random.default_rng(1)
    at = times(rng, [0, 1, 2, 3, 4], 8, 18, 5000) + times(rng, [5, 6], 9, 17, 400)
    found = rhythm_of(pd.Series(at), DAYS).texts
    assert found[0] == "mon-fri 08:00-18:00"
    assert found[1].startswith("sat-sun 09:00-17:00 x0.2")


def test_days_that_differ_are_told_apart() -> None:
    rng = np.random.default_rng(2)
    at = times(rng, [1, 2, 3], 9, 11, 2000) + times(rng, [0, 1, 2, 3, 4], 13, 17, 2000)
    assert [t.split(" x")[0] for t in rhythm_of(pd.Series(at), DAYS).texts] == [
        "mon 13:00-17:00", "tue-thu 09:00-11:00", "tue-thu 13:00-17:00", "fri 13:00-17:00",
    ]  # fmt: skip


def test_dates_without_hours_take_the_hours_of_an_office() -> None:
    at = pd.Series(np.repeat(DAYS[DAYS.day_of_week < 5], 3))
    assert {t.split(" ")[1] for t in rhythm_of(at, DAYS).texts} == {"08:00-18:00"}


# --- weekly counts -------------------------------------------------------------------------------


def test_level_and_growth_have_intervals_that_hold() -> None:
    """300 logs of 10 weeks: 95% intervals hold 90-99% (chance breaks it once in 300)."""
    rng, inside = np.random.default_rng(3), []
    mean = 80 * 1.02 ** np.arange(10)
    for _ in range(300):
        busy = rng.gamma(mean / 1.5, 1.5 / mean)
        found = weekly(rng.poisson(mean * busy).astype(float), np.ones(10))
        half = 1.96 * np.sqrt(np.diag(found.cov))
        inside.append(np.abs(found.mean - np.log([80, 1.02])) <= half)
    assert np.all((np.mean(inside, axis=0) > 0.9) & (np.mean(inside, axis=0) < 0.99))


def test_weeks_half_covered_count_half() -> None:
    found = weekly(np.array([50.0, 100, 100, 100, 20]), np.array([0.5, 1, 1, 1, 0.2]))
    assert np.exp(found.mean[0]) == pytest.approx(100)
    assert found.mean[1] == pytest.approx(0)


def test_busy_weeks_show_in_the_dispersion() -> None:
    rng = np.random.default_rng(4)
    counts = rng.poisson(400 * rng.gamma(100, 1 / 100, 200)).astype(float)
    e = weekly(counts, np.ones(200)).dispersion
    assert e.low < 5 < e.high  # 1 + 400 / 100
    assert weekly(rng.poisson(400, 200).astype(float), np.ones(200)).dispersion.high < 1.5


def test_a_late_starter_grows_from_its_own_first_week() -> None:
    counts = np.array([0, 0, 0, 100, 110, 121, 133.1])
    found = weekly(counts, (counts > 0).astype(float))
    assert np.exp(found.mean[0]) == pytest.approx(100)
    assert np.expm1(found.mean[1]) == pytest.approx(0.1)


@pytest.mark.parametrize(
    "counts",
    [[6, 0, 0, 0, 0], [245, 246, 0, 0, 0], [0, 0, 6, 0, 0], [1000, 300, 90, 27, 8, 2]],
)
def test_what_starts_or_stops_has_a_level_and_no_growth(counts: list[int]) -> None:
    found = weekly(np.array(counts, float), np.ones(len(counts)))
    assert not found.grows
    assert np.exp(found.mean[0]) == pytest.approx(np.mean(counts))
    assert found.mean[1] == 0


# --- scores --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("mean", "decimals"), [(0.95, 3), (0.8, 2), (0.95, 1)])
def test_scores_are_found_through_their_rounding(mean: float, decimals: int) -> None:
    rng, step = np.random.default_rng(5), 10.0**-decimals
    drawn = rng.beta(9 * mean, 9 * (1 - mean), 4000)
    found = scores_of(np.round(drawn, decimals).clip(step, 1 - step))
    error = np.sqrt(np.diag(found.cov))
    truth = np.array([np.log(mean / (1 - mean)), np.log(9)])
    assert found.decimals == decimals
    assert np.all(np.abs(found.mean - truth) < 3.5 * error)
    assert found.misfit < 0.03


def test_scores_of_another_shape_are_told() -> None:
    rng = np.random.default_rng(6)
    two = np.where(rng.random(2000) < 0.5, rng.normal(0.5, 0.02, 2000), rng.normal(0.9, 0.02, 2000))
    assert scores_of(two.round(3)).misfit > 0.15


def test_decimals_are_counted_up_to_six() -> None:
    assert decimals_of(np.array([0.123456789])) == 6


# --- times ---------------------------------------------------------------------------------------


def test_times_have_intervals_that_hold() -> None:
    """300 samples of 200: 95% intervals hold 90-99% (chance breaks it once in 300)."""
    rng, inside = np.random.default_rng(7), []
    for _ in range(300):
        sample = 40 * np.exp(0.6 * rng.standard_normal(200))
        for found in (spread_of(sample), spread_of_logs(sample)):
            half = 1.96 * np.sqrt(np.diag(found.cov))
            inside.append(np.abs(found.mean - [np.log(40), 0.6]) <= half)
    share = np.mean(np.array(inside).reshape(300, 4), axis=0)
    assert np.all((share > 0.9) & (share < 0.99))


def test_median_and_mean_of_the_times_are_kept_whatever_their_shape() -> None:
    rng = np.random.default_rng(8)
    waved = np.where(rng.random(3000) < 0.3, 5.0, 60 * np.exp(0.6 * rng.standard_normal(3000)))
    log_median, sigma = spread_of(waved).mean
    assert np.exp(log_median) == pytest.approx(np.median(waved))
    assert np.exp(log_median + sigma**2 / 2) == pytest.approx(waved.mean())


def test_delays_that_the_end_cut_off_are_allowed_for() -> None:
    rng = np.random.default_rng(9)
    days, window = 6 * np.exp(0.9 * rng.standard_normal(6000)), rng.uniform(0, 20, 6000)
    seen = days < window
    (log_median, sigma), cov = delays(days[seen], window[seen])
    assert np.median(days[seen]) < 4.5
    assert abs(log_median - np.log(6)) < 3 * np.sqrt(cov[0, 0])
    assert abs(sigma - 0.9) < 3 * np.sqrt(cov[1, 1])


# --- shifts, bands, names ------------------------------------------------------------------------


def test_two_shifts_and_another_one_on_friday_are_found() -> None:
    rng = np.random.default_rng(10)
    at = times(rng, [0, 1, 2, 3], 9, 10.5, 600) + times(rng, [0, 1, 2, 3], 15, 16, 400)
    at += times(rng, [4], 11, 12, 200)
    found = [str(w) for w in shifts_of(pd.Series(at))]
    assert found == ["mon-thu 09:00-10:30", "mon-thu 15:00-16:00", "fri 11:00-12:00"]


def test_a_band_is_the_roundest_number_between_what_was_asked_and_what_went_alone() -> None:
    assert roundest(0.849, 0.851) == 0.85
    assert roundest(0.85, 0.86) == 0.86
    assert roundest(0.0, 0.43) == 0.4


def test_names_become_names_of_a_scenario_without_clashes() -> None:
    found = slugs(["Follow-up: mail", "follow-up-mail", "W_1", "???"], "workflow")
    assert len(set(found.values())) == 4
    assert found["follow-up-mail"] == "follow-up-mail"
    assert found["???"] == "workflow"


def test_names_do_not_depend_on_the_order_in_which_a_log_has_them() -> None:
    """Tuning sorts them, fitting does not: each would learn of the other workflow."""
    names = ["Crm", "CRM", "c r m", "crm", "C.R.M"]
    assert slugs(names, "workflow") == slugs(names[::-1], "workflow")
