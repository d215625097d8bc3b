"""What a team has seen so far, added up, so that any stretch of days is one subtraction."""

from __future__ import annotations

from collections.abc import Sequence
from operator import add

import numpy as np

from ..contract import SEEN, Records

_FIELDS = {name: i for i, name in enumerate(SEEN.names or ())}
"""The place of each count among those of a workflow."""


class Past:
    """Sums of SEEN over the days that are over.

    Parameters
    ----------
    n_workflows : int

    Attributes
    ----------
    day : int
        So many days are over.

    Examples
    --------
    >>> seen = np.zeros((3, 2), SEEN)
    >>> seen["emails"] = [[1, 10], [2, 20], [4, 40]]
    >>> past = Past(2)
    >>> past.add(seen)
    >>> past.count("emails", 0, since=1), int(past.between(1, [0, 1])["emails"][0])
    (6, 66)
    """

    def __init__(self, n_workflows: int) -> None:
        self._n_columns = n_workflows * len(_FIELDS)
        # What was seen before each day. Lists, since numpy takes longer over a few numbers.
        self._until = [[0] * self._n_columns]

    @property
    def day(self) -> int:
        """So many days are over."""
        return len(self._until) - 1

    def add(self, seen: Records) -> None:
        """Take in the days that ``seen`` (SEEN, by day and workflow) has more than before."""
        counts = np.ascontiguousarray(seen[self.day :]).view(np.int64)
        for each in counts.reshape(-1, self._n_columns).tolist():
            self._until.append(list(map(add, self._until[-1], each)))

    def count(self, name: str, workflow: int, *, since: int) -> int:
        """One count of one workflow, from a day until now."""
        column = workflow * len(_FIELDS) + _FIELDS[name]
        return self._until[-1][column] - self._until[since][column]

    def between(self, first: int, workflows: Sequence[int]) -> Records:
        """What was seen of some workflows from a day until now: one record of SEEN."""
        sums = np.subtract(self._until[-1], self._until[first]).reshape(-1, len(_FIELDS))
        seen: Records = sums[list(workflows)].sum(axis=0).view(SEEN)
        return seen
