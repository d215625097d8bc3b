"""Work that is done once for each frozen object, however often it is asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import Any, Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")

_OBJECTS_KEPT = 64


class _Itself(Generic[T]):
    """An object by identity: to compare scenarios takes longer than most of what is kept of them.

    It holds the object, so that no other one can take its place in memory.
    """

    def __init__(self, it: T) -> None:
        self.it = it

    def __hash__(self) -> int:
        return id(self.it)

    def __eq__(self, other: Any) -> bool:
        return isinstance(other, _Itself) and self.it is other.it


def once_for_each(function: Callable[[T], R]) -> Callable[[T], R]:
    """The same function of a frozen object, worked out once for each of the last ones seen.

    All callers are given the same answer; nobody may change it.

    >>> asked = []
    >>> name = once_for_each(lambda it: asked.append(it) or "answer")
    >>> scenario = object()
    >>> name(scenario), name(scenario), len(asked)
    ('answer', 'answer', 1)
    """

    @lru_cache(maxsize=_OBJECTS_KEPT)
    def kept(itself: _Itself[T]) -> R:
        return function(itself.it)

    @wraps(function)
    def once(it: T) -> R:
        return kept(_Itself(it))

    return once
