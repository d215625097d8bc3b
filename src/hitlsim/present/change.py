"""Whether a figure moved by more than chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..decisions.counting.metrics import Unit
from ..decisions.estimating.intervals import Estimate
from .style import duration, hours


@dataclass(frozen=True, slots=True)
class Change:
    """The difference of two figures with its 95% interval; NaN where it is not known."""

    value: float
    low: float
    high: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out zero."""
        return self.low > 0 or self.high < 0

    @property
    def up(self) -> bool:
        """Clearly higher."""
        return self.low > 0


def change(new: Estimate, old: Estimate) -> Change:
    """Difference of two independent figures, its interval made from theirs.

    Each side uses the halves of the two intervals that face each other, so that skewed intervals
    stay skewed.

    References
    ----------
    Newcombe 1998, method 10; Zou & Donner 2008 (MOVER).

    Examples
    --------
    >>> from hitlsim.decisions.estimating.intervals import wilson
    >>> c = change(wilson(56, 70), wilson(48, 80))  # Newcombe's first example: .0524 to .3339
    >>> round(c.value, 1), round(c.low, 4), round(c.high, 4), c.clear
    (0.2, 0.0524, 0.3339, True)
    """
    difference = new.value - old.value
    below = math.hypot(new.value - new.low, old.high - old.value)
    above = math.hypot(new.high - new.value, old.value - old.low)
    return Change(difference, difference - below, difference + above)


def change_words(c: Change, unit: Unit | str, since: str) -> str:
    """A change in words; what chance can explain is not called one.

    >>> change_words(Change(0.034, 0.01, 0.05), Unit.SHARE, "August")
    'up 3.4 points since August'
    >>> change_words(Change(0.034, -0.01, 0.05), Unit.SHARE, "August")
    'no clear change since August'
    """
    if math.isnan(c.low):
        return ""
    if not c.clear:
        return f"no clear change since {since}"
    size = abs(c.value)
    if unit == Unit.SHARE:
        amount = f"{100 * size:.1f} points" if size >= 0.001 else "under 0.1 points"
    else:
        amount = duration(size) if unit == Unit.MINUTES else hours(size)
    return f"{'up' if c.up else 'down'} {amount} since {since}"
