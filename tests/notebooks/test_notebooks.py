"""Every notebook that ships runs, is clean, and is written as notebooks here are."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

import hitlsim as hs
from hitlsim.bundled import bundled
from hitlsim.present.reporting.execute import parameters_of
from hitlsim.present.reporting.page import notebook_body
from hitlsim.present.reporting.page import page as page_around
from tests.notebooks.looking import broken_words, cut_on_paper, unfold, violations
from tests.notebooks.running import Workspace, code_cells, printed, shown

NOTEBOOKS = sorted(bundled("notebooks").glob("*.ipynb"))
OURS = [path for path in NOTEBOOKS if not path.stem.startswith("report_")]
REPORTS = [path.stem for path in NOTEBOOKS if path.stem.startswith("report_")]
_MOST_LINES = 5
_FOR_COPYING = {"hitlsim", "hitlsim.pictures", "numpy", "pandas"}

TOLD = {
    "01_decision_surface_map": ("scenario", "team"),
    "02_rollout_through_the_phases": ("seed", 3),
    "03_tuning_thresholds": ("status", "recommended"),
    "04_your_own_log": ("month", "2026-09"),
    "05_hoarding_and_abdication": ("seed", 7),
    "06_staffing_the_desk": ("pool", "sdr-desk"),
    "07_training_debrief": ("trainee", "avocet"),
    "08_outcomes_nobody_saw": ("believe", "looks"),
    "09_practise_reviewing": ("trainee", "avocet"),
    "report_monthly": ("month", "2026-09"),
    "report_rollout": ("scenario", "team"),
    "report_training": ("subtitle", "simulated cohort of 12, deck A: 1,440 answers of 12 people"),
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
    # the one with most chance in it: three teams, twenty runs beside a better and better AI
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


@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_whoever_copies_a_cell_needs_public_names_only(notebook: Any) -> None:
    steps = [s for cell in code_cells(notebook) for s in ast.walk(ast.parse(cell.source))]
    imported = {a.name for s in steps if isinstance(s, ast.Import) for a in s.names}
    imported |= {
        "hitlsim.pictures" if (s.module, a.name) == ("hitlsim", "pictures") else str(s.module)
        for s in steps
        if isinstance(s, ast.ImportFrom)
        for a in s.names
    }
    assert imported <= _FOR_COPYING


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

_WIDE, _PHONE = 1200, 420
_NOT_OURS = {"exclude": [[".jp-InputArea"], [".jp-OutputPrompt"]]}
"""The code and its numbers look as whoever exports a notebook has them look."""
_OF_NBCONVERT = ("https://cdnjs.cloudflare.com/", "https://unpkg.com/@jupyter-widgets/")
"""Whence its pages take MathJax and widgets; both stay away here, and nothing is missing."""


class Tab:
    """A page of a browser without a network, which remembers what it was asked for."""

    def __init__(self, browser: Any) -> None:
        self.page = browser.new_page(viewport={"width": _WIDE, "height": 900})
        self.asked: list[str] = []
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.route("http*://**", lambda route: route.abort())

    def open(self, html: str, path: Path) -> Any:
        """Show a page with all its tables unfolded."""
        path.write_text(html, encoding="utf-8")
        self.page.set_viewport_size({"width": _WIDE, "height": 900})
        self.page.goto(path.as_uri())
        unfold(self.page)
        return self.page


@pytest.fixture(scope="module")
def tab(browser: Any) -> Iterator[Tab]:
    opened = Tab(browser)
    yield opened
    opened.page.close()


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore")  # of what nbconvert rests on
@pytest.mark.parametrize("path", OURS, ids=lambda path: path.stem)
def test_exported_it_shows_all_without_a_network_and_everybody_can_read_it(
    workspace: Workspace, tab: Tab, tmp_path: Path, path: Path
) -> None:
    from nbconvert import HTMLExporter

    ran = workspace.ran(path.stem).notebook
    light, dark = (HTMLExporter(theme=t).from_notebook_node(ran)[0] for t in ("light", "dark"))
    tab.asked.clear()
    page = tab.open(light, tmp_path / "light.html")
    assert not [u for u in tab.asked if not u.startswith(("file:", "data:", *_OF_NBCONVERT))]
    pictures = page.evaluate(
        "[...document.querySelectorAll('figure img')].map(i => [i.alt.length, i.naturalWidth])"
    )
    # at a desk that nobody has played at, the first card stands for the widget
    assert pictures or page.locator("[class^=hitl-static]").is_visible()
    assert all(alt > 20 and width > 0 for alt, width in pictures)
    assert page.evaluate("document.documentElement.scrollWidth") <= _WIDE
    assert violations(page, context=_NOT_OURS) == []
    page.set_viewport_size({"width": _PHONE, "height": 900})
    assert broken_words(page) == []
    page = tab.open(dark, tmp_path / "dark.html")
    assert violations(page, only="color-contrast", context=_NOT_OURS) == []


@pytest.mark.browser
@pytest.mark.filterwarnings("ignore")  # of what nbconvert rests on
@pytest.mark.parametrize("name", REPORTS)
def test_a_report_asks_for_nothing_and_is_whole_on_a_phone_and_on_paper(
    workspace: Workspace, tab: Tab, tmp_path: Path, name: str
) -> None:
    html = page_around(name, "Report", "", notebook_body(workspace.ran(name).notebook))
    tab.asked.clear()
    page = tab.open(html, tmp_path / "report.html")
    assert not [u for u in tab.asked if not u.startswith(("file:", "data:"))]
    assert violations(page) == []
    page.set_viewport_size({"width": _PHONE, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= _PHONE
    assert broken_words(page) == []
    assert cut_on_paper(page) == []


@pytest.mark.browser
def test_the_browser_sees_words_that_are_broken_and_tables_that_are_cut(
    tab: Tab, tmp_path: Path
) -> None:
    style = "width:5em; overflow-wrap:anywhere"
    table = f"<table style='table-layout:fixed;{style}'><td>automation<td>so on</table>"
    page = tab.open(f"<main>{table}</main>", tmp_path / "a.html")
    assert broken_words(page) == ["automation"]
    page = tab.open("<table style='width:700px'><td>wide</table>", tmp_path / "b.html")
    assert cut_on_paper(page) == ["wide"]
