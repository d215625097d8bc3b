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
    Outcome,
    Route,
)
from ..world.draws import Draws
from .aftermath import Floats
from .as_columns import (
    Bools,
    category,
    joined,
    minutes,
    reasons_of,
    rounds,
    text,
    yes_no,
)
from .became import ASKED, SURFACED_BY, Became
from .fates import Fate
from .instants import Times, run_clock

_SHOWN = {
    FIRST: (
        *ASKED[FIRST], "drafted", "route", "queued", "reasons", "escalated", "person", "started",
        "ended", "phase", "inclusion", "inspected",
    ),
    REDRAFT: (*ASKED[REDRAFT], "started", "ended"),
    LOOK: (*ASKED[LOOK], "queued", "person", "started", "bulk", "inspected"),
}  # fmt: skip
"""What of it the log shows."""


def decision_frame(
    scenario: Scenario, draws: Draws, out: Outcome, horizon_ms: int, stale: Floats
) -> pd.DataFrame:
    """One row for each decision that was taken before the horizon, in order of arrival.

    ``stale`` is the share of stale contacts on each day.
    """
    decisions, visits = draws.world.decisions, draws.world.visits
    first, redraft, look = recorded = rounds(out, _SHOWN)
    after = Became(scenario, draws, recorded, horizon_ms, stale)
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
        "surfaced_by": category(after.surfaced_by, SURFACED_BY),
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
