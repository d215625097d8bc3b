"""Local times of a run as days and as instants, many at once."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ...decisions.clock import WallClock
from ...scenario.hours import DAY_MS

Times = NDArray[np.int64]

_EPOCH = date(1970, 1, 1)


class RunClock:
    """The log's clock for times in milliseconds since a run's first day, local wall clock.

    Parameters
    ----------
    start : date
    timezone : str
    n_days : int
        So many days there are times on.

    Examples
    --------
    >>> clock = RunClock(date(2026, 3, 23), "America/Nuuk", 7)
    >>> jump = 6 * DAY_MS - DAY_MS // 24  # from Saturday 23:00 to Sunday 0:00
    >>> clock.days(np.array([jump - 1, jump])).tolist()
    [5, 6]
    >>> clock.since_epoch(np.array([0, jump, 6 * DAY_MS])).astype("M8[ms]").astype(str).tolist()
    ['2026-03-23T02:00:00.000', '2026-03-29T01:00:00.000', '2026-03-29T01:00:00.000']
    """

    def __init__(self, start: date, timezone: str, n_days: int) -> None:
        first = (start - _EPOCH) // timedelta(days=1)
        self._clock = WallClock(ZoneInfo(timezone), first + np.arange(n_days + 1))
        self._start_ms = first * DAY_MS
        midnights = DAY_MS * np.arange(n_days + 1)
        self._midnights = self.since_epoch(midnights)
        # some clocks jump to midnight or over it
        last = self.since_epoch(midnights[1:] - 1)
        self._midnight_is_skipped = bool((last >= self._midnights[1:]).any())

    def since_epoch(self, time_ms: Times) -> Times:
        """Instants, as milliseconds of UTC since 1970."""
        return np.asarray(self._clock.instants(self._start_ms + time_ms))

    def days(self, time_ms: Times) -> Times:
        """The day that the clock shows, the first being 0."""
        if not self._midnight_is_skipped:
            return time_ms // DAY_MS
        passed = np.searchsorted(self._midnights, self.since_epoch(time_ms), side="right")
        return np.asarray(passed - 1)


@cache
def run_clock(start: date, timezone: str, n_days: int) -> RunClock:
    """The same clock for all runs of a scenario."""
    return RunClock(start, timezone, n_days)
