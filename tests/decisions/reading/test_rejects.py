"""Rows that cannot be used: which, why, where they are kept, and when they are too many."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from hitlsim.errors import LogError
from tests.decisions.small_logs import CALLS, CALLS_MAP, ours, read, reject


@pytest.mark.parametrize(
    ("day", "reason"),
    [
        ("", "is missing"),
        ("30/09/2026", "is not a date like 2026-09-30"),
        ("2026-02-30", "is not a date"),
        ("2026-09-30T25:00", "is not a date"),
        ("2026-09-30T05:00+25:00", "is not a date"),
        ("45565", "is not a date"),
        ("0206-09-30", "is outside 1970 to 2200"),
    ],
)
def test_a_row_without_a_sane_date_is_refused(tmp_path: Path, day: str, reason: str) -> None:
    found = reject(tmp_path, ours("2026-09-30,0.5", f"{day},0.5"))
    assert found[:3] == [3, "decided_at", day]
    assert reason in found[3]


@pytest.mark.parametrize(
    ("score", "reason"),
    [
        ("", "is missing"),
        ("high", "is not a number"),
        ("nan", "is not a number"),
        ("1_0", "is not a number"),
        ("0,5", "is not a number (if the comma is a decimal sign, set decimal: ',')"),
        ("93", "is above 1 (for percentages set confidence_scale: 100)"),
        ("1e999", "is above 1"),
        ("-0.1", "is below 0"),
    ],
)
def test_a_row_without_a_score_is_refused(tmp_path: Path, score: str, reason: str) -> None:
    found = reject(tmp_path, ours("2026-09-30,0.5", f'2026-09-30,"{score}"'))
    assert found == [3, "confidence", score, reason]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("2026-09-30,0.5,x", "has 3 values where the header has 2"),
        ("2026-09-30", "has 1 value where the header has 2"),
        ("2026-09-30,0.5\0", "holds a NUL byte; the row is damaged"),
    ],
)
def test_a_damaged_row_is_refused(tmp_path: Path, row: str, reason: str) -> None:
    found = reject(tmp_path, ours("2026-09-30,0.5", row, "2026-09-30,0.5"))
    assert (found[:2], found[3]) == ([3, ""], reason)


@pytest.mark.parametrize(
    ("row", "reason"),
    [("2026-09-30,500", "is above 100"), ("2026-09-30,-5", "is below 0")],
)
def test_limits_are_told_in_the_scale_of_the_file(tmp_path: Path, row: str, reason: str) -> None:
    found = reject(tmp_path, ours("2026-09-30,50", row), "confidence_scale: 100")
    assert found[3] == reason


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("verdict", "Approved", "is not one of approve, edit, reject"),
        ("route", "robot", "is not one of auto, review, triage, gate, peek, manual"),
        ("exception", "maybe", "is not yes or no"),
        ("review_minutes", "-1", "is below 0"),
        ("inclusion", "1.5", "is above 1"),
        ("boundary_version", "1.5", "is not a whole number"),
        ("boundary_version", "0", "is below 1"),
        ("deal_size", "1e999", "is above 1.79769e+308"),
        ("arrived_at", "soon", "is not a date"),
    ],
)
def test_an_optional_column_may_be_empty_but_not_wrong(
    tmp_path: Path, column: str, value: str, reason: str
) -> None:
    header = f"decided_at,confidence,{column}"
    found = reject(tmp_path, ours("2026-09-30,1,", f"2026-09-30,1,{value}", header=header))
    assert found[:3] == [3, column, value]
    assert reason in found[3]


def test_work_that_ends_before_it_began_is_refused(tmp_path: Path) -> None:
    header = "decided_at,confidence,queued_at,started_at,ended_at"
    day = [f"2026-09-30T{h}:00" for h in ("08", "09", "10")]
    good = f"2026-09-30,1,{day[0]},{day[1]},{day[2]}"
    text = ours(good, f"2026-09-30,1,{day[0]},{day[2]},{day[1]}", good, header=header)
    assert reject(tmp_path, text) == [3, "ended_at", day[1], "is before its started_at"]
    text = ours(good, f"2026-09-30,1,{day[1]},{day[0]},", good, header=header)
    assert reject(tmp_path, text) == [3, "started_at", day[0], "is before its queued_at"]


def test_of_rows_with_one_id_the_first_usable_one_stays(tmp_path: Path) -> None:
    header = "decision_id,decided_at,confidence"
    text = ours("a,x,1", "a,2026-09-30,0.1", "b,2026-09-30,0.2", "a,2026-09-29,0.3", header=header)
    log = read(tmp_path, text, allow_rejects=1)
    assert log.frame["confidence"].tolist() == [0.1, 0.2]
    assert log.rejects["row"].tolist() == [2, 5]
    assert log.rejects["reason"].tolist()[1] == "repeats that of row 3"


def test_an_outcome_or_advice_nobody_named_is_refused(tmp_path: Path) -> None:
    text = CALLS + "C5;25/05/2008;wait;60;yes;\nC6;25/05/2008;go;60;perhaps;\n"
    log = read(tmp_path, text, CALLS_MAP, allow_rejects=1)
    assert log.rejects.values.tolist() == [
        [6, "ai", "wait", "is not one of go, stop (add it under ok: right_when)"],
        [7, "won", "perhaps",
         "is not one of yes, no (add it under ok: right_when or other_outcomes)"],
    ]  # fmt: skip
    more = CALLS_MAP.replace('stop: "no"}', 'stop: "no"}, other_outcomes: [perhaps]')
    f = read(tmp_path, text, more, allow_rejects=1).frame.set_index("decision_id")
    assert not f.loc["C6", "ok"]


def test_only_the_first_problem_of_a_row_is_told(tmp_path: Path) -> None:
    assert reject(tmp_path, ours("2026-09-30,1", "never,high"))[1] == "decided_at"


def test_rejects_are_written_whole_also_when_the_log_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "out" / "rejects.csv"
    good = ["2026-09-30,1"] * 97
    with pytest.raises(LogError) as caught:
        read(tmp_path, ours("x,1", *good, "2026-09-30,a", "2026-09-30,b"), rejects=target)
    assert str(caught.value) == (
        "log.csv: 3 of 100 rows (3%) cannot be used, 1% are allowed; most often confidence is not "
        f"a number (first in row 100: 'a'); all are listed in {target}; mend the mapping or the "
        "export, or set allow_rejects to 0.03 or more"
    )
    assert pd.read_csv(target)["row"].tolist() == [2, 100, 101]
    log = read(tmp_path, ours("x,1", *good), rejects=target, allow_rejects=0.03)
    assert pd.read_csv(target).values.tolist() == log.rejects.values.tolist()
    read(tmp_path, ours(*good), rejects=target)
    assert target.read_text() == "row,column,value,reason\n", "an old list is taken for new"


def test_the_argument_beats_the_mapping_beats_one_per_cent(tmp_path: Path) -> None:
    one_in_ten = ours("x,1", *["2026-09-30,1"] * 9)
    read(tmp_path, one_in_ten, "allow_rejects: 0.1")
    with pytest.raises(LogError, match=r"\(10%\) cannot be used, 5% are allowed"):
        read(tmp_path, one_in_ten, "allow_rejects: 0.1", allow_rejects=0.05)
    read(tmp_path, one_in_ten, "allow_rejects: 0.05", allow_rejects=0.1)
    with pytest.raises(LogError, match=r"1% are allowed.*give a path for rejects"):
        read(tmp_path, one_in_ten)
    read(tmp_path, ours("x,1", *["2026-09-30,1"] * 99))
    with pytest.raises(LogError, match="must be a share from 0 to 1"):
        read(tmp_path, one_in_ten, allow_rejects=5)


def test_rejects_never_overwrite_what_is_read(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="would overwrite what is read"):
        read(tmp_path, CALLS, CALLS_MAP, rejects=tmp_path / "log.csv")
    with pytest.raises(LogError, match="would overwrite what is read"):
        read(tmp_path, CALLS, CALLS_MAP, rejects=tmp_path / "map.yaml")


def test_rejects_that_cannot_be_written_are_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"cannot be written .*; give another path"):
        read(tmp_path, CALLS, CALLS_MAP, rejects=tmp_path / "log.csv" / "rejects.csv")
