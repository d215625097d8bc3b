"""The class that is to be served: the one in the file, or a new one from decks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ...errors import LogError
from ..keeping.classroom import Classroom
from ..playing.item import Cards, read_cards
from ..playing.settings import Settings

_OPTIONS = {
    "show_confidence": "--hide-confidence", "ask_sure": "--ask-sure",
    "tell_at_once": "--tell-at-once", "together": "--together", "team": "--team",
}  # fmt: skip


def class_of(path: Path, decks: Sequence[Path], asked: Mapping[str, Any]) -> Classroom:
    """Go on with the class of a file, or make one.

    Parameters
    ----------
    path : Path
        Its file.
    decks : sequence of Path
        Files of decks: one, or two; none to go on with a class. One that the class has not yet is
        added to it.
    asked : mapping
        Settings that were asked for, by name (:class:`Settings`); none of the others.

    Raises
    ------
    LogError
        When there is neither class nor deck, a deck cannot be read, or the class was made with
        other decks or settings.
    """
    if path.is_dir():
        raise LogError(f"--class {path}: is a folder; give a file, such as {path / 'class.db'}")
    if path.suffix.lower() == ".json":
        raise LogError(f"--class {path}: looks like a deck; a class is a file such as class.db")
    cards = [read_cards(deck) for deck in decks]
    if path.exists():
        room = Classroom.open(path)
        _check_same(room, cards, asked)
        for each in _not_there(room, cards):
            room.add_deck(each)
        return room
    if not cards:
        raise LogError(
            f"{path}: there is no such class yet; give a deck to make it: hitlsim train serve "
            "deck.json (draw one with 'hitlsim train deck --out deck.json')"
        )
    if not path.parent.is_dir():
        raise LogError(f"--class {path}: there is no folder {path.parent}; make it first")
    _check_team(str(asked.get("team", Settings().team)))
    return Classroom.create(path, cards, settings=dict(asked))


def _check_same(room: Classroom, cards: Sequence[Cards], asked: Mapping[str, Any]) -> None:
    there = {c.letter: c.to_dict() for c in room.decks}
    if any(c.to_dict() != there.get(c.letter, c.to_dict()) for c in cards):
        raise LogError(
            f"{room.path.name}: is a class with another deck; leave the deck out to go on with it "
            f"(hitlsim train serve --class {room.path}), or give another --class to make a new one"
        )
    settings = room.settings.to_dict()
    differ = [_OPTIONS[name] for name, value in asked.items() if settings[name] != value]
    if differ:
        raise LogError(
            f"{room.path.name}: was made without {' and '.join(differ)}, and everybody of a class "
            "plays by the same settings; leave that out to go on with it, or give another --class"
        )


def _not_there(room: Classroom, cards: Sequence[Cards]) -> list[Cards]:
    """Decks that a class is given later, such as the second one."""
    there = {c.letter for c in room.decks}
    return [c for c in cards if c.letter not in there]


def _check_team(team: str) -> None:
    from ...scenario.files import load

    load(team)
