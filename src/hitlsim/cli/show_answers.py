"""What people did with a deck, in the terminal: all of a class, or one person."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import Any

import pandas as pd
from rich.markup import escape

from ..atomic import replacing
from ..decisions.diagnosing.diagnosis import Found
from ..decisions.diagnosing.evidence import Evidence
from ..decisions.estimating.intervals import as_row
from ..present.monthly.month import write_results
from ..present.style import plain
from ..training.answers import read_answers
from ..training.changed import theirs
from ..training.dealing.key import harmless
from ..training.debrief import Debrief, debrief
from ..training.scoring.naming import Habit
from ..training.scoring.score import FIGURES, Score, Side
from ..training.showing.tables import written
from ..training.words import kindly
from .show import _table, console, done

_MARKS = {
    Found.NAMED: "[yellow]![/yellow]", Found.OPEN: "?", Found.NOT: "[green]✓[/green]",
}  # fmt: skip
_SIDES = {Side.DOES: "What they do", Side.SEES: "What they see"}
_SHOWN = (("missed", "let through"), ("opened", "opened"), ("fast", "too fast"),
          ("sensitivity", "d'"))  # fmt: skip
_ROOM = 100  # columns from which there is room for what to practise
_NOTE = (
    "Below each figure: its 95% interval. Let through: of the wrong items a person was asked to "
    "see. Opened: of the routine items, which may go alone. Too fast: approved in less time than "
    "the text takes to read. Items are taken as independent of each other."
)
_MOST = 8
_DID = {"leave alone": "left", "approve": "approved", "edit": "changed", "reject": "sent back"}


def show(file: Path, trainee: str | None, deck: str | None, out: Path | None) -> None:
    """Score the answers of a file, and say what they show."""
    d = debrief(read_answers(file), deck.upper() if deck else None)
    if trainee is None:
        _everybody(d, file)
    else:
        _one(d, d.of(trainee), file)
    if out is not None:
        whose = [d.of(trainee)] if trainee else list(d.scores)
        done("figures", _write(d, whose, out))


def _everybody(d: Debrief, file: Path) -> None:
    out = console()
    out.print(f"[bold]{escape(d.headline)}[/bold]")
    out.print(f"[dim]{escape(d.subtitle)}[/dim]")
    wide = out.width >= _ROOM
    table = _table("", "who", *(title for _, title in _SHOWN), "what it shows",
                   *(["practise first"] if wide else []))  # fmt: skip
    for column in table.columns[len(_SHOWN) + 1 :]:
        column.justify, column.overflow = "left", "fold"
    for s in d.scores:
        known = {e.name: e for e in s.evidence}
        cells = [_figure(known.get(name)) for name, _ in _SHOWN]
        first = [escape(d.practice(s.who)[0].title)] if wide else []
        table.add_row(escape(s.who), *cells, f"{_MARKS[_worst(s)]} {escape(kindly(s))}", *first)
    out.print(table)
    out.print(f"[dim]{_NOTE}[/dim]")
    _careful(d)
    if d.changes is not None:
        out.print(f"\n[bold]Since deck {d.changes.first}[/bold]")
        for who, by in d.changes.people.items():
            out.print(f"  {escape(who)}: {escape(theirs(by))}")
    who = d.scores[0].who
    out.print(
        f"Next: hitlsim train score {escape(quote(str(file)))} --trainee {who}   hitlsim train "
        f"debrief {escape(quote(str(file)))}", soft_wrap=True,
    )  # fmt: skip


def _figure(e: Evidence | None) -> str:
    if e is None:
        return "[dim]not\nknown[/dim]"
    value, interval = written(e)
    return f"{value}\n[dim]{interval.replace(' to ', '-')}[/dim]"


def _worst(s: Score) -> Found:
    found = {h.status for h in s.habits}
    return next(f for f in (Found.NAMED, Found.OPEN, Found.NOT) if f in found)


def _careful(d: Debrief) -> None:
    for sentence in d.warnings:
        console().print(f"[yellow]![/yellow] {escape(sentence)}")


def _one(d: Debrief, s: Score, file: Path) -> None:
    out = console()
    said = kindly(s)
    out.print(f"[bold]{escape(s.who)}: {escape(said)}.[/bold]")
    out.print(f"[dim]{s.n} answers, deck {d.deck}, from {escape(file.name)}[/dim]")
    for h in s.habits:
        out.print(f"{_MARKS[h.status]} {escape(_habit(h))}")
    known = {e.name: e for e in s.evidence}
    for side, title in _SIDES.items():
        table = _table(title, "", "figure", "95% interval", "n", "how to read it")
        table.columns[-1].justify = "left"
        for x in (x for x in FIGURES if x.side is side):
            e = known.get(x.name)
            if e is None:
                table.add_row(
                    x.title, "[dim]not known[/dim]", "", "", f"[dim]takes {x.takes}[/dim]"
                )
            else:
                value, interval = written(e)
                table.add_row(x.title, value, interval, f"{e.estimate.n:,.0f}", x.means)
        out.print(table)
    for title, rows in (("What got through, the costliest first", _missed(s)),
                        ("Touched needlessly", s.marks[s.marks["needless"]])):  # fmt: skip
        _items(title, rows)
    out.print("[bold]Three habits to practise next[/bold]")
    for i, p in enumerate(d.practice(s.who), 1):
        look = f" Look again at {', '.join(p.items)}." if p.items else ""
        why = f" {p.why}" if p.why else ""
        out.print(f"  {i}. [bold]{escape(p.title)}.[/bold]{escape(f'{why} {p.how}{look}')}")
    if d.changes is not None and s.who in d.changes.people:
        c = d.changes
        out.print(f"From deck {c.first} to {c.then}: {escape(theirs(c.people[s.who]))}.")
    _careful(d)


def _habit(h: Habit) -> str:
    more = f"; about {h.settles} would tell" if h.settles else ""
    return f"{h.words[:1].upper()}{h.words[1:]}{more}."


def _missed(s: Score) -> pd.DataFrame:
    f = s.marks
    return f[f["passed"]].sort_values("harm", ascending=False, kind="stable")


def _items(title: str, f: pd.DataFrame) -> None:
    """The first few items of a kind, one line each."""
    if not len(f):
        return
    table = _table(f"{title} ({len(f)})", "item", "what it was", "did", "seconds")
    table.columns[1].justify = table.columns[2].justify = "left"
    for r in f.head(_MOST).to_dict("records"):
        table.add_row(escape(str(r["item_id"])), escape(_what(r)), _DID[str(r["action"])],
                      _seconds(r))  # fmt: skip
    if len(f) > _MOST:
        table.add_row("", f"[dim]and {len(f) - _MOST} more[/dim]", "", "")
    console().print(table)


def _what(r: dict[Any, Any]) -> str:
    told = [str(r[c]) for c in ("title", "fault") if c in r and not pd.isna(r[c])]
    return ": ".join(told) or plain(str(r.get("workflow", "")))


def _seconds(r: dict[Any, Any]) -> str:
    seconds = r.get("dwell_seconds")
    return "" if seconds is None or pd.isna(seconds) else f"{seconds:.0f}"


def _write(d: Debrief, whose: list[Score], out: Path) -> Path:
    """Figures, one row for each person and figure; as JSON also habits and what to practise."""
    if out.suffix.lower() == ".json":
        return write_results(_Whole(d, [s.who for s in whose]), out)
    frame = pd.DataFrame(list(_rows(d, whose)))
    with replacing(out) as partial:
        harmless(frame).to_csv(partial, index=False, lineterminator="\n")
    return out


def _rows(d: Debrief, whose: list[Score]) -> Iterator[dict[str, Any]]:
    for s in whose:
        for x in FIGURES:
            yield {"trainee": s.who, "deck": d.deck, "figure": x.name, "title": x.title,
                   "side": str(x.side), **as_row(s.figures[x.name])}  # fmt: skip


class _Whole:
    """A debrief of these people as plain values."""

    def __init__(self, d: Debrief, whose: list[str]) -> None:
        self._d, self._whose = d, whose

    def to_dict(self) -> dict[str, Any]:
        told = self._d.to_dict()
        people = {who: told["trainees"][who] for who in self._whose}
        return {"deck": told["deck"], "trainees": people, "record": told["record"]}
