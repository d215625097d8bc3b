"""A run straight to counts, without its log: the second way to count the same thing.

What :meth:`~hitlsim.decisions.counting.counts.Counts.of_log` counts with a database, in real logs
of any size, is counted here in a run's arrays, ten times as fast, so that thousands of runs can be
compared. The sums have the names of :mod:`hitlsim.decisions.counting.tally`, which says what each
one means; a test holds the two equal.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd

from ...decisions.columns import COLUMNS, EMAIL_OUTCOMES, OK_SOURCES
from ...decisions.counting.counts import Counts
from ...scenario.hours import HOUR_MS, MINUTE_MS
from ...scenario.scenario import Scenario
from ..contract import NEVER, Outcome, Records, Route, Verdict
from ..world.draws import Draws
from .aftermath import Floats
from .counting_desk import oldest, work
from .taken import Into, Taken

Sums = dict[str, Floats]

_COMPLAINT = OK_SOURCES.index("complaint")


def counts_of(
    scenario: Scenario, draws: Draws, outcome: Outcome, stale: Floats, record: Mapping[str, Any]
) -> Counts:
    """Count a run.

    Parameters
    ----------
    scenario : Scenario
    draws : Draws
    outcome : Outcome
        What an engine gave back.
    stale : float array
        Share of stale contacts on each day.
    record : Mapping
        The run's record.

    Returns
    -------
    Counts
        The same as of the run's log.

    Raises
    ------
    LogError
        When no decision was taken.

    Examples
    --------
    >>> import hitlsim as hs
    >>> run = hs.simulate(hs.load("outbound"), seed=7)
    >>> counts = counts_of(run.scenario, run.draws, run.outcome, run.stale, run.record)
    >>> bool(counts.rows["n"].sum() == len(run.log))
    True
    """
    t = Taken(scenario, draws, outcome, stale)
    days = pd.date_range(*t.dates(np.array([t.day.min(), t.day.max()])), freq="D")
    rows = _rows(t, record.get("same_day") or [])
    return Counts(rows, work(t), days, pd.Series(oldest(t), days), _filled(t), record)


# --- by day of the decision, workflow and phase --------------------------------------------------


def _rows(t: Taken, same_day: Collection[str]) -> pd.DataFrame:
    """As :func:`~hitlsim.decisions.counting.tally.tally`."""
    key = t.key(t.day)
    there = np.bincount(key) > 0
    keys = np.flatnonzero(there)
    into = Into((np.cumsum(there) - 1)[key], len(keys))
    sums = {
        **_routes(t, into),
        **_outcomes(t, into),
        **_waits(t, into),
        **_same_day(t, into, same_day),
        **_emails(t, into),
        **_money(t, into),
    }
    counted = pd.DataFrame(np.column_stack(list(sums.values())), columns=list(sums))
    named = t.named(keys)
    for i, (name, values) in enumerate(named.items()):
        counted.insert(i, name, values)
    return counted


def _routes(t: Taken, into: Into) -> Sums:
    auto, peek = t.route == Route.AUTO, t.route == Route.PEEK
    exception = (t.route == Route.REVIEW) | (t.route == Route.TRIAGE)
    safe = auto | exception | peek
    # in shadow an exception is only observed: what the observer would have done counts
    seen = np.full(len(t), NEVER, np.int8)
    seen[t.picked] = t.looks["verdict"]
    judged = t.asked["verdict"] != NEVER
    seen[t.waited[judged]] = t.asked["verdict"][judged]
    touched = seen != NEVER
    if not touched.any():
        touched = ~auto
    return {
        "n": into(),
        "safe": into(safe),
        "auto": into(auto),
        "exceptions": into(exception),
        "touched": into(touched),
        "safe_touched": into(safe & touched),
        "peeked": into(peek),
        "by_hand": into.among(t.waited)(t.asked["by_hand"] == 1),
        "executed": into(t.executed != NEVER),
        "skipped": into(t.after("skipped")),
        "judged": into(exception & (seen != NEVER)),
        "overridden": into(exception & (seen > Verdict.APPROVE)),
    }


def _outcomes(t: Taken, into: Into) -> Sums:
    safe = (t.route != Route.GATE) & (t.route != Route.MANUAL)
    auto, wrong = t.route == Route.AUTO, ~t.right
    known, bad = t.after("known"), ~t.after("ok")
    # complaints come only about bad decisions, so they are no sample of all decisions
    sampled = known & (t.after("ok_source") != _COMPLAINT)
    some = np.flatnonzero(auto & sampled)
    those, bad_one = into.among(some), bad[some]
    inclusion = t.visits(some)["inclusion"]
    weight = np.divide(1.0, inclusion, out=np.ones(len(some)), where=inclusion >= 0)
    asked = safe & ~auto & sampled
    return {
        "auto_sampled": those(),
        "auto_bad": those(bad_one),
        "auto_w": those(weight),
        "auto_w_bad": those(weight * bad_one),
        "auto_ww": those(weight * weight),
        "auto_ww_bad": those(weight * weight * bad_one),
        "auto_known_bad": into(auto & known & bad),
        "asked_sampled": into(asked),
        "asked_bad": into(asked & bad),
        "truth_known": into(),
        "true_auto_bad": into(auto & wrong),
        "true_bad": into(safe & wrong),
    }


def _waits(t: Taken, into: Into) -> Sums:
    """How long people waited is by the run's clock, what is late by that of the world."""
    those, instants = into.among(t.waited), t.clock.since_epoch
    queued, started, end = t.asked["queued"], t.asked["started"], t.drafted.max(keepdims=True)
    begun, wait = started != NEVER, started - queued
    age = instants(end) - instants(queued)
    late = instants(np.where(begun, started, end)) > instants(t.due())
    return {
        "started": those(begun),
        "wait_minutes": those(np.where(begun, wait, 0)) / MINUTE_MS,
        **{f"within_{h}": those(begun & (wait <= h * HOUR_MS)) for h in (24, 48)},
        **{f"late_{h}": those(~begun & (age > h * HOUR_MS)) for h in (24, 48)},
        "queued": those(),
        "escalated": those(t.asked["escalated"] != NEVER),
        "due": those(begun | late),
        "breached": those(late),
    }


