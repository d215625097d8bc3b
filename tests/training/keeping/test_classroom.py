"""A class in a file: seats, rounds, answers that nobody loses."""

from __future__ import annotations

import json
import os
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


def test_capitals_in_a_pseudonym_lock_nobody_out_and_make_no_second_person(
    room: Classroom,
) -> None:
    seat = room.join(room.code, "P07")
    assert room.back(seat.way_back) == room.back(seat.way_back.upper()) == seat
    with pytest.raises(LogError, match="'p07' is taken"):
        room.join(room.code, "p07")


def test_halves_of_characters_are_a_wrong_code_and_no_way_back(room: Classroom) -> None:
    with pytest.raises(LogError, match="not this class's code"):
        room.join("\ud800")
    with pytest.raises(LogError, match="nobody's way back"):
        room.back("\ud800")


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


def test_of_two_who_make_the_same_class_at_once_one_is_refused_and_spoils_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However late the second looks: whether the file is there is not asked beforehand."""
    first = Classroom.create(tmp_path / "class.db", [small()])
    monkeypatch.setattr(Path, "exists", lambda _: False)
    with pytest.raises(LogError, match="is there already"):
        Classroom.create(tmp_path / "class.db", [small()])
    monkeypatch.undo()
    assert Classroom.open(first.path).code == first.code


@pytest.mark.parametrize("moved", [True, False])
def test_an_answer_to_a_file_that_is_gone_is_refused_and_not_lost_without_a_word(
    room: Classroom, moved: bool
) -> None:
    session, away = seated(room), room.path.with_name("away.db")
    room.path.rename(away)
    if not moved:  # another file stands in its place
        room.path.write_bytes(b"")
    with pytest.raises(LogError, match=r"has been moved, deleted.*nothing was saved"):
        session.answer("edit")
    assert session.rows() == []
    away.replace(room.path)
    assert session.answer("edit").new


def test_a_class_of_another_hitlsim_is_told_from_what_is_no_class(room: Classroom) -> None:
    room._store.rows("PRAGMA user_version = 2")
    with pytest.raises(
        LogError, match=r"is a class of another hitlsim \(its tables are of version 2"
    ):
        Classroom.open(room.path)


def test_what_is_no_class_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    db = sqlite3.connect(file)
    db.execute("CREATE TABLE theirs (name)")
    db.commit()
    db.close()
    before = file.read_bytes()
    with pytest.raises(LogError, match="is no class; give the file of one"):
        Classroom.open(file)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_what_lets_people_in_is_for_the_owners_eyes(room: Classroom) -> None:
    room.join(room.code)
    for file in room.path.parent.iterdir():
        assert file.stat().st_mode & 0o077 == 0, file.name


def test_a_class_that_was_closed_is_one_file_and_says_so_when_asked(room: Classroom) -> None:
    seated(room).answer("edit")
    room.close()
    assert [file.name for file in room.path.parent.iterdir()] == ["class.db"]
    with pytest.raises(LogError, match="has been closed here"):
        room.join(room.code)


def test_a_damaged_deck_in_the_file_is_said(room: Classroom) -> None:
    with room._store.writing() as db:
        db.execute("UPDATE class SET value = '[' WHERE name = 'decks'")
    with pytest.raises(LogError, match="is damaged"):
        Classroom.open(room.path).deck("A")


def test_a_class_is_made_of_one_deck_or_its_file_as_well(tmp_path: Path) -> None:
    (tmp_path / "deck.json").write_text(json.dumps(small().to_dict()), encoding="utf-8")
    one = Classroom.create(tmp_path / "one.db", small())
    two = Classroom.create(tmp_path / "two.db", tmp_path / "deck.json")
    assert one.decks == two.decks
    assert repr(two) == f"<class in {two.path}: 12 items, 0 people, 0 answers>"
    with pytest.raises(LogError, match="a int is no deck"):
        Classroom.create(tmp_path / "three.db", 3)


def test_after_a_clock_was_set_back_the_last_move_counts_not_the_latest_time(
    room: Classroom,
) -> None:
    session = seated(room)
    session.answer("edit")
    with room._store.writing() as db:
        db.execute("UPDATE events SET at = '2099-01-01T00:00:00+00:00' WHERE number = 1")
    assert room.overview.standings()[0].last_at < "2099"


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
