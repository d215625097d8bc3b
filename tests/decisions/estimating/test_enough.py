from __future__ import annotations

import pytest

from hitlsim.decisions.estimating.enough import LEAST_LOOKS, looks_for, looks_if_none_bad
from hitlsim.decisions.estimating.intervals import clopper_pearson
from hitlsim.errors import LogError


@pytest.mark.parametrize(("share", "n"), [(0.01, 299), (0.02, 149), (0.03, 99), (0.05, 59)])
def test_audits_without_a_bad_one_have_the_published_sizes(share: float, n: int) -> None:
    assert looks_if_none_bad(share) == n
    assert (1 - share) ** n <= 0.05 < (1 - share) ** (n - 1)


def test_the_least_is_what_rules_out_one_in_twenty() -> None:
    assert LEAST_LOOKS == 59


@pytest.mark.parametrize(("share", "half"), [(0.05, 0.01), (0.2, 0.03), (0.0, 0.05), (1.0, 0.01)])
def test_so_many_looks_are_as_precise_as_asked_and_one_less_is_not(
    share: float, half: float
) -> None:
    n = looks_for(share, half)
    at, before = (clopper_pearson(share * k, k) for k in (n, n - 1))
    assert at.high - at.low <= 2 * half < before.high - before.low


def test_shares_and_widths_that_make_no_sense_are_refused() -> None:
    with pytest.raises(LogError, match="must lie between 0 and 1"):
        looks_if_none_bad(0)
    with pytest.raises(LogError, match="must be above 0"):
        looks_for(0.1, 0)
