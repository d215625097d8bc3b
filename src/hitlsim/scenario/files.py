"""Scenario files. The only file that knows YAML.

A scenario has three forms: the text, a lenient mapping (merged along ``extends``), and the frozen,
validated :class:`~hitlsim.scenario.scenario.Scenario`. Positions are kept beside the mapping, so
that every error names file and line. YAML 1.2 is read by ruamel.yaml's safe round-trip loader:
``no`` is a word and ``10:30`` is not a number.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.representer import SafeRepresenter

from ..bundled import bundled
from ..errors import ScenarioError
from .explain import Path_, Problem, dotted, explain, instead
from .phases import PhaseName
from .scenario import Evidence, Scenario

_MARK = re.compile(r"#\s*\((?P<mark>[ABCS?])\)\s*(?P<source>.*?)\s*$")
_DATE = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b")
_MOST_PROBLEMS = 10
_MOST_VALUES = 20_000


class Document:
    """Plain values of a YAML file, and for every path the file and line it stands in."""

    def __init__(self, values: Any, positions: dict[Path_, tuple[str, int]], lines: list[str]):
        self.values = values
        self.positions = positions
        self.lines = lines

    def position(self, path: Path_) -> tuple[str, int]:
        """File and line of a path, or of the nearest part above it that was written down."""
        ends = range(len(path), -1, -1)
        return next((self.positions[path[:e]] for e in ends if path[:e] in self.positions), ("", 0))

    def where(self, path: Path_, default_file: str = "") -> str:
        """The position as ``file:line``; ``default_file`` if nothing was written down."""
        file, line = self.position(path)
        return f"{file}:{line}" if file else default_file


def read_yaml(path: Path, error: type[ValueError] = ScenarioError) -> Document:
    """Read one YAML file whose top is a mapping."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise error(f"{path}: no such file; check the path") from None
    except UnicodeDecodeError as e:
        raise error(f"{path}: byte {e.start} is not UTF-8; save the file as UTF-8") from None
    except OSError as e:
        raise error(f"{path}: cannot be read ({e.strerror}); check its permissions") from None
    name = path.name
    try:
        tree = _tree(text)
        if not isinstance(tree, CommentedMap) or not tree:
            raise error(f"{name}:1 is empty or not a mapping; it must hold 'key: value' lines")
        positions: dict[Path_, tuple[str, int]] = {(): (name, 1)}
        values = _plain(tree, (), name, positions, error)
    except MarkedYAMLError as e:
        raise error(f"{name}{_what_is_not_yaml(e)}") from None
    except RecursionError:
        raise error(f"{name}: is nested too deeply; take a level out") from None
    except error:
        raise
    except (YAMLError, ValueError) as e:
        raise error(f"{name}{_no_such_day(text)}: not valid YAML: {e}; mend the line") from None
    return Document(values, positions, text.splitlines())


@lru_cache(maxsize=8)
def _tree(text: str) -> Any:
    """What a text says; to be read only, as the same text gives the same tree."""
    return YAML(typ="rt").load(text)


def _what_is_not_yaml(e: MarkedYAMLError) -> str:
    """Line, what the parser says, and what usually helps."""
    mark = e.problem_mark or e.context_mark
    line = f":{mark.line + 1}" if mark else ""
    said = str(e.problem or e.context).removeprefix("but ")
    if isinstance(e, DuplicateKeyError):
        key = said.split('"')[1]
        return f"{line} {key}: stands here for the second time; take one of the two out"
    if "\\t" in said:
        remedy = "indent with spaces, not with tabs"
    elif "mapping values" in said:
        remedy = "check the indentation, and put text that contains ': ' in quotes"
    elif "another document" in said:
        remedy = "write one scenario in one file, without '---'"
    else:
        remedy = "look for a colon, quote or bracket missing here or in the lines before"
    return f"{line}: not valid YAML: {said}; {remedy}"


