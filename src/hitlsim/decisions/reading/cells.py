"""What stands in a file's cells, read as times, numbers, words and yes or no.

Each distinct text is read once, however many rows have it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..clock import on_clock
from ..columns import Column, DType

_NUMBER = r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?"
_OFFSET = r"(Z|[+-]([01][0-9]|2[0-3])(:?[0-5][0-9])?)"
_CLOCK = r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?"
_ISO = rf"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}([T ]{_CLOCK}( ?{_OFFSET})?)?"
_AWARE = rf".*:.*{_OFFSET}"
_SANE = (pd.Timestamp("1970-01-01", tz="UTC"), pd.Timestamp("2200-01-01", tz="UTC"))
"""Years a decision by an AI can lie in; what is outside is a slip of the pen (0208 for 2008)."""
_YES_NO = {"yes": True, "true": True, "1": True, "1.0": True,
           "no": False, "false": False, "0": False, "0.0": False}  # fmt: skip


class Writing(NamedTuple):
    """How a file writes times and numbers."""

    date_format: str | None = None
    zone: tzinfo = ZoneInfo("UTC")
    decimal: str = "."
    confidence_scale: float = 1.0


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
    if column.dtype is DType.TIME:
        reading = _times(words, writing)
    elif column.dtype in (DType.NUMBER, DType.WHOLE):
        reading = _numbers(words, column, writing)
    elif column.dtype is DType.YES_NO:
        reading = _yes_no(words)
    elif column.dtype is DType.CATEGORY:
        reading = _category(words, column)
    else:
        reading = Reading(words, [])
    slips = [Slip(slip.which & ~empty, slip.reason) for slip in reading.slips]
    return Reading(
        reading.values, [Slip(empty, "is missing"), *slips] if column.required else slips
    )


def problem_with(word: str, column: Column, writing: Writing) -> str | None:
    """Why one text, written into a mapping, cannot be a value of a column."""
    slips = read_words(pd.Series([word.strip()], dtype="str"), column, writing).slips
    return next((f"{word!r} {slip.reason}" for slip in slips if slip.which[0]), None)


def _mask(series: pd.Series) -> NDArray[np.bool_]:
    return np.asarray(series, dtype=bool)


def _times(words: pd.Series, writing: Writing) -> Reading:
    form = writing.date_format
    if form is None:
        like = "2026-09-30 or 2026-09-30T14:05 (or say how in date_format)"
        fits, form = _mask(words.str.fullmatch(_ISO)), "ISO8601"
        aware = fits & _mask(words.str.fullmatch(_AWARE))
    else:
        like = datetime(2026, 9, 30, 14, 5).strftime(form)  # noqa: DTZ001 - only an example
        fits = np.ones(len(words), bool)
        aware = fits & ("%z" in form)
    at = pd.Series(pd.NaT, index=words.index, dtype="datetime64[ms, UTC]")
    for part, offset in ((aware, True), (fits & ~aware, False)):
        parsed = pd.to_datetime(words[part], format=form, utc=offset, errors="coerce")
        if not offset:
            instants = on_clock(parsed, writing.zone).tz_convert("UTC")
            parsed = pd.Series(instants, index=parsed.index)
        at[part] = parsed.dt.as_unit("ms")
    odd = _mask((at < _SANE[0]) | (at >= _SANE[1]))
    at = at.dt.tz_convert(writing.zone)
    return Reading(
        at,
        [Slip(_mask(at.isna()), f"is not a date like {like}"),
         Slip(odd, f"is outside {_SANE[0].year} to {_SANE[1].year}")],
    )  # fmt: skip


def _numbers(words: pd.Series, column: Column, writing: Writing) -> Reading:
    percent = column.name == "confidence" and writing.confidence_scale != 1
    text = words.str.replace(r"\s*%$", "", regex=True) if percent else words
    if writing.decimal == ",":
        # a point beside decimal commas groups thousands, and is not guessed at
        text = text.str.replace(".", "?", regex=False).str.replace(",", ".", regex=False)
    fits = _mask(text.str.fullmatch(_NUMBER))
    numbers = np.full(len(words), np.nan)
    numbers[fits] = text[fits].to_numpy(object).astype(float)
    if percent:
        numbers /= writing.confidence_scale
    comma = _mask(words.str.contains(",", regex=False)) & ~fits & (writing.decimal == ".")
    slips = [
        Slip(comma, "is not a number (if the comma is a decimal sign, set decimal: ',')"),
        Slip(~fits, "is not a number"),
        *_outside(numbers, column, writing),
    ]
    return Reading(numbers, slips)


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


def _yes_no(words: pd.Series) -> Reading:
    values = pd.array([_YES_NO.get(w) for w in words.str.casefold()], dtype="boolean")
    return Reading(values, [Slip(np.asarray(values.isna()), "is not yes or no")])


def _category(words: pd.Series, column: Column) -> Reading:
    names = pd.Index(column.values or sorted(set(words) - {""}), dtype="str")
    codes = names.get_indexer(words)
    values = pd.Categorical.from_codes(codes, categories=names)
    return Reading(values, [Slip(codes < 0, f"is not one of {', '.join(column.values)}")])
