from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.costs import Costs, costs_of
from hitlsim.calibration.tuning.on_log import monthly
from hitlsim.calibration.tuning.weighing.from_log import FromLog, from_log
from hitlsim.scenario.boundary import Bands, Boundary, Triggers
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


# --- signals -------------------------------------------------------------------------------------


def test_signals_that_few_decisions_carry_are_left_out_unless_they_are_triggers(
    make_log: MakeLog,
) -> None:
    signals = ["often"] * 20 + ["seldom"] * 19 + ["legal", "angry", "angry+seldom"]
    fired = [""] * 40 + ["angry", "angry"]
    log = make_log(confidence=[0.9] * 42, signals=signals, reasons=fired,
                   route=["auto"] * 40 + ["review"] * 2)  # fmt: skip
    read = from_log(log, Costs(), Boundary(triggers=Triggers(signals=("legal",))))
    assert read.cases.signals == ("angry", "legal", "often", "seldom")
    fewer = hs.DecisionLog(log.frame[:41], log.record)
    read = from_log(fewer, Costs(), Boundary(triggers=Triggers(signals=("legal",))))
    assert read.cases.signals == ("angry", "legal", "often")
    assert read.keep.signals == {"all": ("legal",)}
    assert [n for n in read.notes if "fewer than 20" in n and "seldom" in n]


def test_more_signals_than_bits_keep_triggers_and_the_most_frequent(make_log: MakeLog) -> None:
    rng = np.random.default_rng(2)
    n, names = 3000, [f"s{i}" for i in range(80)]
    often = np.where(np.arange(80) < 50, 0.05, 0.02)
    often[79] = 0.01
    carried = rng.random((n, 80)) < often
    asked = carried[:, 79]
    texts = ["+".join(names[i] for i in np.flatnonzero(row)) for row in carried]
    log = make_log(
        confidence=rng.uniform(0.5, 1.0, n).round(3), signals=texts,
        route=np.where(asked, "review", "auto"), reasons=np.where(asked, "s79", ""),
        ok=~(carried[:, 49] | (rng.random(n) < 0.1)), ok_source=["outcome"] * n,
    )  # fmt: skip
    read = from_log(log, Costs())
    cases = read.cases
    assert len(cases.signals) == 56
    assert {"s79", *names[:50]} <= {*cases.signals}
    assert [x for x in read.notes if "56 signals at most" in x and "more" in x]
    # bits and chances stay with the right signal: all that carry s49 were bad
    bad = cases.p_bad[(cases.present >> cases.signals.index("s49") & 1) == 1]
    assert bad.mean() > 0.6
    assert cases.p_bad.mean() < 0.25
    assert not cases.always.any()


def test_a_trigger_for_which_there_is_no_bit_still_sends_what_it_sent(make_log: MakeLog) -> None:
    texts = [f"s{i}" for i in range(60)] * 25
    log = make_log(confidence=[0.9] * 1500, signals=texts, route=["review"] * 1500, reasons=texts)
    cases = from_log(log, Costs()).cases
    assert len(cases.signals) == 56
    assert cases.always.sum() == 4 * 25
    assert from_log(log, Costs()).today.asks(cases).all()


# --- the boundary of today -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def routed() -> pd.DataFrame:
    """Alone from .8 on, and never where a customer is angry."""
    rng = np.random.default_rng(5)
    n = 3000
    start = pd.Timestamp("2026-01-05", tz="UTC")
    frame = pd.DataFrame({
        "decision_id": [f"d{i}" for i in range(n)],
        "decided_at": start + pd.to_timedelta(np.arange(n) % 28, unit="D"),
        "confidence": rng.beta(8, 2, n).round(4), "workflow": rng.choice(["w0", "w1"], n),
        "signals": np.where(rng.random(n) < 0.06, "angry", ""),
    })  # fmt: skip
    low, angry = frame["confidence"] < 0.8, frame["signals"] == "angry"
    return frame.assign(route=np.where(low | angry, "review", "auto"), low=low, angry=angry)


def _reasons(frame: pd.DataFrame, kind: str) -> hs.DecisionLog:
    low, angry = frame["low"], frame["angry"]
    one = np.where(angry, "angry", np.where(low, "medium_band", ""))
    texts = {
        "all": np.where(low & angry, "medium_band+angry", one), "one a row": one,
        "triggers only": np.where(angry, "angry", ""),
    }  # fmt: skip
    return hs.DecisionLog(frame.assign(reasons=texts[kind]).drop(columns=["low", "angry"]), {})


@pytest.mark.parametrize("kind", ["all", "one a row", "triggers only"])
def test_todays_threshold_explains_the_logs_routes_however_reasons_are_given(
    routed: pd.DataFrame, kind: str
) -> None:
    read = from_log(_reasons(routed, kind), Costs())
    np.testing.assert_array_equal(read.today.asks(read.cases), ~read.cases.routed_alone)  # type: ignore[operator]
    assert {r.auto for r in read.today.rules.values()} == {0.8}
    assert {r.signals for r in read.today.rules.values()} == {("angry",)}
    assert any("explain most routes" in n for n in read.notes) == (kind != "all")


def test_a_few_stray_routes_do_not_move_todays_threshold(routed: pd.DataFrame) -> None:
    stray = np.arange(len(routed)) % 100 == 0
    frame = routed.assign(route=np.where(routed["low"] & ~stray, "review", "auto"))
    read = from_log(hs.DecisionLog(frame.drop(columns=["low", "angry", "signals"]), {}), Costs())
    assert {r.auto for r in read.today.rules.values()} == {0.8}


