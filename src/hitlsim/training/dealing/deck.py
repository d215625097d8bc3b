"""A deck: decisions of a log with known truth, drawn for a session, the same for everybody.

Errors are rare at a real desk; a deck needs enough of them to see how somebody reviews. So right
and wrong decisions, those that the boundary spec asks a person about and those it lets go alone,
are drawn separately, and every item keeps its weight: how many decisions of the log it stands for.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ...calibration.tuning.costs import Costs
from ...calibration.tuning.rerouting.bands import routed
from ...decisions.columns import SAFE_ROUTES
from ...decisions.counting.tally import READING_FLOOR_SECONDS
from ...decisions.log import DecisionLog
from ...decisions.telling.example import example_of, known_of
from ...errors import LogError, NotEnoughEvidence
from ...scenario.scenario import Scenario
from ..acts import Round
from .pricing import Prices, assumed, priced, prices_of

ITEMS = 40
"""Items in each round. With three in ten wrong, three rounds tell apart, in nine sessions of ten,
somebody who opens six in ten routine items, somebody who lets seven in eight wrong ones through,
and the ideal observer; one round does not."""
PREVALENCE = 0.3
"""Share of wrong ones among them."""
_ASKED = {Round.SHADOW: 0.5, Round.EXCEPTION: 1.0, Round.STEADY: 0.3}
"""Share of each round's items that the boundary spec asks a person about."""
_LEAST_WRONG = 2
"""In a round: one that a person is asked about, and one that may go alone."""
_SHORT = {
    "company": "the company", "other_industry": "another industry", "other": "somebody else",
    "other_territory": "next door", "wrong_day": "a wrong day", "wrong_touch": "a contact",
    "industry": "an industry", "rival": "a rival", "name": "the person",
    "old_company": "a company", "wrong_city": "another city", "wrong_label": "something else",
}  # fmt: skip
"""What stands for the facts of one item when a kind of mistake is named."""


@dataclass(frozen=True)
class Deck:
    """Items for a session.

    Attributes
    ----------
    frame : DataFrame
        One row for each item, round by round in the order of play: what answers carry of it, and
        ``decision_id``, ``confidence``, ``signals`` of the decision it was made from.
    record : mapping
        Log, seed, prevalence in deck and log, currency, and what costs rest on.
    """

    frame: pd.DataFrame
    record: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.frame)


def draw_deck(
    log: DecisionLog,
    *,
    items: int = ITEMS,
    prevalence: float = PREVALENCE,
    costs: Costs | Mapping[str, Any] | Scenario | None = None,
    seed: int = 7,
) -> Deck:
    """Draw a deck from a log whose truth is known, at a chosen share of wrong ones.

    Parameters
    ----------
    log : DecisionLog
        Simulated (``true_ok``) or real, where ``ok`` is known. One that does not say what went
        alone is routed by its bands, else by 90/70.
    items : int
        In each of the three rounds, from 10 to 400. No decision comes twice.
    prevalence : float
        Share of wrong ones, from 0.05 to 0.5.
    costs : Costs, mapping or Scenario, optional
        What errors and looks cost, as for tuning; what is not said is an assumption. Of a
        simulated log, give its scenario: its harm, its people's hour.
    seed : int

    Returns
    -------
    Deck

    Raises
    ------
    LogError
        When a parameter is out of its range, or the log does not say what was right.
    NotEnoughEvidence
        When it has too few decisions of a kind; says how many there are and are needed.

    Examples
    --------
    >>> import hitlsim as hs
    >>> deck = draw_deck(hs.simulate(hs.load("on-the-loop"), seed=7).log)
    >>> len(deck), int((~deck.frame["right"]).sum())
    (120, 36)
    """
    _check(items, prevalence)
    log = routed(log)
    prices = prices_of(costs, log.frame)
    pool = _pool(log, prices)
    rng = np.random.default_rng([seed, items])
    parts, used = [], np.zeros(len(pool), bool)
    for at, (name, asked) in enumerate(_ASKED.items()):
        part = _round(pool, used, _plan(items, prevalence, asked), rng)
        parts.append(part.assign(round=str(name), item_id=_ids(at, len(part))))
    frame = pd.concat(parts, ignore_index=True)
    frame = frame.drop(columns="worth").assign(fault=_faults(frame, log))
    record = {
        "log": str(log.record.get("source", "a decision log")), "deck_seed": seed,
        "items_per_round": items, "prevalence": prevalence,
        "prevalence_in_log": _prevalence(pool),
        "currency": str(log.record.get("currency", "")),
        "costs_assumed": assumed(prices),
        "costs_of": prices.name if isinstance(prices, Scenario) else "",
    }  # fmt: skip
    return Deck(frame, record)


def _prevalence(pool: pd.DataFrame) -> float:
    return round(float(np.average(~pool["right"], weights=pool["worth"])), 6)


