"""A folder to work in: a scenario, an example export and its mapping, notebooks, schedules."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rich.markup import escape

from ..bundled import bundled
from ..errors import ScenarioError
from ..scenario.files import json_schema, load
from ..simulation.run import simulate
from . import show
from .schedules import write_schedules

_TEAM = """\
# yaml-language-server: $schema=scenario.schema.json
#
# Your team, as a variation of a scenario that ships. Whatever you do not say here is as there:
# see it all with  hitlsim check team.yaml --resolved
extends: on-the-loop
name: {name}
teaches: >-
  Our own team. Replace the numbers below by yours, one at a time, and watch what changes.

workflows:
  follow_up_email:
    volume_per_week: 1000         # (?) your own count
boundary:
  bands: {{auto: 0.85, review: 0.60}}   # (?) act alone at 0.85 or more; hold below 0.60
  triggers:
    deal_size_above: 600000       # (?)
"""

_MAPPING = """\
# How example.csv is to be read: our name: your column.
# See docs/your-own-log.md, or  hitlsim columns  for all names on the left.
columns:
  decision_id: Record ID
  decided_at: Proposed on
  workflow: Play
  confidence: AI score
  route: Handled by
  reasons: Why asked
  verdict: Rep action
  wait_minutes: Minutes to pickup
date_format: "%d/%m/%Y %H:%M"
timezone: Europe/Berlin
confidence_scale: 100             # scores come as percent
values:
  route: {AI: auto, Rep: review}
  verdict: {Accepted: approve, Changed: edit, Declined: reject}
ok:                               # when was the AI right?
  advice: AI advice
  outcome: Result
  right_when: {go: success, hold: failure}
# bands: {auto: 0.90, review: 0.70}  # instead of route, if an export does not say who handled it
"""

_README = """\
# {name}

    hitlsim check team.yaml                                       # is the scenario sound?
    hitlsim simulate team.yaml --by month                         # twelve weeks of it
    hitlsim diagnose runs/{name}-7.parquet            # hoarding? abdication?
    hitlsim replay runs/{name}-7.parquet              # a page that plays the desk
    hitlsim report monthly --scenario team.yaml --month 2026-09   # and the report on a month

    hitlsim measure logs/example.csv --map logs/example.map.yaml --by month
    hitlsim tune    logs/example.csv --map logs/example.map.yaml
    hitlsim report monthly --log logs/example.csv --map logs/example.map.yaml

`logs/example.csv` is made up; put your own export beside it, and

    hitlsim map logs/yours.csv          # drafts logs/yours.map.yaml, asks what it must

    hitlsim lab                         # the notebooks, in JupyterLab

`notebooks/` asks one question each: 01 what the AI may do alone, 02 how a rollout goes, 03 where
to set the thresholds, 04 what your own log says, 05 whether people look too much or too little,
06 how many people the desk needs, 07 what a training session showed, 08 what nobody saw. The first
cell says what a notebook reads: `team.yaml`, or `logs/example.csv` until you name your own file.

`schedules/` has the report of every month made by itself: by cron (`crontab`), systemd, Airflow or
GitHub Actions. They name this folder and this machine's hitlsim; put in your log's name for
`logs/calls.csv`. If the folder moves, they must say so, too.
"""
_FITTING = {"scenario": '"../team.yaml"'}
_OF_LOGS = {"log": '"../logs/example.csv"', "mapping": '"../logs/example.map.yaml"'}
"""What the parameters of a notebook say in a workspace: the team's own files."""


def make(folder: Path) -> None:
    """Fill a new folder; an existing one with files in it is left alone."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ScenarioError(f"{folder}: exists and is not empty; choose a new folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    # all or nothing: what is half made never stands under the folder's name
    half = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _fill(half, folder.resolve())
        if folder.exists():
            folder.rmdir()
        half.chmod(0o755)
        half.rename(folder)
    finally:
        shutil.rmtree(half, ignore_errors=True)
    show.done("workspace", folder)
    show.console().print(
        f"  Next: cd {escape(shlex.quote(str(folder)))} && hitlsim lab "
        "(or hitlsim simulate team.yaml; README.md has more)"
    )


def is_workspace(folder: Path) -> bool:
    """Whether a folder looks like one that :func:`make` filled."""
    return (folder / "notebooks").is_dir() and (folder / "team.yaml").is_file()


def fitted(notebook: Path) -> str:
    """A notebook whose parameters name the files of the workspace it is put into.

    One that takes a scenario gets the team's; one that takes a log only, the example.
    """
    content = json.loads(notebook.read_text(encoding="utf-8"))
    for cell in content["cells"]:
        if "parameters" in cell["metadata"].get("tags", []):
            declared = {line.partition(":")[0] for line in cell["source"]}
            values = _FITTING if "scenario" in declared else _OF_LOGS
            cell["source"] = [_given(line, values) for line in cell["source"]]
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


def _given(line: str, values: Mapping[str, str]) -> str:
    name = line.partition(":")[0]
    if name not in values:
        return line
    return re.sub(r'= ".*?"', lambda _: f"= {values[name]}", line, count=1)


def _safe_name(name: str) -> str:
    kept = "".join(c if (c.isalnum() and c.isascii()) or c in "-_" else "-" for c in name.lower())
    return kept.lstrip("-_0123456789")[:40] or "our-team"


def _fill(folder: Path, workspace: Path) -> None:
    """Write everything; ``workspace`` is where it will be found."""
    name = _safe_name(workspace.name)
    (folder / "team.yaml").write_text(_TEAM.format(name=name), encoding="utf-8")
    schema = json.dumps(json_schema(), indent=2) + "\n"
    (folder / "scenario.schema.json").write_text(schema, encoding="utf-8")
    (folder / "README.md").write_text(_README.format(name=name), encoding="utf-8")
    (folder / "notebooks").mkdir()
    for notebook in sorted(bundled("notebooks").glob("*.ipynb")):
        (folder / "notebooks" / notebook.name).write_text(fitted(notebook), encoding="utf-8")
    write_schedules(folder / "schedules", workspace)
    logs = folder / "logs"
    logs.mkdir()
    (logs / "example.map.yaml").write_text(_MAPPING, encoding="utf-8")
    example_export().to_csv(logs / "example.csv", index=False)


def example_export() -> pd.DataFrame:
    """A made-up export as a CRM would give it: other names, percent, day-first dates, open ends."""
    f = simulate(load("outbound"), seed=1).log.frame
    f = f[(f["route"] != "gate") & (f["phase"] == "steady-state")]
    # the last week's results are still open
    known = f["decided_at"] < f["decided_at"].max() - pd.Timedelta(days=7)
    advice = pd.Series("go", f.index).where(f["deal_size"] < 150_000, "hold")
    success = f["true_ok"] == (advice == "go")
    return pd.DataFrame(
        {
            "Record ID": f["decision_id"],
            "Proposed on": f["decided_at"].dt.strftime("%d/%m/%Y %H:%M"),
            "Play": f["workflow"].astype(str),
            "AI advice": advice,
            "AI score": (100 * f["confidence"]).round(1),
            "Handled by": (f["route"] == "auto").map({True: "AI", False: "Rep"}),
            "Why asked": f["reasons"],
            "Rep action": f["verdict"].map(
                {"approve": "Accepted", "edit": "Changed", "reject": "Declined"}
            ),
            "Minutes to pickup": f["wait_minutes"].round(1),
            "Result": success.map({True: "success", False: "failure"}).where(known),
            "Owner": "someone",
        }
    )
