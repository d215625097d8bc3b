"""Where the memory of a run goes: on-the-loop, about 60,000 decisions."""

from __future__ import annotations

import tracemalloc

import hitlsim as hs
from tests.benchmarks.fresh import most_memory_of
from tests.benchmarks.timing import show

SEED = 7
IMPORTS = """
import hitlsim as hs
hs.load, hs.draw, hs.simulate
import hitlsim.decisions.log, hitlsim.simulation.outcome.to_log  # else they come with the log
"""
TINY_RUN = """
hs.simulate(hs.load("outbound").with_(weeks=1), seed=7).log
"""
ONE_RUN = """
scenario = hs.load("on-the-loop")
run = hs.simulate(scenario, seed=7)
run.log
"""


def bench_memory() -> None:
    scenario = hs.load("on-the-loop")
    hs.simulate(scenario, seed=SEED).log  # noqa: B018 - to have everything imported
    tracemalloc.start()
    run = hs.simulate(scenario, seed=SEED)
    log = run.log
    held, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    imports, tiny, whole = (most_memory_of(IMPORTS + code) for code in ("", TINY_RUN, ONE_RUN))
    world, email = run.draws.world, run.draws.email
    sizes = {
        "allocated at most": peak,
        "held at the end": held,
        "  the draws": world.decisions.nbytes + world.visits.nbytes + email.nbytes,
        "  the outcome": sum(part.nbytes for part in run.outcome),
        "  the log": int(log.frame.memory_usage(deep=True).sum()),
        "a fresh process at most": whole,
        "  above one that only imports": whole - imports,
        "  above one that ran a week of outbound": whole - tiny,
    }
    n = len(run.draws)
    show(
        f"Memory of draw, run and log, {n:,} decisions:",
        ["", "MB", "bytes a decision"],
        [[what, f"{size / 1e6:,.0f}", f"{size / n:,.0f}"] for what, size in sizes.items()],
    )
