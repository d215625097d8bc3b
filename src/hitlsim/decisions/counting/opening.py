"""Where a log that is too large to read is kept: Parquet, DuckDB, a warehouse."""

from __future__ import annotations

import glob
import json
import os
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ...errors import LogError
from ..log import META

MEMORY_LIMIT = "1GB"
"""What DuckDB may hold at once of a log; what is more goes to its temporary files."""
LARGE_BYTES = 200_000_000
"""A Parquet file of this size has some millions of decisions; read, they would take gigabytes."""
_DUCKDB = (".duckdb", ".ddb")
_URL = re.compile(r"[a-z][a-z0-9+]+://", re.IGNORECASE)
_SECRET = re.compile(r"\$\{(\w+)\}")
_HOW = (
    "give a Parquet file, a folder or pattern of them, a file.duckdb#table, or a URL with a table, "
    "such as postgres://${PGUSER}:${PGPASSWORD}@host/database#decisions"
)


@dataclass(frozen=True)
class Place:
    """A table, and what is known of it from elsewhere.

    Attributes
    ----------
    table : ibis Table
    backend : Ibis backend
    name : str
        How messages and reports call it; without secrets.
    record : Mapping
        What a log of ours says of itself.
    zone : tzinfo or None
        The clock that its ``decided_at`` was written with.
    """

    table: ir.Table
    backend: Any
    name: str
    record: Mapping[str, Any]
    zone: tzinfo | None = None


def stays(source: str) -> bool:
    """Whether a log is better asked where it is than read.

    So are folders and patterns of files, databases, warehouses, and Parquet files above
    ``LARGE_BYTES``.

    >>> stays("postgres://host/sales#decisions"), stays("calls.csv")
    (True, False)
    """
    path = Path(source)
    return (
        _is_url(source)
        or source.partition("#")[0].endswith(_DUCKDB)
        or path.is_dir()
        or (path.suffix == ".parquet" and "*" in source)
        or (path.suffix == ".parquet" and path.is_file() and path.stat().st_size > LARGE_BYTES)
    )


def _is_url(source: object) -> bool:
    """Whether it is written like the address of a warehouse."""
    return isinstance(source, str) and bool(_URL.match(source))


def place_of(source: Any) -> Place:
    """Find the table that a source stands for.

    Raises
    ------
    LogError
        When there is none.
    """
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        return _found(source)  # Ibis 12 asks DuckDB 2 for schemas by a name that will go


def _found(source: Any) -> Place:
    if isinstance(source, ir.Table):
        name = source.get_name() if hasattr(source.op(), "name") else "table"
        return Place(source, source.get_backend(), name, {})
    if _is_url(source):
        return _at_url(source)
    text = str(source)
    path, _, table = text.partition("#")
    if path.endswith(_DUCKDB):
        return _in_database(Path(path), table)
    return _of_parquet(text)


def _of_parquet(text: str) -> Place:
    path = Path(text)
    pattern = str(path / "**" / "*.parquet") if path.is_dir() else text
    files = sorted(glob.glob(pattern, recursive=True))  # noqa: PTH207 - a pattern, not a folder
    if not files:
        what = "holds no .parquet files" if path.is_dir() else "there is no such file"
        raise LogError(f"{text}: {what}; {_HOW}")
    if wrong := next((f for f in files if not f.endswith(".parquet")), None):
        raise LogError(f"{wrong}: is no .parquet file and cannot stay where it is; {_HOW}")
    try:
        schema = pq.read_schema(files[0])
        backend = _duckdb()
        table = backend.read_parquet(files, hive_partitioning=True, union_by_name=len(files) > 1)
    except (pa.ArrowException, OSError, *_engine_errors()) as e:
        raise LogError(f"{text}: cannot be read as Parquet ({_first_line(e)})") from None
    record = json.loads((schema.metadata or {}).get(META, b"{}")) if len(files) == 1 else {}
    return Place(table, backend, path.name, record, _zone_of(schema))


def _zone_of(schema: pa.Schema) -> tzinfo | None:
    """The zone that ``decided_at`` names; engines forget it."""
    if "decided_at" not in schema.names:
        return None
    zone = getattr(schema.field("decided_at").type, "tz", None)
    return None if zone is None else pd.Timestamp(0, tz=zone).tz


def _in_database(path: Path, table: str) -> Place:
    if not path.is_file():
        raise LogError(f"{path}: there is no such file")
    try:
        backend = _duckdb(path, read_only=True)
    except _engine_errors() as e:
        raise LogError(f"{path.name}: cannot be opened as DuckDB ({_first_line(e)})") from None
    return _table_in(backend, table, path.name)


def _at_url(source: str) -> Place:
    """``ibis.connect`` knows many warehouses; each needs its own package to be installed."""
    url, _, table = source.partition("#")
    if urlsplit(url).scheme == "duckdb":  # it would make a file that is not there
        return _in_database(Path(url.removeprefix("duckdb://")), table)
    name = f"{urlsplit(url).scheme}://{urlsplit(url).hostname or ''}{urlsplit(url).path}"
    if urlsplit(url).password and not _SECRET.search(urlsplit(url).password or ""):
        raise LogError(
            f"{name}: a password stands in the address; put it into an environment variable and "
            "write ${NAME} in its place"
        )
    absent = [n for n in _SECRET.findall(url) if n not in os.environ]
    if absent:
        raise LogError(f"{name}: the environment variable {absent[0]} is not set")
    try:
        backend = ibis.connect(_SECRET.sub(lambda found: os.environ[found[1]], url))
    except ImportError:
        raise LogError(
            f"{name}: the package that reaches it is not installed; install ibis-framework with "
            f"its extra for {urlsplit(url).scheme}"
        ) from None
    except Exception as e:  # every driver has errors of its own; they may repeat the password
        raise LogError(f"{name}: cannot be reached ({type(e).__name__}); {_HOW}") from None
    return _table_in(backend, table, name)


def _table_in(backend: Any, table: str, where: str) -> Place:
    tables = _tables_of(backend)
    if not table and len(tables) == 1:
        table = tables[0]
    schema, _, name = table.rpartition(".")
    if not table or (not schema and name not in tables):
        said = f"no table {name!r}" if table else "several tables"
        raise LogError(f"{where}: has {said}; write one after a #: {', '.join(tables[:20])}")
    try:
        found = backend.table(name, database=schema or None)
    except Exception as e:
        raise LogError(f"{where}: table {table} cannot be read ({type(e).__name__})") from None
    return Place(found, backend, f"{where}#{table}", {})


def _tables_of(backend: Any) -> list[str]:
    if backend.name == "duckdb":  # whose newer versions Ibis 12 cannot ask
        return [row[0] for row in backend.con.execute("show tables").fetchall()]
    return [str(name) for name in backend.list_tables()]


def _duckdb(path: Path | None = None, **more: Any) -> Any:
    return ibis.duckdb.connect(":memory:" if path is None else path, memory_limit=MEMORY_LIMIT,
                               **more)  # fmt: skip


def _engine_errors() -> tuple[type[Exception], ...]:
    import duckdb

    return (duckdb.Error,)


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
