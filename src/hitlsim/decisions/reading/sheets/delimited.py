"""Text files with separators: CSV and its relatives."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv

from ....errors import LogError
from .header import shape_of
from .sheet import BAD_BYTES, TEXT, Broken, Layout, Sheet, blank, holding, named, only

_BLOCK = 1 << 24
_BLOCK_MOST = (1 << 31) - 1
_END = "\x1eend of file\x1e"
"""Stands in a row put after the last; a quote that is never closed swallows it."""
_CALLED = {"\t": "tabs", ";": "semicolons", "|": "bars"}


def read_delimited(data: bytes, file: str, wanted: Collection[str] | None, layout: Layout) -> Sheet:
    r"""Take a text file in UTF-8 apart.

    ``wanted`` are the columns looked for; they help to find separator and header.

    >>> sheet = read_delimited(b"id;score\n1;0,9\n2\n", "calls.csv", {"score"}, Layout())
    >>> sheet.column("score").to_pylist(), sheet.broken
    (['0,9'], [(3, '2', 'has 1 value where the header has 2')])
    """
    shape = shape_of(data, file, wanted, _delimiter(layout, file), layout.header_row)
    names, above = named(shape.header, wanted, file), shape.header_row
    table, broken = _parsed(data, shape.body, shape.delimiter, len(names), file)
    total = table.num_rows + len(broken)
    if not table.num_rows or table.column(0)[-1].as_py() != _END:
        # the last row goes on to the end of the file
        raise LogError(f"{file}: a quote opened in row {total + above} is never closed; close it")
    whole = np.ones(total + 1, bool)
    whole[[0, total, *(number for number, _, _ in broken)]] = False
    table, rows = table.slice(0, table.num_rows - 1), np.flatnonzero(whole)
    table, rows = only(~blank(table), table, rows)
    # a line of separators only is as blank as one of nothing
    broken = [row for row in broken if row[1].strip(shape.delimiter + '" \t\r\n')]
    for mark, reason in (
        ("\0", "holds a NUL byte; the row is damaged"),
        (BAD_BYTES, "holds bytes that are no characters; the row is damaged"),
    ):
        if mark.encode() in data:
            damaged = holding(mark, table)
            broken += [(int(n), "", reason) for n in rows[damaged]]
            table, rows = only(~damaged, table, rows)
    if not len(rows) and not broken:
        raise LogError(f"{file}: has a header but no rows; export it again")
    broken = [(n + above, text.replace(BAD_BYTES, "\ufffd"), why) for n, text, why in broken]
    return Sheet(names, table.rename_columns(names), rows + above, broken, notes=tuple(
        _notes(shape.delimiter, above)
    ))  # fmt: skip


def _delimiter(layout: Layout, file: str) -> str | None:
    given = layout.delimiter
    if given is not None and (len(given) != 1 or not given.isascii() or given in '"\r\n\0'):
        raise LogError(f"{file}: {given!r} cannot separate columns; give one sign, such as ';'")
    return given


def _notes(delimiter: str, header_row: int) -> list[str]:
    notes = []
    if delimiter != ",":
        notes.append(f"columns are separated by {_CALLED.get(delimiter, repr(delimiter))}")
    if header_row > 1:
        notes.append(f"the header is row {header_row}; what stands above it was left out")
    return notes


def _parsed(data: bytes, start: int, separator: str, width: int, file: str) -> tuple[Any, Broken]:
    """All rows of the right length and what stands in the others; the first row is 1."""
    end = b"" if data.endswith((b"\n", b"\r")) else b"\n"
    end += separator.join([_END] * width).encode() + b"\n"
    body = b"".join([memoryview(data)[start:], end])
    broken: Broken = []

    def keep(row: Any) -> str:
        values = "1 value" if row.actual_columns == 1 else f"{row.actual_columns} values"
        broken.append((row.number, row.text, f"has {values} where the header has {width}"))
        return "skip"

    # no row may straddle two blocks: small ones, which are faster, else one for all
    for block in (_BLOCK, len(body) + 1):
        for threads in (True, False):
            broken.clear()
            try:
                table = _table(body, separator, width, keep, threads, min(block, _BLOCK_MOST))
            except pa.ArrowInvalid as e:
                problem = e
                break
            if not (threads and broken):  # only one thread numbers the rows
                return table, broken
    raise LogError(f"{file}: is not a readable CSV file ({problem}); export it again")


def _table(body: bytes, separator: str, width: int, keep: Any, threads: bool, block: int) -> Any:
    names = [str(i) for i in range(width)]
    return pa.csv.read_csv(
        pa.BufferReader(body),
        pa.csv.ReadOptions(use_threads=threads, column_names=names, block_size=block),
        pa.csv.ParseOptions(
            delimiter=separator,
            newlines_in_values=True,
            ignore_empty_lines=False,
            invalid_row_handler=keep,
        ),
        pa.csv.ConvertOptions(column_types=dict.fromkeys(names, TEXT), strings_can_be_null=False),
    )
