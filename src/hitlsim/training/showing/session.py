"""Answers for a notebook: of a file, or, without one, of a simulated cohort."""

from __future__ import annotations

from pathlib import Path

from ...scenario.files import load
from ...simulation.run import simulate
from ..answers import Answers, read_answers
from ..cohort import LATER, simulated_cohort
from ..dealing.deck import draw_deck

_SEED = 7


def open_answers(path: str = "") -> Answers:
    """The answers of a file, or of twelve simulated people with two decks of the reference rollout.

    Examples
    --------
    >>> open_answers().record["source"]
    'simulated cohort of 12'
    """
    if path:
        return read_answers(Path(path))
    team = load("on-the-loop")
    log = simulate(team, seed=_SEED).log
    first = draw_deck(log, costs=team, seed=_SEED)
    second = draw_deck(log, costs=team, seed=_SEED, other_than=first)
    return simulated_cohort([first, second], team, later=LATER, seed=_SEED)


def who(answers: Answers, trainee: str = "") -> str:
    """A pseudonym as given, or, without one, the first in the alphabet; unknown ones are refused.

    >>> who(open_answers())
    'avocet'
    """
    return str(answers.of(trainee or answers.trainees[0]).frame["trainee"].iloc[0])
