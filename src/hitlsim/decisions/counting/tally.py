"""Log to counts: everything that needs only counts goes through these Ibis expressions.

They ask the same of a log in memory, of files and of a warehouse, and add up whole numbers only, so
that every engine comes to the same, whatever the order. Every count is a plain sum, so that days
add up to months and workflows to the whole, and one pass over the log serves every table of a
report.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ...errors import LogError
from ..columns import EMAIL_OUTCOMES, EXCEPTION_ROUTES, KEYS, SAFE_ROUTES
from ..log import DecisionLog
from .facts import (
    MILLISECONDS,
    MONEY,
    PARTS,
    SAME_DAY,
    USED,
    Fetched,
    by_cell,
    facts,
    number_of,
    whole,
)
from .source import Source
from .waiting import WAITED, WAITS, oldest, waited

ALL = "all"
"""The workflow and the phase of a log that does not say which."""
READING_FLOOR_SECONDS = 15.0
"""Nobody reads even a short text faster: 60 words at 238 words a minute (Brysbaert 2019). Used
where the log's record does not say how long its texts are."""
_CHANGES = ["edit", "reject"]
_OF_WORK = ("workflow", "phase", "pool", "route", "by_hand", "started_at", "review_minutes",
            "looked_at", "look_minutes")  # fmt: skip
_OF_REVIEWS = (
    "workflow", "phase", "route", "verdict", "look_verdict", "ok", "ok_source", "pool", "reviewer",
    "looker", "review_minutes", "redrafted", "escalated_at", "surfaced_by",
)  # fmt: skip


def need_route(log: DecisionLog) -> None:
    """Refuse a log that does not say which decisions went alone."""
    if log.has("route"):
        return
    if bands := log.record.get("bands"):
        raise LogError(
            "the log does not say which decisions went alone (no column 'route'); let the bands of "
            f"its mapping say it ({bands['auto']:g} and {bands['review']:g}): hs.routed(log)"
        )
    raise LogError(NO_ROUTE)


NO_ROUTE = (
    "the log does not say which decisions went alone (no column 'route'); "
    "give the bands that held: --auto 0.9 --review 0.7, or bands: in the mapping file"
)


def tally(log: DecisionLog) -> pd.DataFrame:
    """Counts by day of decision, workflow and phase.

    Returns
    -------
    DataFrame
        One row for each day, workflow and phase; every other column is a sum that may be added.

    Examples
    --------
    >>> import hitlsim as hs
    >>> counts = tally(hs.simulate(hs.load("outbound"), seed=7).log)
    >>> bool((counts["exceptions"] <= counts["safe"]).all())
    True
    """
    return tally_and_oldest(log)[0]


def tally_and_oldest(log: DecisionLog) -> tuple[pd.DataFrame, pd.Series]:
    """The counts of :func:`tally`, and for each day the age of what had waited longest."""
    need_route(log)
    same_day = SAME_DAY if log.record.get("same_day") else ()
    s = Source.of_log(log, {*USED, *WAITED, *same_day})
    w = waited(s)
    return tally_of(Fetched(s.fetch(facts(s))), w), oldest(s, w)


