"""The scorecard: every metric, by period and workflow, with interval, n and verdict."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import pandas as pd

from ...errors import LogError
from ...scenario.explain import band_words
from ...shown import Shown
from ..estimating.intervals import NOTHING, Estimate, as_row
from ..log import DecisionLog
from .counts import Counts
from .measure import Cell, Metric, on
from .metrics import BY_NAME, METRICS

if TYPE_CHECKING:
    from .stored import StoredLog

ALL = "all"
_PERIODS = {"week": "W-SUN", "month": "M"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Targets:
    """What the operating playbook asks for."""

    exception_rate: tuple[float, float] = (0.10, 0.15)
    too_loose: float = 0.05
    still_in_the_loop: float = 0.20
    override_rate: float = 0.30
    within_24h: float = 0.80
    within_48h: float = 0.95
    utilisation: float = 0.85
    same_day: float = 0.95
    bounce_rate: tuple[float, float] = (0.02, 0.05)
    """Where to warn, and where to pause: bulk-sender rules, as the next."""
    spam_rate: tuple[float, float] = (0.001, 0.003)


class Status(StrEnum):
    """Where a figure stands against its target."""

    GOOD = "on target"
    WATCH = "off target"
    BAD = "far off target"
    UNKNOWN = "not enough evidence"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A figure against its target, in words."""

    metric: Metric
    estimate: Estimate
    status: Status
    words: str
    sure: bool
    """Whether the whole interval says the same as the figure."""


@dataclass(frozen=True)
class Scorecard(Shown):
    """Metrics of a log.

    Attributes
    ----------
    frame : DataFrame
        One row for each period, workflow and metric: value, low, high (95%), n, unit, assumes.
    targets : Targets
        What :meth:`judge` holds the figures against.
    """

    frame: pd.DataFrame
    targets: Targets = field(default_factory=Targets)

    def get(self, metric: str, *, period: str = ALL, workflow: str = ALL) -> Estimate:
        """One figure.

        Raises
        ------
        LogError
            When there is no such metric, period or workflow.
        """
        if metric not in BY_NAME:
            raise LogError(f"metric {metric!r} is unknown; known: {', '.join(BY_NAME)}")
        for name, value in (("period", period), ("workflow", workflow)):
            known = self.frame[name].unique()
            if value not in known:
                raise LogError(
                    f"{name} {value!r} is not in the scorecard; known: {', '.join(known)}"
                )
        f = self.frame
        row = f[(f["metric"] == metric) & (f["period"] == period) & (f["workflow"] == workflow)]
        if row.empty:
            return NOTHING
        r = row.iloc[0]
        numbers = {c: float(r[c]) for c in ("value", "low", "high", "n")}
        return Estimate(**numbers, assumes=str(r["assumes"]), few=bool(r["few"]))

    def series(self, metric: str, *, workflow: str = ALL) -> pd.DataFrame:
        """One metric over the periods."""
        f = self.frame
        return f[(f["metric"] == metric) & (f["workflow"] == workflow)].set_index("period")

    @property
    def periods(self) -> list[str]:
        return list(self.frame["period"].unique())

    def judge(self, *, period: str = ALL, workflow: str = ALL) -> list[Judgement]:
        """Every figure that has a target, against it, in words."""
        out = []
        for name, judge in _JUDGES.items():
            e = self.get(name, period=period, workflow=workflow)
            if e.known:
                out.append(judge(BY_NAME[name], e, self.targets))
        return out


def scorecard(
    log: DecisionLog | Counts | StoredLog,
    *,
    by: str | None = None,
    per_workflow: bool = False,
    targets: Targets | None = None,
) -> Scorecard:
    """Measure a decision log, real or simulated.

    Parameters
    ----------
    log : DecisionLog, Counts or StoredLog
    by : {None, "week", "month"}
        Periods by day of decision (work: by day of the work); None is the whole log.
    per_workflow : bool
        Also one set of figures for each workflow.
    targets : Targets, optional
        Defaults are the playbook's.

    Returns
    -------
    Scorecard

    Examples
    --------
    >>> import hitlsim as hs
    >>> card = scorecard(hs.simulate(hs.load("outbound"), seed=7).log)
    >>> e = card.get("exception_rate")
    >>> bool(e.low < e.value < e.high)
    True
    """
    if by is not None and by not in _PERIODS:
        raise LogError(f"by={by!r} must be None, 'week' or 'month'")
    counts = log if isinstance(log, Counts) else _counts(log)
    usable = [m for m in METRICS if _usable(m, counts)]
    rows = []
    for period, days in _periods(counts.days, by):
        here, done = on(counts.rows, days), on(counts.work, days)
        flows = _flows(here) if per_workflow else []
        for flow in [ALL, *flows]:
            cell = Cell(
                here if flow == ALL else here[here["workflow"] == flow],
                done if flow == ALL else done[done["workflow"] == flow],
                days,
                counts.record,
                float(counts.oldest_minutes[days[-1]]),
            )
            rows += [
                {
                    "period": period,
                    "workflow": flow,
                    "metric": metric.name,
                    "unit": str(metric.unit),
                    **as_row(metric.compute(cell)),
                }
                for metric in usable
                if flow == ALL or metric.per_workflow
            ]
    return Scorecard(pd.DataFrame(rows), targets or Targets())


