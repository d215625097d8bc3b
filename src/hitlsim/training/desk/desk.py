"""The desk: what a view asks, what it is answered. Nothing asked of it ends it.

A view sends messages and draws what comes back; all that counts is in the session, and in its
journal before anybody is told so.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from ...errors import LogError
from ..keeping.classroom import Classroom, Seat
from ..playing.item import Cards, Item
from ..playing.session import Session
from ..playing.standing import Stage
from .feedback import Feedback
from .screens import Screen, join_screen, screen

_KEPT_REPLIES = 16
"""A message that was sent twice, because no reply came, gets the reply it got."""
_MOST_WRONG = 10
"""Wrong ways back at one desk: short enough to type, they are short enough to guess."""
_NOT_SAVED = {
    "answer": "the answer could not be taken", "open": "the item could not be opened",
    "begin": "the round could not be begun", "join": "no seat could be taken",
}  # fmt: skip
_ANSWERED_BEFORE = (
    "this item had been answered already, perhaps in another window; the first answer counts"
)


class Desk:
    """One person's desk in a class.

    Parameters
    ----------
    room : Classroom
    seat : Seat, optional
        Whose desk it is; left out, one joins by the class's code.
    served : bool
        Whether a server shows it to a class; then its worker makes the feedback.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> import hitlsim as hs
    >>> team = hs.load("on-the-loop")
    >>> deck = hs.draw_deck(hs.simulate(team, seed=7).log, costs=team)
    >>> room = Classroom.create(Path(tempfile.mkdtemp()) / "class.db", [deck])
    >>> desk = Desk(room, seat=room.join(room.code, "wren"))
    >>> desk.screen["stage"], desk.handle({"id": "1", "do": "begin"})["state"]["stage"]
    ('briefing', 'item')
    >>> item = desk.screen["item"]["item_id"]
    >>> desk.handle({"id": "2", "do": "answer", "item_id": item, "act": "leave alone"})["ok"]
    True
    """

    def __init__(self, room: Classroom, *, seat: Seat | None = None, served: bool = False) -> None:
        self.room, self.seat, self.served = room, None, served
        self.session: Session | None = None
        self.feedback = Feedback(room, served=served)
        self._told: Item | None = None
        self._timed = False
        self._wrong = 0
        self._replies: OrderedDict[str, dict[str, Any]] = OrderedDict()
        self._does: dict[str, Callable[[Mapping[str, Any]], str]] = {
            "join": self._join, "back": self._back, "begin": self._begin, "open": self._open,
            "answer": self._answer, "pause": self._pause, "show": self._show, "next": self._next,
            "poll": self._poll, "second": self._second,
        }  # fmt: skip
        self.screen: Screen = join_screen(served=served)
        if seat is not None:
            self._sit(seat)
            self.screen = self._drawn()

    seat: Seat | None

    def handle(self, message: Any) -> dict[str, Any]:
        """Do what a view asks.

        Parameters
        ----------
        message : mapping
            ``id``, ``do`` and what that needs.

        Returns
        -------
        dict
            ``id``, ``ok``, ``state`` (see :func:`~hitlsim.training.desk.screens.screen`), and what
            there is to say: ``error``, or ``note``.
        """
        given: Mapping[str, Any] = message if isinstance(message, Mapping) else {}
        name, do = str(given.get("id", "")), str(given.get("do", ""))
        if name and name in self._replies:
            return self._replies[name] | {"state": self.screen}
        reply: dict[str, Any] = {"id": name, "ok": True}
        try:
            note = self._do(do, given)
            if note:
                reply["note"] = note
        except LogError as e:
            reply |= {"ok": False, "error": str(e)}
        except Exception as e:  # a view that died would take the session along
            said = _NOT_SAVED.get(do, "that could not be done")
            reply |= {"ok": False, "error": f"{said} ({type(e).__name__}: {e}); nothing was saved; "
                                            "do it again, or load the page again"}  # fmt: skip
        with suppress(Exception):  # what was shown stays
            self.screen = self._drawn()
        reply["state"] = self.screen
        if name and reply["ok"]:
            self._keep(name, reply)
        return reply

    def _do(self, do: str, given: Mapping[str, Any]) -> str:
        if do not in self._does:
            raise LogError(f"{do[:20]!r} is nothing a desk does; it does {', '.join(self._does)}")
        return self._does[do](given)

    def _keep(self, name: str, reply: dict[str, Any]) -> None:
        self._replies[name] = reply
        while len(self._replies) > _KEPT_REPLIES:
            self._replies.popitem(last=False)

    # --- taking a seat ---------------------------------------------------------------------------

    def _join(self, given: Mapping[str, Any]) -> str:
        if self.seat is None:
            self._sit(self.room.join(_text(given, "code"), _text(given, "pseudonym")))
        return ""

    def _back(self, given: Mapping[str, Any]) -> str:
        if self.seat is None:
            self._sit(self._seat_of(_text(given, "way_back")))
            self._put_in_sight()
        return ""

    def _seat_of(self, way_back: str) -> Seat:
        if self._wrong >= _MOST_WRONG:
            raise LogError(
                "too many wrong ways back; ask your facilitator for yours, then load the page again"
            )
        try:
            return self.room.back(way_back)
        except LogError:
            self._wrong += 1
            raise

    def _sit(self, seat: Seat) -> None:
        session = self.room.session(seat.trainee)
        before = self._deck_before(session)
        if before is not None:  # the feedback to the first deck comes before the second
            session = self.room.session(seat.trainee, before.letter)
        self.seat, self.session = seat, session

    def _deck_before(self, session: Session) -> Cards | None:
        if session.events:
            return None
        letters = [cards.letter for cards in self.room.decks]
        at = letters.index(session.cards.letter)
        return self.room.decks[at - 1] if at else None

    def _seated(self) -> Session:
        if self.session is None:
            raise LogError("take a seat first: give the class's code, or your way back")
        return self.session

    # --- working ---------------------------------------------------------------------------------

    def _begin(self, _: Mapping[str, Any]) -> str:
        self._seated().begin()
        self._timed = True
        return ""

    def _open(self, given: Mapping[str, Any]) -> str:
        session = self._seated()
        meant, item = _text(given, "item_id"), session.item
        if item is not None and meant in ("", item.item_id):
            session.open()
        return ""

    def _answer(self, given: Mapping[str, Any]) -> str:
        session = self._seated()
        reply = session.answer(
            _text(given, "act"), reason=_text(given, "reason"), sure=_number(given, "sure"),
            item_id=_text(given, "item_id") or None, seen_seconds=_number(given, "seen_seconds"),
        )  # fmt: skip
        self._timed = False
        if reply.new:
            self._told = reply.tell
        if self._told is None:
            with suppress(LogError):  # the answer is saved; the view asks again for the item
                self._put_in_sight()
        return "" if reply.new else _ANSWERED_BEFORE

    def _pause(self, given: Mapping[str, Any]) -> str:
        if self.session is not None:
            self.session.pause(seen_seconds=_number(given, "seen_seconds"))
            self._timed = False
        return ""

    def _show(self, _: Mapping[str, Any]) -> str:
        self._seated().refresh()
        self._put_in_sight()
        return ""

    def _next(self, _: Mapping[str, Any]) -> str:
        self._seated()
        self._told = None
        self._put_in_sight()
        return ""

    def _poll(self, _: Mapping[str, Any]) -> str:
        if self.session is not None:
            self.session.refresh()
        return ""

    def _put_in_sight(self) -> None:
        """Show the item, if there is one, and start its clock."""
        session = self._seated()
        if self._told is None and session.stage is Stage.ITEM:
            session.show()
            self._timed = True

    # --- the end ---------------------------------------------------------------------------------

    def _second(self, _: Mapping[str, Any]) -> str:
        session, letter = self._seated(), self._letter_after()
        if session.stage is not Stage.DONE or letter is None:
            raise LogError("there is no second deck to play now; finish this one first")
        self.session = self.room.session(session.trainee, letter)
        return ""

    def _letter_after(self) -> str | None:
        letters = [cards.letter for cards in self.room.decks]
        after = letters[letters.index(self._seated().cards.letter) + 1 :]
        return after[0] if after else None

    def _drawn(self) -> Screen:
        session, seat = self.session, self.seat
        if session is None or seat is None:
            return join_screen(served=self.served)
        shown = screen(session, way_back=seat.way_back, served=self.served, told=self._told,
                       timed=self._timed)  # fmt: skip
        if self.served:
            shown["code"] = self.room.code
        if shown["stage"] != Stage.DONE:
            return shown
        return shown | self.feedback.state(seat.trainee, session.cards.letter) | {
            "second": self._letter_after()}  # fmt: skip


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name)
    return value if isinstance(value, str) else ""


def _number(given: Mapping[str, Any], name: str) -> float | None:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value)
