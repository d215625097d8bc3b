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
    label: str
    rule: Pause
    workflow: int


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
            _Watched(label, rule, i)
            for label, rule in scenario.governance.pauses.items()
            for i, name in enumerate(scenario.workflows)
            if _concerns(rule, name, scenario)
        ]
        self._warned: set[tuple[str, int]] = set()

    def each_day(self, day: int, past: Past) -> Iterator[Told]:
        """Judge all rates; whoever must pause does so from now on."""
        for watched in self._watched:
            if day >= self.until[watched.workflow]:
                yield from self._judge(day, watched, past)

    def _judge(self, day: int, watched: _Watched, past: Past) -> Iterator[Told]:
        label, rule, i = watched
        # what was sent before the last pause has been looked into
        since = max(0, day - rule.window_days, self.until[i])
        event, base = monitors.EVENT_AND_BASE[rule.rate]
        if past.count(base, i, since=since) < rule.min_count and (label, i) not in self._warned:
            return
        seen = Seen(past.count(event, i, since=since), past.count(base, i, since=since))
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
