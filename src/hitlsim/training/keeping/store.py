"""One SQLite file in WAL mode: what was written stays written, whoever else writes or dies."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...errors import LogError
from ..playing.events import Decide, Did, Event, numbered

WAIT_SECONDS = 10.0
"""How long another writer is waited for."""
_SCHEMA = """
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
_SAID = {
    "locked": "another program holds it locked; nothing was saved; close that program, or wait, "
    "and do it again",
    "full": "the disk is full; nothing was saved; free some space and do it again",
    "readonly": "may not be written; nothing was saved; give it write permission, or another file",
    "read-only": "may not be written; nothing was saved; give it write permission, or another file",
    "not a database": "is no class; make one with 'hitlsim train serve deck.json'",
    "unable to open": "cannot be opened; give a file in a folder that is there and may be written",
    "malformed": "is damaged; take the last copy of it",
    "disk i/o": "cannot be written (a fault of the disk); nothing was saved",
    "no such table": "is no class; make one with 'hitlsim train serve deck.json'",
}


class Store:
    """A file, and what is asked of it; safe to use from several threads and processes.

    Parameters
    ----------
    path : Path
    new : bool
        Make it; there must be no such file.
    """

    def __init__(self, path: Path, *, new: bool = False) -> None:
        self.path = path
        self._lock = threading.RLock()
        if not new and not path.is_file():
            raise LogError(f"{path}: no such class; make one with 'hitlsim train serve deck.json'")
        with self._told():
            self._db = sqlite3.connect(
                path, timeout=WAIT_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._db.execute("PRAGMA journal_mode = WAL")
            # a commit is on the disk before anybody is told that it is saved
            self._db.execute("PRAGMA synchronous = FULL")
            self._db.execute("PRAGMA foreign_keys = ON")
            if new:
                self._db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} COMMIT;")

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
                yield self._db
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise

    def rows(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        """What a query finds."""
        with self._lock, self._told():
            return self._db.execute(query, given).fetchall()

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._db.close()


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
