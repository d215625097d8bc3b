"""The queues of the reference engine: who waits where, and who is next."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush

from ..contract import NEVER, Table, pools_of_queues


class Queues:
    """One queue for each set of workflows that the same people of a pool can do.

    Attributes
    ----------
    waiting : list of int
        Items in all queues of each pool.
    """

    def __init__(self, table: Table) -> None:
        self._heaps: list[list[tuple[int, int, int]]] = [[] for _ in range(table.n_queues)]
        self._queue_of: dict[int, int] = {}  # of every visit that waits
        self._pool_of = pools_of_queues(table)
        self.waiting = [0] * table.n_pools

    def __contains__(self, visit: int) -> bool:
        return visit in self._queue_of

    def enter(self, visit: int, queue: int, priority: int, since: int) -> int:
        """Highest priority first (lowest number), then oldest, then lowest visit; the pool."""
        heappush(self._heaps[queue], (priority, since, visit))
        self._queue_of[visit] = queue
        pool = self._pool_of[queue]
        self.waiting[pool] += 1
        return pool

    def leave(self, visit: int) -> None:
        """It waits no longer; its entry in the heap is passed over when it comes up."""
        self.waiting[self._pool_of[self._queue_of.pop(visit)]] -= 1

    def most_urgent(self, queues: Iterable[int]) -> int:
        """The next visit of these queues; NEVER if nothing waits in them."""
        best = None
        for number in queues:
            heap = self._heaps[number]
            while heap and self._queue_of.get(heap[0][2]) != number:
                heappop(heap)
            if heap and (best is None or heap[0] < best):
                best = heap[0]
        return NEVER if best is None else best[2]
