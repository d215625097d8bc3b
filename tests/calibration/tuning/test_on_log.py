from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.costs import Costs
from hitlsim.calibration.tuning.proving.spending import Spending
from hitlsim.calibration.tuning.weighing.from_log import from_log
from hitlsim.calibration.tuning.weighing.grid import Shape
from tests.calibration.tuning.tuning_worlds import LogWorld, asked_of

MakeLog = Callable[..., hs.DecisionLog]
Rec = hs.Recommendation

EASY = LogWorld(np.array([5.0, 8.0]), np.array([0.8, 1.5]), np.array([0.8, 1.0]), audit=0.3)
WORSE = replace(EASY, hit=0.15, alarm=0.7, audit=0.5)
"""Reviewers who miss most errors and override most right proposals."""
TWO_ANSWERS = {"override_spoils": 1.0}
"""Whoever overrides a right answer gives the wrong one."""


def log_of(world: LogWorld, n: int = 5000, seed: int = 1) -> hs.DecisionLog:
    return world.log(np.random.default_rng(seed), n)


@pytest.fixture(scope="module")
def easy() -> hs.DecisionLog:
    return log_of(EASY)


@pytest.fixture(scope="module")
def easy_rec(easy: hs.DecisionLog) -> Rec:
    return hs.tune(easy)


# --- people who do harm --------------------------------------------------------------------------


def test_where_reviews_do_harm_as_few_are_asked_about_as_may_be_and_it_says_why() -> None:
    rec = hs.tune(log_of(WORSE), costs=TWO_ANSWERS)
    assert rec.wanted_rate < 0.005
    # the band is kept, at the low end of what is likely to hold
    assert rec.status == "recommended"
    assert 0.10 <= rec.rate.value < 0.115
    (worst,) = [m for m in rec.met if m.limit.figure == "exception_rate"]
    assert worst.binds
    assert worst.price < 0
    said = " ".join(rec.why())
    assert "Reviews do harm here: of 1,000 looks" in said
    assert "escalate as little as you may" in said
    assert "Fewer looks would pay" in said


def test_where_reviews_do_harm_and_nothing_asks_for_them_there_are_none() -> None:
    rec = hs.tune(log_of(WORSE), exception_rate=None, hours_per_week=1000, costs=TWO_ANSWERS)
    assert rec.rate.value < 0.005
    assert rec.status == "recommended"
    assert rec.saving.low > 0
    assert rec.figures["cost_per_1000"].value < rec.usual["cost_per_1000"].value


def test_of_mediocre_people_only_the_worst_scores_are_worth_a_look() -> None:
    # right ones are spoilt by a tenth of the looks: worth it only where an error is likely
    mediocre = replace(EASY, hit=0.6, alarm=0.15, audit=0.5)
    costs = {**TWO_ANSWERS, "harm": 30, "harm_deal_share": 0, "hour": 20}
    rec = hs.tune(log_of(mediocre), exception_rate=None, hours_per_week=1000, costs=costs)
    assert 0.02 < rec.wanted_rate < 0.5
    cases = from_log(log_of(mediocre), Costs.model_validate(costs)).cases
    asked = rec.policy.asks(cases)
    for flow in range(2):
        here = cases.flow == flow
        assert cases.score[here & asked].max() <= cases.score[here & ~asked].min()
        # a look pays where p hit > (1 - p) alarm + its cost
        at = 0.15 / (0.6 + 0.15)
        edge = cases.p_bad[here & asked].min()
        assert edge == pytest.approx(at, abs=0.07)
    assert "Reviews do harm" not in " ".join(rec.why())


def test_looks_that_only_cost_too_much_are_not_said_to_do_harm(easy: hs.DecisionLog) -> None:
    rec = hs.tune(easy, costs={"harm": 0.01, "harm_deal_share": 0, "hour": 90})
    assert rec.wanted_rate < 0.005
    said = " ".join(rec.why())
    assert "Reviews do harm" not in said
    assert "Looks cost more than the harm they prevent" in said


# --- figures -------------------------------------------------------------------------------------


