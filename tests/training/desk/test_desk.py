"""What a view asks of the desk, and what it is answered, whatever goes wrong."""

from __future__ import annotations

import json
import sqlite3
from itertools import count
from typing import Any

import pytest

from hitlsim.training.acts import Act, Round
from hitlsim.training.desk.desk import Desk
from hitlsim.training.desk.words import ACT_WORDS, ROUND_WORDS, SURE_WORDS
from hitlsim.training.keeping.classroom import FAILED, FEEDBACK, WHOLE, Classroom
from hitlsim.training.playing.rules import SURE
from tests.training.desk.cards import deck
from tests.training.playing.cards import FAULT, small

_number = count(1)
_TELLING = ("right", "fault", "mended", "planted", "truth", FAULT.told, FAULT.mended[0], "harm")


def ask(desk: Desk, do: str, **more: Any) -> dict[str, Any]:
    return desk.handle({"id": f"m{next(_number)}", "do": do, **more})


def answer(desk: Desk, act: str = "leave alone", **more: Any) -> dict[str, Any]:
    return ask(desk, "answer", act=act, item_id=desk.screen["item"]["item_id"], **more)


def played(desk: Desk, items: int) -> dict[str, Any]:
    """So many items left alone; the last reply."""
    reply: dict[str, Any] = {}
    for _ in range(items):
        if desk.screen["stage"] == "briefing":
            ask(desk, "begin")
        reply = answer(desk)
    return reply


# --- a class -------------------------------------------------------------------------------------


def test_whoever_joins_gets_a_way_back_that_leads_to_the_same_item(room: Classroom) -> None:
    desk = Desk(room, served=True)
    assert desk.screen == {"stage": "join", "served": True}
    told = ask(desk, "join", code=room.code.lower(), pseudonym="wren")["state"]
    assert (told["stage"], told["trainee"], told["code"]) == ("briefing", "wren", room.code)
    played(desk, 2)
    again = Desk(Classroom.open(room.path), served=True)
    back = ask(again, "back", way_back=told["way_back"])["state"]
    assert (back["item"]["item_id"], back["timed"]) == ("1-03", True)
    assert back["progress"]["done_in_all"] == 2


def test_to_join_twice_by_one_page_takes_one_seat(room: Classroom) -> None:
    desk = Desk(room, served=True)
    message = {"id": "a", "do": "join", "code": room.code, "pseudonym": ""}
    assert desk.handle(message) == desk.handle(message)
    assert ask(desk, "join", code=room.code)["ok"]
    assert len(room.trainees) == 1


@pytest.mark.parametrize(
    ("do", "more", "said"),
    [
        ("join", {"code": "NO"}, "is not this class's code"),
        ("join", {}, "is not this class's code"),
        ("back", {"way_back": "<b>"}, "is nobody's way back here"),
        ("begin", {}, "take a seat first"),
        ("answer", {"act": "edit"}, "take a seat first"),
        ("second", {}, "take a seat first"),
        ("fly", {}, "'fly' is nothing a desk does"),
    ],
)
def test_without_a_seat_nothing_is_done_and_it_says_so(
    room: Classroom, do: str, more: dict[str, Any], said: str
) -> None:
    reply = ask(Desk(room, served=True), do, **more)
    assert not reply["ok"]
    assert said in reply["error"]
    assert reply["state"]["stage"] == "join"


@pytest.mark.parametrize("message", [None, [], "x", {}, {"id": 3, "do": None}, {"do": ["a"]}])
def test_what_is_no_message_is_refused_and_the_desk_lives(desk: Desk, message: Any) -> None:
    assert "is nothing a desk does" in desk.handle(message)["error"]
    assert ask(desk, "begin")["ok"]


def test_a_round_that_is_not_open_waits_and_polling_finds_it_open(room: Classroom) -> None:
    path = room.path.with_name("together.db")
    together = Classroom.create(path, [small()], settings={"together": True})
    desk = Desk(together, seat=together.join(together.code, "wren"))
    played(desk, 4)
    assert (desk.screen["stage"], desk.screen["waits"]) == ("briefing", True)
    assert "has not been opened yet" in ask(desk, "begin")["error"]
    together.open_round()
    assert ask(desk, "poll")["state"]["waits"] is False


# --- what is shown -------------------------------------------------------------------------------


