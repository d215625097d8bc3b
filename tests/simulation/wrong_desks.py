"""Engines that are wrong in one small thing each: a comparison that is any good finds them."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from hitlsim.simulation.contract import Journal, Kind
from hitlsim.simulation.reference.desk import ReferenceDesk


class LooksOneByOne(ReferenceDesk):
    """The first look of a batch is begun before the others are on the desk."""

    def _on_release(self, kind: int) -> None:
        held, self._held_looks[kind] = self._held_looks[kind], []
        for visit in held:
            self._queue(visit)


class EscalatedAreNew(ReferenceDesk):
    """What is escalated queues by when that was, and no longer by its age."""

    def _on_escalation(self, visit: int) -> None:
        queued = self._out["queued"][visit]
        self._out["queued"][visit] = int(self._env.now)
        super()._on_escalation(visit)
        self._out["queued"][visit] = queued


class LastOfTheRoster(ReferenceDesk):
    """Of several who are free the last one takes the item."""

    def _dispatch(self, pool: int) -> None:
        self._people.free[pool].reverse()
        super()._dispatch(pool)
        self._people.free[pool].sort()


class MidnightIsToday(ReferenceDesk):
    """What happens at midnight still belongs to the day before."""

    def run_until(self, time_ms: int) -> Journal:
        return super().run_until(time_ms + 1)


class CountsItself(ReferenceDesk):
    """What is being begun still counts as waiting."""

    def _start(self, person: int, visit: int) -> None:
        pool = self._people.pool[person]
        self._queues.waiting[pool] += 1
        super()._start(person, visit)
        self._queues.waiting[pool] -= 1


class LastComeFirstDrafted(ReferenceDesk):
    """The newest draft is made first."""

    def _ask_for_draft(self, visit: int) -> None:
        self._to_draft[self._agent_of(visit)].appendleft(visit)
        self._draft_next(self._agent_of(visit))


class _OtherOrder(ReferenceDesk):
    """Something else comes first at the same moment."""

    first: ClassVar[Kind]

    def _at(self, time: int, kind: int, item: int, act: Callable[[int], None]) -> None:
        super()._at(time, Kind.DRAFTED - 1 if kind == self.first else kind, item, act)


class EscalatesFirst(_OtherOrder):
    first = Kind.ESCALATION


class ReleasesFirst(_OtherOrder):
    first = Kind.RELEASE


class ReviewsFirst(_OtherOrder):
    first = Kind.REVIEWED


class NeverForgetsRepeats(ReferenceDesk):
    """How often one has seen a workflow is not counted anew in each shift."""

    def _on_shift(self, item: int) -> None:
        seen = self._people._seen[item // 2]
        super()._on_shift(item)
        self._people._seen[item // 2] = seen
