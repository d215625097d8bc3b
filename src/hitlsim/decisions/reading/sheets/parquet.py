"""Parquet files that are not ours, as texts, so that one set of rules holds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ....errors import LogError
from .packed import file_bytes
from .sheet import TEXT, Sheet, named

_SUFFIXES = (".parquet", ".parq", ".pq")
_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_WHOLE_MOST = float(1 << 53)
"""Beyond it floats have no units digit."""


def read_parquet(data: bytes, file: str, wanted: Collection[str] | None) -> Sheet:
    """Take a Parquet file as texts; of columns that are not wanted only the names.

    Where all are wanted, those that hold lists and the like are left out, and told in the notes.
    """
    sheet = _part(data, file, wanted)
    if not len(sheet.rows):
        raise LogError(f"{file}: has no rows; export it again")
    return sheet


def read_folder(folder: Path, wanted: Collection[str] | None) -> Sheet:
    """Take all Parquet files of a folder as one, in the order of their names.

    What folders inside are called, such as ``month=2026-09``, becomes columns.

    Raises
    ------
    LogError
        When it holds none, or one that cannot be read.
    """
    files = sorted(
        path for path in folder.rglob("*")
        if path.suffix.lower() in _SUFFIXES and path.is_file()
        and not any(part.startswith((".", "_")) for part in path.relative_to(folder).parts)
    )  # fmt: skip
    if not files:
        raise LogError(f"{folder}: is a directory without Parquet files; give one file")
    digest = hashlib.sha256(usedforsecurity=False)
    parts, tables = [], []
    for path in files:
        data, inner = file_bytes(path), path.relative_to(folder)
        digest.update(inner.as_posix().encode() + b"\0" + hashlib.sha256(data).digest())
        part = _part(data, inner.as_posix(), wanted)
        parts.append(part)
        tables.append(_with_partition(part, inner))
    table = pa.concat_tables(tables, promote_options="default")
    if not len(table):
        raise LogError(f"{folder}: its Parquet files have no rows; write them again")
    texts = {name for part in parts for name in part.names if name not in part.typed}
    return Sheet(
        list(table.column_names),
        table,
        np.arange(2, len(table) + 2),
        typed=frozenset(set(table.column_names) - texts - set(_partition(files[0]))),
        sha256=digest.hexdigest(),
        notes=(
            f"{len(files):,} Parquet files of the folder were read as one",
            *dict.fromkeys(note for part in parts for note in part.notes),
        ),
    )


def _part(data: bytes, file: str, wanted: Collection[str] | None) -> Sheet:
    try:
        source = pq.ParquetFile(pa.BufferReader(data))
        schema = source.schema_arrow
        names = named(list(schema.names), wanted, file)
        kinds = dict(zip(names, schema.types, strict=True))
        nested = {n: k for n, k in kinds.items() if wanted is None and pa.types.is_nested(k)}
        looked_for = {*names} - {*nested} if wanted is None else wanted
        used = [i for i, name in enumerate(names) if name in looked_for]
        table = source.read(columns=[schema.names[i] for i in used]).combine_chunks()
    except LogError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError) as e:
        told = str(e).splitlines()[0] if str(e) else "damaged"
        raise LogError(f"{file}: is not a sound Parquet file ({told}); write it again") from None
    texts = [pa.nulls(len(table), TEXT) for _ in names]
    for i in used:
        texts[i] = _texts(table.column(schema.names[i]), names[i], file)
    typed = {name for name, column in zip(names, schema, strict=True) if not _is_text(column.type)}
    rows = np.arange(2, len(table) + 2)
    notes = tuple(f"column {name!r} was left out: it holds {kind}" for name, kind in nested.items())
    plain = pa.table(texts, names=names).drop_columns([*nested])
    return Sheet(plain.column_names, plain, rows, typed=frozenset(typed - {*nested}), notes=notes)


def _partition(path: Path) -> dict[str, str]:
    """Columns that the folders around a file stand for.

    >>> _partition(Path("month=2026-09/desk=A%20B/part-0.parquet"))
    {'month': '2026-09', 'desk': 'A B'}
    """
    pairs = [part.split("=", 1) for part in path.parent.parts if "=" in part]
    return {unquote(k): "" if v == _NO_VALUE else unquote(v) for k, v in pairs}


def _with_partition(part: Sheet, path: Path) -> Any:
    table = part.table
    for name, value in _partition(path).items():
        if name not in part.names:
            table = table.append_column(name, pa.repeat(pa.scalar(value, TEXT), len(table)))
    return table


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind)
    )


def _texts(column: Any, name: str, file: str) -> Any:
    """A column as a CSV file would have it."""
    try:
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        if pa.types.is_floating(column.type):
            column = _whole(pc.if_else(pc.is_nan(column), None, column))
        return column.cast(TEXT)
    except pa.ArrowNotImplementedError:
        rule = f"holds {column.type}; give it plain values"
    except pa.ArrowInvalid:
        rule = "holds bytes that are no text; write it as text"
    raise LogError(f"{file}: column {name!r} {rule}")


def _whole(column: Any) -> Any:
    """Floats without fractions as whole numbers: that is how pandas keeps ids with gaps."""
    if pa.types.is_float16(column.type):
        column = column.cast(pa.float32())
    most = pc.max(pc.abs(column)).as_py()
    if most is None or most >= _WHOLE_MOST:
        return column
    whole = pc.all(pc.equal(pc.floor(column), column)).as_py()
    return column.cast(pa.int64()) if whole else column
