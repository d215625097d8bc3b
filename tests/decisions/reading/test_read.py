"""Real logs: what becomes of each row, and what is said when a file cannot be used."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.decisions.columns import COLUMNS, DType
from hitlsim.decisions.log import DecisionLog
from hitlsim.decisions.reading.read import read_log
from hitlsim.decisions.reading.sheets import delimited
from hitlsim.errors import LogError
from hitlsim.scenario.files import load
from hitlsim.simulation.run import simulate
from tests.decisions.small_logs import CALLS, CALLS_MAP, ours, put, read

BANK = Path(__file__).resolve().parents[4] / "shared" / "data" / "bank_calls.csv.gz"
BANK_MAP = """\
columns: {decision_id: call_id, decided_at: called_on, confidence: score}
date_format: "%d/%m/%Y"
constants: {workflow: sales_call}
ok: {advice: ai_advice, outcome: subscribed, right_when: {pursue: "yes", drop: "no"}}
bands: {auto: 0.9, review: 0.7}
capacity_hours_per_week: {desk: 37.5}
"""


# known answers


def test_a_small_export_becomes_the_log_one_would_write_by_hand(tmp_path: Path) -> None:
    log = read(tmp_path, CALLS, CALLS_MAP)
    f = log.frame
    assert f["decision_id"].tolist() == ["C2", "C3", "C1", "C4"]
    assert f["confidence"].tolist() == [0.95, 0.7, 0.8, 0.6]
    assert f["ok"].tolist() == [True, False, True, pd.NA]
    assert f["ok_source"].tolist()[:3] == ["outcome"] * 3
    assert f["ok_source"].isna().tolist() == [False, False, False, True]
    assert f["workflow"].unique().tolist() == ["all"]
    assert f["reviewer"].cat.categories.tolist() == ["Ana", "Ben"]
    assert str(f["decided_at"][0]) == "2008-05-23 00:00:00+00:00"
    assert list(f) == [c for c in COLUMNS if c in f]
    assert list(f.index) == [0, 1, 2, 3]
    assert not len(log.rejects)


def test_the_record_says_where_the_log_comes_from(tmp_path: Path) -> None:
    record = read(tmp_path, CALLS, CALLS_MAP + "bands: {auto: 0.9}\n").record
    assert record["source"] == "log.csv"
    assert record["sha256"] == hashlib.sha256(CALLS.encode()).hexdigest()
    assert len(record["mapping_sha256"]) == 64
    assert (record["rows_read"], record["rows_used"], record["rows_rejected"]) == (4, 4, 0)
    assert record["ignored_columns"] == []
    assert record["timezone"] == "UTC"
    assert record["bands"] == {"auto": 0.9, "review": 0.7}
    assert "capacity_hours_per_week" not in record


@pytest.mark.skipif(not BANK.is_file(), reason="the real data are not beside the checkout")
def test_the_reference_figures_of_30_743_real_calls_hold(tmp_path: Path) -> None:
    log = read_log(BANK, put(tmp_path, BANK_MAP, "map.yaml"))
    f = log.frame
    assert len(f) == log.record["rows_read"] == 30_743
    assert f["ok"].mean() == pytest.approx(0.9261, abs=5e-4)
    for band, exceptions, wrong in (
        (0.7, 0.0037, 0.0725), (0.8, 0.0113, 0.0716), (0.9, 0.0773, 0.0656), (0.95, 0.4537, 0.0546)
    ):  # fmt: skip
        low = f["confidence"] < band
        assert low.mean() == pytest.approx(exceptions, abs=5e-4)
        assert 1 - f["ok"][~low].mean() == pytest.approx(wrong, abs=5e-4)
    assert log.record["ignored_columns"] == [
        "balance_eur", "job", "channel", "first_contact", "call_seconds",
    ]  # fmt: skip
    assert log.record["capacity_hours_per_week"] == {"desk": 37.5}


@pytest.mark.parametrize(
    ("written", "zone", "meant"),
    [
        ("2026-09-30", "UTC", "2026-09-30 00:00:00+00:00"),
        ("2026-09-30 14:05", "Europe/Lisbon", "2026-09-30 14:05:00+01:00"),
        ("2026-09-30T14:05:06.5Z", "Europe/Lisbon", "2026-09-30 15:05:06.500000+01:00"),
        ("2026-09-30T14:05:06.123456+0530", "UTC", "2026-09-30 08:35:06.123000+00:00"),
        ("2026-09-30 14:05:06 -03", "UTC", "2026-09-30 17:05:06+00:00"),
        # the hour left out in spring begins after it; of the hour that comes twice, the first
        ("2026-03-29T02:30", "Europe/Berlin", "2026-03-29 03:00:00+02:00"),
        ("2026-10-25T02:30", "Europe/Berlin", "2026-10-25 02:30:00+02:00"),
    ],
)
def test_times_mean_the_clock_of_the_mapping(
    tmp_path: Path, written: str, zone: str, meant: str
) -> None:
    log = read(tmp_path, ours(f"{written},0.5"), f"timezone: {zone}")
    assert str(log.frame["decided_at"][0]) == meant
    assert log.frame["decided_at"].dtype == f"datetime64[ms, {zone}]"


def test_offsets_written_by_date_format_are_kept(tmp_path: Path) -> None:
    text = ours("30/09/2026 14:05 +0200,1", "30/09/2026 14:05 -0100,1")
    log = read(tmp_path, text, 'date_format: "%d/%m/%Y %H:%M %z"')
    assert log.frame["decided_at"].dt.hour.tolist() == [12, 15]


def test_times_written_in_several_ways_are_read_by_the_first_that_fits(tmp_path: Path) -> None:
    rows = ["2026-09-30,0.1,20260930", "30/09/2026,0.2,2026-09-30", "01/10/2026 14:05,0.3,",
            "soon,0.4,"]  # fmt: skip
    plan = """\
