"""Simulate a scenario."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import ScenarioError
from ..scenario.hours import DAY_MS
from ..scenario.scenario import Scenario
from ..shown import Shown
from .compiled.desk import CompiledDesk
from .contract import NEVER, Desk, Outcome, Records, Table, World
from .governing.governor import Action, Governor
from .governing.watching import Watch
from .outcome.record import record_of
from .reference.desk import ReferenceDesk
from .table import table_of
from .world.draws import Draws, check_seed, draw, made_for

if TYPE_CHECKING:
    import pandas as pd

    from ..decisions.counting.counts import Counts
    from ..decisions.counting.scorecard import Scorecard
    from ..decisions.log import DecisionLog
    from ..decisions.telling.trail import Story

ENGINES: dict[str, Callable[[Table, World, Records], Desk]] = {
    "compiled": CompiledDesk,
    "reference": ReferenceDesk,
}
DEFAULT_ENGINE = "compiled"


class DayTally(NamedTuple):
    """What a team sees at the end of a day, counted since the start."""

    decided: int
    exceptions: int
    reviewed: int
    waiting: int


Progress = Callable[[int, DayTally], None]
"""Called at the end of each day with its number and what a team saw."""


@dataclass(frozen=True)
class Run(Shown):
    """One simulated run: its log, and everything needed to have it again.

    What is made of it is imported when it is asked for: pandas comes later than the run itself.
    """

    scenario: Scenario
    seed: int
    engine: str
    draws: Draws
    outcome: Outcome
    actions: tuple[Action, ...] = ()
    stale: NDArray[np.float64] = field(default_factory=lambda: np.zeros(1))
    """Share of stale contacts on each day."""
    held_back: int = 0
    """Decisions that list limits held back; never drafted, so not in the log."""
    not_started: int = 0
    """Decisions that arose before their workflow's turn in the rollout; not in the log either."""

    @cached_property
    def log(self) -> DecisionLog:
        """One row for each decision."""
        from ..decisions.log import DecisionLog
        from .outcome.to_log import decision_frame

        horizon = self.scenario.weeks * 7 * DAY_MS
        frame = decision_frame(self.scenario, self.draws, self.outcome, horizon, self.stale)
        return DecisionLog(frame, self.record)

    @cached_property
    def counts(self) -> Counts:
        """All that a scorecard is made from, counted without making the log."""
        from .outcome.counting import counts_of

        return counts_of(self.scenario, self.draws, self.outcome, self.stale, self.record)

    @property
    def governance(self) -> pd.DataFrame:
        """What governance did: date, workflow, rule, what, because."""
        from .governing.told import actions_frame

        return actions_frame(self.scenario, self.actions)

    def story(self, decision_id: str) -> Story:
        """What happened to one decision."""
        from ..decisions.telling.trail import story

        return story(self.log, decision_id)

    def scorecard(self, *, by: str | None = None, per_workflow: bool = False) -> Scorecard:
        """The log's :func:`~hitlsim.decisions.counting.scorecard.scorecard`."""
        from ..decisions.counting.scorecard import scorecard

        return scorecard(self.counts, by=by, per_workflow=per_workflow)

    @property
    def record(self) -> dict[str, Any]:
        """Where the log comes from."""
        undrafted = int((self.outcome.first["drafted"] == NEVER).sum())
        return {
            "source": f"simulation of {self.scenario.name}",
            "scenario": self.scenario.name,
            "scenario_sha256": self.scenario.fingerprint,
            "seed": self.seed,
            "engine": self.engine,
            "hitlsim": _version(),
            "undecided_at_end": undrafted,
            "held_back": self.held_back,
            "not_started": self.not_started,
            "governance": [
                {**row, "date": f"{row['date']:%Y-%m-%d}"}
                for row in self.governance.to_dict("records")
            ],
            **deepcopy(record_of(self.scenario)),
        }


@cache
def _version() -> str:
    return version("hitlsim")


def simulate(
    scenario: Scenario,
    *,
    seed: int,
    engine: str = DEFAULT_ENGINE,
    draws: Draws | None = None,
    progress: Progress | None = None,
) -> Run:
    """Run a scenario from its first day to its last.

    Parameters
    ----------
    scenario : Scenario
    seed : int
        Same scenario and seed: same log, to the byte.
    engine : {"compiled", "reference"}
        ``compiled`` is fast; ``reference`` is the same model on SimPy, many times slower, written
        to be read. Their logs are equal to the byte.
    draws : Draws, optional
        Randomness drawn before with :func:`~hitlsim.simulation.world.draws.draw`; one draw serves
        all boundary specs and teams of a scenario.
    progress : callable, optional
        Called at the end of each simulated day.

    Returns
    -------
    Run

    Examples
    --------
    >>> import hitlsim as hs
    >>> run = hs.simulate(hs.load("outbound"), seed=7)
    >>> run.log.frame["route"].value_counts().index[0]
    'auto'
    """
    if engine not in ENGINES:
        raise ScenarioError(f"engine {engine!r} is unknown; known: {', '.join(ENGINES)}")
    seed = check_seed(seed)
    draws = draw(scenario, seed) if draws is None else draws
    if draws.seed != seed:
        raise ScenarioError(
            f"seed {seed} does not fit the draws, which have seed {draws.seed}; "
            "draw again or take that seed"
        )
    if draws.made_for != made_for(scenario):
        raise ScenarioError(
            f"the draws were made for another scenario than this {scenario.name}: volumes, hours, "
            "signals or the AI's behaviour differ; draw again"
        )
    governor, watch = Governor(scenario), Watch(scenario, draws)
    table = table_of(scenario, draws)
    policies = governor.policies(0, watch.seen)
    desk = ENGINES[engine](table, draws.world, policies)
    reviewed = 0
    begins = np.zeros(len(scenario.workflows), np.int64)  # the first day of each workflow
    for day in range(scenario.weeks * 7):
        if day:
            policies = governor.policies(day, watch.seen)
            desk.apply(policies)
        if not policies["on"].all():
            begins[~policies["on"]] = day + 1
        journal = desk.run_until((day + 1) * DAY_MS)
        watch.note(day, journal)
        reviewed += len(journal.judged)
        if progress is not None:
            seen = watch.seen[: day + 1]
            decided, exceptions = int(seen["decided"].sum()), int(seen["exceptions"].sum())
            progress(day, DayTally(decided, exceptions, reviewed, journal.waiting))
    held = table.ready == NEVER
    too_early = 0
    if begins.any():
        turn = begins[draws.world.decisions["workflow"]] * DAY_MS
        too_early = int((~held & (table.ready < turn)).sum())
    return Run(
        scenario,
        seed,
        engine,
        draws,
        desk.outcome(),
        tuple(governor.actions),
        watch.stale,
        held_back=int(held.sum()),
        not_started=too_early,
    )
