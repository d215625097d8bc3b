"""A scenario as the flat arrays that engines read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from statistics import NormalDist

import numpy as np

from ..scenario.hours import DAY_MS, WEEK_MS
from ..scenario.phases import Cadence
from ..scenario.scenario import Scenario
from .contract import AGENDA, PERSON, WORKFLOW, Kind, LookKind, Records, Table, shift_item

LOOK_OF_CADENCE = {
    Cadence.AT_ONCE: LookKind.OBSERVE,
    Cadence.WEEKLY: LookKind.BATCH,
    Cadence.MONTHLY: LookKind.SPOT_CHECK,
}


def table_of(scenario: Scenario) -> Table:
    """Everything about a scenario that stays as it is for a whole run."""
    agents, pools = list(scenario.agents), list(scenario.pools)
    workflows = np.array(
        [
            (
                agents.index(w.agent),
                pools.index(scenario.pool_of_role(w.raci.responsible[0])),
                not w.automation_safe,
                w.priority,
            )
            for w in scenario.workflows.values()
        ],
        WORKFLOW,
    )
    people = np.array(
        [
            (
                pools.index(pool),
                *signal_detection(r.hit_rate, r.false_alarm_rate),
                r.edit_share,
                r.speed,
            )
            for pool, _, r in scenario.reviewers()
        ],
        PERSON,
    )
    slots = np.array([a.slots for a in scenario.agents.values()], np.int64)
    horizon = scenario.weeks * WEEK_MS
    return Table(workflows, slots, people, len(pools), agenda_of(scenario), horizon)


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
    for person, (_, _, reviewer) in enumerate(scenario.reviewers()):
        spans = sorted(span for window in reviewer.shifts for span in window.spans_ms())
        for week in range(scenario.weeks):
            for start, end in spans:
                yield week * WEEK_MS + start, Kind.SHIFT, shift_item(person, True)
                yield week * WEEK_MS + end, Kind.SHIFT, shift_item(person, False)


def _releases(scenario: Scenario) -> Iterator[tuple[int, int, int]]:
    for week in range(scenario.weeks):
        if scenario.boundary.audit.share:
            yield week * WEEK_MS + scenario.boundary.audit.at, Kind.RELEASE, LookKind.AUDIT
        for phase in scenario.phases.values():
            moment = week * WEEK_MS + phase.looks.at
            kind = LOOK_OF_CADENCE[phase.looks.cadence]
            if kind is LookKind.BATCH:
                yield moment, Kind.RELEASE, kind
            # the first such moment of a calendar month is the one within its first seven days
            day = scenario.start + timedelta(days=moment // DAY_MS)
            if kind is LookKind.SPOT_CHECK and day.day <= 7:
                yield moment, Kind.RELEASE, kind
