"""Which decisions of a log make a deck: drawn kind by kind, and, where too few are wrong, planted.

Right and wrong decisions, those that a person is asked about and those that go alone, are drawn
separately. Where the log has fewer wrong ones of a kind than the deck needs, mistakes are put into
right ones of that kind; together they stand for the log's wrong ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.columns import SAFE_ROUTES
from ...decisions.counting.tally import READING_FLOOR_SECONDS
from ...decisions.estimating.intervals import Estimate, clopper_pearson, korn_graubard
from ...decisions.log import DecisionLog
from ...errors import LogError, NotEnoughEvidence
from ..acts import Round
from .pricing import Prices, priced

ASKED = {Round.SHADOW: 0.5, Round.EXCEPTION: 1.0, Round.STEADY: 0.3}
"""Share of each round's items that the boundary spec asks a person about."""
_READ = (
    "decision_id", "workflow", "route", "confidence", "deal_size", "review_minutes", "delay_cost",
    "queued_at", "true_ok", "ok", "true_bad_out", "rolled_back", "verdict",
)  # fmt: skip
"""All that drawing and pricing look at."""
Kind = tuple[bool, bool]
"""Whether right, and whether a person is asked."""


def pool_of(log: DecisionLog, prices: Prices) -> pd.DataFrame:
    """What can be drawn: every decision that the AI proposed and whose truth is known.

    Parameters
    ----------
    log : DecisionLog
        With routes.
    prices : Prices
        What an item costs.

    Returns
    -------
    DataFrame
        One row for each, with ``at``, its row in the log, and ``worth``, how many decisions of the
        log it stands for.

    Raises
    ------
    LogError
        When the log does not say what was right.
    """
    truth = next((c for c in ("true_ok", "ok") if log.has(c)), None)
    if truth is None:
        raise LogError(
            "the log does not say whether proposals were right (column ok), so no deck can be "
            "drawn from it; draw one from a log with outcomes, or from a simulation"
        )
    f = log.frame[[c for c in _READ if c in log.frame]]
    proposed = (f["route"].isin(SAFE_ROUTES) | (f["route"] == "gate")) & ~log.tests
    # what somebody merely pulled for a look, nothing asked for
    asked = ~f["route"].isin(["auto", "peek"])
    known = proposed & f[truth].notna()
    # of what went alone the truth is known of fewer: each known one stands for more
    worth = {a: (proposed & (asked == a)).sum() / max((known & (asked == a)).sum(), 1)
             for a in (True, False)}  # fmt: skip
    at = np.flatnonzero(known.to_numpy())
    f, asked = f[known].reset_index(drop=True), asked[known].reset_index(drop=True)
    flow = f["workflow"].astype(str) if "workflow" in f else pd.Series("all", f.index)
    floors = log.record.get("reading_floor_seconds") or {}
    pool = pd.DataFrame(
        {
            "decision_id": f["decision_id"].astype(str), "workflow": flow, "at": at,
            "right": f[truth].astype(bool),
            "needs_look": asked, "worth": asked.map(worth).astype(float),
            "floor_seconds": flow.map(floors).astype(float).fillna(READING_FLOOR_SECONDS),
            "confidence": f["confidence"].astype(float),
        }
    )  # fmt: skip
    return pool.assign(planted=False, **priced(f, flow, prices))


def prevalence_of(pool: pd.DataFrame) -> Estimate:
    """Share of wrong ones in the log, from those whose truth is known."""
    parts = pool.groupby("needs_look").agg(
        n=("right", "size"), right=("right", "mean"), worth=("worth", "sum")
    )
    share = parts["worth"] / parts["worth"].sum()
    bad = 1 - parts["right"]
    p = float((share * bad).sum())
    variance = float((share**2 * bad * parts["right"] / parts["n"]).sum())
    return korn_graubard(
        p, variance, len(pool), seen=len(pool), failures=int((~pool["right"]).sum()),
        assumes="decisions independent; of what went alone, the known ones like the others",
    )  # fmt: skip


def rounds_of(
    pool: pd.DataFrame,
    used: NDArray[np.bool_],
    items: int,
    prevalence: float,
    rng: np.random.Generator,
    *,
    plant: bool,
) -> pd.DataFrame:
    """The items of all rounds, in the order of play.

    Parameters
    ----------
    pool : DataFrame
        See :func:`pool_of`.
    used : array of bool
        What another deck has drawn; marked here as items are drawn.
    items : int
        In each round.
    prevalence : float
        Share of wrong ones.
    rng : Generator
    plant : bool
        Whether mistakes are put into right ones where too few are wrong.

    Raises
    ------
    NotEnoughEvidence
        When the log has too few decisions of a kind; says how many there are and are needed.
    """
    taken = _Taken(pool, used, plant)
    parts = []
    for name, asked in ASKED.items():
        plan = _plan(items, prevalence, asked)
        picked = pd.concat(
            [taken.of_kind(kind, n, rng) for kind, n in plan.items()], ignore_index=True
        )
        part = picked.iloc[rng.permutation(len(picked))].reset_index(drop=True)
        parts.append(part.assign(round=str(name)))
    return pd.concat(parts, ignore_index=True)


