"""The desk over time: a log as events, in order.

Nothing reads a ``true_`` column, so simulated and real logs are shown alike.
"""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from ...decisions.clock import on_clock
from ...decisions.log import DecisionLog
from ...errors import LogError

NEEDED = ("decided_at", "queued_at", "started_at", "ended_at")
EVENTS = ("out", "queued", "escalated", "started", "ended", "looking", "looked")
"""In the order in which they happen to one decision at the same instant."""
DESK, ESCALATIONS, NOT_NAMED = "desk", "escalations", "not named"
"""A pool, those whom only escalated decisions reach, and a person: where the log has no name."""
MOST_DAYS = 31


def midnights(log: DecisionLog, start: str | None = None, days: int = 7) -> pd.DatetimeIndex:
    """The instants between which the days lie, on the log's own clock; one more than days."""
    if not isinstance(days, int) or not 1 <= days <= MOST_DAYS:
        raise LogError(f"days is {days!r}; it must be a whole number from 1 to {MOST_DAYS}")
    lacks = [name for name in NEEDED if not log.has(name)]
    if lacks:
        raise LogError(
            f"replay: the log has no values in {', '.join(lacks)}, but must say when reviews were "
            "queued, begun and ended; name its columns in a mapping (docs/your-own-log.md)"
        )
    at = log.frame["decided_at"]
    first, last = at.min().date(), at.max().date()
    latest = last - timedelta(days=days - 1)
    # reviews and looks may end after the last decision was taken
    ends = [times(log, name).max() for name in ("decided_at", "ended_at", "looked_at")]
    final = max(t for t in ends if pd.notna(t)).date()
    monday = max(first, latest - timedelta(days=latest.weekday()))
    day = monday if start is None else _day(start, first, final)
    n = min(days, (final - day).days + 1)
    local = pd.date_range(day, periods=n + 1, freq="D")
    return local if at.dt.tz is None else on_clock(local, at.dt.tz).as_unit(at.dt.unit)


def _day(start: str, first: date, last: date) -> date:
    try:
        day = date.fromisoformat(start)
        if day.isoformat() != start:
            raise ValueError
    except (TypeError, ValueError):
        raise LogError(f"start {start!r} must be a day written like 2026-09-07") from None
    if not first <= day <= last:
        raise LogError(f"start {start} is outside of the log; choose a day from {first} to {last}")
    return day


def timeline(
    log: DecisionLog, start: str | None = None, days: int = 7, *, names: bool = False
) -> pd.DataFrame:
    """What happened, in order, to all that went out alone, waited or was worked on in these days.

    Of decisions that already waited when the days begin, the earlier events are there too.

    Returns
    -------
    DataFrame
        ``at``, ``event`` (of :data:`EVENTS`), ``item`` (the decision's place in the log),
        ``workflow``, ``pool``, ``was`` (the pool it was escalated from), ``reviewer``, ``home``
        (the pool that person mostly works for), ``verdict`` and ``by_hand``.
    """
    first, *_, end = midnights(log, start, days)
    visits = _placed(pd.concat([_work(log), _looks(log)], ignore_index=True))
    if not names:
        visits = visits.assign(reviewer=_numbered(visits))
    visits = visits[~(visits["ended"] < first)]
    waits = visits[~visits["look"]].assign(reviewer=None, home=None)
    begun = visits.assign(pool=visits["to"].fillna(visits["pool"]))
    done = begun.assign(verdict=begun["said"])
    parts = [
        _alone(log).query("at >= @first").assign(event="out"),
        waits.assign(event="queued", at=waits["queued"]),
        waits.assign(event="escalated", at=waits["escalated"], was=waits["pool"], pool=waits["to"]),
        begun.assign(event=np.where(begun["look"], "looking", "started"), at=begun["began"]),
        done.assign(event=np.where(begun["look"], "looked", "ended"), at=begun["ended"]),
    ]
    columns = ["at", "event", "item", "workflow", "pool", "was", "reviewer", "home", "verdict",
               "by_hand"]  # fmt: skip
    kinds = {**dict.fromkeys(columns[1:], object), "item": "int64"}
    events = pd.concat([p.reindex(columns=columns).astype(kinds) for p in parts])
    events = events[events["at"].notna() & (events["at"] < end)]
    rank = events["event"].map(EVENTS.index)
    return events.assign(rank=rank).sort_values(["at", "rank", "item"], ignore_index=True)[columns]


