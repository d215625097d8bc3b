from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import hitlsim as hs
from hitlsim.calibration.tuning.costs import Costs
from hitlsim.calibration.tuning.weighing.from_log import from_log
from hitlsim.calibration.tuning.weighing.holding import chance_inside
from tests.calibration.tuning.tuning_worlds import LogWorld

MakeLog = Callable[..., hs.DecisionLog]

# --- known answers -------------------------------------------------------------------------------


def test_chance_next_month_is_the_beta_binomial_of_the_reference() -> None:
    assert chance_inside(75, 600, 500, 0.10, 0.15) == pytest.approx(0.81, abs=0.005)
    exact = stats.betabinom(500, 75, 526)
    assert chance_inside(75, 600, 500, 0.10, 0.15) == pytest.approx(exact.cdf(75) - exact.cdf(49))


@pytest.mark.parametrize(("n", "chance"), [(200, 0.72), (400, 0.87), (500, 0.91), (1000, 0.98)])
def test_chance_that_the_true_rate_is_inside_grows_as_the_reference_says(
    make_log: MakeLog, n: int, chance: float
) -> None:
    log = make_log(confidence=(np.arange(n) + 0.5) / n)
    rec = hs.tune(log, next_month=200_000)
    assert rec.chance_true_rate == pytest.approx(chance, abs=0.012)
    assert rec.chance_next_month == pytest.approx(rec.chance_true_rate, abs=0.005)


def test_the_threshold_is_the_midpoint_that_gives_the_wanted_rate(make_log: MakeLog) -> None:
    rec = hs.tune(make_log(confidence=(np.arange(1000) + 0.5) / 1000))
    assert rec.status == "recommended"
    assert rec.auto == pytest.approx(0.125, abs=0.002)
    assert rec.rate.value == pytest.approx(rec.auto, abs=1e-9)


def test_triggers_take_their_share_before_the_band_does(make_log: MakeLog) -> None:
    # 6% triggered; the band takes (.125 - .06) / .94 of the rest
    n = 5000
    fired = np.arange(n) % 50 < 3
    rng = np.random.default_rng(2)
    log = make_log(
        confidence=rng.random(n),
        route=np.where(fired, "review", "auto"),
        reasons=np.where(fired, "ethical", ""),
    )
    rec = hs.tune(log)
    assert rec.trigger_rate.value == pytest.approx(0.06)
    assert rec.rate.value == pytest.approx(0.125, abs=0.005)
    assert rec.auto == pytest.approx((rec.rate.value - 0.06) / 0.94, abs=0.01)


@pytest.fixture(scope="module")
def reference(reference_run: hs.Run) -> hs.Recommendation:
    return hs.tune(reference_run.log)


def test_the_recommended_rules_give_that_rate_when_applied(
    reference_run: hs.Run, reference: hs.Recommendation
) -> None:
    applied = hs.rerouted(reference_run.log, boundary=reference.boundary).frame
    free = applied["route"] != "gate"
    rate = reference.rate.value
    assert applied.loc[free, "exception"].mean() == pytest.approx(rate, abs=1e-12)
    assert reference.policy.asks(from_log(reference_run.log, Costs()).cases).mean() == rate


def test_bands_inside_the_target_do_not_stay_where_others_save_for_sure(
    reference: hs.Recommendation,
) -> None:
    today = reference.today["exception_rate"]
    assert today.low >= 0.10
    assert today.high <= 0.15
    assert reference.saving.low > 0
    assert not reference.stays
    assert reference.why()[0] == reference.aim()


def test_rules_as_recommended_are_told_to_stay() -> None:
    world = LogWorld(np.array([5.0, 8.0]), np.array([0.8, 1.5]), np.array([0.8, 1.0]), audit=0.3)
    log = world.log(np.random.default_rng(1), 6000)
    spec = hs.tune(log).boundary
    rec = hs.tune(hs.rerouted(log, boundary=spec), boundary=spec)
    assert not rec.saving.low > 0
    assert rec.stays
    assert rec.why()[0].startswith("What holds today can stay: it keeps inside 10-15%.")
    other = hs.tune(hs.rerouted(log, boundary=spec), boundary=spec, exception_rate=(0.20, 0.25))
    assert not other.stays
    assert other.why()[0] == other.aim()


