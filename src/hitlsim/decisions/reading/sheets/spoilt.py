"""What the XML of a workbook tells that its reader does not: errors, formulas, traps."""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree import ElementTree as ET
from xml.sax.saxutils import unescape

from ....errors import LogError
from .packed import is_zip, open_zip

_SPOILT = re.compile(rb'\bt="e"|</f></c>|<f\b[^>]*/></c>')
_CELL = re.compile(
    rb'<c [^>]*?\br="([A-Z]{1,3})([0-9]{1,7})"([^>]*)>(?:<f[^>]*?(?:/>|>([^<]*)</f>))?'
    rb"(?:<v>([^<]*)</v>)?</c>"
)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_WIDTHS = ((rb'\br="[A-Z]{3}[0-9]+"[^>]*(?<!/)>', 16_384),
           (rb'\br="[A-Z]{2}[0-9]+"[^>]*(?<!/)>', 702))  # fmt: skip
"""Cells with a value in columns with so long names, and how many columns there may then be."""
_NARROW = 26
_ROW = re.compile(rb'\br="[A-Z]{1,3}([0-9]{1,7})"')
_WIDER = re.compile(rb'<table:table-cell\b[^>]*columns-repeated="([0-9]+)"[^>]*(?<!/)>')
_LONGER = re.compile(rb'<table:table-row\b[^>]*rows-repeated="([0-9]+)"')
_AREA_MOST, _SPARSE = 200_000_000, 100
"""So many cells are held at once; beyond, at most so many for each that has a value."""
_DAMAGED = (KeyError, ValueError, OSError, zipfile.BadZipFile, zlib.error, EOFError,
            RuntimeError, ET.ParseError)  # fmt: skip


def refuse_scattered(data: bytes, file: str) -> None:
    """Raise if a few cells lie so far apart that the sheet as a whole fills the memory."""
    if not is_zip(data):
        return
    for name, xml in _parts(data, file):
        area, cells = _area_ods(xml) if name == "content.xml" else _area_xlsx(xml)
        if area > max(_AREA_MOST, _SPARSE * cells):
            raise LogError(
                f"{file}: a few cells lie far away from the table; copy the table alone into a "
                f"new workbook"
            )


def spoilt_cells(data: bytes, sheet: str) -> dict[int, dict[int, str]]:
    """Of an .xlsx file, the cells that show an error or were never calculated.

    Returns
    -------
    dict
        By row and column, both from 0: ``#N/A``, or the formula.
    """
    found: dict[int, dict[int, str]] = {}
    if not is_zip(data):
        return found
    try:
        xml = _worksheet(data, sheet)
    except _DAMAGED:  # its reader says so, if it matters
        return found
    for hit in _SPOILT.finditer(xml):
        start = xml.rfind(b"<c ", 0, hit.start())
        cell = _CELL.match(xml, start) if start >= 0 else None
        if cell and (b't="e"' in cell[0] or cell[5] is None):
            text = cell[5] or b"=" + (cell[4] or b"...")
            row, column = int(cell[2]) - 1, _column(cell[1])
            found.setdefault(row, {})[column] = unescape(text.decode("utf-8", "replace"))
    return found


def _column(letters: bytes) -> int:
    """Its number from 0.

    >>> _column(b"A"), _column(b"AB")
    (0, 27)
    """
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number - 1


def _worksheet(data: bytes, sheet: str) -> bytes:
    archive = open_zip(data, "")
    book = ET.fromstring(archive.read("xl/workbook.xml"))  # noqa: S314 - expat refuses bombs
    links = ET.fromstring(archive.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - as above
    key = next(
        e.get(_RELATION) for e in book.iter()
        if e.tag.endswith("}sheet") and e.get("name") == sheet
    )  # fmt: skip
    target = next(e.get("Target", "") for e in links if e.get("Id") == key)
    return archive.read(posixpath.normpath(posixpath.join("/xl", target)).lstrip("/"))


def _parts(data: bytes, file: str) -> Iterator[tuple[str, bytes]]:
    archive = open_zip(data, file)
    for name in archive.namelist():
        if name == "content.xml" or (name.startswith("xl/worksheets/") and name.endswith(".xml")):
            try:
                yield name, archive.read(name)
            except _DAMAGED as e:
                raise LogError(
                    f"{file}: is not a sound workbook ({e}); open it and save it anew"
                ) from None


def _area_xlsx(xml: bytes) -> tuple[int, int]:
    """How large the table around all values may be at most, and how many values there are."""
    wide = next((most for pattern, most in _WIDTHS if re.search(pattern, xml)), _NARROW)
    start = xml.rfind(b"<c ", 0, max(xml.rfind(b"</c>"), 0))
    last = _ROW.search(xml, start) if start >= 0 else None
    return (int(last[1]) if last else 0) * wide, xml.count(b"</c>")


def _area_ods(xml: bytes) -> tuple[int, int]:
    wide = max((int(n) for n in _WIDER.findall(xml)), default=1)
    long = max((int(n) for n in _LONGER.findall(xml)), default=1)
    return wide * long, xml.count(b"</table:table-cell>")
