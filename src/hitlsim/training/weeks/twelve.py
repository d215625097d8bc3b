"""Twelve weeks of a team with somebody's habits, beside the team as it is and the ideal."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from ...decisions.estimating.intervals import Estimate, as_row
from ...errors import ScenarioError
from ...scenario.files import load
from ...scenario.scenario import Scenario
from ...simulation.run import simulate
from ...simulation.world.draws import Draws, draw
from ..scoring.score import Score
from .counting import Told, told_of
from .figures import (
    BY_WEEK,
    FIGURES,
    SMALL,
    WORLD,
    Floats,
    Shown,
    by_week,
    one_rollout,
    values_of,
)
from .measured import HABITS, Measured
from .measuring import habits_of
from .ways import IDEAL, TEAM, WAYS, YOU, ideal, odds_of, with_measured

if TYPE_CHECKING:
    from ...present.picture import Picture

RUNS = 6
"""As many worlds as an answer within three seconds allows; more hardly narrow what a small deck
leaves open."""
MOST_RUNS = 200
DRAWN = 2
"""How many times habits are drawn in each world."""
_KEPT = 256
_DRAWN = "drawn"
USUAL = "on-the-loop"


@dataclass(frozen=True)
class Weeks:
    """What a rollout would come to with somebody's habits.

    Attributes
    ----------
    measured : Measured
        The habits, as their answers show them.
    scenario : Scenario
        The team as it is.
    seed, runs : int
        Run i has the seed ``seed + i``.
    figures : dict of (str, str) to Estimate
        By way (``team``, ``you``, ``ideal``) and figure.
    apart : dict of (str, str) to Estimate
        By how much yours differs from the ``team``'s and the ``ideal``'s in the same world.
    course : DataFrame
        One row for each week, way and figure: value, low, high.
    """

    measured: Measured
    scenario: Scenario
    seed: int
    runs: int
    figures: dict[tuple[str, str], Estimate]
    apart: dict[tuple[str, str], Estimate]
    course: pd.DataFrame

    @property
    def who(self) -> str:
        """Pseudonym."""
        return self.measured.who

    @property
    def headline(self) -> str:
        """The one thing to take away."""
        from .words import headline

        return headline(self)

    @property
    def sentences(self) -> list[str]:
        """What the weeks would be like, in half a minute."""
        from .words import sentences

        return sentences(self)

    @property
    def assumed(self) -> list[str]:
        """What the figures take for granted, and which habits are not this person's own."""
        from .words import assumed

        return assumed(self)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row for each figure and way, and by how much yours differs from it."""
        rows = []
        for f in FIGURES:
            for way in WAYS:
                row = {"figure": f.name, "title": f.title, "unit": str(f.unit), "way": way,
                       **_cells(self.figures[way, f.name])}  # fmt: skip
                if way != YOU:
                    more = _cells(self.apart[way, f.name])
                    row |= {f"yours_more_{k}": more[k] for k in ("value", "low", "high")}
                rows.append(row)
        return pd.DataFrame(rows)

    @cached_property
    def picture(self) -> Picture:
        """The figures side by side."""
        from ..showing.weeks import draw_weeks

        return draw_weeks(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values."""
        return {
            "trainee": self.who,
            "scenario": self.scenario.name,
            "scenario_sha256": self.scenario.fingerprint,
            "seed": self.seed,
            "runs": self.runs,
            "headline": self.headline,
            "sentences": self.sentences,
            "assumed": self.assumed,
            "habits": {
                m.name: _cells(self.measured.figures[m.name])
                for m in HABITS if m.name in self.measured.figures
            },
            "figures": {
                way: {f.name: _cells(self.figures[way, f.name]) for f in FIGURES} for way in WAYS
            },
            "yours_more": {
                way: {f.name: _cells(self.apart[way, f.name]) for f in FIGURES}
                for way in (TEAM, IDEAL)
            },
            "course": self.course.to_dict("records"),
        }  # fmt: skip

    def _repr_html_(self) -> str:
        from ..showing.weeks import weeks_shown

        return weeks_shown(self)


