"""Log to counts: everything that needs only counts goes through these Ibis expressions.

DuckDB runs them by default. Every count is a plain sum, so that days add up to months and
workflows to the whole, and one pass over the log serves every table of a report.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from ...errors import LogError
from ..columns import EMAIL_OUTCOMES, EXCEPTION_ROUTES, KEYS, SAFE_ROUTES
from ..log import DecisionLog

_USED = {
    "workflow": pa.string(), "phase": pa.string(), "route": pa.string(), "exception": pa.bool_(),
    "verdict": pa.string(), "look_verdict": pa.string(), "ok": pa.bool_(), "ok_source": pa.string(),
    "inclusion": pa.float64(), "true_ok": pa.bool_(), "wait_minutes": pa.float64(),
    "review_minutes": pa.float64(), "look_minutes": pa.float64(), "pool": pa.string(),
    "by_hand": pa.bool_(), "skipped": pa.bool_(), "redrafted": pa.bool_(),
    "final_verdict": pa.string(), "surfaced_by": pa.string(), "delay_cost": pa.float64(),
    "true_harm": pa.float64(), "reviewer": pa.string(), "looker": pa.string(),
    **dict.fromkeys(EMAIL_OUTCOMES, pa.bool_()),
}  # fmt: skip
_DAYS = ("decided", "started", "looked", "arrived", "executed")
READING_FLOOR_SECONDS = 15.0
"""Nobody reads even a short text faster: 60 words at 238 words a minute (Brysbaert 2019). Used
where the log's record does not say how long its texts are."""


def need_route(log: DecisionLog) -> None:
    """Refuse a log that does not say which decisions went alone."""
    if not log.has("route"):
        raise LogError(
            "the log does not say which decisions went alone (no column 'route'); "
            "give the bands that held: --auto 0.9 --review 0.7, or bands: in the mapping file"
        )


def _table(log: DecisionLog) -> ir.Table:
    """The columns that are counted, missing ones as nulls.

    It goes by way of Arrow, where a missing number is a null and not a NaN.
    """
    frame = log.frame
    columns: dict[str, pa.Array] = {}
    for name, kind in _USED.items():
        columns[name] = (
            pa.array(frame[name], from_pandas=True).cast(kind)
            if name in frame
            else pa.nulls(len(frame), kind)
        )
    for name in _DAYS:
        times = frame.get(f"{name}_at")
        columns[f"{name}_day"] = (
            # the day is that of the log's own clock
            pa.array(times.dt.tz_localize(None).dt.floor("D"), from_pandas=True).cast("date32")
            if times is not None
            else pa.nulls(len(frame), "date32")
        )
    for name in ("queued", "escalated"):
        happened = frame.get(f"{name}_at", pd.Series(pd.NaT, frame.index)).notna()
        columns[name] = pa.array(happened, pa.bool_())
    last = frame["decided_at"].dt.tz_localize(None).dt.floor("D").max()
    columns["last_day"] = pa.array(pd.Series(last, frame.index), from_pandas=True).cast("date32")
    columns["age_minutes"] = _minutes_since(frame, "queued_at")
    columns["late_minutes"] = _minutes_since(frame, "due_at", "started_at")
    table = ibis.memtable(pa.table(columns))
    return table.mutate(
        day=table.decided_day,
        workflow=ibis.coalesce(table.workflow, ibis.literal("all")),
        phase=ibis.coalesce(table.phase, ibis.literal("all")),
    )


def _minutes_since(frame: pd.DataFrame, since: str, until: str = "") -> pa.Array:
    """Minutes from one time to another or, where that has not come, to the log's end."""
    minutes = pd.Series(float("nan"), frame.index)
    if since in frame:
        end = frame["decided_at"].max()
        last = frame[until].fillna(end) if until in frame else end
        minutes = (last - frame[since]).dt.total_seconds() / 60
    return pa.array(minutes, from_pandas=True)


