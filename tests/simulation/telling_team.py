"""A small team whose log shows everything that a log can show."""

from __future__ import annotations

from typing import Any

import hitlsim as hs
from hitlsim.simulation.contract import (
    Verdict,
)
from tests.simulation.small_teams import OFFICE, PHASES, SAFE_FLOW, small_team

APPROVE, EDIT, REJECT = (int(v) for v in Verdict)
REVERSIBLE, IRREVERSIBLE, GATED, OPTIONAL = "sourcing", "follow_up", "first_touch", "update"

SAFE: dict[str, Any] = {
    **SAFE_FLOW,
    "ai": {"confidence_mean": 0.92, "intercept": -0.3, "slope": 1.0},
    "surfacing": {"share": 0.4, "days": {"median": 3.0, "sigma": 1.0}},
    "by_hand": {"minutes": {"median": 10.0, "sigma": 0.4}, "error_share": 0.1},
    "sources": ["profile", "website"],
}
EMAILED = {"channel": "email", "email": {"reply": 0.2, "spam": 0.02}}


def telling_team() -> hs.Scenario:
    """Ten weeks of a small team, about 6,000 decisions, with everything that a log can show."""
    by_lead = {"accountable": "lead", "responsible": ["lead"]}
    gated = {"access": "manager-approved", "gate": "send", "raci": by_lead}
    return small_team(
        weeks=10,
        timezone="Europe/Berlin",
        signals={"angry": {"share": 0.03, "odds_of_ok": 0.3}, "new": {"share": 0.02}},
        agents={"bot": {"may": ["source", "send_email", "write_crm"], "slots": 4}},
        workflows={
            REVERSIBLE: {**SAFE, "action": "source", "volume_per_week": 270, "rollback_hours": 72.0,
                         "waiting": {}},
            IRREVERSIBLE: {**SAFE, **EMAILED, "action": "send_email", "volume_per_week": 200,
                           "reversible": False, "due_hours": 36.0, "escalate_after_hours": 12.0,
                           "skip_after_hours": 50.0},
            GATED: {**SAFE, **EMAILED, **gated, "action": "send_email", "volume_per_week": 100},
            OPTIONAL: {**SAFE, "action": "write_crm", "access": "draft-only", "gate": "crm-sync",
                       "volume_per_week": 40, "sources": []},
        },
        boundary={
            "version": 2,
            "bands": {"auto": 0.85, "review": 0.65},
            "workflows": {IRREVERSIBLE: {"auto": 0.88}},
            "triggers": {"deal_size_above": 500_000.0, "signals": ["angry"]},
            "audit": {"share": 0.1, "workflows": [IRREVERSIBLE]},
        },
        pools={
            # nobody of the reps on Mondays, so that Friday's rest is passed on
            "reps": {"role": "rep", "reviewers": {
                "mia": {"shifts": ["tue-fri 09:15-10:30"]},
                "noah": {"shifts": ["tue-fri 16:00-17:00"]}}},
            "leads": {"role": "lead", "reviewers": {"olga": {"shifts": OFFICE}}},
        },
        phases=PHASES,
        governance={"kill_switches": {REVERSIBLE: {"from_week": 9, "weeks": 1}}},
    )  # fmt: skip
