"""Advice knows what was known by then, and nothing else."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.calibration.tuning.backtesting.backtest import backtest
from hitlsim.calibration.tuning.backtesting.known_then import by_then, known_at
from tests.calibration.tuning.backtest_logs import even, monthly_log


def test_the_advice_is_what_tune_says_of_the_log_up_to_that_day() -> None:
    log = monthly_log([even(800)] * 4, deal_size=np.random.default_rng(5).lognormal(10, 1, 3200))
    b = backtest(log, fn_share=0.3)
    for month, last in (("2026-02", "2026-02-01"), ("2026-04", "2026-04-01")):
        before = log.between(log.frame["decided_at"].min(), pd.Timestamp(last, tz="UTC"))
        rec = hs.tune(before, fn_share=0.3)
        row = b.frame[(b.frame["month"] == month) & (b.frame["policy"] == "advice")].iloc[0]
        assert b.rules[month].rules == rec.policy.rules
        assert row["chance_stated"] == rec.chance_next_month
        assert rec.guarantee is not None
        assert row["guarantee"] == rec.guarantee.holds
        assert row["learnt_from"] == len(before)
        assert row["status"] == rec.status


@settings(max_examples=2)
@given(st.integers(0, 2**32 - 1))
def test_nothing_that_happens_later_changes_the_advice(seed: int) -> None:
    """Everything after a month's end is drawn anew; the advice up to there stays the same."""
    log = monthly_log([even(300)] * 4)
    frame = log.frame.copy()
    rng = np.random.default_rng(seed)
    later = (frame["decided_at"] >= pd.Timestamp("2026-03-01", tz="UTC")).to_numpy()
    frame.loc[later, "confidence"] = rng.random(later.sum())
    frame.loc[later, "ok"] = pd.array(rng.random(later.sum()) < 0.5, dtype="boolean")
    one, other = (backtest(x, rules="bands") for x in (log, hs.DecisionLog(frame, log.record)))
    assert one.rules["2026-02"] == other.rules["2026-02"]
    assert one.rules["2026-03"] == other.rules["2026-03"]
    assert one.rules["2026-04"] != other.rules["2026-04"]


def test_an_outcome_counts_from_the_day_on_which_it_became_known() -> None:
    """Outcomes of January that come in March: flipped, they change March's advice first."""
    log = monthly_log([even(900)] * 4, seed=2)
    frame = log.frame.copy()
    frame["ok_at"] = frame["decided_at"] + pd.Timedelta(hours=1)
    late = (frame.index.to_numpy() % 2 == 0) & (
        frame["decided_at"] < pd.Timestamp("2026-02-01", tz="UTC")
    ).to_numpy()
    frame.loc[late, "ok_at"] = pd.Timestamp("2026-03-10", tz="UTC")
    flipped = frame.copy()
    flipped.loc[late, "ok"] = (~frame.loc[late, "ok"].astype(bool)).astype("boolean")
    one, other = (backtest(hs.DecisionLog(f, {}), exception_rate=(0.05, 0.6), rules="bands",
                           costs={"harm": 3.0}) for f in (frame, flipped))  # fmt: skip
    assert one.rules["2026-02"] == other.rules["2026-02"]
    assert one.rules["2026-03"] == other.rules["2026-03"]
    assert one.rules["2026-04"] != other.rules["2026-04"]
    assert (
        one.dated
        == "Each piece of advice was made from outcomes that had become known by that day."
    )


def test_verdicts_looks_and_complaints_are_as_old_as_they_are() -> None:
    at = pd.to_datetime(["2026-01-05"] * 5, utc=True)
    days = {"ended_at": "2026-02-01", "looked_at": "2026-02-02", "surfaced_at": "2026-02-03"}
    day = {c: pd.to_datetime([x] * 5, utc=True) for c, x in days.items()}
    frame = pd.DataFrame({
        "decision_id": list("abcde"), "decided_at": at, "confidence": 0.5, **day,
        "ok": pd.array([True, True, False, True, None], dtype="boolean"),
        "ok_source": ["review", "audit", "complaint", "outcome", None],
        "verdict": ["approve"] * 5, "look_verdict": ["approve"] * 5,
    })  # fmt: skip
    known = known_at(frame)
    assert known.dt.day.tolist()[:3] == [1, 2, 3]
    assert known.isna().tolist() == [False, False, False, True, True]
    log = hs.DecisionLog(frame, {})
    then = by_then(log, np.ones(5, bool), pd.Timestamp("2026-02-02", tz="UTC")).frame
    assert then["ok"].isna().tolist() == [False, True, True, False, True]
    assert then["verdict"].notna().all(), "verdicts of 1 February were known"
    assert then["look_verdict"].isna().all(), "looks of 2 February were not"
    assert frame["ok"].notna().sum() == 4, "the log itself is left as it is"