def test_routes_that_nothing_in_the_log_explains_are_owned_up_to(routed: pd.DataFrame) -> None:
    frame = routed.assign(route=np.where(np.arange(len(routed)) % 10, "auto", "review"))
    read = from_log(hs.DecisionLog(frame.drop(columns=["low", "angry"]), {}), Costs())
    assert any("send 10.0% of its decisions elsewhere" in n for n in read.notes)


def test_a_spec_that_did_not_hold_is_taken_as_given_and_said_to_differ(
    routed: pd.DataFrame,
) -> None:
    log = _reasons(routed, "all")
    spec = Boundary(bands=Bands(auto=0.8, review=0.2), triggers=Triggers(signals=("angry",)))
    assert from_log(log, Costs(), spec).notes == ()
    other = Boundary(bands=Bands(auto=0.95, review=0.2))
    read = from_log(log, Costs(), other)
    assert read.boundary == other
    off = float(((routed["confidence"] < 0.95) == (routed["route"] == "auto")).mean())
    assert any(f"given as today's sends {off:.1%}" in n for n in read.notes)


def test_a_text_beside_every_decision_is_no_trigger(routed: pd.DataFrame) -> None:
    log = _reasons(routed, "all")
    read = from_log(_with(log, reasons="as the desk decided"), Costs())
    assert not read.cases.always.any()
    assert {r.auto for r in read.today.rules.values()} == {0.8}


# --- short logs ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "month"), [(1, 91_320), (3, 30_440), (28, 3000), (56, 1630)])
def test_a_month_is_as_busy_as_a_log_that_is_shorter(
    make_log: MakeLog, days: int, month: int
) -> None:
    at = pd.Timestamp("2026-01-05", tz="UTC") + pd.to_timedelta(np.arange(3000) % days, unit="D")
    read = from_log(make_log(confidence=[0.5] * 3000, decided_at=at), Costs())
    assert monthly(read.cases) == month
    assert any("a month is taken to go on" in n for n in read.notes) == (days < 28)


def test_chances_of_being_wrong_need_no_two_weeks(world: LogWorld) -> None:
    log = world.log(np.random.default_rng(4), 6000, weeks=1)
    cases = from_log(log, Costs()).cases
    assert cases.valued
    # 2,400 outcomes: by third of the score within 4 points
    true = world.p_bad(cases.flow, cases.score)
    for part in np.array_split(np.argsort(cases.score), 3):
        assert cases.p_bad[part].mean() == pytest.approx(true[part].mean(), abs=0.04)


# --- errors --------------------------------------------------------------------------------------


def test_missing_scores_are_counted_and_refused(make_log: MakeLog) -> None:
    log = make_log(confidence=[0.5, np.nan, np.nan])
    with pytest.raises(hs.LogError, match="column confidence: 2 of 3 decisions have no score"):
        from_log(log, Costs())


def test_a_log_of_gates_only_is_refused(make_log: MakeLog) -> None:
    with pytest.raises(hs.LogError, match="every decision of the log passes a gate"):
        from_log(make_log(confidence=[0.5], route=["gate"]), Costs())


def test_accounts_are_told_by_their_column_and_a_missing_one_stands_alone(
    make_log: MakeLog,
) -> None:
    names = ["a", "b", "a", None, None, "b"]
    told = from_log(make_log(confidence=[0.9] * 6, context_account_id=names), Costs()).cases
    assert told.account is not None
    first, second, third, fourth, fifth, sixth = told.account.tolist()
    assert (first, second) == (third, sixth)
    assert len({first, second, fourth, fifth}) == 4
    assert told.part(told.account == first).account is not None
    untold = from_log(make_log(confidence=[0.9] * 6, context_mood=names), Costs()).cases
    assert untold.account is None


def test_a_look_not_made_is_another_thing_than_an_outcome_to_come(make_log: MakeLog) -> None:
    day = pd.Timestamp("2026-09-03", tz="UTC")
    columns = {
        "confidence": [0.9] * 4, "inclusion": [0.5] * 4, "ok": [True, None, None, None],
        "look": ["audit", "audit", "audit", None], "looked_at": [day, None, day, None],
    }  # fmt: skip
    cases = from_log(make_log(**columns), Costs()).cases
    assert cases.unmade is not None
    assert cases.awaited is not None
    assert cases.unmade.tolist() == [False, True, False, False]
    assert cases.awaited.tolist() == [False, False, True, False]
    # a complaint that came before the look is no label, but no look that nobody made either
    complained = {**columns, "ok": [True, False, None, None],
                  "ok_source": ["audit", "complaint", None, None]}  # fmt: skip
    before = from_log(make_log(**complained), Costs()).cases
    assert before.awaited is not None
    assert before.awaited.tolist() == [False, True, True, False]
    # without the time of looks all of them may have been made
    del columns["looked_at"]
    untimed = from_log(make_log(**columns), Costs()).cases
    assert untimed.awaited is not None
    assert untimed.awaited.tolist() == [False, True, True, False]
    # marks beside few of the outcomes that chance picked tell nothing
    unmarked = {**columns, "ok": [True] * 4, "look": ["audit", None, None, None]}
    assert from_log(make_log(**unmarked), Costs()).cases.awaited is None
    assert from_log(make_log(confidence=[0.9]), Costs()).cases.awaited is None
