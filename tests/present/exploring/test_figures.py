"""The explorer's figures are those that scorecard and comparison give."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import t as student

import hitlsim as hs
from hitlsim.decisions.counting.metrics import BY_NAME
from hitlsim.present.exploring.counting import WHOLE, DaySums, day_sums
from hitlsim.present.exploring.figures import (
    ENOUGH_RUNS,
    FIGURES,
    PAIRED_DAYS,
    SHOWN,
    answer_of,
    difference,
    figure,
    value_of,
)
from hitlsim.present.exploring.session import Explorer

OF_THE_SCORECARD = [f.name for f in FIGURES if f.name in BY_NAME]


def test_one_run_says_what_its_scorecard_says(reference_run: hs.Run) -> None:
    counted, card = day_sums(reference_run), reference_run.scorecard()
    for name in OF_THE_SCORECARD:
        ours, theirs = figure(SHOWN[name], [counted], WHOLE), card.get(name)
        for a, b in zip(
            (ours.value, ours.low, ours.high, ours.n),
            (theirs.value, theirs.low, theirs.high, theirs.n),
            strict=True,
        ):
            assert a == pytest.approx(b, rel=1e-9), name
        assert ours.assumes == theirs.assumes


def test_a_phase_says_what_the_scorecard_of_its_days_says(reference_run: hs.Run) -> None:
    counted, counts = day_sums(reference_run), reference_run.counts
    for phase in counted.phases:
        days = counts.days[counted.inside(phase)]
        rows, work = (f[f["day"].isin(days)] for f in (counts.rows, counts.work))
        oldest = counts.oldest_minutes[days]
        part = replace(counts, rows=rows, work=work, days=days, oldest_minutes=oldest)
        card = hs.scorecard(part)
        for name in OF_THE_SCORECARD:
            ours, theirs = figure(SHOWN[name], [counted], phase), card.get(name)
            assert ours.value == pytest.approx(theirs.value, rel=1e-9), (phase, name)
            assert ours.low == pytest.approx(theirs.low, rel=1e-9), (phase, name)
            assert ours.high == pytest.approx(theirs.high, rel=1e-9), (phase, name)


def test_many_runs_say_what_a_comparison_says(explorer: Explorer) -> None:
    explorer.set(auto=0.92).refine()
    a = explorer.answer
    assert a.runs == 6
    both = {"pinned": explorer.pinned, "now": explorer.scenario}
    theirs = hs.compare(both, n=6, seed=3, workers=1, metrics=OF_THE_SCORECARD)
    for name in OF_THE_SCORECARD:
        ours, apart = a.now[WHOLE, name], a.apart[WHOLE, name]
        for e, other in ((ours, theirs.get(name, "now")), (apart, theirs.difference(name, "now"))):
            got, wanted = (e.value, e.low, e.high), (other.value, other.low, other.high)
            np.testing.assert_allclose(got, wanted, rtol=1e-7, atol=1e-9, err_msg=name)


def days_of(top: list[float], bottom: list[float]) -> DaySums:
    n = len(top)
    zero = np.zeros(n)
    names = ("n", "started", "within_24", "late_24", "hours", "review_cost", "true_auto_bad",
             "true_harm", "delay_cost")  # fmt: skip
    sums = dict.fromkeys(names, zero) | {
        "exceptions": np.array(top, float), "safe": np.array(bottom, float)
    }  # fmt: skip
    days = pd.date_range("2026-08-03", periods=n)
    return DaySums(days, sums, np.zeros(n, np.int64), ("steady-state",), {}, 40.0)


def test_a_difference_of_days_can_be_worked_out_by_hand() -> None:
    """As many decisions each day: the mean of daily differences, with Student's interval."""
    now, before = days_of([12, 18, 14, 16], [100] * 4), days_of([10, 12, 11, 13], [100] * 4)
    e = difference(SHOWN["exception_rate"], [now], [before], WHOLE)
    daily = np.array([0.02, 0.06, 0.03, 0.03])
    half = student.ppf(0.975, 3) * daily.std(ddof=1) / 2
    assert e.value == pytest.approx(daily.mean())
    assert e.low == pytest.approx(daily.mean() - half)
    assert e.high == pytest.approx(daily.mean() + half)
    assert e.n == 4
    assert e.assumes == PAIRED_DAYS


def test_days_that_only_one_policy_has_count_too() -> None:
    now, before = days_of([12, 18, 14], [100] * 3), days_of([10, 12], [100] * 2)
    e = difference(SHOWN["exception_rate"], [now], [before], WHOLE)
    assert e.value == pytest.approx(44 / 300 - 22 / 200)
    assert e.n == 3
    assert e.low < e.value < e.high


def test_a_policy_does_not_differ_from_itself(explorer: Explorer) -> None:
    a = explorer.answer
    assert a.same
    assert all(e.value == 0 for e in a.apart.values() if e.known)


def test_what_the_days_say_of_a_difference_many_runs_confirm(explorer: Explorer) -> None:
    """The interval from one run's days holds the mean of six runs: six such intervals of 95%
    (three figures, two phases) all miss by chance in under 1 of 10^7 cases; one may."""
    explorer.set(auto=0.92)
    one = explorer.answer
    many = explorer.refine().answer
    held = [
        one.apart[at].low <= many.apart[at].value <= one.apart[at].high
        for phase in (WHOLE, "exception-only")
        for name in ("exception_rate", "true_fn_share", "review_hours")
        for at in [(phase, name)]
    ]
    assert sum(held) >= 4
    assert many.apart[WHOLE, "exception_rate"].low > 0


def test_more_runs_narrow_the_interval(explorer: Explorer) -> None:
    """Half as wide with four times as many; 5 and 20 runs of the same seeds."""
    explorer.set(auto=0.9)
    widths = []
    for runs in (ENOUGH_RUNS, 20):
        e = explorer.refine(runs).answer.now[WHOLE, "exception_rate"]
        widths.append(e.high - e.low)
    assert widths[1] < widths[0]


def test_below_enough_runs_the_first_alone_answers(explorer: Explorer) -> None:
    alone = explorer.figures
    few = explorer.refine(ENOUGH_RUNS - 1).figures
    pd.testing.assert_frame_equal(few, alone, check_exact=True)
    assert explorer.answer.runs == 1


def test_the_frame_has_every_figure_of_every_phase(explorer: Explorer) -> None:
    frame = explorer.set(auto=0.9).figures
    phases = ["all", "shadow", "exception-only", "steady-state"]
    assert frame["phase"].drop_duplicates().tolist() == phases
    assert len(frame) == len(phases) * len(FIGURES)
    known = frame.dropna(subset="value")
    assert known["assumes"].str.len().gt(0).all()
    assert known["n"].gt(0).all()
    pd.testing.assert_series_equal(
        frame["value"] - frame["pinned_value"], frame["difference_value"], check_names=False
    )


def test_a_team_whose_ai_may_take_nothing_alone_has_no_rate(five_weeks: hs.Scenario) -> None:
    flow = "first_touch_email"
    gated = five_weeks.with_(
        workflows={flow: five_weeks.workflows[flow]}, crm=None, boundary={},
        governance={}, phases=five_weeks.phases,
    )  # fmt: skip
    run = day_sums(hs.simulate(gated, seed=1))
    a = answer_of([run], [run], same=True)
    assert not a.now[WHOLE, "exception_rate"].known
    assert np.isnan(value_of(SHOWN["true_fn_share"], run, WHOLE))
    assert a.now[WHOLE, "true_cost"].known
