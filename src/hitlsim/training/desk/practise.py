"""Practise reviewing in one's own notebook: a deck, a file that keeps every answer, the desk."""

from __future__ import annotations

import json
import secrets
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import LogError
from ..keeping.classroom import Classroom, Seat
from ..playing.item import Cards, cards_in, cards_of
from ..playing.session import Session
from ..playing.settings import Settings
from .still import still_html

if TYPE_CHECKING:
    from ...present.picture import Note
    from ...scenario.scenario import Scenario
    from ..answers import Answers
    from ..dealing.deck import Deck
    from ..debrief import Debrief
    from ..weeks.twelve import Weeks
    from .practice import Practice

_TEAM = "on-the-loop"
_SEED = 7


class OwnPractice:
    """One's own practice, shown as a desk in a notebook; made by :func:`practise`.

    Attributes
    ----------
    room : Classroom
        The file, a class of one.
    trainee : str
        Pseudonym.
    """

    def __init__(self, room: Classroom, seat: Seat) -> None:
        self.room, self.seat, self.trainee = room, seat, seat.trainee
        self._session = room.session(seat.trainee)

    @property
    def session(self) -> Session:
        """The session where it stands, of the deck that is played."""
        now = self.room.session(self.trainee)
        if now.cards.letter != self._session.cards.letter:
            self._session = now
        self._session.refresh()
        return self._session  # the same for the whole deck: it is the one that has the time

    @property
    def answers(self) -> Answers:
        """The answers so far, ready to be scored."""
        from ..answers import answers_of

        return answers_of(self.room.answer_rows(self.trainee), self.room.record)

    def debrief(self) -> Debrief | Note:
        """What was caught, missed and touched needlessly; before the deck is through, how far."""
        return self._not_yet() or _debriefed(self.answers)

    def twelve_weeks(self) -> Weeks | Note:
        """What comes of a team with one's own habits; before the deck is through, how far."""
        from ...scenario.files import load
        from ..scoring.score import score
        from ..weeks.twelve import twelve_weeks

        mine = self.room.decks[0].letter
        return self._not_yet() or twelve_weeks(
            score(self.answers.of_deck(mine)), load(self.room.settings.team)
        )

    def _not_yet(self) -> Note | None:
        from ...present.picture import Note

        done, of = self.answered
        if done >= of:
            return None
        return Note(
            f"Not yet: {done} of {of} items are answered. Play the deck to its end on the desk, "
            "then run this cell again."
        )

    @property
    def answered(self) -> tuple[int, int]:
        """How many items of the first deck are answered, and how many it has."""
        first = self.room.session(self.trainee, self.room.decks[0].letter).progress
        return first.done_in_all, first.of_all

    @cached_property
    def widget(self) -> Practice:
        """The desk, a widget; needs the extra ``lab``."""
        try:
            from .practice import Practice
        except ImportError:
            raise LogError(
                "the desk needs anywidget and JupyterLab: pip install 'hitlsim[lab]'; without "
                "them a session can be played call by call (practice.session)"
            ) from None
        return Practice(self.room, seat=self.seat)

    def _ipython_display_(self) -> None:
        from IPython.display import HTML, display

        name = f"hitl-static-{secrets.token_hex(4)}"
        first = self.room.decks[0]
        try:
            self.widget.still = name
        except LogError as e:
            html = still_html(first, self.room.settings, name, why=str(e))
            display(HTML(html))  # type: ignore[no-untyped-call]  # IPython is untyped
            return
        display(self.widget)  # type: ignore[no-untyped-call]  # IPython is untyped
        html = still_html(first, self.room.settings, name)
        display(HTML(html))  # type: ignore[no-untyped-call]  # IPython is untyped

    def to_dict(self) -> dict[str, Any]:
        """Who has answered how much, and the debrief once the deck is through."""
        done, of = self.answered
        told = {} if done < of else _debriefed(self.answers).to_dict()
        return {"trainee": self.trainee, "answered": done, "items": of, "debrief": told,
                "settings": self.room.settings.to_dict()}  # fmt: skip

    def __repr__(self) -> str:
        done, of = self.answered
        return f"<practice of {self.trainee} in {self.room.path}: {done} of {of} items answered>"


def _debriefed(answers: Answers) -> Debrief:
    """The debrief, which knows pandas; whoever only plays need not."""
    from ..debrief import debrief

    return debrief(answers)