def tally_of(f: Fetched, w: Fetched) -> pd.DataFrame:
    """The counts of a log, from its facts and from what waited."""
    route, verdict, look = (f.words(name) for name in ("route", "verdict", "look_verdict"))
    auto, safe, exception = (
        np.asarray(route.isin(routes)) for routes in (["auto"], SAFE_ROUTES, EXCEPTION_ROUTES)
    )
    # in shadow an exception is only observed: what the observer would have done counts
    seen = verdict.fillna(look)
    judged = np.asarray(seen.notna())
    touched = judged if judged.any() else ~auto & np.asarray(route.notna())
    # complaints come only about bad decisions, so they are no sample of all decisions
    sampled = np.asarray(f.words("ok_source") != "complaint")
    asked, known, wrong = safe & ~auto & sampled, f.whole("ok"), f.whole("ok_no")
    true_bad = f.whole("true_ok_no")
    counts = {
        "n": f.n * np.asarray(route.notna()),
        "safe": f.n * safe,
        "auto": f.n * auto,
        "exceptions": f.n * exception,
        "touched": f.n * touched,
        "safe_touched": f.n * (safe & touched),
        "peeked": f.n * np.asarray(route == "peek"),
        "by_hand": f.whole("by_hand_yes"),
        "executed": f.whole("executed_at"),
        "skipped": f.whole("skipped_yes"),
        "judged": f.n * (exception & judged),
        "overridden": f.n * (exception & np.asarray(seen.isin(_CHANGES))),
        "auto_sampled": known * (auto & sampled),
        "auto_bad": wrong * (auto & sampled),
        "auto_known_bad": wrong * auto,
        "asked_sampled": known * asked,
        "asked_bad": wrong * asked,
        "truth_known": f.whole("true_ok"),
        "true_auto_bad": true_bad * auto,
        "true_bad": true_bad * safe,
        "same_day_due": f.whole("same_day_due"),
        "same_day_done": f.whole("same_day_done"),
        **{f"{name}_known": f.whole(name) for name in EMAIL_OUTCOMES},
        "no_show_known": f.whole("no_show_known"),
        **{name: f.whole(f"{name}_yes") for name in EMAIL_OUTCOMES},
    }
    cells, numbers = _cells(f)
    first, added = by_cell(numbers)
    counted = added(np.column_stack(list(counts.values())))
    rows = pd.DataFrame(counted.astype(float), columns=list(counts))
    weights = _weights(f, numbers, counts["auto_sampled"], counts["auto_bad"])
    for name, sums in zip(("auto_w", "auto_w_bad", "auto_ww", "auto_ww_bad"), weights, strict=True):
        rows[name] = sums
    for name in MONEY:
        rows[name] = added(f.whole(f"{name}_sum")) / PARTS
    found = pd.concat([cells.iloc[first].reset_index(drop=True), rows], axis=1)
    return found.merge(_waits(w), "left", on=KEYS).fillna(dict.fromkeys(WAITS, 0.0))


def _waits(w: Fetched) -> pd.DataFrame:
    """What waited of the team's own decisions, in the cells in which something did."""
    cells, numbers = _cells(w)
    first, added = by_cell(numbers)
    own = w.numbers("own") != 0
    rows = {name: added(w.whole(name) * own).astype(float) for name in WAITS}
    found = cells.iloc[first].reset_index(drop=True).assign(**rows)
    found["wait_minutes"] /= MILLISECONDS
    return found


def _cells(f: Fetched) -> tuple[pd.DataFrame, list[NDArray[np.int64]]]:
    """Day, workflow and phase of each group, and the same as numbers that sort alike."""
    day = f.whole("day")
    named = {name: f.words(name).fillna(ALL) for name in ("workflow", "phase")}
    cells = pd.DataFrame({"day": day.astype("M8[D]").astype("M8[ms]"), **named})
    numbers = [pd.factorize(words, sort=True)[0].astype(np.int64) for words in named.values()]
    return cells, [day, *numbers]


def _weights(
    f: Fetched,
    numbers: list[NDArray[np.int64]],
    sampled: NDArray[np.int64],
    wrong: NDArray[np.int64],
) -> NDArray[np.float64]:
    """Sums of weights and of their squares, of all that were sampled and of the wrong ones.

    Those with the same chance are counted first, so that the order of the rows does not matter.
    """
    inclusion = f.numbers("inclusion")
    # what had no chance counts as one where it is known all the same
    chances, which = np.unique(np.where(inclusion > 0, inclusion, 1.0), return_inverse=True)
    first, added = by_cell([*numbers, which])
    n = added(np.column_stack([sampled, wrong]))
    weight = (1 / chances[which[first]])[:, None]
    sums = np.column_stack([n * weight, n * weight * weight])
    by_cells = by_cell([key[first] for key in numbers])[1](sums)
    return np.asarray(by_cells.T)


def work(log: DecisionLog) -> pd.DataFrame:
    """Minutes of human work by day *of the work*, workflow, phase, pool and domain.

    Examples
    --------
    >>> import hitlsim as hs
    >>> from hitlsim.decisions.columns import DOMAINS
    >>> minutes = work(hs.simulate(hs.load("outbound"), seed=7).log)
    >>> set(minutes["domain"]) <= set(DOMAINS)
    True
    """
    need_route(log)
    return work_of(Source.of_log(log, _OF_WORK))


