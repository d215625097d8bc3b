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
        0.5, "?", "nothing has to be done, only read"
    )
    """Time of a look relative to a review."""
    bulk_above: Share | None = None
    """In a batch, what the AI was at least this sure of is looked at in bulk; nothing if left
    out."""
    bulk_effort: Annotated[Number, Field(gt=0, le=1)] = assumed(
        0.15, "?", "obvious items are skimmed in a list"
    )
    """Time of a look in bulk relative to another look."""
    bulk_inspect: Share = assumed(0.25, "?", "little inspection each")
    """Factor on the chance that an item in bulk is really read."""


class Criterion(Part):
    """What must be shown before a workflow moves on, from what the team has seen in the phase.

    Each bar must be cleared with the stated confidence: the one-sided Clopper-Pearson limit, not
    the figure alone.
    """

    min_labels: Annotated[Whole, Field(ge=0, le=10_000_000)] = 0
    """Decisions that went alone of which somebody has seen whether they were right."""
    bad_below: Annotated[Number, Field(gt=0, lt=1)] | None = None
    """Share of bad ones among these."""
    exceptions_below: Annotated[Number, Field(gt=0, le=1)] | None = None
    """Exception rate."""
    overrides_above: Annotated[Number, Field(ge=0, lt=1)] | None = None
    """Override rate."""
    confidence: Annotated[Number, Field(gt=0.5, lt=1)] = 0.9
    """How sure the team wants to be."""


BACK_LOOKS_AT_DAYS = 28
"""How far back the looks count that may send a workflow back."""


class BackIf(Part):
    """What sends a workflow back to the phase before."""

    bad_above: Annotated[Number, Field(gt=0, lt=1)]
    """Share of bad ones among those that went alone and were looked at in the last four weeks."""
    confidence: Annotated[Number, Field(gt=0.5, lt=1)] = 0.95
    """How sure the team must be that it is above."""
    min_labels: Annotated[Whole, Field(ge=1, le=10_000_000)] = 20
    """Looks needed before this is asked at all."""


class Phase(Part):
    """One phase of the rollout. Gates hold in every phase."""

    weeks: Annotated[Whole, Field(ge=1, le=520)] | None = None
    """How long it lasts; with ``until`` how long at least. The last phase has none."""
    until: Criterion | None = None
    """What must be shown before it ends; asked once a week. Left out, it ends by date."""
    back_if: BackIf | None = None
    """When a workflow goes back to the phase before; asked once a week."""
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
