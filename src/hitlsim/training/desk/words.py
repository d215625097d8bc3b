"""What the desk says about rounds and actions, in plain words."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..acts import Act, Round
from ..playing.rules import SURE


@dataclass(frozen=True, slots=True)
class Told:
    """What one is told before a round.

    Attributes
    ----------
    title : str
    lead : str
        The situation, in a sentence or two.
    sees, does : tuple of str
        What one sees, and what one can do.
    item_seconds : float
        How long an item takes most people: how long the round takes is said by it.
    """

    title: str
    lead: str
    sees: tuple[str, ...]
    does: tuple[str, ...]
    item_seconds: float


ROUND_WORDS = {
    Round.SHADOW: Told(
        "Watch",
        "The AI works on its own, and you look over its shoulder. Mark where you would step in.",
        ("every item in full: what it proposes, and what it knew",),
        ("leave it alone, where it may go out as it is",
         "edit it, where a part must change",
         "reject it, where it must not go out; say why in a few words"),
        25.0,
    ),
    Round.EXCEPTION: Told(
        "Only what is asked",
        "Now only the items that the rules send to a person reach you. Each says why you are "
        "asked.",
        ("one line for each item, and why you are asked", "the rest, once you open it"),
        ("open it, then approve, edit or reject it",
         "approve it unread, or leave it alone: then it goes out as it is"),
        20.0,
    ),
    Round.STEADY: Told(
        "The whole inbox",
        "Day to day: most items need nobody and go out alone; some ask for you. Nobody looks over "
        "your shoulder.",
        ("one line for each item; those that ask for you say why",
         "the rest, once you open it: you may open any"),
        ("leave alone what needs no look",
         "open what you want to see, then approve, edit or reject it"),
        12.0,
    ),
}  # fmt: skip

ACT_WORDS = {
    Act.LEAVE: ("Leave alone", "L"),
    Act.APPROVE: ("Approve", "A"),
    Act.EDIT: ("Edit", "E"),
    Act.REJECT: ("Reject", "R"),
}
"""What stands on a button, and the key that presses it."""
SURE_WORDS = ("surely wrong", "probably wrong", "can't say", "probably right", "surely right")
ASKS = "asks for you"
NO_LOOK = "goes out alone; needs no look"


def minutes(items: int, name: Round) -> int:
    """About how long so many items of a round take, in minutes.

    >>> minutes(40, Round.STEADY)
    8
    """
    return max(1, math.ceil(items * ROUND_WORDS[name].item_seconds / 60))


def sure_steps() -> list[dict[str, object]]:
    """The steps in which one says how likely an item is right."""
    return [{"sure": sure, "words": words} for sure, words in zip(SURE, SURE_WORDS, strict=True)]