def test_what_is_given_as_the_present_spec_is_what_counts_as_today(
    reference_run: hs.Run,
) -> None:
    first = hs.tune(reference_run.log)
    again = hs.tune(reference_run.log, boundary=first.boundary)
    assert again.today["exception_rate"].value == pytest.approx(first.rate.value)
    assert again.saving.value == pytest.approx(0.0, abs=0.1 * first.saving.value)
    assert again.stays


# --- what cannot be had --------------------------------------------------------------------------


def test_triggers_above_the_band_are_infeasible_and_the_costliest_is_named(
    make_log: MakeLog,
) -> None:
    reasons = ["ethical"] * 30 + ["deal_size"] * 10 + [""] * 60
    log = make_log(
        confidence=np.linspace(0.5, 1, 100), route=["review"] * 40 + ["auto"] * 60, reasons=reasons
    )
    rec = hs.tune(log)
    assert rec.status == "infeasible"
    assert "'ethical' sends 30 decisions that nothing else would send" in rec.why()[0]


def test_ties_that_jump_over_the_band_are_unattainable_and_the_rates_listed(
    make_log: MakeLog,
) -> None:
    # a .05 grid: 24% of the scores are exactly .90
    scores = [0.85] * 45 + [0.90] * 240 + [0.95] * 715
    rec = hs.tune(make_log(confidence=scores))
    assert rec.status == "unattainable"
    assert rec.attainable["exception_rate"].tolist() == pytest.approx([0.0, 0.045, 0.285, 1.0])
    assert "4.5%, 28.5%" in rec.why()[0]


def test_too_few_decisions_are_not_enough_evidence_and_how_many_would_do_is_said(
    make_log: MakeLog,
) -> None:
    rng = np.random.default_rng(1)
    rec = hs.tune(make_log(confidence=rng.random(60)), next_month=2000)
    assert rec.status == "not enough evidence"
    assert rec.n_needed is not None
    middle = round(0.125 * rec.n_needed)
    assert chance_inside(middle, rec.n_needed, 2000, 0.10, 0.15) >= 0.8
    assert f"About {rec.n_needed:,} decisions would do" in rec.why()[-1]


def test_448_decisions_are_too_few_to_promise_10_to_15_percent(make_log: MakeLog) -> None:
    # chances that the true rate is inside, at an eighth of n: .72/.87/.89/.91 for 200/400/448/500
    scores = np.random.default_rng(4).random(448)
    rec = hs.tune(make_log(confidence=scores), next_month=2000)
    assert rec.status == "not enough evidence"
    assert rec.chance_true_rate == pytest.approx(0.89, abs=0.006)
    assert rec.n_needed is not None
    assert 448 < rec.n_needed < 600
    assert f"About {rec.n_needed:,} decisions would do; the log has 448." in rec.why()[-1]
    grown = hs.tune(make_log(confidence=np.tile(scores, 2)[: rec.n_needed + 40]), next_month=2000)
    assert grown.status == "recommended"


def test_448_decisions_over_three_months_are_told_both_what_rows_and_what_months_lack(
    make_log: MakeLog,
) -> None:
    at = pd.Timestamp("2026-06-01", tz="UTC") + pd.to_timedelta(np.arange(448) * 5, unit="h")
    rec = hs.tune(make_log(confidence=np.random.default_rng(4).random(448), decided_at=at))
    assert rec.status == "not enough evidence"
    assert rec.next_month < 160
    assert rec.n_needed is not None
    assert 448 < rec.n_needed < 520
    said = rec.why()[-1]
    assert f"About {rec.n_needed} decisions would do to know the true rate; the log has 448" in said
    assert "It takes about 289 a month" in said


def test_a_band_too_narrow_for_any_log_is_said_to_be(make_log: MakeLog) -> None:
    log = make_log(confidence=(np.arange(3000) + 0.5) / 3000)
    rec = hs.tune(log, exception_rate=(0.1248, 0.1252))
    assert (rec.status, rec.n_needed) == ("not enough evidence", None)
    assert "Even a million decisions would not do" in rec.why()[-1]


