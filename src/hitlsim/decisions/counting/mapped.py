"""A mapping applied to a table where it is, and the rows that cannot be used."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as Map
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import NamedTuple

import ibis
import ibis.expr.types as ir

from ...errors import LogError
from ...scenario.boundary import Bands
from ..columns import COLUMNS, EXCEPTION_ROUTES, Column, DType
from ..reading.fitting import near
from ..reading.mapping import Mapping
from ..reading.parts import OkRule
from .source import SECOND_US, TYPES, Source

UNKNOWN = "unknown_"
"""Before the name of a yes/no column: whether what stands there is neither."""
_NEEDED = ("decided_at", "confidence")
_YES, _NO = ("yes", "true", "1"), ("no", "false", "0")
SANE_US = [int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) * SECOND_US for year in (1970, 2200)]
_LARGEST = {"wait_minutes": 1e9, "review_minutes": 1e9, "look_minutes": 1e9, "delay_cost": 1e9,
            "true_harm": 1e9}  # fmt: skip
"""Above this it is a slip, and would not add up as a whole number."""
_IN_ORDER = (("queued_at", "started_at"), ("started_at", "ended_at"))
_ONLY_FILES = ("preset", "join", "hash")
"""What a mapping can say that needs the rows in memory."""


class Reason(NamedTuple):
    """Why some rows cannot be used."""

    column: str
    words: str
    which: ir.Value


def mapped(table: ir.Table, plan: Mapping, name: str) -> ir.Table:
    """A table with the columns of the log that it has, under the log's names and types.

    Raises
    ------
    LogError
        When the mapping names columns that are not there, or asks for what a table cannot do.
    """
    for key in _ONLY_FILES:
        if getattr(plan, key):
            raise LogError(
                f"{name}: a mapping with {key}: is for files that are read; of a log that stays "
                f"where it is do that there, and take {key}: out"
            )
    columns: dict[str, ir.Value] = {}
    unknown: dict[str, ir.Value] = {}
    for n, yours in _sources(table, plan, name).items():
        said = _replaced(table[yours], plan.values.get(n, {}))
        columns[n] = _typed(said, COLUMNS[n], plan, name, yours)
        if COLUMNS[n].dtype is DType.YES_NO and not said.type().is_boolean():
            unknown[n] = columns[n].isnull() & _words(said).notnull()
    if plan.ok:
        columns["ok"] = _ok(plan.ok, table)
        unknown["ok"] = _unknown_to(plan.ok, table)
    for const, value in plan.constants.items():
        columns[const] = _constant(COLUMNS[const], value)
    if "ok" in columns and "ok_source" not in columns:
        columns["ok_source"] = columns["ok"].notnull().ifelse("outcome", ibis.null("string"))
    if "route" in columns and "exception" not in columns:
        columns["exception"] = columns["route"].isin(EXCEPTION_ROUTES)
    kept = {n: columns[n] for n in COLUMNS if n in columns}
    return table.select(**kept, **{f"{UNKNOWN}{n}": which for n, which in unknown.items()})


def local_times(table: ir.Table, plan: Mapping, name: str, engine: str) -> frozenset[str]:
    """Our names of the times that are readings of a clock, and not instants.

    What Spark calls a timestamp is an instant, though Ibis does not say so of it.
    """
    kinds = {n: table[yours].type() for n, yours in _sources(table, plan, name).items()
             if COLUMNS[n].dtype is DType.TIME}  # fmt: skip
    days = {n for n, kind in kinds.items() if kind.is_date()}
    if engine in ("pyspark", "databricks"):
        return frozenset(days)
    return frozenset(days | {n for n, kind in kinds.items() if kind.is_timestamp()
                             and kind.timezone is None})  # fmt: skip


def by_bands(confidence: ir.Value, bands: Bands) -> ir.Value:
    """Automatic when ``confidence >= auto``, held when ``confidence < review``, else reviewed."""
    return ibis.cases(
        (confidence >= bands.auto, "auto"), (confidence < bands.review, "triage"), else_="review"
    )


def _sources(table: ir.Table, plan: Mapping, name: str) -> dict[str, str]:
    """Our column: the table's."""
    same = COLUMNS if plan.columns is None else [c.name for c in COLUMNS.values() if c.required]
    found = {n: n for n in same if n in table.columns and n not in plan.constants}
    if plan.ok:
        found.pop("ok", None)
    found |= dict(plan.columns or {})
    rule = [plan.ok.advice, plan.ok.outcome] if plan.ok else []
    for yours in (*found.values(), *rule):
        if yours not in table.columns:
            hint = near(yours, table.columns) or f"it has: {', '.join(table.columns[:30])}"
            raise LogError(f"{name}: has no column {yours!r}; {hint}")
    for need in _NEEDED:
        if need not in found and need not in plan.constants:
            hint = near(need, table.columns) or f"it has: {', '.join(table.columns[:30])}"
            raise LogError(
                f"{name}: no column is {need} ({COLUMNS[need].meaning}); {hint}; say which under "
                "columns: in a mapping (docs/your-own-log.md)"
            )
    return found


def _replaced(value: ir.Value, words: Map[str, str]) -> ir.Value:
    """Your words replaced by ours; empty means missing."""
    if not words:
        return value
    text = value.cast("string")
    ours = ((theirs, our if our else ibis.null("string")) for theirs, our in words.items())
    return text.cases(*ours, else_=text)


