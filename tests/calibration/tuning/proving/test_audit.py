from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy import stats

import hitlsim as hs
from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.proving.audit import audit_plan
from hitlsim.calibration.tuning.proving.certificate import certify
from hitlsim.calibration.tuning.proving.held_out import HELD_OUT
from hitlsim.calibration.tuning.weighing.cases import Assumption, Cases, Looks


def cases(n: int = 10_000, p: float = 0.02) -> Cases:
    """One workflow in which every decision is wrong with the same chance, in four weeks."""
    one = np.ones(1)
    none = np.zeros(n, bool)
    looks = Looks(2 * one, one, 0 * one, 0.8 * one, 0.1 * one, 0 * one)
    return Cases(
        workflows=("all",), signals=(), flow=np.zeros(n, np.int64), score=np.linspace(0, 1, n),
        deal_size=np.full(n, np.nan), present=np.zeros(n, np.int64), always=none,
        day=np.arange(n) * 28 // n, p_bad=np.full(n, p), harm=np.ones(n), known=none, bad=none,
        chance=np.ones(n), u=np.zeros(n), looks=looks,
    )  # fmt: skip


def test_the_plan_gives_the_labels_at_which_a_guarantee_succeeds_four_times_out_of_five() -> None:
    c = cases()
    asks = np.arange(len(c)) < 1000  # a tenth is asked, so .018 are silent errors
    plan = audit_plan(c, asks, Goals(fn_share=0.03), month=10_000)
    assert plan is not None
    tested = round(plan.share * 10_000 * HELD_OUT)
    assert plan.held_out == pytest.approx(tested, abs=1)
    most = max(k for k in range(100) if stats.binom.cdf(k, tested, 0.03) <= 0.1)
    assert stats.binom.cdf(most, tested, 0.018) >= 0.8
    assert "on the last 40%, to test on" in plan.words()
    assert plan.share == pytest.approx(plan.labels / 10_000, rel=0.01)
    # 9,000 go alone in four weeks, two minutes each
    assert plan.hours_per_week == pytest.approx(plan.share * 9000 / 4 * 2 / 60, rel=0.01)
    assert "at most 3% of all decisions are bad and go alone" in plan.words()


def test_a_guarantee_that_is_one_of_twelve_is_planned_for_with_its_own_confidence() -> None:
    """Four times out of five: of 200 samples fewer than 140 with probability 4e-4."""
    c, each = cases(), 1 - 0.1 / 12
    asks = np.arange(len(c)) < 1000
    plan = audit_plan(c, asks, Goals(fn_share=0.03), 10_000, each)
    by_itself = audit_plan(c, asks, Goals(fn_share=0.03), 10_000)
    assert plan is not None
    assert by_itself is not None
    rng = np.random.default_rng(2)

    @cache
    def holds(labels: int, bad: int) -> bool:
        found = certify(
            np.ones((labels, 1), bool), np.arange(labels) < bad, at_most=0.03, confidence=each
        )
        return found.loosest is not None

    def often(labels: int) -> int:
        return sum(holds(labels, int(bad)) for bad in rng.binomial(labels, 0.018, 200))

    assert often(plan.held_out) >= 140 > often(by_itself.held_out)
    assert "with 99.17% confidence" in plan.words()


def test_a_small_month_gathers_labels_over_several() -> None:
    plan = audit_plan(cases(), np.zeros(10_000, bool), Goals(fn_share=0.03), month=200)
    assert plan is not None
    assert plan.months == math.ceil(plan.labels / 200) > 1
    assert plan.share <= 1
    assert f"over {plan.months} months" in plan.words()


def test_no_audit_proves_a_limit_that_is_not_kept() -> None:
    plan = audit_plan(cases(p=0.05), np.zeros(10_000, bool), Goals(fn_share=0.03), month=10_000)
    assert plan is not None
    assert not plan.possible
    assert "No audit would do" in plan.words()


@pytest.mark.parametrize(("rate", "share_of_labels"), [("fn_of_auto", 0.5), ("fn_of_bad", 0.05)])
def test_labels_outside_a_rates_denominator_are_counted_on_top(
    rate: str, share_of_labels: float
) -> None:
    c = cases(p=0.05)
    bad = np.arange(10_000) % 20 == 0
    c = replace(c, known=np.ones(10_000, bool), bad=bad)
    asks = np.arange(10_000) < 5000
    goals = Goals.model_validate({rate: 0.9 if rate == "fn_of_bad" else 0.08})
    plan = audit_plan(c, asks, goals, month=10_000)
    assert plan is not None
    inside = plan.labels * HELD_OUT * share_of_labels
    limit, value = (0.9, 0.5) if rate == "fn_of_bad" else (0.08, 0.05)
    most = max(k for k in range(2000) if stats.binom.cdf(k, round(inside), limit) <= 0.1)
    assert stats.binom.cdf(most, round(inside), value) >= 0.75


