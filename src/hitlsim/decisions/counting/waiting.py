"""What had waited longest at the end of each day, from a table of days."""

from __future__ import annotations

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..clock import on_clock
from ..log import DecisionLog
from .source import MINUTE_US, SECOND_US, Source


def oldest(log: DecisionLog) -> pd.Series:
    """The age in minutes at the end of each day of what had been queued by then and not begun.

    0 where nothing waited; NaN where the log does not say what waited.
    """
    return oldest_of(Source.of_log(log, ("decided_at", "queued_at", "started_at")))


def oldest_of(s: Source) -> pd.Series:
    """The same of any log."""
    if not s.has("queued_at", "started_at"):
        return pd.Series(np.nan, s.days)
    nights = s.fetch(_over_night(s))
    if not nights.num_rows:
        return pd.Series(np.nan, s.days)
    return pd.Series(_ages(s, nights), s.days)


def _over_night(s: Source) -> ir.Table:
    """For each day of queuing and of beginning, what was queued first; no rows if nothing was."""
    queued = s.table.filter(s.table.queued_at.notnull()).select(
        since=s.day("queued_at"), until=s.day("started_at"), queued=s.instant("queued_at")
    )
    # of what was begun on its day only the day matters: that something was queued at all
    stays = queued.until.isnull() | (queued.until > queued.since)
    return queued.group_by(
        since=queued.since, until=stays.ifelse(queued.until, queued.since), stays=stays
    ).aggregate(queued=queued.queued.min())


def _ages(s: Source, nights: pa.Table) -> NDArray[np.float64]:
    """Each is the oldest on the days that those before it leave."""
    n, first = len(s.days), _day_number(s.days[0])
    nights = nights.filter(nights["stays"]).sort_by("queued")
    since = np.asarray(nights["since"], np.int64) - first
    until = np.asarray(pc.fill_null(nights["until"], first + n), np.int64) - first
    queued = np.asarray(nights["queued"], np.int64)
    ends = _ends_us(s)
    age = np.zeros(n)
    free = np.ones(n, bool)
    for since_, until_, at in zip(since.clip(0), until.clip(0, n), queued, strict=True):
        takes = np.flatnonzero(free[since_:until_]) + since_
        age[takes] = (ends[takes] - at) / SECOND_US / (MINUTE_US / SECOND_US)
        free[takes] = False
    return age


def _ends_us(s: Source) -> NDArray[np.int64]:
    """The instant at which each day ends."""
    # where clocks change at midnight it comes twice, or not at all
    ends = on_clock(s.days + pd.Timedelta(days=1), s.zone)
    return np.asarray(ends.tz_convert("UTC").tz_localize(None), "M8[us]").astype(np.int64)


def _day_number(day: pd.Timestamp) -> int:
    return int(day.to_datetime64().astype("M8[D]").astype(np.int64))
