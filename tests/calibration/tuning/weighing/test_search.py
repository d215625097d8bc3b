from __future__ import annotations

import math
import time
from dataclasses import replace

import numpy as np
import pytest

from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.on_log import targets_met
from hitlsim.calibration.tuning.weighing.cases import Cases
from hitlsim.calibration.tuning.weighing.grid import Shape
from hitlsim.calibration.tuning.weighing.holding import Band
from hitlsim.calibration.tuning.weighing.outlook import cost_of, outlook, overrides, silent_share
from hitlsim.calibration.tuning.weighing.search import (
    Found,
    Searching,
    aims,
    cost_per_1000,
    hours_of,
)
from tests.calibration.tuning.tuning_worlds import (
    Tried,
    cases_of,
    everything,
    keep_none,
    keeping,
    kept_by,
    looks_of,
    small_cases,
)

MANY = 100_000
"""Decisions a month: chance alone moves the rate by little."""


def searching(cases: Cases, goals: Goals, shape: Shape = Shape.TRIGGERS) -> Searching:
    return Searching(cases, goals, Band(*goals.band, MANY), keep_none(cases), shape)


def tried(cases: Cases) -> Tried:
    grid = searching(cases, Goals(exception_rate=None, hours_per_week=1e6)).grid
    return everything(cases, grid)


# --- against brute force -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["band", "fn_share", "fn_of_auto", "hours", "fn_share and hours"])
def test_rules_found_are_within_5_percent_of_the_best_there_are(kind: str) -> None:
    """21 small worlds of each kind: 1-3 workflows, 3-8 levels; every policy is tried.

    Seen over 500 such worlds: the best itself but for .2%, and no target missed that some policy
    keeps.
    """
    rng = np.random.default_rng(5)
    ratios: list[float] = []
    while len(ratios) < 21:
        cases = small_cases(
            rng, n=int(rng.integers(40, 400)), flows=int(rng.integers(1, 4)),
            levels=int(rng.integers(3, 9)), signals=int(rng.integers(0, 2)),
        )  # fmt: skip
        every = tried(cases)
        goals = _targets(rng, cases, every, kind)
        if goals is None:
            continue
        search = searching(cases, goals)
        best = _best(search, every)
        if math.isnan(best):
            continue
        found = search.found()
        assert kept_by(found.asks, cases, goals)
        assert not found.out_of_reach
        ratios.append(float(cost_of(cases, found.asks).sum()) / best)
    assert max(ratios) < 1.05
    assert np.mean(ratios) < 1.002


def _targets(rng: np.random.Generator, cases: Cases, every: Tried, kind: str) -> Goals | None:
    """Targets that bind, as some policy inside a band just keeps them."""
    low = float(rng.uniform(0.05, 0.5))
    band = (low, low + float(rng.uniform(0.05, 0.3)))
    inside = keeping(every, cases, Goals(exception_rate=band))
    if not inside.any():
        return None

    def some(values: np.ndarray) -> float:
        return float(np.clip(np.quantile(values[inside], rng.uniform(0.02, 0.5)), 1e-3, 0.99))

    n, asked = len(cases), every.asked
    goals = Goals(
        exception_rate=band,
        fn_share=some(every.silent / n) if "fn_share" in kind else None,
        fn_of_auto=some(every.silent / np.maximum(n - asked, 1)) if "auto" in kind else None,
    )
    if "hours" in kind:
        inside = keeping(every, cases, goals)
        goals = goals.model_copy(update={"hours_per_week": some(every.hours)})
    return goals


def _best(search: Searching, every: Tried) -> float:
    """The least cost of all that keep the targets, at the rates likeliest to hold."""
    n = len(search.cases)
    fine = keeping(every, search.cases, search.goals)
    if not fine.any():
        return math.nan
    rate = every.asked / n
    away = np.maximum(0, search.least - rate - 1e-9) + np.maximum(0, rate - search.most - 1e-9)
    return float(every.cost[fine & (away <= away[fine].min() + 1e-12)].min())


