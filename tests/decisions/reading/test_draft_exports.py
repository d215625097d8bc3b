"""That a draft reads exports as people have them: odd cells, mixed dates, names, capitals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.log import DecisionLog
from hitlsim.decisions.reading.drafting.dating import dates
from hitlsim.decisions.reading.drafting.draft import Draft
from hitlsim.decisions.reading.drafting.drafting import draft_mapping
from hitlsim.decisions.reading.drafting.yaml_text import flow
from hitlsim.decisions.reading.read import read_log
from hitlsim.scenario.files import read_yaml
from tests.decisions.reading import workbooks
from tests.decisions.small_logs import put

N = 200
Cell = Callable[[int], str]


def export(
    folder: Path, score: Cell = lambda i: f"{0.5 + i / 500:.3f}", called_on: Cell | None = None,
    **more: Cell,
) -> Path:  # fmt: skip
    """An export of 200 rows; what each cell holds follows from the number of its row."""
    columns = {
        "call_id": lambda i: f"C{i}",
        "called_on": called_on or (lambda i: f"2026-08-{1 + i % 28:02}"),
        "ai_score": score,
        **more,
    }
    lines = [";".join(columns)]
    lines += [";".join(cell(i) for cell in columns.values()) for i in range(N)]
    return put(folder, "\n".join(lines) + "\n", "calls.csv")


def read_by(draft: Draft, **more: float) -> DecisionLog:
    target = put(draft.study.path.parent, draft.yaml(), "calls.map.yaml")
    return read_log(draft.study.path, target, **more)  # type: ignore[arg-type]


# scores


@pytest.mark.parametrize("odd", ["1.0000001", "1.02", "95"])
def test_one_score_above_one_does_not_make_all_others_a_hundred_times_too_small(
    tmp_path: Path, odd: str
) -> None:
    draft = draft_mapping(export(tmp_path, lambda i: odd if i == 7 else f"{0.5 + i / 500:.3f}"))
    (question,) = draft.questions
    assert question.key == "confidence_scale"
    assert f"above 1: 1 of 200 different scores, up to {odd}" in question.text
    assert "please check" in draft.yaml()
    log = read_by(draft)
    assert (len(log), len(log.rejects)) == (199, 1)
    assert log.frame["confidence"].min() == 0.5
    percent = draft.answer("confidence_scale", "100")
    assert not percent.doubts
    assert read_by(percent).frame["confidence"].min() == pytest.approx(0.005)


@pytest.mark.parametrize(("most", "doubt"), [(10, True), (11, False)])
def test_scores_that_may_be_marks_are_to_be_checked(tmp_path: Path, most: int, doubt: bool) -> None:
    draft = draft_mapping(export(tmp_path, lambda i: str(i % (most + 1))))
    assert draft.plan["confidence_scale"] == 100
    assert ("confidence_scale" in draft.doubts) == doubt


# times


def test_dates_that_begin_with_the_year_keep_their_order_beside_others() -> None:
    found = dates(["08/28/2026", "2026/03/05", "05 Mar 2026", "20260305"])
    assert found is not None
    assert found.in_order("month first") == ("%m/%d/%Y", "%Y/%m/%d", "%d %b %Y", "%Y%m%d")


def test_a_column_that_proves_its_order_is_not_read_by_that_of_another(tmp_path: Path) -> None:
    draft = draft_mapping(export(
        tmp_path, called_on=lambda i: f"{1 + i % 28:02}/08/2026",
        closed_at=lambda i: f"09/{13 if i == 3 else 1 + i % 12:02}/2026",
    ))  # fmt: skip
    assert draft.plan["date_format"] == {"decided_at": "%d/%m/%Y", "ok_at": "%m/%d/%Y"}
    assert draft.reasons["date_format"] == (
        "day first, as in 28/08/2026; month first, as in 09/13/2026"
    )
    assert not draft.questions
    log = read_by(draft)
    assert len(log) == N
    assert set(log.frame["ok_at"].dt.month) == {9}
    assert set(log.frame["decided_at"].dt.month) == {8}


def test_a_column_that_proves_nothing_is_asked_about_where_others_prove_both_orders(
    tmp_path: Path,
) -> None:
    draft = draft_mapping(export(
        tmp_path, called_on=lambda i: f"{1 + i % 28:02}/08/2026",
        closed_at=lambda i: f"09/{13 if i == 3 else 1 + i % 12:02}/2026",
        reviewed_at=lambda i: f"09/{1 + i % 12:02}/2026",
    ))  # fmt: skip
    (question,) = draft.questions
    assert question.text == "Is 09/01/2026 written with the day or the month first?"
    for order, form in (("day first", "%d/%m/%Y"), ("month first", "%m/%d/%Y")):
        formats = draft.answer("date_order", order).plan["date_format"]
        assert formats == {"decided_at": "%d/%m/%Y", "ok_at": "%m/%d/%Y", "ended_at": form}


def test_texts_among_the_real_dates_of_a_workbook_are_read(tmp_path: Path) -> None:
    rows: list[list[workbooks.Cell]] = [["call_id", "called_on", "ai_score"]]
    for i in range(100):
        day = date(2026, 5, 1 + i % 28)
        rows.append([f"C{i}", day if i % 10 < 6 else f"{day:%d/%m/%Y}", 0.5 + i / 1000])
    draft = draft_mapping(put(tmp_path, workbooks.xlsx({"Calls": rows}), "calls.xlsx"))
    assert draft.plan["date_format"] == ["iso", "%d/%m/%Y"]
    log = read_by(draft)
    assert (len(log), len(log.rejects)) == (100, 0)
    assert set(log.frame["decided_at"].dt.month) == {5}


# numbers


@pytest.mark.parametrize("word", ["not set", "no score", "n.a.", "1 of 3, or so", "-"])
def test_words_among_numbers_do_not_stop_the_draft(tmp_path: Path, word: str) -> None:
    def cell(i: int) -> str:
        return word if i % 50 == 0 else str(i % 90 + 2)

    draft = draft_mapping(export(tmp_path, cell, deal_amount=lambda i: cell(i + 7)))
    assert not {"decimal", "thousands"} & {*draft.plan}
    assert not draft.questions
    assert len(read_by(draft, allow_rejects=0.1)) == 192


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("{n}\u00a0{m},50", {"decimal": ",", "thousands": " "}),
        ("{n}\u202f{m}", {"thousands": " "}),
        ("{n}\u2009{m},50", {"decimal": ",", "thousands": " "}),
        ("{n}\u2019{m}.50", {"thousands": "'"}),
    ],
)
def test_typeset_blanks_and_quotes_group_thousands(
    tmp_path: Path, number: str, said: dict[str, str]
) -> None:
    draft = draft_mapping(export(
        tmp_path, lambda i: str(i % 90 + 2),
        deal_amount=lambda i: number.format(n=i + 1, m=100 + i),
    ))  # fmt: skip
    assert {k: v for k, v in draft.plan.items() if k in ("decimal", "thousands")} == said
    assert not draft.questions
    shown = number.format(n=1, m=100)
    assert all(draft.reasons[key] == f"as in {shown}" for key in said)
    log = read_by(draft)
    assert log.frame["deal_size"].max() == pytest.approx(200_299, abs=1)


def test_a_number_that_not_every_likely_way_can_read_is_not_asked_about(tmp_path: Path) -> None:
    odd = {3: "1'200", 4: "1 200"}
    draft = draft_mapping(export(tmp_path, deal_amount=lambda i: odd.get(i, str(500 + i))))
    assert not draft.questions
    assert draft.plan["thousands"] == " "
    log = read_by(draft)
    assert (len(log), log.rejects["value"].tolist()) == (199, ["1'200"])


def test_two_numbers_with_a_comma_among_plain_ones_are_asked_about(tmp_path: Path) -> None:
    file = export(
        tmp_path, lambda i: str(i % 90 + 2),
        deal_amount=lambda i: "1,150" if i in (150, 160) else str(500 + i),
    )  # fmt: skip
    draft = draft_mapping(file)
    (question,) = draft.questions
    assert question.text == "What number is 1,150?"
    for meant in (1150, 1.15):
        log = read_by(draft.answer("thousands", f"{meant:g}"))
        assert (len(log), int((log.frame["deal_size"] == meant).sum())) == (N, 2)


# words


@pytest.mark.parametrize(
    ("column", "words", "ours"),
    [
        ("verdict", ("Approve", "Edit", "Reject"), ("approve", "edit", "reject")),
        ("route", ("Auto", "Review"), ("auto", "review")),
        ("replied", ("Y", "N"), (True, False)),
        ("bounced", ("t", "f"), (True, False)),
        ("ok", ("TRUE", "False"), (True, False)),
    ],
)
def test_words_in_capitals_or_short_are_read(
    tmp_path: Path, column: str, words: tuple[str, ...], ours: tuple[object, ...]
) -> None:
    draft = draft_mapping(export(tmp_path, **{column: lambda i: words[i % len(words)]}))
    assert draft.plan["columns"][column] == column
    assert ("values" in draft.plan) == (column != "ok"), "yes and no are read in any case"
    log = read_by(draft)
    assert (len(log), len(log.rejects)) == (N, 0)
    assert set(log.frame[column]) == {*ours}


@pytest.mark.parametrize(
    "header", ["Agent", "Team", "Campaign owner", "Assigned to", "Campaign manager", "AI agent"]
)
def test_names_of_people_stand_in_no_draft(tmp_path: Path, header: str) -> None:
    people = ("Ana Silva", "Ben Costa", "Carla Dias")
    draft = draft_mapping(export(tmp_path, **{header: lambda i: people[i % 3]}))
    assert header in draft.plan["columns"].values()
    assert "3 different values" in draft.yaml()
    assert not [name for name in people if name in draft.yaml()]


# what a draft writes


@given(st.text(st.characters(codec="utf-8")))
def test_any_text_comes_back_from_yaml_with_all_that_cannot_be_printed(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    file = put(tmp_path_factory.mktemp("y"), f"a: {flow({text + 'x': text})}\n", "a.yaml")
    assert read_yaml(file).values["a"] == {text + "x": text}


def test_a_stray_control_character_does_not_spoil_the_draft(tmp_path: Path) -> None:
    words = ("Approved", "Rejected\x92", "Rejected")
    draft = draft_mapping(export(tmp_path, verdict=lambda i: words[i % 3]))
    assert r'"Rejected\x92": ""' in draft.yaml()
    assert len(read_by(draft)) == N


def test_a_file_with_a_blank_in_its_name_is_quoted_in_the_next_step(tmp_path: Path) -> None:
    file = put(tmp_path, "id,called on\n" + "".join(f"C{i},2026-08-03\n" for i in range(9)),
               "My calls.csv")  # fmt: skip
    said = "hitlsim score 'My calls.csv' --map 'My calls.map.yaml'"
    assert said in draft_mapping(file).yaml()


# lists in Parquet


@pytest.mark.parametrize("folder", [False, True])
def test_columns_with_lists_are_left_out_and_told(tmp_path: Path, folder: bool) -> None:
    days = pa.array(["2026-08-03"] * 30)
    table = pa.table({
        "decision_id": [f"D{i}" for i in range(30)], "decided_at": days,
        "confidence": [i / 50 for i in range(30)], "tags": [["x"], [], None] * 10,
        "deal": [{"size": 1}] * 30,
    })  # fmt: skip
    file = tmp_path / ("parts" if folder else "calls.parquet")
    if folder:
        file.mkdir()
    pq.write_table(table, file / "a.parquet" if folder else file)
    draft = draft_mapping(file)
    assert draft.plan["columns"] == {n: n for n in ("decision_id", "decided_at", "confidence")}
    assert "# column 'tags' was left out: it holds list<" in draft.yaml()
    assert "# column 'deal' was left out: it holds struct<" in draft.yaml()
    assert len(read_by(draft)) == 30
    log = read_log(file, context=True)
    assert not [name for name in log.frame if "tags" in name]
    assert [note for note in log.record["notes"] if "'tags' was left out" in note]
