"""Processes that help with jobs, and stay for a while in case there are more.

They are loky's: unlike the standard library's they need no ``if __name__ == "__main__"`` in the
caller's script.
"""

from __future__ import annotations

import hashlib
import pickle
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import Any, Generic, TypeVar

R = TypeVar("R")

START_PAYS_S = 3.0
"""With so much left to do it pays to start processes, which takes a second or two."""
_STAY_S = 300
"""So long they stay without a job."""
_PATIENCE_S = 5.0

_pools = threading.Lock()


class Pool:
    """The processes there are; one set for all who need as many."""

    kept: Pool | None = None

    def __init__(self, n: int) -> None:
        from joblib.externals.loky import ProcessPoolExecutor

        self.n, self.users = n, 0
        self.executor = ProcessPoolExecutor(n, timeout=_STAY_S, initializer=_at_the_start)

    @classmethod
    def of(cls, n: int) -> Pool:
        """Those that are there already, or new ones."""
        with _pools:
            if cls.kept is None or cls.kept.n != n:
                if cls.kept is not None and not cls.kept.users:
                    cls.kept.executor.shutdown(wait=True)
                cls.kept = cls(n)
            cls.kept.users += 1
            return cls.kept

    def leave(self, *, for_good: bool) -> None:
        """They stay, unless they are still at work on what nobody wants any more, or broken."""
        with _pools:
            self.users -= 1
            if self.users or (self is Pool.kept and not for_good):
                return
            if self is Pool.kept:
                Pool.kept = None
            # they hold nothing that could be left half-written
            self.executor.shutdown(wait=True, kill_workers=True)


class Processes(Generic[R]):
    """Processes that do jobs beside the caller, as soon as they are there.

    Parameters
    ----------
    job : callable
        Of a number and a question whether to stop; it is pickled.
    n : int
    """

    def __init__(self, job: Callable[[int, Callable[[], bool]], R], n: int) -> None:
        self._n = n
        # once, and taken apart once in each process: what is kept there of a scenario then holds
        self._job = pickle.dumps(job)
        self._name = hashlib.blake2b(self._job, digest_size=16).digest()
        self._pool: Pool | None = None
        self._there: Future[None] | None = None
        self._begun: list[Future[R]] = []
        self._broken = False
        if Pool.kept is not None and Pool.kept.n == n:
            self._start()

    def are_there(self, left_s: float) -> bool:
        """Whether they can be given jobs; they are started when enough is left to do."""
        if self._there is None and left_s > START_PAYS_S:
            self._start()
        return self._there is not None and self._there.done()

    def begin(self, number: int) -> Future[R]:
        """Give them a job."""
        pool = self._pool or self._start()
        self._begun = [future for future in self._begun if not future.done()]
        with self._told_plainly():
            future: Future[R] = pool.executor.submit(_do, self._name, self._job, number)
        self._begun.append(future)
        return future

    def answer(self, future: Future[R]) -> R:
        """Wait for the answer."""
        with self._told_plainly():
            return future.result()

    def close(self) -> None:
        """Drop what was not begun, stop what is at work."""
        if self._pool is None:
            return
        waiting = [future for future in self._begun if not future.done()]
        # loky's manager falls over what it still has to hand on when its workers are killed
        wait([future for future in waiting if future.cancel()], timeout=_PATIENCE_S)
        at_work = not all(future.done() for future in waiting)
        self._pool.leave(for_good=at_work or self._broken)

    @contextmanager
    def _told_plainly(self) -> Iterator[None]:
        try:
            yield
        except BrokenProcessPool as e:
            self._broken = True
            raise RuntimeError(
                "a worker process ended unexpectedly, most likely for lack of memory; take fewer "
                "workers, or threads (threads=True)"
            ) from e

    def _start(self) -> Pool:
        self._pool = pool = Pool.of(self._n)
        with self._told_plainly(), _ctrl_c_held_back():
            self._there = pool.executor.submit(_nothing)
        return pool


_taken_apart: dict[bytes, Any] = {}
"""The last job that this process was given, by its name."""


def _do(name: bytes, pickled: bytes, number: int) -> Any:
    if name not in _taken_apart:
        _taken_apart.clear()
        _taken_apart[name] = pickle.loads(pickled)  # noqa: S301 - it comes from the caller itself
    return _taken_apart[name](number, never)


def never() -> bool:
    """For jobs that nobody will ask to stop."""
    return False


def _nothing() -> None:
    pass


def _at_the_start() -> None:
    """What each process does first."""
    from joblib.externals.loky import process_executor

    # a terminal sends Ctrl-C to every process; only the one that started the others answers
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # what grows by 300 MB loky takes for a leak, and ends it; the engine being compiled does, and
    # large runs do
    process_executor._MAX_MEMORY_LEAK_SIZE = sys.maxsize  # noqa: SLF001


@contextmanager
def _ctrl_c_held_back() -> Iterator[None]:
    """Processes started meanwhile never see Ctrl-C, not even while they are importing."""
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    # it starts with the first process, and would let Ctrl-C through again
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
