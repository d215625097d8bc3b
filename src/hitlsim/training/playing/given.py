"""Values that come from a file or from a browser, checked and cleaned one by one.

By hand, since every trainee's kernel carries this module: pydantic would weigh more than the rest.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from ...errors import LogError


def clean(text: str) -> str:
    r"""Text that every page, table and file can hold.

    Halves of characters are replaced, and control characters dropped but for the end of a line and
    the tab.

    >>> clean("Ada\x00 \ud83d\n")
    'Ada \ufffd\n'
    """
    if text.isprintable():
        return text
    kinds = ((c, unicodedata.category(c)) for c in text)
    return "".join(
        "\N{REPLACEMENT CHARACTER}" if kind == "Cs" else c
        for c, kind in kinds if kind != "Cc" or c in "\n\t"
    )  # fmt: skip


def a_text(name: str, value: Any) -> str:
    """A text, cleaned.

    Raises
    ------
    LogError
    """
    if not isinstance(value, str):
        raise LogError(f"{name} must be a text, not {_short(value)}")
    return clean(value)


def lines_of(name: str, value: Any) -> tuple[str, ...]:
    """A list of texts.

    Raises
    ------
    LogError
    """
    if not isinstance(value, (list, tuple)):
        raise LogError(f"{name} must be a list of texts, not {_short(value)}")
    return tuple(a_text(name, line) for line in value)


def a_flag(name: str, value: Any) -> bool:
    """True or false, and nothing that only looks so.

    Raises
    ------
    LogError
    """
    if not isinstance(value, bool):
        raise LogError(f"{name} must be true or false, not {_short(value)}")
    return value


def is_number(value: Any) -> bool:
    """Whether it is a finite number.

    >>> is_number(0.5), is_number(True), is_number("0.5"), is_number(float("nan"))
    (True, False, False, False)
    """
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def numbers_of(name: str, value: Any) -> dict[str, float]:
    """Finite numbers by name; what is missing is None.

    Raises
    ------
    LogError
    """
    if not isinstance(value, Mapping):
        raise LogError(f"{name} must be numbers by name, not {_short(value)}")
    for key, number in value.items():
        if number is not None and not is_number(number):
            raise LogError(f"{key} must be a number, not {_short(number)}")
    return dict(value)


def _short(value: Any) -> str:
    return repr(value)[:40]
