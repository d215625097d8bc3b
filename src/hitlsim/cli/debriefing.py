"""The debrief of a class: its report, and a page for each person."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from ..atomic import replacing
from ..errors import LogError
from . import reporting
from .show import console, done


def debrief(
    answers: Path, out: Path, *, deck: str | None, pdf: bool, each: Path | None, force: bool
) -> None:
    """Write the report, and before it, where asked, a page for each person."""
    if each is not None:
        _pages(answers, each)
    parameters = () if deck is None else (f"deck={deck}",)
    asked = reporting.Asked(
        "training", answers=answers, parameters=parameters, out=out, pdf=pdf, force=force
    )
    reporting.report(asked)


def _pages(answers: Path, folder: Path) -> None:
    """One page for each person and deck that they have begun."""
    from ..training.answers import CLASS_FILES
    from ..training.keeping.classroom import Classroom
    from ..training.showing.feedback import feedback_page

    if answers.suffix.lower() not in CLASS_FILES:
        raise LogError(
            f"--each takes the file of a class (.db), which has the items; {answers.name} has "
            "answers only. Leave --each out, or see one person with 'hitlsim train score "
            f"{answers.name} --trainee NAME'"
        )
    with closing(Classroom.open(answers)) as room:
        begun = list(dict.fromkeys((r["trainee"], r["deck"]) for r in room.answer_rows()))
        if not begun:
            raise LogError(f"{answers.name}: nobody has answered anything yet; play a deck first")
        for who, letter in begun:
            with console().status(f"the page of {who}, deck {letter} ..."):
                page = feedback_page(room, who, letter)
            with replacing(folder / f"{who}-{letter}.html") as partial:
                partial.write_text(page, encoding="utf-8")
    done(f"{len(begun)} pages, one for each person and deck", folder)
