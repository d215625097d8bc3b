"""Workbooks: Excel in all its formats, and OpenDocument."""

from __future__ import annotations

import io
import os
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import chain, islice
from typing import Any

import numpy as np
import pyarrow as pa

from ....errors import LogError
from .header import header_at
from .ole import OLE, refuse_old_trap
from .sheet import TEXT, Layout, Sheet, named
from .spoilt import refuse_scattered, spoilt_cells

_SECTOR = 512
_PREVIEW = 200
_CHUNK = 20_000
_WHOLE_MOST = 1 << 53
"""Beyond it floats have no units digit."""
_SHOWN = 8


def read_workbook(data: bytes, file: str, wanted: Collection[str] | None, layout: Layout) -> Sheet:
    """Take one sheet of a workbook as texts, and remember which columns were none.

    Raises
    ------
    LogError
        When the workbook is damaged or locked, or nothing tells which of its sheets is meant.
    """
    if data.startswith(OLE):
        refuse_old_trap(data, file)
    else:
        refuse_scattered(data, file)
    with _told(file), _quiet(data.startswith(OLE)):
        import python_calamine as calamine

        book = calamine.load_workbook(io.BytesIO(data + bytes(-len(data) % _SECTOR)))
        usual = calamine.SheetTypeEnum.WorkSheet
        tables = {s.name: s.visible for s in book.sheets_metadata if s.typ == usual}
        shown = [n for n, v in tables.items() if v == calamine.SheetVisibleEnum.Visible]
        name = _chosen(book, list(tables), shown or list(tables), file, wanted, layout)
        sheet = book.get_sheet_by_name(name)
        rows = _mended(sheet.iter_rows(), sheet.start, spoilt_cells(data, name))
        read = _sheet(rows, file, wanted, layout.header_row)
    notes = [f"sheet {name!r} of {len(tables)} was read"] if len(tables) > 1 else []
    return replace(read, notes=(*notes, *read.notes))


def _sheet(
    rows: Iterator[Sequence[Any]], file: str, wanted: Collection[str] | None, row: int | None
) -> Sheet:
    head = list(islice(rows, max(_PREVIEW, row or 0)))
    if not any(any(map(_is_filled, cells)) for cells in head):
        raise LogError(f"{file}: the sheet is empty; say which one under sheet: in the mapping")
    if row is not None and row > len(head):
        raise LogError(f"{file}: row {row} is not there; check header_row")
    texts = [[_text(cell).strip() for cell in cells] for cells in head]
    at = header_at(texts, wanted) if row is None else row - 1
    header = texts[at]
    if not any(header):
        raise LogError(f"{file}: row {at + 1} is empty; it must hold the names of the columns")
    names = named(header, wanted, file)
    columns, numbers, typed, filled = _columns(chain(head[at + 1 :], rows), names, wanted, at + 2)
    if not len(numbers):
        raise LogError(f"{file}: has a header but no rows; export it again")
    # a spreadsheet is often wider than its table
    kept = [i for i, name in enumerate(names) if header[i] or filled[i]]
    table = pa.table([columns[i] for i in kept], names=[names[i] for i in kept])
    note = f"the header is row {at + 1}; what stands above it was left out"
    typed_names = frozenset(names[i] for i in kept if typed[i])
    notes = (note,) if any(map(any, texts[:at])) else ()
    return Sheet([names[i] for i in kept], table, numbers, typed=typed_names, notes=notes)


