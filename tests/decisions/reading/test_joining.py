"""Outcomes and reviews in files of their own: none lost, none doubled, every row accounted for."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hitlsim.decisions.log import DecisionLog
from hitlsim.decisions.reading.read import read_log
from hitlsim.errors import LogError
from tests.decisions.small_logs import put

CALLS = """\
call_id,called_on,score,ai
C1,2026-09-01,0.9,go
C2,2026-09-02,0.8,stop
C3,2026-09-03,0.7,go
"""
OUTCOMES = """\
call,won,who
C2,no,Ana
C9,yes,Ben
C1,yes,Ana
"""
MAP = "columns: {decision_id: call_id, decided_at: called_on, confidence: score}\n"
RULE = 'ok: {advice: ai, outcome: won, right_when: {go: "yes", stop: "no"}}\n'
ON = "on: {theirs: call, ours: call_id}"


def joined(
    folder: Path,
    outcomes: str,
    mapping: str,
    calls: str = CALLS,
    allow_rejects: float | None = None,
) -> DecisionLog:
    put(folder, outcomes, "outcomes.csv")
    return read_log(put(folder, calls, "calls.csv"), put(folder, mapping, "map.yaml"),
                    allow_rejects=allow_rejects)  # fmt: skip


# known answers


def test_an_outcome_is_put_beside_its_decision_whatever_the_order(tmp_path: Path) -> None:
    plan = f"{MAP}{RULE}join: [{{file: outcomes.csv, {ON}, columns: {{reviewer: who}}}}]"
    log = joined(tmp_path, OUTCOMES, plan)
    assert log.frame["ok"].tolist() == [True, True, pd.NA]
    assert log.frame["reviewer"].astype(object).tolist()[:2] == ["Ana", "Ana"]
    assert log.frame["reviewer"].isna().tolist() == [False, False, True]
    assert log.rejects.values.tolist() == [
        ["outcomes.csv", 3, "call", "C9", "belongs to no decision"]
    ]
    (record,) = log.record["joined"]
    assert record["file"] == "outcomes.csv"
    assert (record["rows_read"], record["rows_used"], record["rows_rejected"]) == (3, 2, 1)
    assert record["decisions_with_partner"] == 2
    assert (log.record["rows_read"], log.record["rows_rejected"]) == (3, 0)
    assert log.record["ignored_columns"] == []


def test_without_a_join_rejects_name_no_file(tmp_path: Path) -> None:
    log = read_log(put(tmp_path, CALLS, "calls.csv"), put(tmp_path, MAP, "map.yaml"))
    assert list(log.rejects) == ["row", "column", "value", "reason"]


@pytest.mark.parametrize(
    ("keep", "ok", "left"),
    [("first", True, [4, 5]), ("last", True, [3, 4]), ("any_bad", False, [3, 5])],
)
def test_keep_says_which_of_several_rows_counts(
    tmp_path: Path, keep: str, ok: bool, left: list[int]
) -> None:
    rows = "call,fine\nC2,no\nC1,yes\nC1,no\nC1,YES\n"
    plan = f"{MAP}join: [{{file: outcomes.csv, {ON}, columns: {{ok: fine}}, keep: {keep}}}]"
    log = joined(tmp_path, rows, plan)
    assert log.frame["ok"].tolist() == [ok, False, pd.NA]
    assert log.rejects["row"].tolist() == left
    assert log.rejects["reason"].str.startswith(f"gives way, by keep: {keep}, to row").all()


def test_several_rows_are_refused_until_somebody_says_which_counts(tmp_path: Path) -> None:
    plan = f"{MAP}join:\n- {{file: outcomes.csv, {ON}, columns: {{ok: won}}}}\n"
    with pytest.raises(
        LogError,
        match=r"map.yaml:3 join.0: outcomes.csv has several rows of one "
        r"decision, 1 too many \(such as rows 2 and 4\); say which .*keep: first",
    ):
        joined(tmp_path, "call,won\nC1,yes\nC2,no\nC1,no\n", plan)
    log = joined(tmp_path, "call,won\nC1,yes\nC2,no\nC1,yes\n", plan)
    assert log.rejects["reason"].tolist() == ["is the same as row 2"]


def test_which_outcome_is_bad_depends_on_the_advice(tmp_path: Path) -> None:
    rows = "call,won\nC1,yes\nC1,no\nC2,yes\nC2,no\nC3,\nC3,yes\n"
    plan = f"{MAP}{RULE}join: [{{file: outcomes.csv, {ON}, keep: any_bad}}]"
    log = joined(tmp_path, rows, plan)
    # C1 was advised to go, so "no" is the bad row; C2 to stop, so "yes" is; C3 knows one only
    assert log.frame["ok"].tolist() == [False, False, True]
    assert log.rejects["row"].tolist() == [2, 5, 6]


def test_the_strictest_verdict_counts_where_any_bad_is_kept(tmp_path: Path) -> None:
    rows = "call,said\nC1,approve\nC1,reject\nC1,edit\nC2,\nC2,approve\n"
    plan = f"{MAP}join: [{{file: outcomes.csv, {ON}, columns: {{verdict: said}}, keep: any_bad}}]"
    f = joined(tmp_path, rows, plan).frame
    assert f["verdict"].astype(object).tolist()[:2] == ["reject", "approve"]


def test_a_file_may_give_score_and_advice_and_another_the_outcome(tmp_path: Path) -> None:
    put(tmp_path, "deal,p,ai\nD1,80,go\nD2,70,stop\nD4,10,go\n", "scores.csv")
    put(tmp_path, "deal;won;on\nD1;no;03/09/2026\nD1;yes;01/09/2026\nD2;yes;\n", "results.csv")
    plan = """\
