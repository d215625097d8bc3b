"""What rules are tuned on: one row for each decision that the AI may take, from log or scenario."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ....decisions.estimating.intervals import Estimate

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

SHORTEST_MONTH_DAYS = 28
"""A log of fewer days is no month."""


class Looks(NamedTuple):
    """What one look at a decision costs and brings, for each workflow (arrays of W)."""

    minutes: Floats
    """Hands-on time of a review."""
    money: Floats
    """Cost of that time."""
    waiting: Floats
    """What is lost on average because the decision waits for it."""
    catches: Floats
    """Chance that a wrong proposal does not go out wrong."""
    overrides_right: Floats
    """Chance that a right proposal is overridden."""
    spoils: Floats
    """Chance that a right proposal goes out wrong."""


class Assumption(NamedTuple):
    """A number that the advice rests on, and where it comes from."""

    name: str
    value: float
    source: str
    measured: bool


@dataclass(frozen=True)
class Cases:
    """Decisions that the AI may take alone.

    Attributes
    ----------
    workflows, signals : tuple of str
        Names; rows hold their numbers and bits.
    flow, present : int arrays of n
        Workflow, and signals as bits.
    score : array of n
    deal_size : array of n
        NaN where the log does not say.
    always : bool array of n
        Sent to a person by a trigger that cannot be decided anew.
    day : int array of n
        Days since the first.
    p_bad : array of n
        Chance that the proposal is wrong; NaN throughout where nothing tells.
    harm : array of n
        What it costs if it goes out wrong.
    known, bad : bool arrays of n
        Whether the outcome is known (complaints apart), and whether it was bad.
    chance : array of n
        Chance, fixed beforehand, that the outcome gets known; 1 where nobody says.
    u : array of n
        A number from 0 to 1 from a hash of the decision's id.
    truth : bool array of n, optional
        Whether it was bad, of simulated decisions; nothing is learnt from it.
    routed_alone : bool array of n, optional
        Whether it went alone as things were.
    account : int array of n, optional
        Number of the account it is about; None where nothing tells accounts.
    unmade, awaited : bool arrays of n, optional
        Picked for a look that nobody has made, and picked with the outcome still to come; None
        where the log does not say who was picked.
    looks : Looks
    """

    workflows: tuple[str, ...]
    signals: tuple[str, ...]
    flow: Ints
    score: Floats
    deal_size: Floats
    present: Ints
    always: Bools
    day: Ints
    p_bad: Floats
    harm: Floats
    known: Bools
    bad: Bools
    chance: Floats
    u: Floats
    looks: Looks
    exact: bool = False
    """Whether ``p_bad`` is known, as in a scenario, and not fitted."""
    truth: Bools | None = None
    routed_alone: Bools | None = None
    account: Ints | None = None
    unmade: Bools | None = None
    awaited: Bools | None = None
    assumptions: tuple[Assumption, ...] = ()
    currency: str = ""
    source: str = "decision log"

    def __len__(self) -> int:
        return len(self.score)

    @property
    def valued(self) -> bool:
        """Whether anything tells how likely each proposal is wrong."""
        return bool(len(self)) and not bool(np.isnan(self.p_bad).any())

    @cached_property
    def weeks(self) -> float:
        """How long they took, by whole days; a day at least."""
        return (float(self.day.max()) + 1 if len(self) else 1.0) / 7

    @cached_property
    def prevented(self) -> Floats:
        """Errors that a look keeps from going out, on average; below 0 where looks do harm."""
        s, g = self.looks.catches[self.flow], self.looks.spoils[self.flow]
        return np.asarray(self.p_bad * s - (1 - self.p_bad) * g)

    @cached_property
    def overridden(self) -> Floats:
        """Chance that whoever looks edits or rejects it."""
        s, g = self.looks.catches[self.flow], self.looks.overrides_right[self.flow]
        return np.asarray(self.p_bad * s + (1 - self.p_bad) * g)

    @cached_property
    def price_of_look(self) -> Floats:
        """What a look costs, time and waiting together."""
        return np.asarray((self.looks.money + self.looks.waiting)[self.flow])

    @cached_property
    def gain(self) -> Floats:
        """What a look is worth: harm prevented less what it costs."""
        return np.asarray(self.prevented * self.harm - self.price_of_look)

    @cached_property
    def bad_hat(self) -> Floats:
        """Chance of being bad, put right where the outcome is known.

        Its mean over decisions is free of the chances' own error where outcomes are known by
        chance (augmented inverse-probability weighting; Robins, Rotnitzky & Zhao 1994).
        """
        if not self.valued:
            return np.where(self.known, self.bad / self.chance, 0.0)
        if self.exact:
            return self.p_bad
        return np.asarray(
            self.p_bad + np.where(self.known, (self.bad - self.p_bad) / self.chance, 0)
        )

    def part(self, rows: Bools | Ints) -> Cases:
        """Some of them."""
        columns = ("flow", "score", "deal_size", "present", "always", "day", "p_bad", "harm",
                   "known", "bad", "chance", "u", "truth", "routed_alone", "account",
                   "unmade", "awaited")  # fmt: skip
        whole = ((name, getattr(self, name)) for name in columns)
        picked: dict[str, Any] = {k: None if v is None else v[rows] for k, v in whole}
        return replace(self, **picked)

    def with_looks(self, looks: Looks) -> Cases:
        """The same decisions, looked at by others."""
        return replace(self, looks=looks)


Figures = dict[str, Estimate]
"""Figures of a policy by name."""
