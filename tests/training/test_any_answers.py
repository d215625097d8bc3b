"""Whatever the answers are, a debrief can be made of them, and no figure leaves its bounds."""

from __future__ import annotations

import math
from pathlib import Path

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from hitlsim.decisions.diagnosing.evidence import Kind
from hitlsim.present.monthly.month import write_results
from hitlsim.present.reporting.schema import check_results
from hitlsim.training.acts import ACTIONS, ROUNDS
from hitlsim.training.answers import Answers
from hitlsim.training.debrief import Debrief, debrief
from hitlsim.training.scoring.advice import practice
from hitlsim.training.scoring.score import FIGURES, score

_MAYBE = {
    "dwell_seconds": st.floats(0, 300), "sure": st.floats(0, 1), "harm": st.floats(0, 1e6),
    "needless_cost": st.floats(0, 1e3), "look_cost": st.floats(0, 1e3),
    "weight": st.floats(0.1, 1e5), "floor_seconds": st.floats(0, 100),
    "workflow": st.sampled_from(["a", "b"]), "fault": st.sampled_from(["x", "y"]),
}  # fmt: skip


@st.composite
def any_answers(draw: st.DrawFn) -> Answers:
    n = draw(st.integers(1, 10))
    items = [(draw(st.booleans()), draw(st.booleans())) for _ in range(n)]
    there = [name for name in _MAYBE if draw(st.booleans())]
    rows = []
    for who in ("wren", "kite")[: draw(st.integers(1, 2))]:
        for i, (right, asked) in enumerate(items):
            row = {
                "trainee": who, "item_id": f"i{i}", "right": right, "needs_look": asked,
                "round": draw(st.sampled_from(ROUNDS)), "action": draw(st.sampled_from(ACTIONS)),
            }  # fmt: skip
            some = {name: draw(_MAYBE[name] | st.none()) for name in there}
            rows.append(row | some)
    return Answers(pd.DataFrame(rows))


@settings(max_examples=20)
@given(any_answers())
def test_no_figure_leaves_its_bounds_and_everything_can_be_said(answers: Answers) -> None:
    d = debrief(answers)
    for figures in (d.cohort, *(s.figures for s in d.scores)):
        for x in FIGURES:
            e = figures[x.name]
            if not e.known or math.isnan(e.low):
                continue
            assert e.low <= e.value + 1e-9
            assert e.value <= e.high + 1e-9
            if x.kind is Kind.SHARE:
                assert e.low >= 0
                assert e.high <= 1
    assert d.headline
    assert all(s.text for s in d.sentences)
    assert all(len(practice(s)) == 3 for s in d.scores)


@settings(max_examples=12)
@given(any_answers())
def test_the_order_of_the_rows_says_nothing(answers: Answers) -> None:
    one = answers.of("wren")
    turned = Answers(one.frame.iloc[::-1].reset_index(drop=True))
    before, after = score(one), score(turned)
    assert before.kind == after.kind
    for x in FIGURES:
        a, b = before.figures[x.name], after.figures[x.name]
        assert a.known == b.known
        assert not a.known or math.isclose(a.value, b.value, rel_tol=1e-9, abs_tol=1e-9)


def test_results_fit_the_published_schema(told: Debrief, tmp_path: Path) -> None:
    check_results("training", write_results(told, tmp_path / "results.json"))


def test_results_of_two_decks_fit_it_too(told_twice: Debrief, tmp_path: Path) -> None:
    check_results("training", write_results(told_twice, tmp_path / "results.json"))
