"""What size of change would have been seen: "nothing seen" is not "nothing there"."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, bdtrc

from ...errors import LogError
from .chart import Chart
from .charts import KNOWN, THREE_SIGMA, Spread, limits, sigma_limits
from .cusum import Plan, plan, run_length, steps_of


@dataclass(frozen=True, slots=True)
class Power:
    """How soon a change would be seen.

    Attributes
    ----------
    share, becomes : float
        Before and after.
    n : float
        Outcomes known in each period (effective ones).
    seen : float
        Chance that a period's limits show it.
    once_in : float
        Periods until chance alone crosses those limits, on average; infinite if it cannot.
    cusum_periods : float
        Periods until the CUSUM shows it, on average.
    cusum_once_in : float
        Periods until chance alone raises the CUSUM, on average.
    """

    share: float
    becomes: float
    n: float
    seen: float
    once_in: float
    cusum_periods: float
    cusum_once_in: float

    @property
    def periods(self) -> float:
        """Periods until the quicker of the two shows it, on average."""
        return min(1 / self.seen if self.seen > 0 else math.inf, self.cusum_periods)


def audit_power(
    *,
    decisions: float,
    audited: float,
    share: float,
    becomes: float,
    once_in: float = 1 / THREE_SIGMA,
    exact: bool = False,
) -> Power:
    """What an audit of so many decisions a period would see of a rise.

    Parameters
    ----------
    decisions : float
        Decisions in a period.
    audited : float
        Share of them that is looked at, picked by chance.
    share, becomes : float
        Bad ones among them before and after, 0 to 1.
    once_in : float
        Periods between two false alarms of the CUSUM.
    exact : bool
        Limits that chance crosses no more often than once in 370 periods, rather than the
        textbook's three standard deviations, which few outcomes cross more often than that.

    Returns
    -------
    Power

    Raises
    ------
    LogError
        When the shares are none, or nothing is audited.

    References
    ----------
    Shewhart 1931; Brook & Evans 1972.

    Examples
    --------
    A tenth of 2,000 a week, of which 2% are bad, and then twice as many:

    >>> found = audit_power(decisions=2000, audited=0.10, share=0.02, becomes=0.04)
    >>> round(found.seen, 2), round(found.once_in), round(found.cusum_periods, 1)
    (0.28, 134, 3.5)
    """
    if not (0 < share < becomes < 1 and 0 < audited <= 1):
        raise LogError(
            f"share={share}, becomes={becomes}, audited={audited}: shares lie between 0 and 1, and "
            "'becomes' above 'share'"
        )
    n = decisions * audited
    if n < 1:
        raise LogError(f"decisions={decisions:g} with audited={audited:g} is less than one look")
    high = limits(share, n).high if exact else sigma_limits(share, n).high
    odds = becomes * (1 - share) / ((1 - becomes) * share)
    return _power(share, becomes, n, high, plan(share, n, odds, once_in), KNOWN)


def power_of(chart: Chart, times: float) -> Power:
    """What a chart would see of odds that are so many times those of its baseline."""
    watched = chart.watched
    n, share = chart.usual_n(), float(watched.loc[watched["n"] > 0, "expected"].mean())
    becomes = share * times / (1 - share + share * times)
    if chart.rise is None:
        raise ValueError(f"{chart.name} has no CUSUM")
    # the chart's own chance, one side of it
    wide = limits(share, n, chart.spread, chart.chance)
    return _power(share, becomes, n, wide.high, chart.rise, chart.spread)


def _power(
    share: float, becomes: float, n: float, high: float, chosen: Plan, base: Spread
) -> Power:
    # over-dispersed counts vary like those of fewer decisions
    size = max(1, round(n / base.inflation))
    most = math.floor(high * size + 1e-9)
    false = float(bdtrc(most, size, share)) if most < size else 0.0
    seen = float(1 - bdtr(most, size, becomes)) if most < size else 0.0
    steps = steps_of(
        becomes, share, n, chosen.shift, assumed=base.inflation, inflation=base.inflation
    )
    return Power(
        share, becomes, n, seen, 1 / false if false > 0 else np.inf,
        run_length(steps, chosen.threshold), chosen.once_in,
    )  # fmt: skip
