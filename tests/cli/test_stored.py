"""``hitlsim measure`` of a log that stays where it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

import hitlsim as hs

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A simulated log in two Parquet files."""
    log = hs.simulate(hs.load("outbound").with_(weeks=4), seed=7).log
    half = len(log) // 2
    for name, part in (("a", log.frame.iloc[:half]), ("b", log.frame.iloc[half:])):
        hs.DecisionLog(part).to_parquet(tmp_path / "parts" / f"{name}.parquet")
    hs.DecisionLog(log.frame, {"source": "parts"}).to_parquet(tmp_path / "whole.parquet")
    return tmp_path / "parts"


def test_a_folder_is_measured_as_the_same_log_in_one_file(run: Run, folder: Path) -> None:
    code, there, err = run("measure", "parts", "--by", "month", "--workflows")
    assert code == 0
    assert "decisions, measured where they are." in err
    assert there == run("measure", "whole.parquet", "--by", "month", "--workflows")[1]


def test_bands_are_said_and_thresholds_are_tried(run: Run, tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "calls.duckdb")) as con:
        con.execute(
            "create table calls as select i as decision_id, (i % 100) / 100 as confidence, "
            "timestamp '2026-09-01' + to_hours(i) as decided_at, i % 3 > 0 as ok from range(700) "
            "r(i)"
        )
    code, out, err = run("measure", "calls.duckdb#calls")
    assert code == 0
    assert "taken from the bands 0.9/0.7 (the usual default" in err
    assert "90.0%" in out, "ninety in a hundred lie below .9"
    _, out, _ = run("measure", "calls.duckdb", "--auto", "0.8", "--review", "0.1")
    assert "80.0%" in out
    (tmp_path / "map.yaml").write_text("bands: {auto: 0.5, review: 0.2}\n")
    _, out, err = run("measure", "calls.duckdb", "--map", "map.yaml")
    assert "taken from the bands 0.5/0.2." in err
    assert "50.0%" in out
    code, out, _ = run("measure", "calls.duckdb", "--threshold", "0.6,0.7")
    assert code == 0
    assert "60.00%" in out


def test_unusable_rows_are_told(run: Run, folder: Path) -> None:
    odd = pd.DataFrame({"decided_at": [pd.Timestamp("2026-08-20", tz="UTC")], "confidence": [93.5],
                        "route": ["auto"]})  # fmt: skip
    odd.to_parquet(folder / "c.parquet")
    code, _, err = run("measure", "parts")
    assert code == 0
    assert "1 of " in err
    assert "most often confidence is not between 0 and 1" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("empty",), "holds no .parquet files"),
        (("none.duckdb#x",), "there is no such file"),
        (("parts", "--rejects", "r.csv"), "counted by reason and not listed; leave it out"),
        (("parts", "--review", "0.5"), "--review needs --auto"),
        (("parts", "--auto", "0.5"), "says itself what went alone"),
        (("postgres://me:geheim@host/db#t",), "write ${NAME} in its place"),
    ],
)
def test_mistakes_get_one_message(
    run: Run, folder: Path, arguments: tuple[str, ...], words: str
) -> None:
    folder.with_name("empty").mkdir()
    code, out, err = run("measure", *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
    assert "geheim" not in err
