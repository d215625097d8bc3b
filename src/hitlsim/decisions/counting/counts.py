"""What a log comes down to when only counts are asked for: all that a scorecard is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ...errors import LogError
from ..log import DecisionLog
from .measure import days_of


@dataclass(frozen=True)
class Counts:
    """Sums by day, small enough to keep thousands of.

    Attributes
    ----------
    rows : DataFrame
        As :func:`~hitlsim.decisions.counting.tally.tally` gives: by day of decision, workflow and
        phase.
    work : DataFrame
        As :func:`~hitlsim.decisions.counting.tally.work` gives: minutes by day of the work.
    days : DatetimeIndex
        Every day that the log covers.
    oldest_minutes : Series
        For each of these days the age at its end of what had waited longest; 0 if nothing waited,
        NaN if the log does not say what waited.
    columns : frozenset of str
        Columns of the log in which there is something.
    record : Mapping
        The log's record.
    """

    rows: pd.DataFrame
    work: pd.DataFrame
    days: pd.DatetimeIndex
    oldest_minutes: pd.Series
    columns: frozenset[str]
    record: Mapping[str, Any]

    @classmethod
    def of_log(cls, log: DecisionLog) -> Counts:
        """Count a log."""
        from .tally import tally_and_oldest, work  # Ibis takes a while to come

        days = days_of(log)
        rows, waited = tally_and_oldest(log)
        return cls(rows, work(log), days, waited.set_axis(days), _filled(log), log.record)

    def since(self, day: pd.Timestamp) -> Counts:
        """From one day on: what was decided, worked and waiting then; earlier days are left out.

        Parameters
        ----------
        day : Timestamp
            A day on the log's own clock; the time of day counts for nothing.

        Raises
        ------
        LogError
            When no day is left.

        Examples
        --------
        >>> import hitlsim as hs
        >>> counts = hs.simulate(hs.load("outbound"), seed=7).counts
        >>> later = counts.since(counts.days[14])
        >>> len(counts.days) - len(later.days), bool(later.rows["day"].min() >= counts.days[14])
        (14, True)
        """
        first = day.tz_localize(None).normalize()
        if first > self.days[-1]:
            raise LogError(
                f"no day is left from {first:%Y-%m-%d} on; the last one is "
                f"{self.days[-1]:%Y-%m-%d}: leave out less"
            )
        rows, done = (f[f["day"] >= first].reset_index(drop=True) for f in (self.rows, self.work))
        left = slice(int(self.days.searchsorted(first)), None)
        oldest = self.oldest_minutes.iloc[left]
        return replace(self, rows=rows, work=done, days=self.days[left], oldest_minutes=oldest)


def _filled(log: DecisionLog) -> frozenset[str]:
    return frozenset(name for name in log.frame.columns if log.has(name))
