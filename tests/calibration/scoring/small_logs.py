"""Logs whose outcomes follow from what was seen, or from nothing."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from hitlsim.decisions.log import DecisionLog

JOBS = ("clerk", "farmer", "nurse", "pilot")


def seen(n: int, seed: int, *, days: int = 60) -> pd.DataFrame:
    """Columns known beforehand, over some days; nothing yet on what came of it."""
    rng = np.random.default_rng(seed)
    at = pd.Timestamp("2026-01-05", tz="UTC") + pd.to_timedelta(
        np.sort(rng.random(n)) * days * 86_400, unit="s"
    )
    return pd.DataFrame(
        {
            "decision_id": [f"d{i}" for i in range(n)],
            "workflow": pd.Categorical(rng.choice(["calls", "mails"], n)),
            "channel": pd.Categorical(rng.choice(["phone", "web"], n)),
            "decided_at": at,
            "context_age": rng.normal(45, 12, n).round(),
            "context_balance": rng.lognormal(7, 1.2, n),
            "context_job": pd.Categorical(rng.choice(JOBS, n)),
        }
    )


def truth(frame: pd.DataFrame) -> np.ndarray:
    """P(ok): nurses are easy, large balances hard."""
    z = 1.5 + 1.5 * (frame["context_job"] == "nurse") - 0.8 * (frame["context_balance"] > 2000)
    return np.asarray(1 / (1 + np.exp(-z)), float)


def with_ok(frame: pd.DataFrame, p: np.ndarray | float, seed: int, **columns: Any) -> DecisionLog:
    """The log, with outcomes that come with chance ``p``."""
    right = np.random.default_rng(seed + 1000).random(len(frame)) < p
    ok = pd.array(right, dtype="boolean")
    return DecisionLog(frame.assign(ok=ok, **columns), {"source": "small"})
