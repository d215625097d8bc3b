"""A session, call by call: what may be done when, what is kept, how long it took."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.errors import LogError
from hitlsim.training.acts import Act, Round
from hitlsim.training.playing.events import Did, Memory
from hitlsim.training.playing.item import Cards
from hitlsim.training.playing.session import Session
from hitlsim.training.playing.standing import Stage
from tests.training.playing.cards import small


class Clock:
    """Seconds as the test says."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def begun(round_: Round = Round.SHADOW, **more: Any) -> Session:
    session = Session(small(rounds=(round_,)), "wren", **more)
    session.begin()
    return session


def dwell(session: Session) -> list[Any]:
    return [row["dwell_seconds"] for row in session.rows()]


# --- a round, and the next ---------------------------------------------------------------------


def test_a_whole_session_goes_round_by_round_to_its_end() -> None:
    session, rounds = Session(small(), "wren"), []
    while session.stage is not Stage.DONE:
        if session.stage is Stage.BRIEFING:
            assert session.item is None
            assert session.round is not None
            rounds.append(session.round)
            session.begin()
        session.answer(session.acts[0])
    assert rounds == list(Round)
    assert [r["item_id"] for r in session.rows()] == [i.item_id for i in small().items]
    assert (session.progress.done_in_all, session.progress.of_all) == (12, 12)
    with pytest.raises(LogError, match="at its end"):
        session.answer("leave alone")


def test_nothing_is_answered_before_its_round_has_begun() -> None:
    session = Session(small())
    with pytest.raises(LogError, match="begin it first"):
        session.answer("leave alone")
    assert session.rows() == []


def test_a_round_that_the_facilitator_has_not_opened_waits() -> None:
    opened = 1
    session = Session(small(), settings={"together": True}, rounds_open=lambda: opened)
    session.begin()
    for _ in range(4):
        session.answer("leave alone")
    assert session.waits
    with pytest.raises(LogError, match="exception round has not been opened yet"):
        session.begin()
    opened = 2
    session.begin()
    assert session.stage is Stage.ITEM


# --- what may be done --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("round_", "opened", "may"),
    [
        (Round.SHADOW, False, "leave alone, edit, reject"),
        (Round.EXCEPTION, False, "leave alone, approve"),
        (Round.EXCEPTION, True, "approve, edit, reject"),
        (Round.STEADY, True, "approve, edit, reject"),
    ],
)
def test_each_round_has_its_actions(round_: Round, opened: bool, may: str) -> None:
    session = begun(round_)
    if opened:
        session.open()
    assert ", ".join(session.acts) == may
    for act in set(Act) - set(session.acts):
        with pytest.raises(LogError, match=r"item [123]-01: "):
            session.answer(act, reason="because")
    assert session.rows() == []


def test_what_nothing_asks_about_is_left_alone_or_opened() -> None:
    session = begun(Round.STEADY)
    session.answer("approve")  # the first is asked about
    assert session.acts == (Act.LEAVE,)
    with pytest.raises(LogError, match="nothing asks you to approve"):
        session.answer("approve")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ({"act": "reject"}, "rejecting needs a reason"),
        ({"act": "reject", "reason": "  "}, "rejecting needs a reason"),
        ({"act": "edit", "reason": "x" * 301}, "has 301 characters"),
        ({"act": "edit", "sure": 1.2}, "between 0 and 1"),
        ({"act": "edit", "sure": float("nan")}, "between 0 and 1"),
        ({"act": "delete"}, "is no action"),
        ({"act": "edit", "sure": "0.5"}, "between 0 and 1"),
        ({"act": "edit", "reason": None}, "reason=None must be a text"),
        ({"act": "edit", "item_id": "9-99"}, "is none of this deck"),
        ({"act": "edit", "item_id": "1-02"}, "is not before you"),
    ],
)
def test_an_answer_that_cannot_be_taken_says_why_and_changes_nothing(
    answer: dict[str, Any], says: str
) -> None:
    session = begun()
    with pytest.raises(LogError, match=says):
        session.answer(**answer)
    assert session.rows() == []
    assert session.item is not None
    assert session.item.item_id == "1-01"


def test_where_it_is_asked_how_sure_one_is_must_be_said_of_what_one_saw() -> None:
    session = begun(settings={"ask_sure": True})
    with pytest.raises(LogError, match="asks how sure you are"):
        session.answer("leave alone")
    session.answer("leave alone", sure=0.75)
    assert session.rows()[0]["sure"] == 0.75
    later = begun(Round.STEADY, settings={"ask_sure": True})
    later.answer("leave alone")  # unopened: there is nothing to be sure of


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(LogError, match="'show' is no setting"):
        Session(small(), settings={"show": True})
    with pytest.raises(LogError, match="must be true or false"):
        Session(small(), settings={"ask_sure": "yes"})
    with pytest.raises(LogError, match="deck is empty"):
        Session(Cards(()))


# --- told at once ------------------------------------------------------------------------------


def test_mistakes_are_told_at_once_only_where_chosen_and_only_of_wrong_items() -> None:
    told = begun(settings={"tell_at_once": True})
    replies = [told.answer("leave alone") for _ in range(4)]
    assert [r.tell.item_id if r.tell else "" for r in replies] == ["", "", "1-03", "1-04"]
    silent = begun()
    assert [silent.answer("leave alone").tell for _ in range(4)] == [None] * 4


def test_a_routine_item_left_alone_is_not_told_of() -> None:
    """It would teach to open everything."""
    session = begun(Round.STEADY, settings={"tell_at_once": True})
    replies = [session.answer("leave alone") for _ in range(4)]
    assert [bool(r.tell) for r in replies] == [False, False, True, False]