def test_the_rate_is_that_of_the_rules_on_the_log(easy: hs.DecisionLog, easy_rec: Rec) -> None:
    assert asked_of(easy_rec.policy, easy).mean() == easy_rec.rate.value
    routed = hs.rerouted(easy, boundary=easy_rec.boundary).frame
    assert routed["exception"].mean() == easy_rec.rate.value
    assert easy_rec.status == "recommended"


def test_finer_rules_never_cost_more_than_simpler_ones(easy_rec: Rec) -> None:
    ladder = easy_rec.ladder.set_index("rules")
    costs = ladder.loc[[str(s) for s in Shape], "cost_per_1000"].to_numpy()
    assert costs[0] >= costs[1] >= costs[2]
    assert ladder.loc["each decision by itself", "cost_per_1000"] <= costs[2] * 1.001
    assert ladder["recommended"].sum() == 1


def test_the_truth_of_a_simulation_changes_no_rule(easy: hs.DecisionLog, easy_rec: Rec) -> None:
    blind = hs.tune(hs.DecisionLog(easy.frame.drop(columns="true_ok"), easy.record))
    assert blind.policy == easy_rec.policy
    assert "true_fn_share" in easy_rec.figures
    assert "true_fn_share" not in blind.figures


def test_the_order_of_rows_changes_no_rule(easy: hs.DecisionLog, easy_rec: Rec) -> None:
    shuffled = easy.frame.sample(frac=1, random_state=3)
    rec = hs.tune(hs.DecisionLog(shuffled, easy.record))
    for flow, rule in rec.policy.rules.items():
        assert rule.auto == pytest.approx(easy_rec.policy.rules[flow].auto, abs=1e-3)
    assert rec.rate.value == easy_rec.rate.value


def test_a_saving_is_that_of_the_same_decisions(easy_rec: Rec) -> None:
    today, then = (f["cost_per_1000"].value for f in (easy_rec.today, easy_rec.figures))
    assert easy_rec.saving.value == pytest.approx(today - then)


def test_one_band_for_all_is_one_threshold(easy: hs.DecisionLog) -> None:
    rec = hs.tune(easy, rules="one")
    assert len({r.auto for r in rec.policy.rules.values()}) == 1
    assert rec.auto > 0
    assert rec.status == "recommended"


def test_scores_tied_to_a_few_still_get_rules_under_a_guarantee(easy: hs.DecisionLog) -> None:
    # most rules tried are twins of each other
    frame = easy.frame.assign(confidence=(easy.frame["confidence"] * 8).round() / 8)
    rec = hs.tune(hs.DecisionLog(frame, easy.record), exception_rate=(0.05, 0.35), fn_share=0.2)
    assert rec.guarantee is not None
    assert rec.guarantee.holds
    assert 0.05 <= rec.rate.value <= 0.35


def test_what_is_tuned_under_a_guarantee_never_saw_the_labels_it_is_tested_on(
    easy: hs.DecisionLog,
) -> None:
    rec = hs.tune(easy, fn_share=0.2)
    later = easy.frame["decided_at"] >= easy.frame["decided_at"].quantile(0.65)
    turned = easy.frame.copy()
    turned.loc[later, "ok"] = ~turned.loc[later, "ok"]
    turned.loc[later & (turned["verdict"] == "reject"), "verdict"] = "approve"
    other = hs.tune(hs.DecisionLog(turned, easy.record), fn_share=0.2)
    assert other.guarantee is not None
    assert rec.guarantee is not None
    assert other.guarantee.rates == rec.guarantee.rates
    assert not other.guarantee.holds


def test_a_workflow_that_came_later_keeps_its_rules_and_teaches_nothing_before(
    easy: hs.DecisionLog,
) -> None:
    frame = easy.frame.copy()
    last = frame["decided_at"] > frame["decided_at"].quantile(0.8)
    frame.loc[last & (np.arange(len(frame)) % 3 == 0), "workflow"] = "new"
    rec = hs.tune(hs.DecisionLog(frame, easy.record), fn_share=0.2)
    assert rec.policy.rules["new"].auto == rec.present.bands_of("new").auto
    assert rec.guarantee is not None


