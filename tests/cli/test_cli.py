from __future__ import annotations

import gzip
import subprocess
import sys
from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.cli.steps import band, numbers
from tests.cli.conftest import Run


@pytest.fixture
def calls(tmp_path: Path) -> Path:
    """A small export with a mapping beside it."""
    rows = [
        f"C{i},{1 + i % 28:02d}/09/2026,{'pursue' if i % 3 else 'drop'},{0.5 + i % 50 / 100:.2f},"
        f"{'yes' if i % 4 else 'no'}"
        for i in range(400)
    ]
    (tmp_path / "calls.csv").write_text("id,on,advice,score,result\n" + "\n".join(rows) + "\n")
    (tmp_path / "map.yaml").write_text(
        "columns: {decision_id: id, decided_at: on, confidence: score}\n"
        'date_format: "%d/%m/%Y"\n'
        'ok: {advice: advice, outcome: result, right_when: {pursue: "yes", drop: "no"}}\n'
    )
    return tmp_path / "calls.csv"


# --- what a newcomer does ------------------------------------------------------------------------


def test_help_shows_every_verb_and_an_example(run: Run) -> None:
    code, out, _ = run("--help")
    assert code == 0
    for verb in ("demo", "init", "check", "simulate", "measure", "tune", "report", "story"):
        assert f" {verb} " in out
        _, own, _ = run(verb, "--help")
        assert "Example" in own, verb


def test_help_answers_without_loading_the_heavy_libraries() -> None:
    code = (
        "import sys; sys.argv = ['hitlsim', '--help']\n"
        "from hitlsim.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'pandas', 'matplotlib', 'duckdb', 'ibis', 'simpy'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_check_shows_the_surface_and_simulate_writes_the_same_bytes_twice(
    run: Run, tmp_path: Path
) -> None:
    code, out, _ = run("check", "outbound")
    assert code == 0
    assert "outbound is sound" in out
    for name in ("a.parquet", "b.parquet"):
        code, out, _ = run("simulate", "outbound", "--seed", "3", "--log", name)
        assert code == 0
        assert "Exception rate" in out
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_resolved_scenario_and_the_schema_can_be_printed(run: Run, tmp_path: Path) -> None:
    _, out, _ = run("check", "outbound", "--resolved")
    (tmp_path / "copy.yaml").write_text(out)
    assert hs.load(tmp_path / "copy.yaml") == hs.load("outbound")
    _, out, _ = run("check", "--schema")
    assert '"$schema"' in out


def test_measure_tune_and_story_answer_from_an_export(run: Run, calls: Path) -> None:
    given = (str(calls), "--map", "map.yaml")
    code, out, err = run("measure", *given)
    assert code == 0
    assert "taken from the bands 0.9/0.7 (the usual default" in err
    assert "above 20%: people are still in the loop" in out.replace("\n", " ").replace("  ", " ")
    code, out, _ = run("measure", *given, "--threshold", "0.6,0.7", "--threshold", "0.8")
    assert [line.split()[0] for line in out.splitlines() if "%" in line and "95%" not in line] == [
        "0.6", "0.7", "0.8",
    ]  # fmt: skip
    code, out, _ = run("tune", *given)
    assert code == 0
    assert "alone from" in out
    assert "Not enough evidence to promise an exception rate inside 10-15%" in out
    code, out, _ = run("story", str(calls), "C7", "--map", "map.yaml")
    assert "decision C7" in out


def test_a_new_workspace_works_as_its_readme_says(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("init", "team")
    assert code == 0
    assert sorted(p.name for p in (tmp_path / "team").iterdir()) == [
        "README.md", "logs", "notebooks", "scenario.schema.json", "schedules", "team.yaml",
    ]  # fmt: skip
    assert run("check", "team/team.yaml")[0] == 0
    code, out, err = run(
        "measure", "team/logs/example.csv", "--map", "team/logs/example.map.yaml", "--by", "month"
    )
    assert code == 0, err
    assert "Override rate" in out
    assert run("tune", "team/logs/example.csv", "--map", "team/logs/example.map.yaml")[0] == 0


def test_the_data_dictionary_names_every_column(run: Run) -> None:
    _, out, _ = run("columns")
    assert all(name in out for name in hs.dictionary().index)


def test_rows_that_cannot_be_used_are_said_and_listed(run: Run, calls: Path) -> None:
    with calls.open("a") as f:
        f.write("C1000,31/02/2026,pursue,0.9,yes\n")
    for given, file in (((), "calls.rejects.csv"), (("--rejects", "r.csv"), "r.csv")):
        code, _, err = run("measure", str(calls), "--map", "map.yaml", *given)
        assert code == 0
        assert f"1 of 401 rows could not be used, listed in {file}; the first is row 402" in err
        assert "402,on,31/02/2026" in (calls.parent / file).read_text()


def test_a_sound_log_leaves_no_list_of_rejects(run: Run, calls: Path) -> None:
    before = sorted(p.name for p in calls.parent.iterdir())
    assert run("measure", str(calls), "--map", "map.yaml")[0] == 0
    assert sorted(p.name for p in calls.parent.iterdir()) == before


# --- bad input: one message, exit code 2, no traceback --------------------------------------------


def _refused(run: Run, *arguments: str) -> str:
    code, _, err = run(*arguments)
    assert code == 2, err
    assert "Traceback" not in err
    assert err.startswith(("hitlsim: ", "Usage: "))
    return err


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (None, "no such file"),
        (b"", "empty"),
        (b"id,on,advice,score,result\n", "no rows"),
        (b"id,on,advice,score,score\n1,2,3,4,5\n", "score"),
        (b"id,on,advice,result\n1,2,3,4\n", "score"),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", "PDF"),
        (b"id,on,advice,score,result\nC1,31/31/2026,drop,0.9,no\n", "31/31/2026"),
        (b"id,on,advice,score,result\nC1,01/09/2026,drop,1.7,no\n", "1.7"),
        (
            b"id,on,advice,score,result\nC1,01/09/2026,drop,0.7,no\nC1,01/09/2026,drop,0.8,no\n",
            "C1",
        ),
    ],
    ids=["missing", "empty", "header-only", "duplicate-column", "missing-column", "no-table",
         "date", "confidence", "duplicate-id"],
)  # fmt: skip
def test_a_bad_log_is_refused_with_one_message(
    run: Run, calls: Path, write: bytes | None, words: str
) -> None:
    if write is None:
        calls.unlink()
    else:
        calls.write_bytes(write)
    err = _refused(run, "measure", str(calls), "--map", "map.yaml")
    assert words in err
    assert calls.name in err


