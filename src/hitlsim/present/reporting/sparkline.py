"""A small chart of one figure over months, as SVG that any browser draws without help."""

from __future__ import annotations

import math
from html import escape

from ...decisions.counting.metrics import BY_NAME
from ...decisions.estimating.intervals import Estimate
from ..style import BLUE, GREY, INK, written

_WIDTH, _HEIGHT, _EDGE = 240, 64, 10
_FOOT = 14
"""Height, in the same units, of the line with the months' names."""


def sparkline(title: str, months: list[tuple[str, Estimate]], metric: str) -> str:
    """A figure month by month: points with their intervals, joined where months follow each other.

    Parameters
    ----------
    title : str
        Name of the figure.
    months : list of (str, Estimate)
        Name of each month and its figure, the earliest first; one that is not known leaves a gap.
    metric : str
        What it is, for its unit.

    Examples
    --------
    >>> e = Estimate(0.12, 0.11, 0.13, 100, "")
    >>> sparkline("Rate", [("August 2026", e), ("September 2026", e)], "fn_share").count("<circle")
    2
    """
    known = [(name, e) for name, e in months if e.known]
    if len(known) < 2:
        return '<p class="small">not known for two months</p>'
    ends = [v for _, e in known for v in (e.value, e.low, e.high) if not math.isnan(v)]
    low, high = min(ends), max(ends)
    room = (high - low) or abs(high) or 1.0

    def x(i: int) -> float:
        return _EDGE + i * (_WIDTH - 2 * _EDGE) / (len(months) - 1)

    def y(value: float) -> float:
        return _EDGE + (1 - (value - low) / room) * (_HEIGHT - 2 * _EDGE)

    marks = []
    for i, (_, e) in enumerate(months):
        if not e.known:
            continue
        before = months[i - 1][1] if i else None
        if before is not None and before.known and not (before.few or e.few):
            marks.append(_line(x(i - 1), y(before.value), x(i), y(e.value), BLUE, 1.6))
        if not math.isnan(e.low):
            marks.append(_line(x(i), y(e.low), x(i), y(e.high), BLUE, 4.5, 0.35))
        if not e.few:
            marks.append(_dot(x(i), y(e.value), INK if i == len(months) - 1 else BLUE))
    first, last = (_short(months[i][0]) for i in (0, -1))
    foot = _HEIGHT + _FOOT - 3
    unit = BY_NAME[metric].unit
    told = "; ".join(f"{name} {written(e, unit)}" for name, e in known)
    return (
        f'<svg class="spark" viewBox="0 0 {_WIDTH} {_HEIGHT + _FOOT}" role="img" '
        f'aria-label="{escape(title)} month by month: {escape(told)}">{"".join(marks)}'
        f'<text x="0" y="{foot}" font-size="11" fill="{GREY}">{escape(first)}</text>'
        f'<text x="{_WIDTH}" y="{foot}" font-size="11" fill="{GREY}" text-anchor="end">'
        f"{escape(last)}</text></svg>"
    )


def _line(
    x1: float, y1: float, x2: float, y2: float, colour: str, width: float, opacity: float = 1.0
) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" '
        f'stroke-width="{width}" stroke-linecap="round" opacity="{opacity:g}"/>'
    )


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="{colour}"/>'


def _short(month: str) -> str:
    """September 2026 as Sep 2026.

    >>> _short("September 2026")
    'Sep 2026'
    """
    name, _, year = month.partition(" ")
    return f"{name[:3]} {year}"
