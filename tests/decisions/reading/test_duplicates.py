"""Rows that are the same decision: which one stays, what is a copy, and what is a fault."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitlsim.decisions.reading.read import read_log
from hitlsim.errors import LogError
from tests.decisions.small_logs import ours, put, read

HEADER = "decision_id,decided_at,confidence"


def table(*rows: str) -> str:
    return ours(*rows, header=HEADER)


def test_copies_of_a_row_are_left_out_counted_and_no_fault(tmp_path: Path) -> None:
    rows = ["a,2026-09-01,0.5", "b,2026-09-02,0.6", "a,2026-09-01, 0.5", "a,2026-09-01,0.5"]
    log = read(tmp_path, table(*rows))
    assert log.frame["decision_id"].tolist() == ["a", "b"]
    assert log.record["duplicates_identical"] == 2
    assert log.rejects["reason"].tolist() == ["is the same as row 2"] * 2


def test_only_copies_pass_without_being_allowed(tmp_path: Path) -> None:
    copies = table(*["a,2026-09-01,0.5"] * 50)
    log = read(tmp_path, copies)
    assert (len(log), log.record["rows_read"], log.record["rows_rejected"]) == (1, 50, 49)
    assert log.record["duplicates_identical"] == 49
    with pytest.raises(LogError, match=r"1 of 2 rows \(50%\) cannot be used, 1% are allowed"):
        read(tmp_path, copies + "a,2026-09-01,0.6\n")


def test_rows_without_an_id_are_never_taken_for_copies(tmp_path: Path) -> None:
    log = read(tmp_path, ours(*["2026-09-01,0.5"] * 3))
    assert (len(log), log.record["duplicates_identical"]) == (3, 0)


def test_of_an_update_log_the_latest_state_stays(tmp_path: Path) -> None:
    rows = ["a,2026-09-05,0.3", "a,2026-09-01,0.1", "b,2026-09-02,0.4", "b,2026-09-02,0.5",
            "a,x,0.9", "b,2026-09-02,0.5"]  # fmt: skip
    log = read(tmp_path, table(*rows), "duplicates: last\nallow_rejects: 0.4")
    assert log.frame["confidence"].tolist() == [0.5, 0.3]
    assert log.rejects[["row", "reason"]].values.tolist() == [
        [3, "is replaced by row 2"],
        [4, "is replaced by row 7"],
        [5, "is the same as row 7"],
        [6, "is not a date like 2026-09-30 or 2026-09-30T14:05 (or say how in date_format)"],
    ]
    assert (log.record["duplicates_replaced"], log.record["duplicates_identical"]) == (2, 1)


def test_rows_that_differ_are_refused_where_the_mapping_says_so(tmp_path: Path) -> None:
    copies = ["a,2026-09-01,0.5", "b,2026-09-01,0.6", "a,2026-09-01,0.5"]
    assert len(read(tmp_path, table(*copies), "duplicates: refuse")) == 2
    message = (
        r"log.csv: rows 3 and 5 are both decision_id 'b' and differ, as do 1 rows in all; mend the "
        r"export, or set duplicates to first or last"
    )
    with pytest.raises(LogError, match=message):
        read(tmp_path, table(*copies, "b,2026-09-01,0.7"), "duplicates: refuse")


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_column_nobody_uses_makes_no_difference_in_any_kind_of_file(
    tmp_path: Path, kind: str
) -> None:
    rows = pd.DataFrame({
        "decision_id": ["a", "a", "b"], "decided_at": "2026-09-01", "confidence": 0.5,
        "desk": "north", "stage": ["won", "lost", "won"],
    })  # fmt: skip
    file = tmp_path / f"log.{kind}"
    rows.to_csv(file, index=False) if kind == "csv" else rows.to_parquet(file)
    plan = "columns: {pool: %s}\nduplicates: refuse\n"
    log = read_log(file, put(tmp_path, plan % "desk", "map.yaml"))
    assert (len(log), log.record["duplicates_identical"]) == (2, 1)
    joining = "columns: {decision_id: id}\njoin: {file: %s, on: {theirs: decision_id, ours: id}, "
    joining = joining % file.name + "columns: {pool: %s}}\n"
    put(tmp_path, "id,decided_at,confidence\na,2026-09-01,0.5\n", "calls.csv")
    log = read_log(tmp_path / "calls.csv", put(tmp_path, joining % "desk", "map.yaml"))
    assert log.rejects["reason"].tolist() == ["is the same as row 2", "belongs to no decision"]
    for used, name in ((plan, file.name), (joining, "calls.csv")):
        with pytest.raises(LogError, match=r"rows 2 and 3"):
            read_log(tmp_path / name, put(tmp_path, used % "stage", "map.yaml"))


@settings(max_examples=50)
@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("123"), st.sampled_from("56"))),
    st.sampled_from(["first", "last"]),
)
def test_one_row_stays_for_each_id_and_rows_add_up(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]], keep: str
) -> None:
    rows = [*rows, ("a", "1", "5")]
    text = table(*(f"{name},2026-09-0{day},0.{score}" for name, day, score in rows))
    log = read(
        tmp_path_factory.mktemp("d"), text, f"duplicates: {keep}\nallow_rejects: 1"
    )  # fmt: skip
    assert len(log) + len(log.rejects) == log.record["rows_read"] == len(rows)
    for name, day, score in zip(
        log.frame["decision_id"], log.frame["decided_at"].dt.day, log.frame["confidence"],
        strict=True,
    ):  # fmt: skip
        mine = [row for row in rows if row[0] == name]
        expected = mine[0] if keep == "first" else max(
            enumerate(mine), key=lambda pair: (pair[1][1], pair[0])
        )[1]  # fmt: skip
        assert (str(day), f"{score:g}") == (expected[1], f"0.{expected[2]}")
    kept = {row for row in rows if sum(1 for r in rows if r[0] == row[0]) > 1}
    assert bool(len(log.rejects)) == bool(kept)
