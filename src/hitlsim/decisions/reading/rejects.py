"""Rows of a real log that cannot be used: kept, counted, and refused when they are too many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...atomic import replacing
from ...errors import LogError
from .cells import Cells

ALLOW_REJECTS = 0.01
"""Share of unusable rows above which a log is refused, unless somebody says otherwise."""
_LONGEST = 200
"""Characters of a value that are shown; a broken row can be a whole book."""


class Rejects:
    """Collects the first problem of each row.

    >>> import pyarrow as pa
    >>> rejects = Rejects(np.array([2, 3, 4]))
    >>> score = Cells.of(pa.chunked_array([["1", "x", "2"]]))
    >>> rejects.add(np.array([False, True, False]), "score", score, "is not a number")
    >>> rejects.add(np.array([False, True, True]), "score", score, "is above 1")
    >>> rejects.frame()[["row", "reason"]].values.tolist()
    [[3, 'is not a number'], [4, 'is above 1']]
    """

    def __init__(
        self,
        rows: NDArray[np.int64],
        shown: Callable[[str, list[str]], list[str]] = lambda _, values: values,
    ) -> None:
        self.rows = rows
        self.bad = np.zeros(len(rows), bool)
        self.shown = shown
        """What may be seen of the values of a column."""
        self.faults = 0
        """How many there are because something is wrong; the others a rule of the mapping left
        out."""
        self._parts: list[pd.DataFrame] = []

    def add(
        self,
        which: NDArray[np.bool_],
        column: str,
        cells: Cells,
        reason: str,
        details: NDArray[np.int64] | None = None,
        *,
        expected: bool = False,
    ) -> None:
        """Give up the rows in ``which`` that are not given up yet; ``details`` end the reason."""
        at = np.flatnonzero(which & ~self.bad)
        if len(at):
            ends = [""] * len(at) if details is None else [f" {detail}" for detail in details[at]]
            reasons = [reason + end for end in ends]
            self._keep(self.rows[at], column, cells.at(at), reasons, reason, expected=expected)
            self.bad[at] = True

    def add_broken(self, broken: list[tuple[int, str, str]]) -> None:
        """Take in rows that could not be taken apart into columns."""
        for kind in dict.fromkeys(reason for _, _, reason in broken):
            rows = [(number, text) for number, text, reason in broken if reason == kind]
            numbers = np.array([number for number, _ in rows])
            self._keep(numbers, "", [text for _, text in rows], [kind] * len(rows), kind)

    def _keep(
        self,
        rows: NDArray[np.int64],
        column: str,
        values: Sequence[str],
        reasons: Sequence[str],
        kind: str,
        *,
        expected: bool = False,
    ) -> None:
        seen = self.shown(column, [str(v) for v in values])
        value = [v[:_LONGEST].replace("\0", "\\0") for v in seen]
        part = {"row": rows, "column": column, "value": value, "reason": reasons}
        self._parts.append(pd.DataFrame({**part, "kind": kind, "expected": expected}))
        self.faults += 0 if expected else len(rows)

    def __len__(self) -> int:
        return sum(map(len, self._parts))

    def frame(self) -> pd.DataFrame:
        """Row, column, value and reason of each reject, in the order of the file."""
        if not self._parts:
            return no_rejects()
        return self._all().drop(columns=["kind", "expected"])

    def _all(self) -> pd.DataFrame:
        return pd.concat(self._parts).sort_values("row", kind="stable").reset_index(drop=True)

    def most_frequent(self) -> str:
        """The most frequent fault with the first row that has it."""
        every = self._all()
        every = every[~every["expected"]]
        column, kind = every.groupby(["column", "kind"], sort=False).size().idxmax()
        first = every[(every["column"] == column) & (every["kind"] == kind)].iloc[0]
        what = f"{column} {first['reason']}" if column else f"the row {first['reason']}"
        return f"{what} (first in row {first['row']}: {first['value']!r})"


def no_rejects() -> pd.DataFrame:
    """The rejects of a log that has none."""
    return pd.DataFrame(
        {"row": np.array([], np.int64), **{c: pd.Series([], dtype="str")
                                           for c in ("column", "value", "reason")}}
    )  # fmt: skip


def write_rejects(frame: pd.DataFrame, target: Path) -> None:
    """Write rejects as CSV, also when there are none, so that no old list is taken for new."""
    try:
        with replacing(target) as partial:
            frame.to_csv(partial, index=False)
    except OSError as e:
        raise LogError(f"{target}: cannot be written ({e.strerror}); give another path") from None


def allowed_share(given: float | None, said: float | None) -> float:
    """Which share of unusable rows is tolerated: as given, else as a mapping says, else 0.01.

    Raises
    ------
    LogError
        When it is no share.
    """
    if given is None:
        return ALLOW_REJECTS if said is None else said
    if not 0 <= given <= 1:
        raise LogError(f"allow_rejects is {given}; it must be a share from 0 to 1, such as 0.02")
    return given


def check_share(
    rejects: Rejects,
    allowed: float,
    source: str,
    target: Path | None,
    remedy: str = "mend the mapping or the export",
) -> None:
    """Refuse a file of which too little is left.

    Rows that a rule of the mapping left out, such as copies, count neither here nor there.

    Raises
    ------
    LogError
        Naming count, share, the most frequent reason, the list of rejects and the remedy.
    """
    count = rejects.faults
    read = count + int((~rejects.bad).sum())
    if count == 0 or (count < read and count / read <= allowed):
        return
    share = count / read
    where = f"all are listed in {target}" if target else "give a path for rejects to list them all"
    rule = "none is left" if count == read else f"{_percent(allowed)} are allowed"
    if count < read:
        remedy += f", or set allow_rejects to {ceil(share * 1e4) / 1e4:g} or more"
    raise LogError(
        f"{source}: {count:,} of {read:,} rows ({_percent(share)}) cannot be used, {rule}; "
        f"most often {rejects.most_frequent()}; {where}; {remedy}"
    )


def _percent(share: float) -> str:
    return f"{share:.2%}".replace(".00%", "%")
