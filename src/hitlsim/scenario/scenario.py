"""The whole scenario, and the rules that hold between its parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, PrivateAttr, field_validator, model_validator

from .base import Name, Named, Part
from .boundary import Boundary
from .hours import WindowText, overlap
from .phases import Phase, PhaseName
from .surface import Agent, Workflow
from .team import Pool, Reviewer
from .world import Signal


class Problem(NamedTuple):
    """Something wrong at a place of the scenario."""

    path: tuple[str | int, ...]
    text: str


class Conflict(ValueError):
    """Parts that do not fit together; carries every problem with its place."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{'.'.join(map(str, p.path))}: {p.text}" for p in problems))


class Evidence(NamedTuple):
    """What kind of evidence one number of a scenario rests on."""

    path: str
    value: float | int
    mark: str
    """A, B, C, S, ? as in :func:`hitlsim.scenario.base.assumed`."""
    source: str


class Scenario(Part):
    """What a team decided, and what it believes about its world.

    Read one with :func:`hitlsim.load`; see ``docs/scenarios.md`` for a walk through the file.
    """

    name: Name
    """Short name; stands in every log and report."""
    teaches: str
    """Two lines on what the scenario teaches."""
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] = "EUR"
    """ISO code of all amounts."""
    timezone: str = "UTC"
    """IANA name; the simulation runs on local wall clock."""
    start: date
    """First day, a Monday."""
    weeks: Annotated[int, Field(ge=1, le=520)]
    """How many weeks are simulated."""
    hours: Named[tuple[WindowText, ...]]
    """Named hour-of-week profiles of arrivals."""
    signals: Named[Signal] = Field(default={}, validate_default=True)
    """What can be seen about a decision before it is taken."""
    agents: Named[Agent] = Field(min_length=1)
    """The AI agents."""
    workflows: Named[Workflow] = Field(min_length=1)
    """The decision surface map."""
    boundary: Boundary = Boundary()
    """Where the AI may act alone."""
    pools: Named[Pool] = Field(min_length=1)
    """The people."""
    phases: dict[PhaseName, Phase] = Field(min_length=1)
    """The rollout, in order."""

    _evidence: tuple[Evidence, ...] = PrivateAttr(default=())

    @field_validator("start")
    @classmethod
    def _monday(cls, value: date) -> date:
        if value.weekday():
            monday = value - timedelta(days=value.weekday())
            raise ValueError(f"{value} is not a Monday; the one before is {monday}")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in available_timezones():
            raise ValueError(f"{value!r} is no time zone; write one like 'Europe/Berlin'")
        return value

    @model_validator(mode="after")
    def _parts_fit(self) -> Scenario:
        problems = list(_problems(self))
        if problems:
            raise Conflict(problems)
        return self

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """The mark beside each number of the file, in the file's order."""
        return self._evidence

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)

    @property
    def fingerprint(self) -> str:
        """SHA-256 of everything that was decided, independent of the file's layout."""
        return hashlib.sha256(
            json.dumps(self.to_dict(), sort_keys=True).encode(), usedforsecurity=False
        ).hexdigest()

    @property
    def capacity_hours_per_week(self) -> float:
        """Hours that all pools together set aside for reviewing."""
        return sum(p.hours_per_week for p in self.pools.values())

    def to_dict(self) -> dict[str, Any]:
        """The scenario as the file would say it, everything spelled out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def with_(self, **changes: Any) -> Scenario:
        """A copy with some top-level parts replaced, checked like any scenario."""
        copy = Scenario.model_validate({**dict(self), **changes})
        copy._evidence = self._evidence
        return copy

    def pool_of_role(self, role: str) -> str:
        """Name of the pool that fills a role."""
        return next(name for name, pool in self.pools.items() if pool.role == role)

    def reviewers(self) -> list[tuple[str, str, Reviewer]]:
        """(pool, name, reviewer) of everybody, in roster order."""
        return [(p, n, r) for p, pool in self.pools.items() for n, r in pool.reviewers.items()]


def _problems(s: Scenario) -> Iterator[Problem]:
    yield from _hours_problems(s)
    yield from _surface_problems(s)
    yield from _boundary_problems(s)
    yield from _team_problems(s)
    yield from _phase_problems(s)


def _one_of(names: Any) -> str:
    return f"known: {', '.join(names) or 'none'}"


def _hours_problems(s: Scenario) -> Iterator[Problem]:
    for name, windows in s.hours.items():
        clash = overlap(windows)
        if clash:
            yield Problem(("hours", name), clash)
        if not windows:
            yield Problem(("hours", name), "has no stretch; add one like 'mon-fri 08:00-18:00'")


def _surface_problems(s: Scenario) -> Iterator[Problem]:
    roles = [p.role for p in s.pools.values()]
    for name, w in s.workflows.items():
        here = ("workflows", name)
        agent = s.agents.get(w.agent)
        if agent is None:
            yield Problem((*here, "agent"), f"{w.agent!r} is no agent; {_one_of(s.agents)}")
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
            yield Problem((*here, "hours"), f"{w.hours!r} is no profile; {_one_of(s.hours)}")
        for role in dict.fromkeys((w.raci.accountable, *w.raci.responsible)):
            if role not in roles:
                yield Problem(
                    (*here, "raci"),
                    f"no pool has the role {role!r}, so nobody would do the work; {_one_of(roles)}",
                )
        for signal in w.signal_shares:
            if signal not in s.signals:
                yield Problem(
                    (*here, "signal_shares", signal), f"is no signal; {_one_of(s.signals)}"
                )


def _boundary_problems(s: Scenario) -> Iterator[Problem]:
    spec = s.boundary
    for name in spec.workflows:
        here = ("boundary", "workflows", name)
        if name not in s.workflows:
            yield Problem(here, f"is no workflow; {_one_of(s.workflows)}")
            continue
        try:
            spec.bands_of(name)
        except ValueError:
            own = spec.workflows[name]
            review = spec.bands.review if own.review is None else own.review
            auto = spec.bands.auto if own.auto is None else own.auto
            yield Problem(
                here,
                f"review band {review:g} is above the auto band {auto:g}; "
                "lower review or raise auto",
            )
        if not s.workflows[name].automation_safe:
            yield Problem(
                here,
                "bands and triggers need access 'automation-safe'; "
                "this workflow always asks a human, so take the entry out",
            )
    for i, signal in enumerate(spec.triggers.signals):
        if signal not in s.signals:
            yield Problem(
                ("boundary", "triggers", "signals", i),
                f"{signal!r} is no signal; {_one_of(s.signals)}",
            )
    for i, name in enumerate(spec.audit.workflows):
        if name not in s.workflows or not s.workflows[name].automation_safe:
            safe = [n for n, w in s.workflows.items() if w.automation_safe]
            yield Problem(
                ("boundary", "audit", "workflows", i),
                f"{name!r} is no automation-safe workflow; {_one_of(safe)}",
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
        yield Problem(("phases",), f"come in the order {', '.join(order)}")
    for name in given[:-1]:
        if s.phases[name].weeks is None:
            yield Problem(
                ("phases", name, "weeks"), "is missing; only the last phase is open-ended"
            )
    if s.phases[given[-1]].weeks is not None:
        yield Problem(
            ("phases", given[-1], "weeks"), "the last phase lasts to the end; take weeks out"
        )
