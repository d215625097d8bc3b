"""The compiled engine against the reference engine, on every scenario that ships.

That both give the same is for the tests to say.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path

import hitlsim as hs
from tests.benchmarks.day_by_day import days_of, desk_alone
from tests.benchmarks.timing import Prepare, Times, at_once, in_turn, show

SCENARIOS = sorted(path.stem for path in Path("scenarios").glob("*.yaml"))
ENGINES = ("reference", "compiled")
SEED = 7
LARGE = 30_000
HEAD = ["", "decisions", "reference/s", "compiled/s", "ratio"]


def bench_desks_alone() -> None:
    """Each desk day by day, under the policies that the governor gave in a run."""
    rows = []
    for name in SCENARIOS:
        scenario = hs.load(name)
        draws = hs.draw(scenario, SEED)
        days = days_of(scenario, draws)
        contenders = {e: at_once(partial(desk_alone, days, e)) for e in ENGINES}
        rows.append(_row(name, len(draws), contenders))
    show("The desk alone, day by day:", HEAD, rows)


def bench_whole_runs() -> None:
    rows = []
    for name in SCENARIOS:
        scenario = hs.load(name)
        draws = hs.draw(scenario, SEED)
        hs.simulate(scenario, seed=SEED, draws=draws)  # to have everything imported
        contenders = {
            engine: at_once(partial(hs.simulate, scenario, seed=SEED, draws=draws, engine=engine))
            for engine in ENGINES
        }
        rows.append(_row(name, len(draws), contenders))
    show("hs.simulate(scenario, seed=7, draws=draws): desk, governing, watching:", HEAD, rows)


def _row(name: str, n: int, contenders: dict[str, Prepare]) -> list[str]:
    times: Times = in_turn(contenders, 2 if n > LARGE else 4, warm_up=False)
    rates = [f"{n / times[engine]:,.0f}" for engine in ENGINES]
    return [name, f"{n:,}", *rates, times.ratio(*ENGINES)]
