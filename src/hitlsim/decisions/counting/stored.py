"""A log that stays where it is, and is asked there."""

from __future__ import annotations

import math
from collections.abc import Mapping as Map
from dataclasses import dataclass, replace
from datetime import tzinfo
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from ...errors import LogError
from ...scenario.boundary import Bands
from ..clock import on_clock
from ..columns import COLUMNS, EXCEPTION_ROUTES, DType, held
from ..log import DecisionLog, month_span
from ..reading.mapping import Mapping, read_mapping
from ..reading.rejects import allowed_share
from .counts import Counts
from .facts import Fetched, facts
from .mapped import (
    SANE_US,
    Reason,
    any_strange_word,
    by_bands,
    first_reason,
    local_times,
    mapped,
    of_words,
    reasons,
)
from .measure import NO_DECISIONS
from .opening import place_of
from .source import Source
from .tally import NO_ROUTE, tally_of, work_of
from .waiting import oldest, waited

if TYPE_CHECKING:
    from .scorecard import Scorecard, Targets

MOST_ROWS = 2_000_000
"""Rows that are brought into memory, unless somebody says otherwise: about 2 GB."""
_TIMES = ("queued_at", "due_at", "started_at", "wait_minutes")
_MAYBE_UNSEEN = ("pool", "review_minutes", "arrived_at", "due_at", "started_at")
"""Columns of which counting itself does not always tell whether there is something in them."""
_PARTS = 1_000_000


@dataclass(frozen=True, eq=False)
class StoredLog:
    """A decision log in Parquet files, a database or a warehouse.

    Attributes
    ----------
    source : Source
        Its usable rows, under the log's names.
    name : str
    rows : int
        How many there are, with those that cannot be used.
    rejects : DataFrame
        Why rows cannot be used: column, reason, rows; each row for its first problem only.
    by_bands : bool
        Whether bands say what went alone, and not the log itself.
    """

    source: Source
    name: str
    rows: int
    rejects: pd.DataFrame
    by_bands: bool = False

    def __len__(self) -> int:
        return self.rows - int(self.rejects["rows"].sum())

    @property
    def record(self) -> Map[str, Any]:
        """Where it comes from, and what its mapping says."""
        return self.source.record

    def counts(self) -> Counts:
        """All that a scorecard is made from, counted where the log is.

        Raises
        ------
        LogError
            When the log does not say which decisions went alone.
        """
        return self._counts

    def scorecard(
        self, *, by: str | None = None, per_workflow: bool = False, targets: Targets | None = None
    ) -> Scorecard:
        """Measure the log; as :func:`~hitlsim.scorecard`."""
        from .scorecard import scorecard

        return scorecard(self.counts(), by=by, per_workflow=per_workflow, targets=targets)

    def under(self, *, auto: float, review: float) -> StoredLog:
        """The same log as routed by these bands; for a log that has no routes of its own.

        Raises
        ------
        LogError
            When it has some.
        """
        if self.source.has("route") and not self.by_bands:
            raise LogError(
                f"{self.name}: says itself what went alone; to try other bands take "
                "sample(...) or month(...) of it and use rerouted"
            )
        bands = Bands(auto=auto, review=review)
        route = by_bands(self.source["confidence"], bands)
        table = self.source.table.mutate(route=route, exception=route.isin(EXCEPTION_ROUTES))
        record = {**self.record, "bands": {"auto": auto, "review": review}}
        source = replace(self.source, table=table, record=record)
        return replace(self, source=source, by_bands=True)

    def month(self, month: str, *, most: int = MOST_ROWS) -> DecisionLog:
        """The decisions of one month, in memory.

        Parameters
        ----------
        month : str
            Such as 2026-09, on the log's own clock.
        most : int
            Refused if there are more.

        Raises
        ------
        LogError
            When there are none, or too many.
        """
        s = self.source
        start, end = (
            int(t.tz_convert("UTC").tz_localize(None).to_datetime64().astype("M8[us]").astype(int))
            for t in month_span(month, s.zone)
        )
        at = s.instant("decided_at")
        part = s.table.filter((at >= start) & (at < end))
        n = int(s.fetch(part.aggregate(n=part.count()))["n"][0].as_py())
        if not n:
            days = s.days
            raise LogError(
                f"month {month}: the log has no decisions in it; it goes from {days[0]:%Y-%m-%d} "
                f"to {days[-1]:%Y-%m-%d}"
            )
        self._refuse_too_many(n, most, f"month {month}")
        return self._in_memory(part, {"month": month})

    def sample(self, n: int, seed: int) -> DecisionLog:
        """Decisions drawn at random, in memory; the same seed draws the same ones.

        Parameters
        ----------
        n : int
            How many; all of them where there are fewer.
        seed : int
            Which of the many samples. Engines draw different ones.
        """
        if n < 1:
            raise LogError(f"n={n}: at least one decision must be drawn")
        self._refuse_too_many(min(n, len(self)), MOST_ROWS, "the sample")
        s = self.source
        unique = [
            ibis.coalesce(value.cast("string"), ibis.literal(""))
            for value in (s["decision_id"], s.instant("decided_at"), s["confidence"])
        ]
        lot = ibis.literal(f"{seed}/").concat(*unique).hash()
        # only those with small numbers are put in order: a few more than are wanted
        share = (n + 6 * math.sqrt(n) + 10) / len(self)
        table = s.table.mutate(lot=((lot % _PARTS) + _PARTS) % _PARTS, lot_full=lot)
        few = table.filter(table.lot < math.ceil(_PARTS * min(share, 1)))
        drawn = few.order_by([few.lot, few.lot_full]).limit(n).drop("lot", "lot_full")
        return self._in_memory(drawn, {"sampled": {"seed": seed, "of": len(self)}})

    @cached_property
    def _counts(self) -> Counts:
        s = self.source
        if not s.has("route"):
            raise LogError(NO_ROUTE)
        f = Fetched(s.fetch(facts(s)))
        if not f.some("route"):
            raise LogError(NO_ROUTE)
        w, done = waited(s), work_of(s)
        filled = self._filled(f, w, done)
        return Counts(tally_of(f, w), done, s.days, oldest(s, w), filled, s.record)

    def _filled(self, f: Fetched, w: Fetched, done: pd.DataFrame) -> frozenset[str]:
        """The columns that any metric asks for in which there is something."""
        s = self.source
        some = {n for n in COLUMNS if f.some(n)}
        told = {"queued_at": "queued", "wait_minutes": "started"}
        some |= {n for n in _TIMES if w.whole(told.get(n, n)).any()}
        # where work was counted it has told already
        some |= {"pool"} if done["pool"].notna().any() else set()
        some |= {"review_minutes"} if (done["domain"] != "looks").any() else set()
        asked = {n: s[n].count() for n in _MAYBE_UNSEEN if s.has(n) and n not in some}
        if asked:
            found = s.fetch(s.table.aggregate(**asked))
            some |= {n for n in asked if found[n][0].as_py()}
        return frozenset(some)

    def _refuse_too_many(self, n: int, most: int, what: str) -> None:
        if n > most:
            raise LogError(
                f"{what} has {n:,} decisions; at most {most:,} are brought into memory: "
                "take sample(n, seed) of fewer"
            )

    def _in_memory(self, part: ir.Table, record: Map[str, Any]) -> DecisionLog:
        ours = part.select(*(n for n in part.columns if n in COLUMNS))
        frame = _as_held(self.source.fetch(ours), self.source.zone)
        return DecisionLog(frame, {**self.record, **record})


