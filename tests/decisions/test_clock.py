from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from hitlsim.decisions import clock
from hitlsim.decisions.clock import NAT, WallClock, in_zone, on_clock, on_wall
from tests.decisions.small_logs import read

DAY_MS = 86_400_000
ODD = (
    "Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Caracas",
    "America/Nuuk", "Africa/Cairo", "Africa/Casablanca", "Asia/Gaza", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Antarctica/Troll", "UTC",
)  # fmt: skip
ZONES = st.sampled_from(ODD).map(ZoneInfo)


def wall(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute)  # noqa: DTZ001 - what the clock shows


def told(local: Any, zone: ZoneInfo) -> list[datetime]:
    """Instants in UTC: of a time that comes twice Python finds no instant equal to another's."""
    instants: list[datetime] = on_clock(local, zone).tz_convert("UTC").to_pydatetime().tolist()
    return instants


def slowly(local: datetime, zone: ZoneInfo) -> datetime:
    """The rule, minute by minute."""
    while True:
        instant = local.replace(tzinfo=zone).astimezone(UTC)  # of two such times the first
        if instant.astimezone(zone).replace(tzinfo=None) == local:
            return instant
        local = local.replace(second=0, microsecond=0) + timedelta(minutes=1)


# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        ("Europe/Berlin", "2026-03-29T02:15", "2026-03-29T01:00Z"),
        ("Europe/Berlin", "2026-10-25T02:15", "2026-10-25T00:15Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30Z"),
        ("UTC", "2026-03-29T02:15", "2026-03-29T02:15Z"),
        # a whole day that never was
        ("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00Z"),
        # the clocks jump over midnight
        ("America/Nuuk", "2026-03-28T23:30", "2026-03-29T01:00Z"),
    ],
)
def test_times_the_clocks_repeat_or_jump_over_are_read_by_one_rule(
    zone: str, local: str, instant: str
) -> None:
    assert on_clock([local], ZoneInfo(zone))[0] == pd.Timestamp(instant)


def test_a_missing_time_stays_missing() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert on_clock(["2026-09-01T08:00", None], berlin).isna().tolist() == [False, True]
    assert on_clock([None], berlin).isna().all()
    assert in_zone(np.array([NAT, 0]), berlin).isna().tolist() == [True, False]


@pytest.mark.parametrize("zone", ["Pacific/Apia", "Pacific/Pago_Pago", "Europe/Berlin"])
def test_the_ends_of_the_calendar_are_no_trouble(zone: str) -> None:
    first, last = np.datetime64("0001-01-02", "ms"), np.datetime64("9999-12-30", "ms")
    times = on_clock(np.array([first, last]), ZoneInfo(zone))
    assert (times.tz_localize(None).to_numpy() == [first, last]).all()


def test_instants_are_held_in_milliseconds_and_in_the_zone() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    times = on_clock(pd.DatetimeIndex(["2026-09-01"], name="at"), berlin)
    assert times.dtype == pd.DatetimeTZDtype("ms", berlin)
    assert times.name is times.freq is None


def test_a_real_log_is_read_by_the_rule_the_simulation_writes_by(tmp_path: Path) -> None:
    rows = "decided_at,confidence\n2026-10-04 02:10,0.9\n"
    log = read(tmp_path, rows, "timezone: Australia/Lord_Howe")
    assert log.frame["decided_at"][0] == pd.Timestamp("2026-10-03T15:30Z")


# --- properties ----------------------------------------------------------------------------------


@given(
    zone=ZONES,
    first=st.datetimes(wall(1973, 1, 1), wall(2060, 1, 1)),
    apart=st.lists(st.timedeltas(timedelta(0), timedelta(days=300)), min_size=1, max_size=9),
)
@example(ZoneInfo("Europe/Berlin"), wall(2026, 3, 29, 1, 59), [timedelta(minutes=1)] * 2)
def test_the_table_of_changes_says_what_the_rule_says(
    zone: ZoneInfo, first: datetime, apart: list[timedelta]
) -> None:
    local = [first + sum(apart[:i], timedelta(0)) for i in range(len(apart) + 1)]
    local = [at.replace(microsecond=at.microsecond // 1000 * 1000) for at in local]
    assert told(local, zone) == [slowly(at, zone) for at in local]


@given(
    zone=ZONES,
    day=st.integers(1_200, 32_000),
    seconds=st.lists(st.integers(-5_400, 5_400), min_size=1),
)
def test_around_a_change_too(zone: ZoneInfo, day: int, seconds: list[int]) -> None:
    days = np.arange(day, day + 200)
    offsets = days * DAY_MS - WallClock(zone, days).instants(days * DAY_MS)
    changed = days[1:][np.diff(offsets) != 0]
    hours = (changed[:, None] * 24 + np.arange(-24, 1)).ravel() * 3600
    local = np.add.outer(hours, seconds).ravel().tolist()
    local = [wall(1970, 1, 1) + timedelta(seconds=s) for s in local]
    assert told(local, zone) == [slowly(at, zone) for at in local]


@given(
    zone=ZONES,
    first=st.datetimes(wall(1973, 1, 1), wall(2060, 1, 1)),
    apart=st.timedeltas(timedelta(0), timedelta(days=300)),
)
@example(ZoneInfo("Europe/Berlin"), wall(2026, 10, 25, 2, 30), timedelta(days=1))
@example(ZoneInfo("Europe/Berlin"), wall(2026, 3, 29, 2), timedelta(hours=1))
def test_doubtful_are_the_times_python_finds_twice_or_never(
    zone: ZoneInfo, first: datetime, apart: timedelta
) -> None:
    local = [at.replace(microsecond=0) for at in (first, first + apart)]
    millis = np.array(local, "M8[ms]").astype(np.int64)
    # one offset before and one after a change: of a time that comes once they are the same
    twice = [at.replace(tzinfo=zone, fold=0).utcoffset() != at.replace(tzinfo=zone, fold=1)
             .utcoffset() for at in local]  # fmt: skip
    assert on_wall(millis, zone)[1].tolist() == twice


@given(
    zone=ZONES,
    minutes=st.lists(st.integers(2_000_000, 40_000_000), min_size=1),
    few=st.integers(0, 200),
)
def test_comparing_and_searching_agree(zone: ZoneInfo, minutes: list[int], few: int) -> None:
    local = np.array(minutes) * 60_000
    table = WallClock(zone, local // DAY_MS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "_FEW", few)
        some = table.instants(local)
        patch.setattr(clock, "_FEW", 0)
        np.testing.assert_array_equal(table.instants(local), some)
