"""Records without any effect, and a desk fed by hand: arrivals go in, what happened comes out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import ArrayLike

import hitlsim as hs
from hitlsim.simulation.contract import (
    AGENDA,
    DECISION,
    FIRST,
    NEVER,
    PERSON,
    POLICY,
    REDRAFT,
    ROUNDS,
    VISIT,
    WORKFLOW,
    Kind,
    LookKind,
    Records,
    Table,
    World,
    shift_item,
)
from hitlsim.simulation.run import DEFAULT_ENGINE, ENGINES

Shift = tuple[int, int]
FOREVER_MS = 2**38  # more than eight years
MANY_SLOTS = 10**9  # drafting holds nobody up

# what is not said is 0; the comment says what the value turns off
_WORKFLOW = {
    "backup_queue": NEVER,  # nothing is escalated
    "redrafts": 1,
    "priority": 1,
    "escalate_after": FOREVER_MS,
    "skip_after": NEVER,  # nothing comes too late
}
_PERSON = {
    "speed": 1.0,
    "hurry": 1.0,
    "skip": 1,
    "memory": 1e9,  # expectations stay
    "expects": 0.5,  # and are an even mix
    "follows": 1.0,  # an expert
    "reads": math.inf,  # everything is read
    "tires_in": 1.0,
    "rests_in": 1.0,
    "alpha": 1.0,
    "beta": 1.0,  # trust is one half
    "peeks": -math.inf,  # nobody pulls anything
    "uses": math.inf,  # every draft is used
}
_POLICY = {
    "on": True,
    "waits": True,
    "look": LookKind.BATCH,
    "look_effort": 1.0,
    "bulk_above": math.inf,  # nothing is looked at in bulk
    "bulk_effort": 1.0,
    "bulk_inspect": 1.0,
    "deal_limit": math.inf,  # both bands are 0: everything goes alone
}


def _records(dtype: np.dtype[Any], n: int, values: dict[str, Any]) -> Records:
    out = np.zeros(n, dtype)
    for name, value in values.items():
        out[name] = value
    return out


def neutral_workflows(n: int = 1, **values: Any) -> Records:
    """WORKFLOW: agent, queue and pool 0, no gate, redrafted once, never escalated or skipped."""
    return _records(WORKFLOW, n, {**_WORKFLOW, **values})


def neutral_people(n: int = 1, **values: Any) -> Records:
    """PERSON: reads everything, sees nothing (d' 0), and is the same whatever happens."""
    return _records(PERSON, n, {**_PERSON, **values})


def neutral_policies(n: int = 1, **values: Any) -> Records:
    """POLICY: everything that has no gate goes alone, and nobody looks at it."""
    return _records(POLICY, n, {**_POLICY, **values})


def shift_changes(roster: Sequence[Sequence[Shift]]) -> list[tuple[int, int, int]]:
    """The shifts of each person as items of the agenda."""
    return [
        (time, int(Kind.SHIFT), shift_item(person, comes))
        for person, shifts in enumerate(roster)
        for shift in shifts
        for time, comes in zip(shift, (True, False), strict=True)
    ]


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
    engine: str = DEFAULT_ENGINE,
) -> Records:
    """Everything passes a gate, so that a desk of people is all there is.

    A draft takes 1 ms, hence decisions queue 1 ms after they arrive. ``shifts`` has the shifts of
    each person; without it ``people`` are always there. ``rejected`` first drafts are drafted
    again, and the redraft is approved. What comes back is OUTCOME of every visit.
    """
    arrivals = np.asarray(arrivals_ms, np.int64)
    n = len(arrivals)
    classes, workflow = np.unique(np.broadcast_to(priorities, n), return_inverse=True)
    decisions = np.zeros(n, DECISION)
    decisions["arrival"], decisions["workflow"] = arrivals, workflow
    visits = np.zeros((ROUNDS, n), VISIT)
    visits["draft"], visits["review"], visits["confidence"] = 1, 1, 0.5
    visits["review"][FIRST] = services_ms
    visits["review"][REDRAFT] = redraft_services_ms
    visits["u_flag"] = 1.0  # nothing is flagged
    visits["u_flag"][FIRST] = np.where(np.broadcast_to(rejected, n), 0.0, 1.0)
    always = [[(0, FOREVER_MS)]] * people
    roster = always if shifts is None else shifts
    table = Table(
        workflows=neutral_workflows(len(classes), gated=True, priority=classes),
        slots=np.array([MANY_SLOTS]),
        people=neutral_people(len(roster)),
        queues=((0,),) * len(roster),
        n_queues=1,
        agenda=np.array(sorted(shift_changes(roster)), AGENDA),
        ready=arrivals,
        horizon_ms=FOREVER_MS,
    )
    world = World(decisions, visits)
    desk = ENGINES[engine](table, world, neutral_policies(len(classes)))
    desk.run_until(until_ms)
    return desk.outcome().every()


@pytest.fixture(scope="session")
def outbound() -> hs.Scenario:
    """Ten weeks of a small team, about 10,000 decisions."""
    return hs.load("outbound")


@pytest.fixture(scope="session")
def outbound_run(outbound: hs.Scenario) -> hs.Run:
    return hs.simulate(outbound, seed=7)


@pytest.fixture(scope="session")
def plain(outbound: hs.Scenario) -> hs.Scenario:
    """Outbound in which nothing reacts, nothing happens and no list comes.

    Volumes, phases and boundary are written here, so that no test rests on the file's numbers.
    """
    calm = {
        "volume_per_week": 140.0,
        "dispersion": 1.0,
        "list_drop": None,
        "growth_per_week": 0.0,
        "skip_after_hours": None,
    }
    workflows = {
        name: w.model_copy(update={**calm, "ai": w.ai.model_copy(update={"learning": {}})})
        for name, w in outbound.workflows.items()
    }
    return outbound.with_(
        start="2026-08-03",
        weeks=10,
        workflows=workflows,
        boundary={
            "bands": {"auto": 0.85, "review": 0.65},
            "triggers": {"deal_size_above": 600_000, "signals": list(outbound.signals)},
            "audit": {"share": 0.1, "at": "fri 13:00"},
        },
        governance={},
        incidents={},
        holidays=[],
        crm=None,
        phases={
            "shadow": {"weeks": 2, "exceptions": "observe", "looks": {"share": 1}},
            "exception-only": {
                "weeks": 2,
                "looks": {"share": 0.3, "cadence": "weekly", "at": "fri 13:00"},
            },
            "steady-state": {"looks": {"share": 0.05, "cadence": "monthly", "at": "tue 09:00"}},
        },
    )


@pytest.fixture(scope="session")
def plain_run(plain: hs.Scenario) -> hs.Run:
    return hs.simulate(plain, seed=7)


@pytest.fixture(params=list(ENGINES))
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    return str(request.param)


@pytest.fixture
def run_desk(engine: str) -> Callable[..., Records]:
    """A desk fed by hand, on each engine in turn; ``engine=`` asks for one of them."""
    return partial(_run_desk, engine=engine)
