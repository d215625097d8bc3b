"""A desk fed by hand: arrivals and review times go in, what happened comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import ArrayLike, NDArray

import hitlsim as hs
from hitlsim.simulation.contract import (
    AGENDA,
    DECISION,
    FIRST,
    PERSON,
    POLICY,
    REDRAFT,
    ROUNDS,
    VISIT,
    WORKFLOW,
    Kind,
    LookKind,
    Records,
    Settings,
    Table,
    World,
    shift_item,
)
from hitlsim.simulation.reference import ReferenceDesk

Shift = tuple[int, int]
FOREVER_MS = 2**38  # more than eight years
MANY_SLOTS = 10**9  # drafting holds nobody up


def _run_desk(
    arrivals_ms: ArrayLike,
    services_ms: ArrayLike,
    priorities: ArrayLike = 1,
    *,
    people: int = 1,
    shifts: Sequence[Sequence[Shift]] | None = None,
    rejected: ArrayLike = False,
    redraft_services_ms: ArrayLike = 1,
    until_ms: int = FOREVER_MS,
) -> Records:
    """Everything passes a gate, so that a desk of people is all there is.

    A draft takes 1 ms, hence decisions queue 1 ms after they arrive. ``shifts`` has the shifts of
    each person; without it ``people`` are always there. ``rejected`` first drafts are drafted
    again, and the redraft is approved.
    """
    arrivals = np.asarray(arrivals_ms, np.int64)
    n = len(arrivals)
    classes, workflow = np.unique(np.broadcast_to(priorities, n), return_inverse=True)
    decisions = np.zeros(n, DECISION)
    decisions["arrival"], decisions["workflow"] = arrivals, workflow
    visits = np.zeros((n, ROUNDS), VISIT)
    visits["draft"], visits["review"], visits["confidence"] = 1, 1, 0.5
    visits["review"][:, FIRST] = services_ms
    visits["review"][:, REDRAFT] = redraft_services_ms
    visits["u_flag"] = 1.0  # nothing is flagged
    visits["u_flag"][:, FIRST] = np.where(np.broadcast_to(rejected, n), 0.0, 1.0)
    always = [[(0, FOREVER_MS)]] * people
    roster = always if shifts is None else shifts
    table = Table(
        workflows=np.array([(0, 0, True, p) for p in classes], WORKFLOW),
        slots=np.array([MANY_SLOTS]),
        people=np.array([(0, 0.0, 0.0, 0.0, 1.0)] * len(roster), PERSON),
        n_pools=1,
        agenda=np.array(sorted(_changes(roster)), AGENDA),
        horizon_ms=FOREVER_MS,
    )
    policies = np.array([(1.0, 0.0, math.inf, 0, 0.0)] * len(classes), POLICY)
    settings = Settings(0, True, LookKind.OBSERVE, 0.0, 1.0, policies)
    desk = ReferenceDesk(table, World(decisions, visits.reshape(-1)), settings)
    desk.run_until(until_ms)
    return desk.outcome()


def _changes(roster: Sequence[Sequence[Shift]]) -> list[tuple[int, int, int]]:
    return [
        (time, Kind.SHIFT, shift_item(person, comes))
        for person, shifts in enumerate(roster)
        for shift in shifts
        for time, comes in zip(shift, (True, False), strict=True)
    ]


@pytest.fixture(scope="session")
def outbound() -> hs.Scenario:
    """Ten weeks of a small team, about 10,000 decisions."""
    return hs.load("outbound")


@pytest.fixture(scope="session")
def outbound_run(outbound: hs.Scenario) -> hs.Run:
    return hs.simulate(outbound, seed=7)


@pytest.fixture
def run_desk() -> Callable[..., Records]:
    return _run_desk


def _waits(outcome: Records) -> NDArray[np.int64]:
    first = outcome[FIRST::ROUNDS]
    return np.asarray(first["started"] - first["queued"])


@pytest.fixture
def waits() -> Callable[[Records], NDArray[np.int64]]:
    return _waits
