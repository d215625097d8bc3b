"""Whether the clock of a work log is right: what the times themselves tell, and what they cannot.

That the hours of work do not move when the clocks change shows that times are those of a clock on
the wall. That people come at full hours shows that its minutes are right. Whether its hours are
cannot be seen in the log alone: work from 8 to 20 looks like work from 9 to 21. It takes one thing
more that somebody knows - when the desk opens - or a decision log of the same work.
"""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import Estimate
from ...decisions.log import DecisionLog
from ...decisions.reading.work_log import WorkLog
from ...errors import LogError
from .roster import stays_of

_USUAL = "09:00"
"""When a desk opens, where nobody says."""
_HALF_HOUR = 30
_EDGE = 0.025
_NEAR_MINUTES = 15
_BOOTSTRAPS = 400
_LEAST_STARTS, _LEAST_DAYS, _LEAST_PAIRS = 200, 20, 30
_AROUND_DAYS = 28
_ON_THE_HOUR = 20
"""Minutes after the full hour in which people who come at the hour have begun."""


class Clock(NamedTuple):
    """What is known of a log's clock.

    Attributes
    ----------
    shift_minutes : float
        To be added to its times; 0 where nothing says that it is wrong.
    notes : list of str
        Findings, with what they rest on and how sure they are.
    """

    shift_minutes: float
    notes: list[str]


def clock_of(
    work: WorkLog,
    log: DecisionLog | None = None,
    *,
    opens: str | None = None,
    asked: float | None = None,
    rng: np.random.Generator,
) -> Clock:
    """Find out whether a work log's clock is right.

    Parameters
    ----------
    work : WorkLog
    log : DecisionLog, optional
        Decisions of the same desk, with ``started_at``; cases that stand in both tell the clocks
        apart.
    opens : str, optional
        When the desk opens on weekdays, as ``09:00``.
    asked : float, optional
        Minutes by which somebody wants the times moved; nothing else is then looked for.
    rng : Generator
        For the error of the time at which work begins.

    Returns
    -------
    Clock
    """
    local = work.frame["start"].dt.tz_localize(None)
    weekdays = local[local.dt.day_of_week < 5]
    opening = _minute_said(opens or _USUAL)
    days = weekdays.dt.normalize().nunique()
    enough = days >= _LEAST_DAYS
    notes = [*(_said_of_changes(weekdays) if enough else []), *_said_of_full_hours(work)]
    shift: float = 0
    if asked is not None:
        shift, said = asked, _as_asked(asked)
    elif log is not None and (paired := _by_pairs(work, log)) is not None:
        shift, said = paired
    elif not enough:
        said = _too_few(days)
    elif opens is not None:
        shift, said = _by_opening(weekdays, opening, rng)
    else:
        said = _not_told(weekdays, opening, rng)
    return Clock(shift, [*notes, said])


def minutes_of(text: str, option: str = "--clock-shift") -> float:
    """A shift of the clock, forward or back.

    >>> minutes_of("1h"), minutes_of("-30min")
    (60.0, -30.0)
    """
    match = re.fullmatch(r"([+-]?\d+(?:\.\d+)?)\s*(h|min)", text.strip().lower())
    if match is None or abs(float(match[1]) * (60 if match[2] == "h" else 1)) > 24 * 60:
        raise LogError(f"{option} {text!r} must be a time such as 1h, -2h or 30min, a day at most")
    return float(match[1]) * (60 if match[2] == "h" else 1)


def _minute_said(opens: str) -> int:
    match = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", opens.strip())
    if match is None:
        raise LogError(f"--opens {opens!r} must be a time of day, such as 09:00")
    return int(match[1]) * 60 + int(match[2])


def _minute_of_day(times: pd.Series) -> np.ndarray:
    return np.asarray(times.dt.hour * 60 + times.dt.minute + times.dt.second / 60, float)


def _span(times: pd.Series) -> str:
    low, high = np.quantile(_minute_of_day(times), [_EDGE, 1 - _EDGE])
    return f"{_clock(low)}-{_clock(high)}"


def _clock(minute: float) -> str:
    whole = round(minute)
    return f"{whole // 60:02d}:{whole % 60:02d}"


# --- daylight saving -----------------------------------------------------------------------------


