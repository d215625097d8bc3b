"""A cohort's debrief says what its people did, and how far that is proved."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hitlsim.errors import LogError, NotEnoughEvidence
from hitlsim.present.monthly.month import write_results
from hitlsim.training.answers import Answers
from hitlsim.training.cohort import COHORT
from hitlsim.training.dealing.deck import Deck
from hitlsim.training.debrief import Debrief, debrief
from hitlsim.training.scoring.advice import practice
from hitlsim.training.scoring.score import score
from hitlsim.training.words import kindly


def test_it_names_those_who_hoard_and_those_who_wave_through(told: Debrief) -> None:
    named = {name: {COHORT[s.who] for s in who} for name, who in told.named.items()}
    assert named["hoarding"] == {"hoarder"}
    assert "rubber-stamper" in named["abdication"]
    assert not named["abdication"] & {"careful", "hoarder"}


def test_the_mean_of_a_cohort_is_that_of_its_answers(told: Debrief) -> None:
    marks = pd.concat([s.marks for s in told.scores])
    bad = marks[marks["bad_asked"]]
    e = told.cohort["missed"]
    assert e.value == pytest.approx(bad["passed"].mean())
    assert 0 <= e.low < e.value < e.high <= 1
    assert e.n == len(bad)


def test_items_and_faults_add_up_to_the_answers(told: Debrief) -> None:
    assert told.items["answers"].sum() == len(told.answers)
    marks = pd.concat([s.marks for s in told.scores])
    assert told.items["let_through"].sum() == marks["passed"].sum()
    counted = (told.faults["value"] * told.faults["n"]).sum()
    assert counted == pytest.approx(marks["passed"].sum())


def test_the_same_answers_give_the_same_results_byte_for_byte(
    cohort: Answers, told: Debrief, tmp_path: Path
) -> None:
    one = write_results(told, tmp_path / "one.json").read_bytes()
    assert write_results(debrief(cohort), tmp_path / "two.json").read_bytes() == one
    results = json.loads(one)
    assert set(results["trainees"]) == set(COHORT)
    assert results["headline"] == told.headline
    assert results["record"]["prevalence"] == 0.3


def test_everybody_gets_three_habits_and_the_worst_comes_first(told: Debrief) -> None:
    for s in told.scores:
        found = practice(s)
        assert len(found) == 3
        assert len({p.title for p in found}) == 3
        assert all(item in set(s.marks["item_id"]) for p in found for item in p.items)
    for name, title in (
        ("hoarding", "Name the trigger before you open"),
        ("abdication", "Give each text its time"),
    ):
        clear = [s for s in told.named[name] if name == "hoarding" or s.figures["fast"].low > 0.5]
        assert clear
        assert {practice(s)[0].title for s in clear} == {title}


def test_whoever_reads_and_does_not_see_is_told_apart_from_whoever_does_not_read(
    play: Callable[..., Answers], deck: Deck
) -> None:
    said = {}
    for seconds in (2.0, 60.0):
        rng = np.random.default_rng(3)
        said[seconds] = kindly(score(play(deck, 0.8, 1.8, rng, seconds=seconds)), to="you")
    assert said == {
        2.0: "You let most wrong items through, approving faster than one can read",
        60.0: "You let most wrong items through, though the texts were read",
    }


def test_nobody_is_called_a_name(told: Debrief) -> None:
    said = [kindly(s) for s in told.scores] + [told.headline]
    assert not [text for text in said if "hoard" in text or "abdicat" in text]


def test_a_cell_shows_its_finding_and_what_to_be_careful_about(told: Debrief) -> None:
    html = told._repr_html_()
    assert escape(told.headline) in html
    assert all(escape(text) in html for text in (told.sentences[0].text, *told.warnings))


def test_the_barest_answers_make_a_debrief_that_says_what_it_lacks(
    make_answers: Callable[..., Answers],
) -> None:
    bare = debrief(make_answers(right=[True] * 20 + [False] * 10,
                                action=["leave alone"] * 25 + ["reject"] * 5))  # fmt: skip
    assert bare.cohort["missed"].value == 0.5
    assert not bare.cohort["above_ideal"].known
    assert "Rounds that nobody played: exception and steady" in " ".join(bare.warnings)
    assert "a miss is taken to cost ten needless changes" in " ".join(bare.warnings)
    assert bare.headline == (
        "One person: this deck is too small to say who looks too much, or too little."
    )


def test_one_answer_is_enough_to_say_that_it_is_not_enough(
    make_answers: Callable[..., Answers],
) -> None:
    one = debrief(make_answers(right=[True]))
    assert "too small" in one.headline
    assert score(one.answers).kind == "not enough items"
    assert one.sentences[-1].text.startswith("No wrong item was put before anybody")


def test_a_debrief_is_of_one_deck_and_says_of_which(twice: Answers, told_twice: Debrief) -> None:
    assert (told_twice.deck, told_twice.decks) == ("A", ("A", "B"))
    assert "deck A" in told_twice.subtitle
    assert told_twice.items["item_id"].str.startswith("B").sum() == 0
    assert any("debrief --deck B" in w for w in told_twice.warnings)
    second = debrief(twice, deck="B")
    assert second.items["item_id"].str.startswith("B").all()
    assert second.of("curlew").figures["opened"].value == 0
    assert second.changes is not None
    assert told_twice.changes is not None
    assert second.changes.frame.equals(told_twice.changes.frame)


def test_what_changed_stands_in_the_summary_only_after_two_decks(
    told: Debrief, told_twice: Debrief
) -> None:
    assert told.changes is None
    assert not [s for s in told.sentences if s.topic == "Changed"]
    said = next(s.text for s in told_twice.sentences if s.topic == "Changed")
    assert said.startswith("Of 12 people who played decks A and B, ")
    assert "over 12 people" in said


def test_people_who_played_different_decks_are_not_compared(
    make_answers: Callable[..., Answers],
) -> None:
    apart = make_answers(right=[False, True], trainee=["wren", "kite"], deck=["A", "B"])
    d = debrief(apart)
    assert d.changes is None
    assert [s.who for s in d.scores] == ["wren"]


def test_mistakes_that_were_put_in_are_owned_up_to(cohort: Answers, told: Debrief) -> None:
    some = Answers(cohort.frame, {**cohort.record, "planted": 5})
    said = [
        w for w in debrief(some.of("wren")).warnings if w.startswith("5 of the deck's mistakes")
    ]
    assert len(said) == 1
    assert not [w for w in told.warnings if "were put into right decisions" in w]


def test_a_figure_says_how_many_answers_or_people_it_rests_on(told: Debrief) -> None:
    said = {s.topic: s.text for s in told.sentences}
    assert f"; {told.cohort['missed'].n:.0f} answers)" in said["Let through"]
    assert "people)" in said["The line"]
    assert said["Cost"].endswith("12 people).")


def test_no_answers_are_refused(make_answers: Callable[..., Answers]) -> None:
    with pytest.raises(NotEnoughEvidence, match="there are no answers"):
        debrief(make_answers(right=[]))


def test_an_unknown_pseudonym_has_no_debrief(told: Debrief) -> None:
    with pytest.raises(LogError, match="there are avocet, curlew"):
        told.of("nobody")


def test_naming_some_of_many_says_how_often_chance_does(told: Debrief, cohort: Answers) -> None:
    """Two lines, 2.5% each, twelve people: 1 - .95^12 = .46 at most. One person alone: not said."""
    assert any("a class of 12 who all are, somebody in up to 46%" in w for w in told.warnings)
    assert not any("a class of" in w for w in debrief(cohort.of("curlew")).warnings)
