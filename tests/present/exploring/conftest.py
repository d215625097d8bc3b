"""A small world to explore."""

from __future__ import annotations

import pytest

import hitlsim as hs
from hitlsim.present.exploring.session import Explorer, explore


@pytest.fixture(scope="session")
def five_weeks() -> hs.Scenario:
    """The reference rollout's first five weeks: two of shadow, two of exceptions, one of steady."""
    return hs.load("on-the-loop").with_(weeks=5)


@pytest.fixture
def explorer(five_weeks: hs.Scenario) -> Explorer:
    return explore(five_weeks, seed=3, runs=6)