def test_what_gives_way_to_a_guarantee_still_says_where_looks_stop_to_pay(
    easy: hs.DecisionLog,
) -> None:
    free = hs.tune(easy, fn_share=0.9, exception_rate=(0.05, 0.4))
    limit = free.figures["true_fn_share"].value * 1.12
    rec = hs.tune(easy, fn_share=float(limit), exception_rate=(0.05, 0.4))
    assert rec.guarantee is not None
    if rec.guarantee.chosen != rec.guarantee.wanted:
        assert rec.wanted_rate == pytest.approx(free.wanted_rate, abs=0.05)


# --- each trouble its own message ----------------------------------------------------------------


def _scores(n: int = 2000) -> np.ndarray:
    return np.random.default_rng(1).random(n)


def _triggered(make: MakeLog) -> hs.DecisionLog:
    return make(confidence=_scores(100), route=["review"] * 40 + ["auto"] * 60,
                reasons=["ethical"] * 40 + [""] * 60)  # fmt: skip


TROUBLES: dict[str, tuple[Callable[[MakeLog], hs.DecisionLog], dict[str, Any], str, str]] = {
    "triggers above the band": (_triggered, {}, "infeasible", "'ethical' sends"),
    "silent errors too many": (
        lambda _: log_of(EASY), {"fn_share": 0.02}, "infeasible",
        "the share of decisions that are silent errors would be .* instead of 2%",
    ),
    "hours too few": (
        lambda _: log_of(EASY), {"hours_per_week": 0.01}, "infeasible",
        "hours a week would be .* hours instead of",
    ),
    "cost too low": (
        lambda _: log_of(EASY), {"cost_per_1000": 1.0}, "infeasible",
        "the cost of 1,000 decisions would be",
    ),
    "ties": (
        lambda make: make(confidence=[0.5] * 45 + [0.9] * 240 + [0.95] * 715), {}, "unattainable",
        "scores are tied, and the rates to be had around it are",
    ),
    "constant scores": (
        lambda make: make(confidence=[0.9] * 500), {}, "unattainable",
        "Every score is 0.9: no threshold tells decisions apart",
    ),
    "too few decisions": (
        lambda make: make(confidence=_scores(60)), {"next_month": 2000}, "not enough evidence",
        "About .* decisions would do; the log has 60",
    ),
    "too small a month": (
        lambda make: make(confidence=_scores(5000)), {"next_month": 100}, "not enough evidence",
        "no log can promise so small a month",
    ),
    "no labels": (
        lambda make: make(confidence=_scores()), {}, "recommended",
        "Silent errors there: not enough evidence, no outcome was seen",
    ),
    "no labels for a guarantee": (
        lambda make: make(confidence=_scores()), {"fn_share": 0.05}, "not enough evidence",
        "Not enough evidence to promise .*silent errors",
    ),
    "one workflow": (
        lambda make: make(confidence=_scores()), {}, "recommended", "There is one workflow only",
    ),
    "threshold outside the scores": (
        lambda make: make(confidence=0.95 + 0.04 * _scores(), route=["auto"] * 2000), {},
        "recommended", "today's threshold .* lies below every score",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TROUBLES)
def test_each_trouble_has_its_own_status_and_words(make_log: MakeLog, name: str) -> None:
    make, goals, status, said = TROUBLES[name]
    rec = hs.tune(make(make_log), **goals)
    assert rec.status == status
    assert pd.Series(rec.why()).str.contains(said).any(), rec.why()


@pytest.mark.parametrize(
    ("columns", "goals", "said"),
    [
        ({"confidence": [0.5, np.nan]}, {}, "1 of 2 decisions have no score"),
        ({"confidence": [0.5], "route": ["gate"]}, {}, "every decision of the log passes a gate"),
        ({"confidence": [0.5]}, {"exception_rate": None}, "no target is given"),
        ({"confidence": [0.5]}, {"exception_rate": (0.2, 0.1)}, "is no band"),
        ({"confidence": [0.5]}, {"fn_share": 0.1, "fn_of_bad": 0.1}, "are both given"),
        ({"confidence": [0.5]}, {"within_24h": 0.8}, "takes a simulated desk"),
        ({"confidence": [0.5]}, {"utilisation": 0.8}, "takes a simulated desk"),
        ({"confidence": [0.5]}, {"costs": {"harm": -1}}, "costs: harm"),
        ({"confidence": [0.5]}, {"costs": {"workflows": {"x": {}}}}, "'x' is no workflow"),
        ({"confidence": [0.5]}, {"fn_share": 0.1}, "all decisions are of one day"),
        ({"confidence": [0.5]}, {"rules": "many"}, "rules 'many' must be one of"),
    ],
)
def test_what_cannot_be_tuned_is_refused_with_its_own_message(
    make_log: MakeLog, columns: dict[str, Any], goals: dict[str, Any], said: str
) -> None:
    with pytest.raises(ValueError, match=said):
        hs.tune(make_log(**columns), **goals)


def test_missing_labels_never_count_as_ok_in_a_certificate() -> None:
    from hitlsim.calibration.tuning.proving.certificate import certify

    with pytest.raises(hs.LogError, match="1 of 2 labels are missing"):
        certify(np.ones((2, 1), bool), [1.0, np.nan], at_most=0.05)


# --- what a guarantee rests on -------------------------------------------------------------------


def test_where_nobody_looks_at_what_goes_alone_nothing_is_guaranteed_and_it_says_so() -> None:
    """People see big deals, of which 1% are bad; of the small ones, which go alone, 8% are."""
    rng, n = np.random.default_rng(3), 2000
    world = replace(EASY, sure=EASY.sure[:1], intercept=EASY.intercept[:1], slope=EASY.slope[:1])
    frame = world.log(rng, n).frame.drop(columns=["true_ok", "inclusion"])
    asked = np.asarray(frame["deal_size"] > frame["deal_size"].quantile(0.6))
    bad = rng.random(n) < np.where(asked, 0.01, 0.08)
    frame = frame.assign(
        route=np.where(asked, "review", "auto"), exception=asked,
        reasons=np.where(asked, "deal_size", ""),
        ok=pd.Series(~bad).astype("boolean").where(asked),
        reviewer=pd.Series("r1", frame.index).where(asked),
        ok_source=pd.Series("review", frame.index).where(asked),
        verdict=pd.Series(np.where(bad, "reject", "approve")).where(asked),
    )  # fmt: skip
    rec = hs.tune(hs.DecisionLog(frame, {}), fn_share=0.03)
    assert rec.status == "not enough evidence"
    assert rec.guarantee is not None
    assert not rec.guarantee.holds
    said = " ".join(rec.why())
    assert "Nothing can be guaranteed: what went alone was not looked at by chance" in said
    assert "Of what went alone only what people happened to see is known" in said


def test_what_chance_picked_is_not_said_to_be_what_people_happened_to_see(easy_rec: Rec) -> None:
    assert "happened to see" not in " ".join(easy_rec.why())


def test_a_plan_of_retunes_decides_with_what_confidence_is_tested_and_audited(
    easy: hs.DecisionLog,
) -> None:
    plan = Spending(retunes=12)
    rec = hs.tune(easy, fn_share=0.2, spending=plan, rules="one")
    alone = hs.tune(easy, fn_share=0.2, rules="one")
    assert rec.audit is not None
    assert alone.audit is not None
    assert rec.audit.held_out > 1.3 * alone.audit.held_out
    assert "with 99.17% confidence" in rec.audit.words()
    assert rec.guarantee is not None
    assert rec.guarantee.certificate is not None
    with pytest.raises(hs.LogError, match="contradict each other"):
        hs.tune(easy, fn_share=0.2, confidence=0.95, spending=plan)
    spent = Spending(retunes=1).spend(
        replace(rec.guarantee.certificate, confidence=0.9), on=date(2026, 7, 1), of="June"
    )
    with pytest.raises(hs.NotEnoughEvidence, match=r"is spent: .* Start a new period"):
        hs.tune(easy, fn_share=0.2, spending=spent)


def _with_accounts(log: hs.DecisionLog) -> hs.DecisionLog:
    """Five decisions an account, all of them right or all of them wrong."""
    frame = log.frame
    number = frame.groupby("true_ok").cumcount() // 5
    account = np.where(frame["true_ok"], "good ", "bad ") + number.astype(str)
    return hs.DecisionLog(frame.assign(context_account_id=account), log.record)


def test_decisions_of_one_account_count_as_fewer_in_a_guarantee(easy: hs.DecisionLog) -> None:
    told, blind = (hs.tune(log, fn_share=0.13, rules="one") for log in (_with_accounts(easy), easy))
    assert told.guarantee is not None
    assert blind.guarantee is not None
    assert told.guarantee.alike > 1.3
    assert blind.guarantee.alike == 1.0
    assert told.guarantee.certificate is not None
    assert blind.guarantee.certificate is not None
    # who goes alone is the same; what it shows is less
    assert told.guarantee.rates == blind.guarantee.rates
    more = np.array(told.guarantee.certificate.p_values) - blind.guarantee.certificate.p_values
    assert (more >= -1e-12).all()
    assert more.max() > 0
    assert "Decisions of one account come out alike" in " ".join(told.why())


def test_simpler_rules_beside_guaranteed_ones_are_fixed_on_the_same_days(
    easy: hs.DecisionLog,
) -> None:
    rec = hs.tune(easy, fn_share=0.2)
    later = easy.frame["decided_at"] >= easy.frame["decided_at"].quantile(0.65)
    turned = easy.frame.copy()
    turned.loc[later, "ok"] = ~turned.loc[later, "ok"]
    other = hs.tune(hs.DecisionLog(turned, easy.record), fn_share=0.2)
    # only the last row, each decision by itself, may know all days
    rates, others = (r.ladder["exception_rate"].tolist()[:-1] for r in (rec, other))
    assert rates == others
    assert rec.ladder["cost_per_1000"].tolist() != other.ladder["cost_per_1000"].tolist()


def test_rules_fixed_where_nothing_was_valued_are_one_threshold_and_said_to_be(
    easy: hs.DecisionLog,
) -> None:
    frame = easy.frame.copy()
    early = frame["decided_at"] < frame["decided_at"].quantile(0.7)
    frame.loc[early, ["ok", "ok_source", "verdict", "reviewer"]] = None
    rec = hs.tune(hs.DecisionLog(frame, easy.record), fn_share=0.2)
    assert rec.shape is Shape.ONE_BAND
    assert len({rule.auto for rule in rec.policy.rules.values()}) == 1
    assert rec.ladder.empty
    assert set(rec.attainable["workflow"]) == {"all"}


# --- logs that show no week twice ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("days", "status"),
    [(1, "not enough evidence"), (13, "not enough evidence"), (14, "recommended")],
)
def test_a_log_that_shows_no_week_twice_promises_nothing_of_the_next_month(
    easy: hs.DecisionLog, days: int, status: str
) -> None:
    start = easy.frame["decided_at"].min().normalize()
    at = start + pd.to_timedelta(np.arange(5000) * days // 5000, unit="D")
    rec = hs.tune(hs.DecisionLog(easy.frame.assign(decided_at=at), easy.record), next_month=5000)
    assert rec.status == status
    said = " ".join(rec.why())
    assert ("14 days at least would do" in said) == (days < 14)
    assert "About None" not in said


def test_a_short_log_may_advise_where_no_rate_is_asked_for(easy: hs.DecisionLog) -> None:
    at = easy.frame["decided_at"].dt.normalize().min()
    log = hs.DecisionLog(easy.frame.assign(decided_at=at), easy.record)
    rec = hs.tune(log, exception_rate=None, hours_per_week=1000)
    assert rec.status == "recommended"
    assert "would do" not in " ".join(rec.why())
