"""Simulated teams in which everybody reviews in one way."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

import hitlsim as hs


@pytest.fixture(scope="session")
def with_habits() -> Callable[[str], hs.DecisionLog]:
    """The log of ten weeks of the reference rollout, everybody reviewing with these habits."""

    @cache
    def simulated(habits: str) -> hs.DecisionLog:
        team = hs.load("on-the-loop")
        pools = {}
        for name, pool in team.pools.items():
            alike = {"habits": habits, "hit_rate": None, "false_alarm_rate": None}
            people = {n: r.model_copy(update=alike) for n, r in pool.reviewers.items()}
            pools[name] = pool.model_copy(update={"reviewers": people})
        return hs.simulate(team.with_(pools=pools, weeks=10), seed=7).log

    return simulated
