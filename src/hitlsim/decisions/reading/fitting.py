"""Whether the parts of a mapping fit each other and the columns of the log."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from ...scenario.explain import Path_, Problem, listed
from ..columns import COLUMNS, DType
from .cells import Writing, problem_with
from .identities import HASHED
from .parts import EVERY, Export
from .presets import PRESETS

if TYPE_CHECKING:
    from .mapping import Mapping

_PLACED = ("ok", "verdict", "look_verdict")
"""Columns that say which of several rows is the bad one."""


def near(word: str, known: Iterable[str]) -> str:
    """The nearest known word as a question, or nothing.

    >>> near("confidense", COLUMNS)
    "did you mean 'confidence'?"
    """
    folded = {k.casefold(): k for k in known}
    found = difflib.get_close_matches(word.casefold(), folded, n=1)
    return f"did you mean {folded[found[0]]!r}?" if found else ""


def plain(timezone: str) -> Writing:
    """How values that stand in the mapping itself are written: as a log has them."""
    return Writing(zone=ZoneInfo(timezone), iso_hint="")


def problems_of(m: Mapping) -> Iterator[Problem]:
    """Everything that does not fit, with its place in the file."""
    yield from _preset_fits(m)
    for at, export in ((), m), *((("join", i), rule) for i, rule in enumerate(m.join)):
        yield from _writing_fits(at, export)
    yield from _columns_fit(m)
    yield from _values_fit(m)
    yield from _constants_fit(m)
    yield from _joins_fit(m)
    yield from hash_fits(m)


def _unknown(name: str) -> str | None:
    """Why a name cannot stand for a column of ours."""
    if name not in COLUMNS:
        return f"is no column of the log; {near(name, COLUMNS) or 'hitlsim columns lists them'}"
    if COLUMNS[name].is_truth:
        return "is known only in simulated logs; take the line out"
    return None


def _preset_fits(m: Mapping) -> Iterator[Problem]:
    if m.preset is not None and m.preset not in PRESETS:
        yield Problem(("preset",), f"{m.preset!r} is none of {', '.join(PRESETS)}")


def _writing_fits(at: Path_, export: Export) -> Iterator[Problem]:
    if export.thousands and export.thousands == export.decimal:
        yield Problem((*at, "thousands"), "is also the decimal sign; say which is which")
    for name in export.date_format or ():
        column = COLUMNS.get(name)
        if name == EVERY:
            continue
        if text := _unknown(name):
            yield Problem((*at, "date_format", name), text)
        elif column and column.dtype is not DType.TIME:
            yield Problem((*at, "date_format", name), "holds no times; take the line out")


def _columns_fit(m: Mapping) -> Iterator[Problem]:
    for name in m.columns or ():
        if text := _unknown(name):
            yield Problem(("columns", name), text)
    if m.ok and m.columns and "ok" in m.columns:
        yield Problem(("ok",), "is also under columns; keep one of the two")


def _parts(m: Mapping) -> Iterator[tuple[Path_, Map[str, str]]]:
    """The columns of each file, and where the mapping names them."""
    yield ("columns",), m.columns or {}
    for i, rule in enumerate(m.join):
        yield ("join", i, "columns"), rule.columns


def _named(m: Mapping) -> set[str]:
    """Columns of ours that the mapping reads from some file."""
    return {name for _, columns in _parts(m) for name in columns}


def _values_fit(m: Mapping) -> Iterator[Problem]:
    for name, words in m.values.items():
        column = COLUMNS.get(name)
        by_name = m.columns is None or m.preset is not None
        if text := _unknown(name):
            yield Problem(("values", name), text)
        elif column and column.dtype in (DType.TEXT, DType.TIME):
            yield Problem(("values", name), f"values of a {column.dtype} column cannot be replaced")
        elif not by_name and name not in _named(m) and name != "confidence":
            yield Problem(("values", name), "has no column; name it under columns")
        elif column:
            for yours, ours in words.items():
                if text := problem_with(ours, column, m.writing()):
                    yield Problem(("values", name, yours), text)


def _constants_fit(m: Mapping) -> Iterator[Problem]:
    for name, value in m.constants.items():
        column = COLUMNS.get(name)
        if text := _unknown(name):
            yield Problem(("constants", name), text)
        elif name in ("decision_id", "confidence", "ok", "ok_source"):
            yield Problem(("constants", name), "differs from row to row; it must be a column")
        elif name in _named(m):
            yield Problem(("constants", name), "is also under columns; keep one of the two")
        elif column and (text := problem_with(value, column, plain(m.timezone))):
            yield Problem(("constants", name), text)


def _joins_fit(m: Mapping) -> Iterator[Problem]:
    taken = dict.fromkeys(m.columns or (), "columns")
    for i, rule in enumerate(m.join):
        at = ("join", i, "columns")
        for name in rule.columns:
            if text := _unknown(name):
                yield Problem((*at, name), text)
            elif name == "decision_id":
                yield Problem((*at, name), "says which row is which; it belongs under on")
            elif name == "ok" and m.ok:
                yield Problem((*at, name), "follows from the rule ok; keep one of the two")
            elif name in taken:
                yield Problem((*at, name), f"is also under {taken[name]}; keep one of the two")
            taken[name] = f"join.{i}.columns"
        if rule.keep == "any_bad" and not m.ok and not any(c in rule.columns for c in _PLACED):
            words = "needs to know which row is bad: name ok, verdict or look_verdict under columns"
            yield Problem(("join", i, "keep"), words)


def hash_fits(m: Mapping) -> Iterator[Problem]:
    """Whether what is hashed can be, and is shown in clear nowhere else."""
    for i, name in enumerate(m.hash):
        if name not in HASHED:
            yield Problem(("hash", i), f"{name!r} cannot be; only {listed([*HASHED])} can")
    ours = m.columns or {}
    keys = [None, *(rule.on for rule in m.join)]
    for (at, sources), key in zip(_parts(m), keys, strict=True):
        secret = {sources[name]: name for name in m.hash if name in sources}
        if key and (same := [n for n in m.hash if key.ours in (n, ours.get(n))]):
            secret[key.theirs] = same[0]
        for name, source in sources.items():
            if source in secret and name not in m.hash:
                kin = secret[source]
                how = f"add {name} to hash too" if name in HASHED else "take one of the two out"
                words = f"shows {source!r} in clear, which is hashed as {kin}; {how}"
                yield Problem((*at, name), words)
