"""Every plausible file gives the same table, whatever program saved it."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import json
import zipfile
from collections.abc import Collection
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.reading.sheets import packed
from hitlsim.decisions.reading.sheets.header import header_at
from hitlsim.decisions.reading.sheets.open import open_sheet
from hitlsim.decisions.reading.sheets.sheet import Layout, Sheet
from hitlsim.errors import LogError
from tests.decisions.small_logs import put

CALLS = """\
id,decided_at,confidence,note
C1,2026-09-30,0.5,café
C2,2026-10-01,0.6,"later, perhaps"
"""
WANTED = {"id", "decided_at", "confidence", "note"}
COLUMNS = {
    "id": ["C1", "C2"],
    "decided_at": ["2026-09-30", "2026-10-01"],
    "confidence": ["0.5", "0.6"],
    "note": ["café", "later, perhaps"],
}


def opened(
    folder: Path,
    data: bytes | str,
    name: str = "calls.csv",
    wanted: Collection[str] | None = frozenset(WANTED),
    **layout: str | int | None,
) -> Sheet:
    return open_sheet(put(folder, data, name), wanted, Layout(**layout))  # type: ignore[arg-type]


def columns(sheet: Sheet) -> dict[str, list[str]]:
    return {name: sheet.column(name).to_pylist() for name in sheet.names}


def zipped(**files: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "."), text)
    return out.getvalue()


# --- packing -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("calls.csv", CALLS.encode()),
        ("calls.csv.gz", gzip.compress(CALLS.encode())),
        ("calls.csv.gz", gzip.compress(CALLS[:40].encode()) + gzip.compress(CALLS[40:].encode())),
        ("calls.csv.bz2", bz2.compress(CALLS.encode())),
        ("calls.csv.zst", bytes(pa.Codec("zstd").compress(CALLS.encode()))),
        ("calls.zip", zipped(calls__csv=CALLS)),
        ("calls.csv", gzip.compress(CALLS.encode())),
        ("calls.csv.gz", CALLS.encode()),
        ("calls", zipped(calls__csv=CALLS)),
    ],
)
def test_a_packed_file_is_read_whatever_it_is_called(
    tmp_path: Path, name: str, data: bytes
) -> None:
    sheet = opened(tmp_path, data, name)
    assert columns(sheet) == COLUMNS
    assert sheet.rows.tolist() == [2, 3]
    assert sheet.sha256 == hashlib.sha256(data).hexdigest()


def test_of_several_files_in_a_zip_the_named_one_is_read(tmp_path: Path) -> None:
    data = zipped(calls__csv=CALLS, other__csv="a,b\n1,2\n")
    sheet = opened(tmp_path, data, "calls.zip", sheet="calls.csv")
    assert columns(sheet) == COLUMNS
    assert sheet.notes == ("'calls.csv' of the archive was read",)
    with pytest.raises(LogError, match=r"holds 2 files \('calls.csv', 'other.csv'\); unpack it"):
        opened(tmp_path, data, "calls.zip")


@pytest.mark.parametrize("codec", ["gzip", "bz2", "zstd"])
def test_a_packed_file_that_is_cut_off_is_told(tmp_path: Path, codec: str) -> None:
    pack = {"gzip": gzip.compress, "bz2": bz2.compress, "zstd": pa.Codec("zstd").compress}[codec]
    data = bytes(pack(CALLS.encode()))[:-4]
    with pytest.raises(LogError, match=f"calls.csv: the {codec} file is cut off; copy or export"):
        opened(tmp_path, data)


def test_a_damaged_or_locked_zip_is_told(tmp_path: Path) -> None:
    whole = zipped(calls__csv=CALLS * 50)
    with pytest.raises(LogError, match="is not a sound ZIP file"):
        opened(tmp_path, whole[:-30], "calls.zip")
    damaged = whole[:60] + bytes(9) + whole[69:]
    with pytest.raises(LogError, match=r"'calls\.csv' in it is damaged"):
        opened(tmp_path, damaged, "calls.zip")
    locked = bytearray(whole)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        locked[whole.index(mark) + at] |= 1
    with pytest.raises(LogError, match="is locked with a password"):
        opened(tmp_path, bytes(locked), "calls.zip")
    with pytest.raises(LogError, match="holds no file"):
        opened(tmp_path, zipped(), "calls.zip")


@pytest.mark.parametrize("name", ["bomb.csv.gz", "bomb.zip"])
def test_a_file_that_grows_absurdly_is_refused(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "_MOST_BYTES", 1 << 20)
    monkeypatch.setattr(packed, "_MOST_TIMES", 500)
    much = "0" * (1 << 22)
    data = zipped(a__csv=much) if name.endswith("zip") else gzip.compress(much.encode())
    with pytest.raises(LogError, match="grows to more than 500 times its size"):
        opened(tmp_path, data, name)


# --- encodings ---------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252"])
def test_the_encoding_is_found(tmp_path: Path, encoding: str) -> None:
    assert columns(opened(tmp_path, CALLS.encode(encoding))) == COLUMNS


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_needs_no_mark(tmp_path: Path, encoding: str) -> None:
    sheet = opened(tmp_path, CALLS.encode(encoding))
    assert columns(sheet) == COLUMNS
    assert sheet.notes == (f"the text was read as {encoding}; if letters look wrong, set encoding",)


@pytest.mark.parametrize(
    ("encoding", "word"),
    [
        ("cp1252", "Jürgen “ok” 5 €"),
        ("cp1251", "Звонок состоялся, клиент согласился"),
        ("cp1253", "πελάτης απάντησε στην κλήση"),
        ("shift_jis", "お客様から電話がありました"),
        ("gb18030", "客户已经接听电话并且同意"),
    ],
)
def test_other_scripts_are_recognised(tmp_path: Path, encoding: str, word: str) -> None:
    rows = "".join(f'{i},"{word}"\n' for i in range(50))
    sheet = opened(tmp_path, f"id,note\n{rows}".encode(encoding))
    assert set(sheet.column("note").to_pylist()) == {word}
    assert "the text was read as" in sheet.notes[0]


def test_an_encoding_that_is_given_holds(tmp_path: Path) -> None:
    data = "id,note\n1,Łódź\n".encode("cp1250")
    assert opened(tmp_path, data, encoding="cp1250").column("note").to_pylist() == ["Łódź"]
    for wrong in ("klingon", "rot13"):
        with pytest.raises(LogError, match=f"{wrong}.*encoding"):
            opened(tmp_path, data, encoding=wrong)


def test_a_few_bytes_that_are_no_utf_8_cost_their_rows_only(tmp_path: Path) -> None:
    data = CALLS.encode() + b"C3,2026-10-02,0.7,caf\xe9\nC4,2026-10-02,0.7,\xc3\xa9t\xc3\xa9\n"
    sheet = opened(tmp_path, data)
    assert sheet.column("id").to_pylist() == ["C1", "C2", "C4"]
    reason = "holds bytes that are no characters; the row is damaged"
    assert sheet.broken == [(4, "", reason)]
    assert sheet.notes == ("the text holds bytes that are no characters, in 1 places",)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "is empty"), (b" \n\n", "is empty"), (b"\xff\xfe", "is empty"),
        ("\n ".encode("utf-16"), "is empty"), (bytes(range(1, 256)) * 4, "is no table that can be"),
        (b"%PDF-1.7 ...", "is a PDF, not a table"), (b"\n<HTML><table>", "is a web page, not"),
        (b"<?xml version='1.0'?><Workbook/>", "is an XML file"), (b"{\\rtf1", "is a text document"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_told(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(LogError, match=f"calls.xls: {what}"):
        opened(tmp_path, data, "calls.xls")


# --- separators and headers --------------------------------------------------------------------


@pytest.mark.parametrize(("sign", "called"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars")])
@pytest.mark.parametrize("wanted", [WANTED, {"nothing"}, None])
def test_the_separator_is_found(
    tmp_path: Path, sign: str, called: str, wanted: set[str] | None
) -> None:
    rows = [f'C{i}{sign}"a, b{sign} c"{sign}0,{i}{sign}1.234,5{sign}2026-09-30' for i in range(20)]
    text = "\n".join([sign.join(["id", "text", "score", "size, EUR", "at"]), *rows])
    sheet = opened(tmp_path, text, "calls.txt", wanted)
    assert sheet.names == ["id", "text", "score", "size, EUR", "at"]
    assert sheet.column("score").to_pylist() == [f"0,{i}" for i in range(20)]
    assert sheet.notes == (f"columns are separated by {called}",)
    assert not sheet.broken


def test_a_separator_that_is_given_holds(tmp_path: Path) -> None:
    assert opened(tmp_path, "a:b\n1:2\n", wanted=None, delimiter=":").names == ["a", "b"]
    for wrong in ("", ",,", '"', "\n", "§"):
        with pytest.raises(LogError, match="cannot separate columns; give one sign"):
            opened(tmp_path, CALLS, delimiter=wrong)


def test_excels_line_about_the_separator_is_no_header(tmp_path: Path) -> None:
    sheet = opened(tmp_path, "sep=;\nid;note\n1;a, b\n", wanted=None)
    assert columns(sheet) == {"id": ["1"], "note": ["a, b"]}
    assert sheet.rows.tolist() == [3]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_titles_above_the_header_are_left_out_and_rows_keep_their_numbers(
    tmp_path: Path, end: str
) -> None:
    text = f'"Calls of\nMay"\n\n{CALLS}'.replace("\n", end) + f"C3{end}"
    sheet = opened(tmp_path, text)
    assert columns(sheet) == COLUMNS
    assert sheet.rows.tolist() == [4, 5]
    assert [row[0] for row in sheet.broken] == [6]
    assert sheet.notes == ("the header is row 3; what stands above it was left out",)


def test_a_header_row_that_is_given_holds(tmp_path: Path) -> None:
    text = "a,b\nid,note\n1,2\n"
    sheet = opened(tmp_path, text, header_row=2)
    assert (sheet.names, sheet.rows.tolist()) == (["id", "note"], [3])
    with pytest.raises(LogError, match=r"cannot be read \(row 9 is not there\)"):
        opened(tmp_path, text, header_row=9)
    with pytest.raises(LogError, match="row 2 is empty; it must hold the names"):
        opened(tmp_path, "a,b\n,\n1,2\n", header_row=2)


def test_empty_columns_at_the_end_of_header_or_rows_are_no_trouble(tmp_path: Path) -> None:
    longer = opened(tmp_path, "id,note\n1,a,\n2,b,\n")
    assert longer.names == ["id", "note", "(column 3 has no name)"]
    shorter = opened(tmp_path, "id,note,\n1,a\n2,b\n")
    assert columns(shorter) == {"id": ["1", "2"], "note": ["a", "b"]}
    assert not longer.broken
    assert not shorter.broken


def test_a_name_twice_matters_only_if_it_is_looked_for(tmp_path: Path) -> None:
    text = "id,Name,Name\n1,a,b\n"
    assert opened(tmp_path, text).names == ["id", "Name", "Name (column 3)"]
    with pytest.raises(LogError, match="columns 2 and 3 are both called 'Name'; rename one"):
        opened(tmp_path, text, wanted={"Name"})


def test_ten_thousand_columns_and_a_cell_of_a_megabyte_are_read(tmp_path: Path) -> None:
    names = [f"c{i}" for i in range(10_000)]
    text = f"{','.join(names)}\n{','.join('1' * 9_999)},{'x' * (1 << 20)}\n"
    sheet = opened(tmp_path, text, wanted={"c9999"})
    assert sheet.column("c9999")[0].as_py() == "x" * (1 << 20)


def test_a_quote_that_is_never_closed_is_told_with_its_row(tmp_path: Path) -> None:
    for row, text in ((2, 'id,note\n1,"a\n'), (3, 'Calls\n\nid,"note\n1,2\n3,4\n')):
        with pytest.raises(LogError, match=f"a quote opened in row {row} is never closed"):
            opened(tmp_path, text)


@given(
    st.lists(st.sampled_from(["Report", "", "by: me"]).map(lambda t: [t, "", "", ""]), max_size=9),
    st.lists(st.lists(st.sampled_from(["1", "x"]), min_size=3, max_size=4), min_size=10),
)
def test_the_header_is_found_below_any_titles(
    titles: list[list[str]], rows: list[list[str]]
) -> None:
    header = ["id", "at", "score", "note"]
    assert header_at([*titles, header, *rows], None) == len(titles)
    assert header_at([header, *rows], {"score"}) == 0


# --- JSON --------------------------------------------------------------------------------------


def test_json_lines_become_rows_with_the_numbers_of_their_lines(tmp_path: Path) -> None:
    lines = [
        '{"id": 1, "score": 0.50, "deal": {"size": {"eur": 12}}, "signals": ["a", "b"]}',
        "",
        '{"id": null, "ok": true, "note": "caf\\u00e9"}',
        '{"id": 3',
        "[1]",
        '{"id": "\\ud800"}',
        '{"id": "a\\u0000"}',
        '{"id": 123456789012345678901, "score": NaN}',
    ]
    sheet = opened(tmp_path, "\r\n".join(lines), "calls.jsonl", None)
    assert sheet.rows.tolist() == [1, 3, 8]
    assert columns(sheet) == {
        "id": ["1", None, "123456789012345678901"],
        "score": ["0.50", None, "NaN"],
        "deal.size.eur": ["12", None, None],
        "signals": ["a+b", None, None],
        "ok": [None, "true", None],
        "note": [None, "café", None],
    }
    assert [(n, why) for n, _, why in sheet.broken] == [
        (4, "is no JSON object"),
        (5, "is no JSON object"),
        (6, "holds half a character; the row is damaged"),
        (7, "holds a NUL byte; the row is damaged"),
    ]
    assert sheet.typed == {"id", "score", "deal.size.eur", "ok"}


@pytest.mark.parametrize("wrap", ["{}", '{{"results": {}, "total": 2}}'])
@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_of_objects_is_read_wrapped_or_not(
    tmp_path: Path, wrap: str, indent: int | None
) -> None:
    text = wrap.format(json.dumps([{"id": 1}, {"id": 2, "note": "x"}], indent=indent))
    sheet = opened(tmp_path, text, "calls.json", {"id"})
    assert sheet.column("id").to_pylist() == ["1", "2"]
    assert (sheet.names, sheet.rows.tolist()) == (["id", "note"], [1, 2])


def test_json_is_known_by_its_look_and_a_header_in_brackets_is_none(tmp_path: Path) -> None:
    assert opened(tmp_path, '{"id": 1}\n', "calls.csv").names == ["id"]
    assert opened(tmp_path, "[id],[note]\n1,2\n", wanted=None).names == ["[id]", "[note]"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"id": 1},', r"is no sound JSON \(.*\); export it again"),
        ("[]", "has no rows; export it again"),
        ('{"id"', r"is no JSON object \(row 1\), nor is any other row"),
        ("[" * 100_000, "is no sound JSON"),
        ("7", r"holds a single value; give an array"),
    ],
)
def test_what_is_no_json_is_told(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(LogError, match=f"calls.json: {message}"):
        opened(tmp_path, text, "calls.json")