def _same_day(t: Taken, into: Into, same_day: Collection[str]) -> Sums:
    hygiene = np.array([name in same_day for name in t.scenario.workflows])[t.flow]
    some = np.flatnonzero(hygiene & ~t.refused())
    those, executed = into.among(some), t.executed[some]
    out, arose = executed != NEVER, t.clock.days(t.arrived(some))
    return {
        # of the last day nobody knows how it ends
        "same_day_due": those(out | (arose < t.day.max())),
        "same_day_done": those(out & (t.clock.days(executed) == arose)),
    }


def _emails(t: Taken, into: Into) -> Sums:
    those = into.among(t.sent)
    became = {name: t.fate(name) for name in EMAIL_OUTCOMES}
    # no-shows are of meetings
    known = {**dict.fromkeys(EMAIL_OUTCOMES), "no_show": became["meeting"]}
    return {
        **{f"{name}_known": those(of) for name, of in known.items()},
        **{name: those(happened) for name, happened in became.items()},
    }


def _money(t: Taken, into: Into) -> Sums:
    lost, bad = t.after("lost"), np.flatnonzero(t.after("bad_out"))
    late = np.flatnonzero(~np.isnan(lost))
    return {
        # the log has cents
        "delay_cost": into.among(late)(np.round(lost[late], 2)),
        "true_harm": into.among(bad)(np.round(t.after("harm", bad), 2)),
    }


# --- what there is at all ------------------------------------------------------------------------


def _filled(t: Taken) -> frozenset[str]:
    """The log's columns without those in which there would be nothing."""
    there = np.bincount(t.flow, minlength=len(t.workflows))
    flows = [w for w, n in zip(t.scenario.workflows.values(), there, strict=True) if n]

    def happened(visits: Records, field: str) -> bool:
        return bool((visits[field] != NEVER).any())

    asked, looks, known = t.asked, t.looks, bool(t.after("known").any())
    surfaced = bool((t.after("surfaced") != NEVER).any())
    something = {
        "agent": any(w.agent for w in flows),
        "action": any(w.action for w in flows),
        "channel": any(w.channel for w in flows),
        "sources": any(w.sources for w in flows),
        "gate": any(w.gate for w in flows),
        "reason": (t.route != Route.AUTO).any(),
        "pool": len(asked) > 0 or happened(looks, "queued"),
        **dict.fromkeys(("queued_at", "due_at"), len(asked) > 0),
        "escalated_at": happened(asked, "escalated"),
        "reviewer": happened(asked, "person"),
        **dict.fromkeys(("started_at", "wait_minutes"), happened(asked, "started")),
        **dict.fromkeys(("ended_at", "review_minutes"), happened(asked, "ended")),
        **dict.fromkeys(("verdict", "final_verdict"), happened(asked, "verdict")),
        "executed_at": (t.executed != NEVER).any(),
        "look": len(looks) > 0,
        "looker": happened(looks, "person"),
        **dict.fromkeys(("looked_at", "look_minutes"), happened(looks, "ended")),
        "look_verdict": happened(looks, "verdict"),
        **dict.fromkeys(("ok", "ok_source"), known),
        **dict.fromkeys(("surfaced_at", "surfaced_by"), surfaced),
        **dict.fromkeys(EMAIL_OUTCOMES, len(t.sent) > 0),
        "delay_cost": not np.isnan(t.after("lost")).all(),
        # nobody looks afterwards at what was not the AI's
        "inclusion": (t.route != Route.MANUAL).any(),
        "true_harm": t.after("bad_out").any(),
        "true_inspected": happened(asked, "inspected"),
        "true_look_inspected": happened(looks, "inspected"),
    }
    held = {c.name for c in COLUMNS.values() if c.simulated}
    return frozenset(held - {name for name, any_ in something.items() if not any_})
