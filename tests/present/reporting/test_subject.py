"""What a report is about, and the folder that is named for it."""

from __future__ import annotations

from pathlib import Path

import pytest

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
