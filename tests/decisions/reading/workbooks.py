"""Workbooks made by hand, byte by byte, since no library that writes them is needed otherwise."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from xml.sax.saxutils import escape, quoteattr


class Formula(NamedTuple):
    """A formula; without a value where no program has calculated it yet."""

    text: str
    value: float | str | None = None


class Err(NamedTuple):
    """A cell that shows an error, such as #N/A."""

    code: str


Cell = str | float | bool | datetime | date | timedelta | Formula | Err | None
Rows = Sequence[Sequence[Cell]]
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - spreadsheets know no zones
_DAY, _CLOCK, _SPAN = 1, 2, 3
"""Styles: a date, a date with a time, a duration."""


def serial(value: date | timedelta) -> float:
    """Days, as a spreadsheet counts them."""
    if isinstance(value, timedelta):
        return value / timedelta(days=1)
    if not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)  # noqa: DTZ001
    return (value - _EPOCH) / timedelta(days=1)


def _style(value: Cell) -> int:
    if isinstance(value, datetime):
        return _CLOCK
    return _DAY if isinstance(value, date) else _SPAN if isinstance(value, timedelta) else 0


def _zip(files: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(zipfile.ZipInfo(name), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


# --- .xlsx ---------------------------------------------------------------------------------------

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_STYLES = f"""{_XML}<styleSheet xmlns="{_MAIN}"><numFmts count="1">
<numFmt numFmtId="164" formatCode="[h]:mm:ss"/></numFmts><fonts count="1"><font/></fonts>
<fills count="1"><fill/></fills><borders count="1"><border/></borders>
<cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="4"><xf numFmtId="0"/>
<xf numFmtId="14" applyNumberFormat="1"/><xf numFmtId="22" applyNumberFormat="1"/>
<xf numFmtId="164" applyNumberFormat="1"/></cellXfs></styleSheet>"""


def letters(column: int) -> str:
    """The name of a column, counted from 0.

    >>> letters(0), letters(27)
    ('A', 'AB')
    """
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def _xlsx_cell(value: Cell, at: str) -> str:
    if value is None:
        return ""
    if isinstance(value, Formula):
        kind = ' t="str"' if isinstance(value.value, str) else ""
        shown = "" if value.value is None else f"<v>{value.value}</v>"
        return f'<c r="{at}"{kind}><f>{escape(value.text)}</f>{shown}</c>'
    if isinstance(value, Err):
        return f'<c r="{at}" t="e"><v>{value.code}</v></c>'
    if isinstance(value, bool):
        return f'<c r="{at}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'<c r="{at}" t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    number = value if isinstance(value, (int, float)) else serial(value)
    return f'<c r="{at}" s="{_style(value)}"><v>{number!r}</v></c>'


def xlsx(sheets: Mapping[str, Rows], hidden: Sequence[str] = ()) -> bytes:
    """An Excel workbook."""
    files: dict[str, str | bytes] = {}
    files |= {"[Content_Types].xml": f"""{_XML}<Types xmlns="{_PACKAGE}/content-types">
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>
<Default Extension="xml" ContentType="application/xml"/></Types>""",
             "_rels/.rels": f"""{_XML}<Relationships xmlns="{_PACKAGE}/relationships">
<Relationship Id="rId1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>
</Relationships>""", "xl/styles.xml": _STYLES}  # fmt: skip
    links, names = [], []
    for i, (name, rows) in enumerate(sheets.items(), 1):
        state = ' state="hidden"' if name in hidden else ""
        names.append(f'<sheet name={quoteattr(name)} sheetId="{i}" r:id="rId{i}"{state}/>')
        links.append(f'<Relationship Id="rId{i}" Type="{_OFFICE}/worksheet" '
                     f'Target="worksheets/sheet{i}.xml"/>')  # fmt: skip
        body = "".join(
            f'<row r="{r}">'
            + "".join(_xlsx_cell(v, f"{letters(c)}{r}") for c, v in enumerate(row))
            + "</row>"
            for r, row in enumerate(rows, 1)
        )
        files[f"xl/worksheets/sheet{i}.xml"] = (
            f'{_XML}<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>'
        )
    files["xl/workbook.xml"] = (
        f'{_XML}<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>{"".join(names)}</sheets>'
        "</workbook>"
    )
    files["xl/_rels/workbook.xml.rels"] = (
        f'{_XML}<Relationships xmlns="{_PACKAGE}/relationships">{"".join(links)}'
        f'<Relationship Id="rIdS" Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>'
    )
    return _zip(files)


# --- .ods ----------------------------------------------------------------------------------------

_ODS = "urn:oasis:names:tc:opendocument:xmlns"


def _ods_cell(value: Cell) -> str:
    if value is None:
        return "<table:table-cell/>"
    if isinstance(value, Formula):
        value = value.value if value.value is not None else ""
    if isinstance(value, Err):
        return (f'<table:table-cell office:value-type="string" table:formula="of:=NA()">'
                f"<text:p>{value.code}</text:p></table:table-cell>")  # fmt: skip
    if isinstance(value, bool):
        kind, told = "boolean", f'office:boolean-value="{str(value).lower()}"'
    elif isinstance(value, (int, float)):
        kind, told = "float", f'office:value="{value!r}"'
    elif isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        kind, told = "time", f'office:time-value="PT{minutes // 60}H{minutes % 60}M{seconds}S"'
    elif isinstance(value, date):
        kind, told = "date", f'office:date-value="{value.isoformat()}"'
    else:
        kind, told = "string", ""
    shown = escape(str(value))
    return (f'<table:table-cell office:value-type="{kind}" {told}><text:p>{shown}</text:p>'
            "</table:table-cell>")  # fmt: skip


def ods(sheets: Mapping[str, Rows]) -> bytes:
    """An OpenDocument spreadsheet."""
    tables = "".join(
        f"<table:table table:name={quoteattr(name)}>"
        + "".join(
            f"<table:table-row>{''.join(map(_ods_cell, row)) or '<table:table-cell/>'}"
            "</table:table-row>"
            for row in rows
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    content = f"""{_XML}<office:document-content xmlns:office="{_ODS}:office:1.0"
 xmlns:table="{_ODS}:table:1.0" xmlns:text="{_ODS}:text:1.0" office:version="1.2"><office:body>
<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    manifest = f"""{_XML}<manifest:manifest xmlns:manifest="{_ODS}:manifest:1.0">
<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/></manifest:manifest>"""
    return _zip({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": manifest})


# --- .xls: BIFF8 in an OLE2 container -------------------------------------------------------------


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def _xls_cell(value: Cell, row: int, column: int) -> bytes:
    if value is None or isinstance(value, Formula):
        return b""
    at = struct.pack("<HHH", row, column, _style(value) if not isinstance(value, Err) else 0)
    if isinstance(value, Err):
        return _record(0x205, at + bytes([{"#N/A": 0x2A, "#DIV/0!": 0x07}[value.code], 1]))
    if isinstance(value, bool):
        return _record(0x205, at + bytes([value, 0]))
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x204, at + struct.pack("<HB", len(text) // 2, 1) + text)
    number = value if isinstance(value, (int, float)) else serial(value)
    return _record(0x203, at + struct.pack("<d", number))


def _ole(stream: bytes) -> bytes:
    """One stream, 'Workbook', in a container of 512-byte sectors."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    n = len(stream) // 512
    n_fat = -(-(n + 2) // 126)  # sectors of the table that chains sectors
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    fat = [*range(1, n), end, end, *[0xFFFFFFFD] * n_fat]
    fat += [free] * (n_fat * 128 - len(fat))
    head = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    head += struct.pack("<HHHHH6xIIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, n_fat, n, 0, 4096, end, 0,
                        end, 0, n + 1)  # fmt: skip
    head += b"".join(struct.pack("<I", n + 1 + i if i < n_fat else free) for i in range(1, 109))

    def entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
        text = (name + "\0").encode("utf-16-le")
        links = struct.pack("<HBBIII", len(text), kind, 1, free, free, child)
        return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)

    folder = entry("Root Entry", 5, 1, end, 0) + entry("Workbook", 2, free, 0, len(stream))
    return head + stream + folder + bytes(256) + struct.pack(f"<{len(fat)}I", *fat)


def xls(sheets: Mapping[str, Rows]) -> bytes:
    """An Excel 97 workbook."""
    start = struct.pack("<HHHHII", 0x0600, 5, 0x0DBB, 0x07CC, 0, 6)
    formats = b"".join(
        _record(0xE0, struct.pack("<HHH", 0, number, 0) + bytes(14)) for number in (0, 14, 22, 46)
    )
    bodies = []
    for rows in sheets.values():
        cells = b"".join(
            _xls_cell(v, r, c) for r, row in enumerate(rows) for c, v in enumerate(row)
        )
        wide = max(map(len, rows), default=0)
        size = _record(0x200, struct.pack("<IIHHH", 0, len(rows), 0, wide, 0))
        body = start[:2] + struct.pack("<H", 0x10) + start[4:]
        bodies.append(_record(0x809, body) + size + cells + _record(0x0A, b""))

    def bounds(offsets: Sequence[int]) -> bytes:
        return b"".join(
            _record(0x85, struct.pack("<IHBB", at, 0, len(name), 0) + name.encode("latin-1"))
            for at, name in zip(offsets, sheets, strict=True)
        )

    head, tail = _record(0x809, start) + formats, _record(0x0A, b"")
    at = len(head) + len(bounds([0] * len(bodies))) + len(tail)
    offsets = [at + sum(map(len, bodies[:i])) for i in range(len(bodies))]
    return _ole(head + bounds(offsets) + tail + b"".join(bodies))


# --- .xlsb: records of BIFF12 in a ZIP ------------------------------------------------------------


def _record12(kind: int, data: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(data)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return number + size + data


def _text12(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _xlsb_cell(value: Cell, column: int) -> bytes:
    if value is None or isinstance(value, Formula):
        return b""
    at = struct.pack("<II", column, 0 if isinstance(value, Err) else _style(value))
    if isinstance(value, Err):
        return _record12(3, at + bytes([0x2A]))
    if isinstance(value, bool):
        return _record12(4, at + bytes([value]))
    if isinstance(value, str):
        return _record12(6, at + _text12(value))
    number = value if isinstance(value, (int, float)) else serial(value)
    return _record12(5, at + struct.pack("<d", number))


def xlsb(sheets: Mapping[str, Rows]) -> bytes:
    """An Excel binary workbook."""
    files: dict[str, str | bytes] = {}
    with zipfile.ZipFile(io.BytesIO(xlsx({name: [] for name in sheets}))) as archive:
        for name in ("[Content_Types].xml", "_rels/.rels", "xl/_rels/workbook.xml.rels"):
            text = archive.read(name).decode()
            for old, new in (("workbook.xml", "workbook.bin"), ("styles.xml", "styles.bin")):
                text = text.replace(old, new)
            for i in range(1, len(sheets) + 1):
                text = text.replace(f"sheet{i}.xml", f"sheet{i}.bin")
            files[name.replace("workbook.xml", "workbook.bin")] = text
    formats = b"".join(
        _record12(47, struct.pack("<HH", 0, number) + bytes(12)) for number in (0, 14, 22, 46)
    )
    files["xl/styles.bin"] = _record12(617, struct.pack("<I", 4)) + formats + _record12(618)
    bundle = b""
    for i, (name, rows) in enumerate(sheets.items(), 1):
        bundle += _record12(156, struct.pack("<II", 0, i) + _text12(f"rId{i}") + _text12(name))
        wide = max(map(len, rows), default=1)
        body = _record12(148, struct.pack("<IIII", 0, max(len(rows) - 1, 0), 0, wide))
        body += _record12(145)
        for r, row in enumerate(rows):
            body += _record12(0, struct.pack("<I", r) + bytes(13))
            body += b"".join(_xlsb_cell(v, c) for c, v in enumerate(row))
        files[f"xl/worksheets/sheet{i}.bin"] = body + _record12(146)
    end = _record12(144) + _record12(157, bytes(26)) + _record12(132)
    files["xl/workbook.bin"] = _record12(143) + bundle + end
    return _zip(files)
