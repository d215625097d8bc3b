"""How a reviewer sees, reads, tires and trusts: scalar functions on plain numbers.

Like :mod:`~hitlsim.simulation.rules`, both engines use them, and they use only ``math``. What has
no effect is not worked out: exponentials and logarithms are most of what a review costs. Sources
and strengths of the effects stand beside the settings, in :mod:`hitlsim.scenario.habits`.
"""

from __future__ import annotations

import math

_SQRT_HALF = math.sqrt(0.5)
_LN_2 = math.log(2.0)
_NORMAL_PACE = 2.0
"""Normal reading takes two time constants of seeing (Sokolovskaya 2015)."""
_SEEN_AT_NORMAL_PACE = 1.0 - math.exp(-_NORMAL_PACE)
_PARTS = 1 << 30
_DIMMEST = 0.05
"""Sensitivity below which a criterion in units of it means nothing."""


def normal_cdf(x: float) -> float:
    """Standard normal distribution function.

    >>> round(normal_cdf(1.96), 4)
    0.975
    """
    return 0.5 * math.erfc(-x * _SQRT_HALF)


def sigmoid(log_odds: float) -> float:
    """A probability from its log-odds; 0 at -inf.

    >>> sigmoid(0.0), sigmoid(-math.inf), sigmoid(800.0)
    (0.5, 0.0, 1.0)
    """
    if log_odds < -700.0:
        return 0.0
    if log_odds == math.inf:
        return 1.0
    return 1.0 / (1.0 + math.exp(-log_odds))


def leaning(log_odds: float, weight: float, trust: float) -> float:
    """A probability that rises with trust (falls if ``weight < 0``); as it is at trust one half.

    >>> leaning(0.0, 2.0, 0.5), round(leaning(0.0, 2.0, 1.0), 3)
    (0.5, 0.731)
    """
    return sigmoid(log_odds + weight * (trust - 0.5))


def in_parts(chance: float) -> int:
    """A probability as a whole number of parts.

    They add up to the same in any order, so that one part of a sum can be exchanged.

    >>> in_parts(0.5) + in_parts(0.5) == in_parts(1.0)
    True
    """
    return int(chance * _PARTS)


def mean_chance(parts: int, people: int) -> float:
    """The mean probability of so many people, from the sum of their parts.

    >>> mean_chance(in_parts(0.5) + in_parts(1.0), 2)
    0.75
    """
    return parts / (_PARTS * max(1, people))


def reading(
    log_odds: float,
    trust: float,
    by_trust: float,
    waiting: int,
    by_queue: float,
    repeats: int,
    by_repeats: float,
    lapse: float,
) -> float:
    """Chance that an item is really read and not waved through.

    >>> reading(0.0, 0.5, 9.0, 0, 9.0, 0, 9.0, 0.1)
    0.45
    """
    if by_queue and waiting:
        log_odds -= by_queue * math.log1p(waiting)
    if by_repeats and repeats:
        log_odds -= by_repeats * math.log1p(repeats)
    return (1.0 - lapse) * leaning(log_odds, -by_trust, trust)


def sensitivity(
    d_prime: float, pace: float, tired_minutes: float, loss: float, tires_in: float
) -> float:
    """The d' of this review: less when hurried, less when tired.

    ``pace`` is the time taken relative to the normal one; infinite where speed does not matter.

    >>> sensitivity(2.0, 1.0, 0.0, 0.12, 30.0), round(sensitivity(2.0, 0.5, 0.0, 0.12, 30.0), 3)
    (2.0, 1.462)
    >>> round(sensitivity(2.0, 1.0, 30.0, 0.12, 30.0), 3)
    1.848
    """
    fresh = 1.0
    if loss and tired_minutes:
        fresh -= loss * (1.0 - math.exp(-tired_minutes / tires_in))
    if pace == math.inf:
        return d_prime * fresh
    return d_prime * fresh * (1.0 - math.exp(-_NORMAL_PACE * pace)) / _SEEN_AT_NORMAL_PACE


def criterion_of(criterion: float, prevalence: float, expects: float, d_prime: float) -> float:
    """The criterion c of somebody who expects this error rate: rare errors raise it.

    >>> criterion_of(-0.2, 0.55, 0.5, 2.6), round(criterion_of(-0.2, 0.55, 0.01, 2.6), 3)
    (-0.2, 0.772)
    """
    if not prevalence:
        return criterion
    return criterion + prevalence * math.log((1.0 - expects) / expects) / max(d_prime, _DIMMEST)


def flag_chance(ok: bool, d_prime: float, criterion: float, follows: float) -> float:
    """Chance to find fault when it is read: ``Phi(d'/2 - c)`` if bad, ``Phi(-d'/2 - c)`` if not.

    ``follows`` multiplies the odds of following a wrong draft.

    >>> round(flag_chance(False, 2.0, 0.0, 1.0), 3), round(flag_chance(True, 2.0, 0.0, 1.0), 3)
    (0.841, 0.159)
    >>> round(flag_chance(False, 0.0, 0.0, 3.0), 3)
    0.25
    """
    if ok:
        return normal_cdf(-0.5 * d_prime - criterion)
    hit = normal_cdf(0.5 * d_prime - criterion)
    return hit / (hit + follows * (1.0 - hit))


def expects_after(expects: float, error: bool, memory: float) -> float:
    """The error rate one expects after one more review (exponentially weighted).

    >>> round(expects_after(0.1, True, 10.0), 3), expects_after(0.0005, False, 100.0)
    (0.19, 0.0005)
    """
    after = expects + ((1.0 if error else 0.0) - expects) / memory
    return min(max(after, 0.0005), 0.9995)


def rested(tired_minutes: float, break_minutes: float, half_in: float) -> float:
    """Tiredness after a break: it halves every ``half_in`` minutes.

    >>> rested(30.0, 10.0, 10.0)
    15.0
    """
    if not (tired_minutes and break_minutes):
        return tired_minutes
    return tired_minutes * math.exp(-_LN_2 * break_minutes / half_in)
