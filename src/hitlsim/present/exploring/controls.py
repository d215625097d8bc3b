"""What can be moved in the explorer, between which limits, and how a move becomes a scenario."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...errors import ScenarioError
from ...scenario.base import as_written
from ...scenario.boundary import Boundary
from ...scenario.explain import instead
from ...scenario.habits import PRESETS
from ...scenario.scenario import Scenario
from ...scenario.team import Pool

Place = tuple[str, str]
"""A control and what it is for: a workflow or a pool; empty means all of them."""
Moves = Mapping[Place, Any]

MIXED = "mixed"
"""Habits of people who differ; they stay so until they are moved."""
_BANDS = ("auto", "review")
_MOST_PEOPLE = 40
_LARGEST_DEAL = 1e12
_EVERYWHERE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Something that can be moved."""

    name: str
    scope: str = _EVERYWHERE
    """A workflow or a pool; empty where it is for all that set nothing of their own."""
    value: Any
    """As it stands."""
    unit: str
    meaning: str
    low: float = math.nan
    high: float = math.nan
    step: float = math.nan
    choices: tuple[str, ...] = ()
    """What it can be, where it is no number."""
    own: bool = False
    """Of a workflow: whether it sets this for itself."""

    @property
    def place(self) -> Place:
        return self.name, self.scope

    @property
    def label(self) -> str:
        return f"{self.name} of {self.scope}" if self.scope else self.name

    def checked(self, value: Any) -> Any:
        """The value as plain Python, or one message that says what it must be."""
        value = value.item() if hasattr(value, "item") else value
        if self.name == "signals":
            return self._signals(value)
        if self.choices:
            if value not in self.choices:
                raise ScenarioError(
                    f"{self.label}: {value!r} is not there; {instead(str(value), self.choices)}"
                )
            return value
        if self.name == "deal_size_above" and value is None and not self.scope:
            return None
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not number or value != value:  # NaN is none
            raise ScenarioError(f"{self.label}: {value!r} must be a number {self._limits()}")
        if not self.low <= value <= self.high:
            raise ScenarioError(
                f"{self.label}: {value} is out of range; give a number {self._limits()}"
            )
        if self.step == int(self.step) == 1 and value != int(value):
            raise ScenarioError(f"{self.label}: {value!r} must be a whole number {self._limits()}")
        return int(value) if self.name == "reviewers" else float(value)

    def _limits(self) -> str:
        unit = f" ({self.unit})" if self.unit else ""
        never = ", or None for never" if self.name == "deal_size_above" and not self.scope else ""
        return f"from {self.low:g} to {self.high:g}{unit}{never}"

    def _signals(self, value: Any) -> tuple[str, ...]:
        if isinstance(value, str) or not isinstance(value, (list, tuple, set, frozenset)):
            raise ScenarioError(
                f"{self.label}: {value!r} must be a list of signals, such as "
                f"{list(self.choices[:1])}; [] for none"
            )
        for signal in value:
            if signal not in self.choices:
                raise ScenarioError(
                    f"{self.label}: {signal!r} is no signal; {instead(str(signal), self.choices)}"
                )
        return tuple(s for s in self.choices if s in value)


_MEANING = {
    "auto": "from this confidence on the AI acts alone",
    "review": "below this confidence it is held for triage",
    "deal_size_above": "larger deals go to a person",
    "signals": "these send a decision to a person",
    "audit_share": "share of what went out that is looked at afterwards, drawn by chance",
    "volume": "how many times as many decisions as the scenario says",
    "reviewers": "people in the pool; more than there are work the same shifts as those",
    "habits": "how people review",
}
_UNIT = {"auto": "share of 1", "review": "share of 1", "audit_share": "share of 1",
         "volume": "times", "reviewers": "people"}  # fmt: skip
_RANGE = {
    "auto": (0.0, 1.0, 0.01),
    "review": (0.0, 1.0, 0.01),
    "audit_share": (0.0, 1.0, 0.01),
    "volume": (0.1, 5.0, 0.1),
    "reviewers": (1, _MOST_PEOPLE, 1),
    "deal_size_above": (1.0, _LARGEST_DEAL, 1000.0),
}
NAMES = tuple(_MEANING)
"""What can be moved, in the order in which it is shown."""
_OF_POOLS = ("reviewers", "habits")
_SLIDES = ("auto", "review", "audit_share", "volume", "reviewers")


def controls_of(base: Scenario, moves: Moves) -> dict[Place, Control]:
    """Everything that can be moved, as it stands after some moves.

    Examples
    --------
    >>> import hitlsim as hs
    >>> found = controls_of(hs.load("on-the-loop"), {("auto", ""): 0.8})
    >>> found["auto", ""].value, found["auto", "crm_update"].own
    (0.8, True)
    """
    spec = boundary_of(base, moves)
    safe = [name for name, w in base.workflows.items() if w.automation_safe]
    found = [*_of_spec(base, spec, safe), *_of_world(base, moves), *_of_people(base, moves)]
    rank = {name: i for i, name in enumerate(NAMES)}
    found.sort(key=lambda c: rank[c.name])
    return {c.place: c for c in found}


