"""The phases of a rollout: when each began and ended, and what was decided about it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd

from ...decisions.counting.counts import Counts
from ...scenario.phases import BackIf, Cadence, Criterion, Exceptions, Phase
from ...scenario.scenario import Scenario
from .parts import phase_calendar


@dataclass(frozen=True)
class Span:
    """One phase, as a run went through it.

    Attributes
    ----------
    name : str
    first_week, last_week : int
        1 is the first; any workflow was in it.
    apart : bool
        Whether on some day some workflows were in it and others not.
    people : str
        What people do in it.
    ends : str
        What ends it.
    goes_back : str
        What sends a workflow back; empty if nothing does.
    """

    name: str
    first_week: int
    last_week: int
    apart: bool
    people: str
    ends: str
    goes_back: str

    @property
    def weeks(self) -> str:
        """When it was, in words.

        >>> Span("shadow", 1, 2, False, "", "", "").weeks
        'weeks 1-2'
        """
        if self.first_week == self.last_week:
            return f"week {self.first_week}"
        return f"weeks {self.first_week}-{self.last_week}"

    def to_dict(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self)


def spans(scenario: Scenario, counts: Counts) -> tuple[Span, ...]:
    """The phases that a run reached, in order."""
    calendar = phase_calendar(counts)
    week = (calendar.index - pd.Timestamp(scenario.start)).days // 7 + 1
    reached = set(counts.rows["phase"].astype("str"))
    found = []
    for name, phase in scenario.phases.items():
        if str(name) not in reached:
            continue
        inside = calendar == str(name)
        weeks = week[inside.any(axis=1)]
        found.append(
            Span(
                str(name), int(weeks.min()), int(weeks.max()),
                bool((inside.any(axis=1) & ~inside.all(axis=1)).any()),
                what_people_do(phase), what_ends(phase), _goes_back(phase.back_if),
            )
        )  # fmt: skip
    return tuple(found)


_WHEN = {
    Cadence.AT_ONCE: "as it happens",
    Cadence.WEEKLY: "in a weekly batch",
    Cadence.MONTHLY: "in a monthly spot check",
}


def what_people_do(phase: Phase) -> str:
    """What a phase asks of people."""
    asked = (
        "the AI acts on everything it may take alone; people say what they would have done"
        if phase.exceptions is Exceptions.OBSERVE
        else "exceptions wait for a person"
    )
    if not phase.looks.share:
        return f"{asked}; nobody looks at what went alone"
    share = "all" if phase.looks.share == 1 else f"{100 * phase.looks.share:g}%"
    return f"{asked}; they look at {share} of what went alone, {_WHEN[phase.looks.cadence]}"


def what_ends(phase: Phase) -> str:
    """What ends a phase."""
    if phase.until is not None:
        least = f", after {phase.weeks} weeks at the earliest" if phase.weeks else ""
        return f"each workflow once it has shown {criterion_words(phase.until)}{least}"
    if phase.weeks is None:
        return "it is the last"
    return f"by date, after {phase.weeks} week{'' if phase.weeks == 1 else 's'}"


def _goes_back(rule: BackIf | None) -> str:
    if rule is None:
        return ""
    return (
        f"more than {100 * rule.bad_above:g}% bad among {rule.min_labels:,} or more looks of four "
        f"weeks ({rule.confidence:.0%} sure)"
    )


def criterion_words(c: Criterion) -> str:
    """What must be shown before a phase ends.

    >>> criterion_words(Criterion(min_labels=200, bad_below=0.08))
    'at least 200 looks, fewer than 8% bad among them (90% sure)'
    """
    said = [f"at least {c.min_labels:,} looks"] if c.min_labels else []
    bars = [
        (c.bad_below, "fewer than {:g}% bad among them"),
        (c.exceptions_below, "exceptions below {:g}%"),
        (c.overrides_above, "overrides above {:g}%"),
    ]
    said += [text.format(100 * bar) for bar, text in bars if bar is not None]
    sure = f" ({c.confidence:.0%} sure)" if any(bar is not None for bar, _ in bars) else ""
    return f"{', '.join(said) or 'nothing'}{sure}"