def kind_words(kind: Kind) -> str:
    """A kind of decisions in words.

    >>> kind_words((False, True))
    'wrong decisions that a person was asked about'
    """
    right, asked = kind
    return f"{'right' if right else 'wrong'} decisions that " + (
        "a person was asked about" if asked else "went alone")  # fmt: skip


def _plan(items: int, prevalence: float, asked: float) -> dict[Kind, int]:
    """How many right and wrong ones, asked about and not, make a round."""
    bad = round(items * prevalence)
    plan = {}
    for right, n in ((False, bad), (True, items - bad)):
        looked = round(n * asked)
        if asked < 1:
            # of every kind there is one, or it would weigh nothing in what a way of working costs
            looked = min(max(looked, 1), n - 1)
        plan[right, True], plan[right, False] = looked, n - looked
    return plan


class _Taken:
    """Draws decisions of a kind, none of them twice."""

    def __init__(self, pool: pd.DataFrame, used: NDArray[np.bool_], plant: bool) -> None:
        self._pool, self._used, self._plant = pool, used, plant
        self._elsewhere = used.copy()
        self._flows = pool["workflow"].to_numpy()
        right, asked = pool["right"].to_numpy(), pool["needs_look"].to_numpy()
        worth = pool["worth"].to_numpy()
        kinds = [(r, a) for r in (True, False) for a in (True, False)]
        self._kinds = {(r, a): (right == r) & (asked == a) for r, a in kinds}
        self._worth = {kind: float(worth[there].sum()) for kind, there in self._kinds.items()}
        for a in (True, False):
            none, of_them = self._worth[False, a] == 0, int(self._kinds[True, a].sum())
            if plant and none and of_them:
                # half a wrong one among n + 1, the mean after n right ones (Jeffreys)
                self._worth[False, a] = self._worth[True, a] * 0.5 / (of_them + 1)
                self._worth[True, a] -= self._worth[False, a]

    def of_kind(self, kind: Kind, n: int, rng: np.random.Generator) -> pd.DataFrame:
        """So many decisions of a kind, with the weight that together they have."""
        left = self._left(kind)
        if kind[0] or not self._plant:
            self._need(kind, left, n)
        some = self._take(left, min(n, len(left)), rng)
        part = self._pool.iloc[some]
        if len(some) < n:
            sound = self._left((True, kind[1]))
            self._need((True, kind[1]), sound, n - len(some))
            more = self._pool.iloc[self._take(sound, n - len(some), rng)]
            part = pd.concat([part, more.assign(right=False, planted=True)])
        return part.assign(weight=round(self._worth[kind] / max(n, 1), 4))

    def _left(self, kind: Kind) -> NDArray[np.intp]:
        return np.flatnonzero(self._kinds[kind] & ~self._used)

    def _take(self, left: NDArray[np.intp], n: int, rng: np.random.Generator) -> Any:
        some = _spread(left, self._flows[left], n, rng)
        self._used[some] = True
        return some

    def _need(self, kind: Kind, left: NDArray[np.intp], n: int) -> None:
        if len(left) >= n:
            return
        there = self._kinds[kind]
        elsewhere = int((there & self._elsewhere).sum())
        others = f" ({elsewhere:,} of them are in another deck)" if elsewhere else ""
        remedy = "draw fewer items, or take a longer log"
        if not kind[0]:
            remedy += ", or let mistakes be planted (plant=True)"
        raise NotEnoughEvidence(
            f"the log has {int(there.sum()):,} {kind_words(kind)}{others}; the deck needs "
            f"{n - len(left):,} more; {remedy}"
        )


def _spread(left: Any, flows: Any, n: int, rng: np.random.Generator) -> Any:
    """A sample with the workflows in proportion: every so-manieth, in their order, shuffled."""
    shuffled = rng.permutation(len(left))
    order = shuffled[np.argsort(flows[shuffled], kind="stable")]
    at = ((np.arange(n) + rng.random()) * len(left) / max(n, 1)).astype(int)
    return left[order[at]]


def planting(pool: pd.DataFrame, drawn: pd.DataFrame) -> Mapping[str, Any]:
    """What a record says of mistakes that were planted: how many, and for want of any.

    Where the log has no wrong one of a kind, the share of that kind that may be wrong all the same.
    """
    n = int(drawn["planted"].sum())
    at_most = {}
    for asked in (True, False):
        here = pool.loc[pool["needs_look"] == asked, "right"]
        if (drawn["planted"] & (drawn["needs_look"] == asked)).any() and here.all():
            where = kind_words((False, asked)).partition("that ")[2]
            at_most[where] = clopper_pearson(0, len(here)).high
    return {"planted": n, "none_wrong_at_most": at_most}
