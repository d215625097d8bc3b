"""``hitlsim train deck``, ``score`` and ``debrief``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.cli import reporting
from hitlsim.training.acts import Act
from hitlsim.training.dealing.deck import draw_deck, read_deck
from hitlsim.training.keeping.classroom import Classroom
from hitlsim.training.playing.standing import Stage
from tests.cli.conftest import Run


def words(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture(scope="module")
def played(reference_run: hs.Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A class of two: bittern lets all through, avocet calls wrong what is wrong."""
    deck = draw_deck(reference_run.log, items=20, costs=reference_run.scenario)
    path = tmp_path_factory.mktemp("class") / "class.db"
    room = Classroom.create(path, [deck])
    for sees in (True, False):
        session = room.session(room.join(room.code).trainee)
        while session.stage is not Stage.DONE:
            session.begin()
            item = session.item
            assert item is not None
            if Act.APPROVE in session.acts:
                session.open()
            stops = sees and not item.truth.right and Act.EDIT in session.acts
            passes = Act.APPROVE if Act.APPROVE in session.acts else Act.LEAVE
            session.answer(Act.EDIT if stops else passes)
    room.close()
    return path


# --- deck ----------------------------------------------------------------------------------------


def test_a_deck_is_drawn_written_and_said_what_it_proves(run: Run) -> None:
    code, out, err = run("train", "deck", "--out", "mine.json", "--key", "key.html")
    assert code == 0, err
    said = words(out)
    assert said.startswith("Deck A: 120 items from simulation of on-the-loop, 36 of them wrong")
    assert "who opens six in ten of the 28 routine items is told so" in said
    assert "Not enough items" not in said
    assert "Next: hitlsim train serve mine.json" in said
    deck = read_deck("mine.json")
    assert sum(not i.truth.right for i in deck.cards.items) == 36
    assert deck.cards.items[0].title in Path("key.html").read_text("utf-8").replace("&#x27;", "'")


def test_a_deck_that_is_too_small_says_how_many_items_would_do(run: Run) -> None:
    code, out, err = run("train", "deck", "--items", "10")
    assert code == 0, err
    assert "Not enough items to tell the three apart: draw 2" in words(out)
    assert len(read_deck("deck.json")) == 30


def test_a_second_deck_shares_nothing_with_the_first_and_names_both_to_serve(run: Run) -> None:
    for again in ("one.json", "two.json"):
        assert run("train", "deck", "--items", "10", "--out", again)[0] == 0
    assert Path("one.json").read_bytes() == Path("two.json").read_bytes()
    code, out, err = run("train", "deck", "--items", "10", "--other-than", "one.json", "--out",
                         "second.json")  # fmt: skip
    assert code == 0, err
    assert "Next: hitlsim train serve one.json --second second.json" in words(out)
    first, second = read_deck("one.json"), read_deck("second.json")
    assert second.letter == "B"
    titles = [{(i.title, *i.lines) for i in d.cards.items} for d in (first, second)]
    assert len(titles[0] & titles[1]) < 5


def test_a_deck_of_a_real_log_repeats_its_source_in_what_comes_next(
    run: Run, tmp_path: Path
) -> None:
    rows = [f"2026-09-0{1 + i % 9},{0.6 + i % 40 / 100:.2f},{'no' if i % 6 == 0 else 'yes'}"
            for i in range(900)]  # fmt: skip
    (tmp_path / "calls.csv").write_text("\n".join(["decided_at,confidence,ok", *rows]) + "\n")
    code, out, err = run("train", "deck", "--log", "calls.csv", "--items", "10")
    assert code == 0, err
    assert "120 items" not in out
    assert "hitlsim train deck --log calls.csv --other-than deck.json --out second.json" in out
    assert "usual figures are taken" in words(out)


# --- score ---------------------------------------------------------------------------------------


def test_a_class_is_scored_person_by_person(run: Run, played: Path) -> None:
    code, out, err = run("train", "score", str(played), "--out", "scores.csv")
    assert code == 0, err
    said = words(out)
    assert said.startswith("Of 2 people, 1 lets most wrong items through")
    assert "? sees most of what is" in said
    assert "95% interval" in said
    frame = pd.read_csv("scores.csv")
    missed = frame[frame["figure"] == "missed"].set_index("trainee")["value"]
    assert missed.to_dict() == {"avocet": 0.0, "bittern": 1.0}
    assert set(frame["side"]) == {"does", "sees"}


