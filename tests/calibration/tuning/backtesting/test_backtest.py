"""Advice made at the end of each month and judged on the next: it knows no more than was known."""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

import hitlsim as hs
from hitlsim.calibration.tuning.backtesting.backtest import Backtest, backtest
from hitlsim.calibration.tuning.backtesting.known_then import Calendar
from hitlsim.calibration.tuning.backtesting.tables import table
from hitlsim.calibration.tuning.backtesting.verdict import good, held
from hitlsim.calibration.tuning.backtesting.words import at_most, stretches
from hitlsim.scenario.boundary import Bands, Boundary
from hitlsim.scenario.boundary_file import BoundarySpec
from tests.calibration.tuning.backtest_logs import even, monthly_log


def rates(b: Backtest, policy: str) -> list[float]:
    return [round(r, 4) for r in b.of(policy)["exception_rate"]]


# --- known answers -------------------------------------------------------------------------------


def test_where_months_are_alike_advice_gives_what_it_aims_at() -> None:
    b = backtest(monthly_log([even(1000)] * 4, ok="none"), rules="one")
    assert rates(b, "advice") == [0.125] * 3
    assert rates(b, "usual 90/70") == [0.8] * 3, "scores from 0.5 to 1: four fifths below 0.9"
    assert rates(b, "in hindsight") == [0.125] * 3
    assert b.of("advice")["inside"].all()
    assert not b.of("usual 90/70")["inside"].any()
    assert b.nothing == "usual 90/70", "a log without routes and bands was 90/70"
    assert b.words()[0] == (
        "The advice held: exceptions lay inside 10-15% in 3 of 3 months, more than with the usual "
        "90/70, which is doing nothing here (0)."
    )
    assert "It was never outside: 12.5%." in b.words()


def test_a_short_memory_catches_up_with_a_break_a_month_later_and_a_long_one_does_not() -> None:
    old, new = even(1000, 0.5, 0.9), even(1000, 0.6, 1.0)
    log = monthly_log([old, old, old, new, new, new], ok="none")
    everything, last = (backtest(log, rules="one", learn=k) for k in ("all", 1))
    # the 12.5% threshold of the old scores is 0.55: none of the new ones lies below it
    assert rates(last, "advice") == [0.125, 0.125, 0.0, 0.125, 0.125]
    # of all months the threshold is 0.567, then 0.583: still below every new score
    assert rates(everything, "advice") == [0.125, 0.125, 0.0, 0.0, 0.0]
    assert everything.rules["2026-06"].rules["crm"].auto == pytest.approx(
        0.5 + 0.4 * 625 / 3000, abs=5e-4
    )
    assert "Outside in 2026-04 (0.0%), inside again in 2026-05." in last.words()
    # months that differ so make the last two best guesses
    assert (
        "Best guesses counted too, outside in 2026-04 to 2026-06 (0.0%), not inside again by the "
        "end."
    ) in everything.words()


def test_rules_that_tune_refuses_are_best_guesses_and_the_last_recommended_stay() -> None:
    """Sixty decisions are too few to recommend from, and have other scores."""
    few, many = even(60, 0.6, 1.0), even(1000)
    b = backtest(monthly_log([few, many, few, many], ok="none"), rules="one", learn=1)
    advice = b.of("advice")
    assert advice["status"].tolist() == [
        "not enough evidence",
        "recommended",
        "not enough evidence",
    ]
    assert b.followed == "as followed"
    # nothing is recommended yet, so it stays at 90/70; then 0.5625 is, and stays
    assert rates(b, "as followed") == [0.8, 0.0, 0.125]
    assert rates(b, "advice") != rates(b, "as followed")
    assert b.of("as followed")["thresholds"].tolist() == ["", "0.5625", "0.5625"]
    assert b.words()[0] == (
        "Too seldom recommended to judge the advice: in 1 of 3 months tune would have recommended "
        "its rules, and in none of those exceptions lay inside 10-15%. Who follows it has that in "
        "1 of 3, more than with the usual 90/70, which is doing nothing here (0)."
    )
    assert b.words()[1].startswith(
        "Not recommended in 2 of 3 months (not enough evidence): 2026-02, 2026-04. The advice"
    )
    assert b.words()[2] == "As followed: 44.9% exceptions."
    assert table(b)["tune says"].tolist() == ["best guess", "recommended", "best guess"]


