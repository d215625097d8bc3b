"""Rows that are the same decision: copies of each other, or its state at several times."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ...errors import LogError
from .cells import Cells
from .rejects import Rejects
from .table import Table

Keep = Literal["first", "last", "refuse"]
COPY = "is the same as row"
"""Why a copy is left out; it is no fault of the export's."""


class Repeated(NamedTuple):
    """How many rows were left out, since another one stands for the same decision."""

    identical: int = 0
    replaced: int = 0


def settle(table: Table, ids: Cells, source: str, decided_at: Any, keep: Keep) -> Repeated:
    """Let one usable row stay for each id; the others become rejects.

    Rows that are the same in every column that is used are copies. They count as no fault, and
    neither do rows that a later one replaces by ``keep="last"``: then the latest by ``decided_at``
    stays, and of equals the last in the file.

    Raises
    ------
    LogError
        When rows differ and ``keep`` is ``"refuse"``.
    """
    rejects = table.rejects
    usable = np.flatnonzero(~rejects.bad)
    if keep == "last":
        usable = usable[np.lexsort((usable, np.asarray(decided_at[usable], "M8[ms]")))][::-1]
    codes = ids.codes[usable]
    stays = np.zeros(len(ids.words), np.int64)
    stays[codes[::-1]] = usable[::-1]
    again = usable[stays[codes] != usable]
    if not len(again):
        return Repeated()
    kept = stays[ids.codes[again]]
    same = equal_rows(table.texts, again, kept)
    if keep == "refuse" and not same.all():
        _refuse(rejects, ids, source, table.file, again[~same], kept[~same])
    numbers = rejects.rows[stays[ids.codes]]
    rejects.add(_mask(rejects, again[same]), source, ids, COPY, numbers, expected=True)
    replaced = keep == "last"
    reason = "is replaced by row" if replaced else "repeats that of row"
    rejects.add(_mask(rejects, again[~same]), source, ids, reason, numbers, expected=replaced)
    return Repeated(int(same.sum()), int((~same).sum()) if replaced else 0)


def equal_rows(table: Any, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Whether rows of a table are the same in every column, blanks around values aside.

    >>> table = pa.table({"id": ["a", "a", "a"], "score": ["1", None, None]})
    >>> equal_rows(table, np.array([1, 2]), np.array([0, 1])).tolist()
    [False, True]
    """
    same = np.ones(len(one), bool)
    for column in table.columns:
        if not pa.types.is_null(column.type) and same.any():
            left, right = (_texts(column.take(pa.array(at))) for at in (one, other))
            same &= pc.equal(left, right).to_numpy()
    return same


def _texts(column: Any) -> Any:
    return pc.utf8_trim_whitespace(pc.fill_null(column, ""))


def _mask(rejects: Rejects, at: NDArray[np.int64]) -> NDArray[np.bool_]:
    which = np.zeros(len(rejects.rows), bool)
    which[at] = True
    return which


def _refuse(
    rejects: Rejects,
    ids: Cells,
    source: str,
    file: str,
    again: NDArray[np.int64],
    kept: NDArray[np.int64],
) -> None:
    first = again.argmin()
    pair = sorted(int(rejects.rows[at]) for at in (again[first], kept[first]))
    (shown,) = rejects.shown(source, ids.at(again[[first]]))
    raise LogError(
        f"{file}: rows {pair[0]:,} and {pair[1]:,} are both {source} {shown!r} and differ, as do "
        f"{len(again):,} rows in all; mend the export, or set duplicates to first or last"
    )
