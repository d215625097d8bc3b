"""The server: Voila with two pages, and nothing else of the disk."""

from __future__ import annotations

import logging
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
from jupyter_server import DEFAULT_TEMPLATE_PATH_LIST
from tornado.httpserver import HTTPServer
from tornado.ioloop import IOLoop
from traitlets.config import Config
from voila.app import Voila  # type: ignore[import-untyped]

from ..keeping.classroom import Classroom
from .access import ByCode, Tries, secret_of
from .pages import BOARD, DESK, TEMPLATES, BoardPage, Page, Wire, write_pages

_AWAY_HOURS = 3.0
"""A page that nobody is connected to any more: so long its kernel is kept."""
_EXTENSIONS = (
    "@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8", "anywidget",
)  # fmt: skip
_NOT_SERVED = ("/voila/files/", "/voila/tree", "/voila/render", "/voila/api/contents")
_HEADERS = {
    # nothing is fetched from elsewhere, and nobody else's page shows ours
    "Content-Security-Policy": "default-src 'self' data: blob:; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
}


class ClassServer(Voila):  # type: ignore[misc]  # Voila has no types
    """Serves a class until it is told to stop.

    Made by :func:`class_server`.
    """

    room: Classroom
    taken: socket.socket
    when_up: Callable[[], None]
    remote: bool
    ticket: str

    def init_settings(self) -> dict[str, Any]:
        """Voila's, with our way in, our pages' templates, and the checks it leaves out."""
        settings: dict[str, Any] = super().init_settings()
        self.identity_provider.room, self.identity_provider.tries = self.room, Tries()
        self.identity_provider.ticket = self.ticket
        self.kernel_spec_manager.kernel_dirs = [str(Path(self.root_dir) / "kernels")]
        own = jinja2.FileSystemLoader([str(TEMPLATES), *DEFAULT_TEMPLATE_PATH_LIST])
        settings["jinja2_env"] = jinja2.Environment(
            loader=own, extensions=["jinja2.ext.i18n"], autoescape=True
        )
        return settings | {
            "cookie_secret": secret_of(self.room, "cookies"),
            "xsrf_cookies": True,
            # by its name only from this machine: another site's page can't borrow a browser here
            "allow_remote_access": self.remote,
            "headers": _HEADERS,
            "log_function": _told,
        }

    def init_handlers(self) -> list[Any]:
        """Voila's, without anything that shows files or folders."""
        *kept, page = super().init_handlers()  # the last shows whatever notebook it is given
        given = dict(page[2])
        wired = [(h[0], Wire, *h[2:]) if h[0].endswith("/channels") else h for h in kept]
        return [
            *(h for h in wired if not h[0].startswith(_NOT_SERVED)),
            ("/", Page, {**given, "notebook_path": DESK}),
            ("/board", BoardPage, {**given, "notebook_path": BOARD}),
        ]

    def listen(self) -> None:
        """Answer at the port that was taken, until SIGINT or SIGTERM."""
        self.ioloop = IOLoop.current()
        HTTPServer(self.app).add_socket(self.taken)
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, self._handle_signal_stop)
        self.ioloop.add_callback(self.when_up)
        try:
            self.ioloop.start()
        finally:
            self.stop()


def class_server(
    room: Classroom,
    folder: Path,
    taken: socket.socket,
    *,
    remote: bool,
    ticket: str,
    when_up: Callable[[], None],
) -> ClassServer:
    """A server for a class; ``start()`` serves until SIGINT or SIGTERM.

    Parameters
    ----------
    room : Classroom
    folder : Path
        An empty one, for its own files.
    taken : socket
        Where it answers.
    remote : bool
        Whether other machines may ask, by whatever name they know this one.
    ticket : str
        Lets onto the board once.
    when_up : callable
        Called once it answers.
    """
    write_pages(folder, room.path)
    for name in ("tornado.general", "tornado.application"):
        logging.getLogger(name).setLevel(logging.ERROR)
    server = ClassServer(config=_config(folder))
    server.room, server.taken, server.remote = room, taken, remote
    server.when_up, server.ticket = when_up, ticket
    server.initialize([])
    server.template_paths = [str(TEMPLATES), *server.template_paths]
    return server


def _config(folder: Path) -> Config:
    away = int(_AWAY_HOURS * 3600)
    return Config({
        "Voila": {
            "root_dir": str(folder), "notebook_path": str(folder / DESK), "open_browser": False,
            # settings somebody keeps for other servers are not this one's
            "config_file_paths": [], "connection_dir_root": str(folder),
            "identity_provider_class": ByCode, "token": "", "log_level": logging.ERROR,
        },
        "VoilaConfiguration": {
            "template": "lab", "allow_template_override": "NO", "file_allowlist": [],
            "strip_sources": True, "show_tracebacks": False,
            "extension_allowlist": list(_EXTENSIONS),
        },
        "MappingKernelManager": {"cull_idle_timeout": away, "cull_interval": 300,
                                 "cull_connected": False},
        "NotebookNotary": {"db_file": ":memory:"},
    })  # fmt: skip


def _told(handler: Any) -> None:
    """Requests are not worth a line each; faults of ours are."""
    if handler.get_status() >= 500:
        logging.getLogger("tornado.access").error(
            "%s %s: %d", handler.request.method, handler.request.path, handler.get_status()
        )