# --- twice, in two windows, after a break ------------------------------------------------------


def test_a_double_click_counts_once() -> None:
    session = begun()
    first = session.answer("edit", item_id="1-01")
    again = session.answer("leave alone", item_id="1-01")
    assert (first.new, again.new, again.act) == (True, False, Act.EDIT)
    assert [r["item_id"] for r in session.rows()] == ["1-01"]


def test_two_windows_go_on_together_and_the_first_answer_counts() -> None:
    journal = Memory()
    one, two = (Session(small(), journal=journal) for _ in range(2))
    one.begin()
    two.show()
    one.answer("edit", item_id="1-01")
    reply = two.answer("leave alone", item_id="1-01")
    assert (reply.new, reply.act) == (False, Act.EDIT)
    assert two.answer("leave alone", item_id="1-02").new
    one.refresh()
    assert one.item is not None
    assert one.item.item_id == "1-03"


def test_without_a_name_the_item_meant_is_the_one_this_window_showed() -> None:
    """Else what one thinks of the first item would count for the second, never seen here."""
    journal = Memory()
    one, two = (Session(small(), journal=journal) for _ in range(2))
    one.begin()
    two.show()
    one.answer("edit")
    reply = two.answer("leave alone")
    assert (reply.item_id, reply.act, reply.new) == ("1-01", Act.EDIT, False)
    assert len(two.rows()) == 1


def test_a_reason_can_be_written_to_any_file() -> None:
    session = begun()
    session.answer("edit", reason=" the day\x00 \ud83d\nis wrong\x1b ")
    assert session.rows()[0]["reason"] == "the day \ufffd\nis wrong"


def test_a_session_says_where_it_stands() -> None:
    session = begun()
    session.answer("edit")
    assert repr(session) == (
        "<session of wren, deck A: 1 of 4 items answered, in the shadow round>"
    )


STEPS = st.lists(
    st.tuples(
        st.sampled_from([0, 1]),
        st.sampled_from(["begin", "open", "show", "pause", "restart", *Act]),
        st.booleans(),
    ),
    max_size=60,
)


@given(STEPS)
def test_whatever_is_done_in_two_windows_no_answer_is_lost_or_doubled(steps: Any) -> None:
    journal = Memory()
    windows = [Session(small(), journal=journal) for _ in range(2)]
    taken: dict[str, str] = {}
    for which, step, named in steps:
        session = windows[which]
        if step == "restart":
            windows[which] = Session(small(), journal=journal)
        elif step in tuple(Act):
            item = session.item
            try:
                reply = session.answer(
                    step, reason="so", item_id=item.item_id if item and named else None
                )
            except LogError:
                continue
            if reply.new:
                assert reply.item_id not in taken
                taken[reply.item_id] = step
            else:
                assert taken[reply.item_id] == reply.act
        else:
            getattr(session, step)()
    again = Session(small(), journal=journal)
    assert {r["item_id"]: r["action"] for r in again.rows()} == taken
    assert [e.number for e in again.events] == list(range(1, len(again.events) + 1))


# --- time --------------------------------------------------------------------------------------


def test_time_runs_from_when_the_text_is_in_sight() -> None:
    clock = Clock()
    session = begun(Round.EXCEPTION, clock=clock)
    clock.now += 5
    session.open()
    clock.now += 12
    assert session.worked_seconds == 17
    session.answer("approve")
    assert dwell(session) == [12.0]
    clock.now += 3
    session.answer("approve")  # unopened: its text was never seen
    assert dwell(session) == [12.0, 0.0]


def test_a_pause_stops_the_clock() -> None:
    clock = Clock()
    session = begun(clock=clock)
    clock.now += 4
    session.pause()
    clock.now += 3600
    session.show()
    clock.now += 6
    session.answer("leave alone")
    assert dwell(session) == [10.0]


def test_what_a_window_measured_is_believed_as_far_as_time_went_by() -> None:
    clock = Clock()
    session = begun(clock=clock)
    for claimed, kept in ((8.0, 8.0), (99.0, 10.0), (-5.0, 0.0), (float("nan"), 10.0)):
        clock.now += 10
        session.answer("leave alone", seen_seconds=claimed)
        assert dwell(session)[-1] == kept


def test_after_a_reload_in_mid_item_its_time_is_not_known_and_the_answer_counts() -> None:
    journal, clock = Memory(), Clock()
    first = Session(small(), journal=journal, clock=clock)
    first.begin()
    clock.now += 30
    second = Session(small(), journal=journal, clock=clock)
    second.show()
    clock.now += 2
    second.answer("edit")
    assert dwell(second) == [None]
    clock.now += 7
    second.answer("leave alone")
    assert dwell(second) == [None, 7.0]


def test_a_wall_clock_that_jumps_changes_no_order_and_no_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import datetime as dt

    from hitlsim.training.playing import session as module

    class Jumping(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Jumping:
            return cls(2026, 3, 29, next(hours), tzinfo=tz)

    clock, hours = Clock(), itertools.cycle([23, 0])
    monkeypatch.setattr(module, "datetime", Jumping)
    session = begun(clock=clock)
    for _ in range(4):
        clock.now += 5
        session.answer("leave alone")
    assert dwell(session) == [5.0] * 4
    again = Session(small(rounds=(Round.SHADOW,)), "wren", journal=Memory(session.events))
    assert again.rows() == session.rows()


def test_the_journal_tells_what_happened_in_order() -> None:
    session = begun(Round.EXCEPTION)
    session.open()
    session.answer("approve")
    did = [e.did for e in session.events]
    assert did == [Did.BEGAN, Did.SHOWN, Did.OPENED, Did.ANSWERED, Did.SHOWN]
