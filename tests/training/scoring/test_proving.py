"""What a deck proves is said before it is played, and right."""

from __future__ import annotations

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.training.acts import Round
from hitlsim.training.dealing.deck import draw_deck
from hitlsim.training.playing.item import Cards
from hitlsim.training.scoring.marking import marked
from hitlsim.training.scoring.naming import habits_shown
from hitlsim.training.scoring.proving import LETS_THROUGH, OPENS, proof_of
from tests.training.conftest import Play


def test_the_stated_size_tells_the_three_apart_and_a_small_one_says_how_many_would(
    reference_run: hs.Run,
) -> None:
    of = {n: proof_of(draw_deck(reference_run.log, items=n).cards) for n in (10, 20, 40)}
    assert of[40].enough
    assert of[40].settles == 40
    for n in (10, 20):
        assert not of[n].enough
        again = draw_deck(reference_run.log, items=of[n].settles)
        assert proof_of(again.cards).enough


@pytest.mark.parametrize("items", [15, 24])
def test_chances_are_those_with_which_habits_get_named(
    reference_run: hs.Run, play: Play, items: int
) -> None:
    """In 150 sessions a share lies within 4 standard errors: a false alarm in 1 of 4,000 runs."""
    deck = draw_deck(reference_run.log, items=items)
    said, rng, n = proof_of(deck.cards), np.random.default_rng(3), 150
    f = marked(play(deck, 1.6, 0.0, rng))
    named = np.zeros(2)
    for _ in range(n):
        up = f["routine"] & (rng.random(len(f)) < OPENS)
        passed = f["bad_asked"] & (rng.random(len(f)) < LETS_THROUGH)
        shown = habits_shown(f.assign(up=up, passed=passed))
        named += [h.status == "named" for h in shown]
    for k, p in zip(named, (said.hoarder, said.abdicator), strict=True):
        assert abs(k / n - p) < 4 * max(np.sqrt(p * (1 - p) / n), 1 / n)


def test_a_deck_without_a_steady_round_proves_nothing_of_hoarding(reference_run: hs.Run) -> None:
    cards = draw_deck(reference_run.log, items=20).cards
    part = Cards(cards.of_round(Round.SHADOW), cards.record)
    assert proof_of(part).hoarder == 0.0
    assert proof_of(part).settles == 0
