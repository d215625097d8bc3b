"""Abdication emerges: a better AI, and nothing else, makes its reviewers let more errors pass."""

from __future__ import annotations

import math
from functools import cache

import pytest

import hitlsim as hs
from hitlsim.decisions.estimating.intervals import Estimate, clopper_pearson
from hitlsim.present.drawing.abdication import (
    Beside,
    beside,
    beside_better_ai,
    draw_abdication,
    improved,
)
from hitlsim.present.drawing.teams import with_habits
from hitlsim.present.picture import Note, Picture

SEED = 7


@cache
def reference(better: float, *, steady: bool = False) -> Beside:
    """Twenty weeks of the reference rollout in steady state, beside an AI this much better."""
    scenario = hs.load("on-the-loop").with_(weeks=24)
    team = with_habits(scenario, "steady") if steady else scenario
    return beside([hs.simulate(improved(team, better), seed=SEED)])


def standard_errors(old: Estimate, new: Estimate) -> float:
    """How far a share has risen, in standard errors of the difference."""
    variance = sum(e.value * (1 - e.value) / e.n for e in (old, new))
    return (new.value - old.value) / math.sqrt(variance)


# --- what emerges --------------------------------------------------------------------------------


def test_a_better_ai_alone_makes_its_reviewers_approve_more_of_its_errors() -> None:
    # a rise of three standard errors by chance alone: 1 in 700
    today, better, best = (reference(step).missed for step in (0.0, 1.0, 2.0))
    assert standard_errors(today, best) > 3
    assert today.high < best.low
    assert today.value < better.value < best.value


def test_both_ways_to_it_are_there_reading_less_and_seeing_less() -> None:
    today, best = reference(0.0), reference(2.0)
    assert today.read - best.read > 0.03
    assert standard_errors(today.missed_though_read, best.missed_though_read) > 3


def test_with_people_who_always_look_the_same_a_better_ai_changes_nothing() -> None:
    # false alarm: 1 in 370 each; their own hit rates, .86 to .94, say 6 to 14%
    today, best = (reference(step, steady=True).missed for step in (0.0, 2.0))
    assert abs(standard_errors(today, best)) < 3
    assert 0.06 < today.low < today.high < 0.14
    assert 0.06 < best.value < 0.14


def test_a_better_ai_still_sends_out_fewer_errors_though_more_of_them_are_approved() -> None:
    today, best = reference(0.0), reference(2.0)
    assert best.out < today.out / 2
    assert best.approved < today.approved
    # shares of several thousand and several hundred errors: standard error about .02
    assert best.approved / best.out > today.approved / today.out + 0.05


def test_only_the_ai_is_better() -> None:
    scenario = hs.load("on-the-loop")
    better = improved(scenario, 1.0)
    assert better.with_(workflows=scenario.workflows) == scenario
    old, new = (hs.draw(s, SEED).world for s in (scenario, better))
    assert (old.decisions == new.decisions).all()
    assert [
        name
        for name in old.visits.dtype.names or ()
        if (old.visits[name] != new.visits[name]).any()
    ] == ["logit_ok"]


# --- the figure ----------------------------------------------------------------------------------


def some(missed: float, *, out: float, n: int = 1000) -> Beside:
    share = clopper_pearson(round(n * missed), n)
    return Beside(0.9, share, share, 0.8, approved=out / 2, unseen=out / 2)


def drawn(*missed: float, out: tuple[float, float] = (900, 300)) -> Picture:
    people = [some(missed[0], out=out[0]), some(missed[1], out=out[1])]
    found = draw_abdication(people, [some(0.16, out=500)] * 2, of="a team", runs=1)
    assert isinstance(found, Picture)
    return found


@pytest.mark.parametrize(
    ("missed", "says"),
    [
        ((0.5, 0.7), "The better the AI, the more of its errors reviewers approve: 50%"),
        ((0.7, 0.5), "The better the AI, the fewer of its errors reviewers approve: 70%"),
        ((0.5, 0.51), "Reviewers approve about as many of an AI's errors whatever it is: 50%"),
    ],
)
def test_the_title_says_what_was_found(missed: tuple[float, float], says: str) -> None:
    assert drawn(*missed).title.startswith(says)


def test_the_title_owns_up_to_the_errors_that_no_longer_go_out() -> None:
    assert drawn(0.5, 0.7).title.endswith("though errors that go out fall from 900 to 300")
    assert "though" not in drawn(0.5, 0.7, out=(300, 300)).title


def test_the_figure_is_the_same_each_time_and_can_be_read_without_being_seen() -> None:
    once, twice = drawn(0.5, 0.7), drawn(0.5, 0.7)
    assert once.png == twice.png
    assert once.png.startswith(b"\x89PNG")
    assert once.title in once.alt
    assert "95% intervals" in once.caption
    assert "independent" in once.caption
    assert once.table["Approved"].tolist() == ["50.0% (46.9-53.1)", "70.0% (67.1-72.8)"]


def test_several_runs_give_their_interval_from_how_they_differ() -> None:
    short = hs.load("outbound").with_(weeks=6)
    one = beside_better_ai(short, seeds=(1,), steps=(0.0,))[0].missed
    two = beside_better_ai(short, seeds=(1, 2), steps=(0.0,))[0].missed
    assert one.assumes == "decisions independent of each other"
    assert two.assumes == "runs independent of each other"
    assert two.n > one.n


def test_without_a_wrong_draft_there_is_a_note_in_place_of_a_figure() -> None:
    nothing = some(0.5, out=0)._replace(missed=clopper_pearson(0, 0))
    found = draw_abdication([nothing], [nothing], of="a team", runs=1)
    assert isinstance(found, Note)
    assert "No wrong draft" in found.text
