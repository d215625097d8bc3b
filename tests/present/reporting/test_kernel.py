"""What a run needs beside its report: a folder for its kernel, and libraries that come quickly."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from hitlsim.present.reporting.kernel import own_kernel

KILLED = """\
import os, signal
from hitlsim.present.reporting.kernel import own_kernel
with own_kernel() as (_, _, errors):
    print(errors.parent, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""
IMPORTED = """\
import sys
from pathlib import Path
from hitlsim.present.reporting.notebooks import read_notebook
from hitlsim.present.reporting.template import notebook_of
read_notebook(notebook_of("monthly"))
print("rfc3987_syntax" in sys.modules)
from jsonschema import Draft202012Validator, FormatChecker
held = Draft202012Validator({"format": "iri"}, format_checker=FormatChecker())
print(held.is_valid("https://b\u00fccher.example/"), held.is_valid("<no iri>"))
"""


def said(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of Unix")
def test_the_next_run_sweeps_up_after_a_killed_one_and_after_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)  # it is looked up once
    left = Path(said(KILLED).strip())
    assert left.parent == tmp_path
    assert (left / "errors.txt").is_file()
    running = tmp_path / f"hs-{os.getpid()}-other"
    others = tmp_path / "hs-notes-2026"
    for folder in (running, others):
        folder.mkdir()
    with own_kernel() as (_, _, errors):
        assert {p.name for p in tmp_path.iterdir()} == {
            errors.parent.name, running.name, others.name,
        }  # fmt: skip
    assert {p.name for p in tmp_path.iterdir()} == {running.name, others.name}


def test_a_notebook_is_read_without_grammars_and_iris_are_still_checked() -> None:
    assert said(IMPORTED).split() == ["False", "True", "False"]
