"""Timing that can be trusted on a busy machine: contenders in turn, ratios pair by pair, medians.

A ratio compares what ran one after the other; what slows the machine down hits both. So ratios hold
from one machine to the next much better than seconds do, and nothing here fails on either.
"""

from __future__ import annotations

import gc
import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

Work = Callable[[], Any]
Prepare = Callable[[], Work]
"""Does what is not timed, and gives the work that is."""


def at_once(work: Work) -> Prepare:
    """Work that needs no preparation."""
    return lambda: work


QUICK_SECONDS, MOST_REPEATS = 0.3, 5


def seconds_of(prepare: Prepare) -> float:
    """How long work takes; what is quick is done a few times over, and its median counts."""
    took: list[float] = []
    while not took or (sum(took) < QUICK_SECONDS and len(took) < MOST_REPEATS):
        took.append(_seconds_once(prepare))
    return statistics.median(took)


def _seconds_once(prepare: Prepare) -> float:
    """The result is kept until the clock has stopped."""
    work = prepare()
    gc.collect()
    start = time.perf_counter()
    result = work()
    took = time.perf_counter() - start
    del result
    return took


@dataclass(frozen=True)
class Times:
    """Seconds of each contender, round by round."""

    seconds: Mapping[str, Sequence[float]]

    def __getitem__(self, name: str) -> float:
        return statistics.median(self.seconds[name])

    def ratio(self, slow: str, quick: str) -> str:
        """How many times as long one takes as the other, and the spread over the rounds.

        >>> Times({"a": [2.0, 3.0, 6.0], "b": [1.0, 1.0, 1.0]}).ratio("a", "b")
        '3.00 (2.00-6.00)'
        """
        pairs = zip(self.seconds[slow], self.seconds[quick], strict=True)
        ratios = sorted(a / b for a, b in pairs)
        low, mid, high = ratios[0], statistics.median(ratios), ratios[-1]
        digits = 2 if mid < 10 else 1 if mid < 100 else 0
        return f"{mid:.{digits}f} ({low:.{digits}f}-{high:.{digits}f})"


def in_turn(contenders: Mapping[str, Prepare], rounds: int, *, warm_up: bool = True) -> Times:
    """Each contender once, then each once more ...; the first round may go uncounted."""
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds + warm_up):
        for name, prepare in contenders.items():
            took = seconds_of(prepare)
            if number or not warm_up:
                seconds[name].append(took)
    return Times(seconds)


# --- printing ------------------------------------------------------------------------------------


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[str]], *notes: str) -> None:
    """A table; its first column is text, the others figures."""
    _tell_machine_once()
    cells = [head, *rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    print(f"\n{title}")
    for row in cells:
        figures = "".join(f"  {cell:>{w}}" for cell, w in zip(row[1:], widths[1:], strict=True))
        print(f"  {row[0]:<{widths[0]}}{figures}".rstrip())
    for note in notes:
        print(f"  {note}")


def ms(seconds: float) -> str:
    """Milliseconds.

    >>> ms(0.0123), ms(12.3456)
    ('12.3', '12,346')
    """
    value = 1000 * seconds
    return f"{value:,.1f}" if value < 100 else f"{value:,.0f}"


def machine() -> str:
    """What all of this ran on.

    >>> "Python" in machine()
    True
    """
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    cpu = models[0] if models else platform.processor() or platform.machine()
    packages = ", ".join(f"{name} {version(name)}" for name in ("numpy", "numba"))
    return f"{cpu}, {os.cpu_count()} cores; Python {platform.python_version()}, {packages}"


@cache
def _tell_machine_once() -> None:
    print(f"\n{machine()}")
