"""Names as codes: the same each month, never in clear, and not to be had without the key."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.log import DecisionLog
from hitlsim.decisions.reading import identities
from hitlsim.decisions.reading.identities import Identities
from hitlsim.decisions.reading.read import read_log
from hitlsim.errors import LogError
from tests.decisions.small_logs import put

KEY = "a secret of enough letters"
MAP = """\
columns: {decision_id: id, decided_at: at, confidence: score, reviewer: rep, looker: second}
hash: [reviewer, looker, decision_id]
allow_rejects: 0.9
"""
ROWS = "id,at,score,rep,second\nD1,2026-09-01,0.9,Ana,Ben\nD2,2026-09-02,0.8,Ben,\n"


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HITLSIM_HASH_KEY", KEY)


def hashed(folder: Path, rows: str = ROWS, mapping: str = MAP) -> DecisionLog:
    return read_log(put(folder, rows), put(folder, mapping, "map.yaml"))


def everything(log: DecisionLog) -> str:
    return f"{log.frame.to_csv()}{log.rejects.to_csv()}{json.dumps(log.record)}"


@pytest.mark.usefixtures("key")
def test_people_and_decisions_get_codes_and_a_reviewer_is_known_as_a_looker(tmp_path: Path) -> None:
    f = hashed(tmp_path).frame
    ana, ben = f["reviewer"].astype(object)
    assert f["looker"].astype(object)[0] == ben != ana
    assert ana.startswith("person-")
    assert len(ana) == len("person-") + 8
    assert f["looker"].isna().tolist() == [False, True], "nobody became somebody"
    assert f["decision_id"].str.fullmatch("decision-[0-9a-f]{16}").all()


@pytest.mark.usefixtures("key")
def test_codes_are_those_of_last_month_and_others_under_another_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = hashed(tmp_path).frame
    later = hashed(tmp_path, ROWS.replace("2026-09", "2026-10").replace("D1", "D7")).frame
    assert later["reviewer"].astype(object).tolist() == first["reviewer"].astype(object).tolist()
    assert later["decision_id"][1] == first["decision_id"][1]
    assert later["decision_id"][0] != first["decision_id"][0]
    monkeypatch.setenv("HITLSIM_HASH_KEY", KEY + "!")
    assert hashed(tmp_path).frame["reviewer"].astype(object)[0] != first["reviewer"][0]


@pytest.mark.usefixtures("key")
def test_no_name_is_seen_anywhere_whatever_is_wrong_with_a_row(tmp_path: Path) -> None:
    rows = (
        ROWS
        + "D1,2026-09-03,0.7,Ana,Ben\n"  # repeats an id
        + "D4,2026-09-04,high,Ana,\n"  # a bad score
        + "D5,2026-09-05,0.5,Ana\n"  # too short: the whole row is told
        + 'D6,2026-09-06,"0.5,Ana\nD8,2026-09-06",Ana,Ben\n'  # a cell that swallowed a row
        + "D9,Ana,0.5,Ana,\n"  # somebody's name in a column of times
    )
    log = hashed(tmp_path, rows)
    reasons = log.rejects.set_index("row")["reason"]
    assert reasons[4] == "repeats that of row 2"
    assert reasons[6] == "has 4 values where the header has 5"
    assert log.rejects["value"].str.startswith(("decision-", "high", "(not shown")).all()
    said = everything(log)
    assert not [name for name in ("Ana", "Ben", "D1", "D5", "D8") if name in said]
    assert log.record["hashed"] == ["reviewer", "looker", "decision_id"]
    assert KEY not in everything(log)


@pytest.mark.usefixtures("key")
def test_names_from_a_joined_file_are_hashed_and_the_join_is_by_the_clear_id(
    tmp_path: Path,
) -> None:
    put(tmp_path, "deal,who\nD2,Ana\nD3,Ben\nD2,Cleo\n", "reviews.csv")
    plan = """\
columns: {decision_id: id, decided_at: at, confidence: score}
hash: [reviewer, decision_id]
join: {file: reviews.csv, on: {theirs: deal, ours: id}, columns: {reviewer: who}, keep: first}
"""
    log = hashed(tmp_path, mapping=plan)
    assert log.frame["reviewer"].notna().tolist() == [False, True]
    assert log.rejects["row"].tolist() == [3, 4]
    assert not [n for n in ("Ana", "Ben", "Cleo", "D2", "D3") if n in everything(log)]


@pytest.mark.usefixtures("key")
def test_a_name_that_holds_for_all_rows_gets_the_code_it_has_in_a_column(tmp_path: Path) -> None:
    plan = MAP.replace(", reviewer: rep", "") + "constants: {reviewer: Ana}\n"
    log = hashed(tmp_path, mapping=plan)
    assert (
        log.frame["reviewer"].astype(object).tolist()
        == [hashed(tmp_path).frame["reviewer"].astype(object)[0]] * 2
    )
    assert "Ana" not in everything(log)


@pytest.mark.usefixtures("key")
def test_no_name_is_seen_when_files_are_joined_by_it(tmp_path: Path) -> None:
    plan = """\
