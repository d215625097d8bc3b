"""Tuning in a scenario: what is best on paper is tried out at the simulated desk.

On paper a look takes its minutes and catches its share of errors whatever else people do. At a desk
waits, tiredness, trust and what people have come to expect depend on how much they are asked. So
the paper's best rules are simulated in the same worlds as others near them, what looks bring is
seen anew under them, and the worse half is given up round by round. What is reported comes from
seeds that no choice was made by.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import suppress

import pandas as pd

from ...decisions.estimating.intervals import Estimate, clopper_pearson
from ...errors import NotEnoughEvidence, ScenarioError
from ...scenario.boundary import Boundary
from ...scenario.scenario import Scenario
from ...simulation.run import DEFAULT_ENGINE
from ...simulation.world.draws import check_seed
from ..demand import pools_of
from ..staffing import Staffing, staffing
from .checked import Checked
from .goals import Goals
from .proving.audit import audit_plan
from .race import TODAY, USUAL, Progress, Race
from .recommendation import Met, Recommendation
from .weighing.from_scenario import steady_from, waits
from .weighing.frontier import along, frontier
from .weighing.grid import Shape
from .weighing.holding import ENOUGH
from .weighing.kept import kept_signals
from .weighing.ladder import attainable, ladder
from .weighing.outlook import per_look
from .weighing.sensitivity import sensitivity

_MOST = 0.5
"""Share of decisions from which on it is told why so many are asked about."""


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
    told = progress or (lambda _what, _share: None)
    race = Race(
        scenario, goals, shape, seed=seed, workers=workers, progress=told, next_month=next_month
    )
    race.run()
    checked = Checked(race, workers=workers, progress=told)
    checked.run()
    return _recommendation(race, checked)


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


# --- telling -------------------------------------------------------------------------------------


def _recommendation(race: Race, checked: Checked) -> Recommendation:
    """All of it together."""
    cases, found, searching = race.cases, race.found, race.searching
    met, chance = checked.met(), checked.chance_next_month()
    forced = clopper_pearson(searching.forced, len(cases))
    return Recommendation(
        status=_status(race, forced, chance, met), goals=race.goals, shape=race.shape,
        policy=found.policy, present=race.scenario.boundary, figures=checked.best,
        usual=checked.usual, today=checked.today, met=met, saving=checked.saving,
        band=searching.band, chance_true_rate=checked.chance_true_rate(),
        chance_next_month=chance, n_needed=None, reachable=found.rate,
        attainable=attainable(searching, found.policy), trigger_rate=forced,
        triggers=_triggers(race), prices=found.prices, wanted_rate=checked.wanted,
        frontier=frontier(cases, forced=searching.stays),
        by_confidence=along(cases, -cases.score, forced=searching.stays),
        ladder=ladder(searching, found), guarantee=None, per_look=per_look(cases, found.asks),
        audit=audit_plan(cases, found.asks, race.goals, searching.band.month),
        staffing=_people(race), sensitivity=sensitivity(searching),
        assumptions=cases.assumptions, notes=tuple(_notes(race, checked)),
        currency=race.scenario.currency,
        source=f"scenario {race.scenario.name}, seed {race.seed}, {DEFAULT_ENGINE} engine",
        simulated=_simulated(race), runs=checked.runs,
        kept_signals=kept_signals(cases, found.policy, searching.keep),
    )  # fmt: skip


def _status(race: Race, forced: Estimate, chance: float, met: tuple[Met, ...]) -> str:
    band = race.searching.band
    if forced.value > band.high:
        return "infeasible"
    lacking = [m for m in met if not m.kept and m.limit.figure != "exception_rate"]
    if any(math.isnan(m.at_most) or m.limit.missed_by(m.figure.value) for m in lacking):
        return "infeasible"
    rates = attainable(race.searching, race.found.policy)["exception_rate"]
    if not rates.between(band.low, band.high).any():
        return "unattainable"
    wide = (band.low, band.high) == (0.0, 1.0)
    return "recommended" if not lacking and (wide or chance >= ENOUGH) else "not enough evidence"


def _triggers(race: Race) -> dict[str, int]:
    """Decisions that only one signal sends to a person."""
    present = race.cases.present
    return {
        name: int((present == 1 << i).sum())
        for i, name in enumerate(race.cases.signals)
        if any(name in rule.signals for rule in race.found.policy.rules.values())
    }


def _notes(race: Race, checked: Checked) -> Iterator[str]:
    prices, band = race.found.prices, race.goals.exception_rate
    by_value_alone = band is None and not prices.minute and not prices.error
    if by_value_alone and checked.best["exception_rate"].value > _MOST:
        yield _why_so_many(race)
    yield (
        f"Every figure is the mean of {checked.runs} simulated runs with seeds that nothing was "
        f"chosen by, from week {steady_from(race.scenario) + 1} on; silent errors are counted with "
        "the truth, which only a simulation knows."
    )


def _why_so_many(race: Race) -> str:
    """What a look costs, and what it prevents, where rules ask about most."""
    cases, asks = race.cases, race.found.asks
    cost, brings = (float(x[asks].mean()) for x in (cases.price_of_look,
                                                    cases.prevented * cases.harm))  # fmt: skip
    minutes = float(cases.looks.minutes[cases.flow[asks]].mean())
    money = race.scenario.currency
    return (
        f"So many are asked about since a look takes {60 * minutes:.0f} seconds, costs {money} "
        f"{cost:,.2f} with the waiting, and prevents {money} {brings:,.2f} of harm on average. "
        "Where people have better things to do, give a band of exceptions, or hours."
    )


def _people(race: Race) -> tuple[Staffing, ...]:
    """People for each pool under the rules found; of those that have too little to do none."""
    log = next(race.runs_under(race.found.policy)).log
    out = []
    for pool in pools_of(log):
        with suppress(NotEnoughEvidence):
            out.append(staffing(log, pool=pool))
    return tuple(out)


def _simulated(race: Race) -> pd.DataFrame:
    """Every policy tried along the trade-off, with its mean figures."""
    values = race.trials.values
    shown = [n for n in values if n in (TODAY, USUAL) or n in race.along]
    return pd.DataFrame([
        {"policy": name, "runs": len(values[name]["exception_rate"]),
         **{k: race.trials.figure(name, k).value for k in values[name]}}
        for name in shown
    ])  # fmt: skip
