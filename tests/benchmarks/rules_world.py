"""A team whose rules are searched for: what a try costs, and how what was found is judged.

A search gives many sets of rules, from those that ask much to those that ask little. They are
judged by the area they dominate: two figures, both better when lower, up to a corner that everybody
can reach.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

import hitlsim as hs
from hitlsim.calibration.tuning.rerouting.bands import DEFAULT_AUTO, DEFAULT_REVIEW
from hitlsim.calibration.tuning.weighing.from_scenario import steady_from
from hitlsim.calibration.tuning.weighing.policy import Policy, Rule
from hitlsim.scenario.boundary import Bands, Boundary
from hitlsim.simulation.runs.replication import Figure, Replication
from hitlsim.simulation.world.draws import Draws

Floats = NDArray[np.float64]


class Pair(NamedTuple):
    """Two figures that are traded for each other; lower is better in both."""

    name: str
    metrics: tuple[str, str]


PAIRS = (
    Pair("exception rate and silent errors", ("exception_rate", "true_fn_share")),
    Pair("hands-on hours and true cost", ("hours_exceptions", "true_cost")),
)


@dataclass
class World:
    """A scenario, and how many decisions searches simulated in it.

    Parameters
    ----------
    scenario : Scenario
    judges : sequence of int
        Seeds that nobody searches with.
    """

    scenario: hs.Scenario
    judges: Sequence[int]
    simulated: int = 0
    _draws: dict[int, Draws] = field(default_factory=dict)
    _judged: dict[str, dict[str, float]] = field(default_factory=dict)

    @cached_property
    def workflows(self) -> tuple[str, ...]:
        """Those in which the AI may act alone: what rules are about."""
        flows = self.scenario.workflows
        return tuple(name for name in flows if flows[name].automation_safe)

    @cached_property
    def today(self) -> Policy:
        return Policy.of(self.scenario.boundary, self.workflows)

    @cached_property
    def usual(self) -> Policy:
        """Vendors' usual bands, and no trigger."""
        return Policy.of(
            Boundary(bands=Bands(auto=DEFAULT_AUTO, review=DEFAULT_REVIEW)), self.workflows
        )

    def constant(self, auto: float) -> Policy:
        """One threshold for all; the signals that hold today stay, as in every other policy."""
        rules = self.today.rules
        return Policy({
            f: Rule(auto, min(r.review, auto), math.inf, r.signals) for f, r in rules.items()
        })  # fmt: skip

    def draws(self, seed: int) -> Draws:
        if seed not in self._draws:
            self._draws[seed] = hs.draw(self.scenario, seed)
        return self._draws[seed]

    def run(self, policy: Policy, seed: int) -> hs.Run:
        """One simulated run; the search pays for every decision in it, those of warm-up too."""
        self.simulated += len(self.draws(seed))
        return self._run(policy, seed)

    def figures(self, policy: Policy, seed: int) -> dict[str, float]:
        """Every figure of one run, from the steady state on."""
        return self._figures(self.run(policy, seed))

    def judged(self, policy: Policy) -> dict[str, float]:
        """Means over the judges' seeds; worked out once, and nobody pays."""
        key = repr(policy)
        if key not in self._judged:
            runs = [self._figures(self._run(policy, seed)) for seed in self.judges]
            self._judged[key] = {name: float(np.mean([r[name] for r in runs])) for name in runs[0]}
        return self._judged[key]

    def dominated(self, policies: Iterable[Policy], pair: Pair) -> float:
        """The area that policies dominate on the judges' seeds, as a share of all there is.

        The corner is what everybody can reach: in the first figure that of asking about everything,
        in the second that of asking only where a signal says so.
        """
        first, second = pair.metrics
        corner = self.judged(self.constant(1.0))[first], self.judged(self.constant(0.0))[second]
        points = np.array([[self.judged(p)[m] for m in pair.metrics] for p in policies])
        return area(points, corner) / math.prod(corner)

    def _run(self, policy: Policy, seed: int) -> hs.Run:
        boundary = policy.boundary(self.scenario.boundary)
        scenario = self.scenario.model_copy(update={"boundary": boundary})
        return hs.simulate(scenario, seed=seed, draws=self.draws(seed))

    def _figures(self, run: hs.Run) -> dict[str, float]:
        start = pd.Timestamp(self.scenario.start)
        counts = run.counts.since(start + pd.Timedelta(weeks=steady_from(self.scenario)))
        kept = Replication(0, run.seed, counts, run.governance).figures
        return {m: kept[Figure(m)] for pair in PAIRS for m in pair.metrics}


def area(points: Floats, corner: tuple[float, float]) -> float:
    """The area below and left of a corner in which some point is better in both.

    >>> area(np.array([[1.0, 2.0], [2.0, 1.0], [2.0, 3.0]]), (3.0, 3.0))
    3.0
    """
    total, best = 0.0, corner[1]
    for first, second in sorted(map(tuple, points.tolist())):
        if first < corner[0] and second < best:
            total += (corner[0] - first) * (best - second)
            best = second
    return total


def undominated(points: Floats) -> NDArray[np.bool_]:
    """Which points no other one is better than in one figure and as good in the other.

    >>> undominated(np.array([[1.0, 2.0], [2.0, 1.0], [2.0, 3.0]])).tolist()
    [True, True, False]
    """
    no_worse = (points[None] <= points[:, None]).all(axis=2)
    better = (points[None] < points[:, None]).any(axis=2)
    beaten = np.asarray(no_worse & better)
    return np.asarray(~beaten.any(axis=1))
