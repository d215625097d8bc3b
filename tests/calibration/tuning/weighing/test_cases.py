from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.calibration.tuning.tuning_worlds import cases_of, looks_of

# --- known answers -------------------------------------------------------------------------------


def test_a_look_is_worth_the_harm_it_prevents_less_what_it_does_and_costs() -> None:
    looks = looks_of(1, catches=0.8, spoils=0.02, money=3.0, waiting=1.0)
    cases = cases_of([0.5, 0.9], [0.4, 0.0], harm=[100.0, 50.0], looks=looks)
    assert cases.prevented.tolist() == pytest.approx([0.4 * 0.8 - 0.6 * 0.02, -0.02])
    assert cases.gain.tolist() == pytest.approx([30.8 - 4.0, -1.0 - 4.0])


def test_overrides_are_caught_errors_and_wrong_overrides_together() -> None:
    cases = cases_of([0.5], [0.25], looks=looks_of(1, catches=0.8, overrides_right=0.1))
    assert cases.overridden.tolist() == pytest.approx([0.25 * 0.8 + 0.75 * 0.1])


def test_weeks_count_from_the_first_day_and_are_a_day_at_least() -> None:
    assert cases_of([0.5] * 3, [0.1] * 3, day=np.array([0, 1, 2])).weeks == 3 / 7
    assert cases_of([0.5], [0.1], day=np.array([0])).weeks == 1 / 7
    assert cases_of([], []).weeks == 1 / 7
    assert cases_of([0.5] * 3, [0.1] * 3, day=np.array([0, 5, 20])).weeks == 3.0


def test_part_keeps_every_column_in_step() -> None:
    truth = np.array([True, False, True])
    cases = cases_of([0.1, 0.2, 0.3], [0.9, 0.8, 0.7], flow=[0, 1, 0], truth=truth)
    part = cases.part(np.array([False, True, True]))
    assert part.score.tolist() == [0.2, 0.3]
    assert part.flow.tolist() == [1, 0]
    assert part.truth is not None
    assert part.truth.tolist() == [False, True]
    assert part.workflows == cases.workflows


def test_one_missing_chance_makes_the_cases_unvalued() -> None:
    assert cases_of([0.5, 0.6], [0.1, 0.2]).valued
    assert not cases_of([0.5, 0.6], [0.1, np.nan]).valued


# --- properties ----------------------------------------------------------------------------------


@pytest.mark.parametrize("off", [-0.15, 0.0, 0.25])
def test_bad_hat_is_free_of_the_chances_own_error(off: float) -> None:
    # chances wrong by `off`, audits of 5% to 60%: its mean over 400 draws of the audit is the
    # share of bad ones; beyond 4 standard errors with probability 6e-5
    rng = np.random.default_rng(3)
    n = 400
    truth = rng.random(n) < 0.3
    chance = rng.choice([0.05, 0.2, 0.6], n)
    guess = np.clip(0.3 + off + rng.normal(0, 0.05, n), 0.01, 0.99)
    cases = cases_of(rng.random(n), guess, exact=False, chance=chance)
    means = []
    for _ in range(400):
        known = rng.random(n) < chance
        means.append(replace(cases, known=known, bad=known & truth).bad_hat.mean())
    error = np.std(means) / np.sqrt(len(means))
    assert abs(np.mean(means) - truth.mean()) < 4 * error
    # and the chances alone are off by what they are off
    assert abs(guess.mean() - truth.mean()) == pytest.approx(abs(off), abs=0.05)


def test_known_outcomes_teach_nothing_where_chances_are_exact() -> None:
    cases = cases_of([0.5, 0.6], [0.1, 0.2], known=np.ones(2, bool), bad=np.ones(2, bool))
    assert cases.bad_hat.tolist() == [0.1, 0.2]
    assert replace(cases, exact=False).bad_hat.tolist() == [1.0, 1.0]
