"""Rules for given targets: the prices at which what is best keeps them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial

import numpy as np

from ..goals import SILENT_RATES, Goals
from .cases import Bools, Cases
from .closing import Closing, Wanted
from .grid import (
    AtPrice,
    Grid,
    Keep,
    Priced,
    Prices,
    Shape,
    cuts_of,
    forced_by,
    grid_of,
)
from .holding import ENOUGH, Band
from .outlook import cost_of, overrides, silent_share
from .policy import Policy

_NEAR_BEST = 0.95
"""An aim may leave the band's middle as long as its chance stays this share of the best one."""
_STEPS = 14
_ROUNDS = 3
_SLACK = 1e-9
_TRIED = 33
_DEAR = 0.5
"""Share of the dearest price from which a target is kept at any price."""
_DEAREST = 1000.0
"""A silent error at this many times the dearest harm: then nothing else counts."""


@dataclass(frozen=True)
class Found:
    """The best rules of a shape for the targets.

    Attributes
    ----------
    policy : Policy
    asks : bool array
    prices : Prices
        The shadow prices at which it is best: of a look, a minute, a silent error.
    wanted_rate : float
        The rate at which value alone would stop; NaN where nothing tells what looks are worth.
    out_of_reach : dict of str to float
        Targets that no rule of the shape keeps inside the band, and the exception rate (for hours
        the least hours; for the cost the rate inside the band without other targets) at which they
        could be kept; NaN where at none.
    against : dict of str to str
        Targets that could be kept but for another one, and that one.
    tied : bool
        Whether so many decisions share a score that the rate may jump over the band.
    """

    policy: Policy
    asks: Bools
    prices: Prices
    wanted_rate: float
    out_of_reach: dict[str, float]
    against: dict[str, str] = field(default_factory=dict)
    tied: bool = False

    @property
    def rate(self) -> float:
        return float(self.asks.mean()) if len(self.asks) else 0.0


