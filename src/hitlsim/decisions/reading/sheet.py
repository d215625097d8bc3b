"""A file as a table of texts: bytes, encoding, separator, header, rows of the wrong length."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ...errors import LogError

_BOM = b"\xef\xbb\xbf"
_HEADER_MOST = 1 << 20
_BLOCK = 1 << 24
_BLOCK_MOST = (1 << 31) - 1
_END = "\x1eend of file\x1e"
"""Stands in a row put after the last; a quote that is never closed swallows it."""


@dataclass(frozen=True)
class Sheet:
    """The rows of a file, every value as it is written there."""

    names: list[str]
    table: Any
    """Arrow table of large strings, its columns in the order of ``names``."""
    rows: NDArray[np.int64]
    """Number of each row in the file; the header is row 1."""
    broken: list[tuple[int, str, str]] = field(default_factory=list)
    """Rows that are no rows: number, text, reason."""
    typed: frozenset[str] = frozenset()
    """Columns that were no texts: ISO dates and decimal points, whatever the mapping says."""

    def column(self, name: str) -> Any:
        return self.table.column(self.names.index(name))


def file_bytes(path: Path) -> bytes:
    """All of a file, or a :class:`LogError` that says why not."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise LogError(f"{path}: no such file; check the path") from None
    except IsADirectoryError:
        raise LogError(f"{path}: is a directory; give one file") from None
    except OSError as e:
        raise LogError(f"{path}: cannot be read ({e.strerror}); check its permissions") from None


def read_csv(data: bytes, path: Path, wanted: Collection[str]) -> Sheet:
    r"""Take a CSV file apart, packed or not.

    ``wanted`` are the columns looked for; they decide between comma and semicolon.

    >>> sheet = read_csv(b"id;score\n1;0,9\n2\n", Path("calls.csv"), {"score"})
    >>> sheet.column("score").to_pylist(), sheet.broken
    (['0,9'], [(3, '2', 'has 1 value where the header has 2')])
    """
    if path.suffix.lower() == ".gz":
        data = _unpacked(data, path)
    data = data.removeprefix(_BOM)
    separator, width = _layout(_text(data, path), path, wanted)
    end = b"" if data.endswith((b"\n", b"\r")) else b"\n"
    end += separator.join([_END] * width).encode() + b"\n"
    table, broken = _parsed(data + end, separator, width, path)
    total = table.num_rows + len(broken)
    if not table.num_rows or table.column(0)[-1].as_py() != _END:
        # the last row goes on to the end of the file
        raise LogError(f"{path.name}: a quote opened in row {total} is never closed; close it")
    if broken and broken[0][0] == 1:
        raise LogError(f"{path.name}: the header cannot be read; check its quotes")
    names = _names([column[0].as_py().strip() for column in table.columns], path)
    whole = np.ones(total + 1, bool)
    whole[[0, 1, total, *(number for number, _, _ in broken)]] = False
    table, rows = table.slice(1, table.num_rows - 2), np.flatnonzero(whole)
    table, rows = _only(~_blank(table), table, rows)
    # a line of separators only is as blank as one of nothing
    broken = [row for row in broken if row[1].strip(separator + '" \t\r\n')]
    if b"\0" in data:
        damaged = _with_nul(table)
        broken += [(int(n), "", "holds a NUL byte; the row is damaged") for n in rows[damaged]]
        table, rows = _only(~damaged, table, rows)
    if not len(rows) and not broken:
        raise LogError(f"{path.name}: has a header but no rows; export it again")
    return Sheet(names, table, rows, broken)


def _unpacked(data: bytes, path: Path) -> bytes:
    try:
        return gzip.decompress(data)
    except EOFError:
        raise LogError(f"{path.name}: the gzip file is cut off; copy or export it again") from None
    except (gzip.BadGzipFile, zlib.error) as e:
        raise LogError(
            f"{path.name}: is not a sound gzip file ({e}); is it a plain .csv?"
        ) from None


def _text(data: bytes, path: Path) -> str:
    if not data or data.isspace():
        raise LogError(f"{path.name}: is empty; export it again")
    if data.startswith(b"\x1f\x8b"):
        raise LogError(f"{path.name}: is packed with gzip; name it {path.name}.gz")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as e:
        row = data.count(b"\n", 0, e.start) + 1
        raise LogError(
            f"{path.name}: byte {e.start} (line {row}) is not UTF-8; save the file as 'CSV UTF-8'"
        ) from None


