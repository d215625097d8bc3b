"""How soon a fresh process has its first run, with the engine compiled before and without."""

from __future__ import annotations

import statistics
from pathlib import Path

from tests.benchmarks.fresh import said_by
from tests.benchmarks.timing import show

ROUNDS = 5
STEPS = ("import", "load", "first run", "second run", "its log", "all of it")
CODE = """
import time
ticks = [time.perf_counter()]
def tick():
    ticks.append(time.perf_counter())
import hitlsim as hs
tick()
scenario = hs.load("on-the-loop")
tick()
hs.simulate(scenario, seed=7)
tick()
run = hs.simulate(scenario, seed=7)
tick()
run.log
tick()
for before, after in zip(ticks, ticks[1:]):
    print(after - before)
print(ticks[-1] - ticks[0])
"""


def bench_start(tmp_path: Path) -> None:
    seconds_of_a_process()  # compiles the engine if nobody has
    rounds = [seconds_of_a_process() for _ in range(ROUNDS)]
    again = [statistics.median(r[i] for r in rounds) for i in range(len(STEPS))]
    first = seconds_of_a_process(tmp_path)
    show(
        f"A fresh process, on-the-loop; medians of {ROUNDS}, and once with an empty cache:",
        ["seconds", "compiled before", "empty cache"],
        [[step, f"{a:.2f}", f"{b:.2f}"] for step, a, b in zip(STEPS, again, first, strict=True)],
        "A run is a draw and a simulation; the first one imports what it needs.",
    )


def seconds_of_a_process(cache_home: Path | None = None) -> list[float]:
    return [float(line) for line in said_by(CODE, cache_home)]
