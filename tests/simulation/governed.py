"""A small team under rules, what it has seen, and what its governor makes of it."""

from __future__ import annotations

from typing import Any

import numpy as np

import hitlsim as hs
from hitlsim.simulation.contract import SEEN, Records
from hitlsim.simulation.governing.governor import Action, Governor
from tests.simulation.small_teams import (
    EXCEPTIONS,
    PHASES,
    SAFE_FLOW,
    SHADOW,
    STEADY,
    reps_and_lead,
    small_team,
)

CRM, MAIL, LETTER = range(3)
SAFE: dict[str, Any] = {
    **SAFE_FLOW,
    "by_hand": {"minutes": {"median": 2.0, "sigma": 0.0}},
}


GATED = {"access": "manager-approved", "gate": "send"}


def team(email: dict[str, Any] | None = None, **changes: Any) -> hs.Scenario:
    """Eight weeks of 100 updates, 200 emails and 50 letters, with nobody's habits and no rules."""
    flows = {
        "crm": {**SAFE, "action": "write_crm", "volume_per_week": 100},
        "mail": {**SAFE, "action": "send_email", "volume_per_week": 200, "channel": "email",
                 "email": email or {}},
        "letter": {**SAFE, **GATED, "action": "send_letter", "volume_per_week": 50,
                   "channel": "email", "email": {}},
    }  # fmt: skip
    plain: dict[str, Any] = {
        "weeks": 8,
        "agents": {
            "bot": {
                "may": ["write_crm", "send_email", "send_letter"],
                "slots": 50,
                "draft_seconds": {"median": 5.0, "sigma": 0.0},
            }
        },
        "workflows": flows,
        "boundary": {"bands": {"auto": 0.85, "review": 0.6}},
        "pools": reps_and_lead(["ann", "bob", "cat"], habits="steady"),
        "phases": PHASES,
    }
    return small_team(**{**plain, **changes})


def ruled(**rules: Any) -> hs.Scenario:
    """The team with these rules of governance."""
    return team(governance=rules)


def phased(**phases: dict[str, Any]) -> hs.Scenario:
    """The team with some of its phases changed."""
    given_ = {"shadow": SHADOW, "exception_only": EXCEPTIONS, "steady_state": STEADY, **phases}
    return team(phases={name.replace("_", "-"): phase for name, phase in given_.items()})


def nothing_seen(s: hs.Scenario) -> Records:
    return np.zeros((s.weeks * 7, len(s.workflows)), SEEN)


def saw(s: hs.Scenario, *days: tuple[int, int, dict[str, int]]) -> Records:
    """What was seen: (day, workflow, counts)."""
    seen = nothing_seen(s)
    for day, flow, counts in days:
        for name, count in counts.items():
            seen[name][day, flow] = count
    return seen


def govern(s: hs.Scenario, seen: Records) -> tuple[Records, list[Action]]:
    """The policies of all days, and what was done."""
    governor = Governor(s)
    return np.stack([governor.policies(d, seen) for d in range(len(seen))]), governor.actions


def days_of(flags: Any) -> list[int]:
    return np.flatnonzero(flags).tolist()


def looks(n: int, bad: int = 0) -> dict[str, int]:
    return {"looked": n, "looked_bad": bad, "safe": 10 * n, "exceptions": n}


def back_if(phase: dict[str, Any]) -> dict[str, Any]:
    rule = {"bad_above": 0.1, "confidence": 0.95, "min_labels": 20}
    return {**phase, "looks": {**phase["looks"], "share": 0.5}, "back_if": rule}


def bounces(**more: Any) -> dict[str, Any]:
    return {"pauses": {"bounces": {"rate": "bounce", "pause": 0.05, "min_count": 50, **more}}}


def learner(odds_reduction: float, corrections: float = 100.0) -> hs.Scenario:
    plain = team().workflows
    ai = {"learning": {"odds_reduction": odds_reduction, "corrections": corrections}}
    return team(workflows={**plain, "crm": {**SAFE, "action": "write_crm", "volume_per_week": 100,
                                            "ai": ai}})  # fmt: skip
