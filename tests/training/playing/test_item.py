"""The file of a deck: it comes back as it was, and says what is wrong with it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hitlsim.errors import LogError
from hitlsim.training.playing.item import cards_in, cards_of, read_cards
from tests.training.playing.cards import small


def test_a_deck_comes_back_from_its_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "deck.json"
    file.write_text(json.dumps(small("B").to_dict()), encoding="utf-8")
    assert read_cards(file) == small("B")


def spoilt(**change: Any) -> dict[str, Any]:
    return small().to_dict() | change


def with_item(**change: Any) -> dict[str, Any]:
    given = small().to_dict()
    given["items"][2] |= change
    return given


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"format": "something"}, "is no deck"),
        ([], "is no deck"),
        (spoilt(items=[]), "the deck is empty"),
        (with_item(item_id="1-01"), "'1-01' is there twice"),
        (with_item(round="dusk"), "item 3 cannot be used"),
        (with_item(truth=None), "item 3 cannot be used"),
        (with_item(confidence=float("nan")), "item 3 cannot be used .confidence=nan must lie"),
        (with_item(confidence="high"), "confidence='high' must lie between 0 and 1"),
        (with_item(confidence=7), "confidence=7 must lie between 0 and 1"),
        (with_item(carried={"harm": "much"}), "harm must be a number, not 'much'"),
        (with_item(carried=[1]), "carried must be numbers by name"),
        (with_item(lines="abc"), "lines must be a list of texts"),
        (with_item(title=None), "title must be a text"),
        (with_item(item_id=["a"]), "item_id must be a text"),
        (with_item(kind="<b>"), "kind='<b>' must be email or record"),
        (with_item(needs_look="no"), "needs_look must be true or false"),
        (with_item(truth={"right": "yes"}), "right must be true or false"),
        (spoilt(items=5), "its items are no list"),
        (spoilt(record=[1]), "its record no mapping"),
        (spoilt(letter="../../A"), "must be one of A to Z"),
        (spoilt(items=small().to_dict()["items"][::-1]), "rounds are mixed"),
    ],
)
def test_what_is_no_deck_is_refused_with_what_is_wrong(given: Any, says: str) -> None:
    with pytest.raises(LogError, match=says):
        cards_of(given, "deck.json")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no such file"):
        read_cards(tmp_path / "deck.json")
    (tmp_path / "deck.json").write_text("{", encoding="utf-8")
    with pytest.raises(LogError, match="cannot be read as a deck"):
        read_cards(tmp_path / "deck.json")


def test_playing_needs_nothing_heavy() -> None:
    """Thirty people who play at once are thirty processes: pandas alone would be 3 GB."""
    code = (
        "import sys; import hitlsim.training.keeping.classroom, hitlsim.training.playing.session;"
        "print([m for m in ('numpy', 'pandas', 'scipy', 'pydantic', 'duckdb') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_file_nested_too_deep_is_refused_in_words(tmp_path: Path) -> None:
    (tmp_path / "deep.json").write_text("[" * 200_000, encoding="utf-8")
    with pytest.raises(LogError, match="cannot be read as a deck"):
        read_cards(tmp_path / "deep.json")


def test_texts_of_a_file_can_be_shown_and_written_whatever_is_in_them() -> None:
    given = with_item(title="Ada \ud83d\x00\x1b[31m <b>", lines=["one\x07"])
    item = cards_of(given, "deck.json").items[2]
    assert (item.title, item.lines) == ("Ada \ufffd[31m <b>", ("one",))


def test_what_is_no_deck_is_told_where_a_deck_is_wanted() -> None:
    with pytest.raises(LogError, match="a int is no deck; give a deck"):
        cards_in(3)