def _typed(value: ir.Value, column: Column, plan: Mapping, name: str, yours: str) -> ir.Value:
    """A column as the log has it."""
    kind = value.type()
    if column.dtype is DType.TIME:
        if not (kind.is_timestamp() or kind.is_date()):
            raise LogError(
                f"{name}: {yours} holds {kind}, not times; make timestamps of it where it is "
                "stored, or export a file, where date_format: in the mapping says how they are "
                "written"
            )
        return value.cast("timestamp") if kind.is_date() else value
    if column.dtype is DType.YES_NO:
        return _yes_no(value)
    if column.dtype in (DType.NUMBER, DType.WHOLE):
        if not kind.is_numeric():
            raise LogError(f"{name}: {yours} holds {kind}, not numbers; cast it where it is stored")
        number = value.cast("float64")
        scaled = column.name == "confidence" and plan.confidence_scale != 1
        return number / plan.confidence_scale if scaled else number
    return value if kind.is_string() else value.cast("string")


def _yes_no(value: ir.Value) -> ir.Value:
    kind = value.type()
    if kind.is_boolean():
        return value
    if kind.is_numeric():
        return ibis.cases((value == 1, True), (value == 0, False), else_=ibis.null("boolean"))
    word = value.lower()
    return ibis.cases((word.isin(_YES), True), (word.isin(_NO), False), else_=ibis.null("boolean"))


def _constant(column: Column, value: str) -> ir.Value:
    if column.dtype is DType.YES_NO:
        return ibis.literal(value.casefold() in _YES)
    return ibis.literal(value).cast(TYPES[column.dtype])


def _ok(rule: OkRule, table: ir.Table) -> ir.Value:
    """Whether the outcome proved the advice right; missing where there is no outcome yet."""
    advice, outcome = _words(table[rule.advice]), _words(table[rule.outcome])
    right = [(advice == word) & outcome.isin(list(outcomes))
             for word, outcomes in rule.right_when.items()]  # fmt: skip
    known = advice.isin(list(rule.right_when)) & outcome.isin(list(rule.outcomes))
    return known.ifelse(reduce(or_, right), ibis.null("boolean"))


def _unknown_to(rule: OkRule, table: ir.Table) -> ir.Value:
    """Rows with words that the rule does not know; without an outcome yet, it need not."""
    advice, outcome = _words(table[rule.advice]), _words(table[rule.outcome])
    strange = advice.isnull() | ~advice.isin(list(rule.right_when))
    return strange | (outcome.notnull() & ~outcome.isin(list(rule.outcomes)))


def _words(value: ir.Value) -> ir.Value:
    return value.cast("string").nullif("")


def reasons(s: Source) -> Iterator[Reason]:
    """Why rows of a mapped table cannot be used, in the order in which they are told."""
    at = s.instant("decided_at")
    yield Reason("decided_at", "is missing", at.isnull())
    yield Reason("decided_at", "is outside 1970 to 2200", (at < SANE_US[0]) | (at >= SANE_US[1]))
    sure = s["confidence"]
    yield Reason("confidence", "is missing", sure.isnull())
    # engines hold that NaN is more than any number
    yield Reason("confidence", "is not between 0 and 1 (for percentages set confidence_scale: 100)",
                 (sure < 0) | (sure > 1))  # fmt: skip
    for name in COLUMNS:
        if s.has(f"{UNKNOWN}{name}"):
            words = "is not yes or no, or not known to the rule ok:"
            yield Reason(name, words, s.table[f"{UNKNOWN}{name}"])
    for name, largest in _LARGEST.items():
        if s.has(name):
            wrong = (s[name] < 0) | (s[name] > largest)
            yield Reason(name, f"is not between 0 and {largest:,.0f}", wrong)
    if s.has("inclusion"):
        chance = s["inclusion"]
        yield Reason("inclusion", "is not between 0 and 1", (chance < 0) | (chance > 1))
    for before, after in _IN_ORDER:
        if s.has(before, after):
            early = s.instant(after) < s.instant(before)
            yield Reason(after, f"is before its {before}", early)


def of_words(s: Source) -> Iterator[Reason]:
    """Rows with words that their columns do not know."""
    for name in _worded(s):
        known = list(COLUMNS[name].values)
        strange = s[name].notnull() & ~s[name].isin([*known, ""])
        yield Reason(name, f"is not one of {', '.join(known)}", strange)


def any_strange_word(s: Source) -> bool:
    """Whether there are such rows; asks once of each combination, which is quicker."""
    if not (names := _worded(s)):
        return False
    found = s.fetch(s.table.select(*names).distinct())
    seen = {name: set(found[name].unique().to_pylist()) for name in names}
    return any(words - {*COLUMNS[name].values, "", None} for name, words in seen.items())


def _worded(s: Source) -> list[str]:
    return [name for name, column in COLUMNS.items() if column.values and s.has(name)]


def first_reason(found: list[Reason]) -> ir.Value:
    """The number of the first reason that holds in a row; -1 where there is none."""
    return ibis.cases(*((r.which, i) for i, r in enumerate(found)), else_=-1).cast("int16")
