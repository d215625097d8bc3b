"""One control chart: what it watches, its periods, its limits, and what it raises."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from .charts import Limits, Spread, chance_of, limits, sigmas, spread
from .cusum import Plan, llr, path, plan
from .observed import (
    BASE,
    CALIBRATION,
    EXCEPTION,
    OVERRIDE,
    SCORE,
    SILENT,
    Share,
)
from .periods import Calendar

TITLES = {
    SILENT: "Silent errors",
    BASE: "Bad among all",
    CALIBRATION: "Calibration",
    SCORE: "Score distribution",
    EXCEPTION: "Exception rate",
    OVERRIDE: "Override rate",
}
"""The charts, in the order in which they are told."""
MEANS = {
    SILENT: "bad decisions that went out with nobody asked, of all the AI may take alone",
    BASE: "bad ones among all the AI may take alone, caught or not",
    CALIBRATION: "how often it is wrong beside what its score promised in the baseline",
    SCORE: "how its scores are distributed, whatever came of them",
    EXCEPTION: "of what it may take alone, the share that went to a person",
    OVERRIDE: "of the exceptions judged, the share that people changed or rejected",
}
P_CHART, LANEY = "p-chart", "Laney p'"
CHI_SQUARE, CHI_SQUARE_WEEKS = "chi-square", "chi-square, weeks as yardstick"
"""The kinds of chart."""
NEEDS_OUTCOMES = (SILENT, BASE, CALIBRATION)
BOTH_WAYS = (EXCEPTION, OVERRIDE)
"""Here a fall is looked for as closely as a rise."""


@dataclass(frozen=True)
class Chart:
    """A control chart.

    Attributes
    ----------
    name : str
    kind : str
        ``p-chart``, ``Laney p'``, ``chi-square`` or ``chi-square, weeks as yardstick``.
    because : str
        Why this kind.
    frame : DataFrame
        One row for each period: period, first, last, baseline (whether it is in it), value,
        expected, n (effective), seen, failures, low and high (limits), chance (of lying so far
        off), rise and fall (the CUSUMs, NaN where there is none), out (outside the limits).
    before : float
        The baseline's share; of the score's distribution 0.
    bins : int
        Of the score's distribution.
    spread : Spread
        How the baseline's weeks differ.
    rise, fall : Plan or None
        The CUSUMs.
    chance : float
        How often chance alone takes a period out of the limits.
    width : float
        Limits lie so many standard deviations from the baseline.
    once_in : float
        Mean number of periods between two alarms of this chart that chance alone raises.
    """

    name: str
    kind: str
    because: str
    frame: pd.DataFrame
    before: float
    bins: int
    spread: Spread
    rise: Plan | None
    fall: Plan | None
    chance: float
    width: float
    once_in: float

    @property
    def title(self) -> str:
        return TITLES[self.name]

    @property
    def watched(self) -> pd.DataFrame:
        """The periods after the baseline."""
        return self.frame[~self.frame["baseline"]]

    @staticmethod
    def odds_beside(row: Any, column: str) -> float:
        """A share of one period as a multiple of the odds expected; infinite for all."""
        share, p = float(row[column]), float(row["expected"])
        return share * (1 - p) / ((1 - share) * p) if share < 1 else math.inf

    def usual_n(self) -> float:
        """Effective size of a usual period."""
        n = self.watched["n"]
        n = n[n > 0]
        return float(n.median()) if len(n) else math.nan


def charted(
    name: str,
    now: Sequence[Share],
    weeks: Sequence[Share],
    before: Share,
    cal: Calendar,
    *,
    once_in: float,
    shift: float,
) -> Chart | str:
    """A chart of shares, or why there is none.

    Parameters
    ----------
    name : str
    now : sequence of Share
        One for each period of the calendar.
    weeks : sequence of Share
        One for each week of the baseline.
    before : Share
        The whole baseline.
    cal : Calendar
    once_in : float
        Periods between two alarms that chance alone raises, on average.
    shift : float
        Odds that the CUSUM looks for, as a multiple of the baseline's.
    """
    centre = min(max(before.value, 0.5 / (before.n + 1)), 1 - 0.5 / (before.n + 1))

    def means(found: Sequence[Share]) -> list[float]:
        return [min(centre * s.expected, 0.999) for s in found]

    found = spread([s.value for s in weeks], means(weeks), [s.n for s in weeks])
    found = replace(found, n=before.n)
    later = [s for s in now[cal.baseline :] if s.n > 0]
    if not later:
        return "nothing of it is known after the baseline"
    chance = 1 / (2 * once_in)  # the other half is the CUSUM's
    usual = float(np.mean(means(later)))
    usual_n = float(np.median([s.n for s in later]))
    ways = 2 if name in BOTH_WAYS else 1
    rise = plan(usual, usual_n, shift, 2 * ways * once_in, found)
    fall = plan(usual, usual_n, 1 / shift, 2 * ways * once_in, found) if ways == 2 else None
    frame = _frame(now, means(now), cal, found, chance)
    for column, chosen in (("rise", rise), ("fall", fall)):
        frame[column] = _cusum(frame, chosen, found)
    kind, because = _kind(found)
    return Chart(
        name=name,
        kind=kind,
        because=because,
        frame=frame,
        before=before.value,
        bins=0,
        spread=found,
        rise=rise,
        fall=fall,
        chance=chance,
        width=sigmas(chance, found.dof),
        once_in=1 / (chance + 1 / rise.once_in + (1 / fall.once_in if fall else 0.0)),
    )


def _frame(
    now: Sequence[Share], expected: Sequence[float], cal: Calendar, base: Spread, chance: float
) -> pd.DataFrame:
    rows: list[dict[str, Any]] = []
    for i, (period, s, mean) in enumerate(zip(cal.periods, now, expected, strict=True)):
        known = s.n > 0
        low, high = limits(mean, s.n, base, chance) if known else Limits(math.nan, math.nan)
        rows.append(
            {
                **period._asdict(), "baseline": i < cal.baseline, "value": s.value,
                "expected": mean, "n": s.n, "seen": s.seen, "failures": s.failures,
                "low": low, "high": high,
                "chance": chance_of(s.value, mean, s.n, base) if known else math.nan,
                "out": known and not low <= s.value <= high,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _cusum(frame: pd.DataFrame, chosen: Plan | None, base: Spread) -> pd.Series:
    """The CUSUM over the periods after the baseline."""
    out = pd.Series(math.nan, frame.index)
    if chosen is not None:
        part = frame[~frame["baseline"]]
        steps = llr(part["value"], part["expected"], part["n"] / base.inflation, chosen.shift)
        out[part.index] = path(steps, chosen.threshold)
    return out


def _kind(found: Spread) -> tuple[str, str]:
    if found.over:
        return LANEY, (
            f"weeks of the baseline differ {found.sigma_z:.1f} times as much as chance lets them"
        )
    return P_CHART, "weeks of the baseline differ no more than chance lets them"
