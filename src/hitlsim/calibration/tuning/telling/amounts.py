"""Figures, amounts and targets in words."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import TYPE_CHECKING

from ....decisions.estimating.intervals import Estimate

if TYPE_CHECKING:
    from ..recommendation import Met

NAMES = {
    "exception_rate": "the exception rate",
    "fn_share": "the share of decisions that are silent errors",
    "fn_of_auto": "the share of what goes alone that is bad",
    "fn_of_bad": "the share of errors that go alone",
    "override_rate": "the override rate",
    "within_24h": "the share begun within 24 hours",
    "within_48h": "the share begun within 48 hours",
    "utilisation": "the use of review hours",
    "hours_per_week": "hours a week",
    "cost_per_1000": "the cost of 1,000 decisions",
}
AIMS = {
    "fn_share": "silent errors of {} of all decisions",
    "fn_of_auto": "silent errors of {} of what goes alone",
    "fn_of_bad": "{} of all errors going alone",
    "override_rate": "an override rate of {}",
    "within_24h": "{} begun within 24 hours",
    "within_48h": "{} begun within 48 hours",
    "utilisation": "a use of review hours of {}",
    "hours_per_week": "{} a week for exceptions",
    "cost_per_1000": "a cost of {} for 1,000 decisions",
}
"""Targets, with a place for what is asked."""


def percent(e: Estimate) -> str:
    """A share with its interval."""
    return f"{e.value:.1%} ({e.low:.1%}-{e.high:.1%})"


def money(e: Estimate, currency: str) -> str:
    """An amount with its interval."""
    return f"{cash(currency)}{e.value:,.0f} ({e.low:,.0f} to {e.high:,.0f})"


def each(amount: Estimate | float, currency: str) -> str:
    """What one thing costs or brings, to the cent; with its interval where it has one.

    >>> each(13.137, "EUR"), each(Estimate(6.6, 5.8, 7.4, 20, ""), "")
    ('EUR 13.14', '6.60 (5.80 to 7.40)')
    """
    if not isinstance(amount, Estimate):
        return f"{cash(currency)}{amount:,.2f}"
    between = f"({amount.low:,.2f} to {amount.high:,.2f})"
    return f"{cash(currency)}{amount.value:,.2f} {between}"


def cash(currency: str) -> str:
    """The currency before an amount."""
    return f"{currency} " if currency else ""


def chance(p: float) -> str:
    """No more certainty than a simulation of ourselves deserves."""
    return "over 99%" if p > 0.99 else "under 1%" if p < 0.01 else f"{p:.0%}"


def called(met: Met) -> str:
    """The figure that a target is about."""
    return NAMES[met.limit.figure]


def asked(met: Met) -> str:
    """What a target asks for: ``at most 9%``."""
    least, most = met.limit.least, met.limit.most
    if most is not None:
        return f"at most {shown(met, most)}"
    return f"at least {shown(met, least or 0.0)}"


def gives(met: Met) -> str:
    """What the rules give, in short."""
    return "unknown" if not met.figure.known else shown(met, met.figure.value)


def in_full(met: Met) -> str:
    """What the rules give, with its interval."""
    e = met.figure
    if not e.known:
        return "unknown"
    if math.isnan(e.low):
        return f"{gives(met)} (expected)"
    if met.limit.figure == "hours_per_week":
        return f"{gives(met)} ({e.low:,.1f}-{e.high:,.1f})"
    return f"{e.value:,.0f} ({e.low:,.0f} to {e.high:,.0f})" if (
        met.limit.figure == "cost_per_1000") else percent(e)  # fmt: skip


def shown(met: Met, value: float) -> str:
    """A value of the figure that a target is about, in its unit."""
    if met.limit.figure == "hours_per_week":
        # of a small limit the first two digits, or it would read as none
        few = f"{Decimal(f'{value:.2g}'):f}" if 0 < value < 1 else f"{value:,.1f}"
        return f"{few} hours"
    return f"{value:,.0f}" if met.limit.figure == "cost_per_1000" else f"{value:.3g}" if (
        value > 1) else f"{100 * value:.3g}%"  # fmt: skip
