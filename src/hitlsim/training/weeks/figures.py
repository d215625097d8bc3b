"""The figures of twelve weeks: of each way, and by how much yours differs, with intervals.

An interval says where one such rollout would lie in 95 of 100 cases. Two things widen it: the world
goes one way or another, and a deck is small, so that somebody's habits are not known exactly. Of
the first each run has its own seed, of the second its own draw of the habits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from ...decisions.counting.measure import Unit
from ...decisions.counting.metrics import BY_NAME
from ...decisions.estimating.intervals import Estimate
from .counting import Told

Floats = NDArray[np.float64]

_TAIL = 0.975
WORLD = "one such rollout; runs independent of each other; what the scenario assumes"
SMALL = "; the habits as far as the answers tell them"


@dataclass(frozen=True, slots=True)
class Shown:
    """One figure of a run.

    Attributes
    ----------
    name, title : str
    unit : Unit
    of : callable
        Given what was counted, and in how many weeks.
    """

    name: str
    title: str
    unit: Unit
    of: Callable[[Told, int], float]


def _share(top: str, bottom: str) -> Callable[[Told, int], float]:
    def of(told: Told, _weeks: int) -> float:
        whole = told.total(bottom)
        return told.total(top) / whole if whole else math.nan

    return of


def _a_week(name: str) -> Callable[[Told, int], float]:
    return lambda told, weeks: told.total(name) / weeks


def _cost(told: Told, _weeks: int) -> float:
    return 1000 * (told.total("wages") + told.total("lost")) / told.total("n")


FIGURES = (
    Shown("exception_rate", BY_NAME["exception_rate"].title, Unit.SHARE,
          _share("exceptions", "safe")),
    Shown("human_touch_rate", "Looked at by a person", Unit.SHARE, _share("touched", "n")),
    Shown("review_hours", "Hours a week, in all", Unit.HOURS_PER_WEEK, _a_week("hours")),
    Shown("exception_hours", "- on exceptions", Unit.HOURS_PER_WEEK, _a_week("exception_hours")),
    Shown("peek_hours", "- on what nothing asked for", Unit.HOURS_PER_WEEK, _a_week("peek_hours")),
    Shown("true_fn_share", "Silent errors (true)", Unit.SHARE, _share("silent", "safe")),
    Shown("missed", "Wrong ones that reviewers let through", Unit.SHARE,
          _share("passed", "wrong_seen")),
    Shown("bad_out", "Decisions that go out wrong, in all", Unit.SHARE, _share("bad_out", "n")),
    Shown("wait_minutes", "Mean wait", Unit.MINUTES, lambda told, _: told.wait_minutes),
    Shown("wait_p90", "Nine in ten begun within", Unit.MINUTES, lambda told, _: told.wait_p90),
    Shown("true_cost", "Cost of reviewing, waiting and errors", Unit.MONEY, _cost),
)  # fmt: skip
"""In the order in which they are read."""
BY_WEEK: Mapping[str, tuple[str, str]] = {
    "review_hours": ("hours", ""), "missed": ("passed", "wrong_seen"), "bad_out": ("bad_out", "n"),
    "human_touch_rate": ("touched", "n"), "true_fn_share": ("silent", "safe"),
}  # fmt: skip
"""Figures that are worth following week by week, as sums above and below the line."""


def values_of(f: Shown, runs: Sequence[Told], weeks: int) -> Floats:
    """The figure in each run."""
    return np.array([f.of(told, weeks) for told in runs])


def by_week(name: str, runs: Sequence[Told]) -> Floats:
    """The figure in each run (rows) and week; NaN where there was nothing to count."""
    top, bottom = BY_WEEK[name]
    above = np.array([told.sums[top] for told in runs], float)
    if not bottom:
        return above
    below = np.array([told.sums[bottom] for told in runs], float)
    shares = np.full(above.shape, math.nan)
    np.divide(above, below, out=shares, where=below > 0)
    return shares


def one_rollout(
    centre: Floats, drawn: Floats | None, assumes: str, *, unit: Unit | None
) -> Estimate:
    """The mean of some runs, and where one more would lie in 95 of 100 cases.

    Parameters
    ----------
    centre : array of n
        The figure in each world, with the habits that the answers speak for most; its mean is the
        value.
    drawn : array of n x k, optional
        The same in each world with habits drawn anew, k times; None where habits are known.
    assumes : str
    unit : Unit, optional
        Amounts end at 0, shares at 1 too; None for differences, which may lie on either side of 0.

    Notes
    -----
    Student's prediction interval ``t s sqrt(1 + 1/n)`` for the world; what drawn habits change
    within a world is added to its square, on each side from the draws on that side.

    References
    ----------
    Hahn & Meeker 1991, Statistical Intervals, 4.7; Welch 1947 (degrees of freedom of a sum).

    Examples
    --------
    >>> runs = np.array([9.0, 10.0, 11.0, 10.0])
    >>> e = one_rollout(runs, None, "", unit=Unit.MINUTES)
    >>> e.value, round(e.low, 1), round(e.high, 1)
    (10.0, 7.1, 12.9)
    >>> e = one_rollout(runs, runs[:, None] + np.array([0.0, 3.0]), "", unit=Unit.MINUTES)
    >>> e.value, round(e.low, 1), round(e.high, 1)
    (10.0, 7.1, 17.1)
    """
    known = ~np.isnan(centre)
    centre = centre[known]
    n = len(centre)
    if not n:
        return Estimate(math.nan, math.nan, math.nan, 0, f"not enough evidence: {assumes}")
    value = float(centre.mean())
    if n < 2:
        return Estimate(value, math.nan, math.nan, n, f"{assumes}; one run only: no interval")
    world = float(centre.var(ddof=1)) * (1 + 1 / n)
    moved = np.zeros(0) if drawn is None else (drawn[known] - centre[:, None]).ravel()
    moved = moved[~np.isnan(moved)]
    low, high = (value - _half(world, n, -moved), value + _half(world, n, moved))
    if unit is not None:
        low = max(0.0, low)
    if unit is Unit.SHARE:
        high = min(1.0, high)
    return Estimate(value, low, high, n, assumes)


def _half(world: float, n: int, moved: Floats) -> float:
    """How far the interval reaches to the side on which ``moved`` is above 0."""
    there = moved[moved > 0]
    habits = float((there**2).mean()) if len(there) else 0.0
    both = world + habits
    if not both:
        return 0.0
    df = both**2 / (world**2 / (n - 1) + (habits**2 / len(moved) if len(there) else 0.0))
    return float(stdtrit(df, _TAIL)) * math.sqrt(both)
