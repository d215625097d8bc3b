"""The figures of the explorer: phase by phase, with intervals, and against a pinned policy."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from ...decisions.counting.measure import Unit, a_week
from ...decisions.counting.metrics import BY_NAME
from ...decisions.estimating.intervals import (
    NOTHING,
    Estimate,
    as_row,
    clopper_pearson,
    ratio_of_clusters,
)
from ...simulation.runs.differences import difference_of
from ...simulation.runs.means import mean_of
from .counting import QUANTILES, WHOLE, DaySums, Floats

ENOUGH_RUNS = 5
"""From so many runs on, a figure is their mean; before, what the first run alone says."""
PAIRED_DAYS = "days independent of each other; the same seed under both policies, day by day"
_FEW_DAYS = "too few days for an interval; more runs will tell"
_ONE_RUN = f"one run; of a quantile's difference {ENOUGH_RUNS} runs will tell the interval"


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure, as a ratio of sums."""

    name: str
    title: str
    unit: Unit
    top: tuple[str, ...] = ()
    bottom: tuple[str, ...] = ()


_MONEY = ("review_cost", "delay_cost", "true_harm")


def _of_metric(name: str, top: tuple[str, ...], bottom: tuple[str, ...]) -> Shown:
    metric = BY_NAME[name]
    return Shown(name, metric.title, metric.unit, top, bottom)


FIGURES = (
    _of_metric("exception_rate", ("exceptions",), ("safe",)),
    replace(
        _of_metric("true_fn_share", ("true_auto_bad",), ("safe",)), title="Silent errors (true)"
    ),
    Shown("wait_median", "Median wait", Unit.MINUTES),
    Shown("wait_p90", "Nine in ten begun within", Unit.MINUTES),
    _of_metric("within_24h", ("within_24",), ("started", "late_24")),
    _of_metric("review_hours", ("hours",), ()),
    _of_metric("utilisation", ("hours",), ()),
    *(_of_metric(name, (name,), ("n",)) for name in _MONEY),
    _of_metric("true_cost", _MONEY, ("n",)),
)
"""What is shown; those of the scorecard have their names from there."""
SHOWN = {f.name: f for f in FIGURES}
_COUNTS = ("exception_rate", "true_fn_share", "within_24h")


def phases_of(runs: Sequence[DaySums]) -> list[str]:
    """The whole, then the phases in which there was a day in every run."""
    there = [p for p in runs[0].phases if all(r.inside(p).any() for r in runs)]
    return [WHOLE, *there]


def _ratio(f: Shown, run: DaySums, phase: str) -> tuple[Floats, Floats]:
    """What stands above and below the line, by day of the run; 0 outside of the phase."""
    inside = run.inside(phase)
    top = sum((run.sums[name] for name in f.top), np.zeros(len(inside)))
    bottom = sum((run.sums[name] for name in f.bottom), np.zeros(len(inside)))
    if f.unit == Unit.MONEY:
        bottom = bottom / 1000
    elif f.name == "review_hours":
        bottom = np.full(len(inside), 1 / 7)
    elif f.name == "utilisation":
        bottom = np.full(len(inside), run.capacity_hours / 7)
    return top * inside, bottom * inside


def value_of(f: Shown, run: DaySums, phase: str) -> float:
    """The figure in one run."""
    if f.name in QUANTILES:
        return run.waits[phase, f.name].value
    top, bottom = (float(x.sum()) for x in _ratio(f, run, phase))
    return top / bottom if bottom else math.nan


def of_one_run(f: Shown, run: DaySums, phase: str) -> Estimate:
    """The figure of one run, with the interval that the scorecard gives of one log."""
    if f.name in QUANTILES:
        return run.waits[phase, f.name]
    top, bottom = _ratio(f, run, phase)
    if f.name in _COUNTS:
        return clopper_pearson(float(top.sum()), float(bottom.sum()))
    inside = run.inside(phase)
    if not inside.any():
        return NOTHING
    if f.unit == Unit.MONEY:
        week = _weeks(run.days)
        by_week = np.bincount(week, top), np.bincount(week, 1000 * bottom)
        return ratio_of_clusters(*by_week, clusters="weeks").scaled(1000)
    hours = a_week(top[inside], run.days[inside])
    return hours if f.name == "review_hours" else hours.scaled(1 / run.capacity_hours)


