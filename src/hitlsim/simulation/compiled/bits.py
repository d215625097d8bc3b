"""Sets of small numbers as words of bits, the lowest of which is wanted."""

from __future__ import annotations

import numpy as np

from ..jit import part

WORD_BITS = 32
"""So many are in one word; it is one of 64 bits, so that no sign is in the way."""
_DE_BRUIJN = 0x077CB531
"""Times a power of two, its top five bits are another number for each of the 32."""
_NUMBER = np.zeros(WORD_BITS, np.int64)
for _number in range(WORD_BITS):
    _NUMBER[(_DE_BRUIJN << _number & 0xFFFF_FFFF) >> 27] = _number


@part
def lowest_of(bits: int) -> int:
    """The lowest bit that is set."""
    return bits & -bits


@part
def number_of(bit: int) -> int:
    """Which one a bit is: 0 for the first."""
    return int(_NUMBER[bit * _DE_BRUIJN >> 27 & 31])


def words_for(n: int) -> int:
    """How many words so many numbers take.

    >>> words_for(0), words_for(32), words_for(33)
    (0, 1, 2)
    """
    return -(-n // WORD_BITS)