def twelve_weeks(
    score: Score, scenario: Scenario | None = None, *, runs: int = RUNS, seed: int = 7
) -> Weeks:
    """Simulate a rollout of a team in which everybody has the habits that somebody's answers show.

    The same worlds are gone through by the team as it is, by one with these habits, and by the
    ideal, who opens what is asked, reads all of it, and draws the line that costs least.

    Parameters
    ----------
    score : Score
        Of one trainee.
    scenario : Scenario, optional
        The team, for all its weeks; ``on-the-loop`` if left out.
    runs : int
        Worlds, from 2 to 200. In each the habits are drawn twice from what the answers leave open.
    seed : int
        Run i has the seed ``seed + i``; the same seed gives the same figures.

    Returns
    -------
    Weeks

    Raises
    ------
    ScenarioError
        When runs or seed are out of their range.
    NotEnoughEvidence
        When the answers show no habit at all; says how many would.

    Examples
    --------
    >>> import hitlsim as hs
    >>> from hitlsim.training.cohort import simulated_cohort
    >>> from hitlsim.training.dealing.deck import draw_deck
    >>> from hitlsim.training.scoring.score import score
    >>> team = hs.load("on-the-loop").with_(weeks=6)
    >>> answers = simulated_cohort(draw_deck(hs.simulate(team, seed=7).log), team)
    >>> found = twelve_weeks(score(answers.of("curlew")), team, runs=2)  # opens half of everything
    >>> found.figures["you", "review_hours"].value > found.figures["team", "review_hours"].value
    True
    """
    if not 2 <= runs <= MOST_RUNS:
        raise ScenarioError(f"runs={runs!r} must lie between 2 and {MOST_RUNS}, such as {RUNS}")
    team = load(USUAL) if scenario is None else scenario
    measured = habits_of(score, team)
    best = ideal(team, odds_of(score.marks))
    mine = with_measured(team, measured.point)
    drawn = measured.drawn(DRAWN * runs, np.random.default_rng([seed, runs]))
    told: dict[str, list[Told]] = {TEAM: [], YOU: [], IDEAL: [], _DRAWN: []}
    for i in range(runs):
        draws = draw(team, seed + i)
        told[TEAM].append(_once(team, draws))
        told[IDEAL].append(_once(best, draws))
        told[YOU].append(_told(mine, draws))
        theirs = drawn[DRAWN * i : DRAWN * (i + 1)]
        told[_DRAWN] += [_told(with_measured(team, habits), draws) for habits in theirs]
    return Weeks(
        measured, team, seed, runs,
        {(way, f.name): _figure(f, way, told, team.weeks) for way in WAYS for f in FIGURES},
        {(way, f.name): _apart(f, way, told, team.weeks)
         for way in (TEAM, IDEAL) for f in FIGURES},
        _course(told),
    )  # fmt: skip


def _told(scenario: Scenario, draws: Draws) -> Told:
    return told_of(simulate(scenario, seed=draws.seed, draws=draws))


_kept: OrderedDict[tuple[str, int], Told] = OrderedDict()
_lock = threading.Lock()


def _once(scenario: Scenario, draws: Draws) -> Told:
    """Of ways that do not depend on who asks: a class of twelve needs them once.

    What was counted is kept, some kilobytes a run; draws take twenty megabytes and are not.
    """
    at = scenario.fingerprint, draws.seed
    with _lock:
        found = _kept.get(at)
    if found is None:
        found = _told(scenario, draws)
        with _lock:
            _kept[at] = found
            while len(_kept) > _KEPT:
                _kept.popitem(last=False)
    return found


def _figure(f: Shown, way: str, told: Mapping[str, Sequence[Told]], weeks: int) -> Estimate:
    centre = values_of(f, told[way], weeks)
    if way != YOU:
        return one_rollout(centre, None, WORLD, unit=f.unit)
    return one_rollout(centre, _in_worlds(values_of(f, told[_DRAWN], weeks)), WORLD + SMALL,
                       unit=f.unit)  # fmt: skip


def _apart(f: Shown, way: str, told: Mapping[str, Sequence[Told]], weeks: int) -> Estimate:
    """Seed by seed: what both worlds have in common falls out."""
    theirs = values_of(f, told[way], weeks)
    drawn = _in_worlds(values_of(f, told[_DRAWN], weeks)) - theirs[:, None]
    said = f"the same worlds; {WORLD}{SMALL}"
    return one_rollout(values_of(f, told[YOU], weeks) - theirs, drawn, said, unit=None)


def _in_worlds(drawn: Floats) -> Floats:
    """One row for each world, of what was drawn in it."""
    return drawn.reshape(-1, DRAWN)


def _course(told: Mapping[str, Sequence[Told]]) -> pd.DataFrame:
    rows = []
    for name in BY_WEEK:
        unit = next(f.unit for f in FIGURES if f.name == name)
        for way in WAYS:
            centre, drawn = by_week(name, told[way]), by_week(name, told[_DRAWN])
            for week in range(centre.shape[1]):
                moved = _in_worlds(drawn[:, week]) if way == YOU else None
                e = one_rollout(centre[:, week], moved, "", unit=unit)
                rows.append({"week": week + 1, "way": way, "figure": name, "value": e.value,
                             "low": e.low, "high": e.high})  # fmt: skip
    return pd.DataFrame(rows)


def _cells(e: Estimate) -> dict[str, Any]:
    return {k: v for k, v in as_row(e).items() if k != "few"}
