"""The parts of a mapping file: how a file is written, when the AI was right, what is joined."""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping as Map
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

import pandas as pd
from pydantic import AfterValidator, BeforeValidator, Field, field_validator

from ...scenario.base import FrozenMap, Part
from .sheets.sheet import Layout

T = TypeVar("T")

EVERY = ""
"""Stands for the columns that ``date_format`` does not name."""
ISO = "iso"
"""As a date format: ISO 8601, what holds when nothing is said."""
SPACES = (" ", "\u00a0", "\u202f", "\u2009")


def _as_text(value: Any) -> Any:
    """Numbers and days as the file writes them; ``true`` is left to be refused or read as yes."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _our_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else _as_text(value)


def _as_several(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


def _of_each_column(value: Any) -> Any:
    return value if isinstance(value, dict) else {EVERY: value}


def _brings_back_the_day(form: str) -> str:
    """Refuse a date format that loses the day or the half of the day."""
    if form.casefold() == ISO:
        return ISO
    if "%Z" in form:
        raise ValueError(f"{form!r}: %Z is ambiguous; use %z, or take it out and set timezone")
    sample = datetime(2021, 10, 23, 15, tzinfo=UTC)
    try:
        # newer Pythons warn of a day without a year; it is refused below
        with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
            read = pd.to_datetime(sample.strftime(form), format=form)
    except ValueError:
        read = None
    except re.error:  # pandas makes a pattern with a group for each part
        twice = max(re.findall("%.", form), key=form.count)
        told = f"{form!r} uses {twice} twice; %m is the month, %M are minutes"
        raise ValueError(told) from None
    if read is None or read.date() != sample.date():
        raise ValueError(
            f"{form!r} does not say day, month and year; write it like '%d/%m/%Y %H:%M'"
        )
    if read.hour not in (0, 15):
        raise ValueError(f"{form!r}: %I does not tell morning from evening; add %p or use %H")
    return form


def _date_formats(value: Any) -> FrozenMap[tuple[str, ...]]:
    """One format, several to try in order, or those of each column of ours."""
    formats = {}
    for name, forms in _of_each_column(value).items():
        several = _as_several(forms)
        wrong = next((form for form in several if not isinstance(form, str)), None)
        if wrong is not None or not several:
            raise ValueError(f"{wrong!r} is no date format; write it like '%d/%m/%Y %H:%M'")
        formats[name] = tuple(_brings_back_the_day(form) for form in several)
    return FrozenMap(formats)


def _delimiter(value: Any) -> Any:
    """A tab may be called by its name."""
    return "\t" if isinstance(value, str) and value.casefold() in ("tab", "\\t") else value


Frozen = Annotated[dict[str, T], AfterValidator(FrozenMap)]
Yours = Annotated[str, BeforeValidator(_as_text)]
"""A value as the file has it."""
Ours = Annotated[str, BeforeValidator(_our_text)]
"""A value as the log has it; empty means missing."""
Header = Annotated[str, Field(min_length=1)]
Several = Annotated[tuple[Yours, ...], BeforeValidator(_as_several)]
DateFormats = Annotated[Map[str, tuple[str, ...]], BeforeValidator(_date_formats)]


class Export(Part):
    """How a file is written; what is left out is found by looking, or as usual."""

    encoding: Annotated[str, Field(min_length=1)] | None = None
    """Such as utf-8 or windows-1252; left out, found by looking."""
    delimiter: Annotated[Literal[",", ";", "\t", "|"], BeforeValidator(_delimiter)] | None = None
    """What separates the columns of a text file: a comma, a semicolon, a bar, or tab."""
    sheet: Annotated[Yours, Field(min_length=1)] | None = None
    """Which sheet of a workbook, or table of a packed folder."""
    header_row: Annotated[int, Field(ge=1, le=1000, strict=True)] | None = None
    """Row with the names of the columns, counted as a spreadsheet does."""
    date_format: DateFormats | None = None
    """How times are written, as for strptime; left out, ISO 8601."""
    decimal: Literal[".", ","] = "."
    """The decimal sign."""
    thousands: Literal["", ",", ".", " ", "'", "\u2019", "\u00a0", "\u202f", "\u2009"] = ""
    """What groups thousands; left out, nothing does."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str | None) -> str | None:
        try:
            if value is not None:
                "".encode(value)
        except (LookupError, UnicodeError):
            raise ValueError(
                f"{value!r} is no encoding; write one like 'utf-8' or 'windows-1252', or leave "
                "it out"
            ) from None
        return value

    @property
    def layout(self) -> Layout:
        """Where in the file the table lies."""
        return Layout(self.encoding, self.delimiter, self.sheet, self.header_row)

    def formats(self, column: str) -> tuple[str | None, ...]:
        """The date formats to try for a column of ours, in order; None is ISO 8601."""
        every = self.date_format or {}
        forms = every.get(column, every.get(EVERY, (ISO,)))
        return tuple(None if form == ISO else form for form in forms)


class OkRule(Part):
    """How ``ok`` follows from what the AI advised and what came of it."""

    advice: Header
    """Your column with what the AI advised."""
    outcome: Header
    """Your column with what came of it; empty while that is not known."""
    right_when: Annotated[Frozen[Several], Field(min_length=1)]
    """For each advice, the outcome or outcomes that prove it right."""
    other_outcomes: Several = ()
    """Outcomes that prove no advice right, where ``right_when`` does not name them."""

    @field_validator("right_when", "other_outcomes")
    @classmethod
    def _some_word(cls, value: Any) -> Any:
        named = value.values() if isinstance(value, dict) else [value]
        if any(not word.strip() for words in named for word in words):
            raise ValueError("an empty outcome means 'not yet known'; take it out")
        return value

    @property
    def outcomes(self) -> tuple[str, ...]:
        """Every outcome the rule knows, in the order of the file."""
        right = [word for words in self.right_when.values() for word in words]
        return tuple(dict.fromkeys([*right, *self.other_outcomes]))


class Key(Part):
    """The columns by which rows of two files belong together."""

    theirs: Header
    """Its name in the file that is joined."""
    ours: Header
    """Its name in the file of decisions."""


def _same_name(value: Any) -> Any:
    return {"theirs": value, "ours": value} if isinstance(value, str) else value


class JoinRule(Export):
    """Another file with what a decision's own file does not say: reviews, or what came of it."""

    file: Header
    """Its path, from the folder of the mapping file."""
    on: Annotated[Key, BeforeValidator(_same_name)]
    """The column both files have, or {theirs: its name there, ours: its name here}."""
    columns: Frozen[Header] = FrozenMap()
    """Our name: the column there."""
    keep: Literal["first", "last", "any_bad"] | None = None
    """Which of several rows of a decision counts; left out, several are refused."""

    def written_as(self, decisions: Export) -> JoinRule:
        """With the times and numbers of the decisions' file, where nothing is said here."""
        usual = ("date_format", "decimal", "thousands")
        silent = {n: getattr(decisions, n) for n in usual if n not in self.model_fields_set}
        return self.model_copy(update=silent)
