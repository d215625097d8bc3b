"""Where a session stands, what became of an answer, and answers as rows of a table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ..acts import Act, Round
from .events import Event
from .item import Item


class Stage(StrEnum):
    """Where a session stands."""

    BRIEFING = "briefing"
    """Before a round; :meth:`Session.begin` begins it."""
    ITEM = "item"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far somebody has come: in the round, and in all."""

    round: Round | None
    done: int
    of: int
    done_in_all: int
    of_all: int


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of an answer.

    Attributes
    ----------
    item_id : str
    act : Act
        What counts: the first answer.
    new : bool
        False where the item had been answered before; nothing has changed then.
    tell : Item or None
        The item, where its mistake is to be told at once.
    """

    item_id: str
    act: Act
    new: bool
    tell: Item | None = None


def row_of(trainee: str, letter: str, item: Item, e: Event) -> dict[str, Any]:
    """One answer as a row of a table of answers."""
    t, unopened = e.told, item.round is not Round.SHADOW and e.told["action"] == Act.LEAVE
    return {
        "trainee": trainee, "deck": letter, "item_id": item.item_id, "round": str(item.round),
        "workflow": item.workflow, "title": item.title, "needs_look": item.needs_look,
        "action": t["action"], "reason": t.get("reason") or None,
        "dwell_seconds": t.get("spent_seconds" if unopened else "sight_seconds"),
        "sure": t.get("sure"), "answered_at": e.at, "right": item.truth.right,
        "fault": item.truth.fault or None, **item.carried,
    }  # fmt: skip
