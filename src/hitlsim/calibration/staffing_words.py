"""What a staffing answer says in sentences."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .staffing import Staffing

UNEVEN = 1.5
"""Variance of daily counts, over that of independent arrivals, from which it is said."""


def span(minutes: float) -> str:
    """A stretch of time in the unit that fits.

    >>> span(20 / 60), span(45), span(60), span(1440), span(2900)
    ('20 s', '45 min', '1 h', '24 h', '48 h')
    """
    if minutes < 0.995:
        return f"{60 * minutes:.0f} s"
    if minutes < 59.5:
        return f"{minutes:.0f} min" if minutes >= 10 else f"{minutes:.2g} min"
    return f"{minutes / 60:.2g} h" if minutes < 600 else f"{minutes / 60:.0f} h"


def sentences(s: Staffing) -> list[str]:
    """What to do first, then what it rests on."""
    return [_finding(s), *_reasons(s)]


def _finding(s: Staffing) -> str:
    within, target = span(s.within_minutes), f"{s.share:.0%}"
    hours = f"{_hours(s.hours.value)} a week{_interval(s)}, at most {_people(s.most)} at a time"
    gives = (
        f"{_percent(s.in_time)} of the items begin within {within} (the wait is "
        f"{span(s.wait_minutes)} on average, nights included), and people are at work for "
        f"{s.utilisation:.0%} of their time"
    )
    if s.status == "recommended":
        return f"{_subject(s)} needs {hours}: then {gives}."
    if s.status == "out of reach":
        return (
            f"{target} within {within} is out of reach for {_whom(s)} in these hours: "
            f"{_percent(1 - s.reachable)} of the items come when nobody is there for the next "
            f"{within}. Open more hours or allow more time. With {hours}, {gives}."
        )
    return (
        f"Not enough evidence to staff {_whom(s)}; the best guess is {hours}: then {gives}. "
        f"{s.weeks_needed} full weeks like these would do, the log has {s.demand.full_weeks}."
    )


def _reasons(s: Staffing) -> Iterator[str]:
    d = s.demand
    if s.status != "out of reach" and s.reachable < 1 - 5e-4:
        yield (
            f"{_percent(1 - s.reachable)} of the items come when nobody is there for the next "
            f"{span(s.within_minutes)}: no number of people begins those in time."
        )
    if s.work_decides:
        yield (
            "The amount of work decides: with fewer hours people would be at work for more than "
            f"{s.utilisation_limit:.0%} of their time."
        )
    else:
        yield f"The waits decide: the work alone would ask for {_hours(s.for_work)}."
    if not math.isnan(s.set_aside):
        yield f"Set aside now: {_hours(s.set_aside)} a week.{_today(s)}"
    elif s.today.known:
        yield _today(s).strip()
    looks = f", and {d.look_hours:.1f} h of looks afterwards" if d.look_hours >= 0.05 else ""
    phase = "" if d.phase == "all" else f" of {d.phase}"
    n = int(d.items.sum())
    yield (
        f"It rests on {n:,} items in {d.weeks:.3g} weeks{phase}: {n / d.weeks:,.0f} a week, "
        f"{span(d.minutes)} of hands-on work each, so {d.work.value:.1f} h a week{_work(s)}{looks}."
    )
    if d.forgotten:
        yield (
            f"Left out: {d.forgotten:,} hands-on times of more than 8 h, as clocks that nobody "
            "stopped."
        )
    if d.unevenness >= UNEVEN:
        yield (
            f"Days differ more than chance would make them (variance {d.unevenness:.1f} times that "
            "of independent arrivals): on the busy ones less begins in time."
        )


def _today(s: Staffing) -> str:
    if not s.today.known:
        return ""
    interval = f"{100 * s.today.low:.1f}-{100 * s.today.high:.1f}"
    return f" In the log {s.today.value:.1%} ({interval}) began within {span(s.within_minutes)}."


def _whom(s: Staffing) -> str:
    return "the desk" if s.pool == "all" else f"pool {s.pool}"


def _subject(s: Staffing) -> str:
    return _whom(s).capitalize() if s.pool == "all" else f"Pool {s.pool}"


def _interval(s: Staffing) -> str:
    return "" if math.isnan(s.hours.low) else f" (95%: {s.hours.low:.0f} to {s.hours.high:.0f})"


def _work(s: Staffing) -> str:
    w = s.demand.work
    return "" if math.isnan(w.low) else f" ({w.low:.1f}-{w.high:.1f})"


def _hours(value: float) -> str:
    number = f"{value:,.1f}".removesuffix(".0")
    return f"{number} hour" if number == "1" else f"{number} hours"


def _people(n: int) -> str:
    return f"{n} person" if n == 1 else f"{n} people"


def _percent(share: float) -> str:
    """No more certainty than a calculation deserves."""
    return "over 99.9%" if share > 0.999 else f"{share:.1%}"
