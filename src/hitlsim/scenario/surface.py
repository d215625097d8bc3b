"""The decision surface: agents, what they may do, and the workflows they work on."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from .base import Lognormal, Name, Named, Number, Part, Share, Whole, assumed
from .world import Ai, ByHand, Email, Harm, ListDrop, Surfacing, Waiting

WORDS_PER_MINUTE = 238
"""Silent reading of English prose (Brysbaert 2019)."""


class DecisionClass(StrEnum):
    """Routine and reversible, or context-bound and consequential."""

    EXECUTION = "execution"
    JUDGMENT = "judgment"


class Access(StrEnum):
    """What the AI may do with a workflow."""

    READ_ONLY = "read-only"
    DRAFT_ONLY = "draft-only"
    MANAGER_APPROVED = "manager-approved"
    AUTOMATION_SAFE = "automation-safe"


class Gate(StrEnum):
    """A check that always asks a human, whatever the confidence."""

    SEND = "send"
    CRM_SYNC = "crm-sync"
    CLEAN_UP = "clean-up"
    STAGE_CHANGE = "stage-change"


class Stakes(StrEnum):
    """How much one wrong decision can cost."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Topic(StrEnum):
    """What is always decided by a human."""

    OBJECTION_AFTER_DEMO = "objection-after-demo"
    CONTRACT = "contract"
    EXECUTIVE = "executive"


class Agent(Part):
    """An AI agent: a named set of actions it may and may not take, and its capacity."""

    may: tuple[Name, ...] = Field(min_length=1)
    """Actions the agent may take."""
    may_not: tuple[Name, ...] = ()
    """Actions it must never take; written down so that a slip is an error, not a surprise."""
    slots: Annotated[Whole, Field(ge=1, le=1000)] = assumed(4, "?", "drafts worked on at once")
    """How many drafts it works on at once; more wait, first come first served."""
    draft_seconds: Lognormal = assumed(Lognormal(median=20, sigma=0.5), "?", "time to draft")
    """Time for one draft."""

    @model_validator(mode="after")
    def _may_is_not_may_not(self) -> Agent:
        both = sorted(set(self.may) & set(self.may_not))
        if both:
            raise ValueError(f"{both[0]!r} stands in both may and may_not; take it out of one")
        return self


class Raci(Part):
    """Who answers for a workflow. Roles are those of the team's pools."""

    accountable: Name
    """The one role that answers for it."""
    responsible: tuple[Name, ...] = Field(min_length=1)
    """The roles that do the reviewing; the first one's pool gets the work."""
    consulted: tuple[Name, ...] = ()
    """The roles that are asked before something changes."""
    informed: tuple[Name, ...] = ()
    """The roles that are told."""


