"""The page of the desk by itself, its kernel played by the test: joining, trouble, the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("anywidget")

from hitlsim.training.desk.desk import Desk
from hitlsim.training.desk.practice import Practice
from hitlsim.training.keeping.classroom import FEEDBACK, WHOLE, Classroom
from tests.lab import violations
from tests.training.desk.cards import MARKUP, deck
from tests.training.desk.test_browser import CUT

pytestmark = pytest.mark.browser
PAGE = """<!doctype html><html lang=en><title>Desk</title><style>%s</style><main id=at></main>
<script type=module>
%s
const heard = {"msg:custom": [], "change:state": []};
const given = {state: await window.first(), still: "hitl-static-x"};
window.cut = false;
const reply = async (message) => {
  const answer = await window.ask(message);
  if (!window.cut) heard["msg:custom"].forEach((hear) => hear(answer));
};
const model = {
  get: (name) => given[name],
  on: (name, hear) => heard[name].push(hear),
  off: (name, hear) => heard[name].splice(heard[name].indexOf(hear), 1),
  send: (message) => { window.sent = (window.sent ?? 0) + 1; if (!window.cut) reply(message); },
};
DESK.render({model, el: document.getElementById("at")});
</script></html>"""
Sit = Callable[[Desk], Any]


@pytest.fixture
def sit(browser: Any) -> Iterator[Sit]:
    """Put a desk on a page; loaded again it is a new desk of the same class."""
    context = browser.new_context(viewport={"width": 1100, "height": 900},
                                  reduced_motion="reduce")  # fmt: skip
    source = Practice._esm.replace("export default", "const DESK =")

    def put(desk: Desk) -> Any:
        page = context.new_page()
        page.set_default_timeout(20_000)
        loaded: list[Desk] = []

        def first() -> Any:
            loaded.append(Desk(desk.room, served=desk.served) if loaded else desk)
            return loaded[-1].screen

        page.clock.install()
        page.expose_function("first", first)
        page.expose_function("ask", lambda message: loaded[-1].handle(message))
        body = PAGE % (Practice._css, source)
        page.route("http://desk.test/**", lambda route: route.fulfill(
            body=body, content_type="text/html; charset=utf-8"))  # fmt: skip
        page.goto("http://desk.test/?code=" + (desk.room.code if desk.served else ""))
        return page

    yield put
    context.close()


@pytest.fixture
def klass(tmp_path: Path) -> Classroom:
    return Classroom.create(tmp_path / "class.db", [deck()], settings={"tell_at_once": True})


def test_whoever_joins_is_let_in_again_by_the_same_browser(
    sit: Sit, klass: Classroom, tmp_path: Path
) -> None:
    page = sit(Desk(klass, served=True))
    page.locator(".hitl-code").wait_for()
    assert page.locator(".hitl-code").input_value() == klass.code
    page.screenshot(path=tmp_path / "join.png")
    assert violations(page, ".hitl-desk") == []
    page.locator(".hitl-pseudonym").fill(MARKUP[:24])
    page.locator(".hitl-join").click()
    page.locator(".hitl-alert", has_text="is no pseudonym").wait_for()
    page.locator(".hitl-pseudonym").fill("wren")
    page.locator(".hitl-join").click()
    page.locator(".hitl-way-back-told", has_text=klass.ways_back["wren"]).wait_for()
    page.screenshot(path=tmp_path / "joined.png")
    page.locator(".hitl-begin").click()
    page.locator(".hitl-item").wait_for()
    page.keyboard.press("l")
    page.locator(".hitl-told").wait_for()
    page.screenshot(path=tmp_path / "told.png")
    assert violations(page, ".hitl-desk") == []
    page.keyboard.press("Enter")
    page.locator(".hitl-item[data-item='1-01']").wait_for()
    page.reload()
    page.locator(".hitl-item[data-item='1-01']").wait_for()
    page.get_by_text("Welcome back, wren.").wait_for()
    assert len(klass.trainees) == 1
    assert page.evaluate("window.hacked") is None


def test_a_lost_connection_loses_no_answer_and_doubles_none(
    sit: Sit, klass: Classroom, tmp_path: Path
) -> None:
    page = sit(Desk(klass, seat=klass.join(klass.code, "wren")))
    page.locator(".hitl-begin").click()
    page.locator(".hitl-item[data-item='1-00']").wait_for()
    page.evaluate("window.cut = true")
    page.locator(".hitl-act-leave").click()
    page.keyboard.press("l")
    page.clock.fast_forward(7_500)
    assert page.locator(".hitl-alert").inner_text() == ""
    page.clock.fast_forward(1_000)
    page.get_by_text("Not saved yet").wait_for()
    page.screenshot(path=tmp_path / "gone.png")
    assert klass.answer_rows() == []
    page.evaluate("window.cut = false")
    page.clock.fast_forward(4_500)
    page.locator(".hitl-told[data-item='1-00']").wait_for()
    page.get_by_text("The connection is back").wait_for()
    assert [row["action"] for row in klass.answer_rows()] == ["leave alone"]


@pytest.mark.parametrize("served", [True, False])
def test_keys_work_after_a_click_on_the_text_and_on_a_page_of_its_own_anywhere(
    sit: Sit, klass: Classroom, served: bool
) -> None:
    page = sit(Desk(klass, seat=klass.join(klass.code, "wren"), served=served))
    page.locator(".hitl-begin").click()
    page.locator(".hitl-item[data-item='1-00']").wait_for()
    page.locator(".hitl-lines").click()
    page.keyboard.press("a")
    page.get_by_text("Here you can leave alone, edit or reject.").wait_for()
    page.mouse.click(1090, 890)
    page.keyboard.press("l")
    if not served:  # in a notebook the keys elsewhere are the notebook's
        assert klass.answer_rows() == []
        page.locator(".hitl-lines").click()
        page.keyboard.press("e")
        page.locator(".hitl-reason").press("Enter")
    page.locator(".hitl-told").wait_for()
    title = page.locator(".hitl-told .hitl-title").inner_text()
    assert title == ("There was a mistake in it" if served
                     else "Well seen: there was a mistake in it")  # fmt: skip


def test_the_clock_rests_while_one_looks_elsewhere(sit: Sit, klass: Classroom) -> None:
    page = sit(Desk(klass, seat=klass.join(klass.code, "wren")))
    page.locator(".hitl-begin").click()
    page.locator(".hitl-item[data-item='1-00']").wait_for()
    for hidden in ("true", "false"):
        page.evaluate(
            f"Object.defineProperty(document, 'hidden', {{value: {hidden}, configurable: true}});"
            "document.dispatchEvent(new Event('visibilitychange'))"
        )
        page.wait_for_timeout(150)
        before = page.locator(".hitl-clock").inner_text()
        page.clock.fast_forward(60_000)
        page.wait_for_timeout(150)
        assert (page.locator(".hitl-clock").inner_text() == before) is (hidden == "true")
    page.keyboard.press("l")
    page.locator(".hitl-told").wait_for()
    did = [str(e.did) for e in klass.session("wren").events]
    assert did == ["began", "shown", "paused", "shown", "answered"]


def test_a_server_that_was_restarted_gets_the_answer_that_was_on_its_way(
    sit: Sit, klass: Classroom
) -> None:
    page = sit(Desk(klass, served=True))
    page.locator(".hitl-pseudonym").fill("wren")
    page.locator(".hitl-join").click()
    page.locator(".hitl-begin").click()
    page.locator(".hitl-item[data-item='1-00']").wait_for()
    page.evaluate("window.cut = true")  # until the page is loaded anew
    page.locator(".hitl-act-leave").click()
    for _ in range(6):
        page.clock.fast_forward(4_000)
        page.wait_for_timeout(150)
    page.get_by_text("Your last answer is saved now.").wait_for()
    assert [(r["item_id"], r["action"]) for r in klass.answer_rows()] == [("1-00", "leave alone")]


def test_the_end_shows_the_feedback_and_offers_the_second_deck(
    sit: Sit, room: Classroom, tmp_path: Path
) -> None:
    seat = room.join(room.code, "wren")
    session = room.session("wren")
    while session.next_item is not None:
        session.begin()
        session.answer("leave alone")
    page = sit(Desk(room, seat=seat, served=True))
    page.get_by_text("Your feedback is being made").wait_for()
    room.keep_shown("wren", "A", FEEDBACK, "<p>You caught <b>two</b> of six.</p>")
    page.clock.fast_forward(2_000)
    page.locator(".hitl-feedback b", has_text="two").wait_for()
    room.keep_shown("wren", "A", FEEDBACK, "<p>You caught <b>two</b>.</p><p>Twelve weeks</p>")
    room.keep_shown("wren", "A", WHOLE, "")
    page.clock.fast_forward(6_000)
    page.locator(".hitl-feedback", has_text="Twelve weeks").wait_for()
    page.set_viewport_size({"width": 420, "height": 900})
    assert page.evaluate(CUT) == []
    page.screenshot(path=tmp_path / "done.png")
    page.locator(".hitl-second").click()
    page.get_by_text("Round 1 of 3").wait_for()
    assert page.locator(".hitl-desk").is_visible()
