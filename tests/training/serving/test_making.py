"""The class that is served: gone on with, or made, or given its second deck."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hitlsim.errors import LogError
from hitlsim.training.playing.item import Cards
from hitlsim.training.serving.making import class_of
from tests.training.playing.cards import small


def written(path: Path, cards: Cards) -> Path:
    path.write_text(json.dumps(cards.to_dict()), encoding="utf-8")
    return path


def test_a_class_is_gone_on_with_and_gets_its_second_deck_later(tmp_path: Path) -> None:
    first, second = (written(tmp_path / f"{x}.json", small(x)) for x in "AB")
    file = tmp_path / "class.db"
    made = class_of(file, [first], {})
    seat = made.join(made.code)
    for decks, letters in (([], "A"), ([first], "A"), ([second], "AB"), ([first, second], "AB")):
        room = class_of(file, decks, {})
        assert (room.code, room.trainees) == (made.code, [seat.trainee])
        assert "".join(c.letter for c in room.decks) == letters


def test_another_deck_of_the_same_letter_is_refused(tmp_path: Path) -> None:
    first = written(tmp_path / "a.json", small())
    class_of(tmp_path / "class.db", [first], {})
    other = written(tmp_path / "b.json", Cards(small().items, {"currency": "USD"}))
    with pytest.raises(LogError, match="a class with another deck"):
        class_of(tmp_path / "class.db", [other], {})
