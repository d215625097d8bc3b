"""Hoarding and abdication: named only where a whole interval says so, and never from the truth."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.decisions.diagnosing.diagnosis import ABDICATION, HOARDING, Diagnosis, Found, diagnose
from hitlsim.decisions.diagnosing.reviewed import Costs, reviewed_by
from hitlsim.decisions.estimating.intervals import clopper_pearson, needed

MakeLog = Callable[..., hs.DecisionLog]
WithHabits = Callable[[str], hs.DecisionLog]


def status(found: Diagnosis, name: str, who: str = "all") -> Found:
    return next(f.status for f in found.findings if (f.name, f.who) == (name, who))


def words(found: Diagnosis, name: str, who: str = "all") -> str:
    return next(f.words for f in found.findings if (f.name, f.who) == (name, who))


def figure(found: Diagnosis, evidence: str, who: str = "all") -> pd.Series:
    f = found.frame
    return f[(f["evidence"] == evidence) & (f["who"] == who)].iloc[0]


def reviewed(
    make_log: MakeLog,
    *,
    auto: int = 0,
    approved: int = 0,
    changed: int = 0,
    route: str = "review",
    record: dict[str, Any] | None = None,
    **of_approved: Any,
) -> hs.DecisionLog:
    """What went alone, then what was approved, then what was changed; columns of the approved."""
    n = auto + approved + changed
    columns: dict[str, Any] = {
        "route": ["auto"] * auto + [route] * (approved + changed),
        "verdict": [None] * auto + ["approve"] * approved + ["edit"] * changed,
    }
    for name, values in of_approved.items():
        cells = np.full(n, None, object)
        cells[auto : auto + approved] = values
        columns[name] = cells if isinstance(values[0], str | None) else pd.to_numeric(cells)
    return make_log(record, **columns)


# --- known answers -------------------------------------------------------------------------------


def test_many_peeks_that_change_nothing_are_hoarding(make_log: MakeLog) -> None:
    found = diagnose(reviewed(make_log, auto=600, approved=380, changed=20, route="peek"))
    assert status(found, HOARDING) is Found.NAMED
    assert "40.0% (36.9-43.1) of what the AI may take alone" in words(found, HOARDING)
    assert "40.0% because somebody pulled it" in words(found, HOARDING)
    assert "5.0% (3.1-7.6) of that was changed" in words(found, HOARDING)
    assert figure(found, "peek_rate")["value"] == pytest.approx(0.4)


def test_many_looks_that_change_much_are_no_hoarding(make_log: MakeLog) -> None:
    found = diagnose(reviewed(make_log, auto=600, approved=200, changed=200, route="peek"))
    assert status(found, HOARDING) is Found.NOT


def test_exceptions_inside_the_band_are_no_hoarding_however_few_are_changed(
    make_log: MakeLog,
) -> None:
    found = diagnose(reviewed(make_log, auto=880, approved=118, changed=2))
    assert status(found, HOARDING) is Found.NOT
    assert any("less than 20%" in s for s in found.sentences())


def test_a_log_of_gates_only_leaves_nothing_to_hoard(make_log: MakeLog) -> None:
    found = diagnose(reviewed(make_log, approved=90, changed=5, route="gate"))
    assert status(found, HOARDING) is Found.NOT
    assert "passes gates" in words(found, HOARDING)


def test_approvals_faster_than_reading_are_abdication(make_log: MakeLog) -> None:
    # 5 s each, where nobody says how long the texts are: 15 s are taken for the least
    log = reviewed(make_log, auto=900, approved=95, changed=5, review_minutes=[5 / 60] * 95)
    found = diagnose(log)
    assert status(found, ABDICATION) is Found.NAMED
    assert "100.0% (96.2-100.0) of 95 approvals were faster than reading" in words(
        found, ABDICATION
    )
    assert "15 s" in figure(found, "fast_share")["means"]


def test_how_long_a_text_takes_to_read_is_its_workflows_own(make_log: MakeLog) -> None:
    minutes = [20 / 60] * 95
    log = reviewed(make_log, auto=900, approved=95, changed=5, review_minutes=minutes,
                   record={"reading_floor_seconds": {"mail": 25.0, "crm": 10.0}})  # fmt: skip
    log.frame["workflow"] = np.where(np.arange(len(log)) % 2, "mail", "crm")
    fast = figure(diagnose(log), "fast_share")
    assert (fast["value"], fast["n"]) == (pytest.approx(47 / 95), 95)
    assert "workflow's text" in fast["means"]


def test_a_redraft_does_not_make_an_approval_look_slow(make_log: MakeLog) -> None:
    log = reviewed(make_log, approved=2, changed=1, review_minutes=[0.05, 9.0])
    log.frame["redrafted"] = [False, True, False]
    assert figure(diagnose(log), "fast_share")["n"] == 1


def test_wrong_ones_found_by_second_looks_are_those_that_passed(make_log: MakeLog) -> None:
    # of 500 reviewed 100 were changed; of 200 approvals looked at again 100 were wrong, so of the
    # wrong ones .8 * .5 / (.8 * .5 + .2) = 2/3 passed
    again = ["approve"] * 100 + ["edit"] * 70 + ["reject"] * 30 + [None] * 200
    log = reviewed(make_log, auto=3500, approved=400, changed=100, look_verdict=again)
    found = diagnose(log)
    missed = figure(found, "missed")
    assert missed["value"] == pytest.approx(2 / 3)
    assert 0.5 < missed["low"] < 2 / 3 < missed["high"]
    assert status(found, ABDICATION) is Found.NAMED
    assert "going by second looks" in words(found, ABDICATION)


def test_approvals_that_hold_up_when_looked_at_again_clear_of_abdication(
    make_log: MakeLog,
) -> None:
    again = ["approve"] * 295 + ["edit"] * 5
    found = diagnose(reviewed(make_log, auto=900, approved=300, changed=100, look_verdict=again))
    assert status(found, ABDICATION) is Found.NOT


def test_complaints_expose_second_looks_that_find_nothing(make_log: MakeLog) -> None:
    # whoever waves through before waves through afterwards, too
    approved = 980
    log = reviewed(
        make_log, auto=9000, approved=approved, changed=20,
        look_verdict=["approve"] * 200 + [None] * (approved - 200),
        surfaced_by=[None] * (approved - 60) + ["complaint"] * 60,
    )  # fmt: skip
    found = diagnose(log)
    assert status(found, ABDICATION) is Found.NAMED
    assert figure(found, "missed_at_least")["value"] == pytest.approx(60 / 80)
    assert "Second looks are no safeguard here" in words(found, ABDICATION)


def test_without_second_looks_it_is_said_how_many_would_settle_it(make_log: MakeLog) -> None:
    log = reviewed(make_log, auto=900, approved=80, changed=20, review_minutes=[2.0] * 80)
    found = diagnose(log)
    assert status(found, ABDICATION) is Found.OPEN
    # half of the wrong ones pass where 20/80 of the approvals are wrong; seen from half of that
    (said,) = [s for s in found.sentences() if "abdication" in s]
    assert f"about {needed(0.125, 0.25)} second looks by somebody else" in said
    assert "nobody looked again" in words(found, ABDICATION)


def test_a_rate_on_the_line_is_not_enough_evidence(make_log: MakeLog) -> None:
    found = diagnose(reviewed(make_log, auto=79, approved=19, changed=2, route="peek"))
    assert status(found, HOARDING) is Found.OPEN
    (said,) = [s for s in found.sentences() if "hoarding" in s]
    assert "not clearly more or less than 20%" in said
    assert "decisions would settle it" in said


def test_changing_less_and_less_of_what_is_as_often_wrong_is_abdication(
    make_log: MakeLog,
) -> None:
    # 100 days: overrides fall from 30% to 6%, while audits find 10% wrong all along
    days, each = 100, 40
    day = np.repeat(np.arange(days), each)
    i = np.tile(np.arange(each), days)
    alone, late = i < 20, day >= days / 2
    changed = ~alone & (i - 20 < np.where(late, 1.2, 6))
    log = make_log(
        route=np.where(alone, "auto", "review"),
        decided_at=pd.Timestamp("2026-01-05", tz="UTC") + pd.to_timedelta(day, unit="D"),
        verdict=pd.Series(np.where(changed, "edit", "approve")).mask(alone),
        ok=pd.array(np.where(alone, i >= 2, True), "boolean"),
        ok_source=np.where(alone, "audit", "review"),
    )
    found = diagnose(log)
    assert figure(found, "override_trend")["value"] == pytest.approx(2 / 6)
    assert figure(found, "trend")["value"] == pytest.approx(2 / 6)
    assert status(found, ABDICATION) is Found.NAMED
    assert "people change less and less" in words(found, ABDICATION)

    # where errors became as much rarer, nothing is wrong with people
    better = log.frame.assign(ok=pd.array(np.where(alone & (i < np.where(late, 1, 3)), False, True),
                                          "boolean"))  # fmt: skip
    found = diagnose(hs.DecisionLog(better))
    assert figure(found, "trend")["value"] == pytest.approx(1, abs=0.01)
    assert status(found, ABDICATION) is not Found.NAMED


def outcomes(make_log: MakeLog, hits: int, misses: int, alarms: int, right: int) -> hs.DecisionLog:
    """A real log in which the outcome shows whether the verdict was right."""
    n = hits + misses + alarms + right
    changed = np.repeat([True, False, True, False], [hits, misses, alarms, right])
    return make_log(
        verdict=np.where(changed, "edit", "approve"),
        ok=np.repeat([False, True], [hits + misses, alarms + right]),
        ok_source=["outcome"] * n,
    )


def test_hits_and_false_alarms_give_the_criterion_and_the_ideal_one(make_log: MakeLog) -> None:
    # H .84, F .27: d' = .9945 + .6128, c = -.1908; at 20% errors and a miss ten times as costly
    # beta* = 4/10, so c* = ln(.4) / d'
    found = diagnose(outcomes(make_log, 8400, 1600, 10800, 29200))
    assert figure(found, "hit_rate")["value"] == pytest.approx(0.84)
    assert figure(found, "sensitivity")["value"] == pytest.approx(1.607, abs=2e-3)
    assert figure(found, "criterion")["value"] == pytest.approx(-0.191, abs=2e-3)
    ideal = math.log(0.4) / 1.607
    assert figure(found, "ideal_criterion")["value"] == pytest.approx(ideal, abs=2e-3)
    assert figure(found, "leaning")["value"] == pytest.approx(-0.191 - ideal, abs=3e-3)
    cheap = diagnose(outcomes(make_log, 8400, 1600, 10800, 29200), miss_cost=1, needless_cost=2)
    assert figure(cheap, "ideal_criterion")["value"] == pytest.approx(math.log(8) / 1.607, abs=3e-3)


def test_outcomes_that_prove_most_approvals_wrong_name_abdication(make_log: MakeLog) -> None:
    found = diagnose(outcomes(make_log, 20, 80, 5, 200))
    assert status(found, ABDICATION) is Found.NAMED
    assert "80.0% (70.8-87.3) passed, by their outcomes" in words(found, ABDICATION)
    assert status(diagnose(outcomes(make_log, 80, 20, 5, 200)), ABDICATION) is Found.NOT


# --- what a real log lacks -----------------------------------------------------------------------


def test_a_small_real_log_is_told_what_it_cannot_know(make_log: MakeLog) -> None:
    log = make_log(route=["auto"] * 6 + ["review"] * 4,
                   verdict=[None] * 6 + ["approve"] * 3 + ["edit"])  # fmt: skip
    found = diagnose(log)
    assert {f.status for f in found.findings} == {Found.OPEN}
    said = " ".join(found.sentences())
    assert "at the desk" in said
    assert "would settle it" in said
    assert "review_minutes" in words(found, ABDICATION)
    assert "Not enough evidence" in found._repr_html_()


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        ({"confidence": [0.9, 0.8]}, "column verdict"),
        ({"verdict": ["approve", "edit"]}, "column route"),
        ({"route": ["auto", "review"]}, "column verdict"),
    ],
)
def test_a_column_that_is_missing_is_named(
    make_log: MakeLog, columns: dict[str, list[object]], word: str
) -> None:
    assert word in " ".join(diagnose(make_log(**columns)).sentences())


def test_an_empty_log_is_no_error(make_log: MakeLog) -> None:
    found = diagnose(make_log(route=pd.Series([], dtype="str")))
    assert found.findings == ()
    assert found.frame.empty
    assert found.sentences() == ["Nobody is seen to have reviewed anything."]


def test_of_a_desk_that_people_share_nobody_is_called_a_hoarder(make_log: MakeLog) -> None:
    log = reviewed(make_log, auto=600, approved=380, changed=20, route="peek")
    one = pd.Series(np.where(np.arange(1000) % 2, "ana", "ben")).mask(np.arange(1000) < 600)
    log.frame["reviewer"] = one
    shared = diagnose(log, per="reviewer")
    assert {f.who for f in shared.findings} == {"ana", "ben"}
    assert status(shared, HOARDING, "ana") is Found.OPEN
    log.frame["reviewer"] = one.replace("ben", "ana")
    assert status(diagnose(log, per="reviewer"), HOARDING, "ana") is Found.NAMED


# --- simulated teams, whose habits are known -----------------------------------------------------


def test_people_who_wave_everything_through_are_found_out(with_habits: WithHabits) -> None:
    found = diagnose(with_habits("rubber-stamper"))
    desks = [f for f in found.findings if f.name == ABDICATION and f.verdicts >= 200]
    assert desks
    assert all(f.status is Found.NAMED for f in desks)
    assert not [f for f in found.named if f.name == HOARDING]


def test_people_who_pull_everything_to_their_desk_are_found_out(with_habits: WithHabits) -> None:
    log = with_habits("hoarder")
    found = diagnose(log)
    # those whose work may go alone at all
    desks = set(log.frame.loc[log.frame["exception"] & log.frame["escalated_at"].isna(), "pool"]
                .dropna())  # fmt: skip
    assert desks
    assert all(status(found, HOARDING, desk) is Found.NAMED for desk in desks)
    assert not [f for f in found.named if f.name == ABDICATION]


def test_people_who_always_see_the_same_are_neither(with_habits: WithHabits) -> None:
    assert diagnose(with_habits("steady")).named == ()


# --- properties ----------------------------------------------------------------------------------


@pytest.mark.parametrize("per", ["pool", "reviewer"])
def test_the_truth_that_only_a_simulation_knows_changes_nothing(
    reference_run: hs.Run, per: str
) -> None:
    log = reference_run.log
    blind = hs.DecisionLog(log.frame.loc[:, ~log.frame.columns.str.startswith("true_")], log.record)
    seen, unsighted = diagnose(log, per=per), diagnose(blind, per=per)
    assert seen.sentences() == unsighted.sentences()
    pd.testing.assert_frame_equal(seen.frame, unsighted.frame)


def test_pools_are_judged_without_naming_a_person(reference_run: hs.Run) -> None:
    said = " ".join(diagnose(reference_run.log).sentences())
    assert set(diagnose(reference_run.log).frame["who"]) <= set(reference_run.scenario.pools)
    for _, name, _ in reference_run.scenario.reviewers():
        assert name not in said.split()


def test_counts_agree_with_pandas(reference_run: hs.Run) -> None:
    f, found = reference_run.log.frame, diagnose(reference_run.log)
    for pool in reference_run.scenario.pools:
        mine = f[(f["pool"] == pool) & (f["verdict"] == "approve")]
        again = mine[mine["look_verdict"].notna()]
        told = figure(found, "fast_share", pool)
        floors = mine["workflow"].astype(str).map(reference_run.record["reading_floor_seconds"])
        one = ~mine["redrafted"]
        assert told["n"] == one.sum()
        assert told["value"] == pytest.approx((mine["review_minutes"] * 60 < floors)[one].mean())
        if len(again):
            wrong = figure(found, "second_look_wrong", pool)
            assert wrong["value"] == pytest.approx((again["look_verdict"] != "approve").mean())


def test_the_share_of_wrong_ones_passed_has_an_interval_that_covers(make_log: MakeLog) -> None:
    # 400 worlds; coverage .95 gives fewer than 365 of 400 with probability < .001
    rng, covered, o, m = np.random.default_rng(3), 0, 0.15, 0.12
    truth = (1 - o) * m / ((1 - o) * m + o)
    (mine,) = reviewed_by(reviewed(make_log, approved=1), "pool")
    for _ in range(400):
        counts = {"changed": rng.binomial(600, o), "reviewed": 600, "again": 150}
        counts["again_wrong"] = rng.binomial(150, m)
        e = replace(mine, reviews=mine.reviews.assign(**counts)).missed
        covered += e.low <= truth <= e.high
    assert covered >= 365


@given(p=st.floats(0, 1), line=st.floats(0.05, 0.95))
def test_as_many_observations_as_are_said_to_be_needed_do_settle_it(p: float, line: float) -> None:
    n = needed(p, line)
    if n < 1_000_000:
        e = clopper_pearson(p * n, n)
        assert not e.low <= line <= e.high


# --- errors --------------------------------------------------------------------------------------


def test_other_words_and_costs_that_make_no_sense_are_refused(make_log: MakeLog) -> None:
    log = make_log(route=["auto"])
    with pytest.raises(hs.LogError, match="per='person' must be 'pool' or 'reviewer'"):
        diagnose(log, per="person")
    with pytest.raises(hs.LogError, match="miss_cost=0 must be above 0"):
        diagnose(log, miss_cost=0)
    with pytest.raises(hs.LogError, match="needless_cost=inf must be above 0"):
        diagnose(log, needless_cost=math.inf)


def test_guessing_has_no_ideal_criterion(make_log: MakeLog) -> None:
    (mine,) = reviewed_by(outcomes(make_log, 50, 50, 50, 50), "pool")
    ideal, above = mine.leaning(Costs(needless=1, miss=10))
    assert not ideal.known
    assert not above.known
