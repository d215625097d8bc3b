"""One workflow, one clerk, a few dozen decisions: a run takes milliseconds."""

from __future__ import annotations

from typing import Any

import hitlsim as hs
from tests.simulation.small_teams import SAFE_FLOW, STEADY, reps_and_lead, small_team

FLOW = "sourcing"


def one_flow(
    *, auto: float = 0.9, review: float = 0.0, flow: dict[str, Any] | None = None, **changes: Any
) -> hs.Scenario:
    """Nothing but bands decides what is an exception."""
    sourcing = {**SAFE_FLOW, "action": "source", "volume_per_week": 60, **(flow or {})}
    settings: dict[str, Any] = {
        "weeks": 2,
        "agents": {"bot": {"may": ["source"], "slots": 4}},
        "workflows": {FLOW: sourcing},
        "boundary": {"bands": {"auto": auto, "review": review}},
        "pools": reps_and_lead(["ann"]),
        "phases": {"steady-state": STEADY},
        "name": "one-flow",
    }
    return small_team(**{**settings, **changes})