def _weeks(days: pd.DatetimeIndex) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """The week of each day, from Monday to Sunday, the first being 0."""
    return np.asarray((np.arange(len(days)) + days[0].weekday()) // 7)


def figure(f: Shown, runs: Sequence[DaySums], phase: str) -> Estimate:
    """The figure of some runs: of the first alone, or the mean of enough of them."""
    if len(runs) < ENOUGH_RUNS:
        return of_one_run(f, runs[0], phase)
    return mean_of([value_of(f, run, phase) for run in runs], unit=f.unit)


def difference(
    f: Shown, runs: Sequence[DaySums], pinned: Sequence[DaySums], phase: str
) -> Estimate:
    """How much the figure differs from the pinned policy's, seed by seed.

    Of one run the interval comes from its days, each against the same day under the other policy;
    of more from the runs, as :func:`hitlsim.compare` has it.
    """
    n = min(len(runs), len(pinned))
    if n >= ENOUGH_RUNS:
        here, there = (
            np.array([value_of(f, run, phase) for run in some[:n]]) for some in (runs, pinned)
        )
        return difference_of(f.name, there, here)
    new, old = runs[0], pinned[0]
    apart = value_of(f, new, phase) - value_of(f, old, phase)
    if math.isnan(apart):
        return NOTHING
    if f.name in QUANTILES:
        return Estimate(apart, math.nan, math.nan, 1, _ONE_RUN)
    return _by_days(_ratio(f, new, phase), _ratio(f, old, phase), new, old, apart)


def _by_days(
    new: tuple[Floats, Floats], old: tuple[Floats, Floats], run: DaySums, other: DaySums,
    apart: float,
) -> Estimate:  # fmt: skip
    """The difference of two ratios whose days are paired; Student's interval, linearised."""
    alike = run.days[0] == other.days[0] and len(run.days) == len(other.days)
    days = run.days if alike else run.days.union(other.days)
    moved = np.zeros(len(days))
    used = np.zeros(len(days), bool)
    for (top, bottom), mine, sign in ((new, run.days, 1), (old, other.days, -1)):
        at = slice(None) if alike else days.get_indexer(mine)
        moved[at] += sign * (top - top.sum() / bottom.sum() * bottom) / bottom.sum()
        used[at] |= bottom > 0
    m = int(used.sum())
    if m < 2:
        return Estimate(apart, math.nan, math.nan, m, _FEW_DAYS)
    error = math.sqrt(m / (m - 1) * float((moved[used] ** 2).sum()))
    half = float(stdtrit(m - 1, 0.975)) * error
    return Estimate(apart, apart - half, apart + half, m, PAIRED_DAYS)


@dataclass(frozen=True)
class Answer:
    """What some runs say of a policy, and of the one it is held against.

    Attributes
    ----------
    phases : tuple of str
        The whole run is ``all``.
    now, pinned, apart : dict of (phase, figure) to Estimate
        Of the policy, of the pinned one, and the paired difference.
    runs : int
        From how many runs of each.
    decisions : float
        Of the policy, in all of them.
    """

    phases: tuple[str, ...]
    now: dict[tuple[str, str], Estimate]
    pinned: dict[tuple[str, str], Estimate]
    apart: dict[tuple[str, str], Estimate]
    runs: int
    decisions: float
    same: bool
    """Whether the policy is the pinned one."""

    @property
    def frame(self) -> pd.DataFrame:
        """One row for each phase and figure."""
        rows = []
        for phase in self.phases:
            for f in FIGURES:
                at = phase, f.name
                rows.append(
                    {"phase": phase, "figure": f.name, "unit": str(f.unit), **_cells(self.now[at])}
                    | {f"pinned_{k}": v for k, v in _cells(self.pinned[at]).items()}
                    | {f"difference_{k}": v for k, v in _cells(self.apart[at]).items()}
                )
        return pd.DataFrame(rows)


def _cells(e: Estimate) -> dict[str, object]:
    return {k: v for k, v in as_row(e).items() if k != "few"}


def answer_of(runs: Sequence[DaySums], pinned: Sequence[DaySums], *, same: bool) -> Answer:
    """What these runs of both policies say; as many of each as there are of both.

    Parameters
    ----------
    runs, pinned : sequence of DaySums
        Of the same seeds, in the same order.
    same : bool
        Whether they are of the same policy.
    """
    n = min(len(runs), len(pinned))
    n = n if n >= ENOUGH_RUNS else 1
    runs, pinned = runs[:n], pinned[:n]
    phases = [p for p in phases_of(runs) if p in phases_of(pinned)]
    every: list[tuple[str, Shown]] = [(p, f) for p in phases for f in FIGURES]

    def each(of: Callable[[Shown, str], Estimate]) -> dict[tuple[str, str], Estimate]:
        return {(p, f.name): of(f, p) for p, f in every}

    now = each(lambda f, p: figure(f, runs, p))
    return Answer(
        tuple(phases),
        now,
        now if same else each(lambda f, p: figure(f, pinned, p)),
        each(lambda f, p: difference(f, runs, pinned, p)),
        n,
        float(sum(r.sums["n"].sum() for r in runs)),
        same,
    )