def queues(events: pd.DataFrame) -> pd.DataFrame:
    """How many wait in each pool (column) from each instant (row) on, by a :func:`timeline`."""
    waits, moves, begins = (events[events["event"] == e] for e in EVENTS[1:4])
    leaves = pd.concat([moves.assign(pool=moves["was"]), begins]).assign(change=-1)
    changes = pd.concat([pd.concat([waits, moves]).assign(change=1), leaves])
    table = changes.pivot_table(index="at", columns="pool", values="change", aggfunc="sum")
    return table.fillna(0).astype(int).cumsum()


def _column(log: DecisionLog, name: str, otherwise: Any = None) -> pd.Series:
    if log.has(name):
        return log.frame[name].astype(object).reset_index(drop=True)
    return pd.Series(otherwise, range(len(log)), dtype=object)


def _text(log: DecisionLog, name: str, otherwise: str | None = None) -> pd.Series:
    """A column of names; ``otherwise`` where the log has none."""
    column = [otherwise if pd.isna(x) else str(x) for x in _column(log, name)]
    return pd.Series(column, dtype=object)


def times(log: DecisionLog, name: str) -> pd.Series:
    """A column of times on the clock and in the unit of ``decided_at``."""
    clock = log.frame["decided_at"].dtype
    if not log.has(name):
        return pd.Series(pd.NaT, range(len(log)), dtype=clock)
    return log.frame[name].astype(clock).reset_index(drop=True)


def _asked(log: DecisionLog) -> pd.Series:
    """Whether the decision waited for a person, or was worked on."""
    return log.frame[list(NEEDED[1:])].notna().any(axis=1).reset_index(drop=True)


def _work(log: DecisionLog) -> pd.DataFrame:
    """Decisions that waited for a person or were worked on, their times put in order.

    What was judged or went out without a word on when work began leaves the queue then; work whose
    end is not known lasts until that person's next begins.
    """
    queued, started, ended = (times(log, name) for name in NEEDED[1:])
    began = started.fillna(ended).fillna(times(log, "executed_at"))
    queued = queued.where(~(queued > began), began).fillna(began)
    late = times(log, "escalated_at")
    work = pd.DataFrame(
        {
            "item": range(len(log)),
            "look": False,
            "workflow": _text(log, "workflow", "decisions"),
            "pool": _text(log, "pool", DESK),
            "queued": queued,
            "escalated": late.where((late >= queued) & ~(late > began)),
            "began": began,
            "ended": ended.where(~(ended < began), began).fillna(began.where(started.isna())),
            "reviewer": _text(log, "reviewer", NOT_NAMED).where(began.notna(), None),
            "said": _text(log, "verdict"),
            "by_hand": _column(log, "by_hand").isin([True]),
        }
    )[_asked(log)].sort_values("began", kind="stable")
    following = work.groupby("reviewer")["began"].shift(-1)
    following = following.where(work["reviewer"] != NOT_NAMED, work["began"])
    return work.assign(ended=work["ended"].fillna(following))


def _looks(log: DecisionLog) -> pd.DataFrame:
    """Looks afterwards, as work; none where the log does not say when they were."""
    looked, minutes = times(log, "looked_at"), pd.to_numeric(_column(log, "look_minutes"))
    looks = pd.DataFrame(
        {
            "item": range(len(log)),
            "look": True,
            "workflow": _text(log, "workflow", "decisions"),
            "pool": _text(log, "pool", DESK),
            "began": (looked - pd.to_timedelta(minutes, unit="min")).astype(looked.dtype),
            "ended": looked,
            "reviewer": _text(log, "looker", NOT_NAMED),
            "said": _text(log, "look_verdict"),
            "by_hand": False,
        }
    )
    return looks[looks["began"].notna()]


