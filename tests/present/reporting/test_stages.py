"""A run that died goes on where it was, and leaves nothing once it is done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest

import hitlsim as hs
from hitlsim.present.reporting import pdf as printing
from hitlsim.present.reporting.failures import DiskFull, ReportError
from hitlsim.present.reporting.front import Front
from hitlsim.present.reporting.report import report
from hitlsim.present.reporting.stages import Stages

COUNTING = """\
import json
with open("runs.txt", "a") as file:
    file.write("x")
with open(results, "w") as file:
    json.dump({"headline": f"well in {month}", "record": {"source": "calls"}}, file)"""


def taken_over(path: Path) -> dict[str, bool]:
    return {s["stage"]: s["taken_over"] for s in json.loads(path.read_text())["stages"]}


def hidden(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir() if p.name.startswith(".")}


class Died(BaseException):
    """As sudden as a signal."""


def test_what_a_dead_run_had_done_is_taken_over(
    log: Path, tmp_path: Path, use_notebook: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_notebook(COUNTING)
    given: dict[str, Any] = {"log": log, "month": "2026-09", "out": tmp_path / "out"}

    def die(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Front, "page", die)
        with pytest.raises(Died):
            report(**given)
    folder = tmp_path / "out" / "monthly" / "2026-09"
    assert not (folder / "report.html").exists()
    lines: list[str] = []
    made = report(**given, progress=lines.append)
    assert lines == ["writing the page"]  # the log was not read again, the notebook not run
    assert taken_over(made.path_manifest) == {"log": True, "notebook": True, "page": False}
    assert (folder / "runs.txt").read_text() == "x"
    assert hidden(folder) == {".lock"}


@pytest.mark.parametrize("change", [{"parameters": {"exception_high": 0.2}}, {"force": True}])
def test_nothing_is_taken_over_from_another_question_or_by_force(
    change: dict[str, Any],
    log: Path,
    tmp_path: Path,
    use_notebook: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_notebook(COUNTING)
    given: dict[str, Any] = {"log": log, "month": "2026-09", "out": tmp_path}

    def die(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(Front, "page", die)
        with pytest.raises(Died):
            report(**given)
    made = report(**given, **change)
    assert not any(taken_over(made.path_manifest).values())
    assert (made.path_html.parent / "runs.txt").read_text() == "xx"
    assert hidden(made.path_html.parent) == {".lock"}


def test_a_stage_is_done_whole_or_not_at_all(tmp_path: Path) -> None:
    stages = Stages(tmp_path, "0" * 64)

    def half(partial: Path) -> None:
        partial.write_text("half")
        raise ReportError("it broke")

    with pytest.raises(ReportError):
        stages.take("page", "page.html", half)
    assert not stages.file("page.html").exists()
    stages.take("page", "page.html", lambda partial: _write(partial, "whole"))
    assert stages.file("page.html").read_text() == "whole"
    assert [s["taken_over"] for s in stages.told] == [False]


def test_a_log_in_memory_and_a_simulated_one_lie_beside_their_report(
    log: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook(COUNTING)
    read = hs.read_log(log)
    made = report(log=read, out=tmp_path)
    folder = made.path_html.parent
    assert hs.read_log(folder / "log.parquet").frame.equals(read.frame)
    given = nbformat.read(folder / "report.ipynb", as_version=4).metadata["papermill"]
    assert given["parameters"]["log"] == "log.parquet"
    assert report(log=read, out=tmp_path).skipped
    assert "log.parquet" in json.loads(made.path_manifest.read_text())["outputs"]
    with pytest.raises(hs.LogError, match="a mapping is for a log in a file"):
        report(log=read, mapping="map.yaml", out=tmp_path)
    scenario = hs.load("outbound").with_(weeks=6)
    lines: list[str] = []
    made = report(scenario=scenario, month="2026-08", out=tmp_path, progress=lines.append)
    assert lines[0] == "simulating outbound, seed 7"
    kept = made.path_html.parent / "log.parquet"
    assert hs.read_log(kept).frame.equals(hs.simulate(scenario, seed=7).log.frame)
    assert report(scenario=scenario, month="2026-08", out=tmp_path).skipped


# --- a full disk ----------------------------------------------------------------------------------


def test_a_disk_that_is_full_for_the_notebook_is_a_full_disk(
    log: Path, tmp_path: Path, use_notebook: Callable[[str], None]
) -> None:
    use_notebook('raise OSError(28, "No space left on device", "results.json")')
    with pytest.raises(DiskFull, match="make room and run again"):
        report(log=log, month="2026-09", out=tmp_path)
    assert not (tmp_path / "monthly" / "2026-09" / "report.html").exists()


# --- the PDF --------------------------------------------------------------------------------------


def test_without_a_chromium_the_page_stands_and_it_is_said_why(
    log: Path, tmp_path: Path, use_notebook: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    use_notebook()
    monkeypatch.setattr(printing, "chromium", lambda: None)
    made = report(log=log, month="2026-09", out=tmp_path, pdf=True)
    assert made.path_html.is_file()
    assert made.path_pdf is None
    assert "no Chromium, Chrome, Edge or Brave was found" in made.no_pdf
    # and when there is one, only the PDF is made
    browser = _browser_that(tmp_path, "printf '%%PDF-1.4\\n%%%%EOF\\n' > \"$out\"")
    monkeypatch.setattr(printing, "chromium", lambda: str(browser))
    lines: list[str] = []
    again = report(log=log, month="2026-09", out=tmp_path, pdf=True, progress=lines.append)
    assert lines == ["printing the PDF"]
    assert again.path_pdf is not None
    assert again.path_pdf.read_bytes().startswith(b"%PDF-")
    assert report(log=log, month="2026-09", out=tmp_path, pdf=True).skipped


@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("printf '%%PDF-1.4 half' > \"$out\"", "exit code 0"),
        ("echo 'no display' >&2; exit 3", "exit code 3: no display"),
    ],
)
def test_half_a_pdf_is_none(
    script: str,
    why: str,
    log: Path,
    tmp_path: Path,
    use_notebook: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    use_notebook()
    browser = _browser_that(tmp_path, script)
    monkeypatch.setattr(printing, "chromium", lambda: str(browser))
    made = report(log=log, month="2026-09", out=tmp_path, pdf=True)
    assert made.path_pdf is None
    assert why in made.no_pdf
    folder = made.path_html.parent
    assert {p.suffix for p in folder.iterdir() if p.name != ".lock"} == {
        ".html", ".ipynb", ".json",
    }  # fmt: skip


def _browser_that(folder: Path, script: str) -> Path:
    """A stand-in for a browser: a shell script that finds where it shall print to."""
    path = folder / "browser"
    path.write_text(
        '#!/bin/sh\nfor a in "$@"; do case $a in --print-to-pdf=*) out=${a#--print-to-pdf=};; '
        f"esac; done\n{script}\n"
    )
    path.chmod(0o755)
    return path


@pytest.mark.browser
def test_a_page_is_printed_with_its_tables_open(tmp_path: Path) -> None:
    if printing.chromium() is None:
        pytest.skip("no Chromium on this machine")
    page, target = tmp_path / "page.html", tmp_path / "page.pdf"
    rows = "".join(f"<p>row {i}</p>" for i in range(200))
    sizes = []
    for html in (f"<details><summary>s</summary>{rows}</details>", "<p>short</p>"):
        page.write_text(f"<!DOCTYPE html><style>@page {{ size: A4 }}</style>{html}")
        printing.print_pdf(page, target, tmp_path)
        sizes.append(target.read_bytes().count(b"/Type /Page\n"))
    assert sizes[0] > 3
    assert sizes[1] == 1
    assert b"/MediaBox [0 0 59" in target.read_bytes()  # A4: 595 points wide
    assert {p.name for p in tmp_path.iterdir()} == {"page.html", "page.pdf"}


def _write(path: Path, text: str) -> None:
    path.write_text(text)
