"""What is kept of one of many runs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from ...decisions.counting.counts import Counts
from ...decisions.counting.metrics import METRICS
from ...decisions.counting.scorecard import ALL, Scorecard, scorecard
from ...decisions.log import DecisionLog
from ...errors import ScenarioError
from ..run import Run

_SOMETIMES = sorted({m.needs_some for m in METRICS if m.needs_some})


class Figure(NamedTuple):
    """Which figure of a scorecard."""

    metric: str
    period: str = ALL
    workflow: str = ALL


@dataclass(frozen=True)
class Replication:
    """What is kept of one of many runs.

    Attributes
    ----------
    number : int
        0 is the first.
    seed : int
        ``hs.simulate(scenario, seed=seed)`` gives this very run.
    counts : Counts
        All that a scorecard is made from, without the weeks of warm-up.
    governance : DataFrame
        What governance did: date, workflow, rule, what, because.
    run : Run or None
        The whole run, if it was asked for with ``logs=True``.
    """

    number: int
    seed: int
    counts: Counts
    governance: pd.DataFrame
    run: Run | None = None

    @property
    def log(self) -> DecisionLog:
        """The decision log, the warm-up included.

        Raises
        ------
        ScenarioError
            When logs were not kept.
        """
        if self.run is None:
            raise ScenarioError(
                f"the log of run {self.number} was not kept; replicate with logs=True, or have "
                f"this run alone: hs.simulate(scenario, seed={self.seed}).log"
            )
        return self.run.log

    def scorecard(self, *, by: str | None = None, per_workflow: bool = False) -> Scorecard:
        """The :func:`~hitlsim.decisions.counting.scorecard.scorecard` of this run."""
        return scorecard(self.counts, by=by, per_workflow=per_workflow)

    @cached_property
    def figures(self) -> dict[Figure, float]:
        """Every figure of the whole run."""
        return self.figures_by(None, per_workflow=False)

    def figures_by(self, by: str | None, *, per_workflow: bool) -> dict[Figure, float]:
        """Every figure of each period; what did not happen in this run is 0, not unknown."""
        frame = scorecard(_as_if_all_happened(self.counts), by=by, per_workflow=per_workflow).frame
        names = zip(frame["metric"], frame["period"], frame["workflow"], strict=True)
        return dict(zip((Figure(*n) for n in names), frame["value"].tolist(), strict=True))

    @property
    def happened(self) -> frozenset[str]:
        """Which of the counts that a metric may be about, such as peeks, are above 0."""
        return frozenset(name for name in _SOMETIMES if self.counts.rows[name].any())


def _as_if_all_happened(counts: Counts) -> Counts:
    """A scorecard leaves out what a log knows nothing of; among many runs that would be biased.

    A row on a day before all periods enters no figure, but keeps them all in.
    """
    before = counts.days[0] - pd.Timedelta(days=1)
    aside = counts.rows.head(1).assign(day=before, **dict.fromkeys(_SOMETIMES, 1.0))
    return replace(counts, rows=pd.concat([aside, counts.rows], ignore_index=True))