def _check(items: int, prevalence: float) -> None:
    if not 10 <= items <= 400:
        raise LogError(f"items={items!r} must lie between 10 and 400 for each round, such as 40")
    if not 0.05 <= prevalence <= 0.5:
        raise LogError(f"prevalence={prevalence!r} must lie between 0.05 and 0.5, such as 0.3")
    if round(items * prevalence) < _LEAST_WRONG:
        raise LogError(
            f"items={items} at prevalence={prevalence:g} leave fewer than {_LEAST_WRONG} wrong "
            f"ones in a round; draw {math.ceil(_LEAST_WRONG / prevalence)} items or more"
        )


def _pool(log: DecisionLog, prices: Prices) -> pd.DataFrame:
    """What can be drawn: every decision that the AI proposed and whose truth is known."""
    truth = next((c for c in ("true_ok", "ok") if log.has(c)), None)
    if truth is None:
        raise LogError(
            "the log does not say whether proposals were right (column ok), so no deck can be "
            "drawn from it; draw one from a log with outcomes, or from a simulation"
        )
    f = log.frame
    proposed = (f["route"].isin(SAFE_ROUTES) | (f["route"] == "gate")) & ~log.tests
    # what somebody merely pulled for a look, nothing asked for
    asked = ~f["route"].isin(["auto", "peek"])
    known = proposed & f[truth].notna()
    # of what went alone the truth is known of fewer: each known one stands for more
    worth = {a: (proposed & (asked == a)).sum() / max((known & (asked == a)).sum(), 1)
             for a in (True, False)}  # fmt: skip
    f, asked = f[known].reset_index(drop=True), asked[known].reset_index(drop=True)
    flow = f["workflow"].astype(str) if "workflow" in f else pd.Series("all", f.index)
    floors = log.record.get("reading_floor_seconds") or {}
    pool = pd.DataFrame(
        {
            "decision_id": f["decision_id"].astype(str), "workflow": flow,
            "right": f[truth].astype(bool),
            "needs_look": asked, "worth": asked.map(worth).astype(float),
            "floor_seconds": flow.map(floors).astype(float).fillna(READING_FLOOR_SECONDS),
            "confidence": f["confidence"].astype(float),
            "signals": f["signals"].astype(str) if "signals" in f else "",
        }
    )  # fmt: skip
    return pool.assign(**priced(f, flow, prices))


def _faults(frame: pd.DataFrame, log: DecisionLog) -> list[str]:
    """The kind of mistake in the example that each wrong item is shown as; empty for right ones."""
    shown = ("decision_id", "action", "workflow", "channel", "signals", "agent")
    rows = log.frame.set_index("decision_id", drop=False).loc[frame["decision_id"]]
    rows = rows[[c for c in shown if c in rows]]
    return [
        "" if right else fault_kind(example_of(known_of({**row, "true_ok": False})).fault.name)
        for row, right in zip(rows.to_dict("records"), frame["right"], strict=True)
    ]


def fault_kind(name: str) -> str:
    """A kind of mistake without the facts of one item.

    >>> fault_kind("says {wrong_day}; planned was {day}")
    'says a wrong day'
    """
    kind = re.split(r"[:;]", name)[0]
    return re.sub(r"\{(\w+)\}", lambda found: _SHORT.get(found[1], found[1]), kind).strip()


def _plan(items: int, prevalence: float, asked: float) -> dict[tuple[bool, bool], int]:
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


def _round(
    pool: pd.DataFrame,
    used: np.ndarray[Any, np.dtype[np.bool_]],
    plan: Mapping[tuple[bool, bool], int],
    rng: np.random.Generator,
) -> pd.DataFrame:
    picked = []
    for (right, asked), n in plan.items():
        of_kind = ((pool["right"] == right) & (pool["needs_look"] == asked)).to_numpy()
        left = np.flatnonzero(of_kind & ~used)
        if len(left) < n:
            kind = f"{'right' if right else 'wrong'} decisions that " + (
                "a person was asked about" if asked else "went alone")  # fmt: skip
            raise NotEnoughEvidence(
                f"the log has {int(of_kind.sum()):,} {kind}; the deck needs {n - len(left):,} "
                "more; draw fewer items, or take a longer log"
            )
        some = _spread(left, pool["workflow"].to_numpy()[left], n, rng)
        used[some] = True
        weight = pool["worth"].to_numpy()[of_kind].sum() / max(n, 1)
        picked.append(pool.iloc[some].assign(weight=round(float(weight), 4)))
    part = pd.concat(picked, ignore_index=True)
    return part.iloc[rng.permutation(len(part))].reset_index(drop=True)


def _spread(left: Any, flows: Any, n: int, rng: np.random.Generator) -> Any:
    """A sample with the workflows in proportion: every so-manieth, in their order, shuffled."""
    shuffled = rng.permutation(len(left))
    order = shuffled[np.argsort(flows[shuffled], kind="stable")]
    at = ((np.arange(n) + rng.random()) * len(left) / max(n, 1)).astype(int)
    return left[order[at]]


def _ids(round_: int, n: int) -> list[str]:
    return [f"{round_ + 1}-{i + 1:02d}" for i in range(n)]
