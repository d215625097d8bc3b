"""One of the files that a log is read from, and its columns as values."""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..columns import COLUMNS, Column, DType
from .cells import Cells, Reading, Writing, as_written, read_words
from .fixed import read_fixed
from .identities import Identities
from .parts import Export
from .rejects import Rejects
from .sheets.sheet import Sheet


class Read(NamedTuple):
    """A column that was read: the value of each distinct text, and which one each row has."""

    name: str
    values: Any
    cells: Cells
    doubtful: NDArray[np.bool_]

    def spread(self, rows: NDArray[np.int64] | None = None) -> Any:
        """The value of each row, or of the rows given; -1 is none."""
        return self._take(self.cells.codes if rows is None else self.codes(rows))

    def codes(self, rows: NDArray[np.int64]) -> NDArray[np.int64]:
        """Which distinct text some rows have; -1 for no row."""
        return np.where(rows < 0, -1, self.cells.codes[rows])

    def _take(self, codes: NDArray[np.int64]) -> Any:
        values = pd.Series(self.values).array
        if (codes >= 0).all():
            return values.take(codes)
        spread = values.take(codes, allow_fill=True)
        if COLUMNS[self.name].dtype is DType.TEXT:
            spread[codes < 0] = ""
        return spread


@dataclass(frozen=True)
class Table:
    """A file's sheet, how it is written, what is read from it, and what cannot be used."""

    file: str
    sheet: Sheet
    export: Export
    writing: Writing
    sources: Map[str, str]
    """For each column of the log, the column of the sheet."""
    people: Identities
    rejects: Rejects
    words: Map[str, Map[str, str]] = field(default_factory=dict)
    """For columns of the log, words that are replaced."""
    used: frozenset[str] = frozenset()
    """Columns of the sheet that something is read from."""

    @classmethod
    def of(
        cls,
        file: str,
        sheet: Sheet,
        export: Export,
        writing: Writing,
        sources: Map[str, str],
        people: Identities,
        words: Map[str, Map[str, str]],
        others: Map[str, str],
    ) -> Table:
        """A table with rows that are no rows given up.

        ``others`` are columns that something is read from besides ``sources``, each with the
        column of the log whose values it holds too, or with nothing.
        """
        roles = [*((source, name) for name, source in sources.items()), *others.items()]
        secret = {source: name for source, name in roles if name in people.columns}
        used = frozenset(sheet.names).intersection(source for source, _ in roles)

        @cache
        def hidden() -> frozenset[str]:
            words = (Cells.of(sheet.column(name)).words for name in secret if name in sheet.names)
            return frozenset(word for column in words for word in column if word)

        def shown(column: str, values: list[str]) -> list[str]:
            return people.shown(secret.get(column) if column else "", values, hidden)

        rejects = Rejects(sheet.rows, shown)
        rejects.add_broken(sheet.broken)
        return cls(file, sheet, export, writing, sources, people, rejects, words, used)

    @property
    def texts(self) -> Any:
        """Of the sheet the columns that something is read from."""
        return self.sheet.table.select([n for n in self.sheet.names if n in self.used])

    def has(self, name: str) -> bool:
        """Whether the file has a column of this name."""
        return name in self.sheet.names

    def cells(self, source: str) -> Cells:
        """A column of the file, as texts."""
        return Cells.of(self.sheet.column(source))

    def read(self, name: str) -> Read:
        """A column of the log; rows whose text means nothing are given up."""
        source = self.sources[name]
        cells = self.cells(source)
        words = self.people.of(name, cells.replaced(self.words.get(name, {}))).words
        reading = self.reading(words, source, COLUMNS[name])
        for slip in reading.slips:
            if slip.which.any():
                self.rejects.add(slip.which[cells.codes], source, cells, slip.reason)
        return Read(name, reading.values, cells, reading.doubtful)

    def reading(self, words: pd.Series, source: str, column: Column) -> Reading:
        """Distinct texts of a column of the file as values of a column of the log."""
        writing, formats = self.writing, self.export.formats(column.name)
        if source in self.sheet.typed:
            # most cells were times or numbers; those typed in as words are as the mapping says
            formats = tuple(dict.fromkeys((None, *formats)))
            if column.dtype in (DType.NUMBER, DType.WHOLE):
                words = as_written(words, writing)
        if column.dtype is DType.TIME and len(formats) == 1 and formats[0] is not None:
            return read_fixed(words, column, writing, formats[0])
        return read_words(words, column, writing._replace(date_format=formats))
