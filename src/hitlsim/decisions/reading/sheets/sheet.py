"""A file as a table of texts, and what is common to all kinds of files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ....errors import LogError

TEXT = pa.large_string()
BAD_BYTES = "\ufdd0"
"""Stands where bytes were no character; Unicode keeps it for such inner uses."""
Broken = list[tuple[int, str, str]]
"""Rows that are no rows: number, text, reason."""


class Layout(NamedTuple):
    """What somebody says of how a file is laid out; ``None`` is found out by looking."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    """Name of the sheet of a workbook, or of the file in a ZIP archive."""
    header_row: int | None = None
    """Row with the names of the columns; the first is 1."""


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, every value as it is written there."""

    names: list[str]
    table: Any
    """Arrow table of large strings, its columns in the order of ``names``."""
    rows: NDArray[np.int64]
    """Number of each row in the file; the header is row 1."""
    broken: Broken = field(default_factory=list)
    typed: frozenset[str] = frozenset()
    """Columns that were no texts: ISO dates and decimal points, whatever the mapping says."""
    sha256: str = ""
    """Fingerprint of the file, or of all files of a folder."""
    notes: tuple[str, ...] = ()
    """What was found out by looking, one sentence each."""

    def column(self, name: str) -> Any:
        return self.table.column(self.names.index(name))


def named(header: Sequence[str], wanted: Collection[str] | None, file: str) -> list[str]:
    """The names of the columns, each once.

    Raises
    ------
    LogError
        When two columns have the same name, and it is looked for.

    Examples
    --------
    >>> named(["id", "", "note", "note"], {"id"}, "calls.csv")
    ['id', '(column 2 has no name)', 'note', 'note (column 4)']
    """
    names = [name or f"(column {i} has no name)" for i, name in enumerate(header, 1)]
    count = Counter(names)
    if len(count) == len(names):
        return names
    twice = next((n for n in names if count[n] > 1 and (wanted is None or n in wanted)), None)
    if twice is not None:
        at = " and ".join(str(i) for i, name in enumerate(names, 1) if name == twice)
        raise LogError(f"{file}: columns {at} are both called {twice!r}; rename one")
    seen: set[str] = set()
    for i in range(len(names)):
        while names[i] in seen:
            names[i] += f" (column {i + 1})"
        seen.add(names[i])
    return names


def only(
    kept: NDArray[np.bool_], table: Any, rows: NDArray[np.int64]
) -> tuple[Any, NDArray[np.int64]]:
    """The rows that are kept, with their numbers."""
    return (table, rows) if kept.all() else (table.filter(pa.array(kept)), rows[kept])


def blank(table: Any) -> NDArray[np.bool_]:
    """Rows without any value: blank lines, as spreadsheets leave them; they are no decisions."""
    without = np.ones(table.num_rows, bool)
    for column in table.columns:
        if not without.any():
            break
        texts = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(column, "")), "")
        without &= texts.to_numpy()
    return without


def holding(mark: str, table: Any) -> NDArray[np.bool_]:
    """Rows with a mark in any of their texts."""
    held = np.zeros(table.num_rows, bool)
    for column in table.columns:
        found = pc.match_substring(column, mark)
        if pc.any(found).as_py():
            held |= pc.fill_null(found, False).to_numpy()
    return held
