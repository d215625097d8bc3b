"""The schedules of docs/scheduling run as their schedulers would run them.

About 17 s on one core: one report is really made, as cron would; the others find it made.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import subprocess
import sys
from configparser import RawConfigParser
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[1]
HOME = ROOT / "docs" / "scheduling"
PAGE = (ROOT / "docs" / "scheduling.md").read_text("utf-8")
ELSEWHERE = "/srv/our-team"
EXECUTABLE = "/opt/hitlsim/.venv/bin/hitlsim"
INSTALLED = Path(sys.executable).with_name("hitlsim")
COMMAND = "report monthly --log logs/calls.csv --map logs/calls.map.yaml --all-months"
MAPPING = """\
columns: {decided_at: Proposed on, confidence: AI score, ok: Right}
date_format: "%d/%m/%Y %H:%M"
confidence_scale: 100
bands: {auto: 0.9, review: 0.7}
"""


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the export of one full month and two days; a letter not in ASCII."""
    folder = tmp_path_factory.mktemp("scheduled") / "verkäufer"
    (folder / "logs").mkdir(parents=True)
    days = [date(2026, 9, 1) + timedelta(days=i) for i in range(32)]
    rows = [
        f"{day:%d/%m/%Y} {9 + i // 3:02}:{20 * (i % 3):02},{60 + (7 * i + day.day) % 40},"
        f"{'no' if (i + day.day) % 9 == 0 else 'yes'}"
        for day in days
        if day.weekday() < 5
        for i in range(12)
    ]
    text = "\n".join(["Proposed on,AI score,Right", *rows, ""])
    (folder / "logs" / "calls.csv").write_text(text, encoding="utf-8")
    (folder / "logs" / "calls.map.yaml").write_text(MAPPING, encoding="utf-8")
    return folder


