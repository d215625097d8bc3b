"""What docs/replications.md shows runs, with fewer and shorter runs."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.cli import main

TEXT = (Path(__file__).resolve().parents[1] / "docs" / "replications.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, flags=re.DOTALL)


def test_the_python_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load = hs.load
    monkeypatch.setattr(hs, "load", lambda name: load(name).with_(weeks=6))
    names: dict[str, object] = {}
    for block in blocks("python"):
        code = re.sub(r"\bn=\d+", "n=2", block)
        exec(compile(code, "replications.md", "exec"), names)  # noqa: S102 - our own page
    out = capsys.readouterr().out
    assert "looser against today" in out
    assert "95%: " in out


def test_the_commands_can_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (text,) = blocks("yaml")
    (tmp_path / "looser.yaml").write_text(text + "weeks: 5\n")
    (tmp_path / "short.yaml").write_text(
        "extends: outbound\nname: outbound\nteaches: Shorter.\nweeks: 5\n"
    )
    commands = "".join(blocks("sh")).splitlines()
    assert len(commands) == 3
    for command in commands:
        words = shlex.split(re.sub(r"--runs \d+", "--runs 2", command))
        words = ["short.yaml" if w == "outbound" else w for w in words]
        monkeypatch.setattr(sys, "argv", [w.replace("200", "2") for w in words])
        with pytest.raises(SystemExit) as done:
            main()
        assert not done.value.code, command
    out = capsys.readouterr().out
    assert "not reached within 2 runs" in out
    assert "looser against outbound" in out


def test_options_and_names_of_the_page_exist(capsys: pytest.CaptureFixture[str]) -> None:
    for name in re.findall(r"\bhs\.(\w+)", TEXT):
        assert name in hs.__all__, name
    cli = Path(hs.__file__).parent / "cli"
    source = "".join((cli / name).read_text("utf-8") for name in ("options.py", "verbs/runs.py"))
    for option in set(re.findall(r"(?<!-)--[a-z][a-z-]*", TEXT)):
        assert f'"{option}"' in source or f"    {option[2:].replace('-', '_')}: " in source, option
