"""Teams of a few people with nothing going on but what a test is about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from typing import Any

import hitlsim as hs

START = date(2026, 8, 3)
"""A Monday."""
OFFICE = ["mon-fri 08:00-18:00"]
SAFE_FLOW: dict[str, Any] = {
    "agent": "bot",
    "class": "execution",
    "access": "automation-safe",
    "raci": {"accountable": "lead", "responsible": ["rep"]},
}
"""What all workflows have in common that may go out alone."""
SHADOW: dict[str, Any] = {"weeks": 2, "exceptions": "observe", "looks": {"share": 1.0}}
EXCEPTIONS: dict[str, Any] = {"weeks": 2, "looks": {"share": 0.3, "cadence": "weekly"}}
STEADY: dict[str, Any] = {"looks": {"share": 0.05, "cadence": "monthly", "at": "tue 09:00"}}
PHASES = {"shadow": SHADOW, "exception-only": EXCEPTIONS, "steady-state": STEADY}

QUIET: dict[str, Any] = {
    "start": START,
    "timezone": "UTC",
    "hours": {"office": OFFICE},
    "signals": {},
    "habits": {},
    "governance": {},
    "incidents": {},
    "crm": None,
    "holidays": (),
}
"""Office hours, and none of what the shipped scenario has going on."""


@cache
def _base() -> hs.Scenario:
    return hs.load("outbound")


def small_team(**changes: Any) -> hs.Scenario:
    """The quiet team with its agents, workflows, pools, phases and all else that is given."""
    return _base().with_(**{**QUIET, **changes})


def reps_and_lead(reps: Iterable[str], **settings: Any) -> dict[str, Any]:
    """Pools of these reps and of the lead lea, who all keep office hours and are alike."""
    people = {"shifts": OFFICE, **settings}
    return {
        "reps": {"role": "rep", "reviewers": dict.fromkeys(reps, people)},
        "leads": {"role": "lead", "reviewers": {"lea": people}},
    }