# --- cron -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Line:
    """A line of a crontab: when, what is run, what that reads from its standard input."""

    when: str
    command: str
    reads: str

    @classmethod
    def of(cls, text: str) -> Line:
        """As crontab(5) says: an unescaped % ends the command, and others are line ends."""
        *when, rest = text.split(None, 5)
        command, *reads = re.split(r"(?<!\\)%", rest)
        return cls(" ".join(when), *(t.replace("\\%", "%") for t in (command, "\n".join(reads))))

    def run(self, team: Path) -> subprocess.CompletedProcess[str]:
        """As cron does: /bin/sh, hardly any environment, in the home of its user."""
        command = self.command.replace(EXECUTABLE, str(INSTALLED)).replace(ELSEWHERE, str(team))
        home = str(Path.home())
        env = {"HOME": home, "LOGNAME": "team", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
        return subprocess.run(
            ["/bin/sh", "-c", command],
            env=env, cwd=home, input=self.reads, capture_output=True, text=True, check=False,
        )  # fmt: skip


def crontab() -> list[Line]:
    """The lines that run something."""
    text = (HOME / "crontab").read_text("utf-8")
    lines = [li for li in text.splitlines() if li and not li.startswith("#")]
    return [Line.of(li) for li in lines if not re.match(r"\w+\s*=", li)]


@pytest.fixture(scope="module")
def by_cron(team: Path) -> subprocess.CompletedProcess[str]:
    """What cron has to tell after the first run."""
    (line,) = crontab()
    return line.run(team)


def test_cron_makes_the_report_of_the_full_month_and_no_other(
    team: Path, by_cron: subprocess.CompletedProcess[str]
) -> None:
    assert [p.parent.name for p in team.glob("reports/monthly/*/manifest.json")] == ["2026-09"]
    assert "2026-10: left out" in (team / "reports.log").read_text("utf-8")


def test_cron_sends_no_mail_when_all_went_well(by_cron: subprocess.CompletedProcess[str]) -> None:
    assert (by_cron.stdout, by_cron.stderr) == ("", "")  # it mails whatever is said


def test_cron_sends_the_reason_when_something_went_wrong(tmp_path: Path) -> None:
    (line,) = crontab()
    said = line.run(tmp_path).stdout  # nothing is there
    assert re.fullmatch(r"hitlsim: logs/calls[.\w]+: .+\n", said)


def test_a_percent_sign_in_a_cron_line_must_be_escaped_as_the_page_says() -> None:
    shown = re.search(r"`(--exception-rate 10-15\\%)`", PAGE)
    assert shown
    assert Line.of(f"0 6 * * * hitlsim report {shown[1]}").command.endswith("10-15%")
    assert Line.of("0 6 * * * date +%F").command == "date +"


# --- GitHub Actions -------------------------------------------------------------------------------


def workflow() -> dict[str, Any]:
    found: dict[str, Any] = YAML(typ="safe").load((HOME / "github-actions.yml").read_text("utf-8"))
    return found


def test_the_workflow_runs_from_a_clean_checkout(
    team: Path, by_cron: subprocess.CompletedProcess[str], tmp_path: Path
) -> None:
    if not shutil.which("curl") or not shutil.which("bash"):
        pytest.skip("needs curl and bash, as GitHub's machines have them")
    checkout, tools = tmp_path / "checkout", tmp_path / "tools"
    tools.mkdir()
    # stands for pip: what hitlsim is installed from is looked at below
    (tools / "python").write_text(f'#!/bin/sh\necho "$@" > {tools}/asked\n', encoding="utf-8")
    (tools / "python").chmod(0o755)
    (tools / "hitlsim").symlink_to(INSTALLED)
    secrets = {"EXPORT_URL": (team / "logs" / "calls.csv").as_uri(), "EXPORT_TOKEN": "t"}
    for step in workflow()["jobs"]["report"]["steps"]:
        match step:
            case {"uses": str(uses), "with": {"path": ".hitlsim"}} if "checkout" in uses:
                (checkout / ".hitlsim").symlink_to(ROOT)
            case {"uses": str(uses)} if "checkout" in uses:
                # the export is not in the repository; reports that were made may be
                shutil.copytree(team, checkout, ignore=shutil.ignore_patterns("*.csv"))
            case {"run": str(run)}:
                assert "${{" not in run  # what is filled in could be more than a value
                env = {k: _filled_in(v, secrets) for k, v in step.get("env", {}).items()}
                path = f"{tools}{os.pathsep}{os.environ['PATH']}"
                ran = subprocess.run(
                    ["bash", "-e", "-c", run],
                    cwd=checkout, env={**os.environ, "CI": "true", **env, "PATH": path},
                    capture_output=True, text=True, check=False,
                )  # fmt: skip
                assert ran.returncode == 0, f"{run}\n{ran.stdout}{ran.stderr}"
    # the same data and the same code elsewhere: there was nothing to do
    assert "2026-09: unchanged" in ran.stdout
    *_, lock, project = (tools / "asked").read_text("utf-8").split()
    assert (checkout / lock).is_file()
    assert (checkout / project / "pyproject.toml").is_file()


def _filled_in(text: str, secrets: dict[str, str]) -> str:
    name = re.fullmatch(r"\$\{\{ secrets\.(\w+) \}\}", text)
    assert name, text
    return secrets.get(name[1], "")


def test_the_workflow_keeps_good_months_when_one_failed() -> None:
    job = workflow()["jobs"]["report"]
    (kept,) = [s for s in job["steps"] if "upload-artifact" in s.get("uses", "")]
    assert kept["if"] == "${{ !cancelled() }}"
    assert kept["with"]["path"] == "reports/"
    assert workflow()["permissions"] == {"contents": "read"}


# --- Airflow --------------------------------------------------------------------------------------


def task() -> dict[str, Any]:
    """What the DAG gives its one task, and the DAG's schedule."""
    tree = ast.parse((HOME / "airflow_dag.py").read_text("utf-8"))
    calls = {n.func.id: n for n in ast.walk(tree) if isinstance(n, ast.Call)
             and isinstance(n.func, ast.Name)}  # fmt: skip
    given = [*calls["BashOperator"].keywords, *calls["DAG"].keywords]
    plain = (ast.Constant, ast.BinOp)
    return {k.arg: ast.literal_eval(k.value) for k in given if isinstance(k.value, plain) and k.arg}


def test_the_task_of_the_dag_runs_and_finds_the_report_made(
    team: Path, by_cron: subprocess.CompletedProcess[str]
) -> None:
    command = task()["bash_command"].replace(EXECUTABLE, str(INSTALLED))
    cwd = task()["cwd"].replace(ELSEWHERE, str(team))
    ran = subprocess.run(
        ["/bin/sh", "-c", command], cwd=cwd, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    assert "2026-09: unchanged" in ran.stdout


def test_the_dag_does_not_run_once_for_every_month_gone_by() -> None:
    assert task()["catchup"] is False
    assert task()["max_active_runs"] == 1


# --- systemd --------------------------------------------------------------------------------------


def unit(kind: str) -> RawConfigParser:
    parser = RawConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]  # names keep their case
    parser.read(HOME / f"hitlsim-report.{kind}", encoding="utf-8")
    return parser


def test_systemd_accepts_both_units(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if not analyze:
        pytest.skip("needs systemd-analyze")
    for kind in ("service", "timer"):
        text = (HOME / f"hitlsim-report.{kind}").read_text("utf-8")
        there = text.replace(EXECUTABLE, str(INSTALLED))
        (tmp_path / f"hitlsim-report.{kind}").write_text(there, encoding="utf-8")
    ran = subprocess.run(
        [analyze, "verify", *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (ran.returncode, ran.stderr) == (0, "")


# --- what they share ------------------------------------------------------------------------------


def test_all_schedules_call_the_one_command_of_the_page() -> None:
    (cron,) = crontab()
    (step,) = [s["run"] for s in workflow()["jobs"]["report"]["steps"] if s.get("name") == "Report"]
    called = [
        cron.command.split(" && ")[1].split(" > ")[0],
        step,
        task()["bash_command"],
        unit("service")["Service"]["ExecStart"],
    ]
    assert {shlex.join(shlex.split(c)[1:]) for c in called} == {COMMAND}
    assert f"hitlsim {COMMAND}" in PAGE


def test_all_schedules_run_on_the_first_seven_mornings() -> None:
    (cron,) = crontab()
    assert cron.when == task()["schedule"] == workflow()["on"]["schedule"][0]["cron"]
    assert cron.when == "17 6 1-7 * *"
    timer = unit("timer")["Timer"]
    assert timer["OnCalendar"].startswith("*-*-01..07 06:17:00 ")
    assert timer["Persistent"] == "true"


def test_the_page_links_to_every_file() -> None:
    assert {p.name for p in HOME.iterdir() if p.is_file()} == set(
        re.findall(r"\]\(scheduling/([\w.-]+)\)", PAGE)
    )
    for page in re.findall(r"\]\((\w+\.md)", PAGE):
        assert (ROOT / "docs" / page).is_file(), page
