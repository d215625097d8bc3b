"""Hoarders, abdicators and the ideal are told apart on the stated deck, and not below it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.decisions.diagnosing.diagnosis import Found
from hitlsim.simulation.reviewing import flag_chance
from hitlsim.training.answers import Answers
from hitlsim.training.dealing.deck import Deck, draw_deck
from hitlsim.training.scoring.marking import marked
from hitlsim.training.scoring.naming import habits_shown
from hitlsim.training.scoring.score import score

_TRIED = 40
IDEAL = {"d_prime": 1.6, "criterion": -0.9}
PEOPLE = {
    "hoarding": {**IDEAL, "opens": 0.6},
    "abdication": {"d_prime": 1.0, "criterion": 1.65},
    "neither": IDEAL,
}
"""Somebody who opens six in ten routine items; who lets seven in eight wrong ones through; and the
ideal observer, whose line is about that of the deck's stakes."""
_COUNTED = ["item_id", "right", "routine", "bad_asked", "harm", "look_cost"]
Play = Callable[..., Answers]


def kinds(play: Play, deck: Deck, how: dict[str, float], tried: int = _TRIED) -> Counter[str]:
    rng = np.random.default_rng(7)
    f = marked(play(deck, rng=rng, **how))[_COUNTED]
    called = f["right"].map({
        ok: flag_chance(ok, how["d_prime"], how["criterion"], 1.0) for ok in (True, False)
    })  # fmt: skip
    shown = []
    for _ in range(tried):
        up = f["routine"] & (rng.random(len(f)) < how.get("opens", 0.0))
        passed = f["bad_asked"] & (rng.random(len(f)) >= called)
        shown.append(habits_shown(f.assign(up=up, passed=passed)))
    return Counter(
        " and ".join(h.name for h in pair if h.status is Found.NAMED)
        or ("open" if any(h.status is Found.OPEN for h in pair) else "neither")
        for pair in shown
    )


@pytest.mark.parametrize("kind", PEOPLE)
def test_they_are_told_apart_on_the_stated_deck(play: Play, deck: Deck, kind: str) -> None:
    """Each is told for what they are in nine of ten sessions or more (in 200: .985, .995 and 1;
    of .985, under 36 of 40 has a chance below .001), and never for another."""
    counts = kinds(play, deck, PEOPLE[kind])
    assert counts[kind] >= 36
    assert set(counts) <= {kind, "open"}


def test_on_a_small_deck_nobody_is_cleared_and_it_is_said_what_would_do(
    play: Play, reference_run: hs.Run
) -> None:
    small = draw_deck(reference_run.log, items=10)
    # of 7 routine and 8 wrong items no interval is narrow enough, whatever was answered
    assert kinds(play, small, IDEAL, tried=10) == {"open": 10}
    one = score(play(small, rng=np.random.default_rng(1), **IDEAL))
    assert one.kind == "not enough items"
    assert one.hoarding.settles > one.hoarding.share.n


@pytest.mark.parametrize("items", [10, 20])
def test_below_the_stated_size_nobody_is_cleared_and_the_others_often_stay_open(
    play: Play, reference_run: hs.Run, items: int
) -> None:
    """Of 7 or 14 routine and wrong items the ideal observer is never cleared. Hoarders and
    abdicators stay open in .59 and .57 of sessions at 10, .16 and .24 at 20: under 2 of 40 open has
    a chance below .01, and nobody is ever taken for another."""
    small = draw_deck(reference_run.log, items=items)
    assert kinds(play, small, IDEAL) == {"open": _TRIED}
    for kind in ("hoarding", "abdication"):
        counts = kinds(play, small, PEOPLE[kind])
        assert set(counts) <= {kind, "open"}
        assert counts["open"] >= 2


def test_chance_alone_names_hardly_anybody(play: Play, deck: Deck) -> None:
    """Somebody just at both lines is named by a one-sided 2.5% at most, each: more than 8 of 40
    named has a chance below .001."""
    at_the_line = {"d_prime": 1.6, "criterion": 0.8, "opens": 0.2}
    counts = kinds(play, deck, at_the_line)
    assert sum(n for kind, n in counts.items() if kind not in ("open", "neither")) <= 8


def test_the_items_that_show_it_are_named_the_costliest_first(
    make_answers: Callable[..., Answers],
) -> None:
    answers = make_answers(
        item_id=["a", "b", "c", "d"], right=[False, False, False, True], harm=[1.0, 9.0, 5.0, 99.0],
        action=["leave alone", "leave alone", "edit", "leave alone"],
    )  # fmt: skip
    assert habits_shown(marked(answers))[1].items == ("b", "a")


def test_opening_counts_in_the_steady_round_only(make_answers: Callable[..., Answers]) -> None:
    """In shadow everybody looks at everything: that is what it is for."""
    answers = make_answers(round=["shadow"] * 30 + ["steady"] * 30, needs_look=[False] * 60,
                           action=["edit"] * 30 + ["leave alone"] * 30)  # fmt: skip
    hoarding = habits_shown(marked(answers))[0]
    assert hoarding.status is Found.NOT
    assert (hoarding.share.n, hoarding.share.value) == (30, 0)


def test_a_wrong_item_that_nobody_was_asked_to_see_is_nobodys_miss(
    make_answers: Callable[..., Answers],
) -> None:
    answers = make_answers(round=["steady"] * 20, needs_look=[False] * 20, right=[False] * 20)
    assert not habits_shown(marked(answers))[1].share.known
