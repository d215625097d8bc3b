"""Both engines against Ciw, a package for queueing networks that knows nothing of them.

Compared, customer by customer and to the millisecond: several people at one queue, classes of
priority, shifts (``ciw.Schedule`` without preemption: what is begun is finished), a run that is cut
off, a rejected draft that comes back (a second node and a route), and escalation to other people
who have work of their own (reneging, and jockeying to a second node). By interval: one row of the
known answers, with Ciw's own random numbers.

Ciw has no habits, boundary or looks, and nobody of a pool who works several queues; a schedule of
its knows how many work, not who. At a shift change it replaces all people at once, so here
everybody has one shift only. It can interrupt, turn away and lose customers; the desk does not.

What happens at the same millisecond Ciw decides in other ways, or by lot:

- shift change and end of a service: Ciw changes the shift first; on the desk whoever is done still
  takes the next item;
- arrival and anything else: by lot; on the desk it comes last (but its draft, 1 ms later, first);
- ends of services: by lot, which changes who works on what but nobody's times;
- arrivals: by class, then in their order. On the desk in the order they are given, here the same.

Hence two clocks: a *coarse* one on which arrivals meet, and ends meet, but neither the other nor a
shift change or deadline; and a *fine* one, on which nothing meets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import ciw  # type: ignore[import-untyped]
import numpy as np
import pytest

from hitlsim.simulation.contract import (
    AGENDA,
    DECISION,
    FIRST,
    MINUTE_MS,
    NEVER,
    OUTCOME,
    REDRAFT,
    ROUNDS,
    VISIT,
    Records,
    Table,
    World,
)
from hitlsim.simulation.run import ENGINES
from tests.simulation.conftest import (
    FOREVER_MS,
    MANY_SLOTS,
    neutral_people,
    neutral_policies,
    neutral_workflows,
    shift_changes,
)
from tests.simulation.in_ciw import (
    Arrivals,
    Ints,
    Seen,
    drawn_by_ciw,
    in_one_queue,
    with_escalation,
    with_redrafts,
)
from tests.simulation.queueing import WAIT, Columns, Desk, check, controls_of, m_m_c

# Ciw copies its counters, of which newer Pythons warn
pytestmark = pytest.mark.filterwarnings("ignore:Pickle, copy, and deepcopy:DeprecationWarning")
SYSTEMS = 150
"""Random systems in each test."""
MOST = 80
"""Customers of one of them."""
TICK = 1_000
SHIFTS_AT, DEADLINES_AT = 300, 600
"""On the coarse clock: so many ms after a tick. Arrivals are on it; each service adds 1 ms."""
IN_THE_END = FOREVER_MS // 2


def systems(test: int) -> Iterator[tuple[int, np.random.Generator]]:
    """Numbers of random systems, each with a generator of its own."""
    return ((number, np.random.default_rng((test, number))) for number in range(SYSTEMS))


def arrivals_of(
    rng: np.random.Generator, people: int, *, classes: int, coarse: bool, meet: bool = True
) -> Arrivals:
    """A few customers of people who have two thirds of the work they can do, or up to twice it."""
    n, mean = int(rng.integers(3, MOST)), int(rng.choice([2, 20]))
    span = max(n, int(n * mean / people * rng.uniform(0.5, 1.5)))
    kind = rng.integers(0, classes, n)
    if coarse:
        queued = TICK * (1 + rng.choice(span, n, replace=meet))
        services = TICK * rng.integers(0, 2 * mean, n) + 1
    else:
        queued = TICK + rng.integers(0, span * TICK, n)
        services = rng.integers(1, 2 * mean * TICK, n)
    order = np.lexsort((kind, queued))
    return Arrivals(queued[order], kind[order], services)


def end_of(rng: np.random.Generator, arrivals: Arrivals) -> int:
    """Half of the runs are cut off: when somebody comes, who then is not seen, or soon after."""
    cut = int(rng.choice(arrivals.queued) + rng.choice([0, 1, 5 * TICK]))
    return cut if rng.random() < 0.5 else IN_THE_END


def seen_on_desk(out: Records) -> Seen:
    """Who is at work has a person already, but none yet in Ciw."""
    person = np.where(out["ended"] == NEVER, NEVER, out["person"])
    return Seen(out["queued"], out["started"], out["ended"], person)


def same(ours: Seen, theirs: Seen, *, who: bool, system: int) -> None:
    for column in Seen._fields if who else Seen._fields[:-1]:
        here, there = getattr(ours, column), getattr(theirs, column)
        np.testing.assert_array_equal(here, there, err_msg=f"{column} of system {system}")


def something_meets(out: Records) -> bool:
    """Whether any two arrivals or ends are at the same time."""
    moments = np.concatenate([out["queued"], out["ended"]])
    moments = moments[moments != NEVER]
    return len(np.unique(moments)) < len(moments)


# --- customer by customer ------------------------------------------------------------------------


def test_priorities_and_people_are_as_in_ciw(run_desk: Desk) -> None:
    met = 0
    for system, rng in systems(1):
        people = int(rng.integers(1, 5))
        arrivals = arrivals_of(rng, people, classes=int(rng.integers(1, 4)), coarse=False)
        priorities, until = 1 + arrivals.kind, end_of(rng, arrivals)
        out = run_desk(
            arrivals.asked, arrivals.services, priorities, people=people, until_ms=until
        )[FIRST::ROUNDS]
        if something_meets(out):
            met += 1
        else:
            theirs = in_one_queue(arrivals, people, until)
            same(seen_on_desk(out), theirs, who=True, system=system)
    assert met < SYSTEMS / 10


def test_turns_are_as_in_ciw_whatever_meets(run_desk: Desk) -> None:
    """With one class nobody's times hang on what is first of two things at the same time."""
    met = 0
    for system, rng in systems(2):
        people = int(rng.integers(1, 5))
        arrivals = arrivals_of(rng, people, classes=1, coarse=True)
        on_ticks = arrivals._replace(services=arrivals.services - 1 + TICK)
        until = end_of(rng, arrivals)
        out = run_desk(on_ticks.asked, on_ticks.services, people=people, until_ms=until)
        ours = seen_on_desk(out[FIRST::ROUNDS])
        same(ours, in_one_queue(on_ticks, people, until), who=False, system=system)
        met += bool(np.setdiff1d(np.intersect1d(ours.queued, ours.ended), [NEVER]).size)
    assert met > SYSTEMS / 2


