"""What the team does not decide: how the AI behaves and what becomes of its mistakes."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from .base import Lognormal, Number, Part, Positive, Share, Whole, assumed


class Signal(Part):
    """Something about a decision that can be seen before it is taken."""

    share: Share
    """Share of decisions that carry the signal (independently of each other)."""
    odds_of_ok: Positive = assumed(1.0, "?", "a signal says nothing unless you say so")
    """The signal multiplies the odds that the AI's proposal is right by this much."""


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
        1.0, "?", "log-odds of being right at confidence 0.5"
    )
    """Log-odds of being right at confidence 0.5."""
    slope: Annotated[Number, Field(ge=-5, le=5)] = assumed(
        0.7, "A", "language models are overconfident: arXiv 2603.09985, 2306.13063"
    )
    """How much a higher confidence really means: 1 is honest, 0 means nothing."""


class Surfacing(Part):
    """How a bad decision that went out comes to light by itself (complaint, bounce, bad data)."""

    share: Share = assumed(0.25, "?", "most quiet errors are never reported")
    """Share of executed bad decisions that ever surface by themselves."""
    days: Lognormal = assumed(Lognormal(median=5.0, sigma=1.0), "?", "complaints come late")
    """Delay from execution until it surfaces."""
