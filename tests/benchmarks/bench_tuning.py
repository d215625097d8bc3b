"""The trade-off and the recommendation of logs of a million decisions.

What sorting the same array once takes is the yardstick: nothing finds the best decisions without.
"""

from __future__ import annotations

import tracemalloc

import numpy as np

import hitlsim as hs
from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.weighing.cases import Cases
from hitlsim.calibration.tuning.weighing.frontier import frontier, worth
from hitlsim.calibration.tuning.weighing.grid import Shape
from hitlsim.calibration.tuning.weighing.holding import Band
from hitlsim.calibration.tuning.weighing.search import Searching
from tests.benchmarks.timing import at_once, in_turn, ms, show
from tests.calibration.tuning.tuning_worlds import LogWorld, cases_of, keep_none, looks_of

ROUNDS = 3
MILLION = 1_000_000
FLOWS = 5


def bench_tuning() -> None:
    cases = million()
    sums = worth(cases)
    contenders = {
        "argsort": at_once(lambda: np.argsort(-sums)),
        "frontier": at_once(lambda: frontier(cases)),
        "rules, targets kept": at_once(lambda: searching(cases).found()),
    }
    log = LogWorld(
        np.full(FLOWS, 6.0), np.linspace(0.6, 1.6, FLOWS), np.linspace(0.6, 1.2, FLOWS), audit=0.1
    ).log(np.random.default_rng(1), MILLION, weeks=26)
    times = in_turn(contenders, ROUNDS)
    rows = [[name, ms(times[name]), times.ratio(name, "argsort")] for name in contenders]
    # long enough to be timed once
    whole = {"argsort": contenders["argsort"], "tune(log)": at_once(lambda: hs.tune(log))}
    once = in_turn(whole, 1, warm_up=False)
    rows.append(["tune(log), all of it", ms(once["tune(log)"]), once.ratio("tune(log)", "argsort")])
    show(
        f"{MILLION:,} decisions of {FLOWS} workflows, medians of {ROUNDS}:",
        ["what", "ms", "x argsort"],
        rows,
        f"tune(log) allocates {_peak(log):,.0f} MB at most, beside the log's own "
        f"{log.frame.memory_usage(deep=True).sum() / 2**20:,.0f} MB.",
    )


def million() -> Cases:
    rng = np.random.default_rng(1)
    flow, score = rng.integers(0, FLOWS, MILLION), rng.beta(6, 1.5, MILLION)
    deal = rng.lognormal(9.5, 1.2, MILLION)
    return cases_of(
        score, 1 / (1 + np.exp(0.5 + 0.2 * flow + 0.8 * np.log(score / (1 - score)))), flow=flow,
        deal_size=deal, harm=20 + 0.002 * deal, looks=looks_of(FLOWS), signals=("angry", "new"),
        present=rng.integers(0, 4, MILLION),
    )  # fmt: skip


def searching(cases: Cases) -> Searching:
    goals = Goals(fn_share=0.12, hours_per_week=5000)
    return Searching(cases, goals, Band(*goals.band, 10**6), keep_none(cases), Shape.TRIGGERS)


def _peak(log: hs.DecisionLog) -> float:
    """Memory that a recommendation asks for, in MB."""
    tracemalloc.start()
    hs.tune(log)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return peak / 2**20
