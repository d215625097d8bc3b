"""What a text means as a time or a number, and what is said when it means nothing."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.columns import COLUMNS
from hitlsim.decisions.reading.cells import Cells, Reading, Writing, problem_with, read_words

BERLIN = ZoneInfo("Europe/Berlin")
NBSP, NARROW, THIN = "\u00a0", "\u202f", "\u2009"


def reading(words: list[str], column: str, writing: Writing = Writing()) -> Reading:  # noqa: B008
    return read_words(pd.Series(words, dtype="str"), COLUMNS[column], writing)


def reason(word: str, column: str = "deal_size", writing: Writing = Writing()) -> str:  # noqa: B008
    """The first reason why a text cannot be used; empty if it can."""
    slips = reading([word], column, writing).slips
    return next((slip.reason for slip in slips if slip.which[0]), "")


# --- numbers -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("thousands", "decimal", "word", "value"),
    [
        (",", ".", "1,234,567.5", 1234567.5),
        (",", ".", "-12,000", -12000),
        (",", ".", "1234567", 1234567),
        (".", ",", "1.234,5", 1234.5),
        (".", ",", "999,25", 999.25),
        (" ", ",", f"1{NBSP}234{NARROW}567,5", 1234567.5),
        (NBSP, ".", "1 234.5", 1234.5),
        (" ", ".", f"1{THIN}234", 1234),
        ("'", ".", "1\u2019234.50", 1234.5),
        ("\u2019", ".", "1'234", 1234),
        ("", ".", "1e3", 1000),
        ("", ".", "+.5", 0.5),
        ("", ".", "5.", 5),
        ("", ",", "1e3", 1000),
    ],
)
def test_numbers_are_read_as_they_are_grouped(
    thousands: str, decimal: str, word: str, value: float
) -> None:
    writing = Writing(decimal=decimal, thousands=thousands)
    assert reading([word], "deal_size", writing).values.tolist() == [value]


@pytest.mark.parametrize(
    ("word", "decimal", "thousands", "why"),
    [
        ("1,23", ".", ",", "has ',', but not between groups of three digits"),
        ("1.5", ",", ".", "has '.', but not between groups of three digits"),
        ("12,3456", ".", ",", "has ',', but not between groups of three digits"),
        ("1234,567", ".", ",", "has ',', but not between groups of three digits"),
        ("1,234.5", ".", "", "(if the comma groups thousands, set thousands: ',')"),
        ("1,234,567", ".", "", "(if the comma groups thousands, set thousands: ',')"),
        ("1,234", ".", "", "(if the comma is a decimal sign, set decimal: ','; if it groups"),
        ("1,5", ".", "", "(if the comma is a decimal sign, set decimal: ',')"),
        ("1.234,5", ",", "", "(if the point groups thousands, set thousands: '.')"),
        (f"1{NBSP}234", ".", "", "(if the blank groups thousands, set thousands: ' ')"),
        ("1'234", ".", "", '(if the quote groups thousands, set thousands: "\'")'),
        ("€ 1.200", ".", "", "has a currency beside the number; export plain numbers"),
        ("1,200.50 USD", ".", ",", "has a currency beside the number"),
        ("-$5", ".", "", "has a currency beside the number"),
        ("R$ 12", ".", "", "has a currency beside the number"),
        ("12 kr.", ".", "", "has a currency beside the number"),
        ("12 %", ".", "", "is a percentage (for confidence set confidence_scale: 100)"),
        ("=1+1", ".", "", "is not a number"),
        ("NaN", ".", "", "is not a number"),
        ("inf", ".", "", "is not a number"),
        ("0x1F", ".", "", "is not a number"),
        ("1_000", ".", "", "is not a number"),
        ("\u0663", ".", "", "is not a number"),
        ("1\n2", ".", "", "is not a number"),
        ("1e999", ".", "", "is above 1.79769e+308"),
    ],
)
def test_what_is_nearly_a_number_is_told_the_remedy(
    word: str, decimal: str, thousands: str, why: str
) -> None:
    told = reason(word, writing=Writing(decimal=decimal, thousands=thousands))
    assert why in told
    if why == "is not a number":
        assert told == why


def test_one_that_is_too_large_leaves_the_others_as_they_are() -> None:
    assert reading(["0.1", "1e999", "x"], "deal_size").values[:2].tolist() == [0.1, np.inf]


@given(st.floats(0, 1e15), st.sampled_from([",", ".", " ", "'"]))
def test_grouping_a_number_does_not_change_it(value: float, thousands: str) -> None:
    decimal = "," if thousands == "." else "."
    grouped = f"{value:,.2f}".replace(",", "\0").replace(".", decimal).replace("\0", thousands)
    read = reading([grouped], "deal_size", Writing(decimal=decimal, thousands=thousands))
    assert read.values.tolist() == [round(value, 2)]
    assert not any(slip.which.any() for slip in read.slips)


@given(st.lists(st.floats(0, 1e300), min_size=1))
def test_numbers_keep_their_last_bit(values: list[float]) -> None:
    assert reading([repr(v) for v in values], "deal_size").values.tolist() == values


# --- times -------------------------------------------------------------------------------------


def test_of_several_formats_the_first_that_fits_holds() -> None:
    words = ["03/04/2026", "2026-04-03T10:00", "Apr 5, 2026", "04-03-2026", ""]
    read = reading(words, "arrived_at", Writing(("%d/%m/%Y", None, "%b %d, %Y"), BERLIN))
    days = ["2026-04-03", "2026-04-03 10:00", "2026-04-05", None, None]
    expected = pd.Series([pd.Timestamp(d, tz=BERLIN) if d else pd.NaT for d in days])
    assert read.values.tolist()[:3] == expected.tolist()[:3]
    assert pd.isna(read.values).tolist() == [False] * 3 + [True] * 2
    why = "is not a date like 30/09/2026 or 2026-09-30 or 2026-09-30T14:05 or Sep 30, 2026"
    assert [slip.reason for slip in read.slips if slip.which[3]] == [why]
    assert not any(slip.which[4] for slip in read.slips), "an empty cell is no slip"


def test_times_that_the_clocks_make_doubtful_are_marked() -> None:
    words = ["2026-10-25 02:30", "2026-03-29 02:30", "2026-03-29 03:00", "2026-10-25 03:00",
             "2026-10-25T02:30+01:00", "x", ""]  # fmt: skip
    read = reading(words, "arrived_at", Writing(zone=BERLIN))
    assert read.doubtful.tolist() == [True, True, *[False] * 5]
    read = reading(words, "arrived_at", Writing(zone=ZoneInfo("UTC")))
    assert not read.doubtful.any()
    assert not reading(["2026-10-25 02:30"], "deal_size").doubtful.any()


@pytest.mark.parametrize("word", ["1900-01-01", "1969-12-31 23:59", "2200-01-01", "2262-04-11"])
def test_times_no_ai_can_have_lived_in_are_refused(word: str) -> None:
    assert reason(word, "arrived_at") == "is outside 1970 to 2200"
    assert reason("1970-01-01", "arrived_at") == reason("2199-12-31", "arrived_at") == ""


NO_TIMES = ("2026-02-30", "2026-09-30 24:01", "2026-9-3", "2026-09-30T14:05+25:00", "2026-09-30\n",
            "45930.5", "today")  # fmt: skip


@pytest.mark.parametrize("word", NO_TIMES)
def test_what_is_no_time_is_told(word: str) -> None:
    assert reason(word, "arrived_at").startswith("is not a date like 2026-09-30 or")


@pytest.mark.parametrize("form", ["%d/%m/%Y", ("%d/%m/%Y", None)])
def test_a_word_for_the_time_of_the_run_is_no_time_of_a_decision(form: str) -> None:
    read = reading(["today", "now", "03/08/2026"], "arrived_at", Writing(form))
    assert pd.isna(read.values).tolist() == [True, True, False]
    assert read.slips[0].which.tolist() == [True, True, False]


def test_a_date_that_lost_its_zero_is_not_taken_for_another_day() -> None:
    read = reading(["01092026", "1092026", "10092026"], "arrived_at", Writing("%d%m%Y"))
    assert read.values.dt.day.tolist()[::2] == [1, 10]
    assert read.slips[0].which.tolist() == [False, True, False], "1092026 is no tenth"


@given(st.datetimes(pd.Timestamp("1970-01-02"), pd.Timestamp("2199-01-01")))
def test_iso_times_keep_their_instant_in_every_writing(at: pd.Timestamp) -> None:
    at = at.replace(microsecond=at.microsecond // 1000 * 1000)
    words = [at.isoformat(), at.isoformat(" ", "milliseconds"), f"{at.isoformat()}Z",
             f"{at.isoformat()} +00:00"]  # fmt: skip
    read = reading(words, "arrived_at")
    assert set(read.values) == {pd.Timestamp(at, tz="UTC")}


# --- columns of texts --------------------------------------------------------------------------


def test_each_distinct_text_is_held_once_without_blanks_around_it() -> None:
    cells = Cells.of(pa.chunked_array([[" a", None], ["b", "a\u00a0", ""]]))
    assert cells.words.tolist() == ["a", "", "b"]
    assert cells.codes.tolist() == [0, 1, 2, 0, 1]


def test_a_word_in_a_mapping_is_held_to_the_same_rules() -> None:
    assert problem_with(" 0.5 ", COLUMNS["confidence"], Writing()) is None
    told = problem_with("high", COLUMNS["confidence"], Writing())
    assert told == "'high' is not a number"
