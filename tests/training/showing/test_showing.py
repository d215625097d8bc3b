"""What a facilitator and a trainee see: findings as titles, everything escaped, nobody named."""

from __future__ import annotations

import json
from collections.abc import Callable
from html import escape
from pathlib import Path

import pytest

from hitlsim.errors import LogError
from hitlsim.present.monthly.month import write_results
from hitlsim.present.picture import Html, Note, Picture
from hitlsim.training.answers import Answers
from hitlsim.training.cohort import COHORT
from hitlsim.training.debrief import Debrief, debrief
from hitlsim.training.showing import change, costs, figures, own, session, tables
from hitlsim.training.showing.who import draw_who

OTHERS = sorted(set(COHORT) - {"kite"})


def drawn(d: Debrief, me: str = "") -> list[Picture]:
    made = [draw_who(d, me), figures.draw_line(d, me)]
    if not me:
        made += [figures.draw_faults(d), costs.draw_cost(d)]
    assert all(isinstance(p, Picture) for p in made)
    return [p for p in made if isinstance(p, Picture)]


@pytest.fixture(scope="module")
def pictures(told: Debrief) -> list[Picture]:
    return drawn(told)


def test_every_figure_has_a_finding_an_alt_text_and_its_table(pictures: list[Picture]) -> None:
    for picture in pictures:
        assert picture.png.startswith(b"\x89PNG")
        assert picture.alt.startswith(picture.title)
        assert "95%" in picture.caption or "known to within" in picture.caption
        assert len(picture.table) >= 4


def test_the_same_answers_give_the_same_pictures(told: Debrief, pictures: list[Picture]) -> None:
    assert [p.png for p in drawn(told)] == [p.png for p in pictures]


def test_ones_own_pictures_name_nobody_else(told: Debrief) -> None:
    for picture in drawn(told, "kite"):
        words = " ".join([picture.title, picture.alt, picture.caption, picture.table.to_string()])
        assert not [w for w in OTHERS if w in words.split()]
    mine = draw_who(told, "kite")
    assert isinstance(mine, Picture)
    assert mine.title == "You let most wrong items through, approving faster than one can read"
    assert mine.table["Who"].tolist() == ["you"]


def test_ones_own_results_say_nothing_of_anybody_else(told: Debrief, tmp_path: Path) -> None:
    text = write_results(own.Own(told, "kite"), tmp_path / "own.json").read_text("utf-8")
    assert not [who for who in OTHERS if f'"{who}"' in text]
    results = json.loads(text)
    assert results["trainee"] == "kite"
    assert results["figures"]["missed"]["value"] == told.of("kite").figures["missed"].value
    assert len(results["practise"]) == 3


def test_ones_own_debrief_lists_what_was_caught_missed_and_touched(told: Debrief) -> None:
    f = told.of("curlew").marks
    caught, needless = own.caught(told, "curlew"), own.needless(told, "curlew")
    assert isinstance(caught, Html)
    assert caught.text.count("<tr>") == 1 + (~f["right"] & f["flag"]).sum()
    assert isinstance(needless, Html)
    assert "nothing asked for you, and it was right" in needless.text
    through = own.got_through(told, "curlew")
    assert isinstance(through, Html)
    assert through.text.count("<tr>") == 1 + f["passed"].sum()
    assert own.practise(told, "curlew").text.count("<li") == 3


def test_whoever_did_nothing_wrong_is_told_so(make_answers: Callable[..., Answers]) -> None:
    d = debrief(make_answers(right=[True, False], action=["leave alone", "edit"]))
    for piece in (own.got_through(d, "wren"), own.needless(d, "wren")):
        assert isinstance(piece, Note)


