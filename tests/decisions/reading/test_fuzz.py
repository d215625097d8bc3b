"""A thousand damaged, odd and absurd files: each becomes a log or one clear sentence.

With ``HITLSIM_EXAMPLES`` set: two thousand.

Seeded, so that what fails once fails again. Where it is known how many rows a file has, used rows
and rejects add up to it.
"""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hitlsim.decisions.reading.read import read_log
from hitlsim.errors import LogError
from tests.decisions.reading.workbooks import Cell, Rows, ods, xls, xlsb, xlsx
from tests.decisions.small_logs import put

RNG = np.random.Generator
Table = list[list[str]]
HEADER = ["decision_id", "decided_at", "confidence", "verdict", "ok", "started_at", "ended_at",
          "deal_size"]  # fmt: skip
MAPPINGS = (
    "timezone: Europe/Berlin\n",
    "decimal: ','\nthousands: '.'\nconfidence_scale: 100\n",
    'date_format: "%d/%m/%Y %H:%M"\n',
    "columns: {decided_at: started_at, confidence: confidence, ok: ok}\n",
)
ODD = (
    "=cmd|'/c calc'!A1", "@SUM(1+1)", "+1", "-5", "NaN", "inf", "-inf", "1e999", "1e-999", "1,5",
    "1.234,5", "1'234", "€ 5", "5 %", "1900-01-01", "2262-04-12 00:00", "0000-01-01", "0001-01-01",
    "9999-12-31T23:59:59Z", "2026-02-30", "2026-10-25 02:30", "2026-03-29 02:30", "24:00", "null",
    "#N/A", "\U0001f600", "\u202e", "\ufdd0", "\ufffd", "\u00a0", " ", "", "'", '"', '""', ",", ";",
    "\t", "|", "a\nb", "a\r\nb", "\r", "\x1a", "\x85", "\u2028", "0x1F", "1_000", "\u0663", "[1]",
    "{}", "true", "TRUE", "12:30", "45930.5", "1.0", "x" * 1000,
)  # fmt: skip


class File(NamedTuple):
    name: str
    data: bytes
    rows: int | None = None
    """How many it has, if that is known."""


def table(rng: RNG) -> Table:
    """A header and some good rows."""
    rows = [HEADER.copy()]
    for i in range(int(rng.integers(1, 12))):
        day, hour = int(rng.integers(1, 29)), int(rng.integers(8, 18))
        rows.append([
            f"C-{i}", f"2026-09-{day:02} {hour:02}:00", f"{rng.random():.3f}",
            str(rng.choice(["approve", "edit", ""])), str(rng.choice(["yes", "no", ""])),
            f"2026-09-{day:02} {hour:02}:10", f"2026-09-{day:02} {hour:02}:30",
            f"{rng.lognormal(9, 1):.2f}",
        ])  # fmt: skip
    return rows


# --- what may happen to a table: its number of rows stays known ----------------------------------


def odd_cells(rows: Table, rng: RNG) -> None:
    for _ in range(int(rng.integers(1, 9))):
        row = rows[int(rng.integers(1, len(rows)))]
        row[int(rng.integers(len(row)))] = ODD[int(rng.integers(len(ODD)))]


def shuffled_columns(rows: Table, rng: RNG) -> None:
    order = rng.permutation(len(HEADER))
    rows[:] = [[row[i] for i in order] for row in rows]


def ties(rows: Table, rng: RNG) -> None:
    for row in rows[1:]:
        row[1:3] = ["2026-09-01", "0.5"]


def a_row_twice(rows: Table, rng: RNG) -> None:
    rows.append(rows[int(rng.integers(1, len(rows)))].copy())


def time_runs_backwards(rows: Table, rng: RNG) -> None:
    row = rows[int(rng.integers(1, len(rows)))]
    row[5], row[6], row[7] = row[6], row[5], "-3"


def empty_rows(rows: Table, rng: RNG) -> None:
    rows.insert(int(rng.integers(1, len(rows) + 1)), [""] * len(HEADER))


def a_name_twice(rows: Table, rng: RNG) -> None:
    i, j = rng.integers(0, len(HEADER), 2)
    rows[0][i] = rows[0][j]


def no_name(rows: Table, rng: RNG) -> None:
    rows[0][int(rng.integers(len(HEADER)))] = ""


def another_column(rows: Table, rng: RNG) -> None:
    for i, row in enumerate(rows):
        row.append("note" if i == 0 else ODD[int(rng.integers(len(ODD)))])


def a_huge_cell(rows: Table, rng: RNG) -> None:
    if rng.random() < 0.05:
        rows[int(rng.integers(1, len(rows)))][-1] = "x" * (1 << 20)


def very_many_columns(rows: Table, rng: RNG) -> None:
    if rng.random() < 0.01:
        for i, row in enumerate(rows):
            row += [f"c{k}" if i == 0 else "1" for k in range(10_000)]