class Workflow(Part):
    """A recurring kind of decision."""

    agent: Name
    """Which agent proposes these decisions."""
    action: Name
    """The action taken; it must be among the agent's ``may``."""
    channel: Name = "crm"
    """Where it shows: email, crm, phone, calendar ..."""
    decision_class: DecisionClass = Field(alias="class")
    """``execution`` or ``judgment``."""
    access: Access
    """What the AI may do; only ``automation-safe`` decisions can be exceptions."""
    gate: Gate | None = None
    """Which approval gate it passes; required unless the workflow is automation-safe."""
    raci: Raci
    """Who answers for it; a workflow without an owner is an error."""
    volume_per_week: Annotated[Number, Field(ge=0, le=10_000_000)]
    """Mean number of decisions in the first week."""
    growth_per_week: Annotated[Number, Field(ge=-0.5, le=0.5)] = 0.0
    """Relative growth of the volume from one week to the next."""
    dispersion: Annotated[Number, Field(ge=1, le=50)] = assumed(
        1.0, "A", "real desks 1.27 (variance / mean by week, BPI 2012); 1 is plain Poisson"
    )
    """Variance of the weekly count relative to its mean."""
    list_drop: ListDrop | None = None
    """A list that is worked off each month, on top of the weekly volume."""
    hours: Name = "office"
    """Name of the hour-of-week profile by which decisions arrive."""
    stakes: Stakes = Stakes.LOW
    """How much one wrong decision can cost."""
    reversible: bool = True
    """Whether a wrong decision can be undone."""
    rollback_hours: Annotated[Number, Field(ge=0, le=10_000)] = assumed(
        72.0, "?", "time in which a change can be undone"
    )
    """Window in which a reversible decision can be rolled back."""
    customer_facing: bool = False
    """Whether a customer sees the result."""
    needs_context: bool = False
    """Whether it takes knowledge of the account that the AI does not have."""
    consistent_data: bool = True
    """Whether the data it rests on are complete and agree with each other."""
    topic: Topic | None = None
    """A topic that is always decided by a human, if it is one."""
    sources: tuple[Name, ...] = ()
    """The material its drafts are made from; written into the log."""
    words: Annotated[Whole, Field(ge=1, le=100_000)] = assumed(
        100, "A", "75-125 words of a sales email, read at 238 words a minute (Brysbaert 2019)"
    )
    """Words to read in one review: reading them takes 60/238 seconds each."""
    priority: Annotated[Whole, Field(ge=1, le=9)] = 5
    """1 is worked first; within a priority the oldest goes first."""
    deal_size: Lognormal = assumed(Lognormal(median=55_000, sigma=1.0), "?", "deal size")
    """Size of the deal behind a decision, in the scenario's currency."""
    signal_shares: Named[Share] = Field(default={}, validate_default=True)
    """Where this workflow carries a signal more or less often than the scenario says."""
    ai: Ai = Ai()
    """How sure the AI is here, and how often it is right."""
    review_seconds: Lognormal = assumed(
        Lognormal(median=45, sigma=0.6), "?", "reading floor 15-43 s (Brysbaert 2019) and acting"
    )
    """Hands-on time of one review by a reviewer of normal speed."""
    surfacing: Surfacing = Surfacing()
    """How bad decisions come to light."""
    harm: Harm = Harm()
    """What a bad decision costs."""
    by_hand: ByHand = ByHand()
    """Doing it without the AI: after a kill switch, in a pause, or for want of trust."""
    waiting: Waiting | None = None
    """What it costs to let it wait; nothing if left out."""
    email: Email | None = None
    """What becomes of the emails it sends, if it sends any."""
    escalate_after_hours: Annotated[Number, Field(gt=0, le=10_000)] = assumed(
        24.0, "S", "not begun after a day: to those who answer for it"
    )
    """What nobody has begun by then goes to the accountable role's pool."""
    due_hours: Annotated[Number, Field(gt=0, le=10_000)] = assumed(
        48.0, "S", "deviations are handled within two days"
    )
    """What nobody has begun by then is a breach."""
    skip_after_hours: Annotated[Number, Field(gt=0, le=10_000)] | None = None
    """A step of a sequence that comes later than this is skipped; never if left out."""
    execute_seconds: Annotated[Number, Field(ge=0, le=1e6)] = assumed(
        0.0, "?", "it takes effect at once"
    )
    """From a person's yes until it takes effect: a sync, a batch clean-up."""
    redrafts: Annotated[Whole, Field(ge=0, le=1)] = 1
    """How often a rejected draft is drafted again."""

    @property
    def draft_is_optional(self) -> bool:
        """Whether people may leave the draft aside and write their own."""
        return self.access in (Access.READ_ONLY, Access.DRAFT_ONLY)

    @property
    def reading_floor_seconds(self) -> float:
        """Nobody reads it in less."""
        return self.words * 60 / WORDS_PER_MINUTE

    @property
    def automation_safe(self) -> bool:
        return self.access is Access.AUTOMATION_SAFE

    @model_validator(mode="after")
    def _gate_fits_access(self) -> Workflow:
        if self.automation_safe and self.gate is not None:
            raise ValueError(
                f"gate {self.gate.value!r} always asks a human, but access is 'automation-safe'; "
                "set access to 'manager-approved' or take the gate out"
            )
        if not self.automation_safe and self.gate is None:
            raise ValueError(
                f"access {self.access.value!r} means that a human decides, at a gate; "
                f"add gate: one of {', '.join(g.value for g in Gate)}"
            )
        return self
