"""The rounds of a session and what a trainee can do; known also where nothing heavy is."""

from __future__ import annotations

from enum import StrEnum


class Round(StrEnum):
    """The rounds of a session, in order; they are the phases of a rollout in small."""

    SHADOW = "shadow"
    EXCEPTION = "exception"
    STEADY = "steady"


class Act(StrEnum):
    """What a trainee does with an item."""

    LEAVE = "leave alone"
    APPROVE = "approve"
    EDIT = "edit"
    REJECT = "reject"


ROUNDS = tuple(str(r) for r in Round)
ACTIONS = tuple(str(a) for a in Act)
FLAGS = (str(Act.EDIT), str(Act.REJECT))
"""Actions that say: this is wrong."""