class Searching:
    """A search among rules of one shape.

    Parameters
    ----------
    cases : Cases
    goals : Goals
    band : Band
        Where the exception rate is to hold.
    keep : Keep
    shape : Shape
    """

    def __init__(self, cases: Cases, goals: Goals, band: Band, keep: Keep, shape: Shape) -> None:
        self.cases, self.goals, self.band, self.keep = cases, goals, band, keep
        # where nothing tells workflows apart, one may not stand in for another
        self.shape = shape = shape if cases.valued else Shape.ONE_BAND
        self.grid: Grid = grid_of(cases, shape, keep)
        self._priced: dict[tuple[float, float], Priced] = {}
        self.least, self.most = aims(band, len(cases))

    @property
    def forced(self) -> float:
        """Decisions that are asked about under all rules."""
        return sum(flow.anyhow for flow in self.grid.flows)

    @property
    def stays(self) -> Bools:
        """Which decisions signals that stay send to a person, under all rules of any shape."""
        return forced_by(self.cases, replace(self.keep, limits={}))

    def priced(self, minute: float, error: float) -> Priced:
        """Worths at these prices; worked out once."""
        key = (minute, error)
        if key not in self._priced:
            if len(self._priced) > 4:
                self._priced.clear()
            self._priced[key] = self.grid.priced(minute, error)
        return self._priced[key]

    def found(self, *, explain: bool = True) -> Found:
        """The rules of this shape that are best and keep the targets, as far as they can be.

        Without ``explain`` the rules that prices alone give, and nothing on what cannot be had:
        that is quick, and does not jump from one tie to the next.
        """
        if not self.cases.valued:
            return self.judged(self._short_enough_unvalued(self.at(self.aim(0.0, 0.0))))
        minute, error = self._prices()
        aim = self.aim(minute, error)
        if not explain:
            wanted = self.priced(0.0, 0.0).best(0.0).rate
            return replace(self.at(aim, minute, error), wanted_rate=wanted)
        return self.judged(self._closed(self.at(aim, minute, error), aim))

    def judged(self, found: Found) -> Found:
        """The same, with what it does not keep and where value alone would stop."""
        if not self.cases.valued:
            return replace(found, wanted_rate=math.nan, out_of_reach=self._too_long(found),
                           tied=self._tied())  # fmt: skip
        lacking = dict(self._lacking(found))
        wanted = self.priced(0.0, 0.0).best(0.0).rate
        against = self._against(lacking)
        lacking = {name: rate for name, rate in lacking.items() if name not in against}
        return replace(
            found, wanted_rate=wanted, out_of_reach=lacking, against=against, tied=self._tied()
        )

    def _tied(self) -> bool:
        """Whether a threshold that moves by one score may jump over the whole band.

        It may where more decisions share that score than there are counts inside the band. Where
        no count at all lies inside, decisions are too few and ties are not to blame.
        """
        room, free = self.band.rates(len(self.cases)), ~self.grid.forced
        if not room or not free.any():
            return False
        one = self.shape is Shape.ONE_BAND
        flow = np.zeros(int(free.sum())) if one else self.cases.flow[free]
        _, counts = np.unique(np.stack([flow, self.cases.score[free]]), axis=1, return_counts=True)
        return bool(counts.max() > room)

    def _short_enough_unvalued(self, found: Found) -> Found:
        """The same or, where looks take too many hours, as many as do not, inside the band.

        Hours take minutes only: how likely proposals are wrong need not be known.
        """
        hours, n = self.goals.hours_per_week, len(self.cases)
        if hours is None or hours_of(self.cases, found.asks) <= hours:
            return found
        # counts of exceptions: of the first the hours may be few enough, of the last they are not
        short, long = math.ceil(self.band.low * n - _SLACK) - 1, int(found.asks.sum())
        best = self.at(max(0, short + 1) / max(1, n))
        while long - short > 1:
            middle = (short + long) // 2
            tried = self.at(middle / n)
            if hours_of(self.cases, tried.asks) > hours:
                long = middle
            else:
                short, best = middle, tried
        return best if self.band.low <= best.rate + _SLACK else found

    def _too_long(self, found: Found) -> dict[str, float]:
        """Where nothing tells what is wrong: the least hours inside the band, if too many."""
        hours = self.goals.hours_per_week
        if hours is None or hours_of(self.cases, found.asks) <= hours + _SLACK:
            return {}
        return {"hours_per_week": hours_of(self.cases, found.asks)}

    def _against(self, lacking: dict[str, float]) -> dict[str, str]:
        """Targets that are missed only since another one is kept."""
        if self.goals.silent is None or self.goals.hours_per_week is None:
            return {}
        name = self.goals.silent[0]
        alone = lacking.get(name, math.nan) <= self.band.high
        return {name: "hours_per_week"} if alone else {}

    def _lacking(self, found: Found) -> Iterator[tuple[str, float]]:
        """Targets that are not kept, and where they could be."""
        cases, goals = self.cases, self.goals
        silent, hours, floor = goals.silent, goals.hours_per_week, goals.override_rate
        if silent is not None and silent_share(cases, found.asks, silent[0]) > silent[1] + _SLACK:
            yield silent[0], self._rate_needed(*silent)
        if hours is not None and hours_of(cases, found.asks) > hours + _SLACK:
            yield "hours_per_week", self._least_hours(found)
        if floor is not None and not overrides(cases, found.asks).value >= floor - _SLACK:
            yield "override_rate", self._rate_overriding(floor, found)
        most = goals.cost_per_1000
        if most is not None and cost_per_1000(cases, found.asks) > most + _SLACK:
            yield "cost_per_1000", self.rate_costing(most)

    def aim(self, minute: float, error: float) -> float:
        """The rate to aim at: what is worth it, as far as the chance of holding allows."""
        if not self.cases.valued:
            return float(np.clip(self.band.middle, self.least, self.most))
        free = self.priced(minute, error).best(0.0).rate
        return float(np.clip(free, self.least, self.most))

    def at(
        self, rate: float, minute: float = 0.0, error: float = 0.0, *, nudge: bool = True
    ) -> Found:
        """The best rules whose exception rate is as near to this one as scores allow.

        Without ``nudge`` as near as the grid of rules has it.
        """
        priced = self.priced(minute, error)
        free = priced.best(0.0)
        look, near = 0.0, free
        if abs(free.rate - rate) > 1e-12 or not self.cases.valued:
            found = priced.around(rate)
            near, look = found.nearest(rate), found.look
        together = [flow.workflows for flow in self.grid.flows]
        policy = priced.policy(near)
        if nudge:
            policy = nudged(policy, self.cases, rate, together)
        return Found(policy, policy.asks(self.cases), Prices(look, minute, error), rate, {})

    def _closed(self, found: Found, rate: float) -> Found:
        """The same, or other rules near these prices that keep more or cost less."""
        p = found.prices
        priced = self.priced(p.minute, p.error)
        wanted = Wanted(self.goals, (self.least, self.most))
        closing = Closing(self.cases, priced, p, wanted)
        rates = [rate, self.least, self.most]
        if self.goals.override_rate is not None:
            rates += np.linspace(0.0, self.least, 5).tolist()
        if self.goals.cost_per_1000 is not None:
            # what is cheapest inside the band, however likely that is to hold
            low, high = self.band.low, self.band.high
            rates += [low, high, float(np.clip(priced.best(0.0).rate, low, high))]
        near = priced.around(rate).nearest(rate)
        best, ill = closing.best(_starts(priced, rates))
        if ill >= closing.ill_of(found.asks, near) - _SLACK:
            return found
        policy = priced.policy(best)
        if self.goals.override_rate is not None or self.goals.cost_per_1000 is not None:
            p = p._replace(look=priced.around(best.rate).look)
        return Found(policy, policy.asks(self.cases), p, found.wanted_rate, {})

    def binding(self, name: str, found: Found) -> tuple[bool, float]:
        """Whether a target stops what would pay, and what another look, hour or error is worth."""
        p, wanted = found.prices, found.wanted_rate
        if name == "exception_rate":
            beyond = math.isfinite(wanted) and not self.least <= wanted <= self.most
            # in money alone, whatever else is asked for
            return beyond, self.worth_of_a_look(found.rate) if beyond else math.nan
        if name in SILENT_RATES and p.error > 0:
            # where nothing else counts any more there is no price
            return True, p.error if p.error < _DEAR * self._dearest() else math.nan
        if name == "hours_per_week" and p.minute > 0:
            return True, 60 * min(p.minute, self._best_minute(found))
        return False, math.nan

    def _best_minute(self, found: Found) -> float:
        """The most that one more minute could bring: at the best decision nobody looks at."""
        rest = ~found.asks
        minutes = self.cases.looks.minutes[self.cases.flow[rest]]
        return max(0.0, float((self.cases.gain[rest] / minutes).max(initial=0.0)))

    def worth_of_a_look(self, rate: float) -> float:
        """What one look more or less would bring at an exception rate, in money."""
        return self.priced(0.0, 0.0).around(rate).look

    # --- prices ----------------------------------------------------------------------------------

    def _prices(self) -> tuple[float, float]:
        """Of a minute and of a silent error, at which both targets are kept as far as can be."""
        silent, hours, dear = self.goals.silent, self.goals.hours_per_week, self._dearest()
        minute = error = 0.0
        for _ in range(_ROUNDS if silent is not None and hours is not None else 1):
            if silent is not None:
                keeps = partial(self._silent_enough, minute, *silent)
                error = self._price(keeps, dear)
            if hours is not None:
                minute = self._price(partial(self._short_enough, error, hours), dear)
        return minute, error

    def _price(self, kept: Callable[[float], bool], most: float) -> float:
        """The least price at which something is kept; the highest where none is."""
        if kept(0.0):
            return 0.0
        if not kept(most):
            return most
        low, high = most * 1e-6, most
        for _ in range(_STEPS):
            middle = float(np.sqrt(low * high))
            if kept(middle):
                high = middle
            else:
                low = middle
        return high

    def _dearest(self) -> float:
        return _DEAREST * (float(self.cases.harm.max()) + float(self.cases.price_of_look.max()))

    def _silent_enough(self, minute: float, name: str, limit: float, error: float) -> bool:
        return silent_share(self.cases, self._near(minute, error), name) <= limit

    def _short_enough(self, error: float, hours: float, minute: float) -> bool:
        return hours_of(self.cases, self._near(minute, error)) <= hours

    def _near(self, minute: float, error: float) -> Bools:
        return self.at(self.aim(minute, error), minute, error, nudge=False).asks

    def _rate_needed(self, name: str, limit: float) -> float:
        """The least exception rate at which silent errors are rare enough."""
        dear = self._dearest()
        priced, goals = self.priced(0.0, dear), Goals(exception_rate=None, **{name: limit})
        for rate in np.linspace(0.0, 1.0, _TRIED):
            found = self.at(float(rate), 0.0, dear, nudge=False)
            if silent_share(self.cases, found.asks, name) <= limit:
                closing = Closing(
                    self.cases, priced, found.prices, Wanted(goals, (0.0, 1.0), "asked")
                )
                return closing.best(_starts(priced, [float(rate)]))[0].rate
        return math.nan

    def _least_hours(self, found: Found) -> float:
        """The least hours with which the other targets are kept as they are."""
        others = self.goals.model_copy(update={"hours_per_week": None})
        priced = self.priced(self._dearest(), found.prices.error)
        closing = Closing(self.cases, priced, Prices(), Wanted(others, (0.0, 1.0), "minutes"))
        starts = _starts(priced, [self.least, found.rate, self.most])
        policy = priced.policy(closing.best(starts)[0])
        return hours_of(self.cases, policy.asks(self.cases))

    def _rate_overriding(self, floor: float, found: Found) -> float:
        """The highest exception rate at which enough is overridden."""
        p = found.prices
        for rate in np.linspace(self.least, 0.0, _TRIED)[:-1]:
            other = self.at(float(rate), p.minute, p.error, nudge=False)
            if other.asks.any() and overrides(self.cases, other.asks).value >= floor:
                return other.rate
        return math.nan

    def rate_costing(self, most: float) -> float:
        """The exception rate inside the band, of those likeliest to hold, at which it is kept.

        Whatever the other targets.
        """
        low, high = self.band.low, self.band.high
        priced = self.priced(0.0, 0.0)
        goals = Goals(exception_rate=(low, high), cost_per_1000=most)
        closing = Closing(self.cases, priced, Prices(), Wanted(goals, (self.least, self.most)))
        cheapest = float(np.clip(priced.best(0.0).rate, low, high))
        best, _ = closing.best(_starts(priced, [self.least, self.most, low, cheapest, high]))
        asks = priced.policy(best).asks(self.cases)
        inside = low - _SLACK <= asks.mean() <= high + _SLACK
        cheap = cost_per_1000(self.cases, asks) <= most + _SLACK
        return float(asks.mean()) if inside and cheap else math.nan


