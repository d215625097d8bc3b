"""A log that stays where it is gives the figures it would give in memory."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pandas as pd
import pytest
from hypothesis import given, settings

import hitlsim as hs
from hitlsim.calibration.tuning.rerouting.bands import rerouted
from hitlsim.decisions.counting.counts import Counts
from hitlsim.decisions.counting.metrics import METRICS
from hitlsim.decisions.counting.opening import stays
from hitlsim.decisions.counting.stored import open_log
from hitlsim.decisions.reading.read import read_log
from tests.decisions.counting.random_logs import random_log, random_logs

MakeLog = Callable[..., hs.DecisionLog]
ASKED = {name for m in METRICS for name in (*m.needs, *m.needs_one_of)}


def put(folder: Path, text: str) -> Path:
    file = folder / "map.yaml"
    file.write_text(text)
    return file


def stored(folder: Path, mapping: str | None = None, **columns: Any) -> Any:
    """A table of these columns, as Parquet, opened."""
    n = len(next(iter(columns.values())))
    at = pd.date_range("2026-09-01 12:00", periods=n, freq="h", tz="UTC")
    frame = pd.DataFrame({"decided_at": at, "confidence": 0.95, **columns})
    file = folder / "table.parquet"
    frame.to_parquet(file)
    return open_log(file, mapping=None if mapping is None else put(folder, mapping))


def same(log: hs.DecisionLog, there: Any) -> None:
    """To the last digit."""
    ours, theirs = Counts.of_log(log), there.counts()
    pd.testing.assert_frame_equal(ours.rows, theirs.rows, check_exact=True)
    pd.testing.assert_frame_equal(ours.work, theirs.work, check_exact=True)
    waited = ours.oldest_minutes.tolist(), theirs.oldest_minutes.tolist()
    assert [str(x) for x in waited[0]] == [str(x) for x in waited[1]]
    own, all_ = theirs.columns & ASKED, ours.columns & ASKED
    # what only tests of reviewers have may be missing: they are not among the facts
    assert own <= all_ if log.tests.any() else own == all_


# --- the same as in memory -----------------------------------------------------------------------


def test_the_scorecard_is_that_of_the_log_in_memory(reference_run: hs.Run, tmp_path: Path) -> None:
    there = open_log(reference_run.log.to_parquet(tmp_path / "log.parquet"))
    same(reference_run.log, there)
    for by in (None, "week"):
        ours, theirs = (
            hs.scorecard(x, by=by, per_workflow=True) for x in (reference_run.log, there)
        )
        pd.testing.assert_frame_equal(ours.frame, theirs.frame, check_exact=True)
    assert len(there) == len(reference_run.log)


@settings(max_examples=10)
@given(log=random_logs())
def test_so_is_that_of_any_small_log(log: hs.DecisionLog, tmp_path_factory: Any) -> None:
    if hs.DecisionLog(log.frame[~log.tests]).has("route"):
        same(log, open_log(log.to_parquet(tmp_path_factory.mktemp("any") / "log.parquet")))


def test_a_folder_with_parts_a_pattern_and_a_database_are_one_log(tmp_path: Path) -> None:
    log = random_log(3, 200, "UTC")
    log = hs.DecisionLog(log.frame, {})
    for month, part in log.frame.groupby(log.frame["decided_at"].dt.strftime("%d")):
        hs.DecisionLog(part).to_parquet(tmp_path / "parts" / f"day={month}" / "part.parquet")
    base = tmp_path / "base.duckdb"
    with duckdb.connect(str(base)) as con:
        con.execute("set TimeZone = 'UTC'")
        con.execute(f"create table t as from '{tmp_path}/parts/*/*.parquet'")
    con = ibis.duckdb.connect()
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        table = con.read_parquet(f"{tmp_path}/parts/*/*.parquet")
    for source in (tmp_path / "parts", f"{tmp_path}/parts/*/*.parquet", base, f"{base}#t",
                   f"{base}#main.t", f"duckdb://{base}#t", table):  # fmt: skip
        same(log, open_log(source))
    assert not base.with_suffix(".duckdb.wal").exists()


def test_a_mapping_does_there_what_it_does_to_a_file(tmp_path: Path) -> None:
    """Local times in a night in which clocks change, percentages, words, a rule for ok, bands."""
    n = 96
    export = pd.DataFrame(
        {
            "call": [f"c{i}" for i in range(n)],
            "at": pd.date_range("2026-10-24 12:00", periods=n, freq="30min"),
            "score": [float(40 + i % 60) for i in range(n)],
            "advice": ["go", "stop"] * (n // 2),
            "won": (["yes", "no", None] * n)[:n],
            "rep": (["Accepted", "Changed", None, "-"] * n)[:n],
            "play": (["renewal", "win-back", None] * n)[:n],
        }
    )
    text = """\
