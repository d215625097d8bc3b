"""What a way of working costs, counted by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

import numpy as np
import pytest

from hitlsim.simulation.reviewing import flag_chance
from hitlsim.training.answers import Answers
from hitlsim.training.dealing.deck import Deck
from hitlsim.training.scoring.costing import above_ideal, costs_of_working, on_the_spec
from hitlsim.training.scoring.marking import marked, stakes

N = NormalDist()


@pytest.fixture
def four(make_answers: Callable[..., Answers]) -> Answers:
    """Right and routine, left; wrong and asked, changed; right and asked, changed; wrong and
    routine, left."""
    return make_answers(
        round=["steady"] * 4, needs_look=[False, True, True, False],
        right=[True, False, True, False], action=["leave alone", "edit", "edit", "leave alone"],
        harm=[10.0] * 4, look_cost=[1.0] * 4, needless_cost=[2.0] * 4, weight=[1.0] * 4,
    )  # fmt: skip


def test_four_items_by_hand(four: Answers) -> None:
    costs = {c.name: c for c in costs_of_working(marked(four))}
    assert costs["own"].cost.value == pytest.approx(100 * (0 + 1 + 1 + 2 + 10) / 4)
    assert costs["own"].looks.value == pytest.approx(50)
    assert costs["nobody"].cost.value == pytest.approx(100 * (10 + 10) / 4)
    assert costs["nobody"].looks.value == 0
    d = N.inv_cdf(0.84) - N.inv_cdf(0.27)
    line = math.log(2 / 10) / d
    hit, alarm = N.cdf(d / 2 - line), N.cdf(-d / 2 - line)
    both = 10 * (1 - hit) + 2 * alarm
    assert costs["ideal"].cost.value == pytest.approx(100 * (2 + both + 10) / 4)
    assert costs["all"].cost.value == pytest.approx(100 * (4 + 2 * both) / 4)
    above = above_ideal(costs_of_working(marked(four)))
    assert above.value == pytest.approx(100 * (14 - 12 - both) / 4)


def test_items_count_by_what_they_stand_for(four: Answers) -> None:
    heavy = Answers(four.frame.assign(weight=[97.0, 1.0, 1.0, 1.0]))
    costs = {c.name: c for c in costs_of_working(marked(heavy))}
    assert costs["own"].cost.value == pytest.approx(14)
    assert costs["own"].looks.value == pytest.approx(2)


@pytest.mark.parametrize(
    ("d_prime", "c", "opens"), [(1.6, 0.2, 0.1), (3.0, -0.5, 0.02)], ids=["typical", "sharp"]
)
def test_the_interval_of_a_cost_covers_what_the_same_person_would_cost_on_the_deck_again(
    deck: Deck, d_prime: float, c: float, opens: float
) -> None:
    """30 sessions on one deck; a variance over items covered .76 of them for the typical person,
    whose misses are rare and dear. Under 24 of 30 has a chance below .001 at .95."""
    f = deck.frame[deck.frame["round"] == "steady"].reset_index(drop=True)
    flags = np.array([flag_chance(bool(ok), d_prime, c, 1.0) for ok in f["right"]])
    taken = np.where(f["needs_look"], 1.0, opens)
    each = f["look_cost"] * taken + np.where(
        f["right"], f["needless_cost"] * taken * flags, f["harm"] * (1 - taken * flags)
    )
    truth, rng, covered = 100 * np.average(each, weights=f["weight"]), np.random.default_rng(4), 0
    for _ in range(30):
        up = rng.random(len(f)) < taken
        flag = up & (rng.random(len(f)) < flags)
        action = np.where(flag, "edit", np.where(up, "approve", "leave alone"))
        m = marked(Answers(f.assign(trainee="wren", action=action)))
        own, *_, ideal = ways = costs_of_working(m)
        covered += own.cost.low <= truth <= own.cost.high
        above = above_ideal(ways)
        assert above.low == pytest.approx(own.cost.low - ideal.cost.value)
        assert own.looks.low <= own.looks.value <= own.looks.high
    assert covered >= 24


def test_without_a_steady_round_nothing_is_said(four: Answers) -> None:
    shadow = marked(Answers(four.frame.assign(round="shadow")))
    assert costs_of_working(shadow) == ()
    assert not above_ideal(()).known


def test_without_costs_a_miss_is_ten_needless_changes(
    make_answers: Callable[..., Answers],
) -> None:
    assert stakes(marked(make_answers(right=[True, False]))) == 10


@pytest.mark.parametrize(("harm", "told"), [(500.0, True), (0.5, False)])
def test_a_spec_that_lets_dear_errors_go_is_told_and_a_sound_one_is_not(
    make_answers: Callable[..., Answers], harm: float, told: bool
) -> None:
    """The routine item that is wrong costs more, or less, than looking at all of them."""
    answers = make_answers(
        round=["steady"] * 4, needs_look=[False, True, True, False],
        right=[True, False, True, False], action=["leave alone", "edit", "approve", "leave alone"],
        harm=[10.0, 10.0, 10.0, harm], look_cost=[1.0] * 4, needless_cost=[2.0] * 4,
        weight=[1.0] * 4,
    )  # fmt: skip
    assert bool(on_the_spec(costs_of_working(marked(answers)))) is told
    assert on_the_spec(()) == ""