def test_markup_in_the_answers_stays_text(make_answers: Callable[..., Answers]) -> None:
    bad = "<script>alert(1)</script>"
    ids = [f"{bad}{i}" for i in range(3)]
    d = debrief(
        make_answers(
            right=[False, False, True], fault=[bad, bad, None], workflow=[bad] * 3, item_id=ids
        )
    )
    pieces = [tables.people(d), tables.practise(d), tables.by_round(d), tables.key(d),
              tables.cohort(d), tables.the_record(d), change.change_of_people(d),
              own.summary(d, "wren"), own.tiles(d, "wren"), own.got_through(d, "wren"),
              own.practise(d, "wren"),
              figures.draw_faults(d), draw_who(d)]  # fmt: skip
    for piece in pieces:
        assert "<script" not in piece._repr_html_()


def test_where_nothing_can_be_drawn_it_is_said(make_answers: Callable[..., Answers]) -> None:
    d = debrief(make_answers(right=[True]))
    for piece in (draw_who(d), figures.draw_line(d), figures.draw_faults(d), costs.draw_cost(d)):
        assert isinstance(piece, Note)
    assert isinstance(own.beside_ideal(d, "wren"), Note)


def test_every_person_stands_in_the_table_once(told: Debrief) -> None:
    text = tables.people(told).text
    assert all(text.count(f">{who}</th>") == 1 for who in COHORT)


def test_what_is_not_known_says_what_it_takes(make_answers: Callable[..., Answers]) -> None:
    d = debrief(make_answers(right=[True, False]))
    text = tables.people(d).text
    assert "not enough evidence<small>takes 5 wrong and 5 right items judged</small>" in text
    assert "takes a steady round" in own.tiles(d, "wren").text


def test_a_change_is_drawn_for_the_room_and_for_oneself(told_twice: Debrief) -> None:
    whole = change.draw_change(told_twice)
    mine = change.draw_change(told_twice, "kite")
    assert isinstance(whole, Picture)
    assert isinstance(mine, Picture)
    assert whole.title.startswith("Of 12 people who played decks A and B")
    assert whole.table["Figure"].tolist()[0] == "Wrong items let through"
    assert mine.title.startswith("On deck B you let fewer wrong items through")
    words = " ".join([mine.title, mine.alt, mine.caption, mine.table.to_string()])
    assert not [w for w in OTHERS if w in words.split()]
    again = change.draw_change(told_twice, "kite")
    assert isinstance(again, Picture)
    assert again.png == mine.png


def test_every_person_of_two_decks_stands_in_the_table_of_changes(told_twice: Debrief) -> None:
    people = change.change_of_people(told_twice)
    assert isinstance(people, Html)
    assert all(people.text.count(f">{who}</th>") == 1 for who in COHORT)
    results = own.Own(told_twice, "curlew").to_dict()
    assert results["changes"]["opened"]["verdict"] == "better"
    assert "Changed" in own.summary(told_twice, "curlew").text


def test_with_one_deck_it_is_said_what_a_second_one_is_for(told: Debrief) -> None:
    for piece in (change.draw_change(told), change.draw_change(told, "kite"),
                  change.change_of_people(told)):  # fmt: skip
        assert isinstance(piece, Note)
        assert "Takes a second deck" in piece.text


def test_seeing_and_doing_stand_apart(told: Debrief) -> None:
    text = tables.cohort(told).text
    does, sees = text.index("What people do"), text.index("What people see")
    for title, first in (("Wrong items let through", True), ("Cost above the ideal", True),
                         ("Hit rate", False), ("Sensitivity d&#x27;", False)):  # fmt: skip
        assert (does < text.index(title) < sees) is first
    mine = own.tiles(told, "kite").text
    assert mine.index("What you do") < mine.index("What you see") < mine.index("Hit rate")


def test_the_key_names_each_item_round_by_round(told: Debrief) -> None:
    text = tables.key(told).text
    assert text.count("<details>") == 3
    assert "Steady state: 40 items, 12 of them wrong" in text
    first = told.items.iloc[0]
    assert escape(first["title"]) in text


def test_an_unknown_trainee_is_refused(told: Debrief) -> None:
    with pytest.raises(LogError, match="trainee 'me' has no answers"):
        session.who(told.answers, "me")
