"""The search for rules against Optuna's NSGA-II, and what ``hs.tune`` of a scenario takes.

NSGA-II learns what rules do by simulating them, one run each. hitlsim simulates two sets of
rules, four runs each, to see what looks bring, and works out on paper what all others would give.
"""

from __future__ import annotations

from typing import NamedTuple

import hitlsim as hs
from tests.benchmarks.fresh import said_by
from tests.benchmarks.rules_world import PAIRS, Pair, World
from tests.benchmarks.searches import Searched, nsga_ii, on_paper
from tests.benchmarks.timing import show

WEEKS = 8
"""Four of them are the rollout, which counts as simulated but in no figure."""
PILOTS = (7, 8, 9, 10)
RUNS = 2 * len(PILOTS)
"""That hitlsim simulates: with these seeds, under today's rules and under the usual ones."""
JUDGES = (1_000_007, 1_000_008)
POINTS = 16
"""Sets of rules from hitlsim; NSGA-II may have as many as it likes."""
TIMES = (1, 5, 20, 60)
"""NSGA-II is looked at when it has simulated so many times as many decisions as hitlsim."""
POPULATIONS = (20, 50)
LEAST_TIMES = 20
TUNE = """
import resource, sys, time
from pathlib import Path
start = time.perf_counter()
import hitlsim as hs
scenario = hs.load("on-the-loop")
steps = [("pilot", time.perf_counter())]
def progress(what, _share):
    if what != steps[-1][0]:
        steps.append((what, time.perf_counter()))
rec = hs.tune(scenario, progress=progress)
steps.append(("", time.perf_counter()))
for (what, begun), (_, ended) in zip(steps, steps[1:]):
    print(f"{what}: {ended - begun}")
print(f"in all: {steps[-1][1] - start}")
def most(pid):
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) << 10 for line in status if line.startswith("VmHWM"))
def helpers(pid):
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in map(int, (task / "children").read_text().split()):
            yield child
            yield from helpers(child)
if Path("/proc/self/status").exists():
    print(f"most: {most('self')}")
    print(f"helpers: {sum(map(most, helpers('self')))}")
"""


class Reached(NamedTuple):
    """How far a search had got at one moment."""

    got: Searched
    area: float


def bench_against_nsga_ii() -> None:
    world = World(hs.load("on-the-loop").with_(weeks=WEEKS), JUDGES)
    for pair in PAIRS:
        ours = _reached(world, pair, on_paper(world, pair, PILOTS, POINTS))
        tries = [RUNS * times for times in TIMES]
        theirs = {
            size: [
                _reached(world, pair, got)
                for got in nsga_ii(world, pair, tries, population=size, seed=PILOTS[0])
            ]
            for size in POPULATIONS
        }
        _show(pair, ours, theirs)
        at = TIMES.index(LEAST_TIMES)
        assert all(reached[at].area < ours.area for reached in theirs.values())


def bench_tuning() -> None:
    """Time and memory of ``hs.tune`` in a fresh process."""
    said_by(TUNE)  # compiles the engine if nobody has
    told = dict(line.split(": ") for line in said_by(TUNE))
    memory = {what: int(told.pop(what, 0)) for what in ("most", "helpers")}
    show(
        "hs.tune(hs.load('on-the-loop')) in a fresh process:",
        ["", "seconds"],
        [[what, f"{float(seconds):.1f}"] for what, seconds in told.items()],
        f"Memory at most: {memory['most'] / 1e6:,.0f} MB, and {memory['helpers'] / 1e6:,.0f} MB in "
        "helping processes.",
    )


def _reached(world: World, pair: Pair, got: Searched) -> Reached:
    return Reached(got, world.dominated(got.policies, pair))


def _show(pair: Pair, ours: Reached, theirs: dict[int, list[Reached]]) -> None:
    searches = {"hitlsim": [ours]} | {f"NSGA-II, {n} at a time": r for n, r in theirs.items()}
    rows = [
        [name, f"{r.got.simulated:,}", f"{r.got.simulated / ours.got.simulated:.0f}",
         f"{len(r.got.policies)}", f"{r.area:.4f}", f"{r.area / ours.area:.1%}",
         f"{r.got.seconds:.1f}"]
        for name, reached in searches.items() for r in reached
    ]  # fmt: skip
    runs = RUNS + POINTS
    show(
        f"Best rules by {pair.name}, on-the-loop in {WEEKS} weeks:",
        ["", "decisions", "times", "rules", "hypervolume", "of hitlsim's", "s"],
        rows,
        _as_many(ours, theirs),
        f"With one run for each of its {POINTS} sets of rules besides, hitlsim has {runs} runs: "
        f"then NSGA-II's last line is {TIMES[-1] * RUNS / runs:.0f} times as many.",
        f"Judged by {len(JUDGES)} runs with other seeds, from the corner of asking about all (in "
        "the first figure) and of asking only where a signal says so (in the second).",
    )


def _as_many(ours: Reached, theirs: dict[int, list[Reached]]) -> str:
    """How many times as many NSGA-II needs, as far as it was looked at."""
    there = [
        after for reached in theirs.values()
        for after, r in zip(TIMES, reached, strict=True) if r.area >= ours.area
    ]  # fmt: skip
    if not there:
        return f"NSGA-II did not get there with {TIMES[-1]} times as many decisions."
    return f"NSGA-II got there with {min(there)} times as many decisions, or with fewer."
