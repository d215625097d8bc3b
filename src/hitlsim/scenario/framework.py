"""The framework: what the AI may do with a workflow follows from its attributes, with reasons.

Advice, not a verdict: ``hitlsim check`` lists every workflow whose chosen access is looser. Only
what is always human (:func:`unsafe_workflows`) is refused, unless the scenario allows it openly.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from .surface import Access, DecisionClass, Stakes, Topic, Workflow

if TYPE_CHECKING:
    from .scenario import Scenario

STRICT_TO_LOOSE = tuple(Access)
"""Access classes, from the one that leaves the AI least to the one that leaves it most."""

USUAL_EXECUTION_SHARE = (0.60, 0.70)
"""(S) Share of a team's decisions that are execution."""

LARGE_DEAL = 100_000
"""(?) Median deal from which an error of medium stakes touches revenue; 55,000 is the default."""

HIGH_VOLUME = 100
"""(?) Decisions a week, about twenty a working day, from which there is much to automate."""

ALWAYS_HUMAN = {
    Topic.OBJECTION_AFTER_DEMO: "objections after a demo (security, integration, data residency, "
    "service levels) are always answered by a human",
    Topic.CONTRACT: "contract, pricing and procurement (waivers, terms, redlines) are always "
    "decided by a human",
    Topic.EXECUTIVE: "communication with executives is always a human's",
}
STAGE_RULE = "a stage of the pipeline changes only with approval, at the gate 'stage-change'"


@dataclass(frozen=True)
class Advice:
    """What the framework recommends for one workflow.

    Attributes
    ----------
    access : Access
        The loosest that it would choose.
    decision_class : DecisionClass
    reasons : tuple of str
        Each names the attribute and the rule; those that weigh most come first.
    human_only : bool
        A human decides; a draft is the most the AI may give.
    """

    access: Access
    decision_class: DecisionClass
    reasons: tuple[str, ...]
    human_only: bool = False


class Beside(StrEnum):
    """A team's choice beside the framework's advice."""

    AS_ADVISED = "as advised"
    LOOSER = "looser"
    """In access or in class."""
    STRICTER = "stricter"
    UNSAFE = "unsafe"
    """The AI acts alone though a human must always decide."""


class Choice(NamedTuple):
    """A workflow whose chosen access or class is looser than the framework's."""

    workflow: str
    advice: Advice


class Unsafe(NamedTuple):
    """A workflow in which the AI acts alone though a human must always decide."""

    workflow: str
    rule: str


def looser(chosen: Access, advised: Access) -> bool:
    """Whether a choice leaves the AI more than was advised.

    >>> looser(Access.AUTOMATION_SAFE, Access.MANAGER_APPROVED)
    True
    >>> looser(Access.READ_ONLY, Access.DRAFT_ONLY), looser(Access.DRAFT_ONLY, Access.DRAFT_ONLY)
    (False, False)
    """
    return STRICT_TO_LOOSE.index(chosen) > STRICT_TO_LOOSE.index(advised)


def recommend(workflow: Workflow) -> Advice:
    """What the AI may do with a workflow, going by its attributes.

    Human only, then drafts only, then approval: the strictest rule that applies decides. Work to
    which none applies may go alone; that it is rare, or of medium stakes though it can be undone,
    is no reason against it. An email cannot be unsent, so it is reviewed; that alone does not make
    a routine one a matter of judgment.
    """
    human, drafted, reviewed = (
        tuple(rules(workflow)) for rules in (_human_only, _drafts_only, _reviewed)
    )
    judgment = (
        workflow.decision_class is DecisionClass.JUDGMENT
        or workflow.stakes is Stakes.HIGH
        or bool(human or drafted)
    )
    if human or drafted:
        access = Access.DRAFT_ONLY
    else:
        access = Access.MANAGER_APPROVED if reviewed else Access.AUTOMATION_SAFE
    return Advice(
        access,
        DecisionClass.JUDGMENT if judgment else DecisionClass.EXECUTION,
        (*human, *drafted, *reviewed) or tuple(_routine(workflow)),
        human_only=bool(human),
    )


def _human_only(w: Workflow) -> Iterator[str]:
    if w.topic is not None:
        yield f"topic {w.topic.value}: {ALWAYS_HUMAN[w.topic]}"
    if w.stakes is Stakes.HIGH and hard_to_reverse(w):
        yield "stakes high and hard to reverse: what is seriously consequential is human only"


