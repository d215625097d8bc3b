"""Read logs of work: who worked on what, from when to when."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from ...errors import LogError
from ...scenario.hours import time_zones
from ..columns import Column, DType, Group
from .cells import Cells, Writing, read_words
from .rejects import Rejects, allowed_share, check_share, no_rejects, write_rejects
from .sheets.open import open_sheet
from .sheets.sheet import Sheet

_KNOWN: dict[str, tuple[str, ...]] = {
    "start": ("start", "start_time", "started_at", "start_timestamp", "begin", "started"),
    "end": ("end", "end_time", "ended_at", "complete_timestamp", "end_timestamp", "time_timestamp",
            "finished_at", "ended"),
    "person": ("person", "resource", "org_resource", "user", "agent", "reviewer", "employee"),
    "case": ("case", "case_id", "caseid", "case_concept_name", "ticket", "ticket_id",
             "decision_id"),
    "activity": ("activity", "task", "concept_name", "workflow", "activity_name"),
}  # fmt: skip
"""Ours, and the names under which tools export them, written in small letters with _."""
_NEEDED = ("start", "end")


def _column(name: str) -> Column:
    kind = DType.TIME if name in _NEEDED else DType.TEXT
    return Column(
        name=name, group=Group.DID, dtype=kind, meaning=name, required=name in _NEEDED
    )  # fmt: skip


@dataclass(frozen=True)
class WorkLog:
    """Pieces of work.

    Attributes
    ----------
    frame : DataFrame
        ``start`` and ``end`` (instants), ``person``, ``case`` and ``activity`` (text, empty where
        missing), in order of start.
    record : mapping
        Where it comes from.
    rejects : DataFrame
        Rows that could not be used: row number, reason, value.
    """

    frame: pd.DataFrame
    record: Mapping[str, Any] = field(default_factory=dict)
    rejects: pd.DataFrame = field(default_factory=no_rejects)

    def __len__(self) -> int:
        return len(self.frame)

    @property
    def minutes(self) -> pd.Series:
        """How long each piece took."""
        return (self.frame["end"] - self.frame["start"]).dt.total_seconds() / 60

    def shifted(self, minutes: float) -> WorkLog:
        """The same work by a clock that is so many minutes ahead."""
        by = pd.Timedelta(minutes=minutes)
        frame = self.frame.assign(start=self.frame["start"] + by, end=self.frame["end"] + by)
        return WorkLog(frame, {**self.record, "clock_shift_minutes": minutes}, self.rejects)


def columns_said(text: str | None) -> dict[str, str]:
    """Columns as the command line names them.

    >>> columns_said("start=start_time, end=end_time")
    {'start': 'start_time', 'end': 'end_time'}
    """
    out = {}
    for part in (text or "").split(","):
        if not part.strip():
            continue
        ours, equals, theirs = (p.strip() for p in part.partition("="))
        if not equals or not theirs or ours not in _KNOWN:
            raise LogError(
                f"--work-columns {part.strip()!r} must be written like start=start_time, with one "
                f"of {', '.join(_KNOWN)} on the left"
            )
        out[ours] = theirs
    return out


def read_work_log(
    path: str | Path,
    *,
    columns: Mapping[str, str] | None = None,
    timezone: str = "UTC",
    rejects: str | Path | None = None,
    allow_rejects: float | None = None,
) -> WorkLog:
    r"""Read a log of work.

    Parameters
    ----------
    path : str or Path
        Any table that decision logs are read from, one row for each piece of work.
    columns : mapping, optional
        Ours to the file's: ``start``, ``end``, ``person``, ``case``, ``activity``. What is not
        named is looked for under the names that tools use.
    timezone : str
        The clock of times without offset.
    rejects : str or Path, optional
        Where to list, as CSV, the rows that cannot be used.
    allow_rejects : float, optional
        Largest share of such rows; 0.01 if not said.

    Returns
    -------
    WorkLog

    Raises
    ------
    LogError
        When the file cannot be used, or too many rows cannot.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "work.csv"
    >>> _ = file.write_text("start_time,end_time,resource\n"
    ...                     "2026-08-03T09:00:00.5,2026-08-03T09:04:00.5,7\n")
    >>> read_work_log(file).minutes.tolist()
    [4.0]
    """
    path = Path(path)
    if timezone not in time_zones():
        raise LogError(f"timezone {timezone!r} is not known; write one like 'Europe/Berlin'")
    sheet, sources = _open(path, dict(columns or {}))
    bad = Rejects(sheet.rows)
    bad.add_broken(sheet.broken)
    writing = Writing(zone=ZoneInfo(timezone), iso_hint=" (export times in that form)")
    frame = pd.DataFrame({name: _read(name, source, sheet, bad, writing)
                          for name, source in sources.items()})  # fmt: skip
    ends = Cells.of(sheet.column(sources["end"]))
    backwards = np.asarray(frame["end"] <= frame["start"], bool)
    bad.add(backwards, sources["end"], ends, "is not after its start")
    frame = frame[~bad.bad].sort_values("start", kind="stable").reset_index(drop=True)
    for name in _KNOWN:
        if name not in frame:
            frame[name] = ""
    target = None if rejects is None else Path(rejects)
    if target:
        write_rejects(bad.frame(), target)
    allowed = allowed_share(allow_rejects, None)
    check_share(bad, allowed, path.name, target, "mend the export")
    record = {
        "source": path.name, "sha256": sheet.sha256,
        "timezone": timezone, "hitlsim": version("hitlsim"), "rows_used": len(frame),
        "rows_rejected": len(bad),
    }  # fmt: skip
    return WorkLog(frame[list(_KNOWN)], record, bad.frame())


def _open(path: Path, said: dict[str, str]) -> tuple[Sheet, dict[str, str]]:
    """The file, and our column -> the file's."""
    wanted = {*said.values(), *(name for names in _KNOWN.values() for name in names)}
    sheet = open_sheet(path, wanted)
    sources = _sources(sheet, said, path)
    if not wanted.issuperset(sources.values()):
        # only now it is known how this file writes the names
        sheet = open_sheet(path, wanted.union(sources.values()))
    return sheet, sources


def _read(name: str, source: str, sheet: Sheet, bad: Rejects, writing: Writing) -> Any:
    cells = Cells.of(sheet.column(source))
    reading = read_words(cells.words, _column(name), writing)
    for slip in reading.slips:
        bad.add(slip.which[cells.codes], source, cells, slip.reason)
    return pd.Series(reading.values).take(cells.codes).reset_index(drop=True)


def _sources(sheet: Sheet, said: dict[str, str], path: Path) -> dict[str, str]:
    """Our column -> the file's: as said, else by its name."""
    there = ", ".join(sheet.names)
    for ours, theirs in said.items():
        if theirs not in sheet.names:
            raise LogError(f"{path.name} has no column {theirs!r} ({ours}); it has: {there}")
    plain = {re.sub(r"[^a-z0-9]+", "_", n.lower()).strip("_"): n for n in sheet.names}
    out = {}
    for ours, names in _KNOWN.items():
        found = said.get(ours) or next((plain[n] for n in names if n in plain), None)
        if found is not None:
            out[ours] = found
        elif ours in _NEEDED:
            raise LogError(
                f"{path.name}: no column is the {ours} of a piece of work; it has: {there}; say "
                f"which one, as {ours}=NAME"
            )
    return out