def test_where_nothing_is_ever_recommended_the_advice_is_not_said_to_fail() -> None:
    b = backtest(monthly_log([even(60)] * 3, ok="none"), rules="one", learn=1)
    assert b.words()[0].startswith("In no month of 2 would tune have recommended its rules.")
    assert "did not hold" not in b.words()[0]
    assert not good(b)
    assert rates(b, "as followed") == rates(b, b.nothing)
    assert "As followed: all stays as with the usual 90/70." in b.words()


def test_what_following_saves_is_the_difference_of_costs() -> None:
    b = backtest(monthly_log([even(60), even(600), even(60), even(600)]), rules="one", learn=1)
    t = b.totals.set_index("policy")
    less = t.loc[b.nothing, "cost_per_1000"] - t.loc["as followed", "cost_per_1000"]
    assert t.loc[b.nothing, "saves_followed"] == pytest.approx(less)
    assert t.loc["as followed", "saves_followed"] == 0


def test_where_all_is_recommended_following_is_the_advice_itself() -> None:
    b = backtest(monthly_log([even(1000)] * 3, ok="none"), rules="one")
    assert (b.of("advice")["status"] == "recommended").all()
    assert b.followed == "advice"
    assert "as followed" not in b.policies


def test_the_log_s_own_routes_are_doing_nothing_and_its_bands_where_it_has_none() -> None:
    plain = monthly_log([even(1000)] * 3, ok="none")
    routed = hs.rerouted(plain, auto=0.55)
    b = backtest(routed)
    assert b.policies == ["advice", "doing nothing", "usual 90/70", "in hindsight"]
    assert rates(b, "doing nothing") == [0.1] * 2
    by_map = hs.DecisionLog(plain.frame, {"bands": {"auto": 0.6, "review": 0.5}})
    assert rates(backtest(by_map), "doing nothing") == [0.2] * 2
    spec = hs.load("on-the-loop").boundary
    assert rates(backtest(routed, boundary=spec), "doing nothing") != [0.1] * 2


def test_silent_errors_are_counted_by_all_three_rates() -> None:
    log = monthly_log([even(1000)] * 2)
    b = backtest(log, rules="one")
    row = b.of("advice").iloc[0]
    frame = hs.DecisionLog(log.frame).month("2026-02").frame
    auto = b.rules["2026-02"].rules["crm"].auto
    alone = frame["confidence"] >= auto
    bad = ~frame["ok"].astype(bool)
    assert row["fn_share"] == pytest.approx((alone & bad).mean())
    assert row["fn_of_auto"] == pytest.approx(bad[alone].mean())
    assert row["fn_of_bad"] == pytest.approx(alone[bad].mean())
    assert row["fn_share_low"] < row["fn_share"] < row["fn_share_high"]
    assert b.dated.startswith("The log does not say when outcomes became known")


def test_hindsight_is_the_best_threshold_of_the_month_found_by_trying_all() -> None:
    costs = {"harm": 10.0, "harm_deal_share": 0.0, "hour": 40.0, "minutes": 1.5}
    log = monthly_log([even(400)] * 3, seed=4)
    b = backtest(log, rules="one", costs=costs)
    catches, overrides = (
        next(a.value for a in b.assumptions if a.name == name)
        for name in ("catches", "overrides_right")
    )
    for month in ("2026-02", "2026-03"):
        frame = log.month(month).frame
        bad = ~frame["ok"].astype(bool).to_numpy()
        score = frame["confidence"].to_numpy()
        looked = bad * (1 - catches) * 10 + ~bad * 0.05 * overrides * 10 + 1.0
        best = min(
            np.where(score < t, looked, 10.0 * bad).mean()
            for t in np.sort(score) - 1e-9
            if 0.10 <= (score < t).mean() <= 0.15
        )
        rows = b.frame[(b.frame["month"] == month) & (b.frame["policy"] == "in hindsight")]
        assert rows["cost_per_1000"].iloc[0] == pytest.approx(1000 * best)
        advised = b.frame[(b.frame["month"] == month) & (b.frame["policy"] == "advice")]
        assert advised["cost_per_1000"].iloc[0] >= 1000 * best - 1e-9