date_format:
  decided_at: [iso, "%d/%m/%Y", "%d/%m/%Y %H:%M"]
  arrived_at: [iso, "%Y%m%d"]
"""
    text = ours(*rows, header="decided_at,confidence,arrived_at")
    log = read(tmp_path, text, plan, allow_rejects=0.5)
    assert log.frame["decided_at"].dt.strftime("%d %H:%M").tolist() == [
        "30 00:00", "30 00:00", "01 14:05"
    ]  # fmt: skip
    assert log.frame["arrived_at"].dt.day.tolist()[:2] == [30, 30]
    (reason,) = log.rejects["reason"]
    assert "2026-09-30T14:05 or 30/09/2026 or 30/09/2026 14:05" in reason


def test_a_log_without_dates_keeps_its_order_and_says_so(tmp_path: Path) -> None:
    plan = "constants: {decided_at: 2015-01-01, deal_size: 1.5}\ntimezone: Europe/Lisbon\n"
    plan += "decimal: ','"
    text = "confidence;ok\n0,9;yes\n0,1;no\n0,5;yes\n"
    log = read(tmp_path, text, plan)
    assert log.frame["confidence"].tolist() == [0.9, 0.1, 0.5]
    assert str(log.frame["decided_at"][0]) == "2015-01-01 00:00:00+00:00"
    assert log.frame["deal_size"].tolist() == [1.5] * 3
    assert log.record["undated"] is True
    assert "undated" not in read(tmp_path, CALLS, CALLS_MAP).record


def test_times_that_a_changed_clock_makes_doubtful_are_counted(tmp_path: Path) -> None:
    rows = ["2026-10-25T02:30,0.5,2026-03-29T02:30", "2026-10-25T02:30,0.6,2026-10-25T02:30",
            "2026-10-25T04:30,0.7,", "2026-10-25T02:30,no,"]  # fmt: skip
    text = ours(*rows, header="decided_at,confidence,arrived_at")
    log = read(tmp_path, text, "timezone: Europe/Berlin", allow_rejects=0.5)
    assert log.record["times_doubtful"] == 4, "two of each column, none of the row not used"


def test_what_the_mapping_says_about_the_file_is_used(tmp_path: Path) -> None:
    text = "September\ndecided_at|confidence|deal_size|agent\n2026-09-30|0,5|1 234,5|Zo\xe9\n"
    plan = "encoding: windows-1252\ndelimiter: '|'\nheader_row: 2\ndecimal: ','\nthousands: ' '"
    log = read(tmp_path, text.encode("windows-1252"), plan)
    assert log.frame[["deal_size", "agent"]].values.tolist() == [[1234.5, "Zo\xe9"]]


@pytest.mark.parametrize(("word", "meant"), [("YES", True), ("false", False), ("1.0", True)])
def test_a_plain_ok_column_counts_as_an_outcome(tmp_path: Path, word: str, meant: bool) -> None:
    f = read(tmp_path, ours(f"2026-09-30,0.5,{word}", header="decided_at,confidence,ok")).frame
    assert f["ok"].tolist() == [meant]
    assert f["ok_source"].tolist() == ["outcome"]


def test_an_ok_source_that_is_given_stands(tmp_path: Path) -> None:
    text = ours("2026-09-30,0.5,no,review", header="decided_at,confidence,ok,ok_source")
    assert read(tmp_path, text).frame["ok_source"].tolist() == ["review"]


def test_values_are_replaced_before_anything_else(tmp_path: Path) -> None:
    text = ours("2026-09-30,high,Won,Changed", "2026-10-01,low,Lost,n/a", header="d,c,w,v")
    mapping = """\
