"""How well somebody tells wrong from right, and where they draw the line: d', c and c*.

The formulas are those by which reviewers of a log are judged
(:mod:`hitlsim.decisions.diagnosing.reviewed`); here the counts come from answers.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from ...decisions.diagnosing.reviewed import Costs, Reviewed
from ...decisions.estimating.intervals import FEW, NOTHING, Estimate, clopper_pearson
from ...simulation.runs.means import mean_of


class Detection(NamedTuple):
    """What somebody's judgements show. ``NOTHING`` where five wrong and five right are not there.

    Attributes
    ----------
    hit_rate, false_alarm_rate : Estimate
        Share called wrong, of the wrong and of the right ones.
    sensitivity : Estimate
        d': how far apart wrong and right look to them; 0 is guessing.
    criterion : Estimate
        c: above 0 they lean to letting through, below 0 to stepping in.
    ideal : Estimate
        c*: the line that costs least for somebody with this d', at this share of wrong ones.
    leaning : Estimate
        c - c*.
    """

    hit_rate: Estimate
    false_alarm_rate: Estimate
    sensitivity: Estimate
    criterion: Estimate
    ideal: Estimate
    leaning: Estimate


def detection(
    hits: float, bad: float, false_alarms: float, good: float, *, miss: float, needless: float
) -> Detection:
    """Signal detection from four counts.

    ``d' = z(H) - z(F)``, ``c = -(z(H) + z(F)) / 2`` with half a case added to each cell, and
    ``c* = ln(beta*) / d'`` with ``beta* = (good / bad) (needless / miss)``.

    Parameters
    ----------
    hits, bad : float
        Wrong items called wrong, of so many.
    false_alarms, good : float
        Right items called wrong, of so many.
    miss, needless : float
        What a miss and a needless change cost, in one unit, above 0.

    References
    ----------
    Macmillan & Creelman 2005; Hautus 1995 (the log-linear correction); Green & Swets 1966 (c*).

    Examples
    --------
    >>> d = detection(84, 100, 16, 100, miss=10, needless=1)
    >>> round(d.sensitivity.value, 2), round(abs(d.criterion.value), 2), round(d.ideal.value, 2)
    (1.96, 0.0, -1.17)
    """
    counts = pd.DataFrame(
        {"hit": [hits], "outcome_bad": [bad], "false_alarm": [false_alarms], "outcome_ok": [good]}
    )
    of = Reviewed("", counts, pd.DataFrame(), NOTHING, math.nan, floors=False, shared=True)
    sees, line = of.detects
    ideal, leaning = of.leaning(Costs(needless=needless, miss=miss))
    if ideal.known:
        # one over d', so the nearer to guessing the further from 0
        ends = sorted(ideal.value * sees.value / end for end in (sees.low, sees.high))
        ideal = replace(ideal, low=ends[0], high=ends[1])
    return Detection(
        of.share("hit", "outcome_bad"), of.share("false_alarm", "outcome_ok"),
        sees, line, ideal, leaning,
    )  # fmt: skip


def detection_of(f: pd.DataFrame) -> Detection:
    """The same from marked answers, with costs as they are of the items judged."""
    judged = f[f["judged"]]
    bad, good = judged[~judged["right"]], judged[judged["right"]]
    if not len(bad) or not len(good):
        return Detection(*[NOTHING] * 6)
    return detection(
        bad["flag"].sum(), len(bad), good["flag"].sum(), len(good),
        miss=float(bad["harm"].mean()) or 1.0,
        needless=float(good["needless_cost"].mean()) or 1.0,
    )  # fmt: skip


def brier(f: pd.DataFrame) -> tuple[Estimate, Estimate]:
    """Mean squared error of how sure somebody was, and how much less it is than the usual one.

    The usual one is that of always saying the share of right items.

    References
    ----------
    Brier 1950; Murphy 1973 (the reference forecast).
    """
    if "sure" not in f:
        return NOTHING, NOTHING
    said = f[f["judged"] & f["sure"].notna()]
    if len(said) < FEW:
        return NOTHING, NOTHING
    right, sure = said["right"].astype(float), said["sure"].astype(float)
    error = (sure - right) ** 2
    usual = (right.mean() - right) ** 2
    own, skill = mean_of(error.tolist()), mean_of((usual - error).tolist(), cut=False)
    # a rare, large error that nobody happened to make: as many as might be, where none of n was
    unseen = clopper_pearson(0, len(said)).high
    more = unseen * float((sure.clip(lower=1 - sure) ** 2 - error).mean())
    told = "items independent of each other"
    return (
        replace(own, high=min(1.0, max(own.high, own.value + more)), assumes=told),
        replace(skill, low=min(skill.low, skill.value - more), assumes=told),
    )
