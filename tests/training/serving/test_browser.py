"""A class in the browser, as people meet it: the desk by mouse, and the facilitator's board."""

from __future__ import annotations

import json
import os
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hitlsim.training.keeping.classroom import Classroom
from tests.lab import violations
from tests.training.serving.served import Served, cards

pytest.importorskip("voila")
pytest.importorskip("anywidget")

ITEMS, SHOW_MS = 10, 60_000
NEXT_MS = 150
WATCH = """() => {
  window.painted = [];
  document.addEventListener("click", () => { window.pressed = performance.now(); }, true);
  new MutationObserver(() => {
    const name = document.querySelector(".hitl-item")?.dataset.item;
    if (name === window.seen) return;
    window.seen = name;
    requestAnimationFrame(() => setTimeout(() =>
      window.painted.push(performance.now() - window.pressed)));
  }).observe(document.querySelector(".hitl-desk"), {childList: true, subtree: true});
}"""
CUT = """() => [...document.querySelectorAll(".hitl-board *")].filter(e => e.checkVisibility() &&
  e.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(e => e.outerHTML.slice(0, 120))"""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("class")
    (folder / "deck.json").write_text(json.dumps(cards(ITEMS).to_dict()), encoding="utf-8")
    served = Served(folder, "deck.json")
    served.start()
    yield served
    assert served.stop() == 0


@pytest.fixture
def tab(browser: Any, server: Served) -> Iterator[Any]:
    """A page that may speak to nobody but our own server; it notes where it wanted to."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(SHOW_MS)
    page.elsewhere = []
    ours = (server.base, server.base.replace("http", "ws", 1), "data:", "blob:")

    def allow(route: Any) -> None:
        if route.request.url.startswith(ours):
            route.continue_()
        else:
            page.elsewhere.append(route.request.url)
            route.abort()

    page.route("**/*", allow)
    yield page
    page.close()


def answer(tab: Any, i: int) -> None:
    """One item by mouse, each time in another way."""
    name = tab.locator(".hitl-item").get_attribute("data-item")
    if i % 3 == 2:
        tab.locator(".hitl-act-reject").click()
        tab.locator(".hitl-reason").fill("the amount is wrong")
        tab.locator(".hitl-reason").press("Enter")
    elif i % 3 == 1:
        tab.locator(".hitl-act-edit").click()
        tab.locator(".hitl-reason").press("Enter")
    else:
        tab.locator(".hitl-act-leave").click()
    tab.wait_for_function(
        "name => document.querySelector('.hitl-item')?.dataset.item !== name", arg=name
    )


@pytest.mark.browser
def test_a_class_joins_plays_a_round_by_mouse_and_is_seen_on_the_board(
    tab: Any, browser: Any, server: Served, tmp_path: Path
) -> None:
    tab.goto(f"{server.base}/")
    tab.locator("#code").fill(server.code.lower())
    tab.get_by_role("button", name="Come in").click()
    tab.locator(".hitl-join").click()
    tab.locator(".hitl-begin").click()
    tab.locator(".hitl-item").wait_for()
    tab.screenshot(path=tmp_path / "desk.png")
    tab.evaluate(WATCH)
    for i in range(ITEMS // 2):
        answer(tab, i)
    # a reload in the middle of an item, as after a server that was started anew
    before = tab.locator(".hitl-item").get_attribute("data-item")
    tab.reload()
    tab.locator(".hitl-item").wait_for()
    assert tab.locator(".hitl-item").get_attribute("data-item") == before
    took = []
    tab.evaluate(WATCH)
    for i in range(ITEMS // 2, ITEMS):
        quick = i % 3 == 0
        answer(tab, i)
        if quick:
            took.append(tab.evaluate("window.painted.at(-1)"))
    tab.locator(".hitl-begin").wait_for()  # the next round
    print(f"\nclick to next item {', '.join(f'{ms:.0f}' for ms in took)} ms; "
          f"load {os.getloadavg()[0]:.1f}")  # fmt: skip
    assert statistics.median(took) < NEXT_MS * max(1.0, os.getloadavg()[0])
    room = Classroom.open(server.folder / "class.db")
    assert [row["action"] for row in room.answer_rows()] == [
        ("leave alone", "edit", "reject")[i % 3] for i in range(ITEMS)
    ]
    assert tab.elsewhere == []
    look_at_the_board(browser, server, tmp_path)


def look_at_the_board(browser: Any, server: Served, tmp_path: Path) -> None:
    tab = browser.new_page(viewport={"width": 1280, "height": 1000})
    tab.set_default_timeout(SHOW_MS)
    tab.goto(server.board)
    tab.locator(".hitl-board").wait_for()
    assert tab.url == f"{server.base}/board"
    assert tab.locator(".hitl-big-code").inner_text() == server.code
    row = tab.locator(".hitl-people tbody tr")
    assert "avocet" in row.inner_text()
    assert "Only what is asked" in row.inner_text()
    # what would spoil the deck, or lets others in, is not on the page until it is asked for
    page = tab.content()
    assert "The amount should be" not in page
    assert "avocet-" not in page
    room = Classroom.open(server.folder / "class.db")
    room.join(room.code, "teal")
    tab.locator(".hitl-people tbody tr", has_text="teal").wait_for()  # it is live
    assert violations(tab, ".hitl-board") == []
    tab.screenshot(path=tmp_path / "board.png")
    tab.get_by_text("Ways back").click()
    tab.get_by_text("avocet-").wait_for()
    tab.get_by_text("Item by item").click()
    tab.get_by_text("1 of 1").first.wait_for()
    assert tab.locator(".hitl-items b").count() == 0  # markup stays text
    tab.get_by_label("also show which were wrong").check()
    tab.get_by_text("The amount should be").first.wait_for()
    tab.set_viewport_size({"width": 420, "height": 900})
    tab.wait_for_timeout(300)
    assert tab.evaluate(CUT) == []
    tab.screenshot(path=tmp_path / "board-narrow.png", full_page=True)
    tab.close()
