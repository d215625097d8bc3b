"""From somebody's export to an answer, with the command line alone."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Run


def test_448_rows_without_score_or_dates_end_in_not_enough_evidence_with_how_many_would_do(
    run: Run, bank_calls: Path
) -> None:
    export = str(bank_calls.parent / "salvirt_b2b.csv")
    code, drafted, _ = run("map", export, "--yes", "--out", "deals.map.yaml")
    assert code == 0
    assert "448 of 448 rows can be used" in drafted
    learnt = ("score", export, "--map", "deals.map.yaml", "--out", "scored.parquet")
    code, scored, _ = run(*learnt)
    assert code == 0
    assert "There is a signal" in scored
    code, tuned, _ = run("tune", "scored.parquet")
    assert code == 0
    tuned = " ".join(tuned.split())
    assert "Not enough evidence to promise an exception rate inside 10-15%" in tuned
    assert "decisions would do; the log has 448" in tuned


def test_the_banks_calls_are_mapped_and_their_break_is_the_first_line_of_watch(
    run: Run, bank_calls: Path
) -> None:
    assert run("map", str(bank_calls), "--yes", "--out", "bank.map.yaml")[0] == 0
    asked = ("--map", "bank.map.yaml", "--by", "month")
    code, out, _ = run("watch", str(bank_calls), *asked, "--until", "2009-03")
    assert code == 0
    assert out.startswith("Silent errors rose from 4.7% to 11.0%")
    assert "while exceptions stayed inside" in " ".join(out.split("\n")[:3])
    code, out, _ = run("measure", str(bank_calls), "--map", "bank.map.yaml", "--threshold", "0.95")
    assert code == 0
    assert "45.37%" in out
    assert "5.46%" in out
