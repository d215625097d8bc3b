"""Make the charts of a log, or say what it would take."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from . import scores
from .chart import CHI_SQUARE, CHI_SQUARE_WEEKS, NEEDS_OUTCOMES, Chart, charted
from .charts import Spread
from .observed import CALIBRATION, EXCEPTION, OVERRIDE, SCORE, Observed, within
from .periods import Calendar, Period

Floats = NDArray[np.float64]
ENOUGH = 50
"""Effective outcomes of a baseline below which nothing is compared with it."""


def share_chart(
    name: str, observed: Observed, cal: Calendar, *, once_in: float, shift: float
) -> Chart | str:
    """A chart of a share, or why there is none."""
    if why := _why_not(name, observed, cal.whole):
        return why
    now, weeks = ([observed.share(name, p) for p in ps] for ps in (cal.periods, cal.weeks))
    before = observed.share(name, cal.whole)
    return charted(name, now, weeks, before, cal, once_in=once_in, shift=shift)


def _why_not(name: str, observed: Observed, baseline: Period) -> str:
    if name in NEEDS_OUTCOMES and not observed.has_outcomes:
        return "no outcome of what went alone is known (column ok); 149 looks would be a start"
    if name == OVERRIDE and not observed.has_verdicts:
        return "the log does not say what people did (column verdict)"
    if name == CALIBRATION:
        if len(np.unique(observed.score)) < 2:
            return "all scores are the same, so they promise nothing that could be broken"
        if observed.relation is None:
            return (
                "the baseline has too few bad ones, or all scores of its known outcomes are the "
                "same; 10 bad and 10 good ones would do"
            )
    before = observed.share(name, baseline)
    if before.n < ENOUGH:
        what = {EXCEPTION: "decisions", OVERRIDE: "verdicts on exceptions"}.get(name, "outcomes")
        return (
            f"the baseline has {before.seen} {what} to go by (worth {before.n:.0f}); about "
            f"{ENOUGH} would do"
        )
    return ""


def score_chart(observed: Observed, cal: Calendar, *, once_in: float) -> Chart | str:
    """A chart of the distribution of scores, or why there is none."""

    def within_(p: Period) -> Floats:
        found = observed.score[within(observed.day, p.first, p.last)]
        return np.asarray(found[np.isfinite(found)])

    base = within_(cal.whole)
    if not len(base):
        return "the baseline has no decision that the AI may take alone"
    sizes = [len(within_(p)) for p in cal.periods]
    at = scores.edges(base, scores.bins_for(float(np.median(sizes))))
    if not len(at):
        return "all scores of the baseline are the same"
    rule = scores.yardstick([scores.binned(within_(w), at) for w in cal.weeks])
    if rule.n < scores.enough_for(rule.bins):
        return f"the baseline has {rule.n:.0f} scores; {scores.enough_for(rule.bins)} would do"
    before = scores.binned(base, at)
    rows: list[dict[str, Any]] = []
    for i, p in enumerate(cal.periods):
        now = scores.binned(within_(p), at)
        n, there = float(now.sum()), now.sum() >= scores.enough_for(rule.bins)
        rest = before - now if i < cal.baseline else before
        value = scores.stability_index(now, rest) if there and rest.sum() else math.nan
        high = rule.limits(n, 1 / once_in).high if there else math.nan
        rows.append(
            {
                **p._asdict(), "baseline": i < cal.baseline, "value": value, "expected": 0.0,
                "n": n, "seen": int(n), "failures": int(n), "low": 0.0, "high": high,
                "chance": rule.chance_of(value, n) if there else math.nan,
                "out": bool(there and value > high), "rise": math.nan, "fall": math.nan,
            }
        )  # fmt: skip
    kind, because = CHI_SQUARE, "weeks of the baseline differ no more than chance lets them"
    if rule.over:
        more = f"{math.sqrt(rule.inflation):.1f} times as much as chance lets them"
        kind = CHI_SQUARE_WEEKS
        because = f"scores of the baseline's weeks differ {more}"
    seen = Spread(math.sqrt(rule.inflation), rule.weeks, rule.chance, rule.n)
    return Chart(
        name=SCORE,
        kind=kind,
        because=because,
        frame=pd.DataFrame(rows),
        before=0.0,
        bins=rule.bins,
        spread=seen,
        rise=None,
        fall=None,
        chance=1 / once_in,
        width=math.nan,
        once_in=once_in,
    )
