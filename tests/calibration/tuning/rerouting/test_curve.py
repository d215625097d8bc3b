from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.counting.tally import tally
from hitlsim.decisions.estimating import unseen


def test_each_point_is_what_rerouting_and_counting_gives(reference_run: hs.Run) -> None:
    log = reference_run.log
    cuts = [0.7, 0.85, 0.93]
    points = hs.curve(log, cuts)
    for cut, point in zip(cuts, points.to_dict("records"), strict=True):
        other = hs.rerouted(log, auto=cut, review=0.6)
        rows = tally(other)
        counted = rows["exceptions"].sum() / rows["safe"].sum()
        assert point["exception_rate"] == pytest.approx(counted)
        for name in ("fn_share", "fn_of_auto"):
            e = getattr(unseen, name)(rows)
            assert point[name] == pytest.approx(e.value)
            assert point[f"{name}_low"] == pytest.approx(e.low)
            assert point[f"{name}_n"] == e.n


def test_the_true_curve_is_the_plain_count(reference_run: hs.Run) -> None:
    f = reference_run.log.frame
    free = f["route"] != "gate"
    point = hs.curve(reference_run.log, [0.9]).iloc[0]
    fired = (
        f["reasons"]
        .str.split("+")
        .apply(lambda words: any(w not in ("", "low_band", "medium_band", "gate") for w in words))
    )
    silent = free & ~f["true_ok"] & (f["confidence"] >= 0.9) & ~fired
    assert point["true_fn_share"] == pytest.approx(silent.sum() / free.sum())


def test_a_higher_threshold_never_lets_more_errors_through(reference_run: hs.Run) -> None:
    points = hs.curve(reference_run.log, np.linspace(0, 1, 30).tolist())
    assert points["exception_rate"].is_monotonic_increasing
    assert (points["true_fn_share"].diff().dropna() <= 0).all()
    assert points["fn_share"].dropna().iloc[-1] <= points["fn_share"].iloc[0]


def test_known_outcomes_that_had_no_chance_do_not_undo_the_curve(reference_run: hs.Run) -> None:
    frame = reference_run.log.frame
    chance = frame["inclusion"].fillna(1.0).mask(frame.index < 200, 1.0)
    ones, none = (
        hs.curve(hs.DecisionLog(frame.assign(inclusion=c)), [0.5, 0.9])
        for c in (chance, chance.mask(frame.index < 200, 0.0))
    )
    assert none.notna().all().all()
    pd.testing.assert_frame_equal(none, ones)


def test_tests_of_reviewers_are_no_decisions_of_the_team(reference_run: hs.Run) -> None:
    frame = reference_run.log.frame
    tests = frame.head(2000).assign(gold_ok=False, ok=False, confidence=0.99, route="auto")
    both = pd.concat([frame.assign(gold_ok=None), tests], ignore_index=True)
    with_tests, own = hs.DecisionLog(both, reference_run.log.record), reference_run.log
    pd.testing.assert_frame_equal(hs.curve(with_tests, [0.7, 0.9]), hs.curve(own, [0.7, 0.9]))
    assert hs.tune(with_tests, next_month=2000).to_dict() == hs.tune(own, next_month=2000).to_dict()
