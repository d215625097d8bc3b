"""How people review: what they look for, how closely, how long, and how much they trust.

Every effect is a switch of its own: a neutral value (given beside it) turns it off. ``steady``
turns them all off. The rules themselves are in :mod:`hitlsim.simulation.rules`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from .base import Name, Number, Part, Share, assumed

OpenShare = Annotated[Number, Field(gt=0, lt=1)]
InspectShare = Annotated[Number, Field(gt=0, le=1)]
Weight = Annotated[Number, Field(ge=0, le=10)]


class Habits(Part):
    """How somebody reviews. What is not said is as people are on average."""

    like: Name | None = None
    """Another set of habits that these vary: one that ships, or one of this scenario."""

    # --- what is seen when one looks -----------------------------------------------------------
    hit_rate: OpenShare = assumed(
        0.84, "A", "d' 1.6: obvious errors (Biro 2025); c -.18 fits Wolfe 2005 at an even mix"
    )
    """Chance to flag a bad draft when reading it rested, at normal pace, if half are bad."""
    false_alarm_rate: OpenShare = assumed(0.27, "A", "as hit_rate")
    """Chance to flag a good draft under the same conditions."""
    prevalence_weight: Weight = assumed(
        0.55, "A", "kappa .4-.75; misses .07/.16/.30 at 50/10/1% errors: Wolfe 2005"
    )
    """How far rare errors make one expect none. 0: not at all."""
    memory_reviews: Annotated[Number, Field(ge=1, le=10_000)] = assumed(
        80.0, "?", "how many reviews an impression rests on"
    )
    """How many reviews the impression of the error rate rests on."""
    expects_errors: OpenShare = assumed(0.2, "?", "about one draft in five, at the start")
    """Error rate that one expects on the first day."""
    feedback_share: Share = assumed(0.3, "?", "the truth about most drafts is never learnt")
    """Share of one's verdicts of which one learns whether they were right; 1 in a laboratory.
    Of the others one believes one's own; no news is good news, so what was waved through unread
    counts as right. That is how complacency feeds itself."""
    follows_ai: Annotated[Number, Field(ge=1, le=20)] = assumed(
        1.5, "A", "degree of bias 4.0/2.4/1.2 (novice to expert), taken as relative odds: Dratsch"
    )
    """Factor on the odds of following a wrong draft that one has read. 1: an expert."""

    # --- whether one looks ---------------------------------------------------------------------
    inspect_share: InspectShare = assumed(
        0.8, "A", "clinicians .60 (.35-.45 of drafts sent wholly unedited): Biro 2025"
    )
    """Share of items really read, at neutral trust and an empty queue. 1: every item."""
    lapse: Share = assumed(0.02, "?", "attention slips")
    """Share of items at which attention slips. 0: never."""
    trust_weight: Weight = assumed(2.5, "?", "the form is Biro's; the strength is not known")
    """How much trust lowers the log-odds of reading, per unit of trust above one half. 0: none."""
    queue_weight: Weight = assumed(
        0.15, "?", "workload lowers attention; contradicts Ancker 2017, hence a switch"
    )
    """How much a queue lowers the log-odds of reading, per ln(1 + items waiting). 0: none."""
    alert_weight: Weight = assumed(
        0.0, "A", "repeats, not workload, wear out: Ancker 2017; off, or it counts twice"
    )
    """How much repeats lower the log-odds of reading, per ln(1 + items of the same workflow seen
    since the shift began). 0: not at all."""
    accountability_weight: Weight = assumed(1.0, "?", "the form is Biro's")
    """How much a pool's accountability raises the log-odds of reading. 0: not at all."""
    skip_seconds: Annotated[Number, Field(ge=0.1, le=600)] = assumed(
        5.0, "?", "a glance and a click"
    )
    """Time for an item that is waved through unread."""

    # --- time and tiredness --------------------------------------------------------------------
    speed_accuracy: bool = True
    """Whether reading faster than normal sees less (d' * (1 - exp(-t/tau)), normal pace 2 tau)."""
    hurry: Annotated[Number, Field(ge=0.2, le=5)] = 1.0
    """2 takes half the normal time; with speed_accuracy it sees less."""
    fatigue: Share = assumed(0.12, "C", "12% fewer hits after 30 minutes")
    """Loss of sensitivity by long work without a break. 0: nobody tires."""
    fatigue_minutes: Annotated[Number, Field(gt=0, le=1000)] = assumed(30.0, "C", "as fatigue")
    """Minutes of work after which 63% of the loss has come."""
    rest_minutes: Annotated[Number, Field(gt=0, le=1000)] = assumed(
        10.0, "?", "a break resets in part"
    )
    """Minutes of break that halve the tiredness."""

    # --- trust ---------------------------------------------------------------------------------
    trust_success: Weight = assumed(1.0, "?", "form: beta trust, Guo & Yang")
    """Weight of a draft seen to be right. 0 with trust_failure 0: trust stays as it is."""
    trust_failure: Weight = assumed(3.0, "?", "a failure weighs more than a success")
    """Weight of a draft seen to be wrong."""
    trust_start: OpenShare = assumed(0.5, "?", "neither trust nor distrust on the first day")
    """Trust on the first day."""
    trust_prior: Annotated[Number, Field(gt=0, le=10_000)] = assumed(
        20.0, "?", "how many experiences the first impression is worth"
    )
    """How many experiences the first impression is worth."""
    peek_share: Annotated[Number, Field(ge=0, lt=1)] = assumed(0.0, "?", "hoarding is a habit")
    """Share of decisions that could go alone which one pulls for a look, at neutral trust.
    0: none."""
    peek_trust_weight: Weight = assumed(3.0, "?", "low trust raises hoarding")
    """How much trust lowers the log-odds of pulling, per unit of trust above one half."""
    uptake_share: OpenShare = assumed(
        0.20, "A", ".19-.58: Garcia et al. and the New York, Penn and Groningen pilots"
    )
    """Share of optional drafts that are used, at neutral trust."""
    uptake_trust_weight: Weight = assumed(2.0, "?", "use grows with trust")
    """How much trust raises the log-odds of using an optional draft."""

    @model_serializer(mode="wrap")
    def _only_what_was_said(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Written out in full, nothing would be left to be like anybody else."""
        said = self.model_fields_set
        return {name: value for name, value in write(self).items() if name in said}


_NOVICE: dict[str, Any] = {
    "hit_rate": 0.75, "false_alarm_rate": 0.35, "follows_ai": 3.3, "trust_start": 0.65,
}  # fmt: skip

PRESETS: dict[str, Habits] = {
    "typical": Habits(),
    "careful": Habits(
        inspect_share=0.97, trust_weight=1.0, follows_ai=1.0, feedback_share=0.5,
        prevalence_weight=0.4, skip_seconds=10,
    ),
    "rubber-stamper": Habits(
        inspect_share=0.35, trust_weight=4.0, trust_start=0.8, trust_failure=1.0, skip_seconds=3,
        hurry=1.5,
    ),
    "hoarder": Habits(
        inspect_share=0.97, trust_start=0.3, trust_prior=400, trust_failure=8.0, peek_share=0.35,
        follows_ai=1.0,
    ),
    "novice": Habits(**_NOVICE),
    # Biro 2025: wrong drafts that were reviewed slipped in 65-75% of cases
    "clinical": Habits(
        hit_rate=0.75, false_alarm_rate=0.37, inspect_share=0.6, follows_ai=1.0, trust_weight=0,
        queue_weight=0, fatigue=0,
    ),
    # whoever sees the same whatever happens: for comparisons, and for rates measured as a whole
    "steady": Habits(
        prevalence_weight=0, follows_ai=1.0, inspect_share=1.0, lapse=0, trust_weight=0,
        queue_weight=0, accountability_weight=0, speed_accuracy=False, fatigue=0, trust_success=0,
        trust_failure=0,
    ),
}  # fmt: skip
"""Habits that ship, by name."""


def spelled_out(name: str, own: Mapping[str, Habits]) -> Habits:
    """Habits with everything from those they are like; ``own`` are the team's.

    >>> spelled_out("ours", {"ours": Habits(like="novice", lapse=0.1)}).follows_ai
    3.3
    """
    base, said = said_of(name, own)
    return PRESETS[base].model_copy(update={**said, "like": None})


def said_of(name: str, own: Mapping[str, Habits]) -> tuple[str, dict[str, Any]]:
    """The preset that habits rest on in the end, and what the team's own say beyond it."""
    if name not in own:
        return name, {}
    habits = own[name]
    base, said = said_of(habits.like or "typical", own)
    return base, {**said, **{field: getattr(habits, field) for field in habits.model_fields_set}}
