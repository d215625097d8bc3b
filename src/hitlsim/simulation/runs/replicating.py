"""The same scenario many times, each time with another seed."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import pandas as pd

from ...scenario.scenario import Scenario
from ..run import DEFAULT_ENGINE, DayTally, Run, simulate
from ..world.draws import Draws, draw, made_for
from .planning import MOST_RUNS, USUAL_RUNS, Plan
from .replication import Replication
from .stopping import Enough
from .workers import Interrupted, Stopped, in_order

RunsDone = Callable[[int, int | None], None]
"""Called after each run with how many are done and of how many, as far as that is known."""


@dataclass(frozen=True)
class Job:
    """One seed: the same draws for all scenarios that live in the same world."""

    scenarios: tuple[Scenario, ...]
    plan: Plan
    logs: bool = False

    def __call__(self, number: int, stopped: Stopped) -> tuple[Replication, ...]:
        """The runs of one number, in the order of the scenarios."""

        def each_day(_day: int, _tally: DayTally) -> None:
            if stopped():
                raise Interrupted

        seed = self.plan.seed + number
        worlds: dict[str, Draws] = {}
        out = []
        for s in self.scenarios:
            world = made_for(s)
            if world not in worlds:
                worlds[world] = draw(s, seed)
            run = simulate(
                s, seed=seed, engine=self.plan.engine, draws=worlds[world], progress=each_day
            )
            out.append(self._kept(number, run))
        return tuple(out)

    def _kept(self, number: int, run: Run) -> Replication:
        counts, weeks = run.counts, self.plan.warm_up_weeks
        if weeks:
            counts = counts.since(pd.Timestamp(run.scenario.start) + pd.Timedelta(weeks=weeks))
        kept = run if self.logs else None
        return Replication(number, run.seed, counts, run.governance, kept)


def one_by_one(
    job: Job,
    enough: Enough[Any] | None,
    measure: Callable[[tuple[Replication, ...]], Mapping[Any, float]],
    progress: RunsDone | None,
) -> Generator[tuple[Replication, ...], None, None]:
    """The runs of each seed, in order, until there are as many as planned or enough."""
    plan = job.plan
    n = plan.n or 0
    planned = (lambda: n) if enough is None else (lambda: enough.planned)
    answers = in_order(job, planned, workers=plan.workers or 1, threads=plan.threads)
    with closing(answers):
        for done, runs in enumerate(answers, 1):
            if enough is not None:
                enough.add(measure(runs))
            if progress is not None:
                progress(done, n if enough is None else enough.expected)
            yield runs


# --- replicate -----------------------------------------------------------------------------------


class Replications(Iterator[Replication]):
    """Runs of one scenario, made as they are asked for, in the order of their seeds.

    Leaving a ``for`` loop early stops the workers; so does ``close()``, or the end of a ``with``
    block around it.
    """

    def __init__(
        self, scenario: Scenario, plan: Plan, *, logs: bool, progress: RunsDone | None
    ) -> None:
        self.scenario, self.plan = scenario, plan
        self._enough: Enough[str] | None = None
        if plan.precision is not None:
            self._enough = Enough(plan.precision, plan.confidence, plan.at_least, plan.at_most)
        job = Job((scenario,), plan, logs)
        self._runs = one_by_one(job, self._enough, _whole, progress)

    def __next__(self) -> Replication:
        (run,) = next(self._runs)
        return run

    def close(self) -> None:
        """Stop; runs already handed out stay what they are."""
        self._runs.close()

    def __enter__(self) -> Replications:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def sentences(self) -> list[str]:
        """What became of the precision asked for; empty if none was."""
        return [] if self._enough is None else self._enough.sentences()


def _whole(runs: tuple[Replication, ...]) -> dict[str, float]:
    return {figure.metric: value for figure, value in runs[0].figures.items()}


def replicate(
    scenario: Scenario,
    *,
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
    logs: bool = False,
    progress: RunsDone | None = None,
) -> Replications:
    """Simulate a scenario many times.

    Run i has the seed ``seed + i``: it is the same however many there are and whoever does them,
    and ``hs.simulate(scenario, seed=seed + i)`` gives it alone.

    Parameters
    ----------
    scenario : Scenario
    n : int, optional
        How many runs; 20 if neither this nor ``precision`` is given.
    precision : mapping of str to float, optional
        Metric to half the width of the interval of its mean over the runs, in the metric's own
        unit. Runs are added until all are as narrow.
    confidence : float
        Coverage of these intervals.
    at_least, at_most : int
        Bounds of the number that is found for ``precision``.
    seed : int
        Seed of the first run.
    engine : str
        As for :func:`~hitlsim.simulation.run.simulate`.
    workers : int, optional
        How many runs at once; one for each core if not given. One is done by the caller, the
        others by processes that are started when enough is left to do, and stay for five minutes.
    threads : bool
        Other threads help rather than other processes. They share one interpreter and so bring
        little; they need less memory, and nothing is sent back and forth.
    warm_up_weeks : int
        So many weeks at the start are simulated and not counted.
    logs : bool
        Keep whole runs with their logs; else only counts, some hundred kilobytes a run.
    progress : callable, optional
        Called after each run, in the caller's thread.

    Returns
    -------
    Replications
        An iterator. Give it to :func:`~hitlsim.simulation.runs.summaries.summarise`.

    Examples
    --------
    >>> import hitlsim as hs
    >>> runs = hs.replicate(hs.load("outbound").with_(weeks=2), n=3, seed=7)
    >>> [(run.number, run.seed) for run in runs]
    [(0, 7), (1, 8), (2, 9)]
    """
    plan = Plan(
        n=n, precision=precision, confidence=confidence, at_least=at_least, at_most=at_most,
        seed=seed, engine=engine, workers=workers, threads=threads,
        warm_up_weeks=warm_up_weeks,
    )  # fmt: skip
    return Replications(scenario, plan.checked(scenario), logs=logs, progress=progress)