def test_the_rate_said_to_be_needed_is_the_least_that_keeps_the_target() -> None:
    rng = np.random.default_rng(11)
    checked = 0
    for _ in range(40):
        cases = small_cases(rng, n=150, flows=int(rng.integers(1, 3)), levels=6)
        every = tried(cases)
        goals = Goals(exception_rate=(0.05, 0.15), fn_share=0.3 * float(cases.p_bad.mean()))
        found = searching(cases, goals).found()
        fine = keeping(every, cases, goals.model_copy(update={"exception_rate": None}))
        if keeping(every, cases, goals).any() or not fine.any():
            continue
        least = every.asked[fine].min() / len(cases)
        # one decision of 150 is .7 points
        assert found.out_of_reach["fn_share"] == pytest.approx(least, abs=0.02)
        assert found.out_of_reach["fn_share"] >= least - 1e-9
        checked += 1
    assert checked >= 20


def test_the_least_hours_are_said_where_fewer_are_asked_for_than_the_band_takes() -> None:
    rng = np.random.default_rng(12)
    for _ in range(15):
        cases = small_cases(rng, n=150, flows=2, levels=6)
        every, band = tried(cases), Goals(exception_rate=(0.30, 0.40))
        inside = keeping(every, cases, band)
        if not inside.any():
            continue
        least = float(every.hours[inside].min())
        found = searching(cases, band.model_copy(update={"hours_per_week": 0.5 * least})).found()
        assert found.out_of_reach["hours_per_week"] == pytest.approx(least, rel=0.02)


# --- targets ------------------------------------------------------------------------------------


def plenty(seed: int = 3, n: int = 4000, flows: int = 3) -> Cases:
    """Fine scores, many decisions."""
    rng = np.random.default_rng(seed)
    flow, score = rng.integers(0, flows, n), rng.beta(6, 1.5, n)
    p = 1 / (1 + np.exp(0.5 + 0.3 * flow + 0.8 * np.log(score / (1 - score))))
    deal = rng.lognormal(9.5, 1.2, n)
    return cases_of(score, p, flow=flow, deal_size=deal, harm=20 + 0.002 * deal,
                    looks=looks_of(flows, minutes=np.arange(1.0, flows + 1)))  # fmt: skip


@pytest.mark.parametrize("rate", [0.03, 0.126, 0.4, 0.9])
def test_with_fine_scores_a_rate_is_met_to_the_decision(rate: float) -> None:
    cases = plenty()
    found = searching(cases, Goals()).at(rate)
    assert found.asks.sum() == round(rate * len(cases))


def test_the_price_of_an_error_rises_as_the_limit_falls_and_is_nothing_where_it_is_kept() -> None:
    cases = plenty()
    wide = Goals(exception_rate=None, fn_share=0.99)
    there = silent_share(cases, searching(cases, wide).found().asks, "fn_share")
    goals = [wide.model_copy(update={"fn_share": f * there}) for f in (1.01, 0.95, 0.7, 0.4)]
    free, *prices = [searching(cases, g).found().prices.error for g in goals]
    assert free == 0
    assert 0 < prices[0] < prices[1] < prices[2]


def test_a_limit_on_errors_asks_about_the_likely_ones_even_where_people_do_harm() -> None:
    # looks at w0 catch much, at w1 little and spoil more: a silent error is one nobody was asked
    # about, whatever they would have said
    rng = np.random.default_rng(4)
    score, flow = rng.beta(5, 2, 3000), np.arange(3000) % 2
    p = np.clip(1.1 - score, 0.01, 0.99)
    looks = looks_of(2, catches=np.array([0.9, 0.2]), spoils=np.array([0.0, 0.4]))
    cases = cases_of(score, p, flow=flow, looks=looks)
    everyone = float(p.mean())
    found = searching(cases, Goals(exception_rate=(0.1, 0.4), fn_share=0.65 * everyone)).found()
    assert silent_share(cases, found.asks, "fn_share") <= 0.65 * everyone + 1e-9
    assert not found.out_of_reach


def test_a_floor_on_overrides_asks_about_fewer_and_worse() -> None:
    cases = plenty()
    goals = Goals(exception_rate=(0.10, 0.40))
    free = searching(cases, goals).found()
    floor = overrides(cases, free.asks).value * 1.1
    found = searching(cases, goals.model_copy(update={"override_rate": floor})).found()
    assert overrides(cases, found.asks).value >= floor
    assert found.rate < free.rate
    none = searching(cases, goals.model_copy(update={"override_rate": 0.95})).found()
    assert "override_rate" in none.out_of_reach


