from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.proving.alike import correlation, design_effect, measured, p_value
from hitlsim.calibration.tuning.proving.certificate import certify
from hitlsim.calibration.tuning.proving.guarantee import Guarantee, family, guaranteed
from hitlsim.calibration.tuning.weighing.cases import Cases
from hitlsim.calibration.tuning.weighing.grid import Shape
from hitlsim.calibration.tuning.weighing.holding import Band
from hitlsim.calibration.tuning.weighing.search import Searching
from tests.calibration.tuning.tuning_worlds import cases_of, keep_none

P_BAD, EACH = 0.08, 8


def of_accounts(rng: np.random.Generator, n: int, icc: float) -> Cases:
    """Labels of accounts with 8 decisions each, whose rates of bad ones are Beta with this ICC."""
    accounts = n // EACH
    rates = np.full(accounts, P_BAD)
    if icc:
        size = 1 / icc - 1
        rates = rng.beta(P_BAD * size, (1 - P_BAD) * size, accounts)
    account = rng.permutation(np.repeat(np.arange(accounts), EACH))
    bad = rng.random(n) < rates[account]
    return cases_of(
        rng.random(n), np.full(n, P_BAD), day=np.arange(n) * 28 // n, known=np.ones(n, bool),
        bad=bad, truth=bad, u=rng.random(n), account=account, exact=False,
    )  # fmt: skip


def proved(seed: int, icc: float) -> tuple[Guarantee, Guarantee]:
    """With accounts told and without, of rules whose true rate is just above the limit."""
    rng = np.random.default_rng(seed)
    early, later = of_accounts(rng, 600, icc), of_accounts(rng, 400, icc)
    limit = 0.875 * P_BAD - 1e-9
    goals = Goals(fn_share=limit)
    search = Searching(early, goals, Band(*goals.band, 1000), keep_none(early), Shape.ONE_BAND)
    found = search.at(0.125)
    threshold = found.policy.with_auto("w0", 0.125)
    found = replace(found, policy=threshold, asks=threshold.asks(early))
    # the last of the family sits on the limit
    members = [m for m in family(search, found, 0.15) if m.rate >= found.rate]
    made, blind = (
        guaranteed(members, found, e, k, rate="fn_share", at_most=limit, confidence=0.9,
                   most=1.0)[0]
        for e, k in ((early, later), (replace(early, account=None), replace(later, account=None)))
    )  # fmt: skip
    return made, blind


# --- known answers -------------------------------------------------------------------------------


def test_accounts_with_one_fate_are_one_label_each() -> None:
    account = np.repeat(np.arange(60), 5)
    assert correlation(account, account % 7 == 0) == 1.0
    assert design_effect(account, 1.0) == pytest.approx(5.0, rel=0.03)
    assert p_value(0, 5 * 149, 0.02, 5.0) == pytest.approx(0.98**149)


def test_without_likeness_it_is_the_exact_binomial_test() -> None:
    for wrong, of in ((0, 60), (3, 200), (20, 300), (60, 60)):
        exact = stats.binom.cdf(wrong, of, 0.07)
        assert p_value(wrong, of, 0.07, 1.0) == pytest.approx(exact)


def test_the_correlation_of_a_beta_binomial_is_found_again() -> None:
    # 4,000 accounts of 8: the estimate's standard error is .012; beyond 4 with probability 6e-5
    cases = of_accounts(np.random.default_rng(3), 32_000, 0.2)
    assert measured(cases, np.ones(32_000, bool), "fn_share") == pytest.approx(0.2, abs=0.048)


def test_few_accounts_take_more_than_many_of_the_same_size() -> None:
    few, many = (design_effect(np.repeat(np.arange(k), 8), 0.2) for k in (4, 4000))
    assert many == pytest.approx(2.4, abs=0.01)
    assert few == pytest.approx(2.4 * (stats.t.ppf(0.9, 3) / stats.norm.ppf(0.9)) ** 2)
    assert np.isfinite(design_effect(np.repeat(np.arange(4), 8), 0.2, 0.5))
    # one account shows as much as one label
    assert design_effect(np.zeros(50, int), 0.2) == 50


