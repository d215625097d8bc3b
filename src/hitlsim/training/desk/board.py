"""The facilitator's board: who is where, live; opens rounds, and helps whoever is lost.

It may be shown on a wall: what would spoil the deck, or let somebody in as another, is sent only
when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ...errors import LogError
from ..keeping.classroom import Classroom
from ..keeping.overview import Standing
from .words import ROUND_WORDS

STUCK_SECONDS = 120.0
"""Without a move; then somebody may need help."""
_PACE_FROM = 3
"""So many answers, before a pace is told."""
_FRONT = Path(__file__).parent / "front"
_SCRIPTS = ("parts.js", "link.js", "board.js")
_STYLES = ("practice.css", "board.css")
Screen = dict[str, Any]


def overview(room: Classroom, now: datetime) -> Screen:
    """What the board always shows, as plain values.

    Parameters
    ----------
    room : Classroom
    now : datetime
        Aware; idle times are counted to it.

    Returns
    -------
    dict
        ``people``, one for each trainee, and ``rounds``, one for each round of the decks that
        somebody has begun: a second one, to be played in a week or two, is in nobody's way.
        ``answers`` of ``of`` are counted for the deck that each is at.
    """
    opened, standings = room.rounds_open, room.overview.standings()
    places = [_place(room, s) for s in standings]
    at = [place for place, s in zip(places, standings, strict=True) if not _between(room, s)]
    people = [_person(room, s, opened, now) for s in standings]
    decks = _played(room, standings, opened)
    rounds = [
        {"deck": letter, "title": ROUND_WORDS[name].title, "at": at.count(number),
         "through": sum(place > number for place in places),
         "open": not room.settings.together or number < opened}
        for number, (letter, name) in enumerate(room.rounds) if letter in decks
    ]  # fmt: skip
    return {
        "code": room.code, "file": room.path.name, "people": people, "rounds": rounds,
        "decks": len(decks), "together": room.settings.together, "opened": opened,
        "next": _next(room, opened), "through": sum(p["is"] == "through" for p in people),
        "answers": sum(s.done for s in standings), "of": sum(s.of for s in standings),
        "debrief": f"hitlsim train debrief {room.path.name}",
    }  # fmt: skip


def _place(room: Classroom, s: Standing) -> int:
    """The number of the round somebody is at, among all, or comes to next."""
    if s.round is not None:
        return room.rounds.index((s.deck, s.round))
    return max(i for i, (letter, _) in enumerate(room.rounds) if letter == s.deck) + 1


def _played(room: Classroom, standings: Sequence[Standing], opened: int) -> list[str]:
    """The decks that somebody has begun, or that were opened; the first one always."""
    letters = [cards.letter for cards in room.decks]
    last = max((letters.index(s.deck) for s in standings), default=0)
    if room.settings.together:
        last = max(last, letters.index(room.rounds[opened - 1][0]))
    return letters[: last + 1]


def _between(room: Classroom, s: Standing) -> bool:
    """Whether somebody is through with a deck and has not begun the next."""
    return s.round is None and s.deck != room.decks[-1].letter


def _next(room: Classroom, opened: int) -> str:
    if not room.settings.together or opened >= len(room.rounds):
        return ""
    letter, name = room.rounds[opened]
    again = f" (deck {letter})" if len(room.decks) > 1 else ""
    return f"{ROUND_WORDS[name].title}{again}"


def _person(room: Classroom, s: Standing, opened: int, now: datetime) -> Screen:
    idle = max(0.0, (now - datetime.fromisoformat(s.last_at)).total_seconds())
    pace = s.worked_seconds / s.done if s.done >= _PACE_FROM else None
    told: Screen = {
        "name": s.trainee, "deck": s.deck, "pace_seconds": None if pace is None else round(pace, 1),
        "idle_seconds": round(idle), "place": _place(room, s),
    }  # fmt: skip
    if s.round is None:
        return told | {"round": "", "done": s.of, "of": s.of, "is": "through"}
    cards = room.deck(s.deck)
    before = sum(len(cards.of_round(name)) for name in cards.rounds[: cards.rounds.index(s.round)])
    closed = room.settings.together and _place(room, s) >= opened
    state = "waits" if closed and not s.began else "reads" if not s.began else "works"
    if state != "waits" and idle >= STUCK_SECONDS:
        state = "stuck"
    return told | {
        "round": ROUND_WORDS[s.round].title, "done": s.done - before,
        "of": len(cards.of_round(s.round)), "is": state,
    }  # fmt: skip


def items_told(room: Classroom, *, truth: bool) -> list[Screen]:
    """How many stepped in, item by item; whether they should have only where that is asked for."""
    told = []
    for cards in room.decks:
        counts = room.overview.stepped_in(cards.letter)
        for item in cards.items:
            answered, flagged = counts.get(item.item_id, (0, 0))
            line: Screen = {
                "deck": cards.letter, "round": ROUND_WORDS[item.round].title, "title": item.title,
                "answered": answered, "stepped_in": flagged,
            }  # fmt: skip
            if truth:
                line |= {"right": item.truth.right, "told": item.truth.told or item.truth.fault}
            told.append(line)
    return told


class Board(anywidget.AnyWidget):
    """The board on a page.

    It takes custom messages ``{id, do, ...}``: ``look``, ``open_round``, ``ways_back`` and
    ``items``; and answers ``{id, ok, state}`` with what was asked for, or an ``error``.

    Parameters
    ----------
    room : Classroom
    clock : callable
        The time, aware.
    """

    _esm = "\n".join((_FRONT / name).read_text(encoding="utf-8") for name in _SCRIPTS)
    _css = "\n".join((_FRONT / name).read_text(encoding="utf-8") for name in _STYLES)
    state = traitlets.Dict().tag(sync=True)

    def __init__(
        self, room: Classroom, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self.room, self._clock = room, clock
        super().__init__(state=overview(room, clock()))
        self.on_msg(self._asked)

    def _asked(self, _: Any, message: Any, __: Any) -> None:
        self.send(self.handle(message))

    def handle(self, message: Any) -> dict[str, Any]:
        """Do what the page asks."""
        given: Mapping[str, Any] = message if isinstance(message, Mapping) else {}
        reply: dict[str, Any] = {"id": str(given.get("id", "")), "ok": True}
        try:
            reply |= self._do(str(given.get("do", "")), given)
            reply["state"] = overview(self.room, self._clock())
        except LogError as e:
            reply |= {"ok": False, "error": str(e)}
        except Exception as e:  # a board that died would leave the class alone
            reply |= {"ok": False, "error": f"the class could not be read ({e}); it is tried again"}
        return reply

    def _do(self, do: str, given: Mapping[str, Any]) -> dict[str, Any]:
        match do:
            case "look":
                return {}
            case "open_round":
                # what was on the button counts: a second click opens no second round
                if given.get("opened") == self.room.rounds_open:
                    self.room.open_round()
                return {}
            case "ways_back":
                return {"ways_back": self.room.ways_back}
            case "items":
                return {"items": items_told(self.room, truth=given.get("truth") is True)}
        raise LogError(f"{do[:20]!r} is nothing a board does")
