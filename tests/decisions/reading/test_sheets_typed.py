"""Workbooks and Parquet files: what was no text becomes the text that a CSV file would have."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hitlsim.decisions.reading.read import read_log
from hitlsim.decisions.reading.sheets import spoilt
from hitlsim.decisions.reading.sheets.open import open_sheet
from hitlsim.decisions.reading.sheets.sheet import Layout
from hitlsim.errors import LogError
from tests.decisions.reading.workbooks import Err, Formula, Rows, ods, xls, xlsb, xlsx
from tests.decisions.small_logs import put

WANTED = {"id", "at", "score"}
AT = datetime(2026, 9, 30, 14, 5)  # noqa: DTZ001 - spreadsheets know no zones
CALLS: Rows = [
    ["id", "at", "score", "won", "note"],
    [12.0, AT, 0.93, True, "x"],
    [],
    [123456789012.0, date(2026, 9, 30), 1.0, False, None],
    ["00012", AT + timedelta(seconds=59), 0.1, None, " y "],
]
MAKERS: Mapping[str, Callable[[Mapping[str, Rows]], bytes]] = {
    "calls.xlsx": xlsx, "calls.xlsb": xlsb, "calls.xls": xls, "calls.ods": ods,
}  # fmt: skip
KINDS = pytest.mark.parametrize("name", MAKERS)


# --- workbooks ---------------------------------------------------------------------------------


@KINDS
def test_cells_become_what_a_csv_file_would_have(tmp_path: Path, name: str) -> None:
    sheet = open_sheet(put(tmp_path, MAKERS[name]({"Calls": CALLS}), name), None)
    assert sheet.names == ["id", "at", "score", "won", "note"]
    assert sheet.column("id").to_pylist() == ["12", "123456789012", "00012"]
    assert sheet.column("at").to_pylist()[0] == "2026-09-30 14:05:00"
    assert sheet.column("at").to_pylist()[1][:10] == "2026-09-30"
    assert sheet.column("at").to_pylist()[2] == "2026-09-30 14:05:59"
    assert sheet.column("score").to_pylist() == ["0.93", "1", "0.1"]
    assert sheet.column("won").to_pylist() == ["true", "false", ""]
    assert sheet.rows.tolist() == [2, 4, 5]
    assert sheet.typed == {"id", "at", "score", "won"}
    assert sheet.notes == ()


@KINDS
def test_a_table_may_start_anywhere_below_titles(tmp_path: Path, name: str) -> None:
    below: Rows = [[None, "Calls of May"], [], *([None, *row] for row in CALLS)]
    sheet = open_sheet(put(tmp_path, MAKERS[name]({"Calls": below}), name), WANTED)
    assert sheet.names == ["id", "at", "score", "won", "note"]
    assert sheet.rows.tolist() == [4, 6, 7]
    assert sheet.notes == ("the header is row 3; what stands above it was left out",)
    asked = open_sheet(tmp_path / name, {"x"}, Layout(header_row=3))
    assert asked.names == sheet.names


def test_of_several_sheets_the_one_with_the_columns_looked_for_is_read(tmp_path: Path) -> None:
    book: dict[str, Rows] = {"Notes": [["read me"]], "Calls": CALLS, "Copy": CALLS}
    file = put(tmp_path, xlsx(book), "calls.xlsx")
    with pytest.raises(LogError, match="has the sheets 'Notes', 'Calls', 'Copy'; say which"):
        open_sheet(file, WANTED)
    assert open_sheet(file, WANTED, Layout(sheet="Copy")).names[0] == "id"
    with pytest.raises(LogError, match="has no sheet 'Cals'; it has 'Notes', 'Calls', 'Copy'"):
        open_sheet(file, WANTED, Layout(sheet="Cals"))
    file = put(tmp_path, xlsx(book, hidden=["Copy"]), "calls.xlsx")
    assert open_sheet(file, WANTED).notes == ("sheet 'Calls' of 3 was read",)
    with pytest.raises(LogError, match="say which"):
        open_sheet(file, None)
    file = put(tmp_path, xlsx(book, hidden=["Copy", "Notes"]), "calls.xlsx")
    assert len(open_sheet(file, None).rows) == 3


def test_errors_and_formulas_nobody_calculated_are_no_empty_cells(tmp_path: Path) -> None:
    rows: Rows = [
        *CALLS,
        [1.0, AT, Err("#N/A")],
        [2.0, AT, Formula("A2*2")],
        [3.0, AT, Formula("A2*2", 0.5)],
        [4.0, AT, Formula('IF(1,"","")', "")],
        [5.0, AT, 't="e"'],
    ]
    moved: Rows = [[None, *row] for row in rows]
    sheet = open_sheet(put(tmp_path, xlsx({"Calls": moved}), "calls.xlsx"), WANTED)
    scores = sheet.column("score").to_pylist()[3:]
    assert scores == ["#N/A", "=A2*2", "0.5", "", 't="e"']


def test_a_workbook_becomes_a_log_with_rejects(tmp_path: Path) -> None:
    rows: Rows = [
        ["decision_id", "decided_at", "confidence", "deal_size"],
        ["a", AT, 0.9, 1200.5],
        ["b", AT, Err("#N/A"), 3.0],
        ["c", "31/09/2026", 0.5, 4.0],
        [4.0, AT, 0.5, None],
    ]
    mapping = put(tmp_path, 'date_format: "%d/%m/%Y"\ndecimal: ","\n', "map.yaml")
    log = read_log(put(tmp_path, xlsx({"A": rows}), "a.xlsx"), mapping, allow_rejects=1)
    assert log.frame["decision_id"].tolist() == ["a", "4"]
    assert log.frame["decided_at"].iloc[0] == pd.Timestamp(AT, tz=UTC)
    assert log.rejects[["row", "column", "value"]].values.tolist() == [
        [3, "confidence", "#N/A"], [4, "decided_at", "31/09/2026"]
    ]  # fmt: skip


def test_cells_typed_in_as_words_among_dates_and_numbers_are_read_as_the_mapping_says(
    tmp_path: Path,
) -> None:
    rows: Rows = [
        ["decided_at", "confidence", "deal_size", "region_size"],
        [AT, 0.93, 1234.5, 0.25],
        [AT, 0.93, 1234.5, 0.25],
        [AT, 0.93, 1234.5, 0.25],
        ["19/05/2026", "0,88", "1.234,5", "0,75"],
        ["2026-05-19", "0,5", "7", 1.0],
    ]
    plan = 'date_format: "%d/%m/%Y"\ndecimal: ","\nthousands: "."\n'
    file = put(tmp_path, xlsx({"A": rows}), "a.xlsx")
    f = read_log(file, put(tmp_path, plan, "map.yaml"), context=True).frame
    assert f["decided_at"].dt.strftime("%m-%d").tolist() == ["05-19"] * 2 + ["09-30"] * 3
    assert f["confidence"].tolist() == [0.88, 0.5, 0.93, 0.93, 0.93]
    assert f["deal_size"].tolist() == [1234.5, 7, 1234.5, 1234.5, 1234.5]
    assert f["context_region_size"].tolist() == [0.75, 1, 0.25, 0.25, 0.25]
    with pytest.raises(LogError, match=r"2 of 5 rows .* cannot be used"):
        read_log(file)


def test_whole_numbers_of_a_file_are_dates_where_the_mapping_says_so(tmp_path: Path) -> None:
    table = pa.table({"decided_at": [20260930, 20260901], "confidence": [0.5, 0.6]})
    file = put(tmp_path, parquet(table), "a.parquet")
    plan = put(tmp_path, 'date_format: "%Y%m%d"\n', "map.yaml")
    assert read_log(file, plan).frame["decided_at"].dt.day.tolist() == [1, 30]


@KINDS
def test_a_workbook_that_is_damaged_or_empty_is_told(tmp_path: Path, name: str) -> None:
    data = MAKERS[name]({"Calls": CALLS})
    with pytest.raises(LogError, match=f"{name}: is not a sound"):
        open_sheet(put(tmp_path, data[: len(data) // 3], name), None)
    with pytest.raises(LogError, match="the sheet is empty; say which one"):
        open_sheet(put(tmp_path, MAKERS[name]({"Calls": []}), name), None)
    with pytest.raises(LogError, match="has a header but no rows"):
        open_sheet(put(tmp_path, MAKERS[name]({"Calls": CALLS[:1]}), name), None)
    with pytest.raises(LogError, match="row 9 is not there; check header_row"):
        open_sheet(put(tmp_path, data, name), None, Layout(header_row=9))


def test_a_few_cells_far_away_do_not_fill_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spoilt, "_AREA_MOST", 1_000)
    far: Rows = [*CALLS, *[[]] * 200, [None] * 30 + [1.0]]
    with pytest.raises(LogError, match="a few cells lie far away from the table"):
        open_sheet(put(tmp_path, xlsx({"Calls": far}), "calls.xlsx"), None)
    dense: Rows = [["id", "score"], *[[float(i), 0.5] for i in range(200)]]
    assert len(open_sheet(put(tmp_path, xlsx({"Calls": dense}), "calls.xlsx"), None).rows) == 200
    cell = b'<table:table-cell table:number-columns-repeated="16000" office:value-type="float"'
    with zipfile.ZipFile(io.BytesIO(ods({"Calls": CALLS}))) as archive:
        content = archive.read("content.xml")
        kind = archive.read("mimetype")
    content = content.replace(b'<table:table-cell office:value-type="float"', cell, 1)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", kind)
        archive.writestr("content.xml", content)
    with pytest.raises(LogError, match="a few cells lie far away from the table"):
        open_sheet(put(tmp_path, out.getvalue(), "calls.ods"), None)


def test_old_workbooks_that_would_trap_their_reader_are_refused(tmp_path: Path) -> None:
    data = bytearray(xls({"Calls": CALLS}))
    fat = 512 * (1 + struct.unpack_from("<I", data, 76)[0])
    loops = data.copy()
    struct.pack_into("<I", loops, fat + 4 * 3, 0)  # sector 3 goes back to the first
    with pytest.raises(LogError, match="a chain in it has no end"):
        open_sheet(put(tmp_path, bytes(loops), "calls.xls"), None)
    far = data.copy()
    at = far.index(struct.pack("<HHHH", 0x203, 14, 1, 0))  # the first number, in row 2
    struct.pack_into("<H", far, at + 6, 40_000)
    with pytest.raises(LogError, match="cells beyond column 256 or row 65,536"):
        open_sheet(put(tmp_path, bytes(far), "calls.xls"), None)


# --- Parquet -----------------------------------------------------------------------------------


def parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def test_every_plain_type_of_parquet_is_read(tmp_path: Path) -> None:
    at = datetime(2026, 9, 30, 14, 5, 6, 7000, tzinfo=UTC)
    table = pa.table({
        "decimal": pa.array([Decimal("1.50"), None]),
        "words": pa.array(["a", None]).dictionary_encode(),
        "numbers": pa.array([3, None]).dictionary_encode(),
        "naive": pa.array([at.replace(tzinfo=None), None], pa.timestamp("ns")),
        "zoned": pa.array([at, None], pa.timestamp("us", "Europe/Lisbon")),
        "day": pa.array([at.date(), None], pa.date32()),
        "gaps": pa.array([123456789012.0, None]),
        "float": pa.array([0.1, float("nan")]),
        "half": pa.array(np.array([0.5, 1], np.float16)),
        "yes": pa.array([True, None]),
        "bytes": pa.array([b"x", None]),
        "nested": pa.array([[1], None]),
    })  # fmt: skip
    sheet = open_sheet(put(tmp_path, parquet(table), "a.parquet"), set(table.column_names[:-1]))
    first = {name: sheet.column(name)[0].as_py() for name in sheet.names}
    assert first == {
        "decimal": "1.50", "words": "a", "numbers": "3", "naive": "2026-09-30 14:05:06.007000000",
        "zoned": "2026-09-30 15:05:06.007000+0100", "day": "2026-09-30", "gaps": "123456789012",
        "float": "0.1", "half": "0.5", "yes": "true", "bytes": "x", "nested": None,
    }  # fmt: skip
    assert {sheet.column(n)[1].as_py() for n in sheet.names if n != "half"} == {None}
    assert "words" not in sheet.typed
    assert {"decimal", "naive", "zoned", "day", "numbers"} <= sheet.typed
    with pytest.raises(LogError, match=r"column 'nested' holds list.*; give it plain values"):
        open_sheet(tmp_path / "a.parquet", {"nested"})


def test_bytes_in_parquet_that_are_no_text_are_told(tmp_path: Path) -> None:
    file = put(tmp_path, parquet(pa.table({"id": [b"\xff"]})), "a.parquet")
    with pytest.raises(LogError, match="column 'id' holds bytes that are no text"):
        open_sheet(file, None)


def test_times_with_a_zone_keep_their_instant(tmp_path: Path) -> None:
    at = pa.array([datetime(2026, 9, 30, 12, tzinfo=UTC)], pa.timestamp("us", "Asia/Kolkata"))
    file = put(tmp_path, parquet(pa.table({"decided_at": at, "confidence": [0.5]})), "a.parquet")
    assert read_log(file).frame["decided_at"][0] == pd.Timestamp("2026-09-30T12:00Z")


def test_a_folder_of_parquet_files_is_one_table(tmp_path: Path) -> None:
    months = {"month=2026-09/desk=A%20B": ["1", "2"], "month=2026-10": [], "month=2026-11": ["3"]}
    for folder, ids in months.items():
        (tmp_path / folder).mkdir(parents=True)
        table = pa.table({"id": pa.array(ids, pa.string()), "score": pa.array([0.5] * len(ids))})
        put(tmp_path / folder, parquet(table), "part-0.parquet")
    put(tmp_path, b"", "_SUCCESS.parquet")
    put(tmp_path, b"notes", "README.txt")
    sheet = open_sheet(tmp_path, {"id", "month", "score"})
    assert sheet.column("id").to_pylist() == ["1", "2", "3"]
    assert sheet.column("month").to_pylist() == ["2026-09", "2026-09", "2026-11"]
    assert sheet.names == ["id", "score", "month", "desk"]
    assert sheet.rows.tolist() == [2, 3, 4]
    assert sheet.typed == {"score"}
    assert sheet.notes == ("3 Parquet files of the folder were read as one",)
    before = sheet.sha256
    (tmp_path / "month=2026-11").rename(tmp_path / "month=2026-12")
    assert open_sheet(tmp_path, None).sha256 != before


def test_a_folder_without_rows_or_files_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="is a directory without Parquet files; give one file"):
        open_sheet(tmp_path, None)
    put(tmp_path, parquet(pa.table({"id": pa.array([], pa.string())})), "a.parquet")
    with pytest.raises(LogError, match="its Parquet files have no rows"):
        open_sheet(tmp_path, None)
    put(tmp_path, b"PAR1", "b.parquet")
    with pytest.raises(LogError, match=r"b.parquet: is not a sound Parquet file"):
        open_sheet(tmp_path, None)