def _starts(priced: Priced, rates: Iterable[float]) -> list[AtPrice]:
    """Rules on both sides of some rates, each once."""
    found = (priced.around(rate) for rate in dict.fromkeys(rates))
    return list(dict.fromkeys(at for a in found for at in (a.over, a.under)))


def hours_of(cases: Cases, asks: Bools) -> float:
    """Hands-on hours a week of these looks."""
    return float(cases.looks.minutes[cases.flow[asks]].sum()) / 60 / cases.weeks


def cost_per_1000(cases: Cases, asks: Bools) -> float:
    """What 1,000 decisions cost under these looks."""
    return 1000 * float(cost_of(cases, asks).mean()) if len(cases) else math.nan


@lru_cache
def aims(band: Band, n: int) -> tuple[float, float]:
    """Rates that may be aimed at: those likeliest to hold next month, or nearly so.

    The middle where none is likely enough.
    """
    if not n:
        return band.middle, band.middle
    if (band.low, band.high) == (0.0, 1.0):
        return 0.0, 1.0
    rates = np.linspace(band.low, band.high, _TRIED)
    chances = np.array([band.chance_next(rate * n, n) for rate in rates])
    best = chances.max()
    good = rates[chances >= max(_NEAR_BEST * best, min(ENOUGH, best))]
    if not len(good) or best <= 0:
        return band.middle, band.middle
    return float(good.min()), float(good.max())


