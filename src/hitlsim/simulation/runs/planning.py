"""How many runs are asked for, with which seeds, and who does them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from ...errors import ScenarioError
from ...scenario.scenario import Scenario
from ..run import ENGINES
from ..world.draws import check_seed
from .stopping import check_confidence, check_precision, check_whole
from .workers import how_many

USUAL_RUNS = 20
"""From 19 runs on it can be said between which values nine in ten single runs lie."""
MOST_RUNS = 500


@dataclass(frozen=True, kw_only=True)
class Plan:
    """How many runs, with which seeds, and who does them."""

    n: int | None
    precision: Mapping[str, float] | None
    confidence: float
    at_least: int
    at_most: int
    seed: int
    engine: str
    workers: int | None
    threads: bool
    warm_up_weeks: int

    def checked(self, *scenarios: Scenario, least: int = 1) -> Plan:
        """The same plan with what was left open filled in; one message for what cannot be."""
        n = self.n
        if n is not None and self.precision is not None:
            raise ScenarioError(
                "give n, a number of runs, or precision, for which the number is found; not both"
            )
        if self.precision is not None:
            check_precision(self.precision)
            check_whole("at_least", self.at_least, 2, ": one run has no interval")
            check_whole("at_most", self.at_most, self.at_least, ", which is at_least")
        else:
            why = ": one run has no interval" if least > 1 else ""
            n = USUAL_RUNS if n is None else check_whole("n", n, least, why)
        if self.engine not in ENGINES:
            known = ", ".join(ENGINES)
            raise ScenarioError(f"engine {self.engine!r} is unknown; known: {known}")
        seed = check_seed(self.seed)
        last = seed + (self.at_most if n is None else n) - 1
        if last >= 2**63:
            raise ScenarioError(
                f"seed {seed} is too large: run i has the seed {seed} + i, the last one {last}; "
                "seeds go up to 2**63 - 1"
            )
        check_whole("warm_up_weeks", self.warm_up_weeks, 0)
        for s in scenarios:
            if self.warm_up_weeks >= s.weeks:
                raise ScenarioError(
                    f"warm_up_weeks={self.warm_up_weeks} leaves nothing of the {s.weeks} weeks of "
                    f"{s.name}; warm up for less, or simulate more: scenario.with_(weeks=...)"
                )
        workers = min(how_many(self.workers), self.at_most if n is None else n)
        confidence = check_confidence(self.confidence)
        return replace(self, n=n, seed=seed, workers=workers, confidence=confidence)
