"""The mapping file: how an export's columns and values become those of the decision log."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from ...errors import LogError
from ...scenario.base import FrozenMap, Part, Positive, Share
from ...scenario.boundary import Bands
from ...scenario.explain import Conflict, Problem, dotted, explain
from ...scenario.files import Document, read_yaml
from ...scenario.hours import time_zones
from ..columns import COLUMNS, DType
from .cells import Writing, problem_with

T = TypeVar("T")


def _as_text(value: Any) -> Any:
    """Numbers as the file writes them; ``true`` is left to be refused or read as yes."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    return value


def _our_text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else _as_text(value)


def _as_several(value: Any) -> Any:
    return value if isinstance(value, list) else [value]


Frozen = Annotated[dict[str, T], AfterValidator(FrozenMap)]
Yours = Annotated[str, BeforeValidator(_as_text)]
"""A value as the file has it."""
Ours = Annotated[str, BeforeValidator(_our_text)]
"""A value as the log has it; empty means missing."""
Header = Annotated[str, Field(min_length=1)]
Several = Annotated[tuple[Yours, ...], BeforeValidator(_as_several)]


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


class Mapping(Part):
    """What a mapping file says; ``docs/your-own-log.md`` walks through it."""

    columns: Frozen[Header] | None = None
    """Our name: your column. Left out, the file's columns must have our names."""
    date_format: str | None = None
    """How times are written, as for strptime; left out, ISO 8601."""
    timezone: str = "UTC"
    """IANA name: the clock of times without offset, and of the log."""
    decimal: Literal[".", ","] = "."
    """The decimal sign."""
    values: Frozen[Frozen[Ours]] = FrozenMap()
    """For a column of ours, your value: our value."""
    constants: Frozen[Ours] = FrozenMap()
    """Columns of ours that have the same value in every row."""
    ok: OkRule | None = None
    """How ``ok`` follows, if no column says it."""
    confidence_scale: Positive = 1.0
    """What the confidence column is divided by; 100 for percentages."""
    bands: Bands | None = None
    """The bands in force; used where the log has no route."""
    capacity_hours_per_week: Frozen[Annotated[float, Field(ge=0)]] | None = None
    """Hours a week that each queue has for reviews."""
    allow_rejects: Share | None = None
    """Largest share of rows that may be unusable."""

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        if value not in time_zones():
            hint = near(value, time_zones()) or "write one like 'Europe/Lisbon'"
            raise ValueError(f"{value!r} is no time zone; {hint}")
        return value

    @field_validator("date_format")
    @classmethod
    def _brings_back_the_day(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if "%Z" in value:
            raise ValueError(f"{value!r}: %Z is ambiguous; use %z, or take it out and set timezone")
        sample = datetime(2021, 10, 23, 15, tzinfo=UTC)
        try:
            # newer Pythons warn of a day without a year; it is refused below
            with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
                read = pd.to_datetime(sample.strftime(value), format=value)
        except ValueError:
            read = None
        if read is None or read.date() != sample.date():
            raise ValueError(
                f"{value!r} does not say day, month and year; write it like '%d/%m/%Y %H:%M'"
            )
        if read.hour not in (0, 15):
            raise ValueError(f"{value!r}: %I does not tell morning from evening; add %p or use %H")
        return value

    @model_validator(mode="after")
    def _parts_fit(self) -> Mapping:
        problems = [*_columns_fit(self), *_values_fit(self), *_constants_fit(self)]
        if problems:
            raise Conflict(problems)
        return self

    @property
    def writing(self) -> Writing:
        """How the file writes times and numbers."""
        return Writing(
            self.date_format, ZoneInfo(self.timezone), self.decimal, self.confidence_scale
        )


def near(word: str, known: Iterable[str]) -> str:
    """The nearest known word as a question, or nothing.

    >>> near("confidense", COLUMNS)
    "did you mean 'confidence'?"
    """
    folded = {k.casefold(): k for k in known}
    found = difflib.get_close_matches(word.casefold(), folded, n=1)
    return f"did you mean {folded[found[0]]!r}?" if found else ""


def _unknown(name: str) -> str | None:
    """Why a name cannot stand for a column of ours."""
    if name not in COLUMNS:
        return f"is no column of the log; {near(name, COLUMNS) or 'hitlsim columns lists them'}"
    if COLUMNS[name].is_truth:
        return "is known only in simulated logs; take the line out"
    return None


def _columns_fit(m: Mapping) -> Iterator[Problem]:
    for name in m.columns or ():
        if text := _unknown(name):
            yield Problem(("columns", name), text)
    if m.ok and m.columns and "ok" in m.columns:
        yield Problem(("ok",), "is also under columns; keep one of the two")


def _values_fit(m: Mapping) -> Iterator[Problem]:
    for name, words in m.values.items():
        column = COLUMNS.get(name)
        if text := _unknown(name):
            yield Problem(("values", name), text)
        elif column and column.dtype in (DType.TEXT, DType.TIME):
            yield Problem(("values", name), f"values of a {column.dtype} column cannot be replaced")
        elif m.columns is not None and name not in m.columns and name != "confidence":
            yield Problem(("values", name), "has no column; name it under columns")
        elif column:
            for yours, ours in words.items():
                if text := problem_with(ours, column, m.writing):
                    yield Problem(("values", name, yours), text)


def _constants_fit(m: Mapping) -> Iterator[Problem]:
    for name, value in m.constants.items():
        column = COLUMNS.get(name)
        if text := _unknown(name):
            yield Problem(("constants", name), text)
        elif column and (column.required or name in ("ok", "ok_source")):
            yield Problem(("constants", name), "differs from row to row; it must be a column")
        elif m.columns and name in m.columns:
            yield Problem(("constants", name), "is also under columns; keep one of the two")
        elif column and (text := problem_with(value, column, m.writing)):
            yield Problem(("constants", name), text)


def read_mapping(path: str | Path) -> tuple[Mapping, Document]:
    """Read and check a mapping file.

    Parameters
    ----------
    path : str or Path
        A YAML file; ``docs/your-own-log.md`` explains its keys.

    Returns
    -------
    tuple of Mapping and Document
        What the file says, and where in the file it says so.

    Raises
    ------
    LogError
        With file, line, key, what is wrong and the remedy, a line for each problem.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "calls.map.yaml"
    >>> _ = file.write_text("columns: {decided_at: called_on, confidence: score}")
    >>> read_mapping(file)[0].columns["confidence"]
    'score'
    """
    path = Path(path)
    document = read_yaml(path, LogError)
    try:
        return Mapping.model_validate(document.values), document
    except ValidationError as e:
        raise LogError(complain(explain(e, Mapping, ()), document)) from None


def complain(problems: Iterable[Problem], document: Document) -> str:
    """Problems with their places in the mapping file, one line each."""
    return "\n".join(
        f"{document.where(p.path, 'mapping')} {dotted(p.path)}: {p.text}" for p in problems
    )
