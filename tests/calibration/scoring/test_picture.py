"""The picture says what was found, also where scores hardly differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hitlsim.calibration.scoring.score import Score, score
from hitlsim.present.drawing.score import draw_score
from hitlsim.present.picture import Note, Picture
from tests.calibration.scoring.small_logs import seen, truth, with_ok


@pytest.fixture(scope="module")
def found() -> Score:
    frame = seen(900, 1)
    return score(with_ok(frame, truth(frame), 1))


def test_the_title_is_the_finding_and_the_table_adds_up(found: Score) -> None:
    made = draw_score(found)
    assert isinstance(made, Picture)
    assert f"in {found.figures['auroc'].value:.0%} of pairs" in made.title
    assert made.png.startswith(b"\x89PNG")
    n = sum(int(cell.replace(",", "")) for cell in made.table["Decisions"])
    assert n == found.figures["auroc"].n


def test_scores_that_are_all_the_same_are_drawn_too(found: Score) -> None:
    assert found.judged is not None
    p, right, weight = found.judged
    made = draw_score(
        replace(found, status="no signal", judged=(np.full_like(p, 0.9), right, weight))
    )
    assert isinstance(made, Picture)
    assert made.title.startswith("No signal")


def test_a_score_read_from_a_file_has_nothing_to_draw(found: Score) -> None:
    made = draw_score(replace(found, judged=None))
    assert isinstance(made, Note)
