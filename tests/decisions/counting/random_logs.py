"""Small logs in which anything may be, missing or at odds with the rest."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.decisions.clock import in_zone
from hitlsim.decisions.columns import COLUMNS, Column, DType, held

ZONES = {"UTC": "2026-09-01", "Europe/Berlin": "2026-10-23", "America/Havana": "2026-10-30",
         "Africa/Cairo": "2026-10-28", "Australia/Lord_Howe": "2026-10-02",
         "America/Nuuk": "2026-03-26"}  # fmt: skip
"""Clocks, each with a day shortly before it changes."""
NEVER_MISSING = ("decision_id", "decided_at", "confidence")
_DAY_MS = 86_400_000


def random_log(
    seed: int, n: int, zone: str, absent: frozenset[str] = frozenset()
) -> hs.DecisionLog:
    """A log of ``n`` rows without some of the columns; about a third of the cells are missing."""
    rng = np.random.default_rng(seed)
    start = int(pd.Timestamp(ZONES[zone], tz="UTC").value // 10**6)
    frame = pd.DataFrame(
        {
            name: _values(column, n, start, zone, rng)
            for name, column in COLUMNS.items()
            if name not in absent or name in NEVER_MISSING
        }
    )
    if "started_at" in frame and "queued_at" in frame:
        frame["started_at"] = frame[["queued_at", "started_at"]].max(axis=1, skipna=False)
    if "started_at" in frame and "ended_at" in frame:
        frame["ended_at"] = frame[["started_at", "ended_at"]].max(axis=1, skipna=False)
    record = {"same_day": ["w1"], "reading_floor_seconds": {"w0": 600.0}}
    return hs.DecisionLog(held(frame), record)


def _values(column: Column, n: int, start: int, zone: str, rng: np.random.Generator) -> Any:
    gone = np.zeros(n, bool) if column.name in NEVER_MISSING else rng.random(n) < 0.3
    if column.name == "decision_id":
        return [f"d{i}" for i in range(n)]
    if column.dtype is DType.TIME:
        # many just at midnight of some clock
        at = start + rng.integers(0, 5 * 24, n) * 3_600_000 + rng.choice([0, 1, 1_799_999], n)
        at[gone] = np.iinfo(np.int64).min
        return in_zone(at, pd.Timestamp(0, tz=zone).tz)
    if column.dtype is DType.YES_NO:
        return pd.array(_without(rng.random(n) < 0.5, gone), dtype="boolean")
    if column.dtype in (DType.CATEGORY, DType.TEXT):
        words = np.array(column.values or [f"{column.name[0]}{i}" for i in range(2)], object)
        return pd.Categorical(_without(words[rng.integers(0, len(words), n)], gone))
    if column.dtype is DType.WHOLE:
        return pd.array(_without(rng.integers(1, 3, n), gone), dtype="Int64")
    few = {"inclusion": [0.0, 0.1, 1 / 3, 1.0], "confidence": [0.0, 0.7, 0.9, 1.0],
           "wait_minutes": [0.0, 1440.0, 1440.5, 2880.0, 2880.25]}  # fmt: skip
    numbers = rng.choice(few.get(column.name, [0.0, 0.25, 12.5, 9.75]), n)
    return np.where(gone, np.nan, numbers)


def _without(values: Any, gone: Any) -> Any:
    return [None if absent else value for value, absent in zip(values, gone, strict=True)]


@st.composite
def random_logs(draw: st.DrawFn) -> hs.DecisionLog:
    columns = sorted(set(COLUMNS) - {*NEVER_MISSING, "route"})
    absent = draw(st.sets(st.sampled_from(columns), max_size=25))
    return random_log(draw(st.integers(0, 10_000)), draw(st.integers(1, 40)),
                      draw(st.sampled_from(sorted(ZONES))), frozenset(absent))  # fmt: skip
