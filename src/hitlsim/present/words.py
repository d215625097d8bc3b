"""Figures as people read them: with unit, interval and n. Used by pages, figures and terminal."""

from __future__ import annotations

import math

from ..decisions.intervals import Estimate
from ..decisions.metrics import Unit

NOT_ENOUGH = "not enough evidence"


def share(value: float) -> str:
    """A share in percent, with a second decimal where the first would hide it.

    >>> share(0.1234), share(0.0037), share(0.0), share(1.0)
    ('12.3%', '0.37%', '0%', '100%')
    """
    if value in (0.0, 1.0):
        return f"{value:.0%}"
    return f"{value:.2%}" if min(value, 1 - value) < 0.01 else f"{value:.1%}"


def duration(minutes: float) -> str:
    """Minutes, or hours and minutes when long.

    >>> duration(0.75), duration(42), duration(290), duration(6000)
    ('45 s', '42 min', '4 h 50 min', '100 h')
    """
    if minutes < 1:
        return f"{minutes * 60:.0f} s"
    if minutes < 90:
        return f"{minutes:.0f} min"
    whole = round(minutes)
    if whole >= 48 * 60 or not whole % 60:
        return f"{whole / 60:,.0f} h"
    return f"{whole // 60} h {whole % 60} min"


def amount(value: float, unit: Unit | str) -> str:
    """A value in its unit.

    >>> amount(21.6, Unit.HOURS_PER_WEEK), amount(1307, Unit.COUNT)
    ('21.6 h', '1,307')
    """
    if math.isnan(value):
        return NOT_ENOUGH
    match Unit(unit):
        case Unit.SHARE:
            return share(value)
        case Unit.HOURS_PER_WEEK | Unit.HOURS:
            return f"{value:,.1f} h"
        case Unit.MINUTES:
            return duration(value)
        case _:
            return f"{value:,.0f}"


def interval(e: Estimate, unit: Unit | str) -> str:
    """The interval alone; empty for what is counted in full.

    >>> from hitlsim.decisions.intervals import clopper_pearson
    >>> interval(clopper_pearson(50, 400), Unit.SHARE)
    '9.4-16.1%'
    """
    if math.isnan(e.low):
        return ""
    if Unit(unit) is Unit.SHARE:
        digits = 2 if e.high < 0.01 else 1
        return f"{100 * e.low:.{digits}f}-{100 * e.high:.{digits}f}%"
    if Unit(unit) in (Unit.HOURS, Unit.HOURS_PER_WEEK):
        return f"{e.low:,.1f}-{e.high:,.1f} h"
    return f"{amount(e.low, unit)} - {amount(e.high, unit)}"


def figure(e: Estimate, unit: Unit | str) -> str:
    """A figure with its interval; the interval alone where failures are too few for a point.

    >>> from hitlsim.decisions.intervals import clopper_pearson
    >>> figure(clopper_pearson(50, 400), Unit.SHARE)
    '12.5% (9.4-16.1%)'
    """
    if not e.known:
        return NOT_ENOUGH
    between = interval(e, unit)
    if e.few and between:
        return f"somewhere in {between}"
    return f"{amount(e.value, unit)} ({between})" if between else amount(e.value, unit)