def open_log(
    source: Any,
    *,
    mapping: str | Path | None = None,
    allow_rejects: float | None = None,
) -> StoredLog:
    """Open a decision log that is too large for memory; it stays where it is.

    Parameters
    ----------
    source : str, Path or ibis Table
        A Parquet file; a folder of them, or a pattern such as ``logs/*.parquet``, parts named like
        ``month=2026-09`` included; ``file.duckdb#table``; the URL of a warehouse that
        ``ibis.connect`` knows, with the table after a ``#``. Passwords come from the environment:
        ``postgres://${PGUSER}:${PGPASSWORD}@host/database#decisions``.
    mapping : str or Path, optional
        A mapping file (``docs/your-own-log.md``), applied where the log is. Times must be stored
        as times.
    allow_rejects : float, optional
        Largest share of rows that may be unusable; else what the mapping says, else 0.01.

    Returns
    -------
    StoredLog

    Raises
    ------
    LogError
        When there is no such table, or it cannot be used as the mapping says, or too many of its
        rows cannot.

    Notes
    -----
    Rows are not compared with each other: one that is there twice counts twice.

    Examples
    --------
    >>> import tempfile
    >>> import hitlsim as hs
    >>> run = hs.simulate(hs.load("outbound"), seed=7)
    >>> path = run.log.to_parquet(Path(tempfile.mkdtemp()) / "log.parquet")
    >>> card = open_log(path).scorecard()
    >>> card.get("exception_rate") == run.scorecard().get("exception_rate")
    True
    """
    place = place_of(source)
    plan = Mapping() if mapping is None else read_mapping(mapping)[0]
    zone = place.zone if mapping is None and place.zone is not None else ZoneInfo(plan.timezone)
    said = place.record if mapping is None else {}
    record = {
        **said, "source": place.name, "timezone": str(zone), "hitlsim": version("hitlsim"),
        **plan.model_dump(include={"bands", "capacity_hours_per_week"}, exclude_none=True),
    }  # fmt: skip
    table = mapped(place.table, plan, place.name)
    local = local_times(place.table, plan, place.name, place.backend.name)
    s = Source(table, zone, 0, 0, record, place.backend, local)
    log = _checked(
        _spanned(s) if local else s, place.name, allowed_share(allow_rejects, plan.allow_rejects)
    )
    if plan.bands and not s.has("route"):
        return log.under(auto=plan.bands.auto, review=plan.bands.review)
    return log


