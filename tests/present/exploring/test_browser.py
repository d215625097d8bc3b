"""The explorer as people meet it: notebook 03 in JupyterLab, and a page of its own by Voila.

One server for all, started as a user would: ``hitlsim lab`` in what ``hitlsim init`` made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hitlsim.cli import workspace
from tests.lab import Lab, page_of, run_all, serving, turn, violations, write_notebook

pytest.importorskip("jupyterlab")
pytest.importorskip("voila")

NOTEBOOK = "03_tuning_thresholds.ipynb"
VOILA = """\
import hitlsim as hs

hs.explore("../team.yaml", runs=5)
"""
"""Notebook 03 would first tune for some seconds, as it has just done in JupyterLab."""
PICTURE = ".hitl-picture .hitl-live"
CLOCK = """() => {
  const picture = document.querySelector(".hitl-picture");
  window.seen = []; window.pressed = 0;
  new MutationObserver(() => window.seen.push(performance.now()))
    .observe(picture, {childList: true, subtree: true});
  document.querySelector(".hitl-auto").addEventListener("keydown", () => {
    window.seen = []; window.pressed = performance.now(); }, true);
}"""
CUT = """() => [...document.querySelectorAll(".hitl-explorer *")].filter(e => e.checkVisibility() &&
  !e.closest(".hitl-asked, .hitl-told > *, select") &&
  e.getBoundingClientRect().right > document.querySelector(".hitl-explorer")
    .getBoundingClientRect().right + 2).map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    folder = tmp_path_factory.mktemp("lab") / "our team"
    workspace.make(folder)
    team = folder / "team.yaml"
    team.write_text(team.read_text(encoding="utf-8") + "weeks: 6\n", encoding="utf-8")
    write_notebook(folder / "notebooks" / "explore.ipynb", VOILA)
    with serving(folder) as lab:
        yield lab


@pytest.fixture
def tab(browser: Any, server: Lab) -> Iterator[Any]:
    """A page that may speak to nobody but our own server."""
    with page_of(browser, server.url, viewport={"width": 1280, "height": 1150}) as page:
        yield page


def moved_by_keyboard(tab: Any, runs: int, times: int = 3) -> list[float]:
    """Milliseconds from the key to the new picture, with the numbers changed each time."""
    tab.get_by_text(f"From {runs} runs of each policy.").wait_for()
    tab.wait_for_timeout(2000)  # JupyterLab still lays out what the other cells show
    tab.evaluate(CLOCK)
    handle = tab.locator(".hitl-auto .noUi-handle")
    shown = tab.locator(".hitl-auto .widget-readout")
    start, took = float(shown.inner_text()), []
    for _ in range(times):
        before = tab.locator(PICTURE).text_content()
        handle.press("ArrowRight")
        tab.wait_for_function("window.pressed > 0 && window.seen.length > 0")
        took.append(tab.evaluate("window.seen[0] - window.pressed"))
        assert tab.locator(PICTURE).text_content() != before
        tab.wait_for_timeout(400)
    assert 0.01 * (times - 1) < float(shown.inner_text()) - start <= 0.01 * times + 1e-9  # by steps
    moved = r"Moved: auto(?: of [a-z ]+)? 0\.\d+ → 0\.\d+"
    assert re.search(moved, tab.locator(PICTURE).text_content())
    tab.get_by_text(f"From {runs} runs of each policy.").wait_for()
    panel = tab.locator(f"{PICTURE} svg").first  # a title may take two lines; its name does not
    assert "points more than pinned" in panel.get_attribute("aria-label")
    return took


def tell_times(where: str, took: list[float]) -> None:
    shown = ", ".join(f"{ms:.0f}" for ms in took)
    print(f"\n{where}: key to picture {shown} ms; load {os.getloadavg()[0]:.1f}")


@pytest.mark.browser
def test_in_jupyterlab_notebook_03_runs_and_a_key_moves_its_numbers(
    tab: Any, server: Lab, tmp_path: Path
) -> None:
    run_all(tab, server, NOTEBOOK)
    tab.get_by_text("| Busy").wait_for()
    tab.get_by_text("| Idle").wait_for()
    assert tab.locator(".jp-RenderedText[data-mime-type*=error]").count() == 0
    explorer = tab.locator(".hitl-explorer")
    explorer.scroll_into_view_if_needed()
    tell_times("JupyterLab", moved_by_keyboard(tab, 10))
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
    tab.locator(f"{PICTURE} p", has_text="signals of").wait_for()
    for theme in ("light", "dark"):
        turn(tab, theme)
        explorer.scroll_into_view_if_needed()
        picture = tmp_path / f"lab-{theme}.png"
        tab.screenshot(path=picture)
        assert picture.stat().st_size > 20_000
        assert violations(tab, ".hitl-explorer") == [], theme
    tab.set_viewport_size({"width": 700, "height": 1150})
    tab.wait_for_timeout(500)
    assert tab.evaluate(CUT) == []
    tab.screenshot(path=tmp_path / "lab-narrow.png")


@pytest.mark.browser
def test_in_voila_a_key_moves_the_numbers(tab: Any, server: Lab, tmp_path: Path) -> None:
    tab.goto(f"{server.url}/voila/render/notebooks/explore.ipynb?token={server.token}")
    tell_times("Voila", moved_by_keyboard(tab, 5))
    tab.locator(".hitl-why-long-wait").click()
    tab.locator(".hitl-told h4", has_text="The worst long wait").wait_for()
    tab.locator(".hitl-code").click()
    tab.get_by_text("explorer.set(auto=0.88)").wait_for()
    tab.screenshot(path=tmp_path / "voila.png")


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
