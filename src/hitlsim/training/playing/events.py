"""What happens in a session, one event after the other, and what follows from them.

A session is nothing but its events: whoever reads them stands where it was left.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol


class Did(StrEnum):
    """Kinds of events."""

    BEGAN = "began"
    """A round; ``told`` has its name."""
    SHOWN = "shown"
    """An item came in sight; ``told`` has the name of this look at it."""
    OPENED = "opened"
    """Its text was opened."""
    PAUSED = "paused"
    """A look ended without an answer; ``told`` has its seconds."""
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True)
class Event:
    """One event.

    Attributes
    ----------
    number : int
        1, 2, 3 ... within a person's session of one deck; 0 until it is written.
    at : str
        Wall-clock time, UTC, ISO 8601. It may jump; nothing is measured by it.
    did : Did
    item_id : str
        Empty for events of a round.
    told : mapping
        The rest, as plain values.
    """

    number: int
    at: str
    did: Did
    item_id: str = ""
    told: Mapping[str, Any] = field(default_factory=dict)


Decide = Callable[[Sequence[Event]], Sequence[Event]]
"""From what others have written meanwhile to what is to be added."""


class Journal(Protocol):
    """Where events are kept; several may write."""

    def read(self, after: int) -> list[Event]:
        """Events with a higher number."""

    def write(self, after: int, decide: Decide) -> list[Event]:
        """Let ``decide`` see what has come since, and add what it says, in one stroke.

        Returns what it saw and what was added. When ``decide`` raises, or it cannot be written,
        nothing is added.
        """


class Memory:
    """A journal in memory."""

    def __init__(self, events: Iterable[Event] = ()) -> None:
        self.events = list(events)
        self._lock = threading.RLock()

    def read(self, after: int) -> list[Event]:
        """Events with a higher number."""
        with self._lock:
            return self.events[after:]

    def write(self, after: int, decide: Decide) -> list[Event]:
        """See :meth:`Journal.write`."""
        with self._lock:
            news = self.read(after)
            self.events += numbered(decide(news), len(self.events))
            return self.events[after:]


def numbered(events: Sequence[Event], last: int) -> list[Event]:
    """Events with the numbers that follow ``last``."""
    return [Event(last + i, e.at, e.did, e.item_id, e.told) for i, e in enumerate(events, 1)]


@dataclass(slots=True)
class Looks:
    """How long an item has been looked at, by the looks that were ended."""

    open: set[str] = field(default_factory=set)
    """Looks that nobody has ended: the one that is going on, and any that broke off."""
    spent_seconds: float = 0.0
    sight_seconds: float = 0.0


@dataclass(slots=True)
class State:
    """What follows from the events."""

    last: int = 0
    began: set[str] = field(default_factory=set)
    opened: set[str] = field(default_factory=set)
    looks: dict[str, Looks] = field(default_factory=dict)
    answered: dict[str, Event] = field(default_factory=dict)

    def fold(self, events: Iterable[Event]) -> None:
        """Go on with these events; those it knows are left out."""
        for e in events:
            if e.number > self.last:
                self.last = e.number
                self._take(e)

    def _take(self, e: Event) -> None:
        looks = self.looks.setdefault(e.item_id, Looks())
        match e.did:
            case Did.BEGAN:
                self.began.add(str(e.told["round"]))
            case Did.SHOWN:
                looks.open.add(str(e.told["look"]))
            case Did.OPENED:
                self.opened.add(e.item_id)
            case Did.PAUSED:
                looks.open.discard(str(e.told["look"]))
                looks.spent_seconds += float(e.told["spent_seconds"])
                looks.sight_seconds += float(e.told["sight_seconds"])
            case Did.ANSWERED:
                self.answered.setdefault(e.item_id, e)
