"""Boundaries on writes: whether action, access, gate and the way back agree with each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from .explain import Path_, Problem
from .framework import changes_stage, hard_to_reverse, unsafe_workflows
from .surface import Access, Gate, Workflow

if TYPE_CHECKING:
    from .scenario import Scenario

_ACTS = ("change", "delete", "merge", "send", "write")
"""Verbs of actions that do something; others may only look or suggest."""
_WRITTEN_TO_PEOPLE = ("email", "sms")


def problems(s: Scenario) -> Iterator[Problem]:
    """Everything about writes that does not fit together."""
    if not s.allow_unsafe:
        for name, rule in unsafe_workflows(s):
            yield Problem(
                ("workflows", name, "access"),
                f"'automation-safe', but {rule}; set access to 'manager-approved' or stricter, "
                "or allow_unsafe: true, which every report then prints in red",
            )
    for name, w in s.workflows.items():
        here = ("workflows", name)
        yield from _access_problems(here, w)
        yield from _gate_problems(here, w)
        if w.email is not None and w.channel != "email":
            yield Problem(
                (*here, "email"),
                f"says what becomes of emails, but the channel is {w.channel!r}; "
                "set channel to 'email' or take it out",
            )
        if w.escalate_after_hours >= w.due_hours:
            yield Problem(
                (*here, "escalate_after_hours"),
                f"{w.escalate_after_hours:g} is not before due_hours {w.due_hours:g}, so it would "
                "be handed on only when it is a breach already; lower it or raise due_hours",
            )


def _access_problems(here: Path_, w: Workflow) -> Iterator[Problem]:
    if w.access is Access.READ_ONLY and _verb(w) in _ACTS:
        yield Problem(
            (*here, "access"),
            f"'read-only' lets the AI analyse and suggest, but {w.action!r} would act; "
            "set access to 'draft-only' or 'manager-approved', or choose an action that suggests",
        )


def _gate_problems(here: Path_, w: Workflow) -> Iterator[Problem]:
    if w.gate is None:
        return
    gate = w.gate.value
    if changes_stage(w.action):
        if w.gate is not Gate.STAGE_CHANGE:
            yield Problem(
                (*here, "gate"),
                f"{gate!r} does not fit the action {w.action!r}: a stage of the pipeline changes "
                "at the gate 'stage-change' only, where it is logged and reversible; set that",
            )
    elif w.gate is Gate.SEND and _verb(w) in _ACTS and _verb(w) != "send":
        yield Problem(
            (*here, "gate"),
            f"'send' guards what goes to people, but {w.action!r} changes records; "
            "set it to 'crm-sync' or 'clean-up'",
        )
    elif w.gate is not Gate.SEND and (_verb(w) == "send" or w.channel in _WRITTEN_TO_PEOPLE):
        sends = "sends" if _verb(w) == "send" else f"goes out by {w.channel}"
        yield Problem(
            (*here, "gate"),
            f"{gate!r} guards records, but {w.action!r} {sends}; set gate to 'send'",
        )
    if w.gate in (Gate.CLEAN_UP, Gate.STAGE_CHANGE) and hard_to_reverse(w):
        attribute = "rollback_hours" if w.reversible else "reversible"
        value = "0" if w.reversible else "false"
        yield Problem(
            (*here, attribute),
            f"{value}, but the gate {gate!r} promises that it can be undone; "
            "make it so or choose another gate",
        )


def _verb(w: Workflow) -> str:
    return w.action.replace("-", "_").partition("_")[0]
