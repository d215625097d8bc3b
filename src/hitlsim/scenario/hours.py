"""Hours of the week: when work arrives and when people are at the desk."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from itertools import pairwise
from typing import Annotated, Any
from zoneinfo import available_timezones

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
WEEK_MS = 7 * DAY_MS
MINUTE_MS = 60_000

_DAYS = rf"(?P<first>{'|'.join(DAYS)})(?:-(?P<last>{'|'.join(DAYS)}))?"
_CLOCK = r"(\d{1,2}):(\d{2})"
_WINDOW = re.compile(rf"{_DAYS}\s+{_CLOCK}-{_CLOCK}(?:\s+x(?P<weight>\d*\.?\d+))?")
_MOMENT = re.compile(rf"(?P<first>{'|'.join(DAYS)})\s+{_CLOCK}")


@cache
def time_zones() -> frozenset[str]:
    """All there are; finding them walks the file system."""
    return frozenset(available_timezones())


@dataclass(frozen=True, slots=True)
class Window:
    """The same stretch of the day on one or more days of the week.

    >>> parse_window("mon-fri 09:00-12:30").minutes_per_week
    1050
    """

    days: tuple[int, ...]
    start_minute: int
    end_minute: int
    weight: float = 1.0

    @property
    def minutes_per_week(self) -> int:
        return len(self.days) * (self.end_minute - self.start_minute)

    def spans_ms(self) -> list[tuple[int, int]]:
        """Start and end of each stretch, in ms since Monday 00:00."""
        return [
            (d * DAY_MS + self.start_minute * MINUTE_MS, d * DAY_MS + self.end_minute * MINUTE_MS)
            for d in self.days
        ]

    def __str__(self) -> str:
        days = DAYS[self.days[0]] + (f"-{DAYS[self.days[-1]]}" if len(self.days) > 1 else "")
        clock = "-".join(
            f"{m // 60:02d}:{m % 60:02d}" for m in (self.start_minute, self.end_minute)
        )
        weight = f" x{Decimal(repr(self.weight)).normalize():f}" if self.weight != 1 else ""
        return f"{days} {clock}{weight}"


def parse_window(text: Any) -> Window:
    """Read ``mon-fri 09:00-12:30``, with an optional relative weight ``x0.3``.

    >>> str(parse_window("sat 10:00-14:00 x0.3"))
    'sat 10:00-14:00 x0.3'
    """
    if isinstance(text, Window):
        return text
    match = _WINDOW.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        raise ValueError(
            f"{text!r} is not a stretch of the week; write it like 'mon-fri 09:00-12:30'"
        )
    first = DAYS.index(match["first"])
    last = DAYS.index(match["last"]) if match["last"] else first
    start, end = (int(match[i]) * 60 + int(match[i + 1]) for i in (3, 5))
    if last < first:
        raise ValueError(f"{text!r} runs backwards through the week; write two stretches instead")
    if not start < end <= 24 * 60 or int(match[4]) > 59 or int(match[6]) > 59:
        raise ValueError(
            f"{text!r} must end after it starts, by 24:00; for a night write two stretches"
        )
    weight = float(match["weight"]) if match["weight"] else 1.0
    if weight <= 0:
        raise ValueError(f"{text!r} has a weight of 0; leave the stretch out instead")
    return Window(tuple(range(first, last + 1)), start, end, weight)


def parse_moment(text: Any) -> int:
    """Read ``fri 13:00`` as ms since Monday 00:00.

    >>> parse_moment("tue 01:00") // HOUR_MS
    25
    """
    match = _MOMENT.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None or int(match[2]) > 23 or int(match[3]) > 59:
        raise ValueError(f"{text!r} is not a moment of the week; write it like 'fri 13:00'")
    return DAYS.index(match["first"]) * DAY_MS + int(match[2]) * HOUR_MS + int(match[3]) * MINUTE_MS


def moment_text(ms: int) -> str:
    """The inverse of :func:`parse_moment`."""
    return f"{DAYS[ms // DAY_MS]} {ms // HOUR_MS % 24:02d}:{ms // MINUTE_MS % 60:02d}"


def overlap(windows: tuple[Window, ...]) -> str | None:
    """Two stretches that overlap, in words, or None."""
    spans = sorted((span, str(w)) for w in windows for span in w.spans_ms())
    for (a, first), (b, second) in pairwise(spans):
        if b[0] < a[1]:
            return f"'{first}' and '{second}' overlap; merge them"
    return None


WindowText = Annotated[
    Window,
    BeforeValidator(parse_window),
    PlainSerializer(str, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["mon-fri 09:00-12:30"]}),
]
MomentText = Annotated[
    int,
    BeforeValidator(parse_moment),
    PlainSerializer(moment_text, return_type=str),
    WithJsonSchema({"type": "string", "examples": ["fri 13:00"]}),
]
