"""Runs of policies in the same worlds, each drawn and counted once.

Draws depend on the seed and on how busy the team is, not on its policy: they are made once and
serve every policy (common random numbers), so that whatever differs was decided.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from ...scenario.scenario import Scenario
from ...simulation.run import DayTally, Run, simulate
from ...simulation.runs.workers import Interrupted, Stopped
from ...simulation.world.draws import Draws, draw, made_for
from .controls import Moves, Place, scenario_of
from .counting import DaySums, day_sums

Key = tuple[tuple[Place, object], ...]
"""A policy by what was moved: the same moves in any order are the same policy."""
_DRAWS_KEPT_BYTES = 300_000_000
_SUMS_KEPT = 4000
_SCENARIOS_KEPT = 200
_RUNS_KEPT = 2


def key_of(moves: Moves) -> Key:
    """The policy that some moves make."""
    return tuple(sorted(moves.items(), key=lambda move: move[0]))


def never() -> bool:
    """Nobody stops it."""
    return False


class Worlds:
    """What was simulated so far.

    Parameters
    ----------
    base : Scenario
    seed : int
        Run number i has the seed ``seed + i``, as in :func:`hitlsim.replicate`.
    """

    def __init__(self, base: Scenario, seed: int) -> None:
        self.base, self.seed = base, seed
        self._sums: OrderedDict[tuple[Key, int], DaySums] = OrderedDict()
        self._scenarios: OrderedDict[Key, Scenario] = OrderedDict()
        self._runs: OrderedDict[Key, Run] = OrderedDict()
        self._lock = threading.RLock()

    def scenario(self, key: Key) -> Scenario:
        """The scenario of a policy."""
        with self._lock:
            found = self._scenarios.get(key)
            if found is None:
                found = self._scenarios[key] = scenario_of(self.base, dict(key))
                _forget(self._scenarios, _SCENARIOS_KEPT)
            return found

    def has(self, key: Key, number: int) -> bool:
        """Whether the run was counted already."""
        return (key, number) in self._sums

    def sums(self, key: Key, number: int, stopped: Stopped = never) -> DaySums:
        """What a run of a policy comes down to.

        Raises
        ------
        Interrupted
            When it was stopped.
        """
        at = key, number
        with self._lock:
            found = self._sums.get(at)
            if found is not None:
                self._sums.move_to_end(at)
                return found
        found = day_sums(self._simulated(key, number, stopped))
        with self._lock:
            self._sums[at] = found
            _forget(self._sums, _SUMS_KEPT)
        return found

    def run(self, key: Key) -> Run:
        """The first run of a policy, with its log."""
        with self._lock:
            if key not in self._runs:
                self._runs[key] = self._simulated(key, 0, never)
                _forget(self._runs, _RUNS_KEPT)
            return self._runs[key]

    def _simulated(self, key: Key, number: int, stopped: Stopped) -> Run:
        def each_day(_day: int, _tally: DayTally) -> None:
            if stopped():
                raise Interrupted

        scenario = self.scenario(key)
        draws = DRAWN.of(scenario, self.seed + number, stopped)
        return simulate(scenario, seed=self.seed + number, draws=draws, progress=each_day)


class Drawn:
    """The draws of this process, so many bytes of them, whichever session asked for them.

    A cell that is run again makes a new session, and the notebook keeps the old one: were draws
    theirs, each would hold hundreds of megabytes for good.

    Parameters
    ----------
    most_bytes : int
    """

    def __init__(self, most_bytes: int) -> None:
        self.most_bytes = most_bytes
        self._kept: OrderedDict[tuple[str, int], Draws] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def kept_bytes(self) -> int:
        """How much is kept now."""
        return sum(map(_bytes, list(self._kept.values())))

    def of(self, scenario: Scenario, seed: int, stopped: Stopped = never) -> Draws:
        """The draws of a scenario, made if there are none.

        Raises
        ------
        Interrupted
            When it was stopped before it began.
        """
        at = made_for(scenario), seed
        # one at a time: to draw the same twice would take the memory twice
        with self._lock:
            if stopped():
                raise Interrupted
            if at not in self._kept:
                self._kept[at] = draw(scenario, seed)
                self._forget(at)
            self._kept.move_to_end(at)
            return self._kept[at]

    def _forget(self, but: tuple[str, int]) -> None:
        """Other worlds go first, the oldest before all; of this one the last seeds.

        Seeds are asked for in turn, from the first on: were the oldest to go, each would be gone
        just before it is asked for again.
        """
        while self.kept_bytes > self.most_bytes and len(self._kept) > 1:
            elsewhere = [at for at in self._kept if at[0] != but[0]]
            others = elsewhere or sorted(at for at in self._kept if at != but)[::-1]
            del self._kept[others[0]]


DRAWN = Drawn(_DRAWS_KEPT_BYTES)


def _bytes(draws: Draws) -> int:
    return int(draws.world.decisions.nbytes + draws.world.visits.nbytes + draws.email.nbytes)


def _forget(kept: OrderedDict[Any, Any], most: int) -> None:
    while len(kept) > most:
        kept.popitem(last=False)


class Refiner:
    """Does work in a thread beside the caller, and begins anew whenever something changed.

    Parameters
    ----------
    work : callable
        Given a question to ask now and then: should I stop?
    """

    def __init__(self, work: Callable[[Stopped], None]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._number = 0
        self._thread: threading.Thread | None = None
        self._wanted = False
        self._error: BaseException | None = None

    def again(self) -> None:
        """Begin, or begin anew: what was under way is for a policy that holds no more."""
        with self._lock:
            self._number += 1
            self._wanted, self._error = True, None
            if self._thread is None:
                self._thread = threading.Thread(target=self._go_on, daemon=True)
                self._thread.start()

    def stop(self) -> None:
        """Leave off, within a simulated day."""
        with self._lock:
            self._number += 1
            self._wanted = False

    def wait(self) -> None:
        """Until the work is done; what went wrong in it is raised here."""
        thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join()
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    def _go_on(self) -> None:
        while True:
            with self._lock:
                mine = self._number
                if not self._wanted:
                    self._thread = None
                    return
            try:
                self._work(lambda mine=mine: mine != self._number)  # type: ignore[misc]  # mypy infers no lambda with a default
            except Interrupted:
                continue
            except Exception as e:  # whoever waits is told
                self._error = e
            with self._lock:
                if mine == self._number:
                    self._wanted = False
