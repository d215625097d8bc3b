"""Times whose every part has its fixed place, written as ISO 8601, which is read much faster."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..columns import Column
from .cells import Reading, Slip, Writing, read_words

_WIDTH = {"d": 2, "m": 2, "Y": 4, "H": 2, "M": 2, "S": 2}
_ISO = (("Y", ""), ("m", "-"), ("d", "-"), ("H", "T"), ("M", ":"), ("S", ":"))
"""The parts of a time in their order, and what stands before each."""
_MANY = 10_000
"""Distinct texts from which on the detour is worth it."""


def read_fixed(words: pd.Series, column: Column, writing: Writing, form: str) -> Reading:
    """Read times by one format: those that fit its places at once, the others by the format.

    What is read, and what is said about what cannot be, does not depend on the detour.
    """
    iso = as_iso(words, form) if len(words) >= _MANY else None
    as_written = writing._replace(date_format=form)
    if iso is None:
        return read_words(words, column, as_written)
    quick = read_words(iso, column, writing._replace(date_format=None))
    took = np.asarray(quick.values.notna(), dtype=bool)
    rest = read_words(words.where(~took, ""), column, as_written)
    slips = [*_those(quick.slips, took), *_those(rest.slips, ~took)]
    values = rest.values.where(~took, quick.values)
    return Reading(values, slips, (quick.doubtful & took) | rest.doubtful)


def _those(slips: list[Slip], which: NDArray[np.bool_]) -> list[Slip]:
    return [Slip(slip.which & which, slip.reason) for slip in slips]


def as_iso(words: pd.Series, form: str) -> pd.Series | None:
    """Texts that fit a format's places as ISO 8601, the others empty.

    None for a format with a part of no fixed width, such as a month in words.

    Examples
    --------
    >>> as_iso(pd.Series(["30/09/2026 14:05", "1/9/2026 14:05"]), "%d/%m/%Y %H:%M").tolist()
    ['2026-09-30T14:05', '']
    >>> as_iso(pd.Series(["30 Sep 2026"]), "%d %b %Y") is None
    True
    """
    places, pattern, at = {}, "", 0
    for part, sign in re.findall(r"%(.)|([^%])", form):
        if part and (part not in _WIDTH or part in places):
            return None
        width = _WIDTH[part] if part else 1
        if part:
            places[part] = (at, at + width)
        pattern += f"[0-9]{{{width}}}" if part else re.escape(sign)
        at += width
    if {"Y", "m", "d"} - places.keys() or ("H" in places) != ("M" in places):
        return None
    texts = pa.array(words, pa.large_string())
    fits = pc.match_substring_regex(texts, f"^{pattern}$")
    pieces: list[Any] = []
    for part, before in _ISO:
        if part in places:
            start, stop = places[part]
            pieces += [pa.scalar(before, pa.large_string())] if before else []
            pieces.append(pc.utf8_slice_codeunits(texts, start, stop))
    iso = pc.binary_join_element_wise(*pieces, pa.scalar("", pa.large_string()))
    return pd.Series(pc.if_else(fits, iso, "").to_pandas(), index=words.index, dtype="str")
