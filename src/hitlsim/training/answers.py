"""The answers of a cohort: a table, where it comes from, and what could not be used of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..decisions.log import META, DecisionLog
from ..decisions.reading.cells import Cells, Writing, read_words
from ..decisions.reading.rejects import (
    Rejects,
    allowed_share,
    check_share,
    no_rejects,
    write_rejects,
)
from ..decisions.reading.sheets.open import open_sheet
from ..decisions.reading.sheets.sheet import Sheet
from ..errors import LogError
from .acts import FLAGS, ROUNDS, Act
from .columns import ANSWERS, FIRST_DECK, KEY, REQUIRED
from .pseudonyms import PSEUDONYM

_TRUTH = ("right", "needs_look")
"""What must be the same of an item, whoever answers it."""
CLASS_FILES = (".db", ".sqlite", ".sqlite3")
"""What the file of a class ends in."""


@dataclass(frozen=True)
class Answers:
    """One row for each answer, with the columns of :mod:`hitlsim.training.columns`.

    Attributes
    ----------
    frame : DataFrame
        Sorted by trainee, deck, round and the order of the source; columns a source lacks are
        absent.
    record : mapping
        Where they come from: source or deck, cohort, currency, versions.
    rejects : DataFrame
        Rows that could not be used: row number, column, value, reason.
    """

    frame: pd.DataFrame
    record: Mapping[str, Any] = field(default_factory=dict)
    rejects: pd.DataFrame = field(default_factory=no_rejects)

    def __len__(self) -> int:
        return len(self.frame)

    @cached_property
    def trainees(self) -> list[str]:
        """Pseudonyms, in order."""
        return sorted(self.frame["trainee"].unique().tolist())

    @cached_property
    def decks(self) -> list[str]:
        """Letters of the decks that were played, in order."""
        return sorted(_decks_of(self.frame).unique().tolist())

    @property
    def rounds(self) -> list[str]:
        """The rounds that were played, in order."""
        there = set(self.frame["round"].astype(str))
        return [r for r in ROUNDS if r in there]

    def has(self, *columns: str) -> bool:
        """Whether the answers have all these columns with at least one value."""
        return all(c in self.frame and self.frame[c].notna().any() for c in columns)

    def of(self, trainee: str) -> Answers:
        """The answers of one person.

        Raises
        ------
        LogError
            When nobody has that pseudonym.
        """
        part = self.frame[self.frame["trainee"] == trainee].reset_index(drop=True)
        if not len(part):
            raise LogError(
                f"trainee {trainee!r} has no answers; there are {', '.join(self.trainees)}"
            )
        return Answers(part, self.record)

    def of_deck(self, letter: str) -> Answers:
        """The answers to one deck, with what the record says of it.

        Raises
        ------
        LogError
            When nobody played a deck of that letter.
        """
        if letter not in self.decks:
            raise LogError(
                f"nobody played deck {letter!r}; there {'are' if len(self.decks) > 1 else 'is'} "
                f"{', '.join(self.decks)}"
            )
        part = self.frame[_decks_of(self.frame) == letter].reset_index(drop=True)
        own = dict(self.record.get("decks") or {}).get(letter, {})
        return Answers(part, {**self.record, **own})

    def in_round(self, name: str) -> Answers:
        """The answers of one round; there may be none."""
        part = self.frame[self.frame["round"].astype(str) == name]
        return Answers(part.reset_index(drop=True), self.record)

    def to_parquet(self, path: str | Path) -> Path:
        """Write the table with its record; the same answers give the same bytes."""
        return DecisionLog(self.frame, self.record).to_parquet(path)

    def to_csv(self, path: str | Path) -> Path:
        """Write the table as CSV, without its record (.gz compresses)."""
        return DecisionLog(self.frame, self.record).to_csv(path)


def read_answers(
    path: str | Path,
    *,
    rejects: str | Path | None = None,
    allow_rejects: float | None = None,
) -> Answers:
    r"""Read the answers of a training session.

    Parameters
    ----------
    path : str or Path
        CSV, Excel, JSON lines or Parquet, with the columns of
        :data:`~hitlsim.training.columns.ANSWERS` under their own names; or the file of a class
        (``.db``), as ``hitlsim train serve`` writes it.
    rejects : str or Path, optional
        Where to list, as CSV, the rows that cannot be used.
    allow_rejects : float, optional
        Largest share of such rows; 0.01 if not said.

    Returns
    -------
    Answers
        What does not look like a pseudonym (small letters, or with a number: ``wren``, ``P07``) is
        replaced by ``trainee-1``, ``trainee-2`` ...

    Raises
    ------
    LogError
        When the file cannot be used, too many rows cannot, or an item is right for one trainee
        and wrong for another.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "answers.csv"
    >>> _ = file.write_text("trainee,item_id,round,action,needs_look,right\n"
    ...                     "heron,i1,shadow,edit,yes,no\nheron,i2,shadow,leave alone,no,yes\n")
    >>> read_answers(file).frame[["item_id", "action"]].values.tolist()
    [['i1', 'edit'], ['i2', 'leave alone']]
    """
    path = Path(path)
    target = None if rejects is None else Path(rejects)
    if target and target.resolve() == path.resolve():
        raise LogError(f"{target}: rejects would overwrite what is read; give another path")
    if path.suffix.lower() in CLASS_FILES:
        return _of_class(path)
    sheet = open_sheet(path, set(ANSWERS))
    _check_header(sheet, path.name)
    bad = Rejects(sheet.rows)
    bad.add_broken(sheet.broken)
    frame = _frame(sheet, bad)
    twice = np.asarray(frame.duplicated(KEY), bool)
    bad.add(twice, "item_id", Cells.of(sheet.column("item_id")), "is answered twice in its round")
    frame = frame[~bad.bad]
    if target:
        write_rejects(bad.frame(), target)
    check_share(bad, allowed_share(allow_rejects, None), path.name, target, "mend the file")
    if not len(frame):
        raise LogError(f"{path.name}: has no answers; give a file with one row for each answer")
    _check_items(frame, path.name)
    frame, renamed = _under_pseudonyms(frame)
    record = {
        **_record_in(path), "source": path.name, "sha256": sheet.sha256,
        "rows_used": len(frame), "rows_rejected": len(bad), "names_replaced": renamed,
    }  # fmt: skip
    return Answers(in_order(frame), record, bad.frame())


def answers_of(rows: Iterable[Mapping[str, Any]], record: Mapping[str, Any]) -> Answers:
    """Answers from rows that a program holds, such as those of a session.

    Parameters
    ----------
    rows : iterable of mapping
        One for each answer, with the columns of :data:`~hitlsim.training.columns.ANSWERS`; what
        is None or left out is missing.
    record : mapping
        Where they come from.

    Returns
    -------
    Answers

    Raises
    ------
    LogError
        When a row lacks what is needed, has a value that cannot be, an item is answered twice, or
        it is right for one trainee and wrong for another.

    Examples
    --------
    >>> row = {"trainee": "wren", "item_id": "1-01", "round": "shadow", "action": "edit",
    ...        "needs_look": True, "right": False}
    >>> answers_of([row], {"source": "a session"}).trainees
    ['wren']
    """
    where = str(record.get("source") or "answers")
    table = pd.DataFrame.from_records([dict(row) for row in rows])
    if not len(table):
        empty = pd.DataFrame({name: pd.Series(dtype="str") for name in REQUIRED})
        return Answers(empty, dict(record))
    frame = _typed(table, where)
    twice = frame.duplicated(KEY)
    if twice.any():
        who, item, _ = frame.loc[twice, KEY].iloc[0]
        raise LogError(f"{where}: {who} answers item {item!r} twice; keep the first answer only")
    _check_items(frame, where)
    frame, renamed = _under_pseudonyms(frame)
    return Answers(in_order(frame), {**record, "names_replaced": renamed} if renamed else record)


def _typed(table: pd.DataFrame, where: str) -> pd.DataFrame:
    """Columns of a program's rows, each held as its kind is held in a table of answers."""
    lacking = [n for n in REQUIRED if n not in table or table[n].isna().any()]
    if lacking:
        raise LogError(
            f"{where}: a row lacks {', '.join(lacking)}; every answer needs {', '.join(REQUIRED)}"
        )
    made = {}
    for name, column in ANSWERS.items():
        if name not in table or table[name].isna().all():
            continue
        words = table[name].where(table[name].notna(), "").astype(str).str.strip()
        reading = read_words(words, column, Writing())
        slip = next((slip for slip in reading.slips if slip.which.any()), None)
        if slip is not None:
            raise LogError(f"{where}: {name} {words[slip.which].iloc[0]!r} {slip.reason}")
        made[name] = pd.Series(reading.values).reset_index(drop=True)
    return pd.DataFrame(made)