def _control(name: str, scope: str, value: Any, currency: str = "", **more: Any) -> Control:
    low, high, step = _RANGE.get(name, (math.nan,) * 3)
    return Control(
        name=name, scope=scope, value=value, unit=_UNIT.get(name, currency), low=low, high=high,
        step=step, meaning=_MEANING[name], **more,
    )  # fmt: skip


def _of_spec(base: Scenario, spec: Boundary, safe: list[str]) -> Iterator[Control]:
    signals, money = tuple(base.signals), base.currency
    yield _control("auto", _EVERYWHERE, spec.bands.auto)
    yield _control("review", _EVERYWHERE, spec.bands.review)
    yield _control("deal_size_above", _EVERYWHERE, spec.triggers.deal_size_above, money)
    if base.signals:
        yield _control("signals", _EVERYWHERE, spec.triggers.signals, choices=signals)
    yield _control("audit_share", _EVERYWHERE, spec.audit.share)
    for name in safe:
        bands, own = spec.bands_of(name), as_written(spec.workflows.get(name)) or {}
        yield _control("auto", name, bands.auto, own="auto" in own)
        yield _control("review", name, bands.review, own="review" in own)
        limit = spec.deal_limit_of(name)
        yield _control("deal_size_above", name, limit, money, own="deal_size_above" in own)
        if base.signals:
            asked = spec.signals_of(name)
            yield _control("signals", name, asked, own="signals" in own, choices=signals)


def _of_world(base: Scenario, moves: Moves) -> Iterator[Control]:
    for name in (_EVERYWHERE, *base.workflows):
        yield _control("volume", name, moves.get(("volume", name), 1.0))


def _of_people(base: Scenario, moves: Moves) -> Iterator[Control]:
    choices = (*PRESETS, *base.habits)
    for name, pool in base.pools.items():
        yield _control("reviewers", name, moves.get(("reviewers", name), len(pool.reviewers)))
    everybody = {r.habits for _, _, r in base.reviewers()}
    common = everybody.pop() if len(everybody) == 1 else MIXED
    whole = moves.get(("habits", _EVERYWHERE), common)
    yield _control("habits", _EVERYWHERE, whole, choices=choices)
    for name, pool in base.pools.items():
        kinds = {r.habits for r in pool.reviewers.values()}
        own = moves.get(("habits", name))
        inherited = moves.get(("habits", _EVERYWHERE), kinds.pop() if len(kinds) == 1 else MIXED)
        yield _control("habits", name, own or inherited, choices=choices, own=own is not None)


# --- moves ---------------------------------------------------------------------------------------


def moved(
    base: Scenario, moves: Moves, wanted: Mapping[str, Any], workflow: str | None
) -> dict[Place, Any]:
    """The moves after some more, checked; what stands where it stood is no move.

    Raises
    ------
    ScenarioError
        When there is no such control, workflow or pool, or it cannot stand there.
    """
    out = dict(moves)
    known = controls_of(base, moves)
    for name, value in wanted.items():
        if name not in NAMES:
            raise ScenarioError(f"{name!r} cannot be moved; {instead(name, NAMES, 'what can')}")
        by_scope = value if isinstance(value, Mapping) else {workflow or _EVERYWHERE: value}
        if not by_scope:
            raise ScenarioError(f"{name}: {{}} moves nothing; give {{workflow or pool: value}}")
        if workflow is not None and (name in _OF_POOLS or isinstance(value, Mapping)):
            raise ScenarioError(
                f"{name}: workflow={workflow!r} does not go with it; give {{name: value}} alone"
            )
        for scope, its in by_scope.items():
            control = _found(known, name, scope, base)
            out[control.place] = control.checked(its)
    out = {place: v for place, v in out.items() if v != _at_start(base, place)}
    for flow, what in boundary_of(base, out).bands_out_of_order():
        raise ScenarioError(f"{flow}: {what}")
    return out


def first_to_move(base: Scenario) -> str:
    """Whose bands come to hand first: all others', or the busiest's where each has its own."""
    flows = [c for c in controls_of(base, {}).values() if c.name == "auto" and c.scope]
    if not flows or not all(c.own for c in flows):
        return _EVERYWHERE
    return max((c.scope for c in flows), key=lambda n: base.workflows[n].volume_per_week)


