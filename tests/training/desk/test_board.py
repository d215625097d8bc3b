"""The board tells who is where, and gives away nothing that was not asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from hitlsim.training.keeping.classroom import Classroom
from tests.training.serving.served import cards

board = pytest.importorskip("hitlsim.training.desk.board")
LATER = timedelta(seconds=10)


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    decks = [cards(4), cards(4, "B")]
    return Classroom.create(tmp_path / "class.db", decks, settings={"together": True})


def play(room: Classroom, name: str, items: int) -> None:
    room.join(room.code, name)
    for _ in range(items):
        session = room.session(name)
        session.begin()
        session.answer(session.acts[-1], reason="it is wrong")


def people(room: Classroom, now: datetime | None = None) -> dict[str, dict[str, Any]]:
    seen = board.overview(room, now or datetime.now(UTC) + LATER)
    return {person["name"]: person for person in seen["people"]}


def test_it_tells_who_is_where(room: Classroom) -> None:
    play(room, "wren", 0)
    play(room, "teal", 3)
    play(room, "kite", 4)
    told = people(room)
    where = {n: (p["round"], p["done"], p["of"], p["is"]) for n, p in told.items()}
    assert where == {
        "wren": ("Watch", 0, 4, "reads"), "teal": ("Watch", 3, 4, "works"),
        "kite": ("Only what is asked", 0, 4, "waits"),
    }  # fmt: skip
    assert told["wren"]["pace_seconds"] is None
    assert told["teal"]["pace_seconds"] >= 0
    seen = board.overview(room, datetime.now(UTC))
    assert [(r["at"], r["through"], r["open"]) for r in seen["rounds"][:2]] == [
        (2, 1, True), (1, 0, False)
    ]  # fmt: skip
    assert (seen["answers"], seen["of"], seen["next"]) == (7, 3 * 12, "Only what is asked (deck A)")


def test_whoever_makes_no_move_for_two_minutes_seems_stuck_unless_they_wait(
    room: Classroom,
) -> None:
    play(room, "wren", 0)
    play(room, "teal", 3)
    play(room, "kite", 4)
    now = datetime.now(UTC)
    soon, late = now + timedelta(seconds=100), now + timedelta(seconds=200)
    assert {n: p["is"] for n, p in people(room, soon).items()} == {
        "wren": "reads", "teal": "works", "kite": "waits"
    }  # fmt: skip
    assert {n: p["is"] for n, p in people(room, late).items()} == {
        "wren": "stuck", "teal": "stuck", "kite": "waits"
    }  # fmt: skip
    assert people(room, now - timedelta(hours=1))["teal"]["idle_seconds"] == 0  # a clock set back


def test_whoever_is_through_with_all_decks_is_through(room: Classroom) -> None:
    for _ in range(5):
        room.open_round()
    play(room, "wren", 24)
    told = people(room, datetime.now(UTC) + timedelta(hours=1))["wren"]
    assert (told["is"], told["place"]) == ("through", 6)
    seen = board.overview(room, datetime.now(UTC))
    assert (seen["through"], seen["next"]) == (1, "")


def test_a_second_deck_is_in_nobodys_way_until_somebody_begins_it(tmp_path: Path) -> None:
    room = Classroom.create(tmp_path / "own_pace.db", [cards(4), cards(4, "B")])
    play(room, "wren", 12)
    play(room, "teal", 2)
    hour = datetime.now(UTC) + timedelta(hours=1)
    seen = board.overview(room, hour)
    wren = people(room, hour)["wren"]  # reads what came of it, and is not stuck
    assert (wren["is"], wren["deck"], wren["done"], wren["place"]) == ("through", "A", 12, 3)
    assert wren["idle_seconds"] <= 3600  # since the last answer
    assert ([r["deck"] for r in seen["rounds"]], seen["decks"], seen["through"]) == (
        ["A"] * 3,
        1,
        1,
    )
    assert (seen["answers"], seen["of"]) == (14, 24)
    room.session("wren", "B").begin()
    seen = board.overview(room, hour)
    assert [r["deck"] for r in seen["rounds"]] == ["A"] * 3 + ["B"] * 3
    assert [(r["at"], r["through"]) for r in seen["rounds"]] == [(1, 1), (0, 1), (0, 1),
                                                                (1, 0), (0, 0), (0, 0)]  # fmt: skip


def test_a_second_click_opens_no_second_round(room: Classroom) -> None:
    view = board.Board(room)
    for _ in range(2):
        reply = view.handle({"id": "1", "do": "open_round", "opened": 1})
    assert reply["state"]["opened"] == room.rounds_open == 2


def test_ways_back_and_truth_are_told_only_when_asked_for(room: Classroom) -> None:
    play(room, "wren", 2)
    view = board.Board(room)
    way_back = room.ways_back["wren"]
    look = view.handle({"id": "1", "do": "look"})
    shares = view.handle({"id": "2", "do": "items"})
    for told in (view.state, look, shares):
        text = json.dumps(told)
        assert way_back not in text
        assert room.key not in text
        assert "The amount should be" not in text
        assert '"right"' not in text
    assert shares["items"][0]["answered"] == shares["items"][0]["stepped_in"] == 1
    assert view.handle({"id": "3", "do": "ways_back"})["ways_back"] == {"wren": way_back}
    spoilt = view.handle({"id": "4", "do": "items", "truth": True})["items"]
    assert [line["right"] for line in spoilt[:4]] == [False, True, True, False]


def test_what_it_does_not_do_is_said_and_it_stays(room: Classroom) -> None:
    view = board.Board(room)
    for asked in (None, {}, {"id": "1", "do": "drop"}, {"id": "2", "do": ["look"]}):
        assert "is nothing a board does" in view.handle(asked)["error"]
    assert view.handle({"id": "3", "do": "look"})["ok"]


def test_feedback_is_due_in_the_order_of_finishing(room: Classroom) -> None:
    for _ in range(5):
        room.open_round()
    play(room, "wren", 11)
    play(room, "teal", 12)
    session = room.session("wren")
    session.answer(session.acts[0])
    assert room.overview.finished() == [("teal", "A"), ("wren", "A")]
