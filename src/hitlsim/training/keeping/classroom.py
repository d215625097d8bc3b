"""A class: its decks, who takes part, what each has answered; all of it in one file."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from ...errors import LogError
from ..acts import Round
from ..playing.item import Cards, cards_in, cards_of
from ..playing.session import Session
from ..playing.settings import Settings
from ..playing.standing import row_of
from ..pseudonyms import checked_pseudonym, free_pseudonym
from .overview import Overview
from .store import Kept, Store

_CLEAR = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
"""Letters and digits that nobody takes for one another."""
_CODE_CHARS, _WAY_BACK_CHARS = 6, 4
FEEDBACK = "feedback"
"""The page somebody sees when they are through with a deck, as it is kept."""
WHOLE = "feedback whole"
"""A mark: nothing is to be added to that page any more."""
FAILED = "feedback failed"
"""A mark: why that page, or the rest of it, could not be made."""


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's place in a class.

    Attributes
    ----------
    trainee : str
        Pseudonym.
    way_back : str
        What lets them in again, from this browser or another.
    """

    trainee: str
    way_back: str


class Classroom:
    """A class in a file; any number of processes may have it open.

    Made by :meth:`create`, found again by :meth:`open`.

    Examples
    --------
    >>> import tempfile
    >>> import hitlsim as hs
    >>> team = hs.load("on-the-loop")
    >>> deck = hs.draw_deck(hs.simulate(team, seed=7).log, costs=team)
    >>> room = Classroom.create(Path(tempfile.mkdtemp()) / "class.db", [deck])
    >>> seat = room.join(room.code)
    >>> session = room.session(seat.trainee)
    >>> session.begin()
    >>> reply = session.answer("edit", reason="the day is wrong")
    >>> seat.trainee, len(room.answer_rows())
    ('avocet', 1)
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.path = store.path
        told = dict(store.rows("SELECT name, value FROM class"))
        try:
            self.code, self.key = told["code"], told["key"]
            self.settings = Settings.of(json.loads(told["settings"]))
            self._decks = told["decks"]
        except (KeyError, json.JSONDecodeError) as e:
            store.close()
            raise LogError(
                f"{self.path.name}: is damaged ({e}); take the last copy of it"
            ) from None

    def __repr__(self) -> str:
        people, n = len(self.trainees), self.overview.answer_count()
        return (
            f"<class in {self.path}: {sum(map(len, self.decks))} items, {people} "
            f"{'person' if people == 1 else 'people'}, {n} answer{'' if n == 1 else 's'}>"
        )

    @classmethod
    def create(cls, path: str | Path, decks: Any, *, settings: Any = None) -> Classroom:
        """Make a class.

        Parameters
        ----------
        path : str or Path
            A file that is not there yet, such as ``class.db``.
        decks : Deck, Cards, str or Path, or sequence of these
            A deck or its file; or two that share no item: the second shows what has changed.
        settings : Settings or mapping, optional

        Raises
        ------
        LogError
            When the file is there, or the decks do not go together.
        """
        several = decks if isinstance(decks, (list, tuple)) else [decks]
        cards = [cards_in(deck) for deck in several]
        _check_decks(cards)
        told = {
            "settings": json.dumps(Settings.of(settings).to_dict()),
            "decks": _written(cards),
            "code": _letters(_CODE_CHARS), "key": secrets.token_urlsafe(16), "rounds_open": "1",
            "made_at": _now(),
        }  # fmt: skip
        return cls(Store.make(Path(path), told))

    @classmethod
    def open(cls, path: str | Path) -> Classroom:
        """Open a class that was made before.

        Raises
        ------
        LogError
            When there is no such file, or it is no class.
        """
        return cls(Store(Path(path)))

    @cached_property
    def decks(self) -> tuple[Cards, ...]:
        """Its decks in the order of play."""
        return _read_decks(self._decks, self.path)

    def add_deck(self, deck: Any) -> None:
        """Add a deck to be played after the others; whoever is through goes on with it.

        Parameters
        ----------
        deck : Deck, Cards, str or Path
            It shares no item with those that are there.
        """
        cards = cards_in(deck)
        with self._store.writing() as db:
            there = dict(db.execute("SELECT name, value FROM class WHERE name = 'decks'"))["decks"]
            decks = [*_read_decks(there, self.path), cards]
            _check_decks(decks)
            written = _written(decks)
            db.execute("UPDATE class SET value = ? WHERE name = 'decks'", (written,))
        self._decks = written
        self.__dict__.pop("decks", None)

    def deck(self, letter: str) -> Cards:
        """One of its decks."""
        for cards in self.decks:
            if cards.letter == letter:
                return cards
        there = ", ".join(c.letter for c in self.decks)
        raise LogError(f"{self.path.name}: has no deck {letter!r}; it has {there}")

    # --- who takes part --------------------------------------------------------------------------

    @property
    def trainees(self) -> list[str]:
        """Pseudonyms, in the order of joining."""
        found = self._store.rows("SELECT trainee FROM trainees ORDER BY rowid")
        return [name for (name,) in found]

    def join(self, code: str, pseudonym: str = "") -> Seat:
        """Take a seat.

        Parameters
        ----------
        code : str
            The class's, as the facilitator says it; small letters will do.
        pseudonym : str
            Left out, a bird that nobody has yet.

        Raises
        ------
        LogError
            When the code is another class's, or the pseudonym is taken or looks like a name.
        """
        if not self.knows(code):
            raise LogError(f"{code[:20]!r} is not this class's code; ask your facilitator for it")
        with self._store.writing() as db:
            taken = {n for (n,) in db.execute("SELECT trainee FROM trainees")}
            name = checked_pseudonym(pseudonym) if pseudonym.strip() else free_pseudonym(taken)
            if name.lower() in map(str.lower, taken):  # said aloud they are the same
                raise LogError(
                    f"{name!r} is taken; choose another, or come back with the way back that "
                    f"{name} was given"
                )
            seat = Seat(name, f"{name}-{_letters(_WAY_BACK_CHARS)}".lower())
            db.execute("INSERT INTO trainees VALUES (?, ?, ?)", (name, seat.way_back, _now()))
        return seat

    def knows(self, code: str) -> bool:
        """Whether this is the class's code."""
        return hmac.compare_digest(_bytes(code.strip().upper()), _bytes(self.code))

    def back(self, way_back: str) -> Seat:
        """Take one's seat again.

        Raises
        ------
        LogError
            When nobody was given that way back.
        """
        given = way_back.strip().lower()
        for name, known in self._store.rows("SELECT trainee, way_back FROM trainees"):
            if hmac.compare_digest(_bytes(given), _bytes(known)):
                return Seat(name, known)
        raise LogError(
            f"{given[:40]!r} is nobody's way back here; it looks like wren-k7m2, and your "
            "facilitator can look it up"
        )

    @property
    def ways_back(self) -> dict[str, str]:
        """For the facilitator, to help whoever has lost theirs."""
        return dict(self._store.rows("SELECT trainee, way_back FROM trainees ORDER BY trainee"))

    # --- sessions --------------------------------------------------------------------------------

    def session(self, trainee: str, deck: str | None = None) -> Session:
        """Somebody's session, where it was left.

        Parameters
        ----------
        trainee : str
        deck : str, optional
            A letter; left out, the first deck that is not through.

        Raises
        ------
        LogError
            When nobody of that pseudonym has joined, or there is no such deck.
        """
        if trainee not in self.trainees:
            there = ", ".join(self.trainees) or "nobody yet"
            raise LogError(f"{trainee!r} has not joined; there is {there}")
        cards = self.deck(deck) if deck else self._current(trainee)
        return Session(
            cards, trainee, settings=self.settings,
            journal=Kept(self._store, trainee, cards.letter),
            rounds_open=lambda: self.rounds_open - self._rounds_before(cards),
        )  # fmt: skip

    def _current(self, trainee: str) -> Cards:
        done = dict(self._store.rows(
            "SELECT deck, count(*) FROM events WHERE trainee = ? AND did = 'answered' "
            "GROUP BY deck", trainee))  # fmt: skip
        left = (cards for cards in self.decks if done.get(cards.letter, 0) < len(cards))
        return next(left, self.decks[-1])

    @property
    def rounds_open(self) -> int:
        """How many rounds the facilitator has opened, counted through all decks."""
        return int(self._store.rows("SELECT value FROM class WHERE name = 'rounds_open'")[0][0])

    @property
    def rounds(self) -> list[tuple[str, Round]]:
        """All rounds in order, each with the letter of its deck."""
        return [(cards.letter, name) for cards in self.decks for name in cards.rounds]

    def open_round(self) -> int:
        """Open one more round; how many are open then. When all are, nothing happens."""
        with self._store.writing() as db:
            number = min(self.rounds_open + 1, len(self.rounds))
            db.execute("UPDATE class SET value = ? WHERE name = 'rounds_open'", (str(number),))
        return number

    def _rounds_before(self, cards: Cards) -> int:
        before = self.decks[: self.decks.index(cards)]
        return sum(len(each.rounds) for each in before)

    # --- what was answered -----------------------------------------------------------------------

    @property
    def record(self) -> dict[str, Any]:
        """Where the answers come from: what the first deck says, and which class it was."""
        made = dict(self._store.rows("SELECT name, value FROM class WHERE name = 'made_at'"))
        return {**self.decks[0].source, "source": self.path.name, "made_at": made["made_at"],
                "decks": {c.letter: c.source for c in self.decks}}  # fmt: skip

    def answer_rows(self, trainee: str | None = None) -> list[dict[str, Any]]:
        """Every answer, of everybody or one, as rows of a table of answers."""
        rows = []
        for name in self.trainees if trainee is None else [trainee]:
            for cards in self.decks:
                rows += _rows(name, cards, Kept(self._store, name, cards.letter))
        return rows

    @property
    def overview(self) -> Overview:
        """How far everybody has come."""
        return Overview(self._store, self.decks)

    # --- what is shown to people -----------------------------------------------------------------

    def keep_shown(self, trainee: str, deck: str, what: str, html: str) -> None:
        """Keep a page that was made for somebody, such as their feedback."""
        with self._store.writing() as db:
            db.execute("INSERT OR REPLACE INTO shown VALUES (?, ?, ?, ?, ?)",
                       (trainee, deck, what, _now(), html))  # fmt: skip

    def shown(self, trainee: str, deck: str, what: str) -> str | None:
        """The page kept for somebody; None where there is none yet."""
        found = self._store.rows(
            "SELECT html FROM shown WHERE trainee = ? AND deck = ? AND what = ?",
            trainee, deck, what,
        )  # fmt: skip
        return str(found[0][0]) if found else None

    def close(self) -> None:
        """Let go of the file; the last to do so makes it one file again, which can be copied."""
        self._store.close()


