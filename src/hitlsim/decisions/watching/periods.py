"""Weeks or months of a log, and which of them the others are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

from ...errors import LogError, NotEnoughEvidence
from ..counting.measure import days_of
from ..log import DecisionLog, month_span

LEAST_BASELINE = {"week": 8, "month": 3}
"""Periods that a baseline has at least, unless somebody says otherwise or a phase begins."""
LEAST_WEEKS = 4
"""Weeks with decisions without which nobody can say how much weeks differ."""
_STEADY = "steady-state"
_FREQUENCY = {"week": "W-SUN", "month": "M"}


class Period(NamedTuple):
    """A stretch of days with decisions.

    Attributes
    ----------
    label : str
        The month as ``2026-09``, or the week's Monday as ``2026-09-07``.
    first, last : Timestamp
        Its days, both included.
    """

    label: str
    first: pd.Timestamp
    last: pd.Timestamp


@dataclass(frozen=True)
class Calendar:
    """The periods of a log.

    Attributes
    ----------
    by : {"week", "month"}
    periods : tuple of Period
        Those with decisions, in order.
    baseline : int
        How many of them, from the first, the others are compared with.
    weeks : tuple of Period
        The weeks of the baseline, which say how much weeks differ.
    because : str
        Why the baseline ends where it does.
    empty : int
        Periods between the first and the last without a decision.
    """

    by: str
    periods: tuple[Period, ...]
    baseline: int
    weeks: tuple[Period, ...]
    because: str
    empty: int

    @property
    def whole(self) -> Period:
        """The baseline as one stretch of days."""
        return Period("baseline", self.periods[0].first, self.periods[self.baseline - 1].last)

    @property
    def watched(self) -> tuple[Period, ...]:
        return self.periods[self.baseline :]


def calendar(log: DecisionLog, by: str, baseline: int | None) -> Calendar:
    """Cut a log into periods and choose the baseline.

    Raises
    ------
    LogError
        When ``by`` or ``baseline`` make no sense.
    NotEnoughEvidence
        When the log is too short to have a baseline and something to compare with it.
    """
    if by not in _FREQUENCY:
        raise LogError(f"by={by!r} must be 'week' or 'month'")
    if baseline is not None and baseline < 1:
        raise LogError(f"baseline={baseline} must be at least one {by}")
    days_of(log)  # refuses a log without decisions
    day = log.frame["decided_at"].dt.tz_localize(None).dt.floor("D")
    periods, empty = _periods(day, by)
    chosen, because = (baseline, "as asked for") if baseline is not None else _chosen(
        log, day, periods, by
    )  # fmt: skip
    if len(periods) <= chosen:
        raise NotEnoughEvidence(_too_few(len(periods), chosen, by, given=baseline is not None))
    weeks = _periods(day[day <= periods[chosen - 1].last], "week")[0]
    if len(weeks) < LEAST_WEEKS:
        raise NotEnoughEvidence(
            f"the baseline has {_so_many(len(weeks), 'week')} with decisions; it takes "
            f"{LEAST_WEEKS} to see how much weeks differ: give a longer baseline"
        )
    return Calendar(by, periods, chosen, weeks, because, empty)


def _periods(day: pd.Series, by: str) -> tuple[tuple[Period, ...], int]:
    there = day.dt.to_period(_FREQUENCY[by])
    found = there.drop_duplicates().sort_values()
    periods = tuple(
        Period(
            str(p) if by == "month" else f"{p.start_time:%Y-%m-%d}",
            p.start_time,
            p.end_time.floor("D"),
        )
        for p in found
    )
    span = (found.iloc[-1] - found.iloc[0]).n + 1
    return periods, span - len(periods)


def _chosen(
    log: DecisionLog, day: pd.Series, periods: tuple[Period, ...], by: str
) -> tuple[int, str]:
    """Up to steady state, where the log has phases; else the first third, but enough."""
    if log.has("phase"):
        steady = day[(log.frame["phase"].astype("str") == _STEADY).to_numpy()]
        before = sum(p.last < steady.min() for p in periods) if len(steady) else 0
        if before and (periods[before - 1].last - periods[0].first).days + 1 >= 7 * LEAST_WEEKS:
            return before, "the phases before steady state"
    third = len(periods) // 3
    least = LEAST_BASELINE[by]
    if third > least:
        return third, "the first third of the log"
    return least, f"the first {_so_many(least, by)}"


def _too_few(there: int, baseline: int, by: str, *, given: bool) -> str:
    said = (
        f"the log has {_so_many(there, by)} with decisions; watching takes {baseline} for the "
        f"baseline and at least one to compare with it"
    )
    if given:
        return f"{said}: give a shorter baseline"
    least = LEAST_WEEKS if by == "week" else 1
    shorter = f", or a baseline of your own (--baseline {least})" if there > least else ""
    other = " or --by week" if by == "month" else ""
    return f"{said}, {_so_many(baseline + 1, by)} in all: give a longer log{shorter}{other}"


def _so_many(n: int, by: str) -> str:
    return f"{n} {by}{'' if n == 1 else 's'}"


def clipped(log: DecisionLog, since: str | None, until: str | None) -> DecisionLog:
    """The log from one day, or month, to another, both included.

    Raises
    ------
    LogError
        When a day cannot be read, or nothing lies between them.
    """
    if since is None and until is None:
        return log
    at = log.frame["decided_at"]
    tz = at.dt.tz
    start = at.min() if since is None else _edges(since, tz, "since")[0]
    end = (
        at.max() + pd.Timedelta(milliseconds=1) if until is None else _edges(until, tz, "until")[1]
    )
    part = log.between(start, end)
    if not len(part):
        raise LogError(
            f"the log has no decisions from {since or 'its start'} to {until or 'its end'}; it "
            f"runs from {at.min():%Y-%m-%d} to {at.max():%Y-%m-%d}"
        )
    return part


def _edges(text: str, tz: object, name: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First instant of a day or month, and the first after it."""
    if len(text) == len("2026-09"):
        return month_span(text, tz)
    try:
        day = pd.Timestamp(np.datetime64(text, "D"))
    except ValueError:
        raise LogError(f"{name} {text!r} must be written like 2026-09 or 2026-09-07") from None
    return day.tz_localize(tz), (day + pd.Timedelta(days=1)).tz_localize(tz)
