"""Alarms: stretches of periods in which a chart says that something changed."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import chndtrinc

from ..estimating.intervals import (
    NOTHING,
    Estimate,
    clopper_pearson,
    inverse,
    odds,
    product,
)
from .chart import NEEDS_OUTCOMES, Chart
from .observed import CALIBRATION, SCORE, Observed, Share
from .periods import Period

_NEARLY = 1e-9
RARELY = 10_000
"""Beyond once in so many periods nobody needs to know how rare a thing is."""
INDEPENDENT = "decisions independent of each other"
WIDENED = "weeks differing as they did in the baseline"


@dataclass(frozen=True, slots=True)
class Alarm:
    """A change that a chart raised.

    Attributes
    ----------
    name : str
        Of the chart.
    up : bool
        Whether the share rose; of the score's distribution, always.
    since, raised, until : str
        Labels of the periods in which it seems to have begun, was raised, and was in force last.
    ongoing : bool
        Whether it is in force at the end of the log.
    rules : tuple of str
        ``limits``, ``CUSUM`` or both.
    now, before : Estimate
        The share from ``since`` to ``until``, and the one expected from the baseline; of the
        score's distribution the stability index, and 0.
    times : Estimate
        The odds now, as a multiple of those expected.
    slope : Estimate
        Of calibration: 1 where the score tells good from bad as it did, 0 where it no longer does.
    once_in : float
        Periods between two alarms of this chart that chance alone raises, on average.
    farthest : float
        Periods until chance alone takes one as far out as the farthest of them, on average.
    """

    name: str
    up: bool
    since: str
    raised: str
    until: str
    ongoing: bool
    rules: tuple[str, ...]
    now: Estimate
    before: Estimate
    times: Estimate
    slope: Estimate
    once_in: float
    farthest: float

    @property
    def better(self) -> bool:
        """Whether fewer are bad than before."""
        return self.name in NEEDS_OUTCOMES and not self.up


def alarms(chart: Chart, observed: Observed) -> list[Alarm]:
    """All alarms of a chart, in order of time."""
    found = [_alarm(chart, observed, *e, up=True) for e in _episodes(chart, up=True)]
    if chart.name != SCORE:
        found += [_alarm(chart, observed, *e, up=False) for e in _episodes(chart, up=False)]
    return sorted(found, key=lambda a: (a.raised, not a.up))


def _episodes(chart: Chart, *, up: bool) -> Iterator[tuple[int, int, int]]:
    """First, raising and last row of each stretch in which the chart says so.

    It is raised by a period outside the limits or by the CUSUM, and in force as long as periods lie
    outside or the CUSUM has not lost half of what raised it.
    """
    f, chosen = chart.frame, chart.rise if up else chart.fall
    s = f["rise" if up else "fall"].fillna(0.0).to_numpy(float)
    side = f["value"] > f["high"] if up else f["value"] < f["low"]
    out = (side & f["out"] & ~f["baseline"]).to_numpy(bool)
    threshold = chosen.threshold if chosen is not None else math.inf
    crossed = s >= threshold - _NEARLY
    known = (f["n"] > 0).to_numpy(bool)
    i, rows = 0, len(f)
    while i < rows:
        if not (out[i] or crossed[i]):
            i += 1
            continue
        last = j = i
        while j < rows and (out[j] or s[j] >= threshold / 2 or not known[j]):
            last = j if known[j] else last
            j += 1
        first = i
        # a CUSUM has risen since the change it speaks of
        while crossed[i:j].any() and first > 0 and s[first] > 0 and s[first - 1] > 0:
            first -= 1
        yield first, i, last
        i = max(j, i + 1)


def _alarm(
    chart: Chart, observed: Observed, first: int, raised: int, last: int, *, up: bool
) -> Alarm:
    f = chart.frame
    span = Period("", f["first"].iloc[first], f["last"].iloc[last])
    part = f.iloc[first : last + 1]
    ends = last == int(np.flatnonzero(f["n"] > 0)[-1])
    column, chosen = ("rise", chart.rise) if up else ("fall", chart.fall)
    crossed = chosen is not None and bool((part[column] >= chosen.threshold - _NEARLY).any())
    rules = tuple(
        name for name, holds in (("limits", bool(part["out"].any())), ("CUSUM", crossed)) if holds
    )
    now, before, times = _sizes(chart, observed, span, part)
    least = float(part["chance"].min())
    labels = f["label"].astype("str")
    return Alarm(
        name=chart.name,
        up=up,
        since=labels.iloc[first],
        raised=labels.iloc[raised],
        until=labels.iloc[last],
        ongoing=ends,
        rules=rules,
        now=now,
        before=before,
        times=times,
        slope=observed.slope(span.first, span.last) if chart.name == CALIBRATION else NOTHING,
        once_in=chart.once_in,
        farthest=1 / least if least > 0 else math.inf,
    )


def _sizes(
    chart: Chart, observed: Observed, span: Period, part: pd.DataFrame
) -> tuple[Estimate, Estimate, Estimate]:
    if chart.name == SCORE:
        top = part.loc[part["value"].idxmax()]
        zero = Estimate(0.0, math.nan, math.nan, chart.spread.n, "as in the baseline")
        return _index(chart, top), zero, NOTHING
    share = observed.share(chart.name, span)
    expected = chart.before * share.expected
    now = estimate(share, chart)
    before = as_estimate(expected, chart.spread.n, chart)
    ratio = product(odds(now), inverse(odds(before)), assumes=now.assumes)
    return now, before, ratio


def estimate(share: Share, chart: Chart) -> Estimate:
    """A share with its interval, as wide as the baseline's weeks ask for."""
    e = as_estimate(share.value, share.n, chart)
    few = share.failures < 5 and chart.name != SCORE
    return Estimate(e.value, e.low, e.high, share.seen, e.assumes, few)


def as_estimate(value: float, n: float, chart: Chart) -> Estimate:
    """A share of so many effective decisions."""
    if not n:
        return NOTHING
    size = n / chart.spread.inflation
    assumes = WIDENED if chart.spread.over else INDEPENDENT
    e = clopper_pearson(value * size, size, assumes=assumes)
    return Estimate(e.value, e.low, e.high, n, assumes)


def _index(chart: Chart, row: Any) -> Estimate:
    """The stability index and the interval of what is left of it without chance."""
    per = (1 / row["n"] + 1 / chart.spread.n) * chart.spread.inflation
    x, dof = row["value"] / per, chart.bins - 1
    low, high = (max(0.0, float(chndtrinc(x, dof, q))) for q in (0.975, 0.025))
    return Estimate(
        float(row["value"]), low * per, high * per, float(row["n"]),
        WIDENED if chart.spread.over else INDEPENDENT,
    )  # fmt: skip
