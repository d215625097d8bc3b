"""How many decisions a week: level, growth, and how far busy weeks differ from quiet ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import chdtr, chdtri, stdtrit

from ...decisions.estimating.intervals import Estimate
from .learnt import Book, Joint, Path_, Scale
from .rhythm import Rhythm, alike, rhythm_of
from .seen import Seen

Floats = NDArray[np.float64]

_WEEKS_FOR_GROWTH = 4
_MOST_GROWTH = 0.5
"""What a scenario allows, up or down; what changes faster starts or stops, and does not grow."""
_LIST = 20
"""So many decisions of one workflow that arise at one moment are a list."""
_SURELY_BUSY = 12.0
"""Decisions expected on a day; that none comes then has a chance below 1 in 100,000."""
_SURELY_TOGETHER = 0.999
_WEEKS = "weeks independent of each other"


@dataclass(frozen=True)
class Weekly:
    """Level, growth and dispersion of weekly counts.

    ``mean`` and ``cov`` belong to the logarithms of the first covered week's mean and of
    1 + growth.
    """

    mean: Floats
    cov: Floats
    dispersion: Estimate
    grows: bool
    expected: Floats
    """Mean of each week."""
    rest: Floats
    """What each week had above it."""


def weekly(counts: Floats, exposure: Floats) -> Weekly:
    """Fit counts that grow evenly and vary ``dispersion`` times as much as chance alone.

    Parameters
    ----------
    counts : array
        Decisions in each week.
    exposure : array
        How much of each week was covered, 1 for all of it.

    Notes
    -----
    Quasi-Poisson regression with a log link; the dispersion is Pearson's chi squared over its
    degrees of freedom, and at least 1. Where fewer than four weeks have anything in them, or the
    growth would be more than a scenario allows, the level is constant.

    References
    ----------
    McCullagh & Nelder 1989, Generalized Linear Models, 2nd ed., section 6.2.

    Examples
    --------
    >>> found = weekly(np.array([100.0, 110, 121, 133.1]), np.ones(4))
    >>> float(np.exp(found.mean[0]).round(6)), float(np.expm1(found.mean[1]).round(6))
    (100.0, 0.1)
    """
    used = exposure > 0.02
    week, n, e = np.flatnonzero(used).astype(float), counts[used], exposure[used]
    level = np.ones((len(n), 1))
    design = np.column_stack([level, week - week[0]])
    grows = bool((n > 0).sum() >= _WEEKS_FOR_GROWTH)
    if grows:
        beta = _regression(design, n, e)
        grows = bool(abs(math.expm1(beta[1])) <= _MOST_GROWTH)
    if not grows:
        design, beta = level, _regression(level, n, e)
    mu = np.exp(design @ beta) * e
    free = len(n) - len(beta)
    dispersion = _dispersion(float(((n - mu) ** 2 / mu).sum()), free)
    cov = np.zeros((2, 2))
    k = len(beta)
    spread = max(1.0, dispersion.value)
    # Student's tails where the dispersion itself is estimated
    wide = (stdtrit(free, 0.975) / 1.959964) ** 2 if free and dispersion.value > 1 else 1.0
    cov[:k, :k] = np.linalg.inv(design.T @ (design * mu[:, None])) * spread * wide
    expected, rest = np.zeros(len(counts)), np.zeros(len(counts))
    expected[used], rest[used] = mu, n - mu
    mean = np.array([beta[0], beta[1] if grows else 0.0])
    return Weekly(mean, cov, dispersion, grows, expected, rest)


def _regression(design: Floats, n: Floats, exposure: Floats) -> Floats:
    """Coefficients of a Poisson regression with a log link, by Newton's steps."""
    beta = np.zeros(design.shape[1])
    beta[0] = math.log(max(n.sum(), 0.5) / exposure.sum())
    for _ in range(50):
        mu = np.exp(design @ beta) * exposure
        step = np.linalg.solve(design.T @ (design * mu[:, None]), design.T @ (n - mu))
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-10:
            break
    return beta


def _dispersion(chi2: float, free: int) -> Estimate:
    """Pearson's estimate, at least 1, and the interval of a chi squared."""
    if free < 1:
        return Estimate(1.0, math.nan, math.nan, 0, "too few weeks")
    low, high = (chi2 / float(chdtri(free, p)) for p in (0.025, 0.975))
    return Estimate(max(1.0, chi2 / free), max(1.0, low), max(1.0, high), free + 2, _WEEKS)


def free_days(seen: Seen) -> pd.DatetimeIndex:
    """Days on which nothing arrived though much was to be expected: holidays."""
    day = seen.arrived.dt.normalize()
    counts = day.value_counts().reindex(seen.days, fill_value=0)
    usual = counts.groupby(counts.index.day_of_week).transform("median")
    return counts.index[(counts == 0) & (usual >= _SURELY_BUSY)]


def learn_volumes(seen: Seen, book: Book) -> None:
    """Volume, growth, dispersion and hours of every workflow, lists and holidays."""
    away = free_days(seen)
    book.say(("holidays",), [f"{day:%Y-%m-%d}" for day in away])
    if len(away):
        book.note(f"{len(away)} days without any decision are taken for holidays: "
                  f"{', '.join(f'{d:%Y-%m-%d}' for d in away[:6])}"
                  f"{' ...' if len(away) > 6 else ''}.")  # fmt: skip
    open_days = seen.days.difference(away)
    hours: dict[str, list[str]] = {}
    if seen.dates_only:
        book.note("The log has dates without a time of day: hours are taken to be 08:00-18:00.")
    flows = {}
    for name in seen.workflows:
        here = ("workflows", name)
        times = seen.arrived[seen.workflow == name]
        rest = _without_lists(times, here, book, seen)
        if len(rest):
            flows[name] = _count(name, rest, open_days, seen, book)
        else:
            book.count((*here, "volume_per_week"), 0.0, len(times), "all of it comes by list")
            known = next(iter(hours), None)
            if known is None:
                hours["office"] = ["mon-fri 08:00-18:00"]
                book.say(("hours", "office"), hours["office"])
            book.say((*here, "hours"), known or "office")
    factor = _together([f.weekly for f in flows.values()], seen.weeks, book)
    for name, flow in flows.items():
        _write(name, flow, factor, book)
        _learn_hours(name, flow.rhythm, book, hours)