def _no_such_day(text: str) -> str:
    """Line of the first date that no calendar has (the parser does not say where it was)."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _DATE.findall(line):
            try:
                date(*map(int, found.split("-")))
            except ValueError:
                return f":{number}"
    return ""


def _plain(
    node: Any,
    path: Path_,
    file: str,
    positions: dict[Path_, tuple[str, int]],
    error: type[ValueError],
) -> Any:
    """Copy a tree into plain values, noting lines and refusing nulls, odd keys and tags."""
    here = positions[path][1]
    if len(positions) > _MOST_VALUES:
        raise error(f"{file}:{here} has more than {_MOST_VALUES:,} values; leave aliases out")
    if isinstance(node, CommentedMap):
        plain: dict[str, Any] = {}
        for key in node:
            line = node.lc.key(key)[0] + 1 if key in (node.lc.data or {}) else here
            if not isinstance(key, str):
                raise error(f"{file}:{line} key {key!r} must be a word; put it in quotes")
            positions[(*path, key)] = (file, line)
            plain[key] = _plain(node[key], (*path, key), file, positions, error)
        return plain
    if isinstance(node, CommentedSeq):
        for i in range(len(node)):
            line = node.lc.item(i)[0] + 1 if i in (node.lc.data or {}) else here
            positions[(*path, i)] = (file, line)
        return [_plain(v, (*path, i), file, positions, error) for i, v in enumerate(node)]
    if node is None:
        raise error(f"{file}:{here} {dotted(path)}: has no value; give one or take the line out")
    plain_value = _scalar(node)
    if plain_value is None:
        raise error(
            f"{file}:{here} {dotted(path)}: is no text, number, list or mapping; take tags out"
        )
    return plain_value


def _scalar(node: Any) -> Any:
    """A plain value for what ruamel keeps with its layout; None for a value with a tag."""
    if isinstance(node, (bool, date)):
        return node
    return next((kind(node) for kind in (int, float, str) if isinstance(node, kind)), None)


def _find(source: str | Path, beside: Path | None = None, where: str = "") -> Path:
    """A path, a path beside the extending file, or the name of a scenario that ships."""
    given = Path(source)
    candidates = [given] if beside is None else [beside / given, beside / f"{source}.yaml"]
    if given.suffix == "" and given.name == str(source):
        candidates.append(bundled("scenarios") / f"{source}.yaml")
    try:
        found = next((path for path in candidates if path.is_file()), None)
    except OSError:  # the name is too long for a file
        raise ScenarioError("load() takes a path or a name, not the text of a scenario") from None
    if found is None:
        ships = sorted(p.stem for p in bundled("scenarios").glob("*.yaml"))
        remedy = instead(str(source), ships, "give a path, or one that ships")
        raise ScenarioError(f"{where}{source}: no such scenario file; {remedy}")
    return found


def _merge(base: Any, over: Any) -> Any:
    """Mappings merge key by key; everything else is replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        merged = dict(base)
        for key, value in over.items():
            merged[key] = _merge(base[key], value) if key in base else value
        return merged
    return over


def _in_phase_order(values: Any) -> Any:
    """A phase that the extending file adds takes its place among those of the base."""
    phases = values.get("phases")
    if not isinstance(phases, dict):
        return values
    order = [str(p) for p in PhaseName]
    rank = {name: order.index(name) if name in order else len(order) for name in phases}
    return {**values, "phases": dict(sorted(phases.items(), key=lambda p: rank[p[0]]))}


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
        where = document.where(("extends",))
        raise ScenarioError(f"{where} extends: must be one name, or a path in quotes")
    where = f"{document.where(('extends',))} extends: "
    base, base_evidence = _resolve(_find(base_name, path.parent, where), (*seen, path.resolve()))
    own = {e.path for e in evidence}
    merged = Document(
        _in_phase_order(_merge(base.values, document.values)),
        {**base.positions, **document.positions},
        [],
    )
    return merged, [e for e in base_evidence if e.path not in own] + evidence


