"""A session: one person works a deck, item by item; every step is an event.

No view is needed: what a widget does, the calls here do.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from ...errors import LogError
from ..acts import Act, Round
from .events import Did, Event, Journal, Looks, Memory, State
from .given import clean
from .item import Cards, Item, cards_in
from .rules import acts_of, is_open, refusal
from .settings import Settings
from .standing import Progress, Reply, Stage, row_of
from .timing import Stopwatch

_ALL_OPEN = len(Round)


class Session:
    """One person's session with one deck.

    Parameters
    ----------
    deck : Deck, Cards, str or Path
        A deck, or its file.
    trainee : str
        Pseudonym.
    settings : Settings or mapping, optional
    journal : Journal, optional
        Where events are kept, and from which it goes on; in memory if left out.
    rounds_open : callable, optional
        How many rounds the facilitator has opened, where rounds are opened together.
    clock : callable
        Seconds that never go back.

    Examples
    --------
    >>> import hitlsim as hs
    >>> team = hs.load("on-the-loop")
    >>> deck = hs.draw_deck(hs.simulate(team, seed=7).log, costs=team)
    >>> session = Session(deck, "wren")
    >>> session.begin()
    >>> session.item.round, session.answer("leave alone").new
    (<Round.SHADOW: 'shadow'>, True)
    >>> session.progress.done, session.progress.of_all
    (1, 120)
    """

    def __init__(
        self,
        deck: Any,
        trainee: str = "you",
        *,
        settings: Any = None,
        journal: Journal | None = None,
        rounds_open: Callable[[], int] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.cards: Cards = cards_in(deck)
        if not len(self.cards):
            raise LogError("the deck is empty; draw one with 10 items or more in each round")
        self.trainee = trainee
        self.settings = Settings.of(settings)
        self._journal = journal if journal is not None else Memory()
        self._rounds_open = rounds_open
        self._state = State()
        self._lock = threading.RLock()
        self._watch = Stopwatch(clock)
        self._by_id = {item.item_id: item for item in self.cards.items}
        self.refresh()

    def __repr__(self) -> str:
        p = self.progress
        at = "through" if p.round is None else f"in the {p.round} round"
        return (f"<session of {self.trainee}, deck {self.cards.letter}: {p.done_in_all} of "
                f"{p.of_all} items answered, {at}>")  # fmt: skip

    # --- where it stands -------------------------------------------------------------------------

    def refresh(self) -> None:
        """Take up what was done elsewhere, such as in another window."""
        with self._lock:
            self._state.fold(self._journal.read(self._state.last))

    @property
    def next_item(self) -> Item | None:
        """The first item without an answer, whether its round has begun or not."""
        done = self._state.answered
        return next((i for i in self.cards.items if i.item_id not in done), None)

    @property
    def stage(self) -> Stage:
        """Where it stands."""
        item = self.next_item
        if item is None:
            return Stage.DONE
        return Stage.ITEM if str(item.round) in self._state.began else Stage.BRIEFING

    @property
    def item(self) -> Item | None:
        """The item before the trainee; None between rounds and at the end."""
        return self.next_item if self.stage is Stage.ITEM else None

    @property
    def round(self) -> Round | None:
        """The round that is played, or comes next; None at the end."""
        item = self.next_item
        return item.round if item else None

    @property
    def opened(self) -> bool:
        """Whether the text of the item is in sight."""
        item = self.item
        return item is not None and is_open(item, opened=item.item_id in self._state.opened)

    @property
    def acts(self) -> tuple[Act, ...]:
        """What may be done with the item."""
        item = self.item
        if item is None:
            return ()
        return acts_of(item, opened=item.item_id in self._state.opened)

    @property
    def waits(self) -> bool:
        """Whether the facilitator has yet to open the round that comes next."""
        coming = self.round
        if self.stage is not Stage.BRIEFING or coming is None or not self.settings.together:
            return False
        opened = _ALL_OPEN if self._rounds_open is None else self._rounds_open()
        return self.cards.rounds.index(coming) >= opened

    @property
    def progress(self) -> Progress:
        """How far it has come."""
        done, name = self._state.answered, self.round
        mine = () if name is None else self.cards.of_round(name)
        return Progress(
            name, sum(i.item_id in done for i in mine), len(mine), len(done), len(self.cards)
        )

    @property
    def worked_seconds(self) -> float:
        """Time spent on the items of this round so far, without pauses."""
        mine = () if self.round is None else self.cards.of_round(self.round)
        answered = (self._state.answered.get(i.item_id) for i in mine)
        spent = (float(e.told.get("spent_seconds") or 0.0) for e in answered if e is not None)
        item = self.item
        looks = self._state.looks.get(item.item_id, Looks()) if item else Looks()
        return sum(spent) + looks.spent_seconds + self._watch.spent_seconds

    @property
    def events(self) -> list[Event]:
        """Everything that has happened, in order."""
        return self._journal.read(0)

    # --- what one does ---------------------------------------------------------------------------

    def begin(self) -> None:
        """Begin the round that comes next; in one that has begun, nothing happens.

        Raises
        ------
        LogError
            When the facilitator has yet to open it.
        """

        def decide() -> list[Event]:
            coming = self.round
            if coming is None or self.stage is not Stage.BRIEFING:
                return []
            if self.waits:
                raise LogError(
                    f"the {coming} round has not been opened yet; wait for your facilitator"
                )
            return [self._event(Did.BEGAN, round=str(coming))]

        self._do(decide)
        self.show()

    def show(self) -> Item | None:
        """Put the item in sight, and start its clock; where that is done, nothing happens."""
        self.refresh()
        item = self.item
        if item is None or item.item_id == self._watch.item_id:
            return item
        self.pause()
        look = _look()

        def decide() -> list[Event]:
            return [] if self.item is None else [self._shown(self.item, look)]

        self._do(decide)
        return self._looks_at(look)

    def _shown(self, item: Item, look: str) -> Event:
        return self._event(Did.SHOWN, item.item_id, look=look)

    def _looks_at(self, look: str) -> Item | None:
        item = self.item
        if item is not None:
            self._watch.start(item.item_id, look, in_sight=self.opened)
        return item

    def open(self) -> None:
        """Open the text of the item; where it is in sight, nothing happens."""
        self.show()

        def decide() -> list[Event]:
            item = self.item
            if item is None or self.opened:
                return []
            return [self._event(Did.OPENED, item.item_id)]

        self._do(decide)
        self._watch.sees()

    def pause(self, *, seen_seconds: float | None = None) -> None:
        """Stop the clock, as when one leaves the page; :meth:`show` goes on."""
        look = self._watch.look
        if look is None:
            return
        spent, sight = self._watch.measured(seen_seconds)
        item_id = self._watch.item_id

        def decide() -> list[Event]:
            if item_id in self._state.answered:
                return []
            return [self._event(Did.PAUSED, item_id, look=look, spent_seconds=spent,
                                sight_seconds=sight)]  # fmt: skip

        self._do(decide)
        self._watch.stop()

    def answer(
        self,
        act: str,
        *,
        reason: str = "",
        sure: float | None = None,
        item_id: str | None = None,
        seen_seconds: float | None = None,
    ) -> Reply:
        """Answer the item before the trainee. It is saved when this returns.

        The next item of the round is then in sight, unless a mistake is to be told first; then
        :meth:`show` goes on.

        Parameters
        ----------
        act : Act or str
            ``leave alone``, ``approve``, ``edit`` or ``reject``, as far as :attr:`acts` has it.
        reason : str
            Why, in a few words; rejecting needs one.
        sure : float, optional
            Chance that the item is right, 0 to 1; needed where the session asks for it.
        item_id : str, optional
            Which item is meant: an answer to one that has been answered (a double click, another
            window) changes nothing.
        seen_seconds : float, optional
            How long its text was in sight since it was last shown, as a view has measured it.

        Returns
        -------
        Reply

        Raises
        ------
        LogError
            When there is no such item or action, or the item does not allow it now; nothing is
            saved then.
        """
        if act not in tuple(Act):
            raise LogError(f"{act!r} is no action; there are {', '.join(Act)}")
        if item_id is not None and item_id not in self._by_id:
            raise LogError(f"item {item_id!r} is none of this deck; answer the item shown")
        # what is meant is what is in sight here, whatever another window has done meanwhile
        seen = self.item
        self.refresh()
        item, look = seen or self.item, _look()
        meant = item_id or (item.item_id if item else "")
        if meant not in self._state.answered:
            self.show()

        def decide() -> list[Event]:
            if meant in self._state.answered:
                return []
            answered = self._answered(Act(act), reason, sure, meant, seen_seconds)
            following = self._following(meant)
            if following is None or self._tells(answered):
                return [answered]
            return [answered, self._shown(following, look)]

        added = self._do(decide)
        if not added:
            return self._again(meant)
        self._watch.stop()
        if len(added) > 1:
            self._looks_at(look)
        return self._replied(added[0])

    def _following(self, item_id: str) -> Item | None:
        """The item after this one, in the same round."""
        items = self.cards.items
        at = next(i for i, item in enumerate(items) if item.item_id == item_id) + 1
        same = at < len(items) and items[at].round is items[at - 1].round
        return items[at] if same else None

    def _answered(
        self, act: Act, reason: str, sure: float | None, meant: str, seen: float | None
    ) -> Event:
        item = self.item
        if item is None:
            raise LogError(
                "the session is at its end; nothing is left to answer"
                if self.stage is Stage.DONE else "the round has not begun; begin it first"
            )  # fmt: skip
        if meant != item.item_id:
            raise LogError(f"item {meant!r} is not before you; {item.item_id!r} is")
        opened = item.item_id in self._state.opened
        why = refusal(item, act, reason, sure, self.settings, opened=opened)
        if why:
            raise LogError(f"item {item.item_id}: {why}")
        spent, sight = self._watch.measured(seen)
        looks = self._state.looks.get(item.item_id, Looks())
        whole = looks.open <= {self._watch.look or ""}
        told = {
            "action": str(act), "reason": clean(reason).strip(), "sure": sure,
            "spent_seconds": round(looks.spent_seconds + spent, 3),
            # a look that broke off left no time behind: how long it was is not known
            "sight_seconds": round(looks.sight_seconds + sight, 3) if whole else None,
        }  # fmt: skip
        return self._event(Did.ANSWERED, item.item_id, **told)

    def _again(self, item_id: str) -> Reply:
        counts = self._state.answered[item_id]
        return Reply(item_id, Act(counts.told["action"]), new=False)

    def _replied(self, e: Event) -> Reply:
        tell = self._by_id[e.item_id] if self._tells(e) else None
        return Reply(e.item_id, Act(e.told["action"]), new=True, tell=tell)

    def _tells(self, e: Event) -> bool:
        """Whether its mistake is told at once: of what one was to see, or has seen.

        To tell it of a routine item that was left alone would teach to open everything.
        """
        item = self._by_id[e.item_id]
        seen = item.needs_look or is_open(item, opened=item.item_id in self._state.opened)
        return self.settings.tell_at_once and not item.truth.right and seen

    # --- what comes of it ------------------------------------------------------------------------

    def rows(self) -> list[dict[str, Any]]:
        """Answers so far, with the columns of a table of answers, in the order of play."""
        return [
            row_of(self.trainee, self.cards.letter, item, self._state.answered[item.item_id])
            for item in self.cards.items if item.item_id in self._state.answered
        ]  # fmt: skip

    @property
    def answers(self) -> Any:
        """The answers so far, ready to be scored (:class:`~hitlsim.training.answers.Answers`)."""
        from ..answers import answers_of

        return answers_of(self.rows(), {**self.cards.source, "source": "a session"})

    def answer_to(self, item_id: str) -> Event | None:
        """The event of the answer to an item; None where there is none."""
        return self._state.answered.get(item_id)

    # --- how -------------------------------------------------------------------------------------

    def _event(self, did: Did, item_id: str = "", **told: Any) -> Event:
        return Event(0, datetime.now(UTC).isoformat(timespec="milliseconds"), did, item_id, told)

    def _do(self, decide: Callable[[], Sequence[Event]]) -> list[Event]:
        """Decide upon everything that has happened, and write it down, in one stroke."""
        with self._lock:
            seen = 0

            def informed(news: Sequence[Event]) -> Sequence[Event]:
                nonlocal seen
                seen = len(news)
                self._state.fold(news)
                return decide()

            found = self._journal.write(self._state.last, informed)
            self._state.fold(found)
            return found[seen:]


def _look() -> str:
    """A name for a look, which tells one window's from another's."""
    return secrets.token_hex(4)