def _alone(log: DecisionLog) -> pd.DataFrame:
    """Decisions that went out with nobody asked, observed exceptions of a shadow phase included."""
    when = "executed_at" if log.has("executed_at") else "decided_at"
    asked = _asked(log) | _column(log, "by_hand").isin([True])
    if when == "decided_at" and log.has("route"):
        asked |= _text(log, "route") != "auto"
    columns = {"item": range(len(log)), "workflow": _text(log, "workflow", "decisions")}
    return pd.DataFrame({**columns, "at": times(log, when)})[~asked].dropna(subset="at")


def _placed(visits: pd.DataFrame) -> pd.DataFrame:
    """Visits with the ``home`` of each person, and ``to`` whom they were escalated.

    A log has one pool for each decision. Of an escalated one it is the last, where others of its
    workflow wait elsewhere; else the first, and whoever began it, or most others, say the last.
    """
    pool, who, look = visits["pool"], visits["reviewer"], visits["look"]
    late, named = visits["escalated"].notna(), who.where(who != NOT_NAMED, None)
    usual = visits[~late & ~look].assign(reviewer=named)
    own = _most(usual, "reviewer")
    first, mine = _found(visits["workflow"], _most(usual, "workflow")), _found(named, own)
    last = late & first.notna() & (pool != first) & (mine.isna() | (mine == pool))
    homes = {**_most(visits[look], "reviewer"), **_most(visits[last], "reviewer"), **own}
    home = _found(named, homes).fillna(ESCALATIONS).where(who != NOT_NAMED, pool)
    home = home.where(who.notna(), None)
    others = _found(pool, _most(visits[late & ~last].assign(was=pool, pool=home), "was"))
    to = pool.where(last, home.fillna(others).fillna(ESCALATIONS)).where(late, None)
    return visits.assign(home=home, to=to, pool=pool.where(~last, first).where(~look, home))


def _found(keys: pd.Series, values: dict[str, str]) -> pd.Series:
    return pd.Series([values.get(key) for key in keys], keys.index, dtype=object)


def _most(visits: pd.DataFrame, by: str) -> dict[str, str]:
    """The pool that most visits have, for each value of a column; of ties the last by name."""
    count = visits.groupby([by, "pool"], as_index=False).size().sort_values("size", kind="stable")
    return dict(zip(count[by], count["pool"], strict=True))


def _numbered(visits: pd.DataFrame) -> pd.Series:
    """Reviewers called by their pool and a number, the same in every replay of a log."""
    named = visits[visits["reviewer"].notna() & (visits["reviewer"] != NOT_NAMED)]
    people = named.sort_values(["began", "reviewer"]).drop_duplicates("reviewer")
    number = people.groupby("home").cumcount() + 1
    rows = zip(people["reviewer"], people["home"], number, strict=True)
    called = {name: f"{home} {n}" for name, home, n in rows}
    return visits["reviewer"].map({**called, NOT_NAMED: NOT_NAMED})


def by_day(events: pd.DataFrame, edges: pd.DatetimeIndex) -> pd.DataFrame:
    """One row for each day: what was done, and the moment when most decisions waited."""
    waiting = queues(events)
    waiting = waiting.reindex(waiting.index.union(edges)).ffill().fillna(0).astype(int)
    rows = []
    for begins, ends in pairwise(edges):
        seen = events.loc[(events["at"] >= begins) & (events["at"] < ends), "event"]
        lines = waiting[(waiting.index >= begins) & (waiting.index < ends)]
        peak = lines.sum(axis=1).idxmax()
        line = lines.loc[peak]
        rows.append({
            "at": peak,
            "Day": f"{begins.day_name()[:3]} {begins.day} {begins.month_name()[:3]}",
            "Gone out alone": int((seen == "out").sum()),
            "Verdicts": int((seen == "ended").sum()),
            "Looks": int((seen == "looked").sum()),
            "Most waiting": int(line.sum()),
            "At": f"{peak:%H:%M}" if line.any() else "",
            "Longest queue then": f"{line.idxmax()}: {line.max()}" if line.any() else "",
        })  # fmt: skip
    return pd.DataFrame(rows)
