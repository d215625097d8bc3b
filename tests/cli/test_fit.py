"""``hitlsim fit``, and that its page says what it does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pandas as pd
import pytest

import hitlsim as hs
from tests.cli.conftest import Run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "fit.md").read_text("utf-8")


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = hs.simulate(hs.load("outbound"), seed=7)
    return run.log.to_parquet(tmp_path_factory.mktemp("logs") / "outbound-7.parquet")


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """Four weeks of two people's work, by a clock that is an hour behind nine o'clock."""
    rows = ["begun,done,who"]
    for day in (d for d in range(3, 31) if (d - 3) % 7 < 5):
        for minute in range(480, 960, 12):
            start = f"2026-08-{day:02d}T{minute // 60:02d}:{minute % 60:02d}"
            rows.append(f"{start}:00,{start}:50,{'ana' if minute % 24 else 'ben'}")
    path = tmp_path / "work.csv"
    path.write_text("\n".join(rows) + "\n")
    return path


def words(text: str) -> str:
    return " ".join(text.split())


def test_what_was_learnt_assumed_and_checked_is_shown_and_written(run: Run, log: Path) -> None:
    code, out, err = run(
        "fit", str(log), "--out", "team.yaml", "--check", "--picture", "fit.png", "--csv", "fit.csv"
    )
    assert code == 0, err
    said = words(out)
    (promised,) = re.findall(r"```text\n(.*?)```", PAGE, flags=re.DOTALL)
    assert words(promised) in said
    for heading in ("what comes in", "What the AI is like", "Signals", "People, without names"):
        assert heading in out
    assert "alone from 0.85, held below 0.65; follow_up_email: auto 0.86" in said
    assert re.search(r"\d+ numbers learnt, \d+ assumed", said)
    assert not re.search(r"\b(mia|noah|olga)\b", out)
    assert hs.load("team.yaml").name == "team"
    assert Path("fit.png").read_bytes().startswith(b"\x89PNG")
    assert Path("fit.csv").read_text("utf-8").startswith("parameter,estimate,low,high,n,how,mark")


def test_a_log_of_work_is_enough_and_its_clock_is_put_right(run: Run, work: Path) -> None:
    columns = ("--work-columns", "start=begun,end=done,person=who")
    code, out, err = run("fit", "--work", str(work), *columns, "--opens", "09:00")
    assert code == 0, err
    assert "seems an hour behind" in words(out)
    desk = hs.load("fitted.yaml")
    shifts = {str(w) for _, _, r in desk.reviewers() for w in r.shifts}
    assert shifts == {"mon-fri 09:00-16:45", "mon-fri 09:00-17:00"}
    code, out, err = run("fit", "--work", str(work), *columns, "--clock-shift", "30min")
    assert code == 0, err
    assert "moved by +30 minutes, as asked" in words(out)


def test_the_pages_commands_are_the_commands_there_are(run: Run) -> None:
    code, out, _ = run("fit", "--help")
    assert code == 0
    for block in re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL):
        for line in block.splitlines():
            for option in (o for o in shlex.split(line)[2:] if o.startswith("--")):
                assert option in out or option in ("--seed",), option


def test_the_python_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(code, "fit.md", "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out.split() == ["0.9", "True"]


def test_times_without_a_zone_beside_a_log_go_by_the_logs_clock(
    run: Run, log: Path, tmp_path: Path
) -> None:
    frame = hs.read_log(log).frame.dropna(subset=["ended_at"])
    local = {c: frame[f"{c}ed_at"].dt.tz_localize(None) for c in ("start", "end")}
    pd.DataFrame({**local, "person": frame["reviewer"]}).to_csv(tmp_path / "w.csv", index=False)
    code, _, err = run("fit", str(log), "--work", "w.csv", "--out", "team.yaml")
    assert code == 0, err
    (leads,) = hs.load("team.yaml").pools["leads"].reviewers.values()
    assert [str(shift) for shift in leads.shifts] == ["mon-fri 16:00-17:00"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "give a decision log, --work WORK.csv, or both"),
        (("LOG", "--out", "team.txt"), "--out team.txt: must end in .yaml"),
        (("LOG", "--picture", "fit.jpg"), "--picture fit.jpg: must end in .png"),
        (("LOG", "--out", "LOG"), "must end in .yaml"),
        (("LOG", "--csv", "LOG"), "must end in .csv"),
        (("--work", "none.csv"), "no such file"),
        (("--work", "LOG", "--work-columns", "x"), "must be written like start=start_time"),
        (("--work", "LOG", "--clock-shift", "1"), "must be a time such as 1h"),
    ],
)
def test_a_wrong_command_gives_one_message_and_writes_nothing(
    run: Run, log: Path, arguments: tuple[str, ...], said: str
) -> None:
    code, _, err = run("fit", *(str(log) if a == "LOG" else a for a in arguments))
    assert code == 2
    assert said in words(err)
    assert "Traceback" not in err
    assert not list(Path().glob("*.yaml"))
