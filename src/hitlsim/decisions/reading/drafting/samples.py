"""Samples of what stands in a column, for reasons and questions."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Mapping, Sequence

from ...columns import COLUMNS, DType
from ..identities import HASHED
from .looks import Look

_EXAMPLES = 3


def one_or_all(forms: Sequence[str]) -> str | list[str]:
    """One format by itself, several as a list."""
    return forms[0] if len(forms) == 1 else [*forms]


def seen(look: Look, ours: str) -> str:
    """What stands in a column, shortly; never anybody's name."""
    if ours in HASHED and not look.unique:
        return f"{len(look.words):,} different values"
    if look.numbers and COLUMNS[ours].dtype is DType.NUMBER:
        return f"{look.numbers.low:g} to {look.numbers.high:g}"
    if look.dates:
        return f"such as {look.words[0]}"
    if look.unique:
        return "every value differs"
    shown = ", ".join(look.words[:_EXAMPLES])
    return shown if len(look.words) <= _EXAMPLES else f"{shown}, ..."


def first_with(sign: str, looks: Mapping[str, Look]) -> str:
    """A value in which a sign stands."""
    return next((w for look in looks.values() for w in look.words if sign in w), sign)


def tells(word: str) -> bool:
    """Whether a number has a sign that may group thousands or begin decimals."""
    return any(sign in word for sign in ".,' ")


def value_of(word: str, signs: tuple[str, str]) -> float:
    """The number that a text is, by its decimal sign and separator of thousands.

    >>> value_of("1.234,5", (",", ".")), value_of("1,234", (",", ""))
    (1234.5, 1.234)
    """
    text = word.rstrip(" %")
    return float((text.replace(signs[1], "") if signs[1] else text).replace(signs[0], "."))


def day_meant(sample: str, order: str) -> str:
    """The day that a date means, in words.

    >>> day_meant("03/08/2026 09:12", "day first"), day_meant("03/08/2026", "month first")
    ('3 August', '8 March')
    """
    first, second = (int(part) for part in re.split("[/.-]", sample)[:2])
    day, month = (first, second) if order == "day first" else (second, first)
    return f"{day} {month_name[month]}"
