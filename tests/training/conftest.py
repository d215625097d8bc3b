"""Trainees whose eyes and habits are known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.simulation.reviewing import flag_chance
from hitlsim.training.answers import Answers
from hitlsim.training.cohort import LATER, simulated_cohort
from hitlsim.training.dealing.deck import Deck, draw_deck
from hitlsim.training.debrief import Debrief, debrief

Play = Callable[..., Answers]


@pytest.fixture(scope="session")
def deck(reference_run: hs.Run) -> Deck:
    """The deck as it is stated: three rounds of 40, three in ten wrong."""
    return draw_deck(reference_run.log)


@pytest.fixture(scope="session")
def cohort(deck: Deck, reference_run: hs.Run) -> Answers:
    """Twelve people with the model's habits."""
    return simulated_cohort(deck, reference_run.scenario)


@pytest.fixture(scope="session")
def second(deck: Deck, reference_run: hs.Run) -> Deck:
    """A deck that shares no decision with the first."""
    return draw_deck(reference_run.log, other_than=deck)


@pytest.fixture(scope="session")
def twice(deck: Deck, second: Deck, reference_run: hs.Run) -> Answers:
    """The same twelve on both decks, five of them with other habits on the second."""
    return simulated_cohort([deck, second], reference_run.scenario, later=LATER)


@pytest.fixture(scope="session")
def told(cohort: Answers) -> Debrief:
    return debrief(cohort)


@pytest.fixture(scope="session")
def told_twice(twice: Answers) -> Debrief:
    return debrief(twice)


@pytest.fixture(scope="session")
def play() -> Play:
    """One person who sees with this d' and c, and opens this share of the routine items."""

    def played(
        deck: Deck, d_prime: float, criterion: float, rng: np.random.Generator, *,
        opens: float = 0.0, seconds: float = 40.0,
    ) -> Answers:  # fmt: skip
        f = deck.frame
        shadow = (f["round"] == "shadow").to_numpy()
        up = shadow | f["needs_look"].to_numpy() | (rng.random(len(f)) < opens)
        chance = [flag_chance(bool(ok), d_prime, criterion, 1.0) for ok in f["right"]]
        flag = rng.random(len(f)) < np.array(chance)
        action = np.where(flag, "edit", np.where(shadow, "leave alone", "approve"))
        action = np.where(up, action, "leave alone")
        return Answers(f.assign(trainee="wren", action=action, dwell_seconds=seconds))

    return played


@pytest.fixture
def make_answers() -> Callable[..., Answers]:
    """Answers from columns; what is not given is usual."""

    def make(**columns: Any) -> Answers:
        n = len(next(iter(columns.values())))
        usual = {
            "trainee": "wren", "item_id": [f"i{i}" for i in range(n)], "round": "shadow",
            "needs_look": True, "action": "leave alone", "right": True,
        }  # fmt: skip
        return Answers(pd.DataFrame({**usual, **columns}))

    return make