CHANGES: tuple[Callable[[Table, RNG], None], ...] = (
    odd_cells, shuffled_columns, ties, a_row_twice, time_runs_backwards, empty_rows, a_name_twice,
    no_name, another_column, a_huge_cell, very_many_columns,
)  # fmt: skip


def changed(rng: RNG, most: int = 3) -> tuple[Table, int]:
    """A table after some changes, and how many decisions it has."""
    rows = table(rng)
    for i in rng.integers(0, len(CHANGES), int(rng.integers(1, most + 1))):
        CHANGES[i](rows, rng)
    return rows, sum(any(cell.strip() for cell in row) for row in rows[1:])


# --- what may happen to bytes: anything ----------------------------------------------------------


def damaged(data: bytes, rng: RNG) -> bytes:
    at, to = sorted(int(i) for i in rng.integers(0, len(data) + 1, 2))
    some = rng.bytes(int(rng.integers(1, 40)))
    kind = int(rng.integers(9))
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + some + data[at:]
    if kind == 2:
        return data[:at] + data[to:]
    if kind == 3:
        return data[:at] + b"\0" * int(rng.integers(1, 5)) + data[at:]
    if kind == 4:
        return data[:to] + data[at:]
    if kind == 5:
        return data + some
    if kind == 6:
        return data[:at] + b'"' + data[at:]
    if kind == 7:
        return some + data
    changed = bytearray(data)
    for _ in range(int(rng.integers(1, 6))):
        changed[int(rng.integers(len(data)))] = int(rng.integers(256))
    return bytes(changed)


# --- files ---------------------------------------------------------------------------------------


def as_csv(rows: Table, rng: RNG, delimiter: str = ",") -> bytes:
    out = io.StringIO()
    end = str(rng.choice(["\n", "\r\n", "\r"]))
    ends = any("\r" in cell or "\n" in cell for row in rows for cell in row)
    every = ends or rng.random() < 0.2
    csv.writer(
        out,
        delimiter=delimiter,
        lineterminator=end,
        quoting=csv.QUOTE_ALL if every else csv.QUOTE_MINIMAL,
    ).writerows(rows)
    return out.getvalue().encode()


def plain_csv(rng: RNG) -> File:
    rows, n = changed(rng)
    return File("log.csv", as_csv(rows, rng), n)


def other_text(rng: RNG) -> File:
    rows, n = changed(rng)
    delimiter = str(rng.choice([";", "\t", "|"]))
    data = as_csv(rows, rng, delimiter)
    encoding = str(rng.choice(["utf-8-sig", "utf-16", "utf-8"]))
    name = str(rng.choice(["log.tsv", "log.txt", "log.psv", "log", "log.csv"]))
    return File(name, data.decode().encode(encoding), n)