def test_hours_go_where_a_minute_brings_most() -> None:
    cases = plenty()
    goals = Goals(exception_rate=(0.10, 0.30))
    free = searching(cases, goals).found()
    most = 0.8 * hours_of(cases, free.asks)
    found = searching(cases, goals.model_copy(update={"hours_per_week": most})).found()
    assert hours_of(cases, found.asks) <= most + 1e-9
    assert found.prices.minute > 0
    share = [np.mean(cases.flow[f.asks] == 2) for f in (free, found)]
    assert share[1] < share[0]


def test_value_alone_decides_where_there_is_no_band() -> None:
    cases = plenty()
    found = searching(cases, Goals(exception_rate=None, hours_per_week=1e6)).found()
    assert found.rate == pytest.approx(found.wanted_rate, abs=1e-9)
    assert found.prices == (0, 0, 0)


@pytest.mark.parametrize(("flows", "shape"), [(3, Shape.TRIGGERS), (3, Shape.BANDS)])
def test_where_nothing_tells_what_is_wrong_no_workflow_stands_in_for_another(
    flows: int, shape: Shape
) -> None:
    cases = plenty(flows=flows)
    cases = replace(cases, p_bad=np.full(len(cases), math.nan))
    search = searching(cases, Goals(), shape)
    found = search.found()
    assert search.shape is Shape.ONE_BAND
    assert len({rule.auto for rule in found.policy.rules.values()}) == 1
    assert found.rate == pytest.approx(0.125, abs=1 / len(cases))
    assert math.isnan(found.wanted_rate)


def test_aims_are_rates_that_hold_nearly_as_likely_as_the_likeliest() -> None:
    low, high = aims(Band(0.10, 0.15, 2000), 5000)
    assert 0.10 < low < 0.125 < high < 0.15
    wide = aims(Band(0.10, 0.15, 10**6), 10**6)
    assert wide[0] < low
    assert wide[1] > high
    assert aims(Band(0.0, 1.0, 100), 100) == (0.0, 1.0)
    assert aims(Band(0.10, 0.15, 10), 0) == (0.125, 0.125)
    # from nothing on: nobody need be asked
    assert aims(Band(0.0, 0.15, 2000), 5000)[0] == 0.0


def test_simpler_shapes_never_cost_less() -> None:
    cases = plenty()
    # more to choose from, but for what each condition must bring
    costs = []
    for shape in (Shape.ONE_BAND, Shape.BANDS, Shape.TRIGGERS):
        found: Found = searching(cases, Goals(), shape).at(0.12)
        costs.append(float(cost_of(cases, found.asks).sum()))
    assert costs[0] >= costs[1] >= costs[2]


def test_the_same_search_twice_finds_the_same() -> None:
    a, b = (searching(plenty(), Goals(fn_share=0.07)).found() for _ in range(2))
    assert a.policy == b.policy
    assert a.prices == b.prices


# --- cost, hours without values, ties ------------------------------------------------------------


def likely(cases: Cases, goals: Goals, month: int = 1000) -> Searching:
    """As chance moves a rate, only the middle of the band is aimed at."""
    return Searching(cases, goals, Band(*goals.band, month), keep_none(cases), Shape.TRIGGERS)


def test_a_limit_on_cost_is_looked_for_in_the_whole_band() -> None:
    # more looks pay: near the upper end of the band rules cost less than where they surely hold
    cases = plenty()
    free = likely(cases, Goals()).found()
    ends = [likely(cases, Goals()).at(rate) for rate in (free.rate, 0.1495)]
    costs = [cost_per_1000(cases, found.asks) for found in ends]
    assert free.rate < 0.145
    assert costs[1] < costs[0]
    most = 0.2 * costs[0] + 0.8 * costs[1]
    found = likely(cases, Goals(cost_per_1000=most)).found()
    assert cost_per_1000(cases, found.asks) <= most + 1e-6
    assert 0.10 <= found.rate <= 0.15
    assert not found.out_of_reach


def test_a_cost_that_other_targets_stop_is_said_to_be_had_without_them_and_where() -> None:
    cases = plenty()
    free = likely(cases, Goals()).found()
    most = cost_per_1000(cases, free.asks) * 1.0001
    hours = 0.6 * hours_of(cases, free.asks)
    found = likely(cases, Goals(cost_per_1000=most, hours_per_week=hours)).found()
    assert cost_per_1000(cases, found.asks) > most
    could = found.out_of_reach["cost_per_1000"]
    assert cost_per_1000(cases, likely(cases, Goals()).at(could).asks) <= most * 1.001
    assert 0.10 <= could <= 0.15
    none = likely(cases, Goals(cost_per_1000=0.1 * most)).found()
    assert math.isnan(none.out_of_reach["cost_per_1000"])


