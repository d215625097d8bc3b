"""What becomes of a decision once it is out: harm, complaints, answers, and what waiting lost.

For all decisions at once, since nothing here is behaviour of the desk: an engine says what went out
when, and the world answers.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ...scenario.hours import DAY_MS, HOUR_MS
from ...scenario.scenario import Scenario
from ...scenario.surface import Workflow
from ..contract import NEVER, Records
from ..jit import whole
from .fates import Fate, fate, odds_times, prospects_of, wrong

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Times = NDArray[np.int64]

FOREVER = np.iinfo(np.int64).max
_AFTER_AN_HOUR, _AFTER_A_DAY = math.log(7.0), math.log(60.0)
"""By how much the log-odds have fallen an hour later, and a day later (HBR 2011)."""
_DAYS_PER_MONTH = 365.25 / 12


def per_workflow(scenario: Scenario, of: Callable[[Workflow], float]) -> Floats:
    """One number for each workflow."""
    return np.array([of(w) for w in scenario.workflows.values()], float)


def went_bad(scenario: Scenario, decisions: Records, visits: Records) -> Bools:
    """Whether what went out by these visits (one for each decision) was wrong."""
    bad = np.zeros(len(decisions), bool)
    _went_bad(decisions, visits, prospects_of(scenario), bad)
    return bad


@whole
def _went_bad(decisions: Records, visits: Records, prospects: Records, bad: Bools) -> None:
    for i in range(len(bad)):
        d, v = decisions[i], visits[i]
        error = prospects[d.workflow].hand_error
        bad[i] = wrong(v.ok, v.verdict, v.by_hand, d.u_hand, error)


def fate_of(
    scenario: Scenario, decisions: Records, email: Records, bad: Bools, stale: Floats
) -> Fate:
    """What becomes of emails that went out.

    Parameters
    ----------
    decisions, email : records
        DECISION and EMAIL of what went out.
    bad : bool array
        Whether it was wrong.
    stale : float array
        Share of contacts that were stale on the day it went out.
    """
    happened = np.zeros((len(Fate._fields), len(bad)), bool)
    _fates(decisions, email, prospects_of(scenario), bad, stale, happened)
    return Fate(*happened)


@whole
def _fates(
    decisions: Records, email: Records, prospects: Records, bad: Bools, stale: Floats,
    happened: Bools,
) -> None:  # fmt: skip
    """One row of ``happened`` for each field of Fate."""
    for i in range(len(bad)):
        f = fate(email[i], prospects[decisions[i].workflow], bad[i], stale[i])
        happened[0, i], happened[1, i], happened[2, i] = f.sent, f.bounced, f.marked_spam
        happened[3, i], happened[4, i], happened[5, i] = f.opted_out, f.replied, f.positive
        happened[6, i], happened[7, i] = f.meeting, f.no_show


def complaint_times(
    scenario: Scenario, decisions: Records, executed: Times, bad: Bools, horizon_ms: int
) -> Times:
    """When a wrong one comes to light by itself; FOREVER if it does not within the run."""
    ever = per_workflow(scenario, lambda w: w.surfacing.share)[decisions["workflow"]]
    complains = bad & (decisions["u_surface"] < ever)
    moment = np.where(complains, executed + decisions["surface_after"], FOREVER)
    return np.where(moment < horizon_ms, moment, FOREVER)


def harm_of(scenario: Scenario, decisions: Records, bad: Bools, rolled_back: Bools) -> Floats:
    """What the wrong ones cost; 0 for the others."""
    flow = decisions["workflow"]
    fixed = per_workflow(scenario, lambda w: w.harm.fixed)[flow]
    share = per_workflow(scenario, lambda w: w.harm.deal_share)[flow]
    left = per_workflow(scenario, lambda w: w.harm.after_rollback)[flow]
    whole = fixed + share * decisions["deal_size"]
    return np.where(bad, whole * np.where(rolled_back, left, 1.0), 0.0)


def lost_by_waiting(scenario: Scenario, decisions: Records, executed: Times) -> Floats:
    """Value expected to be lost by answering late; NaN where waiting costs nothing.

    What has not gone out has lost nothing yet.
    """
    flow = decisions["workflow"]
    prompt = per_workflow(scenario, lambda w: w.waiting.share_if_prompt if w.waiting else 0.0)
    value = per_workflow(scenario, lambda w: w.waiting.value if w.waiting else math.nan)
    hours = np.maximum(executed - decisions["arrival"], 0) / HOUR_MS
    late = odds_times(prompt[flow], np.exp(-log_odds_lost(hours)))
    lost = (prompt[flow] - late) * value[flow]
    return np.where(executed == NEVER, math.nan, lost)


def log_odds_lost(hours: Floats) -> Floats:
    """How far the log-odds of success have fallen after so many hours.

    >>> np.exp(log_odds_lost(np.array([0.5, 2.0, 25.0]))).round(6).tolist()
    [1.0, 7.0, 60.0]
    """
    first = np.clip(hours - 1, 0, 1) * _AFTER_AN_HOUR
    rest = np.clip((hours - 2) / 23, 0, 1) * (_AFTER_A_DAY - _AFTER_AN_HOUR)
    return np.asarray(first + rest)


def stale_next(scenario: Scenario, stale: float, refreshed: int) -> float:
    """Share of stale contacts a day later, when so many records have been refreshed."""
    crm = scenario.crm
    if crm is None:
        return 0.0
    rotten = stale + crm.decay_per_month / _DAYS_PER_MONTH * (1 - stale)
    # whoever refreshes a record does not know which ones are stale
    mended = refreshed * (1 - crm.duplicates) / crm.contacts * stale
    return min(1.0, max(0.0, rotten - mended))


def day_of(time_ms: Times) -> NDArray[np.int64]:
    """The day of each moment, the first being 0."""
    return np.asarray(time_ms // DAY_MS)