def test_what_the_advice_saves_is_the_difference_of_costs() -> None:
    t = backtest(monthly_log([even(600)] * 3), rules="one").totals.set_index("policy")
    for policy in t.index:
        less = t.loc[policy, "cost_per_1000"] - t.loc["advice", "cost_per_1000"]
        assert t.loc[policy, "saves"] == pytest.approx(less)
        assert t.loc[policy, "saves_low"] <= less <= t.loc[policy, "saves_high"]
    assert t.loc["advice", "months"] == 2


def test_weeks_are_called_by_their_monday_and_learnt_from_so_many() -> None:
    log = monthly_log([even(2800)] * 2, ok="none", first="2026-06")
    b = backtest(log, by="week", learn=2, rules="one")
    mondays = pd.to_datetime(b.frame["month"].unique())
    assert (mondays.day_of_week == 0).all()
    assert b.first == "2026-06-01"
    sizes = log.frame.groupby(log.frame["decided_at"].dt.strftime("%G-%V")).size().to_numpy()
    learnt = b.frame[b.frame["policy"] == "advice"]["learnt_from"].to_numpy()
    assert learnt.tolist() == [sizes[0], *(a + z for a, z in pairwise(sizes[:-1]))]


# --- guarantees ----------------------------------------------------------------------------------


def test_a_guarantee_is_judged_on_the_next_month_and_all_share_the_confidence() -> None:
    # wrong 10% whatever the score: asking about 12.5% leaves 8.75%
    log = monthly_log([even(1500)] * 4, ok="none")
    ok = np.random.default_rng(3).random(6000) < 0.9
    log = hs.DecisionLog(log.frame.assign(ok=pd.array(ok, dtype="boolean"), ok_source="outcome"))
    single, together = (backtest(log, fn_share=0.14, together=t) for t in (False, True))
    assert single.of("advice")["guarantee"].all()
    assert single.of("advice")["guarantee_held"].all()
    assert single.spending is None
    assert "A guarantee with 90% confidence was given in 3 of 3 months" in " ".join(single.words())
    assert together.spending is not None
    assert len(together.spending.entries) == 3
    assert together.spending.left == 0
    assert {round(e.confidence, 4) for e in together.spending.entries} == {round(1 - 0.1 / 3, 4)}
    assert [str(e.on) for e in together.spending.entries] == [
        "2026-02-01", "2026-03-01", "2026-04-01",
    ]  # fmt: skip
    short = backtest(log, fn_share=0.001)
    assert not short.of("advice")["guarantee"].any()
    assert "In no month was there evidence enough for the guarantee." in short.words()


def test_a_guarantee_that_a_break_undoes_is_told_as_broken() -> None:
    log = monthly_log([even(1500)] * 4, ok="none")
    share = np.where(log.frame["decided_at"] < pd.Timestamp("2026-04-01", tz="UTC"), 0.95, 0.6)
    ok = np.random.default_rng(3).random(6000) < share
    log = hs.DecisionLog(log.frame.assign(ok=pd.array(ok, dtype="boolean"), ok_source="outcome"))
    b = backtest(log, fn_share=0.08)
    held = b.of("advice").set_index("month")["guarantee_held"]
    assert held.tolist() == [True, True, False]
    assert "then lay above 8% in 1, in 1 by more than chance" in " ".join(b.words())


