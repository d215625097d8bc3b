"""What reacts: calls, approvals, monitors, kill switches. Settings only; see ``governing``.

Governance sees what a real team would see, never the truth that a simulation knows.
"""

from __future__ import annotations

import math
from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from .base import Name, Named, Number, Part, Share, Whole, assumed
from .hours import MomentText
from .phases import Criterion


class Call(Part):
    """A weekly call; whoever attends is not at the desk then."""

    at: MomentText = Field(default="mon 09:00", validate_default=True)
    """When it begins."""
    minutes: Annotated[Whole, Field(ge=1, le=480)] = assumed(60, "S", "weekly 60-minute call")
    """How long it takes."""
    roles: tuple[Name, ...] = ()
    """Who attends; empty means everybody."""


class Approval(Part):
    """Something that must be approved afresh before a workflow may work: templates, a sequence.

    At the start of each period the workflows stand still until it is approved.
    """

    workflows: tuple[Name, ...] = Field(min_length=1)
    """What waits for it."""
    every_weeks: Annotated[Whole, Field(ge=1, le=520)] = assumed(4, "?", "new templates each month")
    """How often; the first time on the first day."""
    hours: Annotated[Number, Field(gt=0, le=1000)] = assumed(8.0, "?", "a working day")
    """Median time from the start of the period until it is approved, by the clock on the wall."""
    sigma: Annotated[Number, Field(ge=0, le=3)] = assumed(0.5, "?", "spread of its logarithm")
    """Standard deviation of its logarithm; 0 makes it fixed."""
    minutes: Annotated[Number, Field(ge=0, le=10_000)] = assumed(30.0, "?", "reading them")
    """Hands-on time of the accountable role for each approval."""


class Rate(StrEnum):
    """What a monitor watches: an event per email that went out, or a finding per look."""

    BOUNCE = "bounce"
    SPAM = "spam"
    OPT_OUT = "opt-out"
    REPLY = "reply"
    MEETING = "meeting"
    BAD = "bad"


class Pause(Part):
    """Stops a workflow when a rate crosses a line; people then do its work by hand.

    Asked at the end of each day, about the last ``window_days``. A rate breaches its line only
    with ``min_count`` emails (or looks) and, with ``exact_test``, when so bad a count would come
    about with less than ``chance`` were the true rate at the line (binomial test).
    """

    rate: Rate
    """What is watched."""
    workflows: tuple[Name, ...] = ()
    """Which ones; empty means all that have such a rate."""
    warn: Share | None = None
    """Line at which people are told. Below the line for reply and meeting, above it for others."""
    pause: Share
    """Line at which the workflow is paused."""
    window_days: Annotated[Whole, Field(ge=1, le=365)] = 7
    """Days that are looked at together."""
    min_count: Annotated[Whole, Field(ge=1, le=10_000_000)] = assumed(
        50, "?", "fewer say little about a rate"
    )
    """Emails (or looks) needed before the rate is judged."""
    exact_test: bool = True
    """Whether chance must be ruled out too; without it the bare rate counts."""
    chance: Annotated[Number, Field(gt=0, lt=0.5)] = assumed(
        0.01, "?", "one false alarm in a hundred looks"
    )
    """Largest probability of so many events, were the rate at the line, that counts as a breach."""
    days: Annotated[Whole, Field(ge=1, le=365)] = assumed(3, "?", "time to look into it")
    """How long the pause lasts."""

    @model_validator(mode="after")
    def _warn_before_pause(self) -> Pause:
        if self.warn is not None:
            too_late = self.warn < self.pause if self.low_is_bad else self.warn > self.pause
            if too_late:
                side = "below" if self.low_is_bad else "above"
                raise ValueError(
                    f"warn {self.warn:g} lies {side} pause {self.pause:g}, so it would never be "
                    "heard in time; swap them or mend one"
                )
        return self

    @property
    def low_is_bad(self) -> bool:
        return self.rate in (Rate.REPLY, Rate.MEETING)


class KillSwitch(Part):
    """Turns a workflow's AI off; people do its work by hand."""

    from_week: Annotated[Whole, Field(ge=1, le=520)]
    """First week in which it is off, the scenario's first being 1."""
    weeks: Annotated[Whole, Field(ge=1, le=520)] | None = None
    """How long; to the end if left out."""


class EmergencyAction(StrEnum):
    """What happens when the emergency path is taken."""

    TELL = "tell"
    PAUSE = "pause"
    PHASE_BACK = "phase-back"


