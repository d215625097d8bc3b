"""The feedback at the end: made here in one's own notebook, in a class by the server's worker."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import Any

from ..keeping.classroom import FAILED, FEEDBACK, WHOLE, Classroom

_MAKER = f"{__package__.rpartition('.')[0]}.showing.feedback"
"""Known by name: it draws, and whoever waits for its page need not carry that."""


class Feedback:
    """Feedback pages of a class, made once and kept in its file.

    Parameters
    ----------
    room : Classroom
    served : bool
        Whether somebody else makes them.
    """

    def __init__(self, room: Classroom, *, served: bool) -> None:
        self._room, self._served = room, served
        self._making: dict[tuple[str, str], threading.Thread] = {}
        self._failed: dict[tuple[str, str], str] = {}

    def state(self, trainee: str, letter: str) -> dict[str, Any]:
        """The page, whether it is whole, or that it is being made; asking for it begins that."""
        whole = self._room.shown(trainee, letter, WHOLE) is not None
        if not whole and not self._served:
            self._make(trainee, letter)
        return {
            "feedback": self._room.shown(trainee, letter, FEEDBACK) or "",
            "feedback_whole": whole,
            "feedback_failed": "" if whole else self._why_not(trainee, letter),
        }

    def _why_not(self, trainee: str, letter: str) -> str:
        here = self._failed.get((trainee, letter), "")
        return here or (self._room.shown(trainee, letter, FAILED) or "" if self._served else "")

    def wait(self) -> None:
        """Until what is being made is there."""
        for thread in list(self._making.values()):
            thread.join()

    def _make(self, trainee: str, letter: str) -> None:
        whose = trainee, letter
        if whose in self._making:
            return
        thread = threading.Thread(target=self._made, args=whose, daemon=True)
        self._making[whose] = thread
        thread.start()

    def _made(self, trainee: str, letter: str) -> None:
        try:
            html = import_module(_MAKER).feedback_html
            for weeks in (False, True):  # the twelve weeks take longer; the rest need not wait
                made = html(self._room, trainee, letter, weeks=weeks)
                self._room.keep_shown(trainee, letter, FEEDBACK, made)
            self._room.keep_shown(trainee, letter, WHOLE, "")
        except Exception as e:  # said to whoever waits for it
            self._failed[trainee, letter] = f"{type(e).__name__}: {e}"
