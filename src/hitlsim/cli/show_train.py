"""A class in the terminal: where people go, how it ends."""

from __future__ import annotations

import shlex
import sys
import webbrowser
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Thread
from typing import Any

from rich.console import Console
from rich.markup import escape

from ..training.keeping.classroom import Classroom
from ..training.serving.links import Links
from ..training.serving.making import class_of
from ..training.serving.serve import serve as serve_class

_PLAIN_WIDTH = 120
_OTHERS = (
    "[yellow]![/yellow] Everybody in your network who has the code can come in, and the connection "
    "is not encrypted. Do so in a network you trust."
)
_ALONE = "Only this machine reaches it; for a class in your network add --host 0.0.0.0."


def console() -> Console:
    """As in :mod:`~hitlsim.cli.show`, without what that carries: a server lives for hours."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)


def serve(
    class_file: Path,
    decks: Sequence[Path],
    asked: Mapping[str, Any],
    *,
    host: str,
    port: int,
    browser: bool,
) -> None:
    """Serve a class until Ctrl-C, then say what is in its file."""

    def told(room: Classroom, where: Links) -> None:
        _welcome(room, where)
        if browser:
            # some browsers are waited for until they end; meanwhile nobody would be served
            Thread(target=webbrowser.open, args=(where.board_once,), daemon=True).start()

    room = serve_class(
        lambda: class_of(class_file, decks, asked), host=host, port=port, told=told, say=_line
    )
    _farewell(room)
    room.close()  # the last to let go takes in what SQLite kept beside the file: it can be copied


def _welcome(room: Classroom, where: Links) -> None:
    out = console()
    n = len(room.trainees)
    so_far = f", {_people(n)} so far" if n else ""
    out.print(f"\n[bold]{escape(room.path.name)}[/bold]: {_decks(room)}{so_far}")
    out.print("\nClass code")
    out.print(f"  [bold green]{room.code}[/bold green]")
    out.print(f"Trainees open [dim](or {escape(where.base)} and type the code)[/dim]")
    out.print(f"  [bold]{escape(where.desk)}[/bold]", soft_wrap=True)
    out.print("The board, for you alone [dim](it opens rounds and shows ways back)[/dim]")
    out.print(f"  [bold]{escape(where.board)}[/bold]", soft_wrap=True)
    out.print(_OTHERS if where.open_to_others else f"[dim]{_ALONE}[/dim]")
    out.print(f"\nAnswers are saved in [bold]{escape(str(room.path))}[/bold] as they are given.",
              soft_wrap=True)  # fmt: skip
    out.print("Stop with Ctrl-C; the same command goes on where everybody was.\n")
    sys.stdout.flush()


def _farewell(room: Classroom) -> None:
    done = room.overview.answer_count()
    answers = f"{done:,} answer{'' if done == 1 else 's'}"
    out = console()
    out.print(f"\n{answers} of {_people(len(room.trainees))} "
              f"{'is' if done == 1 else 'are'} in [bold]{escape(str(room.path))}[/bold]",
              soft_wrap=True)  # fmt: skip
    verb = "debrief" if done else "serve --class"
    out.print(
        f"Next: [bold]hitlsim train {verb} {escape(shlex.quote(str(room.path)))}[/bold]",
        soft_wrap=True,
    )


def _line(said: str) -> None:
    console().print(escape(said), style="yellow" if said.startswith("!") else "dim")


def _people(n: int) -> str:
    return f"{n} {'person' if n == 1 else 'people'}"


def _decks(room: Classroom) -> str:
    told = [f"{len(cards)} items in {len(cards.rounds)} rounds" for cards in room.decks]
    return " and then ".join(told)
