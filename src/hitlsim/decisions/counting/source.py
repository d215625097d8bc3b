"""Where a log's rows are: any table that Ibis reaches, and what counting must know beforehand.

Days are those of the log's own clock. They are worked out from the changes of that clock, in whole
microseconds, and not by the engine's own functions: so that every engine finds the same.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from functools import cache, cached_property
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa

from ...errors import LogError
from ..clock import NAT, WallClock
from ..columns import COLUMNS, DType
from ..log import DecisionLog

SECOND_US, MINUTE_US, DAY_US = 1_000_000, 60_000_000, 86_400_000_000
TYPES = {DType.TEXT: "string", DType.CATEGORY: "string", DType.TIME: "timestamp",
         DType.NUMBER: "float64", DType.WHOLE: "int64", DType.YES_NO: "boolean"}  # fmt: skip
"""How the columns of a log are held in a table."""


def _builtin(name: str) -> Callable[[ir.Value], ir.Value]:
    """A function that an engine has, from a time to whole microseconds since 1970."""

    def microseconds(at: ir.Value) -> ir.Value: ...

    signature = ((dt.Timestamp(nullable=True),), dt.int64)
    built: Callable[[ir.Value], ir.Value] = ibis.udf.scalar.builtin(
        microseconds, name=name, signature=signature
    )
    return built


_MICROSECONDS = {"duckdb": _builtin("epoch_us"), "pyspark": _builtin("unix_micros"),
                 "databricks": _builtin("unix_micros")}  # fmt: skip


def _whole_seconds(at: ir.Value) -> ir.Value:
    """For engines that have nothing finer in common."""
    return at.truncate("s").epoch_seconds().cast("int64") * SECOND_US


@cache
def _duckdb(_process: int) -> Any:
    """A database in memory that all logs of a process share: to open one takes 20 ms.

    Of this process: a child by fork can neither go on with its parent's nor close it.
    """
    import duckdb

    return duckdb.connect()


def _own_duckdb() -> Any:
    """A connection of one's own to it: what one registers goes when the connection goes."""
    return ibis.duckdb.from_connection(_duckdb(os.getpid()).cursor())


@dataclass(frozen=True)
class Source:
    """A table with columns of the log, under the log's names, each of the log's type.

    Attributes
    ----------
    table : ibis Table
        Its rows can all be used.
    zone : tzinfo
        The log's clock.
    first, last : int
        The first and the last ``decided_at``, in microseconds since 1970.
    record : Mapping
        The log's record.
    backend : Ibis backend
        The engine that has the table.
    local : frozenset of str
        Columns whose times are readings of the log's clock, not instants.
    """

    table: ir.Table
    zone: tzinfo
    first: int
    last: int
    record: Mapping[str, Any]
    backend: Any
    local: frozenset[str] = frozenset()

    @classmethod
    def of_log(cls, log: DecisionLog, columns: Collection[str]) -> Source:
        """A log in memory; only these of its columns go to the engine, which is DuckDB."""
        at = log.frame["decided_at"]
        first, last = (_microseconds(t) for t in (at.min(), at.max()))
        table = ibis.memtable(_arrow(log.frame, columns))
        return cls(table, at.dt.tz or UTC, first, last, log.record, _own_duckdb())

    def fetch(self, expression: ir.Table) -> pa.Table:
        """Run an expression where the table is."""
        import duckdb

        try:
            return self.backend.to_pyarrow(expression)
        except duckdb.Error as e:
            where, what = self.record.get("source", "the log"), str(e).strip().partition("\n")[0]
            raise LogError(f"{where}: the database cannot answer ({what})") from None

    def has(self, *names: str) -> bool:
        """Whether the table has all these columns, be they empty or not."""
        return all(name in self.table.columns for name in names)

    def __getitem__(self, name: str) -> ir.Value:
        """A column; nulls where the table does not have it."""
        if self.has(name):
            return self.table[name]
        null = ibis.null(TYPES[COLUMNS[name].dtype])
        # a bare null is asked whether it is null, where others are compared
        return ibis.coalesce(null, null)

    def instant(self, name: str) -> ir.Value:
        """A time in microseconds since 1970."""
        if not self.has(name):
            return ibis.null("int64")
        at = _MICROSECONDS.get(self.backend.name, _whole_seconds)(self.table[name])
        return self._instant_of_local(at) if name in self.local else at

    def day(self, name: str) -> ir.Value:
        """A time's day on the log's clock, counted from 1970-01-01."""
        at = self.instant(name)
        return _floor_days(at + self._by_stretch(at, [b for b, _ in self._changes]))

    @cached_property
    def days(self) -> pd.DatetimeIndex:
        """Every day from the first decision to the last, on the log's clock."""
        ends = pd.DatetimeIndex(np.array([self.first, self.last], "M8[us]"), tz="UTC").as_unit("ms")
        return pd.date_range(*ends.tz_convert(self.zone).tz_localize(None).floor("D"), freq="D")

    @cached_property
    def _stretches(self) -> list[tuple[int, int]]:
        """From when on the clock was how far from UTC, in microseconds.

        What happened to a decision may lie before or after all decisions, by a year at most.
        """
        days = np.arange(self.first // DAY_US - 366, self.last // DAY_US + 367)
        known = WallClock(self.zone, days).stretches
        return [(NAT if begins == NAT else 1000 * begins, 1000 * by) for begins, by in known]

    @property
    def _changes(self) -> list[tuple[int, int]]:
        return self._stretches[1:]

    def _by_stretch(self, at: ir.Value, borders: list[int]) -> ir.Value:
        """The clock's offset, the stretches beginning at these borders."""
        offsets = [by for _, by in self._stretches]
        if not borders:
            return ibis.literal(offsets[0], "int64")
        before = [
            (at < border, ibis.literal(by, "int64"))
            for border, by in zip(borders, offsets, strict=False)
        ]
        return ibis.cases(*before, else_=ibis.literal(offsets[-1], "int64"))

    def _instant_of_local(self, local: ir.Value) -> ir.Value:
        """By the rule of :class:`~hitlsim.decisions.clock.WallClock`."""
        offsets = [by for _, by in self._stretches]
        shown = [begins + by for (begins, _), by in zip(self._changes, offsets, strict=False)]
        utc = local - self._by_stretch(local, shown)
        for (begins, _), border in zip(self._changes, shown, strict=True):
            # what is jumped over would come before its stretch begins
            utc = ((local >= border) & (utc < begins)).ifelse(ibis.literal(begins, "int64"), utc)
        return utc


def _floor_days(microseconds: ir.Value) -> ir.Value:
    return (microseconds / DAY_US).floor().cast("int32")


def _microseconds(at: pd.Timestamp) -> int:
    return 0 if at is pd.NaT else int(at.to_datetime64().astype("M8[us]").astype(np.int64))


def _arrow(frame: pd.DataFrame, columns: Collection[str]) -> pa.Table:
    """By way of Arrow a missing number is a null and not a NaN."""
    kinds = {DType.TEXT: pa.string(), DType.CATEGORY: pa.string(), DType.NUMBER: pa.float64(),
             DType.WHOLE: pa.int64(), DType.YES_NO: pa.bool_()}  # fmt: skip
    held = {name: pa.array(frame[name], from_pandas=True) for name in columns if name in frame}
    return pa.table(
        {
            name: array if (kind := kinds.get(COLUMNS[name].dtype)) is None else array.cast(kind)
            for name, array in held.items()
        }
    )
