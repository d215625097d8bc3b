from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim import ScenarioError
from hitlsim.simulation.contract import (
    AGENDA,
    DEAL_SIZE_BIT,
    DECISION,
    FIRST,
    GATE_BIT,
    LOOK,
    LOW_BAND_BIT,
    MANUAL_BIT,
    MEDIUM_BAND_BIT,
    NEVER,
    NO_RECORD,
    OUTCOME,
    PEEK_BIT,
    REDRAFT,
    ROUNDS,
    SIGNAL_BITS,
    Kind,
    LookKind,
    Outcome,
    Records,
    Table,
    as_lists,
    event_key,
    nothing_happened,
    outcome_of,
    shift_item,
    visit_bits,
)
from tests.simulation.conftest import neutral_people, neutral_workflows
from tests.simulation.random_outcomes import EVERY, OUTCOMES, came_up

TWELVE_WEEKS_MS = 12 * 7 * 86_400_000


# --- known answers -------------------------------------------------------------------------------


def test_kinds_come_in_the_order_that_is_written_down() -> None:
    assert [kind.name for kind in sorted(Kind)] == [
        "DRAFTED", "REVIEWED", "SHIFT", "ESCALATION", "RELEASE", "ARRIVAL",
    ]  # fmt: skip


def test_leaving_sorts_before_coming_and_people_in_roster_order() -> None:
    items = [shift_item(p, comes) for p in (0, 1) for comes in (False, True)]
    assert items == sorted(items) == [0, 1, 2, 3]


def test_nothing_happened_says_never_everywhere() -> None:
    out = nothing_happened(2)
    assert out.dtype == OUTCOME
    assert all((out[name] == NEVER).all() for name in OUTCOME.names or ())


def test_an_outcome_has_all_first_drafts_and_what_else_came_up() -> None:
    every = nothing_happened(3 * ROUNDS)
    every["phase"][FIRST::ROUNDS] = [7, 8, 9]
    every["drafting"][ROUNDS + REDRAFT], every["look"][2 * ROUNDS + LOOK] = 10, LookKind.AUDIT
    every["look"][LOOK] = LookKind.OBSERVE
    outcome = outcome_of(every)
    assert outcome.first["phase"].tolist() == [7, 8, 9]
    assert outcome.records["look"].tolist() == [NEVER] * 3 + [LookKind.OBSERVE, NEVER,
                                                              LookKind.AUDIT]  # fmt: skip
    assert outcome.records["drafting"].tolist() == [NEVER] * 4 + [10, NEVER]
    assert outcome.place.tolist() == [0, NO_RECORD, 3, 1, 4, NO_RECORD, 2, NO_RECORD, 5]
    assert outcome.places(REDRAFT).tolist() == [NO_RECORD, 4, NO_RECORD]
    assert outcome.places(LOOK).tolist() == [3, NO_RECORD, 5]


def test_without_decisions_there_is_an_outcome_with_nothing_in_it() -> None:
    outcome = outcome_of(nothing_happened(0))
    assert [len(part) for part in (*outcome, outcome.first, outcome.every())] == [0] * 4


def test_as_lists_gives_plain_numbers() -> None:
    lists = as_lists(np.ones(1, DECISION))
    assert {name: type(column[0]) for name, column in lists.items()} == {
        **dict.fromkeys(("arrival", "workflow", "signals", "by_hand", "surface_after"), int),
        **dict.fromkeys(("deal_size", "u_audit", "u_look", "u_peek", "u_uptake"), float),
        **dict.fromkeys(("u_hand", "u_surface"), float),
    }


def test_an_infinite_limit_stays_infinite() -> None:
    # people who never pull anything have log-odds of minus infinity
    assert as_lists(np.array([(-math.inf,)], [("peeks", "f8")]))["peeks"] == [-math.inf]


def test_reasons_do_not_share_bits() -> None:
    bits = [GATE_BIT, LOW_BAND_BIT, DEAL_SIZE_BIT, MEDIUM_BAND_BIT, PEEK_BIT, MANUAL_BIT]
    assert sum(bits) == SIGNAL_BITS - 1, "each bit is its own, and signals come after them"


