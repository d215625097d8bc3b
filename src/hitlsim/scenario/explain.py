"""What is wrong with a scenario, in words for the person who wrote it, with the remedy."""

from __future__ import annotations

import difflib
import json
import types
import typing
from collections.abc import Iterable
from typing import Any, NamedTuple, Union

from pydantic import BaseModel, ValidationError

Path_ = tuple[str | int, ...]
_LONGEST_VALUE = 60


class Problem(NamedTuple):
    """Something wrong at a place of the scenario."""

    path: Path_
    text: str


class Conflict(ValueError):
    """Parts that do not fit together; carries every problem with its place."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{dotted(p.path)}: {p.text}" for p in problems))


def dotted(path: Path_) -> str:
    """A path as users write it.

    >>> dotted(("workflows", "crm_update", "ai"))
    'workflows.crm_update.ai'
    """
    return ".".join(map(str, path))


def instead(wrong: str, names: Iterable[str], among: str = "known") -> str:
    """The remedy for a name that does not exist.

    >>> instead("hearld", ["scout", "herald"]), instead("x", ["scout", "herald"])
    ("did you mean 'herald'?", 'known: scout, herald')
    """
    names = list(dict.fromkeys(map(str, names)))
    near = difflib.get_close_matches(wrong, names, n=1)
    return f"did you mean {near[0]!r}?" if near else f"{among}: {', '.join(names) or 'none'}"


def band_words(band: tuple[float, float]) -> str:
    """A band of shares, as it is written everywhere.

    >>> band_words((0.10, 0.15)), band_words((0.075, 0.15))
    ('10-15%', '7.5-15%')
    """
    return f"{100 * band[0]:g}-{100 * band[1]:g}%"


def listed(words: list[str]) -> str:
    """Words as a list in a sentence.

    >>> listed(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def explain(
    error: ValidationError, whole: type[BaseModel], extra: tuple[str, ...]
) -> list[Problem]:
    """One problem for each thing that is wrong, in the order of the model's fields.

    ``whole`` is the model of a whole file, ``extra`` are keys that a file may have besides.
    """
    problems: list[tuple[str, Problem]] = []
    for item in error.errors():
        cause = item.get("ctx", {}).get("error")
        if isinstance(cause, Conflict):
            problems += [("conflict", p) for p in cause.problems]
        else:
            path = tuple(p for p in item["loc"] if p != "[key]")
            problems.append((item["type"], Problem(path, _remedy(dict(item), path, whole, extra))))
    return [p for kind, p in problems if not _follows_from_another(kind, p, problems)]


def _follows_from_another(kind: str, problem: Problem, all_: list[tuple[str, Problem]]) -> bool:
    """A list is only empty because its item is wrong; a key only missing because misspelt."""
    depth = len(problem.path)
    if kind == "too_short":
        return any(len(p.path) > depth and p.path[:depth] == problem.path for _, p in all_)
    if kind == "missing":
        meant = f"did you mean {problem.path[-1]!r}?"
        return any(
            k == "extra_forbidden" and p.path[:-1] == problem.path[:-1] and meant in p.text
            for k, p in all_
        )
    return False


def _remedy(
    item: dict[str, Any], path: Path_, whole: type[BaseModel], extra: tuple[str, ...]
) -> str:
    kind, value, ctx = item["type"], item["input"], item.get("ctx", {})
    if kind == "extra_forbidden":
        keys = _keys_at(path[:-1], whole) + ([] if path[:-1] else list(extra))
        return f"unknown key; {instead(str(path[-1]), keys, 'allowed')}"
    if kind == "missing":
        return f"is missing; add it ({_description_at(path, whole)})"
    if kind == "value_error":
        return str(ctx["error"])
    shown = _shown(value)
    if kind in ("dict_type", "model_type", "model_attributes_type"):
        keys = _keys_at(path, whole)
        of = f"with the keys {', '.join(keys)}" if keys else "from names to parts"
        return f"{shown} must be a mapping {of}"
    if kind == "tuple_type":
        how = f"; write it like [{json.dumps(value)}]" if isinstance(value, str) else ""
        return f"{shown} must be a list{how}"
    if kind == "string_pattern_mismatch":
        if ctx["pattern"] == "^[A-Z]{3}$":
            return f"{shown} must be a code of three capital letters such as EUR"
        return (
            f"{shown} must be lower-case letters, digits, - and _, starting with a letter, "
            "at most 40 characters"
        )
    if kind.startswith("date"):
        return f"{shown} is not a date; write it like 2026-08-03"
    if kind in ("too_short", "too_long"):
        few, many = "is empty; give at least one", "has more entries than {}; take some out"
        return few if kind == "too_short" else many.format(ctx["max_length"])
    words = _WORDS.get(kind, item["msg"].removeprefix("Input "))
    limits = {k: f"{v:g}" if isinstance(v, (int, float)) else v for k, v in ctx.items()}
    return f"{shown} {words.format(**limits)}"


_WORDS = {
    "bool_parsing": "is neither true nor false",
    "bool_type": "is neither true nor false",
    "enum": "must be {expected}",
    "finite_number": "must be a finite number",
    "float_parsing": "is not a number; write it like 0.02 or 1000",
    "float_type": "is not a number; write it like 0.02 or 1000",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "int_from_float": "is not a whole number",
    "int_parsing": "is not a whole number",
    "int_type": "is not a whole number",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "string_type": "is not text; write a word, or put it in quotes",
}


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, (list, tuple)):
        return "a list"
    text = repr(value) if isinstance(value, str) else str(value)
    if isinstance(value, bool):
        text = text.lower()  # as YAML writes it
    return text if len(text) <= _LONGEST_VALUE else f"{text[:_LONGEST_VALUE]}..."


def _part_of(annotation: Any) -> Any:
    """The model, or the mapping to models, inside an annotation."""
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        return _part_of(typing.get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return next((p for a in typing.get_args(annotation) if (p := _part_of(a))), None)
    if origin is dict:
        return {"value": _part_of(typing.get_args(annotation)[1])}
    return (
        annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
    )


def _fields(part: type[BaseModel]) -> dict[str, Any]:
    return {(f.alias or name): f for name, f in part.model_fields.items()}


def _walk(path: Path_, whole: type[BaseModel]) -> Any:
    part: Any = whole
    for step in path:
        if isinstance(part, dict):
            part = part["value"]
        elif part is None or step not in _fields(part):
            return None
        else:
            part = _part_of(_fields(part)[str(step)].annotation)
    return part


def _keys_at(path: Path_, whole: type[BaseModel]) -> list[str]:
    part = _walk(path, whole)
    return list(_fields(part)) if isinstance(part, type) else []


def _description_at(path: Path_, whole: type[BaseModel]) -> str:
    part = _walk(path[:-1], whole)
    field = _fields(part).get(str(path[-1])) if isinstance(part, type) else None
    text = (field.description if field else None) or "see docs/scenarios.md"
    return " ".join(text.replace("``", "").split()).rstrip(".")
