"""Reading logs of work."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.reading.work_log import columns_said, read_work_log
from tests.decisions.reading.workbooks import xlsx

HEAD = "case_id,start_time,end_time,resource,activity\n"
ROW = "7,2026-08-03T09:00:00,2026-08-03T09:04:00,ana,call\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "work.csv"


def test_names_that_tools_use_are_known(file: Path) -> None:
    file.write_text("Case ID;Start Timestamp;Complete Timestamp;org:resource;concept:name\n"
                    "7;2026-08-03 09:00;2026-08-03 09:04;ana;call\n")  # fmt: skip
    (row,) = read_work_log(file).frame.to_dict("records")
    assert (row["case"], row["person"], row["activity"]) == ("7", "ana", "call")


@pytest.mark.parametrize("kind", ["parquet", "jsonl", "xlsx"])
def test_no_kind_of_file_loses_columns_by_how_their_names_are_written(
    tmp_path: Path, kind: str
) -> None:
    start = pd.Timestamp("2026-08-03 09:00")
    rows = pd.DataFrame({
        "Start Time": [start, start], "Ready": start + pd.Timedelta(minutes=4),
        "Org:Resource": ["ana", "ben"], "tags": [["a"], ["b", "c"]],
    })  # fmt: skip
    file = tmp_path / f"work.{kind}"
    if kind == "parquet":
        rows.to_parquet(file)
    elif kind == "jsonl":
        rows.to_json(file, orient="records", lines=True, date_format="iso")
    else:
        cells = [[a.to_pydatetime(), b.to_pydatetime(), c] for a, b, c, _ in rows.itertuples(False)]
        file.write_bytes(xlsx({"Work": [[*rows.columns[:3]], *cells]}))
    log = read_work_log(file, columns={"end": "Ready"})
    assert log.minutes.tolist() == [4, 4]
    assert log.frame["person"].tolist() == ["ana", "ben"]


def test_columns_that_are_named_win(file: Path) -> None:
    file.write_text(
        "start,end,begun,done\n2026-08-03,2026-08-04,2026-08-03T09:00,2026-08-03T09:30\n"
    )
    assert read_work_log(file, columns={"start": "begun", "end": "done"}).minutes.tolist() == [30]


def test_fractions_of_seconds_may_have_any_number_of_digits(file: Path) -> None:
    ends = ("2026-08-03T09:04:00", "2026-08-03T09:04:00.5", "2026-08-03T09:04:00.123456")
    file.write_text(HEAD + "".join(f"7,2026-08-03T09:00:00.25,{e},ana,call\n" for e in ends))
    assert read_work_log(file).minutes.round(4).tolist() == [3.9958, 4.0042, 3.9979]


def test_missing_people_cases_and_activities_are_empty(file: Path) -> None:
    file.write_text("start,end\n2026-08-03T09:00,2026-08-03T09:04\n")
    frame = read_work_log(file).frame
    assert frame[["person", "case", "activity"]].to_numpy().tolist() == [["", "", ""]]


def test_times_without_offset_are_on_the_clock_that_is_named(file: Path) -> None:
    file.write_text(HEAD + ROW)
    start = read_work_log(file, timezone="Europe/Berlin").frame["start"][0]
    assert str(start) == "2026-08-03 09:00:00+02:00"


def test_rows_that_cannot_be_used_are_counted_listed_and_left_out(
    file: Path, tmp_path: Path
) -> None:
    backwards = "8,2026-08-03T09:10:00,2026-08-03T09:04:00,ana,call\n"
    file.write_text(HEAD + ROW * 3 + backwards + "9,yesterday,2026-08-03T09:04:00,ana,call\n")
    log = read_work_log(file, allow_rejects=0.5, rejects=tmp_path / "bad.csv")
    assert len(log) == 3
    assert sorted(log.rejects["row"]) == [5, 6]
    assert "is not after its start" in (tmp_path / "bad.csv").read_text("utf-8")
    with pytest.raises(hs.LogError, match=r"2 of 5 rows .* cannot be used") as e:
        read_work_log(file)
    assert "; mend the export, or set" in str(e.value), "there is no mapping to mend"
    reasons = log.rejects["reason"].tolist()
    assert reasons[1].endswith("2026-09-30T14:05 (export times in that form)")


def test_order_is_that_of_the_starts(file: Path) -> None:
    earlier = ROW.replace("T09:0", "T08:0")
    file.write_text(HEAD + ROW + earlier)
    assert read_work_log(file).frame["start"].is_monotonic_increasing


def test_a_clock_is_moved_with_a_note_in_the_record(file: Path) -> None:
    file.write_text(HEAD + ROW)
    moved = read_work_log(file).shifted(60)
    assert str(moved.frame["end"][0]) == "2026-08-03 10:04:00+00:00"
    assert moved.record["clock_shift_minutes"] == 60


def test_the_real_log_is_read_whole(shared: Path) -> None:
    log = read_work_log(shared / "bpic2012_work.csv.gz")
    assert (len(log), len(log.rejects)) == (59_302, 0)
    assert (log.frame["person"] == "").sum() == 6_335


@pytest.fixture
def shared() -> Path:
    from tests.conftest import SHARED_DATA

    if not (SHARED_DATA / "bpic2012_work.csv.gz").is_file():
        pytest.skip("the real data of ../shared/data is not here")
    return SHARED_DATA


def test_what_is_missing_or_misnamed_is_told(file: Path) -> None:
    file.write_text("who,begun\nana,2026-08-03T09:00\n")
    with pytest.raises(hs.LogError, match=r"no column is the start .* it has: who, begun"):
        read_work_log(file)
    with pytest.raises(hs.LogError, match="has no column 'done'"):
        read_work_log(file, columns={"start": "begun", "end": "done"})
    with pytest.raises(hs.LogError, match="timezone 'Berlin' is not known"):
        read_work_log(file, timezone="Berlin")
    with pytest.raises(hs.LogError, match="must be written like start=start_time"):
        columns_said("begin=x")
