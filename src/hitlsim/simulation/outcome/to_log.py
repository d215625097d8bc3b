"""What an engine gives back, as a decision log: what came of each decision, in words."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

from ...decisions.clock import NAT, in_zone
from ...decisions.columns import EMAIL_OUTCOMES, LOOKS, OK_SOURCES, ROUTES, VERDICTS
from ...scenario.hours import DAY_MS, HOUR_MS
from ...scenario.scenario import Scenario
from ...scenario.surface import Workflow
from ..contract import (
    FIRST,
    LOOK,
    NEVER,
    REDRAFT,
    WENT_OUT,
    Outcome,
    Records,
    Route,
    Verdict,
)
from ..world.draws import Draws
from .aftermath import (
    FOREVER,
    Floats,
    complaint_times,
    day_of,
    fate_of,
    harm_of,
    lost_by_waiting,
    went_bad,
)
from .as_columns import (
    Bools,
    Columns,
    Some,
    category,
    joined,
    minutes,
    reasons_of,
    rounds,
    text,
    yes_no,
)
from .fates import Fate
from .instants import Times, run_clock

_SURFACED = (*LOOKS, "complaint")
_COMPLAINT = len(LOOKS)

_ASKED = {
    FIRST: ("executed", "skipped", "ok", "verdict", "by_hand"),
    REDRAFT: ("drafting", "executed", "skipped", "ok", "verdict", "by_hand"),
    LOOK: ("verdict", "ended", "look"),
}
"""From what an engine recorded, what came of it follows."""
_SHOWN = {
    FIRST: (
        "drafted", "route", "queued", "reasons", "escalated", "person", "started", "ended",
        "verdict", "by_hand", "phase", "inclusion", "ok", "inspected",
    ),
    REDRAFT: ("started", "ended", "verdict"),
    LOOK: ("look", "queued", "person", "started", "ended", "verdict", "bulk", "inspected"),
}  # fmt: skip
"""What of it the log shows."""


class _Aftermath:
    """What came of each decision, and what anybody saw of it."""

    def __init__(
        self, scenario: Scenario, draws: Draws, out: Outcome, horizon_ms: int, stale: Floats
    ) -> None:
        decisions, flows = draws.world.decisions, list(scenario.workflows.values())
        first, redraft, look = rounds(out, _ASKED)
        flow = decisions["workflow"].astype(np.intp)
        self.redrafted = redraft["drafting"] != NEVER
        last = _last(first, redraft)
        # what a person approved may take effect only after the end
        self.executed = np.where(last["executed"] < horizon_ms, last["executed"], NEVER)
        out_there = self.executed != NEVER
        self.skipped = (first["skipped"] == 1) | (redraft["skipped"] == 1)
        self.bad_out = out_there & went_bad(scenario, decisions, last)
        wrong = Some(self.bad_out)
        theirs, all_bad = wrong.of(decisions), np.ones(len(wrong), bool)
        moments = complaint_times(scenario, theirs, wrong.of(self.executed), all_bad, horizon_ms)
        complaint = wrong.among_all(moments, FOREVER)
        found = np.where(look["verdict"] > Verdict.APPROVE, look["ended"], FOREVER)
        undone_until = self.executed + np.array([w.rollback_hours * HOUR_MS for w in flows])[flow]
        reversible = np.array([w.reversible for w in flows])[flow]
        surfaced = np.minimum(found, complaint)
        self.rolled_back = (
            out_there & reversible & (surfaced != FOREVER) & (surfaced <= undone_until)
        )
        self.surfaced = np.where(surfaced == FOREVER, NEVER, surfaced)
        by = np.where(found <= complaint, look["look"], _COMPLAINT)
        self.surfaced_by = np.where(surfaced == FOREVER, NEVER, by)
        harm = harm_of(scenario, theirs, all_bad, wrong.of(self.rolled_back))
        self.harm = wrong.among_all(harm, 0.0)
        perishable = Some(np.array([w.waiting is not None for w in flows])[flow])
        lost = lost_by_waiting(scenario, perishable.of(decisions), perishable.of(self.executed))
        self.lost = perishable.among_all(lost, np.nan)
        mailed = Some(np.array([w.email is not None for w in flows])[flow])
        self.fate = self._fate(scenario, draws, mailed, stale)
        self.answered = self.executed + draws.email["after"] < horizon_ms
        self._label(first, look, complaint != FOREVER)

    def _fate(self, scenario: Scenario, draws: Draws, mailed: Some, stale: Floats) -> Fate:
        sent = np.maximum(mailed.of(self.executed), 0)
        day = np.minimum(day_of(sent), len(stale) - 1)
        decisions, email = mailed.of(draws.world.decisions), mailed.of(draws.email)
        fate = fate_of(scenario, decisions, email, mailed.of(self.bad_out), stale[day])
        return Fate(*(mailed.among_all(happened, False) for happened in fate))

    def _label(self, first: Columns, look: Columns, complaint: Bools) -> None:
        """What anybody saw of the AI's first proposal, unless a complaint proved it wrong."""
        # what was done by hand, or mended, or drafted anew, says no more about it
        own = first["by_hand"] != 1
        approved = first["verdict"] == Verdict.APPROVE
        reviewed = first["verdict"] != NEVER
        looked = (look["verdict"] != NEVER) & (~reviewed | approved)
        found = looked & (look["verdict"] != Verdict.APPROVE)
        told = complaint & own & (~reviewed | approved)
        self.known = own & (reviewed | looked | told)
        self.ok = self.known & ~(reviewed & ~approved) & ~found & ~told
        by_look = OK_SOURCES.index(LOOKS[0]) + look["look"]
        source = np.where(looked, by_look, NEVER)
        source = np.where(reviewed & ~found, OK_SOURCES.index("review"), source)
        unseen = told & ~reviewed & ~looked
        source = np.where(unseen, OK_SOURCES.index("complaint"), source)
        self.ok_source = np.where(self.known, source, NEVER)


