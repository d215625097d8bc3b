"""Where the time of a run goes. Prints figures; never fails on time. Run with ``make bench``."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import hitlsim as hs
from hitlsim.decisions.tally import tally

ROUNDS = 5


def _median_seconds(work: Callable[[], Any]) -> float:
    work()  # the first call pays for imports
    took = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        work()
        took.append(time.perf_counter() - start)
    return statistics.median(took)


def bench_stages_of_a_run() -> None:
    scenario = hs.load("on-the-loop")
    draws = hs.draw(scenario, 7)
    n = len(draws)
    run = hs.simulate(scenario, seed=7, draws=draws)
    log = run.log
    stages: dict[str, Callable[[], Any]] = {
        "draw": lambda: hs.draw(scenario, 7),
        "run (reference engine)": lambda: hs.simulate(scenario, seed=7, draws=draws),
        "log": lambda: hs.Run(scenario, 7, "reference", draws, run.outcome).log,
        "count": lambda: tally(log),
        "scorecard by month": lambda: hs.scorecard(log, by="month"),
        "tune": lambda: hs.tune(log),
    }
    seconds = {name: _median_seconds(work) for name, work in stages.items()}
    engine = seconds["run (reference engine)"]
    print(f"\non-the-loop, {n:,} decisions, medians of {ROUNDS}:")
    for name, s in seconds.items():
        print(f"  {name:<24} {s:8.3f} s  {n / s:12,.0f} decisions/s  {s / engine:6.2f} x engine")


def bench_memory_of_a_run() -> None:
    scenario = hs.load("on-the-loop")
    tracemalloc.start()
    log = hs.simulate(scenario, seed=7).log
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = log.frame.memory_usage(deep=True).sum()
    print(f"\npeak above imports {peak / 1e6:,.0f} MB, log {size / 1e6:,.1f} MB")


def bench_growth_with_volume() -> None:
    base = hs.load("outbound")
    print("\nseconds per million decisions as the volume grows (weeks of the outbound team):")
    first = None
    for weeks in (4, 40):
        scenario = base.with_(weeks=weeks)
        draws = hs.draw(scenario, 7)
        s = _median_seconds(partial(hs.simulate, scenario, seed=7, draws=draws))
        per_million = 1e6 * s / len(draws)
        first = first or per_million
        print(f"  {len(draws):>9,} decisions {per_million:8.2f} s  {per_million / first:5.2f} x")
