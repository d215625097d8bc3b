"""Habits that answers show: known ones come back, and what was not shown is not claimed."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.errors import NotEnoughEvidence
from hitlsim.scenario.habits import Habits
from hitlsim.training.answers import Answers
from hitlsim.training.cohort import COHORT, simulated_cohort
from hitlsim.training.dealing.deck import draw_deck
from hitlsim.training.debrief import Debrief
from hitlsim.training.scoring.score import score
from hitlsim.training.weeks.measured import HABITS, Measured
from hitlsim.training.weeks.measuring import habits_of

Make = Callable[..., Answers]
TRUE = {"hit_rate": 0.9, "false_alarm_rate": 0.1, "inspect_share": 0.7, "peek_share": 0.2,
        "hurry": 1.0, "edit_share": 0.8}  # fmt: skip


@pytest.fixture(scope="module")
def known(reference_run: hs.Run) -> list[Measured]:
    """Twenty people with the habits ``TRUE``, each measured on a deck of 3 x 80 items."""
    own = {k: v for k, v in TRUE.items() if k != "edit_share"}
    team = reference_run.scenario.with_(habits={"known": Habits(**own)})
    deck = draw_deck(reference_run.log, items=80)
    people = {f"t{i}": "known" for i in range(20)}
    answers = simulated_cohort(deck, team, habits=people, seed=3)
    return [habits_of(score(answers.of(who)), team) for who in answers.trainees]


@pytest.mark.parametrize("name", TRUE)
def test_known_habits_come_back(known: list[Measured], name: str) -> None:
    """Mean of twenty people within four standard errors and 2% of the truth, the share of fast
    readers that count as not reading; chance alone would miss it once in 15,000 seeds."""
    values = np.array([m.figures[name].value for m in known])
    error = values.std(ddof=1) / math.sqrt(len(values))
    assert abs(values.mean() - TRUE[name]) < 4 * error + 0.02


@pytest.mark.parametrize("name", TRUE)
def test_intervals_cover_known_habits(known: list[Measured], name: str) -> None:
    """Of twenty 95% intervals 14 or more hold the truth; by chance fewer do once in 30,000 seeds
    (binomial)."""
    covered = sum(m.figures[name].low <= TRUE[name] <= m.figures[name].high for m in known)
    assert covered >= 14


def test_draws_scatter_as_far_as_the_intervals(known: list[Measured]) -> None:
    m = known[0]
    drawn = m.drawn(400, np.random.default_rng(7))
    for name in ("hit_rate", "inspect_share", "peek_share", "hurry"):
        low, high = np.quantile([getattr(d.habits, name) for d in drawn], [0.025, 0.975])
        e = m.figures[name]
        width = e.high - e.low
        assert low == pytest.approx(e.low, abs=0.06 * width + 0.002)
        assert high == pytest.approx(e.high, abs=0.06 * width + 0.002)


def test_draws_depend_on_the_seed_alone(known: list[Measured]) -> None:
    first, again, other = (known[0].drawn(5, np.random.default_rng(s)) for s in (7, 7, 8))
    assert first == again != other


def test_drawn_eyes_are_never_worse_than_guessing(told: Debrief) -> None:
    for s in told.scores:
        for d in habits_of(s).drawn(50, np.random.default_rng(1)):
            assert d.habits.hit_rate >= d.habits.false_alarm_rate


def test_hoarders_open_and_those_who_wave_through_do_not_read(
    told: Debrief, reference_run: hs.Run
) -> None:
    by = {s.who: habits_of(s, reference_run.scenario).figures for s in told.scores}
    for who, how in COHORT.items():
        assert (by[who]["peek_share"].low > 0.05) == (how == "hoarder")
        assert (by[who]["inspect_share"].high < 0.6) == (how == "rubber-stamper")


def test_what_was_never_opened_is_not_charged_but_left_open(told: Debrief) -> None:
    m = habits_of(told.of("heron"))
    assert m.point.habits.peek_share == 0.0
    e = m.figures["peek_share"]
    assert (e.value, e.low) == (0.0, 0.0)
    assert 0.02 < e.high < 0.2
    assert all(d.habits.peek_share > 0 for d in m.drawn(5, np.random.default_rng(1)))


def test_too_few_answers_of_a_kind_leave_that_habit_as_people_are(make_answers: Make) -> None:
    n = 30
    answers = make_answers(
        right=[i % 3 > 0 for i in range(n)], action=["edit"] * 4 + ["leave alone"] * (n - 4),
        dwell_seconds=[40.0] * n,
    )  # fmt: skip
    m = habits_of(score(answers))
    assert [x.name for x in m.missing] == ["peek_share", "edit_share"]
    assert m.counted["peek_share"] == 0
    assert m.point.habits.peek_share == Habits().peek_share
    assert math.isnan(m.begun)


def test_without_times_reading_is_as_people_read_and_eyes_explain_the_rest(
    make_answers: Make,
) -> None:
    """Twelve of twenty wrong ones called wrong: with four in five read, eyes find three in four
    of those, or more; were all read, six in ten."""
    flags = ["edit"] * 12 + ["leave alone"] * 8 + ["edit"] * 2 + ["leave alone"] * 18
    right = [False] * 20 + [True] * 20
    order = np.random.default_rng(4).permutation(40)
    shown = {"right": [right[i] for i in order], "action": [flags[i] for i in order]}
    plain = habits_of(score(make_answers(**shown)))
    timed = habits_of(score(make_answers(**shown, dwell_seconds=[60.0] * 40)))
    assert {"inspect_share", "hurry"} <= {m.name for m in plain.missing}
    assert plain.point.habits.hit_rate > timed.point.habits.hit_rate + 0.05


def test_answers_that_show_no_habit_are_refused_with_what_would_do(make_answers: Make) -> None:
    few = make_answers(right=[True, False, True], action=["leave alone"] * 3)
    with pytest.raises(NotEnoughEvidence, match=r"3 answers show no habit yet: .* 40 items"):
        habits_of(score(few))


def test_every_habit_is_one_that_a_scenario_knows() -> None:
    known = {*Habits.model_fields, "edit_share"}
    assert {m.name for m in HABITS} <= known


@pytest.mark.parametrize(("d_prime", "quick"), [(2.6, True), (0.0, False)])
def test_whoever_sees_at_a_glance_is_not_taken_for_a_rubber_stamp(
    play: Callable[..., Answers], reference_run: hs.Run, d_prime: float, quick: bool
) -> None:
    """All in two seconds: one catches most of what is wrong, the other calls as much of what is
    right wrong (chance of a false alarm under .001, at criterion .2 and 80 items)."""
    deck = draw_deck(reference_run.log, items=80)
    answers = play(deck, d_prime, 0.2, np.random.default_rng(3), seconds=2.0)
    m = habits_of(score(answers), reference_run.scenario)
    assert m.quick is quick
    if quick:
        assert not {"inspect_share", "hurry"} & set(m.figures)
        assert m.point.habits.hit_rate > 0.8
        assert m.point.habits.false_alarm_rate < 0.3
    else:
        assert m.figures["inspect_share"].high < 0.6