def _drafts_only(w: Workflow) -> Iterator[str]:
    if w.needs_context:
        yield "needs_context: what takes knowledge of the account is drafted at most"


def _reviewed(w: Workflow) -> Iterator[str]:
    if w.customer_facing:
        yield "customer_facing: what a customer sees is reviewed"
    if w.stakes is Stakes.HIGH:
        yield "stakes high: what touches revenue is reviewed"
    elif w.stakes is Stakes.MEDIUM and w.deal_size.median >= LARGE_DEAL:
        yield (
            f"deal_size {w.deal_size.median:,.0f} and stakes medium: what touches revenue "
            "is reviewed"
        )
    if hard_to_reverse(w):
        attribute = "rollback_hours 0" if w.reversible else "reversible false"
        yield f"{attribute}: what is hard to reverse is reviewed"
    if not w.consistent_data:
        yield "consistent_data false: what rests on inconsistent data is reviewed"
    if changes_stage(w.action):
        yield f"action {w.action}: {STAGE_RULE}"
    elif w.action.startswith("delete"):
        yield f"action {w.action}: nothing is deleted without approval"
    if w.decision_class is DecisionClass.JUDGMENT:
        yield "class judgment: what takes judgment is reviewed"


def _routine(w: Workflow) -> Iterator[str]:
    yield f"stakes {w.stakes.value}, reversible, consistent_data: routine work may go alone"
    many = "high volume is worth automating" if volume(w) >= HIGH_VOLUME else "little to gain by it"
    yield f"volume_per_week {volume(w):,.0f}: {many}"


def hard_to_reverse(w: Workflow) -> bool:
    """Whether what went wrong stays wrong."""
    return not w.reversible or w.rollback_hours == 0


def volume(w: Workflow) -> float:
    """Decisions in a week at the start, lists included."""
    listed = 0 if w.list_drop is None else w.list_drop.contacts * 12 / 52
    return w.volume_per_week + listed


def changes_stage(action: str) -> bool:
    """Whether an action moves deals through the pipeline, going by its name.

    >>> changes_stage("change_stage"), changes_stage("write_crm")
    (True, False)
    """
    verb, *rest = re.split(r"[-_]", action)
    return verb in ("advance", "change", "move", "set", "update") and "stage" in rest


def unsafe_workflows(scenario: Scenario) -> tuple[Unsafe, ...]:
    """Where the AI acts alone though a human must always decide, with the rule.

    Empty unless the scenario sets ``allow_unsafe``: then every report says so in red.
    """
    return tuple(
        Unsafe(name, rule)
        for name, w in scenario.workflows.items()
        if w.automation_safe
        for rule in (
            ALWAYS_HUMAN[w.topic] if w.topic is not None else "",
            STAGE_RULE if changes_stage(w.action) else "",
        )
        if rule
    )


def looser_choices(scenario: Scenario) -> tuple[Choice, ...]:
    """Workflows whose access or class is looser than recommended."""
    advised = ((name, w, recommend(w)) for name, w in scenario.workflows.items())
    return tuple(Choice(name, advice) for name, w, advice in advised if _too_loose(w, advice))


def _too_loose(w: Workflow, advice: Advice) -> bool:
    return looser(w.access, advice.access) or calls_it_routine(w, advice)


def beside_advice(scenario: Scenario) -> dict[str, tuple[Advice, Beside]]:
    """For every workflow what the framework advises, and how the team's choice stands to it."""
    unsafe = {name for name, _ in unsafe_workflows(scenario)}
    out = {}
    for name, w in scenario.workflows.items():
        advice = recommend(w)
        if name in unsafe:
            beside = Beside.UNSAFE
        elif _too_loose(w, advice):
            beside = Beside.LOOSER
        else:
            beside = Beside.AS_ADVISED if w.access is advice.access else Beside.STRICTER
        out[name] = advice, beside
    return out


def calls_it_routine(w: Workflow, advice: Advice) -> bool:
    """Whether the class chosen is execution where the framework sees judgment."""
    return w.decision_class is not advice.decision_class


def execution_share(scenario: Scenario) -> float:
    """Share of the scenario's volume that the team calls execution; nan without any volume."""
    volumes = [(volume(w), w.decision_class) for w in scenario.workflows.values()]
    total = math.fsum(v for v, _ in volumes)
    if not total:
        return math.nan
    return math.fsum(v for v, c in volumes if c is DecisionClass.EXECUTION) / total
