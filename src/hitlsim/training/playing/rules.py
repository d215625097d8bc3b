"""What may be done with an item, and what an answer needs; the same for every view."""

from __future__ import annotations

from typing import Any

from ..acts import Act, Round
from .given import is_number
from .item import Item
from .settings import Settings

REASON_CHARS = 300
SURE = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The steps in which a view asks how likely an item is right."""


def is_open(item: Item, *, opened: bool) -> bool:
    """Whether its text is in sight: in the shadow round always, later once it was opened."""
    return opened or item.round is Round.SHADOW


def acts_of(item: Item, *, opened: bool) -> tuple[Act, ...]:
    """What may be done with it as it stands.

    In the shadow round one observes: the AI acts, and there is nothing to approve. Later an item
    is a line in an inbox. What asks for a person can be approved without opening it, as at a real
    desk; to change it, or to send it back, one has to see it.
    """
    if item.round is Round.SHADOW:
        return (Act.LEAVE, Act.EDIT, Act.REJECT)
    if opened:
        return (Act.APPROVE, Act.EDIT, Act.REJECT)
    return (Act.LEAVE, Act.APPROVE) if item.needs_look else (Act.LEAVE,)


def refusal(
    item: Item, act: Act, reason: Any, sure: Any, settings: Settings, *, opened: bool
) -> str:
    """Why an answer cannot be taken; empty when it can."""
    may = acts_of(item, opened=opened)
    if act not in may:
        return _not_now(item, act, may, opened=opened)
    if not isinstance(reason, str):
        return f"reason={reason!r:.40} must be a text"
    if len(reason) > REASON_CHARS:
        return f"the reason has {len(reason)} characters; say it in {REASON_CHARS}"
    if act is Act.REJECT and not reason.strip():
        return "rejecting needs a reason; say in a few words what is wrong"
    if sure is not None and not (is_number(sure) and 0 <= sure <= 1):
        return f"sure={sure!r:.40} must lie between 0 and 1: the chance that the item is right"
    judged = is_open(item, opened=opened)
    if settings.ask_sure and judged and sure is None:
        return "this session asks how sure you are; give the chance that the item is right"
    return ""


def _not_now(item: Item, act: Act, may: tuple[Act, ...], *, opened: bool) -> str:
    if item.round is Round.SHADOW:
        return "in the shadow round there is nothing to approve; leave it alone, edit or reject"
    if opened:
        return "it has been opened, so it can't be left alone any more; approve, edit or reject it"
    if act is Act.APPROVE:
        return "nothing asks you to approve this one; leave it alone, or open it first"
    return f"open it first; unopened one can {' or '.join(may)}"
