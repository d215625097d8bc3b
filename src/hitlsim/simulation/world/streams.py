"""Random streams, one for each named quantity."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.random.bit_generator import ISeedSequence
from numpy.typing import NDArray

Words = NDArray[np.uint32]
Of = Callable[[str], np.random.Generator]
"""The stream of a purpose, of one workflow."""

_POOL = 4
"""Words that numpy's SeedSequence mixes the seed into."""


def stream(seed: int, *names: str) -> np.random.Generator:
    """The random stream of one named quantity.

    >>> float(stream(7, "crm_update", "u_flag").random()) == float(
    ...     stream(7, "crm_update", "u_flag").random())
    True
    """
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *map(_key, names)])))


class Streams:
    """The streams of many quantities, made ready together.

    One by one, making them would take longer than most of what is drawn from them.

    >>> together = Streams(7, ["crm_update", "reply"], ["u_flag", "u_edit"]).of("reply")("u_edit")
    >>> float(together.random()) == float(stream(7, "reply", "u_edit").random())
    True
    """

    def __init__(self, seed: int, workflows: Iterable[str], purposes: Iterable[str]) -> None:
        self._seed = seed
        names = list(product(workflows, purposes))
        words = [(*_words(seed), *_key_words(a), *_key_words(b)) for a, b in names]
        most = max(map(len, words), default=0)
        # a name in four billion has a word less; it is left to numpy
        whole = [i for i, w in enumerate(words) if len(w) == most]
        states = _states(np.array([words[i] for i in whole], np.uint32).T) if whole else ()
        self._states = {names[i]: state for i, state in zip(whole, states, strict=True)}

    def of(self, workflow: str) -> Of:
        """The streams of one workflow."""

        def of(purpose: str) -> np.random.Generator:
            state = self._states.get((workflow, purpose))
            if state is None:
                return stream(self._seed, workflow, purpose)
            ready: Any = _Ready(state)  # the stubs know no other ISeedSequence than numpy's own
            return np.random.Generator(np.random.PCG64(ready))

        return of


class _Ready(ISeedSequence):
    """A SeedSequence that has done its work."""

    def __init__(self, state: NDArray[np.uint64]) -> None:
        self._state = state

    def generate_state(self, n_words: int, dtype: Any = np.uint32) -> NDArray[np.uint64]:
        """What PCG64 asks for: four words of 64 bits."""
        if (n_words, dtype) != (_POOL, np.uint64):
            raise ValueError(f"ready for PCG64 only, not for {n_words} words of {dtype}")
        return self._state


@lru_cache(maxsize=4096)  # the same few names come in every draw
def _key_words(name: str) -> tuple[int, ...]:
    return _words(_key(name))


def _key(name: str) -> int:
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest())


def _words(number: int) -> tuple[int, ...]:
    """A number as SeedSequence reads it: 32 bits at a time, without zeros at the end."""
    low, rest = number & 0xFFFFFFFF, number >> 32
    return (low, *_words(rest)) if rest else (low,)


def _states(words: Words) -> NDArray[np.uint64]:
    """What ``SeedSequence(words).generate_state(4, np.uint64)`` gives, for many seeds at once.

    Each row of ``words`` is one word of all seeds. numpy keeps that algorithm as it is; a test
    holds the two together.
    """
    scramble = _scrambler(0x43B0D7E5, 0x931E8875)
    nothing = np.zeros(words.shape[1], np.uint32)
    pool = [scramble(words[i] if i < len(words) else nothing) for i in range(_POOL)]
    for source, into in product(range(_POOL), repeat=2):
        if source != into:
            pool[into] = _mix(pool[into], scramble(pool[source]))
    for word, into in product(words[_POOL:], range(_POOL)):
        pool[into] = _mix(pool[into], scramble(word))
    scramble = _scrambler(0x8B51F9DD, 0x58F38DED)
    halves = np.array([scramble(pool[i % _POOL]) for i in range(2 * _POOL)], np.uint64)
    return np.ascontiguousarray((halves[::2] | halves[1::2] << np.uint64(32)).T)


def _scrambler(constant: int, factor: int) -> Callable[[Words], Words]:
    """A hash of one word that is another hash at each call."""

    def scramble(word: Words) -> Words:
        nonlocal constant
        word = word ^ np.uint32(constant)
        constant = constant * factor & 0xFFFFFFFF
        word = word * np.uint32(constant)
        return word ^ (word >> np.uint32(16))

    return scramble


def _mix(x: Words, y: Words) -> Words:
    mixed = np.uint32(0xCA01F9DD) * x - np.uint32(0x4973F715) * y
    return np.asarray(mixed ^ (mixed >> np.uint32(16)))
