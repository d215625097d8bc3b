"""Tuning in a scenario: what is best on paper is tried out at the simulated desk.

On paper a look takes its minutes and catches its share of errors whatever else people do. At a desk
waits, tiredness, trust and what people have come to expect depend on how much they are asked. So
the paper's best rules are simulated in the same worlds as others near them, what looks bring is
seen anew under them, and the worse half is given up round by round. What is reported comes from
seeds that no choice was made by.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import NOTHING, Estimate, clopper_pearson
from ...errors import NotEnoughEvidence, ScenarioError
from ...scenario.boundary import Bands, Boundary
from ...scenario.scenario import Scenario
from ...simulation.run import DEFAULT_ENGINE, Run, simulate
from ...simulation.runs.stopping import half_width
from ...simulation.world.draws import Draws, check_seed, draw
from ..demand import pools_of
from ..staffing import Staffing, staffing
from .goals import SILENT_RATES, Goals, Limit
from .proving.audit import audit_plan
from .recommendation import Met, Recommendation
from .rerouting.bands import DEFAULT_AUTO, DEFAULT_REVIEW
from .trials import Trials, chance_of
from .weighing.cases import Cases, Figures, Floats, Looks
from .weighing.from_scenario import cases_of, keep_of, looks_of, steady_from, waits
from .weighing.frontier import along, frontier
from .weighing.grid import Shape
from .weighing.holding import ENOUGH, Band
from .weighing.ladder import attainable, ladder
from .weighing.outlook import per_look
from .weighing.policy import Policy
from .weighing.search import Found, Searching
from .weighing.sensitivity import sensitivity
from .weighing.settle import settled

Progress = Callable[[str, float], None]
_TODAY, _USUAL, _BEST = "today", "90/70", "recommended"
_RATES = (0.02, 0.05, 0.10, 0.15, 0.22, 0.32, 0.45, 0.62)
"""Exception rates at which the trade-off is simulated."""
_DRAWS = 4
"""Draws that rules are found on: one alone would put thresholds off by its own luck."""
_ON_FRONTIER = 2
_FIRST_ROUND, _NEXT_ROUND = 4, 8
_REPORTED, _ROUNDS_REPORTED = 20, 4
"""Runs of each kind: along the trade-off, in the rounds of the race, and for what is reported."""
_MARGIN = 0.97
"""Of a limit that rules are searched for on paper."""
_AGAIN, _NEAR = 2, 0.002
"""How often rules are aimed again where the desk's rate is off by more than so much."""
_AS_GOOD = 0.005
"""Share of the cost that one more thing to remember must bring."""
_FRESH = 1_000_000
"""Added to the seed for what is reported: no choice was made by these."""


def tune_scenario(
    scenario: Scenario,
    goals: Goals,
    shape: Shape,
    *,
    boundary: Boundary | None,
    next_month: int | None,
    seed: int,
    workers: int | None,
    progress: Progress | None,
) -> Recommendation:
    """See :func:`~hitlsim.calibration.tuning.tune.tune`."""
    seed = check_seed(seed)
    if boundary is not None:
        scenario = scenario.with_(boundary=boundary)  # checked: its workflows and signals are known
    _refuse(scenario)
    tuning = _Tuning(scenario, goals, shape, scenario.boundary, seed, workers,
                     progress or (lambda _what, _share: None), next_month)  # fmt: skip
    tuning.look_around()
    tuning.race()
    tuning.confirm()
    return tuning.recommendation()


def _refuse(scenario: Scenario) -> None:
    if not any(w.automation_safe for w in scenario.workflows.values()):
        raise ScenarioError(
            f"{scenario.name}: no workflow is automation-safe, so every decision passes a gate and "
            "there is no threshold to set"
        )
    if not waits(scenario):
        raise ScenarioError(
            f"{scenario.name}: in its last phase people only observe, so rules decide nothing; "
            "tune a scenario that ends in exception-only or steady state"
        )


def _lowest(x: Floats, y: Floats) -> float:
    """Where a parabola through three points, the middle one the lowest, is lowest.

    >>> round(_lowest(np.array([0.0, 1.0, 3.0]), np.array([1.0, 0.0, 4.0])), 6)
    1.0
    """
    a, b, _ = np.polyfit(x, y, 2)
    return float(-b / (2 * a)) if a > 0 else float(x[1])


