"""The two pages: a desk for everybody, a board for the facilitator."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from tornado.web import HTTPError, authenticated
from voila.tornado.handler import TornadoVoilaHandler  # type: ignore[import-untyped]
from voila.tornado.kernel_websocket_handler import (  # type: ignore[import-untyped]
    VoilaKernelWebsocketHandler,
)

from .access import ByCode

TEMPLATES = Path(__file__).parent / "page"
CLASS_FILE = "HITLSIM_CLASS"
"""What tells a page's kernel where the class is: all it is told."""
KERNEL = "hitlsim"
DESK, BOARD = "desk.ipynb", "board.ipynb"
_TITLES = {DESK: "Practise reviewing", BOARD: "Board of the class"}
_OPEN = f"""\
import os
from hitlsim.training.keeping.classroom import Classroom
room = Classroom.open(os.environ[{CLASS_FILE!r}])
"""
_CODE = {
    DESK: f"{_OPEN}from hitlsim.training.desk.practice import Practice\n"
    "Practice(room, served=True)",
    BOARD: f"{_OPEN}from hitlsim.training.desk.board import Board\nBoard(room)",
}


def write_pages(folder: Path, class_file: Path) -> None:
    """Write the notebooks behind the pages, and the kernel that runs them.

    Parameters
    ----------
    folder : Path
        An empty one, which is all that the server serves from.
    class_file : Path
    """
    for name, code in _CODE.items():
        (folder / name).write_text(json.dumps(_notebook(_TITLES[name], code)), encoding="utf-8")
    kernel = folder / "kernels" / KERNEL
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps(_kernel(folder, class_file)), encoding="utf-8")


def _notebook(title: str, code: str) -> dict[str, Any]:
    cell: dict[str, Any] = {
        "cell_type": "code", "execution_count": None, "id": "page", "metadata": {}, "outputs": [],
        "source": code,
    }  # fmt: skip
    spec = {"name": KERNEL, "display_name": KERNEL, "language": "python"}
    return {"cells": [cell], "metadata": {"kernelspec": spec, "title": title},
            "nbformat": 4, "nbformat_minor": 5}  # fmt: skip


def _kernel(folder: Path, class_file: Path) -> dict[str, Any]:
    # this Python, whatever kernel of that name somebody has installed for themselves
    return {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}",
                 "--HistoryManager.enabled=False", "--IPKernelApp.log_level=40"],
        "display_name": KERNEL, "language": "python",
        "env": {CLASS_FILE: str(class_file.resolve()), "IPYTHONDIR": str(folder / "ipython"),
                "MALLOC_ARENA_MAX": "2"},
    }  # fmt: skip


class Page(TornadoVoilaHandler):  # type: ignore[misc]  # Voila has no types
    """The desk."""

    @authenticated
    async def get(self) -> None:
        """Show it."""
        await self.shown()

    async def shown(self) -> None:
        """Start a kernel for this page, and show what it makes."""
        self.xsrf_token  # noqa: B018 - sets the cookie with which a page that closes ends its kernel
        await super().get()


class BoardPage(Page):
    """The board: for whoever has the key."""

    @authenticated
    async def get(self) -> None:
        """Show it, without the key in the address: the board is shown on a wall."""
        provider: ByCode = self.identity_provider
        if provider.has_key(self):
            provider.let_onto_board(self)
        if provider.has_key(self) or self.get_query_argument("once", ""):
            self.redirect(f"{self.base_url}board")
            return
        if not provider.may_see_board(self):
            raise HTTPError(
                403, "Open the board by the address that 'hitlsim train serve' printed.",
                reason="The facilitator's key is missing",
            )  # fmt: skip
        await self.shown()


class Wire(VoilaKernelWebsocketHandler):  # type: ignore[misc]  # Voila has no types
    """What goes between a page and its kernel."""

    def open(self, kernel_id: str) -> Any:
        """Send small messages at once: waiting for more costs 40 ms an answer."""
        self.set_nodelay(True)
        return super().open(kernel_id)
