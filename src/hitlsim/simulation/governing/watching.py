"""What a team sees, day by day: counts by workflow, and never the truth.

The world answers what went out (:mod:`~hitlsim.simulation.outcome.fates`); only the answers are
counted, on the day on which they come.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ...scenario.hours import DAY_MS
from ...scenario.scenario import Scenario
from .. import rules
from ..contract import LOOK, ROUNDS, SEEN, Journal, Records
from ..jit import part, whole
from ..outcome import fates
from ..outcome.aftermath import stale_next
from ..outcome.fates import prospects_of
from ..world.draws import Draws

Visits = NDArray[np.int64]


class Window(Protocol):
    """What of a desk is seen from here."""

    def glimpse(self, visits: Visits) -> Records:
        """GLIMPSE of some visits."""


class Watch:
    """Counts of what was seen.

    Attributes
    ----------
    seen : records of shape (days, workflows)
        SEEN; of later days only what is already on its way.
    stale : ndarray of shape (days,)
        Share of contacts that are stale on each day: the world's, not known to the team.
    """

    def __init__(self, scenario: Scenario, draws: Draws) -> None:
        self._scenario = scenario
        self._decisions, self._email = draws.world.decisions, draws.email
        self._prospects = prospects_of(scenario)
        days = scenario.weeks * 7
        self.seen = np.zeros((days, len(scenario.workflows)), SEEN)
        self.stale = np.zeros(days + 1)
        self.stale[0] = scenario.crm.stale_at_start if scenario.crm else 0.0
        self._out_of_sight = not (self._prospects["mails"] | self._prospects["refreshes"]).any()
        self._on_the_way = np.zeros(0, np.int64)  # visits that have not taken effect yet

    def note(self, day: int, desk: Window, journal: Journal) -> None:
        """Count what a day brought."""
        visits = journal.decided
        _note_decided(self.seen, day, visits, desk.glimpse(visits), self._decisions)
        visits = journal.judged
        first = desk.glimpse(visits - visits % ROUNDS)
        _note_judged(self.seen, day, visits, desk.glimpse(visits), first, self._decisions)
        if not self._out_of_sight:
            visits = np.concatenate([self._on_the_way, journal.went_out])
            later = _note_out(
                self.seen, day, visits, desk.glimpse(visits), self._decisions, self._email,
                self._prospects, self.stale,
            )  # fmt: skip
            self._on_the_way = visits[:later]
        refreshed = int(self.seen["refreshed"][day].sum())
        self.stale[day + 1] = stale_next(self._scenario, float(self.stale[day]), refreshed)


@part
def _is_exception(route: int) -> bool:
    return route in (rules.REVIEW, rules.TRIAGE)


@whole
def _note_decided(
    seen: Records, day: int, visits: Visits, out: Records, decisions: Records
) -> None:
    for i in range(len(visits)):
        row, route = seen[day, decisions[visits[i] // ROUNDS].workflow], out[i].route
        row.decided += 1
        row.exceptions += _is_exception(route)
        row.safe += _is_exception(route) or route in (rules.AUTO, rules.PEEK)


@whole
def _note_judged(
    seen: Records, day: int, visits: Visits, out: Records, first: Records, decisions: Records
) -> None:
    for i in range(len(visits)):
        row, number = seen[day, decisions[visits[i] // ROUNDS].workflow], visits[i] % ROUNDS
        changed = out[i].verdict > rules.APPROVE
        row.corrections += changed
        # one verdict for each exception: its first, or in shadow the observer's
        is_first = number == 0 or out[i].look == rules.OBSERVE
        if _is_exception(first[i].route) and is_first:
            row.exceptions_judged += 1
            row.overridden += changed
        if number == LOOK and first[i].route == rules.AUTO:
            row.looked += 1
            row.looked_bad += changed


@whole
def _note_out(
    seen: Records, day: int, visits: Visits, out: Records, decisions: Records, email: Records,
    prospects: Records, stale: NDArray[np.float64],
) -> int:  # fmt: skip
    """Count it, and bring to the front what takes effect only later: how many that are."""
    later = 0
    for i in range(len(visits)):
        visit, o = visits[i], out[i]
        decision, sent = visit // ROUNDS, o.executed // DAY_MS
        if sent > day:
            # how many contacts are stale when it arrives is not known before that day
            visits[later] = visit
            later += 1
            continue
        flow, draws = decisions[decision].workflow, email[decision]
        prospect = prospects[flow]
        bad = fates.wrong(
            o.ok, o.verdict, o.by_hand, decisions[decision].u_hand, prospect.hand_error
        )
        row = seen[sent, flow]
        row.refreshed += prospect.refreshes and not bad
        fate = fates.fate(draws, prospect, bad, stale[sent])
        row.emails += fate.sent
        row.bounced += fate.bounced
        answered = (o.executed + draws.after) // DAY_MS
        if answered < len(seen):
            row = seen[answered, flow]
            row.spam += fate.marked_spam
            row.opted_out += fate.opted_out
            row.replied += fate.replied
            row.meetings += fate.meeting
    return later
