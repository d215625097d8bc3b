"""What the team does not decide: how the AI behaves and what becomes of its mistakes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import Lognormal, Name, Number, Part, Positive, Share, Whole, assumed
from .hours import MomentText


class Signal(Part):
    """Something about a decision that can be seen before it is taken."""

    share: Share
    """Share of decisions that carry the signal (independently of each other)."""
    odds_of_ok: Positive = assumed(1.0, "?", "a signal says nothing unless you say so")
    """The signal multiplies the odds that the AI's proposal is right by this much."""


class Learning(Part):
    """What the AI learns from corrections (edits and rejections), overnight."""

    odds_reduction: Annotated[Number, Field(ge=0, le=0.9)] = assumed(
        0.0, "?", "error odds fall by 0-30% after some hundreds of corrections"
    )
    """By how much the odds of an error fall in the end. 0: it does not learn."""
    corrections: Positive = assumed(300.0, "?", "some hundreds")
    """Corrections after which 63% of that has come."""


class Ai(Part):
    """How sure the AI is, and how often it is right when it says so.

    ``logit P(ok) = intercept + slope * logit(confidence) + sum(ln(odds_of_ok) of the signals)``.
    ``slope < 1`` or ``intercept < 0`` is overconfidence.
    """

    confidence_mean: Annotated[Number, Field(gt=0, lt=1)] = assumed(
        0.90, "?", "seen in CRM assistants' own scores"
    )
    """Mean of the confidence, which is Beta distributed."""
    confidence_concentration: Annotated[Number, Field(ge=0.5, le=500)] = assumed(
        14.0, "?", "spread of scores within one workflow"
    )
    """Larger is narrower (the two Beta parameters add up to this)."""
    confidence_decimals: Annotated[Whole, Field(ge=1, le=6)] = assumed(
        3, "?", "tools export rounded scores"
    )
    """Scores come rounded to so many decimals, and therefore tied."""
    intercept: Annotated[Number, Field(ge=-10, le=10)] = assumed(
        0.19, "A", "ECE .15, overconfident (.12-.73): arXiv 2603.09985"
    )
    """Log-odds of being right at confidence 0.5."""
    slope: Annotated[Number, Field(ge=-5, le=5)] = assumed(
        0.37, "A", "AUROC for failure .60 (.52-.75), near chance: arXiv 2306.13063"
    )
    """How much a higher confidence really means: 1 is honest, 0 means nothing."""
    learning: Learning = Learning()
    """What it learns from corrections."""


class Surfacing(Part):
    """How a bad decision that went out comes to light by itself (complaint, bounce, bad data)."""

    share: Share = assumed(0.25, "?", "most quiet errors are never reported")
    """Share of executed bad decisions that ever surface by themselves."""
    days: Lognormal = assumed(Lognormal(median=5.0, sigma=1.0), "?", "complaints come late")
    """Delay from execution until it surfaces."""


class Harm(Part):
    """What a bad decision costs once it is out."""

    fixed: Annotated[Number, Field(ge=0, le=1e9)] = assumed(20.0, "?", "mending it")
    """For each bad decision, in the scenario's currency."""
    deal_share: Share = assumed(0.001, "?", "a bad touch loses one deal in a thousand")
    """Share of the deal's size that is lost besides."""
    after_rollback: Share = assumed(0.2, "?", "undone in time, most of it is saved")
    """Share of the harm that remains when it was rolled back."""


class ByHand(Part):
    """Doing a decision without the AI."""

    minutes: Lognormal = assumed(
        Lognormal(median=40.0, sigma=0.4), "S", "40 minutes a prospect by hand, under 3 assisted"
    )
    """Hands-on time."""
    error_share: Share = assumed(0.05, "?", "people err too")
    """Share that goes out wrong."""


class Waiting(Part):
    """What an answer loses by coming late.

    The odds fall to 1/7 from the first to the second hour and to 1/60 by the 25th, log-linearly
    between (Harvard Business Review 2011, observational).
    """

    share_if_prompt: Share = assumed(0.10, "?", "qualifies when answered within the hour")
    """Share that succeeds when answered within the hour."""
    value: Positive = assumed(200.0, "?", "a qualified lead")
    """What one success is worth, in the scenario's currency."""


class Email(Part):
    """What becomes of an email that went out, and how much worse if it was a bad one."""

    bounce: Share = assumed(0.033, "C", "1.5-12%")
    """Share of addresses that do not exist."""
    spam: Share = assumed(0.0005, "?", "well under the warning line of .10%")
    """Share marked as spam."""
    opt_out: Share = assumed(0.004, "C", ".38-2.1%")
    """Share that asks not to be written to."""
    reply: Share = assumed(0.034, "C", ".5-10.7%")
    """Share answered."""
    positive: Share = assumed(0.41, "C", "1.4% of emails; .2-6%")
    """Share of the answers that show interest."""
    meeting: Share = assumed(0.36, "C", ".5% of emails; .1-4%")
    """Share of the interested that agree to a meeting."""
    no_show: Share = assumed(0.30, "C", "cold 25-35%, inbound 15-30%")
    """Share of the meetings to which nobody comes."""
    bad_spam: Annotated[Number, Field(ge=0, le=1000)] = assumed(8.0, "?", "a wrong email annoys")
    """Factor on the odds of spam and opt-out when the email was bad. 1: no difference."""
    bad_reply: Annotated[Number, Field(ge=0, le=1000)] = assumed(0.4, "?", "and is not answered")
    """Factor on the odds of an answer when the email was bad. 1: no difference."""
    reply_days: Lognormal = assumed(Lognormal(median=1.0, sigma=1.0), "?", "answers come late")
    """Delay of an answer, of a spam mark, and of an opt-out."""


class ListDrop(Part):
    """A list that is worked off each month."""

    contacts: Annotated[Whole, Field(ge=1, le=10_000_000)] = assumed(
        1000, "S", "a monthly sourcing list of 1,000 contacts and more"
    )
    """How many contacts are on it."""
    at: MomentText = Field(default="mon 06:00", validate_default=True)
    """It comes at the first such moment of each month."""


class Incident(Part):
    """A time in which the AI is worse than it was: drift."""

    workflows: tuple[Name, ...] = ()
    """Which ones; empty means all."""
    from_week: Annotated[Whole, Field(ge=1, le=520)]
    """First week of it, the scenario's first being 1."""
    weeks: Annotated[Whole, Field(ge=1, le=520)] | None = None
    """How long it lasts; to the end if left out."""
    ramp_weeks: Annotated[Whole, Field(ge=0, le=520)] = 0
    """Weeks over which it comes on; 0 is at once."""
    log_odds: Annotated[Number, Field(ge=-10, le=10)] = assumed(-1.0, "?", "how much worse")
    """Added to the log-odds of being right, at the same confidence."""


class Crm(Part):
    """The contact data that emails rest on, and how they rot."""

    contacts: Positive = assumed(5000.0, "?", "contacts in use")
    """How many contacts there are."""
    decay_per_month: Share = assumed(0.021, "C", "2.1% a month")
    """Share that goes stale each month. 0: none."""
    stale_at_start: Share = assumed(0.05, "?", "as the team found it")
    """Share that is stale on the first day."""
    duplicates: Share = assumed(0.15, "C", "15% of records")
    """Share of records that are duplicates: work on them refreshes nobody."""
    refreshed_by: tuple[Name, ...] = ()
    """Workflows that refresh a contact each time one of their decisions goes out right."""
