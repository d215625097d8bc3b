from __future__ import annotations

import functools
import os
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hitlsim.simulation.runs import processes
from hitlsim.simulation.runs.processes import Pool
from hitlsim.simulation.runs.workers import in_order

Stopped = Callable[[], bool]


def who_does(number: int, _stopped: Stopped, takes_s: float = 0.0) -> tuple[int, int]:
    time.sleep(takes_s)
    return number, os.getpid()


def takes_long(number: int, _stopped: Stopped, parent: int) -> int:
    if number and os.getpid() != parent:
        time.sleep(120)
    return number


def needs_much_memory(_number: int, _stopped: Stopped, kept: list[bytes]) -> int:
    if not kept:
        kept.append(b"x" * 400_000_000)
    time.sleep(0.6)
    return os.getpid()


def ends_its_process(number: int, _stopped: Stopped, parent: int) -> int:
    if number and os.getpid() != parent:
        os._exit(1)
    return number


# --- properties ----------------------------------------------------------------------------------


@given(n=st.integers(0, 30), workers=st.integers(1, 5))
def test_each_number_once_and_in_order(n: int, workers: int) -> None:
    answers = in_order(lambda i, _: i, lambda: n, workers=workers, threads=True)
    assert list(answers) == list(range(n))


@given(steps=st.lists(st.integers(0, 4), min_size=1, max_size=8), workers=st.integers(1, 4))
def test_what_is_planned_may_grow_with_every_answer(steps: list[int], workers: int) -> None:
    seen: list[int] = []

    def planned() -> int:
        return 1 + sum(steps[: len(seen)])

    seen.extend(in_order(lambda i, _: i, planned, workers=workers, threads=True))
    assert seen == list(range(planned()))


# --- processes -----------------------------------------------------------------------------------


@pytest.mark.usefixtures("processes_take_part")
def test_processes_and_the_caller_share_the_work() -> None:
    job = functools.partial(who_does, takes_s=0.02)
    answers = list(in_order(job, lambda: 40, workers=2, threads=False))
    assert [number for number, _ in answers] == list(range(40))
    pids = {pid for _, pid in answers}
    assert os.getpid() in pids
    assert len(pids) == 2


@pytest.mark.usefixtures("processes_end")
def test_for_little_work_no_process_is_started() -> None:
    answers = list(in_order(who_does, lambda: 20, workers=3, threads=False))
    assert {pid for _, pid in answers} == {os.getpid()}
    assert Pool.kept is None


@pytest.mark.usefixtures("processes_end")
def test_processes_join_in_as_soon_as_they_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "START_PAYS_S", 0.1)
    job, others = functools.partial(who_does, takes_s=0.01), set[int]()
    give_up = time.monotonic() + 60

    def planned() -> int:
        return 10_000 if not others and time.monotonic() < give_up else 0

    for _, pid in in_order(job, planned, workers=2, threads=False):
        others |= {pid} - {os.getpid()}
    assert others, "within a minute no other process had done anything"


@pytest.mark.usefixtures("processes_take_part")
def test_what_is_asked_for_next_finds_the_processes_still_there() -> None:
    first = {pid for _, pid in in_order(who_does, lambda: 4, workers=2, threads=False)}
    kept = Pool.kept
    again = {pid for _, pid in in_order(who_does, lambda: 4, workers=2, threads=False)}
    assert Pool.kept is kept
    assert len(first | again) == 2, "the caller and one and the same other"


@pytest.mark.usefixtures("processes_take_part")
def test_a_process_still_at_work_is_stopped_when_nobody_waits_for_it_any_more() -> None:
    start, job = time.monotonic(), functools.partial(takes_long, parent=os.getpid())
    for _ in in_order(job, lambda: 10, workers=2, threads=False):
        break
    assert time.monotonic() - start < 60
    assert Pool.kept is None


@pytest.mark.usefixtures("processes_take_part")
def test_a_process_that_needs_much_memory_is_not_taken_for_one_that_leaks() -> None:
    job = functools.partial(needs_much_memory, kept=[])  # looked at once a second
    assert len(set(in_order(job, lambda: 10, workers=2, threads=False))) == 2


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("processes_take_part")
def test_a_process_that_ends_is_told_plainly_and_replaced() -> None:
    job = functools.partial(ends_its_process, parent=os.getpid())
    with pytest.raises(RuntimeError, match=r"ended unexpectedly.*take fewer workers, or threads"):
        list(in_order(job, lambda: 10, workers=2, threads=False))
    assert len(list(in_order(who_does, lambda: 4, workers=2, threads=False))) == 4
