"""The boundary spec as a file of its own: what holds, and how it came to that."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError, model_validator

from ..atomic import replacing
from ..errors import ScenarioError
from .base import FrozenMap, Part, Whole
from .boundary import Boundary
from .explain import Conflict, Problem, dotted, explain
from .files import Document, problem_lines, read_yaml, to_yaml

UNKNOWN = "not known"
"""What stands in a list for a figure that is not known; in a mapping it is left out."""

HEAD = """\
# Boundary spec: where the AI may act alone, and where it must ask a person.
# Try it: hitlsim simulate TEAM --boundary FILE, or hitlsim measure LOG --boundary FILE.
#
# version          goes up by one with every change; stands in every decision
# bands            shares of 1, as the AI's confidence: from auto on it acts alone, below review
#                  the decision is held for triage, in between a person reviews it. The edges are
#                  exact; do not round them
# workflows        what differs for single workflows; what is not set there is as for all
# triggers         deal_size_above in the log's currency, and signals: they send a decision to a
#                  person whatever the confidence
# audit            share (of 1) of what went out that is looked at afterwards, drawn by chance
# changes          the change log, oldest first: why each version came to be, what was expected of
#                  it (rates are shares of 1), and the confidence that its certificate spent
#
# hitlsim writes the next version over this one and adds to the changes; comments of your own are
# lost then, so put reasons under changes.
"""


def _one_line(text: str) -> str:
    """A text as one line; what cannot be printed is a space."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _sentence(text: str) -> str:
    if not (line := _one_line(text)):
        raise ValueError("is empty; write something")
    return line


def _plain(value: Any, where: str) -> Any:
    """A value as a file can hold it; what is not known is left out."""
    if hasattr(value, "item") and not getattr(value, "shape", ()):
        value = value.item()  # a number of numpy
    if isinstance(value, Mapping):
        return FrozenMap({
            _one_line(str(k)): _plain(v, f"{where}.{k}")
            for k, v in value.items() if not _is_unknown(v)
        })  # fmt: skip
    if isinstance(value, (list, tuple)) or hasattr(value, "tolist"):
        items = [UNKNOWN if _is_unknown(v) else v for v in list(value)]
        return tuple(_plain(v, f"{where}.{i}") for i, v in enumerate(items))
    if isinstance(value, (dt.datetime, dt.time)):
        return value.isoformat()
    if isinstance(value, str):
        return _one_line(value)
    if isinstance(value, (bool, int, float, dt.date)):
        return value
    raise ValueError(f"{where} {value!r} is no text, number, date, list or mapping; take it out")


