"""JSON lines, and a JSON array of objects."""

from __future__ import annotations

import io
import json
import re
from collections import Counter
from collections.abc import Collection, Iterator
from itertools import islice
from typing import Any

import numpy as np
import pyarrow as pa

from ....errors import LogError
from .sheet import BAD_BYTES, TEXT, Broken, Sheet, named

_STARTS = re.compile(rb'\s*(\{\s*["}]|\[\s*[\[{\]])')
_SUFFIXES = (".jsonl", ".ndjson", ".json")
_CHUNK = 20_000
_KEYS_MOST = 20_000
_NO_OBJECT = "is no JSON object"


class _Number(str):
    """A number as the file writes it."""

    __slots__ = ()


def is_json(text: bytes, name: str) -> bool:
    """Whether a text holds objects; ``[id],[score]`` is a header."""
    return name.lower().endswith(_SUFFIXES) or _STARTS.match(text) is not None


def read_json(text: bytes, file: str, wanted: Collection[str] | None) -> Sheet:
    r"""Take objects as rows; those inside others become columns such as ``deal.size``.

    A key that is missing is an empty cell. Rows are numbered as lines, in an array from 1.

    Examples
    --------
    >>> sheet = read_json(b'{"id": 1, "deal": {"size": 2.50}}\n{"id"\n', "a.jsonl", None)
    >>> sheet.names, sheet.column("deal.size").to_pylist(), sheet.broken
    (['id', 'deal.size'], ['2.50'], [(2, '{"id"', 'is no JSON object')])
    """
    array, notes = _array(text, file), []
    broken: Broken = []
    if array is None:
        rows = _lines(text, broken)
    else:
        rows = _elements(array, broken)
        notes.append("rows are numbered from 1, as the objects of the array")
    names, table, numbers, typed = _table(rows, file, wanted)
    if not len(numbers) and not broken:
        raise LogError(f"{file}: has no rows; export it again")
    if not len(numbers) and broken:
        raise LogError(f"{file}: {broken[0][2]} (row {broken[0][0]}), nor is any other row")
    return Sheet(names, table, numbers, broken, typed, notes=tuple(notes))


def _loads(text: str) -> Any:
    return json.loads(text, parse_float=_Number, parse_int=_Number, parse_constant=_Number)


def _array(text: bytes, file: str) -> list[Any] | None:
    """The array that is the whole file, if it is one; an export may wrap it in an object."""
    first = text.lstrip().split(b"\n", 1)[0].strip()
    if not first.startswith(b"["):
        try:
            lone = isinstance(_loads(first.decode()), dict) and b"\n" in text.strip()
        except (ValueError, RecursionError):
            lone = False
        if lone:
            return None
    try:
        whole = _loads(text.decode())
    except (ValueError, RecursionError) as e:
        if not first.startswith(b"["):
            return None
        raise LogError(f"{file}: is no sound JSON ({e}); export it again") from None
    if isinstance(whole, dict):
        lists = [v for v in whole.values() if isinstance(v, list) and v and isinstance(v[0], dict)]
        whole = lists[0] if len(lists) == 1 else [whole]
    if not isinstance(whole, list):
        raise LogError(f"{file}: holds a single value; give an array of objects or JSON lines")
    return whole


def _lines(text: bytes, broken: Broken) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, raw in enumerate(io.BytesIO(text), 1):
        line = raw.decode().strip()
        if not line:
            continue
        try:
            value = _loads(line)
        except (ValueError, RecursionError):
            value = None
        yield from _row(number, value, line, broken)


def _elements(array: list[Any], broken: Broken) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, value in enumerate(array, 1):
        yield from _row(number, value, "", broken)


def _row(
    number: int, value: Any, line: str, broken: Broken
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The row with its number, if it is one that can be kept as text."""
    if not isinstance(value, dict):
        broken.append((number, line or str(value), _NO_OBJECT))
        return
    try:
        row = _flat(value)
    except RecursionError:
        broken.append((number, line, "is nested too deeply"))
        return
    reason = _damage("".join(v for v in row.values() if isinstance(v, str)))
    if reason:
        shown = line or str(value)
        broken.append((number, shown.encode("utf-8", "replace").decode(), reason))
    else:
        yield number, row


def _damage(text: str) -> str:
    if text.isascii():
        return "holds a NUL byte; the row is damaged" if "\0" in text else ""
    if BAD_BYTES in text:
        return "holds bytes that are no characters; the row is damaged"
    try:
        text.encode()
    except UnicodeEncodeError:
        return "holds half a character; the row is damaged"
    return "holds a NUL byte; the row is damaged" if "\0" in text else ""


def _flat(value: dict[str, Any]) -> dict[str, Any]:
    if not any(isinstance(inner, dict) for inner in value.values()):
        return value
    flat: dict[str, Any] = {}
    for key, inner in value.items():
        if isinstance(inner, dict):
            flat.update({f"{key}.{k}": v for k, v in _flat(inner).items()})
        else:
            flat[key] = inner
    return flat


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "+".join(value)  # as signals and reasons are written
    return json.dumps(value, ensure_ascii=False)


def _table(
    rows: Iterator[tuple[int, dict[str, Any]]], file: str, wanted: Collection[str] | None
) -> tuple[list[str], Any, Any, frozenset[str]]:
    keys: dict[str, list[Any]] = {}
    numbers: list[Any] = []
    texts, others = Counter[str](), Counter[str]()
    done = 0
    while chunk := list(islice(rows, _CHUNK)):
        for key in dict.fromkeys(key for _, row in chunk for key in row):
            keys.setdefault(key, [pa.nulls(done, TEXT)])
        if len(keys) > _KEYS_MOST:
            raise LogError(f"{file}: has more than {_KEYS_MOST:,} different keys; name them alike")
        for key, parts in keys.items():
            if wanted is not None and key not in wanted:
                continue
            values = [row.get(key) for _, row in chunk]
            texts[key] += sum(type(value) is str for value in values)
            others[key] += sum(isinstance(value, (_Number, bool)) for value in values)
            parts.append(pa.array(list(map(_text, values)), TEXT))
        numbers.append(np.array([number for number, _ in chunk], np.int64))
        done += len(chunk)
    names = named([key.strip() for key in keys], wanted, file)
    columns = [
        pa.chunked_array(parts, TEXT) if wanted is None or key in wanted else pa.nulls(done)
        for key, parts in keys.items()
    ]
    typed = frozenset(
        name for name, key in zip(names, keys, strict=True) if others[key] > texts[key]
    )
    table = pa.table(columns, names=names)
    return names, table, np.concatenate([*numbers, np.array([], np.int64)]), typed
