"""Logs whose monthly figures can be counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.present.monthly.month import MonthReport, monthly

Months = dict[str, tuple[int, int, int]]
"""For each month: decisions, exceptions among them, bad ones among those that went alone."""


def log_of(months: Months, record: dict[str, Any] | None = None, **columns: Any) -> hs.DecisionLog:
    """A log with every outcome known; ``columns`` are added, or taken out where None."""
    parts = []
    for month, (n, exceptions, bad) in months.items():
        start = pd.Timestamp(f"{month}-01", tz="UTC")
        i = np.arange(n)
        days = start + pd.to_timedelta(i % start.days_in_month, unit="D")
        asked = i < exceptions
        order = np.random.default_rng(1).permutation(n)
        ok = np.ones(n, bool)
        ok[exceptions : exceptions + bad] = False
        score = np.where(asked, np.linspace(0.5, 0.85, n), np.linspace(0.9, 0.999, n))
        why = pd.Series("medium_band", range(n))
        verdict = pd.Series(np.where(i % 2, "edit", "approve"))
        part = pd.DataFrame(
            {
                "decision_id": [f"{month}-{number}" for number in i],
                "workflow": np.where(i % 3 == 0, "lead_routing", "follow_up"),
                "confidence": score.round(4),
                "route": np.where(asked, "review", "auto"),
                "reason": why.where(asked),
                "reasons": why.where(asked, ""),
                "exception": asked,
                "verdict": verdict.where(asked),
                "ok": ok,
            }
        )
        parts.append(part.iloc[order].assign(decided_at=days))
    frame = pd.concat(parts, ignore_index=True)
    frame["ok"] = pd.array(frame["ok"], dtype="boolean")
    for name, value in columns.items():
        frame = frame.drop(columns=name) if value is None else frame.assign(**{name: value})
    bands = {"bands": {"auto": 0.9, "review": 0.5}}
    return hs.DecisionLog(frame, bands if record is None else record)


@pytest.fixture
def make_months() -> Callable[..., hs.DecisionLog]:
    return log_of


@pytest.fixture(scope="session")
def september(reference_run: hs.Run) -> MonthReport:
    """The reference rollout's second month."""
    return monthly(reference_run.log, "2026-09")
