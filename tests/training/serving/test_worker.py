"""Feedback is made for whoever is through: once, in order, and whatever dies."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from hitlsim.training.keeping.classroom import FAILED, FEEDBACK, Classroom
from hitlsim.training.serving.worker import Due, due, keep_up
from tests.training.serving.served import cards


@pytest.fixture
def room(tmp_path: Path) -> Classroom:
    return Classroom.create(tmp_path / "class.db", [cards(2)])


def finish(room: Classroom, name: str, *, items: int = 6) -> None:
    room.join(room.code, name)
    session = room.session(name)
    for _ in range(items):
        session.begin()
        session.answer(session.acts[0])


def fake(room: Classroom, page: Due) -> str:
    return f"<p>{page.trainee} {'weeks' if page.weeks else 'score'}</p>"


def test_everybody_gets_a_score_before_anybody_gets_twelve_weeks(room: Classroom) -> None:
    finish(room, "wren")
    finish(room, "teal", items=5)
    finish(room, "kite")
    said = []
    while (line := keep_up(room, set(), fake)) is not None:
        said.append(line.partition(",")[0])
        if len(said) == 2:
            assert room.shown("wren", "A", FEEDBACK) == "<p>wren score</p>"
    assert said == ["feedback for wren", "feedback for kite",
                    "twelve weeks for wren", "twelve weeks for kite"]  # fmt: skip
    assert room.shown("wren", "A", FEEDBACK) == "<p>wren weeks</p>"
    assert room.shown("teal", "A", FEEDBACK) is None
    room.session("teal").answer("leave alone")
    assert due(room) == Due("teal", "A", weeks=False)


def test_a_worker_that_starts_again_makes_nothing_twice(room: Classroom) -> None:
    finish(room, "wren")
    keep_up(room, set(), fake)
    again = Classroom.open(room.path)
    assert due(again) == Due("wren", "A", weeks=True)
    keep_up(again, set(), fake)
    assert due(Classroom.open(room.path)) is None


def test_a_page_that_cannot_be_made_holds_nobody_up(room: Classroom) -> None:
    finish(room, "wren")
    finish(room, "kite")

    def faulty(room: Classroom, page: Due) -> str:
        if page.trainee == "wren":
            raise ZeroDivisionError("no score")
        return fake(room, page)

    given_up: set[Due] = set()
    said = [keep_up(room, given_up, faulty) for _ in range(5)]
    assert said[0] == "! feedback for wren could not be made (ZeroDivisionError: no score)"
    assert [line is None for line in said] == [False] * 4 + [True]
    assert room.shown("kite", "A", FEEDBACK) == "<p>kite weeks</p>"
    assert room.shown("wren", "A", FEEDBACK) is None
    assert room.shown("wren", "A", FAILED) == "ZeroDivisionError: no score"


def test_a_worker_that_dies_is_started_again_and_goes_with_the_server(room: Classroom) -> None:
    from hitlsim.training.serving.serve import Worker

    said: list[str] = []
    worker = Worker(room.path, said.append)
    worker.start()
    first = worker.process
    assert first is not None
    first.kill()
    first.wait()
    until = time.monotonic() + 20
    while worker.process is first:
        worker.look()
        assert time.monotonic() < until
    assert said == ["! the feedback worker died; it is started again"]
    second = worker.process
    assert second is not None
    assert second.poll() is None
    worker.stop()
    assert second.poll() is not None
