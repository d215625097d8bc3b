"""Open a file as a sheet; its first bytes tell what it is."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from ....errors import LogError
from .delimited import read_delimited
from .encoding import as_utf8
from .lines import is_json, read_json
from .ole import OLE
from .packed import Content, file_bytes, is_zip, unpacked
from .parquet import read_folder, read_parquet
from .sheet import Layout, Sheet
from .workbook import read_workbook

_LOOK = Layout()
_NO_TABLES = (
    (b"%PDF", "a PDF"),
    (b"<!doctype html", "a web page"),
    (b"<html", "a web page"),
    (b"<table", "a web page"),
    (b"<?xml", "an XML file"),
    (b"{\\rtf", "a text document"),
    (b"SQLite format 3", "a database"),
    (b"ARROW1", "an Arrow file"),
)
"""How files begin that people take for tables; some programs name them .xls."""
_YAML = (".yaml", ".yml")


def open_sheet(path: Path, wanted: Collection[str] | None, layout: Layout = _LOOK) -> Sheet:
    r"""Read a file, or a folder of Parquet files, as a table of texts.

    Parameters
    ----------
    path : Path
    wanted : collection of str or None
        Names of the columns looked for; they help to find header, separator and sheet, and only
        they need to hold plain values. ``None`` means all columns.
    layout : Layout
        What is known about the file; all else is found out by looking and told in the notes.

    Returns
    -------
    Sheet

    Raises
    ------
    LogError
        When the file cannot be read: why, and what to do.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "calls.tsv"
    >>> _ = file.write_text("id\tscore\n1\t0.9\n")
    >>> sheet = open_sheet(file, {"score"})
    >>> sheet.column("score").to_pylist(), sheet.notes
    (['0.9'], ('columns are separated by tabs',))
    """
    if path.is_dir():
        return read_folder(path, wanted)
    data = file_bytes(path)
    if path.suffix.lower() in _YAML:
        raise LogError(
            f"{path.name}: is YAML and not a log; a mapping goes with --map, and a scenario with "
            "--scenario or into 'hitlsim simulate', which makes a log of it"
        )
    content = unpacked(data, path.name, layout.sheet)
    sheet = _read(content, path.name, wanted, layout)
    return replace(sheet, sha256=sha256(data), notes=(*content.notes, *sheet.notes))


def sha256(data: bytes) -> str:
    """Fingerprint of a file."""
    return hashlib.sha256(data, usedforsecurity=False).hexdigest()


def _read(content: Content, file: str, wanted: Collection[str] | None, layout: Layout) -> Sheet:
    data = content.data
    if data.startswith(b"PAR1"):
        return read_parquet(data, file, wanted)
    if is_zip(data) or data.startswith(OLE):
        return read_workbook(data, file, wanted, layout)
    start = data[:64].lstrip().lower()
    kind = next((kind for sign, kind in _NO_TABLES if start.startswith(sign.lower())), None)
    if kind:
        raise LogError(f"{file}: is {kind}, not a table; export it as CSV, Excel or Parquet")
    text, notes = as_utf8(data, file, layout.encoding)
    if is_json(text, content.name):
        sheet = read_json(text, file, wanted)
    else:
        sheet = read_delimited(text, file, wanted, layout)
    return replace(sheet, notes=(*notes, *sheet.notes))