def nudged(
    policy: Policy, cases: Cases, rate: float, together: Sequence[tuple[str, ...]]
) -> Policy:
    """The same rules with thresholds moved by a hair, so that the rate is met.

    The workflows with most decisions give way first; what ties do not let them give, the next do.
    ``together`` lists the workflows that share a threshold.
    """
    gap = round(rate * len(cases)) - int(policy.asks(cases).sum())
    number = {flow: i for i, flow in enumerate(cases.workflows)}
    sizes = np.bincount(cases.flow, minlength=len(number))
    for flows in sorted(together, key=lambda fs: -sum(sizes[number[f]] for f in fs)):
        if gap == 0:
            break
        here = np.isin(cases.flow, [number[f] for f in flows])
        moved = _moved(policy, cases, flows, here, gap)
        left = gap - (int(moved.asks(cases).sum()) - int(policy.asks(cases).sum()))
        if abs(left) < abs(gap):
            policy, gap = moved, left
    return policy


def _moved(policy: Policy, cases: Cases, flows: tuple[str, ...], here: Bools, gap: int) -> Policy:
    """The threshold of some workflows where so many more (or fewer) are asked about."""
    now = policy.rules[flows[0]].auto
    free = np.sort(cases.score[here & ~with_auto(policy, flows, 0.0).asks(cases)])
    if not len(free):
        return policy
    cuts = cuts_of(free)
    below = np.searchsorted(free, cuts, side="left")
    at = int(np.searchsorted(free, now, side="left"))
    return with_auto(policy, flows, float(cuts[int(np.argmin(np.abs(below - (at + gap))))]))


def with_auto(policy: Policy, flows: tuple[str, ...], auto: float) -> Policy:
    """The same with another threshold in some workflows."""
    for flow in flows:
        policy = policy.with_auto(flow, auto)
    return policy
