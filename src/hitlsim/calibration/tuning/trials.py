"""Policies tried out at the simulated desk, all in the same worlds."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ...decisions.estimating.intervals import NOTHING, Estimate, ratio_of_clusters
from ...scenario.boundary import Boundary
from ...scenario.scenario import Scenario
from ...simulation.run import DEFAULT_ENGINE
from ...simulation.runs.comparing import paired
from ...simulation.runs.differences import Difference, difference_of
from ...simulation.runs.means import ASSUMES, MeanOfRuns, mean_of
from ...simulation.runs.planning import MOST_RUNS, USUAL_RUNS, Plan
from ...simulation.runs.replication import Figure, Replication
from .goals import Goals
from .weighing.policy import Policy

Floats = NDArray[np.float64]
METRIC_OF = {
    "exception_rate": "exception_rate",
    "fn_share": "true_fn_share",
    "fn_of_auto": "true_fn_of_auto",
    "fn_of_bad": "true_fn_of_bad",
    "override_rate": "override_rate",
    "within_24h": "within_24h",
    "within_48h": "within_48h",
    "utilisation": "utilisation",
    "hours_per_week": "hours_exceptions",
    "cost_per_1000": "true_cost",
}
"""The scorecard's metric behind each figure; silent errors by the truth that a simulation knows.

The cost is of the workflows that rules are made for, and the scorecard's is of all."""
_AMOUNTS = ("hours_exceptions", "utilisation")
"""Where nobody did anything a scorecard does not know these; here that is nothing at all."""
_ASKED = ("exceptions", "peeks", "by hand")
"""What people's time goes to that the rules decide: neither gates nor looks afterwards."""
_SURE = 0.90
"""Confidence with which a policy must be worse to be given up before its turn."""
_LEAST_PAIRS = 2
Done = Callable[[float], None]


