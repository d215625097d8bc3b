from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.columns import COLUMNS
from hitlsim.decisions.log import from_parquet, month_span

# --- known answers -------------------------------------------------------------------------------


def test_a_simulated_log_has_exactly_the_declared_columns_in_order(reference_run: hs.Run) -> None:
    assert list(reference_run.log.frame) == list(COLUMNS)


def test_values_stay_inside_their_declared_ranges(reference_run: hs.Run) -> None:
    for name, column in COLUMNS.items():
        values = reference_run.log.frame[name]
        if column.low is not None:
            assert values.min() >= column.low, name
        if column.high is not None:
            assert values.max() <= column.high, name
        if column.values:
            assert set(values.dropna().unique()) <= set(column.values), name
        if column.required:
            assert values.notna().all(), name


def test_parquet_keeps_the_log_and_its_record(reference_run: hs.Run, tmp_path: Path) -> None:
    log = reference_run.log
    back = from_parquet(log.to_parquet(tmp_path / "log.parquet"))
    pd.testing.assert_frame_equal(back.frame, log.frame)
    assert back.record == log.record


def test_a_month_ends_where_the_next_one_begins(reference_run: hs.Run) -> None:
    log = reference_run.log
    assert log.months() == ["2026-08", "2026-09", "2026-10"]
    assert sum(len(log.month(m)) for m in log.months()) == len(log)
    start, end = month_span("2026-10", "Europe/Berlin")
    assert (start.utcoffset().total_seconds(), end.utcoffset().total_seconds()) == (7200, 3600)


def test_a_story_tells_the_whole_way_of_a_decision(reference_run: hs.Run) -> None:
    f = reference_run.log.frame
    redrafted = f[f["redrafted"] & (f["final_verdict"] == "approve")].iloc[0]
    told = str(reference_run.story(redrafted["decision_id"]))
    assert f"{redrafted['reviewer']} took it" in told
    assert "said reject" in told
    assert "the redraft: approve" in told
    rolled = f[f["rolled_back"]].iloc[0]
    assert "rolled back" in str(reference_run.story(rolled["decision_id"]))


def test_a_story_from_a_real_log_leaves_out_what_is_not_known(reference_run: hs.Run) -> None:
    log = reference_run.log
    bare = hs.DecisionLog(log.frame[["decision_id", "decided_at", "confidence"]])
    told = str(hs.story(bare, str(log.frame["decision_id"].iloc[0])))
    assert "sure" in told
    assert "truth" not in told


def test_a_story_in_a_notebook_escapes_what_a_log_says(reference_run: hs.Run) -> None:
    frame = reference_run.log.frame.head(1).assign(workflow="<script>alert(1)</script>")
    html = hs.story(hs.DecisionLog(frame), str(frame["decision_id"].iloc[0]))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


# --- errors --------------------------------------------------------------------------------------


def test_an_unknown_decision_is_refused_with_near_matches(reference_run: hs.Run) -> None:
    with pytest.raises(hs.LogError, match=r"'crm_updat-000001' is not in the log; did you mean"):
        reference_run.story("crm_updat-000001")


@pytest.mark.parametrize("month", ["2026-9", "September", "2026-13", "2026-09-01", ""])
def test_a_month_written_otherwise_is_refused(reference_run: hs.Run, month: str) -> None:
    with pytest.raises(hs.LogError, match="must be written like 2026-09"):
        reference_run.log.month(month)


def test_a_month_without_decisions_is_refused_and_the_months_there_are_named(
    reference_run: hs.Run,
) -> None:
    with pytest.raises(hs.LogError, match="it has 2026-08, 2026-09, 2026-10"):
        reference_run.log.month("2026-07")


def test_a_failed_write_leaves_the_last_good_file(
    reference_run: hs.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "log.csv"
    path.write_text("the last good one")

    def fails(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(pd.DataFrame, "to_csv", fails)
    with pytest.raises(OSError, match="disk full"):
        reference_run.log.to_csv(path)
    assert path.read_text() == "the last good one"
    assert [p.name for p in tmp_path.iterdir()] == ["log.csv"]
