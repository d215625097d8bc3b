"""What to practise is always said, whatever columns answers lack."""

from __future__ import annotations

import math
from collections.abc import Callable

from hitlsim.training.answers import Answers
from hitlsim.training.scoring.advice import practice
from hitlsim.training.scoring.score import score


def test_hasty_approvals_of_texts_whose_length_nobody_kept(
    make_answers: Callable[..., Answers],
) -> None:
    """A class whose file has the column, but not for this person: 15 seconds are taken."""
    n = 10
    answers = make_answers(
        round=["exception"] * n, action=["approve"] * n, dwell_seconds=[2.0] * n,
        floor_seconds=[math.nan] * n,
    )  # fmt: skip
    first = practice(score(answers))[0]
    assert first.title == "Give each text its time"
    assert "for 15 seconds" in first.how