def broken_text(rng: RNG) -> File:
    rows, _ = changed(rng)
    data = as_csv(rows, rng, str(rng.choice([",", ";", "\t"])))
    for _ in range(int(rng.integers(1, 4))):
        data = damaged(data, rng)
    if rng.random() < 0.2:
        data = data[: len(data) // 2] + data[len(data) // 2 :].replace(b",", b";")
    if rng.random() < 0.2:
        data = data.decode("utf-8", "replace").encode("cp1252", "replace") + "é".encode()
    return File(str(rng.choice(["log.csv", "log.csv.gz", "log.xlsx", "log.parquet"])), data)


def noise(rng: RNG) -> File:
    start = [b"", b"PAR1", b"PK\x03\x04", b"\x1f\x8b\x08", b"BZh9", b"\x28\xb5\x2f\xfd", b"{", b"[",
             bytes.fromhex("d0cf11e0a1b11ae1"), b"\xff\xfe", b"<html>",
             b"decided_at,confidence\n2026-09-30,0.5\n"][int(rng.integers(12))]  # fmt: skip
    kinds = ["log.csv", "log.parquet", "log.xlsx", "log.jsonl", "log.csv.gz", "log.zip"]
    return File(str(rng.choice(kinds)), start + rng.bytes(int(rng.integers(0, 300))))


def packed(rng: RNG) -> File:
    rows, n = changed(rng)
    data = as_csv(rows, rng)
    kind = int(rng.integers(4))
    if kind == 3:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("inner/log.csv", data)
        file = File("log.zip", out.getvalue(), n)
    else:
        pack = (gzip.compress, bz2.compress, pa.Codec("zstd").compress)[kind]
        suffix = str(rng.choice([".csv.gz", ".csv.bz2", ".csv.zst", ".csv"]))
        file = File(f"log{suffix}", bytes(pack(data)), n)
    return file if rng.random() < 0.4 else File(file.name, damaged(file.data, rng))


def _cells(rows: Table, rng: RNG) -> list[list[Cell]]:
    """Some cells as numbers and times, as a spreadsheet has them; what XML cannot hold is left."""
    kept: list[list[Cell]] = []
    for row in rows:
        cells: list[Cell] = []
        for cell in row:
            word = "".join(c for c in cell[:2000] if c.isprintable() and c < "\ufdd0")
            if rng.random() < 0.5 and word.replace(".", "", 1).isdecimal() and word.isascii():
                cells.append(float(word))
            elif rng.random() < 0.5 and word.startswith("2026-09-"):
                cells.append(datetime.fromisoformat(word))
            else:
                cells.append(word)
        kept.append(cells[:200])
    return kept


def workbook(rng: RNG) -> File:
    makers = ((xlsx, "log.xlsx"), (ods, "log.ods"), (xls, "log.xls"), (xlsb, "log.xlsb"))
    make, name = makers[int(rng.integers(4))]
    rows, _ = changed(rng)
    cells = _cells(rows, rng)
    n = sum(any(not isinstance(c, str) or c.strip() for c in row) for row in cells[1:])
    sheets: dict[str, Rows] = (
        {"Calls": cells, "Notes": [["nothing of use"]]} if rng.random() < 0.3 else {"A": cells}
    )
    data = make(sheets)
    return File(name, data, n) if rng.random() < 0.5 else File(name, damaged(data, rng))


def parquet(rng: RNG) -> File:
    rows = [row[:100] for row in changed(rng)[0]]
    names = [name if name not in rows[0][:i] else f"{name}_{i}" for i, name in enumerate(rows[0])]
    columns = [[row[i] if i < len(row) else "" for row in rows[1:]] for i in range(len(names))]
    arrays = [pa.array(column) for column in columns]
    if rng.random() < 0.5:
        arrays[0] = arrays[0].dictionary_encode()
        arrays.append(pa.array(rng.random(len(rows) - 1)))
        arrays.append(pa.array([[1]] * (len(rows) - 1)))
        names += ["more", "nested"]
    out = io.BytesIO()
    pq.write_table(pa.table(arrays, names=names), out)
    if rng.random() < 0.5:
        return File("log.parquet", out.getvalue(), len(rows) - 1)
    return File("log.parquet", damaged(out.getvalue(), rng))


def json_lines(rng: RNG) -> File:
    rows, _ = changed(rng)
    objects = [dict(zip(rows[0], row, strict=False)) for row in rows[1:]]
    lines = [json.dumps(o, ensure_ascii=bool(rng.random() < 0.5)) for o in objects]
    for _ in range(int(rng.integers(0, 3))):
        odd = ["[1]", "{", '{"confidence": NaN}', "null", '{"a": {"b": {"c": 1}}}', "7",
               '{"decided_at": "\\ud800"}', '{"confidence": 1e999, "decided_at": 5}',
               "[" * 5000, '{"a":' * 5000]  # fmt: skip
        lines.insert(int(rng.integers(1, len(lines) + 1)), odd[int(rng.integers(len(odd)))])
    n = len(lines)
    if rng.random() < 0.3:
        return File("log.json", json.dumps(objects).encode(), len(objects))
    data = str(rng.choice(["\n", "\r\n", "\n\n"])).join(lines).encode()
    if rng.random() < 0.6:
        return File(str(rng.choice(["log.jsonl", "log.ndjson"])), data, n)
    return File("log.jsonl", damaged(data, rng))


# --- the rule ------------------------------------------------------------------------------------


def becomes_a_log(file: File, folder: Path, rng: RNG) -> bool:
    """Whether it does; else it is refused in one sentence that names the file."""
    mapping = MAPPINGS[int(rng.integers(len(MAPPINGS)))] if rng.random() < 0.25 else None
    plan = put(folder, mapping, "map.yaml") if mapping else None
    try:
        log = read_log(put(folder, file.data, file.name), plan, allow_rejects=1)
    except LogError as e:
        message = str(e)
        assert file.name in message, message
        assert "Traceback" not in message
        assert len(message) < 2_500
        assert message == message.strip()
        return False
    rows = len(log.frame) + len(log.rejects)
    assert rows == log.record["rows_read"]
    if file.rows is not None:
        assert rows == file.rows
    return True


MAKERS: Sequence[tuple[Callable[[RNG], File], int, float]] = (
    (plain_csv, 175, 0.6),
    (other_text, 150, 0.6),
    (broken_text, 175, 0.3),
    (noise, 100, 0.0),
    (packed, 125, 0.25),
    (workbook, 125, 0.4),
    (parquet, 75, 0.3),
    (json_lines, 75, 0.5),
)
"""What makes files, how many, and the share that must become logs: all else would test nothing."""
TIMES = 2 if "HITLSIM_EXAMPLES" in os.environ else 1


@pytest.mark.parametrize(("make", "count", "readable"), MAKERS)
def test_every_file_becomes_a_log_or_one_clear_sentence(
    make: Callable[[RNG], File], count: int, readable: float, tmp_path: Path
) -> None:
    read, count = 0, TIMES * count
    for i in range(count):
        rng = np.random.default_rng([2026, i])
        file = make(rng)
        try:
            read += becomes_a_log(file, tmp_path, rng)
        except BaseException as e:
            e.add_note(f"{make.__name__}, input {i}: {file.name}, {file.data[:300]!r}")
            raise
    assert read >= readable * count