columns: {decided_at: d, confidence: c, ok: w, verdict: v}
values:
  confidence: {high: 0.9, low: 0.4}
  ok: {Won: true, Lost: false}
  verdict: {Changed: edit, "n/a": ""}
"""
    f = read(tmp_path, text, mapping).frame
    assert f["confidence"].tolist() == [0.9, 0.4]
    assert f["ok"].tolist() == [True, False]
    assert f["verdict"].isna().tolist() == [False, True]
    assert f["verdict"][0] == "edit"


def test_one_column_may_serve_twice(tmp_path: Path) -> None:
    mapping = CALLS_MAP.replace("reviewer: rep", "reviewer: rep, looker: rep, action: ai")
    f = read(tmp_path, CALLS, mapping).frame
    assert f["action"].tolist() == ["stop", "go", "go", "stop"]
    assert f["looker"].astype("str").tolist() == f["reviewer"].astype("str").tolist()


def test_exceptions_follow_from_the_route(tmp_path: Path) -> None:
    rows = [f"2026-09-30,0.5,{route}" for route in ("auto", "review", "triage", "gate")]
    f = read(tmp_path, ours(*rows, header="decided_at,confidence,route")).frame
    assert f["exception"].tolist() == [False, True, True, False]
    assert f["exception"].dtype == bool
    f = read(tmp_path, ours(*rows, "2026-10-01,1,", header="decided_at,confidence,route")).frame
    assert f["exception"].dtype == "boolean"
    assert f["exception"].isna().tolist() == [False] * 4 + [True]


def test_the_reason_that_decided_is_the_first_of_all_reasons(tmp_path: Path) -> None:
    rows = [f"2026-09-30,0.5,{said}" for said in ("deal_size+low_band", "low_band", "")]
    f = read(tmp_path, ours(*rows, header="decided_at,confidence,reasons")).frame
    assert f["reason"].tolist()[:2] == ["deal_size", "low_band"]
    assert f["reason"].isna().tolist() == [False, False, True]


def test_decisions_without_an_id_are_named_by_their_row(tmp_path: Path) -> None:
    text = ours("2026-09-30,0.5", "", ",", "2026-09-29,0.6")
    log = read(tmp_path, text)
    assert log.frame["decision_id"].tolist() == ["row-5", "row-2"]
    assert log.record["rows_read"] == 2, "blank lines count as decisions"


def test_columns_that_are_not_mapped_are_ignored_even_with_our_name(tmp_path: Path) -> None:
    text = ours("a,2026-09-30,0.5,whatever", header="decision_id,decided_at,score,route")
    log = read(tmp_path, text, "columns: {confidence: score}")
    assert "route" not in log.frame
    assert log.record["ignored_columns"] == ["route"]
    assert log.frame["decision_id"].tolist() == ["a"], "what every log needs goes by its name"


@pytest.mark.parametrize("separator", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("bom", ["", "\ufeff"])
def test_how_a_file_was_saved_changes_nothing(
    tmp_path: Path, separator: str, end: str, bom: str
) -> None:
    lines = ['decided_at,"confidence",signals', '2026-09-30, 0.5 ,"x;y\n""z"""', "2026-10-01,1,"]
    text = bom + end.join(line.replace(",", separator) for line in lines)
    f = read(tmp_path, text).frame
    assert f["confidence"].tolist() == [0.5, 1.0]
    assert f["signals"].tolist() == ['x;y\n"z"', ""]


