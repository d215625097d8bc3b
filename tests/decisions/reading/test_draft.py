"""What looking at an export finds out, what it asks, and that a draft reads the file it is of."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitlsim.decisions.reading.drafting.dating import dates
from hitlsim.decisions.reading.drafting.draft import Draft
from hitlsim.decisions.reading.drafting.drafting import draft_mapping
from hitlsim.decisions.reading.drafting.yaml_text import flow
from hitlsim.decisions.reading.mapping import read_mapping
from hitlsim.decisions.reading.read import read_log
from hitlsim.errors import LogError
from tests.conftest import SHARED_DATA
from tests.decisions.small_logs import put

SALVIRT = SHARED_DATA / "salvirt_b2b.csv"


def drafted(folder: Path, text: str, **more: Any) -> Draft:
    return draft_mapping(put(folder, text, "calls.csv"), **more)


def rows(header: str, *patterns: str, n: int = 24) -> str:
    """Rows by patterns in which {i} counts and {d} is a day of the month with two digits."""
    made = [patterns[i % len(patterns)].format(i=i, d=f"{1 + i:02}") for i in range(n)]
    return "\n".join([header, *made]) + "\n"


# known answers


def test_bank_calls_are_mapped_as_the_how_to_does_by_hand(bank_calls: Path, tmp_path: Path) -> None:
    draft = draft_mapping(bank_calls)
    assert draft.plan == {
        "columns": {
            "decision_id": "call_id", "decided_at": "called_on", "confidence": "score",
            "channel": "channel",
        },
        "date_format": "%d/%m/%Y",
        "ok": {
            "advice": "ai_advice", "outcome": "subscribed",
            "right_when": {"drop": "no", "pursue": "yes"},
        },
    }  # fmt: skip
    assert [question.key for question in draft.questions] == ["right_when"]
    assert not draft.missing
    log = read_log(bank_calls, put(tmp_path, draft.yaml(), "map.yaml"))
    assert (len(log), len(log.rejects)) == (30_743, 0)
    assert log.frame["ok"].mean() == pytest.approx(0.9261, abs=5e-4)


@pytest.mark.skipif(not SALVIRT.is_file(), reason="the real data of ../shared/data is not here")
def test_opportunities_without_dates_and_scores_are_told_how_to_go_on(tmp_path: Path) -> None:
    draft = draft_mapping(SALVIRT)
    assert draft.plan["columns"] == {"ok": "Status"}
    assert draft.plan["values"] == {"ok": {"Won": "yes", "Lost": "no"}}
    assert list(draft.plan["constants"]) == ["decided_at"]
    said = " ".join(draft.missing)
    for words in ("decided_at is missing", "confidence is missing", "83 rows are the same",
                  "hitlsim score salvirt_b2b.csv --map salvirt_b2b.map.yaml"):  # fmt: skip
        assert words in said
    log = read_log(SALVIRT, put(tmp_path, draft.yaml(), "map.yaml"), context=True)
    assert (len(log), log.record["undated"]) == (448, True)
    assert int(log.frame["ok"].sum()) == 227
    left_open = draft.answer("right", "no")
    assert "columns" not in left_open.plan
    assert "ok is missing" in " ".join(left_open.missing)


@pytest.mark.parametrize(
    ("words", "formats", "order", "sure"),
    [
        (["2026-09-30", "2026-09-30 14:05"], ("iso",), None, True),
        (["2026-09-30T14:05:06.123Z"], ("iso",), None, True),
        (["23/05/2008", "1/2/2008"], ("%d/%m/%Y",), "day first", True),
        (["05/23/2008 9:05 PM", "01/02/2008 11:00 AM"], ("%d/%m/%Y %H:%M %p",), None, False),
        (["03.04.26 14:05"], ("%d.%m.%y %H:%M",), "day first", False),
        (["30-Sep-2026", "01-Oct-2026"], ("%d-%b-%Y",), None, True),
        (["Sep 30, 2026 02:05 PM"], ("%b %d, %Y %I:%M %p",), None, True),
        (["2026/09/30"], ("%Y/%m/%d",), None, True),
        (["20260930"], ("%Y%m%d",), None, True),
        (["30/09/2026 14:05:06 +0200"], ("%d/%m/%Y %H:%M:%S %z",), "day first", True),
    ],
)
def test_formats_of_times_are_found(
    words: list[str], formats: tuple[str, ...], order: str | None, sure: bool
) -> None:
    found = dates(words)
    assert found is not None
    if formats == ("%d/%m/%Y %H:%M %p",):  # month first, and proven
        assert found.in_order(found.order) == ("%m/%d/%Y %I:%M %p",)
        assert (found.order, found.sure) == ("month first", True)
    else:
        assert (found.formats, found.order, found.sure) == (formats, order, sure)


@pytest.mark.parametrize("words", [["high"], ["13/13/2026"], ["31/12/2026", "12/31/2026"],
                                   ["1.5", "2.5"], ["12345678"], []])  # fmt: skip
def test_what_is_no_time_is_not_taken_for_one(words: list[str]) -> None:
    assert dates(words) is None


@given(
    st.lists(st.datetimes(pd.Timestamp("2001-01-01"), pd.Timestamp("2099-12-31")), min_size=1),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M:%S", "%Y-%m-%d", "%d %b %Y",
                     "%m/%d/%Y, %I:%M %p", "%Y-%m-%dT%H:%M:%S", "%Y%m%d"]),
)  # fmt: skip
def test_times_are_read_as_they_were_written_or_the_order_is_asked(
    times: list[Any], form: str
) -> None:
    found = dates([time.strftime(form) for time in times])
    assert found is not None
    if found.sure:
        (one,) = found.in_order(found.order)
        iso = form.startswith("%Y-")
        assert one == ("iso" if iso else form)
    else:
        assert form in [found.in_order(order)[0] for order in ("day first", "month first")]


def test_day_or_month_first_is_asked_only_where_no_day_is_above_twelve(tmp_path: Path) -> None:
    text = rows("id,decided at,score", "a{i},03/{d}/2026,0.{d}", n=12)
    draft = drafted(tmp_path, text)
    (question,) = draft.questions
    assert question.key == "date_order"
    assert [choice.label for choice in question.choices] == [
        "day first: 3 January", "month first: 1 March"
    ]  # fmt: skip
    # within one month days vary more than months
    assert question.likely == "month first"
    assert "please check" in draft.yaml()
    for order, form in (("day first", "%d/%m/%Y"), ("month first", "%m/%d/%Y")):
        told = draft.answer("date_order", order)
        assert "# as you said" in told.yaml()
        assert told.plan["date_format"] == form
        assert not told.questions
    text = rows("id,decided at,score", "a{i},03/{d}/2026,0.{d}", n=13)
    assert drafted(tmp_path, text).plan["date_format"] == "%m/%d/%Y"
    assert not drafted(tmp_path, text).questions


def test_one_day_above_twelve_among_many_values_settles_the_order(tmp_path: Path) -> None:
    days = [f"{1 + i % 12:02}/{1 + i % 3:02}/2026 {i % 24:02}:{i // 24 % 60:02}:{i % 60:02}"
            for i in range(12_000)]  # fmt: skip
    days[7_001] = "02/25/2026 00:00:00"
    text = "decided_at,score\n" + "".join(f"{day},0.{i:05}\n" for i, day in enumerate(days))
    draft = drafted(tmp_path, text)
    assert draft.plan["date_format"] == "%m/%d/%Y %H:%M:%S"
    assert [question.key for question in draft.questions] == ["timezone"]


def test_the_zone_is_asked_only_for_times_of_day_without_offset(tmp_path: Path) -> None:
    for time, asked in (("2026-09-{d}", []), ("2026-09-{d}T10:00+02:00", []),
                        ("2026-09-{d} 10:00", ["timezone"])):  # fmt: skip
        draft = drafted(tmp_path, rows("id,decided_at,score", f"a{{i}},{time},0.{{d}}"))
        assert [question.key for question in draft.questions] == asked
    assert draft.plan["timezone"] == "UTC"
    assert draft.answer("timezone", "Europe/Lisbon").plan["timezone"] == "Europe/Lisbon"
    with pytest.raises(LogError, match="'Europe/Lissabon' cannot be; did you mean"):
        draft.answer("timezone", "Europe/Lissabon")


@pytest.mark.parametrize(
    ("number", "said"),
    [
        ("1.2{d},50", {"decimal": ",", "thousands": "."}),
        ("1,2{d}.50", {"thousands": ","}),
        ("1 2{d},50", {"decimal": ",", "thousands": " "}),
        ("12{d},5", {"decimal": ","}),
        ("12{d}", {}),
    ],
)
def test_signs_in_numbers_are_found(tmp_path: Path, number: str, said: dict[str, str]) -> None:
    text = rows("id;decided_at;score;deal size", f"a{{i}};2026-09-{{d}};{{i}};{number}")
    draft = drafted(tmp_path, text)
    assert {k: v for k, v in draft.plan.items() if k in ("decimal", "thousands")} == said
    assert draft.plan["confidence_scale"] == 100
    assert not draft.questions


def test_a_sign_that_may_group_or_begin_decimals_is_asked(tmp_path: Path) -> None:
    draft = drafted(tmp_path, rows("id;decided_at;score;amount", "a{i};2026-09-{d};0,9{d};1.2{d}",
                                   "a{i};2026-09-{d};0,8{d};1.3{d}"))  # fmt: skip
    assert not draft.questions, "the decimal commas of the scores settle it"
    draft = drafted(tmp_path, rows("id;decided_at;score;amount", "a{i};2026-09-{d};9{i};1,2{d}",
                                   n=9))  # fmt: skip
    (question,) = draft.questions
    assert question.text == "What number is 1,201?"
    assert [choice.value for choice in question.choices] == ["1201", "1.201"]
    assert draft.answer("thousands", "1.201").plan["decimal"] == ","
    assert draft.answer("thousands", "1201").plan["thousands"] == ","


def test_words_of_verdicts_and_routes_are_translated(tmp_path: Path) -> None:
    text = rows(
        "Record ID,Proposed on,AI score,Handled by,Rep action,Reviewer",
        "R{i},2026-09-{d},9{i}%,AI,,", "R{i},2026-09-{d},50%,Rep,Accepted,Ana",
        "R{i},2026-09-{d},51%,Rep,Changed,Ben", "R{i},2026-09-{d},52.5%,Rep,Shelved,Ana", n=8,
    )  # fmt: skip
    draft = drafted(tmp_path, text)
    assert draft.plan["columns"] == {
        "decision_id": "Record ID", "decided_at": "Proposed on", "confidence": "AI score",
        "route": "Handled by", "reviewer": "Reviewer", "verdict": "Rep action",
    }  # fmt: skip
    assert draft.plan["values"] == {
        "route": {"Rep": "review", "AI": "auto"},
        "verdict": {"Accepted": "approve", "Changed": "edit", "Shelved": ""},
    }
    assert "values.verdict" in draft.doubts
    assert "what does Shelved mean?" in draft.yaml()
    assert "hash: [reviewer]" in draft.yaml()


def test_two_columns_that_are_as_likely_are_asked_about(tmp_path: Path) -> None:
    text = rows(
        "id,Created at,Sent at,ai_score,model score", "a{i},2026-09-{d},2026-10-{d},0.{d},0.9"
    )
    draft = drafted(tmp_path, text)
    assert [question.key for question in draft.questions] == ["decided_at"]
    assert draft.answer("decided_at", "Sent at").plan["columns"]["decided_at"] == "Sent at"
    with pytest.raises(LogError, match="'Sent' cannot be; did you mean 'Sent at'"):
        draft.answer("decided_at", "Sent")
    with pytest.raises(LogError, match="'zone' is no open question; open: decided_at"):
        draft.answer("zone", "UTC")


def test_when_the_ai_was_right_is_asked_advice_by_advice_where_words_do_not_tell(
    tmp_path: Path,
) -> None:
    text = rows(
        "id,decided_at,score,recommendation,result", "a{i},2026-09-{d},0.9,upsell,won",
        "a{i},2026-09-{d},0.8,leave,lost", "a{i},2026-09-{d},0.7,upsell,postponed",
    )  # fmt: skip
    draft = drafted(tmp_path, text)
    assert [question.key for question in draft.questions] == [
        "right_when.upsell", "right_when.leave"
    ]  # fmt: skip
    told = draft.answer("right_when.upsell", "well").answer("right_when.leave", "badly")
    assert told.plan["ok"] == {
        "advice": "recommendation", "outcome": "result",
        "right_when": {"upsell": "won", "leave": "lost"}, "other_outcomes": ["postponed"],
    }  # fmt: skip
    assert not told.questions


def test_a_score_is_found_by_its_values_where_no_name_tells(tmp_path: Path) -> None:
    draft = drafted(tmp_path, rows("ref id,decided_at,xgb2", "a{i},2026-09-{d},0.{d}5"))
    assert draft.plan["columns"]["confidence"] == "xgb2"
    assert "columns.confidence" in draft.doubts


def test_ids_that_come_again_are_asked_about(tmp_path: Path) -> None:
    text = rows("id,decided_at,score", "a{i},2026-09-{d},0.{d}") + "a0,2026-09-30,0.5\n"
    draft = drafted(tmp_path, text)
    assert [question.key for question in draft.questions] == ["duplicates"]
    assert draft.plan["duplicates"] == "last"
    assert draft.answer("duplicates", "refuse").plan["duplicates"] == "refuse"


def test_a_draft_shows_no_names_of_people(tmp_path: Path) -> None:
    text = rows("id,decided_at,score,reviewer", "a{i},2026-09-{d},0.{d},Ana",
                "a{i},2026-09-{d},0.{d},Ben")  # fmt: skip
    yaml = drafted(tmp_path, text).yaml()
    assert "2 different values" in yaml
    assert "Ana" not in yaml


def test_a_sheet_that_was_asked_for_is_in_the_mapping(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as both:
        both.writestr("calls.csv", rows("id,decided_at,score", "a{i},2026-09-{d},0.{d}"))
        both.writestr("other.csv", "a,b\n1,2\n")
    with pytest.raises(LogError, match="holds 2 files"):
        draft_mapping(tmp_path / "both.zip")
    draft = draft_mapping(tmp_path / "both.zip", sheet="calls.csv")
    assert len(read_log(tmp_path / "both.zip", put(tmp_path, draft.yaml(), "map.yaml"))) == 24


def test_names_that_only_sound_alike_are_not_taken(tmp_path: Path) -> None:
    text = rows("id,decided_at,score,subscribed,Source,first_contact",
                "a{i},2026-09-{d},0.9,yes,web,no", "a{i},2026-09-{d},0.8,no,fair,yes")  # fmt: skip
    columns = drafted(tmp_path, text).plan["columns"]
    assert "opted_out" not in columns
    assert "reviewer" not in columns
    assert columns["ok"] == "subscribed"


# properties


@given(st.dictionaries(st.text(min_size=1), st.text()))
def test_any_words_come_back_from_the_drafted_yaml(
    tmp_path_factory: pytest.TempPathFactory, words: dict[str, str]
) -> None:
    text = "".join(c for c in str(words) if c.isprintable())
    folder = tmp_path_factory.mktemp("y")
    words = {k: "edit" for k in words if k.strip() and k.isprintable()} | {"ok": "approve"}
    plan = f"values: {{verdict: {flow(words)}}}\nconstants: {flow({'workflow': text + 'x'})}\n"
    mapping, _ = read_mapping(put(folder, plan, "map.yaml"))
    assert mapping.values["verdict"] == words
    assert mapping.constants["workflow"] == text + "x"


HEADERS = ["id", "Created Date", "score", "Stage", "result", "advice", "region", "a: b", "#x",
           "yes", "two\nlines"]  # fmt: skip
CELLS = ["", "yes", "no", "won", "0.5", "93", "93,5", "1.234", "2026-09-30", "03/04/2026", "go",
         "30.09.2026 14:05", "x y", "n/a", "x\ny", "a: b # c"]  # fmt: skip


@settings(max_examples=40)
@given(st.data(), st.lists(st.sampled_from(HEADERS), min_size=1, max_size=6, unique=True))
def test_every_draft_is_a_mapping_that_says_what_its_yaml_says(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, header: list[str]
) -> None:
    cells = st.lists(st.sampled_from(CELLS), min_size=len(header), max_size=len(header))
    table = data.draw(st.lists(cells.filter(any), min_size=1, max_size=8))
    folder = tmp_path_factory.mktemp("d")
    frame = pd.DataFrame(table, columns=header)
    frame.to_csv(folder / "calls.csv", index=False)
    draft = draft_mapping(folder / "calls.csv")
    for _ in range(20):
        if not draft.plan:
            return
        mapping, _document = read_mapping(put(folder, draft.yaml(), "map.yaml"))
        assert mapping == draft.mapping
        assert bool(draft.doubts) == ("please check" in draft.yaml())
        if not draft.questions:
            return
        question = draft.questions[0]
        choices = [choice.value for choice in question.choices] or ["Europe/Lisbon"]
        draft = draft.answer(question.key, data.draw(st.sampled_from(choices)))
    raise AssertionError("questions never end")


# errors


def test_a_preset_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="preset 'sugar' is none of salesforce, hubspot, zoho"):
        drafted(tmp_path, "a,b\n1,2\n", preset="sugar")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="no such file"):
        draft_mapping(tmp_path / "none.csv")
