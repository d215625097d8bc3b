"""Many trainees at once: no answer lost, none twice; also when the server dies in between."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import statistics
import threading
import time
from collections import Counter
from pathlib import Path

import pytest

from hitlsim.training.keeping.classroom import Classroom
from tests.training.serving.served import Served, cards
from tests.training.serving.trainee import Trainee

TRAINEES = int(os.environ.get("HITLSIM_TRAINEES", "5"))
ITEMS = 10
THINK_S = TRAINEES / 30
"""Thirty answers a second from all of them: ten times as many as people give."""
PROCESSES, THREADS = 3, 10


def test_trainees_at_once_lose_no_answer_when_the_server_is_killed(tmp_path: Path) -> None:
    pytest.importorskip("voila")
    (tmp_path / "deck.json").write_text(json.dumps(cards(ITEMS).to_dict()), encoding="utf-8")
    server = Served(tmp_path, "deck.json")
    server.start()
    try:
        people = [Trainee(server.base, server.code) for _ in range(TRAINEES)]
        asyncio.run(first_half(people, server))
        server.start()
        asyncio.run(second_half(people))
        assert server.stop() == 0
    finally:
        if server.process is not None and server.process.poll() is None:
            server.kill()
    assert f"{TRAINEES * ITEMS} answers of {TRAINEES} people are in class.db" in server.said
    check(people, Classroom.open(tmp_path / "class.db"))


async def first_half(people: list[Trainee], server: Served) -> None:
    """Everybody opens the page at the same moment, and works until the server is killed."""
    began = time.perf_counter()
    await asyncio.gather(*(each.open() for each in people))
    print(f"\n{len(people)} pages opened in {time.perf_counter() - began:.1f} s")
    assert len({each.way_back for each in people}) == len(people)
    await asyncio.gather(*(each.play(ITEMS // 2, THINK_S) for each in people))
    rss, pss, processes = server.memory()
    print(f"memory of {processes} processes: {rss:,.0f} MB resident, {pss:,.0f} MB proportional")
    took = sorted(ms for each in people for ms in each.took_ms)
    print(f"{len(took)} answers: median {statistics.median(took):.0f} ms, "
          f"95% under {took[int(0.95 * len(took))]:.0f} ms, worst {took[-1]:.0f} ms")  # fmt: skip
    if len(people) >= 30:  # on a machine that does nothing else
        assert rss < 8000
        assert statistics.median(took) < 150
    # in mid-session: answers are on their way as it dies
    flying = [asyncio.create_task(each.play(ITEMS, THINK_S)) for each in people]
    await asyncio.sleep(1.5 * THINK_S)
    await asyncio.to_thread(server.kill)
    await asyncio.wait(flying, timeout=1)
    for each in flying:
        each.cancel()
    await asyncio.gather(*flying, return_exceptions=True)
    await leave(people)


async def leave(people: list[Trainee]) -> None:
    for each in people:
        each.close()
    await asyncio.sleep(0.2)  # until the sockets have gone


async def second_half(people: list[Trainee]) -> None:
    """Everybody comes back by their way back, and is where they were."""
    heard = {each.way_back: len(each.answered) for each in people}
    await asyncio.gather(*(each.open() for each in people))
    for each in people:
        saved = each.state["progress"]["done_in_all"]
        # an answer may have been saved although nobody could be told so any more; never fewer
        assert heard[each.way_back] <= saved <= heard[each.way_back] + 1
        each.answered += ["saved, not told"] * (saved - heard[each.way_back])
    await asyncio.gather(*(each.play(ITEMS, THINK_S) for each in people))
    await leave(people)


def check(people: list[Trainee], room: Classroom) -> None:
    """Each answer that anybody was told of is there, and none twice."""
    rows = room.answer_rows()
    twice = Counter((row["trainee"], row["item_id"]) for row in rows)
    assert set(twice.values()) == {1}
    by_name = {each.way_back.rpartition("-")[0]: each for each in people}
    for name, each in by_name.items():
        mine = {row["item_id"] for row in rows if row["trainee"] == name}
        assert len(mine) == ITEMS
        assert set(each.answered) - {"saved, not told"} <= mine


def play_at(path: str, names: list[str]) -> None:
    """Some trainees of one process, each in a thread."""
    room = Classroom.open(path)

    def play(name: str) -> None:
        session = room.session(name)
        while session.next_item is not None:
            session.begin()
            while session.item is not None:
                session.answer(session.acts[0], item_id=session.item.item_id)

    threads = [threading.Thread(target=play, args=(name,)) for name in names]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def test_thirty_threads_in_three_processes_write_one_file_and_lose_nothing(tmp_path: Path) -> None:
    path, deck = tmp_path / "class.db", cards(4)
    room = Classroom.create(path, [deck])
    names = [room.join(room.code).trainee for _ in range(PROCESSES * THREADS)]
    fresh = multiprocessing.get_context("spawn")
    parts = [
        fresh.Process(target=play_at, args=(str(path), names[i::PROCESSES]))
        for i in range(PROCESSES)
    ]
    for each in parts:
        each.start()
    for each in parts:
        each.join(120)
    assert [each.exitcode for each in parts] == [0] * PROCESSES
    rows = room.answer_rows()
    assert len(rows) == len(names) * len(deck) == len({(r["trainee"], r["item_id"]) for r in rows})
    assert {s.round for s in room.overview.standings()} == {None}
