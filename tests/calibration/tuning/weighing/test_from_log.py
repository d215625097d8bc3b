from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.costs import Costs, costs_of
from hitlsim.calibration.tuning.weighing.from_log import FromLog, from_log
from hitlsim.scenario.boundary import Boundary, Triggers
from tests.calibration.tuning.tuning_worlds import LogWorld

MakeLog = Callable[..., hs.DecisionLog]


@pytest.fixture(scope="module")
def world() -> LogWorld:
    return LogWorld(np.array([5.0, 8.0]), np.array([0.6, 1.5]), np.array([0.7, 1.0]), audit=0.4)


@pytest.fixture(scope="module")
def log(world: LogWorld) -> hs.DecisionLog:
    return world.log(np.random.default_rng(1), 12_000)


@pytest.fixture(scope="module")
def read(log: hs.DecisionLog) -> FromLog:
    return from_log(log, Costs())


def _with(log: hs.DecisionLog, **columns: object) -> hs.DecisionLog:
    return hs.DecisionLog(log.frame.assign(**columns), log.record)


# --- known answers -------------------------------------------------------------------------------


def test_chances_of_being_wrong_are_those_of_the_world(world: LogWorld, read: FromLog) -> None:
    cases = read.cases
    true = world.p_bad(cases.flow, cases.score)
    # 4,800 outcomes: by decile of the score within 3 points
    for part in np.array_split(np.argsort(cases.score), 10):
        assert cases.p_bad[part].mean() == pytest.approx(true[part].mean(), abs=0.03)


def test_how_well_people_look_is_learnt_from_verdicts(world: LogWorld, read: FromLog) -> None:
    looks = read.cases.looks
    assert looks.catches.tolist() == pytest.approx([world.hit] * 2, abs=0.06)
    assert looks.overrides_right.tolist() == pytest.approx([world.alarm] * 2, abs=0.03)
    assert looks.spoils.tolist() == pytest.approx((0.05 * looks.overrides_right).tolist())
    told = {a.name: a.measured for a in read.cases.assumptions}
    assert (told["catches"], told["overrides_right"], told["minutes"]) == (True, True, False)


def test_the_truth_of_a_simulation_teaches_nothing(log: hs.DecisionLog, read: FromLog) -> None:
    blind = from_log(hs.DecisionLog(log.frame.drop(columns="true_ok"), log.record), Costs()).cases
    np.testing.assert_array_equal(blind.p_bad, read.cases.p_bad)
    np.testing.assert_array_equal(blind.bad, read.cases.bad)
    assert blind.truth is None


def test_complaints_are_no_labels(log: hs.DecisionLog) -> None:
    # every bad one of those nobody looked at complains
    frame = log.frame.copy()
    unknown = frame["ok"].isna() & ~frame["true_ok"]
    frame.loc[unknown, "ok"] = False
    frame.loc[unknown, "ok_source"] = "complaint"
    cases = from_log(hs.DecisionLog(frame, log.record), Costs()).cases
    assert cases.known.mean() == pytest.approx(0.4, abs=0.02)
    assert cases.p_bad.mean() == pytest.approx((~frame["true_ok"]).mean(), abs=0.02)


def test_costs_are_as_given_for_each_workflow(log: hs.DecisionLog) -> None:
    given = {"harm": 100, "harm_deal_share": 0.0, "hour": 60, "minutes": 3,
             "workflows": {"w1": {"harm": 7, "minutes": 1, "override_spoils": 1.0}}}  # fmt: skip
    cases = from_log(log, costs_of(given, ("w0", "w1"))).cases
    assert set(cases.harm[cases.flow == 0]) == {100.0}
    assert set(cases.harm[cases.flow == 1]) == {7.0}
    assert cases.looks.minutes.tolist() == [3.0, 1.0]
    assert cases.looks.money.tolist() == [3.0, 1.0]
    assert cases.looks.spoils[1] == cases.looks.overrides_right[1]


