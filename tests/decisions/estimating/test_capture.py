from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.estimating.capture import chapman, variance
from hitlsim.errors import LogError


def test_twenty_and_fifteen_that_share_six_are_47() -> None:
    assert chapman(20, 15, 6).value == 47
    assert variance(20, 15, 6) == 108


def test_its_interval_never_falls_below_what_was_found() -> None:
    assert chapman(20, 15, 6).low > 20 + 15 - 6
    assert chapman(5, 5, 5).low == 5


def test_finding_all_that_the_other_found_is_not_finding_everything() -> None:
    # 6 of 6 found: as few as 54% may be, so 20 may be of 37
    e = chapman(20, 6, 6)
    assert (e.value, e.low) == (20, 20)
    assert e.high == pytest.approx(20 / 0.025 ** (1 / 6))
    assert chapman(6, 20, 6) == e
    assert chapman(20, 4, 4).few
    assert chapman(0, 15, 0).high == np.inf


def test_independent_finders_are_covered_and_dependent_ones_are_biased_low() -> None:
    # 1,000 worlds of 200 errors, found with chances .4 and .3; at coverage .95 fewer than 929 come
    # with probability < .002. Where half of them are easy for both, the estimate is too low.
    rng = np.random.default_rng(6)
    hits, low = 0, []
    for _ in range(1000):
        a, b = rng.random(200) < 0.4, rng.random(200) < 0.3
        e = chapman(a.sum(), b.sum(), (a & b).sum())
        hits += e.low <= 200 <= e.high
        easy = np.arange(200) < 100
        a, b = (
            rng.random(200) < np.where(easy, 0.7, 0.1),
            rng.random(200) < np.where(easy, 0.5, 0.1),
        )
        low.append(chapman(a.sum(), b.sum(), (a & b).sum()).value)
    assert hits >= 929
    assert np.mean(low) < 170


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50))
def test_there_are_at_least_as_many_as_were_found(a: int, b: int, both: int) -> None:
    both = min(a, b, both)
    e = chapman(a, b, both)
    assert e.value >= e.n == a + b - both
    assert e.low <= e.value <= e.high


def test_more_found_by_both_than_by_one_is_refused() -> None:
    with pytest.raises(LogError, match="8 found by both, but 20 and 7 by each"):
        chapman(20, 7, 8)
