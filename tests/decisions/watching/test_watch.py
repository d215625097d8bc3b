"""A log watched: the three findings kept apart, what is said first, and what cannot be said."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.watching.observed import (
    BASE,
    CALIBRATION,
    EXCEPTION,
    OVERRIDE,
    SCORE,
    SILENT,
)
from hitlsim.decisions.watching.watch import Watch, watch
from hitlsim.decisions.watching.words import Status

from .weekly_logs import CHANGES, WEEKS, weekly

BANK = """\
columns: {decision_id: call_id, decided_at: called_on, confidence: score}
date_format: "%d/%m/%Y"
ok: {advice: ai_advice, outcome: subscribed, right_when: {pursue: "yes", drop: "no"}}
bands: {auto: 0.9, review: 0.7}
"""


@cache
def watched(odds: float = 1.0, shift: float = 0.0) -> Watch:
    """A log whose last six weeks differ."""
    return watch(weekly(odds=odds, shift=shift))


@cache
def drifted() -> hs.DecisionLog:
    return hs.simulate(hs.load("drift"), seed=7).log


def in_force(w: Watch) -> set[str]:
    return {a.name for a in w.ongoing}


@pytest.fixture(scope="module")
def drift() -> Watch:
    return watch(drifted())


@pytest.fixture(scope="module")
def bank(bank_calls: Path, tmp_path_factory: pytest.TempPathFactory) -> hs.DecisionLog:
    mapping = tmp_path_factory.mktemp("bank") / "map.yaml"
    mapping.write_text(BANK, encoding="utf-8")
    return hs.routed(hs.read_log(bank_calls, mapping=mapping))


# --- three findings ------------------------------------------------------------------------------


def test_an_unchanged_log_raises_nothing() -> None:
    w = watched()
    assert w.alarms == ()
    assert w.headline.startswith(
        "Nothing changed that 12 weeks could show; of silent errors a rise"
    )


def test_worse_at_the_same_scores_is_calibration_and_not_the_scores() -> None:
    w = watched(odds=3)
    assert {BASE, CALIBRATION, SILENT} <= in_force(w)
    assert SCORE not in in_force(w)
    assert EXCEPTION not in in_force(w)
    assert "while exceptions" in w.headline
    found = w.ongoing_in(CALIBRATION)
    assert found is not None
    assert found.times.low < 3 < found.times.high
    assert "let the AI do less alone" in w.next


def test_lower_scores_that_keep_their_promise_are_no_calibration() -> None:
    w = watched(shift=-0.9)
    assert {SCORE, EXCEPTION, BASE} <= in_force(w)
    assert CALIBRATION not in in_force(w)
    base = next(f.words for f in w.findings if f.chart == BASE)
    assert "The scores moved with it and keep what they promise" in base


def test_scores_that_move_while_errors_do_not_are_both_findings() -> None:
    """More sure of itself by half a point, and as often wrong as before."""
    w = watch(weekly(shift=0.6, odds=float(np.exp(0.6)), a_week=800))
    assert {SCORE, CALIBRATION} <= in_force(w)
    assert BASE not in in_force(w)


def test_a_change_is_dated_to_the_week_in_which_it_began() -> None:
    w = watched(odds=3)
    found = w.ongoing_in(BASE)
    assert found is not None
    changed = w.calendar.periods[CHANGES].label
    assert found.since == changed
    assert found.until == w.calendar.periods[WEEKS - 1].label
    assert found.ongoing
    assert found.now.low > found.before.high


def test_errors_that_fall_are_good_news() -> None:
    w = watched(odds=0.3)
    assert all(a.better for a in w.ongoing)
    assert "Good news" in w.next


def test_an_alarm_that_is_over_is_told_as_over() -> None:
    log = weekly(odds=4, weeks=17)
    calm = weekly(weeks=26, seed=2).frame
    later = calm[calm["decided_at"] >= log.frame["decided_at"].max().normalize()]
    both = pd.concat([log.frame, later.assign(decision_id="x" + later["decision_id"])])
    w = watch(hs.DecisionLog(both.reset_index(drop=True), log.record))
    assert SILENT not in in_force(w)
    assert [a.ongoing for a in w.alarms if a.name == SILENT] == [False]
    assert "at the end; silent errors rose" in w.headline


def test_complaints_are_no_sample() -> None:
    """All the bad ones of the last weeks known by a complaint alone: nothing may rise from that."""
    log = weekly(odds=4)
    frame = log.frame
    bad = ~frame["ok"].astype(bool) & (frame["decided_at"] >= pd.Timestamp("2026-04-13", tz="UTC"))
    w = watch(hs.DecisionLog(frame.assign(ok_source=np.where(bad, "complaint", "outcome"))))
    assert not {a.name for a in w.ongoing if a.up} & {SILENT, BASE, CALIBRATION}


def test_outcomes_known_with_different_chances_are_weighted() -> None:
    """From week 14 on risky decisions are looked at ten times as often; unweighted, errors rise."""
    log = weekly(a_week=1000, seed=3)
    rng = np.random.default_rng(1)
    risky = rng.random(len(log)) < 0.5
    late = (log.frame["decided_at"] >= pd.Timestamp("2026-04-13", tz="UTC")).to_numpy()
    ok = log.frame["ok"].to_numpy(bool) & ~(risky & (rng.random(len(log)) < 0.4))
    chance = np.where(late, np.where(risky, 0.5, 0.05), 1.0)
    known = pd.array(np.where(rng.random(len(log)) < chance, ok, pd.NA), dtype="boolean")
    frame = log.frame.assign(inclusion=chance, ok=known)
    assert BASE not in in_force(watch(hs.DecisionLog(frame)))
    assert BASE in in_force(watch(hs.DecisionLog(frame.drop(columns="inclusion"))))


# --- what is said first --------------------------------------------------------------------------


def test_the_drift_is_caught_from_what_was_observed_while_exceptions_stay_in_their_band(
    drift: Watch,
) -> None:
    assert drift.headline.startswith(
        "Silent errors rose from 5.9% to 12.6% while exceptions stayed"
    )
    assert "inside 10-15%" in drift.headline
    found = {a.name: a.raised for a in drift.ongoing}
    assert found[CALIBRATION] <= "2026-09-14"
    assert found[SILENT] <= "2026-09-21"
    assert EXCEPTION not in found
    assert SCORE not in found


def test_the_truth_of_a_simulation_is_not_read(drift: Watch) -> None:
    log = drifted()
    kept = [c for c in log.frame if not c.startswith("true_")]
    blind = watch(hs.DecisionLog(log.frame[kept], log.record))
    assert json.dumps(blind.to_dict(), default=float) == json.dumps(drift.to_dict(), default=float)


@pytest.fixture(scope="module")
def reference(reference_run: hs.Run) -> Watch:
    return watch(reference_run.log)


def test_the_reference_rollout_raises_nothing(reference: Watch) -> None:
    assert reference.ongoing == ()


def test_the_banks_break_is_the_first_thing_said(bank: hs.DecisionLog) -> None:
    w = watch(bank, until="2009-03")
    assert w.headline.startswith("Silent errors rose from 4.7% to 25.3%")
    assert {SILENT, BASE, CALIBRATION} <= in_force(w)
    assert SCORE not in in_force(w)
    assert w.ongoing_in(SILENT) is not None
    assert "since the week of 2009-02-09" in w.headline


def test_by_month_the_banks_exceptions_lie_inside_their_band_meanwhile(
    bank: hs.DecisionLog,
) -> None:
    w = watch(bank, by="month", until="2009-03")
    assert "while exceptions stayed inside 10-15%" in w.headline
    rate = w.charts[SILENT].frame.set_index("label")["value"]
    assert rate["2009-03"] == pytest.approx(0.364, abs=5e-4)


def test_the_bank_is_told_neither_too_early_nor_forgotten(bank: hs.DecisionLog) -> None:
    assert SILENT not in in_force(watch(bank, by="month", until="2009-01"))
    assert SILENT in in_force(watch(bank, by="month", until="2009-04"))


def test_figures_are_those_of_the_scorecard(reference: Watch, reference_run: hs.Run) -> None:
    card = hs.scorecard(reference_run.log, by="week")
    for name, metric in ((SILENT, "fn_share"), (EXCEPTION, "exception_rate"),
                         (OVERRIDE, "override_rate")):  # fmt: skip
        mine = reference.charts[name].frame.set_index("label")["value"]
        theirs = card.series(metric)["value"]
        covered = mine.index[:9]  # later, some workflows have no look yet
        assert mine[covered].to_numpy() == pytest.approx(theirs[covered].to_numpy())


def test_every_alarm_says_how_often_chance_would_raise_it(drift: Watch) -> None:
    for f in drift.findings:
        if f.status is Status.ALARM:
            assert "hance alone raises this chart once in" in f.words
            assert "n = " in f.words
    assert all(a.once_in >= 370 for a in drift.alarms)
    assert drift.once_in < 370


def test_nothing_seen_says_what_would_have_been_seen(reference: Watch) -> None:
    for f in reference.findings:
        assert f.status is Status.QUIET
        assert "would" in f.words


def test_the_order_of_rows_changes_nothing(drift: Watch) -> None:
    log = drifted()
    mixed = log.frame.sample(frac=1, random_state=1).reset_index(drop=True)
    again = watch(hs.DecisionLog(mixed, log.record))
    assert again.headline == drift.headline
    assert [a.raised for a in again.alarms] == [a.raised for a in drift.alarms]


def test_everything_can_be_written_as_json(drift: Watch) -> None:
    text = json.dumps(drift.to_dict(), default=float)
    assert "p-chart" in text
    assert set(json.loads(text)["charts"]) == set(drift.charts)


# --- what cannot be said -------------------------------------------------------------------------


def test_a_log_that_is_too_short_says_how_long_would_do() -> None:
    with pytest.raises(hs.NotEnoughEvidence, match=r"has 6 weeks .* 9 weeks in all"):
        watch(weekly(weeks=6))
    with pytest.raises(hs.NotEnoughEvidence, match=r"has 1 week with decisions; .*9 weeks in all"):
        watch(weekly(weeks=1))
    with pytest.raises(hs.NotEnoughEvidence, match=r"has 2 months .* or --by week"):
        watch(weekly(weeks=8), by="month")
    with pytest.raises(hs.NotEnoughEvidence, match="it takes 4 to see how much weeks differ"):
        watch(weekly(), baseline=2)
    with pytest.raises(hs.NotEnoughEvidence, match="give a shorter baseline"):
        watch(weekly(), baseline=20)


def test_without_outcomes_rates_are_watched_and_the_rest_says_what_would_do() -> None:
    w = watch(weekly(ok=None, shift=-0.9))
    assert {SCORE, EXCEPTION} == in_force(w)
    assert set(w.missing) == {SILENT, BASE, CALIBRATION, OVERRIDE}
    assert "149 looks would be a start" in w.missing[SILENT]
    quiet = watch(weekly(ok=None))
    assert quiet.headline.startswith("Whether silent errors rose cannot be said")
    assert "column inclusion" in quiet.next


def test_constant_scores_promise_nothing() -> None:
    w = watch(weekly(confidence=0.9))
    assert "all scores are the same" in w.missing[CALIBRATION]
    assert "all scores of the baseline are the same" in w.missing[SCORE]
    assert {SILENT, BASE, EXCEPTION} == set(w.charts)


def test_a_log_in_which_all_was_bad_can_be_watched() -> None:
    n = 1200
    at = pd.Timestamp("2026-01-05", tz="UTC") + pd.to_timedelta(np.arange(n) % 140, unit="D")
    frame = pd.DataFrame(
        {"decision_id": [f"d{i}" for i in range(n)], "decided_at": at, "confidence": 0.9,
         "route": "auto", "ok": False}
    )  # fmt: skip
    found = watch(hs.DecisionLog(frame, {}))
    assert found.alarms == ()
    assert (found.charts[SILENT].frame["value"] == 1).all()


def test_a_handful_of_outcomes_is_not_enough_and_says_how_many_would_do() -> None:
    log = weekly()
    known = np.arange(len(log)) % 200 == 0
    frame = log.frame.assign(ok=log.frame["ok"].where(known))
    w = watch(hs.DecisionLog(frame))
    assert "outcomes to go by" in w.missing[SILENT]
    assert "about 50 would do" in w.missing[SILENT]


def test_weeks_without_decisions_are_left_out_and_counted() -> None:
    log = weekly(odds=3)
    week = (log.frame["decided_at"] - pd.Timestamp("2026-01-05", tz="UTC")).dt.days // 7
    w = watch(hs.DecisionLog(log.frame[~week.isin([3, 10])].reset_index(drop=True), log.record))
    assert w.calendar.empty == 2
    assert len(w.calendar.periods) == WEEKS - 2
    assert SILENT in in_force(w)


def test_a_log_of_gates_has_nothing_to_watch() -> None:
    with pytest.raises(hs.NotEnoughEvidence, match="may take no decision of the log alone"):
        watch(weekly(weeks=10, route="gate"))


def test_a_baseline_of_gates_is_told(tmp_path: Path) -> None:
    log = weekly(weeks=12)
    early = log.frame["decided_at"] < pd.Timestamp("2026-03-02", tz="UTC")
    frame = log.frame.assign(route=log.frame["route"].mask(early, "gate"))
    with pytest.raises(hs.NotEnoughEvidence, match="nothing can be watched: the baseline has 0"):
        watch(hs.DecisionLog(frame))


def test_a_log_without_routes_says_how_to_give_them() -> None:
    with pytest.raises(hs.LogError, match="which decisions went alone"):
        watch(weekly(route=None))


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"by": "day"}, "must be 'week' or 'month'"),
        ({"baseline": 0}, "at least one week"),
        ({"once_in": 1}, "must be above 1 period"),
        ({"shift": 1.0}, "must be above 1"),
        ({"since": "May"}, "since 'May' must be written like 2026-09"),
        ({"until": "2020-01"}, "no decisions from its start to 2020-01; it runs from 2026-01-05"),
    ],
)
def test_a_setting_that_makes_no_sense_is_refused(setting: dict[str, object], message: str) -> None:
    with pytest.raises(hs.LogError, match=message):
        watch(weekly(weeks=10), **setting)  # type: ignore[arg-type]


def test_a_chart_the_log_does_not_support_has_no_power() -> None:
    with pytest.raises(hs.LogError, match="'override_rate' has no power to tell; known: silent"):
        watched().power(OVERRIDE)


def test_more_of_a_change_is_seen_sooner() -> None:
    w = watched()
    periods = [w.power(SILENT, times).periods for times in (1.3, 1.6, 2.0, 3.0)]
    assert periods == sorted(periods, reverse=True)
