"""The counts of a log once more, row by row in plain Python: what the engines are held against."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

import hitlsim as hs
from hitlsim.decisions.columns import EMAIL_OUTCOMES

Row = Mapping[str, Any]
Sums = dict[str, float]
Cells = dict[tuple[Any, ...], dict[str, list[float]]]
WEIGHTS = ("auto_w", "auto_w_bad", "auto_ww", "auto_ww_bad")


def rows_of(log: hs.DecisionLog) -> list[Row]:
    """The rows of a log, None for what is missing."""
    return [
        {str(k): None if pd.isna(v) else v for k, v in row.items()}
        for row in log.frame.to_dict("records")
    ]


def local_day(at: pd.Timestamp) -> date:
    shown: datetime = at.to_pydatetime(warn=False)
    return shown.date()


def minutes_between(a: Any, b: Any) -> float:
    return float((b - a).total_seconds()) / 60


def _added(sums: Cells, keys: list[str]) -> pd.DataFrame:
    found = [
        {**dict(zip(keys, cell, strict=True)), **{n: math.fsum(v) for n, v in of.items()}}
        for cell, of in sums.items()
    ]
    frame = pd.DataFrame(found)
    frame["day"] = pd.to_datetime(frame["day"]).astype("datetime64[ms]")
    return frame.sort_values(keys, ignore_index=True)


def tally(log: hs.DecisionLog) -> pd.DataFrame:
    """As :func:`hitlsim.decisions.counting.tally.tally`."""
    end = log.frame["decided_at"].max()
    # what was put in to test reviewers is none of the team's decisions
    rows = [r for r in rows_of(log) if r.get("gold_ok") is None]
    seen = any(r.get("verdict") or r.get("look_verdict") for r in rows)
    sums: Cells = defaultdict(lambda: defaultdict(list))
    for r in rows:
        cell = (local_day(r["decided_at"]), r.get("workflow") or "all", r.get("phase") or "all")
        one = {**_routed(r, verdicts=seen), **_outcome(r), **_waited(r, end),
               **_same_day(r, end, log.record), **_mailed(r)}  # fmt: skip
        for name, amount in one.items():
            sums[cell][name].append(float(amount))
    return _added(sums, ["day", "workflow", "phase"])


def _routed(r: Row, *, verdicts: bool) -> Sums:
    route, verdict = r.get("route"), r.get("verdict") or r.get("look_verdict")
    safe = route in ("auto", "review", "triage", "peek")
    exception = route in ("review", "triage")
    touched = bool(verdict) if verdicts else route not in ("auto", None)
    return {
        "n": route is not None,
        "safe": safe,
        "auto": route == "auto",
        "exceptions": exception,
        "touched": touched,
        "safe_touched": safe and touched,
        "peeked": route == "peek",
        "by_hand": bool(r.get("by_hand")),
        "executed": r.get("executed_at") is not None,
        "skipped": bool(r.get("skipped")),
        "judged": exception and verdict is not None,
        "overridden": exception and verdict in ("edit", "reject"),
    }


def _outcome(r: Row) -> Sums:
    ok, true_ok, auto = r.get("ok"), r.get("true_ok"), r.get("route") == "auto"
    safe = r.get("route") in ("auto", "review", "triage", "peek")
    sampled = ok is not None and r.get("ok_source") != "complaint"
    bad = sampled and not ok
    weight = 1 / (r.get("inclusion") or 1.0)
    return {
        "auto_sampled": auto and sampled,
        "auto_bad": auto and bad,
        "auto_w": weight * (auto and sampled),
        "auto_w_bad": weight * (auto and bad),
        "auto_ww": weight**2 * (auto and sampled),
        "auto_ww_bad": weight**2 * (auto and bad),
        "auto_known_bad": auto and ok is not None and not ok,
        "asked_sampled": safe and not auto and sampled,
        "asked_bad": safe and not auto and bad,
        "truth_known": true_ok is not None,
        "true_auto_bad": auto and true_ok is not None and not true_ok,
        "true_bad": safe and true_ok is not None and not true_ok,
        "delay_cost": r.get("delay_cost") or 0.0,
        "true_harm": r.get("true_harm") or 0.0,
    }


def _waited(r: Row, end: pd.Timestamp) -> Sums:
    wait, queued, due = r.get("wait_minutes"), r.get("queued_at"), r.get("due_at")
    begun = r.get("started_at")
    late = queued is not None and due is not None and due < (begun or end)
    age = minutes_between(queued, end) if queued is not None and wait is None else 0.0
    return {
        "started": wait is not None,
        "wait_minutes": wait or 0.0,
        "within_24": wait is not None and wait <= 24 * 60,
        "within_48": wait is not None and wait <= 48 * 60,
        "late_24": age > 24 * 60,
        "late_48": age > 48 * 60,
        "queued": queued is not None,
        "escalated": queued is not None and r.get("escalated_at") is not None,
        "due": queued is not None and (begun is not None or late),
        "breached": late,
    }


def _same_day(r: Row, end: pd.Timestamp, record: Row) -> Sums:
    counts = r.get("workflow") in (record.get("same_day") or [])
    arrived, out = r.get("arrived_at"), r.get("executed_at")
    counts = counts and r.get("final_verdict") != "reject" and arrived is not None
    over = counts and (out is not None or local_day(arrived) < local_day(end))
    done = counts and out is not None and local_day(out) == local_day(arrived)
    return {"same_day_due": over, "same_day_done": done}


def _mailed(r: Row) -> Sums:
    known = {name: r.get(name) is not None for name in EMAIL_OUTCOMES}
    if r.get("meeting") is False:
        known["no_show"] = False
    return {
        **{f"{name}_known": known[name] for name in EMAIL_OUTCOMES},
        **{name: known[name] and bool(r.get(name)) for name in EMAIL_OUTCOMES},
    }


def work(log: hs.DecisionLog) -> pd.DataFrame:
    """As :func:`hitlsim.decisions.counting.tally.work`; not empty."""
    sums: Cells = defaultdict(lambda: defaultdict(list))
    for r in rows_of(log):
        named = (r.get("workflow") or "all", r.get("phase") or "all", r.get("pool"))
        special = {"gate": "gates", "peek": "peeks"}
        domain = "by hand" if r.get("by_hand") else special.get(str(r.get("route")), "exceptions")
        for minutes, at, what in (("review_minutes", "started_at", domain),
                                  ("look_minutes", "looked_at", "looks")):  # fmt: skip
            if r.get(minutes) is not None and r.get(at) is not None:
                of = sums[local_day(r[at]), *named, what]
                of["minutes"].append(r[minutes])
                of["items"].append(1)
    found = _added(sums, ["day", "workflow", "phase", "pool", "domain"])
    return found.astype({"items": "int64", "pool": "str"})


def oldest(log: hs.DecisionLog) -> list[float]:
    """The age in minutes of what had waited longest at each midnight; 0 if nothing waits."""
    rows = [r for r in rows_of(log) if r.get("queued_at") is not None]
    at = log.frame["decided_at"]
    zone = at.dt.tz
    ages, day = [], local_day(at.min())
    while day <= local_day(at.max()):
        day += timedelta(days=1)
        end = pd.Timestamp(datetime(day.year, day.month, day.day, tzinfo=zone))
        waiting = [
            r["queued_at"] for r in rows
            if r["queued_at"] < end and not (r.get("started_at") and r["started_at"] < end)
        ]  # fmt: skip
        ages.append(minutes_between(min(waiting), end) if waiting else 0.0)
    return ages
