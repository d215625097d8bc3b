"""A log as a small table: each kind of decision once, with the number of those that are of it.

Most columns of a log hold few different values. So one pass groups by all of them at once, times
being replaced by what is asked of them, and what a scorecard counts follows from the groups. On a
hundred million rows this costs little more than reading them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from operator import add

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..columns import EMAIL_OUTCOMES
from .source import MINUTE_US, Source

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

WORDS = ("workflow", "phase", "route", "verdict", "look_verdict", "ok_source")
YES_NO = ("ok", "true_ok", "by_hand", "skipped")
MONEY = ("delay_cost", "true_harm")
USED = (
    *WORDS, *YES_NO, *MONEY, *EMAIL_OUTCOMES, "decided_at", "inclusion", "wait_minutes", "queued_at",
    "due_at", "escalated_at", "started_at", "executed_at",
)  # fmt: skip
SAME_DAY = ("arrived_at", "final_verdict")
"""Columns that only work of the same day needs."""
MILLISECONDS, MILLIONTHS = 60_000, 1_000_000
"""Minutes and money are added up as whole numbers of these, so that no order of adding matters."""
_LATE_H = (24, 48)
_DESK = ("started", "within_24", "within_48", "late_24", "late_48", "queued", "escalated", "due",
         "breached", "has_due", "begun")  # fmt: skip
_MAIL = (*EMAIL_OUTCOMES, *(f"{name}_known" for name in EMAIL_OUTCOMES))
_DAY = ("same_day_due", "same_day_done")


def whole(amount: ir.Value, scale: int) -> ir.Value:
    """An amount as a whole number of its ``scale``-th parts, halves up: alike on every engine."""
    return (amount * scale + 0.5).floor().cast("int64")


def facts(s: Source) -> ir.Table:
    """Group a log by all that is counted of single decisions.

    Parameters
    ----------
    s : Source

    Returns
    -------
    ibis Table
        Columns that the source does not have are absent, so that they cost nothing.
    """
    keys = {"day": s.day("decided_at"), **{n: s[n] for n in (*WORDS, *YES_NO) if s.has(n)}}
    if s.has("inclusion", "ok"):
        # only there is it asked for; elsewhere it would only split groups
        counts = (s["route"] == "auto") & s["ok"].notnull()
        keys["inclusion"] = counts.ifelse(s["inclusion"], ibis.null("float64"))
    if s.has("executed_at"):
        keys["executed"] = s["executed_at"].notnull()
    keys |= {name: bits for name, bits in (
        ("desk", _desk(s)), ("mail", _mail(s)), ("same_day", _same_day(s))) if bits is not None}  # fmt: skip
    sums = {n: whole(s[n], MILLIONTHS).sum() for n in MONEY if s.has(n)}
    if s.has("wait_minutes"):
        sums["wait_ms"] = whole(s["wait_minutes"], MILLISECONDS).sum()
    return s.table.group_by(**keys).aggregate(n=s.table.count(), **sums)


def _packed(flags: list[ir.Value], when: list[ir.Value]) -> ir.Value:
    """Flags as the bits of one number: one key to group by. Looked at only in some rows."""
    bits = [flag.ifelse(1 << i, 0) for i, flag in enumerate(flags)]
    some = reduce(lambda a, b: a | b, when)
    return some.ifelse(reduce(add, bits), 0).cast("int32")


def _desk(s: Source) -> ir.Value | None:
    """What became of waiting; nobody waited for most decisions."""
    if not s.has("queued_at") and not s.has("wait_minutes"):
        return None
    wait, queued, started, due = (
        s["wait_minutes"], s.instant("queued_at"), s.instant("started_at"), s.instant("due_at"),
    )  # fmt: skip
    waits, begun = queued.notnull(), started.notnull()
    late = waits & (due < ibis.coalesce(started, ibis.literal(s.last, "int64")))
    flags = [
        wait.notnull(),
        *(wait <= 60 * h for h in _LATE_H),
        *(wait.isnull() & (queued < s.last - 60 * h * MINUTE_US) for h in _LATE_H),
        waits,
        waits & s["escalated_at"].notnull(),
        # what is not yet due and not begun may still be begun in time
        waits & (begun | late),
        late,
        due.notnull(),
        begun,
    ]
    return _packed(flags, [x.notnull() for x in (queued, wait, due, started)])


def _mail(s: Source) -> ir.Value | None:
    """What came of emails; most decisions are none."""
    there = [s[name] for name in EMAIL_OUTCOMES if s.has(name)]
    if not there:
        return None
    of = {name: s[name].notnull() for name in EMAIL_OUTCOMES}
    # no-shows are of meetings
    of["no_show"] = of["no_show"] & ibis.coalesce(s["meeting"], ibis.literal(value=True))
    flags = [*(of[name] & s[name] for name in EMAIL_OUTCOMES), *of.values()]
    return _packed(flags, [outcome.notnull() for outcome in there])


def _same_day(s: Source) -> ir.Value | None:
    """Work that must be done on the day it arises; what a person refused needs no doing."""
    flows = list(s.record.get("same_day") or [])
    if not flows or not s.has("workflow", "arrived_at", "executed_at"):
        return None
    arrived, executed = s.day("arrived_at"), s.day("executed_at")
    refused = ibis.coalesce(s["final_verdict"], ibis.literal("")) == "reject"
    # of the log's last day nobody knows how it ends
    settled = executed.notnull() | (arrived < last_day(s))
    done = [~refused & settled & arrived.notnull(), ~refused & (executed == arrived)]
    return _packed(done, [s["workflow"].isin(flows)])


def last_day(s: Source) -> int:
    """The day of the last decision, counted from 1970-01-01."""
    return int(s.days[-1].to_datetime64().astype("M8[D]").astype(np.int64))


class Fetched:
    """The groups of :func:`facts`, as arrays; what the log does not have is empty.

    Parameters
    ----------
    table : Arrow table
    """

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self.n: Ints = self.whole("n")

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def has(self, name: str) -> bool:
        return name in self._table.column_names

    def words(self, name: str) -> pd.Series:
        """A column of words; missing where there is none, also where it is the empty word."""
        if not self.has(name):
            return pd.Series([None] * len(self), dtype="str")
        words = pd.Series(self._table[name].to_pandas(), dtype="str")
        return words.where(words != "", None)

    def true(self, name: str) -> Bools:
        return self._yes_no(name, otherwise=False)

    def false(self, name: str) -> Bools:
        return ~self._yes_no(name, otherwise=True)

    def numbers(self, name: str) -> NDArray[np.float64]:
        """A column of numbers; NaN is missing."""
        if not self.has(name):
            return np.full(len(self), np.nan)
        return np.asarray(self._table[name].to_pandas(), float)

    def whole(self, name: str) -> Ints:
        """A column of whole numbers, 0 where there is none."""
        if not self.has(name):
            return np.zeros(len(self), np.int64)
        return np.asarray(pc.fill_null(self._table[name].cast(pa.int64()), 0))

    def some(self, name: str) -> bool:
        """Whether there is anything in a column."""
        return self.has(name) and self._table[name].null_count < len(self)

    def bits(self) -> Mapping[str, Bools]:
        """The flags of waiting, of emails and of work of the same day, by name."""
        return dict(self._bits())

    def _bits(self) -> Iterator[tuple[str, Bools]]:
        for key, names in (("desk", _DESK), ("mail", _MAIL), ("same_day", _DAY)):
            packed = self.whole(key)
            for i, name in enumerate(names):
                yield name, (packed >> i) & 1 == 1

    def _yes_no(self, name: str, *, otherwise: bool) -> Bools:
        if not self.has(name):
            return np.full(len(self), otherwise)
        return np.asarray(pc.fill_null(self._table[name], otherwise).to_pandas(), bool)


def by_cell(keys: list[Ints]) -> tuple[Ints, Callable[[NDArray], NDArray]]:
    """The first row of each distinct combination, and what adds rows up by combination."""
    order = np.lexsort(keys[::-1])
    sorted_keys = np.array([key[order] for key in keys])
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(sorted_keys, axis=1) != 0).any(axis=0)
    starts = np.flatnonzero(new)

    def added(rows: NDArray) -> NDArray:
        return np.add.reduceat(rows[order], starts, axis=0) if len(starts) else rows[:0]

    return order[starts], added
