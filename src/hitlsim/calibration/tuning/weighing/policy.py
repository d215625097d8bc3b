"""A boundary as rules that a person can apply: bands and triggers for each workflow."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....scenario.boundary import Boundary, WorkflowBoundary
from ....simulation.contract import Route
from ....simulation.routing import route_all
from .cases import Cases

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rule:
    """Where the AI may act alone in one workflow.

    Alone when ``confidence >= auto``, the deal is not above ``deal_limit`` and none of ``signals``
    is there; held for triage when ``confidence < review``.
    """

    auto: float
    review: float
    deal_limit: float = math.inf
    signals: tuple[str, ...] = ()


class _Bands(NamedTuple):
    auto: NDArray[np.float64]
    review: NDArray[np.float64]
    deal_limit: NDArray[np.float64]
    triggers: NDArray[np.int64]


@dataclass(frozen=True)
class Policy:
    """A rule for each workflow, by its name."""

    rules: Mapping[str, Rule]

    @classmethod
    def of(cls, boundary: Boundary, workflows: Iterable[str]) -> Policy:
        """The rules that a boundary spec says."""
        rules = {}
        for flow in workflows:
            bands, limit = boundary.bands_of(flow), boundary.deal_limit_of(flow)
            rules[flow] = Rule(
                bands.auto, bands.review, math.inf if limit is None else limit,
                boundary.signals_of(flow),
            )  # fmt: skip
        return cls(rules)

    @property
    def conditions(self) -> int:
        """How many different things the whole spec says: thresholds, deal limits, signals."""
        rules = self.rules.values()
        return (
            len({r.auto for r in rules})
            + len({r.deal_limit for r in rules if math.isfinite(r.deal_limit)})
            + len({s for r in rules for s in r.signals})
        )

    def asks(self, cases: Cases) -> Bools:
        """Which decisions go to a person, by the rules that both engines follow."""
        bands = self._bands(cases)
        route, _ = route_all(
            cases.score, cases.deal_size, cases.present, cases.flow, bands.auto, bands.review,
            bands.deal_limit, bands.triggers, cases.always,
        )  # fmt: skip
        return np.asarray(route != int(Route.AUTO))

    def _bands(self, cases: Cases) -> _Bands:
        bit = {name: 1 << i for i, name in enumerate(cases.signals)}
        rules = [self.rules[flow] for flow in cases.workflows]
        return _Bands(
            np.array([r.auto for r in rules]),
            np.array([r.review for r in rules]),
            np.array([r.deal_limit for r in rules]),
            np.array([sum(bit.get(s, 0) for s in r.signals) for r in rules], np.int64),
        )

    def boundary(self, base: Boundary) -> Boundary:
        """The next version of a boundary spec, with these rules; all else stays."""
        own = dict(base.workflows)
        triggers, limit = base.triggers, base.triggers.deal_size_above
        if limit is not None and any(math.isinf(r.deal_limit) for r in self.rules.values()):
            # a limit for all would come back where a workflow is to have none
            triggers = triggers.model_copy(update={"deal_size_above": None})
            own = {
                name: w if w.deal_size_above is not None
                else w.model_copy(update={"deal_size_above": limit})
                for name, w in own.items()
            }  # fmt: skip
        for flow, rule in self.rules.items():
            own[flow] = WorkflowBoundary(
                auto=min(rule.auto, 1.0),
                review=min(rule.review, rule.auto, 1.0),
                deal_size_above=rule.deal_limit if math.isfinite(rule.deal_limit) else None,
                signals=rule.signals,
            )
        return Boundary.model_validate(
            base.model_copy(
                update={"version": base.version + 1, "workflows": own, "triggers": triggers}
            ).model_dump(exclude_unset=True)
        )

    def with_rule(self, workflow: str, rule: Rule) -> Policy:
        """The same but for one workflow."""
        return Policy({**self.rules, workflow: rule})

    def with_auto(self, workflow: str, auto: float) -> Policy:
        """The same with another threshold in one workflow."""
        old = self.rules[workflow]
        return self.with_rule(workflow, replace(old, auto=auto, review=min(old.review, auto)))
