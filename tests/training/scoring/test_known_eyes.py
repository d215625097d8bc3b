"""Two hundred trainees with known d' and c answer real decks: their scores find them again."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.estimating.intervals import Estimate
from hitlsim.simulation.reviewing import flag_chance
from hitlsim.training.answers import Answers
from hitlsim.training.dealing.deck import Deck, draw_deck
from hitlsim.training.scoring.detection import Detection, detection, detection_of
from hitlsim.training.scoring.marking import marked

_TRIED = 200
_COVERED = 177
"""Of 200: of intervals that cover .94, fewer have a chance of .001; of .95, below .0001."""


class Found(NamedTuple):
    errors: np.ndarray
    covered: int


@pytest.fixture(scope="module")
def decks(reference_run: hs.Run, deck: Deck) -> list[Deck]:
    """Four decks of the stated size, priced by the scenario."""
    team = reference_run.scenario
    return [draw_deck(reference_run.log, costs=team, seed=seed) for seed in range(4)]


def truths(marks: pd.DataFrame, d_prime: float, c: float) -> dict[str, float]:
    """What is to be found again, on the items that were judged."""
    judged = marks[marks["judged"]]
    bad, good = judged[~judged["right"]], judged[judged["right"]]
    log_beta = math.log(len(good) / len(bad) * good["needless_cost"].mean() / bad["harm"].mean())
    return {
        "sensitivity": d_prime, "criterion": c, "leaning": c - log_beta / d_prime,
        "hit_rate": flag_chance(False, d_prime, c, 1.0),
        "false_alarm_rate": flag_chance(True, d_prime, c, 1.0),
    }  # fmt: skip


def found(seen: list[tuple[Detection, dict[str, float]]], name: str) -> Found:
    pairs = [(getattr(d, name), truth[name]) for d, truth in seen if getattr(d, name).known]
    assert len(pairs) > 0.95 * len(seen)
    errors = np.array([e.value - truth for e, truth in pairs])
    short = len(seen) - len(pairs)
    return Found(errors, short + sum(e.low <= truth <= e.high for e, truth in pairs))


@pytest.mark.parametrize(("d_prime", "c"), [(1.6, 0.8), (2.2, -0.2)])
def test_estimates_are_unbiased_and_intervals_cover(
    play: Callable[..., Answers], decks: list[Deck], d_prime: float, c: float
) -> None:
    """Unbiased to within .06 of d' and c, .1 of c - c* (a curve of d') and .02 of the rates, and
    3.3 standard errors: a false alarm has a chance of .001 each."""
    rng = np.random.default_rng(20)
    # what is judged is the same for all who open nothing else: only what they call wrong is not
    of_deck = [marked(play(deck, d_prime, c, rng)) for deck in decks]
    truth = [truths(marks, d_prime, c) for marks in of_deck]
    seen = []
    for i in range(_TRIED):
        marks = of_deck[i % len(decks)]
        rates = marks["right"].map({ok: flag_chance(ok, d_prime, c, 1.0) for ok in (True, False)})
        flag = marks["judged"] & (rng.random(len(marks)) < rates)
        seen.append((detection_of(marks.assign(flag=flag)), truth[i % len(decks)]))
    room = {"sensitivity": 0.06, "criterion": 0.06, "leaning": 0.1, "hit_rate": 0.02,
            "false_alarm_rate": 0.02}  # fmt: skip
    for name, bias in room.items():
        errors, covered = found(seen, name)
        error = errors.std(ddof=1) / math.sqrt(len(errors))
        assert abs(errors.mean()) < bias + 3.3 * error, name
        assert covered >= _COVERED, name


@pytest.mark.parametrize(("d_prime", "c"), [(0.8, 1.2), (1.0, -0.2), (2.2, -0.2), (1.6, -0.9)])
def test_the_distance_from_the_ideal_line_is_covered_where_it_is_a_curve(
    d_prime: float, c: float
) -> None:
    """A deck's 22 wrong and 50 right ones, 600 trainees; of those whose d' is clearly above 0.
    By the tangent alone .81, .90, .89 and 1 of them were covered; now .94 and more: under .90 of
    290 or more has a chance below .002."""
    rng, log_beta = np.random.default_rng(3), -2.9
    hit, alarm = (flag_chance(ok, d_prime, c, 1.0) for ok in (False, True))

    @cache
    def leaning(h: int, f: int) -> Estimate:
        return detection(h, 22, f, 50, miss=math.exp(-log_beta) * 50 / 22, needless=1).leaning

    each = [
        leaning(int(h), int(f))
        for h, f in zip(rng.binomial(22, hit, 600), rng.binomial(50, alarm, 600), strict=True)
    ]
    known = [e for e in each if e.known]
    assert len(known) > 250
    truth = c - log_beta / d_prime
    assert sum(e.low <= truth <= e.high for e in known) >= 0.9 * len(known)
    assert all(e.low <= e.value <= e.high for e in known)
