"""What a way of working costs in steady state, beside nobody looking, all looked at, and the ideal.

Per hundred decisions of the inbox as it is: items count by their weight, so that wrong ones are as
rare as in the log that the deck was drawn from. Intervals say what the same person would cost on
the same deck again; another deck would move everybody alike.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import NOTHING, Estimate, clopper_pearson, counted
from ...scenario.habits import Habits
from ...simulation.reviewing import flag_chance
from ...simulation.table import signal_detection
from ..acts import Round

PER = 100.0
_AGAIN = "items of the steady round independent of each other, on this deck"
_READ = ["right", "needs_look", "up", "flag", "harm", "look_cost", "needless_cost", "weight"]
"""All that costs come from."""
_LEAST = 1e-9
"""A cost of nothing, where it is divided by."""
_CLEARLY = 0.9
"""Of few items a tenth more or less says nothing."""
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


def on_the_spec(costs: Sequence[Cost]) -> str:
    """What a deck says of the boundary spec itself; empty where it says nothing.

    No discipline helps where the spec lets go what ought to be looked at.
    """
    by = {c.name: c.cost.value for c in costs}
    if not costs or by["all"] >= _CLEARLY * by["ideal"]:
        return ""
    return (
        "On this deck looking at all would cost less than keeping to the boundary spec, so the "
        "spec may let go too much: see what tuning says of the whole log (hitlsim tune). "
    )


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
    s = f.loc[f["round"].astype(str) == Round.STEADY, _READ]
    if not len(s):
        return ()
    everything = pd.Series(True, s.index)
    ways = [
        ("nobody", "Nobody looks, all is approved", ~everything,
         _paid(s, ~everything, pd.Series(0.0, s.index))),
        ("all", "All is looked at", everything, _paid(s, everything, _flags(s, everything))),
        ("ideal", "The ideal observer", s["needs_look"],
         _paid(s, s["needs_look"], _flags(s, s["needs_look"]))),
    ]  # fmt: skip
    own = Cost("own", "As they worked", _looked(s), _own(s))
    return own, *(
        Cost(name, title, *(counted(_per_hundred(s, each), len(s), _SAME) for each in both))
        for name, title, *both in ways
    )


def above_ideal(costs: tuple[Cost, ...]) -> Estimate:
    """By how much their way costs more than the ideal's on the same deck, per hundred decisions.

    Parameters
    ----------
    costs : tuple of Cost
        As :func:`costs_of_working` gives them.
    """
    if not costs:
        return NOTHING
    by = {c.name: c.cost for c in costs}
    own, ideal = by["own"], by["ideal"].value
    return replace(own, value=own.value - ideal, low=own.low - ideal, high=own.high - ideal)


def forgone(costs: tuple[Cost, ...]) -> Estimate:
    """Of what the ideal saves over nobody looking, the share that their way does not save.

    0 is the ideal, 1 is as if nobody looked; more than 1 costs more than that. It makes decks with
    dearer and with cheaper mistakes comparable.

    Parameters
    ----------
    costs : tuple of Cost
        As :func:`costs_of_working` gives them.
    """
    by = {c.name: c.cost.value for c in costs}
    saves = by["nobody"] - by["ideal"] if costs else 0.0
    return above_ideal(costs).scaled(1 / saves) if saves > 0 else NOTHING


def _per_hundred(s: pd.DataFrame, each: pd.Series) -> float:
    """The mean of items, weighed by how many decisions they stand for."""
    return float(PER * np.average(each.astype(float), weights=s["weight"]))


def _looked(s: pd.DataFrame) -> Estimate:
    """Looks per hundred: of the items asked about, and of the others, each with its interval."""
    parts = []
    for _, part in s.groupby("needs_look"):
        e = clopper_pearson(float(part["up"].sum()), len(part))
        share = float(np.average(part["up"], weights=part["weight"]))
        parts.append((float(part["weight"].sum()), share, min(share, e.low), max(share, e.high)))
    return _joined(s, _per_hundred(s, s["up"]), parts)


def _own(s: pd.DataFrame) -> Estimate:
    """What their way costs.

    Items of a kind cost between the least and the most that anybody could make of them. The share
    of that room which was paid has an exact interval, at the number of items that weigh as much as
    these do. A variance will not do: where a rare, dear miss did not happen, it says that none
    could.
    """
    paid, routine, parts = _paid(s, s["up"], s["flag"].astype(float)), s[~s["needs_look"]], []
    # nobody knows before opening it whether a routine item is right
    opened = clopper_pearson(float(routine["up"].sum()), len(routine))
    for (right, asked), part in s.groupby(["right", "needs_look"]):
        least = 0.0 * part["harm"] if right else part[["look_cost", "harm"]].min(axis=1)
        most = part["look_cost"] + part["needless_cost" if right else "harm"]
        room = part["weight"] * (most - least)
        total = float(room.sum())
        if not total:
            continue
        share = float((part["weight"] * (paid[part.index] - least)).sum()) / total
        alike = total**2 / float((room**2).sum())
        e = clopper_pearson(share * alike, alike)
        low, high = e.low, e.high
        if not asked:
            left = 0.0 if right else float((part["weight"] * (part["harm"] - least)).sum()) / total
            low = max(low, left * (1 - opened.high))
            high = min(high, left + (1 - left) * opened.high)
        parts.append((total, share, min(share, low), max(share, high)))
    return _joined(s, _per_hundred(s, paid), parts)


def _joined(
    s: pd.DataFrame, value: float, parts: list[tuple[float, float, float, float]]
) -> Estimate:
    """A figure whose parts, each so large and a share of it, vary independently of each other.

    References
    ----------
    Zou & Donner 2008 (MOVER).
    """
    per = PER / float(s["weight"].sum())
    below = math.hypot(*(per * size * (share - low) for size, share, low, _ in parts))
    above = math.hypot(*(per * size * (high - share) for size, share, _, high in parts))
    return Estimate(value, max(0.0, value - below), value + above, len(s), _AGAIN)


def _paid(s: pd.DataFrame, looks: pd.Series, flags: pd.Series) -> pd.Series:
    """Cost of each item: its look, the harm that goes out, the change that was needless."""
    wrong = s["harm"] * (1 - flags)
    needless = s["needless_cost"] * flags
    return s["look_cost"] * looks + np.where(s["right"], needless, wrong)


def _flags(s: pd.DataFrame, looks: pd.Series) -> pd.Series:
    """Chance that each item is called wrong by typical eyes with the line that costs least."""
    seen = s[looks]
    par = at_par(seen)
    if not par:
        return pd.Series((~s["right"] & looks).astype(float), s.index)
    d_prime = _typical()
    line = math.log(par) / d_prime
    chance = {ok: flag_chance(ok, d_prime, line, 1.0) for ok in (True, False)}
    return s["right"].map(chance).astype(float) * looks


def at_par(f: pd.DataFrame) -> float:
    """beta*: the right ones for each wrong one, times what a needless change costs in misses.

    Parameters
    ----------
    f : DataFrame
        Marked answers, each of which stands for as many as it weighs.

    Returns
    -------
    float
        0 where all are right, or all wrong: then no line is better than another.

    References
    ----------
    Green & Swets 1966.
    """
    right = f["right"]
    if right.all() or not right.any():
        return 0.0
    good, bad = f[right], f[~right]
    needless = float((good["weight"] * good["needless_cost"]).sum())
    return max(needless, _LEAST) / max(float((bad["weight"] * bad["harm"]).sum()), _LEAST)


def _typical() -> float:
    usual = Habits()
    return signal_detection(usual.hit_rate, usual.false_alarm_rate)[0]
