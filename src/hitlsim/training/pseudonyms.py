"""Names that tell nobody who somebody is."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..errors import LogError

PSEUDONYM = re.compile(r"(?=.{1,24}$)(?:[a-z0-9][a-z0-9_-]*|(?=.*\d)[A-Za-z0-9][A-Za-z0-9_-]*)")
"""In small letters, or with a number in it: ``wren``, ``P07``. ``Maria`` is taken for a name."""
BIRDS = (
    "avocet", "bittern", "brambling", "bunting", "chough", "coot", "crake", "curlew", "dipper",
    "dotterel", "dunlin", "eider", "fieldfare", "gannet", "garganey", "godwit", "goldcrest",
    "grebe", "heron", "hobby", "hoopoe", "jackdaw", "kestrel", "kite", "lapwing", "linnet",
    "martin", "merlin", "nuthatch", "oriole", "ouzel", "pipit", "plover", "puffin", "redstart",
    "sanderling", "shrike", "siskin", "skylark", "snipe", "stint", "swift", "teal", "turnstone",
    "wagtail", "warbler", "wheatear", "whimbrel", "wigeon", "wren",
)  # fmt: skip


def checked_pseudonym(given: str) -> str:
    """A pseudonym as it is kept.

    Raises
    ------
    LogError
        When it looks like a name, or has anything in it but letters, digits, ``-`` and ``_``.

    Examples
    --------
    >>> checked_pseudonym(" wren ")
    'wren'
    """
    name = given.strip()
    if not PSEUDONYM.fullmatch(name):
        raise LogError(
            f"{name[:40]!r} is no pseudonym: up to 24 small letters, digits, - and _, such as "
            "wren or p07; nobody's own name"
        )
    return name


def free_pseudonym(taken: Collection[str]) -> str:
    """The first bird that nobody has; with a number when all birds are taken.

    >>> free_pseudonym({"avocet"})
    'bittern'
    """
    for round_ in range(1, len(taken) + 2):
        for bird in BIRDS:
            name = bird if round_ == 1 else f"{bird}-{round_}"
            if name not in taken:
                return name
    raise AssertionError("there are more names than takers")