@dataclass
class Trials:
    """What policies gave, run by run.

    Parameters
    ----------
    scenario : Scenario
    present : Boundary
        What a policy does not say stays as it is there.
    warm_up_weeks : int
        Weeks at the start that do not count.
    """

    scenario: Scenario
    present: Boundary
    warm_up_weeks: int
    workers: int | None = None
    values: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    """By policy and figure, one value for each run."""
    policies: dict[str, Policy] = field(default_factory=dict)

    def run(self, policies: Mapping[str, Policy], *, n: int, seed: int, done: Done) -> None:
        """Simulate policies with the seeds ``seed`` to ``seed + n - 1``."""
        self.policies.update(policies)
        plan = Plan(
            n=n, precision=None, confidence=0.95, at_least=USUAL_RUNS, at_most=MOST_RUNS,
            seed=seed, engine=DEFAULT_ENGINE, workers=self.workers, threads=False,
            warm_up_weeks=self.warm_up_weeks,
        )  # fmt: skip
        worlds = {name: self.world(policy) for name, policy in policies.items()}
        labels = list(worlds)
        safe = tuple(n for n, w in self.scenario.workflows.items() if w.automation_safe)
        if len(worlds) == 1:  # a comparison takes two
            worlds["again"] = next(iter(worlds.values()))
        pairs = paired(worlds, plan)
        try:
            for count, runs in enumerate(pairs, 1):
                for label, one in zip(labels, runs, strict=False):
                    own = self.values.setdefault(label, {})
                    for name in METRIC_OF:
                        own.setdefault(name, []).append(_value(one, name, safe))
                done(count / n)
        finally:
            pairs.close()

    def world(self, policy: Policy) -> Scenario:
        """The scenario under a policy."""
        boundary = policy.boundary(self.present)
        return self.scenario.model_copy(update={"boundary": boundary})

    def figure(self, policy: str, name: str, confidence: float = 0.95) -> MeanOfRuns:
        """The mean of a figure over the runs of a policy."""
        return mean_of(self.values[policy][name], confidence)

    def difference(
        self, baseline: str, other: str, name: str, *, confidence: float = 0.95, policies: int = 1
    ) -> Difference:
        """How much a figure differs between two policies in the runs both had."""
        a, b = self._both(baseline, other, name)
        return difference_of(METRIC_OF[name], a, b, confidence, policies)

    def saved_per_look(self, fewer: str, more: str) -> Estimate:
        """What each further look saves, from one policy to another that asks more.

        The ratio of two mean paired differences, in money for each look. Below 0 a look costs more
        than it brings. Where any run has no more looks under the second there is no answer.

        The interval is that of the linearised ratio, since both differences come from the same
        runs. Fieller's is the same where looks differ little from run to run, as they do here.
        """
        (cost, dearer), (rate, higher) = (
            self._both(fewer, more, name) for name in ("cost_per_1000", "exception_rate")
        )
        saved, looks = cost - dearer, 1000 * (higher - rate)
        if len(looks) < _LEAST_PAIRS or not (looks > 0).all():
            return NOTHING
        return replace(ratio_of_clusters(saved, looks, clusters="runs"), n=len(looks),
                       assumes=ASSUMES)  # fmt: skip

    def _both(self, baseline: str, other: str, name: str) -> tuple[Floats, Floats]:
        """A figure of two policies in the runs that both had."""
        a, b = (np.array(self.values[p][name]) for p in (baseline, other))
        n = min(len(a), len(b))
        return a[:n], b[:n]

    # --- the race --------------------------------------------------------------------------------

    def missed(self, policy: str, goals: Goals) -> float:
        """How far a policy's mean figures are beyond the targets, added up."""
        return sum(
            0.0 if math.isnan(value := self.figure(policy, limit.figure).value)
            else limit.missed_by(value)
            for limit in goals.limits()
        )  # fmt: skip

    def ranked(self, names: list[str], goals: Goals) -> list[str]:
        """Policies, the best first: those that keep the targets by cost, then the others."""

        def key(name: str) -> tuple[float, float]:
            missed = self.missed(name, goals)
            return (missed if missed > 1e-3 else 0.0, self.figure(name, "cost_per_1000").value)

        return sorted(names, key=key)

    def still_in(self, names: list[str], goals: Goals) -> list[str]:
        """The better half, and of it only those that are not surely worse than the best."""
        best, *others = self.ranked(names, goals)
        half = others[: max(1, len(names) // 2 - 1)]
        clean = self.missed(best, goals) <= 1e-3
        keep = [
            name for name in half
            if not clean or not self._surely_worse(best, name, len(others))
        ]  # fmt: skip
        return [best, *keep]

    def _surely_worse(self, best: str, other: str, policies: int) -> bool:
        if min(len(self.values[p]["cost_per_1000"]) for p in (best, other)) < _LEAST_PAIRS:
            return False
        apart = self.difference(best, other, "cost_per_1000", confidence=_SURE, policies=policies)
        return apart.low > 0


def _value(run: Replication, name: str, safe: tuple[str, ...]) -> float:
    if name == "cost_per_1000":
        return _cost(run, safe)
    metric = METRIC_OF[name]
    value = run.figures.get(Figure(metric), math.nan)
    return 0.0 if metric in _AMOUNTS and math.isnan(value) else value


def _cost(run: Replication, safe: tuple[str, ...]) -> float:
    """Harm, waiting and people's time for 1,000 decisions that the AI may take alone.

    Of the workflows that rules are made for: what passes a gate would only drown it.
    """
    counts = run.counts
    rows = counts.rows[counts.rows["workflow"].isin(safe)]
    work = counts.work[counts.work["workflow"].isin(safe) & counts.work["domain"].isin(_ASKED)]
    hourly = work["pool"].astype(str).map(counts.record["cost_per_hour"]).to_numpy(float)
    time = float((work["minutes"].to_numpy(float) * hourly).sum()) / 60
    lost = float(rows["true_harm"].sum() + rows["delay_cost"].sum())
    return 1000 * (time + lost) / max(1.0, float(rows["safe"].sum()))


def chance_of(values: list[float], low: float, high: float) -> float:
    """Chance that the next run's value lies in a band, from those of independent runs.

    Student's predictive distribution.

    >>> round(chance_of([0.12, 0.13, 0.125, 0.12, 0.13], 0.10, 0.15), 2)
    0.99
    """
    from scipy.special import stdtr

    x = np.array(values)
    n, sd = len(x), float(x.std(ddof=1))
    if sd == 0:
        return float(low <= x.mean() <= high)
    spread = sd * math.sqrt(1 + 1 / n)
    return float(stdtr(n - 1, (high - x.mean()) / spread) - stdtr(n - 1, (low - x.mean()) / spread))
