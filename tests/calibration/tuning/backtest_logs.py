"""Logs whose backtest can be worked out by hand, and worlds in which months are alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

import hitlsim as hs


def monthly_log(
    months: Sequence[np.ndarray[Any, Any]], *, ok: str = "score", seed: int = 1,
    first: str = "2026-01", **columns: Any,
) -> hs.DecisionLog:  # fmt: skip
    """One month for each array of scores, spread over its days in random order.

    ``ok`` is "score" (right as often as the score says), or "none" for a log without outcomes.
    """
    rng = np.random.default_rng(seed)
    parts = []
    for period, scores in zip(
        pd.period_range(first, periods=len(months), freq="M"), months, strict=True
    ):
        n = len(scores)
        shuffled = rng.permutation(np.asarray(scores, float))
        days = pd.to_timedelta(np.arange(n) * period.days_in_month // max(n, 1), unit="D")
        part = pd.DataFrame({
            "decision_id": [f"{period}-{i}" for i in range(n)],
            "decided_at": period.start_time.tz_localize("UTC") + days,
            "confidence": shuffled,
            "workflow": np.where(np.arange(n) % 3 == 0, "crm", "mail"),
        })  # fmt: skip
        if ok == "score":
            part["ok"] = pd.array(rng.random(n) < shuffled, dtype="boolean")
            part["ok_source"] = "outcome"
        parts.append(part)
    frame = pd.concat(parts, ignore_index=True)
    return hs.DecisionLog(frame.assign(**columns), {"source": "made by hand"})


def even(n: int, low: float = 0.5, high: float = 1.0) -> np.ndarray[Any, Any]:
    """Scores at even distances: the rate of a threshold is known exactly."""
    return low + (high - low) * (np.arange(n) + 0.5) / n
