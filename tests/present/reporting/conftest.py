"""A small log, the report on it, and short notebooks in place of the long one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import numpy as np
import pytest

import hitlsim as hs
from hitlsim.present.reporting import report as module
from hitlsim.present.reporting import schema, template
from hitlsim.present.reporting.manifest import ReportResult
from hitlsim.present.reporting.report import report

from ..conftest import log_of

SHORT = """\
import json
said = {"headline": f"all is well in {month}", "record": {"source": "calls"}}
with open(results, "w") as file:
    json.dump(said, file, sort_keys=True)
print(log)"""
"""A report that says little, quickly."""


@pytest.fixture(scope="session", autouse=True)
def code_stays() -> Iterator[None]:
    """Whoever edits the code while tests run does not have their reports made anew."""
    found = module.code_sha256()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "code_sha256", lambda: found)
        yield


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("reports")


@pytest.fixture(scope="session")
def log(home: Path) -> Path:
    """Two small months; one workflow's name would be markup."""
    made = log_of({"2026-08": (300, 36, 12), "2026-09": (300, 39, 9)})
    flow = np.where(made.frame["workflow"] == "follow_up", "<script>alert(1)</script>", "routing")
    return hs.DecisionLog(made.frame.assign(workflow=flow)).to_csv(home / "calls.csv")


@pytest.fixture(scope="session")
def made(log: Path, home: Path) -> ReportResult:
    """The report of the last full month, made once for all tests here."""
    return report(log=log, out=home / "reports")


@pytest.fixture
def copied(made: ReportResult, tmp_path: Path) -> Path:
    """A copy of the good report, to be endangered."""
    shutil.copytree(made.path_html.parents[2], tmp_path / "reports")
    return tmp_path / "reports"


@pytest.fixture
def use_notebook(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Let the monthly report be a notebook with one cell of code, whose results may be any."""

    def use(code: str = SHORT) -> None:
        path = short_notebook(tmp_path, code)
        monkeypatch.setattr(template, "notebook_of", lambda name: path)
        monkeypatch.setattr(
            schema, "results_schema", lambda name, real=schema.results_schema: real("any")
        )

    return use


def short_notebook(folder: Path, code: str = SHORT) -> Path:
    """The monthly report's parameters, and one cell."""
    shipped = nbformat.read(template.notebook_of("monthly"), as_version=4)
    kept = [c for c in shipped.cells if "parameters" in c.metadata.get("tags", [])]
    shipped.cells = [*kept, nbformat.v4.new_code_cell(code)]
    path = folder / "report_monthly.ipynb"
    nbformat.write(shipped, path)
    return path