def test_the_names_looked_for_decide_the_separator(tmp_path: Path) -> None:
    text = "decided_at;confidence;size, EUR, net, approx\n2026-09-30;0.5;7\n"
    assert read(tmp_path, text).frame["confidence"].tolist() == [0.5]


def test_a_row_longer_than_a_block_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_BLOCK", 64)
    rows = [f"2026-09-{i:02},0.{i:02},{'x' * i * i}" for i in range(1, 31)]
    log = read(tmp_path, ours(*rows, "2", header="decided_at,confidence,signals"), allow_rejects=1)
    assert log.frame["signals"].str.len().tolist() == [i * i for i in range(1, 31)]
    assert log.rejects["row"].tolist() == [32]


def test_decimal_commas_and_percent_signs(tmp_path: Path) -> None:
    text = "decided_at;confidence;deal_size\n2026-09-30;93,5 %;1234,5\n"
    f = read(tmp_path, text, "decimal: ','\nconfidence_scale: 100").frame
    assert f["confidence"].tolist() == [0.935]
    assert f["deal_size"].tolist() == [1234.5]


# properties


@cache
def simulated() -> DecisionLog:
    scenario = load("on-the-loop")
    # two weeks are too few for the emergency path
    rules = scenario.governance.model_copy(update={"emergency": None})
    log = simulate(scenario.with_(weeks=2, governance=rules), seed=7).log
    return DecisionLog(log.frame.head(3000), log.record)


def as_words(frame: pd.DataFrame) -> pd.DataFrame:
    """A file does not hold the categories that no row has, nor their order."""
    categories = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(categories, "str"))