def _columns(
    rows: Iterator[Sequence[Any]], names: list[str], wanted: Collection[str] | None, first: int
) -> tuple[list[Any], Any, list[bool], list[bool]]:
    """The texts of each column, the numbers of the rows, and which columns are no texts or empty.

    Chunk by chunk, since cells as Python has them take ten times as much memory.
    """
    used = [wanted is None or name in wanted for name in names]
    parts: list[list[Any]] = [[] for _ in names]
    numbers: list[Any] = []
    typed, filled = Counter[int](), Counter[int]()
    while chunk := list(islice(rows, _CHUNK)):
        kept = [i for i, cells in enumerate(chunk) if any(map(_is_filled, cells))]
        numbers.append(first + np.array(kept, np.int64))
        first += len(chunk)
        for i, column in enumerate(zip(*(chunk[k] for k in kept), strict=True)):
            filled[i] += sum(map(_is_filled, column))
            if used[i]:
                typed[i] += sum(not isinstance(cell, str) for cell in column)
                parts[i].append(pa.array(list(map(_text, column)), TEXT))
    total = sum(map(len, numbers))
    columns = [
        pa.chunked_array(part, TEXT) if use else pa.nulls(total)
        for part, use in zip(parts, used, strict=True)
    ]
    return (
        columns,
        np.concatenate([*numbers, np.array([], np.int64)]),
        [2 * typed[i] > filled[i] for i in range(len(names))],
        [filled[i] > 0 for i in range(len(names))],
    )


def _is_filled(cell: Any) -> bool:
    return not isinstance(cell, str) or (cell != "" and not cell.isspace())


def _text(cell: Any) -> str:
    """A cell as a CSV file would have it.

    >>> [_text(cell) for cell in (12.0, 0.1, True, datetime(2026, 9, 30, 14, 5), "x")]
    ['12', '0.1', 'true', '2026-09-30 14:05:00', 'x']
    """
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _WHOLE_MOST:
        return str(int(cell))
    if isinstance(cell, (int, float, datetime, date, time, timedelta)):
        return str(cell)
    return "" if cell is None else str(cell)


def _mended(
    rows: Iterator[Sequence[Any]], start: tuple[int, int] | None, spoilt: dict[int, dict[int, str]]
) -> Iterator[Sequence[Any]]:
    """Rows with a text where the workbook has no value to show."""
    left = start[1] if start else 0
    for number, row in enumerate(rows):
        cells = spoilt.get(number)
        if cells:
            row = list(row)
            for column, text in cells.items():
                if 0 <= column - left < len(row) and row[column - left] == "":
                    row[column - left] = text
        yield row


def _chosen(
    book: Any, every: list[str], shown: list[str], file: str, wanted: Collection[str] | None,
    layout: Layout,
) -> str:  # fmt: skip
    """The sheet somebody named, or the only one, or the one with most columns looked for."""
    if layout.sheet in every:
        return str(layout.sheet)
    listed = ", ".join(map(repr, every[:_SHOWN])) + (", ..." if len(every) > _SHOWN else "")
    if not every:
        raise LogError(f"{file}: has no sheet with cells; export it again")
    if layout.sheet is not None:
        raise LogError(f"{file}: has no sheet {layout.sheet!r}; it has {listed}")
    if len(shown) == 1:
        return shown[0]
    hits: dict[str, int] = {}
    for name in shown:
        cells = list(islice(book.get_sheet_by_name(name).iter_rows(), _PREVIEW))
        texts = [[_text(cell).strip() for cell in row] for row in cells]
        if any(map(any, texts)):
            header = texts[header_at(texts, wanted)]
            hits[name] = len({*header} & {*(wanted or ())})
    most = max(hits.values(), default=0)
    best = [name for name, count in hits.items() if count == most]
    if len(best) != 1:
        raise LogError(f"{file}: has the sheets {listed}; say which under sheet: in the mapping")
    return best[0]


@contextmanager
def _told(file: str) -> Iterator[None]:
    """Whatever the reader of workbooks stumbles over is told in a sentence."""
    try:
        yield
    except (LogError, KeyboardInterrupt, SystemExit, GeneratorExit, MemoryError):
        raise
    except BaseException as e:  # what its Rust half gives up on is no Exception
        if type(e).__name__ == "PasswordError":
            raise LogError(f"{file}: is locked with a password; save it without one") from None
        raise LogError(
            f"{file}: is not a sound workbook ({str(e).splitlines()[0] if str(e) else 'damaged'}); "
            f"open it, save it anew, or export it as CSV"
        ) from None


@contextmanager
def _quiet(needed: bool) -> Iterator[None]:
    """The reader of old workbooks writes to the terminal, past Python, before it gives up."""
    if not needed:
        yield
        return
    saved = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    try:
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
