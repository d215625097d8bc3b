"""What a certificate is asked for, checked: one message for what makes no sense."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ....errors import LogError
from ..goals import SILENT_RATES
from .held_out import Mask

METHODS = ("fixed_sequence", "bonferroni")


def check_asked(rate: str, at_most: float, confidence: float, method: str) -> None:
    """Refuse names that are unknown, and shares that are none."""
    for name, value, known in (
        ("rate", rate, SILENT_RATES),
        ("method", method, METHODS),
    ):
        if value not in known:
            raise LogError(f"{name} {value!r} is unknown; known: {', '.join(known)}")
    if not 0 < at_most < 1:
        raise LogError(f"at_most {at_most:g} must lie between 0 and 1, for example 0.02")
    if not 0 < confidence < 1:
        raise LogError(f"confidence {confidence:g} must lie between 0 and 1, for example 0.90")


def family_of(alone: Mask) -> Mask:
    """Who goes alone under which candidate."""
    alone = np.asarray(alone)
    if alone.ndim != 2 or alone.dtype != bool or not alone.shape[1]:
        raise LogError(
            f"alone: shape {alone.shape} of {alone.dtype} is no family; give true or false for "
            "each decision (rows) and each candidate (columns)"
        )
    return alone


def labels_of(bad: ArrayLike, n: int) -> Mask:
    """Labels as booleans; missing ones are refused, as they would count as ok."""
    labels = pd.Series(np.asarray(bad).ravel())
    if len(labels) != n:
        raise LogError(f"bad: {len(labels):,} labels for {n:,} decisions; give one for each")
    missing = int(labels.isna().sum())
    if missing:
        raise LogError(
            f"bad: {missing:,} of {n:,} labels are missing, and a missing label is not a good one; "
            "leave those decisions out if chance alone decided who was looked at, else have them "
            "looked at"
        )
    if not labels.isin([0, 1]).all():
        raise LogError("bad: labels must be true or false")
    return np.asarray(labels, bool)


def turns_of(order: Sequence[int] | None, candidates: int) -> NDArray[np.int64]:
    """In which order candidates are tested: each once."""
    turns = np.arange(candidates) if order is None else np.asarray(order)
    if sorted(turns.tolist()) != list(range(candidates)):
        raise LogError(f"order must name each of the {candidates} candidates once, from 0 on")
    return turns
