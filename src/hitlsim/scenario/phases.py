"""The rollout: shadow, exception-only, steady-state."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from .base import Number, Part, Share, Whole, assumed
from .hours import MomentText


class PhaseName(StrEnum):
    """The three phases, in the order in which a team goes through them."""

    SHADOW = "shadow"
    EXCEPTION_ONLY = "exception-only"
    STEADY_STATE = "steady-state"


class Exceptions(StrEnum):
    """Whether an exception waits for a person or is only observed."""

    OBSERVE = "observe"
    WAIT = "wait"


class Cadence(StrEnum):
    """When decisions that went out are looked at."""

    AT_ONCE = "at-once"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class Looks(Part):
    """The look that people take afterwards at decisions the AI took alone."""

    share: Share
    """Share of those decisions that are looked at (chosen at random beforehand)."""
    cadence: Cadence = Cadence.AT_ONCE
    """At once, in a weekly batch, or in a spot check at the start of the next month."""
    at: MomentText = Field(default="fri 13:00", validate_default=True)
    """When a batch is put on the desk: each week, or the first such moment of a month."""
    effort: Annotated[Number, Field(gt=0, le=2)] = assumed(
        0.5, "?", "a look afterwards takes half the time of a review"
    )
    """Time of a look relative to a review."""


class Phase(Part):
    """One phase of the rollout. Gates hold in every phase."""

    weeks: Annotated[Whole, Field(ge=1, le=520)] | None = None
    """How long it lasts; the last phase has none and lasts to the end."""
    exceptions: Exceptions = Exceptions.WAIT
    """``observe``: the AI acts on everything automation-safe and people say what they would do."""
    looks: Looks
    """What people look at afterwards."""

    @model_validator(mode="after")
    def _observed_means_looked_at(self) -> Phase:
        if self.exceptions is Exceptions.OBSERVE and self.looks.cadence is not Cadence.AT_ONCE:
            raise ValueError(
                "exceptions that are only observed must be looked at as they happen; "
                "set looks.cadence to 'at-once'"
            )
        return self
