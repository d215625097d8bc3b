"""How far a class has come, by counts of its events: cheap enough to ask for every second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..acts import FLAGS, Round
from ..playing.item import Cards
from .store import Store

# of one max() SQLite gives the other columns of its row: "at" is that of the last event, which is
# not the latest one where a clock was set back
_COUNTS = """
SELECT trainee, deck, sum(did = 'answered'), sum(did = 'opened'),
  sum(did = 'answered' AND json_extract(told, '$.action') IN (?, ?)), at,
  group_concat(CASE WHEN did = 'began' THEN json_extract(told, '$.round') END),
  sum(CASE WHEN did = 'answered' THEN json_extract(told, '$.spent_seconds') END),
  max(number)
FROM events GROUP BY trainee, deck
"""
_STEPPED_IN = """
SELECT item_id, count(*), sum(json_extract(told, '$.action') IN (?, ?)) FROM events
WHERE did = 'answered' AND deck = ? GROUP BY item_id
"""
_THROUGH = """
SELECT trainee, deck, count(*) FROM events WHERE did = 'answered'
GROUP BY trainee, deck ORDER BY max(at)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far somebody has come.

    Attributes
    ----------
    trainee : str
    deck : str
        Letter of the deck they are at: the last they have begun, or else the first.
    round : Round or None
        None when they are through with it.
    done, of : int
        Items of this deck.
    opened, stepped_in : int
        Items of this deck that they opened, and that they edited or rejected.
    last_at : str
        When they last did anything, ISO 8601, UTC; when they joined, if nothing yet.
    began : bool
        Whether they have begun that round.
    worked_seconds : float
        Time spent on the items of this deck, without pauses.
    """

    trainee: str
    deck: str
    round: Round | None
    done: int
    of: int
    opened: int
    stepped_in: int
    last_at: str
    began: bool
    worked_seconds: float


class Overview:
    """A class as its facilitator sees it; what it says is of the moment it is asked."""

    def __init__(self, store: Store, decks: Sequence[Cards]) -> None:
        self._store, self._decks = store, decks

    def answer_count(self) -> int:
        """How many answers there are, of everybody."""
        return int(self._store.rows("SELECT count(*) FROM events WHERE did = 'answered'")[0][0])

    def finished(self) -> list[tuple[str, str]]:
        """Who is through with which deck, in the order of finishing."""
        of = {cards.letter: len(cards) for cards in self._decks}
        return [(name, deck) for name, deck, n in self._store.rows(_THROUGH) if n == of.get(deck)]

    def stepped_in(self, deck: str) -> dict[str, tuple[int, int]]:
        """By item of a deck: how many answered it, and how many of them edited or rejected it."""
        found = self._store.rows(_STEPPED_IN, *FLAGS, deck)
        return {item: (n, flagged) for item, n, flagged in found}

    def standings(self) -> list[Standing]:
        """How far everybody has come, in the order of joining."""
        told = {(name, deck): rest for name, deck, *rest in self._store.rows(_COUNTS, *FLAGS)}
        joined = self._store.rows("SELECT trainee, joined_at FROM trainees ORDER BY rowid")
        return [self._standing(name, at, told) for name, at in joined]

    def _standing(
        self, trainee: str, joined_at: str, told: dict[tuple[str, str], list[Any]]
    ) -> Standing:
        mine = [c for c in self._decks if (trainee, c.letter) in told]
        at = mine[-1] if mine else self._decks[0]
        nothing = [0, 0, 0, joined_at, None, None]
        done, opened, flagged, last, begun, spent, *_ = told.get((trainee, at.letter), nothing)
        name = at.items[done].round if done < len(at) else None
        began = str(name) in (begun or "").split(",")
        return Standing(
            trainee, at.letter, name, done, len(at), opened, flagged, last, began, spent or 0.0
        )
