"""The decisions that a run took, as flat arrays from which they can be counted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.counting.measure import NO_DECISIONS
from ...errors import LogError
from ...scenario.hours import DAY_MS, HOUR_MS, WEEK_MS
from ...scenario.scenario import Scenario
from ...scenario.surface import Workflow
from ..contract import FIRST, LOOK, NEVER, NO_RECORD, REDRAFT, Outcome, Records, Verdict
from ..world.draws import Draws
from .aftermath import Bools, Floats, Times
from .as_columns import rounds
from .became import ASKED, Became
from .instants import run_clock

ALL = slice(None)


class Names:
    """Names by their place in the alphabet, by which the rows of counts are sorted.

    >>> flows = Names(["mail", "crm"])
    >>> flows.place.tolist(), list(flows.at(np.array([0, 1, 1])))
    ([1, 0], ['crm', 'mail', 'mail'])
    """

    def __init__(self, names: Sequence[str]) -> None:
        self._sorted = pd.Series(sorted(names)).array
        self.place = np.argsort(np.argsort(np.array(names)))
        """Of each name in the order given."""

    def __len__(self) -> int:
        return len(self.place)

    def at(self, places: Times) -> Any:
        """The names at these places, as a column."""
        return self._sorted.take(places)


class Into:
    """Adds up by group, over all decisions or some of them."""

    def __init__(self, group: Times, n: int) -> None:
        self._group, self._n = group, n

    def among(self, some: Times) -> Into:
        return Into(self._group[some], self._n)

    def __call__(self, values: NDArray[Any] | None = None) -> Floats:
        """Sums, or counts where no values are given."""
        return np.asarray(np.bincount(self._group, values, self._n), float)


class Taken:
    """What the log says of each decision, as numbers and in the log's order.

    Times are the run's milliseconds, days those of the log's clock, the scenario's first being 0;
    ``NEVER`` (-1) says that something did not happen.
    """

    def __init__(self, scenario: Scenario, draws: Draws, outcome: Outcome, stale: Floats) -> None:
        self.scenario, self._world, self._outcome = scenario, draws.world, outcome
        self._those = np.flatnonzero(outcome.first["drafted"] != NEVER)
        if not len(self._those):
            raise LogError(NO_DECISIONS)
        horizon = scenario.weeks * WEEK_MS
        self._after = Became(scenario, draws, rounds(outcome, ASKED), horizon, stale)
        self._due = self.per_workflow(lambda w: int(w.due_hours * HOUR_MS))
        n_days = int(horizon + self._due.max()) // DAY_MS + 1
        self.clock = run_clock(scenario.start, scenario.timezone, n_days)
        self.workflows = Names(list(scenario.workflows))
        self.phases = Names([str(phase) for phase in scenario.phases])

    def __len__(self) -> int:
        return len(self._those)

    def per_workflow(self, of: Callable[[Workflow], Any]) -> NDArray[Any]:
        """Something of each workflow."""
        return np.array([of(w) for w in self.scenario.workflows.values()])

    def dates(self, days: Any) -> Any:
        """The dates of some days."""
        return (np.datetime64(self.scenario.start, "D") + days).astype("M8[ms]")

    def key(self, day: Times, some: Any = ALL) -> Times:
        """One number for each day, workflow and phase, which sorts like them."""
        flow, phase = self.workflows.place[self.flow[some]], self.phases.place[self.phase[some]]
        return np.asarray((day * len(self.workflows) + flow) * len(self.phases) + phase)

    def named(self, key: Times) -> dict[str, Any]:
        """Day, workflow and phase of such numbers, as columns."""
        rest, phase = np.divmod(key, len(self.phases))
        day, flow = np.divmod(rest, len(self.workflows))
        return {
            "day": self.dates(day),
            "workflow": self.workflows.at(flow),
            "phase": self.phases.at(phase),
        }

    # --- of each, or of some -------------------------------------------------------------------

    def visits(self, some: Times, round_: int = FIRST) -> Records:
        """OUTCOME of some of them, whose visits came up."""
        # take() copies whole records, where an index would copy field by field
        return self._outcome.records.take(self._outcome.places(round_)[self._those[some]])

    def after(self, name: str, some: Any = ALL) -> NDArray[Any]:
        """What came of them."""
        return np.asarray(getattr(self._after, name).take(self._those[some]))

    def arrived(self, some: Times) -> Times:
        return np.asarray(self._world.decisions["arrival"][self._those[some]])

    def due(self) -> Times:
        """When people must have begun with what they were asked about."""
        return np.asarray(self.asked["queued"] + self._due[self.flow[self.waited]])

    def pool(self) -> NDArray[Any]:
        """Whose queue each joined last."""
        pools, pool_of = list(self.scenario.pools), self.scenario.pool_of_role
        own = self.per_workflow(lambda w: pools.index(pool_of(w.raci.responsible[0])))
        backup = self.per_workflow(lambda w: pools.index(pool_of(w.raci.accountable)))
        last, passed_on = own[self.flow], self.waited[self.asked["escalated"] != NEVER]
        last[passed_on] = backup[self.flow[passed_on]]
        return np.asarray(last)

    def refused(self) -> Bools:
        """Whether people refused it for good."""
        refused = np.zeros(len(self), bool)
        refused[self.waited] = self.asked["verdict"] == Verdict.REJECT
        again = self.redrafted
        refused[again] = self.visits(again, REDRAFT)["verdict"] == Verdict.REJECT
        return refused

    def fate(self, outcome: str) -> Bools:
        """What became of each email by the end."""
        happened: Bools = getattr(self._after.fate, outcome).take(self._those[self.sent])
        return happened if outcome == "bounced" else happened & self.after("answered", self.sent)

    # --- what is asked more than once ---------------------------------------------------------

    def _each(self, field: str) -> NDArray[Any]:
        return np.asarray(self._outcome.first[field].take(self._those))

    @cached_property
    def flow(self) -> NDArray[Any]:
        return np.asarray(self._world.decisions["workflow"].take(self._those))

    @cached_property
    def phase(self) -> NDArray[Any]:
        return self._each("phase")

    @cached_property
    def route(self) -> NDArray[Any]:
        return self._each("route")

    @cached_property
    def right(self) -> Bools:
        """Whether the first proposal was, in truth."""
        return np.asarray(self._each("ok") == 1)

    @cached_property
    def drafted(self) -> Times:
        return self._each("drafted")

    @cached_property
    def day(self) -> Times:
        """The day on which each was taken."""
        return self.clock.days(self.drafted)

    @cached_property
    def executed(self) -> Times:
        return self.after("executed")

    @cached_property
    def waited(self) -> Times:
        """Those about which people were asked: nobody works on others before they go out."""
        return np.flatnonzero(self._each("queued") != NEVER)

    @cached_property
    def asked(self) -> Records:
        """OUTCOME of the first drafts of these."""
        return self.visits(self.waited)

    @cached_property
    def picked(self) -> Times:
        """Those picked for a look afterwards."""
        return np.flatnonzero(self._outcome.places(LOOK).take(self._those) != NO_RECORD)

    @cached_property
    def looks(self) -> Records:
        """OUTCOME of the looks at these."""
        return self.visits(self.picked, LOOK)

    @cached_property
    def redrafted(self) -> Times:
        return np.flatnonzero(self.after("redrafted"))

    @cached_property
    def sent(self) -> Times:
        """Those by which an email went out."""
        return np.flatnonzero(self._after.fate.sent.take(self._those) & (self.executed != NEVER))
