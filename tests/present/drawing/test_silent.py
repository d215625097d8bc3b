from __future__ import annotations

from collections.abc import Callable

import pytest

import hitlsim as hs
from hitlsim.decisions.judging.silent import Silent, silent
from hitlsim.present.drawing.silent import draw_silent

MakeLog = Callable[..., hs.DecisionLog]


@pytest.fixture(scope="module")
def found(reference_run: hs.Run) -> Silent:
    return silent(reference_run.log)


def test_title_and_table_hold_the_figures_of_the_answer(found: Silent) -> None:
    picture = draw_silent(found)
    assert picture.title == (
        "7.5% (6.7-8.5) of what went alone would be called bad; complaints alone say 0.9%"
    )
    assert len(picture.table) == len(found.ways)
    assert picture.table[""].tolist().count("believe this") == 1
    assert f"{found.alone:,} decisions" in picture.caption


def test_the_same_answer_gives_the_same_bytes(found: Silent) -> None:
    first, again = draw_silent(found), draw_silent(found)
    assert first.png == again.png


def test_too_little_evidence_is_the_title_and_no_point_is_claimed(make_log: MakeLog) -> None:
    picture = draw_silent(silent(make_log(route=["auto"] * 90, ok=[True] * 20 + [None] * 70)))
    assert picture.title.startswith("There is not enough evidence")
    assert "between 0.0% and" in picture.table["Of what went alone"].iloc[-1]