def test_pools_are_counted_from_the_people() -> None:
    table = Table(
        workflows=neutral_workflows(),
        slots=np.ones(1, np.int64),
        people=neutral_people(3, pool=[0, 2, 1]),
        queues=((0,), (2,), (1,)),
        n_queues=3,
        agenda=np.empty(0, AGENDA),
        ready=np.empty(0, np.int64),
        horizon_ms=1,
    )
    assert table.n_pools == 3


# --- properties ----------------------------------------------------------------------------------

EVENTS = st.tuples(st.integers(0, 10), st.sampled_from(list(Kind)), st.integers(0, 2**18 - 1))


@given(st.lists(EVENTS))
def test_the_key_sorts_as_time_kind_and_item(events: list[tuple[int, Kind, int]]) -> None:
    by_key = sorted(events, key=lambda e: event_key(e[0], e[1], e[2], bits=18))
    assert by_key == sorted(events)


@given(n_visits=st.integers(0, 10**6), n_people=st.integers(0, 500))
def test_no_item_spills_into_the_kind(n_visits: int, n_people: int) -> None:
    bits = visit_bits(TWELVE_WEEKS_MS, n_visits, n_people)
    largest = max(n_visits - 1, shift_item(n_people - 1, comes=True), *LookKind)
    for kind, later in pairwise(sorted(Kind)):
        assert event_key(0, kind, largest, bits) < event_key(0, later, 0, bits)
    assert event_key(TWELVE_WEEKS_MS, max(Kind), largest, bits) < 2**63


@given(EVERY)
def test_every_visit_comes_back_out_of_an_outcome(every: Records) -> None:
    outcome = outcome_of(every)
    np.testing.assert_array_equal(outcome.every(), every)
    assert outcome.every().dtype == outcome.records.dtype == OUTCOME
    np.testing.assert_array_equal(outcome.first, every[FIRST::ROUNDS])
    later = (REDRAFT, LOOK)
    there = np.column_stack([outcome.places(round_) != NO_RECORD for round_ in later])
    np.testing.assert_array_equal(there, came_up(every).reshape(-1, ROUNDS)[:, later])
    assert len(outcome.records) == came_up(every).sum(), "of nothing else there is a record"


@given(OUTCOMES)
def test_in_whatever_order_visits_came_up_each_has_its_own_record(outcome: Outcome) -> None:
    every = outcome.every()
    assert len(every) == len(outcome.place)
    np.testing.assert_array_equal(outcome.first, every[FIRST::ROUNDS])
    for round_ in (REDRAFT, LOOK):
        places = outcome.places(round_)
        there = np.flatnonzero(places != NO_RECORD)
        np.testing.assert_array_equal(outcome.records[places[there]], every[round_::ROUNDS][there])
        rest = np.delete(every[round_::ROUNDS], there)
        np.testing.assert_array_equal(rest, nothing_happened(len(rest)))
    np.testing.assert_array_equal(outcome_of(every).every(), every)


@given(OUTCOMES)
def test_whoever_changes_what_became_of_every_visit_changes_a_copy(outcome: Outcome) -> None:
    records, place = outcome.records.copy(), outcome.place.copy()
    outcome.every()[:] = nothing_happened(1)
    outcome_of(outcome.every()).records[:] = nothing_happened(1)
    np.testing.assert_array_equal(outcome.records, records)
    np.testing.assert_array_equal(outcome.place, place)


# --- errors --------------------------------------------------------------------------------------


def test_what_does_not_fit_into_one_key_is_refused() -> None:
    # 63 bits, less 33 for twelve weeks, less 3 for the kind
    assert visit_bits(TWELVE_WEEKS_MS, 2**27 - 1) == 27
    with pytest.raises(
        ScenarioError, match=r"134,217,728 visits over 84 days do not fit .*; simulate fewer weeks"
    ):
        visit_bits(TWELVE_WEEKS_MS, 2**27)