def test_shifts_are_as_in_ciw_and_what_is_begun_is_finished(run_desk: Desk) -> None:
    finished_later = 0
    for system, rng in systems(3):
        arrivals = arrivals_of(rng, 2, classes=int(rng.integers(1, 4)), coarse=True)
        ticks = int(arrivals.queued.max()) // TICK
        changes = rng.choice(ticks, min(int(rng.integers(1, 6)), ticks), replace=False)
        ends = [*(TICK * np.sort(changes) + SHIFTS_AT).tolist(), FOREVER_MS]
        people = rng.integers(0, 4, len(ends)).tolist()
        spans = list(zip([0, *ends[:-1]], ends, strict=True))
        shifts = [[span] for many, span in zip(people, spans, strict=True) for _ in range(many)]
        until = end_of(rng, arrivals)
        out = run_desk(
            arrivals.asked,
            arrivals.services,
            1 + arrivals.kind,
            shifts=shifts or [[]],
            until_ms=until,
        )[FIRST::ROUNDS]
        schedule = ciw.Schedule(numbers_of_servers=people, shift_end_dates=ends, preemption=False)
        theirs = in_one_queue(arrivals, schedule, until)
        same(seen_on_desk(out), theirs, who=False, system=system)
        over = np.searchsorted(ends, out["ended"]) > np.searchsorted(ends, out["started"])
        finished_later += int(np.sum(over))
    assert finished_later > SYSTEMS


