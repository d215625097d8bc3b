"""What a scenario's figures rest on: the numbers of its file, and the defaults it leaves alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pydantic import BaseModel

from .base import Lognormal
from .habits import PRESETS, Habits, said_of
from .scenario import Scenario


class Default(NamedTuple):
    """A number that the file does not give, so that the model's own holds."""

    path: str
    """Where it would be set; ``*`` for any name."""
    value: str
    mark: str
    source: str
    times: int
    """In how many places it holds."""


def defaults(scenario: Scenario) -> list[Default]:
    """The defaults that a scenario uses, with the kind of evidence each rests on.

    >>> from hitlsim.scenario.files import load
    >>> found = {d.path: d for d in defaults(load("on-the-loop"))}
    >>> found["workflows.*.due_hours"].value, found["workflows.*.due_hours"].mark
    ('48', 'S')
    """
    seen: Counter[tuple[str, str, str, str]] = Counter()
    for name, field, part in _unset(scenario, ""):
        extra: Any = type(part).model_fields[field].json_schema_extra
        value = _text(getattr(part, field))
        if value:
            seen[f"{name}{field}", value, extra["mark"], extra["source"]] += 1
    for path, value, mark, source in _habits(scenario):
        seen[path, value, mark, source] += 1
    return [Default(*key, times) for key, times in seen.items()]


def _unset(part: BaseModel, here: str) -> Iterator[tuple[str, str, BaseModel]]:
    """Every field with a mark that nobody has set, below a part."""
    for name, field in type(part).model_fields.items():
        value = getattr(part, name)
        extra = field.json_schema_extra
        if name not in part.model_fields_set and isinstance(extra, dict) and "mark" in extra:
            yield here, name, part
        elif isinstance(value, Habits):
            continue
        elif isinstance(value, BaseModel):
            yield from _unset(value, f"{here}{name}.")
        elif isinstance(value, Mapping):
            for child in value.values():
                if isinstance(child, BaseModel) and not isinstance(child, Habits):
                    yield from _unset(child, f"{here}{name}.*.")


def _habits(scenario: Scenario) -> Iterator[tuple[str, str, str, str]]:
    """What the people's habits say beyond the file, once for each set in use."""
    for name in dict.fromkeys(r.habits for _, _, r in scenario.reviewers()):
        base, said = said_of(name, scenario.habits)
        preset = PRESETS[base]
        for field, info in Habits.model_fields.items():
            extra = info.json_schema_extra
            if field in said or not isinstance(extra, dict):
                continue
            mark, source = extra["mark"], extra["source"]
            if field in preset.model_fields_set:
                mark, source = "?", f"as the habits {base!r} have it"
            yield f"habits.{name}.{field}", _text(getattr(preset, field)), str(mark), str(source)


def _text(value: Any) -> str:
    """A number in words; nothing for what is no number."""
    if isinstance(value, Lognormal):
        return f"median {value.median:g}, sigma {value.sigma:g}"
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    return f"{value:g}"
