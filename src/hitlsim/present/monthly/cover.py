"""Which days of a month a log has, and which it lacks though it usually has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.log import DecisionLog, month_span
from ...scenario.explain import listed
from ..style import month_name

START, INSIDE, END = "start", "inside", "end"

_AROUND = 8 * 7
"""Days on either side that say what is usual."""
_UNLIKELY = 1e-3
"""Chance of a silence below which it is told."""
_LEAST_SPREAD = 0.25
"""Square of the coefficient of variation that days are taken to have beyond chance, at least."""
_WORKS = 0.25
"""Part of an average day's decisions from which a weekday is a working day."""
_EDGE = 1
"""Working days that may be missing where a log begins or ends: offices close."""
_MOST = 0.2
"""Share of a month's working days that may be missing in a whole one."""
_SPANS = 6


@dataclass(frozen=True, slots=True)
class Gap:
    """Days without a decision that one would expect to have some.

    Attributes
    ----------
    first, last : Timestamp
        Its first and last working day.
    days : int
        Working days.
    where : str
        ``start`` or ``end`` where the log begins or ends, ``inside`` elsewhere.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    days: int
    where: str

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "first_day": f"{self.first:%Y-%m-%d}",
            "last_day": f"{self.last:%Y-%m-%d}",
            "working_days": self.days,
            "where": self.where,
        }


class Calendar:
    """Every day from a log's first to its last, on its own clock.

    Working days are the log's own: the weekdays that have, on average, at least a quarter of an
    average day's decisions in the weeks around.

    A stretch without a decision inside the log is a gap if chance would leave it empty less than
    once in 1,000, going by the same weekdays of the eight weeks on either side, longer gaps left
    out. Their volume is taken to vary beyond chance by half of itself, or by as much as it did.

    Parameters
    ----------
    decided_at : Series
        When each decision was taken.

    References
    ----------
    Counts that vary beyond chance: the negative binomial distribution. Johnson, Kemp & Kotz,
    *Univariate Discrete Distributions*, 3rd ed., Wiley 2005, chapter 5.

    Examples
    --------
    >>> days = pd.date_range("2026-08-03", "2026-10-30", freq="B").repeat(40)
    >>> calendar = Calendar(pd.Series(days[~days.isin(pd.date_range("2026-09-07", "2026-09-11"))]))
    >>> cover = calendar.month("2026-09")
    >>> cover.told, cover.whole
    ('no decision on 5 of 22 working days (7 to 11 September)', False)
    """

    def __init__(self, decided_at: pd.Series) -> None:
        days = decided_at.dt.tz_localize(None).to_numpy().astype("M8[D]")
        self.first, self.last = pd.Timestamp(days.min()), pd.Timestamp(days.max())
        self._counts = np.bincount((days - days.min()).astype(np.int64))
        self._weekday = (self.first.day_of_week + np.arange(len(self._counts))) % 7
        self._there = np.ones(len(self._counts), bool)
        self._holes = self._found()

    @classmethod
    def of(cls, log: DecisionLog) -> Calendar:
        """Of a decision log."""
        return cls(log.frame["decided_at"])

    def month(self, month: str) -> Cover:
        """What the log has of a month in which it has decisions."""
        start, end = month_span(month, None)
        a, b = self._offset(start), self._offset(end)
        there = np.flatnonzero(self._counts[max(a, 0) : b]) + max(a, 0)
        working = self._working(a, b)
        return Cover(
            month=month,
            first=self._day(there[0]),
            last=self._day(there[-1]),
            working_days=int(working[self._weekdays(a, b)].sum()),
            gaps=tuple(self.gaps(start, end)),
        )

    def empty_before(self, month: str) -> str | None:
        """The month before, if the log reaches further back but has no decision in it."""
        start, _ = month_span(month, None)
        before = f"{start - pd.Timedelta(days=1):%Y-%m}"
        a, b = self._offset(month_span(before, None)[0]), self._offset(start)
        return before if b > 0 and not self._counts[max(a, 0) : b].any() else None

    def gaps(self, start: pd.Timestamp, end: pd.Timestamp) -> Iterator[Gap]:
        """Working days of [start, end) that the log lacks, stretch by stretch."""
        a, b, n = self._offset(start), self._offset(end), len(self._counts)
        working = self._working(a, b)
        inside = ((p, q, INSIDE) for p, q in self._holes if p < b and q > a)
        for p, q, where in ((a, 0, START), *inside, (n, b, END)):
            p, q = max(p, a), min(q, b)  # what of it lies between start and end
            at = np.arange(p, q)[working[self._weekdays(p, q)]]
            if len(at):
                yield Gap(self._day(at[0]), self._day(at[-1]), len(at), where)

    def _found(self) -> list[tuple[int, int]]:
        """Stretches of days inside the log that chance hardly leaves without a decision.

        The longest is tried first, and is then no longer ``there`` to hide the others.
        """
        busy = np.flatnonzero(self._counts)
        stretches = [(p + 1, q) for p, q in pairwise(busy.tolist()) if p + 1 < q]
        for p, q in sorted(stretches, key=lambda s: s[0] - s[1]):
            self._there[p:q] = not self._unlikely(p, q)
        return [(p, q) for p, q in stretches if not self._there[p]]

    def _unlikely(self, p: int, q: int) -> bool:
        """Whether chance hardly leaves the days [p, q) empty."""
        around = np.r_[max(p - _AROUND, 0) : p, q : min(q + _AROUND, len(self._counts))]
        around = around[self._there[around]]
        counts, weekday = self._counts[around], self._weekday[around]
        chance = 1.0
        for w, times in zip(*np.unique(self._weekday[p:q], return_counts=True), strict=True):
            chance *= _chance_of_none(counts[weekday == w]) ** times
        return chance < _UNLIKELY

    def _working(self, a: int, b: int) -> NDArray[np.bool_]:
        """For Monday to Sunday, whether it is a working day around [a, b)."""
        around = slice(max(a - _AROUND, 0), max(b + _AROUND, 0))
        there = self._there[around]
        weekday, counts = self._weekday[around][there], self._counts[around][there]
        times = np.bincount(weekday, minlength=7)
        usual = np.bincount(weekday, counts, 7) / np.maximum(times, 1)
        enough = usual * (times > 0).sum() >= _WORKS * usual.sum()
        # of weekdays that the log does not reach it cannot speak
        return np.where(times > 0, enough, np.arange(7) < 5)

    def _weekdays(self, a: int, b: int) -> NDArray[np.int64]:
        return np.asarray((self.first.day_of_week + np.arange(a, b)) % 7)

    def _offset(self, day: pd.Timestamp) -> int:
        return int((day - self.first).days)

    def _day(self, offset: int) -> pd.Timestamp:
        return self.first + pd.Timedelta(days=int(offset))


def _chance_of_none(counts: NDArray[np.int64]) -> float:
    """Chance of a day without a decision, from the same weekday in the weeks around.

    ``(1 + s m) ** (-1 / s)`` with mean ``m`` and ``s`` what variance there is beyond that of
    chance, in squares of the mean: a negative binomial. Where nothing is known, 1.

    >>> round(_chance_of_none(np.array([20, 20, 20, 20])), 5)
    0.00077
    >>> _chance_of_none(np.array([50, 0, 50, 0])) > 0.01  # every second week
    True
    """
    if len(counts) < 2 or not counts.any():
        return 1.0
    mean = float(counts.mean())
    spread = max(_LEAST_SPREAD, (float(counts.var(ddof=1)) - mean) / mean**2)
    return float((1 + spread * mean) ** (-1 / spread))


@dataclass(frozen=True, slots=True)
class Cover:
    """What a log has of a month.

    Attributes
    ----------
    month : str
        As ``2026-09``.
    first, last : Timestamp
        First and last day with a decision.
    working_days : int
        Of the month; they are the log's own.
    gaps : tuple of Gap
        Working days without a decision, stretch by stretch.
    """

    month: str
    first: pd.Timestamp
    last: pd.Timestamp
    working_days: int
    gaps: tuple[Gap, ...]

    @property
    def missing_days(self) -> int:
        """Working days without a decision that one would expect to have some."""
        return sum(g.days for g in self.gaps)

    @property
    def cut(self) -> bool:
        """Whether the log begins or ends within the month, by more than a closed office."""
        return any(g.where != INSIDE and g.days > _EDGE for g in self.gaps)

    @property
    def whole(self) -> bool:
        """Whether its figures are those of the month.

        One working day may be missing where the log begins or ends, and one in five in all: three
        public holidays are no hole, a week is.
        """
        return not self.cut and self.missing_days <= _MOST * self.working_days

    @property
    def told(self) -> str:
        """What is missing, in words; nothing where nothing is."""
        if not self.gaps:
            return ""
        where = {g.where for g in self.gaps}
        begins = [f"begins on {self.first:%Y-%m-%d}"] if START in where else []
        ends = [f"ends on {self.last:%Y-%m-%d}"] if END in where else []
        cut = f"the log {listed([*begins, *ends])}: " if begins or ends else ""
        return (
            f"{cut}no decision on {self.missing_days} of {self.working_days} working days "
            f"({self._dates()})"
        )

    def _dates(self) -> str:
        spans = [
            str(g.first.day) if g.first == g.last else f"{g.first.day} to {g.last.day}"
            for g in self.gaps
        ]
        shown = spans if len(spans) <= _SPANS else spans[: _SPANS - 1]
        more = f", and {len(spans) - len(shown)} more times" if len(spans) > len(shown) else ""
        return f"{listed(shown)} {month_name(self.month).split()[0]}{more}"

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for a manifest and for ``results.json``."""
        return {
            "first_day": f"{self.first:%Y-%m-%d}",
            "last_day": f"{self.last:%Y-%m-%d}",
            "working_days": self.working_days,
            "missing_days": self.missing_days,
            "gaps": [g.to_dict() for g in self.gaps],
            "whole": self.whole,
            "told": self.told,
        }