def _layout(text: str, path: Path, wanted: Collection[str]) -> tuple[str, int]:
    """The separator under which the header shows most of the columns wanted, and its width."""
    found: dict[str, list[str]] = {}
    for separator in (",", ";"):
        lines = csv.reader(io.StringIO(text[:_HEADER_MOST], newline=""), delimiter=separator)
        try:
            found[separator] = [name.strip() for name in next(lines)]
        except csv.Error as e:
            raise LogError(f"{path.name}: the header cannot be read ({e})") from None
    best = max(found, key=lambda s: (len(set(wanted) & set(found[s])), len(found[s])))
    if not any(found[best]):
        raise LogError(f"{path.name}: row 1 is empty; it must hold the names of the columns")
    if len(found[best]) == 1 and "\t" in found[best][0]:
        raise LogError(f"{path.name}: is separated by tabs; save it with commas or semicolons")
    return best, len(found[best])


def _names(header: list[str], path: Path) -> list[str]:
    names = [name or f"(column {i} has no name)" for i, name in enumerate(header, 1)]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        at = " and ".join(str(i) for i, name in enumerate(names, 1) if name == twice)
        raise LogError(f"{path.name}: columns {at} are both called {twice!r}; rename one")
    return names


def _parsed(
    data: bytes, separator: str, width: int, path: Path
) -> tuple[Any, list[tuple[int, str, str]]]:
    """All rows of the right length, the header first, and what stands in the others."""
    broken: list[tuple[int, str, str]] = []

    def keep(row: Any) -> str:
        values = "1 value" if row.actual_columns == 1 else f"{row.actual_columns} values"
        broken.append((row.number, row.text, f"has {values} where the header has {width}"))
        return "skip"

    names = [str(i) for i in range(width)]
    # no row may straddle two blocks: small ones, which are faster, else one for all
    for block in (_BLOCK, len(data) + 1):
        broken.clear()
        try:
            table = pa.csv.read_csv(
                pa.BufferReader(data),
                # only one thread numbers the rows
                pa.csv.ReadOptions(
                    use_threads=False, column_names=names, block_size=min(block, _BLOCK_MOST)
                ),
                pa.csv.ParseOptions(
                    delimiter=separator,
                    newlines_in_values=True,
                    ignore_empty_lines=False,
                    invalid_row_handler=keep,
                ),
                pa.csv.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
                ),
            )
        except pa.ArrowInvalid as e:
            problem = e
        else:
            return table, broken
    raise LogError(f"{path.name}: is not a readable CSV file ({problem}); export it again")


def _only(
    kept: NDArray[np.bool_], table: Any, rows: NDArray[np.int64]
) -> tuple[Any, NDArray[np.int64]]:
    return table.filter(pa.array(kept)), rows[kept]


def _blank(table: Any) -> NDArray[np.bool_]:
    """Rows without any value: blank lines, as spreadsheets leave them; they are no decisions."""
    blank = np.ones(table.num_rows, bool)
    for column in table.columns:
        if not blank.any():
            break
        texts = pc.equal(pc.utf8_trim_whitespace(column), "")
        blank &= texts.to_numpy()
    return blank


def _with_nul(table: Any) -> NDArray[np.bool_]:
    held = np.zeros(table.num_rows, bool)
    for column in table.columns:
        held |= pc.match_substring(column, "\0").to_numpy()
    return held


def read_parquet(data: bytes, path: Path, wanted: Collection[str] | None) -> Sheet:
    """Take a Parquet file that is not one of ours as texts, so that one set of rules holds."""
    try:
        table = pq.read_table(pa.BufferReader(data))
    except (pa.ArrowException, OSError) as e:
        raise LogError(f"{path.name}: is not a sound Parquet file ({e}); write it again") from None
    names = _names(list(table.column_names), path)
    texts = []
    for name, column in zip(names, table.columns, strict=True):
        try:
            used = wanted is None or name in wanted
            texts.append(_as_texts(column) if used else pa.nulls(len(table)))
        except pa.ArrowNotImplementedError:
            raise LogError(
                f"{path.name}: column {name!r} holds {column.type}; give it plain values"
            ) from None
    if not len(table):
        raise LogError(f"{path.name}: has no rows; export it again")
    rows = np.arange(2, len(table) + 2)
    typed = {n for n, c in zip(names, table.columns, strict=True) if not _is_text(c.type)}
    return Sheet(names, pa.table(texts, names=names), rows, typed=frozenset(typed))


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _as_texts(column: Any) -> Any:
    if pa.types.is_floating(column.type):
        column = pc.if_else(pc.is_nan(column), None, column)
    return column.cast(pa.large_string())
