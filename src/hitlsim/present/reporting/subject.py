"""What a report is about: the data it is made from, and the folder that is named for it.

Which of these a report needs, its notebook says: by the parameters it declares.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import pandas as pd

from ...decisions.log import DecisionLog
from ...errors import LogError, ScenarioError
from ...scenario.files import dump
from ...scenario.scenario import Scenario
from ..style import month_name
from .source import KEPT_LOG, Source, loaded_scenario, sha256, simulated_input
from .stages import Stages

Say = Callable[[str], None]

_SCENARIO = "scenario.yaml"
_ENDINGS = re.compile(
    r"(\.(csv|tsv|txt|xlsx|ods|jsonl|json|parquet|db|sqlite3?|gz|zip|bz2|xz|zst))+$", re.I
)
"""Of a file's name: kinds of sheets, packed or not."""
_SQLITE = b"SQLite format 3\0"


class Subject(ABC):
    """What a report is about."""

    @property
    @abstractmethod
    def key(self) -> str:
        """Name of the report's folder."""

    @property
    @abstractmethod
    def title(self) -> str:
        """The same in words."""

    @property
    @abstractmethod
    def inputs(self) -> list[dict[str, Any]]:
        """What it is made from: name and SHA-256 of each."""

    @abstractmethod
    def given(self, folder: Path) -> dict[str, Any]:
        """Parameters of the notebook as it lies in ``folder``."""

    @property
    def beside(self) -> tuple[str, ...]:
        """Files that the report keeps beside it, so that its notebook also runs where it lies."""
        return ()

    def check(self, _stages: Stages, _say: Say, /) -> None:
        """Refuse, before anything is written, data that cannot be reported."""
        return

    def ready(self, _stages: Stages, /) -> dict[str, Any]:
        """Do what the notebook waits for; gives what it is told otherwise while it runs."""
        return {}

    def covers(self, _stages: Stages, /) -> dict[str, Any]:
        """For the manifest: which days the data have, where a report is on a stretch of time."""
        return {}


# --- a month of a decision log --------------------------------------------------------------------


@dataclass(frozen=True)
class OneMonth(Subject):
    """One month of a decision log."""

    source: Source
    month: str

    @property
    def key(self) -> str:
        return self.month

    @property
    def title(self) -> str:
        return month_name(self.month)

    @property
    def inputs(self) -> list[dict[str, Any]]:
        return self.source.inputs

    @property
    def beside(self) -> tuple[str, ...]:
        return () if self.source.path is not None else (KEPT_LOG,)

    def given(self, folder: Path) -> dict[str, Any]:
        path, mapping = self.source.path, self.source.mapping
        return {
            "log": KEPT_LOG if path is None else seen_from(folder, path),
            "mapping": "" if mapping is None else seen_from(folder, mapping),
            "month": self.key,
        }

    def check(self, stages: Stages, say: Say, /) -> None:
        """Read the log, unless an earlier run did, and look whether it has the month."""
        if not stages.file(KEPT_LOG).is_file():
            if not self.source.is_read:
                say(self.source.doing)
            self.source.log.month(self.key)

    def ready(self, stages: Stages, /) -> dict[str, Any]:
        """Have the log in a file that the notebook reads at once."""
        if self.source.as_it_is:
            return {}
        held = stages.take("log", KEPT_LOG, lambda partial: _held(self.source.log, partial))
        return {"log": seen_from(stages.report, held), "mapping": ""}

    def covers(self, stages: Stages, /) -> dict[str, Any]:
        """First and last day of the log in the month, its gaps, and whether that is the month."""
        from ..monthly.cover import Calendar

        held = stages.file(KEPT_LOG)  # perhaps an earlier run has read the log
        if self.source.is_read or not held.is_file():
            calendar = Calendar.of(self.source.log)
        else:
            calendar = Calendar(pd.read_parquet(held, columns=["decided_at"])["decided_at"])
        return calendar.month(self.month).to_dict()


# --- a scenario with a seed -----------------------------------------------------------------------


@dataclass(frozen=True)
class Simulated(Subject):
    """A scenario, simulated by the notebook itself."""

    scenario: Scenario
    seed: int
    where: str | Path | None
    """Name of one that ships, or file; None where it was given as an object."""

    @classmethod
    def of(cls, scenario: str | Path | Scenario | None, seed: int) -> Simulated:
        """From what a user gave."""
        if scenario is None:
            raise ScenarioError("this report is on a scenario; give a file, or one that ships")
        loaded = loaded_scenario(scenario)
        if isinstance(scenario, Scenario):
            return cls(loaded, seed, None)
        path = Path(scenario)
        return cls(loaded, seed, path if path.is_file() else str(scenario))

    @property
    def key(self) -> str:
        return f"{self.scenario.name}-{self.seed}"

    @property
    def title(self) -> str:
        return f"{self.scenario.name}, seed {self.seed}"

    @property
    def inputs(self) -> list[dict[str, Any]]:
        return [simulated_input(self.scenario, self.seed)]

    @property
    def beside(self) -> tuple[str, ...]:
        return (_SCENARIO,) if self.where is None else ()

    def given(self, folder: Path) -> dict[str, Any]:
        path = self.where if self.where is not None else folder / _SCENARIO
        where = seen_from(folder, path) if isinstance(path, Path) else path
        return {"scenario": where, "seed": self.seed}

    def ready(self, stages: Stages, /) -> dict[str, Any]:
        """A scenario that no file holds is written into one."""
        if self.where is not None:
            return {}
        text = dump(self.scenario)
        held = stages.take("scenario", _SCENARIO, lambda partial: _write(partial, text))
        return {"scenario": seen_from(stages.report, held)}


# --- a file of its own kind -----------------------------------------------------------------------


@dataclass(frozen=True)
class Answers(Subject):
    """The answers of a training cohort, in a file."""

    path: Path

    @classmethod
    def of(cls, answers: str | Path | None) -> Answers:
        """From what a user gave."""
        if answers is None:
            raise LogError("this report is on the answers of a cohort; give the file with them")
        return cls(Path(answers))

    @property
    def inputs(self) -> list[dict[str, Any]]:
        return [{"name": self.path.name, "sha256": _content(self.path)}]

    @property
    def key(self) -> str:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "-", self.title).strip("-") or "answers"
        # names that differ only in what a folder's name cannot have stay apart
        return plain if plain == self.title else f"{plain}-{crc32(self.title.encode()):08x}"

    @property
    def title(self) -> str:
        return _ENDINGS.sub("", self.path.name)

    def given(self, folder: Path) -> dict[str, Any]:
        return {"answers": seen_from(folder, self.path)}


def _content(path: Path) -> str:
    """The hash of what a file says; of a database, of its rows.

    A class that is being held writes its latest answers beside its file (SQLite's WAL).
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE)) != _SQLITE:
            return sha256(path)
    said = hashlib.sha256()
    try:
        with closing(sqlite3.connect(path)) as db:
            for line in db.iterdump():
                said.update(line.encode())
    except sqlite3.Error as e:
        raise LogError(
            f"{path.name}: cannot be read as a database ({e}); give the file of a class, or take "
            "the last copy of it"
        ) from None
    return said.hexdigest()


def seen_from(folder: Path, path: Path) -> str:
    """A path relative to a folder, with forward slashes on every system."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:  # on another drive of a Windows machine
        return path.resolve().as_posix()


def _held(log: DecisionLog, path: Path) -> None:
    log.to_parquet(path)


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
