"""A run that is killed, whenever that is, leaves no half-written report; the next one succeeds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from hitlsim.present.reporting.manifest import FAILED, MANIFEST, manifest_of

from .conftest import short_notebook

KILLS = int(os.environ.get("HITLSIM_KILLS", "6"))
"""Six in the gate; ``make verify`` tries fifty."""
SERVER = """\
import os, sys, traceback, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import nbconvert, papermill
from hitlsim.present.monthly import month
from hitlsim.present.reporting import report as module, schema, template
notebook, log, out = sys.argv[1:]
template.notebook_of = lambda name: Path(notebook)
schema.results_schema = lambda name, real=schema.results_schema: real("any")
print(0, flush=True)
for high in sys.stdin:
    pid = os.fork()
    if not pid:
        try:
            values = {"exception_high": float(high)}
            module.report(log=log, month="2026-09", out=out, parameters=values)
            os._exit(0)
        except BaseException:
            traceback.print_exc()
            os._exit(1)
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
"""
"""Runs reports one after the other, each in a process of its own that has its imports already."""


class Runs:
    """Starts runs, each with other parameters, and kills them."""

    def __init__(self, server: subprocess.Popen[str]) -> None:
        self.server = server
        self.started = 0
        self.read()  # it is ready

    def one(self, seconds: float | None = None) -> int:
        """A run's exit status; it is killed after so many seconds."""
        assert self.server.stdin is not None
        self.started += 1
        self.server.stdin.write(f"{0.2 + self.started / 1000}\n")
        self.server.stdin.flush()
        pid = self.read()
        if seconds is not None:
            time.sleep(seconds)
            with suppress(ProcessLookupError):  # it was quicker this time
                os.kill(pid, signal.SIGKILL)
        return self.read()

    def read(self) -> int:
        assert self.server.stdout is not None
        return int(self.server.stdout.readline())


@contextmanager
def runs(notebook: Path, log: Path, out: Path) -> Iterator[Runs]:
    command = [sys.executable, "-c", SERVER, str(notebook), str(log), str(out)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield Runs(server)
        assert server.stdin is not None
        server.stdin.close()


def must_be_whole(folder: Path) -> None:
    """Each file by itself, and all of them together unless the next run puts them right."""
    if not folder.exists():
        return
    files: dict[str, Any] = {p.name: p for p in folder.iterdir() if not p.name.startswith(".")}
    if page := files.get("report.html"):
        assert page.read_text().endswith("</html>\n")
    if notebook := files.get("report.ipynb"):
        nbformat.validate(nbformat.read(notebook, as_version=4))
    for name in ("results.json", MANIFEST):
        if name in files:
            json.loads(files[name].read_text())
    assert FAILED not in files
    if page:
        waiting = list((folder / ".stages").glob("*/report.ipynb"))
        assert manifest_of(folder) is not None or waiting or MANIFEST not in files


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of Unix")
def test_sigkill_at_any_moment_leaves_whole_reports_only(log: Path, tmp_path: Path) -> None:
    """Moments are drawn with a fixed seed over nine tenths of the time that one run takes."""
    out = tmp_path / "out"
    folder = out / "monthly" / "2026-09"
    with runs(short_notebook(tmp_path), log, out) as started:
        assert started.one() == 0  # the first in a new checkout takes longer
        began = time.monotonic()
        assert started.one() == 0
        takes = time.monotonic() - began
        assert manifest_of(folder) is not None
        killed = 0
        for share in np.random.default_rng(7).uniform(0, 0.9, 4 * KILLS).tolist():
            began = time.monotonic()
            if started.one(share * takes) == signal.SIGKILL:
                killed += 1
            else:  # the machine is quicker now than when it was timed
                takes = min(takes, time.monotonic() - began)
            must_be_whole(folder)
            if killed == KILLS:
                break
        assert killed == KILLS
        assert started.one() == 0
    made = manifest_of(folder)
    assert made is not None
    assert made["parameters"] == {"exception_high": 0.2 + started.started / 1000}
    assert {p.name for p in folder.iterdir() if p.name.startswith(".")} == {".lock"}