def test_nothing_that_is_sent_before_the_end_tells_what_is_right(desk: Desk) -> None:
    sent = [desk.screen]
    while desk.screen["stage"] != "done":
        if desk.screen["stage"] == "briefing":
            sent.append(ask(desk, "begin"))
        if desk.screen["can_open"]:
            sent.append(ask(desk, "open"))
        sent.append(answer(desk, "edit"))
    for each in sent[:-1]:
        text = json.dumps(each)
        # the title of no item, and no word of the desk, has any of these in it
        assert not [word for word in _TELLING if f'"{word}' in text or word in text.split('"')]
        assert FAULT.told not in text
        assert FAULT.mended[0] not in text


def test_a_right_and_a_wrong_item_look_the_same_but_for_their_name(room: Classroom) -> None:
    desk = Desk(room, seat=room.join(room.code, "wren"))
    ask(desk, "begin")
    items = []
    for _ in range(4):
        items.append({k: v for k, v in desk.screen["item"].items() if k != "item_id"})
        answer(desk)
    assert items == [items[0]] * 4


def test_a_closed_item_is_a_line_until_it_is_opened(desk: Desk) -> None:
    played(desk, 4)
    line = ask(desk, "begin")["state"]
    assert {"lines", "context", "account", "history"}.isdisjoint(line["item"])
    assert line["item"]["asked"] == ["confidence below the band"]
    assert [a["act"] for a in line["acts"]] == ["leave alone", "approve"]
    opened = ask(desk, "open", item_id=line["item"]["item_id"])["state"]
    assert opened["item"]["lines"] == ["Would Friday suit you?"]
    assert [a["act"] for a in opened["acts"]] == ["approve", "edit", "reject"]
    assert not opened["can_open"]


def test_in_the_shadow_round_nothing_says_whether_the_rules_would_ask(desk: Desk) -> None:
    told = [ask(desk, "begin")["state"]["item"], answer(desk)["state"]["item"]]
    assert [(i["asks"], i["asked"], i["standing"]) for i in told] == [(False, [], "")] * 2


@pytest.mark.parametrize(("show", "expected"), [(True, 0.8), (False, None)])
def test_confidence_is_shown_only_where_the_class_says_so(
    room: Classroom, show: bool, expected: float | None
) -> None:
    path = room.path.with_name("other.db")
    other = Classroom.create(path, [small()], settings={"show_confidence": show, "ask_sure": True})
    desk = Desk(other, seat=other.join(other.code))
    state = ask(desk, "begin")["state"]
    assert state["item"]["confidence"] == expected
    assert [s["sure"] for s in state["ask_sure"]] == [0.05, 0.25, 0.5, 0.75, 0.95]
    assert "asks how sure you are" in answer(desk)["error"]
    assert answer(desk, sure=0.75)["ok"]
    assert other.answer_rows()[0]["sure"] == 0.75


def test_a_mistake_is_told_at_once_where_that_is_chosen(room: Classroom) -> None:
    path = room.path.with_name("other.db")
    other = Classroom.create(path, [small()], settings={"tell_at_once": True})
    desk = Desk(other, seat=other.join(other.code))
    told = played(desk, 3)["state"]
    assert (told["stage"], told["told"]["told"]) == ("told", FAULT.told)
    assert told["told"]["mended"] == list(FAULT.mended)
    assert told["told"]["stopped"] is False  # one who has stopped it is told so
    assert told["progress"]["done"] == 3
    after = ask(desk, "next")["state"]
    assert (after["stage"], after["item"]["item_id"]) == ("item", "1-04")


# --- twice, elsewhere, broken --------------------------------------------------------------------


def test_a_double_click_answers_one_item(desk: Desk, room: Classroom) -> None:
    ask(desk, "begin")
    twice = {"do": "answer", "act": "leave alone", "item_id": "1-01"}
    first, second = desk.handle({"id": "a", **twice}), desk.handle({"id": "b", **twice})
    assert first["ok"]
    assert second["ok"]
    assert "the first answer counts" in second["note"]
    assert [row["item_id"] for row in room.answer_rows()] == ["1-01"]