def _is_unknown(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def _figures(values: dict[str, Any]) -> FrozenMap[Any]:
    return FrozenMap({_one_line(k): _plain(v, k) for k, v in values.items() if not _is_unknown(v)})


Figures = Annotated[dict[str, Any], AfterValidator(_figures)]
"""Plain values by name: numbers, texts, dates, and lists and mappings of these."""
Text = Annotated[str, AfterValidator(_sentence)]


class Change(Part):
    """One entry of the change log."""

    version: Annotated[Whole, Field(ge=1)]
    """The version that this change made."""
    date: dt.date
    """When it was made."""
    by: Text
    """Who or what tool made it."""
    why: tuple[Text, ...] = ()
    """The reasons, in sentences."""
    expected: Figures = Field(default={}, validate_default=True)
    """The figures expected of it."""
    confidence_spent: Figures = Field(default={}, validate_default=True)
    """The confidence that its certificate spent."""


class _File(Boundary):
    """What a file holds."""

    version: Annotated[Whole, Field(ge=1)]
    """Goes up by one with every change; written into every decision."""
    changes: tuple[Change, ...] = ()
    """The change log, oldest first."""

    @model_validator(mode="after")
    def _fits(self) -> _File:
        problems = [
            Problem(("workflows", name), f"{what} (what is not set here is as in bands)")
            for name, what in self.bands_out_of_order()
        ]
        before = 0
        for i, change in enumerate(self.changes):
            if not before <= change.version <= self.version:
                limits = f"{before} to {self.version}" if before else f"at most {self.version}"
                problems.append(
                    Problem(
                        ("changes", i, "version"),
                        f"{change.version} is out of order: here it is {limits}, the version of "
                        "this file; put the changes in order, oldest first",
                    )
                )
            before = max(before, change.version)
        if problems:
            raise Conflict(problems)
        return self


@dataclass(frozen=True)
class BoundarySpec:
    """A boundary spec and its change log.

    Attributes
    ----------
    boundary : Boundary
        What holds; ``scenario.with_(boundary=spec.boundary)`` tries it.
    changes : tuple of Change
        How it came to that, oldest first.
    """

    boundary: Boundary
    changes: tuple[Change, ...] = ()


def load_boundary(path: str | Path) -> BoundarySpec:
    """Read a boundary spec from a file of its own.

    Which workflows and signals there are it cannot know: that is checked when it is tried on a
    scenario, and told when it is tried on a log.

    Raises
    ------
    ScenarioError
        With file, line, path, the rule that is broken and the remedy; up to ten at once.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "boundary.yaml"
    >>> _ = write_boundary(Boundary(bands={"auto": 0.91}), file)
    >>> load_boundary(file).boundary.bands.auto
    0.91
    """
    document = read_yaml(Path(path))
    if "boundary" in document.values:
        where = document.where(("boundary",))
        raise ScenarioError(
            f"{where} boundary: this is a scenario, not a boundary spec of its own; move what "
            "stands below boundary: into a file"
        )
    return _from(document)


def _from(document: Document) -> BoundarySpec:
    try:
        found = _File.model_validate(document.values)
    except ValidationError as e:
        raise ScenarioError(problem_lines(explain(e, _File, ()), document)) from None
    spec = {k: v for k, v in document.values.items() if k != "changes"}
    return BoundarySpec(Boundary.model_validate(spec), found.changes)


def write_boundary(boundary: Boundary, path: str | Path, *, changes: Iterable[Change] = ()) -> Path:
    """Write a boundary spec; over an older version of it, with that one's change log kept.

    Parameters
    ----------
    boundary : Boundary
        Its version must be 1 more than that of the file it replaces.
    path : str or Path
        A YAML file. It appears whole or not at all.
    changes : iterable of Change
        What to add to the change log: of this version.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ScenarioError
        When the file there is no boundary spec, or of another version than the one before.

    Examples
    --------
    >>> import tempfile, pathlib
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "boundary.yaml"
    >>> first = Change(version=1, date=dt.date(2026, 9, 1), by="us", why=["As we began."])
    >>> _ = write_boundary(Boundary(bands={"auto": 0.90}), file, changes=[first])
    >>> second = Change(version=2, date=dt.date(2026, 10, 1), by="hitlsim tune",
    ...                 why=["Too many exceptions."], expected={"exception_rate": 0.124})
    >>> _ = write_boundary(Boundary(version=2, bands={"auto": 0.88}), file, changes=[second])
    >>> [change.why[0] for change in load_boundary(file).changes]
    ['As we began.', 'Too many exceptions.']
    """
    path, new = Path(path), tuple(changes)
    old = replaced(path)
    if old is not None and boundary.version != old.boundary.version + 1:
        raise ScenarioError(
            f"{path}: holds version {old.boundary.version}, so the next one is version "
            f"{old.boundary.version + 1}, not {boundary.version}; give the spec that version, "
            "or another file"
        )
    wrong = [c.version for c in new if c.version != boundary.version]
    if wrong:
        raise ScenarioError(
            f"{path}: a change is of version {wrong[0]}, but what is written is version "
            f"{boundary.version}; give both the same"
        )
    kept = () if old is None else old.changes
    whole = _as_a_file(boundary, (*kept, *new))
    with replacing(path) as partial:
        text = f"{HEAD}\n{to_yaml(whole)}"
        partial.write_text(text, encoding="utf-8", newline="\n")
    return path


def replaced(path: Path) -> BoundarySpec | None:
    """What a file holds that is about to be replaced; None if there is none."""
    if not path.exists():
        return None
    try:
        return load_boundary(path)
    except ScenarioError as e:
        raise ScenarioError(
            f"{path}: is no boundary spec, so it is not overwritten; give another name\n{e}"
        ) from None


def _as_a_file(boundary: Boundary, changes: tuple[Change, ...]) -> dict[str, Any]:
    """Plain values, everything spelled out, and checked as they will be when they are read."""
    said = {
        **boundary.model_dump(mode="json", exclude_none=True),
        "changes": [c.model_dump(exclude_none=True, exclude_defaults=True) for c in changes],
    }
    try:
        _File.model_validate(said)
    except ValidationError as e:
        problems = explain(e, _File, ())
        raise ScenarioError("\n".join(f"{dotted(p.path)}: {p.text}" for p in problems)) from None
    return said
