from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.scenario.hours import (
    DAY_MS,
    DAYS,
    HOUR_MS,
    MINUTE_MS,
    WEEK_MS,
    Window,
    moment_text,
    overlap,
    parse_moment,
    parse_window,
)

# --- known answers -------------------------------------------------------------------------------


def test_a_window_is_on_each_of_its_days() -> None:
    window = parse_window("tue-thu 09:00-12:30")
    assert window.minutes_per_week == 3 * 210
    assert window.spans_ms()[0] == (DAY_MS + 9 * HOUR_MS, DAY_MS + 12 * HOUR_MS + 30 * MINUTE_MS)
    assert [start // DAY_MS for start, _ in window.spans_ms()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "weight"), [("sat 10:00-14:00", 1.0), ("sat 10:00-14:00 x0.3", 0.3),
                         ("sat 10:00-14:00 x.25", 0.25), (" sat  10:00-14:00  x2 ", 2.0)]
)  # fmt: skip
def test_weights(text: str, weight: float) -> None:
    assert parse_window(text).weight == weight


def test_a_day_may_last_until_midnight() -> None:
    assert parse_window("sun 00:00-24:00").spans_ms() == [(6 * DAY_MS, WEEK_MS)]


def test_moments_count_from_monday() -> None:
    assert parse_moment("mon 00:00") == 0
    assert parse_moment("fri 13:05") == 4 * DAY_MS + 13 * HOUR_MS + 5 * MINUTE_MS


def test_stretches_that_touch_do_not_overlap() -> None:
    assert overlap((parse_window("mon 09:00-12:00"), parse_window("mon 12:00-13:00"))) is None


def test_overlap_names_both_stretches() -> None:
    clash = overlap((parse_window("wed 11:00-13:00"), parse_window("mon-fri 09:00-12:00")))
    assert clash == "'mon-fri 09:00-12:00' and 'wed 11:00-13:00' overlap; merge them"


# --- properties ----------------------------------------------------------------------------------

WINDOWS = st.builds(
    lambda days, minutes, weight: Window(
        tuple(range(min(days), max(days) + 1)), min(minutes), max(minutes), weight
    ),
    st.tuples(st.integers(0, 6), st.integers(0, 6)),
    st.lists(st.integers(0, 24 * 60), min_size=2, max_size=2, unique=True),
    st.one_of(st.just(1.0), st.floats(1e-6, 1e6)),
)


@given(WINDOWS)
def test_a_window_is_read_as_it_is_written(window: Window) -> None:
    assert parse_window(str(window)) == window
    assert parse_window(window) is window


@given(st.integers(0, WEEK_MS // MINUTE_MS - 1))
def test_a_moment_is_read_as_it_is_written(minute: int) -> None:
    assert parse_moment(moment_text(minute * MINUTE_MS)) == minute * MINUTE_MS


@given(st.lists(WINDOWS, max_size=4))
def test_overlap_is_found_exactly_when_a_minute_is_covered_twice(windows: list[Window]) -> None:
    minutes = [
        m for w in windows for a, b in w.spans_ms() for m in range(a // MINUTE_MS, b // MINUTE_MS)
    ]
    assert (overlap(tuple(windows)) is not None) == (len(minutes) != len(set(minutes)))


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("monday 9-12", "is not a stretch of the week; write it like 'mon-fri 09:00-12:30'"),
        ("mon-fri 9-12", "is not a stretch of the week"),
        ("mon 09:00-12:00 x-1", "is not a stretch of the week"),
        (9, "9 is not a stretch of the week"),
        ("fri-mon 09:00-12:00", "runs backwards through the week; write two stretches"),
        ("mon-fri 22:00-06:00", "must end after it starts, by 24:00; for a night write two"),
        ("mon 09:00-09:00", "must end after it starts"),
        ("mon 09:00-24:01", "must end after it starts, by 24:00"),
        ("mon 09:60-11:00", "must end after it starts"),
        ("mon 09:00-12:00 x0", "has a weight of 0; leave the stretch out"),
    ],
)
def test_what_is_no_window_is_refused(text: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse_window(text)


@pytest.mark.parametrize("text", ["13:00", "fri 24:00", "fri 13:60", "mon-fri 13:00", 900, True])
def test_what_is_no_moment_is_refused(text: Any) -> None:
    with pytest.raises(ValueError, match="is not a moment of the week; write it like 'fri 13:00'"):
        parse_moment(text)


def test_every_day_is_known() -> None:
    assert [parse_moment(f"{day} 00:00") // DAY_MS for day in DAYS] == list(range(7))