@pytest.mark.parametrize("name", ["log.csv", "log.csv.gz"])
def test_a_simulated_log_survives_csv_exactly(tmp_path: Path, name: str) -> None:
    log = simulated()
    back = read_log(
        log.to_csv(tmp_path / name), put(tmp_path, "timezone: Europe/Berlin", "map.yaml")
    )
    expected = log.frame.sort_values("decided_at", kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(as_words(back.frame), as_words(expected), check_exact=True)
    for column in back.frame.select_dtypes("category"):
        if COLUMNS[column].values:
            pd.testing.assert_series_equal(back.frame[column], expected[column])
    assert len(back.rejects) == 0


def test_a_log_of_ours_comes_back_from_parquet_with_its_record(tmp_path: Path) -> None:
    log = simulated()
    back = read_log(log.to_parquet(tmp_path / "log.parquet"))
    pd.testing.assert_frame_equal(back.frame, log.frame)
    assert back.record == log.record


def test_a_real_log_survives_parquet_with_its_record(tmp_path: Path) -> None:
    log = read(tmp_path, CALLS, CALLS_MAP)
    back = read_log(log.to_parquet(tmp_path / "log.parquet"))
    pd.testing.assert_frame_equal(back.frame, log.frame)
    assert back.record == log.record


def test_somebody_elses_parquet_is_read_by_the_same_rules(tmp_path: Path) -> None:
    log = simulated()
    log.frame.assign(
        confidence=log.frame["confidence"].where(log.frame.index != 5)
    ).to_parquet(tmp_path / "log.parquet")  # fmt: skip
    back = read_log(tmp_path / "log.parquet")
    assert back.rejects.values.tolist() == [[7, "confidence", "", "is missing"]]
    expected = log.frame.drop(5).sort_values("decided_at", kind="stable", ignore_index=True)
    np.testing.assert_array_equal(back.frame["decided_at"], expected["decided_at"])
    pd.testing.assert_series_equal(back.frame["wait_minutes"], expected["wait_minutes"])
    pd.testing.assert_series_equal(back.frame["ok"], expected["ok"])


def test_typed_columns_of_parquet_need_no_date_format(tmp_path: Path) -> None:
    day = pd.Timestamp("2026-09-30")
    frame = pd.DataFrame({"d": [day], "p": [0.25], "w": ["30/09/2026"], "junk": [["a"]]})
    frame.to_parquet(tmp_path / "log.parquet")
    mapping = 'columns: {decided_at: d, confidence: p, arrived_at: w}\ndate_format: "%d/%m/%Y"\n'
    log = read_log(
        tmp_path / "log.parquet", put(tmp_path, mapping + "decimal: ','", "map.yaml")
    )  # fmt: skip
    assert log.frame["decided_at"].tolist() == log.frame["arrived_at"].tolist()
    assert log.frame["confidence"].tolist() == [0.25]
    assert log.record["ignored_columns"] == ["junk"]


DATES = st.dates(pd.Timestamp("2000-01-01").date(), pd.Timestamp("2100-01-01").date()).map(str)
DEFECTS = st.sampled_from(
    ["", "x", "-1", "2", "2026-13-01", 'a"b', "a\nb", "é,ü", " ", "\0", "0;5"]
)
GOOD: dict[DType, st.SearchStrategy[str]] = {
    DType.TEXT: st.text("abc", min_size=1, max_size=2),
    DType.TIME: DATES,
    DType.NUMBER: st.floats(0, 1).map(str),
    DType.WHOLE: st.integers(1, 9).map(str),
    DType.YES_NO: st.sampled_from(["yes", "no", "True", "0", ""]),
    DType.CATEGORY: st.text("abc", max_size=2),
}
NAMES = ("decision_id", "decided_at", "confidence", "verdict", "ok", "route", "queued_at",
         "started_at", "boundary_version", "signals", "agent", "rolled_back")  # fmt: skip


def cell(name: str) -> st.SearchStrategy[str]:
    column = COLUMNS[name]
    good = st.sampled_from(column.values) if column.values else GOOD[column.dtype]
    return st.integers(0, 19).flatmap(lambda i: DEFECTS if i == 0 else good)


@st.composite
def tables(draw: st.DrawFn) -> list[list[str]]:
    names = draw(st.sets(st.sampled_from(NAMES)).map(sorted))
    header = ["decided_at", "confidence", *(n for n in names if n not in NAMES[1:3])]
    row = st.tuples(*map(cell, header)).map(list)
    ragged = st.lists(st.sampled_from(["1", "z", ""]), min_size=0, max_size=len(header) + 2)
    rows = st.lists(st.integers(0, 9).flatmap(lambda i: ragged if i == 0 else row), min_size=1)
    return [header, *draw(rows)]


@given(tables(), st.sampled_from([",", ";"]), st.sampled_from(["\n", "\r\n"]))
def test_every_row_is_used_or_rejected_whatever_stands_in_it(
    tmp_path_factory: pytest.TempPathFactory, table: list[list[str]], separator: str, end: str
) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator=end).writerows(table)
    rows = {i for i, row in enumerate(table, 1) if i > 1 and any(c.strip() for c in row)}
    try:
        log = read(tmp_path_factory.mktemp("t"), out.getvalue(), allow_rejects=1)
    except LogError as e:
        assert "none is left" in str(e) or "no rows" in str(e)  # noqa: PT017 - or no error
        return
    used, rejected = len(log.frame), len(log.rejects)
    assert used + rejected == log.record["rows_read"] == len(rows)
    assert (used, rejected) == (log.record["rows_used"], log.record["rows_rejected"])
    assert set(log.rejects["row"]) <= rows
    assert log.rejects["row"].is_monotonic_increasing
    assert log.frame["decided_at"].is_monotonic_increasing
    assert log.frame["confidence"].between(0, 1).all()
    assert log.frame["decision_id"].is_unique
    for name in log.frame.select_dtypes("category"):
        allowed = COLUMNS[name].values or log.frame[name].cat.categories
        assert set(log.frame[name].dropna()) <= set(allowed)


