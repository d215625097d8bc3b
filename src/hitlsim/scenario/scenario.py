"""The whole scenario, and the rules that hold between its parts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Annotated, Any, NamedTuple
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    Field,
    PrivateAttr,
    ValidationError,
    field_validator,
    model_validator,
)

from ..errors import ScenarioError
from ..shown import Shown
from . import together
from .base import Name, Named, Part, Whole, as_written, freeze
from .boundary import Boundary
from .explain import Conflict, dotted, explain
from .governance import Governance
from .habits import Habits, spelled_out
from .hours import DAY_MS, WindowText, time_zones
from .once import once_for_each
from .phases import Phase, PhaseName
from .surface import Agent, Workflow
from .team import Pool, Reviewer
from .world import Crm, Incident, Signal


class Evidence(NamedTuple):
    """What kind of evidence one number of a scenario rests on."""

    path: str
    value: float | int
    mark: str
    """A, B, C, S, ? as in :func:`hitlsim.scenario.base.assumed`."""
    source: str


class Scenario(Part, Shown):
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
    weeks: Annotated[Whole, Field(ge=1, le=520)]
    """How many weeks are simulated."""
    hours: Named[tuple[WindowText, ...]]
    """Named hour-of-week profiles of arrivals."""
    signals: Named[Signal] = Field(default={}, validate_default=True, max_length=40)
    """What can be seen about a decision before it is taken."""
    agents: Named[Agent] = Field(min_length=1)
    """The AI agents."""
    workflows: Named[Workflow] = Field(min_length=1)
    """The decision surface map."""
    boundary: Boundary = Boundary()
    """Where the AI may act alone."""
    pools: Named[Pool] = Field(min_length=1)
    """The people."""
    habits: Named[Habits] = Field(default={}, validate_default=True)
    """The team's own sets of habits; ``typical``, ``careful`` and others ship."""
    governance: Governance = Governance()
    """What reacts: calls, approvals, monitors, kill switches."""
    incidents: Named[Incident] = Field(default={}, validate_default=True)
    """Times in which the AI is worse than it was."""
    crm: Crm | None = None
    """The contact data that emails rest on."""
    holidays: tuple[date, ...] = ()
    """Days on which nothing arrives and nobody works."""
    allow_unsafe: bool = False
    """Lets the AI act alone where a human must always decide; every report then says so in red."""
    phases: Annotated[dict[PhaseName, Phase], AfterValidator(freeze)] = Field(min_length=1)
    """The rollout, in order."""

    _evidence: tuple[Evidence, ...] = PrivateAttr(default=())

    @field_validator("start")
    @classmethod
    def _monday(cls, value: date) -> date:
        if value.weekday():
            monday = value - timedelta(days=value.weekday())
            raise ValueError(f"{value} is not a Monday; take the one before, {monday}")
        return value

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in time_zones():
            near = get_close_matches(value, sorted(time_zones()), n=1)
            remedy = f"did you mean {near[0]!r}?" if near else "write one like 'Europe/Berlin'"
            raise ValueError(f"{value!r} is no time zone; {remedy}")
        return value

    @model_validator(mode="after")
    def _parts_fit(self) -> Scenario:
        problems = list(together.problems(self))
        if problems:
            raise Conflict(problems)
        return self

    def __eq__(self, other: object) -> bool:
        # two scenarios are the same when the same was decided, whatever the comments say
        return isinstance(other, Scenario) and dict(self) == dict(other)

    def __hash__(self) -> int:
        return hash(self.fingerprint)

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
        return _fingerprint_of(self)

    @property
    def capacity_hours_per_week(self) -> float:
        """Hours that all pools together set aside for reviewing."""
        return sum(p.hours_per_week for p in self.pools.values())

    def to_dict(self) -> dict[str, Any]:
        """The scenario as the file would say it, everything spelled out."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True)

    def with_(self, **changes: Any) -> Scenario:
        """A copy with some top-level parts replaced, checked like any scenario.

        Raises
        ------
        ScenarioError
            When the parts do not fit; the message names path, rule and remedy.

        Examples
        --------
        >>> import hitlsim as hs
        >>> hs.load("outbound").with_(weeks=4).weeks
        4
        """
        try:
            # written out first: parts made with model_copy() have not been checked
            copy = Scenario.model_validate(as_written({**dict(self), **changes}))
        except ValidationError as e:
            found = explain(e, Scenario, ())
            raise ScenarioError("\n".join(f"{dotted(p.path)}: {p.text}" for p in found)) from None
        copy._evidence = tuple(_still_true(self._evidence, copy.to_dict(), set(changes)))
        return copy

    def first_of_month(self, moment_ms: int) -> bool:
        """Whether a moment of the week, in ms of the run, is the first such one of its month."""
        return (self.start + timedelta(days=moment_ms // DAY_MS)).day <= 7

    def pool_of_role(self, role: str) -> str:
        """Name of the pool that fills a role."""
        return next(name for name, pool in self.pools.items() if pool.role == role)

    def habits_of(self, reviewer: Reviewer) -> Habits:
        """A reviewer's habits, spelled out: presets, the team's own, then their own rates."""
        own = {
            name: rate
            for name in ("hit_rate", "false_alarm_rate")
            if (rate := getattr(reviewer, name)) is not None
        }
        return spelled_out(reviewer.habits, self.habits).model_copy(update=own)

    def reviewers(self) -> list[tuple[str, str, Reviewer]]:
        """(pool, name, reviewer) of everybody, in roster order."""
        return [(p, n, r) for p, pool in self.pools.items() for n, r in pool.reviewers.items()]


def _still_true(
    evidence: tuple[Evidence, ...], values: dict[str, Any], changed: set[str]
) -> Iterator[Evidence]:
    """The evidence after a change: a number that was replaced rests on an assumption."""
    for e in evidence:
        steps = e.path.split(".")
        if steps[0] not in changed:
            yield e
            continue
        value: Any = values
        for step in steps:
            value = value.get(step) if isinstance(value, dict) else None
        if value == e.value:
            yield e
        elif isinstance(value, (int, float)):
            yield Evidence(e.path, value, "?", "changed after loading")


@once_for_each
def _fingerprint_of(scenario: Scenario) -> str:
    said = json.dumps(scenario.to_dict(), sort_keys=True)
    return hashlib.sha256(said.encode(), usedforsecurity=False).hexdigest()
