"""What changed, in the terminal: words first, then the periods with their limits."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from ..decisions.log import DecisionLog
from ..decisions.watching.chart import (
    CHI_SQUARE,
    CHI_SQUARE_WEEKS,
    LANEY,
    MEANS,
    P_CHART,
    Chart,
)
from ..decisions.watching.observed import CALIBRATION, SCORE, SILENT
from ..decisions.watching.watch import Watch
from ..decisions.watching.watch import watch as find
from ..decisions.watching.words import Status
from ..scenario.explain import listed
from . import show
from .show import console

_MARKS = {
    Status.ALARM: "[red]✗[/red]",
    Status.OVER: "[yellow]![/yellow]",
    Status.QUIET: "[green]✓[/green]",
    Status.OPEN: "?",
}
_WHY = {
    P_CHART: "weeks of the baseline differ no more than chance lets them",
    LANEY: "weeks of the baseline differ by more than chance, so limits are that much wider",
    CHI_SQUARE: "weeks of the baseline differ no more than chance lets them",
    CHI_SQUARE_WEEKS: "weeks of the baseline differ by more than chance, so they are the yardstick",
}
_LAST = 14
"""Periods shown; the picture shows all."""
_NOTE = (
    "* outside its limits, + its CUSUM is at its threshold. In brackets: limits; calibration as "
    "odds, 1x is as promised; score distribution as stability index. Silent errors: {silent}."
)


def watch(
    log: DecisionLog,
    *,
    by: str,
    baseline: int | None,
    since: str | None,
    until: str | None,
    band: tuple[float, float],
    picture: Path | None,
) -> bool:
    """Show what changed; gives whether an alarm is in force."""
    found = find(
        log, by=str(by), baseline=baseline, since=since, until=until, exception_rate=band
    )  # fmt: skip
    out = console()
    out.print(f"[bold]{escape(found.headline)}[/bold]")
    out.print(f"  {escape(found.next)}\n")
    for f in found.findings:
        out.print(f"{_MARKS[f.status]} {escape(f.words)}")
    out.print(_table(found))
    for line in _basis(found):
        out.print(f"[dim]{escape(line)}[/dim]")
    if picture is not None:
        from ..present.drawing.watch import draw_watch

        show.picture(draw_watch(found), picture)
    return bool(found.ongoing)


def _basis(w: Watch) -> Iterator[str]:
    """What the figures rest on, line by line."""
    cal = w.calendar
    yield _NOTE.format(silent=MEANS[SILENT])
    left = f"; {cal.empty} without decisions left out" if cal.empty else ""
    yield (
        f"Baseline: {cal.baseline} {w.by}s, {cal.periods[0].label} to "
        f"{cal.periods[cal.baseline - 1].label} ({cal.because}){left}."
    )
    kinds: dict[str, list[str]] = {}
    for c in w.charts.values():
        more = f" ({c.spread.sigma_z:.1f} times)" if c.spread.over else ""
        kinds.setdefault(c.kind, []).append(f"{c.title.lower()}{more}")
    for kind, names in kinds.items():
        yield f"{kind[0].upper()}{kind[1:]}: {listed(names)}; {_WHY[kind]}."
    yield (
        f"Chance alone raises an alarm on any of the {len(w.charts)} charts once in "
        f"{w.once_in:.0f} {w.by}s, or more seldom. Taken for granted: {w.assumes}."
    )


def _table(w: Watch) -> Table:
    shown = w.calendar.watched[-_LAST:]
    cut = f", last {len(shown)} of {len(w.calendar.watched)}" if len(shown) < len(
        w.calendar.watched
    ) else ""  # fmt: skip
    table = Table(
        title=f"{w.by.capitalize()} by {w.by}{cut}", box=box.SIMPLE_HEAD, title_justify="left",
        title_style="bold",
    )  # fmt: skip
    table.add_column("baseline" if w.by == "month" else "week of")
    for c in w.charts.values():
        heading = "Scores" if c.name == SCORE else c.title
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_row("baseline", *(_before(c) for c in w.charts.values()), style="bold")
    frames = {n: c.frame.set_index("label") for n, c in w.charts.items()}
    for p in shown:
        cells = [_cell(w.charts[n], f.loc[p.label]) for n, f in frames.items()]
        table.add_row(p.label, *cells)
    return table


def _before(c: Chart) -> str:
    return {CALIBRATION: "1.0x", SCORE: "0"}.get(c.name, f"{c.before:.1%}")


def _cell(c: Chart, row: Any) -> str:
    """A period of a chart, with its upper or both limits."""
    if math.isnan(row["value"]):
        return "[dim]-[/dim]"
    crossed = any(
        plan is not None and row[column] >= plan.threshold - 1e-9
        for column, plan in (("rise", c.rise), ("fall", c.fall))
    )
    flag = ("*" if row["out"] else "") + ("+" if crossed else "")
    if c.name == SCORE:
        said = f"{row['value']:.2g} [dim]<{row['high']:.2g}[/dim]"
    elif c.name == CALIBRATION:
        value, low, high = (c.odds_beside(row, x) for x in ("value", "low", "high"))
        said = f"{value:.1f}x [dim]({low:.1f}-{_most(high)})[/dim]"
    else:
        said = f"{row['value']:.1%} [dim]({100 * row['low']:.0f}-{100 * row['high']:.0f})[/dim]"
    return f"[red]{flag}[/red]{said}" if flag else said


def _most(x: float) -> str:
    return f"{x:.1f}" if x < 100 else "any"
