"""What a log comes down to: days, what waited, and what is left when the first days are cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.decisions.counting.counts import Counts
from hitlsim.decisions.counting.measure import Cell, Daily, a_week

MakeLog = Callable[..., hs.DecisionLog]
MONDAY = pd.Timestamp("2026-09-07 10:00", tz="UTC")


def hours(*after: float | None, start: pd.Timestamp = MONDAY) -> pd.DatetimeIndex:
    """Times after Monday 10:00; None: it did not happen."""
    at = [pd.NaT if h is None else start + pd.Timedelta(hours=h) for h in after]
    return pd.DatetimeIndex(at, tz=start.tz)


# --- known answers -------------------------------------------------------------------------------


def test_the_oldest_is_what_was_queued_first_and_not_begun_by_the_end_of_the_day(
    make_log: MakeLog,
) -> None:
    # queued at 10:00, 11:00 and 12:00 on Monday; begun on Wednesday, on Tuesday and never
    queued = hours(0, 1, 2, 72)
    log = make_log(
        route=["review"] * 4, decided_at=queued, queued_at=queued,
        started_at=hours(48, 24, None, 72),
    )  # fmt: skip
    oldest = Counts.of_log(log).oldest_minutes / 60
    assert oldest.tolist() == pytest.approx([14, 38, 60, 84])
    begun = hs.DecisionLog(log.frame.assign(started_at=log.frame["queued_at"]))
    assert (Counts.of_log(begun).oldest_minutes == 0).all(), "nothing waits overnight"


def test_what_is_oldest_is_not_known_where_the_log_does_not_say_what_was_begun(
    make_log: MakeLog,
) -> None:
    log = make_log(route=["review"], decided_at=hours(0), queued_at=hours(0))
    assert Counts.of_log(log).oldest_minutes.isna().all()
    assert not hs.scorecard(log).get("oldest_hours").known


@pytest.mark.parametrize(
    ("zone", "night", "hours_old"),
    [
        ("America/Havana", "2026-03-07", 12),  # 24:00 is 1:00
        ("America/Havana", "2026-10-31", 12),  # 0:00 comes twice: the first ends the day
        ("Africa/Cairo", "2026-10-29", 13),  # 23:00 comes twice
    ],
)
def test_a_day_ends_at_midnight_even_where_clocks_change_then(
    make_log: MakeLog, zone: str, night: str, hours_old: float
) -> None:
    noon = pd.DatetimeIndex([f"{night} 12:00"]).tz_localize(zone)
    log = make_log(route=["review"], decided_at=noon, queued_at=noon,
                   started_at=noon + pd.Timedelta(days=1))  # fmt: skip
    assert (Counts.of_log(log).oldest_minutes / 60).tolist() == [hours_old]


def test_a_week_counts_only_if_it_is_whole() -> None:
    # Wednesday to Wednesday, with whole weeks of 7 and 14 between
    days = pd.date_range("2026-09-02", "2026-09-23")
    e = a_week(np.repeat([100.0, 1.0, 2.0, 100.0], [5, 7, 7, 3]), days)
    assert e.n == 2
    assert e.value == pytest.approx(7 * (800 + 21) / 22)
    assert e.high - e.value == pytest.approx(12.706 * 7 / 2, rel=1e-4), "t(1) x half the difference"


# --- properties ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def log() -> hs.DecisionLog:
    """Four weeks of a small team."""
    return hs.simulate(hs.load("outbound").with_(weeks=4), seed=7).log


def test_from_a_day_on_only_what_is_of_that_day_or_later_is_left(log: hs.DecisionLog) -> None:
    counts = Counts.of_log(log)
    day = pd.Timestamp("2026-08-17")
    later = counts.since(day)
    at = log.frame["decided_at"].dt.tz_localize(None)
    assert later.rows["n"].sum() == (at >= day).sum()
    done = counts.work[counts.work["day"] >= day]
    assert later.work["minutes"].sum() == done["minutes"].sum()
    earlier = log.frame["started_at"].dt.tz_localize(None) >= day
    assert (earlier & (at < day)).any(), "of decisions taken before, too"
    assert later.days.tolist() == counts.days[counts.days >= day].tolist()
    assert later.days.freq == counts.days.freq
    assert later.oldest_minutes.equals(counts.oldest_minutes[later.days])
    assert (later.columns, later.record) == (counts.columns, counts.record)
    assert list(later.rows.index) == list(range(len(later.rows)))


def test_figures_are_those_of_the_period(log: hs.DecisionLog) -> None:
    """A week of a log that is cut before it is that week of the whole."""
    whole = hs.scorecard(log, by="week")
    later = hs.scorecard(Counts.of_log(log).since(pd.Timestamp("2026-08-17")), by="week")
    assert later.periods == whole.periods[-len(later.periods) :]
    left = whole.frame[whole.frame["period"].isin(later.periods)].reset_index(drop=True)
    pd.testing.assert_frame_equal(later.frame, left)


@pytest.mark.parametrize("day", ["2026-08-17 14:30", "2026-08-17 00:00+02:00"])
def test_the_time_of_day_counts_for_nothing(log: hs.DecisionLog, day: str) -> None:
    later = Counts.of_log(log).since(pd.Timestamp(day))
    assert str(later.days[0].date()) == "2026-08-17"


def test_from_the_first_day_on_or_before_it_all_is_left(log: hs.DecisionLog) -> None:
    counts = Counts.of_log(log)
    for day in (counts.days[0], pd.Timestamp("2000-01-01")):
        all_of_it = counts.since(day)
        pd.testing.assert_frame_equal(all_of_it.rows, counts.rows)
        pd.testing.assert_frame_equal(all_of_it.work, counts.work)
        assert len(all_of_it.days) == len(counts.days)


def test_a_row_of_a_day_outside_the_period_enters_no_figure(log: hs.DecisionLog) -> None:
    counts = Counts.of_log(log)
    before, after = counts.days[0] - pd.Timedelta(days=1), counts.days[-1] + pd.Timedelta(days=1)
    rows = [counts.rows.head(3).assign(day=day) for day in (before, after)]
    done = [counts.work.head(3).assign(day=day) for day in (before, after)]
    more = replace(
        counts,
        rows=pd.concat([rows[0], counts.rows, rows[1]], ignore_index=True),
        work=pd.concat([done[0], counts.work, done[1]], ignore_index=True),
    )
    for by in (None, "week"):
        cards = (hs.scorecard(c, by=by, per_workflow=True).frame for c in (more, counts))
        pd.testing.assert_frame_equal(*cards)


def test_a_cell_adds_up_like_pandas(log: hs.DecisionLog) -> None:
    counts = Counts.of_log(log)
    rows, work, days = counts.rows, counts.work, counts.days
    cell = Cell(rows, work, days, counts.record, 0.0)
    for name in rows.columns.drop(["day", "workflow", "phase"]):
        assert cell.sum(name) == pytest.approx(rows[name].sum(), rel=1e-12), name
        daily = rows.groupby("day")[name].sum().reindex(days, fill_value=0.0)
        np.testing.assert_allclose(cell.by_day(name), daily, rtol=1e-12)
    cost = {"reps": 30.0}
    picked = work["domain"].isin(["looks", "gates"]) & (work["pool"] == "leads")
    for minutes, each in (
        (cell.minutes(), work["minutes"]),
        (cell.minutes(["looks", "gates"], pools=["leads"]), work["minutes"] * picked),
        (cell.minutes(costs=cost), work["minutes"] * work["pool"].map(cost).fillna(0.0)),
    ):
        daily = each.groupby(work["day"]).sum().reindex(days, fill_value=0.0)
        np.testing.assert_allclose(minutes, daily, rtol=1e-12)


@given(st.lists(st.tuples(st.integers(-3, 12), st.floats(-1e6, 1e6))), st.integers(1, 9))
def test_every_amount_is_on_its_day_or_outside(
    amounts: list[tuple[int, float]], n_days: int
) -> None:
    days = pd.date_range("2026-08-31", periods=n_days)
    day = pd.Series(days[0] + pd.to_timedelta([d for d, _ in amounts], unit="D"))
    found = Daily(day, days)(np.array([a for _, a in amounts], float))
    assert found.tolist() == pytest.approx([sum(a for d, a in amounts if d == i)
                                            for i in range(n_days)])  # fmt: skip


# --- errors --------------------------------------------------------------------------------------


def test_cutting_off_every_day_is_refused(log: hs.DecisionLog) -> None:
    with pytest.raises(hs.LogError, match="no day is left from 2026-09-01 on; the last one is"):
        Counts.of_log(log).since(pd.Timestamp("2026-09-01"))


def test_a_log_without_decisions_is_refused(make_log: MakeLog) -> None:
    empty = make_log(route=["auto"]).frame.iloc[:0]
    for log in (hs.DecisionLog(empty), hs.DecisionLog(empty[["decided_at"]])):
        with pytest.raises(hs.LogError, match="the log has no decisions in it"):
            hs.scorecard(log)
