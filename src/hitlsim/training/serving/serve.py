"""A class served: the server, the worker beside it, and how both come to an end."""

from __future__ import annotations

import secrets
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from ...errors import LogError
from ..keeping.classroom import Classroom
from .links import Links, bound, is_loopback, links

_WORKER = f"{__package__}.worker"
_LOOK_MS = 1000
_PATIENCE_SECONDS = 5.0
_RESTARTS_A_MINUTE = 5


def check_installed() -> None:
    """Refuse where the parts that serve are not installed.

    Raises
    ------
    LogError
    """
    missing = [name for name in ("voila", "anywidget") if find_spec(name) is None]
    if missing:
        raise LogError(
            f"{' and '.join(missing)} {'are' if len(missing) > 1 else 'is'} not installed; install "
            "what serving a class needs with: python -m pip install 'hitlsim[lab]'"
        )


def serve(
    open_class: Callable[[], Classroom],
    *,
    host: str = "127.0.0.1",
    port: int = 8866,
    told: Callable[[Classroom, Links], None],
    say: Callable[[str], None],
) -> Classroom:
    """Serve a class until SIGINT or SIGTERM.

    Parameters
    ----------
    open_class : callable
        Gives the class; called once the port is ours, so that no file is made in vain.
    host : str
        Where to answer; ``0.0.0.0`` for all addresses of this machine.
    port : int
    told : callable
        Called with class and addresses once it answers.
    say : callable
        Called with a line for the terminal.

    Returns
    -------
    Classroom
        The class, as it was left.

    Raises
    ------
    LogError
        When the parts that serve are not installed, or the port or host cannot be had.
    """
    check_installed()
    with bound(host, port) as taken:
        room = open_class()
        ticket = secrets.token_urlsafe(16)
        where = links(host, port, room.code, room.key, ticket)
        # Voila asks for its users' warnings as it is imported; there is nothing they could mend
        warnings.simplefilter("ignore")
        server = import_module(f"{__package__}.server")
        with tempfile.TemporaryDirectory(prefix="hitlsim-", ignore_cleanup_errors=True) as folder:
            worker = Worker(room.path, say)
            made = server.class_server(
                room, Path(folder), taken, remote=not is_loopback(host), ticket=ticket,
                when_up=lambda: told(room, where),
            )  # fmt: skip
            worker.watch()
            try:
                made.start()
            finally:
                worker.stop()
    return room


class Worker:
    """The process that makes feedback, started again when it dies.

    Parameters
    ----------
    class_file : Path
    say : callable
        Called with a line for the terminal.
    """

    def __init__(self, class_file: Path, say: Callable[[str], None]) -> None:
        self._command = [sys.executable, "-m", _WORKER, str(class_file)]
        self._say = say
        self.process: subprocess.Popen[bytes] | None = None
        self._died: list[float] = []

    def watch(self) -> None:
        """Start it, and look now and then whether it is there."""
        from tornado.ioloop import PeriodicCallback

        self.start()
        PeriodicCallback(self.look, _LOOK_MS).start()

    def look(self) -> None:
        """Start it again where it has died; not more often than makes sense."""
        if self.process is None or self.process.poll() is None:
            return
        now = time.monotonic()
        self._died = [at for at in self._died if now - at < 60] + [now]
        if len(self._died) > _RESTARTS_A_MINUTE:
            self._say("! the feedback worker keeps dying; answers are saved all the same, and "
                      "hitlsim train score tells them")  # fmt: skip
            self.process = None
            return
        self._say("! the feedback worker died; it is started again")
        self.start()

    def stop(self) -> None:
        """End it."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def start(self) -> None:
        """Start it."""
        # a session of its own: Ctrl-C in the terminal is the server's
        self.process = subprocess.Popen(self._command, start_new_session=True)  # noqa: S603
