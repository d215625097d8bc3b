from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.simulation import rules
from hitlsim.simulation.contract import (
    DEAL_SIZE_BIT,
    GATE_BIT,
    LOW_BAND_BIT,
    MANUAL_BIT,
    MEDIUM_BAND_BIT,
    NEVER,
    PEEK_BIT,
    SIGNAL_BITS,
    LookKind,
    Route,
    Verdict,
)

SHARES = st.floats(0, 1)
ODDS = st.floats(-700, 700)


def route(confidence: float, *, deal_size: float = 0.0, signals: int = 0, gated: bool = False,
          manual: bool = False, peeked: bool = False, auto: float = 0.9,
          triggers: int = 0b01) -> tuple[int, int]:  # fmt: skip
    """Bands 0.7 and 0.9, deals above 500, the first of two signals is a trigger."""
    return rules.route(
        manual, gated, confidence, auto, 0.7, deal_size, 500.0, signals, triggers, peeked
    )


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
        ({"confidence": 0.95, "gated": True, "peeked": True}, Route.GATE, GATE_BIT),
        ({"confidence": 0.95, "peeked": True}, Route.PEEK, PEEK_BIT),
        # who pulls what would have come anyway has pulled nothing
        ({"confidence": 0.8, "peeked": True}, Route.REVIEW, MEDIUM_BAND_BIT),
        ({"confidence": 0.6, "peeked": True}, Route.TRIAGE, LOW_BAND_BIT),
        # no AI, hence no gate, no band and no trigger
        ({"confidence": 0.1, "manual": True, "gated": True, "peeked": True, "signals": 0b01,
          "deal_size": 501.0}, Route.MANUAL, MANUAL_BIT),
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
    assert rules.review_ms(1, 0.01, 10.0, 0) == 1
    assert rules.review_ms(45_000, 1.0, 1.5, 0) == 30_000


def test_no_review_is_shorter_than_the_floor() -> None:
    assert rules.review_ms(45_000, 1.0, 3.0, 20_000) == 20_000
    assert rules.review_ms(45_000, 1.0, 1.0, 20_000) == 45_000, "a floor shortens nothing"


@pytest.mark.parametrize(
    ("waited", "limit", "late"),
    [(10, 10, False), (11, 10, True), (1, 0, True), (0, 0, False), (2**40, NEVER, False)],
)
def test_a_step_is_skipped_only_after_its_limit(waited: int, limit: int, late: bool) -> None:
    assert rules.too_late(500 + waited, 500, limit) == late


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
    manual=st.booleans(),
    peeked=st.booleans(),
    triggers=st.integers(0, 3),
)
def test_exactly_what_has_no_reason_goes_alone(
    confidence: float,
    deal_size: float,
    signals: int,
    gated: bool,
    manual: bool,
    peeked: bool,
    triggers: int,
) -> None:
    def routed(*, manual: bool, gated: bool, peeked: bool) -> tuple[int, int]:
        return route(confidence, deal_size=deal_size, signals=signals, triggers=triggers,
                     manual=manual, gated=gated, peeked=peeked)  # fmt: skip

    where, reasons = routed(manual=manual, gated=gated, peeked=peeked)
    assert (where == Route.AUTO) == (reasons == 0)
    # the order of the reasons: by hand, gate, what the boundary spec says, a look for oneself
    alone = routed(manual=False, gated=False, peeked=False)
    if manual:
        assert where == Route.MANUAL
    elif gated:
        assert where == Route.GATE
    elif alone[0] != Route.AUTO:
        assert (where, reasons) == alone
    else:
        assert where == (Route.PEEK if peeked else Route.AUTO)


@given(u=SHARES, lower=ODDS, higher=ODDS)
def test_better_odds_never_turn_right_into_wrong(u: float, lower: float, higher: float) -> None:
    lower, higher = sorted((lower, higher))
    assert rules.is_ok(u, higher) or not rules.is_ok(u, lower)


@given(flagged=st.booleans(), u_edit=SHARES, edit_share=SHARES)
def test_only_what_is_flagged_is_not_approved(
    flagged: bool, u_edit: float, edit_share: float
) -> None:
    verdict = rules.verdict(flagged, u_edit, edit_share)
    assert (verdict == Verdict.APPROVE) == (not flagged)


@given(
    base=st.integers(1, 10**9),
    effort=st.floats(0.01, 2),
    slow=st.floats(0.1, 10),
    quick=st.floats(0.1, 10),
    dwell=st.integers(0, 10**7),
)
def test_whoever_is_quicker_takes_no_longer(
    base: int, effort: float, slow: float, quick: float, dwell: int
) -> None:
    slow, quick = sorted((slow, quick))
    took = rules.review_ms(base, effort, quick, dwell)
    assert max(1, dwell) <= took <= rules.review_ms(base, effort, slow, dwell)


@given(st.integers(0, 2**50), st.integers(0, 2**50), st.integers(0, 2**50))
def test_what_is_too_late_stays_too_late(now: int, later: int, limit: int) -> None:
    now, later = sorted((now, later))
    assert rules.too_late(later, 0, limit) or not rules.too_late(now, 0, limit)


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