def _execute(expression: ir.Table) -> pd.DataFrame:
    counts = ibis.duckdb.connect().to_pyarrow(expression).to_pandas(date_as_object=False)
    return counts.sort_values(
        [c for c in (*KEYS, "pool", "domain", "who") if c in counts], ignore_index=True
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
    need_route(log)
    t = _table(log)
    auto, safe = t.route == "auto", t.route.isin(SAFE_ROUTES)
    asked = safe & ~auto
    exception = t.route.isin(EXCEPTION_ROUTES)
    no_verdicts = not log.has("verdict") and not log.has("look_verdict")
    touched = ~auto if no_verdicts else t.verdict.notnull() | t.look_verdict.notnull()
    # in shadow an exception is only observed: what the observer would have done counts
    verdict = ibis.coalesce(t.verdict, t.look_verdict)
    bad = ~t.ok
    # complaints come only about bad decisions, so they are no sample of all decisions
    sampled = t.ok.notnull() & (ibis.coalesce(t.ok_source, ibis.literal("")) != "complaint")
    weight = ibis.coalesce(1 / t.inclusion, ibis.literal(1.0))
    late = {h: t.wait_minutes.isnull() & (t.age_minutes > 60 * h) for h in (24, 48)}
    sums = {
        "n": t.route.notnull(),
        "safe": safe,
        "auto": auto,
        "exceptions": exception,
        "touched": touched,
        "safe_touched": safe & touched,
        "peeked": t.route == "peek",
        "by_hand": t.by_hand,
        "executed": t.executed_day.notnull(),
        "skipped": t.skipped,
        "judged": exception & verdict.notnull(),
        "overridden": exception & verdict.isin(["edit", "reject"]),
        "auto_sampled": auto & sampled,
        "auto_bad": auto & sampled & bad,
        "auto_w": (auto & sampled).ifelse(weight, 0.0),
        "auto_w_bad": (auto & sampled & bad).ifelse(weight, 0.0),
        "auto_ww": (auto & sampled).ifelse(weight * weight, 0.0),
        "auto_ww_bad": (auto & sampled & bad).ifelse(weight * weight, 0.0),
        "auto_known_bad": auto & bad,
        "asked_sampled": asked & sampled,
        "asked_bad": asked & sampled & bad,
        "truth_known": t.true_ok.notnull(),
        "true_auto_bad": auto & ~t.true_ok,
        "true_bad": safe & ~t.true_ok,
        "started": t.wait_minutes.notnull(),
        "wait_minutes": ibis.coalesce(t.wait_minutes, 0.0),
        **{f"within_{h}": t.wait_minutes <= 60 * h for h in (24, 48)},
        **{f"late_{h}": late[h] for h in (24, 48)},
        "queued": t.queued,
        "escalated": t.queued & t.escalated,
        # what is not yet due and not begun may still be begun in time
        "due": t.queued & (t.started_day.notnull() | (t.late_minutes > 0)),
        "breached": t.queued & (t.late_minutes > 0),
        **_same_day(t, log),
        **_emails(t),
        "delay_cost": t.delay_cost,
        "true_harm": t.true_harm,
    }
    return _execute(t.group_by(KEYS).aggregate(**_added(sums)))


def _added(sums: dict[str, ir.Value]) -> dict[str, ir.Value]:
    return {name: ibis.coalesce(e.cast("float64").sum(), 0.0) for name, e in sums.items()}


def _same_day(t: ir.Table, log: DecisionLog) -> dict[str, ir.Value]:
    """Work that must be done on the day it arises; what a person refused needs no doing."""
    flows = list(log.record.get("same_day") or [])
    hygiene = t.workflow.isin(flows) if flows else ibis.literal(value=False)
    refused = ibis.coalesce(t.final_verdict, ibis.literal("")) == "reject"
    # of the log's last day nobody knows how it ends
    settled = t.executed_day.notnull() | (t.arrived_day < t.last_day)
    return {
        "same_day_due": hygiene & settled & ~refused & t.arrived_day.notnull(),
        "same_day_done": hygiene & ~refused & (t.executed_day == t.arrived_day),
    }


def _emails(t: ir.Table) -> dict[str, ir.Value]:
    """What came of emails, each with the number of which it is known; no-shows are of meetings."""
    of = {name: t[name].notnull() for name in EMAIL_OUTCOMES}
    of["no_show"] = of["no_show"] & ibis.coalesce(t.meeting, ibis.literal(value=True))
    return {
        **{f"{name}_known": known for name, known in of.items()},
        **{name: of[name] & t[name] for name in EMAIL_OUTCOMES},
    }


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
    t = _table(log)
    reviews = t.filter(t.review_minutes.notnull() & t.started_day.notnull()).select(
        day=t.started_day,
        workflow=t.workflow,
        phase=t.phase,
        pool=t.pool,
        domain=ibis.cases(
            (t.by_hand, "by hand"),
            (t.route == "gate", "gates"),
            (t.route == "peek", "peeks"),
            else_="exceptions",
        ),
        minutes=t.review_minutes,
    )
    looks = t.filter(t.look_minutes.notnull() & t.looked_day.notnull()).select(
        day=t.looked_day,
        workflow=t.workflow,
        phase=t.phase,
        pool=t.pool,
        domain=ibis.literal("looks"),
        minutes=t.look_minutes,
    )
    both = reviews.union(looks)
    keys = [*KEYS, "pool", "domain"]
    added = both.group_by(keys).aggregate(minutes=both.minutes.sum(), items=both.count())
    return _execute(added)


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
    t = _table(log)
    floors = log.record.get("reading_floor_seconds") or {}
    floor = ibis.literal(READING_FLOOR_SECONDS)
    if floors:
        floor = t.workflow.cases(*floors.items(), else_=READING_FLOOR_SECONDS)
    exception, changes = t.route.isin(EXCEPTION_ROUTES), ["edit", "reject"]
    # in shadow an exception is only observed: what the observer would have done counts
    seen = ibis.coalesce(t.verdict, t.look_verdict)
    approved = t.verdict == "approve"
    timed = approved & t.review_minutes.notnull() & ~ibis.coalesce(t.redrafted, ibis.literal(False))
    again = approved & t.look_verdict.notnull()
    # only an outcome that came by itself says whether the verdict was right
    outcome = t.verdict.notnull() & t.ok.notnull() & (t.ok_source == "outcome")
    who = t.pool if per == "pool" else ibis.coalesce(t.reviewer, t.looker)
    sums = {
        "own": who.notnull() & ~t.escalated,
        "judged": exception & seen.notnull(),
        "overridden": exception & seen.isin(changes),
        "peeks_judged": (t.route == "peek") & t.verdict.notnull(),
        "peeks_overridden": (t.route == "peek") & t.verdict.isin(changes),
        "reviewed": t.verdict.notnull(),
        "changed": t.verdict.isin(changes),
        "approved": approved,
        "timed": timed,
        "fast": timed & (t.review_minutes * 60 < floor),
        "again": again,
        "again_wrong": again & (t.look_verdict != "approve"),
        "complained": approved & (t.surfaced_by == "complaint"),
        "outcome_bad": outcome & ~t.ok,
        "hit": outcome & ~t.ok & t.verdict.isin(changes),
        "outcome_ok": outcome & t.ok,
        "false_alarm": outcome & t.ok & t.verdict.isin(changes),
    }
    t = t.mutate(who=ibis.coalesce(who, ibis.literal("all")), **sums)
    return _execute(t.group_by([*KEYS, "who"]).aggregate(**_added({n: t[n] for n in sums})))
