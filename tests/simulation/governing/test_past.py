"""Sums of what a team has seen: the same as adding up the days themselves."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.simulation.contract import SEEN, Records
from hitlsim.simulation.governing.past import Past

NAMES = SEEN.names or ()


class Told(NamedTuple):
    """What was seen, and up to which days it is told, one time after the other."""

    seen: Records
    until: list[int]


def some_seen(seed: int, days: int, workflows: int) -> Records:
    rng = np.random.default_rng(seed)
    seen = np.zeros((days, workflows), SEEN)
    for name in NAMES:
        seen[name] = rng.integers(0, 10**6, seen.shape) * (rng.random(seen.shape) < 0.8)
    return seen


@st.composite
def tellings(draw: st.DrawFn) -> Told:
    """None, one or many days at a time."""
    days = draw(st.integers(0, 30))
    seen = some_seen(draw(st.integers(0, 2**32 - 1)), days, draw(st.integers(1, 4)))
    return Told(seen, sorted(draw(st.lists(st.integers(0, days), max_size=8))))


# --- known answers -------------------------------------------------------------------------------


def test_before_the_first_day_nothing_was_seen() -> None:
    past = Past(2)
    past.add(np.zeros((0, 2), SEEN))
    assert past.day == 0
    assert past.count("emails", 1, since=0) == 0
    assert past.between(0, [0, 1]) == np.zeros(1, SEEN)


def test_what_was_seen_of_nobody_is_nothing() -> None:
    past = Past(2)
    past.add(some_seen(1, 3, 2))
    nobody = past.between(0, [])
    assert nobody.shape == (1,)
    assert nobody == np.zeros(1, SEEN)


def test_each_workflow_and_each_count_is_its_own() -> None:
    past = Past(2)
    seen = np.zeros((1, 2), SEEN)
    for i, name in enumerate(NAMES):
        seen[name] = [[i, 100 + i]]
    past.add(seen)
    for i, name in enumerate(NAMES):
        assert [past.count(name, flow, since=0) for flow in (0, 1)] == [i, 100 + i], name
        assert past.between(0, [1, 0])[name].tolist() == [100 + 2 * i], name


# --- properties ----------------------------------------------------------------------------------


@given(tellings())
def test_any_stretch_of_days_is_what_its_days_add_up_to(told: Told) -> None:
    past = Past(told.seen.shape[1])
    for day in told.until:
        past.add(told.seen[:day])
        assert past.day == day
        for since in range(day + 1):
            stretch = told.seen[since:day]
            for flow in range(stretch.shape[1]):
                for name in ("decided", "looked_bad", "refreshed"):  # first, inner and last
                    expected = int(stretch[name][:, flow].sum())
                    assert past.count(name, flow, since=since) == expected


@given(tellings(), st.data())
def test_some_workflows_together_are_what_theirs_add_up_to(told: Told, data: st.DataObject) -> None:
    n = told.seen.shape[1]
    past = Past(n)
    for day in told.until:
        past.add(told.seen[:day])
        flows = data.draw(st.lists(st.integers(0, n - 1), unique=True))
        since = data.draw(st.integers(0, day))
        seen = past.between(since, flows)
        assert (seen.dtype, seen.shape) == (SEEN, (1,))
        for name in NAMES:
            expected = told.seen[since:day][name][:, flows].sum()
            assert seen[name].sum() == expected, name
            assert sum(past.count(name, flow, since=since) for flow in flows) == expected, name


@given(tellings())
def test_what_is_seen_later_changes_no_sum_of_before(told: Told) -> None:
    """Nor does it matter that of later days something is seen already."""
    past, again = Past(told.seen.shape[1]), Past(told.seen.shape[1])
    for day in told.until:
        past.add(told.seen[:day])
        foreseen = told.seen.copy()
        foreseen[day:] = some_seen(day, len(foreseen) - day, foreseen.shape[1])
        again.add(foreseen[:day])
        everybody = range(told.seen.shape[1])
        np.testing.assert_array_equal(past.between(0, everybody), again.between(0, everybody))


def test_sums_may_be_larger_than_the_days_numbers_take() -> None:
    seen = np.zeros((3, 1), SEEN)
    seen["emails"] = 2**40
    past = Past(1)
    past.add(seen)
    assert past.count("emails", 0, since=0) == past.between(0, [0])["emails"][0] == 3 * 2**40


# --- errors --------------------------------------------------------------------------------------


def test_what_is_not_counted_cannot_be_asked_for() -> None:
    with pytest.raises(KeyError, match="telephoned"):
        Past(1).count("telephoned", 0, since=0)
