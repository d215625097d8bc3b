"""The README does what it says: its commands and its Python run as printed."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.cli import main

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _blocks(language: str, heading: str) -> list[str]:
    section = README.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    return re.findall(rf"```{language}\n(.*?)```", section, flags=re.DOTALL)


def _hitlsim(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", shlex.split(line, comments=True))
    code = 0
    try:
        main()
    except SystemExit as e:
        code = int(e.code or 0)
    assert code == 0, line


def _run(text: str, monkeypatch: pytest.MonkeyPatch) -> int:
    done = 0
    for line in text.splitlines():
        if line.startswith("cd "):
            monkeypatch.chdir(line[3:])
        elif line.startswith("hitlsim "):
            _hitlsim(line, monkeypatch)
            done += 1
    return done


def test_from_clone_to_ones_own_log_measured_with_the_readme_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    first, second = _blocks("sh", "Your own log")
    assert _run(first, monkeypatch) == 2
    # "put your export beside example.csv, copy example.map.yaml and say which column is which"
    shutil.copy("logs/example.csv", "ours.csv")
    (mapping,) = _blocks("yaml", "Your own log")
    Path("ours.map.yaml").write_text(mapping, encoding="utf-8")
    assert _run(second, monkeypatch) == 9
    assert "Silent errors" in capsys.readouterr().out
    assert list(Path("reports/monthly").glob("*/report.html"))


def test_the_scenario_of_the_readme_can_be_checked_simulated_and_reported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (text,) = _blocks("yaml", "Your own team")
    Path("team.yaml").write_text(text, encoding="utf-8")
    (commands,) = _blocks("sh", "Your own team")
    assert _run(commands, monkeypatch) == 10
    assert "decision lead_routing-000100" in capsys.readouterr().out


def test_the_python_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = _blocks("python", "In a notebook")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102 - our own README
    assert "0.12334 (95%: 0.11884 to 0.12795, n = 20,236" in capsys.readouterr().out


def test_every_file_the_readme_links_to_is_there() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_raw_commands_are_those_of_the_makefile() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert "-r requirements.lock" in makefile
    for line in _blocks("sh", "Two commands")[1].splitlines():
        words = line.replace(".venv/bin", "$(BIN)").split()
        if "install" in words:
            assert all(w in makefile for w in words), line


def test_requirements_hold_no_address_and_pin_everything() -> None:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        assert re.match(r"^[a-z0-9._-]+==\S+( ; .+)?$", line), line


def test_public_names_of_the_readme_are_public() -> None:
    for name in set(re.findall(r"\bhs\.(\w+)", README)):
        assert name in hs.__all__, name
    assert os.access(ROOT / ".ci" / "run", os.X_OK)
