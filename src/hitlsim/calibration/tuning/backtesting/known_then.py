"""What was known by some day: months or weeks of a log, and what nobody could know yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ....decisions.columns import LOOKS
from ....decisions.estimating.unseen import sampled
from ....decisions.log import DecisionLog
from ....errors import LogError
from ....scenario.explain import listed
from ..weighing.from_log import days_of

By = Literal["month", "week"]
_FREQUENCY = {"month": "M", "week": "W-SUN"}
_WITHOUT_A_WORD = {"month": 3, "week": 2}
"""Days that a month may lack at either end: a weekend and a holiday."""


@dataclass(frozen=True)
class Calendar:
    """The months or weeks of a log, by the clock on the wall; those without decisions too.

    Attributes
    ----------
    by : {"month", "week"}
    periods : PeriodIndex
    of : int array
        The number of each decision's period.
    first, last : Timestamp
        The days of the first decision and of the last.
    """

    by: By
    periods: pd.PeriodIndex
    of: NDArray[np.int64]
    first: pd.Timestamp
    last: pd.Timestamp

    @classmethod
    def of_log(cls, log: DecisionLog, by: By) -> Calendar:
        """The periods of a log.

        Raises
        ------
        LogError
            When ``by`` is neither, or there is nothing after the first period.
        """
        if by not in _FREQUENCY:
            raise LogError(f"by {by!r} must be month or week")
        days = days_of(log.frame)
        each = pd.PeriodIndex(days, freq=_FREQUENCY[by])
        if not len(each):
            raise LogError("the log is empty: there is no month to make advice from")
        periods = pd.period_range(each.min(), each.max(), freq=_FREQUENCY[by])
        if len(periods) < 2:
            shorter = "; try by='week'" if by == "month" else ""
            raise LogError(
                f"advice of one {by} is judged on the next, and the log has decisions of one only "
                f"({label(periods[0], by)}); give a longer log{shorter}"
            )
        return cls(by, periods, _numbers(each, periods), days.min(), days.max())

    def labels(self) -> list[str]:
        """``2026-09``, or the Monday of a week."""
        return [label(p, self.by) for p in self.periods]

    def number(self, days: Iterable[pd.Timestamp]) -> NDArray[np.int64]:
        """The number of the period of each day."""
        return _numbers(pd.PeriodIndex(days, freq=_FREQUENCY[self.by]), self.periods)

    def end(self, number: int, tz: Any) -> pd.Timestamp:
        """The first instant after a period."""
        midnight = (self.periods[number] + 1).start_time
        # where clocks change at midnight it comes twice, or not at all
        return midnight.tz_localize(tz, ambiguous=True, nonexistent="shift_forward")


def label(period: pd.Period, by: By) -> str:
    """How a month or week is called.

    >>> label(pd.Period("2026-09-09", "W-SUN"), "week")
    '2026-09-07'
    """
    return str(period.start_time.date()) if by == "week" else str(period)


def _numbers(each: pd.PeriodIndex, periods: pd.PeriodIndex) -> NDArray[np.int64]:
    return np.asarray(periods.get_indexer(each), np.int64)


def known_at(frame: pd.DataFrame) -> pd.Series:
    """When each outcome became known; missing where it is not known, or nobody says when.

    ``ok_at`` says it; else an outcome of a review is as old as the verdict, one of a look as old
    as the look, and a complaint as old as itself.
    """
    at = _times(frame, "ok_at")
    if "ok_source" in frame:
        source = frame["ok_source"].astype("str")
        for column, found in (
            ("ended_at", source == "review"), ("looked_at", source.isin(LOOKS)),
            ("surfaced_at", source == "complaint"),
        ):  # fmt: skip
            at = at.where(at.notna() | ~found, _times(frame, column))
    known = frame["ok"].notna() if "ok" in frame else pd.Series(False, frame.index)
    return at.where(known)


def by_then(log: DecisionLog, rows: NDArray[np.bool_], end: pd.Timestamp) -> DecisionLog:
    """Some decisions of a log, with nothing that became known at ``end`` or later."""
    frame = log.frame[rows].reset_index(drop=True)
    later = known_at(frame) >= end
    _forget(frame, later, "ok", "ok_source", "ok_at")
    for column, told in (
        ("ended_at", ("verdict", "final_verdict", "review_minutes", "ended_at")),
        ("looked_at", ("look_verdict", "look_minutes", "looked_at")),
        ("started_at", ("delay_cost", "wait_minutes", "started_at")),
    ):  # fmt: skip
        _forget(frame, _times(frame, column) >= end, *told)
    return DecisionLog(frame, log.record)


def _times(frame: pd.DataFrame, column: str) -> pd.Series:
    if column in frame:
        return frame[column]
    return frame["decided_at"].mask(np.ones(len(frame), bool))


def _forget(frame: pd.DataFrame, rows: pd.Series, *columns: str) -> None:
    if rows.any():
        for column in columns:
            if column in frame:
                frame[column] = frame[column].mask(rows)


def what_is_in_part(calendar: Calendar) -> str:
    """Which months the log has in part only, in a sentence; empty if none."""
    days = _WITHOUT_A_WORD[calendar.by]
    first, last = calendar.periods[0], calendar.periods[-1]
    ends = (
        ((calendar.first - first.start_time).days > days, "begins", calendar.first, first),
        ((last.end_time.normalize() - calendar.last).days > days, "ends", calendar.last, last),
    )
    said = [(f"{verb} on {day.date()}", label(p, calendar.by)) for so, verb, day, p in ends if so]
    if not said:
        return ""
    are = f"is a {calendar.by}" if len(said) == 1 else f"are {calendar.by}s"
    spans, names = ([pair[i] for pair in said] for i in (0, 1))
    return f"The log {listed(spans)}, so {listed(names)} {are} in part only."


def what_is_dated(log: DecisionLog) -> str:
    """Which outcomes count as known by the end of a month, in a sentence."""
    known = int(sampled(log.frame).sum())
    if not known:
        return "No outcome is known, so silent errors and costs cannot be judged."
    dated = int((known_at(log.frame).notna() & sampled(log.frame)).sum())
    if dated == known:
        return "Each piece of advice was made from outcomes that had become known by that day."
    if not dated:
        return (
            "The log does not say when outcomes became known (column ok_at): those of the months "
            "before count as known, which makes advice look better where outcomes take weeks."
        )
    return (
        f"{known - dated:,} of {known:,} outcomes have no time at which they became known (column "
        "ok_at): they count as known when their month is over."
    )