def work_of(s: Source) -> pd.DataFrame:
    """The human work in any log."""
    domain = ibis.cases(
        (s["by_hand"], "by hand"),
        (s["route"] == "gate", "gates"),
        (s["route"] == "peek", "peeks"),
        else_="exceptions",
    )
    parts = [
        s.table.filter(s.table[minutes].notnull() & s.table[at].notnull())
        .select(day=s.day(at), **_named(s), pool=s["pool"], domain=what,
                ms=whole(s[minutes], MILLISECONDS))
        for minutes, at, what in (
            ("review_minutes", "started_at", domain),
            ("look_minutes", "looked_at", ibis.literal("looks")),
        )
        if s.has(minutes, at)
    ]  # fmt: skip
    keys = [*KEYS, "pool", "domain"]
    if not parts:
        return pd.DataFrame({**_no_keys(), **{k: pd.Series(dtype="str") for k in keys[3:]},
                             "minutes": np.array([], float),
                             "items": np.array([], np.int64)})  # fmt: skip
    every = ibis.union(*parts) if len(parts) > 1 else parts[0]
    done = _frame(s.fetch(every.group_by(keys).aggregate(ms=every.ms.sum(), items=every.count())))
    done.insert(list(done.columns).index("ms"), "minutes", done.pop("ms") / MILLISECONDS)
    return done


def reviews(log: DecisionLog, per: str = "pool") -> pd.DataFrame:
    """What people did with what they were asked, by day of decision, workflow, phase and ``who``.

    Parameters
    ----------
    log : DecisionLog
    per : {"pool", "reviewer"}
        Whose work is counted together; ``all`` where the log does not say.

    Examples
    --------
    >>> import hitlsim as hs
    >>> counts = reviews(hs.simulate(hs.load("outbound"), seed=7).log)
    >>> bool((counts["fast"] <= counts["timed"]).all() and (counts["timed"] > 0).any())
    True
    """
    return reviews_of(Source.of_log(log, ("decided_at", *_OF_REVIEWS)), per)


def reviews_of(t: Source, per: str = "pool") -> pd.DataFrame:
    """What people did in any log."""
    floors = t.record.get("reading_floor_seconds") or {}
    floor = ibis.literal(READING_FLOOR_SECONDS)
    if floors and t.has("workflow"):
        floor = t["workflow"].cases(*floors.items(), else_=READING_FLOOR_SECONDS)
    exception, peek = t["route"].isin(EXCEPTION_ROUTES), t["route"] == "peek"
    verdict, look, minutes, ok = t["verdict"], t["look_verdict"], t["review_minutes"], t["ok"]
    # in shadow an exception is only observed: what the observer would have done counts
    seen = ibis.coalesce(verdict, look)
    approved, changed = verdict == "approve", verdict.isin(_CHANGES)
    timed = approved & minutes.notnull() & ~ibis.coalesce(t["redrafted"], ibis.literal(False))
    again = approved & look.notnull()
    # only an outcome that came by itself says whether the verdict was right
    outcome = verdict.notnull() & ok.notnull() & (t["ok_source"] == "outcome")
    who = t["pool"] if per == "pool" else ibis.coalesce(t["reviewer"], t["looker"])
    counts = {
        "own": who.notnull() & t["escalated_at"].isnull(),
        "judged": exception & seen.notnull(),
        "overridden": exception & seen.isin(_CHANGES),
        "peeks_judged": peek & verdict.notnull(),
        "peeks_overridden": peek & changed,
        "reviewed": verdict.notnull(),
        "changed": changed,
        "approved": approved,
        "timed": timed,
        "fast": timed & (minutes * 60 < floor),
        "again": again,
        "again_wrong": again & (look != "approve"),
        "complained": approved & (t["surfaced_by"] == "complaint"),
        "outcome_bad": outcome & ~ok,
        "hit": outcome & ~ok & changed,
        "outcome_ok": outcome & ok,
        "false_alarm": outcome & ok & changed,
    }
    named = t.table.select(
        day=t.day("decided_at"), **_named(t), who=ibis.coalesce(who, ibis.literal(ALL)), **counts
    )
    added = named.group_by([*KEYS, "who"]).aggregate(**{n: number_of(named[n]) for n in counts})
    frame = _frame(t.fetch(added))
    return frame.astype(dict.fromkeys(counts, float))


def _named(s: Source) -> dict[str, ir.Value]:
    return {name: ibis.coalesce(s[name], ibis.literal(ALL)) for name in ("workflow", "phase")}


def _no_keys() -> dict[str, pd.Series]:
    day = pd.Series(np.array([], "M8[ms]"))
    return {"day": day, **{name: pd.Series(dtype="str") for name in KEYS[1:]}}


def _frame(table: pa.Table) -> pd.DataFrame:
    """What an engine counted, in the order of its keys."""
    frame = table.to_pandas()
    frame["day"] = frame["day"].to_numpy().astype("M8[D]").astype("M8[ms]")
    keys = [name for name in (*KEYS, "pool", "domain", "who") if name in frame]
    return frame.sort_values(keys, ignore_index=True)