columns: {decision_id: id, decided_at: at, confidence: score, reviewer: rep}
hash: [reviewer]
join: {file: desks.csv, on: {theirs: who, ours: rep}, columns: {pool: desk}}
"""
    put(tmp_path, "who,desk\nAna,North\nBen,South\nCleo,West\n", "desks.csv")
    log = hashed(tmp_path, mapping=plan)
    assert log.frame["pool"].astype(object).tolist() == ["North", "South"]
    assert log.rejects["row"].tolist() == [4]
    assert not [name for name in ("Ana", "Ben", "Cleo") if name in everything(log)]
    put(tmp_path, "who,desk\nCleo,West\n", "desks.csv")
    with pytest.raises(LogError, match=r"rep is like 'person-.*', who like 'person-") as e:
        hashed(tmp_path, mapping=plan)
    assert "Cleo" not in str(e.value)


@given(st.lists(st.text(min_size=1), unique=True), st.binary(min_size=1))
def test_codes_are_as_many_as_names_and_hold_nothing_of_them(names: list[str], key: bytes) -> None:
    codes = Identities(["decision_id"], key).coded("decision_id", names)
    assert len(set(codes)) == len(names)
    assert codes == Identities(["decision_id"], key).coded("decision_id", names)


def test_two_names_with_one_code_are_refused_and_not_taken_for_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITLSIM_HASH_KEY", KEY)
    monkeypatch.setitem(identities.HASHED, "reviewer", ("person", 2))
    rows = "".join(f"D{i},2026-09-01,0.5,Rep {i},\n" for i in range(300))
    with pytest.raises(LogError, match="two values of reviewer get the same code; take another"):
        hashed(tmp_path, ROWS + rows)


@pytest.mark.parametrize(("given_key", "message"), [
    (None, "HITLSIM_HASH_KEY is not set; set it to a secret of at least 16"),
    ("short", "has 5 characters, too few; set it"),
])  # fmt: skip
def test_without_a_sound_key_nothing_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given_key: str | None, message: str
) -> None:
    monkeypatch.delenv("HITLSIM_HASH_KEY", raising=False)
    if given_key:
        monkeypatch.setenv("HITLSIM_HASH_KEY", given_key)
    with pytest.raises(LogError, match=message):
        hashed(tmp_path)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ("hash: [workflow]", r":1 hash.0: 'workflow' cannot be; only reviewer, looker and decisi"),
        ("columns: {reviewer: rep, looker: rep}\nhash: reviewer",
         "columns.looker: shows 'rep' in clear, which is hashed as reviewer; add looker to hash"),
        ("columns: {reviewer: rep, agent: rep}\nhash: reviewer",
         "columns.agent: shows 'rep' in clear, .* take one of the two out"),
        ("columns: {reviewer: r}\nhash: reviewer\njoin: {file: a, on: r, columns: {agent: r}}",
         "join.0.columns.agent: shows 'r' in clear, which is hashed as reviewer"),
    ],
)  # fmt: skip
def test_a_hash_that_would_show_names_is_refused(
    tmp_path: Path, mapping: str, message: str
) -> None:
    with pytest.raises(LogError, match=message):
        hashed(tmp_path, mapping=mapping)


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize(
    ("header", "mapping", "message"),
    [
        ("Opportunity ID,Created Date,AI Score,Opportunity Owner",
         "preset: salesforce\ncolumns: {agent: Opportunity Owner}\nhash: reviewer",
         "map.yaml:2 columns.agent: shows 'Opportunity Owner' in clear, .* hashed as reviewer"),
        ("decision_id,decided_at,confidence,rep",
         "columns: {workflow: decision_id}\nhash: decision_id",
         "map.yaml:1 columns.workflow: shows 'decision_id' in clear"),
    ],
)  # fmt: skip
def test_a_hash_is_not_got_round_by_a_column_found_by_its_name(
    tmp_path: Path, header: str, mapping: str, message: str
) -> None:
    with pytest.raises(LogError, match=message):
        hashed(tmp_path, f"{header}\n1,2026-09-01,0.9,Ana\n", mapping)
