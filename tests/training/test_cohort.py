"""A simulated cohort has the habits it was given, by the rules of the simulation."""

from __future__ import annotations

import pytest

import hitlsim as hs
from hitlsim.errors import LogError, ScenarioError
from hitlsim.training.answers import Answers
from hitlsim.training.cohort import COHORT, simulated_cohort
from hitlsim.training.dealing.deck import Deck, draw_deck
from hitlsim.training.scoring.score import score


def test_the_same_seed_gives_the_same_answers(
    cohort: Answers, deck: Deck, reference_run: hs.Run
) -> None:
    again = simulated_cohort(deck, reference_run.scenario)
    assert again.frame.equals(cohort.frame)
    other = simulated_cohort(deck, reference_run.scenario, seed=8)
    assert not other.frame["action"].equals(cohort.frame["action"])


def test_nobodys_answers_depend_on_who_else_takes_part(
    cohort: Answers, deck: Deck, reference_run: hs.Run
) -> None:
    alone = simulated_cohort(deck, reference_run.scenario, habits={"kite": COHORT["kite"]})
    theirs = cohort.of("kite").frame
    assert alone.frame["dwell_seconds"].tolist() == theirs["dwell_seconds"].tolist()
    assert alone.frame["action"].astype(str).tolist() == theirs["action"].astype(str).tolist()


def test_habits_show_in_what_people_do(cohort: Answers) -> None:
    marks = {who: score(cohort.of(who)).figures for who in COHORT}
    by = {
        habit: [marks[w] for w, h in COHORT.items() if h == habit] for habit in set(COHORT.values())
    }
    assert min(m["opened"].value for m in by["hoarder"]) > 0.3
    assert max(m["opened"].value for h in by if h != "hoarder" for m in by[h]) == 0
    assert min(m["fast"].value for m in by["rubber-stamper"]) > 0.7
    assert max(m["missed"].value for m in by["careful"]) < 0.5
    assert min(m["missed"].value for m in by["rubber-stamper"]) > 0.7


def test_eyes_that_never_change_are_found_again(reference_run: hs.Run) -> None:
    """Steady habits: hit rate .84, false-alarm rate .27, so d' 1.61 and c -.19. The interval of a
    fixed seed; chance would miss each once in twenty seeds."""
    large = draw_deck(reference_run.log, items=400, prevalence=0.5)
    one = simulated_cohort(large, reference_run.scenario, habits={"wren": "steady"})
    figures = score(one).figures
    assert figures["hit_rate"].low < 0.84 < figures["hit_rate"].high
    assert figures["false_alarm_rate"].low < 0.27 < figures["false_alarm_rate"].high
    assert figures["sensitivity"].low < 1.607 < figures["sensitivity"].high
    assert figures["criterion"].low < -0.191 < figures["criterion"].high


def test_in_the_exception_round_people_take_up_what_they_are_sent(cohort: Answers) -> None:
    sent = cohort.in_round("exception").frame
    assert not (sent["action"].astype(str) == "leave alone").any()


def test_in_shadow_nobody_approves(cohort: Answers) -> None:
    assert "approve" not in set(cohort.in_round("shadow").frame["action"].astype(str))


def test_a_second_deck_changes_nothing_on_the_first(cohort: Answers, twice: Answers) -> None:
    first = twice.of_deck("A").frame
    for name in ("item_id", "action", "dwell_seconds", "title"):
        assert first[name].astype(str).tolist() == cohort.frame[name].astype(str).tolist()


def test_who_comes_back_with_other_habits_shows_them(twice: Answers) -> None:
    second = twice.of_deck("B")
    assert score(twice.of_deck("A").of("curlew")).figures["opened"].value > 0.3
    assert score(second.of("curlew")).figures["opened"].value == 0
    assert score(second.of("merlin")).figures["fast"].value > 0.7
    assert twice.record["simulated_habits_later"]["merlin"] == "rubber-stamper"


def test_decks_that_share_items_are_refused(deck: Deck, reference_run: hs.Run) -> None:
    with pytest.raises(LogError, match="two of them share items; draw a second one with"):
        simulated_cohort([deck, deck], reference_run.scenario)


def test_only_who_takes_part_can_change(deck: Deck, reference_run: hs.Run) -> None:
    with pytest.raises(ScenarioError, match="later: 'wrem' takes no part; did you mean 'wren'"):
        simulated_cohort(deck, reference_run.scenario, later={"wrem": "typical"})


def test_habits_that_do_not_exist_are_refused(deck: Deck, reference_run: hs.Run) -> None:
    with pytest.raises(
        ScenarioError, match=r"habits 'hoarde' do not exist; did you mean 'hoarder'"
    ):
        simulated_cohort(deck, reference_run.scenario, habits={"wren": "hoarde"})
    with pytest.raises(ScenarioError, match="names nobody"):
        simulated_cohort(deck, reference_run.scenario, habits={})
