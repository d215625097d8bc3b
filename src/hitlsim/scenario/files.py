"""Scenario files. The only file that knows YAML.

A scenario has three forms: the text, a lenient mapping (merged along ``extends``), and the frozen,
validated :class:`~hitlsim.scenario.scenario.Scenario`. Positions are kept beside the mapping, so
that every error names file and line. YAML 1.2 is read by ruamel.yaml's safe round-trip loader:
``no`` is a word and ``10:30`` is not a number.
"""

from __future__ import annotations

import difflib
import io
import re
import types
import typing
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Union

from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from ..bundled import bundled
from ..errors import ScenarioError
from .scenario import Conflict, Evidence, Scenario

Path_ = tuple[str | int, ...]
_MARK = re.compile(r"#\s*\((?P<mark>[ABCS?])\)\s*(?P<source>.*?)\s*$")
_MOST_PROBLEMS = 10


class Document:
    """Plain values of a YAML file, and for every path the file and line it stands in."""

    def __init__(self, values: Any, positions: dict[Path_, tuple[str, int]], lines: list[str]):
        self.values = values
        self.positions = positions
        self.lines = lines

    def where(self, path: Path_, default_file: str) -> str:
        """``file:line`` of a path, or of the nearest part above it that was written down."""
        for end in range(len(path), -1, -1):
            if path[:end] in self.positions:
                file, line = self.positions[path[:end]]
                return f"{file}:{line}"
        return default_file


def read_yaml(path: Path, error: type[ValueError] = ScenarioError) -> Document:
    """Read one YAML file whose top is a mapping."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise error(f"{path}: no such file; check the path") from None
    except UnicodeDecodeError as e:
        raise error(f"{path}: byte {e.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as e:
        raise error(f"{path}: cannot be read ({e.strerror}); check its permissions") from None
    try:
        tree = YAML(typ="rt").load(text)
    except MarkedYAMLError as e:
        mark = e.problem_mark or e.context_mark
        line = f":{mark.line + 1}" if mark else ""
        raise error(f"{path.name}{line}: not valid YAML: {e.problem or e.context}") from None
    except (YAMLError, ValueError) as e:
        raise error(f"{path.name}: not valid YAML: {e}") from None
    if not isinstance(tree, CommentedMap) or not tree:
        raise error(f"{path.name}: is empty or not a mapping; it must hold 'key: value' lines")
    positions: dict[Path_, tuple[str, int]] = {(): (path.name, 1)}
    values = _plain(tree, (), path.name, positions, error)
    return Document(values, positions, text.splitlines())


def _plain(
    node: Any,
    path: Path_,
    file: str,
    positions: dict[Path_, tuple[str, int]],
    error: type[ValueError],
) -> Any:
    """Copy a tree into plain values, noting lines and refusing nulls and odd keys."""
    if isinstance(node, CommentedMap):
        plain: dict[str, Any] = {}
        for key in node:
            line = node.lc.key(key)[0] + 1 if key in (node.lc.data or {}) else positions[path][1]
            if not isinstance(key, str):
                raise error(f"{file}:{line} key {key!r} must be a word; put it in quotes")
            positions[(*path, key)] = (file, line)
            plain[key] = _plain(node[key], (*path, key), file, positions, error)
        return plain
    if isinstance(node, CommentedSeq):
        for i in range(len(node)):
            positions[(*path, i)] = (file, node.lc.item(i)[0] + 1)
        return [_plain(v, (*path, i), file, positions, error) for i, v in enumerate(node)]
    if node is None:
        line = positions[path][1]
        raise error(f"{file}:{line} {_dotted(path)}: has no value; give one or take the line out")
    if isinstance(node, bool):
        return bool(node)
    for kind in (int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _dotted(path: Path_) -> str:
    return ".".join(map(str, path))


def _find(source: str | Path, beside: Path | None = None) -> Path:
    """A path, a path beside the extending file, or the name of a scenario that ships."""
    given = Path(source)
    candidates = [given] if beside is None else [beside / given, beside / f"{source}.yaml"]
    if given.suffix == "" and given.name == str(source):
        candidates.append(bundled("scenarios") / f"{source}.yaml")
    for path in candidates:
        if path.is_file():
            return path
    ships = ", ".join(sorted(p.stem for p in bundled("scenarios").glob("*.yaml")))
    raise ScenarioError(f"{source}: no such scenario file; give a path, or one that ships: {ships}")


def _merge(base: Any, over: Any) -> Any:
    """Mappings merge key by key; everything else is replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        merged = dict(base)
        for key, value in over.items():
            merged[key] = _merge(base[key], value) if key in base else value
        return merged
    return over


def _resolve(path: Path, seen: tuple[Path, ...]) -> tuple[Document, list[Evidence]]:
    """Read a file and everything it extends; the evidence follows the number that wins."""
    if path.resolve() in seen:
        chain = " -> ".join(p.name for p in (*seen, path))
        raise ScenarioError(f"{path.name}: extends itself ({chain}); break the circle")
    document = read_yaml(path)
    evidence = list(_evidence(document))
    base_name = document.values.pop("extends", None)
    if base_name is None:
        return document, evidence
    if not isinstance(base_name, str):
        raise ScenarioError(f"{document.where(('extends',), path.name)} extends: must be one name")
    base, base_evidence = _resolve(_find(base_name, path.parent), (*seen, path.resolve()))
    own = {e.path for e in evidence}
    merged = Document(
        _merge(base.values, document.values), {**base.positions, **document.positions}, []
    )
    return merged, [e for e in base_evidence if e.path not in own] + evidence


