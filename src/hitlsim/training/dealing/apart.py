"""Further decks of the same log: which decisions another deck has, without naming them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import LogError
from ..acts import ROUNDS
from ..playing.item import MARKS, Cards


def marked(ids: Sequence[str], purpose: str) -> dict[str, Any]:
    """Marks of decisions for a deck's record: BLAKE2b of salt and id.

    A mark hides an id from those who do not have the log, and nothing more: whoever can list the
    ids can try them all.

    >>> len(marked(["d1", "d2"], "A7")["drawn"])
    2
    """
    salt = _digest(purpose, ids[0])
    return {"salt": salt, "drawn": [_digest(salt, i) for i in ids]}


def in_others(ids: Sequence[str], others: Iterable[Cards]) -> NDArray[np.bool_]:
    """Which decisions other decks have.

    Raises
    ------
    LogError
        When a deck does not say which it has.
    """
    used = np.zeros(len(ids), bool)
    for cards in others:
        if not all(cards.record.get(name) for name in MARKS):
            raise LogError(
                f"other_than: deck {cards.letter} does not say which decisions it has; give a deck "
                "that draw_deck made, or the file it wrote"
            )
        drawn, salt = set(cards.record["drawn"]), str(cards.record["salt"])
        used |= np.fromiter((_digest(salt, i) in drawn for i in ids), bool, len(ids))
    return used


def next_letter(letters: Sequence[str]) -> str:
    """The letter after the last one.

    Raises
    ------
    LogError
        After ``Z``.

    >>> next_letter([]), next_letter(["A", "B"])
    ('A', 'C')
    """
    if not letters:
        return "A"
    if max(letters) >= "Z":
        raise LogError("other_than: after deck Z there is no letter left; name fewer decks")
    return chr(ord(max(letters)) + 1)


def item_ids(rounds: Iterable[str], letter: str) -> list[str]:
    """Names of items: round and place in it, with the letter before those of further decks.

    >>> item_ids(["shadow", "shadow", "steady"], "B")
    ['B1-01', 'B1-02', 'B3-01']
    """
    first, at, named = "" if letter == "A" else letter, dict.fromkeys(ROUNDS, 0), []
    for name in rounds:
        at[name] += 1
        named.append(f"{first}{ROUNDS.index(name) + 1}-{at[name]:02d}")
    return named


def _digest(salt: str, text: str) -> str:
    data = f"{salt}\0{text}".encode("utf-8", "surrogatepass")
    return hashlib.blake2b(data, digest_size=10).hexdigest()
