"""A log as a small table: each kind of decision once, with the number of those that are of it.

Most columns of a log hold few different values. So one pass groups by all of them at once, times
being replaced by what is asked of them, and what a scorecard counts follows from the groups. On a
hundred million rows this costs little more than reading them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

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
    *WORDS, *YES_NO, *MONEY, *EMAIL_OUTCOMES, "decided_at", "inclusion", "wait_minutes",
    "queued_at", "due_at", "escalated_at", "started_at", "executed_at", "gold_ok",
)  # fmt: skip
SAME_DAY = ("arrived_at", "final_verdict")
"""Columns that only work of the same day needs."""
DUE, DONE = 1, 2
"""Work of the same day: what was due, and what was also done."""
MILLISECONDS, PARTS = 60_000, 10_000
"""Minutes and money are added up as whole numbers of these, so that no order of adding matters."""
_LATE_H = (24, 48)


def whole(amount: ir.Value, scale: int) -> ir.Value:
    """An amount as a whole number of its ``scale``-th parts, halves up: alike on every engine.

    As long as they stay below 2**53, sums of whole floats are exact; and quicker than of integers.
    """
    return (amount * scale + 0.5).floor().cast("float64")


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
    words = {name: s[name] for name in (*WORDS, *YES_NO, *EMAIL_OUTCOMES) if s.has(name)}
    keys = {"day": s.day("decided_at"), **words, **_waiting(s)}
    if s.has("inclusion", "ok"):
        # only there is it asked for; elsewhere it would only split groups
        keys["inclusion"] = s["ok"].notnull().ifelse(s["inclusion"], ibis.null("float64"))
    if s.has("executed_at"):
        keys["executed"] = s["executed_at"].notnull()
    if (same_day := _same_day(s)) is not None:
        keys["same_day"] = same_day
    sums = {n: whole(s[n], PARTS).sum() for n in MONEY if s.has(n)}
    if s.has("wait_minutes"):
        sums["wait_ms"] = whole(s["wait_minutes"], MILLISECONDS).sum()
    # what was put in to test reviewers is none of the team's decisions
    own = s.table.filter(s["gold_ok"].isnull()) if s.has("gold_ok") else s.table
    return own.group_by(**keys).aggregate(n=own.count(), **sums)


def _waiting(s: Source) -> dict[str, ir.Value]:
    """What became of waiting, as plain comparisons; missing where one of the two is."""
    keys: dict[str, ir.Value] = {}
    wait, queued, started, due = (
        s["wait_minutes"], s.instant("queued_at"), s.instant("started_at"), s.instant("due_at"),
    )  # fmt: skip
    if s.has("wait_minutes"):
        keys |= {f"within_{h}": wait <= 60 * h for h in _LATE_H}
    if s.has("queued_at"):
        keys |= {f"aged_{h}": queued < s.last - 60 * h * MINUTE_US for h in _LATE_H}
    if s.has("started_at"):
        keys["begun"] = s["started_at"].notnull()
    if s.has("escalated_at"):
        keys["escalated"] = s["escalated_at"].notnull()
    if s.has("due_at"):
        keys["past_due"] = due < s.last
    if s.has("due_at", "started_at"):
        keys["begun_late"] = due < started
    return keys


def _same_day(s: Source) -> ir.Value | None:
    """Work that must be done on the day it arises; what a person refused needs no doing."""
    flows = list(s.record.get("same_day") or [])
    if not flows or not s.has("workflow", "arrived_at"):
        return None
    arrived, executed = s.day("arrived_at"), s.day("executed_at")
    refused = ibis.coalesce(s["final_verdict"], ibis.literal("")) == "reject"
    # of the log's last day nobody knows how it ends
    settled = executed.notnull() | (arrived < last_day(s))
    due = ~refused & settled & arrived.notnull()
    done = ~refused & (executed == arrived)
    words = ibis.cases((done, DONE), (due, DUE), else_=0)
    return s["workflow"].isin(flows).ifelse(words, 0).cast("int8")


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

    def known(self, name: str) -> Bools:
        """Where a column of yes and no says something."""
        return self.true(name) | self.false(name)

    def _yes_no(self, name: str, *, otherwise: bool) -> Bools:
        if not self.has(name):
            return np.full(len(self), otherwise)
        return np.asarray(pc.fill_null(self._table[name], otherwise).to_pandas(), bool)


def by_cell(keys: list[Ints]) -> tuple[Ints, Callable[[NDArray[Any]], NDArray[Any]]]:
    """The first row of each distinct combination, and what adds rows up by combination."""
    order = np.lexsort(keys[::-1])
    sorted_keys = np.array([key[order] for key in keys])
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(sorted_keys, axis=1) != 0).any(axis=0)
    starts = np.flatnonzero(new)

    def added(rows: NDArray[Any]) -> NDArray[Any]:
        return np.add.reduceat(rows[order], starts, axis=0) if len(starts) else rows[:0]

    return order[starts], added
