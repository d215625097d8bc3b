"""What docs/training.md shows runs, and says what hitlsim says."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from pathlib import Path

import pytest
import typer.main

import hitlsim as hs
from hitlsim.cli import verbs  # noqa: F401 - they register themselves
from hitlsim.cli.options import app
from hitlsim.training.acts import ROUNDS, Round
from hitlsim.training.desk.words import minutes
from hitlsim.training.playing.settings import Settings

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "training.md").read_text("utf-8")
CALLS = PAGE.split("\n## Call by call\n")[1].split("\n## ")[0]
COMMANDS = [
    line.partition("#")[0].strip()
    for block in re.findall(r"```sh\n(.*?)```", PAGE, flags=re.DOTALL)
    for line in block.splitlines()
] + re.findall(r"`(hitlsim [^`]+)`", PAGE)


def words(text: str) -> str:
    return " ".join(text.split())


def test_a_session_call_by_call_says_what_the_page_says() -> None:
    shown = re.findall(r"```python\n(.*?)```\n\n```text\n(.*?)```", CALLS, flags=re.DOTALL)
    assert len(shown) == 2
    there: dict[str, object] = {}
    for code, text in shown:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            exec(compile(code, "training.md", "exec"), there)  # noqa: S102 - our own page
        assert words(said.getvalue()) == words(text)


@pytest.mark.parametrize("command", sorted(set(COMMANDS)))
def test_every_command_and_option_of_the_page_is_there(command: str) -> None:
    _, *parts = shlex.split(command)
    known = typer.main.get_command(app)
    while parts and parts[0] in getattr(known, "commands", {}):
        known = known.commands[parts.pop(0)]  # type: ignore[attr-defined]
    options = {name for p in known.params for name in (*p.opts, *p.secondary_opts)}
    assert known.params, command
    assert {p for p in parts if p.startswith("--")} <= options


def test_every_option_named_in_passing_is_there() -> None:
    group = typer.main.get_command(app).commands["train"]  # type: ignore[attr-defined]
    params = [p for verb in group.commands.values() for p in verb.params]
    options = {name for p in params for name in (*p.opts, *p.secondary_opts)}
    named = set(re.findall(r"`(--[a-z-]+)`", PAGE))
    assert named
    assert named <= options


def test_the_rounds_take_as_long_as_the_desk_says() -> None:
    table = re.findall(r"^\| (shadow|exceptions only|steady state) .* (\d+) minutes \|$", PAGE,
                       flags=re.MULTILINE)  # fmt: skip
    assert [int(n) for _, n in table] == [minutes(40, Round(name)) for name in ROUNDS]


def test_what_the_page_calls_by_name_is_public_and_set_by_name_is_a_setting() -> None:
    for name in set(re.findall(r"\bhs\.(\w+)", PAGE)):
        assert name in hs.__all__, name
    for given in re.findall(r"settings=\{\"(\w+)\"", PAGE):
        assert given in Settings().to_dict()
