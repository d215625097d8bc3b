"""Pauses: rates that are watched every day, and who stands still because of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ...scenario.governance import Pause, Rate
from ...scenario.scenario import Scenario
from . import monitors
from .monitors import Seen
from .past import Past


class Told(NamedTuple):
    """A pause or a warning."""

    workflow: int
    rule: str
    what: str
    because: str


class _Watched(NamedTuple):
    """One rule on one workflow; as plain values what is asked of it every day."""

    label: str
    rule: Pause
    workflow: int
    event: str
    base: str
    window_days: int
    min_count: int
    low_is_bad: bool
    line: float
    """The one that is crossed first."""

    @classmethod
    def of(cls, label: str, rule: Pause, workflow: int) -> _Watched:
        line = rule.pause if rule.warn is None else rule.warn
        event, base = monitors.EVENT_AND_BASE[rule.rate]
        return cls(
            label, rule, workflow, event, base, rule.window_days, rule.min_count, rule.low_is_bad,
            line,
        )  # fmt: skip

    def is_beyond(self, seen: Seen) -> bool:
        """Whether a line has been crossed, be it by chance."""
        if not seen.base or seen.base < self.min_count:
            return False
        rate = seen.events / seen.base
        return rate < self.line if self.low_is_bad else rate > self.line


class Pauses:
    """The rules on rates, and who is paused.

    Attributes
    ----------
    until : list of int
        For each workflow the day on which it goes on again.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.until = [0] * len(scenario.workflows)
        self._watched = [
            _Watched.of(label, rule, i)
            for label, rule in scenario.governance.pauses.items()
            for i, name in enumerate(scenario.workflows)
            if _concerns(rule, name, scenario)
        ]
        self._warned: set[tuple[str, int]] = set()

    def each_day(self, day: int, past: Past) -> Iterator[Told]:
        """Judge all rates; whoever must pause does so from now on."""
        for watched in self._watched:
            i = watched.workflow
            if day < self.until[i]:
                continue
            # what was sent before the last pause has been looked into
            since = max(0, day - watched.window_days, self.until[i])
            events = past.count(watched.event, i, since=since)
            seen = Seen(events, past.count(watched.base, i, since=since))
            if watched.is_beyond(seen) or (watched.label, i) in self._warned:
                yield from self._judge(day, watched, seen)

    def _judge(self, day: int, watched: _Watched, seen: Seen) -> Iterator[Told]:
        label, rule, i = watched[:3]
        warned = rule.warn is not None and monitors.breaches(rule, rule.warn, seen)
        here = f"governance.pauses.{label}"
        side = "below" if rule.low_is_bad else "above"
        if monitors.breaches(rule, rule.pause, seen):
            self.until[i] = day + rule.days
            because = f"{rule.rate} {seen}, {side} {rule.pause:.2%}"
            yield Told(i, here, f"paused for {rule.days} days", because)
        elif warned and (label, i) not in self._warned:
            yield Told(i, here, "warned", f"{rule.rate} {seen}, {side} {rule.warn:.2%}")
        # a warning that stands is not said again
        (self._warned.add if warned else self._warned.discard)((label, i))


def _concerns(rule: Pause, name: str, scenario: Scenario) -> bool:
    if rule.workflows and name not in rule.workflows:
        return False
    w = scenario.workflows[name]
    return w.automation_safe if rule.rate is Rate.BAD else w.email is not None
