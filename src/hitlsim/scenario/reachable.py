"""What a run can show at all: how many decisions, emails and looks there will be, generously.

A criterion that nothing could ever meet, and a monitor that would never be asked, are mistakes
that nobody notices while they run; so they are found beforehand.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from .explain import Path_, Problem
from .hours import WEEK_MS
from .phases import BACK_LOOKS_AT_DAYS, BackIf, Cadence, Criterion, Phase

if TYPE_CHECKING:
    from .scenario import Scenario
    from .surface import Workflow

_GENEROUS = 1.5
"""Only what lies beyond so many times the expected is called out of reach."""
_DAYS_OF_CADENCE = {Cadence.AT_ONCE: 7, Cadence.WEEKLY: 7, Cadence.MONTHLY: 35}
"""Days whose decisions can be looked at together: people look when they have time."""


def decisions(s: Scenario, w: Workflow) -> float:
    """Decisions to expect of a workflow in the whole run."""
    by_week = (w.volume_per_week * (1 + w.growth_per_week) ** k for k in range(s.weeks))
    return math.fsum(by_week) + _drops(s, w) * _contacts(w)


def emails(s: Scenario, w: Workflow, days: int) -> float:
    """Emails to expect in the busiest ``days`` days in a row, were every decision to go out.

    What a person must approve goes out when they have time: all of a week may on one day.
    """
    return _busiest(s, w, days if w.automation_safe else max(days, 7))


def seen_share(s: Scenario, name: str, phase: Phase) -> float:
    """Share of what a workflow does alone that somebody looks at in a phase."""
    if not s.workflows[name].automation_safe:
        return 0.0
    return 1 - (1 - _audited(s, name)) * (1 - phase.looks.share)


def looks(s: Scenario, name: str, days: int, phases: Iterable[Phase]) -> float:
    """Looks at a workflow to expect in the best ``days`` days in a row of the best phase."""
    w = s.workflows[name]
    if not w.automation_safe:
        return 0.0
    audited = _audited(s, name) * _busiest(s, w, max(days, 7))
    return audited + max(
        p.looks.share * _busiest(s, w, max(days, _DAYS_OF_CADENCE[p.looks.cadence])) for p in phases
    )


def criterion_problems(s: Scenario) -> Iterator[Problem]:
    """Criteria of phases and of the rollout that nothing could ever meet."""
    safe = [w for w in s.workflows.values() if w.automation_safe]
    if safe and not any(decisions(s, w) for w in safe):
        return  # all of it is silenced: nothing is asked for
    for name, phase in s.phases.items():
        here = ("phases", name.value)
        if phase.until is not None:
            most = max(decisions(s, w) * seen_share(s, n, phase) for n, w in s.workflows.items())
            yield from _out_of_reach((*here, "until"), phase.until, most, "the largest workflow")
        if phase.back_if is not None and name != next(iter(s.phases)):
            yield from _never_back(s, (*here, "back_if"), phase.back_if, phase)
    rollout = s.governance.rollout
    if rollout is not None and rollout.holds is not None:
        most = math.fsum(
            decisions(s, w) * max(seen_share(s, n, p) for p in s.phases.values())
            for n, w in s.workflows.items()
        )
        here_too = ("governance", "rollout", "holds")
        yield from _out_of_reach(here_too, rollout.holds, most, "all workflows together")


def _out_of_reach(here: Path_, c: Criterion, expected: float, whose: str) -> Iterator[Problem]:
    """What asks for more looks than the whole run has."""
    if not c.min_labels and c.bad_below is c.exceptions_below is c.overrides_above is None:
        bars = "min_labels, bad_below, exceptions_below, overrides_above"
        yield Problem(here, f"asks for nothing; add one of {bars}, or take it out")
    if not c.min_labels and c.bad_below is None:
        return
    bar = "bad_below" if c.bad_below is not None else "min_labels"
    said = f"about {expected:,.0f} looks are to be expected in the whole run for {whose}"
    if not expected:
        yield Problem(
            (*here, bar),
            "can never be met: nobody looks at what goes out alone; "
            "raise looks.share or boundary.audit.share",
        )
    elif c.min_labels > _GENEROUS * expected:
        yield Problem(
            (*here, "min_labels"),
            f"{c.min_labels:,} can never be reached: {said}; "
            "lower it, raise looks.share, or let the run last longer",
        )
    elif c.bad_below is not None and labels_needed(c) > _GENEROUS * expected:
        yield Problem(
            (*here, "bad_below"),
            f"{c.bad_below:g} with confidence {c.confidence:g} takes {labels_needed(c):,} looks "
            f"without one bad decision, but {said}; raise it, raise looks.share, "
            "or ask for less confidence",
        )


def labels_needed(c: Criterion) -> int:
    """Fewest looks, all good, after which ``bad_below`` is shown with the stated confidence.

    The upper Clopper-Pearson limit of 0 in n is 1 - (1 - confidence)^(1/n).

    >>> labels_needed(Criterion(bad_below=0.05, confidence=0.95))
    59
    """
    if c.bad_below is None:
        return 0
    return math.floor(math.log1p(-c.confidence) / math.log1p(-c.bad_below)) + 1


def _never_back(s: Scenario, here: Path_, rule: BackIf, phase: Phase) -> Iterator[Problem]:
    expected = max(looks(s, name, BACK_LOOKS_AT_DAYS, [phase]) for name in s.workflows)
    if not expected:
        yield Problem(
            here,
            "would never be asked: nobody looks at what goes out alone in this phase; "
            "raise looks.share or boundary.audit.share",
        )
    elif rule.min_labels > _GENEROUS * expected:
        yield Problem(
            (*here, "min_labels"),
            f"{rule.min_labels:,} can never be reached: about {expected:,.0f} looks are to be "
            "expected in four weeks for the largest workflow; lower it or raise looks.share",
        )


def _audited(s: Scenario, name: str) -> float:
    audit = s.boundary.audit
    return audit.share if name in (audit.workflows or s.workflows) else 0.0


def _contacts(w: Workflow) -> int:
    return 0 if w.list_drop is None else w.list_drop.contacts


def _drops(s: Scenario, w: Workflow) -> int:
    """Lists that come in the run: the first such moment of each calendar month."""
    if w.list_drop is None:
        return 0
    moment = w.list_drop.at
    return sum(s.first_of_month(week * WEEK_MS + moment) for week in range(s.weeks))


def _busiest(s: Scenario, w: Workflow, days: int) -> float:
    """Decisions to expect in the busiest ``days`` days in a row."""
    peak = w.volume_per_week * max(1.0, (1 + w.growth_per_week) ** (s.weeks - 1))
    weeks, rest = divmod(days, 7)
    lists = min(_drops(s, w), days // 28 + 1)
    most = peak * (weeks + _busiest_share(s, w, rest)) + lists * _contacts(w)
    return min(most, decisions(s, w))


def _busiest_share(s: Scenario, w: Workflow, days: int) -> float:
    """Share of a week's decisions that arise in the busiest ``days`` days in a row."""
    by_day = [0.0] * 7
    for window in s.hours.get(w.hours, ()):
        for day in window.days:
            by_day[day] += window.weight * (window.end_minute - window.start_minute)
    runs = (math.fsum((by_day * 2)[d : d + days]) for d in range(7))
    return max(runs) / math.fsum(by_day) if any(by_day) else 1.0
