"""Notebooks of a fresh workspace, each run once, however many tests look at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from hitlsim.cli.workspace import make
from hitlsim.present.reporting.execute import execute

_WEEKS = "weeks: 6\n"
_EXAMPLE = {"log": "../logs/example.csv", "mapping": "../logs/example.map.yaml"}
_CHANGED: dict[str, dict[str, Any]] = {
    "01_decision_surface_map": {},
    "02_rollout_through_the_phases": {"runs": 2, "seed": 3},
    "03_tuning_thresholds": {**_EXAMPLE, "harm": 30.0},
    "04_your_own_log": {"policy": "policy.yaml", "within": 0.02},
    "05_hoarding_and_abdication": {**_EXAMPLE, "abdicating": "novice", "runs": 2},
    "06_staffing_the_desk": {"within_minutes": 240.0},
    "07_training_debrief": {},
    "08_outcomes_nobody_saw": {"audit": 0.2},
    "09_practise_reviewing": {},
    "report_monthly": {"exception_high": 0.2},
    "report_rollout": {"runs": 2},
    "report_training": {},
}
"""Parameters with which each is run, beside the files that a workspace sets; a new one has its line
here."""


class Ran(NamedTuple):
    """A notebook after its run, and what it wrote."""

    notebook: Any
    results: bytes


class Workspace:
    """A workspace just made, but for its team's run, which is made short."""

    def __init__(self, folder: Path) -> None:
        make(folder)
        self.notebooks = folder / "notebooks"
        team = folder / "team.yaml"
        team.write_text(team.read_text(encoding="utf-8") + _WEEKS, encoding="utf-8")
        self._ran: dict[str, Ran] = {}

    def ran(self, name: str) -> Ran:
        """A notebook's run, the first one if it ran before."""
        if name not in self._ran:
            self._ran[name] = self.run(name)
        return self._ran[name]

    def run(self, name: str) -> Ran:
        """Run a notebook anew, where JupyterLab would, so that its paths hold."""
        results = self.notebooks / f"{name}.json"
        target = self.notebooks / f"{name}.ran.ipynb"
        given = {**_CHANGED[name], "results": str(results)}
        notebook = execute(self.notebooks / f"{name}.ipynb", target, given, results)
        return Ran(notebook, results.read_bytes())


def code_cells(notebook: Any) -> list[Any]:
    return [c for c in notebook.cells if c.cell_type == "code"]


def printed(notebook: Any) -> list[str]:
    """What went to the screen: progress, warnings, everything that nobody asked for."""
    return [
        o.text for c in code_cells(notebook) for o in c.outputs if o.output_type == "stream"
    ]  # fmt: skip


def shown(notebook: Any) -> Iterator[str]:
    """What every cell shows, but for names made anew on each run."""
    for cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            if "application/vnd.jupyter.widget-view+json" not in data:
                yield str(data.get("text/html", data.get("text/plain", "")))
