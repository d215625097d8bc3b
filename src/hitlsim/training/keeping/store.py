"""One SQLite file in WAL mode: what was written stays written, whoever else writes or dies."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from ...errors import LogError
from ..playing.events import Decide, Did, Event, numbered

WAIT_SECONDS = 10.0
"""How long another writer is waited for."""
VERSION = 1
"""Of the file's tables; it goes up whenever an older hitlsim could not use them."""
_OURS = 0x6869746C
"""SQLite's application id of a class: ``hitl``. It tells a class from other people's databases."""
_SCHEMA = f"""
PRAGMA application_id = {_OURS};
PRAGMA user_version = {VERSION};
CREATE TABLE class (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE trainees (
  trainee TEXT PRIMARY KEY, way_back TEXT NOT NULL, joined_at TEXT NOT NULL);
CREATE TABLE events (
  trainee TEXT NOT NULL REFERENCES trainees, deck TEXT NOT NULL, number INTEGER NOT NULL,
  at TEXT NOT NULL, did TEXT NOT NULL, item_id TEXT NOT NULL, told TEXT NOT NULL,
  PRIMARY KEY (trainee, deck, number)) WITHOUT ROWID;
CREATE UNIQUE INDEX answered_once ON events (trainee, deck, item_id) WHERE did = 'answered';
CREATE TABLE shown (
  trainee TEXT NOT NULL, deck TEXT NOT NULL, what TEXT NOT NULL, made_at TEXT NOT NULL,
  html TEXT NOT NULL, PRIMARY KEY (trainee, deck, what));
"""
_NO_CLASS = (
    "is no class; give the file of one, or make one under another name: hitlsim train serve "
    "deck.json --class new.db"
)
_SAID = {
    "locked": "another program holds it locked; nothing was saved; close that program, or wait, "
    "and do it again",
    "full": "the disk is full; nothing was saved; free some space and do it again",
    "readonly": "may not be written; nothing was saved; give it write permission, or another file",
    "read-only": "may not be written; nothing was saved; give it write permission, or another file",
    "not a database": _NO_CLASS,
    "unable to open": "cannot be opened; give a file in a folder that is there and may be written",
    "malformed": "is damaged; take the last copy of it",
    "disk i/o": "cannot be written (a fault of the disk); nothing was saved",
    "no such table": _NO_CLASS,
    "closed database": "has been closed here; open it again",
}


class Store:
    """A file, and what is asked of it; safe to use from several threads and processes.

    Parameters
    ----------
    path : Path
    new : mapping, optional
        What a class begins with; then its tables are made in the file, which is empty.
    """

    def __init__(self, path: Path, *, new: Mapping[str, str] | None = None) -> None:
        self.path = path
        self._lock = threading.RLock()
        if not path.is_file():
            raise LogError(f"{path}: no such class; make one with 'hitlsim train serve deck.json'")
        self._at = path.resolve()
        self._file = _identity(self._at)
        with self._told():
            self._db = sqlite3.connect(
                self._at, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            if new is None:
                self._check_ours()
            self._db.execute("PRAGMA journal_mode = WAL")
            # a commit is on the disk before anybody is told that it is saved
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
        if new is not None:
            with self.writing() as db:
                for statement in _SCHEMA.split(";"):
                    db.execute(statement)
                db.executemany("INSERT INTO class VALUES (?, ?)", list(new.items()))

    @classmethod
    def make(cls, path: Path, told: Mapping[str, str]) -> Store:
        """A new file, or none at all.

        Raises
        ------
        LogError
            When it is there, or cannot be made.
        """
        try:
            # ours alone, whoever else makes one now; it holds what lets people in, so it is
            # readable by its owner only, and so are the files that SQLite keeps beside it
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        except FileExistsError:
            raise LogError(
                f"{path}: is there already; give another file, or go on with this one"
            ) from None
        except OSError:
            raise LogError(f"{path.name}: {_SAID['unable to open']}") from None
        try:
            return cls(path, new=told)
        except BaseException:
            for name in (path.name, f"{path.name}-wal", f"{path.name}-shm"):
                with suppress(OSError):
                    path.with_name(name).unlink(missing_ok=True)
            raise

    def _check_ours(self) -> None:
        """Refuse what is no class before anything is changed in it."""
        ours, version = (
            self._db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("application_id", "user_version")
        )
        if ours == _OURS and version == VERSION:
            return
        self._db.close()
        if ours == _OURS:
            raise LogError(
                f"{self.path.name}: is a class of another hitlsim (its tables are of version "
                f"{version}, here they are of version {VERSION}); go on with the hitlsim that made "
                "it"
            )
        raise LogError(f"{self.path.name}: {_NO_CLASS}")

    @contextmanager
    def _told(self) -> Iterator[None]:
        """What SQLite says, as a sentence with a remedy."""
        try:
            yield
        except sqlite3.IntegrityError as e:
            raise LogError(f"{self.path.name}: {e}; nothing was saved") from None
        except sqlite3.Error as e:
            said = next((s for k, s in _SAID.items() if k in str(e).lower()), str(e))
            raise LogError(f"{self.path.name}: {said}") from None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """All of it, or nothing; nobody else writes meanwhile."""
        with self._lock, self._told():
            self._db.execute("BEGIN IMMEDIATE")
            try:
                self._check_there()
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def _check_there(self) -> None:
        """What is written to a file that has been moved or deleted would be lost."""
        if _identity(self._at) != self._file:
            raise LogError(
                f"{self.path.name}: has been moved, deleted or replaced since it was opened; "
                "nothing was saved; put it back, and load the page or run the cell again"
            )

    def rows(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self._lock, self._told():
            return self._db.execute(query, given).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file is there under this name; None where there is none."""
    try:
        it = path.stat()
    except OSError:
        return None
    return it.st_dev, it.st_ino


class Kept:
    """The journal of one person's session with one deck, in a store."""

    def __init__(self, store: Store, trainee: str, deck: str) -> None:
        self._store, self._whose = store, (trainee, deck)

    def read(self, after: int) -> list[Event]:
        """Events with a higher number."""
        found = self._store.rows(
            "SELECT number, at, did, item_id, told FROM events "
            "WHERE trainee = ? AND deck = ? AND number > ? ORDER BY number", *self._whose, after,
        )  # fmt: skip
        return [Event(n, at, Did(did), item, json.loads(told)) for n, at, did, item, told in found]

    def write(self, after: int, decide: Decide) -> list[Event]:
        """Let ``decide`` see what has come since, and add what it says, in one stroke."""
        with self._store.writing() as db:
            news = self.read(after)
            last = news[-1].number if news else after
            added = numbered(decide(news), last)
            db.executemany("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?)", self._values(added))
        return news + added

    def _values(self, events: Sequence[Event]) -> list[tuple[Any, ...]]:
        return [
            (*self._whose, e.number, e.at, str(e.did), e.item_id, json.dumps(dict(e.told)))
            for e in events
        ]
