"""What engines are given, what they give back, and in which order simultaneous things happen.

Time is an integer number of milliseconds since the scenario's Monday 00:00, local wall clock.
Every duration is at least 1 ms. ``NEVER`` (-1) means that something did not happen.

A decision is worked in up to three *visits*, ``v = ROUNDS * decision + round``: the first draft,
one redraft after a rejection, and one look afterwards. Engines fill one record per visit, so no
order has to be agreed on to compare two of them.

At the same millisecond: drafts done, reviews done, shift changes, looks released, arrivals; within
a kind by visit (for shifts by person, leaving before coming). :func:`event_key` packs that order
into one integer. After each event the free people of the pools concerned take the next items at
once.
A day is half-open: what happens at its last midnight belongs to the next day.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ScenarioError

Records = NDArray[np.void]
"""A structured array."""

NEVER = -1
ROUNDS = 3
FIRST, REDRAFT, LOOK = range(ROUNDS)


class Kind(IntEnum):
    """Kinds of events, in the order in which they happen at the same millisecond."""

    DRAFTED = 1
    REVIEWED = 2
    SHIFT = 3
    RELEASE = 4
    ARRIVAL = 5


class Route(IntEnum):
    """What the boundary spec says about a decision."""

    AUTO = 0
    REVIEW = 1
    TRIAGE = 2
    GATE = 3


class Verdict(IntEnum):
    """What the reviewer does."""

    APPROVE = 0
    EDIT = 1
    REJECT = 2


class LookKind(IntEnum):
    """Why somebody looks at a decision afterwards."""

    OBSERVE = 0
    AUDIT = 1
    BATCH = 2
    SPOT_CHECK = 3


# Bits of the reasons. The triggers on signals follow, in the scenario's order of signals.
GATE_BIT, LOW_BAND_BIT, DEAL_SIZE_BIT, MEDIUM_BAND_BIT, SIGNAL_BITS = 1, 2, 4, 8, 16

DECISION = np.dtype(
    [
        ("arrival", "i8"),
        ("workflow", "i4"),
        ("deal_size", "f8"),
        ("signals", "i8"),  # bit i: signal i is present
        ("u_audit", "f8"),  # hash of the decision's id, in [0, 1)
        ("u_look", "f8"),
        ("u_surface", "f8"),
        ("surface_after", "i8"),
    ]
)
VISIT = np.dtype(
    [
        ("confidence", "f8"),
        ("logit_ok", "f8"),
        ("u_ok", "f8"),
        ("draft", "i8"),
        ("review", "i8"),  # at normal speed
        ("u_flag", "f8"),
        ("u_edit", "f8"),
    ]
)
OUTCOME = np.dtype(
    [
        ("drafting", "i8"),
        ("drafted", "i8"),
        ("phase", "i2"),
        ("ok", "i1"),
        ("route", "i1"),
        ("reasons", "i8"),
        ("inclusion", "f8"),  # chance, fixed beforehand, that somebody looks at it
        ("look", "i1"),
        ("queued", "i8"),
        ("started", "i8"),
        ("ended", "i8"),
        ("person", "i4"),
        ("verdict", "i1"),
        ("executed", "i8"),
    ]
)
WORKFLOW = np.dtype([("agent", "i4"), ("pool", "i4"), ("gated", "?"), ("priority", "i4")])
PERSON = np.dtype(
    [("pool", "i4"), ("d_prime", "f8"), ("criterion", "f8"), ("edit_share", "f8"), ("speed", "f8")]
)
AGENDA = np.dtype([("time", "i8"), ("kind", "i4"), ("item", "i8")])
# settings of one workflow on one day
POLICY = np.dtype(
    [("auto", "f8"), ("review", "f8"), ("deal_limit", "f8"), ("triggers", "i8"), ("audit", "f8")]
)


class World(NamedTuple):
    """Everything random, drawn before the run; no policy changes it."""

    decisions: Records  # DECISION, sorted by arrival
    visits: Records  # VISIT, ROUNDS for each decision


class Table(NamedTuple):
    """Everything that stays as it is for a whole run."""

    workflows: Records  # WORKFLOW
    slots: NDArray[np.int64]  # for each agent
    people: Records  # PERSON, in roster order
    n_pools: int
    agenda: Records  # AGENDA: shift changes and releases of looks, sorted
    horizon_ms: int


class Settings(NamedTuple):
    """What holds on one day; only :mod:`hitlsim.simulation.governing` makes these."""

    phase: int
    exceptions_wait: bool
    look: int  # LookKind of the looks this phase asks for
    look_share: float
    look_effort: float
    policies: Records  # POLICY, for each workflow


class DayTally(NamedTuple):
    """What a team sees at the end of a day, counted since the start."""

    decided: int
    exceptions: int
    reviewed: int
    waiting: int


def nothing_happened(n_visits: int) -> Records:
    """Empty outcome records."""
    out = np.empty(n_visits, OUTCOME)
    for name in OUTCOME.names or ():
        out[name] = NEVER
    return out


def visit_bits(horizon_ms: int, n_visits: int, n_people: int = 0) -> int:
    """How many bits of the key the item takes: a visit, a shift change or a kind of look.

    Raises
    ------
    ScenarioError
        When time, kind and visit do not fit into 63 bits together.

    Examples
    --------
    >>> visit_bits(12 * 7 * 86_400_000, 180_000)
    18
    """
    bits = max(n_visits, shift_item(n_people, comes=False), len(LookKind)).bit_length()
    if horizon_ms.bit_length() + 3 + bits > 63:
        raise ScenarioError(
            f"{n_visits:,} visits over {horizon_ms / 86_400_000:,.0f} days do not fit "
            "into one run; "
            "simulate fewer weeks or less volume"
        )
    return bits


def event_key(time: int, kind: int, visit: int, bits: int) -> int:
    """One integer that sorts events as they happen.

    >>> review, arrival = event_key(5, Kind.REVIEWED, 9, 18), event_key(5, Kind.ARRIVAL, 0, 18)
    >>> review < arrival < event_key(6, Kind.DRAFTED, 0, 18)
    True
    """
    return ((time << 3 | kind) << bits) | visit


def shift_item(person: int, comes: bool) -> int:
    """How the agenda names a shift change; of one person, leaving sorts before coming."""
    return 2 * person + int(comes)


def as_lists(records: Records) -> dict[str, list[Any]]:
    """Columns as plain Python values: SimPy's clock must not meet a numpy integer."""
    return {name: records[name].tolist() for name in records.dtype.names or ()}