def test_where_a_cost_cannot_be_had_the_rules_are_the_cheapest_inside_the_band() -> None:
    rng = np.random.default_rng(21)
    checked = 0
    for _ in range(12):
        cases = small_cases(rng, n=150, flows=2, levels=6)
        every, goals = tried(cases), Goals(exception_rate=(0.20, 0.40), cost_per_1000=1e-3)
        inside = keeping(every, cases, Goals(exception_rate=(0.20, 0.40)))
        if not inside.any():
            continue
        least = 1000 * float(every.cost[inside].min()) / len(cases)
        found = searching(cases, goals).found()
        assert cost_per_1000(cases, found.asks) == pytest.approx(least, rel=0.002)
        checked += 1
    assert checked >= 8


@pytest.mark.parametrize("part", [0.2, 1e-3, 1e-9])
def test_however_few_the_hours_the_band_is_not_left_for_them(part: float) -> None:
    cases = plenty()
    free = searching(cases, Goals()).found()
    goals = Goals(hours_per_week=part * hours_of(cases, free.asks))
    found = searching(cases, goals).found()
    assert 0.10 <= found.rate <= 0.15
    assert "hours_per_week" in found.out_of_reach


def test_hours_lower_the_rate_where_nothing_tells_what_is_wrong() -> None:
    cases = plenty()
    cases = replace(cases, p_bad=np.full(len(cases), math.nan))
    free = searching(cases, Goals()).found()
    most = 0.9 * hours_of(cases, free.asks)
    found = searching(cases, Goals(hours_per_week=most)).found()
    assert hours_of(cases, found.asks) <= most
    assert 0.10 <= found.rate < free.rate
    assert not found.out_of_reach
    # no more is given up than has to be: one exception more takes too long
    more = searching(cases, Goals()).at(found.rate + 1 / len(cases))
    assert hours_of(cases, more.asks) > most
    none = searching(cases, Goals(hours_per_week=0.2 * most)).found()
    assert none.rate == pytest.approx(0.10, abs=1e-9)
    assert none.out_of_reach == {"hours_per_week": hours_of(cases, none.asks)}


def test_scores_are_tied_only_where_one_holds_more_than_the_band_has_room_for() -> None:
    rng = np.random.default_rng(2)
    score = rng.random(1000)
    p = np.clip(1 - score, 0.01, 0.99)
    band = {"exception_rate": (0.10, 0.15)}
    # 51 counts lie inside
    for alike, tied in ((51, False), (52, True)):
        coarse = np.where(np.arange(1000) < alike, 0.5, score)
        assert searching(cases_of(coarse, p), Goals(**band)).found().tied is tied
        unvalued = cases_of(coarse, np.full(1000, math.nan))
        assert searching(unvalued, Goals(**band)).found().tied is tied
    # of 3 decisions no whole number is 10-15%: too few, and not tied
    assert not searching(cases_of([0.2, 0.2, 0.2], [0.1] * 3), Goals()).found().tied


def test_many_workflows_take_little_longer_than_few() -> None:
    # with all pairs tried together: over 10 s
    rng = np.random.default_rng(6)
    n, flows = 3000, 80
    score = rng.beta(8, 2, n)
    cases = cases_of(score, np.clip(1.05 - score, 0.01, 0.99), flow=np.arange(n) % flows,
                     looks=looks_of(flows))  # fmt: skip
    begun = time.process_time()
    found = searching(cases, Goals()).found()
    assert time.process_time() - begun < 4
    assert 0.10 <= found.rate <= 0.15


def test_where_a_cost_could_be_had_is_said_of_the_cases_it_is_told_of() -> None:
    # rules fixed on other days: nothing was out of reach there
    cases = plenty()
    dear, cheap = (searching(cases, Goals()).at(rate) for rate in (0.10, 0.145))
    goals = Goals(cost_per_1000=cost_per_1000(cases, cheap.asks))
    figures = outlook(cases, dear.asks)
    met = targets_met(goals, figures, dear, searching(cases, goals), None)[1]
    assert not met.kept
    assert 0.10 < met.could_at <= 0.15