def _tighter(goals: Goals) -> Goals:
    """Targets that leave room for what paper does not know."""
    names = [n for n in (*SILENT_RATES, "hours_per_week") if getattr(goals, n) is not None]
    return goals.model_copy(update={n: _MARGIN * getattr(goals, n) for n in names})


@dataclass
class _Tuning:
    """One search, step by step."""

    scenario: Scenario
    goals: Goals
    shape: Shape
    present: Boundary
    seed: int
    workers: int | None
    progress: Progress
    next_month: int | None

    def __post_init__(self) -> None:
        self.draws: list[Draws] = [draw(self.scenario, self.seed + i) for i in range(_DRAWS)]
        flows = tuple(n for n, w in self.scenario.workflows.items() if w.automation_safe)
        self.today = Policy.of(self.present, flows)
        self.usual = Policy.of(
            Boundary(bands=Bands(auto=DEFAULT_AUTO, review=DEFAULT_REVIEW)), flows
        )
        self.keep = keep_of(self.present, flows)
        self.trials = Trials(self.scenario, self.present, steady_from(self.scenario), self.workers)
        self.cases, self.searching = self._on_paper(self.today)
        self.found: Found = self._best(self.searching)
        self.candidates: dict[str, Found] = {}

    # --- on paper --------------------------------------------------------------------------------

    def _runs_under(self, *policies: Policy) -> Iterator[Run]:
        """One after the other: whoever asks keeps what is needed of each."""
        for policy in policies:
            world = self.trials.world(policy)
            for d in self.draws:
                yield simulate(world, seed=d.seed, draws=d)

    def _on_paper(self, policy: Policy, before: Looks | None = None) -> tuple[Cases, Searching]:
        """The cases, with looks as they are where a policy holds."""
        # at first somebody must have looked at something to know what looks bring
        policies = [policy] if before is not None else [policy, self.usual]
        runs = self._runs_under(*policies)
        self.looks, left = looks_of(self.scenario, runs, before)
        cases = cases_of(self.scenario, self.draws, self.looks, left)
        month = self.next_month or max(1, round(len(cases) / cases.weeks * 30.44 / 7))
        band = Band(*self.goals.band, month)
        return cases, Searching(cases, _tighter(self.goals), band, self.keep, self.shape)

    def _best(self, searching: Searching) -> Found:
        return self._settled(searching, searching.found())

    def _settled(self, searching: Searching, found: Found) -> Found:
        if self.shape is Shape.ONE_BAND:
            return found
        rates = min(searching.least, found.rate), max(searching.most, found.rate)
        return settled(found, searching.cases, self.goals, self.today, rates)

    # --- at the desk -----------------------------------------------------------------------------

    def look_around(self) -> None:
        """Simulate the trade-off roughly, and see what looks bring under the rules found."""
        self.progress("trying out", 0.0)
        least = self.searching.forced / max(1, len(self.cases))
        rates = sorted({max(rate, least) for rate in _RATES})
        along = [self.searching.at(rate) for rate in rates]
        policies = {f"at {found.rate:.1%}": found.policy for found in along}
        self.trials.run(
            {_TODAY: self.today, _USUAL: self.usual, **policies}, n=_ON_FRONTIER, seed=self.seed,
            done=self._part("trying out", 0.0, 0.25),
        )  # fmt: skip
        self.candidates["on paper"] = self.found
        # what looks bring depends on how much people are asked: once more, under these rules
        self.cases, self.searching = self._on_paper(self.found.policy, self.looks)
        again = self.searching.found()
        self.candidates["seen anew"] = self._settled(self.searching, again)

    def race(self) -> None:
        """Simulate what may be best in the same worlds, and give up the worse half each round."""
        s, p = self.searching, self.candidates["seen anew"].prices
        for rate in np.linspace(s.least, s.most, 4):
            self.candidates[f"aiming at {rate:.1%}"] = self._settled(
                s, s.at(float(rate), p.minute, p.error)
            )
        names = self._distinct()
        n, seed = _FIRST_ROUND, self.seed + _DRAWS
        rounds = 0
        while len(names) > 1 and rounds < 3:
            tried = {name: self.candidates[name].policy for name in names}
            begun = 0.25 + 0.15 * rounds
            self.trials.run(tried, n=n, seed=seed, done=self._part("comparing", begun, 0.15))
            names = self.trials.still_in(names, self.goals)
            n, seed, rounds = _NEXT_ROUND, seed + n, rounds + 1
        best = self._simplest(names) if rounds else names[0]
        self.found = self.candidates[best]
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
        return min([best, *as_good], key=lambda name: self.candidates[name].policy.conditions)

    def _part(self, what: str, begun: float, share: float) -> Callable[[float], None]:
        return lambda done: self.progress(what, begun + share * done)

    def _distinct(self) -> list[str]:
        names: list[str] = []
        for name, found in self.candidates.items():
            if all(found.policy != self.candidates[other].policy for other in names):
                names.append(name)
        return names

    def confirm(self) -> None:
        """Simulate the winner, today's rules and the usual ones with fresh seeds.

        Until it is decided whether silent errors keep their limit, as far as runs can decide it.
        """
        self.fresh = Trials(self.scenario, self.present, steady_from(self.scenario), self.workers)
        policies = {_TODAY: self.today, _USUAL: self.usual, _BEST: self.found.policy}
        seed, begun = self.seed + _FRESH, 0.7
        for _ in range(_ROUNDS_REPORTED):
            share = 0.3 if self.goals.silent is None else 0.3 / _ROUNDS_REPORTED
            self.fresh.run(
                policies, n=_REPORTED, seed=seed, done=self._part("checking", begun, share)
            )
            seed, begun = seed + _REPORTED, begun + share
            if self._decided():
                break
        self.progress("checking", 1.0)

    def _decided(self) -> bool:
        """Whether the runs say that silent errors keep their limit, or that they do not."""
        if self.goals.silent is None:
            return True
        name, limit = self.goals.silent
        mean = self.fresh.figure(_BEST, name).value
        return mean > limit or self._surely_below(name) <= limit

    # --- telling ---------------------------------------------------------------------------------

    def recommendation(self) -> Recommendation:
        """All of it together."""
        cases, found, band = self.cases, self.found, self.searching.band
        figures, today, usual = (self._figures(p) for p in (_BEST, _TODAY, _USUAL))
        rates = self.fresh.values[_BEST]["exception_rate"]
        chance = chance_of(self._monthly(rates), band.low, band.high)
        met = tuple(self._met(figures))
        less = self.fresh.difference(_BEST, _TODAY, "cost_per_1000")
        saving = Estimate(less.value, less.low, less.high, less.n, less.assumes)
        forced = clopper_pearson(self.searching.forced, len(cases))
        return Recommendation(
            status=self._status(forced, chance, met), goals=self.goals,
            shape=self.shape, policy=found.policy, present=self.present, figures=figures,
            usual=usual, today=today, met=met, saving=saving, band=band,
            chance_true_rate=chance_of(rates, band.low, band.high), chance_next_month=chance,
            n_needed=None, reachable=found.rate,
            attainable=attainable(self.searching, found.policy),
            trigger_rate=forced, triggers=self._triggers(), prices=found.prices,
            wanted_rate=self._wanted(), frontier=frontier(cases, forced=self.searching.stays),
            by_confidence=along(cases, -cases.score, forced=self.searching.stays),
            ladder=ladder(self.searching, found), guarantee=None,
            per_look=per_look(cases, found.asks),
            audit=audit_plan(cases, found.asks, self.goals, band.month),
            staffing=self._people(),
            sensitivity=sensitivity(self.searching), assumptions=cases.assumptions,
            notes=tuple(self._notes()), currency=self.scenario.currency,
            source=f"scenario {self.scenario.name}, seed {self.seed}, {DEFAULT_ENGINE} engine",
            simulated=self._simulated(), runs=self._runs,
        )  # fmt: skip

    @property
    def _runs(self) -> int:
        return len(self.fresh.values[_BEST]["exception_rate"])

    def _figures(self, policy: str) -> Figures:
        return {
            name: e for name in self.fresh.values[policy]
            if (e := self.fresh.figure(policy, name)).known
        }  # fmt: skip

    def _monthly(self, rates: list[float]) -> list[float]:
        """Rates as they would be of single months: chance moves those more than whole runs."""
        x = np.array(rates)
        decided = len(self.cases)
        month, mean = self.searching.band.month, float(x.mean())
        extra = max(0.0, mean * (1 - mean) * (1 / month - 1 / max(decided, month)))
        sd = float(x.std(ddof=1))
        wider = math.sqrt(sd**2 + extra) / sd if sd > 0 else 1.0
        return [float(v) for v in mean + (x - mean) * wider]

    def _wanted(self) -> float:
        """Where looks stop to pay: at the desk if that was seen, else on paper.

        The more people are asked the less each look brings, which paper does not know.
        """
        on_paper = self.searching.priced(0.0, 0.0).best(0.0).rate
        tried = [n for n in self.trials.values if n.startswith("at ")]
        x, cost = (
            np.array([self.trials.figure(n, f).value for n in tried])
            for f in ("exception_rate", "cost_per_1000")
        )
        order = np.argsort(x)
        x, cost = x[order], cost[order]
        best = int(np.argmin(cost))
        if not 0 < best < len(x) - 1:
            return on_paper if best else min(on_paper, float(x[0]))
        return _lowest(x[best - 1 : best + 2], cost[best - 1 : best + 2])

    def _met(self, figures: Figures) -> list[Met]:
        silent = self.goals.silent
        found = replace(self.found, wanted_rate=self._wanted())
        out = []
        for limit in self.goals.limits():
            figure = figures.get(limit.figure, NOTHING)
            value, at_most = figure.value, math.nan
            if silent is not None and limit.figure == silent[0] and figure.known:
                value = at_most = self._surely_below(limit.figure)
            kept = figure.known and not limit.missed_by(value)
            binds, price = self.searching.binding(limit.figure, found)
            could = math.nan if kept else self._could_at(limit)
            against = found.against.get(limit.figure, "")
            out.append(Met(limit, figure, kept, binds, price, could, against, at_most))
        return out

    def _could_at(self, limit: Limit) -> float:
        """The exception rate nearest to the rules' own at which a target was kept."""
        on_paper = self.found.out_of_reach.get(limit.figure)
        if on_paper is not None:
            return on_paper
        tried = [n for n in self.trials.values if n.startswith("at ")]
        rates = {n: self.trials.figure(n, "exception_rate").value for n in tried}
        kept = [
            rates[n] for n in tried
            if not limit.missed_by(self.trials.figure(n, limit.figure).value / _MARGIN)
        ]  # fmt: skip
        return min(kept, key=lambda rate: abs(rate - self.found.rate), default=math.nan)

    def _surely_below(self, name: str) -> float:
        """The upper limit of a rate's mean, with the confidence asked for to one side."""
        e = self.fresh.figure(_BEST, name)
        return e.value + half_width(e.sd, int(e.n), 2 * self.goals.confidence - 1)

    def _status(self, forced: Estimate, chance: float, met: tuple[Met, ...]) -> str:
        band = self.searching.band
        if forced.value > band.high:
            return "infeasible"
        lacking = [m for m in met if not m.kept and m.limit.figure != "exception_rate"]
        if any(math.isnan(m.at_most) or m.limit.missed_by(m.figure.value) for m in lacking):
            return "infeasible"
        rates = attainable(self.searching, self.found.policy)["exception_rate"]
        if not rates.between(band.low, band.high).any():
            return "unattainable"
        wide = (band.low, band.high) == (0.0, 1.0)
        return "recommended" if not lacking and (wide or chance >= ENOUGH) else (
            "not enough evidence")  # fmt: skip

    def _triggers(self) -> dict[str, int]:
        """Decisions that only one signal sends to a person."""
        present = self.cases.present
        return {
            name: int((present == 1 << i).sum())
            for i, name in enumerate(self.cases.signals)
            if any(name in rule.signals for rule in self.found.policy.rules.values())
        }

    def _notes(self) -> list[str]:
        return [
            (
                f"Every figure is the mean of {self._runs} simulated runs with seeds that nothing "
                f"was chosen by, from week {steady_from(self.scenario) + 1} on; silent errors are "
                "counted with the truth, which only a simulation knows."
            )
        ]

    def _people(self) -> tuple[Staffing, ...]:
        """People for each pool under the rules found; of those that have too little to do none."""
        log = next(self._runs_under(self.found.policy)).log
        out = []
        for pool in pools_of(log):
            with suppress(NotEnoughEvidence):
                out.append(staffing(log, pool=pool))
        return tuple(out)

    def _simulated(self) -> pd.DataFrame:
        """Every policy tried, with its mean figures."""
        shown = [n for n in self.trials.values if n.startswith(("at ", _TODAY, _USUAL))]
        return pd.DataFrame([
            {"policy": name, "runs": len(self.trials.values[name]["exception_rate"]),
             **{k: self.trials.figure(name, k).value for k in self.trials.values[name]}}
            for name in shown
        ])  # fmt: skip