def test_a_month_without_outcomes_is_held_against_nobody_and_said() -> None:
    log = monthly_log([even(600)] * 3)
    last = log.frame["decided_at"] >= pd.Timestamp("2026-03-01", tz="UTC")
    frame = log.frame.assign(ok=log.frame["ok"].mask(last))
    b = backtest(hs.DecisionLog(frame, {}), fn_share=0.3)
    assert b.of("advice")["silent_kept"].isna().tolist() == [False, True]
    assert held(b, "advice").all()
    said = " ".join(b.words())
    assert "No outcome is known of 2026-03: silent errors are not judged there" in said
    # without a band nothing is left to judge it by
    alone = backtest(hs.DecisionLog(frame, {}), exception_rate=None, fn_share=0.3)
    notes = alone.frame[alone.frame["policy"] == "advice"]["note"].tolist()
    assert notes == ["", "no outcome is known"]


# --- months that cannot be judged ----------------------------------------------------------------


def test_months_that_cannot_be_judged_are_told_and_not_skipped() -> None:
    log = monthly_log([even(1000), even(1000), even(13), even(0), even(1000)], ok="none")
    b = backtest(log, rules="one", learn=1)
    notes = b.frame[b.frame["policy"] == "advice"].set_index("month")["note"]
    assert notes["2026-02"] == ""
    assert notes["2026-03"].startswith("too few: 13 decisions lie outside 10-15% by chance")
    assert notes["2026-04"] == "no decision that the AI may take"
    small = b.frame[b.frame["month"] == "2026-03"]
    assert small["inside"].isna().all()
    assert (small["n"] == 13).all(), "its figures are there all the same"
    said = " ".join(b.words())
    assert "Not judged: 2026-03 (too few" in said
    assert (
        "No new advice, so the last one stayed: 2026-05 (no decision in the month before)" in said
    )
    may = b.frame[(b.frame["month"] == "2026-05") & (b.frame["policy"] == "advice")].iloc[0]
    assert pd.isna(may["chance_stated"]), "nothing was said anew"
    assert b.totals["months"].tolist() == [2] * 4
    assert may["status"] == ""
    assert b.rules["2026-05"] != b.rules["2026-03"], "13 decisions gave a best guess"
    assert rates(b, "as followed") == [0.125] * 2, "which nobody would have put in force"


def test_months_too_few_are_told_together() -> None:
    b = backtest(monthly_log([even(1000), even(13), even(1000), even(9)], ok="none"), rules="one")
    assert (
        "Not judged, for too few decisions: 2026-02 (13) and 2026-04 (9). So few lie outside "
        "10-15% by chance more often than not, even with the true rate in its middle."
    ) in b.words()


def test_a_first_month_behind_gates_gives_no_advice_and_says_so() -> None:
    log = monthly_log([even(500)] * 3, ok="none")
    gate = (log.frame["decided_at"] < pd.Timestamp("2026-02-01", tz="UTC")).to_numpy()
    b = backtest(hs.DecisionLog(log.frame.assign(route=np.where(gate, "gate", "auto")), {}))
    notes = b.frame[b.frame["policy"] == "advice"]["note"].tolist()
    assert notes[0].startswith("no advice: every decision of the log passes a gate")
    assert notes[1] == ""


def test_a_workflow_of_which_nothing_was_learnt_keeps_its_present_rule() -> None:
    log = monthly_log([even(600)] * 3, ok="none")
    new = (log.frame["decided_at"] >= pd.Timestamp("2026-02-01", tz="UTC")) & (
        log.frame.index.to_numpy() % 2 == 0
    )
    frame = log.frame.assign(workflow=np.where(new, "quotes", "mail"))
    b = backtest(hs.DecisionLog(frame, {"bands": {"auto": 0.8, "review": 0.6}}))
    assert b.rules["2026-02"].rules["quotes"].auto == 0.8
    assert b.rules["2026-03"].rules["quotes"].auto < 0.7


