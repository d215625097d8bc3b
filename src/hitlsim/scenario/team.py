"""The people: pools of named reviewers, their hours, skills and habits."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from .base import Name, Named, Number, Part, Share, assumed
from .habits import OpenShare
from .hours import WindowText, overlap


class Reviewer(Part):
    """One person at the desk."""

    shifts: tuple[WindowText, ...] = Field(min_length=1)
    """Hours set aside for reviewing. A review begun in a shift is finished after it."""
    habits: Name = "typical"
    """How they review: a set of habits that ships, or one of this scenario's ``habits``."""
    hit_rate: OpenShare | None = None
    """Where their own differs: chance to flag a bad draft, as in their habits."""
    false_alarm_rate: OpenShare | None = None
    """Where their own differs: chance to flag a good draft, as in their habits."""
    edit_share: Annotated[Number, Field(ge=0, le=1)] = assumed(
        0.80, "?", "flagged drafts are mended rather than sent back"
    )
    """Share of flagged drafts that are edited; the others are rejected and drafted again once."""
    speed: Annotated[Number, Field(ge=0.1, le=10)] = 1.0
    """2 works twice as fast as the workflow's review time says, and sees as much."""
    skills: tuple[Name, ...] = ()
    """The workflows they can review; empty means all of their pool's."""
    holidays: tuple[date, ...] = ()
    """Days on which they are away."""

    @model_validator(mode="after")
    def _shifts_do_not_overlap(self) -> Reviewer:
        clash = overlap(self.shifts)
        if clash:
            raise ValueError(f"shifts {clash}")
        return self

    @property
    def hours_per_week(self) -> float:
        return sum(w.minutes_per_week for w in self.shifts) / 60


class Pool(Part):
    """People who share one queue."""

    role: Name
    """The role the pool fills in every workflow's RACI."""
    reviewers: Named[Reviewer] = Field(min_length=1)
    """The roster; when several are free the first in the roster takes the item."""
    accountability: Share = assumed(0.0, "?", "nobody's name stands beside the verdicts")
    """How far people answer for their verdicts (named, audited): 0 not at all, 1 fully."""
    minimum_dwell_seconds: Annotated[Number, Field(ge=0, le=3600)] = assumed(
        0.0, "A", "an intervention: misses .14 to .05 at 2% errors (Rich)"
    )
    """Shortest time a review may take; 0 is no floor."""
    cost_per_hour: Annotated[Number, Field(ge=0, le=10_000)] = assumed(
        45.0, "?", "wages with everything on top"
    )
    """What an hour of these people costs."""

    @property
    def hours_per_week(self) -> float:
        return sum(r.hours_per_week for r in self.reviewers.values())

    def skilled(self, workflow: str) -> frozenset[str]:
        """Those with the skill for a workflow; who names no skill has them all."""
        return frozenset(
            name for name, r in self.reviewers.items() if not r.skills or workflow in r.skills
        )

    def able(self, workflow: str) -> frozenset[str]:
        """Those who get a workflow: the skilled, or everybody where nobody is.

        Those who answer for a workflow need not review it every day.
        """
        return self.skilled(workflow) or frozenset(self.reviewers)
