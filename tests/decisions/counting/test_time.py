"""What people's hours go to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.counting.time import manager_time

MakeLog = Callable[..., hs.DecisionLog]
RECORD: dict[str, Any] = {
    "manager_pools": ["bosses"],
    "managers": 2,
    "manager_hours_per_week": 40.0,
    "fixed_hours_per_week": {"calls": 2.0, "approvals": 0.5},
    "human_domains": {"strategy": 0.5, "relationship_repair": 0.25},
    "by_hand_minutes": {"mail": 30.0, "crm": 6.0},
}


@pytest.fixture
def four_weeks(make_log: MakeLog) -> Callable[..., hs.DecisionLog]:
    """Each of 28 days: an exception and a gate of 30 min for the bosses, one mail of 6 min."""

    def make(**record: Any) -> hs.DecisionLog:
        days = pd.date_range("2026-09-07 10:00", periods=28, freq="D", tz="UTC")
        at = days.repeat(3)
        return make_log(
            record={**RECORD, **record},
            route=["review", "gate", "review"] * 28,
            workflow=["mail", "mail", "crm"] * 28,
            pool=["bosses", "bosses", "desk"] * 28,
            decided_at=at,
            started_at=at,
            executed_at=at,
            review_minutes=[30.0, 30.0, 6.0] * 28,
        )

    return make


def hours_of(weeks: pd.DataFrame) -> dict[str, float]:
    return dict(zip(weeks["domain"], weeks["hours"].round(6), strict=True))


# --- known answers -------------------------------------------------------------------------------


def test_a_managers_week_is_shared_out_as_counted_by_hand(
    four_weeks: Callable[..., hs.DecisionLog],
) -> None:
    # 80 h - 7 desk - 2.5 fixed = 70.5 left
    assert hours_of(manager_time(four_weeks())) == {
        "exceptions": 3.5, "gates": 3.5, "oversight of routine work": 0, "by hand": 0,
        "calls": 2, "approvals": 0.5,
        "strategy": 35.25, "relationship repair": 17.625, "anything else": 17.625,
    }  # fmt: skip


def test_freed_time_is_the_handwork_of_all_that_went_out_less_what_people_spent(
    four_weeks: Callable[..., hs.DecisionLog],
) -> None:
    # a week: 14 mails of 30 min and 7 updates of 6 min by hand; people spent 7 h and .7 h
    e = hs.scorecard(four_weeks()).get("freed_hours")
    assert e.value == pytest.approx(14 * 0.5 + 7 * 0.1 - 7.7)
    assert "would have been done by hand" in e.assumes


def test_work_that_costs_more_than_it_saves_is_shown_as_a_loss(
    four_weeks: Callable[..., hs.DecisionLog],
) -> None:
    e = hs.scorecard(four_weeks(by_hand_minutes={"mail": 6.0, "crm": 6.0})).get("freed_hours")
    assert e.value == pytest.approx(14 * 0.1 + 0.7 - 7.7)
    assert e.high < 0


def test_a_week_fuller_than_full_leaves_nothing_and_says_by_how_much(
    four_weeks: Callable[..., hs.DecisionLog],
) -> None:
    log = four_weeks(manager_hours_per_week=4.0)
    weeks = manager_time(log)
    assert (weeks.loc[weeks["kind"] == "human", "hours"] == 0).all()
    assert weeks["note"].iloc[-1].startswith("nothing is left: the weeks are 1.5 h too full")
    assert hs.scorecard(log).get("manager_hours_left").value == pytest.approx(-1.5)


def test_without_a_plan_the_hours_left_stay_in_one(
    four_weeks: Callable[..., hs.DecisionLog],
) -> None:
    assert "left for what only people can do" in hours_of(
        manager_time(four_weeks(human_domains={}))
    )


def test_a_month_counts_the_work_done_in_it(four_weeks: Callable[..., hs.DecisionLog]) -> None:
    log = four_weeks()
    late = log.frame["decided_at"] >= pd.Timestamp("2026-10-01", tz="UTC")
    log.frame.loc[late, "review_minutes"] = np.nan
    september = hours_of(manager_time(log, month="2026-09"))
    assert september["exceptions"] == 3.5
    assert hours_of(manager_time(log, month="2026-10"))["exceptions"] == 0


# --- properties ----------------------------------------------------------------------------------


def test_the_rows_add_up_to_the_managers_weeks(reference_run: hs.Run) -> None:
    record = reference_run.record
    whole = record["managers"] * record["manager_hours_per_week"]
    for month in (None, *reference_run.log.months()):
        weeks = manager_time(reference_run.log, month=month)
        assert weeks["hours"].sum() == pytest.approx(whole)
        known = weeks[weeks["low"].notna()]
        assert (known["low"] <= known["hours"]).all()
        assert (known["hours"] <= known["high"]).all()


def test_the_scorecard_and_the_weeks_tell_the_same(reference_run: hs.Run) -> None:
    card, weeks = reference_run.scorecard(), manager_time(reference_run.log)
    by_kind = weeks.groupby("kind")["hours"].sum()
    assert card.get("manager_hours").value == pytest.approx(by_kind["desk"])
    assert card.get("manager_hours_left").value == pytest.approx(by_kind["human"])
    assert card.get("hours_calls").value == pytest.approx(hours_of(weeks)["calls"])


# --- errors --------------------------------------------------------------------------------------


def test_a_log_that_does_not_say_what_a_week_is_is_told_what_it_lacks(make_log: MakeLog) -> None:
    with pytest.raises(hs.LogError, match=r"pool and review_minutes.*manager_pools, managers"):
        manager_time(make_log(route=["auto", "review"]))


def test_a_month_outside_the_log_is_refused(four_weeks: Callable[..., hs.DecisionLog]) -> None:
    with pytest.raises(hs.LogError, match="month 2027-01: the log has no days in it"):
        manager_time(four_weeks(), month="2027-01")
