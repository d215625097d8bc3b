"""A report on disk: whole or not at all, made once, and readable offline."""

from __future__ import annotations

import errno
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest
from filelock import FileLock

import hitlsim as hs
from hitlsim.present.reporting import execute, template
from hitlsim.present.reporting import report as module
from hitlsim.present.reporting.failures import DiskFull, ReportError, ReportLocked
from hitlsim.present.reporting.manifest import ReportResult
from hitlsim.present.reporting.page import NOTEBOOK_ONLY, notebook_body, page
from hitlsim.present.reporting.report import report

FILES = {"report.ipynb", "report.html", "results.json", "manifest.json"}


def pngs(html: Path) -> list[str]:
    return re.findall(r"base64,([^\"]+)", html.read_text())


def bytes_of(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in shown(folder)}


def shown(folder: Path) -> list[Path]:
    """All files but the hidden ones: a lock, and what a next run may take over."""
    return sorted(p for p in folder.iterdir() if not p.name.startswith("."))


def test_the_default_is_the_last_full_month(made: ReportResult) -> None:
    assert made.path_html.parent.name == "2026-09"
    assert made.path_html.parent.parent.name == "monthly"
    assert not made.skipped


def test_nothing_but_the_four_files_is_left_behind(made: ReportResult) -> None:
    assert {p.name for p in shown(made.path_html.parent)} == FILES


def test_the_manifest_says_what_was_made_from_what(made: ReportResult, log: Path) -> None:
    manifest = json.loads(made.path_manifest.read_text())
    assert manifest["status"] == "complete"
    assert manifest["inputs"][0]["name"] == "calls.csv"
    assert manifest["inputs"][0]["sha256"] == hashlib.sha256(log.read_bytes()).hexdigest()
    assert manifest["code"]["hitlsim"]
    assert set(manifest["outputs"]) == FILES - {"manifest.json"}
    assert [s["stage"] for s in manifest["stages"]] == ["log", "notebook", "page"]
    assert not any(s["taken_over"] for s in manifest["stages"])
    assert (manifest["title"], manifest["kind"]) == (
        "September 2026", "Monthly report on AI decisions",
    )  # fmt: skip
    assert manifest["headline"] == json.loads(made.path_results.read_text())["headline"]
    found = bytes_of(made.path_html.parent)
    assert all(found[name] == sha for name, sha in manifest["outputs"].items())


def test_no_file_but_the_notebook_names_a_path_of_this_machine(
    made: ReportResult, home: Path
) -> None:
    for file in FILES - {"report.ipynb"}:
        assert str(home) not in (made.path_html.parent / file).read_text()
    notebook = (made.path_html.parent / "report.ipynb").read_text()
    assert ".partial" not in notebook
    assert "input_path" not in notebook


def test_the_page_is_whole_small_and_needs_nothing_from_elsewhere(made: ReportResult) -> None:
    html = made.path_html.read_text()
    assert html.startswith("<!DOCTYPE html>")
    assert html.endswith("</html>\n")
    assert made.path_html.stat().st_size < 1_500_000
    assert '<html lang="en">' in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert not re.search(r"(src|href)=[\"'](?!data:)", html)
    assert "@import" not in html
    assert "url(" not in html


def test_the_page_shows_no_code_and_the_notebook_keeps_it(made: ReportResult) -> None:
    html = made.path_html.read_text()
    assert "monthly(decisions" not in html
    assert "<h2>In half a minute</h2>" in html
    assert "<h1>The monthly report</h1>" not in html
    assert "monthly(decisions" in (made.path_html.parent / "report.ipynb").read_text()


def test_the_notebook_of_a_report_finds_its_log_from_where_it_lies(
    made: ReportResult, log: Path
) -> None:
    folder = made.path_html.parent
    notebook = nbformat.read(folder / "report.ipynb", as_version=4)
    given = notebook.metadata["papermill"]["parameters"]
    assert (folder / given["log"]).resolve() == log.resolve()
    assert (given["mapping"], given["results"]) == ("", "results.json")
    injected = next(
        c for c in notebook.cells if "injected-parameters" in c.metadata.get("tags", [])
    )
    assert f'log = "{given["log"]}"' in injected.source


def test_the_pieces_of_a_report_look_in_a_notebook_as_on_its_page(made: ReportResult) -> None:
    notebook = nbformat.read(made.path_html.with_name("report.ipynb"), as_version=4)
    outputs = [o["data"]["text/html"] for c in notebook.cells for o in c.get("outputs", [])]
    style, *pieces = outputs
    assert ".hitlsim {" in style
    assert all(piece.startswith('<div class="hitlsim">') for piece in pieces)
    page = made.path_html.read_text(encoding="utf-8")
    assert ".hitlsim {" not in page  # the page has its own style


