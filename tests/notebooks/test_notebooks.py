"""Every notebook that ships runs, is clean, and is written as notebooks here are."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from typing import Any

import nbformat
import pytest

import hitlsim as hs
from hitlsim.bundled import bundled
from hitlsim.present.reporting.execute import execute, parameters_of

NOTEBOOKS = sorted(bundled("notebooks").glob("*.ipynb"))
_WEEKS = 6
_MOST_LINES = 5


def small_parameters(name: str, folder: Path) -> dict[str, Any]:
    """What makes a notebook quick; a new notebook has its line here."""
    scenario = hs.load("outbound").with_(weeks=_WEEKS)
    log = hs.simulate(scenario, seed=1).log.to_parquet(folder / "log.parquet")
    return {
        "outcomes_nobody_saw": {"log": str(log)},
        "report_monthly": {"log": str(log), "month": "2026-08"},
        "where_the_ai_may_act_alone": {"log": str(log)},
    }[name]


TOLD = {
    "outcomes_nobody_saw": ("believe", "looks"),
    "report_monthly": ("month", "2026-08"),
    "where_the_ai_may_act_alone": ("status", "recommended"),
}
"""Something that the results of each say."""


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def notebook(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [c for c in notebook.cells if c.cell_type == "code"]


def test_it_runs_to_its_end_with_small_parameters(path: Path, tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    parameters = {**small_parameters(path.stem, tmp_path), "results": str(results)}
    ran = execute(path, tmp_path / "ran.ipynb", parameters, results)
    name, value = TOLD[path.stem]
    assert json.loads(results.read_text())[name] == value
    said = [o for c in code_cells(ran) for o in c.outputs if o.output_type == "stream"]
    assert said == []


def test_it_is_committed_without_outputs_and_runs_on_any_python3(path: Path, notebook: Any) -> None:
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    assert notebook.metadata["kernelspec"]["name"] == "python3"
    assert all(c.outputs == [] and c.execution_count is None for c in code_cells(notebook))
    ids = [c.id for c in notebook.cells]
    assert len(ids) == len(set(ids))
    assert path.read_text(encoding="utf-8").endswith("}\n")


def test_its_parameters_can_be_read_and_each_says_what_it_is(notebook: Any) -> None:
    tagged = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    assert len(tagged) == 1
    declared = parameters_of(notebook)
    assert len(declared) == len(tagged[0].source.splitlines())
    assert all(p.help and p.checked(p.default) == p.default for p in declared.values())


def test_its_logic_lives_in_the_package(notebook: Any) -> None:
    for cell in code_cells(notebook):
        if "parameters" in cell.metadata.get("tags", []):
            continue
        assert len(cell.source.splitlines()) <= _MOST_LINES
        assert not any(
            isinstance(node, (ast.FunctionDef, ast.ClassDef))
            for node in ast.walk(ast.parse(cell.source))
        )


def test_it_ends_with_things_to_try_and_writes_its_results_last(notebook: Any) -> None:
    told = [c.source for c in notebook.cells if c.cell_type == "markdown"]
    assert told[-1].startswith("## Things to try next")
    assert "results" in notebook.cells[-1].source