def neighbours(
    base: Scenario, moves: Moves, last: Mapping[str, Any], workflow: str | None
) -> Iterator[dict[Place, Any]]:
    """Where the slider that was moved last will probably be next: one step on, or back."""
    known = controls_of(base, moves)
    for name, given in last.items():
        scope = next(iter(given), _EVERYWHERE) if isinstance(given, Mapping) else workflow
        c = known.get((name, scope or _EVERYWHERE))
        if c is None or c.name not in _SLIDES:
            continue
        for steps in (1, -1, 2):
            value = round(c.value + steps * c.step, 6)
            try:
                yield moved(base, moves, {name: {c.scope: value}}, None)
            except ScenarioError:
                continue  # beyond the end


def _found(known: Mapping[Place, Control], name: str, scope: str, base: Scenario) -> Control:
    if (name, scope) in known:
        return known[name, scope]
    scopes = [s for n, s in known if n == name and s]
    if not scopes:
        raise ScenarioError(f"{name}: is for all; leave {scope!r} out")
    kind = "pool" if name in _OF_POOLS else "workflow"
    if not scope:
        raise ScenarioError(f"{name}: say of which {kind}: {name}={{{scopes[0]!r}: ...}}")
    if scope in base.workflows:
        if kind == "pool":
            raise ScenarioError(
                f"{name}: {scope!r} is a workflow; {instead(scope, scopes, 'pools')}"
            )
        raise ScenarioError(
            f"{name} of {scope}: a person decides about all of it, so there is nothing to move; "
            f"workflows that the AI may take alone: {', '.join(scopes)}"
        )
    raise ScenarioError(f"{name}: {scope!r} is no {kind}; {instead(str(scope), scopes)}")


_NOT_SET = object()


def _at_start(base: Scenario, place: Place) -> Any:
    """Where a control stands in the base; nowhere where it would be as for all others."""
    name, scope = place
    if scope and name == "habits":
        return _NOT_SET
    if scope and name in ("auto", "review", "deal_size_above", "signals"):
        own = base.boundary.workflows.get(scope)
        value = None if own is None else getattr(own, name)
        return _NOT_SET if value is None else value
    return controls_of(base, {})[place].value


def scenario_of(base: Scenario, moves: Moves) -> Scenario:
    """The scenario after the moves, checked like any other."""
    update: dict[str, Any] = {}
    names = {name for name, _ in moves}
    if names & {"auto", "review", "deal_size_above", "signals", "audit_share"}:
        update["boundary"] = boundary_of(base, moves)
    if names & set(_OF_POOLS):
        update["pools"] = type(base.pools)(
            {name: _pool(name, pool, moves) for name, pool in base.pools.items()}
        )
    if "volume" in names:
        update["workflows"] = _busier(base, moves)
    return base.with_(**update) if update else base


def boundary_of(base: Scenario, moves: Moves) -> Boundary:
    """The boundary spec after the moves."""
    written = base.boundary.model_dump(exclude_unset=True, exclude_none=True)
    for (name, scope), value in moves.items():
        if name in _BANDS and not scope:
            written.setdefault("bands", {})[name] = value
        elif name in ("deal_size_above", "signals") and not scope:
            written.setdefault("triggers", {})[name] = value
        elif name == "audit_share":
            written.setdefault("audit", {})["share"] = value
        elif name in (*_BANDS, "deal_size_above", "signals"):
            written.setdefault("workflows", {}).setdefault(scope, {})[name] = value
    bands = {**base.boundary.bands.model_dump(), **written.get("bands", {})}
    if bands["review"] > bands["auto"]:
        raise ScenarioError(
            f"review {bands['review']:g} is above auto {bands['auto']:g}; "
            "lower review or raise auto"
        )
    return Boundary.model_validate(written)


def _pool(name: str, pool: Pool, moves: Moves) -> Pool:
    n = moves.get(("reviewers", name), len(pool.reviewers))
    habits = moves.get(("habits", name), moves.get(("habits", _EVERYWHERE)))
    there = list(pool.reviewers.items())
    people = dict(there[:n])
    for i in range(len(there), n):
        who, like = there[i % len(there)]
        people[_another(who, i // len(there) + 1, people)] = like
    if habits is not None:
        people = {w: r.model_copy(update={"habits": habits}) for w, r in people.items()}
    return pool.model_copy(update={"reviewers": type(pool.reviewers)(people)})


def _another(who: str, number: int, taken: Mapping[str, Any]) -> str:
    """A name for one more person who works as somebody does."""
    name = f"{who[:36]}-{number}"
    return name if name not in taken else _another(who, number + 1, taken)


def _busier(base: Scenario, moves: Moves) -> Any:
    whole = moves.get(("volume", _EVERYWHERE), 1.0)
    out = {}
    for name, w in base.workflows.items():
        times = whole * moves.get(("volume", name), 1.0)
        update: dict[str, Any] = {"volume_per_week": w.volume_per_week * times}
        if w.list_drop is not None:
            contacts = max(1, round(w.list_drop.contacts * times))
            update["list_drop"] = w.list_drop.model_copy(update={"contacts": contacts})
        out[name] = w.model_copy(update=update)
    return type(base.workflows)(out)
