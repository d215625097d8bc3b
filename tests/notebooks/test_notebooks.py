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
from hitlsim.present.reporting.execute import parameters_of
from tests.notebooks.running import Workspace, code_cells, printed, shown

NOTEBOOKS = sorted(bundled("notebooks").glob("*.ipynb"))
OURS = [path for path in NOTEBOOKS if not path.stem.startswith("report_")]
_MOST_LINES = 5
_WIDE = 1200

TOLD = {
    "01_decision_surface_map": ("scenario", "team"),
    "02_rollout_through_the_phases": ("seed", 3),
    "03_tuning_thresholds": ("status", "recommended"),
    "04_your_own_log": ("month", "2026-09"),
    "05_hoarding_and_abdication": ("seed", 7),
    "06_staffing_the_desk": ("pool", "sdr-desk"),
    "07_training_debrief": ("trainee", "avocet"),
    "08_outcomes_nobody_saw": ("believe", "looks"),
    "report_monthly": ("month", "2026-09"),
    "report_rollout": ("scenario", "team"),
    "report_training": ("subtitle", "simulated cohort of 12: 1,440 answers of 12 people"),
}
"""Something that the results of each say."""


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("w") / "team")


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def notebook(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def test_in_a_fresh_workspace_it_runs_to_its_end(path: Path, workspace: Workspace) -> None:
    ran = workspace.ran(path.stem)
    name, value = TOLD[path.stem]
    assert json.loads(ran.results)[name] == value
    assert printed(ran.notebook) == []


def test_the_same_parameters_show_the_same_to_the_letter(workspace: Workspace) -> None:
    # the one with most chance in it: three teams, forty runs beside a better and better AI
    name = "05_hoarding_and_abdication"
    first, again = workspace.ran(name), workspace.run(name)
    assert again.results == first.results
    assert list(shown(again.notebook)) == list(shown(first.notebook))


def test_the_advice_on_ones_own_log_can_be_kept(workspace: Workspace) -> None:
    workspace.ran("04_your_own_log")
    kept = hs.load_boundary(workspace.notebooks / "policy.yaml")
    assert kept.changes


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
        tree = ast.parse(cell.source)
        steps = [s for s in tree.body if not isinstance(s, (ast.Import, ast.ImportFrom))]
        assert sum((s.end_lineno or 0) - s.lineno + 1 for s in steps) <= _MOST_LINES
        assert not any(isinstance(n, (ast.FunctionDef, ast.ClassDef)) for n in ast.walk(tree))


def test_it_ends_with_things_to_try_and_writes_its_results_last(notebook: Any) -> None:
    told = [c.source for c in notebook.cells if c.cell_type == "markdown"]
    assert told[-1].startswith("## Things to try next")
    assert "results" in notebook.cells[-1].source


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_its_title_is_the_one_question_it_answers(path: Path) -> None:
    title, _, why = nbformat.read(path, as_version=4).cells[0].source.partition("\n\n")
    assert title.startswith("# ")
    assert title.endswith("?")
    assert len(why.split()) > 25


def test_a_workspace_brings_every_notebook_and_changes_nothing_but_where_they_read(
    workspace: Workspace,
) -> None:
    for shipped in NOTEBOOKS:
        mine, theirs = (
            nbformat.read(p, as_version=4).cells
            for p in (workspace.notebooks / shipped.name, shipped)
        )
        for cell, other in zip(mine, theirs, strict=True):
            if "parameters" not in cell.metadata.get("tags", []):
                assert cell == other
            else:
                lines = zip(cell.source.splitlines(), other.source.splitlines(), strict=True)
                changed = {a.partition(":")[0] for a, b in lines if a != b}
                assert changed in ({"scenario"}, {"log", "mapping"}, set())
                for name in changed:
                    value = parameters_of(nbformat.v4.new_notebook(cells=[cell]))[name].default
                    assert (workspace.notebooks / value).is_file()


# --- as it is looked at --------------------------------------------------------------------------


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore")  # of what nbconvert rests on
def test_exported_it_fits_a_page_of_1200_pixels_and_shows_every_picture(
    workspace: Workspace, browser: Any, tmp_path: Path
) -> None:
    from nbconvert import HTMLExporter

    page = browser.new_page(viewport={"width": _WIDE, "height": 900})
    page.route("http*://**", lambda route: route.abort())
    for path in OURS:
        html = tmp_path / f"{path.stem}.html"
        body, _ = HTMLExporter().from_notebook_node(workspace.ran(path.stem).notebook)
        html.write_text(body, encoding="utf-8")
        page.goto(html.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= _WIDE, path.stem
        pictures = page.evaluate(
            "[...document.querySelectorAll('figure img')].map(i => [i.alt.length, i.naturalWidth])"
        )
        assert pictures, path.stem
        assert all(alt > 20 and width > 0 for alt, width in pictures), path.stem
    page.close()
