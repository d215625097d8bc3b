"""What a log holds, in words, and what is kept of the answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import hitlsim as hs
from hitlsim.present.drawing.reading import kept, log_sentences
from hitlsim.present.drawing.told import told


def test_a_log_of_scores_alone_is_told_what_each_column_would_add(
    make_log: Callable[..., hs.DecisionLog],
) -> None:
    first, *others = log_sentences(make_log(confidence=[0.9, 0.5]))
    assert first == "2 decisions from 2026-09-01 to 2026-09-02; no outcome is known."
    assert any(s.startswith("A column ok would tell what went wrong") for s in others)
    assert any(s.startswith("A column started_at would tell") for s in others)


def test_rows_that_could_not_be_used_are_told(tmp_path: Path) -> None:
    lines = [f"d{i},2026-09-01T09:00:00Z,{'0.9' if i else 'much'}" for i in range(200)]
    path = tmp_path / "calls.csv"
    path.write_text("\n".join(["decision_id,decided_at,confidence", *lines]), encoding="utf-8")
    said = log_sentences(hs.read_log(path))
    assert any(s.startswith("1 rows could not be used: the first is row 2 (") for s in said)


def test_what_is_only_a_guess_is_not_kept_and_the_reason_is_said(
    make_log: Callable[..., hs.DecisionLog], tmp_path: Path
) -> None:
    few = make_log(confidence=[0.5 + i / 100 for i in range(40)], ok=[True] * 40)
    guess = hs.tune(hs.routed(few), exception_rate=(0.1, 0.15))
    path = tmp_path / "policy.yaml"
    assert "not recommended" in kept(guess, str(path)).text
    assert not path.exists()


def test_what_is_recommended_is_kept_where_it_was_asked_for(
    reference_run: hs.Run, tmp_path: Path
) -> None:
    rec = hs.tune(reference_run.log, exception_rate=(0.1, 0.15))
    path = tmp_path / "policy.yaml"
    assert "no rules were written" in kept(rec, "").text.lower()
    assert str(path) in kept(rec, str(path)).text
    assert hs.load_boundary(path).boundary == rec.boundary
    assert "no thresholds to keep" in kept(None, str(path)).text


def test_sentences_are_escaped() -> None:
    assert "<b>" not in told(["<b>", "<b>"]).text
