from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.estimating.lookers import Lookers, from_double, from_gold, rogan_gladen
from hitlsim.errors import LogError, NotEnoughEvidence

PERFECT = from_gold(10_000_000, 10_000_000, 10_000_000, 10_000_000)


def twice(rng: np.random.Generator, se: float, sp: float, groups: dict[int, float]) -> pd.DataFrame:
    """Decisions judged by two people: for each group its size and its share of bad ones."""
    rows = []
    for n, share in groups.items():
        p = np.where(rng.random(n) < share, se, 1 - sp)
        calls = (rng.random(n) < p).astype(int) + (rng.random(n) < p)
        two = [int((calls == k).sum()) for k in (2, 1, 0)]
        rows.append([0, 0, *two])
    return pd.DataFrame(rows, columns=["bad", "good", "bad_bad", "disagree", "good_good"])


# --- known answers -------------------------------------------------------------------------------


def test_a_share_is_corrected_as_rogan_and_gladen_do() -> None:
    # (.08 + .96 - 1) / (.7 + .96 - 1)
    assert rogan_gladen(0.08, 1000, from_gold(70, 100, 480, 500)).value == pytest.approx(
        0.04 / 0.66
    )


def test_lookers_who_never_err_leave_the_share_as_it_is() -> None:
    e = rogan_gladen(0.125, 400, PERFECT)
    assert e.value == pytest.approx(0.125)
    assert (e.low, e.high) == pytest.approx((0.094, 0.161), abs=0.002)


def test_less_than_false_alarms_alone_give_is_clipped_and_said() -> None:
    e = rogan_gladen(0.02, 500, from_gold(40, 50, 190, 200))
    assert e.value == e.low == 0
    assert "-4.0% before it was clipped" in e.assumes


def test_expected_counts_of_double_judgements_give_back_what_made_them() -> None:
    # sensitivity .8, specificity .95; half of the one group bad, a twentieth of the other
    cells = [[0.5 * 0.64 + 0.5 * 0.0025, 0.5 * 0.32 + 0.5 * 0.095],
             [0.05 * 0.64 + 0.95 * 0.0025, 0.05 * 0.32 + 0.95 * 0.095]]  # fmt: skip
    pairs = pd.DataFrame(
        [[0, 0, 1e5 * a, 1e5 * b, 1e5 * (1 - a - b)] for a, b in cells],
        columns=["bad", "good", "bad_bad", "disagree", "good_good"],
    )
    seen = from_double(pairs)
    assert seen.sensitivity.value == pytest.approx(0.8, abs=1e-3)
    assert seen.specificity.value == pytest.approx(0.95, abs=1e-3)


def test_judgements_by_one_person_only_are_used_too() -> None:
    rng = np.random.default_rng(2)
    pairs = twice(rng, 0.7, 0.95, {400: 0.4, 500: 0.05})
    more = pairs.assign(bad=[2800, 480], good=[6200, 9520])
    alone, helped = from_double(pairs), from_double(more)
    width = helped.specificity.high - helped.specificity.low
    assert width < alone.specificity.high - alone.specificity.low


# --- properties ----------------------------------------------------------------------------------


@given(
    share=st.floats(0, 1),
    n=st.integers(1, 2000),
    caught=st.integers(30, 50),
    passed=st.integers(60, 100),
)
def test_a_corrected_share_stays_inside_0_1_and_in_its_interval(
    share: float, n: int, caught: int, passed: int
) -> None:
    e = rogan_gladen(share, n, from_gold(caught, 50, passed, 100))
    assert 0 <= e.low <= e.value <= e.high <= 1


def test_the_same_seed_gives_the_same_interval() -> None:
    a, b = (rogan_gladen(0.08, 900, from_gold(40, 50, 95, 100, seed=3), seed=3) for _ in range(2))
    assert a == b


def test_corrected_shares_cover_and_uncorrected_ones_do_not() -> None:
    # 400 worlds: true share .05, seen .0725. Melded intervals cover at least .95; fewer than 366
    # (.915) then come with probability < .002
    rng = np.random.default_rng(8)
    hits = 0
    for _ in range(400):
        lookers = from_gold(rng.binomial(80, 0.7), 80, rng.binomial(300, 0.96), 300)
        seen = rng.binomial(1500, 0.05 * 0.7 + 0.95 * 0.04) / 1500
        e = rogan_gladen(seen, 1500, lookers)
        hits += e.low <= 0.05 <= e.high
        assert e.high < 0.2
    assert hits >= 366


def test_intervals_from_double_judgements_cover() -> None:
    # 40 worlds; at coverage .95 fewer than 33 come with probability < .002, for each of the two
    rng = np.random.default_rng(9)
    hits = np.zeros(2)
    for i in range(40):
        seen = from_double(twice(rng, 0.7, 0.95, {300: 0.3, 301: 0.1, 302: 0.03}), seed=i)
        hits += [
            seen.sensitivity.low <= 0.7 <= seen.sensitivity.high,
            seen.specificity.low <= 0.95 <= seen.specificity.high,
        ]
    assert (hits >= 33).all(), hits


# --- errors --------------------------------------------------------------------------------------


def test_a_handful_of_tests_is_not_enough() -> None:
    with pytest.raises(NotEnoughEvidence, match="4 bad and 100 good test decisions were judged"):
        from_gold(3, 4, 95, 100)


def test_one_group_or_few_double_judgements_are_not_enough() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(NotEnoughEvidence, match="in 1 group"):
        from_double(twice(rng, 0.7, 0.95, {300: 0.3}))
    with pytest.raises(NotEnoughEvidence, match="60 decisions were judged by two people"):
        from_double(twice(rng, 0.7, 0.95, {29: 0.3, 31: 0.1}))


def test_lookers_no_better_than_a_coin_correct_nothing() -> None:
    coin: Lookers = from_gold(30, 60, 30, 60)
    with pytest.raises(NotEnoughEvidence, match="no better than a coin"):
        rogan_gladen(0.5, 100, coin)


def test_a_share_that_is_none_is_refused() -> None:
    with pytest.raises(LogError, match="give a share of 0 to 1"):
        rogan_gladen(1.2, 100, PERFECT)
