"""A scenario as the flat arrays that engines read."""

from __future__ import annotations

import math
from collections.abc import Iterator
from statistics import NormalDist

import numpy as np

from ..scenario.hours import DAY_MS, HOUR_MS, MINUTE_MS, WEEK_MS
from ..scenario.once import once_for_each
from ..scenario.phases import Cadence
from ..scenario.scenario import Scenario
from ..scenario.team import Reviewer
from .contract import (
    AGENDA,
    NEVER,
    PERSON,
    WORKFLOW,
    Kind,
    LookKind,
    Records,
    Table,
    shift_item,
)
from .world.draws import Draws
from .world.holding import ready_of

LOOK_OF_CADENCE = {
    Cadence.AT_ONCE: LookKind.OBSERVE,
    Cadence.WEEKLY: LookKind.BATCH,
    Cadence.MONTHLY: LookKind.SPOT_CHECK,
}


def table_of(scenario: Scenario, draws: Draws) -> Table:
    """Everything that stays as it is for a whole run."""
    return _but_for_draws(scenario)._replace(ready=ready_of(scenario, draws))


@once_for_each
def _but_for_draws(scenario: Scenario) -> Table:
    pools = list(scenario.pools)
    groups = _skill_groups(scenario)
    queues = list(dict.fromkeys(groups.values()))
    workflows = np.zeros(len(scenario.workflows), WORKFLOW)
    for row, (name, w) in zip(workflows, scenario.workflows.items(), strict=True):
        pool = scenario.pool_of_role(w.raci.responsible[0])
        backup = scenario.pool_of_role(w.raci.accountable)
        row["agent"] = list(scenario.agents).index(w.agent)
        row["pool"], row["queue"] = pools.index(pool), queues.index(groups[pool, name])
        row["backup_queue"] = NEVER if backup == pool else queues.index(groups[backup, name])
        row["gated"], row["optional"] = not w.automation_safe, w.draft_is_optional
        row["redrafts"], row["priority"] = w.redrafts, w.priority
        row["escalate_after"] = int(w.escalate_after_hours * HOUR_MS)
        skip = w.skip_after_hours
        row["skip_after"] = NEVER if skip is None else int(skip * HOUR_MS)
        row["execute"] = int(w.execute_seconds * 1000)
    return Table(
        workflows=workflows,
        slots=np.array([a.slots for a in scenario.agents.values()], np.int64),
        people=people_of(scenario),
        queues=tuple(
            tuple(i for i, (own, who) in enumerate(queues) if own == pool and name in who)
            for pool, name, _ in scenario.reviewers()
        ),
        n_queues=len(queues),
        agenda=agenda_of(scenario),
        ready=np.zeros(0, np.int64),
        horizon_ms=scenario.weeks * WEEK_MS,
    )


Group = tuple[str, frozenset[str]]


def _skill_groups(scenario: Scenario) -> dict[tuple[str, str], Group]:
    """For each (pool, workflow) the pool and those of its people who can do it.

    Workflows that the same people can do share a queue.
    """
    groups: dict[tuple[str, str], Group] = {}
    for name, w in scenario.workflows.items():
        for role in (w.raci.responsible[0], w.raci.accountable):
            pool = scenario.pool_of_role(role)
            groups[pool, name] = (pool, scenario.pools[pool].able(name))
    return groups


