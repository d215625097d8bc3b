"""``hitlsim map``, and what the terminal says about files that are read by a mapping."""

from __future__ import annotations

import io
import shlex
import sys
from pathlib import Path

import pytest

from hitlsim.decisions.reading.mapping import read_mapping
from tests.cli.conftest import Run

CALLS = "id,decided at,score,advice,result\n" + "".join(
    f"C{i},0{1 + i % 9}/03/2026 10:{i:02},0.{10 + i},{'pursue' if i % 3 else 'drop'},"
    f"{'won' if i % 2 else 'lost'}\n"
    for i in range(60)
)


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    (tmp_path / "calls.csv").write_text(CALLS)
    return tmp_path / "calls.csv"


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> io.StringIO:
    """What somebody types at a terminal."""

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    keys = Terminal()
    monkeypatch.setattr(sys, "stdin", keys)
    return keys


def type_(keys: io.StringIO, *answers: str) -> None:
    keys.seek(0)
    keys.truncate()
    keys.write("".join(f"{answer}\n" for answer in answers))
    keys.seek(0)


def test_without_a_terminal_the_likely_is_taken_and_marked(run: Run, calls: Path) -> None:
    code, out, err = run("map", "calls.csv")
    assert code == 0, err
    text = (calls.parent / "calls.map.yaml").read_text()
    assert text.count("please check") == 3
    assert 'date_format: "%d/%m/%Y %H:%M"' in text
    assert "60 of 60 rows can be used, none is rejected" in out
    assert "hitlsim measure calls.csv --map calls.map.yaml" in out
    assert run("measure", "calls.csv", "--map", "calls.map.yaml")[0] == 0


def test_what_cannot_be_told_is_asked(run: Run, calls: Path, typed: io.StringIO) -> None:
    type_(typed, "2", "Europe/Lissabon", "Europe/Lisbon", "2", "1", "2")
    code, out, err = run("map", "calls.csv", "--out", "my.yaml")
    assert code == 0, err
    assert "Is 01/03/2026 10:00 written with the day or the month first?" in out
    assert "did you mean 'Europe/Lisbon'?" in out
    mapping, _ = read_mapping(calls.parent / "my.yaml")
    assert mapping.formats("decided_at") == ("%m/%d/%Y %H:%M",)
    assert mapping.timezone == "Europe/Lisbon"
    assert mapping.ok is not None
    assert mapping.ok.right_when == {"pursue": ("won",), "drop": ("lost",)}
    assert "please check" not in (calls.parent / "my.yaml").read_text()


def test_enter_takes_the_likely_answer(run: Run, calls: Path, typed: io.StringIO) -> None:
    type_(typed, "", "", "")
    assert run("map", "calls.csv")[0] == 0
    asked, _ = read_mapping(calls.parent / "calls.map.yaml")
    assert run("map", "calls.csv", "--yes", "--force")[0] == 0
    assert read_mapping(calls.parent / "calls.map.yaml")[0] == asked


def test_a_mapping_that_is_there_is_kept_unless_somebody_says_so(
    run: Run, calls: Path, typed: io.StringIO
) -> None:
    mine = calls.parent / "calls.map.yaml"
    mine.write_text("mine")
    code, _, err = run("map", "calls.csv", "--yes")
    assert code == 2
    assert "calls.map.yaml: is there already; add --force" in err
    type_(typed, "n")
    code, _, err = run("map", "calls.csv")
    assert (code, mine.read_text()) == (2, "mine")
    type_(typed, "y", "", "", "")
    assert run("map", "calls.csv")[0] == 0
    assert mine.read_text() != "mine"
    mine.write_text("mine")
    assert run("map", "calls.csv", "--yes", "--force")[0] == 0
    assert mine.read_text() != "mine"