def test_what_is_rejected_queues_again_as_in_ciw(run_desk: Desk) -> None:
    met = 0
    for system, rng in systems(4):
        people = int(rng.integers(1, 4))
        arrivals = arrivals_of(rng, people, classes=int(rng.integers(1, 3)), coarse=False)
        n, until = len(arrivals.kind), end_of(rng, arrivals)
        rejected, again = rng.random(n) < 0.3, rng.integers(1, 20 * TICK, n)
        out = run_desk(
            arrivals.asked,
            arrivals.services,
            1 + arrivals.kind,
            people=people,
            rejected=rejected,
            redraft_services_ms=again,
            until_ms=until,
        )
        if something_meets(out):
            met += 1
            continue
        theirs = with_redrafts(arrivals, people, until, rejected, again)
        for visit, expected in zip((FIRST, REDRAFT), theirs, strict=True):
            same(seen_on_desk(out[visit::ROUNDS]), expected, who=True, system=system)
    assert met < SYSTEMS / 10


def test_what_is_escalated_comes_first_elsewhere_as_in_ciw(engine: str) -> None:
    escalated = 0
    for system, rng in systems(5):
        people = rng.integers(1, 4, 2).tolist()
        arrivals = arrivals_of(rng, sum(people), classes=2, coarse=True, meet=False)
        patience = TICK * int(rng.integers(0, 30)) + DEADLINES_AT
        until = end_of(rng, arrivals)
        out = run_two_pools(engine, arrivals, people, patience, until)
        theirs, went = with_escalation(arrivals, people, until, patience)
        late = np.flatnonzero(out["escalated"] != NEVER)
        ours = seen_on_desk(out)
        ours.queued[late] = out["escalated"][late]  # Ciw tells of each node
        same(ours, theirs, who=False, system=system)
        assert dict(zip(late.tolist(), out["escalated"][late].tolist(), strict=True)) == went
        escalated += len(late)
    assert escalated > SYSTEMS


def run_two_pools(
    engine: str, arrivals: Arrivals, people: Sequence[int], patience: int, until: int
) -> Records:
    """Class 0 has the first pool, and after a while the second one, whose own work is class 1."""
    n = len(arrivals.kind)
    decisions, visits = np.zeros(n, DECISION), np.zeros((ROUNDS, n), VISIT)
    decisions["arrival"], decisions["workflow"] = arrivals.asked, arrivals.kind
    visits["draft"], visits["review"] = 1, arrivals.services
    visits["u_flag"] = 1.0  # nothing is flagged
    pools: Ints = np.repeat([0, 1], people)
    own = {"queue": [0, 1], "pool": [0, 1], "backup_queue": [1, NEVER]}
    table = Table(
        workflows=neutral_workflows(2, gated=True, escalate_after=patience, **own),
        slots=np.array([MANY_SLOTS]),
        people=neutral_people(len(pools), pool=pools),
        queues=tuple((pool,) for pool in pools.tolist()),
        n_queues=2,
        agenda=np.array(sorted(shift_changes([[(0, FOREVER_MS)]] * len(pools))), AGENDA),
        ready=arrivals.asked,
        horizon_ms=FOREVER_MS,
    )
    desk = ENGINES[engine](table, World(decisions, visits), neutral_policies(2))
    desk.run_until(until)
    return desk.outcome().first.copy()


# --- by interval ---------------------------------------------------------------------------------


def test_ciw_finds_the_known_answer_and_the_desk_what_ciw_finds(run_desk: Desk) -> None:
    """M/M/3 with two classes; two 99.99% intervals, as for the desk's own answers."""
    system, n = m_m_c(3, 1.0, 1.2, 1.2), 400
    before, after = system.warm_up, system.warm_up // 3

    def one(rng: np.random.Generator) -> tuple[Columns, Columns]:
        seed, many = int(rng.integers(2**31)), before + n + after
        customers, waits = drawn_by_ciw(seed, system.rates, system.servers, many)
        priorities = 1 + customers.kind
        out = run_desk(customers.arrivals_ms, customers.services_ms, priorities, people=3)
        here = (out["started"] - out["queued"])[FIRST::ROUNDS] / MINUTE_MS
        # cut to whole milliseconds, which adds up as long as everybody is busy
        np.testing.assert_allclose(here[:-after], waits[:-after], atol=0.02)
        theirs = np.zeros(many, OUTCOME)
        theirs["started"] = np.rint(waits * MINUTE_MS)
        columns = WAIT.sees(system, customers, theirs), controls_of(system, customers)
        seen, controls = ([c[before:-after] for c in some] for some in columns)
        return seen, controls

    check([0.359551, 1.797753], one, narrow=0.2, seed=6)
