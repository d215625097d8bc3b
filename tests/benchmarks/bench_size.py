"""A log too large for memory: its scorecard beside bare group-bys of the same columns.

``HITLSIM_BENCH_ROWS`` says how many decisions: 20 million unless said otherwise. Of 100 million the
files take about 3 GB in the folder for temporary files.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import duckdb

import hitlsim as hs
from hitlsim.decisions.columns import EMAIL_OUTCOMES
from hitlsim.decisions.counting.stored import StoredLog, open_log
from tests.benchmarks.fresh import most_memory_of
from tests.benchmarks.timing import Work, at_once, in_turn, show

ROWS = int(os.environ.get("HITLSIM_BENCH_ROWS", "20000000"))
WEEKS, ROLLOUT, STEADY = 104, 4, 8
"""Two years: the first weeks of a rollout, then its later ones again and again."""
_DAY = "epoch_us({at}) // 86400000000"
_WORDS = ("route", "verdict", "look_verdict", "ok_source")
_SEEN = (
    "ok", "inclusion", "true_ok", "by_hand", "skipped", "queued_at", "due_at", "escalated_at",
    "started_at", "executed_at", "pool", "looked_at", *EMAIL_OUTCOMES,
)  # fmt: skip
_ADDED = ("wait_minutes", "review_minutes", "look_minutes", "delay_cost", "true_harm")
_MEMORY = """
from hitlsim.decisions.counting.stored import open_log
open_log({folder!r}).scorecard(by="month")
"""


def bench_size() -> None:
    with _large_log() as folder:
        log = open_log(folder)
        card, coarse = "scorecard, by month", "bare: by day, workflow, phase"
        one, four = "bare: by route and verdicts too", "bare: and by days of work, of waiting"
        contenders: dict[str, Work] = {
            "open: check every row": partial(open_log, folder),
            card: partial(_scorecard, log),
            coarse: partial(_bare, folder, _decided(())),
            one: partial(_bare, folder, _decided(_WORDS)),
            four: partial(_bare, folder, _decided(_WORDS), *_worked()),
        }
        times = in_turn({name: at_once(work) for name, work in contenders.items()}, 3)
        most = most_memory_of(_MEMORY.format(folder=str(folder)))
    rows = len(log)
    show(
        f"A log of {rows:,} decisions in {WEEKS} Parquet files:",
        ["", "seconds", "million rows/s"],
        [[name, f"{times[name]:.1f}", f"{rows / times[name] / 1e6:.1f}"] for name in contenders],
        f"The scorecard takes {times.ratio(card, one)} times as long as one bare group-by of the "
        "columns it reads, words as keys and the rest counted,",
        f"{times.ratio(card, coarse)} times as long as one by day, workflow and phase only, and "
        f"{times.ratio(card, four)} times as long as all the group-bys that it asks for.",
        f"Opening and measuring took {most / 1e6:,.0f} MB at most.",
    )


@contextmanager
def _large_log() -> Iterator[Path]:
    """The log of a simulated rollout, again and again, each time some milliseconds later."""
    with tempfile.TemporaryDirectory() as name, duckdb.connect() as con:
        small = hs.simulate(hs.load("on-the-loop"), seed=7).log
        base = small.to_parquet(Path(name) / "base" / "log.parquet")
        folder = Path(name) / "log"
        folder.mkdir()
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"create table base as from '{base}'")
        con.execute("alter table base add column week int")
        first = "(select min(epoch_us(decided_at)) from base)"
        con.execute(f"update base set week = (epoch_us(decided_at) - {first}) // 604800000000")
        described = con.execute("select column_name, column_type from (describe base)").fetchall()
        times = [name for name, kind in described if kind.startswith("TIMESTAMP")]
        per_week = len(small) / (con.execute("select max(week) + 1 from base").fetchall()[0][0])
        for week in range(WEEKS):
            of = week if week < ROLLOUT else ROLLOUT + (week - ROLLOUT) % STEADY
            later = f"to_days({7 * (week - of)}) + to_milliseconds(copy)"
            moved = ", ".join(f"{at} + {later} as {at}" for at in times)
            con.execute(
                f"copy (select * exclude (week, copy) replace ({moved}, decision_id || "
                f"'-{week}-' || copy as decision_id) from base, "
                f"range({round(ROWS / WEEKS / per_week)}) r(copy) where week = {of}) "
                f"to '{folder}/{week:03}.parquet'"
            )
        yield folder


def _scorecard(log: StoredLog) -> hs.Scorecard:
    """A log keeps its counts; a copy of it counts again."""
    return replace(log).scorecard(by="month")


def _decided(keys: tuple[str, ...]) -> str:
    counted = [f"count({name})" for name in (*_WORDS, *_SEEN) if name not in keys]
    asked = ["workflow", "phase", *keys, "count(*)", *counted, *(f"sum({n})" for n in _ADDED)]
    return f"select {_DAY.format(at='decided_at')} d, {', '.join(asked)} from log group by all"


def _worked() -> Iterator[str]:
    for at, minutes in (("started_at", "review_minutes"), ("looked_at", "look_minutes")):
        yield (
            f"select {_DAY.format(at=at)} d, workflow, phase, pool, count(by_hand), count(route), "
            f"sum({minutes}) from log where {minutes} is not null group by all"
        )
    waited = f"{_DAY.format(at='queued_at')} q, {_DAY.format(at='started_at')} s"
    yield (
        f"select {waited}, min(epoch_us(queued_at)) from log where queued_at is not null "
        "group by all"
    )


def _bare(folder: Path, *queries: str) -> None:
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"create view log as from '{folder}/*.parquet'")
        for query in queries:
            con.execute(query).fetchall()