def test_the_same_report_is_not_made_twice(made: ReportResult, log: Path, home: Path) -> None:
    before = bytes_of(made.path_html.parent)
    lines: list[str] = []
    again = report(log=log, month="2026-09", out=home / "reports", progress=lines.append)
    assert again.skipped
    assert bytes_of(made.path_html.parent) == before
    assert lines[-1].startswith("unchanged")


def test_a_forced_run_gives_the_same_figures_to_the_byte(
    made: ReportResult, copied: Path, log: Path
) -> None:
    lines: list[str] = []
    again = report(log=log, month="2026-09", out=copied, force=True, progress=lines.append)
    assert not again.skipped
    assert again.path_results.read_bytes() == made.path_results.read_bytes()
    assert again.path_html.read_bytes() == made.path_html.read_bytes()
    assert pngs(again.path_html) == pngs(made.path_html)
    assert len(pngs(again.path_html)) == 5
    assert lines == [
        "reading calls.csv", "running the notebook for 2026-09", "writing the page",
    ]  # fmt: skip


@pytest.fixture
def sets_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Instead of running a notebook, say that one would have been run."""

    def stop(*_: Any) -> None:
        raise ReportError("set out to run")

    monkeypatch.setattr(module, "execute", stop)


@pytest.mark.usefixtures("sets_out")
@pytest.mark.parametrize("damage", ["manifest.json", "report.html", "results.json"])
def test_a_report_that_lost_a_file_is_not_taken_for_made(
    damage: str, copied: Path, log: Path
) -> None:
    (copied / "monthly" / "2026-09" / damage).unlink()
    with pytest.raises(ReportError, match="set out to run"):
        report(log=log, month="2026-09", out=copied)


@pytest.mark.usefixtures("sets_out")
def test_other_parameters_make_it_anew(copied: Path, log: Path) -> None:
    with pytest.raises(ReportError, match="set out to run"):
        report(log=log, month="2026-09", out=copied, parameters={"exception_high": 0.2})


@pytest.mark.usefixtures("sets_out")
def test_another_log_makes_it_anew(copied: Path, log: Path, tmp_path: Path) -> None:
    other = tmp_path / log.name
    other.write_text(log.read_text() + "\n")
    with pytest.raises(ReportError, match="set out to run"):
        report(log=other, month="2026-09", out=copied)


@pytest.mark.usefixtures("sets_out")
def test_changed_code_makes_it_anew(
    copied: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "code_sha256", lambda: "0" * 64)
    with pytest.raises(ReportError, match="set out to run"):
        report(log=log, month="2026-09", out=copied)


def test_a_failing_notebook_leaves_the_last_good_report(
    copied: Path, log: Path, use_notebook: Callable[[str], None]
) -> None:
    folder = copied / "monthly" / "2026-09"
    before = bytes_of(folder)
    use_notebook("1 / 0")
    with pytest.raises(ReportError, match=r"ZeroDivisionError.*; see .*report\.failed\.ipynb"):
        report(log=log, month="2026-09", out=copied, force=True)
    after = bytes_of(folder)
    assert after.pop("report.failed.ipynb")
    assert after == before
    assert "ZeroDivisionError" in (folder / "report.failed.ipynb").read_text()


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("x = 1", "did not write its results"),
        ("open(results, 'w').write('{')", "did not write its results"),
        ("import os; os._exit(3)", "the kernel stopped"),
        ("import os; os.kill(os.getpid(), 9)", "was killed from outside, or there was not enough"),
        ("import json; json.dump({'headline': ''}, open(results, 'w'))", "do not fit their schema"),
    ],
)
def test_a_run_that_only_looks_good_is_refused(
    code: str, why: str, log: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook(code)
    with pytest.raises(ReportError, match=why):
        report(log=log, month="2026-09", out=tmp_path / "out")
    assert {p.name for p in shown(tmp_path / "out" / "monthly" / "2026-09")} == {
        "report.failed.ipynb"
    }


def test_the_users_mistake_comes_out_as_one_message(
    log: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook("from hitlsim.errors import LogError\nraise LogError('calls.csv: row 3 is odd')")
    with pytest.raises(hs.LogError) as caught:
        report(log=log, month="2026-09", out=tmp_path / "out")
    assert str(caught.value) == "calls.csv: row 3 is odd"
    assert caught.value.__suppress_context__


def test_a_full_disk_is_said_and_the_last_good_report_stands(
    copied: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied / "monthly" / "2026-09"
    before = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}

    def full(*_: Any, **__: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "execute", full)
    with pytest.raises(DiskFull, match="the disk is full; the last good report stands"):
        report(log=log, month="2026-09", out=copied, force=True)
    assert {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()} == before
    assert not (folder / ".stages").exists()


def test_the_log_that_was_read_gives_the_figures_of_the_file(log: Path, made: Any) -> None:
    """The notebook is given what was read, in a file of ours: nothing may be lost on the way."""
    from hitlsim.present.monthly.month import monthly, write_results

    direct = log.parent / "direct.json"
    write_results(monthly(hs.read_log(log), "2026-09"), direct)
    assert direct.read_bytes() == made.path_results.read_bytes()


def test_a_second_run_at_the_same_time_is_told_at_once(copied: Path, log: Path) -> None:
    with (
        FileLock(copied / "monthly" / "2026-09" / ".lock"),
        pytest.raises(ReportLocked, match="another run is making this report"),
    ):
        report(log=log, month="2026-09", out=copied, force=True)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"exeption_low": 0.1}, "parameter 'exeption_low' is unknown; known: log, mapping"),
        ({"exception_low": "0.1"}, "exception_low: '0.1' must be of type float"),
        ({"exception_low": True}, "exception_low: True must be of type float"),
        ({"month": "2026-09"}, "parameter 'month' is set by the report itself"),
        ({"results": "x.json"}, "parameter 'results' is set by the report itself"),
    ],
)
def test_a_parameter_the_notebook_does_not_declare_is_refused(
    given: dict[str, Any], why: str, log: Path, tmp_path: Path
) -> None:
    with pytest.raises(hs.ScenarioError, match=why):
        report(log=log, out=tmp_path, parameters=given)
    assert not list(tmp_path.iterdir())


def test_numpy_and_whole_numbers_are_taken_as_plain_floats() -> None:
    declared = execute.parameters_of(nbformat.read(template.notebook_of("monthly"), as_version=4))
    found = execute.checked(declared, {"exception_low": np.float32(0.5), "exception_high": 1})
    assert found == {"exception_low": 0.5, "exception_high": 1.0}
    assert [type(v) for v in found.values()] == [float, float]


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"log": "absent.csv"}, "absent.csv: cannot be read"),
        ({"mapping": "absent.yaml"}, "absent.yaml: no such file"),
        ({"month": "2026-9"}, "must be written like 2026-09"),
        ({"month": "2026-07"}, "no decisions in it; it has 2026-08, 2026-09"),
        ({"name": "daily"}, "report 'daily' is unknown; known: monthly"),
        ({"log": None}, "give either a decision log or a scenario"),
        ({"scenario": "outbound"}, "not both"),
        ({"answers": "answers.csv"}, "'monthly' has no use for answers; it takes log, mapping"),
    ],
)
def test_what_cannot_be_used_is_refused_before_anything_runs(
    wrong: dict[str, Any], why: str, log: Path, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=why):
        report(**{"log": log, "month": "2026-09", "out": tmp_path, **wrong})
    assert not list(tmp_path.iterdir())


def test_a_folder_with_braces_is_a_folder(
    log: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook("1 / 0")
    with pytest.raises(ReportError):
        report(log=log, month="2026-09", out=tmp_path / "of {team} 1")
    assert (tmp_path / "of {team} 1" / "monthly" / "2026-09" / "report.failed.ipynb").is_file()


def test_printed_text_and_notebook_talk_stay_out_of_the_page() -> None:
    notebook = nbformat.v4.new_notebook()
    talk = nbformat.v4.new_markdown_cell("for those who run it")
    talk.metadata["tags"] = [NOTEBOOK_ONLY]
    noisy = nbformat.v4.new_code_cell("print('noise')")
    noisy.outputs = [nbformat.v4.new_output("stream", name="stderr", text="noise")]
    notebook.cells = [talk, nbformat.v4.new_markdown_cell("## Kept"), noisy]
    body = notebook_body(notebook)
    assert "Kept" in body
    assert "noise" not in body
    assert "those who run it" not in body


def test_a_page_escapes_all_but_its_body() -> None:
    html = page("<i>", "<b>", "<u>", "<main-part>", "<s>")
    assert "<main-part>" in html
    assert not any(tag in html for tag in ("<i>", "<b>", "<u>", "<s>"))


@pytest.mark.browser
def test_the_page_opens_offline_with_every_figure(made: ReportResult, browser: Any) -> None:
    context = browser.new_context(offline=True, viewport={"width": 1200, "height": 900})
    tab = context.new_page()
    complaints: list[str] = []
    asked: list[str] = []
    tab.on("console", lambda message: complaints.append(message.text))
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    tab.on("requestfailed", lambda request: complaints.append(request.url))
    tab.on("request", lambda request: asked.append(request.url.split(":")[0]))
    tab.goto(made.path_html.resolve().as_uri())
    assert tab.locator("h1").inner_text() == "September 2026"
    drawn = "all => all.map(image => image.naturalWidth > 0 && image.alt.length > 0)"
    assert tab.eval_on_selector_all("img", drawn) == [True] * 5
    table = tab.locator("figure details table").first
    assert not table.is_visible()
    tab.locator("figure details summary").first.click()
    assert table.is_visible()
    assert complaints == []
    assert set(asked) <= {"file", "data"}
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1200])
def test_the_page_never_scrolls_sideways(made: ReportResult, browser: Any, width: int) -> None:
    tab = browser.new_page(viewport={"width": width, "height": 800})
    tab.goto(made.path_html.resolve().as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    tab.close()
