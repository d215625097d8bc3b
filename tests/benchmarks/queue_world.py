"""A world that is nothing but a queue: people at one desk, two priorities, Poisson arrivals."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from hitlsim.simulation.contract import (
    AGENDA,
    DECISION,
    FIRST,
    ROUNDS,
    VISIT,
    Records,
    Table,
    World,
)
from tests.simulation.conftest import (
    FOREVER_MS,
    MANY_SLOTS,
    neutral_people,
    neutral_policies,
    neutral_workflows,
    shift_changes,
)

MINUTE_MS = 60_000
SERVERS = 3
RATES = (1.2, 1.2)
"""Arrivals per minute, of those who go first and of the others; a service takes a minute."""

# people with all their weaknesses, so that every expression of the model counts
LIVELY: dict[str, Any] = {
    "d_prime": 2.0, "criterion": 0.2, "edit_share": 0.6, "hurry": 1.5, "dwell": 900, "skip": 700,
    "speed_accuracy": True, "prevalence": 0.5, "memory": 50.0, "expects": 0.1, "feedback": 0.3,
    "follows": 1.4, "reads": 1.5, "lapse": 0.02, "by_trust": 2.0, "by_queue": 0.2,
    "by_repeats": 0.1, "fatigue": 0.2, "tires_in": 30.0, "rests_in": 10.0, "success": 0.5,
    "failure": 3.0, "peeks": -1.0, "peeks_by_trust": 2.0,
}  # fmt: skip


class Customers(NamedTuple):
    """Times in ms."""

    queued: NDArray[np.int64]
    low: NDArray[np.int8]  # 1: lets the others go first
    service: NDArray[np.int64]


class Desked(NamedTuple):
    """The same customers as a desk's decisions."""

    table: Table
    world: World
    policies: Records


def customers(n: int, seed: int) -> Customers:
    """Exponential gaps and services, rounded to milliseconds."""
    rng = np.random.default_rng(seed)
    gaps = _whole(rng.exponential(MINUTE_MS / sum(RATES), n))
    low = (rng.random(n) < RATES[1] / sum(RATES)).astype(np.int8)
    return Customers(np.cumsum(gaps), low, _whole(rng.exponential(MINUTE_MS, n)))


def _whole(ms: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.maximum(1, ms).astype(np.int64)


def at_a_desk(those: Customers, seed: int, **people: Any) -> Desked:
    """Everything passes a gate after a draft of 1 ms; ``people`` are neutral but for what is said.

    Rejected drafts are not drafted again, so that each customer is served once.
    """
    rng, n = np.random.default_rng(seed), len(those.queued)
    decisions = np.zeros(n, DECISION)
    decisions["arrival"], decisions["workflow"] = those.queued - 1, those.low
    for name in ("u_audit", "u_look", "u_peek", "u_uptake", "u_hand"):
        decisions[name] = rng.random(n)
    visits = np.zeros((ROUNDS, n), VISIT)
    for name in ("u_ok", "u_inspect", "u_flag", "u_edit", "u_know"):
        visits[name] = rng.random((ROUNDS, n))
    visits["draft"], visits["review"], visits["logit_ok"] = 1, 1, 2.0
    visits["review"][FIRST] = those.service
    table = Table(
        workflows=neutral_workflows(2, gated=True, priority=[1, 2], redrafts=0),
        slots=np.array([MANY_SLOTS]),
        people=neutral_people(SERVERS, **people),
        queues=((0,),) * SERVERS,
        n_queues=1,
        agenda=np.array(sorted(shift_changes([[(0, FOREVER_MS)]] * SERVERS)), AGENDA),
        ready=decisions["arrival"].copy(),
        horizon_ms=FOREVER_MS,
    )
    return Desked(table, World(decisions, visits), neutral_policies(2))