def _spanned(s: Source) -> Source:
    """With roughly the first and the last time, which readings of a clock need to be told."""
    at = replace(s, local=frozenset()).instant("decided_at")
    sane = (at >= SANE_US[0]) & (at < SANE_US[1])
    ends = s.fetch(s.table.aggregate(first=at.min(where=sane), last=at.max(where=sane)))
    first, last = (ends[name][0].as_py() for name in ("first", "last"))
    return s if first is None else replace(s, first=int(first), last=int(last))


def _checked(s: Source, name: str, allowed: float) -> StoredLog:
    """Count the rows that cannot be used, and leave them out."""
    found = list(reasons(s))
    at = s.instant("decided_at")
    holds = {f"reason_{i}": r.which.ifelse(1, 0).sum() for i, r in enumerate(found)}
    seen = s.fetch(
        s.table.aggregate(rows=s.table.count(), first=at.min(), last=at.max(), **holds)
    ).to_pylist()[0]
    rows, rejects = int(seen["rows"]), _no_rejects()
    if not rows:
        raise LogError(NO_DECISIONS)
    if any(seen[reason] for reason in holds) or any_strange_word(s):
        found += of_words(s)
        numbered = s.table.mutate(reject_=first_reason(found), at_=at)
        told = s.fetch(
            numbered.group_by("reject_").aggregate(
                rows=numbered.count(), first=numbered.at_.min(), last=numbered.at_.max()
            )
        ).to_pylist()
        rejects = _told(found, {r["reject_"]: r["rows"] for r in told if r["reject_"] >= 0})
        _refuse_if_too_many(rejects, rows, allowed, name)
        seen = next(r for r in told if r["reject_"] < 0)
        usable = numbered.filter(numbered.reject_ < 0)
        s = replace(s, table=usable.drop("reject_", "at_"))
    lost = int(rejects["rows"].sum())
    record = {**s.record, "rows_read": rows, "rows_used": rows - lost, "rows_rejected": lost}
    s = replace(s, first=int(seen["first"]), last=int(seen["last"]), record=record)
    return StoredLog(s, name, rows, rejects)


def _no_rejects() -> pd.DataFrame:
    return pd.DataFrame({"column": [], "reason": [], "rows": np.array([], np.int64)})


def _told(found: list[Reason], rows: Map[int, int]) -> pd.DataFrame:
    """The most frequent first."""
    numbers = sorted(rows, key=lambda i: (-rows[i], i))
    return pd.DataFrame(
        {
            "column": [found[i].column for i in numbers],
            "reason": [found[i].words for i in numbers],
            "rows": np.array([rows[i] for i in numbers], np.int64),
        }
    )


def _refuse_if_too_many(rejects: pd.DataFrame, rows: int, allowed: float, name: str) -> None:
    lost = int(rejects["rows"].sum())
    share = lost / rows
    if lost < rows and share <= allowed:
        return
    first = rejects.iloc[0]
    rule = "none is left" if lost == rows else f"{allowed:.2%} are allowed"
    remedy = "mend the mapping, or the rows where they are stored"
    if lost < rows:
        remedy += f", or set allow_rejects to {math.ceil(share * 1e4) / 1e4:g} or more"
    raise LogError(
        f"{name}: {lost:,} of {rows:,} rows ({share:.2%}) cannot be used, {rule}; most often "
        f"{first['column']} {first['reason']} ({first['rows']:,} rows); {remedy}"
    )


def _as_held(table: pa.Table, zone: tzinfo) -> pd.DataFrame:
    """Rows as a log in memory holds them, in order of ``decided_at``."""
    frame = table.to_pandas()
    if "decision_id" not in frame:
        frame["decision_id"] = pd.array([f"row-{i}" for i in range(len(frame))], dtype="str")
    columns = {name: _held(frame[name], name, zone) for name in frame}
    ordered = held(pd.DataFrame(columns)).sort_values(["decided_at", "decision_id"])
    return ordered.reset_index(drop=True)


def _held(values: pd.Series, name: str, zone: tzinfo) -> Any:
    column = COLUMNS[name]
    if column.dtype is DType.TIME:
        times = pd.DatetimeIndex(values)
        if times.tz is None:
            return pd.Series(on_clock(times, zone), values.index)
        return pd.Series(times.tz_convert(zone).as_unit("ms"), values.index)
    if column.dtype is DType.CATEGORY:
        words = values.where(values != "", None)
        return pd.Series(pd.Categorical(words, list(column.values) or None), values.index)
    if column.dtype is DType.YES_NO:
        complete = name != "ok" and bool(values.notna().all())
        return values.astype("bool" if complete else "boolean")
    if column.dtype is DType.WHOLE:
        return values.astype("int64" if values.notna().all() else "Int64")
    return values.astype("float64" if column.dtype is DType.NUMBER else "str")
