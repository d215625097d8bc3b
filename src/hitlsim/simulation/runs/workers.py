"""Jobs done side by side by threads or processes, and handed out in order.

Not ``joblib.Parallel``: its generator runs ahead of a slow reader without bound and warns when one
stops early (joblib 1.6, ``_warn_exit_early``). Its loky pool of processes is used: unlike the
standard library's it needs no ``if __name__ == "__main__"`` in the caller's script.
"""

from __future__ import annotations

import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import resource_tracker
from typing import TypeVar

from .stopping import check_whole

R = TypeVar("R")
Stopped = Callable[[], bool]
Job = Callable[[int, Stopped], R]
"""Given a number and a question to ask now and then: should I stop?"""

_AHEAD = 2
"""Jobs begun for each worker: one at work, one in store, so that a slow one holds up nobody."""

_PATIENCE_S = 5.0


class Interrupted(Exception):
    """Raised by a job that was told to stop; nobody waits for its answer."""


def how_many(workers: int | None) -> int:
    """As many as asked for, or one for each core that this process may use.

    >>> how_many(3)
    3
    """
    if workers is not None:
        return check_whole("workers", workers, 1, "; or None for all cores")
    from joblib import cpu_count  # type: ignore[import-untyped]

    return int(cpu_count())


def in_order(
    job: Job[R], planned: Callable[[], int], *, workers: int, processes: bool
) -> Generator[R, None, None]:
    """Answers of jobs 0, 1, 2 ..., in that order.

    When the iterator is closed, by ``break``, an error or Ctrl-C, jobs not begun are dropped, those
    at work are told to stop, and threads and processes are gone before it returns.

    Parameters
    ----------
    job : callable
        For processes one that can be pickled.
    planned : callable
        How many are to be done; asked again after each answer was used, and may grow.
    workers : int
    processes : bool
        Processes rather than threads.

    Examples
    --------
    >>> list(in_order(lambda i, stopped: i * i, lambda: 4, workers=2, processes=False))
    [0, 1, 4, 9]
    """
    if workers == 1:
        done = 0
        while done < planned():
            yield job(done, _never)
            done += 1
        return
    stop = threading.Event()
    stopped = _never if processes else stop.is_set
    begun, waiting = 0, deque[Future[R]]()
    with _pool(workers, processes=processes) as pool:
        try:
            while True:
                while begun < planned() and len(waiting) < _AHEAD * workers:
                    waiting.append(pool.submit(job, begun, stopped))
                    begun += 1
                if not waiting:
                    return
                yield waiting.popleft().result()
        finally:
            stop.set()
            # loky's manager falls over what it still has to hand on when its workers are killed
            wait([future for future in waiting if future.cancel()], timeout=_PATIENCE_S)


def _never() -> bool:
    return False


@contextmanager
def _pool(workers: int, *, processes: bool) -> Iterator[Executor]:
    if not processes:
        threads = ThreadPoolExecutor(workers, thread_name_prefix="hitlsim")
        try:
            yield threads
        finally:
            threads.shutdown(wait=True, cancel_futures=True)
        return
    from joblib.externals.loky import ProcessPoolExecutor  # type: ignore[import-untyped]

    pool = ProcessPoolExecutor(workers, initializer=_ignore_ctrl_c)
    try:
        with _ctrl_c_held_back():
            pool.submit(_never)  # starts the processes
        yield pool
    except BrokenProcessPool as e:
        raise RuntimeError(
            "a worker process ended unexpectedly, most likely for lack of memory; take fewer "
            "workers, or threads (processes=False)"
        ) from e
    finally:
        # they hold nothing that could be left half-written
        pool.shutdown(wait=True, kill_workers=True)


def _ignore_ctrl_c() -> None:
    """A terminal sends Ctrl-C to every process; only the one that started the others answers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


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
