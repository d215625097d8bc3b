"""Reading a real log: a million rows of CSV, read, checked and measured."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd

import hitlsim as hs
from hitlsim.decisions.columns import COLUMNS
from hitlsim.decisions.reading.sheets.open import open_sheet
from tests.benchmarks.fresh import most_memory_of
from tests.benchmarks.timing import at_once, in_turn, ms, show

SEED, ROWS, ROUNDS = 7, 1_000_000, 3
READ = """
import hitlsim as hs
log = hs.read_log({path!r})
"""


def bench_reading() -> None:
    """Against pandas, which reads the same file without checking anything."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "calls.csv"
        _calls(ROWS).to_csv(path, index=False)
        log = hs.read_log(path)
        assert len(log) == ROWS
        contenders = {
            "pandas.read_csv": at_once(partial(pd.read_csv, path)),
            "taken apart into texts": at_once(partial(open_sheet, path, set(COLUMNS))),
            "hs.read_log": at_once(partial(hs.read_log, path)),
            "hs.scorecard": at_once(partial(hs.scorecard, log)),
        }
        times = in_turn(contenders, ROUNDS)
        most = most_memory_of(READ.format(path=str(path)))
        size = path.stat().st_size
        width = pd.read_csv(path, nrows=1).shape[1]
    show(
        f"A CSV file of {ROWS:,} rows, {width} columns, {size / 1e6:,.0f} MB:",
        ["", "ms", "ns a row", "times pandas"],
        [
            [name, ms(times[name]), f"{1e9 * times[name] / ROWS:,.0f}",
             times.ratio(name, "pandas.read_csv")]
            for name in contenders
        ],
        f"read_log checks every cell; in a fresh process it takes {most / 1e6:,.0f} MB at most.",
    )  # fmt: skip


def _calls(n: int) -> pd.DataFrame:
    """An export with times, numbers, categories and columns nobody asked for."""
    rng = np.random.default_rng(SEED)
    at = pd.Timestamp("2025-01-01") + pd.to_timedelta(
        np.sort(rng.integers(0, 540 * 86_400, n)), "s"
    )
    wait, work = np.round(rng.exponential(12, n), 2), np.round(rng.exponential(4, n), 2)
    start = at + pd.to_timedelta(np.round(60 * wait), "s")
    return pd.DataFrame({
        "decision_id": [f"C-{i:07d}" for i in range(n)],
        "decided_at": at,
        "workflow": rng.choice(["renewal", "win_back", "outbound"], n),
        "agent": rng.choice([f"agent {i}" for i in range(6)], n),
        "confidence": np.round(rng.beta(8, 1.2, n), 6),
        "deal_size": np.round(rng.lognormal(9, 1, n), 2),
        "route": rng.choice(["auto", "review"], n, p=[0.85, 0.15]),
        "queued_at": at,
        "started_at": start,
        "ended_at": start + pd.to_timedelta(np.round(60 * work), "s"),
        "wait_minutes": wait,
        "review_minutes": work,
        "reviewer": rng.choice([f"person {i}" for i in range(40)], n),
        "verdict": rng.choice(["approve", "edit", "reject", ""], n),
        "ok": rng.choice(["yes", "no", ""], n, p=[0.85, 0.05, 0.1]),
        "signals": rng.choice(["", "vip", "vip+new"], n),
        "phase": rng.choice(["shadow", "steady-state"], n),
        "region": rng.choice(["North", "South", "West"], n),
        "note": rng.choice(["ok", "called back, later", "no answer"], n),
        "product": rng.choice([f"p{i}" for i in range(300)], n),
    })  # fmt: skip
