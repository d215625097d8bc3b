"""The compiled desk against SimPy, Ciw and C: three people, two priorities, nothing else.

Rates of 1.2 and 1.2 per minute, a mean service of one minute. SimPy and C are given the very same
customers and must serve each at the same millisecond; Ciw draws its own at the same rates.
"""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path
from typing import Any

import ciw  # type: ignore[import-untyped]
import numpy as np
import pytest
import simpy
from numpy.typing import NDArray

from hitlsim.simulation.compiled.desk import CompiledDesk
from hitlsim.simulation.queueing.priorities import priority_waits_of_many
from tests.benchmarks.in_c import DeskCode, DeskInC, compile_c, compiler, queue_only
from tests.benchmarks.queue_world import (
    LIVELY,
    MINUTE_MS,
    RATES,
    SERVERS,
    Customers,
    Desked,
    at_a_desk,
    customers,
)
from tests.benchmarks.timing import Prepare, Times, Work, at_once, in_turn, show
from tests.simulation.conftest import FOREVER_MS

Steps = Generator[simpy.Event, Any, None]

N = 200_000
ROUNDS_OF_SLOW, ROUNDS_OF_QUICK = 3, 9


# --- the contenders ------------------------------------------------------------------------------


def compiled(desked: Desked) -> CompiledDesk:
    desk = CompiledDesk(*desked)
    desk.run_until(FOREVER_MS)
    return desk


def in_simpy(those: Customers) -> NDArray[np.int64]:
    """As SimPy's own examples are written: one process for each customer."""
    env = simpy.Environment()
    desk = simpy.PriorityResource(env, SERVERS)
    started = [0] * len(those.queued)

    def customer(number: int, priority: int, service: int) -> Steps:
        with desk.request(priority=priority) as turn:
            yield turn
            started[number] = int(env.now)
            yield env.timeout(service)

    def source() -> Steps:
        gaps = np.diff(those.queued, prepend=0).tolist()
        each = zip(gaps, those.low.tolist(), those.service.tolist(), strict=True)
        for number, (gap, low, service) in enumerate(each):
            yield env.timeout(gap)
            env.process(customer(number, low, service))

    env.process(source())
    env.run()
    return np.array(started)


def in_ciw(n: int, seed: int) -> Any:
    """As Ciw's own examples are written."""
    network = ciw.create_network(
        arrival_distributions={
            name: [ciw.dists.Exponential(rate=rate)]
            for name, rate in zip(("first", "low"), RATES, strict=True)
        },
        service_distributions={
            name: [ciw.dists.Exponential(rate=1.0)] for name in ("first", "low")
        },
        priority_classes={"first": 0, "low": 1},
        number_of_servers=[SERVERS],
    )
    ciw.seed(seed)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(n, method="Arrive")
    return simulation


# --- the benchmarks ------------------------------------------------------------------------------


def bench_a_queue_against_simpy_and_ciw() -> None:
    those = customers(N, seed=4)
    desked = at_a_desk(those, seed=4)
    started = compiled(desked).outcome().first["started"]
    np.testing.assert_array_equal(started, in_simpy(those))
    _assert_near_cobham(those, started)
    times = in_turn(
        {
            "hitlsim, compiled": at_once(lambda: compiled(desked)),
            "SimPy": at_once(lambda: in_simpy(those)),
            "Ciw": at_once(lambda: in_ciw(N, seed=4)),
        },
        ROUNDS_OF_SLOW,
        warm_up=False,
    )
    show(
        f"M/M/3, two priorities, {N:,} customers, medians of {ROUNDS_OF_SLOW}:",
        ["", "customers/s", "time / compiled"],
        _rows(times, "hitlsim, compiled"),
        "hitlsim includes making the desk, and the whole model: drafts, gate, reading, trust, ...",
    )


def bench_a_queue_against_c(tmp_path: Path) -> None:
    if compiler() is None:
        pytest.skip("no C compiler (cc, gcc or clang) was found")
    same = DeskCode.compiled(tmp_path)
    few = DeskCode.compiled(tmp_path, few_fields=True)
    bare = compile_c("queue_only", tmp_path)
    lively = at_a_desk(customers(20_000, seed=5), seed=5, **LIVELY)
    _assert_equal(same, few, lively)
    those = customers(N, seed=4)
    desked = at_a_desk(those, seed=4)
    started = _assert_equal(same, few, desked)
    np.testing.assert_array_equal(started, queue_only(bare, those))
    whole: dict[str, Prepare] = {
        "hitlsim, compiled": at_once(lambda: compiled(desked)),
        "C, the same records": at_once(lambda: _in_c(same, desked)),
        "C, four fields a visit": at_once(lambda: _in_c(few, desked)),
        "C, no model: the queue alone": at_once(lambda: queue_only(bare, those)),
    }
    runs: dict[str, Prepare] = {
        "hitlsim, compiled": lambda: _to_run(CompiledDesk(*desked)),
        "C, the same records": lambda: _to_run(DeskInC(same, desked)),
        "C, four fields a visit": lambda: _to_run(DeskInC(few, desked)),
    }
    for label, contenders in (("making the desk and running it", whole), ("the run alone", runs)):
        show(
            f"The same queue, {label}, medians of {ROUNDS_OF_QUICK}:",
            ["", "customers/s", "time / C, the same records"],
            _rows(in_turn(contenders, ROUNDS_OF_QUICK), "C, the same records"),
        )


# --- what they have in common --------------------------------------------------------------------


def _in_c(code: DeskCode, desked: Desked) -> DeskInC:
    desk = DeskInC(code, desked)
    desk.run_until(FOREVER_MS)
    return desk


def _to_run(desk: CompiledDesk | DeskInC) -> Work:
    return lambda: desk.run_until(FOREVER_MS)


def _rows(times: Times, base: str) -> list[list[str]]:
    return [
        [name, f"{N / times[name]:,.0f}", "1" if name == base else times.ratio(name, base)]
        for name in times.seconds
    ]


def _assert_equal(same: DeskCode, few: DeskCode, desked: Desked) -> NDArray[np.int64]:
    """Every field of every record; when the customers begin to be served."""
    ours = compiled(desked).outcome().first
    np.testing.assert_array_equal(_in_c(same, desked).outcome(), ours)
    theirs = _in_c(few, desked).outcome()
    for field in theirs.dtype.names or ():
        np.testing.assert_array_equal(theirs[field], ours[field])
    return np.asarray(ours["started"])


def _assert_near_cobham(those: Customers, started: NDArray[np.int64]) -> None:
    """Not a test, only a guard against measuring the wrong queue."""
    waits = (started - those.queued) / MINUTE_MS
    for low, mean in enumerate(priority_waits_of_many(SERVERS, RATES, 1.0)):
        assert abs(waits[those.low == low].mean() / mean - 1) < 0.1