def _decks_of(frame: pd.DataFrame) -> pd.Series:
    """The letter of each answer's deck; those that do not say it are of the first."""
    if "deck" not in frame:
        return pd.Series(FIRST_DECK, frame.index, dtype="str")
    return frame["deck"].astype("str").where(frame["deck"].notna(), FIRST_DECK)


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    """Answers by trainee, deck, round, then as they came; columns in the table's order."""
    at = frame["round"].astype(str).map({r: i for i, r in enumerate(ROUNDS)})
    by = frame.assign(_deck=_decks_of(frame), _round=at)
    order = by.sort_values(["trainee", "_deck", "_round"], kind="stable").index
    return frame.loc[order, [c for c in ANSWERS if c in frame]].reset_index(drop=True)


def flagged(frame: pd.DataFrame) -> pd.Series:
    """Whether each answer says that the item is wrong."""
    return frame["action"].astype(str).isin(FLAGS)


def taken_up(frame: pd.DataFrame) -> pd.Series:
    """Whether each item was taken up and not left alone."""
    return frame["action"].astype(str) != Act.LEAVE


def _of_class(path: Path) -> Answers:
    """The answers so far of a class; every one was checked when it was kept."""
    from .keeping.classroom import Classroom

    room = Classroom.open(path)
    try:
        answers = answers_of(room.answer_rows(), {**room.record, "hitlsim": version("hitlsim")})
    finally:
        room.close()
    if not len(answers):
        raise LogError(f"{path.name}: nobody has answered yet; play a round first")
    return answers


