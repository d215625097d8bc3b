"""A sheet of texts becomes the frame of a decision log; rows that cannot become rejects."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Mapping as Map
from typing import Any

import numpy as np
import pandas as pd

from ..columns import (
    COLUMNS,
    CONTEXT_PREFIX,
    EXCEPTION_ROUTES,
    OK_SOURCES,
    Column,
    DType,
    Group,
    held,
)
from .cells import Cells, read_words
from .mapping import Mapping, OkRule
from .rejects import Rejects
from .sheet import Sheet

EVERY_WORKFLOW = "all"
"""The workflow of a log that does not name any."""
_IN_ORDER = (("queued_at", "started_at"), ("started_at", "ended_at"))
"""Times between which somebody waited or worked."""
_FIRST = ("decision_id", "decided_at", "confidence")


def build(
    sheet: Sheet, mapping: Mapping, sources: Map[str, str], context: Collection[str] = ()
) -> tuple[pd.DataFrame, Rejects]:
    """Read all columns of a log.

    Parameters
    ----------
    sheet : Sheet
        The file, as texts.
    mapping : Mapping
        How it is written.
    sources : mapping
        For each column of the log, the column of the sheet it is read from.
    context : collection of str
        Columns of the sheet that come along as ``context_NAME``.

    Returns
    -------
    tuple of DataFrame and Rejects
        The usable rows by ``decided_at``, with the columns in the log's order; and the others.
    """
    rejects = Rejects(sheet.rows)
    rejects.add_broken(sheet.broken)
    cells: dict[str, Cells] = {}
    columns: dict[str, Any] = {}
    # what a log cannot do without comes first, so that its absence is the reason given
    for name in sorted(sources, key=lambda name: name not in _FIRST):
        cells[name] = Cells.of(sheet.column(sources[name]))
        columns[name] = _column(cells[name], COLUMNS[name], sources[name], sheet, mapping, rejects)
    if mapping.ok:
        columns["ok"] = _ok(mapping.ok, sheet, rejects)
    for before, after in _IN_ORDER:
        if before in columns and after in columns:
            early = np.asarray(columns[after] < columns[before], dtype=bool)
            rejects.add(early, sources[after], cells[after], f"is before its {before}")
    if "decision_id" in columns:
        _refuse_repeated(cells["decision_id"], sources["decision_id"], rejects)
    else:
        columns["decision_id"] = pd.array([f"row-{row}" for row in sheet.rows], dtype="str")
    constants = {"workflow": EVERY_WORKFLOW, **mapping.constants}
    for name in constants.keys() - columns.keys():
        one = read_words(pd.Series([constants[name]], dtype="str"), COLUMNS[name], mapping.writing)
        columns[name] = _spread(one.values, np.zeros(len(sheet.rows), np.int64))
    for name in context:
        columns[f"{CONTEXT_PREFIX}{name}"] = _context(Cells.of(sheet.column(name)), name, mapping)
    return _frame(columns, ~rejects.bad), rejects


def _context(cells: Cells, name: str, mapping: Mapping) -> Any:
    """A column that is not ours: numbers if all of it are, else words; empty is missing."""
    writing = mapping.writing
    for kind in (DType.NUMBER, DType.CATEGORY):
        column = Column(name=name, group=Group.SAW, dtype=kind, meaning="")
        reading = read_words(cells.words, column, writing)
        if kind is DType.CATEGORY or not any(slip.which.any() for slip in reading.slips):
            break
    return _spread(reading.values, cells.codes)


def _spread(values: Any, codes: Any) -> Any:
    """The value of each row, from the values of the distinct texts."""
    return pd.Series(values).array.take(codes)


def _column(
    cells: Cells, column: Column, source: str, sheet: Sheet, mapping: Mapping, rejects: Rejects
) -> Any:
    writing = mapping.writing
    if source in sheet.typed:
        writing = writing._replace(date_format=None, decimal=".")
    words = cells.replaced(mapping.values.get(column.name, {})).words
    reading = read_words(words, column, writing)
    for slip in reading.slips:
        if slip.which.any():
            rejects.add(slip.which[cells.codes], source, cells, slip.reason)
    return _spread(reading.values, cells.codes)


def _ok(rule: OkRule, sheet: Sheet, rejects: Rejects) -> Any:
    """Whether the outcome proved the advice right; missing where there is no outcome yet."""
    advised, came = (Cells.of(sheet.column(name)) for name in (rule.advice, rule.outcome))
    advice = advised.index_in({word.strip(): i for i, word in enumerate(rule.right_when)})
    outcome = came.index_in({word.strip(): i for i, word in enumerate(rule.outcomes)})
    empty = came.index_in({"": 0}) == 0
    for unknown, name, cells, known, key in (
        (advice < 0, rule.advice, advised, rule.right_when, "right_when"),
        ((outcome < 0) & ~empty, rule.outcome, came, rule.outcomes, "right_when or other_outcomes"),
    ):
        reason = f"is not one of {', '.join(known)} (add it under ok: {key})"
        rejects.add(unknown, name, cells, reason)
    right = np.array([[o in words for o in rule.outcomes] for words in rule.right_when.values()])
    ok = pd.array(right[advice, outcome], dtype="boolean")
    ok[empty] = pd.NA
    return ok


def _refuse_repeated(ids: Cells, source: str, rejects: Rejects) -> None:
    """Of rows with the same id the first stays, if it can be used at all."""
    usable = np.flatnonzero(~rejects.bad)
    codes = ids.codes[usable]
    first = np.zeros(len(ids.words), np.int64)
    first[codes[::-1]] = usable[::-1]
    repeated = np.zeros(len(rejects.rows), bool)
    repeated[usable] = first[codes] != usable
    rejects.add(repeated, source, ids, "repeats that of row", rejects.rows[first[ids.codes]])


def _frame(columns: dict[str, Any], kept: Any) -> pd.DataFrame:
    frame = pd.DataFrame({n: pd.Series(v[kept]) for n, v in columns.items()})
    if "route" in frame and "exception" not in frame:
        known = frame["route"].notna()
        frame["exception"] = frame["route"].isin(EXCEPTION_ROUTES).astype("boolean").where(known)
    if "ok" in frame and "ok_source" not in frame:
        codes = np.where(frame["ok"].notna(), OK_SOURCES.index("outcome"), -1)
        names = pd.Index(OK_SOURCES, dtype="str")
        frame["ok_source"] = pd.Categorical.from_codes(codes, categories=names)
    frame = held(frame).sort_values("decided_at", kind="stable", ignore_index=True)
    ours = [name for name in frame if name in COLUMNS]
    return frame.assign(**{name: _as_held(frame[name], COLUMNS[name]) for name in ours})


def _as_held(values: pd.Series, column: Column) -> pd.Series:
    """The dtype a simulated log has: plain where nothing is missing, no category unused."""
    complete = bool(values.notna().all())
    if column.dtype is DType.YES_NO and column.name != "ok" and complete:
        return values.astype(bool)
    if column.dtype is DType.WHOLE:
        return values.astype("int64" if complete else "Int64")
    if column.dtype is DType.CATEGORY and not column.values:
        return values.cat.remove_unused_categories()
    return values
