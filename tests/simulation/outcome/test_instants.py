"""A run's clock says what the log's timestamps say."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.clock import on_clock
from hitlsim.scenario.hours import DAY_MS, MINUTE_MS
from hitlsim.simulation.outcome.instants import Times, run_clock

CHANGES = [
    ("UTC", "2026-03-23"),
    ("Asia/Kolkata", "2026-03-23"),
    ("Europe/Berlin", "2026-03-23"),
    ("Europe/Berlin", "2026-10-19"),
    ("Australia/Lord_Howe", "2026-03-30"),
    ("Australia/Lord_Howe", "2026-09-28"),
    ("America/Nuuk", "2026-03-23"),
    ("America/Havana", "2026-03-02"),
    ("America/Havana", "2026-10-26"),
    ("Africa/Cairo", "2026-04-20"),
    ("Africa/Cairo", "2026-10-26"),
    ("America/St_Johns", "2010-11-01"),  # at one minute past midnight, back over it
    ("Pacific/Apia", "2011-12-26"),  # over a whole day
]
"""Zones whose clocks change within two weeks of a Monday, and two in which nothing changes."""


def check(zone: str, start: str, time_ms: Times) -> None:
    first = date.fromisoformat(start)
    clock = run_clock(first, zone, 14)
    log = on_clock(np.datetime64(first, "ms") + time_ms.astype("m8[ms]"), ZoneInfo(zone))
    np.testing.assert_array_equal(clock.since_epoch(time_ms), log.as_unit("ms").asi8)
    days = (log.tz_localize(None) - pd.Timestamp(first)) // pd.Timedelta(days=1)
    np.testing.assert_array_equal(clock.days(time_ms), days)


@pytest.mark.parametrize(("zone", "start"), CHANGES)
def test_every_minute_of_a_fortnight_is_as_in_the_log(zone: str, start: str) -> None:
    minutes = np.arange(0, 14 * DAY_MS, MINUTE_MS)
    for off in (-1, 0, 1):
        check(zone, start, minutes[1:] + off)


@given(
    zone=st.sampled_from(
        ["Europe/Berlin", "America/Nuuk", "America/Santiago", "Africa/Casablanca"]
    ),
    monday=st.integers(0, 3000),
    times=st.lists(st.integers(0, 14 * DAY_MS - 1), min_size=1, max_size=30),
)
def test_so_is_any_time_of_any_year(zone: str, monday: int, times: list[int]) -> None:
    start = date.fromordinal(date(1995, 1, 2).toordinal() + 7 * monday)
    check(zone, start.isoformat(), np.array(times))