def test_an_export_without_scores_is_told_to_learn_one(run: Run, tmp_path: Path) -> None:
    rows = "".join(f"P{i % 7},{'Won' if i % 2 else 'Lost'}\n" for i in range(30))
    (tmp_path / "deals.csv").write_text("Product,Status\n" + rows)
    code, out, err = run("map", "deals.csv")
    assert code == 0, err
    assert "confidence is missing" in out
    assert "decided_at is missing" in out
    assert "hitlsim score deals.csv --map deals.map.yaml" in out.splitlines()[-1]
    _, out, _ = run("map", "deals.csv", "--out", "other.yaml")
    assert "hitlsim score deals.csv --map other.yaml" in out.splitlines()[-1]


def test_the_next_step_can_be_pasted_whatever_the_file_is_called(run: Run, calls: Path) -> None:
    calls.rename(calls.with_name("My [bold] calls.csv"))
    code, out, err = run("map", "My [bold] calls.csv")
    assert code == 0, err
    line = out.splitlines()[-1].strip()
    assert line == "hitlsim measure 'My [bold] calls.csv' --map 'My [bold] calls.map.yaml'"
    assert run(*shlex.split(line)[1:])[0] == 0


def test_rows_that_the_draft_cannot_use_are_told(run: Run, calls: Path) -> None:
    calls.write_text(CALLS + "C99,soon,0.5,drop,won\n")
    code, out, _ = run("map", "calls.csv")
    assert code == 0
    assert "60 of 61 rows can be used, 1 cannot be" in out
    assert "1: decided at 'soon' is not a date like" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("map", "none.csv"), "no such file"),
        (("map", "calls.csv", "--preset", "sugar"), "is none of salesforce, hubspot, zoho"),
        (("map", "calls.csv", "--out", "calls.csv", "--force"), "would overwrite the export"),
        (("map", "calls.csv", "--out", "calls.csv/map.yaml"), "cannot be written"),
    ],
)
def test_a_bad_argument_is_refused_with_the_remedy(
    run: Run, calls: Path, arguments: tuple[str, ...], words: str
) -> None:
    before = sorted(p.name for p in calls.parent.iterdir())
    code, _, err = run(*arguments)
    assert code == 2
    assert words in err
    assert "Traceback" not in err
    assert sorted(p.name for p in calls.parent.iterdir()) == before


def test_what_joins_and_copies_leave_out_is_said(run: Run, tmp_path: Path) -> None:
    decisions = [f"C{i},2026-09-{1 + i % 28:02},0.9" for i in range(200)]
    text = "decision_id,decided_at,confidence\n" + "\n".join([*decisions, decisions[0]]) + "\n"
    (tmp_path / "calls.csv").write_text(text)
    (tmp_path / "out.csv").write_text("call,ok\nC1,yes\nC2,no\nX,no\n")
    (tmp_path / "map.yaml").write_text(
        "join: {file: out.csv, on: {theirs: call, ours: decision_id}, columns: {ok: ok}}"
    )
    code, _, err = run("measure", "calls.csv", "--map", "map.yaml")
    assert code == 0, err
    assert "out.csv: 2 of 200 decisions have a row there; 2 of its 3 rows are used." in err
    assert (
        "1 of 201 rows are copies of others, 1 rows of other files are not used, listed in "
        "calls.rejects.csv; the first is calls.csv, row 202, column decision_id: is the same as "
        "row 2"
    ) in err
    listed = (tmp_path / "calls.rejects.csv").read_text().splitlines()
    assert listed[0] == "file,row,column,value,reason"
    assert listed[2] == "out.csv,4,call,X,belongs to no decision"


def test_times_in_a_changed_hour_are_said(run: Run, tmp_path: Path) -> None:
    rows = "\n".join(f"2026-10-25T02:{i:02},0.9,yes" for i in range(60))
    (tmp_path / "calls.csv").write_text("decided_at,confidence,ok\n" + rows + "\n")
    (tmp_path / "map.yaml").write_text("timezone: Europe/Berlin\n")
    _, _, err = run("measure", "calls.csv", "--map", "map.yaml")
    assert "60 times come twice or never, since clocks were changed" in err