@given(
    st.one_of(
        st.binary(max_size=60),
        st.binary(max_size=60).map(lambda b: b"decided_at,confidence\n2026-09-30,0.5\n" + b),
        st.text('a,;"\n\r\0 0.5').map(
            lambda t: f"decided_at,confidence\n2026-09-30,1\n{t}".encode()
        ),
    ),
    st.sampled_from(["log.csv", "log.csv.gz", "log.parquet"]),
)
def test_no_bytes_at_all_bring_anything_but_a_log_or_a_log_error(
    tmp_path_factory: pytest.TempPathFactory, data: bytes, name: str
) -> None:
    file = put(tmp_path_factory.mktemp("b"), data, name)
    try:
        log = read_log(file, allow_rejects=1)
    except LogError:
        return
    assert len(log.frame) + len(log.rejects) == log.record["rows_read"]


# errors


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("log.csv", b"", "log.csv: is empty; export it again"),
        ("log.csv", b" \n\n", "log.csv: is empty"),
        ("log.csv", b"decided_at,confidence\n\n,\n", "has a header but no rows"),
        ("log.csv.gz", gzip.compress(b"a" * 999, mtime=0)[:-9], "gzip file is cut off; copy or"),
        ("log.csv", b"ok,b,ok\n1,2,3\n", "columns 1 and 3 are both called 'ok'; rename one"),
        ("log.csv", b'decided_at,confidence\n2026-09-30,"1\n2026-09-30,1\n', "opened in row 2"),
        ("log.csv", b'decided_at,"confidence\n2026-09-30,1\n', "opened in row 1"),
        ("log.csv", b"Decided at,confidence\na,b\n",
         "decided_at .* did you mean 'Decided at'.*; say which under columns: in a mapping"),
        ("log.csv", b"decided_at,zzz\na,b\n", "no column is confidence .*; it has: decided_at"),
        ("log.csv", b"decided_at,confidence\na,b\n", r"1 of 1 rows \(100%\) .* none is left; m"),
        ("log.parquet", b"PAR1", "is not a sound Parquet file"),
        ("team.yaml", b"extends: on-the-loop\n", "team.yaml: is YAML .* scenario with --scenario"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_is_told_why(
    tmp_path: Path, name: str, data: bytes, message: str
) -> None:
    with pytest.raises(LogError, match=message):
        read_log(put(tmp_path, data, name), allow_rejects=1)


def test_a_file_that_is_not_there_or_no_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"none.csv: no such file; check the path"):
        read_log(tmp_path / "none.csv")
    with pytest.raises(LogError, match=r"is a directory .*give one file"):
        read_log(tmp_path)


def test_a_file_that_may_not_be_read_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = put(tmp_path, CALLS)

    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(LogError, match=r"cannot be read \(Permission denied\); check its perm"):
        read_log(file)


def test_a_mapping_that_names_absent_columns_is_told_all_of_them(tmp_path: Path) -> None:
    mapping = """\
columns:
  decided_at: calld_on
  confidence: score
ok:
  advice: ai
  outcome: result
  right_when: {go: won}
"""
    with pytest.raises(LogError) as caught:
        read(tmp_path, CALLS, mapping)
    near = "did you mean 'called_on'?"
    assert str(caught.value).splitlines() == [
        f"map.yaml:2 columns.decided_at: log.csv has no column 'calld_on'; {near}",
        "map.yaml:6 ok.outcome: log.csv has no column 'result'; name one that it has",
        "log.csv has: call_id, called_on, ai, score, won, rep",
    ]


def test_a_parquet_column_without_plain_values_is_told(tmp_path: Path) -> None:
    frame = pd.DataFrame({"decided_at": ["2026-09-30"], "confidence": [[0.5]]})
    frame.to_parquet(tmp_path / "log.parquet")
    with pytest.raises(LogError, match=r"column 'confidence' holds list.*; give it plain values"):
        read_log(tmp_path / "log.parquet")


def test_a_log_of_ours_without_what_every_log_needs_is_told(tmp_path: Path) -> None:
    log = DecisionLog(simulated().frame[["decision_id", "decided_at"]])
    with pytest.raises(LogError, match="lacks the columns confidence; write it again"):
        read_log(log.to_parquet(tmp_path / "log.parquet"))
