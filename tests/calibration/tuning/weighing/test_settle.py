from __future__ import annotations

import math

import numpy as np
import pytest

from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.weighing.cases import Cases
from hitlsim.calibration.tuning.weighing.grid import Prices, Shape
from hitlsim.calibration.tuning.weighing.holding import Band
from hitlsim.calibration.tuning.weighing.outlook import cost_of, overrides, silent_share
from hitlsim.calibration.tuning.weighing.policy import Policy, Rule
from hitlsim.calibration.tuning.weighing.search import Found, Searching, hours_of
from hitlsim.calibration.tuning.weighing.settle import settled
from tests.calibration.tuning.tuning_worlds import cases_of, keep_none, looks_of


def world(seed: int = 1, n: int = 3000) -> Cases:
    rng = np.random.default_rng(seed)
    score, flow, deal = rng.beta(6, 1.5, n), np.arange(n) % 3, rng.lognormal(9.5, 1.2, n)
    p = 1 / (1 + np.exp(0.5 + 0.8 * np.log(score / (1 - score))))
    return cases_of(score, p, flow=flow, deal_size=deal, harm=20 + 0.002 * deal,
                    looks=looks_of(3))  # fmt: skip


def found_in(cases: Cases, goals: Goals) -> tuple[Found, Searching]:
    search = Searching(cases, goals, Band(*goals.band, 10**5), keep_none(cases), Shape.TRIGGERS)
    return search.found(), search


# --- known answers -------------------------------------------------------------------------------


def test_a_change_that_brings_nothing_is_undone() -> None:
    cases = world()
    today = Policy(dict.fromkeys(cases.workflows, Rule(0.6, 0.5)))
    # a hair beside today's threshold, and a limit above all deals
    hair = Rule(0.6 + 1e-9, 0.5, 1e9)
    policy = Policy(dict.fromkeys(cases.workflows, hair))
    found = Found(policy, policy.asks(cases), Prices(), math.nan, {})
    assert settled(found, cases, Goals(), today, (0.0, 1.0)).policy == today


def test_a_change_that_brings_much_stays() -> None:
    cases = world()
    found, search = found_in(cases, Goals())
    today = Policy(dict.fromkeys(cases.workflows, Rule(0.999, 0.5)))
    out = settled(found, cases, Goals(), today, (search.least, search.most))
    assert all(rule.auto < 0.99 for rule in out.policy.rules.values())


# --- properties ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_settling_loses_next_to_nothing_and_keeps_every_target(seed: int) -> None:
    cases = world(seed)
    plain, _ = found_in(cases, Goals(exception_rate=(0.08, 0.2)))
    goals = Goals(
        exception_rate=(0.08, 0.2),
        fn_share=0.99 * silent_share(cases, plain.asks, "fn_share"),
        hours_per_week=1.01 * hours_of(cases, plain.asks),
        override_rate=overrides(cases, plain.asks).value * 0.98,
    )
    found, search = found_in(cases, goals)
    assert not found.out_of_reach
    today = Policy({f: Rule(0.6 + 0.01 * i, 0.4) for i, f in enumerate(cases.workflows)})
    out = settled(found, cases, goals, today, (search.least, search.most))
    assert search.least <= out.rate <= search.most
    assert silent_share(cases, out.asks, "fn_share") <= goals.fn_share  # type: ignore[operator]
    assert hours_of(cases, out.asks) <= goals.hours_per_week  # type: ignore[operator]
    assert overrides(cases, out.asks).value >= goals.override_rate  # type: ignore[operator]
    worse = cost_of(cases, out.asks).sum() / cost_of(cases, found.asks).sum()
    assert worse < 1.01
    assert _changes(out.policy, today) <= _changes(found.policy, today)


def _changes(policy: Policy, today: Policy) -> int:
    pairs = [(rule, today.rules[flow]) for flow, rule in policy.rules.items()]
    return sum(
        (a.auto != b.auto) + (a.deal_limit != b.deal_limit) + (a.signals != b.signals)
        for a, b in pairs
    )
