"""What a team sees, day by day: counts by workflow, and never the truth.

The world answers what went out (:mod:`~hitlsim.simulation.outcome.fates`); only the answers are
counted, on the day on which they come.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...scenario.hours import DAY_MS
from ...scenario.scenario import Scenario
from .. import rules
from ..contract import FIRST, LOOK, ROUNDS, SEEN, WENT_OUT, Journal, Records
from ..jit import part, whole
from ..outcome import fates
from ..outcome.aftermath import stale_next
from ..outcome.fates import prospects_of
from ..world.draws import Draws


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
        self._on_the_way = np.zeros(0, WENT_OUT)  # what has not taken effect yet

    def note(self, day: int, journal: Journal) -> None:
        """Count what a day brought."""
        due, out = self._on_the_way, journal.went_out
        if self._out_of_sight:
            out = out[:0]
        later = np.empty(len(due) + len(out), WENT_OUT)
        n, refreshed = _note(
            self.seen, day, journal.decided, journal.judged, due, out, later, self._decisions,
            self._email, self._prospects, self.stale,
        )  # fmt: skip
        self._on_the_way = later[:n]
        self.stale[day + 1] = stale_next(self._scenario, float(self.stale[day]), refreshed)


@whole
def _note(
    seen: Records, day: int, decided: Records, judged: Records, due: Records, went_out: Records,
    later: Records, decisions: Records, email: Records, prospects: Records,
    stale: NDArray[np.float64],
) -> tuple[int, int]:  # fmt: skip
    """Count a day: how much takes effect only ``later``, and how many contacts were refreshed."""
    for i in range(len(decided)):
        visit, route = decided[i].visit, decided[i].route
        row = seen[day, decisions[visit // ROUNDS].workflow]
        row.decided += 1
        row.exceptions += _is_exception(route)
        row.safe += _is_exception(route) or route in (rules.AUTO, rules.PEEK)
    for i in range(len(judged)):
        _note_judged(seen[day, decisions[judged[i].visit // ROUNDS].workflow], judged[i])
    n = 0
    for i in range(len(due) + len(went_out)):
        note = due[i] if i < len(due) else went_out[i - len(due)]
        if note.executed // DAY_MS > day:
            # how many contacts are stale when it arrives is not known before that day
            later[n].visit, later[n].executed = note.visit, note.executed
            later[n].ok, later[n].verdict, later[n].by_hand = note.ok, note.verdict, note.by_hand
            n += 1
        else:
            decision = note.visit // ROUNDS
            _note_out(seen, note, decisions[decision], email[decision], prospects, stale)
    refreshed = 0
    for workflow in range(len(prospects)):
        refreshed += seen[day, workflow].refreshed
    return n, refreshed


@part
def _is_exception(route: int) -> bool:
    return route in (rules.REVIEW, rules.TRIAGE)


@part
def _note_judged(row: Any, note: Any) -> None:
    number, changed = note.visit % ROUNDS, note.verdict > rules.APPROVE
    row.corrections += changed
    # one verdict for each exception: its first, or in shadow the observer's
    is_first = number == FIRST or note.look == rules.OBSERVE
    if _is_exception(note.route) and is_first:
        row.exceptions_judged += 1
        row.overridden += changed
    if number == LOOK and note.route == rules.AUTO:
        row.looked += 1
        row.looked_bad += changed


@part
def _note_out(
    seen: Records, note: Any, decision: Any, email: Any, prospects: Records,
    stale: NDArray[np.float64],
) -> None:  # fmt: skip
    prospect, sent = prospects[decision.workflow], note.executed // DAY_MS
    bad = fates.wrong(note.ok, note.verdict, note.by_hand, decision.u_hand, prospect.hand_error)
    row = seen[sent, decision.workflow]
    row.refreshed += prospect.refreshes and not bad
    if not prospect.mails:
        return
    fate = fates.fate(email, prospect, bad, stale[sent])
    row.emails += fate.sent
    row.bounced += fate.bounced
    answered = (note.executed + email.after) // DAY_MS
    if answered < len(seen):
        row = seen[answered, decision.workflow]
        row.spam += fate.marked_spam
        row.opted_out += fate.opted_out
        row.replied += fate.replied
        row.meetings += fate.meeting
