"""A table somebody has in memory as a decision log, checked column by column."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.columns import COLUMNS, Column, DType, held
from ...decisions.log import DecisionLog
from ...decisions.reading.cells import Writing, read_words
from ...errors import LogError

UNDATED = (
    "The rows have no decided_at: their order is taken as their order in time, and all of them "
    "together as one month of 28 days."
)
_START, _DAYS = pd.Timestamp("2001-01-01", tz="UTC"), 28
"""A Monday long ago, so that nobody takes it for a date of theirs."""
_IN_PART = (
    "keep all rows, leave y out, and give what is known as column ok of X, with the chance that "
    "each outcome got known as column inclusion"
)


def as_log(
    table: object, right: object = None, *, only: Collection[str] = tuple(COLUMNS)
) -> tuple[DecisionLog, tuple[str, ...]]:
    """Turn a table with the columns of a decision log into one.

    Parameters
    ----------
    table : DataFrame
        One row for each decision; only ``confidence`` is needed. Columns that are none of a log's
        are left alone.
    right : array, optional
        Whether each proposal was right, known of every row: 1 or True, else 0 or False.
    only : collection of str
        Columns to take.

    Returns
    -------
    DecisionLog, tuple of str
        The log in order of ``decided_at``, and what was taken for granted, in sentences. Rows
        keep their places where ``only`` leaves times out.

    Raises
    ------
    LogError
        When a value means nothing, ``confidence`` is missing, or outcomes are.

    Examples
    --------
    >>> log, said = as_log(pd.DataFrame({"confidence": [0.9, 0.6]}), [1, 0])
    >>> log.frame[["decision_id", "confidence", "ok"]].values.tolist(), len(said)
    ([['row-1', 0.9, True], ['row-2', 0.6, False]], 1)
    """
    _refuse(table)
    assert isinstance(table, pd.DataFrame)  # noqa: S101 - for the type checker; refused above
    frame = pd.DataFrame(
        {name: _column(table[name], COLUMNS[name]) for name in table if name in only},
        index=pd.RangeIndex(len(table)),
    )
    if right is not None:
        frame = frame.assign(ok=_outcomes(right, frame)).drop(columns="ok_source", errors="ignore")
    if "ok" in frame and "ok_source" not in frame:
        codes = np.asarray(frame["ok"].notna(), np.int64) - 1
        frame["ok_source"] = pd.Categorical.from_codes(codes, categories=["outcome"])
    if "decision_id" not in frame:
        frame["decision_id"] = [f"row-{i + 1}" for i in range(len(frame))]
    if "decided_at" not in only:
        return DecisionLog(held(frame)), ()
    if "decided_at" in frame:
        frame = frame.sort_values("decided_at", kind="stable", ignore_index=True)
        return DecisionLog(held(frame)), ()
    share = np.arange(len(frame)) / len(frame)
    frame["decided_at"] = _START + pd.to_timedelta((share * _DAYS * 86_400_000).astype(int), "ms")
    return DecisionLog(held(frame), {"undated": True}), (UNDATED,)


def _refuse(table: object) -> None:
    if not isinstance(table, pd.DataFrame):
        raise LogError(
            f"X is a {type(table).__name__}; give a pandas DataFrame with a column confidence (in "
            "a Pipeline: pipeline.set_output(transform='pandas'))"
        )
    twice = sorted({str(name) for name in table.columns[table.columns.duplicated()]})
    if twice:
        raise LogError(f"X has the column {twice[0]} more than once; rename or drop one")
    if "confidence" not in table:
        has = ", ".join(str(name) for name in table) or "no column at all"
        raise LogError(
            f"X has no column confidence, the AI's own score from 0 to 1; it has: {has}; rename "
            "the score's column"
        )
    if not len(table):
        raise LogError("X has no rows; give at least some hundred decisions")


def _outcomes(right: object, frame: pd.DataFrame) -> Any:
    """What y says, of every row."""
    if "ok" in frame:
        raise LogError("outcomes come twice, as y and as column ok of X; leave one of them out")
    values = pd.Series(np.asarray(right, dtype=object).ravel())
    if len(values) != len(frame):
        raise LogError(f"y has {len(values):,} values for {len(frame):,} rows; give one for each")
    missing = int(values.isna().sum())
    if missing:
        raise LogError(
            f"y: {missing:,} of {len(values):,} outcomes are missing, and a missing outcome is not "
            f"a good one; {_IN_PART}"
        )
    odd = values[~values.isin([0, 1])]
    if len(odd):
        raise LogError(
            f"y: {odd.iloc[0]!r} is neither 1 (the proposal was right) nor 0 (it was wrong), and "
            f"{len(odd) - 1:,} more are not; give 1 and 0, or True and False"
        )
    if "inclusion" in frame and bool((frame["inclusion"] < 1).any()):
        raise LogError(
            "y says how every row came out, and column inclusion that some were to be known by "
            f"chance only; drop inclusion if all are known by themselves, else {_IN_PART}"
        )
    return values.astype(bool).astype("boolean")


# --- columns -------------------------------------------------------------------------------------


def _column(values: pd.Series, column: Column) -> Any:
    """The values of one column, as a log holds them."""
    if column.required and column.name != "confidence" and values.isna().any():
        raise LogError(
            f"column {column.name}: {int(values.isna().sum()):,} of {len(values):,} values are "
            "missing; fill them, or drop the column: rows then count in their order"
        )
    kind = column.dtype
    if kind in (DType.NUMBER, DType.WHOLE) and pd.api.types.is_numeric_dtype(values):
        return _numbers(values, column)
    if kind is DType.YES_NO and pd.api.types.is_bool_dtype(values):
        return values.array
    if kind is DType.TIME and pd.api.types.is_datetime64_any_dtype(values):
        aware = values if values.dt.tz is not None else values.dt.tz_localize("UTC")
        return aware.dt.as_unit("ms").array
    if kind is DType.CATEGORY and not column.values and _of_texts(values):
        # their order is kept, so that the answer is that for a log
        return values.cat.remove_unused_categories().array
    return _written(values, column)


def _of_texts(values: pd.Series) -> bool:
    categories = getattr(values.dtype, "categories", None)
    return categories is not None and all(isinstance(c, str) and c for c in categories)


def _numbers(values: pd.Series, column: Column) -> NDArray[np.float64]:
    numbers: NDArray[np.float64] = values.to_numpy(float, na_value=np.nan)
    if column.low is not None:
        _complain(values, numbers < column.low, column, f"is below {column.low:g}")
    if column.high is not None:
        over = f"is above {column.high:g}"
        if column.name == "confidence":
            over = f"{over}; divide percentages by 100"
        _complain(values, numbers > column.high, column, over)
    _complain(values, np.isinf(numbers), column, "is no number of this world")
    return numbers


def _written(values: pd.Series, column: Column) -> Any:
    """Texts, read once for each that is different, as they are read from files."""
    codes, found = pd.factorize(values, use_na_sentinel=True)
    words = pd.Series([str(word).strip() for word in found] + [""], dtype="str")
    reading = read_words(words, column, Writing(iso_hint=""))
    codes = np.where(codes < 0, len(found), codes)
    for slip in reading.slips:
        if not column.required or slip.reason != "is missing":
            _complain(words.iloc[codes], slip.which[codes], column, slip.reason)
    return pd.Series(reading.values).array.take(codes)


def _complain(values: pd.Series, which: Any, column: Column, reason: str) -> None:
    wrong = np.flatnonzero(np.asarray(which, bool))
    if len(wrong):
        first = values.iloc[wrong[0]]
        shown = repr(str(first)) if isinstance(first, str) else f"{first:g}"
        more = f" (row {wrong[0] + 1}, and {len(wrong) - 1:,} more)" if len(wrong) > 1 else (
            f" (row {wrong[0] + 1})")  # fmt: skip
        raise LogError(f"column {column.name}: {shown} {reason}{more}")
