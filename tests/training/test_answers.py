"""A file of answers is read, checked, and names nobody."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from hitlsim.errors import LogError
from hitlsim.training.answers import Answers, answers_of, read_answers
from hitlsim.training.columns import ANSWERS
from hitlsim.training.dealing.deck import Deck
from hitlsim.training.debrief import debrief
from hitlsim.training.keeping.classroom import Classroom

HEAD = "trainee,item_id,round,action,needs_look,right"
ROW = "wren,i{0},shadow,edit,yes,no"


@pytest.fixture
def csv(tmp_path: Path) -> Callable[..., Path]:
    def write(*rows: str, head: str = HEAD) -> Path:
        path = tmp_path / "answers.csv"
        path.write_text("\n".join([head, *rows, ""]), "utf-8")
        return path

    return write


@pytest.mark.parametrize("ending", ["csv", "csv.gz", "parquet"])
def test_what_was_written_is_read_again_as_it_was(
    cohort: Answers, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"answers.{ending}"
    write = cohort.to_parquet if ending == "parquet" else cohort.to_csv
    again = read_answers(write(path))
    assert len(again.rejects) == 0
    same = ["trainee", "item_id", "action", "round", "dwell_seconds", "sure", "weight", "harm"]
    for name in same:
        assert again.frame[name].astype(str).tolist() == cohort.frame[name].astype(str).tolist()
    assert again.frame["right"].astype(bool).tolist() == cohort.frame["right"].tolist()
    if ending == "parquet":
        assert again.record["prevalence_in_log"] == cohort.record["prevalence_in_log"]


def test_the_same_answers_give_the_same_bytes(cohort: Answers, tmp_path: Path) -> None:
    one, two = (cohort.to_parquet(tmp_path / name).read_bytes() for name in ("a", "b"))
    assert one == two


def test_rounds_come_in_the_order_of_play(csv: Callable[..., Path]) -> None:
    path = csv(
        "wren,b,steady,edit,yes,no", "kite,a,shadow,edit,yes,no", "wren,a,shadow,edit,yes,no"
    )
    read = read_answers(path)
    assert read.frame[["trainee", "round"]].astype(str).values.tolist() == [
        ["kite", "shadow"], ["wren", "shadow"], ["wren", "steady"],
    ]  # fmt: skip
    assert read.rounds == ["shadow", "steady"]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("wren,x,later,edit,yes,no", "round is not one of shadow, exception, steady"),
        ("wren,x,shadow,skip,yes,no", "action is not one of leave alone, approve, edit, reject"),
        ("wren,x,shadow,edit,yes,", "right is missing"),
        ("wren,x,shadow,edit,maybe,no", "needs_look is not yes or no"),
        (",x,shadow,edit,yes,no", "trainee is missing"),
        ("wren,i1,shadow,reject,yes,no", "item_id is answered twice in its round"),
    ],
)
def test_a_bad_row_is_listed_and_said(
    csv: Callable[..., Path], tmp_path: Path, row: str, reason: str
) -> None:
    path = csv(*(ROW.format(i) for i in range(8)), row)
    with pytest.raises(LogError, match=reason):
        read_answers(path, rejects=tmp_path / "bad.csv")
    assert len(pd.read_csv(tmp_path / "bad.csv")) == 1
    kept = read_answers(path, allow_rejects=0.2)
    assert (len(kept), len(kept.rejects), kept.rejects["row"].tolist()) == (8, 1, [10])


@pytest.mark.parametrize(
    ("column", "cell", "reason"),
    [
        ("sure", "1.2", "sure is above 1"), ("dwell_seconds", "-3", "dwell_seconds is below 0"),
        ("harm", "much", "harm is not a number"),
    ],
)  # fmt: skip
def test_figures_out_of_their_range_are_refused(
    csv: Callable[..., Path], column: str, cell: str, reason: str
) -> None:
    with pytest.raises(LogError, match=reason):
        read_answers(csv(f"{ROW.format(1)},{cell}", head=f"{HEAD},{column}"))


def test_a_file_without_what_is_needed_says_what_it_lacks(csv: Callable[..., Path]) -> None:
    with pytest.raises(LogError, match="lacks the columns needs_look, right; it has trainee"):
        read_answers(csv("wren,1,shadow,edit", head="trainee,item_id,round,action"))


def test_an_item_that_is_right_for_one_and_wrong_for_another_is_refused(
    csv: Callable[..., Path],
) -> None:
    path = csv("wren,i1,shadow,edit,yes,no", "kite,i1,shadow,edit,yes,yes")
    with pytest.raises(LogError, match=r"item 'i1' has right yes in one row and no in another"):
        read_answers(path)


def test_names_of_people_get_no_further(csv: Callable[..., Path]) -> None:
    path = csv("Ann Smith,i1,shadow,edit,yes,no", "b.jones@firm.example,i1,shadow,edit,yes,no",
               "<b>x</b>,i1,shadow,edit,yes,no", "wren,i1,shadow,edit,yes,no")  # fmt: skip
    read = read_answers(path)
    assert read.trainees == ["trainee-1", "trainee-2", "trainee-3", "wren"]
    assert read.record["names_replaced"] == 3


def test_a_first_name_is_a_name_and_a_number_is_not(csv: Callable[..., Path]) -> None:
    path = csv(*(f"{who},i1,shadow,edit,yes,no" for who in ("Maria", "P07", "t-1", "wren_2")))
    assert read_answers(path).trainees == ["P07", "t-1", "trainee-1", "wren_2"]


def test_an_unknown_pseudonym_is_refused_and_the_known_ones_listed(cohort: Answers) -> None:
    with pytest.raises(LogError, match=r"trainee 'wrem' has no answers; there are avocet, curlew"):
        cohort.of("wrem")


def test_rejects_never_overwrite_the_answers(csv: Callable[..., Path]) -> None:
    path = csv(ROW.format(1))
    with pytest.raises(LogError, match="would overwrite what is read"):
        read_answers(path, rejects=path)


def test_every_column_says_what_it_means() -> None:
    assert all(c.meaning and (c.required or c.missing) for c in ANSWERS.values())


ANSWER = {"trainee": "wren", "item_id": "1-01", "round": "shadow", "action": "edit",
          "needs_look": True, "right": False, "reason": None, "sure": None}  # fmt: skip


def test_answers_without_a_letter_are_of_the_first_deck(csv: Callable[..., Path]) -> None:
    read = read_answers(csv(ROW.format(1)))
    assert read.decks == ["A"]
    assert len(read.of_deck("A")) == 1


def test_each_deck_has_its_own_answers_and_its_own_record(twice: Answers) -> None:
    assert twice.decks == ["A", "B"]
    parts = [twice.of_deck(letter) for letter in twice.decks]
    assert sum(len(p) for p in parts) == len(twice)
    assert not set(parts[0].frame["item_id"]) & set(parts[1].frame["item_id"])
    assert [p.record["currency"] for p in parts] == [twice.record["currency"]] * 2
    assert all(len(p.rounds) == 3 for p in parts)


def test_a_deck_that_nobody_played_is_refused(twice: Answers) -> None:
    with pytest.raises(LogError, match="nobody played deck 'C'; there are A, B"):
        twice.of_deck("C")


def test_an_item_of_two_decks_is_refused(csv: Callable[..., Path]) -> None:
    path = csv(f"{ROW.format(1)},A", "kite,i1,shadow,edit,yes,no,B", head=f"{HEAD},deck")
    with pytest.raises(LogError, match="item 'i1' is in two decks; decks share no item"):
        read_answers(path)


def test_rows_of_a_program_are_held_like_those_of_a_file(cohort: Answers, tmp_path: Path) -> None:
    rows = cohort.of("kite").frame.to_dict("records")
    made = answers_of(rows, {"source": "a session"}).frame
    read = read_answers(cohort.of("kite").to_csv(tmp_path / "kite.csv")).frame
    pd.testing.assert_frame_equal(made, read)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"action": "skip"}, "action 'skip' is not one of leave alone, approve"),
        ({"right": None}, "a row lacks right; every answer needs trainee"),
        ({"sure": 1.5}, "sure '1.5' is above 1"),
    ],
)
def test_a_row_that_cannot_be_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(LogError, match=reason):
        answers_of([ANSWER | change], {"source": "a session"})


def test_an_item_answered_twice_is_refused() -> None:
    with pytest.raises(LogError, match="wren answers item '1-01' twice"):
        answers_of([ANSWER, ANSWER], {})


def test_no_rows_are_no_answers() -> None:
    assert len(answers_of([], {"source": "a session"})) == 0


def test_the_file_of_a_class_is_read_like_any_other(deck: Deck, tmp_path: Path) -> None:
    room = Classroom.create(tmp_path / "class.db", [deck])
    seat = room.join(room.code, "wren")
    session = room.session(seat.trainee)
    session.begin()
    session.answer("edit", reason="a wrong day")
    session.answer("leave alone")
    read = read_answers(room.path)
    room.close()
    assert read.frame["action"].astype(str).tolist() == ["edit", "leave alone"]
    assert read.frame["title"].tolist() == [item.title for item in deck.cards.items[:2]]
    assert read.record["source"] == "class.db"
    assert debrief(read).scores[0].who == "wren"


def test_a_class_in_which_nobody_has_answered_says_so(deck: Deck, tmp_path: Path) -> None:
    Classroom.create(tmp_path / "class.db", [deck]).close()
    with pytest.raises(LogError, match=r"class\.db: nobody has answered yet"):
        read_answers(tmp_path / "class.db")
