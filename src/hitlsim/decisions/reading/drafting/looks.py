"""What stands in the columns of an unknown file: times, numbers, few words or many."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...columns import Column, DType, Group
from ..cells import Cells, Writing, read_words
from ..sheets.sheet import Sheet
from .dating import Dates, dates

_ROWS = 100_000
"""Rows looked at, spread over the file."""
_WORDS = 4_000
"""Distinct values of a column that are read to find out how they are written."""
_ENOUGH = 0.95
_FEW = 12
_ANY_NUMBER = Column(name="", group=Group.SAW, dtype=DType.NUMBER, meaning="")
Signs = tuple[str, str]
SIGNS: tuple[Signs, ...] = (
    (".", ""), (".", ","), (",", ""), (",", "."), (".", " "), (",", " "), (".", "'")
)  # fmt: skip
"""Decimal sign and separator of thousands, the plainest first."""


class Range(NamedTuple):
    """What the numbers of a column are, if they are written in one way."""

    low: float
    high: float
    read: int
    """How many distinct texts are numbers then."""
    above_one: int
    """How many of those are above 1."""


class Numbers(NamedTuple):
    """How the numbers of a column may be written, and what they range over."""

    ranges: dict[Signs, Range]
    """For each decimal sign and separator of thousands that fit, the plainest first."""
    whole: bool
    """Whether none has decimals, under the plainest."""
    percent: bool
    """Whether a percent sign stands behind."""

    @property
    def plainest(self) -> Range:
        return next(iter(self.ranges.values()))

    @property
    def low(self) -> float:
        return self.plainest.low

    @property
    def high(self) -> float:
        return self.plainest.high

    def up_to(self, high: float) -> Numbers | None:
        """Only what lies between 0 and ``high``, if any way to write them does."""
        fit = {signs: r for signs, r in self.ranges.items() if r.low >= 0 and r.high <= high}
        return self._replace(ranges=fit) if fit else None


@dataclass(frozen=True)
class Look:
    """A column, as it looks.

    Attributes
    ----------
    name : str
    filled : int
        Rows with a value, of those that were looked at.
    rows : int
    words : tuple of str
        Distinct values that are not empty, the most frequent first.
    typed : bool
        Whether the file itself says what is a time and what a number.
    """

    name: str
    filled: int
    rows: int
    words: tuple[str, ...]
    typed: bool = False

    @property
    def unique(self) -> bool:
        """Whether every row has a value of its own."""
        return self.rows > 1 and len(self.words) == self.filled == self.rows

    @property
    def few(self) -> bool:
        """Whether its values can be listed."""
        return 1 <= len(self.words) <= _FEW

    @property
    def _some(self) -> tuple[str, ...]:
        """Values spread over all of them."""
        return self.words[:: -(-len(self.words) // _WORDS) or 1]

    @cached_property
    def dates(self) -> Dates | None:
        """How its times are written, if they are times."""
        # one day above 12 settles the order of day and month, wherever it stands
        return dates(self.words) if dates(self._some) else None

    @cached_property
    def numbers(self) -> Numbers | None:
        """How its numbers are written, if they are numbers."""
        some = self._some
        words = pd.Series([w for w in some if any(map(str.isdigit, w))], dtype="str")
        if not len(words) or len(words) < _ENOUGH * len(some):
            return None
        percent = bool(words.str.endswith("%").mean() > 0.5)
        ranges: dict[Signs, Range] = {}
        whole = True
        for signs in SIGNS:
            if signs[1] and words.str.match(rf"[+-]?0{re.escape(signs[1])}").any():
                continue
            values = numbers_in(words, signs)
            good = values[np.isfinite(values)]
            if len(good) >= _ENOUGH * len(words):
                whole = whole if ranges else bool((good % 1 == 0).all())
                low, high = float(good.min()), float(good.max())
                ranges[signs] = Range(low, high, len(good), int((good > 1).sum()))
        return Numbers(ranges, whole, percent) if ranges else None

    def meanings(self, known: Mapping[str, str]) -> dict[str, str | None]:
        """What each of a few words means; None for one that is not known.

        >>> look = Look("rep_action", 9, 9, ("Accepted", "Shelved"))
        >>> look.meanings({"accepted": "approve"})
        {'Accepted': 'approve', 'Shelved': None}
        """
        return {word: known.get(word.casefold()) for word in self.words} if self.few else {}


def numbers_in(words: Iterable[str], signs: Signs) -> NDArray[np.float64]:
    """The numbers that texts are, by decimal sign and separator of thousands; NaN for others.

    >>> numbers_in(["1.234,5", "90 %", "not set"], (",", ".")).tolist()
    [1234.5, 90.0, nan]
    """
    plain = pd.Series([*words], dtype="str").str.replace(r"\s*%$", "", regex=True)
    writing = Writing(decimal=signs[0], thousands=signs[1])
    return np.asarray(read_words(plain, _ANY_NUMBER, writing).values, float)


def looks_of(sheet: Sheet) -> list[Look]:
    """Look at every column of a file, at rows spread over all of it."""
    rows = len(sheet.rows)
    at = np.unique(np.linspace(0, rows - 1, min(rows, _ROWS)).astype(np.int64))
    found = []
    for name in sheet.names:
        cells = Cells.of(sheet.column(name).take(at) if len(at) < rows else sheet.column(name))
        count = np.bincount(cells.codes, minlength=len(cells.words))
        order = np.argsort(-count, kind="stable")
        words = tuple(w for w in cells.words.to_numpy(object)[order].tolist() if w)
        filled = int(count[np.asarray(cells.words != "", dtype=bool)].sum())
        found.append(Look(name, filled, len(cells.codes), words, name in sheet.typed))
    return found
