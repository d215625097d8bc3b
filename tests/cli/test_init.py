"""A new workspace: the schedules in it run as their schedulers would run them, whatever its name.

What the schedules do is told in ``tests/test_scheduling.py``; here a command stands in for hitlsim
that says where it was called and how.
"""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
from configparser import RawConfigParser
from pathlib import Path

import pytest

from hitlsim.bundled import bundled
from hitlsim.cli import schedules
from hitlsim.cli.schedules import filled, write_schedules
from tests.cli.conftest import Run

NAMES = [
    "our-team", "our team", "it's \"ours\"", "100% ours", "verkäufer-チーム", "$HOME; a & b",
    "{{ a }} {% b", "%h",
]  # fmt: skip
CALLED = ["report", "monthly", "--log", "logs/calls.csv", "--map", "logs/calls.map.yaml",
          "--all-months"]  # fmt: skip
SAYS = """#!/usr/bin/env python3
import json, os, sys
json.dump([os.getcwd(), sys.argv[1:]], open(__file__ + ".said", "w"))
"""


@pytest.fixture(params=NAMES)
def workspace(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A workspace with its schedules, and beside it the command that they call."""
    folder: Path = tmp_path / request.param
    folder.mkdir()
    command = folder / "bin" / "hitlsim"
    command.parent.mkdir()
    command.write_text(SAYS, encoding="utf-8")
    command.chmod(0o755)
    monkeypatch.setattr(schedules, "_installed", lambda: command)
    write_schedules(folder / "schedules", folder)
    return folder


def run_by_sh(command: str, workspace: Path, cwd: Path) -> None:
    """As cron and Airflow do; what was called says from where and how."""
    ran = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=cwd, capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    said = workspace / "bin" / "hitlsim.said"
    assert json.loads(said.read_text("utf-8")) == [str(workspace), CALLED]
    said.unlink()


def test_the_cron_line_runs_in_the_workspace(workspace: Path) -> None:
    text = (workspace / "schedules" / "crontab").read_text("utf-8")
    (line,) = re.findall(r"^17 6 1-7 \* \* (.+)$", text, re.MULTILINE)
    command, *rest = re.split(r"(?<!\\)%", line)  # a bare one would end the command
    assert rest == []
    run_by_sh(command.replace("\\%", "%"), workspace, Path("/"))


def test_the_dag_runs_in_the_workspace(workspace: Path) -> None:
    tree = ast.parse((workspace / "schedules" / "airflow_dag.py").read_text("utf-8"))
    given = {
        k.arg: ast.literal_eval(k.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        for k in node.keywords
        if k.arg in ("cwd", "bash_command")
    }
    jinja2 = pytest.importorskip("jinja2")  # with which Airflow fills both in
    command, cwd = (jinja2.Template(given[k]).render() for k in ("bash_command", "cwd"))
    run_by_sh(command, workspace, Path(cwd))


def test_the_units_name_the_workspace_and_the_command(workspace: Path) -> None:
    unit = RawConfigParser(interpolation=None, strict=True)
    unit.read(workspace / "schedules" / "hitlsim-report.service", encoding="utf-8")
    assert unit["Service"]["WorkingDirectory"].replace("%%", "%") == str(workspace)
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("needs systemd-analyze")
    units = sorted(map(str, (workspace / "schedules").glob("hitlsim-report.*")))
    ran = subprocess.run([analyze, "verify", *units], capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    if "/usr/bin/env" in unit["Service"]["ExecStart"]:
        return  # a program with a quote in its name is beyond systemd; this it knows
    broken = workspace / "schedules" / "hitlsim-report.service"  # it looks for the program
    (workspace / "bin" / "hitlsim").unlink()
    ran = subprocess.run([analyze, "verify", broken], capture_output=True, text=True, check=False)
    assert "is not executable" in ran.stderr


def test_nothing_is_left_to_fill_in_but_what_is_told(workspace: Path) -> None:
    for file in (workspace / "schedules").iterdir():
        text = file.read_text("utf-8")
        assert "/srv/our-team" not in text
        assert "/opt/hitlsim" not in text
        assert "the folder of the workspace" not in text
    shipped = {p.name for p in bundled("schedules").iterdir() if p.is_file()}
    assert {p.name for p in (workspace / "schedules").iterdir()} == shipped


def test_what_ships_has_what_is_filled_in() -> None:
    """Else a change of the shipped files would leave every workspace with a place of nobody's."""
    for name, holder in schedules._QUOTED:
        (file,) = [p for p in bundled("schedules").iterdir() if p.name.endswith(name)]
        text = file.read_text("utf-8")
        assert holder in text
        assert schedules._DONE in text
        assert holder not in filled(file.name, text, Path("/w"), Path("/c"))


def test_a_workspace_names_its_own_place(run: Run, tmp_path: Path) -> None:
    code, out, _ = run("init", "our [bold] team")
    assert code == 0
    assert "cd 'our [bold] team' && hitlsim lab" in " ".join(out.split())
    made = tmp_path / "our [bold] team"
    assert str(made) in (made / "schedules" / "crontab").read_text("utf-8")
    said = (made / "README.md").read_text("utf-8")
    assert all(f"`{name}/`" in said or f"{name}/" in said for name in ("schedules", "notebooks"))
