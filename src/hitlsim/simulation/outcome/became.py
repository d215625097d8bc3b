"""What came of each decision, and what anybody saw of it, as columns."""

from __future__ import annotations

import numpy as np

from ...decisions.columns import LOOKS, OK_SOURCES
from ...scenario.hours import HOUR_MS
from ...scenario.scenario import Scenario
from ..contract import FIRST, LOOK, NEVER, REDRAFT, WENT_OUT, Records, Verdict
from ..world.draws import Draws
from .aftermath import (
    FOREVER,
    Floats,
    complaint_times,
    day_of,
    fate_of,
    harm_of,
    lost_by_waiting,
    went_bad,
)
from .as_columns import Bools, Columns, Some
from .fates import Fate

SURFACED_BY = (*LOOKS, "complaint")
_COMPLAINT = len(LOOKS)
ASKED = {
    FIRST: ("executed", "skipped", "ok", "verdict", "by_hand"),
    REDRAFT: ("drafting", "executed", "skipped", "ok", "verdict", "by_hand"),
    LOOK: ("verdict", "ended", "look"),
}
"""From what an engine recorded, what came of it follows."""


class Became:
    """What came of each decision, and what anybody saw of it.

    Parameters
    ----------
    scenario : Scenario
    draws : Draws
    recorded : tuple of columns
        At least :data:`ASKED` of each round, as :func:`~.as_columns.rounds` gives them.
    horizon_ms : int
    stale : float array
        Share of stale contacts on each day.
    """

    def __init__(
        self,
        scenario: Scenario,
        draws: Draws,
        recorded: tuple[Columns, ...],
        horizon_ms: int,
        stale: Floats,
    ) -> None:
        decisions, flows = draws.world.decisions, list(scenario.workflows.values())
        first, redraft, look = recorded
        flow = decisions["workflow"].astype(np.intp)
        self.redrafted = redraft["drafting"] != NEVER
        last = _last(first, redraft)
        # what a person approved may take effect only after the end
        self.executed = np.where(last["executed"] < horizon_ms, last["executed"], NEVER)
        out_there = self.executed != NEVER
        self.skipped = (first["skipped"] == 1) | (redraft["skipped"] == 1)
        self.bad_out = out_there & went_bad(scenario, decisions, last)
        wrong = Some(self.bad_out)
        theirs, all_bad = wrong.of(decisions), np.ones(len(wrong), bool)
        moments = complaint_times(scenario, theirs, wrong.of(self.executed), all_bad, horizon_ms)
        complaint = wrong.among_all(moments, FOREVER)
        found = np.where(look["verdict"] > Verdict.APPROVE, look["ended"], FOREVER)
        undone_until = self.executed + np.array([w.rollback_hours * HOUR_MS for w in flows])[flow]
        reversible = np.array([w.reversible for w in flows])[flow]
        surfaced = np.minimum(found, complaint)
        self.rolled_back = (
            out_there & reversible & (surfaced != FOREVER) & (surfaced <= undone_until)
        )
        self.surfaced = np.where(surfaced == FOREVER, NEVER, surfaced)
        by = np.where(found <= complaint, look["look"], _COMPLAINT)
        self.surfaced_by = np.where(surfaced == FOREVER, NEVER, by)
        harm = harm_of(scenario, theirs, all_bad, wrong.of(self.rolled_back))
        self.harm = wrong.among_all(harm, 0.0)
        perishable = Some(np.array([w.waiting is not None for w in flows])[flow])
        lost = lost_by_waiting(scenario, perishable.of(decisions), perishable.of(self.executed))
        self.lost = perishable.among_all(lost, np.nan)
        mailed = Some(np.array([w.email is not None for w in flows])[flow])
        self.fate = self._fate(scenario, draws, mailed, stale)
        self.answered = self.executed + draws.email["after"] < horizon_ms
        self._label(first, look, complaint != FOREVER)

    def _fate(self, scenario: Scenario, draws: Draws, mailed: Some, stale: Floats) -> Fate:
        sent = np.maximum(mailed.of(self.executed), 0)
        day = np.minimum(day_of(sent), len(stale) - 1)
        decisions, email = mailed.of(draws.world.decisions), mailed.of(draws.email)
        fate = fate_of(scenario, decisions, email, mailed.of(self.bad_out), stale[day])
        return Fate(*(mailed.among_all(happened, False) for happened in fate))

    def _label(self, first: Columns, look: Columns, complaint: Bools) -> None:
        """What anybody saw of the AI's first proposal, unless a complaint proved it wrong."""
        # what was done by hand, or mended, or drafted anew, says no more about it
        own = first["by_hand"] != 1
        approved = first["verdict"] == Verdict.APPROVE
        reviewed = first["verdict"] != NEVER
        looked = (look["verdict"] != NEVER) & (~reviewed | approved)
        found = looked & (look["verdict"] != Verdict.APPROVE)
        told = complaint & own & (~reviewed | approved)
        self.known = own & (reviewed | looked | told)
        self.ok = self.known & ~(reviewed & ~approved) & ~found & ~told
        by_look = OK_SOURCES.index(LOOKS[0]) + look["look"]
        source = np.where(looked, by_look, NEVER)
        source = np.where(reviewed & ~found, OK_SOURCES.index("review"), source)
        unseen = told & ~reviewed & ~looked
        source = np.where(unseen, OK_SOURCES.index("complaint"), source)
        self.ok_source = np.where(self.known, source, NEVER)


def _last(first: Columns, redraft: Columns) -> Records:
    """The visits by which decisions went out, as far as that is asked here."""
    again = redraft["executed"] != NEVER
    last = np.zeros(len(again), WENT_OUT)
    for name in ("ok", "verdict", "by_hand", "executed"):
        last[name] = np.where(again, redraft[name], first[name])
    return last
