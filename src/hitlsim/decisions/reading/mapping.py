"""The mapping file: how an export's columns and values become those of the decision log."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, ValidationError, field_validator, model_validator

from ...errors import LogError
from ...scenario.base import FrozenMap, Positive, Share
from ...scenario.boundary import Bands
from ...scenario.explain import Conflict, Problem, dotted, explain
from ...scenario.files import Document, read_yaml
from ...scenario.hours import time_zones
from .cells import Writing
from .fitting import near, problems_of
from .parts import Export, Frozen, Header, JoinRule, OkRule, Ours


def _as_several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Mapping(Export):
    """What a mapping file says; ``docs/your-own-log.md`` walks through it."""

    preset: str | None = None
    """A system whose usual names of columns hold where ``columns`` says nothing."""
    columns: Frozen[Header] | None = None
    """Our name: your column. Left out, the file's columns must have our names."""
    timezone: str = "UTC"
    """IANA name: the clock of times without offset, and of the log."""
    values: Frozen[Frozen[Ours]] = FrozenMap()
    """For a column of ours, your value: our value."""
    constants: Frozen[Ours] = FrozenMap()
    """Columns of ours that have the same value in every row."""
    ok: OkRule | None = None
    """How ``ok`` follows, if no column says it."""
    join: tuple[JoinRule, ...] = ()
    """Other files with more about the same decisions."""
    duplicates: Literal["first", "last", "refuse"] = "first"
    """Which row stays of several that have one id and differ."""
    hash: Annotated[tuple[str, ...], BeforeValidator(_as_several)] = ()
    """Columns of ours whose values are replaced by codes that nobody can turn back."""
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

    @field_validator("join", mode="before")
    @classmethod
    def _each_file(cls, value: Any) -> Any:
        """Check each file by itself, so that a problem is told with its place in the list."""
        if not isinstance(value, (list, tuple)):
            value = [value]
        rules, problems = [], []
        for i, item in enumerate(value):
            try:
                rules.append(JoinRule.model_validate(item))
            except ValidationError as e:
                found = explain(e, JoinRule, ())
                problems += [Problem(("join", i, *p.path), p.text) for p in found]
        if problems:
            raise Conflict(problems)
        return tuple(rules)

    @model_validator(mode="after")
    def _parts_fit(self) -> Mapping:
        if problems := list(problems_of(self)):
            raise Conflict(problems)
        return self

    def writing(self, export: Export | None = None) -> Writing:
        """How this file, or one that is joined, writes times and numbers."""
        export = self if export is None else export
        return Writing(
            zone=ZoneInfo(self.timezone), decimal=export.decimal, thousands=export.thousands,
            confidence_scale=self.confidence_scale,
        )  # fmt: skip


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
