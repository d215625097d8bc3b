from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.estimating.begg_greenes import begg_greenes
from hitlsim.errors import LogError

# --- known answers -------------------------------------------------------------------------------


def test_liver_scans_are_corrected_as_published() -> None:
    # Drum & Christacopoulos 1972: verified 231/32 of the positive, 27/54 of the negative scans;
    # 166 and 140 were never verified
    n = [231 + 32 + 166, 27 + 54 + 140]
    found = begg_greenes([True, False], n, [231 + 32, 27 + 54], [231, 27])
    assert found.sensitivity.value == pytest.approx(0.836, abs=5e-4)
    assert found.specificity.value == pytest.approx(0.738, abs=5e-4)
    assert pytest.approx(0.895, abs=5e-4) == 231 / (231 + 27)  # what the verified ones alone say
    assert pytest.approx(0.628, abs=5e-4) == 54 / (54 + 32)


def test_the_interval_of_one_cell_a_side_is_the_published_variance() -> None:
    # logit variance: 1/(N P+ P-) + (1-PPV)/(verified+ PPV) + NPV/(verified- (1-NPV))
    n, seen, bad = np.array([429, 221.0]), np.array([263, 81.0]), np.array([231, 27.0])
    share, (ppv, miss) = n / n.sum(), bad / seen
    variance = 1 / (n.sum() * share.prod()) + (1 - ppv) / (263 * ppv) + (1 - miss) / (81 * miss)
    e = begg_greenes([True, False], n, seen, bad).sensitivity
    logit = np.log([e.low / (1 - e.low), e.high / (1 - e.high)])
    assert (logit[1] - logit[0]) / 2 == pytest.approx(1.959964 * variance**0.5, rel=1e-6)


def test_a_trigger_verified_less_than_others_does_not_sway_the_whole() -> None:
    # two triggers: 100 of which all are judged (50 bad), 300 of which a tenth is (3 bad)
    found = begg_greenes([True, True, False], [100, 300, 600], [100, 30, 60], [50, 3, 3])
    assert found.sensitivity.value == pytest.approx((50 + 30) / (50 + 30 + 30))


def test_cells_of_which_nothing_is_known_are_left_out() -> None:
    known = begg_greenes([True, False], [120, 880], [120, 88], [40, 3])
    more = begg_greenes([True, False, False], [120, 880, 50], [120, 88, 0], [40, 3, 0])
    assert more == known


def test_no_bad_one_found_among_the_unflagged_leaves_an_interval() -> None:
    e = begg_greenes([True, False], [120, 880], [120, 88], [40, 0]).sensitivity
    assert e.few
    assert e.value == e.high == 1.0
    assert 0.2 < e.low < 0.95


def test_without_cells_on_one_side_nothing_is_said() -> None:
    assert not begg_greenes([True], [10], [10], [3]).sensitivity.known


# --- properties ----------------------------------------------------------------------------------


@given(
    k=st.lists(st.integers(0, 40), min_size=2, max_size=4),
    more=st.integers(1, 30),
)
def test_with_everything_verified_it_is_the_plain_share(k: list[int], more: int) -> None:
    bad, n = np.array(k) + 1, np.array(k) + 1 + more
    flagged = np.arange(len(k)) % 2 == 0
    found = begg_greenes(flagged, n, n, bad)
    assert found.sensitivity.value == pytest.approx(bad[flagged].sum() / bad.sum())
    good = n - bad
    assert found.specificity.value == pytest.approx(good[~flagged].sum() / good.sum())
    for e in found:
        assert 0 <= e.low <= e.value <= e.high <= 1


def test_its_intervals_cover() -> None:
    # 2,000 worlds; at coverage .95 fewer than 1,870 (.935) come with probability < .002
    rng = np.random.default_rng(4)
    hits = np.zeros(2)
    for _ in range(2000):
        flagged = rng.binomial(4000, 0.12)
        n = np.array([flagged, 4000 - flagged])
        seen = np.array([flagged, rng.binomial(n[1], 0.2)])
        bad = rng.binomial(seen, [0.3, 0.05])
        found = begg_greenes([True, False], n, seen, bad)
        caught = 0.12 * 0.3 / (0.12 * 0.3 + 0.88 * 0.05)
        spared = 0.88 * 0.95 / (0.88 * 0.95 + 0.12 * 0.7)
        hits += [e.low <= t <= e.high for e, t in zip(found, (caught, spared), strict=True)]
    assert (hits >= 1870).all(), hits


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "seen", "bad"), [(5, 6, 1), (5, 3, 4), (5, 3, -1)])
def test_counts_that_cannot_be_are_refused(n: int, seen: int, bad: int) -> None:
    with pytest.raises(LogError, match="more known outcomes than decisions"):
        begg_greenes([True, False], [n, 10], [seen, 10], [bad, 1])