def _rows(trainee: str, cards: Cards, kept: Kept) -> list[dict[str, Any]]:
    answered = {e.item_id: e for e in kept.read(0) if e.did == "answered"}
    return [
        row_of(trainee, cards.letter, item, answered[item.item_id])
        for item in cards.items if item.item_id in answered
    ]  # fmt: skip


def _written(decks: Sequence[Cards]) -> str:
    return json.dumps([cards.to_dict() for cards in decks])


def _read_decks(text: str, path: Path) -> tuple[Cards, ...]:
    try:
        return tuple(cards_of(given, path.name) for given in json.loads(text))
    except json.JSONDecodeError as e:
        raise LogError(f"{path.name}: is damaged ({e}); take the last copy of it") from None


def _check_decks(decks: Sequence[Cards]) -> None:
    if not decks:
        raise LogError("a class needs a deck; draw one with 'hitlsim train deck'")
    letters = [c.letter for c in decks]
    if len(set(letters)) < len(letters):
        raise LogError(
            f"the decks have the letters {', '.join(letters)}; draw the second with "
            "'hitlsim train deck --other-than first.json', so that it shares no item with the first"
        )
    ids = [item.item_id for c in decks for item in c.items]
    if len(set(ids)) < len(ids):
        raise LogError("the decks share items; draw the second with --other-than the first")


def _letters(n: int) -> str:
    return "".join(secrets.choice(_CLEAR) for _ in range(n))


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
