"""A log as a small table: each kind of decision once, with the number of those that are of it.

What a scorecard crosses with something else is grouped by; of everything else only the sum is
taken, because the more there is to group by, the longer it takes. On a hundred million rows this
costs little more than reading them.
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
from .source import Source

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

WORDS = ("workflow", "phase", "route", "verdict", "look_verdict", "ok_source")
YES, NO = ("by_hand", "skipped"), ("ok", "true_ok")
"""Yes or no: of which the one is counted, and of which the other."""
MONEY = ("delay_cost", "true_harm")
_KNOWN = (*NO, *EMAIL_OUTCOMES, "executed_at")
"""Of which it is also counted how many say something."""
USED = (
    *WORDS, *YES, *_KNOWN, *MONEY, "decided_at", "inclusion", "gold_ok",
)  # fmt: skip
SAME_DAY = ("arrived_at", "final_verdict")
"""Columns that only work of the same day needs."""
MILLISECONDS, PARTS = 60_000, 10_000
"""Minutes and money are added up as whole numbers of these, so that no order of adding matters."""


def whole(amount: ir.Value, scale: int) -> ir.Value:
    """An amount as a whole number of its ``scale``-th parts, halves up: alike on every engine.

    As long as they stay below 2**53, sums of whole floats are exact; and quicker than of integers.
    """
    return (amount * scale + 0.5).floor().cast("float64")


def number_of(flag: ir.Value) -> ir.Value:
    """In how many rows something is true."""
    return flag.cast("int32").sum().fill_null(0)


def facts(s: Source) -> ir.Table:
    """Group a log by what is crossed of single decisions, and add up everything else.

    Parameters
    ----------
    s : Source

    Returns
    -------
    ibis Table
        One row for each day and each combination of words and ``inclusion``; then how many rows
        say something in a column, ``NAME_yes`` or ``NAME_no``: how many say that, ``NAME_sum``: the
        sum. Columns that the source does not have are absent, so that they cost nothing.
    """
    keys = {"day": s.day("decided_at"), **{name: s[name] for name in WORDS if s.has(name)}}
    if s.has("inclusion", "ok"):
        # only there is it asked for; elsewhere it would only split groups
        keys["inclusion"] = s["ok"].notnull().ifelse(s["inclusion"], ibis.null("float64"))
    sums = {name: s[name].count() for name in _KNOWN if s.has(name)}
    sums |= {f"{name}_yes": number_of(s[name]) for name in EMAIL_OUTCOMES if s.has(name)}
    sums |= {f"{name}_no": number_of(~s[name]) for name in NO if s.has(name)}
    # these two are missing where no row says anything, which spares counting those that do
    sums |= {f"{name}_yes": s[name].cast("int32").sum() for name in YES if s.has(name)}
    sums |= {f"{name}_sum": whole(s[name], PARTS).sum() for name in MONEY if s.has(name)}
    sums |= _no_shows(s) | _same_day(s)
    # what was put in to test reviewers is none of the team's decisions
    own = s.table.filter(s["gold_ok"].isnull()) if s.has("gold_ok") else s.table
    return own.group_by(**keys).aggregate(n=own.count(), **sums)


def _no_shows(s: Source) -> dict[str, ir.Value]:
    """Only who had a meeting could stay away from it."""
    if not s.has("no_show"):
        return {}
    met = ibis.coalesce(s["meeting"], ibis.literal(True))
    return {
        "no_show_known": number_of(s["no_show"].notnull() & met),
        "no_show_yes": number_of(s["no_show"] & met),
    }


def _same_day(s: Source) -> dict[str, ir.Value]:
    """Work that must be done on the day it arises; what a person refused needs no doing."""
    flows = list(s.record.get("same_day") or [])
    if not flows or not s.has("workflow", "arrived_at"):
        return {}
    arrived, executed = s.day("arrived_at"), s.day("executed_at")
    refused = ibis.coalesce(s["final_verdict"], ibis.literal("")) == "reject"
    asked = s["workflow"].isin(flows) & ~refused
    # of the log's last day nobody knows how it ends
    settled = executed.notnull() | (arrived < last_day(s))
    return {
        "same_day_due": number_of(asked & settled & arrived.notnull()),
        "same_day_done": number_of(asked & (executed == arrived)),
    }


def last_day(s: Source) -> int:
    """The day of the last decision, counted from 1970-01-01."""
    return int(s.days[-1].to_datetime64().astype("M8[D]").astype(np.int64))


class Fetched:
    """What an engine grouped, as arrays; what the log does not have is empty.

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

    def some(self, name: str) -> bool:
        """Whether there is anything in a column of the log."""
        if name in _KNOWN:
            return bool(self.whole(name).any())
        for told in (name, f"{name}_yes", f"{name}_sum"):
            if self.has(told):
                return bool(self._table[told].null_count < len(self))
        return False

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