def people_of(scenario: Scenario) -> Records:
    """How each reviewer sees, reads, tires and trusts, as numbers."""
    pools = list(scenario.pools)
    out = np.zeros(len(scenario.reviewers()), PERSON)
    for row, (pool_name, _, reviewer) in zip(out, scenario.reviewers(), strict=True):
        pool, h = scenario.pools[pool_name], scenario.habits_of(reviewer)
        d_prime, criterion = signal_detection(h.hit_rate, h.false_alarm_rate)
        values = {
            "pool": pools.index(pool_name), "d_prime": d_prime, "criterion": criterion,
            "edit_share": reviewer.edit_share, "speed": reviewer.speed, "hurry": h.hurry,
            "dwell": int(pool.minimum_dwell_seconds * 1000), "skip": int(h.skip_seconds * 1000),
            "speed_accuracy": h.speed_accuracy, "prevalence": h.prevalence_weight,
            "memory": h.memory_reviews, "expects": h.expects_errors, "feedback": h.feedback_share,
            "follows": h.follows_ai,
            "reads": _logit(h.inspect_share) + h.accountability_weight * pool.accountability,
            "lapse": h.lapse, "by_trust": h.trust_weight, "by_queue": h.queue_weight,
            "by_repeats": h.alert_weight, "fatigue": h.fatigue, "tires_in": h.fatigue_minutes,
            "rests_in": h.rest_minutes, "success": h.trust_success, "failure": h.trust_failure,
            "alpha": h.trust_start * h.trust_prior, "beta": (1 - h.trust_start) * h.trust_prior,
            "peeks": _logit(h.peek_share), "peeks_by_trust": h.peek_trust_weight,
            "uses": _logit(h.uptake_share), "uses_by_trust": h.uptake_trust_weight,
        }  # fmt: skip
        for name, value in values.items():
            row[name] = value
    return out


def _logit(p: float) -> float:
    if p in (0, 1):
        return math.inf if p else -math.inf
    return math.log(p / (1 - p))


def signal_detection(hit_rate: float, false_alarm_rate: float) -> tuple[float, float]:
    """Sensitivity d' and criterion c of somebody with these rates.

    >>> d_prime, criterion = signal_detection(0.84134474, 0.15865526)
    >>> round(d_prime, 3), round(abs(criterion), 3)
    (2.0, 0.0)
    """
    z = NormalDist().inv_cdf
    hit, false_alarm = z(hit_rate), z(false_alarm_rate)
    return hit - false_alarm, -0.5 * (hit + false_alarm)


def agenda_of(scenario: Scenario) -> Records:
    """Shift changes and releases of looks, sorted as they happen."""
    items = sorted({*_shifts(scenario), *_releases(scenario)})
    return np.array(items, AGENDA)


def _shifts(scenario: Scenario) -> Iterator[tuple[int, int, int]]:
    for person, (pool, _, reviewer) in enumerate(scenario.reviewers()):
        for start, end in hours_at_desk(scenario, pool, reviewer):
            yield start, Kind.SHIFT, shift_item(person, True)
            yield end, Kind.SHIFT, shift_item(person, False)


def hours_at_desk(scenario: Scenario, pool: str, reviewer: Reviewer) -> list[tuple[int, int]]:
    """When somebody is at the desk, in ms: their shifts without calls and holidays."""
    role = scenario.pools[pool].role
    calls = sorted(
        (c.at - back, c.at - back + c.minutes * MINUTE_MS)
        for c in scenario.governance.calls.values()
        for back in (0, WEEK_MS)  # a call on Sunday night goes on on Monday
        if not c.roles or role in c.roles
    )
    week = [
        part
        for window in reviewer.shifts
        for span in window.spans_ms()
        for part in _without(span, calls)
    ]
    away = {(day - scenario.start).days for day in (*scenario.holidays, *reviewer.holidays)}
    return [
        (number * WEEK_MS + start, number * WEEK_MS + end)
        for number in range(scenario.weeks)
        for start, end in sorted(week)
        if (number * WEEK_MS + start) // DAY_MS not in away
    ]


def _without(span: tuple[int, int], calls: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """What is left of a stretch of time around calls (sorted)."""
    parts, (start, end) = [], span
    for begins, ends in calls:
        if begins < end and ends > start:
            if start < begins:
                parts.append((start, begins))
            start = max(start, ends)
    return [*parts, (start, end)] if start < end else parts


def _releases(scenario: Scenario) -> Iterator[tuple[int, int, int]]:
    for week in range(scenario.weeks):
        if scenario.boundary.audit.share:
            yield week * WEEK_MS + scenario.boundary.audit.at, Kind.RELEASE, LookKind.AUDIT
        for phase in scenario.phases.values():
            moment = week * WEEK_MS + phase.looks.at
            kind = LOOK_OF_CADENCE[phase.looks.cadence]
            if kind is LookKind.BATCH:
                yield moment, Kind.RELEASE, kind
            if kind is LookKind.SPOT_CHECK and scenario.first_of_month(moment):
                yield moment, Kind.RELEASE, kind
