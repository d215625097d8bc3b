"""Records as columns, and columns as pandas holds them."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.simulation.contract import FIRST, LOOK, NEVER, OUTCOME, REDRAFT, ROUNDS, Outcome
from hitlsim.simulation.outcome import as_columns
from hitlsim.simulation.outcome.as_columns import (
    Some,
    category,
    joined,
    minutes,
    rounds,
    text,
    yes_no,
)
from tests.simulation.random_outcomes import OUTCOMES

WORDS = ["", "angry", "angry+new", "größer"]
OBJECTS = "ignore:.*infer_string:DeprecationWarning"


# --- known answers -------------------------------------------------------------------------------


def test_text_is_held_as_pandas_holds_it() -> None:
    column = text(pa.array(WORDS, pa.large_string()))
    assert column.dtype == pd.Series(WORDS).dtype
    assert column.tolist() == WORDS
    assert pd.DataFrame({"a": column})["a"].equals(pd.DataFrame({"a": WORDS})["a"])


@pytest.mark.filterwarnings(OBJECTS)
def test_text_was_held_as_objects_before_pandas_3() -> None:
    with pd.option_context("future.infer_string", False):
        column = text(pa.array(WORDS, pa.large_string()))
    assert column.dtype == object
    assert column.tolist() == WORDS


def test_names_of_bits_are_joined_in_their_order() -> None:
    column = joined(np.array([0, 2, 3, 2]), ["angry", "new"])
    assert column.tolist() == ["", "new", "angry+new", "new"]


def test_categories_may_be_missing_and_unused() -> None:
    column = category(np.array([1, NEVER, 1]), ["mia", "noah", "olga"])
    assert column.tolist() == ["noah", np.nan, "noah"]
    assert column.categories.tolist() == ["mia", "noah", "olga"]
    assert category(np.array([], np.int64), []).tolist() == []


def test_yes_no_or_not_known() -> None:
    column = yes_no(np.array([True, False, True]), np.array([True, True, False]))
    assert column.tolist() == [True, False, pd.NA]


def test_minutes_are_missing_where_it_did_not_begin_or_end() -> None:
    took = minutes(np.array([0, NEVER, 60_000]), np.array([90_000, NEVER, NEVER]))
    assert took[0] == 1.5
    assert np.isnan(took[1:]).all()


# --- properties ----------------------------------------------------------------------------------


@given(
    out=OUTCOMES,
    block=st.integers(1, 13),
    again=st.sampled_from([(), ("verdict", "executed", "inclusion")]),
)
def test_rounds_are_the_visits_of_each_round(
    out: Outcome, block: int, again: tuple[str, ...]
) -> None:
    every = out.every()
    asked = {FIRST: ("drafted", "route", "inclusion"), REDRAFT: again, LOOK: ("look", "ended")}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(as_columns, "_BLOCK", block)
        columns = rounds(out, asked)
    for (r, names), own in zip(asked.items(), columns, strict=True):
        assert tuple(own) == names
        for name in names:
            np.testing.assert_array_equal(own[name], every[name][r::ROUNDS])
            assert own[name].dtype == OUTCOME[name]
            assert own[name].flags.c_contiguous
            assert not any(np.shares_memory(own[name], part) for part in out)


@given(st.lists(st.booleans()))
def test_what_is_worked_out_for_some_comes_back_to_them(which: list[bool]) -> None:
    mask, numbers = np.array(which, bool), np.arange(len(which), dtype=float)
    some = Some(mask)
    assert len(some) == sum(which)
    roots = some.among_all(np.sqrt(some.of(numbers)), np.nan)
    expected = [math.sqrt(i) if it else math.nan for i, it in enumerate(which)]
    np.testing.assert_array_equal(roots, expected)
