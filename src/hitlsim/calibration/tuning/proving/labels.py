"""The later labels that rules are tested on: a uniform sample, the unknown taken for the worst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..weighing.cases import Bools, Cases, Ints
from .coverage import awaited, lacking, share_needed, unlooked, unmade
from .sample import uniform


@dataclass(frozen=True)
class Labels:
    """A uniform sample of later decisions; what is not known of them is taken for the worst."""

    alone: Bools
    """Of each who goes alone under which member."""
    bad: Bools
    assumed: Bools
    """Bad only since nobody knows."""
    account: Ints | None
    dropped: int
    """Labels left out so that each decision had the same chance to be among the rest."""
    unlooked: int
    """Assumed, as nobody looked at them and no chance is stated."""
    late: int
    """Assumed, as their outcome has not come."""
    unmade: int
    """Looks that nobody has made; not among the labels."""


def sampled(later: Cases, goes: Bools, rate: str) -> Labels:
    """The labels on which rules are tested.

    Parameters
    ----------
    later : Cases
    goes : bool array of (n, K)
        Which of them go alone under each member of the family.
    rate : str
        Of silent errors.
    """
    fair, open_ = later.known & (later.chance > 0), unmade(later)
    # what nobody knows counts as bad where it may go alone: whatever it was, the rate is lower
    blank = (unlooked(later) | awaited(later)) & goes.any(axis=1)
    floor = share_needed(later)
    some = np.flatnonzero(fair | blank)
    kept = some[uniform(later.chance[some], later.u[some], floor=floor)]
    rest = np.flatnonzero(open_ | (~goes.any(axis=1) & (unlooked(later) | awaited(later))))
    there = int(uniform(later.chance[rest], later.u[rest], floor=floor).sum()) if len(rest) else 0
    # where nothing tells who was picked, those that chance should have shown beside them
    more = 0
    if later.awaited is None:
        more = lacking(len(later), floor, len(kept) + there)
    alone, bad, assumed = goes[kept], later.bad[kept] | blank[kept], blank[kept]
    if rate == "fn_of_bad":
        alone = alone | assumed[:, None]  # else it would swell the bad ones that are asked about
    every = np.ones((more, goes.shape[1]), bool)
    account = None if later.account is None else np.append(
        later.account[kept], later.account.max(initial=0) + 1 + np.arange(more)
    )  # fmt: skip
    return Labels(
        np.vstack([alone, every]), np.append(bad, every[:, 0]), np.append(assumed, every[:, 0]),
        account, len(some) - len(kept), int(unlooked(later)[kept].sum()),
        int(awaited(later)[kept].sum()) + more, int(open_.sum()),
    )  # fmt: skip
