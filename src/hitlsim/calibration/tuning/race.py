"""The race: rules that are best on paper, and others near them, tried out at the desk.

What looks bring is seen anew under the rules found, since it depends on how much people are asked.
Then all run in the same worlds, and the worse half is given up round by round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from ...scenario.boundary import Bands, Boundary
from ...scenario.scenario import Scenario
from ...simulation.run import Run, simulate
from ...simulation.world.draws import Draws, draw
from .goals import SILENT_RATES, Goals
from .rerouting.bands import DEFAULT_AUTO, DEFAULT_REVIEW
from .trials import Trials
from .weighing.cases import Cases, Floats, Looks
from .weighing.from_scenario import cases_of, keep_of, looks_of, steady_from
from .weighing.grid import Shape
from .weighing.holding import Band
from .weighing.policy import Policy
from .weighing.search import Found, Searching
from .weighing.settle import settled

Progress = Callable[[str, float], None]
TODAY, USUAL = "today", "90/70"
MARGIN = 0.97
"""Of a limit that rules are searched for on paper."""
DRAWS = 4
"""Draws that rules are found on: one alone would put thresholds off by its own luck."""
_RATES = (0.02, 0.05, 0.10, 0.15, 0.22, 0.32, 0.45, 0.62)
"""Exception rates at which the trade-off is simulated."""
_ON_FRONTIER = 2
_FIRST_ROUND, _NEXT_ROUND = 4, 8
"""Runs of each kind: along the trade-off, and in the rounds."""
_AGAIN, _NEAR = 2, 0.002
"""How often rules are aimed again where the desk's rate is off by more than so much."""
_AS_GOOD = 0.005
"""Share of the cost that one more thing to remember must bring."""


