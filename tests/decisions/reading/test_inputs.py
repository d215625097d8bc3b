"""What else is read with a log, and from which files."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from hitlsim.decisions.reading.read import input_files, read_log
from hitlsim.errors import LogError


def test_columns_that_are_not_ours_come_along_when_asked_and_survive_parquet(
    tmp_path: Path,
) -> None:
    file = tmp_path / "calls.csv"
    file.write_text("decided_at,region,size,ok\n2026-09-29,north,1\n".replace("1\n", "1,yes\n")
                    + "2026-09-30,,2.5,no\n")  # fmt: skip
    log = read_log(file, context=True)
    assert log.frame["context_region"].tolist()[0] == "north"
    assert log.frame["context_region"].isna().tolist() == [False, True]
    assert log.frame["context_size"].tolist() == [1.0, 2.5]
    assert log.record["ignored_columns"] == []
    again = read_log(log.to_parquet(tmp_path / "log.parquet"), context=True)
    pd.testing.assert_frame_equal(again.frame, log.frame)
    with pytest.raises(LogError, match="lacks the columns confidence"):
        read_log(tmp_path / "log.parquet")
    with pytest.raises(LogError, match="no column is confidence"):
        read_log(file)


def test_every_file_a_log_is_read_from_counts_as_its_input(tmp_path: Path) -> None:
    mapping = tmp_path / "calls.map.yaml"
    mapping.write_text("join: [{file: more/outcomes.csv, on: decision_id, columns: {ok: won}}]\n")
    parts = tmp_path / "calls"
    (parts / "month=2026-09").mkdir(parents=True)
    for name in ("b", "a"):
        (parts / "month=2026-09" / f"{name}.parquet").touch()
    own = [parts / "month=2026-09" / f"{name}.parquet" for name in ("a", "b")]
    assert input_files(parts, None) == own
    assert input_files(parts, mapping) == [*own, mapping, tmp_path / "more" / "outcomes.csv"]
    assert input_files(mapping, None) == [mapping]
