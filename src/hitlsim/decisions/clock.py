"""Times of a clock on the wall as instants."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def on_clock(local: Any, zone: tzinfo) -> pd.DatetimeIndex:
    """Instants of local times without offset, to the millisecond; NaT stays NaT.

    Of an hour that comes twice the first is meant; a time that the clocks jump over begins after
    the jump, however long that is (pandas takes every jump for an hour; Lord Howe's is half of
    one).

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> str(on_clock(["2026-10-04T02:10"], ZoneInfo("Australia/Lord_Howe"))[0])
    '2026-10-04 02:30:00+11:00'
    """
    naive: NDArray[Any] = np.array(pd.DatetimeIndex(local).as_unit("ms"))
    first = np.ones(len(naive), bool)
    times = pd.DatetimeIndex(naive).tz_localize(zone, ambiguous=first, nonexistent="NaT")
    jumped_over = np.asarray(times.isna()) & ~np.isnat(naive)
    if jumped_over.any():
        minutes, index = np.unique(naive[jumped_over].astype("M8[m]"), return_inverse=True)
        naive[jumped_over] = np.array([_next_that_exists(m, zone) for m in minutes])[index]
        times = pd.DatetimeIndex(naive).tz_localize(zone, ambiguous=first)
    return times


def _next_that_exists(minute: np.datetime64, zone: tzinfo) -> np.datetime64:
    while True:
        local = minute.astype(datetime).replace(tzinfo=zone)
        if local.astimezone(UTC).astimezone(zone) == local:
            return minute
        minute = minute + np.timedelta64(1, "m")
