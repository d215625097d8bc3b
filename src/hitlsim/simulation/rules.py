"""The behaviour, once: scalar functions on plain numbers. How people see: ``reviewing``.

Both engines use these. Inside a rule only functions of ``math`` are used, since those of numpy and
scipy differ from them in the last bit. A rule takes numbers and gives a number (or two), so that a
compiler can take it as it is.
"""

from __future__ import annotations

import math

from .contract import (
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

# plain integers: quicker than enum members, and what a compiler takes
AUTO, REVIEW, TRIAGE, GATE, PEEK, MANUAL = (int(r) for r in Route)
APPROVE, EDIT, REJECT = (int(v) for v in Verdict)
OBSERVE, AUDIT = int(LookKind.OBSERVE), int(LookKind.AUDIT)


def route(
    manual: bool,
    gated: bool,
    confidence: float,
    auto: float,
    review: float,
    deal_size: float,
    deal_limit: float,
    signals: int,
    triggers: int,
    peeked: bool,
) -> tuple[int, int]:
    """Where a decision goes, and all reasons for it as bits.

    A kill switch or pause decides first, then a gate, a low band, a trigger, a medium band, and
    last somebody who wants to see what could go alone. Automatic means ``confidence >= auto``,
    held ``confidence < review``, exactly.

    >>> route(False, False, 0.9, 0.9, 0.7, 100.0, 500.0, 0, 0, False)
    (0, 0)
    >>> route(False, False, 0.7, 0.9, 0.7, 501.0, 500.0, 0, 0, False)
    (1, 12)
    """
    if manual:
        return MANUAL, MANUAL_BIT
    if gated:
        return GATE, GATE_BIT
    reasons = 0
    if confidence < review:
        reasons |= LOW_BAND_BIT
    elif confidence < auto:
        reasons |= MEDIUM_BAND_BIT
    if deal_size > deal_limit:
        reasons |= DEAL_SIZE_BIT
    reasons |= (signals & triggers) * SIGNAL_BITS
    if reasons & LOW_BAND_BIT:
        return TRIAGE, reasons
    if reasons:
        return REVIEW, reasons
    if peeked:
        return PEEK, PEEK_BIT
    return AUTO, 0


def is_ok(u_ok: float, logit_ok: float) -> bool:
    """Whether the AI's proposal is right.

    >>> is_ok(0.73, 1.0), is_ok(0.74, 1.0)
    (True, False)
    """
    return u_ok < 1.0 / (1.0 + math.exp(-logit_ok))


def verdict(flagged: bool, u_edit: float, edit_share: float) -> int:
    """Approve what is not flagged; edit or reject what is.

    >>> verdict(False, 0.1, 0.8), verdict(True, 0.1, 0.8), verdict(True, 0.9, 0.8)
    (0, 1, 2)
    """
    if not flagged:
        return APPROVE
    return EDIT if u_edit < edit_share else REJECT


def review_ms(base_ms: int, effort: float, speed: float, dwell_ms: int) -> int:
    """Hands-on time of one review: at least the floor, and at least 1 ms.

    >>> review_ms(45_000, 0.5, 2.0, 0), review_ms(1, 0.5, 9.0, 0), review_ms(1, 1.0, 1.0, 900)
    (11250, 1, 900)
    """
    return max(1, dwell_ms, int(base_ms * effort / speed))


def look_kind(
    u_audit: float, audit: float, u_look: float, look_share: float, phase_look: int
) -> int:
    """Why somebody will look at a decision that went out: observation, audit, the phase's look.

    -1 when nobody will. Observation at once leaves nothing for the audit to find later.

    >>> look_kind(0.5, 0.1, 0.04, 0.05, 3), look_kind(0.05, 0.1, 0.9, 0.05, 3)
    (3, 1)
    >>> look_kind(0.5, 0.1, 0.05, 0.05, 3)
    -1
    """
    looked_at = u_look < look_share
    if looked_at and phase_look == OBSERVE:
        return OBSERVE
    if u_audit < audit:
        return AUDIT
    return phase_look if looked_at else NEVER


def inclusion(audit: float, look_share: float) -> float:
    """Chance, fixed beforehand, that somebody looks at a decision that goes out.

    >>> round(inclusion(0.1, 0.05), 3)
    0.145
    """
    return 1.0 - (1.0 - audit) * (1.0 - look_share)


def too_late(now_ms: int, ready_ms: int, skip_after_ms: int) -> bool:
    """Whether a step of a sequence has been overtaken by the next; never if the limit is NEVER.

    >>> too_late(100, 0, 99), too_late(100, 0, 100), too_late(100, 0, -1)
    (True, False, False)
    """
    return skip_after_ms != NEVER and now_ms - ready_ms > skip_after_ms
