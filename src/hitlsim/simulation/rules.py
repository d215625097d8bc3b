"""The behaviour, once: scalar functions on plain numbers.

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
    MEDIUM_BAND_BIT,
    NEVER,
    SIGNAL_BITS,
    LookKind,
    Route,
    Verdict,
)

# plain integers: quicker than enum members, and what a compiler takes
AUTO, REVIEW, TRIAGE, GATE = (int(r) for r in Route)
APPROVE, EDIT, REJECT = (int(v) for v in Verdict)
OBSERVE, AUDIT = int(LookKind.OBSERVE), int(LookKind.AUDIT)
_SQRT_HALF = math.sqrt(0.5)


def route(
    gated: bool,
    confidence: float,
    auto: float,
    review: float,
    deal_size: float,
    deal_limit: float,
    signals: int,
    triggers: int,
) -> tuple[int, int]:
    """Where a decision goes, and all reasons for it as bits.

    A gate decides before a low band, a low band before a trigger, a trigger before a medium band.
    Automatic means ``confidence >= auto``, held ``confidence < review``, exactly.

    >>> route(False, 0.9, 0.9, 0.7, 100.0, 500.0, 0, 0)
    (0, 0)
    >>> route(False, 0.7, 0.9, 0.7, 501.0, 500.0, 0, 0)
    (1, 12)
    """
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
    return AUTO, 0


def is_ok(u_ok: float, logit_ok: float) -> bool:
    """Whether the AI's proposal is right.

    >>> is_ok(0.73, 1.0), is_ok(0.74, 1.0)
    (True, False)
    """
    return u_ok < 1.0 / (1.0 + math.exp(-logit_ok))


def normal_cdf(x: float) -> float:
    """Standard normal distribution function.

    >>> round(normal_cdf(1.96), 4)
    0.975
    """
    return 0.5 * math.erfc(-x * _SQRT_HALF)


def flags(u_flag: float, ok: bool, d_prime: float, criterion: float) -> bool:
    """Whether a reviewer finds fault: ``Phi(d'/2 - c)`` if it is bad, ``Phi(-d'/2 - c)`` if not.

    >>> flags(0.6, False, 2.0, 0.0), flags(0.6, True, 2.0, 0.0)
    (True, False)
    """
    half = 0.5 * d_prime
    return u_flag < normal_cdf((-half if ok else half) - criterion)


def verdict(flagged: bool, u_edit: float, edit_share: float) -> int:
    """Approve what is not flagged; edit or reject what is.

    >>> verdict(False, 0.1, 0.8), verdict(True, 0.1, 0.8), verdict(True, 0.9, 0.8)
    (0, 1, 2)
    """
    if not flagged:
        return APPROVE
    return EDIT if u_edit < edit_share else REJECT


def review_ms(base_ms: int, effort: float, speed: float) -> int:
    """Hands-on time of one review, at least 1 ms.

    >>> review_ms(45_000, 0.5, 2.0), review_ms(1, 0.5, 9.0)
    (11250, 1)
    """
    return max(1, int(base_ms * effort / speed))


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
