"""Practising in one's own notebook: begun, gone on with, shown, and light."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hitlsim.errors import LogError
from hitlsim.present.picture import Note
from hitlsim.training.debrief import Debrief
from hitlsim.training.desk.practise import OwnPractice, practise
from hitlsim.training.desk.still import still_html
from hitlsim.training.playing.settings import Settings
from tests.training.desk.cards import MARKUP, deck
from tests.training.playing.cards import FAULT, small

LIGHT = """\
import sys
import hitlsim.training.desk.practice
print([m for m in ("pandas", "numpy", "scipy", "matplotlib") if m in sys.modules])
"""


@pytest.fixture
def mine(tmp_path: Path) -> OwnPractice:
    return practise(small(), file=tmp_path / "mine.db", second=small("B"), trainee="wren")


def through(practice: OwnPractice) -> None:
    session = practice.room.session(practice.trainee, "A")
    while session.next_item is not None:
        session.begin()
        session.answer("leave alone")


def test_run_again_it_goes_on_where_it_was(mine: OwnPractice) -> None:
    pytest.importorskip("anywidget")
    mine.session.begin()
    mine.session.answer("leave alone")
    for again in (
        practise(file=mine.room.path),
        practise(small(), file=mine.room.path),
        practise(small(), second=small("B"), file=mine.room.path, trainee="wren"),
    ):
        assert (again.trainee, again.answered) == ("wren", (1, 12))
        assert again.widget.desk.screen["item"]["item_id"] == "1-02"


def test_the_session_is_the_same_from_call_to_call_so_that_its_time_is_known(
    mine: OwnPractice,
) -> None:
    mine.session.begin()
    mine.session.answer("leave alone")
    assert mine.session.rows()[0]["dwell_seconds"] is not None
    through(mine)
    assert mine.session.cards.letter == "B"


def test_the_answers_can_be_scored_when_the_deck_is_through(mine: OwnPractice) -> None:
    assert isinstance(mine.debrief(), Note)
    assert "0 of 12 items" in mine.debrief().text  # type: ignore[union-attr]
    assert "0 of 12 items" in mine.twelve_weeks().text  # type: ignore[union-attr]
    through(mine)
    told = mine.debrief()
    assert isinstance(told, Debrief)
    assert [s.who for s in told.scores] == ["wren"]
    assert len(mine.answers) == 12
    assert mine.to_dict()["debrief"]["deck"] == "A"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"deck": deck()}, "holds another deck"),
        ({"deck": small("B")}, "holds another deck"),
        ({"second": deck()}, "holds another deck"),
        ({"ask_sure": True}, "is played with ask_sure=False, not True"),
        ({"deck": 3}, "a int is no deck"),
        ({"deck": "none.json"}, "no such file"),
        ({"trainee": "Maria"}, "is no pseudonym"),
    ],
)
def test_what_does_not_go_with_the_file_is_refused_and_the_remedy_said(
    mine: OwnPractice, given: dict[str, Any], said: str
) -> None:
    with pytest.raises(LogError, match=said):
        practise(file=mine.room.path, **given)


def test_a_further_deck_can_be_added_later(mine: OwnPractice) -> None:
    again = practise(file=mine.room.path, second=small("C"))
    assert [cards.letter for cards in again.room.decks] == ["A", "B", "C"]


def test_of_several_people_one_is_to_be_named(mine: OwnPractice) -> None:
    practise(file=mine.room.path, trainee="heron")
    with pytest.raises(LogError, match=r"heron, wren practise here; say who you are"):
        practise(file=mine.room.path)
    assert practise(file=mine.room.path, trainee="heron").trainee == "heron"


def test_the_kernel_of_a_desk_stays_light() -> None:
    pytest.importorskip("anywidget")
    told = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


def test_a_message_comes_back_with_the_state_and_the_state_is_kept(mine: OwnPractice) -> None:
    pytest.importorskip("anywidget")
    widget = mine.widget
    sent: list[Any] = []
    widget.send = sent.append
    widget._handle_custom_msg({"id": "1", "do": "begin"}, [])
    assert (sent[0]["id"], sent[0]["ok"]) == ("1", True)
    assert sent[0]["state"] == widget.state
    assert widget.state["stage"] == "item"


def test_what_stands_there_without_a_kernel_shows_the_first_item_and_no_truth() -> None:
    html = still_html(deck(), Settings(), "hitl-static-x")
    assert "30 items in 3 rounds" in html
    assert "I have kept Friday 18 September" in html
    assert FAULT.told not in html
    assert "Monday 21" not in html
    assert MARKUP not in html
    assert "&lt;b&gt;Ada" in html


def test_without_the_widget_the_notebook_says_what_to_install(
    mine: OwnPractice, monkeypatch: pytest.MonkeyPatch
) -> None:
    displayed: list[Any] = []
    monkeypatch.setitem(sys.modules, "anywidget", None)
    monkeypatch.delitem(sys.modules, "hitlsim.training.desk.practice", raising=False)
    monkeypatch.setattr("IPython.display.display", displayed.append)
    mine._ipython_display_()
    assert "pip install &#x27;hitlsim[lab]&#x27;" in displayed[0].data
    assert "Would Friday suit you?" in displayed[0].data
