"""``hitlsim staff``, and that its page says what it does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.cli.show_staffing import minutes, share
from tests.cli.conftest import Run

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "staffing.md").read_text("utf-8")


@pytest.fixture
def staff(run: Run) -> Run:
    """Run ``hitlsim staff``."""
    return lambda *arguments: run("staff", *arguments)


@pytest.fixture(scope="module")
def operator_log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    log = hs.simulate(hs.load("operator"), seed=7).log
    return log.to_parquet(tmp_path_factory.mktemp("logs") / "operator.parquet")


def words(text: str) -> str:
    return " ".join(text.split())


# --- what people see -----------------------------------------------------------------------------


def test_the_answer_on_the_page_is_the_one_given(staff: Run) -> None:
    (shown,) = re.findall(r"```text\n(.*?)```", PAGE, flags=re.DOTALL)
    command = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)[0]
    code, out, err = staff(*shlex.split(command)[2:])
    assert code == 0, err
    assert words(shown) in words(out)


def test_the_other_commands_and_the_python_of_the_page_run(
    staff: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    commands = re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)[1]
    for line in commands.splitlines():
        code, _, err = staff(*shlex.split(line)[2:])
        assert code == 0, (line, err)
    (code_,) = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
    exec(compile(code_, "staffing.md", "exec"), {})  # noqa: S102 - our own page
    assert capsys.readouterr().out.startswith("1 10 (95%: 9 to 10")


def test_every_pool_is_answered_in_turn_and_added_up(staff: Run, operator_log: Path) -> None:
    code, out, err = staff(str(operator_log))
    assert code == 0, err
    for pool in ("managers", "revops-desk", "sdr-desk"):
        assert f"People needed at {pool}" in out
    assert "nothing came to it" in words(out), "leadership gets only what others leave"
    hours = [int(h) for h in re.findall(r"✓ Pool \S+ needs (\d+) hours", words(out))]
    assert len(hours) == 3
    assert f"In all {sum(hours)} hours a week for 3 pools." in out


def test_one_pool_alone_has_one_table(staff: Run, operator_log: Path) -> None:
    code, out, _ = staff(str(operator_log), "--pool", "sdr-desk", "--open", "mon-fri 08:00-10:00",
                       "--open", "sat 08:00-09:00")  # fmt: skip
    assert code == 0
    assert out.count("People needed") == 1
    assert "In all" not in out
    assert re.search(r"mon +tue +wed +thu +fri +sat +week", out)
    assert [line.split()[0] for line in out.splitlines() if re.match(r" +\d\d-\d\d ", line)] == [
        "08-09", "09-10",
    ]  # fmt: skip


# --- how times and shares are written ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "value"), [("20s", 1 / 3), ("30 MIN", 30), ("1.5h", 90), ("2d", 2880), ("15m", 15)]
)
def test_times_are_read_with_their_unit(text: str, value: float) -> None:
    assert minutes(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["24", "h", "-1h", "1 week", ""])
def test_a_time_without_its_unit_is_refused(text: str) -> None:
    with pytest.raises(hs.LogError, match="must be a number and its unit, such as 24h or 30min"):
        minutes(text)


@pytest.mark.parametrize("text", ["80", "0", "100%", "most", ""])
def test_a_share_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(hs.LogError, match=r"--share .* must lie between 0 and 1, such as 0.8"):
        share(text, "--share")


# --- bad input: one message, exit code 2, no traceback --------------------------------------------


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--within", "soon"], "--within 'soon' must be a number and its unit"),
        (["--utilisation", "120%"], "--utilisation '120%' must lie between 0 and 1"),
        (["--pool", "sdr-dsk"], "pool 'sdr-dsk' is not in the log; did you mean 'sdr-desk'"),
        (["--open", "weekdays"], "'weekdays' is not a stretch of the week"),
        (["--phase", "steady"], "phase 'steady' is not in the log; did you mean 'steady-state'"),
        (["--pool", "leadership"], "pool 'leadership', phase 'steady-state': nothing came to it"),
        (["--within", "9d"], "it must be a time from 0 to a week"),
        (["--scenario", "operator"], "give either a decision log or --scenario NAME"),
    ],
)
def test_bad_input_gives_one_message_and_exit_code_2(
    staff: Run, operator_log: Path, given: list[str], message: str
) -> None:
    code, _, err = staff(str(operator_log), *given)
    assert code == 2
    assert message in err
    assert "Traceback" not in err