def _last(first: Columns, redraft: Columns) -> Records:
    """The visits by which decisions went out, as far as that is asked here."""
    again = redraft["executed"] != NEVER
    last = np.zeros(len(again), WENT_OUT)
    for name in ("ok", "verdict", "by_hand", "executed"):
        last[name] = np.where(again, redraft[name], first[name])
    return last


def decision_frame(
    scenario: Scenario, draws: Draws, out: Outcome, horizon_ms: int, stale: Floats
) -> pd.DataFrame:
    """One row for each decision that was taken before the horizon, in order of arrival.

    ``stale`` is the share of stale contacts on each day.
    """
    decisions, visits = draws.world.decisions, draws.world.visits
    after = _Aftermath(scenario, draws, out, horizon_ms, stale)
    first, redraft, look = rounds(out, _SHOWN)
    flows = scenario.workflows
    pools = list(scenario.pools)
    people = [name for _, name, _ in scenario.reviewers()]
    pool_of = np.array([pools.index(scenario.pool_of_role(w.raci.responsible[0]))
                        for w in flows.values()])  # fmt: skip
    times = _clock(scenario, horizon_ms)
    flow, waits = decisions["workflow"].astype(np.intp), first["queued"] != NEVER
    reason, reasons = reasons_of(first["reasons"], list(scenario.signals))

    def of_flow(of: Callable[[Workflow], str | None]) -> pd.Categorical:
        values = [of(w) for w in flows.values()]
        names = [v for v in dict.fromkeys(values) if v]
        codes = [names.index(v) if v else NEVER for v in values]
        return category(np.array(codes, np.int16)[flow], names)

    due = np.array([int(w.due_hours * HOUR_MS) for w in flows.values()])[flow]
    fate = after.fate
    came = after.executed != NEVER
    backup = np.array([pools.index(scenario.pool_of_role(w.raci.accountable))
                       for w in flows.values()])  # fmt: skip
    last_pool = np.where(first["escalated"] != NEVER, backup[flow], pool_of[flow])

    columns = {
        "decision_id": text(
            pa.array(draws.ids_as_bytes, pa.large_binary()).view(pa.large_string())
        ),
        "workflow": category(flow, list(flows)),
        "agent": of_flow(lambda w: w.agent),
        "action": of_flow(lambda w: w.action),
        "channel": of_flow(lambda w: w.channel),
        "arrived_at": times(np.array(decisions["arrival"])),
        "deal_size": np.array(decisions["deal_size"]),
        "sources": of_flow(lambda w: "+".join(w.sources)),
        "signals": joined(np.array(decisions["signals"]), list(scenario.signals)),
        "reversible": np.array([w.reversible for w in flows.values()])[flow],
        "decided_at": times(first["drafted"]),
        "confidence": np.array(visits["confidence"][FIRST]),
        "route": category(first["route"], ROUTES),
        "reason": reason,
        "reasons": reasons,
        "gate": of_flow(lambda w: w.gate.value if w.gate else None),
        "exception": (first["route"] == Route.REVIEW) | (first["route"] == Route.TRIAGE),
        "pool": category(np.where(waits | (look["queued"] != NEVER), last_pool, NEVER), pools),
        "queued_at": times(first["queued"]),
        "due_at": times(np.where(waits, first["queued"] + due, NEVER)),
        "escalated_at": times(first["escalated"]),
        "reviewer": category(first["person"], people),
        "started_at": times(first["started"]),
        "ended_at": times(first["ended"]),
        "wait_minutes": minutes(first["queued"], first["started"]),
        "review_minutes": minutes(first["started"], first["ended"])
        + minutes(redraft["started"], redraft["ended"], 0.0),
        "verdict": category(first["verdict"], VERDICTS),
        "by_hand": first["by_hand"] == 1,
        "redrafted": after.redrafted,
        "final_verdict": category(
            np.where(after.redrafted, redraft["verdict"], first["verdict"]), VERDICTS
        ),
        "executed_at": times(after.executed),
        "skipped": after.skipped,
        "look": category(look["look"], LOOKS),
        "looked_at": times(look["ended"]),
        "looker": category(look["person"], people),
        "look_minutes": minutes(look["started"], look["ended"]),
        "look_verdict": category(look["verdict"], VERDICTS),
        "bulk": look["bulk"] == 1,
        "rolled_back": after.rolled_back,
        "ok": yes_no(after.ok, after.known),
        "ok_source": category(after.ok_source, OK_SOURCES),
        "surfaced_at": times(after.surfaced),
        "surfaced_by": category(after.surfaced_by, _SURFACED),
        **_email_columns(fate, came, after.answered),
        "delay_cost": np.round(after.lost, 2),
        "phase": category(first["phase"], [str(p) for p in scenario.phases]),
        "boundary_version": np.full(len(draws), scenario.boundary.version),
        "inclusion": np.where(first["inclusion"] < 0, np.nan, first["inclusion"]),
        "true_ok": first["ok"] == 1,
        "true_bad_out": after.bad_out,
        "true_harm": np.where(after.bad_out, np.round(after.harm, 2), np.nan),
        "true_inspected": yes_no(first["inspected"] == 1, first["inspected"] != NEVER),
        "true_look_inspected": yes_no(look["inspected"] == 1, look["inspected"] != NEVER),
    }
    taken = first["drafted"] != NEVER
    if not taken.all():
        columns = {name: values[taken] for name, values in columns.items()}
    # all of them are made here, and nobody else holds them
    return pd.DataFrame(columns, copy=False)


def _email_columns(fate: Fate, came: Bools, answered: Bools) -> dict[str, pd.array]:
    """Missing where no email went out; no where what will come had not come by the end."""
    sent = fate.sent & came
    by_end = {name: getattr(fate, name) & answered for name in EMAIL_OUTCOMES}
    by_end["bounced"] = fate.bounced
    return {name: yes_no(happened, sent) for name, happened in by_end.items()}


def _clock(scenario: Scenario, horizon_ms: int) -> Callable[[Times], pd.DatetimeIndex]:
    """Makes instants of local wall-clock milliseconds."""
    due = max((int(w.due_hours * HOUR_MS) for w in scenario.workflows.values()), default=0)
    clock = run_clock(scenario.start, scenario.timezone, (horizon_ms + due) // DAY_MS + 1)

    def times(ms: Times) -> pd.DatetimeIndex:
        if not len(ms) or ms.min() != NEVER:
            return in_zone(clock.since_epoch(ms), scenario.zone)
        happened = np.flatnonzero(ms != NEVER)
        instants = np.full(len(ms), NAT)
        instants[happened] = clock.since_epoch(ms[happened])
        return in_zone(instants, scenario.zone)

    return times
