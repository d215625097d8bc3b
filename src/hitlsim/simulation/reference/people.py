"""The people of the reference engine: who is free, and what each has come to expect and trust."""

from __future__ import annotations

import math
from bisect import insort

from .. import reviewing, rules
from ..contract import MINUTE_MS, Table, as_lists


class People:
    """One list for each thing that changes with experience; persons are numbers in roster order.

    Attributes
    ----------
    free : list of list of int
        For each pool who is there and has nothing to do, in roster order.
    peeking : list of float
        For each pool the chance that a decision which could go alone is pulled for a look.
    flags : list of bool
        Whether the person has found fault with what they are working on.
    """

    def __init__(self, table: Table) -> None:
        self._p = as_lists(table.people)
        n = len(table.people)
        self.pool: list[int] = self._p["pool"]
        self.edit_share: list[float] = self._p["edit_share"]
        self.speed: list[float] = self._p["speed"]
        self.free: list[list[int]] = [[] for _ in range(table.n_pools)]
        self.flags = [False] * n
        self._there, self._busy = [False] * n, [False] * n
        self._expects: list[float] = list(self._p["expects"])
        self._alpha: list[float] = list(self._p["alpha"])
        self._beta: list[float] = list(self._p["beta"])
        self._tired = [0.0] * n
        self._since = [0] * n  # when they last stopped working
        n_workflows = len(table.workflows)
        self._seen = [[0] * n_workflows for _ in range(n)]  # since the shift began
        self._members = [
            [i for i, own in enumerate(self.pool) if own == pool] for pool in range(table.n_pools)
        ]
        self.peeking = [self._peeking(pool) for pool in range(table.n_pools)]

    def trust(self, person: int) -> float:
        """Trust in the AI, in (0, 1)."""
        return self._alpha[person] / (self._alpha[person] + self._beta[person])

    def uptake(self, person: int) -> float:
        """Chance of using an optional draft."""
        p = self._p
        return reviewing.leaning(p["uses"][person], p["uses_by_trust"][person], self.trust(person))

    # --- coming and going --------------------------------------------------------------------

    def comes(self, person: int) -> None:
        """A shift begins."""
        self._there[person] = True
        self._seen[person] = [0] * len(self._seen[person])
        if not self._busy[person]:
            insort(self.free[self.pool[person]], person)

    def leaves(self, person: int) -> None:
        """A shift ends; what was begun is finished."""
        was_there, self._there[person] = self._there[person], False
        if was_there and not self._busy[person]:
            self.free[self.pool[person]].remove(person)

    def takes(self, person: int) -> None:
        """Somebody begins to work on something."""
        self._busy[person] = True
        self.free[self.pool[person]].remove(person)

    def done(self, person: int, took_ms: int, now_ms: int) -> None:
        """And is free again, more tired."""
        self._busy[person] = False
        self._tired[person] = self._tired_after_break(person, now_ms - took_ms) + (
            took_ms / MINUTE_MS
        )
        self._since[person] = now_ms
        if self._there[person]:
            insort(self.free[self.pool[person]], person)

    # --- reviewing ---------------------------------------------------------------------------

    def reviews(
        self, person: int, workflow: int, base_ms: int, effort: float, skim: float,
        inspect: float, bulk: bool, ok: bool, waiting: int, now_ms: int, u_inspect: float,
        u_flag: float,
    ) -> tuple[bool, int]:  # fmt: skip
        """Begin a review: whether it is read, and how long it takes.

        What will be found is settled here, since nothing that it depends on changes before the
        end; the verdict is given then. ``effort`` is the normal time of this kind of look relative
        to a review; ``skim`` the time spent relative to that.
        """
        p = self._p
        self.takes(person)
        chance = inspect * reviewing.reading(
            p["reads"][person], self.trust(person), p["by_trust"][person], waiting,
            p["by_queue"][person], self._seen[person][workflow], p["by_repeats"][person],
            p["lapse"][person],
        )  # fmt: skip
        self._seen[person][workflow] += 1
        dwell = 0 if bulk else p["dwell"][person]
        if u_inspect >= chance:
            self.flags[person] = False
            return False, max(1, p["skip"][person], dwell)
        speed = p["speed"][person]
        took = rules.review_ms(base_ms, effort * skim, speed * p["hurry"][person], dwell)
        pace = took * speed / (base_ms * effort) if p["speed_accuracy"][person] else math.inf
        d_prime = reviewing.sensitivity(
            p["d_prime"][person], pace, self._tired_after_break(person, now_ms),
            p["fatigue"][person], p["tires_in"][person],
        )  # fmt: skip
        criterion = reviewing.criterion_of(
            p["criterion"][person], p["prevalence"][person], self._expects[person], d_prime
        )
        self.flags[person] = u_flag < reviewing.flag_chance(
            ok, d_prime, criterion, p["follows"][person]
        )
        return True, took

    def learns(self, person: int, ok: bool, flagged: bool, u_know: float) -> None:
        """What a verdict teaches: the truth, where it is learnt, else one's own opinion."""
        p = self._p
        error = (not ok) if u_know < p["feedback"][person] else flagged
        self._expects[person] = reviewing.expects_after(
            self._expects[person], error, p["memory"][person]
        )
        if error:
            self._beta[person] += p["failure"][person]
        else:
            self._alpha[person] += p["success"][person]
        pool = self.pool[person]
        self.peeking[pool] = self._peeking(pool)

    def _tired_after_break(self, person: int, now_ms: int) -> float:
        pause = (now_ms - self._since[person]) / MINUTE_MS
        return reviewing.rested(self._tired[person], pause, self._p["rests_in"][person])

    def _peeking(self, pool: int) -> float:
        """Mean over the pool: whoever happens to see it come by."""
        p, total = self._p, 0
        for person in self._members[pool]:
            total += reviewing.in_parts(
                reviewing.leaning(
                    p["peeks"][person], -p["peeks_by_trust"][person], self.trust(person)
                )
            )
        return reviewing.mean_chance(total, len(self._members[pool]))