def test_without_a_target_the_interval_is_what_is_planned_for() -> None:
    plan = audit_plan(cases(), np.zeros(10_000, bool), Goals(), month=10_000)
    assert plan is not None
    half = 1.96 * math.sqrt(0.02 * 0.98 / plan.labels)
    assert half == pytest.approx(0.01, rel=0.01)


def half_width(labels: int) -> float:
    return 1.96 * math.sqrt(0.02 * 0.98 / labels)


def test_an_audit_that_asks_for_much_is_told_with_its_price_and_what_a_smaller_one_tells() -> None:
    """753 labels of 2,000 decisions are 38%; a tenth gives 200, to within 1.9%."""
    plan = audit_plan(cases(), np.zeros(10_000, bool), Goals(), month=2000)
    assert plan is not None
    assert plan.share == pytest.approx(0.3765, abs=0.001)
    assert plan.smaller is not None
    assert (plan.smaller.share, plan.smaller.labels) == (0.1, 200)
    said = plan.words()
    assert said.startswith("To know silent errors to within 1% (95%) takes an audit of 37.6%")
    assert f"{plan.hours_per_week:.1f} hours" in said
    assert f"to within {100 * half_width(200):.2g}% (95%) in a month" in said
    assert f"{100 * half_width(2400):.2g}% in a year" in said
    assert "nan" not in said


def test_hours_beside_the_exceptions_are_much_before_a_tenth_of_decisions_is() -> None:
    """A tenth of all is asked about: half of that time audits a tenth of a half of nine tenths."""
    asks = np.arange(10_000) < 1000
    plan = audit_plan(cases(), asks, Goals(), month=8000)
    assert plan is not None
    assert plan.share < 0.1
    assert plan.smaller is not None
    assert plan.smaller.share == pytest.approx(0.5 * 1000 / 9000, rel=0.01)
    # 1,000 exceptions of two minutes in four weeks
    assert plan.smaller.hours_per_week == pytest.approx(0.5 * 1000 * 2 / 60 / 4, rel=0.01)


def test_an_audit_that_is_little_is_proposed_as_it_is() -> None:
    plan = audit_plan(cases(), np.zeros(10_000, bool), Goals(), month=10_000)
    assert plan is not None
    assert plan.smaller is None
    assert plan.words().startswith("Audit 7.5% of all decisions")


def test_what_a_guarantee_asks_for_is_never_made_smaller() -> None:
    plan = audit_plan(cases(), np.zeros(10_000, bool), Goals(fn_share=0.03), month=800)
    assert plan is not None
    assert plan.share > 0.5
    assert plan.smaller is None
    assert f"takes {plan.hours_per_week:.1f} hours a week" in plan.words()


def test_money_is_told_only_where_somebody_said_what_an_hour_costs() -> None:
    """Looks cost 1 each, and 2,500 a week go alone."""
    asks = np.zeros(10_000, bool)
    for given in (True, False):
        hour = Assumption("hour", 30.0, "given" if given else "not in the log", given)
        c = replace(cases(), assumptions=(hour,), currency="EUR")
        plan = audit_plan(c, asks, Goals(fn_share=0.03), month=10_000)
        assert plan is not None
        assert ("EUR" in plan.words()) == given
        assert math.isnan(plan.cost_per_week) != given
        if given:
            assert plan.cost_per_week == pytest.approx(plan.share * 2500)


def test_nothing_is_audited_where_everything_is_asked_about() -> None:
    assert audit_plan(cases(), np.ones(10_000, bool), Goals(), month=100) is None


def test_nothing_is_planned_where_nothing_tells_how_often_the_ai_errs() -> None:
    c = replace(cases(), p_bad=np.full(10_000, np.nan))
    assert audit_plan(c, np.zeros(10_000, bool), Goals(), month=100) is None


def test_the_boundary_carries_the_audit_that_a_guarantee_takes(reference_run: hs.Run) -> None:
    rec = hs.tune(reference_run.log, fn_share=0.08)
    assert rec.audit is not None
    assert rec.boundary.audit.share >= rec.audit.share
    assert rec.boundary.audit.workflows == ()
    plain = hs.tune(reference_run.log)
    assert plain.boundary.audit == plain.present.audit
