from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.estimating.maturing import in_by, known_by, matured
from hitlsim.errors import LogError

# --- known answers -------------------------------------------------------------------------------


def test_share_known_by_age_is_kaplan_and_meier_s() -> None:
    # 6 known after 6 weeks and one each after 7, 10, 13, 16, 22, 23: Freireich's 6-MP arm, where
    # one minus the share is .857, .807, .753, .690, .627, .538, .448
    at = [6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    known = [True] * 9 + [False] * 12
    left = 1 - known_by(at, known)
    assert left.round(3).tolist() == [0.857, 0.807, 0.753, 0.69, 0.627, 0.538, 0.448]


def test_the_backwards_curve_counts_only_those_old_enough_to_tell() -> None:
    # of delays up to 5 one of two with age >= 5 took 5; of those up to 3 one of three took 3
    share = in_by([5, 3, 1, 1], [9, 9, 4, 1])
    assert share.round(4).to_dict() == {1.0: 0.25, 3.0: 0.5, 5.0: 1.0}


def test_where_all_had_time_the_backwards_curve_is_the_plain_one() -> None:
    share = in_by([1, 2, 2, 4], [10, 10, 10, 10])
    assert share.to_dict() == {1.0: 0.25, 2.0: 0.75, 4.0: 1.0}


def test_nothing_known_yet_is_not_enough_evidence() -> None:
    assert not matured([], [], []).known
    assert known_by([], []).empty


def test_what_is_looked_at_more_often_does_not_count_for_more() -> None:
    # 4 of 10 bad of 100, and 1 of 20 bad of 900: 8.5% in all, whatever the outcomes of each weigh
    bad = [True] * 4 + [False] * 6 + [True] + [False] * 19
    group, w = np.repeat([0, 1], (10, 20)), np.repeat([10.0, 45.0], (10, 20))
    for weights in (None, w):
        e = matured(bad, [1] * 30, [5] * 30, weights=weights, groups=group, sizes=[100, 900])
        assert e.value == pytest.approx(0.1 * 0.4 + 0.9 * 0.05)
    within = matured(bad, [1] * 30, [5] * 30, weights=np.where(bad, 1.0, 3.0))
    assert within.value == pytest.approx(5 / (5 + 3 * 25))


def test_a_group_without_a_bad_outcome_still_leaves_an_upper_end() -> None:
    # none of 20 that stand for nine in ten: up to 17% may be bad, and 4 of 10 of the others
    bad, group = [True] * 4 + [False] * 26, np.repeat([0, 1], (10, 20))
    e = matured(bad, [1] * 30, [5] * 30, groups=group, sizes=[100, 900])
    assert e.value == pytest.approx(0.04)
    assert e.high > 0.17
    part = matured(bad[:10], [1] * 10, [5] * 10, groups=group[:10], sizes=[100, 900])
    assert part.value == pytest.approx(0.4)
    assert "speaks for 10% of what went alone" in part.assumes


# --- properties ----------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=60))
def test_curves_rise_within_0_1(pairs: list[tuple[int, int]]) -> None:
    delay = np.array([min(p) for p in pairs])
    age = np.array([max(p) for p in pairs])
    for share in (in_by(delay, age), known_by(age, delay == age)):
        steps = share.to_numpy()
        assert (np.diff(steps) >= -1e-12).all()
        assert ((steps >= -1e-12) & (steps <= 1 + 1e-12)).all()
    assert in_by(delay, age).iloc[-1] == 1


def test_bad_news_that_comes_late_is_allowed_for() -> None:
    # 40 worlds of 3,000 decisions in 90 days, 6% bad; bad outcomes come in 25 days on average, good
    # ones in 6. Counting what is in says .047. Coverage .95 gives fewer than 33 with
    # probability < .002; the mean's standard error is about .0012.
    rng = np.random.default_rng(3)
    hits, shares, plain = 0, [], []
    for i in range(40):
        age, bad = rng.integers(0, 90, 3000), rng.random(3000) < 0.06
        delay = np.minimum(rng.exponential(np.where(bad, 25, 6)), 89).astype(int)
        known = delay <= age
        e = matured(bad[known], delay[known], age[known], seed=i)
        hits += e.low <= 0.06 <= e.high
        shares.append(e.value)
        plain.append(bad[known].mean())
    assert np.mean(plain) < 0.05
    assert abs(np.mean(shares) - 0.06) < 0.004
    assert hits >= 33


def test_no_bad_one_known_still_leaves_an_upper_end() -> None:
    e = matured([False] * 200, [1] * 200, [5] * 200)
    assert e.value == 0
    assert e.few
    assert 0.01 < e.high < 0.03


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("delay", "age"), [([3], [2]), ([-1], [2])])
def test_outcomes_before_their_decision_or_after_now_are_refused(
    delay: list[int], age: list[int]
) -> None:
    with pytest.raises(LogError, match="known before its decision was taken"):
        in_by(delay, age)
    with pytest.raises(LogError, match="known before its decision was taken"):
        matured([True], delay, age)