class Emergency(Part):
    """Performance below its baseline for some weeks running.

    Without a margin a stable process does that every six weeks, by chance alone; with a margin of
    half, one, one and a half standard deviations every 14, 46, 239.
    """

    rate: Rate = Rate.REPLY
    """What counts as performance."""
    workflows: tuple[Name, ...] = ()
    """Whose emails; empty means all together."""
    baseline: Share | None = None
    """What is normal; left out, the mean of the first ``baseline_weeks`` weeks."""
    baseline_weeks: Annotated[Whole, Field(ge=1, le=520)] = 4
    """Weeks that the baseline is taken from."""
    weeks_running: Annotated[Whole, Field(ge=1, le=52)] = assumed(2, "S", "two weeks running")
    """Weeks in a row below it."""
    margin_sd: Annotated[Number, Field(ge=0, le=6)] = assumed(
        1.0, "?", "by chance every 46 weeks instead of every 6"
    )
    """How far below, in standard deviations of a week's rate."""
    action: EmergencyAction = EmergencyAction.TELL
    """What happens then: people are told, the workflows pause, or go back one phase."""
    days: Annotated[Whole, Field(ge=1, le=365)] = assumed(5, "?", "a working week")
    """How long a pause lasts."""

    @model_validator(mode="after")
    def _rate_of_emails(self) -> Emergency:
        if self.rate not in (Rate.REPLY, Rate.MEETING):
            raise ValueError(
                f"rate {self.rate.value!r} is not one that falls when things go badly; "
                "take reply or meeting, and watch the others with a pause rule"
            )
        return self

    def weeks_between_false_alarms(self) -> float:
        """Mean number of weeks until a stable process takes this path, by chance alone.

        A week lies below with p = Phi(-margin_sd); k such weeks in a row come on average after
        (1 - p^k) / ((1 - p) p^k) weeks. Takes the baseline as known and weeks as normal.

        >>> [round(Emergency(margin_sd=m).weeks_between_false_alarms()) for m in (0, 0.5, 1, 1.5)]
        [6, 14, 46, 239]
        """
        below = math.erfc(self.margin_sd / math.sqrt(2)) / 2
        in_a_row = below**self.weeks_running
        return (1 - in_a_row) / ((1 - below) * in_a_row) if in_a_row else math.inf


class Rollout(Part):
    """One workflow first; others follow when it holds."""

    first: tuple[Name, ...] = Field(min_length=1)
    """The workflows to start with; the others are worked as before, outside the log."""
    next_after_weeks: Annotated[Whole, Field(ge=1, le=520)] = 2
    """How long the last group must have been at work before the next may start."""
    one_by_one: tuple[Name, ...] = ()
    """The others in the order in which they start; those not named start together, last."""
    holds: Criterion | None = None
    """What the workflows at work must show before the next starts; left out, time alone counts."""


class Governance(Part):
    """Everything that reacts. What is left out does not happen."""

    calls: Named[Call] = Field(default={}, validate_default=True)
    """Weekly calls that empty chairs."""
    approvals: Named[Approval] = Field(default={}, validate_default=True)
    """Template approval, sign-off of sequences."""
    list_limits: Named[Annotated[Whole, Field(ge=0, le=10_000_000)]] = Field(
        default={}, validate_default=True
    )
    """Most decisions a month of these workflows; what comes on top is held back and counted."""
    same_day: tuple[Name, ...] = ()
    """Workflows whose work must be done on the day it arises: CRM hygiene."""
    pauses: Named[Pause] = Field(default={}, validate_default=True)
    """Automatic pause-and-review."""
    kill_switches: Named[KillSwitch] = Field(default={}, validate_default=True)
    """Workflows whose AI is turned off, and when."""
    emergency: Emergency | None = None
    """The emergency path."""
    rollout: Rollout | None = None
    """One workflow first."""
    human_domains: Named[Share] = Field(default={}, validate_default=True)
    """How managers want to spend the time left: strategy, coaching, relationship repair, ethical
    judgment. Shares that add up to at most 1."""
    manager_hours_per_week: Annotated[Number, Field(ge=0, le=168)] = assumed(
        40.0, "?", "one manager's week"
    )
    """A manager's week, of which desk, calls and approvals are taken."""

    @model_validator(mode="after")
    def _shares_of_one_week(self) -> Governance:
        total = sum(self.human_domains.values())
        if total > 1 + 1e-9:
            raise ValueError(
                f"human_domains add up to {total:g}; they are shares of the time left, at most 1"
            )
        return self