def _evidence(document: Document) -> Iterator[Evidence]:
    """Numbers and the mark in the comment at the end of their line; unmarked ones are ``?``."""
    for path, value in _leaves(document.values, ()):
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            line = document.lines[document.positions[path][1] - 1]
            match = _MARK.search(line)
            mark, source = (match["mark"], match["source"]) if match else ("?", "")
            yield Evidence(dotted(path), value, mark, source)


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
        problems = explain(e, Scenario, ("extends",))
        raise ScenarioError(problem_lines(problems, document)) from None
    scenario._evidence = tuple(evidence)
    return scenario


def problem_lines(problems: list[Problem], document: Document) -> str:
    """One line for each problem, in the order of the file: ``file:line path: what; remedy``."""
    problems = sorted(problems, key=lambda p: document.position(p.path))
    lines = [f"{document.where(p.path)} {dotted(p.path)}: {p.text}" for p in problems]
    if len(lines) > _MOST_PROBLEMS:
        lines[_MOST_PROBLEMS:] = [f"... and {len(lines) - _MOST_PROBLEMS} more"]
    return "\n".join(lines)


def dump(scenario: Scenario) -> str:
    """The scenario as YAML with everything spelled out; :func:`load` reads it back.

    >>> import tempfile, pathlib
    >>> scenario = load("outbound")
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "copy.yaml"
    >>> _ = file.write_text(dump(scenario))
    >>> load(file) == scenario
    True
    """
    return to_yaml(scenario.to_dict())


class _Representer(SafeRepresenter):
    """Numbers that belong together stand on one line, such as a value and its interval."""

    def represent_list(self, data: Any) -> Any:
        together = bool(data) and all(isinstance(v, (int, float)) for v in data)
        return self.represent_sequence("tag:yaml.org,2002:seq", data, flow_style=together or None)


for _kind in (list, tuple):
    _Representer.add_representer(_kind, _Representer.represent_list)


def to_yaml(values: Mapping[str, Any]) -> str:
    """Plain values as YAML, in their order; :func:`read_yaml` reads them back.

    >>> print(to_yaml({"version": 2, "why": ["fewer errors: 1%"], "rate": [0.12, 0.11, 0.13]}))
    version: 2
    why:
    - 'fewer errors: 1%'
    rate: [0.12, 0.11, 0.13]
    <BLANKLINE>
    """
    yaml = YAML(typ="safe", pure=True)
    yaml.Representer = _Representer
    yaml.default_flow_style = False
    # a sentence stays on its line; a name that was broken into two could not be read back
    yaml.width = 1_000_000
    # keeps the order of the file; ruamel annotates the attribute by its initial None
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]
    out = io.StringIO()
    yaml.dump(values, out)
    return out.getvalue()


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a scenario file, for completion and checks in editors.

    A file that extends another may leave anything out, so only a file that does not must have the
    top-level keys; what is missing deeper down is said by :func:`load`.
    """
    schema = _tidy(Scenario.model_json_schema(by_alias=True, mode="validation"))
    required = schema.pop("required")
    for part in schema["$defs"].values():
        part.pop("required", None)
    schema["properties"]["extends"] = {
        "type": "string",
        "description": "A scenario file, or one that ships, of which this one is a variation.",
    }
    schema["anyOf"] = [{"required": ["extends"]}, {"required": required}]
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _tidy(node: Any) -> Any:
    """As files are written: no nulls, and names of parts only as they may be."""
    if isinstance(node, list):
        return [_tidy(n) for n in node if n != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    node = {key: _tidy(value) for key, value in node.items() if value is not None}
    if len(node.get("anyOf", ())) == 1:
        node = {**node.pop("anyOf")[0], **node}
    if "patternProperties" in node:
        node["additionalProperties"] = False
    return node
