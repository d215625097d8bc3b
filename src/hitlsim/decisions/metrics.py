"""The metrics of the scorecard: each a name, a unit, a formula, and what it needs.

A metric reads a :class:`Cell`, the counts of one period and one workflow (or all of them). No
observed metric reads a ``true_`` count; those that do carry ``true`` in their name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

import pandas as pd

from . import unseen
from .intervals import NOTHING, Estimate, clopper_pearson, counted, ratio_of_clusters
from .tally import DOMAINS


class Unit(StrEnum):
    """How a metric is written."""

    SHARE = "share"
    HOURS_PER_WEEK = "hours a week"
    MINUTES = "minutes"
    HOURS = "hours"
    COUNT = "count"


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
    unit: Unit
    formula: str
    compute: Callable[[Cell], Estimate]
    needs: tuple[str, ...] = ()
    """Columns of the log without which it is left out."""
    needs_one_of: tuple[str, ...] = ()
    """Columns of which one will do."""
    needs_record: str = ""
    """What the log's record must say."""
    per_workflow: bool = True


def _rate(top: str, bottom: str) -> Callable[[Cell], Estimate]:
    return lambda cell: clopper_pearson(cell.sum(top), cell.sum(bottom))


def _seen(estimate: Callable[[pd.DataFrame], Estimate]) -> Callable[[Cell], Estimate]:
    return lambda cell: estimate(cell.rows)


def _true(estimate: Callable[[Cell], Estimate]) -> Callable[[Cell], Estimate]:
    return lambda cell: estimate(cell) if cell.sum("truth_known") else NOTHING


def _within(hours: int) -> Callable[[Cell], Estimate]:
    """Items still waiting count as missed once they are older than the limit, else not yet."""

    def compute(cell: Cell) -> Estimate:
        n = cell.sum("started") + cell.sum(f"late_{hours}")
        return clopper_pearson(cell.sum(f"within_{hours}"), n)

    return compute


def _wait(cell: Cell) -> Estimate:
    return ratio_of_clusters(cell.by_day("wait_minutes"), cell.by_day("started"), clusters="days")


def _hours(domain: str | None = None) -> Callable[[Cell], Estimate]:
    """Hours a week; the interval is for a typical week and needs two full ones."""

    def compute(cell: Cell) -> Estimate:
        work = cell.work if domain is None else cell.work[cell.work["domain"] == domain]
        daily = work.groupby("day")["minutes"].sum().reindex(cell.days, fill_value=0.0) / 60
        mean = 7 * float(daily.mean())
        weekly = daily.groupby(daily.index.to_period("W-SUN")).agg(["sum", "size"])
        full = weekly.loc[weekly["size"] == 7, "sum"]
        if len(full) < 2:
            return counted(mean, len(daily), "counted in full; too few weeks for an interval")
        e = ratio_of_clusters(full, [1.0] * len(full), clusters="weeks")
        half = (e.high - e.low) / 2
        return Estimate(mean, max(0.0, mean - half), mean + half, len(full), e.assumes)

    return compute


def _utilisation(cell: Cell) -> Estimate:
    return _hours()(cell).scaled(1 / sum(cell.record["capacity_hours_per_week"].values()))


def _manager_hours(cell: Cell) -> Estimate:
    managers = cell.work["pool"].isin(cell.record["manager_pools"])
    return _hours()(replace(cell, work=cell.work[managers]))


def _oldest(cell: Cell) -> Estimate:
    return counted(cell.oldest_minutes / 60, 1)


_SILENT = (
    ("fn_share", "P(auto and bad)", unseen.fn_share, "safe"),
    ("fn_of_auto", "P(bad given auto)", unseen.fn_of_auto, "auto"),
    ("fn_of_bad", "P(auto given bad)", unseen.fn_of_bad, "true_bad"),
)
"""The three rates of silent errors: name, meaning, estimate, and the count beneath the true one."""

METRICS: tuple[Metric, ...] = (
    Metric(
        name="decisions",
        title="Decisions",
        unit=Unit.COUNT,
        formula="all decisions, gated ones included",
        compute=lambda cell: counted(cell.sum("n"), cell.sum("n")),
    ),
    Metric(
        name="exception_rate",
        title="Exception rate",
        unit=Unit.SHARE,
        formula="exceptions / decisions the AI was allowed to take alone",
        compute=_rate("exceptions", "safe"),
    ),
    Metric(
        name="human_touch_rate",
        title="Human-touch rate",
        unit=Unit.SHARE,
        formula="decisions a person handled or looked at / all decisions",
        compute=_rate("touched", "n"),
    ),
    Metric(
        name="override_rate",
        title="Override rate",
        unit=Unit.SHARE,
        formula="edits and rejections / exceptions judged",
        compute=_rate("overridden", "judged"),
        needs_one_of=("verdict", "look_verdict"),
    ),
    *(
        Metric(
            name=name,
            title=f"Silent errors ({name})",
            unit=Unit.SHARE,
            formula=f"{what}, weighted from the outcomes seen",
            compute=_seen(estimate),
            needs=("ok",),
        )
        for name, what, estimate, _ in _SILENT
    ),
    *(
        Metric(
            name=f"true_{name}",
            title=f"True {name}",
            unit=Unit.SHARE,
            formula=f"{what}, known to the simulation only",
            compute=_true(_rate("true_auto_bad", bottom)),
            needs=("true_ok",),
        )
        for name, what, _, bottom in _SILENT
    ),
    Metric(
        name="review_hours",
        title="Reviewer hours",
        unit=Unit.HOURS_PER_WEEK,
        formula="hands-on time of all reviews and looks",
        compute=_hours(),
        needs=("review_minutes",),
    ),
    *(
        Metric(
            name=f"hours_{domain}",
            title=f"- on {domain}",
            unit=Unit.HOURS_PER_WEEK,
            formula=f"hands-on time on {domain}",
            compute=_hours(domain),
            needs=("review_minutes",),
        )
        for domain in DOMAINS
    ),
    Metric(
        name="manager_hours",
        title="Manager time",
        unit=Unit.HOURS_PER_WEEK,
        formula="hands-on time of the pools that answer for workflows (accountable in the RACI)",
        compute=_manager_hours,
        needs=("review_minutes", "pool"),
        needs_record="manager_pools",
        per_workflow=False,
    ),
    Metric(
        name="utilisation",
        title="Desk utilisation",
        unit=Unit.SHARE,
        formula="hours worked / hours set aside for reviewing",
        compute=_utilisation,
        needs=("review_minutes",),
        needs_record="capacity_hours_per_week",
        per_workflow=False,
    ),
    Metric(
        name="wait_minutes",
        title="Mean wait",
        unit=Unit.MINUTES,
        formula="from queue to start of work, nights and weekends included",
        compute=_wait,
        needs=("wait_minutes",),
    ),
    *(
        Metric(
            name=f"within_{hours}h",
            title=f"Begun within {hours} h",
            unit=Unit.SHARE,
            formula=f"items begun within {hours} h / items begun, or waiting longer than that",
            compute=_within(hours),
            needs=("wait_minutes",),
        )
        for hours in (24, 48)
    ),
    Metric(
        name="oldest_hours",
        title="Oldest waiting",
        unit=Unit.HOURS,
        formula="at the end of the period",
        compute=_oldest,
        needs=("queued_at",),
        per_workflow=False,
    ),
)
BY_NAME = {m.name: m for m in METRICS}
