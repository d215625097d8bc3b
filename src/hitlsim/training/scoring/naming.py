"""Hoarding and abdication in training: named kindly, with the items that show it, or not at all.

The lines are those of a log's diagnosis: more than a fifth of what may go alone looked at, more
than half of the wrong ones let through. Either is named only where a whole interval says so.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ...decisions.counting.scorecard import Targets
from ...decisions.diagnosing.diagnosis import ABDICATION, HOARDING, MOST, Found
from ...decisions.estimating.intervals import Estimate, clopper_pearson, needed

OPENED = Targets().still_in_the_loop
"""Share of routine items above which looking at them is hoarding."""
_HOPELESS = 400
"""More items of a kind than any deck has."""


@dataclass(frozen=True, slots=True)
class Habit:
    """Whether somebody hoards, or abdicates.

    Attributes
    ----------
    name : str
        ``hoarding`` or ``abdication``.
    status : Found
    share : Estimate
        Routine items that were opened; wrong items that were let through.
    words : str
        What was seen, with figures.
    settles : int
        Where there are not enough items: about how many would do; 0 where no number would.
    items : tuple of str
        Ids of those that show it, the costliest first.
    """

    name: str
    status: Found
    share: Estimate
    words: str
    settles: int
    items: tuple[str, ...]


def habits_shown(f: pd.DataFrame) -> tuple[Habit, Habit]:
    """Hoarding and abdication of one person, from marked answers."""
    routine, bad = f[f["routine"]], f[f["bad_asked"]]
    opened, passed = routine[routine["up"]], bad[bad["passed"]]
    return (
        _habit(
            HOARDING, clopper_pearson(len(opened), len(routine)), OPENED,
            f"{len(opened)} of {len(routine)} routine items were opened", "routine items",
            opened.sort_values("look_cost", ascending=False, kind="stable"),
        ),
        _habit(
            ABDICATION, clopper_pearson(len(passed), len(bad)), MOST,
            f"{len(passed)} of {len(bad)} wrong items were let through", "wrong items",
            passed.sort_values("harm", ascending=False, kind="stable"),
        ),
    )  # fmt: skip


def _habit(
    name: str, share: Estimate, line: float, said: str, of: str, shows: pd.DataFrame
) -> Habit:
    items = tuple(shows["item_id"].astype(str))
    if not share.known:
        return Habit(name, Found.OPEN, share, f"no {of} were played", 0, items)
    interval = f"{share.value:.0%}, {100 * share.low:.0f}-{100 * share.high:.0f}"
    words = f"{said} ({interval})"
    if share.low > line:
        return Habit(name, Found.NAMED, share, words, 0, items)
    if share.high < line:
        return Habit(name, Found.NOT, share, words, 0, items)
    settles = needed(share.value, line)
    if settles > _HOPELESS:
        return Habit(name, Found.OPEN, share, f"{words}, right at the line of {line:.0%}", 0, items)
    # one more than there are, at least: those there are did not do
    return Habit(name, Found.OPEN, share, words, max(settles, int(share.n) + 1), items)
