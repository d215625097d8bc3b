"""Logs of twenty alike weeks in which one thing changes, with every outcome known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit, logit

import hitlsim as hs

WEEKS, CHANGES = 20, 14
"""The last six weeks are those that differ."""


def weekly(
    *,
    a_week: int = 400,
    weeks: int = WEEKS,
    odds: float = 1.0,
    shift: float = 0.0,
    seed: int = 1,
    **columns: Any,
) -> hs.DecisionLog:
    """A score that means what it says, until it changes.

    Parameters
    ----------
    odds : float
        Odds of being wrong at the same score, from week 14 on, as a multiple.
    shift : float
        Added to the log-odds of every score from week 14 on.
    """
    rng = np.random.default_rng(seed)
    week = np.repeat(np.arange(weeks), a_week)
    late = week >= CHANGES
    logits = rng.normal(2.6, 0.8, len(week)) + shift * late
    score = expit(logits)
    bad = rng.random(len(week)) < expit(-logits + np.log(odds) * late)
    start = pd.Timestamp("2026-01-05", tz="UTC")
    at = start + pd.to_timedelta(7 * week + rng.integers(0, 5, len(week)), unit="D")
    auto = score >= expit(logit(0.8))
    frame = pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(len(week))],
            "workflow": "calls",
            "decided_at": at,
            "confidence": score,
            "route": np.where(auto, "auto", "review"),
            "exception": ~auto,
            "ok": pd.array(~bad, dtype="boolean"),
            "ok_source": "outcome",
        }
    )
    for name, value in columns.items():
        frame = frame.drop(columns=name) if value is None else frame.assign(**{name: value})
    return hs.DecisionLog(frame, {"bands": {"auto": 0.8, "review": 0.0}})
