"""``hitlsim watch``, and that its page says what it does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import hitlsim as hs
from tests.cli.conftest import Run
from tests.decisions.watching.weekly_logs import weekly

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "watch.md").read_text("utf-8")


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def worse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log that gets worse at the same scores."""
    return weekly(odds=3).to_parquet(tmp_path_factory.mktemp("logs") / "worse.parquet")


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return weekly().to_parquet(tmp_path_factory.mktemp("logs") / "calm.parquet")


def test_the_change_is_the_first_line_and_the_chance_is_told(run: Run, worse: Path) -> None:
    code, out, err = run("watch", str(worse))
    assert code == 0, err
    assert out.startswith("Silent errors rose from ")
    assert "At the same scores it is wrong more often: the odds are" in words(out)
    assert "Chance alone raises this chart once in" in words(out)
    assert re.search(
        r"Chance alone raises an alarm on any of the 5 charts once in \d+ weeks", words(out)
    )
    assert "P-chart: " in out
    assert out.count("*") > 3, "weeks outside their limits are marked"


def test_a_scheduler_learns_of_an_alarm_by_the_exit_code(run: Run, worse: Path, calm: Path) -> None:
    assert run("watch", str(worse), "--fail-on-alarm")[0] == 3
    assert run("watch", str(calm), "--fail-on-alarm")[0] == 0


def test_no_alarm_says_what_would_have_been_seen(run: Run, calm: Path) -> None:
    _, out, _ = run("watch", str(calm))
    assert out.startswith("Nothing changed that 12 weeks could show; of silent errors a rise from")
    assert "would be seen within" in words(out)


def test_a_picture_is_written_and_nothing_else(run: Run, worse: Path, tmp_path: Path) -> None:
    code, _, _ = run("watch", str(worse), "--picture", "watch.png")
    assert code == 0
    assert (tmp_path / "watch.png").read_bytes().startswith(b"\x89PNG")
    assert [p.name for p in tmp_path.iterdir()] == ["watch.png"]


def test_only_a_stretch_of_the_log_can_be_watched(run: Run, worse: Path) -> None:
    _, out, _ = run("watch", str(worse), "--until", "2026-04-05")
    assert out.startswith("Nothing changed")
    _, out, _ = run("watch", str(worse), "--from", "2026-02", "--baseline", "6")
    assert "Baseline: 6 weeks, 2026-02-02 to 2026-03-09 (as asked for)" in words(out)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--baseline", "30"], "watching takes 30 for the baseline"),
        (["--from", "soon"], "since 'soon' must be written like 2026-09"),
        (["--picture", "watch.jpg"], "--picture watch.jpg: must end in .png"),
        (["--by", "month", "--until", "2026-02"], "or --by week"),
        (["--exception-rate", "ten"], "must be written like 0.10-0.15"),
    ],
)
def test_bad_input_gives_one_message_and_exit_code_2(
    run: Run, worse: Path, tmp_path: Path, given: list[str], message: str
) -> None:
    code, _, err = run("watch", str(worse), *given)
    assert code == 2
    assert message in words(err)
    assert "Traceback" not in err
    assert not list(tmp_path.iterdir())


def test_the_page_shows_what_the_command_shows(run: Run, tmp_path: Path) -> None:
    log = hs.simulate(hs.load("drift"), seed=7).log
    (tmp_path / "runs").mkdir()
    log.to_parquet(tmp_path / "runs" / "drift-7.parquet")
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, flags=re.DOTALL)
    command = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)[0].splitlines()[-1]
    code, out, err = run(*shlex.split(command)[1:])
    assert code == 0, err
    for part in shown.split("...\n"):
        assert words(part) in words(out)


def test_the_python_of_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(code, "watch.md", "exec"), {})  # noqa: S102 - our own page
    assert "0.28" in capsys.readouterr().out
