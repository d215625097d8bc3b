"""The winner of the race under seeds that no choice was made by: what is reported.

Beside it today's rules and the usual ones run in the same worlds, and where the band of exception
rates stops what would pay, rules that ask a little less and a little more: what one look brings at
the desk is seen by them alone.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ...decisions.estimating.intervals import NOTHING, Estimate
from ...simulation.runs.stopping import half_width
from .goals import Limit
from .race import MARGIN, TODAY, USUAL, Progress, Race
from .recommendation import Met
from .trials import Trials, chance_of
from .weighing.cases import Figures
from .weighing.policy import Policy

_BEST, _FEWER, _MORE = "recommended", "fewer looks", "more looks"
_RUNS, _ROUNDS = 20, 4
"""Runs of each round, and how many rounds at most."""
_BEGUN = 0.7
"""Of all that is to be done, when this begins."""
_FRESH = 1_000_000
"""Added to the seed."""
_STEP = 0.025
"""Exceptions by which rules beside ask less and more. In the scenarios that ship intervals are
nearly twice as wide with 0.01, and with 0.04 the answers are still the same within them."""


class Checked:
    """What the winner's rules give.

    Parameters
    ----------
    race : Race
        After it was run.
    workers : int, optional
    progress : callable
    """

    def __init__(self, race: Race, *, workers: int | None, progress: Progress) -> None:
        self._race, self._goals, self._progress = race, race.goals, progress
        self.wanted = race.wanted()
        self._found = replace(race.found, wanted_rate=self.wanted)
        ours = race.trials
        self._trials = Trials(race.scenario, ours.present, ours.warm_up_weeks, workers)

    def run(self) -> None:
        """Simulate until it is decided whether silent errors keep their limit, if runs can say."""
        race = self._race
        policies = {TODAY: race.today, USUAL: race.usual, _BEST: self._found.policy}
        beside = self._beside()
        seed, begun = race.seed + _FRESH, _BEGUN
        share = (1 - _BEGUN) / (1 if self._goals.silent is None else _ROUNDS)
        for _ in range(_ROUNDS):
            done = self._part(begun, share)
            self._trials.run({**policies, **beside}, n=_RUNS, seed=seed, done=done)
            seed, begun, beside = seed + _RUNS, begun + share, {}
            if self._decided():
                break
        self._progress("checking", 1.0)

    def _part(self, begun: float, share: float) -> Callable[[float], None]:
        return lambda done: self._progress("checking", begun + share * done)

    def _decided(self) -> bool:
        """Whether the runs say that silent errors keep their limit, or that they do not."""
        if self._goals.silent is None:
            return True
        name, limit = self._goals.silent
        mean = self._trials.figure(_BEST, name).value
        return mean > limit or self._surely_below(name) <= limit

    # --- what one look brings --------------------------------------------------------------------

    def _beside(self) -> dict[str, Policy]:
        """Rules on both sides of the winner's rate; none where nothing stops what would pay.

        Both are the best ones in money alone, so that they differ in how much they ask and in
        nothing else; on both sides, since what a look brings falls with each further one.
        """
        searching, rate = self._race.searching, self._found.rate
        stopped, _ = searching.binding("exception_rate", self._found)
        if not stopped:
            return {}
        least = searching.forced / max(1, len(self._race.cases))
        ends = max(least, rate - _STEP), min(1.0, rate + _STEP)
        fewer, more = (searching.at(end).policy for end in ends)
        return {_FEWER: fewer, _MORE: more} if fewer != more else {}

    def _price_seen(self, figure: str) -> Estimate:
        """What a look more brings beyond what it costs."""
        if figure != "exception_rate" or _MORE not in self._trials.values:
            return NOTHING
        return self._trials.saved_per_look(_FEWER, _MORE)

    # --- figures ---------------------------------------------------------------------------------

    @property
    def runs(self) -> int:
        """Runs behind the figures."""
        return len(self._trials.values[_BEST]["exception_rate"])

    @property
    def best(self) -> Figures:
        """Of the rules recommended."""
        return self._figures(_BEST)

    @property
    def today(self) -> Figures:
        """Of the rules that hold now."""
        return self._figures(TODAY)

    @property
    def usual(self) -> Figures:
        """Of vendors' usual bands."""
        return self._figures(USUAL)

    def _figures(self, policy: str) -> Figures:
        return {
            name: e for name in self._trials.values[policy]
            if (e := self._trials.figure(policy, name)).known
        }  # fmt: skip

    @property
    def saving(self) -> Estimate:
        """What 1,000 decisions cost less than today."""
        less = self._trials.difference(_BEST, TODAY, "cost_per_1000")
        return Estimate(less.value, less.low, less.high, less.n, less.assumes)

    def chance_true_rate(self) -> float:
        """That the rate of a whole run lies inside the band."""
        return self._inside(self._rates)

    def chance_next_month(self) -> float:
        """That a month's does: chance moves it more than the rate of a whole run."""
        x, band = np.array(self._rates), self._race.searching.band
        decided, mean = len(self._race.cases), float(x.mean())
        extra = max(0.0, mean * (1 - mean) * (1 / band.month - 1 / max(decided, band.month)))
        sd = float(x.std(ddof=1))
        wider = math.sqrt(sd**2 + extra) / sd if sd > 0 else 1.0
        return self._inside([float(v) for v in mean + (x - mean) * wider])

    @property
    def _rates(self) -> list[float]:
        return self._trials.values[_BEST]["exception_rate"]

    def _inside(self, rates: list[float]) -> float:
        band = self._race.searching.band
        return chance_of(rates, band.low, band.high)

    # --- targets ---------------------------------------------------------------------------------

    def met(self) -> tuple[Met, ...]:
        """Every target, and what became of it."""
        silent, searching = self._goals.silent, self._race.searching
        out = []
        for limit in self._goals.limits():
            figure = self.best.get(limit.figure, NOTHING)
            value, at_most = figure.value, math.nan
            if silent is not None and limit.figure == silent[0] and figure.known:
                value = at_most = self._surely_below(limit.figure)
            kept = figure.known and not limit.missed_by(value)
            binds, price = searching.binding(limit.figure, self._found)
            could = math.nan if kept else self._could_at(limit)
            against = self._found.against.get(limit.figure, "")
            seen = self._price_seen(limit.figure)
            out.append(Met(limit, figure, kept, binds, price, could, against, at_most, seen))
        return tuple(out)

    def _could_at(self, limit: Limit) -> float:
        """The exception rate nearest to the rules' own at which a target was kept."""
        on_paper = self._found.out_of_reach.get(limit.figure)
        if on_paper is not None:
            return on_paper
        trials = self._race.trials
        rates = {n: trials.figure(n, "exception_rate").value for n in self._race.along}
        kept = [
            rate for n, rate in rates.items()
            if not limit.missed_by(trials.figure(n, limit.figure).value / MARGIN)
        ]  # fmt: skip
        return min(kept, key=lambda rate: abs(rate - self._found.rate), default=math.nan)

    def _surely_below(self, name: str) -> float:
        """The upper limit of a rate's mean, with the confidence asked for to one side."""
        e = self._trials.figure(_BEST, name)
        return e.value + half_width(e.sd, int(e.n), 2 * self._goals.confidence - 1)