def test_a_deals_size_adds_to_the_harm_and_an_unknown_one_counts_as_the_middle(
    make_log: MakeLog,
) -> None:
    log = make_log(confidence=[0.5, 0.6, 0.7, 0.8], deal_size=[100.0, 1000.0, 9000.0, None])
    cases = from_log(log, Costs(harm=10.0, harm_deal_share=0.01)).cases
    assert cases.harm.tolist() == [11.0, 20.0, 100.0, 20.0]


def test_minutes_are_the_logs_own_with_days_long_ones_cut(make_log: MakeLog) -> None:
    minutes = [2.0] * 30 + [3000.0]
    cases = from_log(make_log(confidence=[0.5] * 31, review_minutes=minutes), Costs()).cases
    assert cases.looks.minutes.tolist() == pytest.approx([(30 * 2 + 20) / 31])
    (told,) = (a for a in cases.assumptions if a.name == "minutes")
    assert told.measured
    few = from_log(make_log(confidence=[0.5] * 9, review_minutes=[2.0] * 9), Costs()).cases
    assert few.looks.minutes.tolist() == [0.9]


def test_what_waits_loses_more_than_what_goes_alone(make_log: MakeLog) -> None:
    n = 60
    alone = np.arange(n) % 2 == 0
    log = make_log(confidence=[0.8] * n, route=np.where(alone, "auto", "review"),
                   delay_cost=np.where(alone, 0.5, 3.0))  # fmt: skip
    assert from_log(log, Costs()).cases.looks.waiting.tolist() == pytest.approx([2.5])


def test_gated_decisions_are_left_out(make_log: MakeLog) -> None:
    log = make_log(confidence=[0.5, 0.6, 0.7], route=["gate", "auto", "review"])
    assert from_log(log, Costs()).cases.score.tolist() == [0.6, 0.7]


def test_triggers_that_fired_and_cannot_be_decided_anew_stay(make_log: MakeLog) -> None:
    log = make_log(
        confidence=[0.9] * 4, route=["review", "review", "review", "auto"],
        reasons=["angry", "ethical", "deal_size", ""], signals=["angry", "", "", "angry"],
        deal_size=[1.0, 1.0, 9.0, 1.0],
    )  # fmt: skip
    read = from_log(log, Costs())
    # the signal and the deal size are there to be decided by, the ethical boundary is not
    assert read.cases.always.tolist() == [False, True, False, False]
    assert read.cases.signals == ("angry",)
    assert read.cases.present.tolist() == [1, 0, 0, 1]


def test_signals_that_the_spec_asks_about_have_to_stay(make_log: MakeLog) -> None:
    log = make_log(confidence=[0.9, 0.8], signals=["angry", "new"])
    spec = Boundary(triggers=Triggers(signals=("angry",)))
    assert from_log(log, Costs(), spec).keep.signals == {"all": ("angry",)}


def test_without_any_judgment_nothing_is_worth_anything(make_log: MakeLog) -> None:
    cases = from_log(make_log(confidence=[0.5, 0.6]), Costs()).cases
    assert np.isnan(cases.p_bad).all()
    assert not cases.valued


def test_days_count_by_the_clock_on_the_wall(make_log: MakeLog) -> None:
    at = pd.to_datetime(["2026-06-01 23:30+02:00", "2026-06-02 00:30+02:00"])
    read = from_log(make_log(confidence=[0.5, 0.6], decided_at=at), Costs())
    assert read.cases.day.tolist() == [0, 1]


# --- errors --------------------------------------------------------------------------------------


def test_missing_scores_are_counted_and_refused(make_log: MakeLog) -> None:
    log = make_log(confidence=[0.5, np.nan, np.nan])
    with pytest.raises(hs.LogError, match="column confidence: 2 of 3 decisions have no score"):
        from_log(log, Costs())


def test_a_log_of_gates_only_is_refused(make_log: MakeLog) -> None:
    with pytest.raises(hs.LogError, match="every decision of the log passes a gate"):
        from_log(make_log(confidence=[0.5], route=["gate"]), Costs())
