"""What a metric is, what it is computed from, and the ways in which most are computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pandas as pd

from .intervals import NOTHING, Estimate, clopper_pearson, counted, ratio_of_clusters
from .log import DecisionLog

Compute = Callable[["Cell"], Estimate]


class Unit(StrEnum):
    """How a metric is written."""

    SHARE = "share"
    HOURS_PER_WEEK = "hours a week"
    MINUTES = "minutes"
    HOURS = "hours"
    COUNT = "count"
    MONEY = "money per 1,000 decisions"
    """In the currency of the log's record."""


class Section(StrEnum):
    """What a metric is about; sections are shown in this order."""

    RATES = "rates"
    SILENT = "silent errors"
    PEOPLE = "people"
    TIME = "time"
    EMAIL = "email"
    MONEY = "money"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one figure is computed from."""

    rows: pd.DataFrame
    """Counts of :func:`~hitlsim.decisions.tally.tally`."""
    work: pd.DataFrame
    """Minutes of :func:`~hitlsim.decisions.tally.work`, by day of the work."""
    days: pd.DatetimeIndex
    """Every day of the period that the log covers."""
    record: Mapping[str, Any]
    """What the log says of itself, such as the hours set aside for reviewing."""
    oldest_minutes: float
    """Age of the oldest item on the desk at the period's end; NaN where not known."""

    def sum(self, column: str) -> float:
        return float(self.rows[column].sum())

    def by_day(self, column: str) -> pd.Series:
        return self.rows.groupby("day")[column].sum()


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One line of the scorecard."""

    name: str
    title: str
    section: Section
    unit: Unit
    formula: str
    compute: Compute
    needs: tuple[str, ...] = ()
    """Columns of the log without which it is left out."""
    needs_one_of: tuple[str, ...] = ()
    """Columns of which one will do."""
    needs_some: str = ""
    """A count of the tally: a metric about what never happened in the whole log is left out."""
    needs_record: tuple[str, ...] = ()
    """What the log's record must say; ``a.b`` is ``b`` within ``a``."""
    per_workflow: bool = True


def days_of(log: DecisionLog) -> pd.DatetimeIndex:
    """Every day from the log's first decision to its last, on its own clock."""
    local = log.frame["decided_at"].dt.tz_localize(None).dt.floor("D")
    return pd.date_range(local.min(), local.max(), freq="D")


def on(frame: pd.DataFrame, days: pd.DatetimeIndex) -> pd.DataFrame:
    """The rows of these days."""
    return frame[(frame["day"] >= days[0]) & (frame["day"] <= days[-1])]


def rate(top: str, bottom: str) -> Compute:
    """One count of another, decisions being independent of each other."""
    return lambda cell: clopper_pearson(cell.sum(top), cell.sum(bottom))


def hours_a_week(minutes: pd.DataFrame, days: pd.DatetimeIndex) -> Estimate:
    """Hours of work a week; the interval is for a typical week and needs two full ones.

    Parameters
    ----------
    minutes : DataFrame
        Rows of :func:`~hitlsim.decisions.tally.work`.
    days : DatetimeIndex
        The period.
    """
    return a_week(minutes.groupby("day")["minutes"].sum() / 60, days)


def a_week(by_day: pd.Series, days: pd.DatetimeIndex) -> Estimate:
    """A daily amount, which may be negative, as a mean per week."""
    daily = by_day.reindex(days, fill_value=0.0)
    mean = 7 * float(daily.mean())
    weekly = daily.groupby(daily.index.to_period("W-SUN")).agg(["sum", "size"])
    full = weekly.loc[weekly["size"] == 7, "sum"]
    if len(full) < 2:
        return counted(mean, len(daily), "counted in full; too few weeks for an interval")
    e = ratio_of_clusters(full, [1.0] * len(full), clusters="weeks")
    half = e.high - e.value
    low = mean - half
    return Estimate(mean, low if (daily < 0).any() else max(0.0, low), mean + half, len(full),
                    e.assumes)  # fmt: skip


def per_thousand(amounts: Mapping[str, pd.Series] | pd.Series, cell: Cell) -> Estimate:
    """Money by day, per 1,000 decisions; weeks are the clusters, since work has a weekly rhythm."""
    parts = [amounts] if isinstance(amounts, pd.Series) else list(amounts.values())
    money = sum(part.reindex(cell.days, fill_value=0.0) for part in parts)
    decisions = cell.by_day("n").reindex(cell.days, fill_value=0.0)
    if not decisions.sum():
        return NOTHING
    week = cell.days.to_period("W-SUN")
    both = pd.DataFrame({"money": money, "n": decisions}).groupby(week).sum()
    return ratio_of_clusters(both["money"], both["n"], clusters="weeks").scaled(1000)
