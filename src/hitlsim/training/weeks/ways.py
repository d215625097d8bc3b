"""Three teams for the same weeks: as it is, with somebody's habits, and the ideal."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from ...present.drawing.teams import with_habits
from ...scenario.habits import PRESETS, Habits
from ...scenario.scenario import Scenario
from ...scenario.team import Reviewer
from ...simulation.reviewing import flag_chance
from ...simulation.table import signal_detection
from ..scoring.costing import at_par
from .measured import Drawn

TEAM, YOU, IDEAL = "team", "you", "ideal"
WAYS = {TEAM: "The team as it is", YOU: "With your habits", IDEAL: "The ideal"}
_NAME = "measured"
_LINE = 3.0
"""Beyond it nobody's line is told from always or never."""
_ODDS = 1e-6
_SURE = 1e-9
"""A rate is never quite 0 or 1."""


def with_measured(scenario: Scenario, drawn: Drawn) -> Scenario:
    """The same team, all of whom have these habits and nothing of their own but their hours.

    Parameters
    ----------
    scenario : Scenario
    drawn : Drawn

    Examples
    --------
    >>> import hitlsim as hs
    >>> team = hs.load("on-the-loop")
    >>> mine = with_measured(team, Drawn(Habits(hit_rate=0.8), 0.5))
    >>> {mine.habits_of(r).hit_rate for _, _, r in mine.reviewers()}
    {0.8}
    """
    plain: dict[str, Any] = {
        "hit_rate": None, "false_alarm_rate": None, "speed": 1.0, "edit_share": drawn.edit_share,
    }  # fmt: skip
    pools = {
        name: pool.model_copy(update={"reviewers": {
            who: reviewer.model_copy(update=plain) for who, reviewer in pool.reviewers.items()
        }})
        for name, pool in scenario.pools.items()
    }  # fmt: skip
    named = _free(scenario)
    return with_habits(
        scenario.with_(pools=pools, habits={**scenario.habits, named: drawn.habits}), named
    )


def ideal(scenario: Scenario, odds: float) -> Scenario:
    """The same team at its best: what is asked is opened and read, nothing else is.

    Each sees as they do when rested, never tires or grows used to anything, and draws the line
    that costs least.

    Parameters
    ----------
    scenario : Scenario
    odds : float
        Of calling wrong against letting through at which both cost the same (see :func:`odds_of`).

    References
    ----------
    Green & Swets 1966: c* = ln(beta*) / d'.
    """
    habits: dict[str, Habits] = dict(scenario.habits)
    pools = {}
    for name, pool in scenario.pools.items():
        people: dict[str, Reviewer] = {}
        for who, reviewer in pool.reviewers.items():
            own = scenario.habits_of(reviewer)
            key = f"{_free(scenario)}-{len(habits)}"
            hit, alarm = _best_line(own, odds)
            habits[key] = PRESETS["steady"].model_copy(
                update={"hit_rate": hit, "false_alarm_rate": alarm,
                        "uptake_share": own.uptake_share}
            )  # fmt: skip
            people[who] = reviewer.model_copy(
                update={"habits": key, "hit_rate": None, "false_alarm_rate": None}
            )
        pools[name] = pool.model_copy(update={"reviewers": people})
    return scenario.with_(pools=pools, habits=habits)


def _best_line(own: Habits, odds: float) -> tuple[float, float]:
    """Hit and false-alarm rate of these eyes with the line that costs least."""
    d_prime, _ = signal_detection(own.hit_rate, own.false_alarm_rate)
    line = math.log(max(odds, _ODDS)) / max(d_prime, _ODDS)
    line = min(max(line, -_LINE), _LINE)
    hit, alarm = (flag_chance(ok, d_prime, line, 1.0) for ok in (False, True))
    return min(hit, 1 - _SURE), max(alarm, _SURE)


def odds_of(marks: pd.DataFrame) -> float:
    """beta* of what a person is asked about, at the stakes of the deck and as rare as in its log.

    Parameters
    ----------
    marks : DataFrame
        Of a score.
    """
    return at_par(marks[marks["needs_look"]]) or at_par(marks) or 1.0


def _free(scenario: Scenario) -> str:
    """A name that no set of habits of the scenario has."""
    name = _NAME
    while any(each.startswith(name) for each in scenario.habits):
        name += "-too"
    return name
