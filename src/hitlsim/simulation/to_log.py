"""What an engine gives back, as a decision log: what came of each decision, in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..decisions.clock import on_clock
from ..decisions.columns import EMAIL_OUTCOMES, LOOKS, OK_SOURCES, ROUTES, VERDICTS
from ..scenario.hours import HOUR_MS, MINUTE_MS
from ..scenario.scenario import Scenario
from ..scenario.surface import Workflow
from .aftermath import (
    FOREVER,
    Fate,
    Floats,
    complaint_times,
    day_of,
    fate_of,
    harm_of,
    lost_by_waiting,
    went_bad,
)
from .contract import (
    DEAL_SIZE_BIT,
    FIRST,
    GATE_BIT,
    LOOK,
    LOW_BAND_BIT,
    MANUAL_BIT,
    MEDIUM_BAND_BIT,
    NEVER,
    PEEK_BIT,
    REDRAFT,
    ROUNDS,
    SIGNAL_BITS,
    Records,
    Route,
    Verdict,
)
from .draws import Draws

_SURFACED = (*LOOKS, "complaint")
_COMPLAINT = len(LOOKS)


class _Aftermath:
    """What came of each decision, and what anybody saw of it."""

    def __init__(
        self, scenario: Scenario, draws: Draws, out: Records, horizon_ms: int, stale: Floats
    ) -> None:
        decisions = draws.world.decisions
        first, redraft, look = (out[r::ROUNDS] for r in (FIRST, REDRAFT, LOOK))
        flows = list(scenario.workflows.values())
        flow = decisions["workflow"]
        self.redrafted = redraft["drafting"] != NEVER
        last = np.where(redraft["executed"] != NEVER, redraft, first)
        # what a person approved may take effect only after the end
        self.executed = np.where(last["executed"] < horizon_ms, last["executed"], NEVER)
        out_there = self.executed != NEVER
        self.skipped = (first["skipped"] == 1) | (redraft["skipped"] == 1)
        self.bad_out = out_there & went_bad(scenario, decisions, last)
        complaint = complaint_times(scenario, decisions, self.executed, self.bad_out, horizon_ms)
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
        self.harm = harm_of(scenario, decisions, self.bad_out, self.rolled_back)
        self.lost = lost_by_waiting(scenario, decisions, self.executed)
        day = np.minimum(day_of(np.maximum(self.executed, 0)), len(stale) - 1)
        self.fate = fate_of(scenario, decisions, draws.email, self.bad_out, stale[day])
        self.answered = self.executed + draws.email["after"] < horizon_ms
        self._label(first, look, complaint != FOREVER)

    def _label(self, first: Records, look: Records, complaint: NDArray[np.bool_]) -> None:
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


def decision_frame(
    scenario: Scenario, draws: Draws, out: Records, horizon_ms: int, stale: Floats
) -> pd.DataFrame:
    """One row for each decision that was taken before the horizon, in order of arrival.

    ``stale`` is the share of stale contacts on each day.
    """
    decisions, visits = draws.world.decisions, draws.world.visits
    first, redraft, look = (out[r::ROUNDS] for r in (FIRST, REDRAFT, LOOK))
    after = _Aftermath(scenario, draws, out, horizon_ms, stale)
    flows = scenario.workflows
    pools = list(scenario.pools)
    people = [name for _, name, _ in scenario.reviewers()]
    pool_of = np.array([pools.index(scenario.pool_of_role(w.raci.responsible[0]))
                        for w in flows.values()])  # fmt: skip
    clock = _Clock(scenario)
    flow, waits = decisions["workflow"], first["queued"] != NEVER
    reason, reasons = _reasons(first["reasons"], list(scenario.signals))

    def of_flow(of: Callable[[Workflow], str | None]) -> pd.Categorical:
        values = [of(w) for w in flows.values()]
        names = [v for v in dict.fromkeys(values) if v]
        codes = [names.index(v) if v else NEVER for v in values]
        return _category(np.array(codes)[flow], names)

    due = np.array([int(w.due_hours * HOUR_MS) for w in flows.values()])[flow]
    fate = after.fate
    came = after.executed != NEVER
    backup = np.array([pools.index(scenario.pool_of_role(w.raci.accountable))
                       for w in flows.values()])  # fmt: skip
    last_pool = np.where(first["escalated"] != NEVER, backup[flow], pool_of[flow])

    frame = pd.DataFrame(
        {
            "decision_id": draws.ids,
            "workflow": _category(flow, list(flows)),
            "agent": of_flow(lambda w: w.agent),
            "action": of_flow(lambda w: w.action),
            "channel": of_flow(lambda w: w.channel),
            "arrived_at": clock.times(decisions["arrival"]),
            "deal_size": decisions["deal_size"],
            "sources": of_flow(lambda w: "+".join(w.sources)),
            "signals": _joined(decisions["signals"], list(scenario.signals)),
            "reversible": np.array([w.reversible for w in flows.values()])[flow],
            "decided_at": clock.times(first["drafted"]),
            "confidence": visits["confidence"][FIRST::ROUNDS],
            "route": _category(first["route"], ROUTES),
            "reason": reason,
            "reasons": reasons,
            "gate": of_flow(lambda w: w.gate.value if w.gate else None),
            "exception": np.isin(first["route"], (Route.REVIEW, Route.TRIAGE)),
            "pool": _category(np.where(waits | (look["queued"] != NEVER), last_pool, NEVER), pools),
            "queued_at": clock.times(first["queued"]),
            "due_at": clock.times(np.where(waits, first["queued"] + due, NEVER)),
            "escalated_at": clock.times(first["escalated"]),
            "reviewer": _category(first["person"], people),
            "started_at": clock.times(first["started"]),
            "ended_at": clock.times(first["ended"]),
            "wait_minutes": _minutes(first["queued"], first["started"]),
            "review_minutes": _minutes(first["started"], first["ended"])
            + np.nan_to_num(_minutes(redraft["started"], redraft["ended"])),
            "verdict": _category(first["verdict"], VERDICTS),
            "by_hand": first["by_hand"] == 1,
            "redrafted": after.redrafted,
            "final_verdict": _category(
                np.where(after.redrafted, redraft["verdict"], first["verdict"]), VERDICTS
            ),
            "executed_at": clock.times(after.executed),
            "skipped": after.skipped,
            "look": _category(look["look"], LOOKS),
            "looked_at": clock.times(look["ended"]),
            "looker": _category(look["person"], people),
            "look_minutes": _minutes(look["started"], look["ended"]),
            "look_verdict": _category(look["verdict"], VERDICTS),
            "bulk": look["bulk"] == 1,
            "rolled_back": after.rolled_back,
            "ok": _yes_no(after.ok, after.known),
            "ok_source": _category(after.ok_source, OK_SOURCES),
            "surfaced_at": clock.times(after.surfaced),
            "surfaced_by": _category(after.surfaced_by, _SURFACED),
            **_email_columns(fate, came, after.answered),
            "delay_cost": np.round(after.lost, 2),
            "phase": _category(first["phase"], [str(p) for p in scenario.phases]),
            "boundary_version": scenario.boundary.version,
            "inclusion": np.where(first["inclusion"] < 0, np.nan, first["inclusion"]),
            "true_ok": first["ok"] == 1,
            "true_bad_out": after.bad_out,
            "true_harm": np.where(after.bad_out, np.round(after.harm, 2), np.nan),
            "true_inspected": _yes_no(first["inspected"] == 1, first["inspected"] != NEVER),
            "true_look_inspected": _yes_no(look["inspected"] == 1, look["inspected"] != NEVER),
        }
    )
    return frame[first["drafted"] != NEVER].reset_index(drop=True)


def _email_columns(
    fate: Fate, came: NDArray[np.bool_], answered: NDArray[np.bool_]
) -> dict[str, pd.array]:
    """Missing where no email went out; no where what will come had not come by the end."""
    sent = fate.sent & came
    by_end = {name: getattr(fate, name) & answered for name in EMAIL_OUTCOMES}
    by_end["bounced"] = fate.bounced
    return {name: _yes_no(happened, sent) for name, happened in by_end.items()}


def _yes_no(value: NDArray[Any], known: NDArray[np.bool_]) -> pd.array:
    return pd.arrays.BooleanArray(np.asarray(value, bool), ~known)


class _Clock:
    """Local wall-clock milliseconds to instants."""

    def __init__(self, scenario: Scenario) -> None:
        self._start = np.datetime64(scenario.start, "ms")
        self._zone = scenario.zone

    def times(self, ms: NDArray[np.int64]) -> pd.DatetimeIndex:
        local = self._start + ms.astype("timedelta64[ms]")
        local[ms == NEVER] = np.datetime64("NaT", "ms")
        return on_clock(local, self._zone)


def _category(codes: NDArray[Any], names: Sequence[str]) -> pd.Categorical:
    return pd.Categorical.from_codes(codes.astype(np.int16), categories=list(map(str, names)))


def _minutes(start: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.float64]:
    both = (start != NEVER) & (end != NEVER)
    return np.where(both, (end - start) / MINUTE_MS, np.nan)


def _words(bits: int, names: Sequence[tuple[int, str]]) -> list[str]:
    return [name for bit, name in names if bits & bit]


def _joined(masks: NDArray[np.int64], names: Sequence[str]) -> NDArray[Any]:
    values, index = np.unique(masks, return_inverse=True)
    pairs = [(1 << i, name) for i, name in enumerate(names)]
    return np.array(["+".join(_words(int(v), pairs)) for v in values], object)[index]


def _reasons(masks: NDArray[np.int64], signals: Sequence[str]) -> tuple[pd.Categorical, Any]:
    """The reason that decided, and all of them, in the order in which they decide."""
    order = [(MANUAL_BIT, "manual"), (GATE_BIT, "gate"), (LOW_BAND_BIT, "low_band")]
    order += [(DEAL_SIZE_BIT, "deal_size")]
    order += [(SIGNAL_BITS << i, name) for i, name in enumerate(signals)]
    order += [(MEDIUM_BAND_BIT, "medium_band"), (PEEK_BIT, "peek")]
    names = [name for _, name in order]
    values, index = np.unique(np.maximum(masks, 0), return_inverse=True)
    words = [_words(int(v), order) for v in values]
    deciding = np.array([names.index(w[0]) if w else NEVER for w in words])[index]
    return _category(deciding, names), np.array(["+".join(w) for w in words], object)[index]
