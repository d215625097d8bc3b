"""Policies against each other in the same world."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from ...errors import NotEnoughEvidence, ScenarioError
from ...scenario.scenario import Scenario
from ..run import DEFAULT_ENGINE
from ..world.draws import made_for
from .comparison import Comparison, frame_of
from .differences import one_of_many
from .gathering import Gathering
from .planning import MOST_RUNS, USUAL_RUNS, Plan
from .replicating import Job, RunsDone, one_by_one
from .replication import Figure, Replication
from .stopping import Enough, check_metric


class Pairs(Iterator[tuple[Replication, ...]]):
    """Runs of all policies, seed by seed, gathered as they come."""

    def __init__(
        self,
        scenarios: Mapping[str, Scenario],
        plan: Plan,
        metrics: Sequence[str] | None,
        progress: RunsDone | None,
    ) -> None:
        self.plan, self._labels, self._metrics = plan, list(scenarios), metrics
        self._base, *self._others = self._labels
        first = scenarios[self._base]
        # the name decides which decisions are audited, and is no part of the world
        self._scenarios = {
            label: s if s.name == first.name else s.model_copy(update={"name": first.name})
            for label, s in scenarios.items()
        }
        self._gathered = {label: Gathering() for label in scenarios}
        self._enough: Enough[tuple[str, str]] | None = None
        if plan.precision is not None:
            wanted = {(m, label): h for m, h in plan.precision.items() for label in self._others}
            each = one_of_many(plan.confidence, len(self._others))
            self._enough = Enough(wanted, each, plan.at_least, plan.at_most)
        job = Job(tuple(self._scenarios.values()), plan)
        self._runs = one_by_one(job, self._enough, self._apart, progress)

    def _apart(self, runs: tuple[Replication, ...]) -> dict[tuple[str, str], float]:
        base, *others = (run.figures for run in runs)
        return {
            (m, label): figures.get(Figure(m), math.nan) - base.get(Figure(m), math.nan)
            for m in self.plan.precision or ()
            for label, figures in zip(self._others, others, strict=True)
        }

    def __next__(self) -> tuple[Replication, ...]:
        runs = next(self._runs)
        for label, run in zip(self._labels, runs, strict=True):
            self._gathered[label].add(run)
        return runs

    def __len__(self) -> int:
        """How many seeds all policies have been through so far."""
        return min(len(g) for g in self._gathered.values())

    def close(self) -> None:
        """Stop; what was gathered stays."""
        self._runs.close()

    def comparison(self) -> Comparison:
        """What the runs made so far say."""
        n = len(self)
        if n < 2:
            raise NotEnoughEvidence(
                f"{n} run{'' if n == 1 else 's'} of each policy to compare: an interval needs two "
                "or more, better 20; compare with n=20"
            )
        happened = frozenset().union(*(g.happened for g in self._gathered.values()))
        values = {
            label: {
                key.metric: v[:n] for key, v in gathered.values(self._metrics, happened).items()
            }
            for label, gathered in self._gathered.items()
        }
        base = self._gathered[self._base]
        worlds = {label: made_for(s) for label, s in self._scenarios.items()}
        return Comparison(
            frame_of(values, self.plan.confidence),
            self._base,
            self._scenarios,
            base.seeds[:n],
            base.span,
            self.plan.confidence,
            tuple(label for label in self._others if worlds[label] != worlds[self._base]),
            tuple(self._enough.sentences() if self._enough else ()),
        )


def paired(
    scenarios: Mapping[str, Scenario] | Sequence[Scenario],
    plan: Plan,
    *,
    baseline: str | None = None,
    metrics: Iterable[str] | None = None,
    progress: RunsDone | None = None,
) -> Pairs:
    """Runs of several policies, to be gone through; checked here."""
    labelled = _labelled(scenarios)
    if baseline is not None and baseline not in labelled:
        raise ScenarioError(f"baseline {baseline!r} is none of {', '.join(labelled)}")
    first = next(iter(labelled)) if baseline is None else baseline
    labelled = {first: labelled.pop(first), **labelled}
    currencies = {s.currency for s in labelled.values()}
    if len(currencies) > 1:
        raise ScenarioError(
            f"amounts in {' and '.join(sorted(currencies))} cannot be compared; write all "
            "scenarios in one currency"
        )
    names = None if metrics is None else [check_metric(name, "metrics") for name in metrics]
    return Pairs(labelled, plan.checked(*labelled.values(), least=2), names, progress)


def _labelled(scenarios: Mapping[str, Scenario] | Sequence[Scenario]) -> dict[str, Scenario]:
    if isinstance(scenarios, Mapping):
        out = dict(scenarios)
    else:
        out = {}
        for s in scenarios:
            if s.name in out:
                raise ScenarioError(
                    f"two policies are called {s.name!r}; tell them apart: rename one with "
                    "scenario.with_(name=...), or give a mapping {label: scenario}"
                )
            out[s.name] = s
    if len(out) < 2:
        raise ScenarioError(
            f"{len(out)} scenario{'' if len(out) == 1 else 's'} to compare; give two or more, or "
            "replicate one: hs.replicate(scenario)"
        )
    return out


def compare(
    scenarios: Mapping[str, Scenario] | Sequence[Scenario],
    *,
    baseline: str | None = None,
    n: int | None = None,
    precision: Mapping[str, float] | None = None,
    confidence: float = 0.95,
    at_least: int = USUAL_RUNS,
    at_most: int = MOST_RUNS,
    seed: int = 1,
    engine: str = DEFAULT_ENGINE,
    workers: int | None = None,
    threads: bool = False,
    warm_up_weeks: int = 0,
    metrics: Iterable[str] | None = None,
    progress: RunsDone | None = None,
) -> Comparison:
    """Simulate several policies in the same worlds and compare them with the first.

    For each seed all policies meet the same draws: the same decisions arrive, the AI is as sure of
    each, people are as quick. So what differs between them is what was decided, and far fewer runs
    tell it.

    Parameters
    ----------
    scenarios : mapping of str to Scenario, or sequence of Scenario
        Two or more; a sequence is labelled by the scenarios' names.
    baseline : str, optional
        Label of the one that the others are compared with; the first if not given.
    n : int, optional
        How many runs of each; 20 if neither this nor ``precision`` is given.
    precision : mapping of str to float, optional
        Metric to half the width of the interval of the mean *difference*.
    confidence : float
        Coverage of the intervals. With several policies those of one metric hold together.
    metrics : iterable of str, optional
        Only these.
    at_least, at_most, seed, engine, workers, threads, warm_up_weeks, progress
        As for :func:`~hitlsim.simulation.runs.replicating.replicate`.

    Returns
    -------
    Comparison

    Examples
    --------
    >>> import hitlsim as hs
    >>> today = hs.load("outbound").with_(weeks=2)
    >>> looser = today.with_(boundary={"bands": {"auto": 0.8, "review": 0.6}})
    >>> c = hs.compare({"today": today, "looser": looser}, n=3)
    >>> str(c.difference("exception_rate", "looser").verdict)
    'lower'
    """
    plan = Plan(
        n=n, precision=precision, confidence=confidence, at_least=at_least, at_most=at_most,
        seed=seed, engine=engine, workers=workers, threads=threads,
        warm_up_weeks=warm_up_weeks,
    )  # fmt: skip
    pairs = paired(scenarios, plan, baseline=baseline, metrics=metrics, progress=progress)
    try:
        for _ in pairs:
            pass
    finally:
        pairs.close()
    return pairs.comparison()
