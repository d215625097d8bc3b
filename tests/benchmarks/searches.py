"""Two ways to search for rules: hitlsim's own, and NSGA-II with one simulated run for each try."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import optuna

from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.weighing.from_scenario import cases_of, keep_of, looks_of
from hitlsim.calibration.tuning.weighing.grid import Shape
from hitlsim.calibration.tuning.weighing.holding import Band
from hitlsim.calibration.tuning.weighing.policy import Policy, Rule
from hitlsim.calibration.tuning.weighing.search import Searching
from tests.benchmarks.rules_world import PAIRS, Pair, World, undominated

_SHY = 1e-3
"""The least that a threshold stays below 1."""
_LAX = 0.7
"""The most: a threshold of 0.3."""
_LIMITS = (0.2, 1.0)
"""Deal limits are sought between these quantiles of the deals."""
_DEAREST = 1000.0
"""A silent error at this many times the dearest harm: then nothing else counts."""


class Searched(NamedTuple):
    """What a search had at one moment."""

    policies: list[Policy]
    simulated: int
    seconds: float


# --- hitlsim -------------------------------------------------------------------------------------


def on_paper(world: World, pair: Pair, seeds: Sequence[int], n: int) -> Searched:
    """As ``hs.tune`` finds its trade-off: looks learnt from runs, then all the rest on paper.

    What looks cost and bring is all that is simulated, under today's rules and the usual ones. For
    the fewest silent errors nothing else counts, for the least cost all of it.
    """
    start, before = time.perf_counter(), world.simulated
    runs = (world.run(policy, seed) for policy in (world.today, world.usual) for seed in seeds)
    looks, left = looks_of(world.scenario, runs)
    cases = cases_of(world.scenario, [world.draws(seed) for seed in seeds], looks, left)
    keep = keep_of(world.scenario.boundary, cases.workflows)
    goals = Goals(exception_rate=(0.0, 1.0))
    searching = Searching(cases, goals, Band(0.0, 1.0, len(cases)), keep, Shape.TRIGGERS)
    least, most, error = searching.forced / len(cases), 1.0, _DEAREST * float(cases.harm.max())
    if pair is not PAIRS[0]:
        most, error = searching.priced(0.0, 0.0).best(0.0).rate, 0.0
    # closer together where the trade-off bends
    rates = least + (most - least) * np.linspace(0, 1, n) ** 1.5
    policies = [searching.at(float(rate), 0.0, error).policy for rate in rates]
    return Searched(policies, world.simulated - before, time.perf_counter() - start)


# --- Optuna --------------------------------------------------------------------------------------


def nsga_ii(
    world: World, pair: Pair, tries: Sequence[int], *, population: int, seed: int
) -> Iterator[Searched]:
    """Optuna's NSGA-II, after so many tries each: all that was on its own front till then.

    Each try is one run, all of them with the same draws, so that chance makes no difference
    between tries. It begins at today's rules.
    """
    box = _Box.of(world, seed)
    policies: list[Policy] = []
    found: list[tuple[float, float]] = []

    def objective(trial: optuna.Trial) -> tuple[float, float]:
        policies.append(box.policy(trial))
        figures = world.figures(policies[-1], seed)
        found.append((figures[pair.metrics[0]], figures[pair.metrics[1]]))
        return found[-1]

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.NSGAIISampler(population_size=population, seed=seed)
    study = optuna.create_study(directions=["minimize", "minimize"], sampler=sampler)
    study.enqueue_trial(box.today())
    before, front, seconds = world.simulated, dict[int, Policy](), 0.0
    for n in tries:
        start = time.perf_counter()
        study.optimize(objective, n_trials=n - len(found))
        seconds += time.perf_counter() - start
        on_front = np.flatnonzero(undominated(np.array(found)))
        front |= {int(i): policies[i] for i in on_front}
        yield Searched(list(front.values()), world.simulated - before, seconds)


class _Box(NamedTuple):
    """What NSGA-II may choose: a threshold for each workflow and a deal limit for all.

    Of the ways to put it this one served it best. With a deal limit for each workflow, which
    hitlsim does choose, with thresholds on a linear scale, most of which ask nobody, or with
    shares to be asked about in their place it got less far with as many tries.
    """

    rules: Mapping[str, Rule]
    limits: tuple[float, float]

    @classmethod
    def of(cls, world: World, seed: int) -> _Box:
        deals = world.draws(seed).world.decisions["deal_size"].astype(float)
        low, high = np.quantile(deals[deals > 0], _LIMITS).tolist()
        return cls(world.today.rules, (low, high))

    def policy(self, trial: optuna.Trial) -> Policy:
        limit = trial.suggest_float("limit", *self.limits, log=True)
        rules = {}
        for flow, rule in self.rules.items():
            auto = 1 - trial.suggest_float(flow, _SHY, _LAX, log=True)
            rules[flow] = Rule(auto, min(rule.review, auto), limit, rule.signals)
        return Policy(rules)

    def today(self) -> dict[str, float]:
        limit = min(rule.deal_limit for rule in self.rules.values())
        return {
            "limit": min(limit, self.limits[1]),
            **{f: 1 - r.auto for f, r in self.rules.items()},
        }
