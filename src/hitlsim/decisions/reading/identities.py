"""Names of people and ids of decisions as codes that nobody without the key can turn back."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Collection, Iterable

import pandas as pd

from ...errors import LogError
from .cells import Cells

VARIABLE = "HITLSIM_HASH_KEY"
"""The environment variable with the key; it stands in no file of ours."""
HASHED = {"reviewer": ("person", 8), "looker": ("person", 8), "decision_id": ("decision", 16)}
"""Columns that can be hashed: the word before the code, and digits enough to tell all apart."""
_KEY_LEAST = 16
_ONE_CELL = 60
"""Characters up to which a value is taken for one cell; a longer one may have swallowed a row."""
_BETWEEN_CELLS = re.compile(r'[,;|\t\r\n"]')
_HIDDEN = "(not shown: it may hold what is hashed)"


class Identities:
    """Replaces the values of some columns of ours by codes.

    The code is a keyed BLAKE2b hash [1]_ of the value. The same key gives the same code, so that
    months can be put together and a reviewer is recognised as a looker; without the key it cannot
    be tried out which name has which code.

    Parameters
    ----------
    columns : collection of str
        Some of the columns in ``HASHED``.
    key : bytes

    References
    ----------
    .. [1] M.-J. Saarinen, J.-P. Aumasson (2015). The BLAKE2 cryptographic hash and message
       authentication code. RFC 7693.

    Examples
    --------
    >>> people = Identities(["reviewer"], b"sixteen letters or more")
    >>> people.coded("reviewer", ["Ana", "Ben", "Ana", ""])
    ['person-a3c903a4', 'person-48833beb', 'person-a3c903a4', '']
    """

    def __init__(self, columns: Collection[str] = (), key: bytes = b"") -> None:
        self.columns = tuple(name for name in HASHED if name in columns)
        self._key = key

    def coded(self, column: str, words: Iterable[str]) -> list[str]:
        """The codes of some values; what is empty stays so."""
        kind, digits = HASHED[column]
        size, key, person = digits // 2, self._key, kind.encode()

        def code(word: str) -> str:
            data = word.encode("utf-8", "surrogatepass")
            mac = hashlib.blake2b(data, digest_size=size, key=key, person=person)
            return f"{kind}-{mac.hexdigest()}"

        return [code(word) if word else "" for word in words]

    def of(self, column: str, cells: Cells) -> Cells:
        """Cells with the codes in place of the values.

        Raises
        ------
        LogError
            When two values get the same code, which another key mends.
        """
        if column not in self.columns:
            return cells
        codes = self.coded(column, cells.words.tolist())
        if len(set(codes)) < cells.words.nunique():
            raise LogError(f"two values of {column} get the same code; take another {VARIABLE}")
        return Cells(pd.Series(codes, dtype="str"), cells.codes)

    def shown(
        self, column: str | None, values: list[str], secret: Callable[[], Collection[str]]
    ) -> list[str]:
        """What a list of rejects may show of a file's column, which is read as ``column``.

        An empty name of the column stands for a whole row. In a damaged row any cell may hold what
        belongs into another one, so that ``secret`` gives the values that are not shown anywhere.
        """
        if column in self.columns:
            return self.coded(column, values)
        if not self.columns:
            return values
        known = secret()

        def hides(value: str) -> bool:
            parts = [part.strip() for part in _BETWEEN_CELLS.split(value)]
            return len(value) > _ONE_CELL or any(part in known for part in parts)

        return [_HIDDEN if column == "" or hides(value) else value for value in values]


def identities(columns: Collection[str]) -> Identities:
    """What hashes some columns of ours, with the key of the environment.

    Raises
    ------
    LogError
        When there are such columns and no key, or one that is easily guessed.
    """
    if not columns:
        return Identities()
    key = os.environ.get(VARIABLE, "")
    if len(key) < _KEY_LEAST:
        what = f"has {len(key)} characters, too few" if key else "is not set"
        raise LogError(
            f"the mapping hashes {', '.join(columns)}, but the environment variable {VARIABLE} "
            f"{what}; set it to a secret of at least {_KEY_LEAST} characters, and keep it: with "
            "another key the same person gets another code"
        )
    return Identities(columns, hashlib.sha256(key.encode()).digest())
