"""How much a figure differs between two policies that met the same world."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from .means import MeanOfRuns, mean_of

ASSUMES = "runs independent of each other; what the scenarios assume"
_LESS_IS_BETTER = frozenset({
    "fn_share", "fn_of_auto", "fn_of_bad", "true_fn_share", "true_fn_of_auto", "true_fn_of_bad",
    "wait_minutes", "breach_rate", "oldest_hours", "bounce_rate", "spam_rate", "opt_out_rate",
    "no_show_rate", "review_cost", "delay_cost", "true_harm", "true_cost",
})  # fmt: skip
_MORE_IS_BETTER = frozenset({
    "freed_hours", "manager_hours_left", "within_24h", "within_48h", "same_day", "adherence",
    "reply_rate", "positive_rate", "meeting_rate",
})  # fmt: skip
"""Of the others more may be good or bad: what people do, and how often they are asked."""


class Verdict(StrEnum):
    """What a difference says."""

    BETTER = "better"
    WORSE = "worse"
    HIGHER = "higher"
    """Significantly, of a figure that may be too high as well as too low."""
    LOWER = "lower"
    SAME = "the same"
    """In every single run."""
    OPEN = "not enough evidence"


@dataclass(frozen=True, slots=True)
class Difference(MeanOfRuns):
    """The mean of paired differences to the baseline; ``n`` is the number of pairs."""

    verdict: Verdict = Verdict.OPEN
    times_unpaired: float = math.nan
    """How many times more runs would have been needed without pairing; below 1 pairing harmed."""

    def __str__(self) -> str:
        if not self.known:
            return self.assumes
        between = "" if math.isnan(self.low) else f"{self.low:+,.5g} to {self.high:+,.5g}, "
        return (
            f"{self.verdict}: {self.value:+,.5g} ({100 * self.confidence:g}%: {between}"
            f"n = {self.n:,.0f} pairs; {self.assumes})"
        )


def difference_of(
    metric: str,
    baseline: NDArray[np.float64],
    other: NDArray[np.float64],
    confidence: float = 0.95,
    policies: int = 1,
) -> Difference:
    """The mean difference between paired runs, with its t-interval.

    Parameters
    ----------
    metric : str
    baseline, other : ndarray
        Its value in each run, NaN where it is not known.
    confidence : float
        For all policies together.
    policies : int
        How many are compared with the baseline; the interval is widened by Bonferroni's rule, so
        that all of them hold together.

    Examples
    --------
    >>> a, b = np.array([5.0, 9.0, 7.0, 6.0]), np.array([6.1, 10.0, 7.9, 7.0])
    >>> e = difference_of("wait_minutes", a, b)
    >>> round(e.value, 2), str(e.verdict), e.times_unpaired > 100
    (1.0, 'worse', True)
    """
    apart = other - baseline
    both = ~np.isnan(apart)
    each = one_of_many(confidence, policies)
    together = f"; {policies} policies together (Bonferroni)" if policies > 1 else ""
    mean = mean_of(apart, each, assumes=ASSUMES + together, cut=False)
    times = math.nan
    if both.sum() > 1 and mean.sd > 0:
        apart_variance = float(baseline[both].var(ddof=1) + other[both].var(ddof=1))
        times = apart_variance / mean.sd**2
    return Difference(
        mean.value, mean.low, mean.high, mean.n, mean.assumes, confidence=each, sd=mean.sd,
        p5=mean.p5, p95=mean.p95, verdict=_verdict(metric, mean), times_unpaired=times,
    )  # fmt: skip


def one_of_many(confidence: float, policies: int) -> float:
    """Coverage of each interval so that all hold together (Bonferroni).

    >>> round(one_of_many(0.95, 5), 3)
    0.99
    """
    return 1 - (1 - confidence) / policies


def _verdict(metric: str, e: MeanOfRuns) -> Verdict:
    if math.isnan(e.low):
        return Verdict.OPEN
    if e.low == e.high == 0:
        return Verdict.SAME
    if e.low <= 0 <= e.high:
        return Verdict.OPEN
    if metric in _LESS_IS_BETTER | _MORE_IS_BETTER:
        good = (e.value < 0) == (metric in _LESS_IS_BETTER)
        return Verdict.BETTER if good else Verdict.WORSE
    return Verdict.HIGHER if e.value > 0 else Verdict.LOWER