def _said_of_changes(weekdays: pd.Series) -> list[str]:
    """How far the hours of work moved on the days on which Europe's or America's clocks change."""
    still = []
    for day, where in _changes(weekdays):
        e = _moved(weekdays, day)
        if e is None:
            continue
        between = f"{e.value:+.0f} min (95%: {e.low:+.0f} to {e.high:+.0f})"
        if e.low < -_HALF_HOUR or e.high > _HALF_HOUR:
            said = (
                f"When {where} clocks changed on {day:%Y-%m-%d}, the hours of work moved by "
                f"{between}: the work log may not be on the team's clock; say its timezone."
            )
            return [said]
        still.append(f"{where} on {day:%Y-%m-%d}: {between}")
    if not still:
        return []
    said = (
        f"The hours of work did not move by an hour when clocks changed ({'; '.join(still)}): the "
        "work log shows the clock on the wall, not UTC, if the team changes its clocks."
    )
    return [said]


def _changes(weekdays: pd.Series) -> list[tuple[pd.Timestamp, str]]:
    first, last = weekdays.min(), weekdays.max()
    out = []
    for zone, where in (("Europe/Berlin", "Europe's"), ("America/New_York", "America's")):
        noon = pd.date_range(first.normalize(), last.normalize(), tz=zone) + pd.Timedelta(hours=12)
        offset = np.array([t.utcoffset().total_seconds() for t in noon])
        out += [(noon[i + 1].tz_localize(None).normalize(), where)
                for i in np.flatnonzero(np.diff(offset))]  # fmt: skip
    return sorted(out)[:2]


def _moved(weekdays: pd.Series, day: pd.Timestamp) -> Estimate | None:
    """Mean time of day at which work begins, after minus before; days resemble each other."""
    means = []
    span = pd.Timedelta(days=_AROUND_DAYS)
    for start, end in ((day - span, day), (day, day + span)):
        part = weekdays[(weekdays >= start) & (weekdays < end)]
        minute = pd.Series(_minute_of_day(part), part.index)
        by_day = minute.groupby(part.dt.normalize()).agg(["mean", "size"])
        by_day = by_day[by_day["size"] >= _ON_THE_HOUR]["mean"]
        if len(by_day) < 10:
            return None
        means.append((float(by_day.mean()), float(by_day.var(ddof=1)) / len(by_day), len(by_day)))
    value = means[1][0] - means[0][0]
    half = 1.96 * float(np.sqrt(means[0][1] + means[1][1]))
    return Estimate(value, value - half, value + half, means[0][2] + means[1][2],
                    "days independent of each other")  # fmt: skip


# --- full hours ----------------------------------------------------------------------------------


def _said_of_full_hours(work: WorkLog) -> list[str]:
    """Whether people come at full hours by this clock."""
    frame = work.frame.assign(start=work.frame["start"].dt.tz_localize(None), minutes=work.minutes)
    stays = stays_of(frame)
    if len(stays) < _LEAST_STARTS:
        return []
    minute = stays["start"].dt.minute
    share, chance = float((minute < _ON_THE_HOUR).mean()), _ON_THE_HOUR / 60
    half = 1.96 * float(np.sqrt(share * (1 - share) / len(stays)))
    if share - half < chance + 0.05:
        return []
    hours = stays.loc[minute < _ON_THE_HOUR, "start"].dt.hour.value_counts(normalize=True)
    usual = sorted(hours.index[hours >= 0.1])
    said = (
        f"People begin their day in the first {_ON_THE_HOUR} minutes of an hour in {share:.0%} of "
        f"cases ({share - half:.0%} to {share + half:.0%}, n = {len(stays):,}; by chance "
        f"{chance:.0%}), mostly at {', '.join(f'{h:02d}:00' for h in usual)}: the minutes of the "
        "work log's clock are right."
    )
    return [said]


# --- the hour ------------------------------------------------------------------------------------


def _as_asked(minutes: float) -> str:
    if not minutes:
        return "The work log's times are left as they are, as asked."
    return f"The work log's times are moved by {minutes:+g} minutes, as asked."


def _too_few(days: int) -> str:
    return (
        f"Whether the hours of the work log's clock are right cannot be told: it has {days} "
        f"weekdays, too few to check; that takes {_LEAST_DAYS}. Its times are left as they are."
    )


