"""What a log says of the scenario it comes from, so that it can be measured by itself."""

from __future__ import annotations

from typing import Any

from ...scenario.evidence import defaults
from ...scenario.framework import unsafe_workflows
from ...scenario.once import once_for_each
from ...scenario.scenario import Scenario


@once_for_each
def record_of(scenario: Scenario) -> dict[str, Any]:
    """Plain values that metrics and reports need beside the rows.

    ``capacity_hours_per_week``, ``cost_per_hour``: by pool; ``by_hand_minutes`` (mean) and
    ``reading_floor_seconds``: by workflow; ``steps``: the workflows that are steps of a sequence;
    ``fixed_hours_per_week``: hours of calls and approvals by domain, of the people who answer for
    workflows; ``rests_on``: every number of the file, and every default it leaves alone, with its
    kind of evidence; people by their place in the pool, since reports list it.
    """
    s, rules = scenario, scenario.governance
    accountable = {s.pool_of_role(w.raci.accountable) for w in s.workflows.values()}
    return {
        "boundary_version": s.boundary.version,
        "bands": s.boundary.bands.model_dump(),
        "currency": s.currency,
        "manager_pools": sorted(accountable),
        "managers": sum(len(s.pools[p].reviewers) for p in accountable),
        "manager_hours_per_week": rules.manager_hours_per_week,
        "human_domains": dict(rules.human_domains),
        "fixed_hours_per_week": _fixed_hours(s, accountable),
        "capacity_hours_per_week": {name: p.hours_per_week for name, p in s.pools.items()},
        "cost_per_hour": {name: p.cost_per_hour for name, p in s.pools.items()},
        "by_hand_minutes": {n: round(w.by_hand.minutes.mean, 6) for n, w in s.workflows.items()},
        "reading_floor_seconds": {n: w.reading_floor_seconds for n, w in s.workflows.items()},
        "same_day": list(rules.same_day),
        "steps": [n for n, w in s.workflows.items() if w.skip_after_hours is not None],
        "rests_on": {
            "file": [[_nameless(s, e.path), f"{e.value:g}", e.mark, e.source] for e in s.evidence],
            "defaults": [[*d] for d in defaults(s)],
        },
        "unsafe_workflows": [f"{u.workflow}: {u.rule}" for u in unsafe_workflows(s)],
    }


def _nameless(s: Scenario, path: str) -> str:
    """A setting's path without anybody's name."""
    for pool, its in s.pools.items():
        for place, name in enumerate(its.reviewers, 1):
            own = f"pools.{pool}.reviewers.{name}."
            if path.startswith(own):
                return f"pools.{pool}.reviewers.{place}.{path.removeprefix(own)}"
    return path


def _fixed_hours(s: Scenario, accountable: set[str]) -> dict[str, float]:
    """Hours a week that the accountable people spend in calls and on approvals."""
    calls = sum(
        call.minutes / 60 * len(s.pools[pool].reviewers)
        for call in s.governance.calls.values()
        for pool in accountable
        if not call.roles or s.pools[pool].role in call.roles
    )
    approvals = sum(a.minutes / 60 / a.every_weeks for a in s.governance.approvals.values())
    return {"calls": calls, "approvals": approvals}
