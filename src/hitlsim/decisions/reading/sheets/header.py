"""Where the header is, and what separates the columns."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Sequence
from statistics import median
from typing import NamedTuple

from ....errors import LogError

_SAMPLE, _LOOKED_AT = 1 << 20, 200
"""Bytes and rows that are looked at."""
_TITLES_MOST = 50
"""Rows among which the header is looked for."""
_DELIMITERS = (",", ";", "\t", "|")
_SEPARATOR_SAID = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
"""A first line by which Excel is told the separator."""


class Shape(NamedTuple):
    """How a text file is laid out."""

    delimiter: str
    header: list[str]
    header_row: int
    """Counted from 1."""
    body: int
    """Where the rows begin, in bytes."""


def header_at(rows: Sequence[Sequence[str]], wanted: Collection[str] | None) -> int:
    """The first row, from 0, that looks like a header: titles above it fill far fewer cells.

    Examples
    --------
    >>> header_at([["Calls of May"], [], ["id", "day", "score"], ["1", "2026-05-02", "0.9"]], None)
    2
    """
    filled = [sum(cell != "" for cell in row) for row in rows]
    usual = median([n for n in filled if n] or [0])
    looked_for = set(wanted or ())
    for i, row in enumerate(rows[:_TITLES_MOST]):
        if filled[i] > usual / 2 or not looked_for.isdisjoint(row):
            return i
    return 0


def shape_of(
    data: bytes, file: str, wanted: Collection[str] | None, delimiter: str | None, row: int | None
) -> Shape:
    """Find separator and header of a text in UTF-8.

    Raises
    ------
    LogError
        When no header can be read.
    """
    whole = len(data) <= _SAMPLE
    lines = list(io.StringIO(data[:_SAMPLE].decode("utf-8", "ignore"), newline=""))
    if not whole and len(lines) > 1:
        lines.pop()  # it is cut off
    said = _SEPARATOR_SAID.fullmatch(lines[0])
    candidates = (delimiter,) if delimiter else (said[1],) if said else _DELIMITERS
    shapes = [_under(d, lines, wanted, 2 if said and row is None else row) for d in candidates]
    readable = [shape for shape in shapes if shape is not None]
    if not readable:
        rule = f"row {row} is not there" if row else "its first row is damaged or longer than 1 MB"
        raise LogError(f"{file}: the header cannot be read ({rule}); check the file")
    _, shape = max(readable, key=lambda found: found[0])
    _refuse_unclosed(lines, shape, file)
    if not any(shape.header):
        raise LogError(
            f"{file}: row {shape.header_row} is empty; it must hold the names of the columns"
        )
    return shape


def _under(
    delimiter: str, lines: list[str], wanted: Collection[str] | None, row: int | None
) -> tuple[tuple[int, float, int], Shape] | None:
    """How well a separator fits, and what follows from it."""
    rows: list[list[str]] = []
    ends = [0]
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            rows.append([cell.strip() for cell in cells])
            ends.append(reader.line_num)
            if len(rows) == max(_LOOKED_AT, row or 0):
                break
    except csv.Error:
        pass  # a huge field; what was read before it must do
    at = header_at(rows, wanted) if row is None else row - 1
    if at >= len(rows):
        return None
    header, body = rows[at], [r for r in rows[at + 1 :] if any(r)]
    header = _as_wide_as(header, body)
    fitting = sum(len(r) == len(header) for r in body) if len(header) > 1 else 0
    fit = (len({*(wanted or ())} & {*header}), fitting / max(len(body), 1), len(header))
    start = len("".join(lines[: ends[at + 1]]).encode())
    return fit, Shape(delimiter, header, at + 1, start)


def _as_wide_as(header: list[str], body: list[list[str]]) -> list[str]:
    """A header with the columns the rows have, where header or rows end in empty ones."""
    if not body:
        return header
    width = Counter(map(len, body)).most_common(1)[0][0]
    surplus = [header[width:], *(row[len(header) :] for row in body if len(row) == width)]
    if width != len(header) and not any(any(cells) for cells in surplus):
        return [*header, *[""] * (width - len(header))][:width]
    return header


def _refuse_unclosed(lines: list[str], shape: Shape, file: str) -> None:
    body, size = 0, 0
    while size < shape.body:
        size += len(lines[body].encode())
        body += 1
    try:
        for _ in csv.reader(lines[:body], delimiter=shape.delimiter, strict=True):
            pass
    except csv.Error as e:
        if "unexpected end" in str(e):
            raise LogError(
                f"{file}: a quote opened in row {shape.header_row} is never closed; close it"
            ) from None
