"""Columns of a log as numbers a learner can read, learnt from earlier rows and kept as plain text.

Words become yes/no columns of the frequent ones; numbers become hat functions between their
quantiles, so that what is learnt may bend. Everything is held as lists of words and numbers, never
as code, so that a written score is safe to load and does not depend on a library's version.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...scenario.base import Part

Floats = NDArray[np.float64]
_MOST_WORDS = 30
_OFTEN = 20
"""A word must have been seen so often; in small logs a fiftieth of the rows will do."""
_KNOTS = 7
"""Points between which the effect of a number runs straight: its sextiles."""


class Kind(StrEnum):
    """How a column is read."""

    WORDS = "words"
    TOKENS = "tokens"
    """Several words joined by +."""
    NUMBER = "number"


class Column(Part):
    """One column as it was learnt."""

    name: str
    kind: Kind
    words: tuple[str, ...] = ()
    """Those seen often enough, most frequent first; all others count alike."""
    knots: tuple[float, ...] = ()
    """Quantiles of a number, ascending."""


class Encoding(Part):
    """All columns a score reads."""

    columns: tuple[Column, ...]

    @property
    def width(self) -> int:
        """Columns of :meth:`smooth`."""
        return sum(len(c.words) + 2 if c.kind is not Kind.NUMBER else len(c.knots) + 1
                   for c in self.columns)  # fmt: skip

    @property
    def narrow_width(self) -> int:
        """Columns of :meth:`plain`."""
        return sum(max(1, len(c.words)) if c.kind is Kind.TOKENS else 1 for c in self.columns)

    def smooth(self, frame: pd.DataFrame) -> Floats:
        """For a linear learner: yes/no columns and hat functions, all from 0 to 1."""
        return np.hstack([_smooth(c, frame[c.name]) for c in self.columns])

    def plain(self, frame: pd.DataFrame) -> Floats:
        """For trees: the place of a word in its list, numbers as they are; NaN where missing."""
        return np.hstack([_plain(c, frame[c.name]) for c in self.columns])


def learn(frame: pd.DataFrame, kinds: Mapping[str, Kind]) -> Encoding:
    """Learn the words and the knots of columns; outcomes are not looked at.

    >>> columns = {"job": ["a", "b", "a", None], "age": [30.0, 40.0, np.nan, 50.0]}
    >>> found = learn(pd.DataFrame(columns), {"job": Kind.WORDS, "age": Kind.NUMBER})
    >>> [c.words or c.knots for c in found.columns][0]
    ('a', 'b')
    >>> found.smooth(pd.DataFrame({"job": ["a", "new", None], "age": [30.0, 99.0, np.nan]}))[:, :4]
    array([[1., 0., 0., 0.],
           [0., 0., 1., 0.],
           [0., 0., 0., 1.]])
    """
    often = min(_OFTEN, max(1, len(frame) // 50))
    return Encoding(columns=tuple(_learn(frame[n], n, k, often) for n, k in kinds.items()))


def _learn(values: pd.Series, name: str, kind: Kind, often: int) -> Column:
    if kind is Kind.NUMBER:
        known = values[values.notna() & np.isfinite(values)]
        knots = np.quantile(known, np.linspace(0, 1, _KNOTS)) if len(known) else np.array([0.0])
        return Column(name=name, kind=kind, knots=tuple(np.unique(knots).tolist()))
    counts = (_tokens(values) if kind is Kind.TOKENS else values).value_counts()
    # as frequent words follow the alphabet, whatever order the rows came in
    ranked = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    kept = [str(word) for word, n in ranked[:_MOST_WORDS] if n >= often]
    return Column(name=name, kind=kind, words=tuple(kept))


def _tokens(values: pd.Series) -> pd.Series:
    words = values.dropna().str.split("+").explode()
    return words[words != ""]


def _codes(column: Column, values: pd.Series) -> NDArray[np.intp]:
    """Place in the list of words; one more for other words, two more for none."""
    found = pd.Index(column.words, dtype=object).get_indexer(values.to_numpy(object))
    codes = np.where(found < 0, len(column.words), found)
    return np.where(values.isna(), len(column.words) + 1, codes)


def _holds(column: Column, values: pd.Series) -> Floats:
    """For each token of the list whether it is there; then whether others are, or none is."""
    at = {word: i for i, word in enumerate(column.words)}
    texts, codes = np.unique(values.fillna("").to_numpy(str), return_inverse=True)
    rows = np.zeros((len(texts), len(at) + 2))
    for i, text in enumerate(texts.tolist()):
        for word in text.split("+") if text else ():
            rows[i, at.get(word, len(at))] = 1
        rows[i, -1] = not text
    return np.asarray(rows[codes])


def _smooth(column: Column, values: pd.Series) -> Floats:
    if column.kind is Kind.TOKENS:
        return _holds(column, values)
    if column.kind is Kind.WORDS:
        return np.asarray(np.eye(len(column.words) + 2)[_codes(column, values)])
    x = values.to_numpy(float)
    missing = np.isnan(x)
    hats = [np.interp(x, column.knots, one) for one in np.eye(len(column.knots))]
    return np.column_stack([*(np.where(missing, 0.0, hat) for hat in hats), missing])


def _plain(column: Column, values: pd.Series) -> Floats:
    if column.kind is Kind.TOKENS:
        return _holds(column, values)[:, : max(1, len(column.words))]
    if column.kind is Kind.WORDS:
        codes = _codes(column, values).astype(float)
        return np.where(values.isna(), np.nan, codes)[:, None]
    return np.asarray(values.to_numpy(float)[:, None])
