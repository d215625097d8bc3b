"""The worker: makes feedback for whoever has finished a deck, one after the other.

A process of its own, beside the server: it carries all that draws and simulates, and if it dies
nobody's answers are touched. Started as ``python -m hitlsim.training.serving.worker class.db``.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from ...errors import LogError
from ..keeping.classroom import FAILED, FEEDBACK, WHOLE, Classroom

_LOOK_SECONDS = 1.0


class Due(NamedTuple):
    """A page that is to be made."""

    trainee: str
    deck: str
    weeks: bool
    """With twelve weeks, which take longer; first everybody gets a page without."""


Make = Callable[[Classroom, Due], str]


def due(room: Classroom, given_up: frozenset[Due] | set[Due] = frozenset()) -> Due | None:
    """The page to be made next: first feedback without the twelve weeks, then with.

    Parameters
    ----------
    room : Classroom
    given_up : set of Due
        Those that could not be made.
    """
    finished = room.overview.finished()
    for weeks, mark in ((False, FEEDBACK), (True, WHOLE)):
        for trainee, deck in finished:
            page = Due(trainee, deck, weeks)
            if page not in given_up and room.shown(trainee, deck, mark) is None:
                return page
    return None


def make(room: Classroom, page: Due) -> str:
    """The page, as HTML."""
    from ..showing.feedback import feedback_html

    return feedback_html(room, page.trainee, page.deck, weeks=page.weeks)


def keep_up(room: Classroom, given_up: set[Due], make: Make = make) -> str | None:
    """Make the page that is due; what to say about it, None where none is due."""
    page = due(room, given_up)
    if page is None:
        return None
    what = "twelve weeks" if page.weeks else "feedback"
    began = time.monotonic()
    try:
        html = make(room, page)
    except Exception as e:  # the next one's page may go well
        given_up.add(page)
        why = f"{type(e).__name__}: {e}"
        with suppress(LogError):  # whoever waits for it is told too
            room.keep_shown(page.trainee, page.deck, FAILED, why)
        return f"! {what} for {page.trainee} could not be made ({why})"
    room.keep_shown(page.trainee, page.deck, FEEDBACK, html)
    if page.weeks:
        room.keep_shown(page.trainee, page.deck, WHOLE, "")
    deck = "" if page.deck == room.decks[0].letter else f", deck {page.deck}"
    return f"{what} for {page.trainee}{deck}, {time.monotonic() - began:.1f} s"


def main(class_file: str) -> None:
    """Work until the server is gone."""
    server = os.getppid()
    if hasattr(os, "nice"):
        os.nice(10)  # whoever is answering comes first
    room, given_up = Classroom.open(Path(class_file)), set[Due]()
    while os.getppid() == server:
        said = keep_up(room, given_up)
        if said is None:
            time.sleep(_LOOK_SECONDS)
        else:
            print(said, flush=True)  # noqa: T201 - the server's terminal


if __name__ == "__main__":
    main(sys.argv[1])
