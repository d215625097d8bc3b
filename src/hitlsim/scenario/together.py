"""The rules that hold between the parts of a scenario."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import governs, reachable, reviewers, writes
from .explain import Problem, instead
from .hours import moment_text, overlap
from .phases import Cadence, PhaseName

if TYPE_CHECKING:
    from .scenario import Scenario

RESERVED = ("gate", "low_band", "deal_size", "medium_band", "peek", "manual")
"""Reasons in the log that are not signals; a signal of that name could not be told from them."""


def problems(s: Scenario) -> Iterator[Problem]:
    """Everything that does not fit together."""
    yield from _hours_problems(s)
    yield from _signal_problems(s)
    yield from _surface_problems(s)
    yield from writes.problems(s)
    yield from _boundary_problems(s)
    yield from _team_problems(s)
    yield from reviewers.problems(s)
    yield from governs.problems(s)
    yield from _phase_problems(s)
    yield from reachable.criterion_problems(s)


def _hours_problems(s: Scenario) -> Iterator[Problem]:
    for name, windows in s.hours.items():
        clash = overlap(windows)
        if clash:
            yield Problem(("hours", name), clash)
        if not windows:
            yield Problem(("hours", name), "has no stretch; add one like 'mon-fri 08:00-18:00'")


def _signal_problems(s: Scenario) -> Iterator[Problem]:
    for name in s.signals:
        if name in RESERVED:
            yield Problem(
                ("signals", name), "is the name of another reason in the log; call it differently"
            )


def _surface_problems(s: Scenario) -> Iterator[Problem]:
    roles = [p.role for p in s.pools.values()]
    for name, w in s.workflows.items():
        here = ("workflows", name)
        agent = s.agents.get(w.agent)
        if agent is None:
            yield Problem(
                (*here, "agent"), f"{w.agent!r} is no agent; {instead(w.agent, s.agents)}"
            )
        elif w.action in agent.may_not:
            yield Problem(
                (*here, "action"),
                f"{w.agent} may not take {w.action!r} (agents.{w.agent}.may_not); "
                "give the workflow to another agent or change what this one may do",
            )
        elif w.action not in agent.may:
            yield Problem(
                (*here, "action"),
                f"{w.action!r} is not among the actions {w.agent} may take "
                f"({', '.join(agent.may)}); add it to agents.{w.agent}.may or choose one of these",
            )
        if w.hours not in s.hours:
            yield Problem(
                (*here, "hours"), f"{w.hours!r} is no profile; {instead(w.hours, s.hours)}"
            )
        for role in dict.fromkeys((w.raci.accountable, *w.raci.responsible)):
            if role not in roles:
                yield Problem(
                    (*here, "raci"),
                    f"no pool has the role {role!r}, so nobody would do the work; "
                    f"{instead(role, roles)}",
                )
        for signal in w.signal_shares:
            if signal not in s.signals:
                yield Problem(
                    (*here, "signal_shares", signal), f"is no signal; {instead(signal, s.signals)}"
                )


def _boundary_problems(s: Scenario) -> Iterator[Problem]:
    spec = s.boundary
    out_of_order = dict(spec.bands_out_of_order())
    for name in spec.workflows:
        here = ("boundary", "workflows", name)
        if name not in s.workflows:
            yield Problem(here, f"is no workflow; {instead(name, s.workflows)}")
            continue
        if name in out_of_order:
            yield Problem(
                here, f"{out_of_order[name]} (what is not set here is as in boundary.bands)"
            )
        if not s.workflows[name].automation_safe:
            yield Problem(
                here,
                "bands and triggers need access 'automation-safe'; "
                "this workflow always asks a human, so take the entry out",
            )
    asked: list[tuple[tuple[str, ...], tuple[str, ...]]] = [(("triggers",), spec.triggers.signals)]
    asked += [(("workflows", n), own.signals or ()) for n, own in spec.workflows.items()]
    for where, signals in asked:
        for i, signal in enumerate(signals):
            if signal not in s.signals:
                yield Problem(
                    ("boundary", *where, "signals", i),
                    f"{signal!r} is no signal; {instead(signal, s.signals)}",
                )
    for i, name in enumerate(spec.audit.workflows):
        if name not in s.workflows or not s.workflows[name].automation_safe:
            safe = [n for n, w in s.workflows.items() if w.automation_safe]
            yield Problem(
                ("boundary", "audit", "workflows", i),
                f"{name!r} is no automation-safe workflow; {instead(name, safe)}",
            )


def _team_problems(s: Scenario) -> Iterator[Problem]:
    roles: dict[str, str] = {}
    people: dict[str, str] = {}
    for name, pool in s.pools.items():
        if pool.role in roles:
            yield Problem(
                ("pools", name, "role"),
                f"{pool.role!r} is filled by pool {roles[pool.role]!r} already; merge the pools",
            )
        roles[pool.role] = name
        for person in pool.reviewers:
            if person in people:
                yield Problem(
                    ("pools", name, "reviewers", person),
                    f"also sits in pool {people[person]!r}; a person has one desk",
                )
            people[person] = name


def _phase_problems(s: Scenario) -> Iterator[Problem]:
    order = list(PhaseName)
    given = list(s.phases)
    if given != sorted(given, key=order.index):
        yield Problem(("phases",), f"come in the order {', '.join(order)}; reorder them")
    for name in given[:-1]:
        if s.phases[name].weeks is None and s.phases[name].until is None:
            yield Problem(
                ("phases", name, "weeks"),
                "is missing, and so is until; only the last phase is open-ended",
            )
    for key in ("weeks", "until"):
        if getattr(s.phases[given[-1]], key) is not None:
            yield Problem(
                ("phases", given[-1], key), f"the last phase lasts to the end; take {key} out"
            )
    if s.phases[given[0]].back_if is not None:
        yield Problem(
            ("phases", given[0], "back_if"), "there is no phase before the first; take it out"
        )
    moments: dict[Cadence, tuple[PhaseName, int]] = {}
    for name, phase in s.phases.items():
        first, at = moments.setdefault(phase.looks.cadence, (name, phase.looks.at))
        if phase.looks.cadence is not Cadence.AT_ONCE and at != phase.looks.at:
            yield Problem(
                ("phases", name, "looks", "at"),
                f"{phase.looks.cadence.value} looks are released at one moment, and phase "
                f"{first.value} has {moment_text(at)!r}; write the same",
            )
        if phase.looks.bulk_above is not None and phase.looks.cadence is Cadence.AT_ONCE:
            yield Problem(
                ("phases", name, "looks", "bulk_above"),
                "is for batches, but these looks come one by one, 'at-once'; "
                "set cadence to 'weekly' or 'monthly', or take it out",
            )
