"""Hours of the week in which something happens: stretches with an even rate."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import gammaincinv

from ...decisions.estimating.intervals import Estimate
from ...scenario.hours import Window

Floats = NDArray[np.float64]

_BINS, _BIN_MINUTES = 48, 30
_CAUTION = 1.5
"""Real days differ more than by chance, so that a change of rate must show a little more."""
_RARE, _RARE_RATE = 0.003, 0.02
"""A stretch with less of everything, and at less than this part of the highest rate, is left out.
"""
_OFFICE = (8 * 60, 18 * 60)


@dataclass(frozen=True)
class Stretch:
    """Some hours of some days, with an even rate.

    Attributes
    ----------
    days : tuple of int
        Days of the week, Monday is 0.
    start, end : int
        Minutes since midnight.
    count : int
        How often it happened in them.
    hours : float
        Hours of such stretches that the log covers.
    """

    days: tuple[int, ...]
    start: int
    end: int
    count: int
    hours: float

    @property
    def per_hour(self) -> Estimate:
        """Rate with the exact Poisson interval."""
        low = gammaincinv(self.count, 0.025) if self.count else 0.0
        high = gammaincinv(self.count + 1, 0.975)
        return Estimate(
            self.count / self.hours, float(low) / self.hours, float(high) / self.hours, self.count,
            "independent of each other",
        )  # fmt: skip


@dataclass(frozen=True)
class Rhythm:
    """The week as stretches, in order."""

    stretches: tuple[Stretch, ...]

    @cached_property
    def texts(self) -> list[str]:
        """As a scenario writes them, with weights relative to the one where most happens."""
        base = max(self.stretches, key=lambda s: s.count)
        rate = base.count / base.hours
        return [
            str(
                Window(s.days, s.start, s.end, max(0.001, float(f"{s.count / s.hours / rate:.3g}")))
            )
            for s in self.stretches
        ]

    @cached_property
    def by_day(self) -> Floats:
        """Share of a week's happenings that falls on each day."""
        share = np.zeros(7)
        for s in self.stretches:
            share[list(s.days)] += s.count / s.hours * (s.end - s.start)
        return np.asarray(share / share.sum())

    def expected(self, days: pd.DatetimeIndex) -> float:
        """How many whole weeks' worth some days are."""
        return float(self.by_day[np.asarray(days.day_of_week)].sum())


def rhythm_of(times: pd.Series, days: pd.DatetimeIndex) -> Rhythm:
    """Find the stretches of the week with an even rate.

    Days that follow each other are taken together, and half-hours too, wherever the Bayesian
    information criterion finds no sign that they differ.

    Parameters
    ----------
    times : Series of datetime64
        When it happened, on the wall's clock.
    days : DatetimeIndex
        The days covered, those without anything included.

    Returns
    -------
    Rhythm

    References
    ----------
    Jackson et al. 2005, An algorithm for optimal partitioning of data on an interval.

    Examples
    --------
    >>> days = pd.date_range("2026-08-03", periods=28)
    >>> at = [d + pd.Timedelta(minutes=m) for d in days if d.weekday() < 5
    ...       for m in range(9 * 60, 17 * 60, 7)]
    >>> rhythm_of(pd.Series(at), days).texts
    ['mon-fri 09:00-17:00']
    """
    seen = np.bincount(days.day_of_week, minlength=7).astype(float)
    day = np.asarray(times.dt.day_of_week)
    if (times == times.dt.normalize()).all():
        return _dates(day, seen)
    bins = np.asarray(times.dt.hour * 2 + times.dt.minute // _BIN_MINUTES)
    counts = np.bincount(day * _BINS + bins, minlength=7 * _BINS).reshape(7, _BINS)
    price = _CAUTION * math.log(len(times) + 7 * _BINS)
    best: list[tuple[float, list[Stretch]]] = [(0.0, [])]
    for end in range(1, 8):
        found = []
        for start in range(end):
            cost, stretches = _even_days(counts, seen, start, end, price)
            found.append((best[start][0] + cost, [*best[start][1], *stretches]))
        best.append(min(found, key=lambda f: f[0]))
    return Rhythm(_usual(best[7][1]))


def _usual(stretches: list[Stretch]) -> tuple[Stretch, ...]:
    """Without hours in which next to nothing happens."""
    total = sum(s.count for s in stretches)
    most = max(s.count / s.hours for s in stretches)
    return tuple(
        s for s in stretches
        if s.count >= _RARE * total or s.count / s.hours >= _RARE_RATE * most
    )  # fmt: skip


def _even_days(
    counts: NDArray[np.int64], seen: Floats, first: int, end: int, price: float
) -> tuple[float, list[Stretch]]:
    """Cost of taking some days to be alike, and their stretches."""
    weight = seen[first:end].sum()
    if not weight:
        return price, []
    edges, cost = _segments(counts[first:end].sum(axis=0), weight, price)
    # what these days together are less likely than each with its own number
    total, own = counts[first:end].sum(axis=1), seen[first:end]
    mean = total.sum() / weight
    for n, days in zip(total, own, strict=True):
        if n and mean:
            cost += n * math.log(n / (days * mean)) - (n - days * mean)
        else:
            cost += days * mean
    out = []
    for a, b in edges:
        n = int(counts[first:end, a:b].sum())
        if n:
            hours = weight * (b - a) * _BIN_MINUTES / 60
            days = tuple(range(first, end))
            out.append(Stretch(days, a * _BIN_MINUTES, b * _BIN_MINUTES, n, float(hours)))
    return cost + price, out


def _segments(
    counts: NDArray[np.int64], weight: float, price: float
) -> tuple[list[tuple[int, int]], float]:
    """Cut a day where its rate changes: least minus log-likelihood, plus a price for each cut."""
    upto = np.concatenate([[0], np.cumsum(counts)]).astype(float)
    best, cut = np.zeros(_BINS + 1), np.zeros(_BINS + 1, int)
    for j in range(1, _BINS + 1):
        n, width = upto[j] - upto[:j], (j - np.arange(j)) * weight
        with np.errstate(divide="ignore", invalid="ignore"):
            fit = np.where(n > 0, n - n * np.log(n / width), 0.0)
        total = best[:j] + fit + price
        cut[j] = int(np.argmin(total))
        best[j] = total[cut[j]]
    edges, j = [], _BINS
    while j:
        edges.append((int(cut[j]), j))
        j = int(cut[j])
    return edges[::-1], float(best[_BINS])


def _dates(day: NDArray[np.int64], seen: Floats) -> Rhythm:
    """Where the log has no times of day, an office's hours are taken, day by day."""
    counts = np.bincount(day, minlength=7)
    hours = (_OFFICE[1] - _OFFICE[0]) / 60
    return Rhythm(
        tuple(
            Stretch((d,), *_OFFICE, int(counts[d]), float(seen[d] * hours))
            for d in range(7)
            if counts[d] and seen[d]
        )
    )


def alike(texts: Sequence[str], known: dict[str, list[str]]) -> str | None:
    """Name of a rhythm that is written the same; None if there is none."""
    return next((name for name, other in known.items() if list(texts) == other), None)
