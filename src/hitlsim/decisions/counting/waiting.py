"""What waited for a person: how long, how much of it too long, and the oldest of each day.

Counted of the few rows that waited, beside the facts of all.
"""

from __future__ import annotations

import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ..clock import on_clock
from .facts import MILLISECONDS, Fetched, number_of, whole
from .source import MINUTE_US, SECOND_US, Source

WAITED = (
    "workflow", "phase", "decided_at", "wait_minutes", "queued_at", "due_at", "escalated_at",
    "started_at", "gold_ok",
)  # fmt: skip
_WITHIN_H = (24, 48)
WAITS = (
    "started", "wait_minutes", *(f"{which}_{h}" for which in ("within", "late") for h in _WITHIN_H),
    "queued", "escalated", "due", "breached",
)  # fmt: skip
"""What is added up of the team's own decisions."""


def waited(s: Source) -> Fetched:
    """Count what waited, by day of decision, workflow, phase, and by how long it stayed.

    Returns
    -------
    Fetched
        With the days of queuing (``since``) and of beginning (``until``), and the first time of
        queuing in microseconds; ``own`` is 0 for what is no decision of the team's. Without rows
        where the log does not say what waited.
    """
    asked = [name for name in ("queued_at", "wait_minutes") if s.has(name)]
    if not asked:
        return Fetched(pa.table({"day": pa.array([], pa.int32())}))
    there = s[asked[0]].notnull()
    for name in asked[1:]:
        there |= s[name].notnull()
    keys = {"day": s.day("decided_at"), **{n: s[n] for n in ("workflow", "phase") if s.has(n)}}
    keys |= {"since": s.day("queued_at"), "until": s.day("started_at")}
    if s.has("gold_ok"):
        keys["own"] = s["gold_ok"].isnull()
    rows = s.table.filter(there)
    return Fetched(s.fetch(rows.group_by(**keys).aggregate(**_sums(s))))


def _sums(s: Source) -> dict[str, ir.Value]:
    """What is added up, of the columns that are there."""
    wait, queued = s["wait_minutes"], s.instant("queued_at")
    sums = {name: s[name].count() for name in ("due_at", "started_at") if s.has(name)}
    if s.has("wait_minutes"):
        sums |= {"started": wait.count(), "wait_minutes": whole(wait, MILLISECONDS).sum()}
        sums |= {f"within_{h}": number_of(wait <= 60 * h) for h in _WITHIN_H}
    if s.has("queued_at"):
        sums |= {f"late_{h}": number_of(wait.isnull() & (queued < s.last - 60 * h * MINUTE_US))
                 for h in _WITHIN_H}  # fmt: skip
        sums |= {"queued": queued.count(), "first": queued.min(), **_due(s)}
    return sums


def _due(s: Source) -> dict[str, ir.Value]:
    queued, started, due = (s.instant(f"{name}_at") for name in ("queued", "started", "due"))
    late = queued.notnull() & started.notnull().ifelse(due < started, due < s.last)
    return {
        "escalated": number_of(queued.notnull() & s["escalated_at"].notnull()),
        # what is not yet due and not begun may still be begun in time
        "due": number_of(queued.notnull() & started.notnull() | late),
        "breached": number_of(late),
    }


def oldest(s: Source, w: Fetched) -> pd.Series:
    """The age in minutes at the end of each day of what had been queued by then and not begun.

    0 where nothing waited; NaN where the log does not say what waited.
    """
    queued = w.numbers("since")
    if not s.has("queued_at", "started_at") or np.isnan(queued).all():
        return pd.Series(np.nan, s.days)
    return pd.Series(_ages(s, w), s.days)


def _ages(s: Source, w: Fetched) -> NDArray[np.float64]:
    """Each is the oldest on the days that those before it leave."""
    n, day_one = len(s.days), int(s.days[0].to_datetime64().astype("M8[D]").astype(np.int64))
    nights = pd.DataFrame(
        {
            "since": w.numbers("since") - day_one,
            "until": np.nan_to_num(w.numbers("until") - day_one, nan=float(n)),
            "first": w.whole("first"),
        }
    )
    # what was begun on its day is not there at its end
    nights = nights[nights["until"] > nights["since"]].clip(lower=0)
    firsts = nights.groupby(["since", "until"])["first"].min().sort_values(kind="stable")
    ends = _ends_us(s)
    age = np.zeros(n)
    free = np.ones(n, bool)
    for (since, until), at in firsts.items():
        takes = np.flatnonzero(free[int(since) : int(until)]) + int(since)
        age[takes] = (ends[takes] - at) / SECOND_US / (MINUTE_US / SECOND_US)
        free[takes] = False
    return age


def _ends_us(s: Source) -> NDArray[np.int64]:
    """The instant at which each day ends."""
    # where clocks change at midnight it comes twice, or not at all
    ends = on_clock(s.days + pd.Timedelta(days=1), s.zone)
    return np.asarray(ends.tz_convert("UTC").tz_localize(None), "M8[us]").astype(np.int64)
