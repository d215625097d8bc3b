"""Numbers of which the smallest is wanted: event keys, and looks that are sorted."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..jit import index, part


@part
def push(heap: NDArray[np.int64], size: int, key: int) -> None:
    """Add a number to the ``size`` there are."""
    at = index(size)
    while at > 0:
        above = index((at - 1) >> 1)
        if heap[above] <= key:
            break
        heap[at] = heap[above]
        at = above
    heap[at] = key


@part
def pop(heap: NDArray[np.int64], size: int) -> int:
    """Take the smallest of the ``size`` there are."""
    smallest, end, at = heap[0], index(size - 1), 0
    key = heap[end]
    while True:
        below = index(2 * at + 1)
        if below >= end:
            break
        if below + 1 < end and heap[below + 1] < heap[below]:
            below += 1
        if heap[below] >= key:
            break
        heap[at] = heap[below]
        at = below
    heap[at] = key
    return int(smallest)
