"""Runs taken in one after the other: the figures of their phases and weeks, and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.counting.counts import Counts
from ...decisions.counting.measure import Metric
from ...decisions.counting.metrics import BY_NAME
from ...decisions.estimating.intervals import NOTHING, Estimate, as_row
from ...simulation.runs.differences import difference_of
from ...simulation.runs.means import mean_of
from ...simulation.runs.replication import Replication
from .parts import MEASURED, WEEKLY, by_phase, by_week, measured

_MEAN = ("value", "low", "high", "n", "sd", "p5", "p95", "assumes")
_OF_DIFFERENCE = ("value", "low", "high", "n", "assumes")
Key = tuple[str, str, str]
"""Policy, phase or week, metric."""


class Spread(NamedTuple):
    """A figure over runs, and how it differs."""

    mean: Estimate = NOTHING
    apart: Estimate = NOTHING
    """From today's rules, in the same worlds."""
    since: Estimate = NOTHING
    """From the phase before, in the same runs."""

    @classmethod
    def of_row(cls, rows: Sequence[Mapping[str, Any]]) -> Spread:
        """Of the row of a table, if there is one."""
        if not rows:
            return cls()
        return cls(*(_estimate(rows[0], prefix) for prefix in ("", "apart_", "since_")))


def _estimate(row: Mapping[str, Any], prefix: str) -> Estimate:
    value, low, high, n, assumes = (row[f"{prefix}{c}"] for c in _OF_DIFFERENCE)
    if not isinstance(assumes, str):
        return NOTHING
    return Estimate(float(value), float(low), float(high), float(n), assumes)


class Gathered:
    """Figures of every policy, run by run."""

    def __init__(self, phases: Sequence[str]) -> None:
        self._phases = list(phases)
        self._values: list[dict[Key, float]] = []
        self._weeks: list[dict[Key, float]] = []
        self.seeds: list[int] = []
        self.governance: list[pd.DataFrame] = []
        """Of each run under the first policy."""

    def add(self, runs: Mapping[str, Replication]) -> None:
        """Take in the runs of one seed."""
        first, *_ = runs.values()
        self.seeds.append(first.seed)
        self.governance.append(first.governance)
        self._values.append({
            (policy, phase, metric): value
            for policy, run in runs.items()
            for phase, cell in by_phase(run.counts, self._phases)
            for metric, value in measured(cell, MEASURED, run.counts).items()
        })  # fmt: skip
        self._weeks.append({
            ("", week, metric): value
            for week, cell in by_week(first.counts)
            for metric, value in measured(cell, WEEKLY, first.counts).items()
        })  # fmt: skip

    def phases(self, today: str) -> pd.DataFrame:
        """One row for each policy, phase and metric."""
        policies = list(dict.fromkeys(policy for run in self._values for policy, _, _ in run))
        rows = []
        for policy in policies:
            before = ""
            for phase in self._phases:
                for m in MEASURED:
                    mine = _run_by_run(self._values, (policy, phase, m.name))
                    if np.isnan(mine).all():
                        continue
                    row: dict[str, Any] = {"policy": policy, "phase": phase, **_mean_row(m, mine)}
                    base = _run_by_run(self._values, (today, phase, m.name))
                    earlier = _run_by_run(self._values, (policy, before, m.name))
                    row |= _difference("apart_", m, base, mine, policies=len(policies) - 1,
                                       there=policy != today)  # fmt: skip
                    row |= _difference("since_", m, earlier, mine, policies=1, there=bool(before))
                    rows.append(row)
                before = phase
        return pd.DataFrame(rows)

    def since_first(self, today: str, last: str) -> dict[str, Estimate]:
        """How much figures of the last phase differ from the first's, in the same runs."""
        found: dict[str, Estimate] = {}
        for m in MEASURED:
            base, mine = (_run_by_run(self._values, (today, phase, m.name))
                          for phase in (self._phases[0], last))  # fmt: skip
            if last != self._phases[0] and not np.isnan(mine - base).all():
                found[m.name] = difference_of(m.name, base, mine)
        return found

    def weeks(self) -> pd.DataFrame:
        """One row for each week and metric."""
        mondays = sorted({week for run in self._weeks for _, week, _ in run})
        rows = []
        for number, week in enumerate(mondays, 1):
            for m in WEEKLY:
                mine = _run_by_run(self._weeks, ("", week, m.name))
                if not np.isnan(mine).all():
                    rows.append({"week": number, "monday": week, **_mean_row(m, mine)})
        return pd.DataFrame(rows)

    @staticmethod
    def seen(counts: Counts) -> pd.DataFrame:
        """What the team of one run can say of its own silent errors, week by week."""
        metric = BY_NAME["fn_share"]
        rows = [
            {"week": number, "monday": week, **as_row(metric.compute(cell))}
            for number, (week, cell) in enumerate(by_week(counts), 1)
            if counts.columns.issuperset(metric.needs)
        ]
        return pd.DataFrame(rows, columns=["week", "monday", *as_row(NOTHING)])

    @staticmethod
    def seen_in(counts: Counts, phases: Sequence[str]) -> pd.DataFrame:
        """The same of each phase, beside the truth of that run."""
        metric, truth = BY_NAME["fn_share"], BY_NAME["true_fn_share"]
        rows = [
            {"phase": phase, "truth": truth.compute(cell).value, **as_row(metric.compute(cell))}
            for phase, cell in by_phase(counts, phases)
            if counts.columns.issuperset(metric.needs)
        ]
        return pd.DataFrame(rows, columns=["phase", "truth", *as_row(NOTHING)])


def _run_by_run(runs: Iterable[Mapping[Key, float]], key: Key) -> NDArray[np.float64]:
    return np.array([run.get(key, math.nan) for run in runs])


def _mean_row(m: Metric, values: NDArray[np.float64]) -> dict[str, Any]:
    e = mean_of(values, unit=m.unit)
    return {"metric": m.name, "unit": str(m.unit), **{c: getattr(e, c) for c in _MEAN}}


def _difference(
    prefix: str, m: Metric, base: NDArray[np.float64], mine: NDArray[np.float64], *,
    policies: int, there: bool,
) -> dict[str, Any]:  # fmt: skip
    """A paired difference as cells of a table; empty where there is nothing to compare with."""
    if not there or np.isnan(mine - base).all():
        return {f"{prefix}{c}": math.nan for c in (*_OF_DIFFERENCE, "verdict")}
    d = difference_of(m.name, base, mine, policies=max(1, policies))
    told = {f"{prefix}{c}": getattr(d, c) for c in _OF_DIFFERENCE}
    return {**told, f"{prefix}verdict": str(d.verdict)}
