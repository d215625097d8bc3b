"""Jobs done side by side, and handed out in order.

The calling thread does jobs itself, and others help: processes, which are started only once it is
clear that this pays, or threads. So few short jobs cost nothing extra, many long ones use all cores
from the moment the processes are there, and what is asked for next finds them still there.

Not ``joblib.Parallel``: its generator runs ahead of a slow reader without bound and warns when one
stops early (joblib 1.6, ``_warn_exit_early``).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Generic, Protocol, TypeVar

from .processes import Processes, never
from .stopping import check_whole

R = TypeVar("R")
Stopped = Callable[[], bool]
Job = Callable[[int, Stopped], R]
"""Given a number and a question to ask now and then: should I stop?"""

_AHEAD = 2
"""Jobs begun for each worker: one at work, one in store, so that a slow one holds up nobody."""


class Interrupted(Exception):
    """Raised by a job that was told to stop; nobody waits for its answer."""


class Helpers(Protocol[R]):
    """Those who do jobs beside the caller."""

    def are_there(self, left_s: float, /) -> bool:
        """Whether they can be given jobs; ``left_s`` is what is left to do, in seconds of one."""

    def begin(self, number: int) -> Future[R]:
        """Give them a job."""

    def answer(self, future: Future[R]) -> R:
        """Wait for the answer."""

    def close(self) -> None:
        """Drop what was not begun, stop what is at work."""


def how_many(workers: int | None) -> int:
    """As many as asked for, or one for each core that this process may use.

    >>> how_many(3)
    3
    """
    if workers is not None:
        return check_whole("workers", workers, 1, "; or None for all cores")
    from joblib import cpu_count

    return int(cpu_count())


def in_order(
    job: Job[R], planned: Callable[[], int], *, workers: int, threads: bool
) -> Generator[R, None, None]:
    """Answers of jobs 0, 1, 2 ..., in that order.

    When the iterator is closed, by ``break``, an error or Ctrl-C, jobs not begun are dropped, and
    those at work are stopped before it returns.

    Parameters
    ----------
    job : callable
        For processes one that can be pickled.
    planned : callable
        How many are to be done; asked again after each answer was used, and may grow.
    workers : int
        The caller is one of them.
    threads : bool
        Threads rather than processes help.

    Examples
    --------
    >>> list(in_order(lambda i, stopped: i * i, lambda: 4, workers=2, threads=True))
    [0, 1, 4, 9]
    """
    own = _Own(job)
    if workers == 1:
        while own.done < planned():
            yield own.do(own.done)
        return
    helpers: Helpers[R] = (_Threads if threads else Processes)(job, workers - 1)
    answers: dict[int, R] = {}
    theirs: dict[int, Future[R]] = {}
    begun = handed_out = 0
    try:
        while handed_out < planned():
            while begun < planned() and len(theirs) < _AHEAD * (workers - 1):
                if not helpers.are_there(own.mean_s * (planned() - begun)):
                    break
                theirs[begun] = helpers.begin(begun)
                begun += 1
            at_hand = handed_out in theirs and theirs[handed_out].done()
            may_go_on = begun < planned() and len(answers) < _AHEAD * workers
            if handed_out in answers:
                yield answers.pop(handed_out)
                handed_out += 1
            elif at_hand or not may_go_on:
                yield helpers.answer(theirs.pop(handed_out))
                handed_out += 1
            else:
                answers[begun] = own.do(begun)
                begun += 1
    finally:
        helpers.close()


class _Own(Generic[R]):
    """What the caller does itself."""

    def __init__(self, job: Job[R]) -> None:
        self._job, self.done, self._took_s = job, 0, 0.0

    @property
    def mean_s(self) -> float:
        """Of a job; 0 before the first one is done."""
        return self._took_s / max(1, self.done)

    def do(self, number: int) -> R:
        start = time.perf_counter()
        answer = self._job(number, never)
        self._took_s += time.perf_counter() - start
        self.done += 1
        return answer


class _Threads(Helpers[R]):
    """Threads of this process; they share one interpreter."""

    def __init__(self, job: Job[R], n: int) -> None:
        self._job, self._stop = job, threading.Event()
        self._pool = ThreadPoolExecutor(n, thread_name_prefix="hitlsim")

    def are_there(self, _left_s: float) -> bool:
        return True

    def begin(self, number: int) -> Future[R]:
        return self._pool.submit(self._job, number, self._stop.is_set)

    def answer(self, future: Future[R]) -> R:
        return future.result()

    def close(self) -> None:
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
