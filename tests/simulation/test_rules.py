from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.simulation import rules
from hitlsim.simulation.contract import (
    DEAL_SIZE_BIT,
    GATE_BIT,
    LOW_BAND_BIT,
    MEDIUM_BAND_BIT,
    NEVER,
    SIGNAL_BITS,
    LookKind,
    Route,
    Verdict,
)
from hitlsim.simulation.table import signal_detection

SHARES = st.floats(0, 1)
ODDS = st.floats(-700, 700)


def route(confidence: float, *, deal_size: float = 0.0, signals: int = 0, gated: bool = False,
          auto: float = 0.9, triggers: int = 0b01) -> tuple[int, int]:  # fmt: skip
    """Bands 0.7 and 0.9, deals above 500, the first of two signals is a trigger."""
    return rules.route(gated, confidence, auto, 0.7, deal_size, 500.0, signals, triggers)


# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given_", "where", "reasons"),
    [
        ({"confidence": 0.9}, Route.AUTO, 0),
        ({"confidence": math.nextafter(0.9, 0)}, Route.REVIEW, MEDIUM_BAND_BIT),
        ({"confidence": 0.7}, Route.REVIEW, MEDIUM_BAND_BIT),
        ({"confidence": math.nextafter(0.7, 0)}, Route.TRIAGE, LOW_BAND_BIT),
        ({"confidence": 0.95, "deal_size": 500.0}, Route.AUTO, 0),
        ({"confidence": 0.95, "deal_size": 500.01}, Route.REVIEW, DEAL_SIZE_BIT),
        ({"confidence": 0.95, "signals": 0b01}, Route.REVIEW, SIGNAL_BITS),
        ({"confidence": 0.95, "signals": 0b10}, Route.AUTO, 0),
        ({"confidence": 0.95, "signals": 0b10, "triggers": 0b10}, Route.REVIEW, 2 * SIGNAL_BITS),
        ({"confidence": 0.1, "gated": True, "signals": 0b11}, Route.GATE, GATE_BIT),
    ],
)  # fmt: skip
def test_route_at_the_exact_bounds(given_: dict[str, float], where: Route, reasons: int) -> None:
    assert route(**given_) == (where, reasons)  # type: ignore[arg-type]


def test_scores_that_look_alike_may_lie_on_two_sides_of_a_band() -> None:
    # 0.7 + 0.2 is a hair below 0.9, and the operator is part of the contract
    assert route(0.7 + 0.2)[0] == Route.REVIEW


def test_all_reasons_are_kept_and_the_low_band_decides() -> None:
    where, reasons = route(0.5, deal_size=501.0, signals=0b01)
    assert where == Route.TRIAGE
    assert reasons == LOW_BAND_BIT | DEAL_SIZE_BIT | SIGNAL_BITS


def test_right_more_often_than_not_exactly_when_the_log_odds_say_so() -> None:
    assert rules.is_ok(0.4999, 0.0)
    assert not rules.is_ok(0.5, 0.0)


@pytest.mark.parametrize(("hit", "false_alarm"), [(0.75, 0.2), (0.5, 0.5), (0.99, 0.01)])
def test_reviewers_flag_at_the_rates_the_scenario_gives_them(
    hit: float, false_alarm: float
) -> None:
    d_prime, criterion = signal_detection(hit, false_alarm)
    for rate, ok in ((hit, False), (false_alarm, True)):
        assert rules.flags(rate - 1e-9, ok, d_prime, criterion)
        assert not rules.flags(rate + 1e-9, ok, d_prime, criterion)


@pytest.mark.parametrize(
    ("u_audit", "u_look", "phase_look", "expected"),
    [
        (0.5, 0.5, LookKind.BATCH, NEVER),
        (0.5, 0.1, LookKind.BATCH, LookKind.BATCH),
        (0.05, 0.1, LookKind.BATCH, LookKind.AUDIT),  # looked at once, not twice
        (0.05, 0.5, LookKind.OBSERVE, LookKind.AUDIT),
        (0.05, 0.1, LookKind.OBSERVE, LookKind.OBSERVE),  # seen at once, no need to wait
        (0.1, 0.2, LookKind.BATCH, NEVER),  # both shares are half-open
    ],
)
def test_why_somebody_looks(u_audit: float, u_look: float, phase_look: int, expected: int) -> None:
    assert rules.look_kind(u_audit, 0.1, u_look, 0.2, phase_look) == expected


def test_a_review_takes_a_millisecond_at_least() -> None:
    assert rules.review_ms(1, 0.01, 10.0) == 1
    assert rules.review_ms(45_000, 1.0, 1.5) == 30_000


# --- properties ----------------------------------------------------------------------------------


@given(confidence=SHARES, low=SHARES, high=SHARES)
def test_a_higher_band_lets_no_more_through(confidence: float, low: float, high: float) -> None:
    low, high = sorted((low, high))
    alone_at_high = route(confidence, auto=high)[0] == Route.AUTO
    assert not alone_at_high or route(confidence, auto=low)[0] == Route.AUTO


@given(
    confidence=SHARES,
    deal_size=st.floats(0, 1000),
    signals=st.integers(0, 3),
    gated=st.booleans(),
    triggers=st.integers(0, 3),
)
def test_exactly_what_has_no_reason_goes_alone(
    confidence: float, deal_size: float, signals: int, gated: bool, triggers: int
) -> None:
    where, reasons = route(
        confidence, deal_size=deal_size, signals=signals, gated=gated, triggers=triggers
    )
    assert (where == Route.AUTO) == (reasons == 0)


@given(u=SHARES, lower=ODDS, higher=ODDS)
def test_better_odds_never_turn_right_into_wrong(u: float, lower: float, higher: float) -> None:
    lower, higher = sorted((lower, higher))
    assert rules.is_ok(u, higher) or not rules.is_ok(u, lower)


@given(st.floats(-8, 8))
def test_normal_cdf(x: float) -> None:
    assert rules.normal_cdf(x) == pytest.approx(NormalDist().cdf(x), rel=1e-9, abs=1e-15)


@given(u_flag=SHARES, u_edit=SHARES, edit_share=SHARES)
def test_only_what_is_flagged_is_not_approved(
    u_flag: float, u_edit: float, edit_share: float
) -> None:
    flagged = rules.flags(u_flag, False, 1.0, 0.0)
    verdict = rules.verdict(flagged, u_edit, edit_share)
    assert (verdict == Verdict.APPROVE) == (not flagged)


@given(audit=SHARES, look=SHARES, phase_look=st.sampled_from([LookKind.BATCH, LookKind.OBSERVE]))
def test_inclusion_is_the_area_in_which_somebody_looks(
    audit: float, look: float, phase_look: LookKind
) -> None:
    # the unit square falls into four rectangles; add up those in which somebody looks
    area = 0.0
    for u_audit, height in ((0.0, audit), (audit, 1 - audit)):
        for u_look, width in ((0.0, look), (look, 1 - look)):
            if height and width and rules.look_kind(u_audit, audit, u_look, look, phase_look) >= 0:
                area += height * width
    assert rules.inclusion(audit, look) == pytest.approx(area, abs=1e-12)
