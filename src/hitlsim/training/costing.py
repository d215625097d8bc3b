"""What a way of working costs in steady state, beside nobody looking, all looked at, and the ideal.

Per hundred decisions of the inbox as it is: items count by their weight, so that wrong ones are as
rare as in the log that the deck was drawn from.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..decisions.estimating.intervals import NOTHING, Estimate, counted, ratio_of_clusters
from ..scenario.habits import Habits
from ..simulation.reviewing import flag_chance
from ..simulation.table import signal_detection
from .columns import Round

PER = 100.0
_WEIGHED = "items of the steady round independent of each other, weighed as the log has them"
_SAME = "counted in full: a property of the deck, the same for everybody"


@dataclass(frozen=True, slots=True)
class Cost:
    """One way of working.

    Attributes
    ----------
    name, title : str
    looks : Estimate
        Looks per hundred decisions.
    cost : Estimate
        Looks, needless changes and harm, per hundred decisions, in the answers' currency.
    """

    name: str
    title: str
    looks: Estimate
    cost: Estimate


def costs_of_working(f: pd.DataFrame) -> tuple[Cost, ...]:
    """The trainee's own way, and the three to hold it against.

    *All looked at* and *the ideal observer* see as the model's typical reviewer does when rested
    (d' 1.6), with the line that costs least; the ideal looks only where the boundary spec asks.

    Parameters
    ----------
    f : DataFrame
        Marked answers; those of the steady round count.

    Returns
    -------
    tuple of Cost
        Empty where there was no steady round.
    """
    s = f[f["round"].astype(str) == Round.STEADY]
    if not len(s):
        return ()
    everything = pd.Series(True, s.index)
    ways = [
        ("own", "As they worked", s["up"], _paid(s, s["up"], s["flag"].astype(float))),
        ("nobody", "Nobody looks", ~everything, _paid(s, ~everything, pd.Series(0.0, s.index))),
        ("all", "All is looked at", everything, _paid(s, everything, _flags(s, everything))),
        ("ideal", "The ideal observer", s["needs_look"],
         _paid(s, s["needs_look"], _flags(s, s["needs_look"]))),
    ]  # fmt: skip
    out = []
    for name, title, looks, paid in ways:
        share, each = _per_hundred(s, looks), _per_hundred(s, paid)
        if name != "own":
            share, each = (counted(e.value, e.n, _SAME) for e in (share, each))
        out.append(Cost(name, title, share, each))
    return tuple(out)


def above_ideal(f: pd.DataFrame) -> Estimate:
    """By how much their way costs more than the ideal's, per hundred decisions, item by item."""
    s = f[f["round"].astype(str) == Round.STEADY]
    if not len(s):
        return NOTHING
    own = _paid(s, s["up"], s["flag"].astype(float))
    ideal = _paid(s, s["needs_look"], _flags(s, s["needs_look"]))
    return _per_hundred(s, own - ideal)


def _per_hundred(s: pd.DataFrame, each: pd.Series) -> Estimate:
    """The mean of items, weighed by how many decisions they stand for."""
    e = ratio_of_clusters(s["weight"] * each, s["weight"], clusters="items")
    return replace(e.scaled(PER), n=len(s), assumes=_WEIGHED)


def _paid(s: pd.DataFrame, looks: pd.Series, flags: pd.Series) -> pd.Series:
    """Cost of each item: its look, the harm that goes out, the change that was needless."""
    wrong = s["harm"] * (1 - flags)
    needless = s["needless_cost"] * flags
    return s["look_cost"] * looks + np.where(s["right"], needless, wrong)


def _flags(s: pd.DataFrame, looks: pd.Series) -> pd.Series:
    """Chance that each item is called wrong by typical eyes with the line that costs least."""
    seen = s[looks]
    w, right = seen["weight"], seen["right"]
    if not len(seen) or right.all() or not right.any():
        return pd.Series((~s["right"] & looks).astype(float), s.index)
    p = float(w[~right].sum() / w.sum())
    miss = float(np.average(seen.loc[~right, "harm"], weights=w[~right]))
    needless = float(np.average(seen.loc[right, "needless_cost"], weights=w[right]))
    d_prime = _typical()
    line = math.log((1 - p) / p * max(needless, 1e-9) / max(miss, 1e-9)) / d_prime
    chance = {ok: flag_chance(ok, d_prime, line, 1.0) for ok in (True, False)}
    return s["right"].map(chance).astype(float) * looks


def _typical() -> float:
    usual = Habits()
    return signal_detection(usual.hit_rate, usual.false_alarm_rate)[0]
