"""The people: pools of named reviewers, their hours, and how well they see."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from .base import Name, Named, Number, Part, assumed
from .hours import WindowText, overlap

OpenShare = Annotated[Number, Field(gt=0, lt=1)]


class Reviewer(Part):
    """One person at the desk."""

    shifts: tuple[WindowText, ...] = Field(min_length=1)
    """Hours set aside for reviewing. A review begun in a shift is finished after it."""
    hit_rate: OpenShare = assumed(
        0.75, "A", "reviewed wrong drafts slip at .25-.75: Biro 2025 and the prevalence studies"
    )
    """Chance to flag a bad draft."""
    false_alarm_rate: OpenShare = assumed(0.20, "?", "edits and rejections of good drafts")
    """Chance to flag a good draft."""
    edit_share: Annotated[Number, Field(ge=0, le=1)] = assumed(
        0.80, "?", "flagged drafts are mended rather than sent back"
    )
    """Share of flagged drafts that are edited; the others are rejected and drafted again once."""
    speed: Annotated[Number, Field(ge=0.1, le=10)] = 1.0
    """2 works twice as fast as the workflow's review time says."""

    @model_validator(mode="after")
    def _shifts_do_not_overlap(self) -> Reviewer:
        clash = overlap(self.shifts)
        if clash:
            raise ValueError(f"shifts {clash}")
        if self.hit_rate < self.false_alarm_rate:
            raise ValueError(
                f"hit_rate {self.hit_rate:g} is below false_alarm_rate "
                f"{self.false_alarm_rate:g}: worse than guessing; swap them or mend one"
            )
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

    @property
    def hours_per_week(self) -> float:
        return sum(r.hours_per_week for r in self.reviewers.values())
