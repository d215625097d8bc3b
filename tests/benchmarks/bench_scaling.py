"""How the time of a decision grows with their number, and what a second worker brings.

More can mean more weeks, or more volume with as many more people and slots, so that everybody is as
busy as before. More weeks leave a moment as it is; with more volume there is more under way at any
moment, and more people from whom the first free one is found. So both are measured.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

import hitlsim as hs
from hitlsim.simulation.contract import Kind, Table
from hitlsim.simulation.table import table_of
from tests.benchmarks.day_by_day import Days, days_of, desk_alone
from tests.benchmarks.timing import at_once, in_turn, show

SEED, RUNS, LARGE = 7, 20, 2_000_000
BYTES_A_DECISION = 1_000
"""At most, with what drawing them needs for a moment; 700 were measured."""


HEAD = ["", "decisions", "people", "ns a decision", "growth per decade"]


def bench_more_weeks() -> None:
    _bench("More weeks", _weeks_times, (1, 10))


def bench_more_volume() -> None:
    _bench("More volume, with as many more people and slots", _volume_times, (1, 10, 100))


def bench_workers() -> None:
    """Many runs with their counts."""
    scenario = hs.load("on-the-loop")
    ways: dict[str, dict[str, Any]] = {
        "one": {"workers": 1},
        "two": {"workers": 2},
        "two threads": {"workers": 2, "threads": True},
    }
    contenders = {
        way: at_once(partial(_replicate, scenario, RUNS, **how)) for way, how in ways.items()
    }
    _replicate(scenario, 4 * RUNS, workers=2)  # so much that the second process is started
    times = in_turn(contenders, 5)
    rows = [
        [way, f"{RUNS / times[way]:.1f}", "1" if way == "one" else times.ratio("one", way)]
        for way in ways
    ]
    show(
        f"hs.replicate(on-the-loop, n={RUNS}), counts included:",
        ["workers", "runs/s", "times as quick as one"],
        rows,
        "The second process is there already: starting one takes a second or two.",
    )


def _replicate(scenario: hs.Scenario, n: int, **how: Any) -> None:
    for run in hs.replicate(scenario, n=n, **how):
        assert run.counts


def _bench(what: str, days_times: Callable[[int], Days], factors: Sequence[int]) -> None:
    rows, notes = [], []
    decades, before = 0.0, 0.0
    for factor in factors:
        if factor * 60_000 * BYTES_A_DECISION > _free_bytes():
            notes.append(f"x {factor} left out: it takes more memory than is free")
            continue
        days = days_times(factor)
        n = len(days.table.ready)
        work = at_once(partial(desk_alone, days))
        rounds = 1 if n > LARGE else 5
        each = in_turn({"": work}, rounds, warm_up=n <= LARGE)[""] / n
        growth = (each / before) ** (1 / (math.log10(factor) - decades)) if before else 1.0
        decades, before = math.log10(factor), each
        people = f"{len(days.table.people):,}"
        rows.append([f"x {factor}", f"{n:,}", people, f"{1e9 * each:,.0f}", f"{growth:.2f}"])
    show(f"{what}: on-the-loop, the desk alone:", HEAD, rows, *notes)


def _weeks_times(factor: int) -> Days:
    base = hs.load("on-the-loop")
    scenario = base.with_(weeks=factor * base.weeks)
    return days_of(scenario, hs.draw(scenario, SEED))


def _volume_times(factor: int) -> Days:
    """Days of a larger team in the same world, under the policies of the small one."""
    base = hs.load("on-the-loop")
    policies = days_of(base, hs.draw(base, SEED)).policies
    volumes = {
        name: w.model_copy(update={"volume_per_week": factor * w.volume_per_week})
        for name, w in base.workflows.items()
    }
    scenario = base.with_(workflows=volumes)
    draws = hs.draw(scenario, SEED)
    return Days(_team_times(factor, table_of(scenario, draws)), draws.world, policies)


def _team_times(factor: int, table: Table) -> Table:
    """Each person so many times, with the same shifts; each agent with so many more slots."""
    n_people = len(table.people)
    shifts = table.agenda[table.agenda["kind"] == Kind.SHIFT]
    more = np.tile(shifts, factor - 1)
    more["item"] += 2 * n_people * np.repeat(np.arange(1, factor), len(shifts))
    return table._replace(
        slots=factor * table.slots,
        people=np.tile(table.people, factor),
        queues=table.queues * factor,
        agenda=np.sort(np.concatenate([table.agenda, more]), order=["time", "kind", "item"]),
    )


def _free_bytes() -> float:
    """Memory that is free; no limit where the system does not say."""
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return math.inf
