"""What changes the settings from one day to the next.

Governing sees what a real team would see (:mod:`~hitlsim.simulation.governing.watching`), never the
truth a simulation knows, and returns the settings of the next day. Nothing else writes settings,
and whatever it does beyond the calendar it writes down, with its evidence.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from ...scenario.governance import EmergencyAction, Rate
from ...scenario.once import once_for_each
from ...scenario.phases import BACK_LOOKS_AT_DAYS, Exceptions
from ...scenario.scenario import Scenario
from ..contract import POLICY, Records
from ..table import LOOK_OF_CADENCE
from . import monitors
from .past import Past
from .pauses import Pauses

_OF_PHASE = (
    "waits", "look", "look_share", "look_effort", "bulk_above", "bulk_effort", "bulk_inspect",
)  # fmt: skip
"""Fields of POLICY that the phase decides."""


class Action(NamedTuple):
    """Something governance did, and what it had seen."""

    day: int
    """0 is the first; it holds from the start of this day."""
    workflow: str
    rule: str
    """Path of the setting behind it, such as ``governance.pauses.bounces``."""
    what: str
    because: str


class _Settings(NamedTuple):
    """What may change from day to day, by workflow: fields of POLICY."""

    phase: list[int]
    on: list[bool]
    manual: list[bool]
    learned: list[float]


class Governor:
    """The team's rules at work.

    Attributes
    ----------
    actions : list of Action
        What was done so far, in order.
    """

    def __init__(self, scenario: Scenario) -> None:
        self._s = scenario
        self._rules = scenario.governance
        self._names = list(scenario.workflows)
        self._phases = list(scenario.phases.values())
        n = len(self._names)
        self._phase = [0] * n
        self._since = [0] * n  # the day on which its phase began
        self._pauses, self._past = Pauses(scenario), Past(n)
        self._on = [True] * n
        self._group_since = 0  # the day on which the last group of the rollout began
        self._base, self._by_phase = boundary_of(scenario), phases_of(scenario)
        self._weeks: list[monitors.Seen] = []  # the rate of the emergency path in each
        learning = [w.ai.learning for w in scenario.workflows.values()]
        self._learners = [(i, each) for i, each in enumerate(learning) if each.odds_reduction]
        self._settings: _Settings | None = None
        self._policies = self._base
        self.actions: list[Action] = []
        if self._rules.rollout is not None:
            self._on = [name in self._rules.rollout.first for name in self._names]

    def policies(self, day: int, seen: Records) -> Records:
        """What holds on a day (0 is the first).

        Parameters
        ----------
        day : int
        seen : records of shape (days, workflows)
            SEEN; only the days before ``day`` are read. Days must be asked for in order.

        Returns
        -------
        records
            POLICY; the same ones as long as nothing changes.
        """
        self._past.add(seen[:day])
        if day % 7 == 0 and day:
            self._each_week(day)
        self._each_day(day)
        paused = [until > day for until in self._pauses.until]
        killed = [self._killed(name, day) for name in self._rules.kill_switches]
        for name, manual in zip(self._rules.kill_switches, killed, strict=True):
            paused[self._names.index(name)] |= manual
        now = _Settings(list(self._phase), list(self._on), paused, self._learned())
        if now != self._settings:
            self._settings, self._policies = now, self._records_of(now)
        return self._policies

    def _records_of(self, now: _Settings) -> Records:
        out, phases = self._base.copy(), self._by_phase[now.phase]
        for name in _OF_PHASE:
            out[name] = phases[name]
        for name, values in now._asdict().items():
            out[name] = values
        return out

    def _act(self, day: int, i: int, rule: str, what: str, because: str) -> None:
        self.actions.append(Action(day, self._names[i], rule, what, because))

    def _learned(self) -> list[float]:
        learned = [0.0] * len(self._names)
        for i, learning in self._learners:
            corrections = self._past.count("corrections", i, since=0)
            grown = 1 - math.exp(-corrections / learning.corrections)
            learned[i] = -math.log(1 - learning.odds_reduction * grown)
        return learned

    # --- every day ---------------------------------------------------------------------------

    def _each_day(self, day: int) -> None:
        for i, rule, what, because in self._pauses.each_day(day, self._past):
            self._act(day, i, rule, what, because)
        for name, switch in self._rules.kill_switches.items():
            here = f"governance.kill_switches.{name}"
            end = None if switch.weeks is None else switch.from_week - 1 + switch.weeks
            if day == 7 * (switch.from_week - 1):
                self._act(day, self._names.index(name), here, "killed", "as decided")
            if end is not None and day == 7 * end:
                self._act(day, self._names.index(name), here, "back on", "as decided")

    def _enter(self, day: int, i: int, phase: int) -> None:
        self._phase[i], self._since[i] = phase, day

    def _killed(self, name: str, day: int) -> bool:
        switch, week = self._rules.kill_switches[name], day // 7 + 1
        over = switch.weeks is not None and week >= switch.from_week + switch.weeks
        return week >= switch.from_week and not over

    # --- every week --------------------------------------------------------------------------

    def _each_week(self, day: int) -> None:
        for i in range(len(self._names)):
            if self._on[i]:
                self._move_by_criterion(day, i)
        self._start_the_next(day)
        self._take_the_emergency_path(day)
        # phases begin with a week, so they end with one too
        for i in range(len(self._names)):
            self._move_by_date(day, i)

    def _move_by_date(self, day: int, i: int) -> None:
        phase = self._phases[self._phase[i]]
        by_date = self._on[i] and phase.until is None and phase.weeks is not None
        if by_date and day - self._since[i] >= 7 * (phase.weeks or 0):
            self._enter(day, i, self._phase[i] + 1)

    def _move_by_criterion(self, day: int, i: int) -> None:
        number = self._phase[i]
        phase = self._phases[number]
        begun = self._since[i]
        if phase.until is not None:
            seen = self._past.between(begun, [i])
            long_enough = day - begun >= 7 * (phase.weeks or 1)
            if long_enough and monitors.cleared(phase.until, seen):
                self._enter(day, i, number + 1)
                what = f"moved on to {list(self._s.phases)[number + 1]}"
                self._act(day, i, f"phases.{list(self._s.phases)[number]}.until", what, _told(seen))
                return
        if phase.back_if is not None and number:
            seen = self._past.between(max(begun, day - BACK_LOOKS_AT_DAYS), [i])
            if monitors.must_go_back(phase.back_if, seen):
                self._enter(day, i, number - 1)
                what = f"back to {list(self._s.phases)[number - 1]}"
                here = f"phases.{list(self._s.phases)[number]}.back_if"
                self._act(day, i, here, what, _told(seen))

    def _start_the_next(self, day: int) -> None:
        rollout = self._rules.rollout
        if rollout is None or all(self._on):
            return
        if day - self._group_since < 7 * rollout.next_after_weeks:
            return
        at_work = [i for i, on in enumerate(self._on) if on]
        seen = self._past.between(self._group_since, at_work)
        if rollout.holds is not None and not monitors.cleared(rollout.holds, seen):
            return
        waiting = [name for name in rollout.one_by_one if not self._on[self._names.index(name)]]
        rest = [n for n, on in zip(self._names, self._on, strict=True) if not on]
        for name in waiting[:1] or rest:
            i = self._names.index(name)
            self._on[i] = True
            self._enter(day, i, 0)
            self._act(day, i, "governance.rollout", "started", _told(seen))
        self._group_since = day

    def _take_the_emergency_path(self, day: int) -> None:
        rule = self._rules.emergency
        if rule is None:
            return
        mine = [
            i
            for i, (name, w) in enumerate(self._s.workflows.items())
            if w.email is not None and (not rule.workflows or name in rule.workflows)
        ]
        weeks = self._weeks
        weeks.append(monitors.seen_rate(self._past.between(day - 7, mine), rule.rate))
        if not monitors.emergencies(rule, weeks)[-1]:
            return
        because = f"{rule.rate} for {rule.weeks_running} weeks: " + ", then ".join(
            str(w) for w in weeks[-rule.weeks_running :]
        )
        by_chance = rule.weeks_between_false_alarms()
        because += f"; a stable process does that about every {by_chance:,.0f} weeks"
        what = {
            EmergencyAction.TELL: "people were told",
            EmergencyAction.PAUSE: f"paused for {rule.days} days",
            EmergencyAction.PHASE_BACK: "back one phase",
        }[rule.action]
        if rule.action is EmergencyAction.PHASE_BACK and not any(self._phase[i] for i in mine):
            what = "people were told: all are in the first phase already"
        whose = "+".join(rule.workflows) or "all"
        self.actions.append(Action(day, whose, "governance.emergency", what, because))
        for i in mine:
            if rule.action is EmergencyAction.PAUSE:
                self._pauses.until[i] = max(self._pauses.until[i], day + rule.days)
            elif rule.action is EmergencyAction.PHASE_BACK and self._phase[i]:
                self._enter(day, i, self._phase[i] - 1)


def _told(seen: Records) -> str:
    """What was seen of the AI, in words."""
    bad = monitors.seen_rate(seen, Rate.BAD)
    safe, exceptions = int(seen["safe"].sum()), int(seen["exceptions"].sum())
    rate = f"{exceptions / safe:.1%}" if safe else "none"
    return f"bad among those looked at: {bad}; exceptions: {rate}"


@once_for_each
def boundary_of(scenario: Scenario) -> Records:
    """The boundary spec as one record for each workflow; what governing adds is not yet set."""
    spec = scenario.boundary
    out = np.zeros(len(scenario.workflows), POLICY)
    for record, (name, workflow) in zip(out, scenario.workflows.items(), strict=True):
        bands, limit, asks = spec.bands_of(name), spec.deal_limit_of(name), spec.signals_of(name)
        audited = workflow.automation_safe and name in (spec.audit.workflows or scenario.workflows)
        record["auto"], record["review"] = bands.auto, bands.review
        record["deal_limit"] = math.inf if limit is None else limit
        record["triggers"] = sum(1 << bit for bit, s in enumerate(scenario.signals) if s in asks)
        record["audit"] = spec.audit.share if audited else 0.0
    return out


@once_for_each
def phases_of(scenario: Scenario) -> Records:
    """What each phase asks for, as one record for each phase."""
    out = np.zeros(len(scenario.phases), POLICY)
    for row, phase in zip(out, scenario.phases.values(), strict=True):
        looks = phase.looks
        row["waits"], row["look"] = (
            phase.exceptions is Exceptions.WAIT,
            LOOK_OF_CADENCE[looks.cadence],
        )
        row["look_share"], row["look_effort"] = looks.share, looks.effort
        row["bulk_above"] = math.inf if looks.bulk_above is None else looks.bulk_above
        row["bulk_effort"], row["bulk_inspect"] = looks.bulk_effort, looks.bulk_inspect
    return out