def _evidence(document: Document) -> Iterator[Evidence]:
    """Numbers and the mark in the comment at the end of their line; unmarked ones are ``?``."""
    for path, value in _leaves(document.values, ()):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            line = document.lines[document.positions[path][1] - 1]
            match = _MARK.search(line)
            mark, source = (match["mark"], match["source"]) if match else ("?", "")
            yield Evidence(_dotted(path), value, mark, source)


def _leaves(node: Any, path: Path_) -> Iterator[tuple[Path_, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from _leaves(value, (*path, i))
    else:
        yield path, node


def load(source: str | Path) -> Scenario:
    """Read a scenario file, or one that ships, by name.

    Parameters
    ----------
    source : str or Path
        A path to a YAML file, or the name of a shipped scenario.

    Returns
    -------
    Scenario
        Frozen and checked.

    Raises
    ------
    ScenarioError
        With file, line, path, the rule that is broken and the remedy; up to ten at once.

    Examples
    --------
    >>> load("on-the-loop").weeks
    12
    """
    path = _find(source)
    document, evidence = _resolve(path, ())
    try:
        scenario = Scenario.model_validate(document.values)
    except ValidationError as e:
        raise ScenarioError(_explain(e, document, path.name)) from None
    scenario._evidence = tuple(evidence)
    return scenario


def _explain(error: ValidationError, document: Document, file: str) -> str:
    """One line for each problem: ``file:line path: what; remedy``."""
    problems: list[tuple[Path_, str]] = []
    for item in error.errors():
        cause = item.get("ctx", {}).get("error")
        if isinstance(cause, Conflict):
            problems += [(p.path, p.text) for p in cause.problems]
        else:
            loc = tuple(p for p in item["loc"] if p != "[key]")
            problems.append((loc, _remedy(dict(item), loc)))
    lines = [f"{document.where(p, file)} {_dotted(p)}: {text}" for p, text in problems]
    if len(lines) > _MOST_PROBLEMS:
        lines[_MOST_PROBLEMS:] = [f"... and {len(lines) - _MOST_PROBLEMS} more"]
    return "\n".join(lines)


def _remedy(item: dict[str, Any], loc: Path_) -> str:
    """What is wrong with one value, in words, with what to do."""
    kind, value = item["type"], item["input"]
    if kind == "extra_forbidden":
        allowed = _keys_at(loc[:-1])
        near = difflib.get_close_matches(str(loc[-1]), allowed, n=1)
        hint = f"did you mean {near[0]!r}?" if near else f"allowed: {', '.join(allowed)}"
        return f"unknown key; {hint}"
    if kind == "missing":
        return f"is missing; add it ({_description_at(loc)})"
    if kind == "value_error":
        return str(item["ctx"]["error"])
    message = str(item["msg"]).removeprefix("Input ")
    if isinstance(value, (dict, list)):
        return message
    if kind == "string_pattern_mismatch":
        message = "must be lower-case letters, digits, - and _, starting with a letter"
        if item["ctx"]["pattern"] == "^[A-Z]{3}$":
            message = "must be a code of three capital letters such as EUR"
    return f"{value!r} {message}"


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


def _walk(loc: Path_) -> Any:
    part: Any = Scenario
    for step in loc:
        if isinstance(part, dict):
            part = part["value"]
        elif part is None or step not in _fields(part):
            return None
        else:
            part = _part_of(_fields(part)[str(step)].annotation)
    return part


def _keys_at(loc: Path_) -> list[str]:
    part = _walk(loc)
    keys = list(_fields(part)) if isinstance(part, type) else []
    return keys if loc else [*keys, "extends"]


def _description_at(loc: Path_) -> str:
    part = _walk(loc[:-1])
    field = _fields(part).get(str(loc[-1])) if isinstance(part, type) else None
    text = (field.description if field else None) or "see docs/scenarios.md"
    return " ".join(text.split())


def dump(scenario: Scenario) -> str:
    """The scenario as YAML with everything spelled out; :func:`load` reads it back.

    >>> import tempfile, pathlib
    >>> scenario = load("outbound")
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "copy.yaml"
    >>> _ = file.write_text(dump(scenario))
    >>> load(file) == scenario
    True
    """
    yaml = YAML(typ="safe", pure=True)
    # keep the order of the file; ruamel annotates the attribute by its initial None
    yaml.default_flow_style = False
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    out = io.StringIO()
    yaml.dump(scenario.to_dict(), out)
    return out.getvalue()


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a scenario file, for completion and checks in editors.

    A file that extends another may leave anything out, so only a file that does not must have the
    top-level keys; what is missing deeper down is said by :func:`load`.
    """
    schema = Scenario.model_json_schema(by_alias=True, mode="validation")
    required = schema.pop("required")
    for part in schema["$defs"].values():
        part.pop("required", None)
    schema["properties"]["extends"] = {
        "type": "string",
        "description": "A scenario file, or one that ships, of which this one is a variation.",
    }
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
