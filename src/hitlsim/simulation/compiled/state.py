"""Everything the compiled engine knows, as flat arrays.

A visit that has come up is an *item*: it is known by the place of its record, which its link
shares. Items wait in *lanes*: those of one queue that have the same priority, oldest first, as a
list linked through :data:`LINK`. So nothing has to be sorted, and what leaves is gone at once.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..contract import (
    AGENDA,
    DECIDED,
    DECISION,
    ESCALATED_FIRST,
    JUDGED,
    LOOKS_COME_AFTER,
    NEVER,
    OUTCOME,
    PERSON,
    POLICY,
    ROUNDS,
    VISIT,
    WENT_OUT,
    WORKFLOW,
    LookKind,
    Records,
    Table,
    World,
    nothing_happened,
    pools_of_queues,
    visit_bits,
)
from .bits import WORD_BITS, words_for

FAR = 2**63 - 1
"""Key of an event that never comes."""

LINK = np.dtype(
    [
        ("visit", "i4"),
        ("next", "i4"),  # in the line or lane that it stands in
        ("previous", "i4"),  # in its lane
        ("due_next", "i4"),  # in the line of deadlines
        ("lane", "i4"),  # where it waits; NEVER if it does not
    ]
)
LANE = np.dtype(
    [
        ("first", "i4"),
        ("last", "i4"),
        ("pool", "i4"),
        ("priority", "i4"),
        ("released", "i4"),  # of the looks just released the one that came to stand here last
        ("bit", "i8"),  # its place in State.occupied
        ("word", "i4"),
    ],
    align=True,
)
AGENT = np.dtype([("free", "i8"), ("first", "i4"), ("last", "i4")])
# the three lanes of a workflow, and the line of its deadlines
FLOW = np.dtype([("lane", "i4"), ("look", "i4"), ("late", "i4"), ("first", "i4"), ("last", "i4")])
POOL = np.dtype(
    [
        ("waiting", "i8"),
        ("free", "i8"),
        ("group", "i4"),  # its people in State.groups
        ("end_group", "i4"),
        ("people", "i8"),
        ("pulls", "i8"),  # added up over its people
        ("peeking", "f8"),
    ]
)
# the people of a pool who work the same lanes
GROUP = np.dtype([("word", "i4"), ("end_word", "i4")])  # in State.free and State.members
MIND = np.dtype(
    [
        ("there", "?"),
        ("busy", "?"),
        ("flagged", "?"),
        ("word", "i4"),  # where State.free says whether they are free
        ("bit", "i8"),
        ("since", "i8"),  # when they last stopped working
        ("expects", "f8"),
        ("alpha", "f8"),
        ("beta", "f8"),
        ("tired", "f8"),
        ("pulls", "i8"),  # chance to pull what could go alone, in parts
    ],
    align=True,
)
CLOCK = np.dtype(
    [
        (name, "i8")
        for name in (
            "horizon", "bits", "arrivals", "next_arrival", "agenda", "next_on_agenda", "heap",
            "next_deadline", "items", "decided", "judged", "went_out",
        )
    ]
)  # fmt: skip


class State(NamedTuple):
    """The desk at one moment: a copy of these arrays is a snapshot.

    Records, because inside compiled code they carry no reference counts.
    """

    clock: Records  # one CLOCK
    # as given
    decisions: Records
    visits: Records
    workflows: Records
    people: Records
    policies: Records
    agenda: Records
    ready: NDArray[np.int64]
    coming: NDArray[np.int64]  # decisions in the order in which drafting may begin
    # what happened
    out: Records  # of the first drafts, then of other visits as they come up
    nothing: Records  # one of those in which nothing has happened
    place: NDArray[np.int32]  # of each visit, there and in links
    went_ok: NDArray[np.bool_]
    decided: Records  # the journal since the last midnight
    judged: Records
    went_out: Records
    # what is under way
    heap: NDArray[np.int64]  # keys of drafts and reviews that will be done
    links: Records
    alone: Records  # one link of what stands nowhere
    held: NDArray[np.int64]  # the last of the looks of each kind that wait for their release
    sorting: NDArray[np.int64]
    agents: Records
    flows: Records
    lanes: Records  # most urgent first
    pools: Records
    groups: Records
    free: NDArray[np.int64]  # for each person a bit, by group and in roster order
    members: NDArray[np.int64]  # the person of each bit
    minds: Records
    occupied: NDArray[np.int64]  # for each lane a bit: whether anything waits there
    lanes_of: NDArray[np.int64]  # the bits of those that each group works
    seen: NDArray[np.int64]  # reviews of each person and workflow since the shift began


def state_of(table: Table, world: World, policies: Records) -> State:
    """The desk before anything has happened.

    What is only made room for costs no memory until it is used.
    """
    n, n_people = len(world.decisions), len(table.people)
    coming = _in_order(table.ready)
    lanes, flows, lanes_by_person = _lanes(table)
    pools, groups, members, minds = _people(table, lanes_by_person)
    agents = np.full(len(table.slots), NEVER, np.int64).astype(AGENT)
    agents["free"] = table.slots
    state = State(
        clock=np.zeros(1, CLOCK),
        decisions=_own(world.decisions, DECISION),
        visits=_own(world.visits, VISIT),
        workflows=_own(table.workflows, WORKFLOW),
        people=_own(table.people, PERSON),
        policies=np.array(policies, POLICY),
        agenda=_own(table.agenda, AGENDA),
        ready=_own(table.ready, np.dtype(np.int64)),
        coming=coming,
        out=np.empty(_with_room_for_more(n), OUTCOME),
        nothing=nothing_happened(1),
        place=np.zeros(ROUNDS * n, np.int32),
        went_ok=np.zeros(n, np.bool_),
        decided=np.empty(n, DECIDED),
        judged=np.empty(ROUNDS * n, JUDGED),
        went_out=np.empty(n, WENT_OUT),
        # a decision has one draft under way at most, and a person one review
        heap=np.empty(min(int(table.slots.sum()), n) + n_people, np.int64),
        links=np.empty(_with_room_for_more(n), LINK),
        alone=_nobody(LINK, 1),
        held=np.full(len(LookKind), NEVER, np.int64),
        sorting=np.empty(n, np.int64),
        agents=agents,
        flows=flows,
        lanes=lanes,
        pools=pools,
        groups=groups,
        free=np.zeros(len(members) // WORD_BITS, np.int64),
        members=members,
        minds=minds,
        occupied=np.zeros(words_for(len(lanes)), np.int64),
        lanes_of=lanes_by_person[members[groups["word"] * WORD_BITS]],
        seen=np.zeros((n_people, len(table.workflows)), np.int64),
    )
    state.clock["horizon"], state.clock["items"] = table.horizon_ms, n
    state.clock["bits"] = visit_bits(table.horizon_ms, ROUNDS * n, n_people)
    return state


def with_more_room(state: State) -> State:
    """The same with room for more visits after the first drafts."""
    return state._replace(out=_longer(state.out), links=_longer(state.links))


def _longer(records: Records) -> Records:
    longer = np.empty(_with_room_for_more(len(records)), records.dtype)
    longer[: len(records)] = records
    return longer


def _with_room_for_more(n_items: int) -> int:
    return n_items + n_items // 4 + 1


def _in_order(ready: NDArray[np.int64]) -> NDArray[np.int64]:
    """The decisions that will arise, in the order in which they do."""
    if len(ready) and ready[0] != NEVER and bool((ready[1:] >= ready[:-1]).all()):
        return np.arange(len(ready))
    order = np.argsort(ready, kind="stable")
    return order[np.count_nonzero(ready == NEVER) :]


def _own(records: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any]:
    """In the one form that all runs have, so that the engine is compiled once."""
    return np.require(records, dtype, ["C", "W"])


def _nobody(dtype: np.dtype[Any], n: int) -> Records:
    """Records in which every number is NEVER."""
    out = np.empty(n, dtype)
    out.view(np.uint8).fill(0xFF)
    return out


def _lanes(table: Table) -> tuple[Records, Records, NDArray[np.int64]]:
    """Lanes sorted by priority, the lanes of each workflow, and those each person works."""
    flows = _nobody(FLOW, len(table.workflows))
    keys = []  # (priority, queue) of the three lanes of each workflow
    for w in table.workflows:
        own, priority = int(w["queue"]), int(w["priority"])
        backup = int(w["backup_queue"])
        keys.append(
            [(priority, own), (priority + LOOKS_COME_AFTER, own), (ESCALATED_FIRST, backup)]
        )
    order = sorted({key for three in keys for key in three if key[1] != NEVER})
    for flow, three in zip(flows, keys, strict=True):
        flow["lane"], flow["look"], flow["late"] = (
            order.index(key) if key[1] != NEVER else NEVER for key in three
        )
    lanes = _nobody(LANE, len(order))
    pool_of = pools_of_queues(table)
    for lane, (priority, queue) in zip(lanes, order, strict=True):
        lane["priority"], lane["pool"] = priority, pool_of[queue]
    numbers = np.arange(len(order))
    bits = np.left_shift(1, numbers % WORD_BITS)
    lanes["word"], lanes["bit"] = numbers // WORD_BITS, bits
    lanes_of = np.zeros((len(table.queues), words_for(len(order))), np.int64)
    for mask, queues in zip(lanes_of, table.queues, strict=True):
        theirs = np.array([queue in queues for _, queue in order], bool)
        np.bitwise_or.at(mask, numbers[theirs] // WORD_BITS, bits[theirs])
    return lanes, flows, lanes_of


def _people(
    table: Table, lanes_of: NDArray[np.int64]
) -> tuple[Records, Records, NDArray[np.int64], Records]:
    """Pools and their groups, whose bit is whose, and what each person has in mind."""
    pools, minds = np.zeros(table.n_pools, POOL), np.zeros(len(table.people), MIND)
    for name in ("expects", "alpha", "beta"):
        minds[name] = table.people[name]
    own = table.people["pool"].astype(np.int64)
    pools["people"] = np.bincount(own, minlength=len(pools))
    rosters: dict[tuple[int, ...], list[int]] = {}
    for person, key in enumerate(np.column_stack([own, lanes_of]).tolist()):
        rosters.setdefault(tuple(key), []).append(person)
    keys = sorted(rosters)  # pool after pool
    ends = np.cumsum([0, *(words_for(len(rosters[key])) for key in keys)])
    groups = np.zeros(len(keys), GROUP)
    groups["word"], groups["end_word"] = ends[:-1], ends[1:]
    pool_of = [key[0] for key in keys]
    pools["group"] = np.searchsorted(pool_of, np.arange(len(pools)))
    pools["end_group"] = np.searchsorted(pool_of, np.arange(len(pools)), side="right")
    members = np.full(WORD_BITS * int(ends[-1]), NEVER, np.int64)
    for word, key in zip(ends.tolist(), keys, strict=False):
        roster, at = rosters[key], np.arange(len(rosters[key]))
        members[WORD_BITS * word + at] = roster
        minds["word"][roster] = word + at // WORD_BITS
        minds["bit"][roster] = np.left_shift(1, at % WORD_BITS)
    return pools, groups, members, minds
