"""The people of a log: when they are there, how long they take, and what they do with a draft."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.estimating.intervals import Estimate, clopper_pearson
from ..demand import LONGEST_MINUTES
from .durations import LEAST, learn_spread
from .learnt import Book, Path_, Scale
from .roster import Desk, learn_roster
from .seen import Seen
from .surface import Pools

Floats = NDArray[np.float64]

STEADY = "steady"
_ROUNDS = 4


class Work(NamedTuple):
    """Every review and look: who, on which workflow, from when on, how long."""

    frame: pd.DataFrame
    """person (as the log writes it), pool, workflow, start, minutes, kind (review, look, hand)."""


def work_of(seen: Seen, pools: Pools) -> Work:
    """All pieces of work in a log whose beginning is known."""
    parts = []
    route = seen.words("route")
    home = {flow: pools.home(flow) for flow in seen.workflows}
    pool = seen.words("pool").map(pools.names)
    pool = pool.where(pool.notna(), seen.workflow.map(home))
    start = seen.local("started_at")
    minutes = seen.minutes("started_at", "ended_at")
    if not np.isfinite(minutes).any():
        minutes = seen.number("review_minutes")
    worked = np.isfinite(minutes) | np.asarray(start.notna())
    hand = seen.yes("by_hand")
    kind = np.where(hand | np.asarray(route == "manual"), "hand", "review")
    parts.append(_piece(seen, worked, "reviewer", pool, start, minutes, kind))
    look_minutes = seen.number("look_minutes")
    ended = seen.local("looked_at")
    begun = ended - pd.to_timedelta(pd.Series(look_minutes).fillna(0.0), unit="min")
    looked = np.asarray(ended.notna()) & ~seen.yes("bulk")
    parts.append(_piece(seen, looked, "looker", pool, begun, look_minutes, "look"))
    return Work(pd.concat([p for p in parts if len(p)], ignore_index=True) if any(map(len, parts))
                else parts[0])  # fmt: skip


def _piece(
    seen: Seen, rows: np.ndarray, who: str, pool: pd.Series, start: pd.Series, minutes: Floats,
    kind: np.ndarray | str,
) -> pd.DataFrame:  # fmt: skip
    frame = pd.DataFrame(
        {"person": seen.words(who), "pool": pool, "workflow": seen.workflow, "start": start,
         "minutes": minutes, "kind": kind}
    )  # fmt: skip
    return frame[rows]


def learn_desk(
    seen: Seen, pools: Pools, book: Book, pieces: Work, beside: pd.DataFrame | None = None
) -> dict[str, str]:
    """Pools, rosters, review times and habits.

    A work log ``beside`` the decisions tells shifts, and times of work where it names workflows.
    Gives for each person of the log their name in the scenario; names of people stay in the log.
    """
    work = pieces.frame.copy()
    named = work[work["person"] != ""]
    # an item that was passed on shows the last queue, not that of whoever looked at it
    theirs = named.groupby("person")["pool"].agg(lambda p: p.value_counts().idxmax())
    work["pool"] = work["person"].map(theirs).fillna(work["pool"])
    names: dict[str, str] = {}
    called = {pools.home(f) for f in seen.workflows}
    called |= {book.parts["workflows"][f]["raci"]["accountable"] for f in seen.workflows}
    for pool in sorted(called):
        whose = work if beside is None or not (beside["pool"] == pool).any() else beside
        mine = whose[whose["pool"] == pool]
        book.say(("pools", pool, "role"), pool)
        names |= learn_roster(Desk(pool, mine, seen.days), book)
    if beside is not None:
        told = work["kind"].eq("review") & work["workflow"].isin(beside["workflow"].dropna())
        work = pd.concat([work[~told], beside[beside["workflow"].notna()]], ignore_index=True)
    _learn_times(seen, work, names, book)
    _learn_edits(seen, names, book)
    _learn_habits(seen, pools, book)
    return names


# --- how long ------------------------------------------------------------------------------------


def _learn_times(seen: Seen, work: pd.DataFrame, names: dict[str, str], book: Book) -> None:
    usable = work[(work["minutes"] > 0) & (work["minutes"] <= LONGEST_MINUTES)]
    forgotten = int((work["minutes"] > LONGEST_MINUTES).sum())
    if forgotten:
        longest = LONGEST_MINUTES / 60
        book.note(f"{forgotten:,} pieces of work of more than {longest:g} h are left out: nobody "
                  "stopped the clock.")  # fmt: skip
    reviews = usable[usable["kind"] == "review"]
    speed = _speeds(reviews, names, book)
    even = reviews["minutes"] * reviews["person"].map(speed).fillna(1.0)
    few = []
    for flow in seen.workflows:
        own = np.asarray(even[reviews["workflow"] == flow], float)
        here: Path_ = ("workflows", flow)
        if not learn_spread(own, (*here, "review_seconds"), "hands-on time of a review", book,
                            unit=60):  # fmt: skip
            few.append(flow)
        by_hand = usable[(usable["kind"] == "hand") & (usable["workflow"] == flow)]
        learn_spread(
            np.asarray(by_hand["minutes"], float), (*here, "by_hand", "minutes"),
            "work without the AI's draft", book, unit=1,
        )  # fmt: skip
    if len(few) == len(seen.workflows):
        book.note("The log does not say how long reviews take (started_at and ended_at, or "
                  "review_minutes, would): times, and all that follows of load and waits, are "
                  "assumptions.")  # fmt: skip
    elif few:
        book.note(f"Fewer than {LEAST} timed reviews, so an assumed time: {', '.join(few)}.")


def _speeds(reviews: pd.DataFrame, names: dict[str, str], book: Book) -> dict[str, float]:
    """How fast each person is relative to their pool, by medians of log times.

    Median polish: times of a workflow and of a person are found in turn.
    """
    out: dict[str, float] = {}
    for _, rows in reviews.groupby("pool"):
        counts = rows["person"].value_counts()
        people = [p for p in counts.index[counts >= 2 * LEAST] if p in names]
        if len(people) < 2:
            continue
        logs = np.log(rows["minutes"].astype(float))
        person = pd.Series(0.0, rows.index)
        for _ in range(_ROUNDS):
            flow = (logs - person).groupby(rows["workflow"]).transform("median")
            person = (logs - flow).groupby(rows["person"]).transform("median")
            person -= person.mean()
        flow = (logs - person).groupby(rows["workflow"]).transform("median")
        rest = logs - person - flow
        spread = float(rest.std())
        for p in people:
            effect = float(person[rows["person"] == p].iloc[0])
            error = math.sqrt(math.pi / 2) * spread * math.sqrt(1 / counts[p] + 1 / len(rows))
            value, low, high = (math.exp(-effect + k * 1.96 * error) for k in (0, -1, 1))
            e = Estimate(value, low, high, float(counts[p]), "the pool's mean is 1")
            pool = str(rows["pool"].iloc[0])
            path = ("pools", pool, "reviewers", names[p], "speed")
            book.learn(path, e, "relative to the pool, by medians", Scale.LOG, (0.1, 10.0))
            out[p] = math.exp(-effect)
    return out


# --- what they do --------------------------------------------------------------------------------


def _learn_edits(seen: Seen, names: dict[str, str], book: Book) -> None:
    """Share of what each person flags that they mend rather than send back."""
    verdict, who = seen.words("verdict"), seen.words("reviewer")
    flagged = np.asarray(verdict.isin(["edit", "reject"])) & ~seen.yes("by_hand")
    for pool, parts in book.parts["pools"].items():
        own = [([person], [name]) for person, name in names.items() if name in parts["reviewers"]]
        crowd = book.crowds.get(pool)
        for people, called in [*own, (crowd, list(parts["reviewers"]))] if crowd else own:
            rows = flagged & np.asarray(who.isin(people))
            if rows.sum() < LEAST:
                continue
            e = clopper_pearson(float((rows & np.asarray(verdict == "edit")).sum()),
                                float(rows.sum()))  # fmt: skip
            for name in called:
                path = ("pools", pool, "reviewers", name, "edit_share")
                book.learn(path, e, "edits of all edits and rejections", Scale.SHARE, (0, 1))


def _learn_habits(seen: Seen, pools: Pools, book: Book) -> None:
    """Peeks and the use of optional drafts, pool by pool; all else is measured as a whole."""
    route, hand = seen.words("route"), seen.yes("by_hand")
    home = np.asarray(seen.workflow.map({f: pools.home(f) for f in seen.workflows}))
    optional = [f for f in seen.workflows
                if book.parts["workflows"][f]["access"] == "draft-only"]  # fmt: skip
    asked = np.asarray(seen.workflow.isin(optional)) & np.asarray(route == "gate")
    asked &= np.asarray(seen.words("verdict") != "") | hand
    for pool, parts in book.parts["pools"].items():
        mine = home == pool
        peeks = mine & np.asarray(route == "peek")
        alone = mine & np.asarray(route.isin(["auto", "peek"]))
        habits = f"{pool}-habits"[:40]
        found = {}
        if peeks.any():
            found["peek_share"] = (float(peeks.sum()), float(alone.sum()), "pulled for a look")
        if (mine & asked).any():
            n = float((mine & asked).sum())
            found["uptake_share"] = (n - float((mine & asked & hand).sum()), n, "drafts used")
        for field, (k, n, how) in found.items():
            path = ("habits", habits, field)
            book.say(("habits", habits, "like"), STEADY)
            limits = (0.0, 0.999) if field == "peek_share" else (0.001, 0.999)
            book.learn(path, clopper_pearson(k, n), how, Scale.SHARE, limits)
        for reviewer in parts["reviewers"].values():
            reviewer["habits"] = habits if found else STEADY
