"""The decision log: one row for each decision, and the record of where it comes from."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..atomic import replacing
from ..errors import LogError
from ..shown import Shown
from .columns import held

META = b"hitlsim"
"""Where a Parquet file of ours keeps the record."""


@dataclass(frozen=True)
class DecisionLog(Shown):
    """A table of decisions with the columns of :mod:`hitlsim.decisions.columns`.

    Attributes
    ----------
    frame : DataFrame
        One row for each decision; columns a source does not have are absent. Those of the source
        that are not ours come along as ``context_NAME`` where somebody asked for them.
    record : mapping
        Where it comes from: source or scenario, seed, engine, versions, hours of the desk.
    rejects : DataFrame
        Rows of a real log that could not be used: row number, reason, value.
    """

    frame: pd.DataFrame
    record: Mapping[str, Any] = field(default_factory=dict)
    rejects: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["row", "reason"]))

    def __len__(self) -> int:
        return len(self.frame)

    def has(self, *columns: str) -> bool:
        """Whether the log has all these columns with at least one value."""
        return all(c in self.frame and self.frame[c].notna().any() for c in columns)

    @property
    def tests(self) -> NDArray[np.bool_]:
        """Which decisions were put in to test reviewers; they are none of the team's."""
        if "gold_ok" not in self.frame:
            return np.zeros(len(self), bool)
        return np.asarray(self.frame["gold_ok"].notna(), bool)

    def between(self, start: pd.Timestamp, end: pd.Timestamp) -> DecisionLog:
        """Decisions taken from ``start`` (included) to ``end`` (excluded)."""
        at = self.frame["decided_at"]
        return DecisionLog(
            self.frame[(at >= start) & (at < end)].reset_index(drop=True), self.record, self.rejects
        )

    def months(self) -> list[str]:
        """Months with decisions, as ``2026-09``, in order."""
        return sorted(self.frame["decided_at"].dt.strftime("%Y-%m").unique().tolist())

    def month(self, month: str) -> DecisionLog:
        """Decisions of one month, on the log's own clock.

        Raises
        ------
        LogError
            When the month is not written like 2026-09, or has no decisions.
        """
        start, end = month_span(month, self.frame["decided_at"].dt.tz)
        part = self.between(start, end)
        if not len(part):
            raise LogError(
                f"month {month}: the log has no decisions in it; it has {', '.join(self.months())}"
            )
        return part

    def to_parquet(self, path: str | Path) -> Path:
        """Write the log with its record; the same log gives the same bytes."""
        table = pa.Table.from_pandas(self.frame, preserve_index=False)
        meta = {**(table.schema.metadata or {}), META: json.dumps(self.record).encode()}
        path = Path(path)
        with replacing(path) as partial:
            pq.write_table(table.replace_schema_metadata(meta), partial)
        return path

    def to_csv(self, path: str | Path) -> Path:
        """Write the log as CSV (UTF-8, ISO times, empty for missing; .gz compresses)."""
        path = Path(path)
        with replacing(path) as partial, partial.open("wb") as raw:
            # a gzip file must name neither the partial file nor the time, to be the same each time
            packs = path.suffix == ".gz"
            out = gzip.GzipFile("", "wb", fileobj=raw, mtime=0) if packs else nullcontext(raw)
            with out as file:
                self.frame.to_csv(file, index=False, date_format="%Y-%m-%dT%H:%M:%S.%f%z")
        return path


def month_span(month: str, tz: Any) -> tuple[pd.Timestamp, pd.Timestamp]:
    """First instant of a month and of the next one.

    >>> [str(t) for t in month_span("2026-09", "UTC")]
    ['2026-09-01 00:00:00+00:00', '2026-10-01 00:00:00+00:00']
    """
    try:
        period = pd.Period(month, freq="M")
        if period.strftime("%Y-%m") != month:
            raise ValueError
    except ValueError:
        raise LogError(f"month {month!r} must be written like 2026-09") from None
    return period.start_time.tz_localize(tz), (period + 1).start_time.tz_localize(tz)


def from_parquet(path: Path) -> DecisionLog:
    """Read a log that :meth:`DecisionLog.to_parquet` wrote."""
    table = pq.read_table(path)
    record = json.loads((table.schema.metadata or {}).get(META, b"{}"))
    return DecisionLog(held(table.to_pandas()), record)
