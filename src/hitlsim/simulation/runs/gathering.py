"""Takes in runs one after the other and keeps only their figures."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.counting.metrics import METRICS
from ...decisions.counting.scorecard import ALL
from ...errors import ScenarioError
from .replication import Figure, Replication


class Gathering:
    """Takes in runs one after the other and keeps only their figures."""

    def __init__(self, by: str | None = None, *, per_workflow: bool = False) -> None:
        self._by, self._per_workflow = by, per_workflow
        self._rows: list[dict[Figure, float]] = []
        self._happened: set[str] = set()
        self._seeds: dict[int, None] = {}
        self._record: dict[str, Any] = {}
        self._days: list[pd.Timestamp] = []

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, run: Replication) -> None:
        """Take in a run.

        Raises
        ------
        ScenarioError
            When it is of another scenario, or was taken in before.
        """
        record = dict(run.counts.record)
        mine = self._record or record
        if record.get("scenario_sha256") != mine.get("scenario_sha256"):
            raise ScenarioError(
                f"runs of two scenarios, {mine.get('scenario')} and {record.get('scenario')}, "
                "cannot be summarised together; summarise each, or compare them: hs.compare()"
            )
        if run.seed in self._seeds:
            raise ScenarioError(
                f"seed {run.seed} comes twice, and the same run twice says nothing new; give runs "
                "with different seeds"
            )
        whole = self._by is None and not self._per_workflow
        figures = (
            run.figures if whole else run.figures_by(self._by, per_workflow=self._per_workflow)
        )
        days = run.counts.days
        self._days = [min([days[0], *self._days]), max([days[-1], *self._days])]
        self._record, self._happened = mine, self._happened | run.happened
        self._seeds[run.seed] = None
        self._rows.append(figures)

    @property
    def seeds(self) -> tuple[int, ...]:
        # Ctrl-C may come between a run's seed and its figures
        return tuple(self._seeds)[: len(self)]

    @property
    def record(self) -> dict[str, Any]:
        return self._record

    @property
    def span(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """First and last day on which a run has a decision."""
        return self._days[0], self._days[1]

    @property
    def happened(self) -> frozenset[str]:
        """Which counts were above 0 in any run; a metric about others is left out."""
        return frozenset(self._happened)

    def values(
        self, metrics: Iterable[str] | None = None, happened: frozenset[str] | None = None
    ) -> dict[Figure, NDArray[np.float64]]:
        """For each figure its value in each run, NaN where it is not known."""
        happened = self.happened if happened is None else happened
        order = {m.name: i for i, m in enumerate(METRICS)
                 if not m.needs_some or m.needs_some in happened}  # fmt: skip
        if metrics is not None:
            order = {name: order[name] for name in metrics if name in order}
        keys = {key for row in self._rows for key in row if key.metric in order}
        ranked = sorted(
            keys, key=lambda k: (k.period, k.workflow != ALL, k.workflow, order[k.metric])
        )
        return {key: np.array([row.get(key, math.nan) for row in self._rows]) for key in ranked}
