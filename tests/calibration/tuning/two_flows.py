"""A small team with two workflows, of which one is dear."""

from __future__ import annotations

import hitlsim as hs
from tests.simulation.small_teams import SAFE_FLOW, STEADY, reps_and_lead, small_team


def team(**changes: object) -> hs.Scenario:
    """Two workflows and two reps, in steady state from the first day on."""
    flow = {**SAFE_FLOW, "action": "answer", "volume_per_week": 500}
    return small_team(
        name="two-flows", weeks=4,
        agents={"bot": {"may": ["answer"], "slots": 20}},
        workflows={
            "cheap": {**flow, "harm": {"fixed": 5.0, "deal_share": 0.0},
                      "ai": {"intercept": -0.5, "slope": 1.0}},
            "dear": {**flow, "harm": {"fixed": 100.0, "deal_share": 0.0},
                     "ai": {"intercept": -0.5, "slope": 1.0}},
        },
        boundary={"bands": {"auto": 0.85, "review": 0.6}},
        pools=reps_and_lead(["ann", "bob"], hit_rate=0.9, false_alarm_rate=0.05),
        phases={"steady-state": STEADY},
        **changes,
    )  # fmt: skip