def test_a_small_month_cannot_be_promised_by_any_log_and_that_is_said(make_log: MakeLog) -> None:
    # a month of 150: chance alone moves it by 2.7 points, so 64% of months stay inside
    rec = hs.tune(make_log(confidence=np.random.default_rng(4).random(5000)), next_month=150)
    inside = stats.binom.cdf(22, 150, 0.125) - stats.binom.cdf(14, 150, 0.125)
    assert rec.status == "not enough evidence"
    assert rec.why()[-1].startswith("The log tells the true rate well enough. But no log can")
    assert f"only {inside:.0%} of months of 150 decisions inside" in rec.why()[-1]
    (month,) = re.findall(r"about ([\d,]+) a month", rec.why()[-1])
    wide = hs.tune(make_log(confidence=np.random.default_rng(4).random(50_000)),
                   next_month=round(1.1 * int(month.replace(",", ""))))  # fmt: skip
    assert wide.status == "recommended"


def test_tied_scores_take_as_many_decisions_as_their_own_rate_asks_for(make_log: MakeLog) -> None:
    # 310 of 3,000 is the only rate inside: near the band's edge it takes far more than the middle
    scores = [0.7] * 310 + [0.85] * 900 + [0.95] * 1790
    rec = hs.tune(make_log(confidence=scores), next_month=20_000)
    assert rec.status == "not enough evidence"
    assert rec.n_needed is not None
    assert rec.n_needed > 3000
    assert "the log has 3,000" in rec.why()[-1]
    assert "Scores are tied: 10.3% is the nearest" in rec.why()[-1]
    times = -(-rec.n_needed // 3000)
    grown = hs.tune(make_log(confidence=scores * times), next_month=20_000)
    assert grown.status == "recommended"


def test_constant_scores_leave_all_or_nothing(make_log: MakeLog) -> None:
    rec = hs.tune(make_log(confidence=[0.9] * 500))
    assert rec.status == "unattainable"
    assert rec.attainable["exception_rate"].tolist() == [0.0, 1.0]


def test_without_outcomes_silent_errors_are_not_enough_evidence(make_log: MakeLog) -> None:
    rec = hs.tune(make_log(confidence=np.linspace(0, 1, 2000)))
    assert any("Silent errors there: not enough evidence" in s for s in rec.why())


# --- properties ----------------------------------------------------------------------------------


def test_the_stated_chance_holds_next_month(make_log: MakeLog) -> None:
    # 400 worlds of 400 scores and 800 next month. Stated chance about .80; if it is right, the
    # share inside is below stated - .06 with probability < .002.
    rng = np.random.default_rng(21)
    inside, stated = 0, []
    for _ in range(400):
        rec = hs.tune(make_log(confidence=rng.beta(8, 1, 400)), next_month=800)
        rate = (rng.beta(8, 1, 800) < rec.auto).mean()
        inside += 0.10 <= rate <= 0.15
        stated.append(rec.chance_next_month)
    assert inside / 400 >= np.mean(stated) - 0.06


@given(
    scores=st.lists(st.integers(0, 20), min_size=1, max_size=60),
    fired=st.lists(st.booleans(), min_size=60, max_size=60),
)
def test_attainable_rates_are_those_a_count_gives(scores: list[int], fired: list[bool]) -> None:
    n = len(scores)
    confidence = np.array(scores) / 20
    frame = pd.DataFrame({"decision_id": range(n), "confidence": confidence})
    frame["decided_at"] = pd.Timestamp("2026-09-01", tz="UTC")
    frame["reasons"] = np.where(fired[:n], "ethical", "")
    rec = hs.tune(hs.DecisionLog(frame))
    for row in rec.attainable.itertuples():
        counted = np.mean((confidence < row.threshold) | np.array(fired[:n]))
        assert row.exception_rate == pytest.approx(counted)


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("band", [(0.15, 0.10), (0.1, 0.1), (-0.1, 0.2), (0.1, 1.2)])
def test_a_band_that_is_none_is_refused(make_log: MakeLog, band: tuple[float, float]) -> None:
    with pytest.raises(hs.LogError, match="is no band"):
        hs.tune(make_log(confidence=[0.5]), exception_rate=band)


def test_a_log_of_gates_only_has_no_threshold(make_log: MakeLog) -> None:
    log = make_log(confidence=[0.5, 0.6], route=["gate", "gate"])
    with pytest.raises(hs.LogError, match="every decision of the log passes a gate"):
        hs.tune(log)
    with pytest.raises(hs.LogError, match="every decision of the log passes a gate"):
        hs.curve(log, [0.5])


def test_a_month_without_decisions_to_come_is_refused(make_log: MakeLog) -> None:
    with pytest.raises(hs.LogError, match="next_month 0 must be at least 1"):
        hs.tune(make_log(confidence=[0.5]), next_month=0)
