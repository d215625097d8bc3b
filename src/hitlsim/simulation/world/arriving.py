"""When decisions arise: by the hours of the week, in busy and quiet weeks, and in lists."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ...scenario.hours import DAY_MS, WEEK_MS, Window
from ...scenario.scenario import Scenario
from ...scenario.surface import Workflow
from .streams import Of


def weekly(w: Workflow, weeks: int) -> NDArray[np.float64]:
    """Mean number of decisions in each week, lists apart."""
    return np.asarray(w.volume_per_week * (1 + w.growth_per_week) ** np.arange(weeks))


def holiday_days(scenario: Scenario) -> set[int]:
    """Days of the run that are holidays, the first being 0."""
    return {(day - scenario.start).days for day in scenario.holidays}


def list_drops(scenario: Scenario, w: Workflow) -> list[tuple[int, int]]:
    """(moment in ms, contacts) of each list: the first such moment of each calendar month.

    On a holiday it comes at the same hour of the next day that is none.
    """
    if w.list_drop is None:
        return []
    away, lists = holiday_days(scenario), []
    for week in range(scenario.weeks):
        moment = week * WEEK_MS + w.list_drop.at
        if not scenario.first_of_month(moment):
            continue
        while moment // DAY_MS in away:
            moment += DAY_MS
        if moment < scenario.weeks * WEEK_MS:
            lists.append((moment, w.list_drop.contacts))
    return lists


def arrivals(scenario: Scenario, w: Workflow, of: Of) -> NDArray[np.int64]:
    """When the decisions of one workflow arise, sorted.

    Poisson with a rate that is constant within each stretch of the week and grows; its level
    varies from week to week by a gamma factor where real weeks vary more than Poisson's.
    """
    rng = of("arrival")
    mean = weekly(w, scenario.weeks)
    if w.dispersion > 1:
        mean = mean * _busy(mean, w.dispersion, of("busy weeks"))
    steady = _by_hours(scenario.hours[w.hours], mean, holiday_days(scenario), rng)
    lists = [np.full(n, moment, np.int64) for moment, n in list_drops(scenario, w)]
    return np.sort(np.concatenate([steady, *lists])) if lists else steady


def _busy(
    mean: NDArray[np.float64], dispersion: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """A factor for each week: with it the variance of the count is ``dispersion`` times the mean.

    Var = m + m^2 v = m * dispersion, hence v = (dispersion - 1) / m.
    """
    variance = np.divide(dispersion - 1, mean, out=np.ones_like(mean), where=mean > 0)
    return np.asarray(rng.gamma(1 / variance, variance))


def _by_hours(
    windows: tuple[Window, ...],
    mean: NDArray[np.float64],
    holidays: set[int],
    rng: np.random.Generator,
) -> NDArray[np.int64]:
    weeks = len(mean)
    spans = [(a, b, win.weight) for win in windows for a, b in win.spans_ms()]
    start, end = (np.array([s[i] for s in spans], np.int64) for i in (0, 1))
    mass = (end - start) * np.array([s[2] for s in spans])
    offset = np.arange(weeks)[:, None] * WEEK_MS + start[None, :]
    expected = np.outer(mean, mass / mass.sum())
    if holidays:
        expected[np.isin(offset // DAY_MS, sorted(holidays))] = 0.0
    counts = rng.poisson(expected)
    first = np.repeat(offset.ravel(), counts.ravel())
    length = np.repeat(np.tile(end - start, weeks), counts.ravel())
    return np.sort(first + (rng.random(len(first)) * length).astype(np.int64))