def _by_opening(weekdays: pd.Series, opening: int, rng: np.random.Generator) -> tuple[int, str]:
    """How far the clock is off if the desk opens at a known time."""
    edge = _edge(weekdays, rng)
    shift = round((opening - edge.value) / _HALF_HOUR) * _HALF_HOUR
    sure = abs(edge.low + shift - opening) <= _NEAR_MINUTES and (
        abs(edge.high + shift - opening) <= _NEAR_MINUTES
    )
    begins = (
        f"97.5% of the work on weekdays begins after {_clock(edge.value)} (95%: "
        f"{_clock(edge.low)} to {_clock(edge.high)}, n = {edge.n:.0f} days) by the work log, and "
        f"the desk opens at {_clock(opening)}"
    )
    if not sure:
        return 0, f"{begins}: that fits no shift by full or half hours, so none is made."
    if not shift:
        return 0, f"{begins}: its clock is right."
    way = "behind" if shift > 0 else "ahead"
    return shift, (
        f"The clock of the work log seems {_hours(abs(shift))} {way}: {begins}. All its times are "
        "moved by that; --clock-shift 0h leaves them."
    )


def _not_told(weekdays: pd.Series, opening: int, rng: np.random.Generator) -> str:
    """What the work alone leaves open, and how far off its clock is if the desk is a usual one."""
    said = (
        "Whether the hours of the work log's clock are right cannot be told from it alone. By it "
        f"95% of the work on weekdays begins {_span(weekdays)}. "
    )
    shift, _ = _by_opening(weekdays, opening, rng)
    if not shift:
        return f"{said}If your desk opens at another time, say so (--opens {_USUAL})."
    way = "behind" if shift > 0 else "ahead"
    return (
        f"{said}If your desk opens at {_USUAL}, as most do, it is {_hours(abs(shift))} {way}: "
        f"--opens {_USUAL} puts it right."
    )


def _hours(minutes: int) -> str:
    if minutes == 60:
        return "an hour"
    return f"{minutes / 60:g} hours" if minutes % 60 == 0 or minutes > 60 else f"{minutes} minutes"


def _edge(weekdays: pd.Series, rng: np.random.Generator) -> Estimate:
    """When the desk opens: the time of day after which all but 2.5% of the work begins.

    Its interval is by drawing days anew.
    """
    minute = _minute_of_day(weekdays)
    _, day = np.unique(weekdays.dt.normalize().to_numpy(), return_inverse=True)
    days = int(day.max()) + 1
    by_day = np.split(minute[np.argsort(day, kind="stable")], np.cumsum(np.bincount(day))[:-1])
    again = [
        float(np.quantile(np.concatenate([by_day[i] for i in rng.integers(0, days, days)]), _EDGE))
        for _ in range(_BOOTSTRAPS)
    ]
    low, high = np.quantile(again, [0.025, 0.975])
    value = float(np.quantile(minute, _EDGE))
    return Estimate(value, float(low), float(high), days, "days independent of each other")


def _by_pairs(work: WorkLog, log: DecisionLog) -> tuple[int, str] | None:
    """How far the clocks of two logs of the same work are apart; None if too little is in both."""
    if not log.has("started_at"):
        return None
    theirs = log.frame[log.frame["started_at"].notna()].set_index(
        log.frame.loc[log.frame["started_at"].notna(), "decision_id"].astype(str)
    )["started_at"]
    theirs = theirs[~theirs.index.duplicated()]
    first = work.frame[work.frame["case"] != ""].groupby("case")["start"].min()
    both = theirs.index.intersection(first.index)
    if len(both) < _LEAST_PAIRS:
        return None
    off = (theirs[both] - first[both]).dt.total_seconds() / 60
    shift = round(float(off.median()) / _HALF_HOUR) * _HALF_HOUR
    agree = float(((off - shift).abs() <= _NEAR_MINUTES).mean())
    said = f"{len(both):,} cases stand in both logs"
    if agree < 0.5:
        return 0, f"{said}, but their clocks are not apart by a fixed time, so none is moved."
    if not shift:
        return 0, f"{said}, and for {agree:.0%} of them the clocks agree."
    way = "behind" if shift > 0 else "ahead of"
    return shift, (
        f"The clock of the work log is {_hours(abs(shift))} {way} that of the decision log: "
        f"{said}, and {agree:.0%} of them are so far apart. All its times are moved by that."
    )
