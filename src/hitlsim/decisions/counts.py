"""What a log comes down to when only counts are asked for: all that a scorecard is made from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from .log import DecisionLog
from .measure import days_of
from .tally import tally, work


@dataclass(frozen=True)
class Counts:
    """Sums by day, small enough to keep thousands of.

    Attributes
    ----------
    rows : DataFrame
        As :func:`~hitlsim.decisions.tally.tally` gives: by day of decision, workflow and phase.
    work : DataFrame
        As :func:`~hitlsim.decisions.tally.work` gives: minutes by day of the work.
    days : DatetimeIndex
        Every day that the log covers.
    oldest_minutes : Series
        For each of these days the age at its end of what had waited longest; 0 if nothing waited.
    columns : frozenset of str
        Columns of the log in which there is something.
    record : Mapping
        The log's record.
    """

    rows: pd.DataFrame
    work: pd.DataFrame
    days: pd.DatetimeIndex
    oldest_minutes: pd.Series
    columns: frozenset[str]
    record: Mapping[str, Any]

    @classmethod
    def of_log(cls, log: DecisionLog) -> Counts:
        """Count a log."""
        days = days_of(log)
        return cls(tally(log), work(log), days, _oldest(log, days), _filled(log), log.record)


def _filled(log: DecisionLog) -> frozenset[str]:
    return frozenset(name for name in log.frame.columns if log.has(name))


def _oldest(log: DecisionLog, days: pd.DatetimeIndex) -> pd.Series:
    """The age at the end of each day of what had been queued by then and not begun."""
    if not log.has("queued_at"):
        return pd.Series(math.nan, days)
    queued = log.frame.loc[log.frame["queued_at"].notna(), ["queued_at", "started_at"]]
    ends = (days + pd.Timedelta(days=1)).tz_localize(queued["queued_at"].dt.tz)
    return pd.Series([_age_of_oldest(queued, end) for end in ends], days)


def _age_of_oldest(queued: pd.DataFrame, end: pd.Timestamp) -> float:
    waiting = (queued["queued_at"] < end) & ~(queued["started_at"] < end)
    if not waiting.any():
        return 0.0
    return float((end - queued.loc[waiting, "queued_at"].min()).total_seconds() / 60)
