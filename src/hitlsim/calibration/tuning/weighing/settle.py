"""Fewer changes for nearly the same: people have to learn each one."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ..goals import Goals
from .cases import Bools, Cases
from .grid import Prices
from .outlook import overrides, silent_share
from .policy import Policy, Rule
from .search import Found, cost_per_1000, hours_of

_TRIFLE = 0.003
"""Share of what all looks are worth that one change must bring, or it is not worth learning."""


def settled(
    found: Found, cases: Cases, goals: Goals, today: Policy, rates: tuple[float, float]
) -> Found:
    """The same rules with every change undone that brings next to nothing.

    Parameters
    ----------
    found : Found
    cases : Cases
        With chances of being wrong.
    goals : Goals
        A target that is kept stays kept.
    today : Policy
        The rules that hold now.
    rates : (float, float)
        Between which the exception rate must stay.
    """
    worth = _Worth(cases, goals, found, rates)
    policy = found.policy
    for simpler in _simpler(policy, today):
        tried = simpler(policy)
        if tried != policy and worth.nearly_as_good(tried):
            policy = tried
    return replace(found, policy=policy, asks=policy.asks(cases))


class _Worth:
    """What policies are worth at the prices found."""

    def __init__(
        self, cases: Cases, goals: Goals, found: Found, rates: tuple[float, float]
    ) -> None:
        p: Prices = found.prices
        minutes = cases.looks.minutes[cases.flow]
        self._each = cases.gain + p.error * cases.p_bad - p.minute * minutes - p.look
        self._cases, self._rates = cases, rates
        self._best = float(self._each[found.asks].sum())
        self._trifle = _TRIFLE * float(np.abs(self._each[found.asks]).sum())
        self._silent, self._hours = goals.silent, goals.hours_per_week
        if self._silent and silent_share(cases, found.asks, self._silent[0]) > self._silent[1]:
            self._silent = None
        if self._hours is not None and hours_of(cases, found.asks) > self._hours:
            self._hours = None
        self._overrides = goals.override_rate
        if self._overrides is not None and not self._overridden(found.asks):
            self._overrides = None
        self._cost = goals.cost_per_1000
        if self._cost is not None and cost_per_1000(cases, found.asks) > self._cost:
            self._cost = None

    def _overridden(self, asks: Bools) -> bool:
        return overrides(self._cases, asks).value >= (self._overrides or 0.0)

    def nearly_as_good(self, policy: Policy) -> bool:
        asks = policy.asks(self._cases)
        value = float(self._each[asks].sum())
        low, high = self._rates
        if not low <= asks.mean() <= high or value < self._best - self._trifle:
            return False
        if self._silent and silent_share(self._cases, asks, self._silent[0]) > self._silent[1]:
            return False
        if self._hours is not None and hours_of(self._cases, asks) > self._hours:
            return False
        if self._overrides is not None and not self._overridden(asks):
            return False
        if self._cost is not None and cost_per_1000(self._cases, asks) > self._cost:
            return False
        # each change must bring something, so the next is held against what is left
        self._best = max(self._best - self._trifle, min(self._best, value))
        return True


class _Change:
    """Setting one thing of one workflow's rule; a deal limit only while it is still as found."""

    def __init__(
        self, flow: str, *, found: Rule | None = None, **setting: float | tuple[str, ...]
    ) -> None:
        self._flow, self._found, self._setting = flow, found, setting

    def __call__(self, policy: Policy) -> Policy:
        rule = policy.rules[self._flow]
        if self._found is not None and rule.deal_limit != self._found.deal_limit:
            return policy
        # which field is set is known when it runs only
        rule = replace(rule, **self._setting)  # type: ignore[arg-type]
        return policy.with_rule(self._flow, replace(rule, review=min(rule.review, rule.auto)))


def _simpler(policy: Policy, today: Policy) -> Iterator[_Change]:
    """Changes undone one by one, then limits taken away, then limits made alike."""
    for flow, rule in policy.rules.items():
        old = today.rules[flow]
        yield _Change(flow, deal_limit=old.deal_limit)
        yield _Change(flow, signals=old.signals)
        yield _Change(flow, auto=old.auto)
        if math.isfinite(rule.deal_limit) and rule.deal_limit != old.deal_limit:
            yield _Change(flow, found=rule, deal_limit=math.inf)
    limited = {
        flow: rule for flow, rule in policy.rules.items()
        if math.isfinite(rule.deal_limit) and rule.deal_limit != today.rules[flow].deal_limit
    }  # fmt: skip
    if len(limited) > 1:
        common = float(f"{np.median([r.deal_limit for r in limited.values()]):.2g}")
        for flow, rule in limited.items():
            yield _Change(flow, found=rule, deal_limit=common)
