"""A class in a file: seats, rounds, answers that nobody loses."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hitlsim.errors import LogError
from hitlsim.training.acts import Round
from hitlsim.training.keeping import store
from hitlsim.training.keeping.classroom import Classroom
from hitlsim.training.playing.session import Session
from hitlsim.training.playing.standing import Stage
from tests.training.playing.cards import small


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Classroom]:
    made = Classroom.create(tmp_path / "class.db", [small(), small("B")])
    yield made
    made.close()


def seated(room: Classroom, **how: Any) -> Session:
    session = room.session(room.join(room.code).trainee, **how)
    session.begin()
    return session


# --- seats -------------------------------------------------------------------------------------


def test_one_joins_by_the_code_and_comes_back_by_the_way_back(room: Classroom) -> None:
    seat = room.join(f" {room.code.lower()} ", "wren")
    assert seat.way_back.startswith("wren-")
    assert room.back(seat.way_back.upper()) == seat
    assert room.join(room.code).trainee == "avocet"
    assert room.trainees == ["wren", "avocet"]
    assert room.ways_back["wren"] == seat.way_back


@pytest.mark.parametrize(
    ("code", "name", "says"),
    [
        ("", "wren", "is not this class's code"),
        ("ABCDEF", "wren", "is not this class's code"),
        (None, "<b>wren</b>", "is no pseudonym"),
        (None, "Maria", "is no pseudonym"),
        (None, "heron", "'heron' is taken"),
        (None, "w" * 25, "is no pseudonym"),
    ],
)
def test_who_cannot_join_is_told_why(
    room: Classroom, code: str | None, name: str, says: str
) -> None:
    room.join(room.code, "heron")
    with pytest.raises(LogError, match=says):
        room.join(room.code if code is None else code, name)
    assert room.trainees == ["heron"]


@pytest.mark.parametrize("given", ["", "heron", "heron-0000", "'; DROP TABLE trainees; --"])
def test_a_wrong_way_back_opens_nobodys_session(room: Classroom, given: str) -> None:
    room.join(room.code, "heron")
    with pytest.raises(LogError, match="nobody's way back"):
        room.back(given)


def test_sixty_people_get_sixty_names(room: Classroom) -> None:
    assert len({room.join(room.code).trainee for _ in range(60)}) == 60


# --- sessions ----------------------------------------------------------------------------------


def test_a_class_opened_anew_stands_where_it_was(room: Classroom) -> None:
    session = seated(room)
    session.answer("edit", reason="the day")
    other = Classroom.open(room.path)
    again = other.session("avocet")
    assert again.stage is Stage.ITEM
    assert again.item is not None
    assert again.item.item_id == "1-02"
    assert again.rows() == session.rows()
    assert other.answer_rows() == session.rows()
    other.close()


def test_after_the_first_deck_comes_the_second(room: Classroom) -> None:
    play_through(seated(room))
    second = room.session("avocet")
    assert second.cards.letter == "B"
    second.begin()
    assert second.item is not None
    assert second.item.item_id == "B1-01"
    assert room.session("avocet", "A").stage is Stage.DONE


def test_a_class_gets_its_second_deck_later(tmp_path: Path) -> None:
    room = Classroom.create(tmp_path / "class.db", [small()])
    play_through(seated(room))
    assert room.session("avocet").stage is Stage.DONE
    room.add_deck(small("B"))
    assert room.session("avocet").cards.letter == "B"
    assert [c.letter for c in Classroom.open(room.path).decks] == ["A", "B"]
    with pytest.raises(LogError, match="have the letters A, B, B"):
        room.add_deck(small("B"))
    assert len(room.decks) == 2
    room.close()


def play_through(session: Session) -> None:
    while session.stage is not Stage.DONE:
        session.begin()
        session.answer(session.acts[0])


def test_rounds_that_are_opened_together_wait_for_everybody(tmp_path: Path) -> None:
    room = Classroom.create(tmp_path / "t.db", [small(), small("B")], settings={"together": True})
    session = seated(room)
    for _ in range(4):
        session.answer("leave alone")
    assert session.waits
    assert room.open_round() == 2
    assert not session.waits
    for _ in range(9):
        room.open_round()
    assert room.rounds_open == len(room.rounds) == 6
    play_through(session)
    assert not room.session("avocet").waits
    room.close()


def test_the_facilitator_sees_who_is_where(room: Classroom) -> None:
    session = seated(room)
    room.join(room.code, "wren")
    session.answer("edit", reason="the day")
    for _ in range(3):
        session.answer("leave alone")
    session.begin()
    session.open()
    first, second = room.overview.standings()
    assert (first.round, first.done, first.of) == (Round.EXCEPTION, 4, 12)
    assert (first.opened, first.stepped_in) == (1, 1)
    assert first.last_at
    assert (second.trainee, second.done, second.began) == ("wren", 0, False)
    assert second.last_at  # when they joined
    play_through(session)
    play_through(room.session("avocet"))
    assert room.overview.standings()[0].round is None


def test_pages_made_for_somebody_are_kept(room: Classroom) -> None:
    assert room.shown("wren", "A", "feedback") is None
    for html in ("<p>soon</p>", "<p>done</p>"):
        room.keep_shown("wren", "A", "feedback", html)
    assert room.shown("wren", "A", "feedback") == "<p>done</p>"


# --- many at once ------------------------------------------------------------------------------


def test_thirty_people_at_once_lose_no_answer_and_give_none_twice(tmp_path: Path) -> None:
    """Each in two windows of their own, each window with its own connection."""
    room = Classroom.create(tmp_path / "class.db", [small(rounds=(Round.SHADOW,))])
    names = [room.join(room.code).trainee for _ in range(30)]
    failed: list[BaseException] = []

    def play(name: str) -> None:
        own = Classroom.open(room.path)
        try:
            session = own.session(name)
            session.begin()
            for item in session.cards.items:
                session.answer("edit", reason=name, item_id=item.item_id)
        except LogError as e:
            if "not before you" not in str(e):  # the other window was faster
                failed.append(e)
        except BaseException as e:
            failed.append(e)
        finally:
            own.close()

    for _ in range(2):
        threads = [threading.Thread(target=play, args=(n,)) for n in names for _ in range(2)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
    assert failed == []
    rows = room.answer_rows()
    assert len(rows) == 30 * 4
    assert len({(r["trainee"], r["item_id"]) for r in rows}) == 30 * 4
    assert all(r["reason"] == r["trainee"] for r in rows)
    room.close()


def test_the_file_itself_refuses_a_second_answer(room: Classroom) -> None:
    session = seated(room)
    session.answer("edit", reason="so")
    with pytest.raises(LogError, match="nothing was saved"), room._store.writing() as db:
        db.execute("INSERT INTO events SELECT trainee, deck, 99, at, did, item_id, told FROM events"
                   " WHERE did = 'answered'")  # fmt: skip


# --- when it cannot be written -----------------------------------------------------------------


def test_a_locked_file_is_told_and_the_answer_can_be_given_again(
    room: Classroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "WAIT_SECONDS", 0.05)
    mine = Classroom.open(room.path)
    session = seated(mine)
    other = sqlite3.connect(room.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(LogError, match="holds it locked; nothing was saved"):
        session.answer("edit", reason="so")
    other.execute("ROLLBACK")
    other.close()
    assert session.rows() == []
    assert session.answer("edit", reason="so").new
    assert len(mine.answer_rows()) == 1
    mine.close()


def test_a_full_disk_is_told_and_the_answer_can_be_given_again(room: Classroom) -> None:
    session = seated(room)
    pages = room._store.rows("PRAGMA page_count")[0][0]
    room._store.rows(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LogError, match="the disk is full; nothing was saved"):
        fill(session)
    before, answered = session.events, len(room.answer_rows())
    with pytest.raises(LogError, match="the disk is full; nothing was saved"):
        session.answer("edit", reason="x" * 300)
    assert session.events == before
    room._store.rows("PRAGMA max_page_count = 100000")
    assert session.answer("edit", reason="x" * 300).new
    assert len(room.answer_rows()) == answered + 1


def fill(session: Session) -> None:
    """Look at an item again and again, until nothing can be written any more."""
    for _ in range(400):
        session.pause()
        session.show()


@pytest.mark.parametrize(
    ("content", "says"), [(None, "no such class"), (b"hello" * 400, "is no class")]
)
def test_what_is_no_class_is_refused(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "class.db"
    if content:
        file.write_bytes(content)
    with pytest.raises(LogError, match=says):
        Classroom.open(file)


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    db = sqlite3.connect(tmp_path / "other.db")
    db.execute("CREATE TABLE class (name, value)")
    db.commit()
    db.close()
    with pytest.raises(LogError, match="is no class"):
        Classroom.open(tmp_path / "other.db")


def test_a_class_that_is_there_is_never_written_over(room: Classroom) -> None:
    before = room.path.read_bytes()
    with pytest.raises(LogError, match="is there already"):
        Classroom.create(room.path, [small()])
    assert room.path.read_bytes() == before


def test_decks_that_share_items_make_no_class_and_leave_no_file(tmp_path: Path) -> None:
    for decks in ([], [small(), small()]):
        with pytest.raises(LogError):
            Classroom.create(tmp_path / "class.db", decks)
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_trainee_or_deck_is_told(room: Classroom) -> None:
    with pytest.raises(LogError, match="'wren' has not joined; there is nobody yet"):
        room.session("wren")
    room.join(room.code, "wren")
    with pytest.raises(LogError, match="has no deck 'C'; it has A, B"):
        room.session("wren", "C")