def _counts(log: DecisionLog | StoredLog) -> Counts:
    return Counts.of_log(log) if isinstance(log, DecisionLog) else log.counts()


def _flows(rows: pd.DataFrame) -> list[str]:
    flows = sorted(rows["workflow"].unique())
    if ALL in flows and len(flows) > 1:
        raise LogError(
            f"a workflow is called {ALL!r}, which here means all of them together; rename it, for "
            "example with values: in the mapping file"
        )
    return flows


def _usable(metric: Metric, counts: Counts) -> bool:
    """Whether the log has what a metric needs."""
    return (
        counts.columns.issuperset(metric.needs)
        and (not metric.needs_one_of or not counts.columns.isdisjoint(metric.needs_one_of))
        and (not metric.needs_some or bool(counts.rows[metric.needs_some].any()))
        and all(_says(counts.record, path) for path in metric.needs_record)
    )


def _says(record: Mapping[str, Any], path: str) -> bool:
    """Whether the log's record says something there."""
    found: Any = record
    for name in path.split("."):
        found = (found or {}).get(name)
    return bool(found)


def _periods(days: pd.DatetimeIndex, by: str | None) -> Iterator[tuple[str, pd.DatetimeIndex]]:
    """Label and days of each period."""
    if by is None:
        yield ALL, days
        return
    for period, part in days.to_series().groupby(days.to_period(_PERIODS[by])):
        label = str(period) if by == "month" else period.start_time.strftime("%Y-%m-%d")
        yield label, pd.DatetimeIndex(part)


def _judgement(metric: Metric, e: Estimate, zone: Any) -> Judgement:
    """``zone`` maps a value to (status, words); sure when both ends of the interval agree.

    What is counted in full has no interval: it is as it is.
    """
    status, words = zone(e.value)
    sure = math.isnan(e.low) or zone(e.low) == zone(e.high) == (status, words)
    return Judgement(metric, e, status, words, sure)


def _judge_exceptions(metric: Metric, e: Estimate, t: Targets) -> Judgement:
    (low, high), words = t.exception_rate, band_words(t.exception_rate)

    def zone(value: float) -> tuple[Status, str]:
        if value < t.too_loose:
            return Status.BAD, f"below {t.too_loose:.0%}: triggers too loose"
        if value < low:
            return Status.WATCH, f"under the {words} band: triggers rather loose"
        if value <= high:
            return Status.GOOD, f"inside the {words} band"
        if value <= t.still_in_the_loop:
            return Status.WATCH, f"over the {words} band: people see more than needed"
        return Status.BAD, f"above {t.still_in_the_loop:.0%}: people are still in the loop"

    return _judgement(metric, e, zone)


def _at_least(target: str, words: str) -> Any:
    def judge(metric: Metric, e: Estimate, t: Targets) -> Judgement:
        bar = getattr(t, target)

        def zone(value: float) -> tuple[Status, str]:
            if value >= bar:
                return Status.GOOD, f"at least {bar:.0%}"
            return Status.WATCH, f"below {bar:.0%}: {words}"

        return _judgement(metric, e, zone)

    return judge


def _judge_utilisation(metric: Metric, e: Estimate, t: Targets) -> Judgement:
    def zone(value: float) -> tuple[Status, str]:
        if value <= t.utilisation:
            return Status.GOOD, f"at most {t.utilisation:.0%}"
        return Status.BAD, f"above {t.utilisation:.0%}: queues grow; add hours or send less"

    return _judgement(metric, e, zone)


def _lines(target: str) -> Any:
    """A rate that ought to stay below a line for warning and another for pausing."""

    def judge(metric: Metric, e: Estimate, t: Targets) -> Judgement:
        warn, pause = getattr(t, target)

        def zone(value: float) -> tuple[Status, str]:
            if value <= warn:
                return Status.GOOD, f"at most {100 * warn:g}%"
            if value <= pause:
                return (
                    Status.WATCH,
                    f"above {100 * warn:g}%: find out why before it reaches {100 * pause:g}%",
                )
            return Status.BAD, f"above {100 * pause:g}%: stop sending until the cause is found"

        return _judgement(metric, e, zone)

    return judge


_JUDGES = {
    "exception_rate": _judge_exceptions,
    "override_rate": _at_least("override_rate", "triggers too sensitive, people mostly agree"),
    "within_24h": _at_least("within_24h", "people get to it too late"),
    "within_48h": _at_least("within_48h", "people get to it far too late"),
    "utilisation": _judge_utilisation,
    "same_day": _at_least("same_day", "records are not what was done by the evening"),
    "bounce_rate": _lines("bounce_rate"),
    "spam_rate": _lines("spam_rate"),
}