def test_two_windows_neither_lose_nor_double_an_answer(desk: Desk, room: Classroom) -> None:
    ask(desk, "begin")
    other = Desk(Classroom.open(room.path))
    ask(other, "back", way_back=room.ways_back["wren"])
    ask(other, "answer", act="reject", reason="the day", item_id="1-01")
    reply = ask(desk, "answer", act="leave alone", item_id="1-01")
    assert "the first answer counts" in reply["note"]
    assert reply["state"]["item"]["item_id"] == "1-02"
    answer(desk, "edit")
    assert "is not before you" not in answer(other).get("error", "")
    assert [(r["item_id"], r["action"]) for r in room.answer_rows()] == [
        ("1-01", "reject"), ("1-02", "edit")]  # fmt: skip


def test_a_reload_in_mid_item_shows_it_again_and_does_not_guess_its_time(
    desk: Desk, room: Classroom
) -> None:
    ask(desk, "begin")
    again = Desk(Classroom.open(room.path))
    assert ask(again, "back", way_back=room.ways_back["wren"])["state"]["item"]["item_id"] == "1-01"
    answer(again, seen_seconds=0.0)
    assert room.answer_rows()[0]["dwell_seconds"] is None


def test_leaving_the_page_stops_the_clock_and_coming_back_starts_it(desk: Desk) -> None:
    ask(desk, "begin")
    assert ask(desk, "pause", seen_seconds=0.0)["state"]["timed"] is False
    assert ask(desk, "show")["state"]["timed"] is True


