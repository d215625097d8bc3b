"""The how-to on one's own log: its examples work as printed, and it leaves no key out."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from hitlsim.decisions.columns import COLUMNS
from hitlsim.decisions.reading.drafting.drafting import draft_mapping
from hitlsim.decisions.reading.mapping import Mapping, read_mapping
from hitlsim.decisions.reading.presets import PRESETS
from hitlsim.decisions.reading.read import read_log
from tests.decisions.small_logs import put, read

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "your-own-log.md").read_text("utf-8")
EXPORT, MAPPING, JOIN, CONTRACTS, _REJECTS, BANK = re.findall(
    r"```(?:csv|yaml)\n(.*?)```", PAGE, re.DOTALL
)


def test_the_example_is_read_as_printed(tmp_path: Path) -> None:
    log = read(tmp_path, EXPORT, MAPPING)
    assert log.frame["confidence"].tolist() == [0.935, 0.88, 0.61, 0.725, 0.97]
    assert log.frame["ok"].tolist() == [True, True, False, True, pd.NA]
    assert log.frame["verdict"].tolist()[:3] == ["approve", "edit", "reject"]
    assert log.record["ignored_columns"] == ["region"]


def test_the_draft_of_the_example_is_its_mapping_but_for_the_two_lines(tmp_path: Path) -> None:
    draft = draft_mapping(put(tmp_path, EXPORT, "calls.csv"))
    assert [question.key for question in draft.questions] == [
        "date_order", "timezone", "right_when"
    ]  # fmt: skip
    answers = {"date_order": "day first", "timezone": "Europe/Lisbon", "right_when": "yes"}
    for key, value in answers.items():
        draft = draft.answer(key, value)
    printed, _ = read_mapping(put(tmp_path, MAPPING, "printed.map.yaml"))
    drafted, _ = read_mapping(put(tmp_path, draft.yaml(), "calls.map.yaml"))
    two_lines = {"bands", "capacity_hours_per_week"}
    assert drafted == printed.model_copy(update=dict.fromkeys(two_lines))
    assert "please check" not in draft.yaml()


def test_the_join_is_made_as_told(tmp_path: Path) -> None:
    put(tmp_path, CONTRACTS, "contracts.csv")
    log = read_log(put(tmp_path, EXPORT, "calls.csv"), put(tmp_path, JOIN, "calls.map.yaml"))
    assert log.frame["ok"].tolist() == [True, pd.NA, False, pd.NA, pd.NA]
    assert str(log.frame["ok_at"][2])[:10] == "2026-08-21"
    assert log.rejects[["file", "row", "reason"]].values.tolist() == [
        ["contracts.csv", 3, "gives way, by keep: last, to row 4"],
        ["contracts.csv", 5, "belongs to no decision"],
    ]
    assert log.record["joined"][0]["decisions_with_partner"] == 2


def test_the_mapping_of_the_real_one_reads_its_rows(tmp_path: Path) -> None:
    call = "call_id,called_on,score,channel,ai_advice,subscribed\na,23/05/2008,0.9,x,drop,no\n"
    assert read(tmp_path, call, BANK).frame["ok"].tolist() == [True]


def test_the_mapping_of_the_real_one_is_drafted_but_for_what_it_says(bank_calls: Path) -> None:
    plan = draft_mapping(bank_calls).plan
    assert {"columns", "date_format", "ok"} == set(plan)
    assert all(f"  {ours}: {theirs}\n" in BANK for ours, theirs in plan["columns"].items())


def test_the_page_names_every_key_and_every_preset() -> None:
    told = {key for row in re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
            for key in re.findall(r"`(\w+)`", row)}  # fmt: skip
    assert set(Mapping.model_fields) <= told
    assert all(f"`{name}`" in PAGE for name in PRESETS)


def test_the_columns_it_tells_of_are_columns() -> None:
    table = PAGE.split("## 6.")[1]
    named = [name for cell in re.findall(r"^\| (`[^|]*)\|", table, re.MULTILINE)
             for name in re.findall(r"`(\w+)`", cell)]  # fmt: skip
    assert len(named) > 20
    assert set(named) <= set(COLUMNS)
