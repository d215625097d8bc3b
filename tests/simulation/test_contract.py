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
    GATE_BIT,
    LOW_BAND_BIT,
    MANUAL_BIT,
    MEDIUM_BAND_BIT,
    NEVER,
    OUTCOME,
    PEEK_BIT,
    SIGNAL_BITS,
    Kind,
    LookKind,
    Table,
    as_lists,
    event_key,
    nothing_happened,
    shift_item,
    visit_bits,
)
from tests.simulation.conftest import neutral_people, neutral_workflows

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


# --- errors --------------------------------------------------------------------------------------


def test_what_does_not_fit_into_one_key_is_refused() -> None:
    # 63 bits, less 33 for twelve weeks, less 3 for the kind
    assert visit_bits(TWELVE_WEEKS_MS, 2**27 - 1) == 27
    with pytest.raises(
        ScenarioError, match=r"134,217,728 visits over 84 days do not fit .*; simulate fewer weeks"
    ):
        visit_bits(TWELVE_WEEKS_MS, 2**27)