def test_a_log_without_outcomes_is_judged_on_exceptions_alone() -> None:
    b = backtest(monthly_log([even(1000)] * 3, ok="none"))
    assert b.of("advice")["fn_share"].isna().all()
    assert b.dated == "No outcome is known, so silent errors and costs cannot be judged."
    assert not any("ilent errors" in s for s in b.words() if s != b.dated)


def test_without_a_band_the_verdict_is_on_money() -> None:
    b = backtest(monthly_log([even(800)] * 3), exception_rate=None, hours_per_week=1.0)
    assert b.words()[0].startswith("The advice would have ")
    assert "per 1,000 decisions" not in b.words()[0] or "less" in b.words()[0]
    assert b.of("advice")["inside"].isna().all()


# --- words and figures ---------------------------------------------------------------------------


@given(st.integers(1, 12), st.floats(0.05, 0.95), st.integers(0, 12))
def test_the_chance_of_so_few_is_binomial_where_all_are_alike(n: int, p: float, k: int) -> None:
    assert at_most([p] * n, k) == pytest.approx(float(binom.cdf(k, n, p)), abs=1e-12)


def test_runs_are_found_at_either_end() -> None:
    assert stretches([]) == []
    assert stretches([True]) == [(0, 0)]
    assert stretches([False, True, True, False, True]) == [(1, 2), (4, 4)]


def test_everything_is_told_as_plain_values(reference_run: hs.Run) -> None:
    b = backtest(monthly_log([even(500)] * 3), fn_share=0.3, together=True)
    told = json.loads(json.dumps(b.to_dict(), allow_nan=False))
    assert [row["policy"] for row in told["totals"]] == b.policies
    assert told["rules"]["2026-03"]["crm"]["auto"] == b.rules["2026-03"].rules["crm"].auto
    assert told["words"][0] == b.words()[0]
    assert "<li>" in b._repr_html_()


def test_the_same_log_gives_the_same_backtest() -> None:
    log = monthly_log([even(500)] * 3)
    pd.testing.assert_frame_equal(backtest(log).frame, backtest(log).frame)


def test_what_has_to_be_said_of_the_log_is_said() -> None:
    log = monthly_log([even(600)] * 3)
    routed = hs.rerouted(log, auto=0.55)
    wrong = Boundary(bands=Bands(auto=0.9, review=0.7))
    (said,) = backtest(routed, boundary=wrong).notes
    assert said.startswith("The boundary spec given as today's sends 70.0% of the decisions else")
    assert said in backtest(routed, boundary=wrong).words()
    # somebody happened to look at every third
    seen = log.frame["ok"].mask(log.frame.index.to_numpy() % 3 > 0)
    (said,) = backtest(hs.DecisionLog(log.frame.assign(ok=seen), {})).notes
    assert "nobody looked at is like what people happened to see" in said
    assert backtest(log).notes == ()


# --- worlds --------------------------------------------------------------------------------------


def worlds(last: int) -> pd.DataFrame:
    """40 worlds of two workflows: advice for three months, of about 450 decisions but the last."""
    rng, found = np.random.default_rng(20), []
    for seed in range(40):
        shape = rng.uniform(2, 8)
        sizes = (450, 450, 450, last)
        months = [rng.beta(shape, 1.0, rng.poisson(n)).clip(0.01, 0.999) for n in sizes]
        rows = backtest(monthly_log(months, ok="none", seed=seed), rules="bands").of("advice")
        found.append(rows.assign(world=seed, inside=rows["inside"].astype(float)))
    return pd.concat(found)


def test_stated_chances_come_true_as_often_as_stated_where_months_are_alike() -> None:
    """A false alarm has a chance of 0.4%.

    Months of a world share what was learnt, so the variance is taken between worlds.
    """
    means = worlds(450).groupby("world")[["chance_stated", "inside"]].mean()
    off = means["inside"] - means["chance_stated"]
    assert 0.6 < means["chance_stated"].mean() < 0.95, "chances near 0 or 1 would test nothing"
    assert abs(off.mean()) < 3.1 * off.std(ddof=1) / np.sqrt(len(off))


