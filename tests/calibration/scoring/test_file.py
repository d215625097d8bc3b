"""A written score gives the same scores when read, and an altered one is refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from hitlsim.calibration.scoring.file import _digest, read_score
from hitlsim.calibration.scoring.score import Score, score
from hitlsim.decisions.log import DecisionLog
from hitlsim.errors import LogError
from tests.calibration.scoring.small_logs import seen, truth, with_ok


@pytest.fixture(scope="module")
def found() -> Score:
    frame = seen(1200, 1)
    return score(with_ok(frame, truth(frame), 1))


@pytest.fixture
def file(found: Score, tmp_path: Path) -> Path:
    return found.write(tmp_path / "team.score")


def resigned(file: Path, **change: object) -> Path:
    """The file with a change, and a checksum that fits it."""
    whole = json.loads(file.read_text()) | change
    content = {k: v for k, v in whole.items() if k not in ("hitlsim_score", "sha256")}
    file.write_text(json.dumps({**whole, "sha256": _digest(content)}))
    return file


def test_a_score_read_back_scores_and_says_the_same(found: Score, file: Path) -> None:
    read = read_score(file)
    late = DecisionLog(seen(300, 4))
    ours, theirs = (s.apply(late).frame["confidence"] for s in (found, read))
    np.testing.assert_array_equal(ours, theirs)
    assert read.why() == found.why()
    assert read.figures == found.figures


def test_the_same_score_gives_the_same_bytes(found: Score, file: Path, tmp_path: Path) -> None:
    assert found.write(tmp_path / "again.score").read_bytes() == file.read_bytes()


def test_a_changed_file_is_refused(file: Path) -> None:
    whole = json.loads(file.read_text())
    whole["model"]["learner"]["intercept"] += 1
    file.write_text(json.dumps(whole))
    with pytest.raises(LogError, match=r"team.score: was changed after hitlsim wrote it"):
        read_score(file)


def test_a_forged_checksum_does_not_let_a_broken_model_in(file: Path) -> None:
    model = json.loads(file.read_text())["model"]
    model["learner"] = {"kind": "logistic", "intercept": 0.0, "coefficients": [1.0]}
    with pytest.raises(LogError, match="do not fit together"):
        read_score(resigned(file, model=model))


def test_another_format_is_told_from_damage(file: Path) -> None:
    with pytest.raises(LogError, match=r"in a format that .* does not read; learn the score again"):
        read_score(resigned(file, hitlsim_score=99))


def test_another_version_is_told(file: Path) -> None:
    record = json.loads(file.read_text())["record"]
    record["versions"]["hitlsim"] = "9.9"
    assert "It was learnt by hitlsim 9.9" in read_score(resigned(file, record=record)).warnings[0]


@pytest.mark.parametrize("content", [b"", b"\x80\x04K\x01.", b"[1, 2]", b"[" * 5000, b'{"a": 1}'])
def test_what_is_no_score_is_refused_and_nothing_is_run(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "x.score"
    file.write_bytes(content)
    with pytest.raises(LogError, match=r"x.score: is no score; give a file that --model wrote"):
        read_score(file)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(LogError, match="there is no such file"):
        read_score(tmp_path / "none.score")
