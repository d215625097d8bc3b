"""Log to counts: everything that needs only counts goes through these Ibis expressions.

DuckDB runs them by default. Every count is a plain sum, so that days add up to months and
workflows to the whole, and one pass over the log serves every table of a report.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd
import pyarrow as pa

from ..errors import LogError
from .columns import EXCEPTION_ROUTES, SAFE_ROUTES
from .log import DecisionLog

KEYS = ["day", "workflow", "phase"]
DOMAINS = ("exceptions", "gates", "looks", "peeks", "by hand")
"""What reviewing hours go to: exceptions, approval gates, looks afterwards, what was pulled for a
look though it could have gone alone, and work without the AI."""

_USED = {
    "workflow": pa.string(), "phase": pa.string(), "route": pa.string(), "exception": pa.bool_(),
    "verdict": pa.string(), "look_verdict": pa.string(), "ok": pa.bool_(), "ok_source": pa.string(),
    "inclusion": pa.float64(), "true_ok": pa.bool_(), "wait_minutes": pa.float64(),
    "review_minutes": pa.float64(), "look_minutes": pa.float64(), "pool": pa.string(),
    "by_hand": pa.bool_(),
}  # fmt: skip


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
    for name in ("decided", "started", "looked"):
        times = frame.get(f"{name}_at")
        columns[f"{name}_day"] = (
            # the day is that of the log's own clock
            pa.array(times.dt.tz_localize(None).dt.floor("D"), from_pandas=True).cast("date32")
            if times is not None
            else pa.nulls(len(frame), "date32")
        )
    age = pd.Series(float("nan"), frame.index)
    if "queued_at" in frame:
        age = (frame["decided_at"].max() - frame["queued_at"]).dt.total_seconds() / 60
    columns["age_minutes"] = pa.array(age, from_pandas=True)
    table = ibis.memtable(pa.table(columns))
    return table.mutate(
        day=table.decided_day,
        workflow=ibis.coalesce(table.workflow, ibis.literal("all")),
        phase=ibis.coalesce(table.phase, ibis.literal("all")),
    )


def _execute(expression: ir.Table) -> pd.DataFrame:
    counts = ibis.duckdb.connect().to_pyarrow(expression).to_pandas(date_as_object=False)
    return counts.sort_values(
        [c for c in (*KEYS, "pool", "domain") if c in counts], ignore_index=True
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
    }
    added = {name: ibis.coalesce(e.cast("float64").sum(), 0.0) for name, e in sums.items()}
    return _execute(t.group_by(KEYS).aggregate(**added))


def work(log: DecisionLog) -> pd.DataFrame:
    """Minutes of human work by day *of the work*, workflow, phase, pool and domain.

    Examples
    --------
    >>> import hitlsim as hs
    >>> minutes = work(hs.simulate(hs.load("outbound"), seed=7).log)
    >>> sorted(minutes["domain"].unique())
    ['exceptions', 'gates', 'looks']
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