# --- properties ----------------------------------------------------------------------------------


@given(
    wrong=st.integers(0, 40), more=st.integers(1, 400), effect=st.floats(1, 30),
    limit=st.floats(0.01, 0.5),
)  # fmt: skip
def test_counting_labels_as_fewer_never_makes_a_kept_limit_surer(
    wrong: int, more: int, effect: float, limit: float
) -> None:
    of = wrong + more
    if wrong / of <= limit / 2:
        assert p_value(wrong, of, limit, effect) >= p_value(wrong, of, limit, 1.0) - 1e-9


def test_what_is_alike_by_chance_only_is_seldom_taken_for_more() -> None:
    # in a tenth of samples at most; of 400 more than 59 with probability 1e-3
    rng = np.random.default_rng(5)
    account = np.repeat(np.arange(75), 8)
    alarms = sum(correlation(account, rng.random(600) < 0.07) > 0 for _ in range(400))
    assert alarms <= stats.binom.isf(1e-3, 400, 0.1)


# --- what it does to a guarantee -----------------------------------------------------------------


def test_a_guarantee_holds_as_often_as_stated_although_accounts_are_alike() -> None:
    """ICC .2, 8 decisions an account: in 400 worlds 14.8% were violated without, 6.5% with it.

    Here in 150: more than 26 violations have probability 3e-3 if a tenth are.
    """
    both = [proved(seed, 0.2) for seed in range(150)]
    last = [(m.certificate.held[-1], b.certificate.held[-1]) for m, b in both
            if m.certificate and b.certificate]  # fmt: skip
    with_it, without = np.array(last).sum(axis=0)
    assert with_it <= stats.binom.isf(3e-3, 150, 0.1)
    assert without > with_it
    assert np.median([m.alike for m, _ in both]) > 1.5


def test_where_accounts_do_not_matter_the_guard_changes_nothing_but_by_false_alarm() -> None:
    # a false alarm in a tenth of worlds at most: more than 22 of 120 with probability 3e-3
    both = [proved(seed, 0.0) for seed in range(120)]
    assert sum(m.alike > 1 for m, _ in both) <= stats.binom.isf(3e-3, 120, 0.1)
    assert all(m == b for m, b in both if m.alike == 1)


def test_the_held_out_labels_do_not_tell_how_alike_accounts_are() -> None:
    rng = np.random.default_rng(1)
    early, later = of_accounts(rng, 800, 0.2), of_accounts(rng, 800, 0.2)
    goals = Goals(fn_share=0.3)
    search = Searching(early, goals, Band(*goals.band, 1000), keep_none(early), Shape.ONE_BAND)
    found = search.at(0.125)
    effects = set()
    for bad in (later.bad, rng.permutation(later.bad), np.zeros(800, bool)):
        made, _ = guaranteed(family(search, found, 0.15), found, early, replace(later, bad=bad),
                             rate="fn_share", at_most=0.3, confidence=0.9, most=1.0)  # fmt: skip
        effects.add(made.alike)
    assert len(effects) == 1
    assert effects.pop() > 1


@pytest.mark.parametrize("method", ["fixed_sequence", "bonferroni"])
def test_labels_that_are_alike_must_be_more_and_it_is_said(method: str) -> None:
    rng = np.random.default_rng(2)
    alone = rng.random(1500)[:, None] < np.array([0.3, 0.6, 0.9])
    bad = rng.random(1500) < 0.04
    free = certify(alone, bad, at_most=0.05, method=method)
    alike = certify(alone, bad, at_most=0.05, method=method, alike=10.0)
    assert free.loosest == 2
    assert alike.loosest == (1 if method == "fixed_sequence" else 0)
    assert alike.at_least == 10 * free.at_least
    assert alike.n_needed is not None
    assert alike.n_needed > 1500
    said = " ".join(alike.words())
    assert "tell as much as 150 of different accounts (design effect 10.0)" in said
    assert "of different accounts do not depend on each other" in said
    assert "design effect" not in " ".join(free.words())