class Race:
    """Finding the rules, step by step.

    Parameters
    ----------
    scenario : Scenario
        With the boundary that holds now.
    goals : Goals
    shape : Shape
    seed : int
        Of the first world; nothing that is chosen by is reported.
    workers : int, optional
    progress : callable
    next_month : int, optional
        Decisions expected next month; as many as in the scenario if left out.
    """

    def __init__(
        self, scenario: Scenario, goals: Goals, shape: Shape, *, seed: int, workers: int | None,
        progress: Progress, next_month: int | None,
    ) -> None:  # fmt: skip
        self.scenario, self.goals, self.shape, self.seed = scenario, goals, shape, seed
        self._progress, self._next_month = progress, next_month
        self._draws: list[Draws] = [draw(scenario, seed + i) for i in range(DRAWS)]
        present = scenario.boundary
        flows = tuple(n for n, w in scenario.workflows.items() if w.automation_safe)
        usual = Boundary(bands=Bands(auto=DEFAULT_AUTO, review=DEFAULT_REVIEW))
        self.today, self.usual = Policy.of(present, flows), Policy.of(usual, flows)
        self._keep = keep_of(present, flows)
        self.trials = Trials(scenario, present, steady_from(scenario), workers)
        self.cases, self.searching = self._on_paper(self.today)
        self.found: Found = self._settled(self.searching, self.searching.found())
        self._candidates: dict[str, Found] = {}

    def run(self) -> None:
        """All of it; ``found`` is what came in first."""
        self._look_around()
        self._compete()

    # --- on paper --------------------------------------------------------------------------------

    def runs_under(self, *policies: Policy) -> Iterator[Run]:
        """One after the other: whoever asks keeps what is needed of each."""
        for policy in policies:
            world = self.trials.world(policy)
            for d in self._draws:
                yield simulate(world, seed=d.seed, draws=d)

    def _on_paper(self, policy: Policy, before: Looks | None = None) -> tuple[Cases, Searching]:
        """The cases, with looks as they are where a policy holds."""
        # at first somebody must have looked at something to know what looks bring
        policies = [policy] if before is not None else [policy, self.usual]
        self._looks, left = looks_of(self.scenario, self.runs_under(*policies), before)
        cases = cases_of(self.scenario, self._draws, self._looks, left)
        month = self._next_month or max(1, round(len(cases) / cases.weeks * 30.44 / 7))
        band = Band(*self.goals.band, month)
        return cases, Searching(cases, _tighter(self.goals), band, self._keep, self.shape)

    def _settled(self, searching: Searching, found: Found) -> Found:
        if self.shape is Shape.ONE_BAND:
            return found
        rates = min(searching.least, found.rate), max(searching.most, found.rate)
        return settled(found, searching.cases, self.goals, self.today, rates)

    # --- at the desk -----------------------------------------------------------------------------

    def _look_around(self) -> None:
        """Simulate the trade-off roughly, and see what looks bring under the rules found."""
        self._progress("trying out", 0.0)
        least = self.searching.forced / max(1, len(self.cases))
        rates = sorted({max(rate, least) for rate in _RATES})
        along = [self.searching.at(rate) for rate in rates]
        policies = {f"at {found.rate:.1%}": found.policy for found in along}
        self.trials.run(
            {TODAY: self.today, USUAL: self.usual, **policies}, n=_ON_FRONTIER, seed=self.seed,
            done=self._part("trying out", 0.0, 0.25),
        )  # fmt: skip
        self._candidates["on paper"] = self.found
        # what looks bring depends on how much people are asked: once more, under these rules
        self.cases, self.searching = self._on_paper(self.found.policy, self._looks)
        again = self.searching.found()
        self._candidates["seen anew"] = self._settled(self.searching, again)

    def _compete(self) -> None:
        """Simulate what may be best in the same worlds, and give up the worse half each round."""
        s, p = self.searching, self._candidates["seen anew"].prices
        for rate in np.linspace(s.least, s.most, 4):
            self._candidates[f"aiming at {rate:.1%}"] = self._settled(
                s, s.at(float(rate), p.minute, p.error)
            )
        names = self._distinct()
        n, seed = _FIRST_ROUND, self.seed + DRAWS
        rounds = 0
        while len(names) > 1 and rounds < 3:
            tried = {name: self._candidates[name].policy for name in names}
            begun = 0.25 + 0.15 * rounds
            self.trials.run(tried, n=n, seed=seed, done=self._part("comparing", begun, 0.15))
            names = self.trials.still_in(names, self.goals)
            n, seed, rounds = _NEXT_ROUND, seed + n, rounds + 1
        best = self._simplest(names) if rounds else names[0]
        self.found = self._candidates[best]
        if rounds:
            self._recentre(best, seed)

    def _recentre(self, best: str, seed: int) -> None:
        """Aim again where the desk's rate is not paper's: pauses and habits move it."""
        low, high = self.searching.least, self.searching.most
        p = self.found.prices
        for again in range(_AGAIN):
            off = self.trials.figure(best, "exception_rate").value
            inside = min(max(off, low), high)
            if abs(off - inside) <= _NEAR:
                return
            aim = min(1.0, max(0.0, self.found.rate + inside - off))
            self.found = self.searching.at(aim, p.minute, p.error)
            best = f"aimed again ({again + 1})"
            self.trials.run(
                {best: self.found.policy}, n=_FIRST_ROUND, seed=seed, done=lambda _share: None
            )

    def _simplest(self, names: list[str]) -> str:
        """The one with the fewest things to remember of those that are as good as the best."""
        best, *others = self.trials.ranked(names, self.goals)
        cost, missed = (self.trials.figure(best, "cost_per_1000").value,
                        self.trials.missed(best, self.goals))  # fmt: skip
        as_good = [
            name for name in others
            if self.trials.missed(name, self.goals) <= missed + 1e-3
            and self.trials.figure(name, "cost_per_1000").value <= cost * (1 + _AS_GOOD)
        ]  # fmt: skip
        return min([best, *as_good], key=lambda name: self._candidates[name].policy.conditions)

    def _part(self, what: str, begun: float, share: float) -> Callable[[float], None]:
        return lambda done: self._progress(what, begun + share * done)

    def _distinct(self) -> list[str]:
        names: list[str] = []
        for name, found in self._candidates.items():
            if all(found.policy != self._candidates[other].policy for other in names):
                names.append(name)
        return names

    # --- what the trade-off says -----------------------------------------------------------------

    @property
    def along(self) -> list[str]:
        """The policies of the trade-off, by their names in ``trials``."""
        return [name for name in self.trials.values if name.startswith("at ")]

    def wanted(self) -> float:
        """Where looks stop to pay: at the desk if that was seen, else on paper.

        The more people are asked the less each look brings, which paper does not know.
        """
        on_paper = self.searching.priced(0.0, 0.0).best(0.0).rate
        x, cost = (
            np.array([self.trials.figure(n, f).value for n in self.along])
            for f in ("exception_rate", "cost_per_1000")
        )
        order = np.argsort(x)
        x, cost = x[order], cost[order]
        best = int(np.argmin(cost))
        if not 0 < best < len(x) - 1:
            return on_paper if best else min(on_paper, float(x[0]))
        return _lowest(x[best - 1 : best + 2], cost[best - 1 : best + 2])


def _tighter(goals: Goals) -> Goals:
    """Targets that leave room for what paper does not know."""
    names = [n for n in (*SILENT_RATES, "hours_per_week") if getattr(goals, n) is not None]
    return goals.model_copy(update={n: MARGIN * getattr(goals, n) for n in names})


def _lowest(x: Floats, y: Floats) -> float:
    """Where a parabola through three points, the middle one the lowest, is lowest.

    >>> round(_lowest(np.array([0.0, 1.0, 3.0]), np.array([1.0, 0.0, 4.0])), 6)
    1.0
    """
    a, b, _ = np.polyfit(x, y, 2)
    return float(-b / (2 * a)) if a > 0 else float(x[1])
