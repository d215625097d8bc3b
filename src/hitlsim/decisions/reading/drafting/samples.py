"""Samples of what stands in a column, for reasons and questions."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Sequence

import numpy as np

from ...columns import COLUMNS, DType
from ..identities import HASHED
from .looks import Look, Signs, numbers_in
from .words import PERSON, parted

_EXAMPLES = 3
_NAMES = {*HASHED, "agent", "pool"}
"""Columns whose values may be names of people, or of teams that are called after them."""


def one_or_all(forms: Sequence[str]) -> str | list[str]:
    """One format by itself, several as a list."""
    return forms[0] if len(forms) == 1 else [*forms]


def seen(look: Look, ours: str) -> str:
    """What stands in a column, shortly; never anybody's name."""
    if (ours in _NAMES or PERSON & {*parted(look.name).split()}) and not look.unique:
        return f"{len(look.words):,} different values"
    if look.numbers and COLUMNS[ours].dtype is DType.NUMBER:
        return f"{look.numbers.low:g} to {look.numbers.high:g}"
    if look.dates:
        return f"such as {look.words[0]}"
    if look.unique:
        return "every value differs"
    shown = ", ".join(look.words[:_EXAMPLES])
    return shown if len(look.words) <= _EXAMPLES else f"{shown}, ..."


def only_by(signs: Signs, others: Signs, words: Sequence[str]) -> str:
    """A number that one way of writing explains and another does not; empty if there is none.

    >>> only_by((",", "."), (",", ""), ["7", "1.234,5"])
    '1.234,5'
    """
    proof = np.isfinite(numbers_in(words, signs)) & np.isnan(numbers_in(words, others))
    return words[int(proof.argmax())] if proof.any() else ""


def ambiguous(words: Sequence[str], ways: Sequence[Signs]) -> tuple[str, dict[str, Signs]]:
    """A number that every way of writing can read, but not alike, and what it is in which.

    >>> ambiguous(["7", "1 of 2", "1,150"], [(".", ","), (",", "")])
    ('1,150', {'1150': ('.', ','), '1.15': (',', '')})
    """
    values = np.array([numbers_in(words, signs) for signs in ways])
    differ = np.isfinite(values).all(axis=0) & (values != values[0]).any(axis=0)
    if not differ.any():
        return "", {}
    at = int(differ.argmax())
    meant: dict[str, Signs] = {}
    for value, signs in zip(values[:, at], ways, strict=True):
        meant.setdefault(f"{value:.10g}", signs)
    return words[at], meant


def day_meant(sample: str, order: str) -> str:
    """The day that a date means, in words.

    >>> day_meant("03/08/2026 09:12", "day first"), day_meant("03/08/2026", "month first")
    ('3 August', '8 March')
    """
    first, second = (int(part) for part in re.split("[/.-]", sample)[:2])
    day, month = (first, second) if order == "day first" else (second, first)
    return f"{day} {month_name[month]}"
