"""What decisions are called, and the numbers that their names give.

Ids are ASCII. numpy holds text as four bytes a character; whatever goes through all ids goes
through one byte a character instead, without a Python loop.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ..jit import part, whole

Ids = NDArray[np.str_] | NDArray[np.bytes_]

_DIGITS = 6
"""Of a number, padded with zeros; from a million on as many as it takes."""


def numbered(names: Sequence[str], counts: Sequence[int]) -> NDArray[np.bytes_]:
    """Ids of as many decisions of each workflow: all of the first, then all of the next.

    >>> numbered(["crm_update", "reply"], [1, 2]).tolist()
    [b'crm_update-000001', b'reply-000001', b'reply-000002']
    """
    longest = [f"{name}-{n:0{_DIGITS}d}" for name, n in zip(names, counts, strict=True)]
    width = max((len(last) for last, n in zip(longest, counts, strict=True) if n), default=1)
    letters = np.zeros((sum(counts), width), np.uint8)
    numbers = _numbers(max(counts, default=0))
    end = 0
    for last, n in zip(longest, counts, strict=True):
        if not n:
            continue
        start, end = end, end + n
        head = last[: last.rindex("-") + 1].encode("ascii")
        letters[start:end, : len(head)] = np.frombuffer(head, np.uint8)
        letters[start:end, len(head) : len(last)] = numbers[:n, : len(last) - len(head)]
    return letters.view(f"S{width}").reshape(-1)


def _numbers(n: int) -> NDArray[np.uint8]:
    """The numbers from 1 to n as letters, one in each row; 0 behind the shorter ones."""
    longest = max(_DIGITS, len(str(n)))
    letters = np.zeros((n, longest), np.uint8)
    first = 1
    for digits in range(_DIGITS, longest + 1):
        last = min(n, 10**digits - 1)
        rest = np.arange(first, last + 1, dtype=np.uint32)
        for place in reversed(range(digits)):
            tens = rest // 10
            letters[first - 1 : last, place] = ord("0") + rest - 10 * tens
            rest = tens
        first = last + 1
    return letters


def as_text(ids: Ids) -> NDArray[np.str_]:
    """Ids as text.

    >>> as_text(np.array([b"reply-000001"])).tolist()
    ['reply-000001']
    """
    if ids.dtype.kind == "U":
        return cast(NDArray[np.str_], ids)
    width = ids.dtype.itemsize
    letters = np.ascontiguousarray(ids).view(np.uint8).reshape(len(ids), width)
    return letters.astype(np.uint32).view(f"U{width}").reshape(-1)


def as_bytes(ids: Ids) -> NDArray[np.bytes_]:
    """Ids as UTF-8.

    >>> as_bytes(np.array(["reply-000001"])).tolist()
    [b'reply-000001']
    """
    if ids.dtype.kind == "S":
        return cast(NDArray[np.bytes_], ids)
    width = ids.dtype.itemsize // 4
    points = np.ascontiguousarray(ids).view(np.uint32).reshape(len(ids), width)
    if ids.dtype.isnative and points.max(initial=0) < 128:
        return points.astype(np.uint8).view(f"S{width}").reshape(-1)
    return np.char.encode(cast(NDArray[np.str_], ids), "utf-8")  # other letters than ASCII


def hash_unit(ids: Ids, salt: str) -> NDArray[np.float64]:
    """A number in [0, 1) for each id that looks random but never changes.

    The audit sample is chosen by it, before routing. The hash folds the id's bytes, eight at a
    time, through the finaliser of splitmix64.

    >>> a, b = hash_unit(np.array(["crm-000001", "crm-000002"]), "audit")
    >>> bool(0 <= a < 1 and a != b)
    True
    """
    raw = as_bytes(ids)
    width = -(-max(raw.dtype.itemsize, 1) // 8)
    words = raw.astype(f"S{width * 8}").view("<u8").reshape(len(ids), width)
    start = int.from_bytes(hashlib.blake2b(salt.encode(), digest_size=8).digest())
    hashes = np.full(len(ids), start, np.uint64)
    _fold(words, hashes)
    return (hashes >> np.uint64(11)).astype(np.float64) * 2.0**-53


@whole
def _fold(words: NDArray[np.uint64], hashes: NDArray[np.uint64]) -> None:
    for i in range(len(hashes)):
        for word in words[i]:
            # an id must hash alike whatever the width of the array it stands in
            if word:
                hashes[i] = _mix(hashes[i] ^ word)


@part
def _mix(z: np.uint64) -> np.uint64:
    """The finaliser of splitmix64."""
    z += np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
