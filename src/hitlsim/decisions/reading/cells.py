"""What stands in a file's cells, read as times, numbers, words and yes or no.

Each distinct text is read once, however many rows have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..clock import NAT, Times, in_zone, on_wall
from ..columns import Column, DType

_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_ALIKE = (" \u00a0\u202f\u2009", "'\u2019")
"""Separators of thousands that are told apart by typesetters only."""
_AMOUNT = r"[+-]?[0-9][0-9.,'" + "\u2019" + r"\s]*"
_MONEY = (
    rf"(?i)[+-]?([$€£¥₹₩₪₺]|kr\.?|zł|r\$|[a-z]{{3}})\s?{_AMOUNT}"
    rf"|{_AMOUNT}([$€£¥₹₩₪₺]|kr\.?|zł|[a-z]{{3}})"
)
_OFFSET = r"(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_ISO = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]{_CLOCK}( ?{_OFFSET})?)?"
_AWARE = rf".*:.*{_OFFSET}"
_SANE = tuple(int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * 1000 for year in (1970, 2200))
"""Years a decision by an AI can lie in; what is outside is a slip of the pen (0208 for 2008)."""
_RUN = re.compile("(%[dmyYHMS])+")
"""Formats without a sign between the parts; where a zero is lost, the 1st looks like the 10th."""
_NOW = ("now", "today")
"""Words for which pandas gives the time of the run, whatever the format."""
_YES_NO = {"yes": True, "true": True, "1": True, "1.0": True,
           "no": False, "false": False, "0": False, "0.0": False}  # fmt: skip


class Writing(NamedTuple):
    """How a file writes times and numbers."""

    date_format: str | tuple[str | None, ...] | None = None
    """As for strptime, ``None`` for ISO 8601; of several the first that fits a text holds."""
    zone: tzinfo = ZoneInfo("UTC")
    decimal: str = "."
    confidence_scale: float = 1.0
    thousands: str = ""
    """What groups digits in threes; any blank stands for all kinds of blanks."""
    iso_hint: str = " (or say how in date_format)"
    """What to do about times that should be ISO 8601 and are not."""

    @property
    def date_formats(self) -> tuple[str | None, ...]:
        form = self.date_format
        return form if isinstance(form, tuple) else (form,)


@dataclass(frozen=True)
class Cells:
    """A column of a file: its distinct texts without blanks around, and which one each row has."""

    words: pd.Series
    codes: NDArray[np.int64]

    @classmethod
    def of(cls, column: Any) -> Cells:
        """Take in an Arrow column of strings.

        >>> Cells.of(pa.chunked_array([[" yes", "no", "yes "]])).codes.tolist()
        [0, 1, 0]
        """
        texts = column.cast(pa.large_string()).combine_chunks()
        if isinstance(texts, pa.ChunkedArray):
            texts = pa.concat_arrays(texts.chunks)
        coded = pc.fill_null(pc.utf8_trim_whitespace(texts), "").dictionary_encode()
        words = pd.Series(coded.dictionary.to_pandas(), dtype="str")
        return cls(words, coded.indices.to_numpy().astype(np.int64))

    def replaced(self, values: Mapping[str, str]) -> Cells:
        """The same rows with some texts replaced."""
        if not values:
            return self
        words = [values.get(w, w) for w in self.words]
        return Cells(pd.Series(words, dtype="str"), self.codes)

    def at(self, rows: NDArray[np.int64]) -> list[str]:
        """The texts of some rows."""
        return list(self.words.iloc[self.codes[rows]])

    def index_in(self, known: Mapping[str, int]) -> NDArray[np.int64]:
        """For each row the number of its text, -1 if it has none."""
        numbers = [known.get(w, -1) for w in self.words]
        return np.array(numbers, np.int64)[self.codes]


class Slip(NamedTuple):
    """A reason why some of the texts cannot be used."""

    which: NDArray[np.bool_]
    reason: str


class Reading(NamedTuple):
    """What the distinct texts mean, and which of them mean nothing."""

    values: Any
    slips: list[Slip]
    doubtful: NDArray[np.bool_]
    """Times without offset that come twice or never, where the clocks change."""


def read_words(words: pd.Series, column: Column, writing: Writing) -> Reading:
    """Read distinct texts as values of one column of the log.

    Examples
    --------
    >>> from hitlsim.decisions.columns import COLUMNS
    >>> reading = read_words(pd.Series(["0.9", "high"]), COLUMNS["confidence"], Writing())
    >>> [slip.reason for slip in reading.slips if slip.which[1]]
    ['is not a number']
    """
    empty = _mask(words == "")
    doubtful = np.zeros(len(words), bool)
    if column.dtype is DType.TIME:
        values, slips, doubtful = _times(words, writing)
    elif column.dtype in (DType.NUMBER, DType.WHOLE):
        values, slips = _numbers(words, column, writing)
    elif column.dtype is DType.YES_NO:
        values, slips = _yes_no(words)
    elif column.dtype is DType.CATEGORY:
        values, slips = _category(words, column)
    else:
        values, slips = words, []
    slips = [Slip(slip.which & ~empty, slip.reason) for slip in slips]
    if column.required:
        slips.insert(0, Slip(empty, "is missing"))
    return Reading(values, slips, doubtful)


def as_written(words: pd.Series, writing: Writing) -> pd.Series:
    """Plain numbers, as files hold them that tell numbers from texts, in a file's own writing.

    >>> as_written(pd.Series(["0.93", "0,88"]), Writing(decimal=",")).tolist()
    ['0,93', '0,88']
    """
    own = words.str.replace(".", writing.decimal, regex=False)
    return words.mask(_fits(words, _NUMBER), own)


def problem_with(word: str, column: Column, writing: Writing) -> str | None:
    """Why one text, written into a mapping, cannot be a value of a column."""
    slips = read_words(pd.Series([word.strip()], dtype="str"), column, writing).slips
    return next((f"{word!r} {slip.reason}" for slip in slips if slip.which[0]), None)


def _mask(series: pd.Series) -> NDArray[np.bool_]:
    return np.asarray(series, dtype=bool)


def _fits(words: pd.Series, pattern: str) -> NDArray[np.bool_]:
    """Which texts match as a whole; Arrow looks for patterns ten times as fast as Python."""
    found = pc.match_substring_regex(pa.array(words, pa.large_string()), f"(?s)^(?:{pattern})$")
    return np.asarray(found)


def _times(words: pd.Series, writing: Writing) -> Reading:
    at: Times = np.full(len(words), NAT)
    doubtful = np.zeros(len(words), bool)
    left = _mask(words != "")
    for form in writing.date_formats:
        for part, offset in _by_offset(words, left, form):
            if part.any():
                at[part], doubtful[part] = _parsed(words[part], form, writing.zone, offset=offset)
        left = left & (at == NAT)
    odd = (at != NAT) & ((at < _SANE[0]) | (at >= _SANE[1]))
    like = " or ".join(dict.fromkeys(map(_like, writing.date_formats)))
    if writing.date_formats == (None,):
        like += writing.iso_hint
    first, last = (datetime.fromtimestamp(ms / 1000, UTC).year for ms in _SANE)
    slips = [
        Slip(at == NAT, f"is not a date like {like}"),
        Slip(odd, f"is outside {first} to {last}"),
    ]
    return Reading(pd.Series(in_zone(at, writing.zone)), slips, doubtful & ~odd)


def _by_offset(
    words: pd.Series, left: NDArray[np.bool_], form: str | None
) -> Iterator[tuple[NDArray[np.bool_], bool]]:
    """The texts to read by one format: those that tell their offset, and the others."""
    if form is not None:
        fits = left & ~_mask(words.isin(_NOW))
        if _RUN.fullmatch(form):
            fits &= _mask(words.str.len() == len(_like(form)))
        yield fits, "%z" in form
        return
    fits = left & _fits(words, _ISO)
    aware = fits & _fits(words, _AWARE)
    yield aware, True
    yield fits & ~aware, False


def _parsed(
    words: pd.Series, form: str | None, zone: tzinfo, *, offset: bool
) -> tuple[Times, NDArray[np.bool_]]:
    """Milliseconds of UTC, and which of the times come twice or never."""
    found = pd.to_datetime(pd.Index(words), format=form or "ISO8601", utc=offset, errors="coerce")
    plain = found.tz_convert(None) if offset else found
    at = np.array(plain.as_unit("ms")).astype(np.int64)
    return (at, np.zeros(len(at), bool)) if offset else on_wall(at, zone)


def _like(form: str | None) -> str:
    if form is None:
        return "2026-09-30 or 2026-09-30T14:05"
    return datetime(2026, 9, 30, 14, 5).strftime(form)  # noqa: DTZ001 - only an example


def _numbers(
    words: pd.Series, column: Column, writing: Writing
) -> tuple[NDArray[np.float64], list[Slip]]:
    percent = column.name == "confidence" and writing.confidence_scale != 1
    text = words.str.replace(r"\s*%$", "", regex=True) if percent else words
    text, torn = _without_groups(text, writing)
    if writing.decimal == ",":
        # a point beside decimal commas is not guessed at
        text = text.str.replace(".", "?", regex=False).str.replace(",", ".", regex=False)
    fits = _fits(text, _NUMBER)
    numbers = np.full(len(words), np.nan)
    numbers[fits] = _floats(text[fits])
    if percent:
        numbers /= writing.confidence_scale
    slips = [
        *_hints(words, ~fits, writing),
        Slip(torn & ~fits, f"has {writing.thousands!r}, but not between groups of three digits"),
        Slip(~fits, "is not a number"),
        *_outside(numbers, column, writing),
    ]
    return numbers, slips


def _floats(text: pd.Series) -> NDArray[np.float64]:
    try:
        return np.asarray(pa.array(text, pa.large_string()).cast(pa.float64()))
    except pa.ArrowInvalid:  # one is too large, which it takes for an error
        return np.asarray(text.to_numpy(object), dtype=float)


def _without_groups(text: pd.Series, writing: Writing) -> tuple[pd.Series, NDArray[np.bool_]]:
    """Texts without separators of thousands, and those that have one where none can be."""
    if not writing.thousands:
        return text, np.zeros(len(text), bool)
    sign = _signs(writing.thousands)
    has = _fits(text, f".*{sign}.*")
    grouped = has & _fits(text, _grouped(sign, writing.decimal))
    return text.mask(grouped, text.str.replace(sign, "", regex=True)), has & ~grouped


def _signs(thousands: str) -> str:
    alike = next((signs for signs in _ALIKE if thousands in signs), thousands)
    return f"[{re.escape(alike)}]"


def _grouped(sign: str, decimal: str) -> str:
    return rf"[+-]?[0-9]{{1,3}}({sign}[0-9]{{3}})+({re.escape(decimal)}[0-9]*)?"


def _hints(words: pd.Series, bad: NDArray[np.bool_], writing: Writing) -> Iterator[Slip]:
    """For what is nearly a number, what to do about it."""
    if not bad.any():
        return
    some = words[bad]

    def those(pattern: str) -> NDArray[np.bool_]:
        which = np.zeros(len(words), bool)
        which[bad] = _fits(some, pattern)
        return which

    yield Slip(those(_MONEY), "has a currency beside the number; export plain numbers")
    percent = r"[+-]?[0-9.,]+\s*%"
    yield Slip(those(percent), "is a percentage (for confidence set confidence_scale: 100)")
    comma = "is not a number (if the comma is a decimal sign, set decimal: ','"
    free = "," not in (writing.decimal, writing.thousands)
    if free:
        yield Slip(those(r"[+-]?[0-9]{1,3},[0-9]{3}"), f"{comma}; if it groups thousands, "
                   "thousands: ',')")  # fmt: skip
    for thousands, called in ((",", "comma"), (".", "point"), (" ", "blank"), ("'", "quote")):
        if thousands not in (writing.decimal, writing.thousands):
            grouped = those(_grouped(_signs(thousands), writing.decimal))
            yield Slip(grouped, f"is not a number (if the {called} groups thousands, "
                       f"set thousands: {thousands!r})")  # fmt: skip
    if free:
        yield Slip(those(".*,.*"), f"{comma})")


def _outside(numbers: NDArray[np.float64], column: Column, writing: Writing) -> Iterator[Slip]:
    scale = writing.confidence_scale if column.name == "confidence" else 1.0
    if column.low is not None:
        yield Slip(numbers < column.low, f"is below {column.low:g}")
    if column.name == "confidence" and scale == 1:
        percent = (numbers > 1) & (numbers <= 100)
        yield Slip(percent, "is above 1 (for percentages set confidence_scale: 100)")
    high = np.finfo(float).max if column.high is None else column.high
    yield Slip(numbers > high, f"is above {high * scale:g}")
    if column.dtype is DType.WHOLE:
        yield Slip(numbers % 1 != 0, "is not a whole number")


def _yes_no(words: pd.Series) -> tuple[Any, list[Slip]]:
    values = pd.array([_YES_NO.get(w) for w in words.str.casefold()], dtype="boolean")
    return values, [Slip(np.asarray(values.isna()), "is not yes or no")]


def _category(words: pd.Series, column: Column) -> tuple[pd.Categorical, list[Slip]]:
    names = pd.Index(column.values or sorted(set(words) - {""}), dtype="str")
    codes = names.get_indexer(words)
    values = pd.Categorical.from_codes(codes, categories=names)
    return values, [Slip(codes < 0, f"is not one of {', '.join(column.values)}")]
