"""A change is called one where its whole interval says so, and seldom where nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from hitlsim.decisions.estimating.intervals import NOTHING, Estimate, clopper_pearson
from hitlsim.training.answers import Answers
from hitlsim.training.dealing.deck import Deck
from hitlsim.training.debrief import Debrief
from hitlsim.training.scoring.change import COMPARED, Verdict, changes, moved
from hitlsim.training.scoring.costing import Cost, forgone
from hitlsim.training.scoring.score import Score, score

Play = Callable[..., Answers]


@pytest.fixture
def of(make_answers: Callable[..., Answers]) -> Callable[..., Score]:
    """A score whose figures are as given; the others are not known."""
    bare = score(make_answers(right=[True]))

    def made(**figures: Estimate) -> Score:
        unknown = dict.fromkeys(bare.figures, NOTHING)
        return replace(bare, figures={**unknown, **figures})

    return made


def test_newcombes_example(of: Callable[..., Score]) -> None:
    """56 of 70 beside 48 of 80: .0524 to .3339 (Newcombe 1998, table II, method 10)."""
    m = moved(of(missed=clopper_pearson(48, 80)), of(missed=clopper_pearson(56, 70)))["missed"]
    assert m.by.value == pytest.approx(0.2)
    assert (m.by.low, m.by.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    assert (m.by.n, m.verdict, m.settles) == (70, Verdict.WORSE, 0)


def test_a_number_changes_by_the_halves_that_face_each_other(of: Callable[..., Score]) -> None:
    before, after = Estimate(1.0, 0.4, 1.3, 90, ""), Estimate(2.0, 1.6, 3.0, 80, "")
    m = moved(of(sensitivity=before), of(sensitivity=after))["sensitivity"]
    assert (m.by.value, m.by.low) == pytest.approx((1.0, 1 - 0.5))
    assert m.by.high == pytest.approx(1 + (1.0 + 0.36) ** 0.5)
    assert m.verdict is Verdict.BETTER


@pytest.mark.parametrize(
    ("name", "less"),
    [("missed", "better"), ("opened", "better"), ("fast", "better"), ("begun", "worse"),
     ("sensitivity", "worse"), ("brier", "better"), ("criterion", "moved")],
)  # fmt: skip
def test_which_way_is_better_depends_on_the_figure(
    of: Callable[..., Score], name: str, less: str
) -> None:
    low, high = Estimate(0.1, 0.05, 0.15, 200, ""), Estimate(0.9, 0.85, 0.95, 200, "")
    assert moved(of(**{name: high}), of(**{name: low}))[name].verdict == less
    more = {"better": "worse", "worse": "better", "moved": "moved"}[less]
    assert moved(of(**{name: low}), of(**{name: high}))[name].verdict == more


def test_a_line_on_the_other_side_of_the_ideal_is_no_nearer_to_it(
    of: Callable[..., Score],
) -> None:
    over, under = Estimate(1.0, 0.8, 1.2, 90, ""), Estimate(-1.0, -1.2, -0.8, 90, "")
    near = Estimate(0.1, -0.1, 0.3, 90, "")
    assert moved(of(leaning=over), of(leaning=under))["distance"].verdict is Verdict.OPEN
    assert moved(of(leaning=under), of(leaning=near))["distance"].verdict is Verdict.BETTER
    assert moved(of(leaning=near), of(leaning=over))["distance"].verdict is Verdict.WORSE


def test_what_would_settle_it_settles_it(of: Callable[..., Score]) -> None:
    def on(n: int) -> tuple[Verdict, int]:
        m = moved(of(missed=clopper_pearson(0.5 * n, n)), of(missed=clopper_pearson(0.25 * n, n)))
        return m["missed"].verdict, m["missed"].settles

    verdict, enough = on(20)
    assert verdict is Verdict.OPEN
    assert 20 < enough < 100
    assert on(enough) == (Verdict.BETTER, 0)
    assert on(enough - 1)[0] is Verdict.OPEN


def test_no_deck_is_large_enough_to_show_that_nothing_changed(of: Callable[..., Score]) -> None:
    same = clopper_pearson(7, 28)
    m = moved(of(missed=same), of(missed=same))["missed"]
    assert (m.verdict, m.settles, m.by.value) == (Verdict.OPEN, 0, 0)


def test_what_one_deck_does_not_tell_is_left_out(of: Callable[..., Score]) -> None:
    assert moved(of(missed=clopper_pearson(7, 28)), of()) == {}


def test_savings_forgone_make_dear_and_cheap_decks_alike() -> None:
    def ways(factor: float) -> tuple[Cost, ...]:
        costs = {"own": 40.0, "nobody": 100.0, "all": 60.0, "ideal": 20.0}
        return tuple(
            Cost(n, n, NOTHING, Estimate(c * factor, c * factor, c * factor, 40, ""))
            for n, c in costs.items()
        )

    assert forgone(ways(1)).value == forgone(ways(7)).value == pytest.approx(0.25)
    assert not forgone(()).known


def test_chance_seldom_calls_a_change(play: Play, deck: Deck, second: Deck) -> None:
    """24 people whose habits stay the same: each figure is called better or worse for 5% at most,
    so more than 6 of 24 called has a chance below .0002 for each. Of all nine, some figure
    is called for one in five: for more than 12 of 24 with a chance below .0005."""
    rng = np.random.default_rng(11)
    called, people = dict.fromkeys((c.name for c in COMPARED), 0), 0
    for _ in range(24):
        how = {"d_prime": 1.6, "criterion": 0.3, "opens": 0.15}
        by = moved(score(play(deck, rng=rng, **how)), score(play(second, rng=rng, **how)))
        for name, m in by.items():
            called[name] += m.verdict is not Verdict.OPEN
        people += any(m.verdict is not Verdict.OPEN for m in by.values())
    assert all(n <= 6 for n in called.values()), called
    assert people <= 12


def test_who_changed_and_who_did_not_in_a_cohort(told_twice: Debrief) -> None:
    c = told_twice.changes
    assert c is not None
    assert (c.first, c.then) == ("A", "B")
    assert "curlew" in c.told("opened", Verdict.BETTER)
    assert {"kite", "dunlin"} <= set(c.told("missed", Verdict.BETTER))
    assert "merlin" in c.told("fast", Verdict.WORSE)
    m = c.cohort["missed"]
    each = [by["missed"].by.value for by in c.people.values()]
    assert m.by.value == pytest.approx(np.mean(each))
    assert m.by.low < m.by.value < m.by.high
    assert m.by.n == 12
    assert len(c.frame) == sum(len(by) for by in c.people.values())


def test_whoever_played_one_deck_is_left_out(of: Callable[..., Score]) -> None:
    one, two = (of(missed=clopper_pearson(k, 28)) for k in (20, 4))
    c = changes("A", {"wren": one, "kite": one}, "B", {"wren": two})
    assert list(c.people) == ["wren"]
    assert c.cohort["missed"] == c.people["wren"]["missed"]