columns: {decision_id: id, decided_at: created}
confidence_scale: 100
ok: {advice: ai, outcome: won, right_when: {go: "yes", stop: "no"}}
join:
  - {file: results.csv, on: {theirs: deal, ours: decision_id}, columns: {ok_at: on}, keep: any_bad,
     date_format: "%d/%m/%Y"}
  - {file: scores.csv, on: {theirs: deal, ours: id}, columns: {confidence: p}}
"""
    calls = put(tmp_path, "id,created\nD1,2026-08-01\nD2,2026-08-02\nD3,2026-08-03\n", "deals.csv")
    log = read_log(calls, put(tmp_path, plan, "map.yaml"), allow_rejects=0.5)
    assert log.frame["decision_id"].tolist() == ["D1", "D2"]
    assert log.frame["confidence"].tolist() == [0.8, 0.7]
    assert log.frame["ok"].tolist() == [False, False]
    assert str(log.frame["ok_at"][0]) == "2026-09-03 00:00:00+00:00"
    assert log.rejects.values.tolist() == [
        ["deals.csv", 4, "confidence", "", "is missing in the file that is joined"],
        ["results.csv", 3, "deal", "D1", "gives way, by keep: any_bad, to row 2"],
        ["scores.csv", 4, "deal", "D4", "belongs to no decision"],
    ]
    assert [each["file"] for each in log.record["joined"]] == ["results.csv", "scores.csv"]


def test_one_row_may_serve_several_decisions(tmp_path: Path) -> None:
    calls = "account,called_on,score\nA,2026-09-01,0.5\nA,2026-09-02,0.6\nB,2026-09-03,0.7\n"
    plan = """\
