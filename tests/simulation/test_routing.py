"""Many decisions routed at once go where each would go by itself."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import hitlsim as hs
from hitlsim.simulation import rules
from hitlsim.simulation.contract import DEAL_SIZE_BIT, LOW_BAND_BIT, MEDIUM_BAND_BIT, Route
from hitlsim.simulation.governing.governor import boundary_of
from hitlsim.simulation.routing import ALWAYS_BIT, route_all

ONE = np.zeros(1, np.int64)


def one(
    score: float, size: float = 1.0, present: int = 0, *, always: bool = False
) -> tuple[int, int]:
    """Of a workflow with bands 0.9 and 0.7, a limit of 500 and a trigger on signal 1."""
    route, reasons = route_all(
        np.array([score]), np.array([size]), np.array([present]), ONE, np.array([0.9]),
        np.array([0.7]), np.array([500.0]), np.array([0b10]), np.array([always]),
    )  # fmt: skip
    return int(route[0]), int(reasons[0])


# --- known answers -------------------------------------------------------------------------------


def test_bands_are_exact_and_reasons_add_up() -> None:
    assert one(0.9) == (Route.AUTO, 0)
    assert one(0.8999) == (Route.REVIEW, MEDIUM_BAND_BIT)
    assert one(0.6999, 501.0) == (Route.TRIAGE, LOW_BAND_BIT | DEAL_SIZE_BIT)
    assert one(0.95, 500.0, 0b01) == (Route.AUTO, 0)
    assert one(0.95, 500.0, 0b11) == (Route.REVIEW, 0b10 * 64)


def test_a_deal_of_unknown_size_exceeds_no_limit() -> None:
    assert one(0.95, math.nan) == (Route.AUTO, 0)


def test_what_cannot_be_decided_anew_asks_whatever_the_score() -> None:
    assert one(1.0, always=True) == (Route.REVIEW, ALWAYS_BIT)
    assert one(0.1, always=True) == (Route.TRIAGE, LOW_BAND_BIT | ALWAYS_BIT)


def test_both_engines_ask_at_the_signals_of_the_workflow() -> None:
    """One workflow of the reference team spares a signal that all others ask about."""
    team = hs.load("on-the-loop").with_(weeks=3)
    team = team.with_(boundary={
        "bands": {"auto": 0.5, "review": 0.1},
        "triggers": {"signals": ["ethical"]},
        "workflows": {"crm_update": {"signals": ["first_time"]}, "lead_scoring": {"signals": []}},
    })  # fmt: skip
    logs = [
        hs.simulate(team, seed=3, engine=engine).log.frame for engine in ("compiled", "reference")
    ]
    for frame in logs:
        signals, reasons = (frame[c].str.split("+") for c in ("signals", "reasons"))
        for name, asks in {"crm_update": {"first_time"}, "lead_scoring": set(),
                           "lead_routing": {"ethical"}}.items():  # fmt: skip
            mine = frame.index[(frame["workflow"] == name) & (frame["route"] != "manual")]
            said = [set(reasons[i]) & set(team.signals) for i in mine]
            assert said == [set(signals[i]) & asks for i in mine]
            assert any(said) == bool(asks)
    assert logs[0]["route"].equals(logs[1]["route"])


# --- properties ----------------------------------------------------------------------------------

SCORES = st.sampled_from([0.0, 0.3, 0.5, 0.5000000000000001, 0.7, 0.9, 1.0])
SIZES = st.sampled_from([0.0, 99.0, 100.0, 101.0, math.nan])
DECISION = st.tuples(SCORES, SIZES, st.integers(0, 7), st.integers(0, 2), st.booleans())
FLOW = st.tuples(SCORES, SCORES, st.sampled_from([100.0, math.inf]), st.integers(0, 7))


@given(st.lists(DECISION, max_size=20), st.lists(FLOW, min_size=3, max_size=3))
def test_all_at_once_is_one_by_one(
    decisions: list[tuple[float, float, int, int, bool]],
    flows: list[tuple[float, float, float, int]],
) -> None:
    score, size, present, flow, always = (list(c) for c in zip(*decisions, strict=True)) if (
        decisions) else ([], [], [], [], [])  # fmt: skip
    low_high = [(max(a, r), min(a, r), limit, asks) for a, r, limit, asks in flows]
    auto, review, limit, triggers = (np.array(c) for c in zip(*low_high, strict=True))
    route, reasons = route_all(
        np.array(score, float), np.array(size, float), np.array(present, int),
        np.array(flow, int), auto, review, limit, triggers, np.array(always, bool),
    )  # fmt: skip
    for i, (s, d, p, w, fired) in enumerate(decisions):
        a, r, most, asks = low_high[w]
        alone = rules.route(False, False, s, a, r, d, most, p, asks, False)
        if not fired:
            assert (route[i], reasons[i]) == alone
        else:
            assert reasons[i] == alone[1] | ALWAYS_BIT
            assert route[i] == (Route.TRIAGE if s < r else Route.REVIEW)


def test_a_simulated_team_is_routed_as_the_engine_did(reference_run: hs.Run) -> None:
    policy, drafts = boundary_of(reference_run.scenario), reference_run.outcome.first
    world = reference_run.draws.world
    taken = np.isin(drafts["route"], (Route.AUTO, Route.REVIEW, Route.TRIAGE))
    route, reasons = route_all(
        world.visits[0]["confidence"], world.decisions["deal_size"], world.decisions["signals"],
        world.decisions["workflow"], policy["auto"], policy["review"], policy["deal_limit"],
        policy["triggers"], np.zeros(len(taken), bool),
    )  # fmt: skip
    assert np.array_equal(route[taken], drafts["route"][taken])
    assert np.array_equal(reasons[taken], drafts["reasons"][taken])


def frozen(values: NDArray[np.float64]) -> NDArray[np.float64]:
    values.flags.writeable = False
    return values


@pytest.mark.parametrize(
    "scores",
    [frozen(np.array([0.95, 0.75])), np.array([0.95, 0.0, 0.75, 0.0])[::2]],
    ids=["read-only", "strided"],
)
def test_any_array_does_and_none_is_changed(scores: NDArray[np.float64]) -> None:
    two, before = np.zeros(2, np.int64), scores.copy()
    route, _ = route_all(
        scores, np.zeros(2), two, two, np.array([0.9]), np.array([0.7]), np.array([1.0]), ONE,
        np.zeros(2, bool),
    )  # fmt: skip
    assert route.tolist() == [Route.AUTO, Route.REVIEW]
    assert np.array_equal(scores, before)


# --- errors --------------------------------------------------------------------------------------


def test_a_missing_score_is_refused_and_does_not_go_alone() -> None:
    with pytest.raises(hs.LogError, match="1 decisions have no confidence"):
        one(math.nan)
