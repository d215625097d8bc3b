"""What a team sees, day by day: counts by workflow, and never the truth.

The world answers what went out (:mod:`~hitlsim.simulation.aftermath`); only the answers are
counted, on the day on which they come.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from ..scenario.scenario import Scenario
from .aftermath import day_of, fate_of, stale_next, went_bad
from .contract import LOOK, ROUNDS, SEEN, Journal, LookKind, Records, Route, Verdict
from .draws import Draws

Visits = NDArray[np.int64]

_SAFE = (Route.AUTO, Route.REVIEW, Route.TRIAGE, Route.PEEK)


class Desk(Protocol):
    """What of an engine is needed here."""

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
        self._scenario, self._draws = scenario, draws
        self._n = len(scenario.workflows)
        self._days = scenario.weeks * 7
        self.seen = np.zeros((self._days, self._n), SEEN)
        self.stale = np.zeros(self._days + 1)
        self.stale[0] = scenario.crm.stale_at_start if scenario.crm else 0.0
        self._any_email = any(w.email is not None for w in scenario.workflows.values())
        refreshers = scenario.crm.refreshed_by if scenario.crm else ()
        self._refreshes = np.array([name in refreshers for name in scenario.workflows])
        self._on_the_way = np.zeros(0, np.int64)  # visits that have not taken effect yet

    def note(self, day: int, desk: Desk, journal: Journal) -> None:
        """Count what a day brought."""
        self._note_decided(day, desk, journal)
        self._note_judged(day, desk, journal)
        self._note_out(day, desk, journal)
        refreshed = int(self.seen["refreshed"][day].sum())
        self.stale[day + 1] = stale_next(self._scenario, float(self.stale[day]), refreshed)

    def _flow(self, visits: Visits) -> Records:
        decisions: Records = self._draws.world.decisions[visits // ROUNDS]
        return decisions

    def _add(self, name: str, day: Any, flow: Any, mask: Any) -> None:
        np.add.at(self.seen[name], (day, flow), mask)

    def _note_decided(self, day: int, desk: Desk, journal: Journal) -> None:
        out, flow = desk.glimpse(journal.decided), self._flow(journal.decided)["workflow"]
        exception = np.isin(out["route"], (Route.REVIEW, Route.TRIAGE))
        self._add("decided", day, flow, 1)
        self._add("safe", day, flow, np.isin(out["route"], _SAFE))
        self._add("exceptions", day, flow, exception)

    def _note_judged(self, day: int, desk: Desk, journal: Journal) -> None:
        visits = journal.judged
        out, flow = desk.glimpse(visits), self._flow(visits)["workflow"]
        round_of = visits % ROUNDS
        first = desk.glimpse(visits - round_of)
        changed = out["verdict"] > Verdict.APPROVE
        exception = np.isin(first["route"], (Route.REVIEW, Route.TRIAGE))
        look = round_of == LOOK
        # one verdict for each exception: its first, or in shadow the observer's
        judged = exception & ((round_of == 0) | (out["look"] == LookKind.OBSERVE))
        self._add("exceptions_judged", day, flow, judged)
        self._add("overridden", day, flow, judged & changed)
        self._add("corrections", day, flow, changed)
        alone = look & (first["route"] == Route.AUTO)
        self._add("looked", day, flow, alone)
        self._add("looked_bad", day, flow, alone & changed)

    def _note_out(self, day: int, desk: Desk, journal: Journal) -> None:
        visits = np.concatenate([self._on_the_way, journal.went_out])
        if not len(visits) or not (self._any_email or self._refreshes.any()):
            return
        out = desk.glimpse(visits)
        # how many contacts are stale when it arrives is not known before that day
        arrived = day_of(out["executed"]) <= day
        self._on_the_way, visits, out = visits[~arrived], visits[arrived], out[arrived]
        decisions, sent = self._flow(visits), day_of(out["executed"])
        flow = decisions["workflow"]
        bad = went_bad(self._scenario, decisions, out)
        self._add("refreshed", sent, flow, self._refreshes[flow] & ~bad)
        email = self._draws.email[visits // ROUNDS]
        fate = fate_of(self._scenario, decisions, email, bad, self.stale[sent])
        answered = day_of(out["executed"] + email["after"])
        for name, on, happened in (
            ("emails", sent, fate.sent), ("bounced", sent, fate.bounced),
            ("spam", answered, fate.marked_spam), ("opted_out", answered, fate.opted_out),
            ("replied", answered, fate.replied), ("meetings", answered, fate.meeting),
        ):  # fmt: skip
            within = happened & (on < self._days)
            self._add(name, on[within], flow[within], 1)
