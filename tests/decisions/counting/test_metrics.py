"""The metrics of one log, counted by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.columns import EMAIL_OUTCOMES
from hitlsim.decisions.counting.metrics import METRICS, Section
from hitlsim.decisions.counting.scorecard import Judgement, Status
from hitlsim.decisions.estimating.intervals import clopper_pearson

MakeLog = Callable[..., hs.DecisionLog]
MONDAY = pd.Timestamp("2026-09-07 09:00", tz="UTC")


def hours(*values: float | None) -> pd.DatetimeIndex:
    return pd.DatetimeIndex([pd.NaT if v is None else MONDAY + pd.Timedelta(hours=v)
                             for v in values])  # fmt: skip


def judged(card: hs.Scorecard, name: str) -> Judgement:
    return next(j for j in card.judge() if j.metric.name == name)


# --- known answers -------------------------------------------------------------------------------


def test_peeks_are_a_share_of_what_may_go_alone_and_no_exceptions(make_log: MakeLog) -> None:
    card = hs.scorecard(make_log(route=["auto"] * 6 + ["peek"] * 3 + ["review"] + ["gate"] * 10))
    assert card.get("peek_rate").value == pytest.approx(3 / 10)
    assert card.get("exception_rate").value == pytest.approx(1 / 10)


def test_a_team_that_never_peeks_skips_or_works_by_hand_has_no_line_about_it(
    make_log: MakeLog,
) -> None:
    log = make_log(
        route=["auto", "review"], by_hand=[False, False], skipped=[False, False],
        executed_at=hours(0, 1), review_minutes=[np.nan, 2.0], started_at=hours(None, 1),
    )  # fmt: skip
    names = set(hs.scorecard(log).frame["metric"])
    assert not names & {"peek_rate", "by_hand_share", "adherence", "hours_peeks", "hours_by_hand"}
    assert {"review_hours", "hours_exceptions"} <= names


def test_what_is_not_begun_when_due_is_a_breach_and_what_is_not_due_yet_is_not(
    make_log: MakeLog,
) -> None:
    # begun in time, begun late, overdue and not begun, not begun but not due either
    log = make_log(
        route=["review"] * 4,
        decided_at=hours(0, 0, 0, 99),
        queued_at=hours(0, 0, 0, 99),
        due_at=hours(48, 48, 48, 147),
        started_at=hours(1, 49, None, None),
        escalated_at=hours(None, 24, 24, None),
    )
    card = hs.scorecard(log)
    assert card.get("breach_rate").value == pytest.approx(2 / 3)
    assert card.get("escalation_rate").value == pytest.approx(2 / 4)


def test_same_day_work_counts_by_the_day_it_arose_on_the_logs_own_clock(make_log: MakeLog) -> None:
    # in Berlin 21:30 UTC is 23:30, and half an hour later is another day
    at = pd.DatetimeIndex(["2026-09-07 21:20", "2026-09-07 21:30", "2026-09-07 08:00"] * 2,
                          tz="UTC").tz_convert("Europe/Berlin")  # fmt: skip
    done = at + pd.to_timedelta([10, 60, 60, 10, 60, 60], unit="m")
    log = make_log(
        record={"same_day": ["crm"]},
        route=["auto"] * 7,
        workflow=["crm"] * 3 + ["other"] * 3 + ["crm"],
        decided_at=[*at, at[0] + pd.Timedelta(days=2)],
        arrived_at=[*at, at[0] + pd.Timedelta(days=2)],
        executed_at=[*done, pd.NaT],  # the last one arose today: it may still be done
    )
    e = hs.scorecard(log).get("same_day")
    assert (e.value, e.n) == pytest.approx((2 / 3, 3))


def test_what_a_person_refused_need_not_be_done_the_same_day(make_log: MakeLog) -> None:
    log = make_log(
        record={"same_day": ["crm"]}, route=["review"] * 2, workflow=["crm"] * 2,
        arrived_at=hours(0, 0), decided_at=hours(0, 50), executed_at=hours(1, None),
        final_verdict=["approve", "reject"],
    )  # fmt: skip
    assert hs.scorecard(log).get("same_day").n == 1


def test_adherence_counts_the_steps_that_came_too_late(make_log: MakeLog) -> None:
    log = make_log(route=["auto"] * 5, executed_at=hours(1, 2, 3, None, None),
                   skipped=[False] * 3 + [True, False])  # fmt: skip
    assert hs.scorecard(log).get("adherence").value == pytest.approx(3 / 4)


def test_adherence_is_of_the_workflows_that_have_steps(make_log: MakeLog) -> None:
    log = make_log({"steps": ["sequence"]}, route=["auto"] * 5, executed_at=hours(1, 2, 3, 4, None),
                   workflow=["other", "other", "sequence", "sequence", "sequence"],
                   skipped=[False] * 4 + [True])  # fmt: skip
    assert hs.scorecard(log).get("adherence").value == pytest.approx(2 / 3)


def test_emails_are_counted_where_one_went_out_and_no_shows_where_a_meeting_was_agreed(
    make_log: MakeLog,
) -> None:
    outcomes: dict[str, Any] = {name: [False] * 10 + [None] * 5 for name in EMAIL_OUTCOMES}
    outcomes["bounced"] = [True] + [False] * 9 + [None] * 5
    outcomes["replied"] = [False] + [True] * 6 + [False] * 3 + [None] * 5
    outcomes["meeting"] = [False] + [True] * 5 + [False] * 4 + [None] * 5
    outcomes["no_show"] = [False] * 4 + [True] * 2 + [False] * 4 + [None] * 5
    log = make_log(route=["auto"] * 15, **{n: pd.array(v, "boolean") for n, v in outcomes.items()})
    card = hs.scorecard(log)
    assert (card.get("bounce_rate").value, card.get("bounce_rate").n) == (0.1, 10)
    assert card.get("bounce_rate").few
    exact = clopper_pearson(6, 10)
    assert (card.get("reply_rate").low, card.get("reply_rate").high) == (exact.low, exact.high)
    assert not card.get("reply_rate").few
    assert (card.get("no_show_rate").value, card.get("no_show_rate").n) == (0.4, 5)
    assert card.get("spam_rate").value == 0


@pytest.mark.parametrize(
    ("name", "column", "share", "status"),
    [
        ("bounce_rate", "bounced", 0.015, Status.GOOD),
        ("bounce_rate", "bounced", 0.03, Status.WATCH),
        ("bounce_rate", "bounced", 0.06, Status.BAD),
        ("spam_rate", "marked_spam", 0.001, Status.GOOD),
        ("spam_rate", "marked_spam", 0.002, Status.WATCH),
        ("spam_rate", "marked_spam", 0.004, Status.BAD),
    ],
)
def test_bulk_sender_rules_are_the_lines_for_bounces_and_spam(
    make_log: MakeLog, name: str, column: str, share: float, status: Status
) -> None:
    n = 2000
    log = make_log(route=["auto"] * n, **{column: np.arange(n) < round(share * n)})
    assert judged(hs.scorecard(log), name).status is status


def test_a_spam_rate_that_chance_could_turn_is_marked_unsure(make_log: MakeLog) -> None:
    # one complaint in 200 "breaches" .3%
    log = make_log(route=["auto"] * 200, marked_spam=[True] + [False] * 199)
    found = judged(hs.scorecard(log), "spam_rate")
    assert found.status is Status.BAD
    assert not found.sure


def test_money_is_per_thousand_decisions_and_adds_up(make_log: MakeLog) -> None:
    # four weeks of 5 decisions; each week 2 h of a pool at 60 and 1 h of one at 30 an hour
    at = pd.DatetimeIndex([MONDAY + pd.Timedelta(days=7 * w + d)
                           for w in range(4) for d in range(5)])  # fmt: skip
    log = make_log(
        record={"cost_per_hour": {"a": 60.0, "b": 30.0}, "currency": "EUR"},
        route=["review"] * 20,
        decided_at=at,
        started_at=at,
        pool=["a", "a", "b", None, None] * 4,
        review_minutes=[60.0, 60.0, 60.0, np.nan, np.nan] * 4,
        delay_cost=[np.nan, 1.0, 2.0, 3.0, 4.0] * 4,
        true_ok=[False, True, True, True, True] * 4,
        true_harm=[100.0, np.nan, np.nan, np.nan, np.nan] * 4,
    )
    card = hs.scorecard(log)
    parts = {"review_cost": 150 / 5, "delay_cost": 10 / 5, "true_harm": 100 / 5}
    for name, each in parts.items():
        e = card.get(name)
        assert e.value == pytest.approx(1000 * each)
        assert e.assumes == "weeks independent of each other"
        assert (e.low, e.high) == pytest.approx((e.value, e.value)), "the weeks are all alike"
    assert card.get("true_cost").value == pytest.approx(1000 * sum(parts.values()))
    assert "true_cost" not in set(
        hs.scorecard(hs.DecisionLog(log.frame.drop(columns=["true_ok", "true_harm"]), log.record))
        .frame["metric"]
    )  # fmt: skip


def test_work_done_on_a_day_without_decisions_costs_nevertheless(make_log: MakeLog) -> None:
    at = hours(0, 24 * 9)
    log = make_log(
        record={"cost_per_hour": {"a": 60.0}}, route=["review"] * 2, decided_at=at, pool=["a"] * 2,
        started_at=at + pd.Timedelta(days=2) - pd.to_timedelta([0, 3], unit="D"),
        review_minutes=[30.0, 30.0],
    )  # fmt: skip
    assert hs.scorecard(log).get("review_cost").value == pytest.approx(1000 * 60 / 2)


def test_hours_keep_their_interval_when_it_is_cut_off_at_zero(make_log: MakeLog) -> None:
    # 0, 0, 0 and 8 h: mean 2, s = 4, half = t(3, .975) * 4 / 2 = 6.36, which lies below zero
    at = pd.DatetimeIndex([MONDAY + pd.Timedelta(days=d) for d in range(28)])
    minutes = np.where(np.arange(28) == 21, 480.0, 0.0)
    log = make_log(route=["review"] * 28, decided_at=at, started_at=at, review_minutes=minutes)
    e = hs.scorecard(log).get("review_hours")
    assert (e.value, e.low) == pytest.approx((2, 0))
    assert e.high == pytest.approx(2 + 3.182446 * 4 / 2, rel=1e-5)


# --- properties ----------------------------------------------------------------------------------


def test_every_metric_says_how_it_is_computed_and_what_it_is_about() -> None:
    assert all(m.formula and m.title for m in METRICS)
    assert len({m.name for m in METRICS}) == len(METRICS)
    sections = [list(Section).index(m.section) for m in METRICS]
    assert sections == sorted(sections), "the scorecard shows them section by section"


def test_what_reads_the_truth_says_so_in_its_name(reference_run: hs.Run) -> None:
    log = reference_run.log
    blind = log.frame.loc[:, ~log.frame.columns.str.startswith("true_")]
    left = set(hs.scorecard(hs.DecisionLog(blind, log.record)).frame["metric"])
    lost = set(hs.scorecard(log).frame["metric"]) - left
    assert lost
    assert all(name.startswith("true_") for name in lost)


def test_counts_of_the_complete_model_agree_with_pandas(reference_run: hs.Run) -> None:
    f, card = reference_run.log.frame, reference_run.scorecard()
    queued = f["queued_at"].notna()
    late = f["started_at"].fillna(f["decided_at"].max()) > f["due_at"]
    due = queued & (f["started_at"].notna() | late)
    for name, k, n in (
        ("escalation_rate", f["escalated_at"].notna(), queued),
        ("breach_rate", late & queued, due),
        ("by_hand_share", f["by_hand"], f["by_hand"] | True),
        ("reply_rate", f["replied"].fillna(value=False), f["replied"].notna()),
    ):
        e = card.get(name)
        assert (e.value, e.n) == pytest.approx((k.sum() / n.sum(), n.sum())), name
    per_thousand = 1000 / len(f)
    assert card.get("true_harm").value == pytest.approx(f["true_harm"].sum() * per_thousand)
    assert card.get("delay_cost").value == pytest.approx(f["delay_cost"].sum() * per_thousand)


def test_a_short_period_has_figures_without_an_invented_interval(reference_run: hs.Run) -> None:
    card = reference_run.scorecard(by="week")
    week = card.periods[5]
    for name in ("review_cost", "review_hours", "freed_hours"):
        e = card.get(name, period=week)
        assert e.known
        assert math.isnan(e.low), name
