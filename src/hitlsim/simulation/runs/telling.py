"""Figures from many runs in words and digits: as many digits as their intervals deserve."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from ...decisions.counting.measure import Unit

_MINUTES_UP_TO = 120
"""Longer waits are told in hours."""
_HOURS_UP_TO = 48
"""What is older is told in days."""
_FINEST = 3
"""Decimals that a difference has at most."""
KEY_METRICS = (
    "decisions", "exception_rate", "override_rate", "human_touch_rate", "true_fn_share",
    "true_fn_of_auto", "review_hours", "utilisation", "freed_hours", "wait_minutes", "within_24h",
    "bounce_rate", "spam_rate", "reply_rate", "meeting_rate", "true_cost",
)  # fmt: skip
"""What is shown first, if the scenario has it."""


class Scale(NamedTuple):
    """How the figures of one metric are written: all of a row alike."""

    factor: float
    word: str
    decimals: int

    def number(self, value: float, *, sign: bool = False) -> str:
        """Without its unit.

        >>> Scale(100, "%", 2).number(0.12337), Scale(1, " h", 1).number(2.04, sign=True)
        ('12.34', '+2.0')
        """
        if math.isnan(value):
            return "-"
        # what is rounded away has no sign
        shown = "+" if sign and self.shows(value) else ""
        value = value if self.shows(value) else 0.0
        return f"{self.factor * value:{shown},.{self.decimals}f}"

    def shows(self, value: float) -> bool:
        """Whether anything is left of a value once it is rounded."""
        return bool(round(self.factor * value, self.decimals))

    def figure(self, value: float) -> str:
        """With its unit.

        >>> Scale(100, "%", 2).figure(0.12337)
        '12.34%'
        """
        return "not known" if math.isnan(value) else f"{self.number(value)}{self.word}"

    def change(self, value: float, half_width: float = math.nan) -> str:
        """A difference with its sign and half its interval; of shares in percentage points.

        >>> Scale(100, "%", 2).change(-0.0031, 0.0012)
        '-0.31 ±0.12 pts'
        """
        half = "" if math.isnan(half_width) else f" ±{self.number(half_width)}"
        word = " pts" if self.word == "%" else self.word
        return f"{self.number(value, sign=True)}{half}{word}"

    def span(self, low: float, high: float) -> str:
        """From one value to another; nothing where there is no such span.

        >>> Scale(100, "%", 1).span(0.119, 0.128)
        '11.9 to 12.8'
        """
        if math.isnan(low) or math.isnan(high) or low == high:
            return ""
        return f"{self.number(low)} to {self.number(high)}"


def scale_of(unit: Unit | str, values: Sequence[float], half_widths: Sequence[float]) -> Scale:
    """How figures of one metric are written side by side.

    Parameters
    ----------
    unit : Unit
    values : sequence of float
        The largest decides between minutes and hours.
    half_widths : sequence of float
        Of their intervals; the narrowest decides on the digits. If there is none, the figures do.

    Examples
    --------
    >>> scale_of(Unit.SHARE, [0.1234], [0.0021])
    Scale(factor=100, word='%', decimals=2)
    >>> scale_of(Unit.MINUTES, [35.0, 400.0], [22.0])
    Scale(factor=0.016666666666666666, word=' h', decimals=2)
    """
    largest = max((abs(v) for v in values if not math.isnan(v)), default=0.0)
    factor, word, most = {
        Unit.SHARE: (100, "%", 3),
        Unit.MINUTES: (1, " min", 1) if largest < _MINUTES_UP_TO else (1 / 60, " h", 2),
        Unit.HOURS: (1, " h", 1) if largest < _HOURS_UP_TO else (1 / 24, " days", 1),
        Unit.HOURS_PER_WEEK: (1, " h", 1),
        Unit.COUNT: (1, "", 0),
        Unit.MONEY: (1, "", 0),
    }[Unit(unit)]
    halves = [h for h in half_widths if h > 0] or [abs(v) for v in values if abs(v) > 0]
    wanted = _decimals(factor * min(halves)) if halves else 0
    least = 1 if word == "%" else 0
    return Scale(factor, word, min(most, max(least, wanted)))


def _decimals(half: float) -> int:
    """So many that half an interval shows one digit from 5 on, else two: 0.8 but 0.32.

    >>> _decimals(0.8), _decimals(0.32), _decimals(7.0)
    (1, 2, 0)
    """
    return 1 - math.floor(math.log10(2 * half))


def finer(scale: Scale, half_width: float) -> Scale:
    """The same unit with the digits that a narrower interval deserves, for a difference.

    >>> finer(Scale(1, " h", 1), 0.04)
    Scale(factor=1, word=' h', decimals=3)
    """
    half = scale.factor * half_width
    if not half > 0:
        return scale
    return scale._replace(decimals=min(_FINEST, max(scale.decimals, _decimals(half))))


def unit_words(unit: Unit | str) -> str:
    """What stands beside a metric's name, where the figures do not say it.

    >>> unit_words("hours a week"), unit_words("share")
    (' (a week)', '')
    """
    return " (a week)" if unit == Unit.HOURS_PER_WEEK else ""
