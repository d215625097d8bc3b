"""The last step from prices to rules, which come in steps.

Prices find the best rules where decisions are many and scores fine. Where scores are tied or
decisions few, what is best at a price may leave a target missed by one step though other rules
would keep it. So the rules that are nearly best at the prices found are tried together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ..goals import Goals
from .cases import Bools, Cases, Floats
from .grid import AtPrice, Priced, Prices

_TOGETHER = {2: 100, 3: 40}
"""Rules of each workflow that are tried together with those of so many in all."""
_FEW_WORKFLOWS = 5
"""Workflows up to which rules of three are tried together."""
_LARGEST = 10
"""Workflows, those with most decisions, up to which two are tried together: pairs grow fast."""
_PASSES = 20
_BAND, _TARGET, _AIM = 1e9, 1e6, 1e3
"""The band comes first, then the other targets, then the chance that the band holds, then money."""
_LEFT = 0.01
"""What leaving the band counts at least: more than all targets missed together."""
_SLACK = 1e-9


@dataclass(frozen=True)
class Wanted:
    """What rules are to keep, and what is least then.

    Attributes
    ----------
    goals : Goals
    rates : (float, float)
        Exception rates that are likeliest to hold.
    least : {"cost", "asked", "minutes"}
        What should be small among those that keep all.
    """

    goals: Goals
    rates: tuple[float, float]
    least: str = "cost"


class Closing:
    """Rules of all workflows tried together.

    Parameters
    ----------
    cases : Cases
    priced : Priced
        Of these cases.
    prices : Prices
        Near which the best rules are looked for.
    wanted : Wanted
    """

    def __init__(self, cases: Cases, priced: Priced, prices: Prices, wanted: Wanted) -> None:
        grid = priced.grid
        self._wanted, self._n = wanted, max(1, len(cases))
        self._minutes = 60 * cases.weeks
        self._scale = float(np.abs(cases.gain).sum()) + 1.0
        self._bad = float(cases.bad_hat.sum())
        forced = grid.forced
        # what all would cost if nobody looked but where they must
        self._unseen = float((cases.p_bad * cases.harm).sum() - cases.gain[forced].sum())
        self._dearest = 1000 * (abs(self._unseen) + self._scale) / self._n
        minutes = cases.looks.minutes[cases.flow]
        self._each = np.stack([
            np.ones(len(cases)), np.where(forced, 0.0, cases.gain), cases.bad_hat, minutes,
            cases.overridden,
        ])  # fmt: skip
        self._hours = float(minutes.sum()) / self._minutes + 1.0
        self._anyhow = np.append(self._each[:, forced].sum(axis=1), 0.0)
        self._rules = [flow.everything() for flow in grid.flows]
        sizes = np.array([flow.sums[0].sum() for flow in grid.flows])
        self._large = sorted(np.argsort(-sizes, kind="stable")[:_LARGEST].tolist())
        self._short = [_best_of(worth - prices.look * count) for worth, count in priced.tables]

    def best(self, starts: Iterable[AtPrice]) -> tuple[AtPrice, float]:
        """The best found from any of these, and how far it is from what is wanted."""
        ends = [self._improved(list(start.places)) for start in starts]
        places, ill = min(ends, key=lambda end: end[1])
        return AtPrice(tuple(places), float(self._of(places)[0] / self._n)), ill

    def ill_of(self, asks: Bools, like: AtPrice) -> float:
        """How far rules with these conditions are from it that ask about these decisions."""
        conditions = self._of(list(like.places))[-1]
        return float(self._ill(np.append(self._each[:, asks].sum(axis=1), conditions)))

    # --- steps -----------------------------------------------------------------------------------

    def _improved(self, places: list[int]) -> tuple[list[int], float]:
        """One workflow after the other, then two at a time, until nothing is better."""
        ill, flows = float(self._ill(self._of(places))), range(len(places))
        for _ in range(_PASSES):
            before = ill
            for f in flows:
                rest = self._of(places, but=(f,))
                each = self._ill(rest[:, None] + self._rules[f])
                if each.min() < ill - _SLACK:
                    places[f], ill = int(each.argmin()), float(each.min())
            for two in combinations(self._large, 2):
                ill = self._at_once(places, ill, two)
            if ill >= before - _SLACK and len(places) <= _FEW_WORKFLOWS:
                for three in combinations(flows, 3):
                    ill = self._at_once(places, ill, three)
            if ill >= before - _SLACK:
                break
        return places, ill

    def _at_once(self, places: list[int], ill: float, some: tuple[int, ...]) -> float:
        """Every combination of the nearly best rules of some workflows."""
        short = [self._short[k][: _TOGETHER[len(some)]] for k in some]
        sums = self._of(places, but=some)
        for k, few in zip(some, short, strict=True):
            own = self._rules[k][:, few]
            sums = sums[..., None] + own.reshape(len(own), *[1] * (sums.ndim - 1), -1)
        each = self._ill(sums)
        if each.min() >= ill - _SLACK:
            return ill
        best = np.unravel_index(int(each.argmin()), each.shape)
        for k, few, place in zip(some, short, best, strict=True):
            places[k] = int(few[place])
        return float(each.min())

    # --- what counts -----------------------------------------------------------------------------

    def _of(self, places: list[int], but: tuple[int, ...] = ()) -> Floats:
        """Sums under some rules."""
        out = self._anyhow.copy()
        for k, (rules, place) in enumerate(zip(self._rules, places, strict=True)):
            if k not in but:
                out += rules[:, place]
        return out

    def _ill(self, sums: Floats) -> Floats:
        """The band missed, targets missed, rates that may not hold, and what should be small."""
        asked, gain, caught, minutes, overridden, conditions = sums
        goals, n = self._wanted.goals, self._n
        low, high = goals.band
        beyond, missed = _outside(asked / n, low, high), np.zeros_like(asked)
        if goals.silent is not None:
            name, limit = goals.silent
            base = {"fn_share": n, "fn_of_auto": n - asked, "fn_of_bad": self._bad}[name]
            missed = missed + np.maximum(0.0, (self._bad - caught - limit * base) / n - _SLACK)
        if goals.hours_per_week is not None:
            hours = minutes / self._minutes
            missed = missed + _beyond(hours, goals.hours_per_week, self._hours)
        if goals.cost_per_1000 is not None:
            cost = 1000 * (self._unseen - gain) / n
            missed = missed + _beyond(cost, goals.cost_per_1000, self._dearest)
        if goals.override_rate is not None:
            missed = missed + np.maximum(
                0.0, (goals.override_rate * asked - overridden) / n - _SLACK
            )
        away = _outside(asked / n, *self._wanted.rates)
        small = {
            "cost": (conditions - gain) / self._scale, "asked": asked / n, "minutes": minutes / n,
        }[self._wanted.least]  # fmt: skip
        left = beyond + _LEFT * (beyond > 0)
        return np.asarray(_BAND * left + _TARGET * missed + _AIM * away + small)


def _outside(rate: Floats, low: float, high: float) -> Floats:
    return np.maximum(0.0, low - rate - _SLACK) + np.maximum(0.0, rate - high - _SLACK)


def _beyond(value: Floats, limit: float, most: float) -> Floats:
    """How far a limit is missed, as a share of it; further than twice as a share of the most.

    So it is 2 at most however small the limit, and still less is better.
    """
    far = 1 + (value - 2 * limit) / most
    return np.where(value > 2 * limit, far, np.maximum(0.0, value / limit - 1 - _SLACK))


def _best_of(worth: Floats) -> NDArray[np.intp]:
    """Places of the best rules, the best first."""
    flat, most = worth.ravel(), max(_TOGETHER.values())
    few = np.argpartition(-flat, most)[:most] if len(flat) > most else np.arange(len(flat))
    return few[np.argsort(-flat[few], kind="stable")]
