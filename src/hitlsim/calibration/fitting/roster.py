"""Who is at the desk when: shifts and holidays from the times at which work is begun."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import ks_2samp

from ...decisions.estimating.intervals import Estimate, counted
from ...scenario.hours import Window, parse_window
from .learnt import Book

_QUARTER = 15
_DAY_MINUTES = 24 * 60
_REGULAR = 0.5
"""Who is there on this share of their weekdays has a fixed place in the week."""
_WANDERS = 0.25
"""And begins their days at about the same time: within this part of their hours."""
_ALIKE = 0.001
"""Days are told apart where chance would make them differ so much once in a thousand times."""
_FEW_STARTS = 12
_USUAL = 0.15
"""A weekday on which somebody came this often, relative to their busiest one, is theirs."""
_GAP = 3
"""So many quarters of an hour without a start end a shift."""
OFFICE = "mon-fri 09:00-17:00"


class Desk(NamedTuple):
    """The work of one pool."""

    pool: str
    work: pd.DataFrame
    """person, start, minutes."""
    days: pd.DatetimeIndex


def learn_roster(desk: Desk, book: Book) -> dict[str, str]:
    """Write the pool's people with their shifts.

    Gives for each person of the log their name in the scenario: the pool's, with a number.
    """
    begun = desk.work[desk.work["start"].notna()]
    here = ("pools", desk.pool, "reviewers")
    if begun.empty:
        why = f"The log does not say when work at {desk.pool} is begun, or by how many people"
        _assume_one(desk.pool, why, book)
        known = [p for p in desk.work["person"].unique() if p]
        return {known[0]: f"{desk.pool[:30]}-1"} if len(known) == 1 else {}
    people = [p for p in begun["person"].unique() if p]
    if not people:
        book.note(f"The log does not name who works at {desk.pool}: it is taken to be one person.")
        begun = begun.assign(person="one")
        people = ["one"]
    regular = {p: _is_regular(begun[begun["person"] == p], desk.days) for p in people}
    if sum(regular.values()) < len(people) / 2:
        learn_places(desk.pool, begun, desk.days, book)
        book.crowds[desk.pool] = people
        return {}
    counts = begun["person"].value_counts()
    order = sorted(people, key=lambda p: (begun.loc[begun["person"] == p, "start"].min(), p))
    names = {p: f"{desk.pool[:30]}-{i}" for i, p in enumerate(order, 1)}
    for person in order:
        mine = begun[begun["person"] == person]
        windows = shifts_of(mine["start"])
        book.say((*here, names[person], "shifts"), [str(w) for w in windows])
        away = _away(mine, desk)
        if away:
            book.say((*here, names[person], "holidays"), away)
        hours = sum(w.minutes_per_week for w in windows) / 60
        e = counted(hours, float(counts[person]), "quarters of an hour in which work is begun")
        how = f"{hours:g} h a week, to the quarter hour, by when work is begun"
        book.describe((*here, names[person], "shifts"), e, how)
    return names


def _assume_one(pool: str, why: str, book: Book) -> None:
    book.assume(("pools", pool, "reviewers", f"{pool[:30]}-1", "shifts"), [OFFICE])
    book.note(f"{why}: one person, {OFFICE}, is an assumption.")


def _is_regular(work: pd.DataFrame, days: pd.DatetimeIndex) -> bool:
    """Whether somebody is mostly there on the weekdays on which they come at all."""
    own = work["start"].dt.normalize().drop_duplicates()
    of = days[(days >= own.min()) & (days <= own.max())]
    came = np.bincount(own.dt.day_of_week, minlength=7)
    could = np.bincount(of.day_of_week, minlength=7)
    usual = came >= 0.25 * np.maximum(could, 1)
    if not usual.any():
        return False
    fixed_days = came[usual].sum() >= _REGULAR * could[usual].sum()
    return bool(fixed_days) and _wander(work) <= _WANDERS


def _wander(work: pd.DataFrame) -> float:
    """How far somebody's day begins now early, now late, relative to what would be their shift.

    The middle half of first starts, on days with much to do. Who runs out of work still comes at
    the same time.
    """
    day = work["start"].dt.normalize()
    much = work[day.map(day.value_counts()) >= _FEW_STARTS]
    if much["start"].dt.normalize().nunique() < _FEW_STARTS:
        return 0.0
    first = much["start"].groupby(much["start"].dt.normalize()).min()
    minute = np.asarray(first.dt.hour * 60 + first.dt.minute)
    every = np.asarray(much["start"].dt.hour * 60 + much["start"].dt.minute)
    low, high = np.quantile(every, [0.025, 0.975])
    return float(np.subtract(*np.quantile(minute, [0.75, 0.25])) / max(high - low, _QUARTER))


def _away(work: pd.DataFrame, desk: Desk) -> list[str]:
    """Days without any work of somebody who else never misses that day: five running, or more."""
    own = pd.DatetimeIndex(work["start"].dt.normalize().unique())
    usual = np.bincount(own.day_of_week, minlength=7) >= 0.6 * np.bincount(
        desk.days.day_of_week, minlength=7
    )
    expected = desk.days[usual[desk.days.day_of_week]]
    missed = np.asarray(~expected.isin(own))
    out: list[str] = []
    run: list[pd.Timestamp] = []
    for day, gone in [*zip(expected, missed, strict=True), (None, False)]:
        if gone:
            run.append(day)
        else:
            out += [f"{d:%Y-%m-%d}" for d in run] if len(run) >= 5 else []
            run = []
    return out


# --- shifts of one person ------------------------------------------------------------------------


def shifts_of(start: pd.Series) -> list[Window]:
    """The stretches of the week in which somebody usually begins work, to the quarter hour.

    Weekdays are taken together unless their times of day clearly differ.

    Examples
    --------
    >>> days = pd.date_range("2026-08-03", periods=28)
    >>> at = [d + pd.Timedelta(minutes=m) for d in days if d.weekday() < 5
    ...       for m in range(9 * 60, 10 * 60 + 30, 6)]
    >>> [str(w) for w in shifts_of(pd.Series(at))]
    ['mon-fri 09:00-10:30']
    """
    day = np.asarray(start.dt.day_of_week)
    minute = np.asarray(start.dt.hour * 60 + start.dt.minute)
    own = start.dt.normalize()
    came = np.array([own[day == d].nunique() for d in range(7)])
    # who has little to do begins nothing on many a day at the desk
    usual = [d for d in range(7) if came[d] >= max(1, _USUAL * came.max())]
    same: dict[tuple[tuple[int, int], ...], list[int]] = {}
    for group in _alike(usual, day, minute):
        rows = np.isin(day, group)
        spans = _stretches(minute[rows], int(came[group].sum()))
        same.setdefault(tuple(spans), []).extend(group)
    windows = [
        Window(part, begin, end)
        for spans, group in same.items()
        for part in _runs(sorted(group))
        for begin, end in spans
    ]
    return sorted(windows, key=lambda w: (w.days[0], w.start_minute))


def _alike(usual: list[int], day: NDArray[np.int64], minute: NDArray[np.int64]) -> list[list[int]]:
    """Groups of weekdays whose starts have the same times of day."""
    groups: list[list[int]] = []
    for d in sorted(usual, key=lambda d: -int((day == d).sum())):
        mine = minute[day == d]
        for group in groups:
            theirs = minute[np.isin(day, group)]
            few = min(len(mine), len(theirs)) < _FEW_STARTS
            if few or ks_2samp(mine, theirs, method="asymp").pvalue > _ALIKE:
                group.append(d)
                break
        else:
            groups.append([d])
    return [sorted(g) for g in groups]


def _stretches(minute: NDArray[np.int64], days: int) -> list[tuple[int, int]]:
    """Runs of quarter hours with starts; what is rare beside the rest is overtime."""
    quarters = np.bincount(minute // _QUARTER, minlength=_DAY_MINUTES // _QUARTER)
    least = max(1.0, 0.02 * float(quarters[quarters > 0].mean()), 0.01 * days)
    at = np.flatnonzero(quarters >= least)
    if not len(at):
        at = np.flatnonzero(quarters)
    cuts = np.flatnonzero(np.diff(at) > _GAP)
    firsts, lasts = at[np.append(0, cuts + 1)], at[np.append(cuts, len(at) - 1)]
    return [
        (int(a) * _QUARTER, (int(b) + 1) * _QUARTER) for a, b in zip(firsts, lasts, strict=True)
    ]


def _runs(days: list[int]) -> list[tuple[int, ...]]:
    """Days that follow each other, together."""
    out: list[tuple[int, ...]] = []
    for d in days:
        if out and out[-1][-1] == d - 1:
            out[-1] = (*out[-1], d)
        else:
            out.append((d,))
    return out


# --- places at a desk where people come and go ---------------------------------------------------


def learn_places(pool: str, work: pd.DataFrame, days: pd.DatetimeIndex, book: Book) -> None:
    """Places instead of people, where nobody has fixed days: as many as are usually taken.

    A weekday's stays are parted, from the early to the late ones, into as many as people came on
    average; each part gives a place its hours.
    """
    stays = stays_of(work)
    open_days = days[days.isin(stays["day"].unique())]
    weekday = [d for d in range(5) if (open_days.day_of_week == d).any()]
    groups = [g for g in (weekday, [5], [6]) if g]
    places: dict[int, list[str]] = {}
    for group in groups:
        mine = stays[stays["day"].dt.day_of_week.isin(group)]
        covered = days[days.day_of_week.isin(group)]
        if len(mine) < 0.5 * len(covered):
            continue
        people = _mean_people(mine, covered)
        for i, (begin, end) in enumerate(_typical(mine, max(1, round(people.value)))):
            texts = [str(Window(part, begin, end)) for part in _runs(group)]
            places.setdefault(i, []).extend(texts)
        label = "mon-fri" if group == weekday else ("sat", "sun")[group[0] - 5]
        book.note(f"At {pool} {people.value:.1f} people ({people.low:.1f} to {people.high:.1f}) "
                  f"work on a day, {label}.")  # fmt: skip
    if not places:
        why = f"Work at {pool} is begun on {stays['day'].nunique()} of {len(days)} days only"
        _assume_one(pool, why, book)
    for i, texts in places.items():
        path = ("pools", pool, "reviewers", f"{pool[:30]}-{i + 1}")
        book.say((*path, "shifts"), texts)
        hours = sum(parse_window(t).minutes_per_week for t in texts) / 60
        e = counted(hours, float(len(stays)), "stays of people, from the early to the late ones")
        book.describe((*path, "shifts"), e, f"{hours:g} h a week: a place, not a person")


def stays_of(work: pd.DataFrame) -> pd.DataFrame:
    """For each person and day the first start and the end of the last piece of work."""
    named = work[work["person"] != ""]
    minutes = named["minutes"].clip(upper=120).fillna(0.0)
    end = named["start"] + pd.to_timedelta(minutes, unit="min")
    day = named["start"].dt.normalize()
    grouped = pd.DataFrame({"start": named["start"], "end": end}).groupby([named["person"], day])
    stays = grouped.agg(start=("start", "min"), end=("end", "max"))
    stays.index.names = ["person", "day"]
    return stays.reset_index()


def _mean_people(stays: pd.DataFrame, days: pd.DatetimeIndex) -> Estimate:
    """People a day; days as they come."""
    counts = stays.groupby("day").size()
    counts = counts[counts.index.isin(days)]
    error = float(counts.std(ddof=1)) / np.sqrt(len(counts)) if len(counts) > 1 else 0.0
    value = float(counts.mean())
    return Estimate(value, value - 1.96 * error, value + 1.96 * error, len(counts),
                    "days independent of each other")  # fmt: skip


def _typical(stays: pd.DataFrame, n: int) -> list[tuple[int, int]]:
    """So many stays from the earliest to the latest, each the median of its part."""
    begin = ((stays["start"] - stays["day"]).dt.total_seconds() / 60).to_numpy()
    end = ((stays["end"] - stays["day"]).dt.total_seconds() / 60).to_numpy()
    out = []
    for part in np.array_split(np.lexsort((end, begin)), n):
        first = int(np.median(begin[part]) // _QUARTER) * _QUARTER
        last = int(-(-np.median(end[part]) // _QUARTER)) * _QUARTER
        out.append((first, min(_DAY_MINUTES, max(first + _QUARTER, last))))
    return out
