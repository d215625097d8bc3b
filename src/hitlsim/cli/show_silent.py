"""Silent errors by every way of counting them, and scores before and after mending, shown."""

from __future__ import annotations

from pathlib import Path

from rich.markup import escape
from rich.table import Table

from ..calibration.recalibrate import Recalibrated
from ..decisions.estimating.intervals import Estimate
from ..decisions.judging.silent import Silent
from ..decisions.judging.ways import Trust, Way
from ..present.style import parted, plain, reason_words
from . import show
from .show import _table, console, done

_MARKS = {
    Trust.WRONG: "[red]✗[/red]",
    Trust.DOUBTFUL: "[yellow]?[/yellow]",
    Trust.FAIR: "[green]✓[/green]",
    Trust.TRUE: "=",
}
_NOTE = (
    "Silent errors: bad decisions that went out with nobody asked. ✗ misleading, ? doubtful, ✓ can "
    "be believed; bold: what to believe. In brackets: 95% intervals; a range alone means that "
    "fewer than five were found. They take decisions as independent of each other."
)


def silent(found: Silent) -> None:
    """What to believe and why, every way of counting, and what would tell more."""
    out = console()
    first, *rest = found.why()
    trust = {w.name: w.trust for w in found.ways}.get(found.believe)
    mark = _MARKS[trust] if trust else "[yellow]![/yellow]"
    out.print(f"{mark} [bold]{escape(first)}[/bold]")
    for sentence in rest:
        out.print(f"  {escape(sentence)}")
    out.print()
    out.print(_ways(found))
    for way in found.ways:
        out.print(f"  {_MARKS[way.trust]} [dim]{way.title}: {escape(way.why)}[/dim]")
    out.print()
    if len(found.triggers):
        out.print(_reasons(found))
    for i, sentence in enumerate(found.missing()):
        if i == 0:
            out.print("[bold]To know more[/bold]")
        out.print(f"- {escape(sentence)}")
    out.print(f"[dim]{_NOTE}[/dim]")


def _ways(found: Silent) -> Table:
    table = _table(
        "Silent errors, by how they are counted",
        "", "of what went alone", "of all it may take alone", "of all bad ones", "outcomes",
    )  # fmt: skip
    for i, way in enumerate(found.ways):
        misleads = way.trust is Trust.WRONG
        if i and (way.trust is Trust.TRUE or misleads < (found.ways[i - 1].trust is Trust.WRONG)):
            table.add_section()
        table.add_row(*_row(way), style="bold" if way.name == found.believe else None)
    return table


def _row(way: Way) -> list[str]:
    n = way["fn_of_auto"].n
    figures = [_short(way[rate]) for rate in ("fn_of_auto", "fn_share", "fn_of_bad")]
    return [f"{_MARKS[way.trust]} {way.title}", *figures, f"{n:,.0f}"]


def _short(e: Estimate) -> str:
    if not e.known:
        return ""
    point, interval = parted(e, "share")
    return point if e.few or not interval else f"{point} ({interval})"


def _reasons(found: Silent) -> Table:
    table = _table(
        "What asking finds, by reason", "", "asked", "outcomes", "bad among them", "95% interval"
    )
    for row in found.triggers.to_dict("records"):
        e = Estimate(**{c: row[c] for c in ("value", "low", "high", "n", "assumes", "few")})
        figures = parted(e, "share") if e.known else ("not known", "")
        reason = escape(plain(reason_words(row["reason"])))
        table.add_row(reason, f"{row['asked']:,}", f"{e.n:,.0f}", *figures)
    return table


def draw(found: Silent, path: Path) -> None:
    """The same as a picture."""
    from ..present.drawing.silent import draw_silent

    show.picture(draw_silent(found), path)


def recalibrated(mended: Recalibrated, path: Path | None) -> None:
    """Whether scores can be believed, what was done, and where the log was written."""
    out = console()
    first, *rest = mended.why()
    good = mended.before <= mended.by_chance.high
    mark = "[green]✓[/green]" if mended.adopted or good else "[yellow]![/yellow]"
    out.print(f"{mark} [bold]{escape(first)}[/bold]")
    for sentence in rest:
        out.print(f"  {escape(sentence)}")
    table = _table("The scores as they were", "score", "mean", "right", "95% interval", "outcomes")
    for row in mended.table.to_dict("records"):
        e = Estimate(**{c: row[c] for c in ("value", "low", "high", "n", "assumes", "few")})
        table.add_row(
            f"{row['score_low']:.3g} to {row['score_high']:.3g}",
            f"{row['score']:.1%}",
            *parted(e, "share"),
            f"{e.n:,.0f}",
        )
    out.print(table)
    if path is not None:
        done("Log", mended.log.to_parquet(path))