def practise(
    deck: Deck | Cards | Scenario | str | Path | None = None,
    *,
    file: str | Path = "practice.db",
    trainee: str = "",
    second: Deck | Cards | str | Path | None = None,
    show_confidence: bool | None = None,
    ask_sure: bool | None = None,
    tell_at_once: bool | None = None,
    team: str | None = None,
) -> OwnPractice:
    """Practise reviewing: the desk in a notebook, each answer kept in a file as it is given.

    Run again with the same file it goes on where it was left.

    Parameters
    ----------
    deck : Deck, Cards, Scenario, str or Path, optional
        A deck, its file, or a scenario whose simulated log it is drawn from; left out, that of the
        file, or else one drawn from the reference rollout, with a second one beside it.
    file : str or Path
        Where the answers are kept, beside the notebook.
    trainee : str
        Pseudonym; left out, a bird, or whoever the file has.
    second : Deck, Cards, str or Path, optional
        A deck that shares no item with the first, to see afterwards what has changed.
    show_confidence, ask_sure, tell_at_once : bool, optional
        As in :class:`~hitlsim.training.playing.settings.Settings`.
    team : str, optional
        The scenario whose twelve weeks are shown with one's own habits.

    Returns
    -------
    OwnPractice

    Raises
    ------
    LogError
        When the deck cannot be read, the file holds another deck or other settings, or several
        people and it is not said who practises.

    Examples
    --------
    >>> import tempfile
    >>> practice = practise(file=Path(tempfile.mkdtemp()) / "practice.db", trainee="wren")
    >>> practice.session.begin()
    >>> practice.session.answer("leave alone").new, practice.answered
    (True, (1, 120))
    >>> practise(file=practice.room.path).answered
    (1, 120)
    """
    given = {"show_confidence": show_confidence, "ask_sure": ask_sure,
             "tell_at_once": tell_at_once, "team": team}  # fmt: skip
    said = {name: value for name, value in given.items() if value is not None}
    path = Path(file)
    if path.is_file():
        room = _resumed(path, deck, second, said)
    else:
        room = Classroom.create(path, _decks(deck, second), settings=said)
    return OwnPractice(room, _seat(room, trainee.strip()))


def _resumed(path: Path, deck: Any, second: Any, said: dict[str, Any]) -> Classroom:
    room = Classroom.open(path)
    given = _decks(deck, second) if deck is not None else [room.decks[0]]
    if deck is None and second is not None:
        given.append(cards_in(second))
    there = {cards.letter: cards for cards in room.decks}
    _same(room, given[0], room.decks[0])
    for cards in given[1:]:
        _same(room, cards, there.get(cards.letter))
    for name, value in Settings.of(said).to_dict().items():
        if name in said and value != room.settings.to_dict()[name]:
            raise LogError(
                f"{path}: is played with {name}={room.settings.to_dict()[name]!r}, not {value!r}; "
                "leave it out to go on, or give another file"
            )
    for cards in given[1:]:
        if cards.letter not in there:  # the second deck may come later
            room.add_deck(cards)
    return room


def _same(room: Classroom, cards: Cards, kept: Cards | None) -> None:
    if kept is not None and _as_kept(cards) != kept:
        raise LogError(
            f"{room.path}: holds another deck; leave the deck out to go on with that one, or give "
            "another file, such as file='practice-2.db'"
        )


def _as_kept(cards: Cards) -> Cards:
    """Cards as a file would give them back."""
    return cards_of(json.loads(json.dumps(cards.to_dict())), "the deck")


def _seat(room: Classroom, trainee: str) -> Seat:
    there = room.ways_back
    if trainee in there:
        return Seat(trainee, there[trainee])
    if not trainee and len(there) == 1:
        return Seat(*next(iter(there.items())))
    if not trainee and there:
        raise LogError(
            f"{room.path}: {', '.join(there)} practise here; say who you are, such as "
            f"trainee={next(iter(there))!r}"
        )
    return room.join(room.code, trainee)


def _decks(deck: Any, second: Any) -> list[Cards]:
    from ...scenario.files import load
    from ...scenario.scenario import Scenario

    team = load(_TEAM) if deck is None else deck
    if isinstance(team, Scenario):
        first, other = _drawn(team)
        return [first.cards, other.cards if second is None else cards_in(second)]
    return [cards_in(deck), *([] if second is None else [cards_in(second)])]


def _drawn(team: Scenario) -> tuple[Deck, Deck]:
    from ...simulation.run import simulate
    from ..dealing.deck import draw_deck

    log = simulate(team, seed=_SEED).log
    first = draw_deck(log, costs=team)
    return first, draw_deck(log, costs=team, other_than=first)
