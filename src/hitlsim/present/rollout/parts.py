"""A run cut into its phases and into its weeks, each measured as a scorecard would."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from ...decisions.columns import DOMAINS
from ...decisions.counting.counts import Counts
from ...decisions.counting.measure import Cell, Metric, Section, Unit, on, rate
from ...decisions.counting.metrics import BY_NAME
from ...decisions.estimating.intervals import Estimate, counted

_WEEK = "W-SUN"


def _bad_a_week(cell: Cell) -> Estimate:
    return counted(7 * cell.sum("true_auto_bad") / len(cell.days), len(cell.days))


LOOKED = Metric(
    name="looked_at",
    title="Looked at afterwards",
    section=Section.SILENT,
    unit=Unit.SHARE,
    formula="decisions that went alone and whose outcome somebody looked up / those that went "
    "alone",
    compute=rate("auto_sampled", "auto"),
    needs=("ok",),
)
BAD_A_WEEK = Metric(
    name="bad_a_week",
    title="Bad decisions a week nobody was asked about",
    section=Section.SILENT,
    unit=Unit.COUNT,
    formula="bad decisions that went alone, a week, known to the simulation only",
    compute=_bad_a_week,
    needs=("true_ok",),
)
HOURS = tuple(BY_NAME[f"hours_{domain.replace(' ', '_')}"] for domain in DOMAINS)
MEASURED = (
    *(
        BY_NAME[name]
        for name in (
            "exception_rate", "override_rate", "human_touch_rate", "true_fn_share", "wait_minutes",
            "within_24h", "review_hours", "utilisation", "true_cost", "freed_hours",
        )
    ),
    LOOKED,
    BAD_A_WEEK,
)  # fmt: skip
"""What is measured of every phase, in the order in which it is shown."""
WEEKLY = (
    BY_NAME["exception_rate"], BY_NAME["true_fn_share"], BY_NAME["wait_minutes"], LOOKED, *HOURS,
)  # fmt: skip
"""What is measured of every week."""


def by_phase(counts: Counts, phases: Sequence[str]) -> Iterator[tuple[str, Cell]]:
    """Each phase that the run reached: its decisions, and the work done while it lasted.

    Workflows may go through the phases each at its own pace, and back. To a phase belong the days
    on which any of them is in it; where there are gaps, the days after them move up.
    """
    daily = phase_calendar(counts)
    decided, worked = counts.rows["phase"].astype("str"), _phase_of_work(counts, daily)
    for phase in phases:
        rows = counts.rows[(decided == phase).to_numpy()]
        if rows.empty:
            continue
        work = counts.work[(worked == phase).to_numpy()]
        those = daily.index[(daily == phase).any(axis=1)]
        days = pd.date_range(those[0], periods=len(those), freq="D")
        if days[-1] != those[-1]:
            place = dict(zip(those, days, strict=True))
            rows, work = (f.assign(day=f["day"].map(place)) for f in (rows, work))
        yield phase, Cell(rows, work, days, counts.record, math.nan)


def phase_calendar(counts: Counts) -> pd.DataFrame:
    """The phase of each workflow (columns) on each day (rows).

    Where a workflow decided nothing it is in the phase of its decisions before and after; where
    those differ, or there are none, in the phase of most workflows.
    """
    rows = counts.rows.astype({"phase": "str"})
    daily = rows.pivot_table(
        index="day", columns="workflow", values="phase", aggfunc="first", observed=True
    )
    daily = daily.reindex(counts.days)
    most = daily.mode(axis=1)[0].ffill().bfill()
    before, after = daily.ffill(), daily.bfill()
    told = before.where(before == after)
    return told.apply(lambda flow: flow.fillna(most))


def _phase_of_work(counts: Counts, daily: pd.DataFrame) -> pd.Series:
    """The phase in which a workflow was on the day of the work, not when it was decided.

    What is worked after the last decision belongs to none.
    """
    work = counts.work
    day = daily.index.get_indexer(pd.Index(work["day"]))
    flow = daily.columns.get_indexer(pd.Index(work["workflow"].astype("str")))
    found = daily.to_numpy(object)[day, flow]
    return pd.Series(np.where((day >= 0) & (flow >= 0), found, ""), work.index, dtype="str")


def by_week(counts: Counts) -> Iterator[tuple[str, Cell]]:
    """Each week by its Monday."""
    for week, part in counts.days.to_series().groupby(counts.days.to_period(_WEEK)):
        days = pd.DatetimeIndex(part)
        cell = Cell(
            on(counts.rows, days), on(counts.work, days), days, counts.record, math.nan
        )  # fmt: skip
        yield week.start_time.strftime("%Y-%m-%d"), cell


def measured(cell: Cell, metrics: Sequence[Metric], counts: Counts) -> dict[str, float]:
    """Each metric's value; NaN where the run knows nothing of it."""
    return {
        m.name: m.compute(cell).value if counts.columns.issuperset(m.needs) else math.nan
        for m in metrics
    }
