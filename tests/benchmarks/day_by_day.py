"""A run taken apart: what the desk is given each day, so that it can be timed alone."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import hitlsim as hs
from hitlsim.scenario.hours import DAY_MS
from hitlsim.simulation.contract import Desk, Records, Table, World
from hitlsim.simulation.governing.governor import Governor
from hitlsim.simulation.governing.watching import Watch
from hitlsim.simulation.run import ENGINES
from hitlsim.simulation.table import table_of
from hitlsim.simulation.world.draws import Draws


class Days(NamedTuple):
    """All that a desk needs for a whole run."""

    table: Table
    world: World
    policies: list[Records]
    """Of each day, as the governor gave them."""


class Laps:
    """Seconds by stage, added up."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    @contextmanager
    def of(self, stage: str) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] += time.perf_counter() - start


def run_by_stages(
    scenario: hs.Scenario, draws: Draws, laps: Laps, engine: str = "compiled"
) -> Days:
    """What ``hs.simulate`` does, stage by stage."""
    with laps.of("table"):
        table = table_of(scenario, draws)
    with laps.of("governing and watching"):
        governor, watch = Governor(scenario), Watch(scenario, draws)
        policies = [governor.policies(0, watch.seen)]
    with laps.of("desk"):
        desk = ENGINES[engine](table, draws.world, policies[0])
    for day in range(scenario.weeks * 7):
        if day:
            with laps.of("governing and watching"):
                policies.append(governor.policies(day, watch.seen))
        with laps.of("desk"):
            desk.apply(policies[day])
            journal = desk.run_until((day + 1) * DAY_MS)
        with laps.of("governing and watching"):
            watch.note(day, journal)
    return Days(table, draws.world, policies)


def days_of(scenario: hs.Scenario, draws: Draws) -> Days:
    """The days of a run, as its governor shaped them."""
    return run_by_stages(scenario, draws, Laps())


def desk_alone(days: Days, engine: str = "compiled") -> Desk:
    """The desk's part of a run."""
    desk = ENGINES[engine](days.table, days.world, days.policies[0])
    for day, policies in enumerate(days.policies):
        desk.apply(policies)
        desk.run_until((day + 1) * DAY_MS)
    return desk
