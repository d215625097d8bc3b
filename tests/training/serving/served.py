"""A class served as a facilitator would: ``hitlsim train serve`` in a process of its own."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # it has no types

from hitlsim.training.acts import Round
from hitlsim.training.playing.item import Cards, Item, Truth

START_S = 90.0


def cards(items: int = 10, letter: str = "A") -> Cards:
    """A deck of so many items in each round."""

    def item(name: Round, i: int) -> Item:
        asked = name is Round.EXCEPTION or (name is Round.STEADY and i % 3 == 0)
        right = i % 3 > 0
        return Item(
            f"{letter}-{name.value[:2]}-{i:02d}", name, "follow_up" if i % 2 else "lead_routing",
            f"Offer to Account {i} <b>and</b> partners", "email",
            ("Subject: Your renewal", f"As promised, here is the offer over EUR {1000 + i}."),
            ("Asked: send the offer",), (f"Account: A-{i}",), ("Last contact: 3 days ago",),
            ("Deal: large",), asked, ("the deal is large",) if asked else (), 0.6 + 0.03 * (i % 12),
            Truth(right) if right else Truth(
                right=False, fault="wrong amount", told="The amount should be EUR 2,000.",
                mended=("As promised, here is the offer over EUR 2,000.",), planted=True,
            ),
            {"harm": 100.0, "look_cost": 2.0, "needless_cost": 3.0, "weight": 1.0,
             "floor_seconds": 4.0},
        )  # fmt: skip

    every = tuple(item(name, i) for name in Round for i in range(items))
    return Cards(every, {"currency": "EUR", "source": "a test"}, letter)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


class Served:
    """A server that was started, and can be killed and started again."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder, self.arguments, self.port = folder, arguments, free_port()
        self.log = folder / "said.txt"
        self.base = f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        own = {"JUPYTER_CONFIG_DIR": "config", "JUPYTER_DATA_DIR": "data",
               "JUPYTER_RUNTIME_DIR": "run"}  # fmt: skip
        env = {**os.environ, **{name: str(self.folder / at) for name, at in own.items()},
               "PYTHONUNBUFFERED": "1"}  # fmt: skip
        command = [sys.executable, "-c", "from hitlsim.cli import main; main()", "train", "serve",
                   *self.arguments, "--no-browser", "--port", str(self.port)]  # fmt: skip
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                command, env=env, stdout=out, stderr=subprocess.STDOUT, cwd=self.folder
            )
        until = time.monotonic() + START_S
        while "Stop with Ctrl-C" not in self.said:
            assert time.monotonic() < until, self.said
            assert self.process.poll() is None, self.said
            time.sleep(0.1)

    @property
    def said(self) -> str:
        """What stands in its terminal."""
        return self.log.read_text(encoding="utf-8")

    @property
    def code(self) -> str:
        found = re.search(r"\?code=(\w+)", self.said)
        assert found, self.said
        return found[1]

    @property
    def board(self) -> str:
        found = re.search(r"http://\S+/board\?key=\S+", self.said)
        assert found, self.said
        return found[0]

    @property
    def family(self) -> list[psutil.Process]:
        """The server and everything it has started."""
        assert self.process is not None
        me = psutil.Process(self.process.pid)
        return [me, *me.children(recursive=True)]

    def memory(self) -> tuple[float, float, int]:
        """Megabytes, resident and proportional (shared pages counted once); and processes."""
        rss = pss = 0.0
        family = self.family
        for each in family:
            try:
                told: Any = each.memory_full_info()
            except psutil.Error:
                continue
            rss += told.rss / 1e6
            pss += getattr(told, "pss", told.rss) / 1e6
        return rss, pss, len(family)

    def kill(self) -> None:
        """As a machine does that runs out of power: nothing is tidied up."""
        assert self.process is not None
        children = self.family[1:]
        self.process.kill()
        self.process.wait()
        gone, left = psutil.wait_procs(children, timeout=15)
        for each in left:
            each.kill()
        assert not left, f"{len(left)} of {len(gone) + len(left)} outlive the server"

    def stop(self) -> int:
        """By Ctrl-C; its exit code."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
