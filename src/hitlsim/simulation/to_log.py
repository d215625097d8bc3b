"""What an engine gives back, as a decision log: what came of each decision, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..decisions.clock import on_clock
from ..decisions.columns import LOOKS, OK_SOURCES, ROUTES, VERDICTS
from ..scenario.hours import HOUR_MS, MINUTE_MS
from ..scenario.scenario import Scenario
from .contract import (
    DEAL_SIZE_BIT,
    FIRST,
    GATE_BIT,
    LOOK,
    LOW_BAND_BIT,
    MEDIUM_BAND_BIT,
    NEVER,
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
    """What came of each decision; vectorised, since it feeds nothing back to the desk."""

    def __init__(self, scenario: Scenario, draws: Draws, out: Records, horizon_ms: int) -> None:
        decisions = draws.world.decisions
        first, redraft, look = (out[r::ROUNDS] for r in (FIRST, REDRAFT, LOOK))
        flows = list(scenario.workflows.values())
        flow = decisions["workflow"]
        self.redrafted = redraft["drafting"] != NEVER
        self.executed = np.where(first["executed"] != NEVER, first["executed"], redraft["executed"])
        self.bad_out = (
            (first["executed"] != NEVER) & (first["ok"] == 0) & (first["verdict"] != Verdict.EDIT)
        ) | (
            (redraft["executed"] != NEVER)
            & (redraft["ok"] == 0)
            & (redraft["verdict"] != Verdict.EDIT)
        )
        complains = self.bad_out & (
            decisions["u_surface"] < np.array([w.surfacing.share for w in flows])[flow]
        )
        never = np.iinfo(np.int64).max
        complaint = np.where(complains, self.executed + decisions["surface_after"], never)
        found = np.where(look["verdict"] > Verdict.APPROVE, look["ended"], never)
        window = np.array([w.rollback_hours * HOUR_MS if w.reversible else -1 for w in flows])[flow]
        in_time = self.executed + window
        complaint = np.where(complaint < horizon_ms, complaint, never)
        surfaced = np.minimum(found, complaint)
        self.rolled_back = (surfaced != never) & (surfaced <= in_time)
        self.surfaced = np.where(surfaced == never, NEVER, surfaced)
        by = np.where(found <= complaint, look["look"], _COMPLAINT)
        self.surfaced_by = np.where(surfaced == never, NEVER, by)
        self._label(first, look, complaint != never)

    def _label(self, first: Records, look: Records, complaint: NDArray[np.bool_]) -> None:
        """What anybody saw: the verdict, or the look, unless a complaint proved it wrong."""
        reviewed, looked = first["verdict"] != NEVER, look["verdict"] != NEVER
        verdict = np.where(reviewed, first["verdict"], look["verdict"])
        self.known = reviewed | looked | complaint
        self.ok = (verdict == Verdict.APPROVE) & ~complaint
        source = np.where(looked, OK_SOURCES.index(LOOKS[0]) + look["look"], NEVER)
        source = np.where(reviewed, OK_SOURCES.index("review"), source)
        unseen = complaint & ~reviewed & ~looked
        self.ok_source = np.where(unseen, OK_SOURCES.index("complaint"), source)


def decision_frame(scenario: Scenario, draws: Draws, out: Records, horizon_ms: int) -> pd.DataFrame:
    """One row for each decision that was taken before the horizon, in order of arrival."""
    decisions, visits = draws.world.decisions, draws.world.visits
    first, redraft, look = (out[r::ROUNDS] for r in (FIRST, REDRAFT, LOOK))
    after = _Aftermath(scenario, draws, out, horizon_ms)
    flows = scenario.workflows
    pools = list(scenario.pools)
    people = [name for _, name, _ in scenario.reviewers()]
    pool_of = np.array([pools.index(scenario.pool_of_role(w.raci.responsible[0]))
                        for w in flows.values()])  # fmt: skip
    clock = _Clock(scenario)
    flow, waits = decisions["workflow"], first["queued"] != NEVER
    reason, reasons = _reasons(first["reasons"], list(scenario.signals))

    def of_flow(field: str) -> pd.Categorical:
        values = [getattr(w, field) for w in flows.values()]
        names = list(dict.fromkeys(values))
        return _category(np.array([names.index(v) for v in values])[flow], names)

    frame = pd.DataFrame(
        {
            "decision_id": draws.ids,
            "workflow": _category(flow, list(flows)),
            "agent": of_flow("agent"),
            "action": of_flow("action"),
            "channel": of_flow("channel"),
            "arrived_at": clock.times(decisions["arrival"]),
            "deal_size": decisions["deal_size"],
            "signals": _joined(decisions["signals"], list(scenario.signals)),
            "decided_at": clock.times(first["drafted"]),
            "confidence": visits["confidence"][FIRST::ROUNDS],
            "route": _category(first["route"], ROUTES),
            "reason": reason,
            "reasons": reasons,
            "exception": np.isin(first["route"], (Route.REVIEW, Route.TRIAGE)),
            "pool": _category(
                np.where(waits | (look["queued"] != NEVER), pool_of[flow], NEVER), pools
            ),
            "queued_at": clock.times(first["queued"]),
            "reviewer": _category(first["person"], people),
            "started_at": clock.times(first["started"]),
            "ended_at": clock.times(first["ended"]),
            "wait_minutes": _minutes(first["queued"], first["started"]),
            "review_minutes": _minutes(first["started"], first["ended"])
            + np.nan_to_num(_minutes(redraft["started"], redraft["ended"])),
            "verdict": _category(first["verdict"], VERDICTS),
            "redrafted": after.redrafted,
            "final_verdict": _category(
                np.where(after.redrafted, redraft["verdict"], first["verdict"]), VERDICTS
            ),
            "executed_at": clock.times(after.executed),
            "look": _category(look["look"], LOOKS),
            "looked_at": clock.times(look["ended"]),
            "looker": _category(look["person"], people),
            "look_minutes": _minutes(look["started"], look["ended"]),
            "look_verdict": _category(look["verdict"], VERDICTS),
            "rolled_back": after.rolled_back,
            "ok": pd.array(np.where(after.known, after.ok, None), dtype="boolean"),
            "ok_source": _category(after.ok_source, OK_SOURCES),
            "surfaced_at": clock.times(after.surfaced),
            "surfaced_by": _category(after.surfaced_by, _SURFACED),
            "phase": _category(first["phase"], [str(p) for p in scenario.phases]),
            "boundary_version": scenario.boundary.version,
            "inclusion": first["inclusion"],
            "true_ok": first["ok"] == 1,
            "true_bad_out": after.bad_out,
        }
    )
    return frame[first["drafted"] != NEVER].reset_index(drop=True)


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
    order = [(GATE_BIT, "gate"), (LOW_BAND_BIT, "low_band"), (DEAL_SIZE_BIT, "deal_size")]
    order += [(SIGNAL_BITS << i, name) for i, name in enumerate(signals)]
    order += [(MEDIUM_BAND_BIT, "medium_band")]
    names = [name for _, name in order]
    values, index = np.unique(np.maximum(masks, 0), return_inverse=True)
    words = [_words(int(v), order) for v in values]
    deciding = np.array([names.index(w[0]) if w else NEVER for w in words])[index]
    return _category(deciding, names), np.array(["+".join(w) for w in words], object)[index]