def _check_header(sheet: Sheet, file: str) -> None:
    lacking = [name for name in REQUIRED if name not in sheet.names]
    if lacking:
        raise LogError(
            f"{file}: lacks the columns {', '.join(lacking)}; it has {', '.join(sheet.names)}; "
            f"answers need {', '.join(REQUIRED)}"
        )


def _frame(sheet: Sheet, bad: Rejects) -> pd.DataFrame:
    columns = {}
    for name, column in ANSWERS.items():
        if name not in sheet.names:
            continue
        cells = Cells.of(sheet.column(name))
        reading = read_words(cells.words, column, Writing())
        for slip in reading.slips:
            bad.add(slip.which[cells.codes], name, cells, slip.reason)
        columns[name] = pd.Series(reading.values).take(cells.codes).reset_index(drop=True)
    frame = pd.DataFrame(columns)
    return frame.drop(columns=[c for c in frame if frame[c].isna().all()])


def _check_items(frame: pd.DataFrame, file: str) -> None:
    for name in _TRUTH:
        kinds = frame.groupby("item_id")[name].nunique()
        mixed = kinds[kinds > 1]
        if len(mixed):
            raise LogError(
                f"{file}: item {mixed.index[0]!r} has {name} yes in one row and no in another; "
                "an item is the same for everybody: give each its own item_id"
            )
    letters = _decks_of(frame).groupby(frame["item_id"]).nunique()
    if (letters > 1).any():
        raise LogError(
            f"{file}: item {letters[letters > 1].index[0]!r} is in two decks; decks share no item: "
            "give each its own item_id"
        )


def _under_pseudonyms(frame: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Nobody's name gets any further than this."""
    names = [str(name) for name in frame["trainee"].unique()]
    telling = [name for name in names if not PSEUDONYM.fullmatch(name)]
    free = (f"trainee-{i}" for i in range(1, 2 * len(names) + 1) if f"trainee-{i}" not in names)
    new = dict(zip(telling, free, strict=False))
    return frame.assign(trainee=frame["trainee"].map(lambda name: new.get(name, name))), len(new)


def _record_in(path: Path) -> dict[str, Any]:
    """What a Parquet file of ours says of its answers."""
    own: dict[str, Any] = {"hitlsim": version("hitlsim")}
    if path.suffix.lower() == ".parquet" and path.is_file():
        import pyarrow.parquet as pq

        own |= json.loads((pq.read_schema(path).metadata or {}).get(META, b"{}"))
    return own