def test_a_clock_that_jumps_is_not_believed(
    desk: Desk, room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(desk, "begin")
    monkeypatch.setattr("time.time", lambda: 4e9)
    for claimed in (1e9, float("nan"), -5, "x", True):
        answer(desk, seen_seconds=claimed)
        if desk.screen["stage"] == "briefing":
            ask(desk, "begin")
    times = [row["dwell_seconds"] for row in room.answer_rows()]
    assert all(0 <= t < 60 for t in times)


def test_a_locked_file_saves_nothing_says_so_and_goes_on_when_it_is_free(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hitlsim.training.keeping.store.WAIT_SECONDS", 0.05)
    mine = Classroom.open(room.path)
    desk = Desk(mine, seat=mine.join(mine.code, "wren"))
    ask(desk, "begin")
    other = sqlite3.connect(room.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    reply = answer(desk, "edit")
    assert not reply["ok"]
    assert "holds it locked; nothing was saved" in reply["error"]
    assert reply["state"]["item"]["item_id"] == "1-01"
    other.execute("ROLLBACK")
    other.close()
    assert answer(desk, "edit")["ok"]
    assert len(room.answer_rows()) == 1


def test_a_full_disk_saves_nothing_says_so_and_goes_on_when_there_is_room(room: Classroom) -> None:
    full = Classroom.create(room.path.with_name("full.db"), [deck()])
    desk = Desk(full, seat=full.join(full.code, "wren"))
    ask(desk, "begin")
    db = full._store._db
    db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0]}")
    reply = {"ok": True}
    while reply["ok"] and desk.screen["stage"] == "item":  # ten reasons need more than a page
        reply = answer(desk, "edit", reason="x" * 300)
    assert "the disk is full; nothing was saved" in str(reply.get("error"))
    there, shown = full.answer_rows(), desk.screen["item"]["item_id"]
    assert shown not in {row["item_id"] for row in there}
    db.execute("PRAGMA max_page_count = 100000")
    assert answer(desk)["ok"]
    assert [row["item_id"] for row in full.answer_rows()] == [r["item_id"] for r in there] + [shown]


def test_what_nobody_expected_is_said_and_the_desk_lives(
    desk: Desk, room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(desk, "begin")

    def broken(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("of all things")

    with monkeypatch.context() as m:
        m.setattr("hitlsim.training.playing.session.Session.answer", broken)
        reply = answer(desk)
    assert reply["error"].startswith("the answer could not be taken (ZeroDivisionError")
    assert "nothing was saved" in reply["error"]
    assert answer(desk)["ok"]


def test_a_name_with_markup_stays_the_text_it_is(room: Classroom) -> None:
    desk = Desk(room, served=True)
    reply = ask(desk, "join", code=room.code, pseudonym="<img src=x>")
    assert "is no pseudonym" in reply["error"]


# --- the end -------------------------------------------------------------------------------------


def test_in_a_class_the_feedback_comes_when_the_server_has_made_it(room: Classroom) -> None:
    desk = Desk(room, seat=room.join(room.code, "wren"), served=True)
    end = played(desk, 12)["state"]
    assert (end["stage"], end["feedback"], end["second"]) == ("done", "", "B")
    room.keep_shown("wren", "A", FEEDBACK, "<p>kept</p>")
    state = ask(desk, "poll")["state"]
    assert (state["feedback"], state["feedback_whole"]) == ("<p>kept</p>", False)
    room.keep_shown("wren", "A", WHOLE, "")
    assert ask(desk, "poll")["state"]["feedback_whole"]


def test_in_ones_own_notebook_the_feedback_is_made_beside_the_desk(
    desk: Desk, room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []

    def html(_: Classroom, trainee: str, deck: str, *, weeks: bool) -> str:
        made.append(f"{trainee} {deck}{' with twelve weeks' if weeks else ''}")
        return f"<p>{made[-1]}</p>"

    monkeypatch.setattr("hitlsim.training.showing.feedback.feedback_html", html)
    played(desk, 12)
    desk.feedback.wait()
    state = ask(desk, "poll")["state"]
    assert state["feedback"] == "<p>wren A with twelve weeks</p>"
    assert (state["feedback_whole"], state["feedback_failed"]) == (True, "")
    assert made == ["wren A", "wren A with twelve weeks"]


def test_in_a_class_feedback_that_cannot_be_made_is_said_and_not_waited_for(
    room: Classroom,
) -> None:
    desk = Desk(room, seat=room.join(room.code, "wren"), served=True)
    played(desk, 12)
    room.keep_shown("wren", "A", FAILED, "ValueError: too few answers")
    assert ask(desk, "poll")["state"]["feedback_failed"] == "ValueError: too few answers"
    room.keep_shown("wren", "A", WHOLE, "")  # made after all
    assert ask(desk, "poll")["state"]["feedback_failed"] == ""


def test_ways_back_cannot_be_guessed_without_end(room: Classroom) -> None:
    right, desk = room.join(room.code, "wren").way_back, Desk(room, served=True)
    for _ in range(10):
        assert "nobody's way back" in ask(desk, "back", way_back="wren-aaaa")["error"]
    assert "too many wrong ways back" in ask(desk, "back", way_back=right)["error"]
    assert ask(Desk(room, served=True), "back", way_back=right)["ok"]


def test_a_message_sent_twice_is_answered_with_what_stands_now(desk: Desk) -> None:
    """Its second reply may come late; a view must not go back to an item that is answered."""
    begin = {"id": "x", "do": "begin"}
    desk.handle(begin)
    answer(desk)
    assert desk.handle(begin)["state"]["item"]["item_id"] == "1-02"


def test_feedback_that_cannot_be_made_is_said(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    def html(*_: Any, **__: Any) -> str:
        raise ValueError("too few answers")

    monkeypatch.setattr("hitlsim.training.showing.feedback.feedback_html", html)
    played(desk, 12)
    desk.feedback.wait()
    assert ask(desk, "poll")["state"]["feedback_failed"] == "ValueError: too few answers"


def test_the_second_deck_comes_after_the_feedback_to_the_first(room: Classroom) -> None:
    desk = Desk(room, seat=room.join(room.code, "wren"), served=True)
    assert "finish this one first" in ask(desk, "second")["error"]
    played(desk, 12)
    again = Desk(room, served=True)  # loaded anew while reading the feedback
    assert ask(again, "back", way_back=room.ways_back["wren"])["state"]["stage"] == "done"
    assert ask(again, "second")["state"]["deck"] == "B"
    played(again, 12)
    assert (again.screen["stage"], again.screen["second"]) == ("done", None)
    assert len(room.answer_rows()) == 24


def test_what_is_asked_twice_under_one_id_is_done_once(desk: Desk) -> None:
    begin = {"id": "x", "do": "begin"}
    assert desk.handle(begin) == desk.handle(begin)
    assert len([e for e in _events(desk) if e.did == "began"]) == 1


def _events(desk: Desk) -> list[Any]:
    assert desk.session is not None
    return desk.session.events


def test_every_round_and_every_action_has_its_words() -> None:
    assert set(ROUND_WORDS) == set(Round)
    assert set(ACT_WORDS) == set(Act)
    assert len(SURE_WORDS) == len(SURE)
