"""What a metric is, what it is computed from, and the ways in which most are computed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...errors import LogError
from ..columns import KEYS
from ..estimating import unseen
from ..estimating.intervals import NOTHING, Estimate, clopper_pearson, counted, ratio_of_clusters
from ..log import DecisionLog

Compute = Callable[["Cell"], Estimate]
Floats = NDArray[np.float64]

_EPOCH_WEEKDAY = 3  # 1970-01-01 was a Thursday
NO_DECISIONS = "the log has no decisions in it, so there is nothing to measure"


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


class Daily:
    """Adds amounts up by day of a period; what lies outside is left out.

    >>> days = pd.date_range("2026-09-07", periods=3)
    >>> add = Daily(pd.Series(days[[0, 2, 2]]), days)
    >>> add(np.array([1.0, 2.0, 3.0])).tolist()
    [1.0, 0.0, 5.0]
    """

    def __init__(self, day: pd.Series, days: pd.DatetimeIndex) -> None:
        number = _day_numbers(day) - _day_numbers(days[:1])
        self._n = len(days)
        self._inside = np.flatnonzero((number >= 0) & (number < self._n))
        self._number = number[self._inside]

    def __call__(self, amounts: Floats) -> Floats:
        return np.asarray(np.bincount(self._number, amounts[self._inside], self._n))


def _day_numbers(days: pd.Series | pd.DatetimeIndex) -> NDArray[np.int64]:
    return np.asarray(days.to_numpy().astype("M8[D]").astype(np.int64))


class Labels:
    """A column of words, to ask the same of each word only once.

    >>> pools = Labels(pd.Series(["reps", None, "leads", "reps"]))
    >>> pools.among(["reps"]).tolist(), pools.numbers({"reps": 30.0}).tolist()
    ([True, False, False, True], [30.0, 0.0, 0.0, 30.0])
    """

    def __init__(self, words: pd.Series) -> None:
        self._codes, known = pd.factorize(words)
        self.words: list[str] = list(known)
        """Each of them once."""

    def among(self, words: Collection[str]) -> NDArray[np.bool_]:
        """Which rows have one of these."""
        return self._each([word in words for word in self.words], otherwise=False)

    def numbers(self, of: Mapping[str, float]) -> Floats:
        """Each row's number; 0 where there is none."""
        return self._each([float(of.get(word, 0.0)) for word in self.words], otherwise=0.0)

    def sums(self, amounts: Floats) -> Floats:
        """The sum for each word."""
        there = self._codes >= 0
        return np.asarray(np.bincount(self._codes[there], amounts[there], len(self.words)))

    def _each(self, values: list[Any], *, otherwise: Any) -> NDArray[Any]:
        # where the word is missing its code is -1
        return np.asarray(np.array([*values, otherwise])[self._codes])


@dataclass(frozen=True)
class Cell:
    """What one figure is computed from."""

    rows: pd.DataFrame
    """Counts of :func:`~hitlsim.decisions.counting.tally.tally`."""
    work: pd.DataFrame
    """Minutes of :func:`~hitlsim.decisions.counting.tally.work`, by day of the work."""
    days: pd.DatetimeIndex
    """Every day of the period that the log covers."""
    record: Mapping[str, Any]
    """What the log says of itself, such as the hours set aside for reviewing."""
    oldest_minutes: float
    """Age of the oldest item on the desk at the period's end; NaN where not known."""

    def column(self, name: str) -> Floats:
        """One of the counts, row by row."""
        return self._columns[name]

    def sum(self, column: str) -> float:
        return float(self.column(column).sum())

    def by_day(self, column: str) -> Floats:
        """One of the counts on each day of the period."""
        return self._decided(self.column(column))

    def out_by_day(self, minutes: Mapping[str, float]) -> Floats:
        """What went out on each day, each in the minutes of its workflow."""
        return self._decided(self.column("executed") * self.workflow.numbers(minutes))

    def minutes(
        self,
        domains: Collection[str] = (),
        *,
        pools: Collection[str] | None = None,
        costs: Mapping[str, float] | None = None,
    ) -> Floats:
        """Minutes worked on each day.

        Parameters
        ----------
        domains : collection of str
            Only these; all if there is none.
        pools : collection of str, optional
            Only of these.
        costs : mapping, optional
            What a minute of each pool counts; default 1.
        """
        amounts = np.asarray(self.work["minutes"], float)
        if domains:
            amounts = amounts * self._domain.among(domains)
        if pools is not None:
            amounts = amounts * self._pool.among(pools)
        if costs is not None:
            amounts = amounts * self._pool.numbers(costs)
        return self._worked(amounts)

    @cached_property
    def workflow(self) -> Labels:
        return Labels(self.rows["workflow"])

    @cached_property
    def silent(self) -> Mapping[str, Floats]:
        """The counts that the estimates of silent errors need, by workflow."""
        return {name: self.workflow.sums(self.column(name)) for name in unseen.COUNTS}

    @cached_property
    def _columns(self) -> dict[str, Floats]:
        names = [name for name in self.rows if name not in KEYS]
        # column after column: each is added up by itself
        values = np.asfortranarray(self.rows[names].to_numpy(float))
        return dict(zip(names, values.T, strict=True))

    @cached_property
    def _domain(self) -> Labels:
        return Labels(self.work["domain"])

    @cached_property
    def _pool(self) -> Labels:
        return Labels(self.work["pool"])

    @cached_property
    def _decided(self) -> Daily:
        return Daily(self.rows["day"], self.days)

    @cached_property
    def _worked(self) -> Daily:
        return Daily(self.work["day"], self.days)


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
    if not len(log):
        raise LogError(NO_DECISIONS)
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
        Rows of :func:`~hitlsim.decisions.counting.tally.work`.
    days : DatetimeIndex
        The period.
    """
    by_day = Daily(minutes["day"], days)
    return a_week(by_day(np.asarray(minutes["minutes"], float)) / 60, days)


def a_week(daily: Floats, days: pd.DatetimeIndex) -> Estimate:
    """An amount on each day, which may be negative, as a mean per week."""
    mean = 7 * float(daily.mean())
    week = _weeks(days)
    full = np.bincount(week, daily)[np.bincount(week) == 7]
    if len(full) < 2:
        return counted(mean, len(daily), "counted in full; too few weeks for an interval")
    e = ratio_of_clusters(full, np.ones(len(full)), clusters="weeks")
    half = e.high - e.value
    low = mean - half
    return Estimate(mean, low if (daily < 0).any() else max(0.0, low), mean + half, len(full),
                    e.assumes)  # fmt: skip


def _weeks(days: pd.DatetimeIndex) -> NDArray[np.int64]:
    """The week of each day, from Monday to Sunday, the first being 0."""
    week = (_day_numbers(days) + _EPOCH_WEEKDAY) // 7
    return np.asarray(week - week[0])


def per_thousand(money: Floats, cell: Cell) -> Estimate:
    """Money by day, per 1,000 decisions; weeks are the clusters, since work has a weekly rhythm."""
    decisions = cell.by_day("n")
    if not decisions.sum():
        return NOTHING
    week = _weeks(cell.days)
    by_week = np.bincount(week, money), np.bincount(week, decisions)
    return ratio_of_clusters(*by_week, clusters="weeks").scaled(1000)