def test_a_month_in_part_is_judged_by_the_chance_for_so_few() -> None:
    """A third of a month strays further: a false alarm has a chance of 0.4%."""
    rows = worlds(150)
    short = rows[rows["month"] == "2026-04"]
    off = short["inside"] - short["chance_for_n"].astype(float)
    assert abs(off.mean()) < 3.1 * off.std(ddof=1) / np.sqrt(len(off))
    assert short["chance_stated"].mean() - short["chance_for_n"].mean() > 0.15
    whole = rows[rows["month"] == "2026-03"]
    assert abs(whole["chance_stated"] - whole["chance_for_n"]).max() < 0.08


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"by": "day"}, "by 'day' must be month or week"),
        ({"learn": 0}, "learn 0 must be 'all', or a number of months from 1 on"),
        ({"learn": True}, "learn True must be 'all'"),
        ({"learn": "some"}, "learn 'some' must be 'all'"),
        ({"rules": "few"}, "rules 'few' must be one of one, bands, triggers"),
        ({"together": True}, "together: no rate of silent errors is asked for"),
        ({"goals": {"within_24h": 0.8}}, "how long exceptions would wait"),
        ({"exception_rate": (0.2, 0.1)}, "is no band"),
        ({"exception_rate": None}, "no target is given"),
        ({"costs": {"workflows": {"crn": {"harm": 1}}}}, "did you mean 'crm'"),
    ],
)
def test_what_cannot_be_asked_is_refused(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(hs.LogError, match=message):
        backtest(monthly_log([even(100)] * 3, ok="none"), **asked)


@pytest.mark.parametrize("value", [hs.load("operator"), even(9), "calls.csv", None])
def test_what_is_no_log_is_refused_with_a_way_to_get_one(value: Any) -> None:
    with pytest.raises(hs.LogError, match=r"^backtest: \w+ is no decision log; read one with"):
        backtest(value)


@pytest.mark.parametrize("value", [{"auto": 0.9}, "boundary.yaml", 0.9])
def test_what_is_no_boundary_is_refused_with_a_way_to_get_one(value: Any) -> None:
    with pytest.raises(hs.LogError, match=r"^boundary: \w+ is no boundary spec; read one with"):
        backtest(monthly_log([even(100)] * 3, ok="none"), boundary=value)


def test_a_boundary_file_does_as_well_as_what_stands_in_it() -> None:
    log, spec = monthly_log([even(400)] * 3, ok="none"), hs.load("on-the-loop").boundary
    one, other = (backtest(log, boundary=b) for b in (spec, BoundarySpec(boundary=spec)))
    pd.testing.assert_frame_equal(one.frame, other.frame)


def test_a_window_may_be_any_whole_number() -> None:
    log = monthly_log([even(400)] * 3, ok="none")
    b = backtest(log, learn=np.int64(1))  # type: ignore[arg-type]
    assert json.loads(json.dumps(b.to_dict()))["learn"] == 1


def test_a_log_of_one_month_is_refused_with_the_remedy() -> None:
    with pytest.raises(hs.LogError, match=r"of one only \(2026-01\); give a longer log; try by='w"):
        backtest(monthly_log([even(100)]))
    with pytest.raises(hs.LogError, match="the log is empty"):
        Calendar.of_log(monthly_log([even(0)]), "month")


def test_months_too_small_to_judge_are_not_enough_evidence() -> None:
    log = monthly_log([even(20)] * 3, ok="none")
    with pytest.raises(hs.NotEnoughEvidence, match="none of the 2 months after the first can be"):
        backtest(log)


def test_costs_of_a_workflow_that_comes_later_are_no_error() -> None:
    log = monthly_log([even(400)] * 2)
    first = log.frame["decided_at"] < pd.Timestamp("2026-02-01", tz="UTC")
    frame = log.frame.assign(workflow=np.where(first, "mail", log.frame["workflow"]))
    b = backtest(hs.DecisionLog(frame, {}), costs={"workflows": {"crm": {"harm": 50.0}}})
    assert len(b.of("advice")) == 1