columns: {decision_id: call, decided_at: at, confidence: score, verdict: rep, workflow: play}
timezone: Europe/Lisbon
confidence_scale: 100
values: {verdict: {Accepted: approve, Changed: edit, "-": ""}}
constants: {phase: pilot}
ok: {advice: advice, outcome: won, right_when: {go: "yes", stop: "no"}}
bands: {auto: 0.9, review: 0.7}
"""
    file = tmp_path / "calls.parquet"
    export.to_parquet(file)
    log, there = read_log(file, put(tmp_path, text)), open_log(file, mapping=tmp_path / "map.yaml")
    # bands tell what would have gone alone; what people did is kept where they are the log's own
    same(rerouted(log, auto=0.9, review=0.7), there)
    assert there.by_bands
    assert there.record["rows_used"] == log.record["rows_used"] == n
    drawn = there.sample(n, seed=1)
    shared = [c for c in log.frame if c in drawn.frame and c != "ok_source"]
    pd.testing.assert_frame_equal(
        drawn.frame[shared].sort_values("decision_id", ignore_index=True),
        log.frame[shared].sort_values("decision_id", ignore_index=True),
        check_categorical=False,
    )


def test_text_numbers_and_words_serve_as_yes_and_no(tmp_path: Path) -> None:
    there = stored(tmp_path, route=["auto"] * 4, ok=["Yes", "no", "", None], by_hand=[1, 0, 1, 0])
    rows = there.counts().rows.sum(numeric_only=True)
    assert (rows["auto_sampled"], rows["auto_bad"], rows["by_hand"]) == (2, 1, 2)


# --- rows in memory ------------------------------------------------------------------------------


def test_a_month_is_that_of_the_logs_clock(reference_run: hs.Run, tmp_path: Path) -> None:
    log = reference_run.log
    there = open_log(log.to_parquet(tmp_path / "log.parquet"))
    part, whole = (
        x.month("2026-09").frame.sort_values("decision_id", ignore_index=True) for x in (there, log)
    )
    assert list(part) == list(whole)
    pd.testing.assert_frame_equal(part, whole, check_categorical=False)
    with pytest.raises(hs.LogError, match=r"month 2025-01: .* it goes from 2026-08-"):
        there.month("2025-01")
    with pytest.raises(hs.LogError, match=r"at most 10 are .* take sample\(n, seed\) of fewer"):
        there.month("2026-09", most=10)


def test_a_sample_is_random_and_the_same_for_the_same_seed(
    reference_run: hs.Run, tmp_path: Path
) -> None:
    """Of 2,000 of 60,576 the share of exceptions is off by .04 with probability < 1e-6."""
    there = open_log(reference_run.log.to_parquet(tmp_path / "log.parquet"))
    one, again, other = (there.sample(2000, seed) for seed in (7, 7, 8))
    assert len(one) == 2000
    assert one.frame["decision_id"].is_unique
    pd.testing.assert_frame_equal(one.frame, again.frame)
    assert set(one.frame["decision_id"]) != set(other.frame["decision_id"])
    share = (log.frame["exception"].mean() for log in (one, reference_run.log))
    assert abs(next(share) - next(share)) < 0.04
    assert len(there.sample(10**6, seed=1)) == len(there)


# --- rows that cannot be used --------------------------------------------------------------------


def test_unusable_rows_are_told_by_their_first_reason_and_not_counted(tmp_path: Path) -> None:
    n = 1000
    at = pd.Series(pd.date_range("2026-09-01", periods=n, freq="min", tz="UTC"))
    at[0], at[1] = pd.NaT, pd.Timestamp("0208-05-03", tz="UTC")
    confidence = [0.9] * (n - 5) + [None, float("nan"), -0.1, 1.5, 93.5]
    verdict = [None, None, "Accepted"] + ["approve"] * (n - 3)
    wait = [None, None, None, -1.0, float("inf")] + [5.0] * (n - 5)
    there = stored(tmp_path, decided_at=at, confidence=confidence, verdict=verdict,
                   wait_minutes=wait, route=["review"] * n, reason=["low_band"] * n)  # fmt: skip
    assert (there.rows, len(there)) == (n, n - 10)
    assert dict(zip(there.rejects["column"], there.rejects["rows"], strict=True))["verdict"] == 1
    assert there.rejects["rows"].sum() == 10
    assert there.counts().rows["n"].sum() == n - 10
    assert there.record["rows_rejected"] == 10
    drawn = there.sample(n, 1).frame
    assert len(drawn) == n - 10
    assert drawn["reason"].unique().tolist() == ["low_band"]


def test_too_many_unusable_rows_are_refused_with_reason_and_remedy(tmp_path: Path) -> None:
    percent = [93.5] * 50 + [0.9] * 50
    with pytest.raises(hs.LogError, match=re.escape(
        "50 of 100 rows (50.00%) cannot be used, 1.00% are allowed; most often confidence is not "
        "between 0 and 1 (for percentages set confidence_scale: 100) (50 rows)")):  # fmt: skip
        stored(tmp_path, confidence=percent)
    there = open_log(tmp_path / "table.parquet", allow_rejects=0.5)
    assert len(there) == 50


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("columns", "mapping", "message"),
    [
        ({"decided_at": ["01/09/2026"]}, None, "decided_at holds string, not times; make timestam"),
        ({"confidence": ["0.9"]}, None, "confidence holds string, not numbers; cast it where"),
        ({"score": [0.9]}, "columns: {confidence: scores}", "no column 'scores'; did you mean 'sc"),
        ({"ref": ["a"]}, "hash: [reviewer]\ncolumns: {reviewer: ref}", "with hash: is for files"),
    ],
)
def test_what_a_table_cannot_do_is_said_with_the_remedy(
    tmp_path: Path, columns: dict[str, Any], mapping: str | None, message: str
) -> None:
    with pytest.raises(hs.LogError, match=message):
        stored(tmp_path, mapping, **columns)


def test_a_log_without_routes_or_bands_is_refused(tmp_path: Path) -> None:
    there = stored(tmp_path, ok=[True, False])
    with pytest.raises(hs.LogError, match=r"no column 'route'.*bands: in the mapping file"):
        there.scorecard()
    assert there.under(auto=0.9, review=0.7).counts().rows["auto"].sum() == 2
    own = stored(tmp_path, route=["auto"])
    with pytest.raises(hs.LogError, match="says itself what went alone"):
        own.under(auto=0.5, review=0.5)


def test_a_password_in_an_address_is_refused_and_never_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(hs.LogError, match=r"write \$\{NAME\} in its place") as told:
        open_log("postgres://me:geheim@nowhere.invalid/sales#decisions")
    assert "geheim" not in str(told.value)
    with pytest.raises(hs.LogError, match="environment variable HITLSIM_PW is not set"):
        open_log("postgres://me:${HITLSIM_PW}@nowhere.invalid/sales#decisions")
    monkeypatch.setenv("HITLSIM_PW", "geheim")
    with pytest.raises(
        hs.LogError, match=r"^postgres://nowhere.invalid/sales: (cannot|the )"
    ) as told:
        open_log("postgres://me:${HITLSIM_PW}@nowhere.invalid/sales#decisions")
    assert "geheim" not in str(told.value)


def test_a_file_that_is_damaged_further_on_is_told_without_a_traceback(tmp_path: Path) -> None:
    file = random_log(1, 3000, "UTC").to_parquet(tmp_path / "log.parquet")
    data = bytearray(file.read_bytes())
    data[100:20_000] = bytes(19_900)
    file.write_bytes(data)
    with pytest.raises(hs.LogError, match=r"log.parquet: the database cannot answer"):
        open_log(file).scorecard()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("nothing.parquet", "there is no such file"),
        ("no.duckdb#t", "there is no such file"),
        ("duckdb:///no/such.db#t", "there is no such file"),
        ("calls.csv", "there is no such file"),
    ],
)
def test_what_is_not_there_is_said(tmp_path: Path, source: str, message: str) -> None:
    with pytest.raises(hs.LogError, match=message):
        open_log(source if "//" in source else str(tmp_path / source))
    assert list(tmp_path.iterdir()) == []


def test_which_table_must_be_said_where_there_are_several(tmp_path: Path) -> None:
    base = tmp_path / "base.duckdb"
    with duckdb.connect(str(base)) as con:
        con.execute("create table a (x int); create table b (x int)")
    with pytest.raises(hs.LogError, match="has several tables; write one after a #: a, b"):
        open_log(base)
    with pytest.raises(hs.LogError, match="has no table 'c'"):
        open_log(f"{base}#c")


def test_small_files_are_read_and_large_ones_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = random_log(1, 5, "UTC").to_parquet(tmp_path / "log.parquet")
    assert not stays(str(file))
    assert stays(str(tmp_path))
    assert stays(f"{tmp_path}/*.parquet")
    monkeypatch.setattr("hitlsim.decisions.counting.opening.LARGE_BYTES", 10)
    assert stays(str(file))
