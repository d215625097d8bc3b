"""The explorer as people meet it: in JupyterLab, and as a page of its own by Voila."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("jupyterlab")
pytest.importorskip("voila")

CELL = """\
from hitlsim.present.exploring.session import explore

explorer = explore("on-the-loop", runs=5)
explorer
"""
HEAD = ".hitl-picture svg .head"
CLOCK = """() => {
  const picture = document.querySelector(".hitl-picture");
  window.seen = []; window.pressed = 0;
  new MutationObserver(() => window.seen.push(performance.now()))
    .observe(picture, {childList: true, subtree: true});
  document.querySelector(".hitl-auto").addEventListener("keydown", () => {
    window.seen = []; window.pressed = performance.now(); }, true);
}"""
START_S, SHOW_MS = 60, 60_000


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """JupyterLab with Voila beside it, on a port of its own, with one notebook."""
    import nbformat

    root = tmp_path_factory.mktemp("lab")
    cell = nbformat.v4.new_code_cell(CELL, id="explore")
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": kernel})
    nbformat.write(notebook, root / "explore.ipynb")
    page = root / "config" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True)
    quiet = {"@jupyterlab/apputils-extension:announcements": True}  # it asks the network
    page.write_text(json.dumps({"disabledExtensions": quiet}))
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data", "JUPYTER_RUNTIME_DIR": "run",
           "IPYTHONDIR": "ipython"}  # fmt: skip
    env = {**os.environ, **{name: str(root / folder) for name, folder in own.items()}}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1",
        f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
        f"--ServerApp.root_dir={root}",
    ]  # fmt: skip
    log = root / "log.txt"
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=env, stdout=out, stderr=out, cwd=root)
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process, log)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"the server did not start: {log.read_text()[-2000:]}")


@pytest.fixture
def tab(browser: Any, server: str) -> Iterator[Any]:
    """A page that may speak to nobody but our own server."""
    page = browser.new_page(viewport={"width": 1280, "height": 1150})
    page.set_default_timeout(SHOW_MS)
    page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(
        (server, server.replace("http", "ws"), "data:", "blob:")) else route.abort())  # fmt: skip
    yield page
    page.close()


def moved_by_keyboard(tab: Any, times: int = 3) -> list[float]:
    """Milliseconds from the key to the new picture, with the picture changed each time."""
    tab.locator(HEAD).wait_for()
    tab.get_by_text("From 5 runs of each policy.").wait_for()
    tab.evaluate(CLOCK)
    handle = tab.locator(".hitl-auto .noUi-handle")
    took = []
    for _ in range(times):
        before = tab.locator(".hitl-picture svg").inner_html()
        handle.press("ArrowRight")
        tab.wait_for_function("window.pressed > 0 && window.seen.length > 0")
        took.append(tab.evaluate("window.seen[0] - window.pressed"))
        assert tab.locator(".hitl-picture svg").inner_html() != before
        tab.wait_for_timeout(400)
    assert "auto 0.85 → 0.88" in tab.locator(".hitl-picture svg").text_content()
    assert "points more" in tab.locator(".hitl-picture svg").text_content()
    assert tab.locator(".hitl-auto .widget-readout").inner_text() == "0.88"
    return took


def tell_times(where: str, took: list[float]) -> None:
    shown = ", ".join(f"{ms:.0f}" for ms in took)
    print(f"\n{where}: key to picture {shown} ms; load {os.getloadavg()[0]:.1f}")


@pytest.mark.browser
def test_in_jupyterlab_a_key_moves_the_numbers_and_a_mark_tells_why(
    tab: Any, server: str, tmp_path: Path
) -> None:
    tab.goto(f"{server}/lab/tree/explore.ipynb?reset")
    tab.get_by_text("| Idle").wait_for()  # before that a run is lost
    tab.get_by_role("menuitem", name="Run", exact=True).click()
    tab.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    tell_times("JupyterLab", moved_by_keyboard(tab))
    assert not tab.locator("[class^=hitl-static]").is_visible()
    # what the saved notebook will show without a kernel keeps up
    still = "document.querySelector('[class^=hitl-static] img').alt"
    tab.wait_for_function(f"/points more than pinned/.test({still})")
    row = tab.locator(".hitl-picture [role=button]").nth(3)
    row.focus()
    row.press("Enter")
    tab.locator(".hitl-told h4", has_text="The worst silent error of shadow").wait_for()
    tab.locator(".hitl-signals select").focus()
    tab.keyboard.press("Home")
    tab.get_by_text("signals negative sentiment, first time", exact=False).first.wait_for()
    serious = violations(tab)
    picture = tmp_path / "lab.png"
    tab.screenshot(path=picture)
    assert picture.stat().st_size > 20_000
    assert serious == []


@pytest.mark.browser
def test_in_voila_a_key_moves_the_numbers(tab: Any, server: str, tmp_path: Path) -> None:
    tab.goto(f"{server}/voila/render/explore.ipynb")
    tell_times("Voila", moved_by_keyboard(tab))
    tab.locator(".hitl-why-long-wait").click()
    tab.locator(".hitl-told h4", has_text="The worst long wait").wait_for()
    tab.locator(".hitl-code").click()
    tab.get_by_text("explorer.set(auto=0.88)").wait_for()
    tab.screenshot(path=tmp_path / "voila.png")


def violations(tab: Any) -> list[str]:
    """What an accessibility checker calls serious or worse, of the explorer alone."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    found = axe.Axe().run(tab, context=".hitl-explorer").response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found
            if v["impact"] in ("serious", "critical")]  # fmt: skip


@pytest.mark.browser
def test_an_export_without_a_kernel_is_not_blank(browser: Any, tmp_path: Path) -> None:
    """What nbconvert makes of an executed notebook, opened without any network."""
    import nbformat
    from nbconvert import HTMLExporter

    from hitlsim.present.exploring.session import explore
    from hitlsim.present.exploring.widget import View

    explorer = explore("on-the-loop", runs=1)
    view = View(explorer)
    still = f'<div class="hitl-static-x">{explorer.picture._repr_html_()}</div>'
    dead = {"version_major": 2, "version_minor": 0, "model_id": view.box.model_id}
    cell = nbformat.v4.new_code_cell("explorer", id="a")
    cell.outputs = [
        nbformat.v4.new_output(
            "display_data",
            {"application/vnd.jupyter.widget-view+json": dead, "text/plain": "VBox()"},
        ),
        nbformat.v4.new_output("display_data", {"text/html": still}),
    ]
    html, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    path = tmp_path / "export.html"
    path.write_text(html, encoding="utf-8")
    context = browser.new_context(offline=True)
    tab = context.new_page()
    tab.goto(path.as_uri())
    image = tab.locator(".hitl-static-x img")
    assert image.is_visible()
    assert image.evaluate("i => i.naturalWidth") > 500
    assert "exceptions" in image.get_attribute("alt")
    tab.locator(".hitl-static-x summary").click()
    assert tab.locator(".hitl-static-x table").is_visible()
    context.close()