def _together(flows: list[Weekly], weeks: int, book: Book) -> float:
    """How much more all together vary than if each were busy in its own weeks.

    A scenario draws each workflow's weeks by themselves; where the log's go together, each has to
    vary more, so that the sum varies enough.
    """
    if len(flows) < 2:
        return 1.0
    rest, expected = np.zeros(weeks), np.zeros(weeks)
    for f in flows:
        rest += f.rest
        expected += f.dispersion.value * f.expected
    used = expected > 0
    free = int(used.sum()) - 2
    if free < 4:
        return 1.0
    chi2 = float((rest[used] ** 2 / expected[used]).sum())
    if chdtr(free, chi2) < _SURELY_TOGETHER:
        return 1.0
    factor = chi2 / free
    book.note(f"Workflows are busy in the same weeks: together they vary {factor:.1f} times as "
              "much as each by itself would make them. A scenario draws each by itself, so their "
              "dispersion is raised by that.")  # fmt: skip
    return factor


def _without_lists(times: pd.Series, here: Path_, book: Book, seen: Seen) -> pd.Series:
    """What does not come by list; a list is learnt if the log shows one.

    A moment that a list of dates shares with others is no list. A scenario's lists come once a
    month: what comes in lots more often counts as all else, so that no decision gets lost.
    """
    if seen.dates_only:
        return times
    same = times.map(times.value_counts())
    lists = times[same >= _LIST]
    drops = lists.value_counts().sort_index()
    drops = drops[drops.index != drops.index.normalize()]
    if drops.empty:
        return times
    hours = set(drops.index.strftime("%H:%M"))
    if not drops.index.to_period("M").is_unique or len(hours) > 1:
        book.note(f"{here[-1]} has {len(drops)} moments at which {_LIST} decisions or more arise, "
                  "and they are no list that comes once a month at one time of day: the scenario "
                  "has them one by one, spread over the hours in which they come.")  # fmt: skip
        return times
    first = drops.index[0]
    size = round(float(drops.mean()))
    book.count((*here, "list_drop", "contacts"), size, len(drops), "mean size of a list")
    day = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")[first.weekday()]
    book.say((*here, "list_drop", "at"), f"{day} {first:%H:%M}")
    return times[~times.isin(drops.index)]


class _Flow(NamedTuple):
    """One workflow's arrivals."""

    weekly: Weekly
    rhythm: Rhythm
    n: int


def _count(
    name: str, times: pd.Series, open_days: pd.DatetimeIndex, seen: Seen, book: Book
) -> _Flow:
    begins = times.min().normalize()
    week_of_first = int((begins - seen.monday).days) // 7
    own_days = open_days[open_days >= seen.monday + pd.Timedelta(weeks=week_of_first)]
    rhythm = rhythm_of(times, own_days)
    week = np.asarray((times - seen.monday).dt.days // 7)
    counts = np.bincount(week, minlength=seen.weeks).astype(float)
    number = np.asarray((own_days - seen.monday).days // 7)
    of_day = rhythm.by_day[np.asarray(own_days.day_of_week)]
    exposure = np.asarray(np.bincount(number, of_day, seen.weeks), float)
    if (begins - seen.days[0]).days >= 7:
        book.note(f"{name} begins in week {week_of_first + 1}; the scenario has it from the first.")
    found = weekly(counts, exposure)
    used = found.expected > 0
    if not found.grows and used.sum() >= _WEEKS_FOR_GROWTH:
        book.note(f"{name} comes in {(counts[used] > 0).sum()} of the {used.sum()} weeks since its "
                  "first, and starts or stops rather than grows: the scenario has their mean in "
                  "every week.")  # fmt: skip
    return _Flow(found, rhythm, len(times))


def _write(name: str, flow: _Flow, factor: float, book: Book) -> None:
    found, here = flow.weekly, ("workflows", name)
    cov = found.cov * factor
    paths = ((*here, "volume_per_week"), (*here, "growth_per_week"))
    k = 2 if found.grows else 1
    joint = Joint(
        paths[:k], (Scale.LOG, Scale.GROWTH)[:k], ((1e-6, 1e7), (-_MOST_GROWTH, _MOST_GROWTH))[:k],
        found.mean[:k], cov[:k, :k],
    )  # fmt: skip
    said = ("mean of the first week", "even growth from week to week")
    book.learn_together(joint, [flow.n] * k, said[:k])
    if not math.isnan(found.dispersion.low):
        e = found.dispersion.scaled(factor)
        how = "variance / mean of weekly counts"
        book.learn((*here, "dispersion"), e, how, Scale.LOG, (1.0, 50.0))


def _learn_hours(name: str, rhythm: Rhythm, book: Book, hours: dict[str, list[str]]) -> None:
    profile = alike(rhythm.texts, hours)
    if profile is None:
        profile = name
        hours[name] = rhythm.texts
        book.say(("hours", name), rhythm.texts)
        for i, stretch in enumerate(rhythm.stretches):
            book.describe(("hours", name, i), stretch.per_hour, "arrivals an hour")
    book.say(("workflows", name, "hours"), profile)
