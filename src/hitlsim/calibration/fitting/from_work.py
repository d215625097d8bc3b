"""A log of work as the log of a desk: each piece of work is something a person did at a gate."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import Estimate
from ...decisions.log import DecisionLog
from ...decisions.reading.work_log import WorkLog
from ...errors import LogError
from ..demand import LONGEST_MINUTES
from .learnt import Book
from .seen import Seen, slugs
from .surface import Pools

POOL = "desk"


def as_decisions(work: WorkLog) -> DecisionLog:
    """Each piece of work as a decision that a person took, and nothing an AI was asked about.

    When it was waiting for somebody the log does not say, so it arises when it is begun.
    """
    frame = work.frame
    everywhere = pd.Series(POOL, frame.index)
    out = pd.DataFrame(
        {
            "decision_id": [f"work-{i}" for i in range(len(frame))],
            "workflow": frame["activity"].where(frame["activity"] != "", "work"),
            "decided_at": frame["start"],
            "confidence": np.nan,
            "route": "gate",
            "pool": everywhere,
            "reviewer": frame["person"].where(frame["person"] != "", None),
            "started_at": frame["start"],
            "ended_at": frame["end"],
        }
    )
    return DecisionLog(out, work.record)


def on_clock_of(log: DecisionLog, work: WorkLog) -> WorkLog:
    """The same work by the clock of a decision log: the hours of both are then those of one wall.

    A file that gives instants in UTC, or times that were read as UTC, else keeps other hours.
    """
    zone = log.frame["decided_at"].dt.tz
    frame = work.frame.assign(**{c: work.frame[c].dt.tz_convert(zone) for c in ("start", "end")})
    return replace(work, frame=frame)


def note_work(work: WorkLog, book: Book) -> None:
    """What the work is like, in words: how long, when, by how many, how many cases a week."""
    minutes = work.minutes
    usable = minutes[minutes <= LONGEST_MINUTES]
    local = work.frame["start"].dt.tz_localize(None)
    median, tenth, last = usable.quantile([0.5, 0.9, 0.95])
    book.note(
        f"A piece of work takes {median:.2f} min in the median, nine in ten up to {tenth:.1f}, 19 "
        f"in 20 up to {last:.1f}, {usable.mean():.2f} on average (n = {len(usable):,}, those over "
        f"{LONGEST_MINUTES / 60:g} h left out; with them {minutes.mean():.2f})."
    )
    for label, days in (("on weekdays", range(5)), ("on Saturdays", [5]), ("on Sundays", [6])):
        mine = local[local.dt.day_of_week.isin(list(days))]
        if len(mine) >= 200:
            minute = mine.dt.hour * 60 + mine.dt.minute
            low, high = (f"{int(m) // 60:02d}:{int(m) % 60:02d}"
                         for m in minute.quantile([0.025, 0.975]))  # fmt: skip
            book.note(f"95% of the work {label} begins {low}-{high} (n = {len(mine):,}).")
    nobody = int((work.frame["person"] == "").sum())
    if nobody:
        book.note(f"{nobody:,} pieces of work ({nobody / len(work):.0%}) name nobody; they "
                  "count as work, not as people.")  # fmt: skip
    _note_cases(work, local, book)


def _note_cases(work: WorkLog, local: pd.Series, book: Book) -> None:
    """First touches of cases by week: how many, and how much more than by chance they vary."""
    cases = work.frame["case"]
    if (cases == "").all():
        return
    first = local.groupby(cases).min()
    week = first.dt.to_period("W-SUN")
    counts = week.value_counts().sort_index()
    whole = counts.iloc[1:-1]
    if len(whole) < 4:
        return
    mean, error = float(whole.mean()), float(whole.std(ddof=1)) / np.sqrt(len(whole))
    e = Estimate(mean, mean - 1.96 * error, mean + 1.96 * error, len(whole), "weeks independent")
    book.note(
        f"{len(first):,} cases are touched for the first time, {e.value:,.0f} a week ({e.low:,.0f} "
        f"to {e.high:,.0f}), with {len(work) / len(first):.1f} pieces of work each; the scenario "
        "has pieces of work, not cases."
    )


def work_beside(seen: Seen, pools: Pools, work: WorkLog) -> pd.DataFrame:
    """The work log's pieces of work, at the pools of a decision log.

    Who stands in both logs works in that log's pool; with one pool everybody does.

    Raises
    ------
    LogError
        When the log has several pools and its people are not those of the work log.
    """
    frame = work.frame
    home = sorted({pools.home(flow) for flow in seen.workflows})
    out = pd.DataFrame(
        {"person": frame["person"], "workflow": frame["activity"].map(_same_names(seen, work)),
         "start": frame["start"].dt.tz_localize(None), "minutes": work.minutes, "kind": "review"}
    )  # fmt: skip
    if len(home) == 1:
        return out.assign(pool=home[0])
    who = pd.DataFrame({"person": seen.words("reviewer"), "pool": seen.words("pool")})
    who = who[(who["person"] != "") & (who["pool"] != "")]
    theirs = who.groupby("person")["pool"].agg(lambda p: p.value_counts().idxmax())
    out["pool"] = frame["person"].map(theirs).map(pools.names)
    known = out["pool"].notna()
    if known.mean() < 0.5:
        raise LogError(
            f"the decision log has {len(home)} pools ({', '.join(home)}), and "
            f"{1 - known.mean():.0%} of the work log is by people it does not name as reviewers, "
            "so nobody can tell whose work it is; give a work log with the same names, or one "
            "pool's log at a time"
        )
    return out[known]


def _same_names(seen: Seen, work: WorkLog) -> dict[str, str]:
    """Activities that are called like workflows."""
    names = slugs(work.frame["activity"].unique(), "workflow")
    return {raw: own for raw, own in names.items() if own in seen.workflows}
