from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from hitlsim.decisions.clock import on_clock
from tests.decisions.small_logs import read


@pytest.mark.parametrize(
    ("zone", "local", "instant"),
    [
        ("Europe/Berlin", "2026-03-29T02:15", "2026-03-29T01:00Z"),
        ("Europe/Berlin", "2026-10-25T02:15", "2026-10-25T00:15Z"),
        ("Australia/Lord_Howe", "2026-10-04T02:10", "2026-10-03T15:30Z"),
        ("UTC", "2026-03-29T02:15", "2026-03-29T02:15Z"),
    ],
)
def test_times_the_clocks_repeat_or_jump_over_are_read_by_one_rule(
    zone: str, local: str, instant: str
) -> None:
    assert on_clock([local], ZoneInfo(zone))[0] == pd.Timestamp(instant)


def test_a_missing_time_stays_missing() -> None:
    times = on_clock(["2026-09-01T08:00", None], ZoneInfo("Europe/Berlin"))
    assert times.isna().tolist() == [False, True]


def test_a_real_log_is_read_by_the_rule_the_simulation_writes_by(tmp_path: Path) -> None:
    rows = "decided_at,confidence\n2026-10-04 02:10,0.9\n"
    log = read(tmp_path, rows, "timezone: Australia/Lord_Howe")
    assert log.frame["decided_at"][0] == pd.Timestamp("2026-10-03T15:30Z")
