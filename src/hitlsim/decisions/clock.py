"""Times of a clock on the wall as instants."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Times = NDArray[np.int64]

NAT = np.iinfo(np.int64).min
"""A missing time among milliseconds, as numpy and pandas hold it."""
_FEW = 6
"""Up to so many changes it is quicker to compare with each than to search."""
_DAY_S, _DAY_MS = 86_400, 86_400_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_S, _LAST_S = (
    (datetime(*day, tzinfo=UTC) - _EPOCH) // timedelta(seconds=1)
    for day in ((1, 1, 2), (9999, 12, 30))
)
"""A day inside the ends of Python's calendar."""


class WallClock:
    """The clock on the wall of a zone on some days, as a table of its changes.

    Of an hour that comes twice the first is meant; a time that the clocks jump over begins after
    the jump, however long that is.

    Parameters
    ----------
    zone : tzinfo
    days : array of int
        Days on the wall, counted from 1970-01-01.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> clock = WallClock(ZoneInfo("Europe/Berlin"), np.array([20_542]))
    >>> local = np.array(["2026-03-29T02:15"], "M8[ms]")  # from 02:00 to 03:00 the clocks jump
    >>> clock.instants(local.astype(np.int64)).astype("M8[ms]").astype(str).tolist()
    ['2026-03-29T01:00:00.000']
    """

    def __init__(self, zone: tzinfo, days: Times) -> None:
        # no clock is further than a day from UTC
        around = np.unique(np.add.outer(np.unique(days), (-1, 0, 1, 2))) * _DAY_S
        moments = np.unique(np.clip(around, _FIRST_S, _LAST_S)).tolist()
        shown = [_offset_ms(zone, moment) for moment in moments]
        # each stretch: its first instant, its offset, and from when on the wall it holds
        self._begins, self._offset, self._from = [NAT], shown[:1], []
        for (early, before), (late, after) in pairwise(zip(moments, shown, strict=True)):
            if after != before:
                change = 1000 * _change(zone, early, late)
                self._begins.append(change)
                self._offset.append(after)
                self._from.append(change + before)

    @property
    def stretches(self) -> list[tuple[int, int]]:
        """Begin and offset of each, in milliseconds; the first has begun since ever (``NAT``)."""
        return list(zip(self._begins, self._offset, strict=True))

    def instants(self, local: Times) -> Times:
        """Milliseconds since 1970 on the wall as those of UTC."""
        # what is jumped over would come before its stretch begins
        if len(self._from) > _FEW:
            stretch = np.searchsorted(self._from, local, side="right")
            utc = local - np.take(self._offset, stretch)
            return np.asarray(np.maximum(utc, np.take(self._begins, stretch)))
        utc = local - self._offset[0]
        for shown, begins, offset in zip(
            self._from, self._begins[1:], self._offset[1:], strict=True
        ):
            utc = np.where(local < shown, utc, np.maximum(local - offset, begins))
        return np.asarray(utc)

    def doubtful(self, local: Times) -> NDArray[np.bool_]:
        """Which times on the wall come twice or never.

        >>> from zoneinfo import ZoneInfo
        >>> clock = WallClock(ZoneInfo("Europe/Berlin"), np.array([20_542]))
        >>> local = np.array(["2026-03-29T01:59", "2026-03-29T02:15", "2026-03-29T03:00"], "M8[ms]")
        >>> clock.doubtful(local.astype(np.int64)).tolist()
        [False, True, False]
        """
        which = np.zeros(len(local), bool)
        for shown, (before, after) in zip(self._from, pairwise(self._offset), strict=True):
            then = shown - before + after  # what the clock shows after the change
            which |= (local >= min(shown, then)) & (local < max(shown, then))
        return which


def _offset_ms(zone: tzinfo, moment_s: int) -> int:
    offset = (_EPOCH + timedelta(seconds=moment_s)).astimezone(zone).utcoffset()
    return (offset or timedelta()) // timedelta(milliseconds=1)


def _change(zone: tzinfo, early: int, late: int) -> int:
    """The second from which on the clock shows another offset than at the ``early`` one."""
    before = _offset_ms(zone, early)
    seconds = range(early, late)
    return early + bisect_left(seconds, True, key=lambda s: _offset_ms(zone, s) != before)


def on_clock(local: Any, zone: tzinfo) -> pd.DatetimeIndex:
    """Instants of local times without offset, to the millisecond; NaT stays NaT.

    By the rule of :class:`WallClock`. (pandas takes every jump for an hour; Lord Howe's is half of
    one.)

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> str(on_clock(["2026-10-04T02:10"], ZoneInfo("Australia/Lord_Howe"))[0])
    '2026-10-04 02:30:00+11:00'
    """
    naive: Times = np.array(pd.DatetimeIndex(local).as_unit("ms")).astype(np.int64)
    return in_zone(on_wall(naive, zone)[0], zone)


def on_wall(local: Times, zone: tzinfo) -> tuple[Times, NDArray[np.bool_]]:
    """Milliseconds of a wall clock as those of UTC; and which times come twice or never.

    ``NAT`` stays ``NAT``.

    Examples
    --------
    >>> from zoneinfo import ZoneInfo
    >>> local = np.array(["2026-10-25T02:30", "NaT"], "M8[ms]").astype(np.int64)
    >>> on_wall(local, ZoneInfo("Europe/Berlin"))[1].tolist()
    [True, False]
    """
    utc, doubtful = local.copy(), np.zeros(len(local), bool)
    known = local != NAT
    if known.any():
        times = local[known]
        clock = WallClock(zone, times // _DAY_MS)
        utc[known], doubtful[known] = clock.instants(times), clock.doubtful(times)
    return utc, doubtful


def in_zone(utc: Times, zone: tzinfo) -> pd.DatetimeIndex:
    """Milliseconds of UTC since 1970 as instants; ``NAT`` is missing."""
    return pd.DatetimeIndex(utc.view("M8[ms]")).tz_localize("UTC").tz_convert(zone)
