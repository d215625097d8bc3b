"""What a report is about, and the folder that is named for it."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from hitlsim.errors import LogError
from hitlsim.present.reporting.subject import Answers


@pytest.mark.parametrize(
    ("name", "key"),
    [("q3.csv", "q3"), ("q3.CSV.gz", "q3"), ("cohort_2.xlsx", "cohort_2"), ("q3", "q3")],
)
def test_a_cohort_s_report_lies_in_a_folder_with_the_name_of_its_file(name: str, key: str) -> None:
    assert Answers(Path(name)).key == key


@pytest.mark.parametrize(
    ("one", "other"), [("q3.a.csv", "q3.b.csv"), ("Übung.csv", "bung.csv"), ("é.csv", "à.csv")]
)
def test_no_cohort_s_report_replaces_that_of_another(one: str, other: str) -> None:
    assert Answers(Path(one)).key != Answers(Path(other)).key


def test_an_answer_that_a_class_still_keeps_beside_its_file_makes_another_report(
    tmp_path: Path,
) -> None:
    """SQLite writes it to a file of its own first; by the main file alone nothing has changed."""
    file = tmp_path / "class.db"
    with closing(sqlite3.connect(file, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE answers (act TEXT)")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        before, written = Answers(file).inputs, file.read_bytes()
        assert Answers(file).inputs == before
        db.execute("INSERT INTO answers VALUES ('edit')")
        assert file.read_bytes() == written
        assert Answers(file).inputs != before


def test_a_damaged_database_is_told(tmp_path: Path) -> None:
    file = tmp_path / "class.db"
    file.write_bytes(b"SQLite format 3\0" + b"garbage" * 200)
    with pytest.raises(LogError, match=r"class\.db: cannot be read as a database"):
        _ = Answers(file).inputs