def test_one_person_is_told_what_they_did_and_what_to_practise(run: Run, played: Path) -> None:
    code, out, err = run("train", "score", str(played), "--trainee", "bittern", "--deck", "a",
                         "--out", "bittern.json")  # fmt: skip
    assert code == 0, err
    said = words(out)
    assert said.startswith("bittern: lets most wrong items through")
    for title in ("What they do", "What they see", "What got through, the costliest first (14)",
                  "Three habits to practise next", "and 6 more"):  # fmt: skip
        assert title in said
    assert "avocet" not in said
    told = json.loads(Path("bittern.json").read_text("utf-8"))
    assert list(told["trainees"]) == ["bittern"]
    assert len(told["trainees"]["bittern"]["practise"]) == 3


def test_answers_of_a_table_are_scored_like_those_of_a_class(run: Run, played: Path) -> None:
    hs.read_answers(played).to_csv("answers.csv")
    shown = [run("train", "score", str(path))[1] for path in (played, Path("answers.csv"))]
    tables = [text.split("Below each figure")[0].split("people\n")[1] for text in shown]
    assert tables[0] == tables[1]


# --- debrief -------------------------------------------------------------------------------------


@pytest.fixture
def reported(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What reports were asked for; none is made."""
    asked: list[Any] = []
    monkeypatch.setattr(reporting, "report", asked.append)
    return asked


def test_a_debrief_is_the_training_report_of_the_class(
    run: Run, played: Path, reported: list[Any]
) -> None:
    assert run("train", "debrief", str(played), "--pdf", "--out", "here")[0] == 0
    assert reported == [reporting.Asked("training", answers=played, out=Path("here"), pdf=True)]


def test_each_person_gets_a_page_of_their_own(
    run: Run, played: Path, reported: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hitlsim.training.showing import feedback

    monkeypatch.setattr(feedback, "_weeks", lambda *_: "")  # tested on its own, and takes seconds
    code, out, err = run("train", "debrief", str(played), "--each", "people")
    assert code == 0, err
    assert "2 pages" in out
    assert sorted(p.name for p in Path("people").iterdir()) == ["avocet-A.html", "bittern-A.html"]
    page = Path("people/bittern-A.html").read_text("utf-8")
    assert "You let most wrong items through" in page
    assert "avocet" not in page
    assert len(reported) == 1


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("deck", "--items", "5"), "items=5 must lie between 10 and 400"),
        (("deck", "--prevalence", "0.9"), "prevalence=0.9 must lie between 0.05 and 0.5"),
        (("deck", "--out", "deck.yaml"), "--out deck.yaml: must end in .json"),
        (("deck", "--key", "key.pdf"), "--key key.pdf: must end in .html or .csv"),
        (("deck", "--other-than", "deck.json"), "--out deck.json: would overwrite what is read"),
        (("deck", "--other-than", "gone.json"), "gone.json: no such file; draw a deck"),
        (("deck", "--scenario", "gone"), "gone"),
        (("score", "gone.db"), "gone.db"),
        (("score", "CLASS", "--trainee", "maria"), "trainee 'maria' has no answers; there are"),
        (("score", "CLASS", "--deck", "B"), "nobody played deck 'B'; there is A"),
        (("score", "CLASS", "--out", "s.xlsx"), "--out s.xlsx: must end in .csv or .json"),
        (("debrief", "answers.csv", "--each", "people"), "--each takes the file of a class (.db)"),
        (("debrief", "gone.db", "--each", "people"), "gone.db: no such class"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line_and_nothing_is_written(
    run: Run, played: Path, arguments: tuple[str, ...], message: str
) -> None:
    code, _, err = run("train", *(str(played) if a == "CLASS" else a for a in arguments))
    assert code == 2
    assert message in err
    assert err.startswith("hitlsim: ")
    assert list(Path().iterdir()) == []


def test_a_class_that_nobody_played_has_nothing_to_score_or_show(
    run: Run, reference_run: hs.Run, tmp_path: Path
) -> None:
    deck = draw_deck(reference_run.log, items=10)
    Classroom.create(tmp_path / "class.db", [deck]).close()
    for verb in (("score", "class.db"), ("debrief", "class.db", "--each", "people")):
        code, _, err = run("train", *verb)
        assert code == 2
        assert "answer" in err
    assert not Path("people").exists()
