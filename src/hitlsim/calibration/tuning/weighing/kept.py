"""Signals that stay because they hold today: whether looks at what only they send pay."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from ....decisions.estimating.intervals import Estimate, ratio_of_clusters
from .cases import Cases
from .grid import Keep
from .policy import Policy

_FEWEST, _DAYS = 30, 7
"""Looks, and days on which they fell, from which on a mean is worth telling."""


class KeptSignal(NamedTuple):
    """One signal that stays, and what looks at what only it sends bring."""

    name: str
    gain: Estimate
    """Of one look: harm prevented less what it costs, on average; below 0 where it does not pay."""
    looks: int

    @property
    def pays(self) -> bool:
        """Whether it may pay: only a mean that is surely below 0 says no."""
        return not self.gain.high < 0


def kept_signals(cases: Cases, policy: Policy, keep: Keep) -> tuple[KeptSignal, ...]:
    """What today's signals bring under rules that keep them, one by one.

    Parameters
    ----------
    cases : Cases
    policy : Policy
        The rules found.
    keep : Keep
        What had to stay.

    Returns
    -------
    tuple of KeptSignal
        Those that send enough by themselves to be told of; the interval is by days, and takes the
        chances of being wrong for granted.
    """
    if not cases.valued:
        return ()
    asks, found = policy.asks(cases), []
    for name in sorted({s for own in keep.signals.values() for s in own}):
        lone = asks & ~_without(policy, name, keep).asks(cases)
        day = cases.day[lone]
        if len(day) < _FEWEST or len(np.unique(day)) < _DAYS:
            continue
        each = np.bincount(day)
        mean = ratio_of_clusters(np.bincount(day, cases.gain[lone]), each, clusters="days")
        found.append(KeptSignal(name, mean, len(day)))
    return tuple(found)


def _without(policy: Policy, name: str, keep: Keep) -> Policy:
    """The rules as if a signal were none of today's triggers."""
    return Policy({
        flow: replace(rule, signals=tuple(s for s in rule.signals if s != name))
        if name in keep.signals.get(flow, ()) else rule
        for flow, rule in policy.rules.items()
    })  # fmt: skip
