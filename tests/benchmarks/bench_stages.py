"""Where the time of a run goes: on-the-loop, about 60,000 decisions."""

from __future__ import annotations

import statistics

import numba
import numpy as np
from numpy.typing import NDArray

import hitlsim as hs
from hitlsim.simulation import rules
from hitlsim.simulation.contract import FIRST, Records
from tests.benchmarks.day_by_day import Laps, days_of, run_by_stages
from tests.benchmarks.timing import ms, show

ROUNDS_TIMED = 9
SEED = 7
OF_A_LOG = ("draw", "table", "desk", "governing and watching", "log")
"""The stages from a scenario to its log."""


def bench_stages() -> None:
    scenario = hs.load("on-the-loop")
    rounds = [_one_round(scenario) for _ in range(ROUNDS_TIMED + 1)][1:]
    seconds = {stage: statistics.median(r[stage] for r in rounds) for stage in rounds[0]}
    n = len(hs.draw(scenario, SEED))
    to_log = sum(seconds[stage] for stage in OF_A_LOG)
    rows = [
        [stage, ms(s), f"{n / s:,.0f}", f"{s / to_log:.0%}" if stage in OF_A_LOG else ""]
        for stage, s in seconds.items()
    ]
    total = statistics.median(sum(r[stage] for stage in OF_A_LOG) for r in rounds)
    rows.append(["draw, run and log", ms(total), f"{n / total:,.0f}", ""])
    show(
        f"on-the-loop, {n:,} decisions, medians of {ROUNDS_TIMED}:",
        ["stage", "ms", "decisions/s", "of the log"],
        rows,
        "Counts are made from the run, not from its log; the scorecard is by month.",
    )


def _one_round(scenario: hs.Scenario) -> dict[str, float]:
    laps = Laps()
    with laps.of("draw"):
        draws = hs.draw(scenario, SEED)
    run_by_stages(scenario, draws, laps)
    run = hs.simulate(scenario, seed=SEED, draws=draws)
    with laps.of("log"):
        log = run.log
    with laps.of("counts"):
        counts = run.counts
    with laps.of("scorecard"):
        hs.scorecard(counts, by="month")
    with laps.of("tune"):
        hs.tune(log)
    days = days_of(scenario, draws)
    visits = days.world.visits[FIRST]
    routes = np.empty(len(visits), np.int64)
    everything = (days.world.decisions, visits, days.table.workflows, days.policies[-1])
    _route_all(*everything, routes)  # compiles it
    with laps.of("rules.route on all, alone"):
        _route_all(*everything, routes)
    return laps.seconds


@numba.njit(error_model="numpy")
def _route_all(
    decisions: Records,
    visits: Records,
    workflows: Records,
    policies: Records,
    routes: NDArray[np.int64],
) -> None:
    for i in range(len(visits)):
        d = decisions[i]
        p = policies[d.workflow]
        routes[i], _ = rules.route(
            p.manual, workflows[d.workflow].gated, visits[i].confidence, p.auto, p.review,
            d.deal_size, p.deal_limit, d.signals, p.triggers, False,
        )  # fmt: skip