def test_a_simulated_log_s_reviews_and_looks_have_their_time(reference_run: hs.Run) -> None:
    frame = reference_run.log.frame
    some = frame["ok"].notna()
    assert known_at(frame)[some].notna().all()
    assert (known_at(frame)[some] >= frame["decided_at"][some]).all()


def test_what_people_and_outcomes_said_later_changes_no_advice(reference_run: hs.Run) -> None:
    """All that a simulated desk found after a day is turned round; advice of that day stays."""
    zone = reference_run.log.frame["decided_at"].dt.tz
    first, cut, last = (pd.Timestamp(f"2026-{d}", tz=zone) for d in ("09-01", "10-01", "10-08"))
    log = reference_run.log.between(first, last)
    frame = log.frame.copy()
    late = known_at(frame) >= cut
    frame["ok"] = frame["ok"].mask(late, ~frame["ok"])
    turned = late.sum()
    for column, at in (("verdict", "ended_at"), ("look_verdict", "looked_at")):
        late = (frame[at] >= cut) & frame[column].notna()
        said = np.where(frame[column] == "approve", "reject", "approve")
        words = frame[column].astype(object).mask(late, said)
        frame[column] = words.astype(frame[column].dtype)
        turned += late.sum()
    frame["review_minutes"] = frame["review_minutes"].mask(frame["ended_at"] >= cut, 60.0)
    # decided before that day, known after it: this is what could leak
    before = frame["decided_at"] < cut
    assert (before & (frame["ended_at"] >= cut)).sum() > 20
    assert (before & (frame["looked_at"] >= cut)).sum() > 20
    assert turned > 1000
    one, other = (backtest(x, rules="bands") for x in (log, hs.DecisionLog(frame, log.record)))
    month = "2026-10"
    assert one.rules[month] == other.rules[month]
    columns = ["chance_stated", "status", "learnt_from", "thresholds"]
    rows = [b.of("advice").set_index("month").loc[month, columns] for b in (one, other)]
    pd.testing.assert_series_equal(*rows)


# --- clocks, names and months in part ------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "first"), [("America/Asuncion", "2023-09"), ("America/Havana", "2020-10")]
)
def test_a_month_may_begin_at_a_midnight_that_comes_twice_or_never(zone: str, first: str) -> None:
    log = monthly_log([even(300)] * 3, ok="none", first=first)
    noon = log.frame["decided_at"].dt.tz_localize(None) + pd.Timedelta(hours=12)
    there = hs.DecisionLog(log.frame.assign(decided_at=noon.dt.tz_localize(zone)), {})
    one, other = (backtest(x, rules="one") for x in (log, there))
    assert list(one.rules.values()) == list(other.rules.values())


def test_workflows_that_a_spec_spells_alike_stay_apart_from_month_to_month() -> None:
    """CRM comes in the second month; what was learnt of Crm is no advice for it."""
    log = monthly_log([even(600)] * 3, ok="none")
    late = (log.frame["decided_at"] >= pd.Timestamp("2026-02-01", tz="UTC")).to_numpy()
    new = late & (np.arange(len(log)) % 2 == 0)
    record = {"bands": {"auto": 0.8, "review": 0.6}}
    learnt = {}
    for name in ("CRM", "quotes"):
        frame = log.frame.assign(workflow=np.where(new, name, "Crm"))
        b = backtest(hs.DecisionLog(frame, record), rules="bands")
        learnt[name] = sorted(r.auto for r in b.rules["2026-02"].rules.values())
        rates = b.of("advice")["exception_rate"].tolist()
        assert rates == pytest.approx(learnt.setdefault("rates", rates))
    assert learnt["CRM"] == learnt["quotes"]


def test_months_of_which_the_log_has_a_part_are_named() -> None:
    log = monthly_log([even(900)] * 3, ok="none")
    at = log.frame["decided_at"].dt.tz_localize(None)
    some = log.frame[(at >= "2026-01-20") & (at < "2026-03-10")].reset_index(drop=True)
    b = backtest(hs.DecisionLog(some, {}))
    assert b.in_part == (
        "The log begins on 2026-01-20 and ends on 2026-03-09, so 2026-01 and 2026-03 are months in "
        "part only."
    )
    assert b.in_part in b.words()
    assert backtest(log).in_part == "", "whole months need no word"
    less = log.frame[at < "2026-03-27"].reset_index(drop=True)
    assert backtest(hs.DecisionLog(less, {})).in_part == (
        "The log ends on 2026-03-26, so 2026-03 is a month in part only."
    )