columns: {decided_at: called_on, confidence: score}
join: {file: outcomes.csv, on: account, columns: {deal_size: size}}
"""
    log = joined(tmp_path, "account,size\nB,2\nA,1\n", plan, calls)
    assert log.frame["deal_size"].tolist() == [1, 1, 2]
    assert log.record["joined"][0]["decisions_with_partner"] == 3
    assert log.record["joined"][0]["rows_used"] == 2


def test_what_cannot_be_read_in_the_other_file_is_that_files_reject(tmp_path: Path) -> None:
    plan = f"{MAP}join: [{{file: outcomes.csv, {ON}, columns: {{ok: won}}}}]\nallow_rejects: 0.75"
    log = joined(tmp_path, "call,won\nC1,perhaps\n,yes\nC2,no\nC3\n", plan)
    assert len(log) == 3, "a decision is lost by what another file says"
    assert log.rejects.values.tolist() == [
        ["outcomes.csv", 2, "won", "perhaps", "is not yes or no"],
        ["outcomes.csv", 3, "call", "", "is missing"],
        ["outcomes.csv", 5, "", "C3", "has 1 value where the header has 2"],
    ]
    with pytest.raises(LogError, match=r"outcomes.csv: 3 of 4 rows \(75%\) cannot be used, 1% are"):
        joined(tmp_path, "call,won\nC1,perhaps\n,yes\nC2,no\nC3\n", plan, allow_rejects=0.01)


def test_a_row_of_a_decision_that_is_a_reject_is_one_too(tmp_path: Path) -> None:
    plan = f"{MAP}join: [{{file: outcomes.csv, {ON}, columns: {{ok: won}}}}]\nallow_rejects: 0.5"
    calls = CALLS.replace("0.9", "high")
    log = joined(tmp_path, "call,won\nC1,yes\nC2,no\n", plan, calls)
    assert log.rejects.values.tolist() == [
        ["calls.csv", 2, "score", "high", "is not a number"],
        ["outcomes.csv", 2, "call", "C1", "belongs to a decision that cannot be used"],
    ]
    assert log.record["joined"][0]["decisions_with_partner"] == 1


def test_files_are_looked_for_beside_the_mapping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path.parent)
    (tmp_path / "more").mkdir()
    plan = f"{MAP}join: [{{file: more/outcomes.csv, {ON}, columns: {{ok: won}}}}]"
    put(tmp_path, OUTCOMES, "more/outcomes.csv")
    log = read_log(put(tmp_path, CALLS, "calls.csv"), put(tmp_path, plan, "map.yaml"))
    assert log.frame["ok"].tolist() == [True, False, pd.NA]


# properties


@settings(max_examples=50)
@given(
    st.lists(st.sampled_from("abcdx"), max_size=12),
    st.lists(st.sampled_from(["yes", "no", "", "?"]), min_size=12, max_size=12),
    st.sampled_from(["first", "last", "any_bad"]),
)
def test_no_join_loses_or_doubles_a_decision_and_rows_add_up_per_file(
    tmp_path_factory: pytest.TempPathFactory, keys: list[str], words: list[str], keep: str
) -> None:
    folder = tmp_path_factory.mktemp("j")
    calls = "id,decided_at,confidence\n" + "".join(f"{i},2026-09-01,0.5\n" for i in "abcd")
    rows = [*zip(keys, words, strict=False), ("a", "yes")]
    text = "key,ok\n" + "".join(f"{key},{word}\n" for key, word in rows)
    plan = (
        "columns: {decision_id: id}\nallow_rejects: 1\n"
        f"join: {{file: outcomes.csv, on: {{theirs: key, ours: id}}, columns: {{ok: ok}}, "
        f"keep: {keep}}}"
    )
    log = joined(folder, text, plan, calls)
    assert sorted(log.frame["decision_id"]) == list("abcd")
    lost = log.rejects[log.rejects["file"] == "outcomes.csv"]
    (record,) = log.record["joined"]
    assert record["rows_used"] + len(lost) == len(rows)
    assert lost["row"].is_unique
    for name, ok in zip(log.frame["decision_id"], log.frame["ok"], strict=True):
        mine = [w for key, w in rows if key == name and w != "?"]
        known = [w for w in mine if w]
        if keep == "any_bad":
            expected = ("no" not in known) if known else pd.NA
        else:
            word = mine[0 if keep == "first" else -1] if mine else ""
            expected = {"yes": True, "no": False, "": pd.NA}[word]
        assert ok is expected or ok == expected


# errors


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{on: call_id}", r"map.yaml:2 join.0.file: is missing"),
        ("{file: outcomes.csv}", r"join.0.on: is missing"),
        (f"{{file: none.csv, {ON}}}", "none.csv: no such file"),
        (f"{{file: outcomes.csv, {ON}, kep: last}}", r"join.0.kep: unknown key; .*'keep'"),
        (f"{{file: outcomes.csv, {ON}, keep: best}}", r"join.0.keep: 'best' should be 'first'"),
        (f"{{file: outcomes.csv, {ON}, keep: any_bad}}", "keep: needs to know which row is bad"),
        ("{file: outcomes.csv, on: {theirs: call}}", r"join.0.on.ours: is missing"),
        ("{file: outcomes.csv, on: call}", r"join.0.on: calls.csv has no column 'call'; did you"),
        ("{file: outcomes.csv, on: call_id}", r"join.0.on: outcomes.csv has no column 'call_id'"),
        (f"{{file: outcomes.csv, {ON}, columns: {{ok: wom}}}}",
         r"join.0.columns.ok: outcomes.csv has no column 'wom'; did you mean 'won'"),
        (f"{{file: outcomes.csv, {ON}, columns: {{okay: won}}}}", "columns.okay: is no column of"),
        (f"{{file: outcomes.csv, {ON}, columns: {{confidence: won}}}}", "is also under columns"),
        (f"{{file: outcomes.csv, {ON}, columns: {{decision_id: call}}}}", "it belongs under on"),
        ("{file: outcomes.csv, on: {theirs: who, ours: call_id}}",
         r"join.0: no row of outcomes.csv finds its decision: call_id is like 'C1', who like 'A"),
    ],
)  # fmt: skip
def test_a_join_that_cannot_be_made_is_told_where_and_why(
    tmp_path: Path, rule: str, message: str
) -> None:
    with pytest.raises(LogError, match=message):
        joined(tmp_path, OUTCOMES, f"{MAP}join: [{rule}]")


def test_an_outcome_that_no_file_has_is_told(tmp_path: Path) -> None:
    plan = f"{MAP}{RULE.replace('won', 'wom')}join: [{{file: outcomes.csv, {ON}}}]"
    with pytest.raises(LogError, match=r"ok.outcome: calls.csv has no column 'wom'; did you mean"):
        joined(tmp_path, OUTCOMES, plan)


def test_rejects_do_not_overwrite_a_file_that_is_joined(tmp_path: Path) -> None:
    plan = f"{MAP}join: [{{file: outcomes.csv, {ON}, columns: {{ok: won}}}}]"
    put(tmp_path, OUTCOMES, "outcomes.csv")
    calls, mapping = put(tmp_path, CALLS, "calls.csv"), put(tmp_path, plan, "map.yaml")
    with pytest.raises(LogError, match="would overwrite what is read"):
        read_log(calls, mapping, rejects=tmp_path / "outcomes.csv")
