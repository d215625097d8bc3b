"""How the times of a column are written, found out by looking at them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from ..parts import ISO

Order = Literal["day first", "month first"]
ORDERS: tuple[Order, Order] = ("day first", "month first")
_ISO = re.compile(
    r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?( ?(Z|[+-]\d{2}(:?\d{2})?))?)?"
)
_NUMERIC = re.compile(r"(\d{1,4})([/.-])(\d{1,2})\2(\d{2}|\d{4})(?!\d)")
_BARE = re.compile(r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?!\d)")
_WORDED = (
    (re.compile(r"\d{1,2}([ -])[A-Za-z]{3}\1(\d{4})(?!\d)"), "%d{0}%b{0}%Y"),
    (re.compile(r"\d{1,2}([ -])[A-Za-z]{3}\1(\d{2})(?!\d)"), "%d{0}%b{0}%y"),
    (re.compile(r"[A-Za-z]{3}( )\d{1,2}, (\d{4})(?!\d)"), "%b{0}%d, %Y"),
    (re.compile(r"[A-Za-z]{4,9}( )\d{1,2}, (\d{4})(?!\d)"), "%B{0}%d, %Y"),
    (re.compile(r"\d{1,2}( )[A-Za-z]{4,9} (\d{4})(?!\d)"), "%d{0}%B %Y"),
)
_CLOCK = re.compile(
    r"(?P<gap>,? |T)(?P<hour>\d{1,2}):\d{2}(?P<second>:\d{2})?(?P<part>\.\d{1,6})?"
    r"(?P<half> ?[AaPp][Mm])?(?P<offset> ?(?:Z|[+-]\d{2}:?\d{2}))?"
)
_DAY_FIRST = re.compile(r"%d([/.-])%m")
"""The formats whose order is open: others begin with the year, or have the month as a word."""
_ENOUGH = 0.95
"""Share of a column's values that must be times for it to be a column of times."""
_MOST = 4


class Dates(NamedTuple):
    """The formats of a column, and what is known about the order of day and month."""

    formats: tuple[str, ...]
    """As if the day came first, where that is open; the most frequent first."""
    order: Order | None
    """Proven or likely; None where days and months are told apart anyway."""
    sure: bool
    """Whether a day above 12 settles the order."""
    proof: str
    """A value that settles it, or just one of them."""
    clock: bool
    """Whether some have a time of day."""
    offset: bool
    """Whether those say how far from UTC."""

    def in_order(self, order: str | None) -> tuple[str, ...]:
        """The formats, day or month first."""
        if order != "month first" or self.order is None:
            return self.formats
        return tuple(_DAY_FIRST.sub(r"%m\1%d", form) for form in self.formats)


def dates(words: Iterable[str]) -> Dates | None:
    """Find out how times are written; None if they are none.

    Examples
    --------
    >>> dates(["23/05/2008", "01/02/2009"])
    Dates(formats=('%d/%m/%Y',), order='day first', sure=True, proof='23/05/2008', clock=False, \
offset=False)
    >>> dates(["03/04/2026 9:05 PM"]).sure
    False
    >>> dates(["high", "low"]) is None
    True
    """
    words = [word for word in words if word]
    shapes = [(word, shape) for word in words if (shape := _shape(word)) is not None]
    if not words or len(shapes) < _ENOUGH * len(words):
        return None
    common = [form for form, _ in Counter(form for _, (form, *_) in shapes).most_common(_MOST)]
    proof = {"day first": "", "month first": ""}
    for word, (_, first, second) in shapes:
        if first > 12 or second > 12:
            proof["day first" if first > 12 else "month first"] = word
    if all(proof.values()):
        return None
    open_ = [(word, first, second) for word, (_, first, second) in shapes if first]
    proven = next((order for order in ORDERS if proof[order]), None)
    order = (
        (proven or _likely({f for _, f, _ in open_}, {s for _, _, s in open_})) if open_ else None
    )
    return Dates(
        formats=tuple(common),
        order=order,
        sure=proven is not None or not open_,
        proof=proof[proven] if proven else (open_[0][0] if open_ else words[0]),
        clock=any(":" in word for word in words),
        offset=any("%z" in form for form in common)
        or any(_ISO.fullmatch(w) and re.search(r":.*(Z|[+-]\d{2}(:?\d{2})?)$", w) for w in words),
    )


def _likely(firsts: set[int], seconds: set[int]) -> Order:
    """An export has more different days than months."""
    return "day first" if len(firsts) >= len(seconds) else "month first"


def _shape(word: str) -> tuple[str, int, int] | None:
    """A format as if the day came first, and the two numbers whose order is open (else 0)."""
    if _ISO.fullmatch(word):
        return ISO, 0, 0
    for form, first, second, rest in _days(word):
        clock = _clock(rest)
        if clock is not None:
            return form + clock, first, second
    return None


def _days(word: str) -> Iterator[tuple[str, int, int, str]]:
    """What the day at the beginning may mean, and what is left of the text."""
    if found := _NUMERIC.match(word):
        a, sign, b, c = found.groups()
        rest = word[found.end() :]
        if len(a) == 4 and len(c) == 2:
            yield f"%Y{sign}%m{sign}%d", 0, 0, rest
        elif len(a) <= 2 and min(int(a), int(b)) <= 12 and max(int(a), int(b)) <= 31:
            year = "%Y" if len(c) == 4 else "%y"
            yield f"%d{sign}%m{sign}{year}", int(a), int(b), rest
    for pattern, form in _WORDED:
        if found := pattern.match(word):
            yield form.format(found[1]), 0, 0, word[found.end() :]
    if found := _BARE.match(word):
        yield "%Y%m%d", 0, 0, word[found.end() :]


def _clock(rest: str) -> str | None:
    """The format of a time of day; empty if there is none, None if it is something else."""
    if not rest:
        return ""
    found = _CLOCK.fullmatch(rest)
    if found is None:
        return None
    hour = "%I" if found["half"] else "%H"
    second = (":%S" if found["second"] else "") + (".%f" if found["part"] else "")
    half = found["half"][:-2] + "%p" if found["half"] else ""
    offset = found["offset"]
    zone = "" if not offset else (" %z" if offset.startswith(" ") else "%z")
    return f"{found['gap']}{hour}:%M{second}{half}{zone}"
