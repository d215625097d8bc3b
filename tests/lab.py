"""JupyterLab as a user starts it, and what tests in a browser do there."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

START_S = 90


class Lab(NamedTuple):
    """``hitlsim lab`` serving a workspace, Voila beside it."""

    url: str
    token: str
    folder: Path


@contextmanager
def serving(folder: Path) -> Iterator[Lab]:
    """JupyterLab in a workspace, with settings of its own beside it."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run",
           "IPYTHONDIR": "ipython"}  # fmt: skip
    env = {**os.environ, **{name: str(folder.parent / each) for name, each in own.items()}}
    command = "from hitlsim.cli import main; main()"
    log = folder.parent / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-c", command, "lab", str(folder), "--no-browser",
             "--port", str(port)],
            env=env, stdout=out, stderr=out, cwd=folder.parent,
        )  # fmt: skip
    try:
        yield Lab(f"http://127.0.0.1:{port}", _token(process, log), folder)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(START_S)


def _token(process: subprocess.Popen[bytes], log: Path) -> str:
    """What the address has that it tells people to open."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        found = re.search(r"http://127\.0\.0\.1:\d+/lab\S*token=(\w+)", log.read_text("utf-8"))
        if found:
            return found[1]
        time.sleep(0.1)
    pytest.fail(f"the server did not start: {log.read_text('utf-8')[-2000:]}")


def write_notebook(path: Path, cell: str) -> None:
    """A notebook of one cell."""
    import nbformat

    code = nbformat.v4.new_code_cell(cell, id=path.stem)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(
        nbformat.v4.new_notebook(cells=[code], metadata={"kernelspec": kernel}), path
    )  # fmt: skip


@contextmanager
def page_of(browser: Any, url: str, *, timeout_ms: int = 120_000, **how: Any) -> Iterator[Any]:
    """A page that may speak to nobody but our own server."""
    page = browser.new_page(**how)
    page.set_default_timeout(timeout_ms)
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(
        (url, url.replace("http", "ws"), "data:", "blob:"))
        else route.abort())  # fmt: skip
    yield page
    page.close()


def run_all(tab: Any, lab: Lab, notebook: str) -> None:
    """Open a notebook and run all its cells."""
    tab.goto(f"{lab.url}/lab/tree/notebooks/{notebook}?reset&token={lab.token}")
    tab.get_by_text("| Idle").wait_for()  # before that a run is lost
    tab.get_by_role("menuitem", name="Run", exact=True).click()
    tab.get_by_role("menuitem", name="Run All Cells", exact=True).click()


def turn(tab: Any, theme: str) -> None:
    """To JupyterLab's light or dark colours, by its list of commands."""
    tab.keyboard.press("Control+Shift+C")
    tab.locator(".lm-CommandPalette-input").fill(f"Use Theme: JupyterLab {theme}")
    named = re.compile(f"^Use Theme: JupyterLab {theme}$", re.IGNORECASE)
    tab.locator(".lm-CommandPalette-itemLabel", has_text=named).click()
    light = "true" if theme == "light" else "false"
    tab.locator(f"body[data-jp-theme-light={light}]").wait_for(state="attached")
    tab.wait_for_timeout(500)


def violations(tab: Any, part: str) -> list[str]:
    """What an accessibility checker calls serious or worse, of one part of a page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(tab, context=part).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found
            if v["impact"] in ("serious", "critical")]  # fmt: skip
