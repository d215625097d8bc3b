"""What an audit would see: the figures of the methods, and settings that make no sense."""

from __future__ import annotations

import math
from typing import Any

import pytest
from scipy.stats import binom

import hitlsim as hs
from hitlsim.decisions.watching.power import audit_power

TENTH: dict[str, Any] = {"decisions": 2000, "audited": 0.10, "share": 0.02, "becomes": 0.04}


def test_a_tenth_of_2000_sees_a_doubling_of_2_percent_with_28_percent_a_week() -> None:
    limit = 0.02 + 3 * math.sqrt(0.02 * 0.98 / 200)
    assert math.floor(200 * limit) == 9
    found = audit_power(**TENTH)
    assert found.seen == pytest.approx(binom.sf(9, 200, 0.04))
    assert round(found.seen, 2) == 0.28
    assert found.once_in == pytest.approx(1 / binom.sf(9, 200, 0.02)), "not once in 370"


def test_the_cusum_sees_it_as_soon_with_three_times_fewer_false_alarms() -> None:
    found = audit_power(**TENTH)
    assert 1 / found.seen == pytest.approx(3.56, abs=0.01)
    assert found.cusum_periods < 3.7
    assert found.cusum_once_in >= 370 > 2.7 * found.once_in
    assert found.periods == pytest.approx(found.cusum_periods)


def test_exact_limits_keep_their_promise_and_see_less() -> None:
    found = audit_power(**TENTH, exact=True)
    assert found.once_in >= 370
    assert found.seen < 0.15


def test_more_looks_see_more() -> None:
    seen = [audit_power(**{**TENTH, "audited": a}).cusum_periods for a in (0.05, 0.1, 0.3, 1)]
    assert seen == sorted(seen, reverse=True)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"becomes": 0.01}, "'becomes' above 'share'"),
        ({"share": 0.0}, "shares lie between 0 and 1"),
        ({"audited": 0.0}, "shares lie between 0 and 1"),
        ({"decisions": 3}, "less than one look"),
    ],
)
def test_an_audit_that_is_none_is_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(hs.LogError, match=message):
        audit_power(**{**TENTH, **wrong})
