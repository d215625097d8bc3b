"""Tables of texts become the frame of a decision log; rows that cannot become rejects."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

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
from .duplicates import Repeated, settle
from .fitting import plain
from .joining import Joined, join
from .mapping import Mapping
from .okay import Codes, What, codes_of, ok_of
from .parts import JoinRule
from .table import Read, Table

EVERY_WORKFLOW = "all"
"""The workflow of a log that does not name any."""
_IN_ORDER = (("queued_at", "started_at"), ("started_at", "ended_at"))
"""Times between which somebody waited or worked."""
_FIRST = ("decision_id", "decided_at", "confidence")


class Partner(NamedTuple):
    """A file to be joined, and how."""

    table: Table
    rule: JoinRule
    key: str
    """The column of the decisions' file by which it is."""
    where: str
    """Its place in the mapping file."""


class Built(NamedTuple):
    """A log's frame, and what became of the rows that are not in it."""

    frame: pd.DataFrame
    joined: list[tuple[Joined, int]]
    """Each file that was joined, and how many decisions have a row in it."""
    repeated: Repeated
    times_doubtful: int
    """Times that come twice or never, since clocks were changed."""


def build(
    table: Table, partners: Sequence[Partner], mapping: Mapping, context: Collection[str] = ()
) -> Built:
    """Read all columns of a log.

    Parameters
    ----------
    table : Table
        The decisions.
    partners : sequence of Partner
        Files with more about them.
    mapping : Mapping
        How they are written.
    context : collection of str
        Columns of the decisions' file that come along as ``context_NAME``.

    Returns
    -------
    Built
        The usable rows by ``decided_at``, with the columns in the log's order; the others are
        rejects of their tables.
    """
    rejects, rows = table.rejects, np.arange(len(table.sheet.rows))
    # what a log cannot do without comes first, so that its absence is the reason given
    order = sorted(table.sources, key=lambda name: name not in _FIRST)
    reads = {name: (table.read(name), rows) for name in order}
    joined, codes = _join(table, partners, mapping)
    for each in joined:
        reads |= {name: (read, each.partner) for name, read in each.reads.items()}
    columns = {name: read.spread(at) for name, (read, at) in reads.items()}
    if mapping.ok:
        columns["ok"] = ok_of(mapping.ok, codes["advice"], codes["outcome"])
    _refuse_absent(table, reads)
    _refuse_backwards(table, reads, columns)
    n = len(rows)
    constants = {"workflow": EVERY_WORKFLOW, **mapping.constants}
    for name in constants.keys() - columns.keys():
        word = Cells(pd.Series([constants[name]], dtype="str"), np.zeros(n, np.int64))
        word = table.people.of(name, word)
        one = read_words(word.words, COLUMNS[name], plain(mapping.timezone))
        columns[name] = pd.Series(one.values).array.take(word.codes)
    repeated = Repeated()
    if "decision_id" in reads:
        ids, source = reads["decision_id"][0].cells, table.sources["decision_id"]
        repeated = settle(table, ids, source, columns["decided_at"], mapping.duplicates)
    else:
        names = [f"row-{row}" for row in table.sheet.rows]
        columns["decision_id"] = pd.array(names, dtype="str")
    for name in context:
        columns[f"{CONTEXT_PREFIX}{name}"] = _context(table, name)
    used = ~rejects.bad
    found_in = [(each, each.give_up_idle(used)) for each in joined]
    doubtful = sum(_doubtful(read, at[used]) for read, at in reads.values())
    return Built(_frame(columns, used), found_in, repeated, doubtful)


def _doubtful(read: Read, rows: NDArray[np.int64]) -> int:
    return int(read.doubtful[read.cells.codes[rows[rows >= 0]]].sum())


def _join(
    table: Table, partners: Sequence[Partner], mapping: Mapping
) -> tuple[list[Joined], dict[What, Codes]]:
    """Join all files; also gives advice and outcome of each decision, wherever they stand."""
    ok, asked = mapping.ok, dict[What, str]()
    if ok:
        asked = {"advice": ok.advice, "outcome": ok.outcome}
    codes = {what: codes_of(table, ok, what) for what in asked if ok and table.has(asked[what])}
    joined = {}
    # which outcome is bad depends on the advice, so that one comes first
    for partner in sorted(partners, key=lambda p: not p.table.has(asked.get("advice", ""))):
        here = [w for w, name in asked.items() if w not in codes and partner.table.has(name)]
        found = join(
            partner.table, partner.rule, table.cells(partner.key),
            ok=ok, here=here, advice=codes.get("advice"), where=partner.where,
        )  # fmt: skip
        codes |= {what: found.of_decisions(what) for what in here}
        joined[partner.where] = found
    return [joined[partner.where] for partner in partners], codes


def _refuse_absent(table: Table, reads: dict[str, tuple[Read, Codes]]) -> None:
    """Give up decisions whose time or score stands in another file that lacks them."""
    for name, (_, at) in reads.items():
        if COLUMNS[name].required:
            nothing = Cells(pd.Series([""], dtype="str"), np.zeros(len(at), np.int64))
            table.rejects.add(at < 0, name, nothing, "is missing in the file that is joined")


def _refuse_backwards(
    table: Table, reads: dict[str, tuple[Read, Codes]], columns: dict[str, Any]
) -> None:
    """Give up decisions that were worked on before they were there."""
    for before, after in _IN_ORDER:
        if before in columns and after in columns:
            early = np.asarray(columns[after] < columns[before], dtype=bool)
            read, at = reads[after]
            there = Cells(read.cells.words, np.where(at < 0, 0, read.cells.codes[at]))
            source = table.sources.get(after, after)
            table.rejects.add(early, source, there, f"is before its {before}")


def _context(table: Table, name: str) -> Any:
    """A column that is not ours: numbers if all of it are, else words; empty is missing."""
    cells = table.cells(name)
    for kind in (DType.NUMBER, DType.CATEGORY):
        column = Column(name=name, group=Group.SAW, dtype=kind, meaning="")
        reading = table.reading(cells.words, name, column)
        if kind is DType.CATEGORY or not any(slip.which.any() for slip in reading.slips):
            break
    return pd.Series(reading.values).array.take(cells.codes)


def _frame(columns: dict[str, Any], kept: Any) -> pd.DataFrame:
    frame = pd.DataFrame({n: pd.Series(v[kept]) for n, v in columns.items()})
    if "route" in frame and "exception" not in frame:
        known = frame["route"].notna()
        frame["exception"] = frame["route"].isin(EXCEPTION_ROUTES).astype("boolean").where(known)
    if "reasons" in frame and "reason" not in frame:
        # the first named is the one that decided, as in a simulated log
        first = frame["reasons"].str.partition("+")[0]
        frame["reason"] = first.where(first != "").astype("category")
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
