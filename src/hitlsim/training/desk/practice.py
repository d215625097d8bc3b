"""The widget: a view of the desk for JupyterLab and Voila, which knows nothing of decks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from ..keeping.classroom import Classroom, Seat
from .desk import Desk

_FRONT = Path(__file__).parent / "front"
_PARTS = ("parts.js", "link.js", "drawing.js", "practice.js")
"""One module for the browser: it cannot import from beside itself."""


class Practice(anywidget.AnyWidget):
    """The desk on a page.

    It takes custom messages ``{id, do, ...}`` and answers ``{id, ok, state}``, with ``error`` or
    ``note`` where there is something to say.

    Parameters
    ----------
    room : Classroom
    seat : Seat, optional
        Whose desk it is; left out, the page asks for the class's code.
    served : bool
        Whether a server shows it to a class.
    """

    _esm = "\n".join((_FRONT / name).read_text(encoding="utf-8") for name in _PARTS)
    _css = (_FRONT / "practice.css").read_text(encoding="utf-8")
    state = traitlets.Dict().tag(sync=True)
    still = traitlets.Unicode().tag(sync=True)
    """Class of what stands there for readers without a kernel; hidden while the widget lives."""

    def __init__(self, room: Classroom, *, seat: Seat | None = None, served: bool = False) -> None:
        self.desk = Desk(room, seat=seat, served=served)
        super().__init__(state=self.desk.screen)
        self.on_msg(self._asked)

    def _asked(self, _: Any, message: Any, __: Any) -> None:
        reply = self.desk.handle(message)
        # whoever asked draws first, and moves to what is new; other views follow
        self.send(reply)
        self.state = reply["state"]
