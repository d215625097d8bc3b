"""Reviews and outcomes from other files, put beside the decisions they belong to.

A left join on the decisions: none is lost and none is doubled. A row of the other file that
cannot be used, or belongs to no decision, is a reject of that file; the decision stays.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...errors import LogError
from ..columns import VERDICTS
from .cells import Cells
from .duplicates import COPY, equal_rows
from .okay import Codes, What, codes_of, ok_of
from .parts import JoinRule, OkRule
from .table import Read, Table


@dataclass(frozen=True, kw_only=True)
class Joined:
    """A file that was joined.

    Attributes
    ----------
    table : Table
    rule : JoinRule
    keys : Cells
        By which its rows belong to decisions.
    partner : array of int
        For each decision its row in the file; -1 if it has none.
    reads : mapping
        The columns of the log that it gives.
    codes : mapping
        For each row, its words in the rule for ``ok``, where they stand in this file.
    """

    table: Table
    rule: JoinRule
    keys: Cells
    partner: Codes
    reads: Map[str, Read]
    codes: Map[What, Codes]

    def of_decisions(self, what: What) -> Codes:
        """For each decision its word in the rule for ``ok``; -1 without a row or a word."""
        return np.where(self.partner < 0, -1, self.codes[what][self.partner])

    def give_up_idle(self, used: NDArray[np.bool_]) -> int:
        """Give up rows whose decision cannot be used; gives the decisions that have a row."""
        partners = self.partner[used]
        partners = partners[partners >= 0]
        idle = np.ones(len(self.table.rejects.rows), bool)
        idle[partners] = False
        reason = "belongs to a decision that cannot be used"
        self.table.rejects.add(idle, self.rule.on.theirs, self.keys, reason, expected=True)
        return len(partners)


def join(
    table: Table,
    rule: JoinRule,
    ours: Cells,
    *,
    ok: OkRule | None,
    here: Collection[What],
    advice: Codes | None,
    where: str,
) -> Joined:
    """Find for each decision the row of another file that belongs to it.

    Parameters
    ----------
    table : Table
        The other file.
    rule : JoinRule
    ours : Cells
        The key of each decision.
    ok : OkRule or None
        The rule for ``ok``.
    here : collection of str
        What of the rule for ``ok`` stands in this file: advice, outcome or both.
    advice : array of int or None
        For each decision what was advised, as a number in that rule, if that is known before.
    where : str
        The rule's place in the mapping file.

    Raises
    ------
    LogError
        When no row finds its decision, or several do and nothing says which counts.
    """
    rejects, theirs = table.rejects, rule.on.theirs
    keys = table.cells(theirs)
    rejects.add(np.asarray(keys.words == "", bool)[keys.codes], theirs, keys, "is missing")
    code = pd.Index(ours.words).get_indexer(pd.Index(keys.words))[keys.codes]
    _some_match(code, keys, ours, table, rule, where)
    rejects.add(code < 0, theirs, keys, "belongs to no decision", expected=True)
    reads = {name: table.read(name) for name in rule.columns}
    codes = {what: codes_of(table, ok, what) for what in here if ok}

    partner = np.full(len(ours.codes), -1)
    for advised, rank in _ranks(rule, reads, ok, codes, len(code)):
        best = _best(code, rank, ~rejects.bad, len(ours.words))
        chosen = slice(None) if advised is None or advice is None else advice == advised
        partner[chosen] = best[ours.codes[chosen]]
    stays = np.full(len(ours.words), -1)
    stays[ours.codes] = partner
    _give_up_others(table, rule, keys, stays[code], partner, where)
    return Joined(table=table, rule=rule, keys=keys, partner=partner, reads=reads, codes=codes)


def _some_match(
    code: Codes, keys: Cells, ours: Cells, table: Table, rule: JoinRule, where: str
) -> None:
    if (code >= 0).any():
        return
    left, right = (next((w for w in cells.words if w), "") for cells in (ours, keys))
    (left,) = table.rejects.shown(rule.on.theirs, [left])
    (right,) = table.rejects.shown(rule.on.theirs, [right])
    raise LogError(
        f"{where}: no row of {table.file} finds its decision: {rule.on.ours} is like {left!r}, "
        f"{rule.on.theirs} like {right!r}; name the columns that hold the same under on"
    )


def _ranks(
    rule: JoinRule, reads: Map[str, Read], ok: OkRule | None, codes: Map[What, Codes], rows: int
) -> Iterator[tuple[int | None, Codes]]:
    """How far each row goes before others of its decision, for any advice or for one."""
    if rule.keep != "any_bad":
        yield None, np.arange(rows) if rule.keep == "last" else np.zeros(rows, np.int64)
    elif ok and "outcome" in codes and "advice" in codes:
        yield None, _badness(ok_of(ok, codes["advice"], codes["outcome"]))
    elif ok and "outcome" in codes:
        yield None, np.zeros(rows, np.int64)
        for advised in range(len(ok.right_when)):
            yield advised, _badness(ok_of(ok, np.full(rows, advised), codes["outcome"]))
    elif "ok" in reads:
        yield None, _badness(reads["ok"].spread())
    else:
        strict = [_strictness(reads[name]) for name in ("verdict", "look_verdict") if name in reads]
        yield None, np.max([np.zeros(rows, np.int64), *strict], axis=0)


def _strictness(verdicts: Read) -> Codes:
    """Rejected before changed before approved before no verdict."""
    strict = {verdict: i for i, verdict in enumerate(VERDICTS, 1)}
    return np.array([strict.get(str(v), 0) for v in verdicts.values])[verdicts.cells.codes]


def _badness(ok: Any) -> Codes:
    """Wrong before right before not known."""
    known, right = ~np.asarray(ok.isna(), bool), np.asarray(ok.fillna(True), bool)
    return np.where(known, np.where(right, 1, 2), 0)


def _best(
    code: Codes, rank: NDArray[np.int64], usable: NDArray[np.bool_], keys: int
) -> NDArray[np.int64]:
    """For each key the usable row of highest rank, of equals the first; -1 for none."""
    rows = np.flatnonzero(usable & (code >= 0))
    order = rows[np.lexsort((rows, -rank[rows], code[rows]))]
    first = np.ones(len(order), bool)
    first[1:] = code[order][1:] != code[order][:-1]
    best = np.full(keys, -1)
    best[code[order[first]]] = order[first]
    return best


def _give_up_others(
    table: Table, rule: JoinRule, keys: Cells, stays: Codes, partner: Codes, where: str
) -> None:
    """Rows of a decision for which another row counts."""
    rejects = table.rejects
    left = ~rejects.bad
    left[partner[partner >= 0]] = False
    others = np.flatnonzero(left)
    same = equal_rows(table.texts, others, stays[others])
    differ = others[~same]
    if rule.keep is None and len(differ):
        pair = sorted(int(rejects.rows[at]) for at in (differ[0], stays[differ[0]]))
        raise LogError(
            f"{where}: {table.file} has several rows of one decision, {len(differ):,} too many "
            f"(such as rows {pair[0]:,} and {pair[1]:,}); say which counts with keep: first, last "
            "or any_bad"
        )
    for at, reason in ((others[same], COPY), (differ, f"gives way, by keep: {rule.keep}, to row")):
        which = np.zeros(len(left), bool)
        which[at] = True
        rejects.add(which, rule.on.theirs, keys, reason, rejects.rows[stays], expected=True)
