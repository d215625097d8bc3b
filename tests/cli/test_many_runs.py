from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.cli.many_runs import half_widths
from hitlsim.simulation.runs.gathering import Gathering
from hitlsim.simulation.runs.replication import Replication
from tests.cli.conftest import Run
from tests.simulation.one_flow import one_flow


@pytest.fixture
def teams(run: Run, tmp_path: Path) -> Run:
    """Run the command line in a folder with two small scenarios; errors come unwrapped."""
    (tmp_path / "today.yaml").write_text(hs.dump(one_flow(name="today")))
    (tmp_path / "strict.yaml").write_text(hs.dump(one_flow(name="strict", auto=0.95)))

    def go(*arguments: str) -> tuple[int, str, str]:
        code, out, err = run(*arguments)
        return code, out, " ".join(err.split())

    return go


def line(out: str, start: str) -> str:
    return next(row for row in out.splitlines() if row.strip().startswith(start))


# --- what is shown -------------------------------------------------------------------------------


def test_replicate_shows_means_with_intervals_and_writes_the_table(
    teams: Run, tmp_path: Path
) -> None:
    code, out, err = teams("replicate", "today.yaml", "-n", "3", "--csv", "out/means.csv")
    assert code == 0, err
    assert "today: 3 runs of 2 weeks (2026-08-03 to 2026-08-1" in out
    assert "seeds 1 to 3" in out
    expected = hs.summarise(hs.replicate(one_flow(name="today"), n=3)).get("exception_rate")
    assert f"{expected.value:.1%}" in line(out, "Exception rate")
    assert "can be said from 19 runs on" in out
    table = pd.read_csv(tmp_path / "out" / "means.csv").set_index("metric")
    assert table.loc["exception_rate", "value"] == pytest.approx(expected.value)
    assert "Done the same day" not in out
    assert "more metrics: --all" in out


def test_replicate_by_week_and_workflow_with_every_metric(teams: Run) -> None:
    code, out, err = teams(
        "replicate", "today.yaml", "-n", "2", "--by", "week", "--workflows", "--all", "--warm-up",
        "1", "--seed", "5",
    )  # fmt: skip
    assert code == 0, err
    assert "seeds 5 to 6" in out
    assert "2026-08-10" in out
    assert "2026-08-03" not in out, "the first week is warm-up"
    assert "By workflow" in out
    assert "±" in line(out, "sourcing")
    assert "--all" not in out


def test_replicate_says_what_became_of_the_precision(teams: Run) -> None:
    code, out, err = teams(
        "replicate", "today.yaml", "--precision", "exception_rate=20%", "--precision",
        "decisions=0.1", "--at-most", "3",
    )  # fmt: skip
    assert code == 0, err
    assert "✓ precision of exception_rate, ±0.2: reached after 3 runs" in out
    assert "! precision of decisions, ±0.1: not reached within 3 runs (at_most)" in out


def test_compare_shows_what_differs(teams: Run, tmp_path: Path) -> None:
    code, out, err = teams("compare", "today.yaml", "strict.yaml", "-n", "3", "--csv", "c.csv")
    assert code == 0, err
    assert "strict against today: 3 runs each of 2 weeks" in out
    assert line(out, "Exception rate").split()[-2:] == ["↑", "higher"]
    assert "pts" in line(out, "Exception rate")
    assert "the same" in line(out, "Decisions")
    assert len(pd.read_csv(tmp_path / "c.csv")) > 20
    _, out, _ = teams("compare", "today.yaml", "strict.yaml", "-n", "2", "--baseline", "strict")
    assert "today against strict" in out


def test_help_has_an_example(teams: Run) -> None:
    for verb in ("replicate", "compare"):
        code, out, _ = teams(verb, "--help")
        assert code == 0
        assert "Example" in out


# --- interrupted ---------------------------------------------------------------------------------


def interrupted_at(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """Ctrl-C comes while this run is being counted."""
    add = Gathering.add

    def press(self: Gathering, one: Replication) -> None:
        if len(self) == count:
            signal.raise_signal(signal.SIGINT)
        add(self, one)

    monkeypatch.setattr(Gathering, "add", press)


@pytest.mark.parametrize(
    "asked", [("replicate", "today.yaml"), ("compare", "today.yaml", "strict.yaml")]
)
def test_ctrl_c_shows_the_runs_so_far(
    teams: Run, monkeypatch: pytest.MonkeyPatch, asked: tuple[str, ...]
) -> None:
    interrupted_at(monkeypatch, 3)
    code, out, err = teams(*asked, "-n", "40", "--workers", "2")
    assert (code, err) == (130, "hitlsim: interrupted after 3 of 40 runs")
    assert "3 runs" in out
    assert "Exception rate" in out


def test_ctrl_c_before_anything_can_be_said(teams: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted_at(monkeypatch, 1)
    code, out, err = teams("replicate", "today.yaml", "-n", "40")
    assert code == 130
    assert "interrupted after 1 of 40 runs; nothing can be said from fewer than two" in err
    assert out.strip() == ""


@pytest.mark.skipif(not hasattr(signal, "pthread_sigmask"), reason="a terminal's Ctrl-C is POSIX")
def test_ctrl_c_of_a_terminal_reaches_no_worker_process(tmp_path: Path) -> None:
    (tmp_path / "today.yaml").write_text(hs.dump(one_flow(name="today")))
    code = (
        "import os, signal, hitlsim as hs\n"
        "from hitlsim.simulation.runs import processes\n"
        "processes.Processes.are_there = lambda *_: True\n"
        "runs = hs.replicate(hs.load('today.yaml'), n=500, workers=2)\n"
        "try:\n"
        "    for run in runs:\n"
        "        if run.number == 1: os.killpg(0, signal.SIGINT)\n"
        "except KeyboardInterrupt:\n"
        "    runs.close(); print('interrupted')\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=tmp_path, start_new_session=True,
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "interrupted\n", "")


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (("replicate", "today.yaml", "-n", "1"), "n=1 must be a whole number, 2 or more"),
        (("replicate", "today.yaml", "-n", "3", "--precision", "decisions=9"), "not both"),
        (("replicate", "today.yaml", "--precision", "decisions"), "like exception_rate=0.005"),
        (("replicate", "today.yaml", "--precision", "speed=1"), "metric 'speed' is unknown"),
        (("replicate", "today.yaml", "--warm-up", "2"), "leaves nothing of the 2 weeks"),
        (("replicate", "today.yaml", "--workers", "0"), "workers=0 must be a whole number"),
        (("replicate", "today.yaml", "--csv", "means.xlsx"), "must end in .csv"),
        (("compare", "today.yaml"), "1 scenario to compare"),
        (("compare", "today.yaml", "today.yaml"), "two policies are called 'today'"),
        (("compare", "today.yaml", "strict.yaml", "--baseline", "best"), "none of today, strict"),
    ],
)
def test_one_message_and_exit_code_2(teams: Run, asked: tuple[str, ...], says: str) -> None:
    code, _, err = teams(*asked)
    assert code == 2
    assert err.startswith("hitlsim: ")
    assert says in err


def test_half_widths_may_be_written_together() -> None:
    assert half_widths(["exception_rate=0.5%,decisions=9", "fn_share=0.01"]) == {
        "exception_rate": 0.005, "decisions": 9.0, "fn_share": 0.01,
    }  # fmt: skip
