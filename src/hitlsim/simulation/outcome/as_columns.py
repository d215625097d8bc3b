"""How the columns of the log are held, and how records become columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ...scenario.hours import MINUTE_MS
from ..contract import (
    DEAL_SIZE_BIT,
    FIRST,
    GATE_BIT,
    LOW_BAND_BIT,
    MANUAL_BIT,
    MEDIUM_BAND_BIT,
    NEVER,
    NO_RECORD,
    OUTCOME,
    PEEK_BIT,
    SIGNAL_BITS,
    Outcome,
)

Bools = NDArray[np.bool_]
Times = NDArray[np.int64]
Columns = dict[str, NDArray[Any]]

_BLOCK = 2048
"""Decisions whose records stay in a processor's cache."""


def rounds(out: Outcome, asked: Mapping[int, Sequence[str]]) -> tuple[Columns, ...]:
    """Some fields of each round's visits as columns: of OUTCOME, for each decision.

    Block by block, for all columns: each column by itself would fetch all records from memory.
    """
    n = len(out.first)
    columns = []
    for r, names in asked.items():
        if r == FIRST:
            own = {name: np.empty(n, OUTCOME[name]) for name in names}
            columns.append(own)
            for start in range(0, n, _BLOCK):
                block = out.first[start : start + _BLOCK]
                for name, column in own.items():
                    column[start : start + _BLOCK] = block[name]
        else:
            came_up = Some(out.places(r) != NO_RECORD)
            records = out.records.take(came_up.of(out.places(r)))
            columns.append({name: came_up.among_all(records[name], NEVER) for name in names})
    return tuple(columns)


class Some:
    """Some of the decisions, to work something out for them alone.

    >>> some = Some(np.array([True, False, True]))
    >>> some.among_all(some.of(np.array([3, 4, 5])) ** 2, -1).tolist()
    [9, -1, 25]
    """

    def __init__(self, which: Bools) -> None:
        self._rows, self._n = np.flatnonzero(which), len(which)

    def __len__(self) -> int:
        return len(self._rows)

    def of(self, values: NDArray[Any]) -> NDArray[Any]:
        """Theirs; whole records, where an index would copy field by field."""
        return values.take(self._rows)

    def among_all(self, values: NDArray[Any], otherwise: Any) -> NDArray[Any]:
        """Theirs, and something else for all others."""
        out = np.full(self._n, otherwise, values.dtype)
        out[self._rows] = values
        return out


def yes_no(value: NDArray[Any], known: Bools) -> pd.array:
    """Yes, no, or missing where it is not known."""
    return pd.arrays.BooleanArray(np.asarray(value, bool), ~known)


def category(codes: NDArray[Any], names: Sequence[str]) -> pd.Categorical:
    """Names by their number; NEVER is missing."""
    return pd.Categorical.from_codes(codes, dtype=_dtype(tuple(map(str, names))))


@lru_cache(maxsize=256)
def _dtype(names: tuple[str, ...]) -> pd.CategoricalDtype:
    return pd.CategoricalDtype(list(names))


def minutes(start: Times, end: Times, otherwise: float = np.nan) -> NDArray[np.float64]:
    """How long something took; ``otherwise`` where it did not begin or end."""
    done = Some((start != NEVER) & (end != NEVER))
    return done.among_all((done.of(end) - done.of(start)) / MINUTE_MS, otherwise)


def text(values: pa.Array) -> Any:
    """Text as pandas holds it where nothing is said: before its version 3 as objects."""
    kind = pd.Series([""]).dtype
    if isinstance(kind, pd.StringDtype):
        return pd.array(values, dtype=kind)
    return np.array(values.to_pylist(), object)


def joined(masks: NDArray[np.int64], names: Sequence[str]) -> Any:
    """The names of the bits that are set, joined by +."""
    pairs = [(1 << i, name) for i, name in enumerate(names)]
    index, values = pd.factorize(masks)
    return _pick(["+".join(_words(int(v), pairs)) for v in values], index)


def reasons_of(masks: NDArray[np.int64], signals: Sequence[str]) -> tuple[pd.Categorical, Any]:
    """The reason that decided, and all of them, in the order in which they decide."""
    order = [(MANUAL_BIT, "manual"), (GATE_BIT, "gate"), (LOW_BAND_BIT, "low_band")]
    order += [(DEAL_SIZE_BIT, "deal_size")]
    order += [(SIGNAL_BITS << i, name) for i, name in enumerate(signals)]
    order += [(MEDIUM_BAND_BIT, "medium_band"), (PEEK_BIT, "peek")]
    names = [name for _, name in order]
    index, values = pd.factorize(np.maximum(masks, 0))
    words = [_words(int(v), order) for v in values]
    deciding = np.array([names.index(w[0]) if w else NEVER for w in words], np.int16)
    return category(deciding[index], names), _pick(["+".join(w) for w in words], index)


def _words(bits: int, names: Sequence[tuple[int, str]]) -> list[str]:
    return [name for bit, name in names if bits & bit]


def _pick(words: Sequence[str], index: NDArray[np.int64]) -> Any:
    return text(pa.array(words, pa.large_string()).take(pa.array(index)))