def test_a_cut_off_gzip_is_refused(run: Run, calls: Path) -> None:
    packed = calls.with_suffix(".csv.gz")
    packed.write_bytes(gzip.compress(calls.read_bytes())[:-200])
    assert "cut off" in _refused(run, "measure", str(packed), "--map", "map.yaml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("extends: on-the-loop\nboundary: {bands: {auto: 0.5, review: 0.7}}\n", "above the auto"),
        ("extends: on-the-loop\nweks: 3\n", "did you mean 'weeks'?"),
        (
            "extends: on-the-loop\nworkflows: {lead_routing: {agent: sentinel}}\n",
            "not among the actions sentinel may take",
        ),
        ("extends: nowhere\n", "no such scenario"),
        ("weeks: 3\n", "is missing"),
        ("a: [\n", "not valid YAML"),
        ("", "is empty"),
    ],
)
def test_a_bad_scenario_is_refused_with_file_and_line(
    run: Run, tmp_path: Path, text: str, words: str
) -> None:
    (tmp_path / "team.yaml").write_text(text)
    assert words in _refused(run, "check", "team.yaml")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("simulate", "on-the-lop"), "no such scenario file"),
        (("simulate", "outbound", "--seed", "-1"), "seed -1 must be"),
        (("simulate", "outbound", "--log", "log.xls"), "must end in .parquet"),
        (("measure", "calls.csv", "--map", "map.yaml", "--threshold", "7"), "between 0 and 1"),
        (
            ("measure", "calls.csv", "--map", "map.yaml", "--by", "day"),
            "is not one of",
        ),
        (("measure", "calls.csv", "--map", "map.yaml", "--review", "0.5"), "needs --auto"),
        (
            ("measure", "calls.csv", "--map", "map.yaml", "--auto", "0.5", "--review", "0.6"),
            "above",
        ),
        (("measure", "calls.csv", "--map", "none.yaml"), "none.yaml"),
        (("tune",), "either a decision log or --scenario"),
        (("tune", "calls.csv", "--map", "map.yaml", "--exception-rate", "ten"), "like 0.10-0.15"),
        (("report", "weekly", "--scenario", "outbound"), "weekly"),
        (("report", "--log", "calls.csv", "--map", "map.yaml", "--month", "2026-10"), "2026-10"),
        (("report", "--log", "calls.csv", "--map", "map.yaml", "--month", "soon"), "like 2026-09"),
        (("story", "calls.csv", "C9999", "--map", "map.yaml"), "is not in the log"),
        (("init", "."), "not empty"),
        (("nonsense",), "No such command"),
        (("measure",), "Missing argument"),
    ],
    ids=lambda value: "-".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_a_bad_argument_is_refused_with_the_remedy(
    run: Run, calls: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert words in _refused(run, *arguments)


def test_a_refused_command_leaves_nothing_behind(run: Run, calls: Path) -> None:
    before = sorted(p.name for p in calls.parent.iterdir())
    _refused(run, "simulate", "outbound", "--seed", "x")
    _refused(run, "tune", "calls.csv", "--map", "map.yaml", "--exception-rate", "0.3-0.2")
    assert sorted(p.name for p in calls.parent.iterdir()) == before


# --- small parts ---------------------------------------------------------------------------------


def test_bands_and_thresholds_are_read_as_people_write_them() -> None:
    assert band("10-15%") == band("0.10-0.15") == (0.10, 0.15)
    assert numbers(["0.7,0.8", " 0.9"]) == [0.7, 0.8, 0.9]


def test_the_version_is_printed(run: Run) -> None:
    assert run("--version")[1].startswith("hitlsim 0.")
