"""What engines are given, what they give back, and in which order simultaneous things happen.

Time is an integer number of milliseconds since the scenario's Monday 00:00, local wall clock.
Every duration is at least 1 ms. ``NEVER`` (-1) means that something did not happen.

A decision is worked in up to three *visits*, ``v = ROUNDS * decision + round``: the first draft,
one redraft after a rejection, and one look afterwards. Engines fill one record for each visit that
comes up.

At the same millisecond: drafts done, reviews done, shift changes, escalations, looks released,
arrivals; within a kind by visit (for shifts by person, leaving before coming). :func:`event_key`
packs that order into one integer. After each event the free people of the pools concerned take the
next items at once.
A day is half-open: what happens at its last midnight belongs to the next day.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import ScenarioError

Records = NDArray[np.void]
"""A structured array."""

NEVER = -1
MINUTE_MS = 60_000
ROUNDS = 3
FIRST, REDRAFT, LOOK = range(ROUNDS)
ESCALATED_FIRST = 0
"""Priority of what was escalated: before all others (a lower number comes first)."""
NO_RECORD = 0
"""Place of the record of a visit that did not come up; a first draft has its own there."""
LOOKS_COME_AFTER = 100
"""Added to the priority of a look: whatever waits to go out comes first."""


class Kind(IntEnum):
    """Kinds of events, in the order in which they happen at the same millisecond."""

    DRAFTED = 1
    REVIEWED = 2
    SHIFT = 3
    ESCALATION = 4
    RELEASE = 5
    ARRIVAL = 6


class Route(IntEnum):
    """What the boundary spec says about a decision."""

    AUTO = 0
    REVIEW = 1
    TRIAGE = 2
    GATE = 3
    PEEK = 4  # could have gone alone, but somebody wanted to see it first
    MANUAL = 5  # kill switch or pause: done by hand


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
GATE_BIT, LOW_BAND_BIT, DEAL_SIZE_BIT, MEDIUM_BAND_BIT, PEEK_BIT, MANUAL_BIT = 1, 2, 4, 8, 16, 32
SIGNAL_BITS = 64

DECISION = np.dtype(
    [
        ("arrival", "i8"),
        ("workflow", "i8"),
        ("deal_size", "f8"),
        ("signals", "i8"),  # bit i: signal i is present
        ("u_audit", "f8"),  # hash of the decision's id, in [0, 1)
        ("u_look", "f8"),
        ("u_peek", "f8"),
        ("u_uptake", "f8"),
        ("u_hand", "f8"),  # whether it goes wrong when done by hand
        ("by_hand", "i8"),
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
        ("u_inspect", "f8"),
        ("u_flag", "f8"),
        ("u_edit", "f8"),
        ("u_know", "f8"),  # whether the reviewer learns if the verdict was right
    ]
)
OUTCOME = np.dtype(
    [
        ("drafting", "i8"),
        ("drafted", "i8"),
        ("queued", "i8"),
        ("escalated", "i8"),
        ("started", "i8"),
        ("ended", "i8"),
        ("executed", "i8"),
        ("reasons", "i8"),
        ("inclusion", "f8"),  # chance, fixed beforehand, that somebody looks at it
        ("person", "i4"),
        ("phase", "i2"),
        ("ok", "i1"),
        ("route", "i1"),
        ("look", "i1"),
        ("inspected", "i1"),  # 1: read; 0: waved through
        ("bulk", "i1"),
        ("by_hand", "i1"),  # 1: done without the draft
        ("verdict", "i1"),
        ("skipped", "i1"),  # 1: came too late for its step
    ],
    align=True,
)
WORKFLOW = np.dtype(
    [
        ("agent", "i4"),
        ("queue", "i4"),
        ("pool", "i4"),
        ("backup_queue", "i4"),  # of those who answer for it; -1 where they are the same people
        ("gated", "?"),
        ("optional", "?"),  # whether people may leave the draft aside
        ("redrafts", "i4"),
        ("priority", "i4"),
        ("escalate_after", "i8"),
        ("skip_after", "i8"),
        ("execute", "i8"),  # from approval until it takes effect
    ]
)
PERSON = np.dtype(
    [
        ("pool", "i4"),
        ("d_prime", "f8"),
        ("criterion", "f8"),
        ("edit_share", "f8"),
        ("speed", "f8"),
        ("hurry", "f8"),
        ("dwell", "i8"),
        ("skip", "i8"),
        ("speed_accuracy", "?"),
        ("prevalence", "f8"),
        ("memory", "f8"),
        ("expects", "f8"),
        ("feedback", "f8"),
        ("follows", "f8"),
        ("reads", "f8"),  # log-odds of reading at neutral trust, accountability counted in
        ("lapse", "f8"),
        ("by_trust", "f8"),
        ("by_queue", "f8"),
        ("by_repeats", "f8"),
        ("fatigue", "f8"),
        ("tires_in", "f8"),
        ("rests_in", "f8"),
        ("success", "f8"),
        ("failure", "f8"),
        ("alpha", "f8"),
        ("beta", "f8"),
        ("peeks", "f8"),  # log-odds at neutral trust; -inf: never
        ("peeks_by_trust", "f8"),
        ("uses", "f8"),
        ("uses_by_trust", "f8"),
    ]
)
# what becomes of an email; engines do not read it
EMAIL = np.dtype(
    [
        ("u_bounce", "f8"),
        ("u_spam", "f8"),
        ("u_opt_out", "f8"),
        ("u_reply", "f8"),
        ("u_positive", "f8"),
        ("u_meeting", "f8"),
        ("u_no_show", "f8"),
        ("after", "i8"),
    ]
)
# what a journal says of visits; what came of them later may have changed since
DECIDED = np.dtype([("visit", "i4"), ("route", "i1")], align=True)
JUDGED = np.dtype(
    [
        ("visit", "i4"),
        ("route", "i1"),  # of the first draft
        ("look", "i1"),
        ("verdict", "i1"),
    ],
    align=True,
)
WENT_OUT = np.dtype(
    [("executed", "i8"), ("visit", "i4"), ("ok", "i1"), ("verdict", "i1"), ("by_hand", "i1")],
    align=True,
)
# what a team sees of one workflow on one day; counts
SEEN = np.dtype(
    [
        (name, "i8")
        for name in (
            "decided", "safe", "exceptions", "exceptions_judged", "overridden", "corrections",
            "looked", "looked_bad", "emails", "bounced", "spam", "opted_out", "replied", "meetings",
            "refreshed",
        )
    ]
)  # fmt: skip
AGENDA = np.dtype([("time", "i8"), ("kind", "i4"), ("item", "i8")])
# what holds for one workflow on one day
POLICY = np.dtype(
    [
        ("on", "?"),  # whether the AI works on it at all yet
        ("manual", "?"),  # killed or paused
        ("phase", "i4"),
        ("waits", "?"),  # whether exceptions wait for a person
        ("look", "i4"),  # LookKind of the looks its phase asks for
        ("look_share", "f8"),
        ("look_effort", "f8"),
        ("bulk_above", "f8"),
        ("bulk_effort", "f8"),
        ("bulk_inspect", "f8"),
        ("auto", "f8"),
        ("review", "f8"),
        ("deal_limit", "f8"),
        ("triggers", "i8"),
        ("audit", "f8"),
        ("learned", "f8"),  # added to the log-odds of being right
    ]
)


class World(NamedTuple):
    """Everything random, drawn before the run; no policy changes it."""

    decisions: Records
    """DECISION, sorted by arrival."""
    visits: Records
    """VISIT, by round and decision."""

    def by_number(self) -> Records:
        """VISIT of every visit in the order of their numbers."""
        return self.visits.T.reshape(-1)


class Table(NamedTuple):
    """Everything that stays as it is for a whole run."""

    workflows: Records  # WORKFLOW
    slots: NDArray[np.int64]  # for each agent
    people: Records  # PERSON, in roster order
    queues: tuple[tuple[int, ...], ...]
    """For each person the queues they work: one for each set of workflows with the same people."""
    n_queues: int
    agenda: Records  # AGENDA: shift changes and releases of looks, sorted
    ready: NDArray[np.int64]
    """For each decision when drafting may begin: its arrival, or later; NEVER if held back."""
    horizon_ms: int

    @property
    def n_pools(self) -> int:
        return int(self.people["pool"].max()) + 1 if len(self.people) else 0


class Journal(NamedTuple):
    """What happened since the last midnight, in order; valid until the desk goes on."""

    decided: Records
    """DECIDED: first drafts that were routed."""
    judged: Records
    """JUDGED: visits whose verdict fell."""
    went_out: Records
    """WENT_OUT: visits by which a decision went out."""
    waiting: int
    """Items in all queues."""


class Outcome(NamedTuple):
    """What came of the visits: one record for each that came up.

    Few decisions are drafted again or looked at, so most of the visits there could be are not.
    """

    records: Records
    """OUTCOME: of all first drafts, in the order of the decisions, then of other visits."""
    place: NDArray[np.int32]
    """For each visit where its record is; NO_RECORD if it did not come up."""

    @property
    def first(self) -> Records:
        """OUTCOME of each first draft."""
        return self.records[: len(self.place) // ROUNDS]

    def places(self, round_: int) -> NDArray[np.int32]:
        """For each decision where the record of its redraft or look is, or NO_RECORD."""
        return self.place[round_::ROUNDS]

    def every(self) -> Records:
        """OUTCOME of every visit there could be."""
        out = nothing_happened(len(self.place))
        came_up = np.flatnonzero(self.place != NO_RECORD)
        out[came_up] = self.records.take(self.place[came_up])
        out[:1] = self.records[:1]  # the first draft whose place is NO_RECORD
        return out


class Desk(Protocol):
    """What every engine is; it is made from a table, a world and the first day's policies."""

    def apply(self, policies: Records) -> None:
        """What holds from now on: POLICY of each workflow."""

    def run_until(self, time_ms: int) -> Journal:
        """Everything that happens before ``time_ms``; then what happened since the last time.

        ``time_ms`` lies within the table's horizon.
        """

    def outcome(self) -> Outcome:
        """What came of the visits so far; who goes on with the desk must take a copy."""


def outcome_of(every: Records) -> Outcome:
    """The outcome, from OUTCOME of every visit there could be."""
    rounds = np.arange(len(every)) % ROUNDS
    later = (rounds == REDRAFT) & (every["drafting"] != NEVER)
    later |= (rounds == LOOK) & (every["look"] != NEVER)
    visits = np.concatenate([np.flatnonzero(rounds == FIRST), np.flatnonzero(later)])
    place = np.full(len(every), NO_RECORD, np.int32)
    place[visits] = np.arange(len(visits))
    return Outcome(every.take(visits), place)


def pools_of_queues(table: Table) -> list[int]:
    """For each queue the pool of those who work it; 0 where nobody does."""
    out = [0] * table.n_queues
    for pool, queues in zip(table.people["pool"].tolist(), table.queues, strict=True):
        for queue in queues:
            out[queue] = pool
    return out


def nothing_happened(n_visits: int) -> Records:
    """Empty outcome records."""
    out = np.empty(n_visits, OUTCOME)
    out.view(np.uint8).fill(0xFF)  # -1 in every whole number, and much quicker field by field
    out["inclusion"] = NEVER
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
