"""What the terminal shows."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..atomic import replacing
from ..calibration.break_even import BESIDE_THE_LITERATURE, break_even_table
from ..calibration.tuning.rerouting.curve import curve
from ..decisions.columns import dictionary
from ..decisions.counting import scorecard as cards
from ..decisions.counting.metrics import METRICS, Metric, Section, Unit
from ..decisions.diagnosing.diagnosis import Diagnosis, Found
from ..decisions.estimating.intervals import Estimate
from ..decisions.log import DecisionLog
from ..errors import LogError
from ..present.picture import Note, Picture
from ..present.style import parted, written
from ..scenario.scenario import Scenario

if TYPE_CHECKING:
    from ..decisions.counting.stored import StoredLog

_MARKS = {
    cards.Status.GOOD: "[green]✓[/green]",
    cards.Status.WATCH: "[yellow]![/yellow]",
    cards.Status.BAD: "[red]✗[/red]",
    cards.Status.UNKNOWN: "?",
}
_FOUND = {
    Found.NAMED: "[red]✗[/red]",
    Found.OPEN: "?",
    Found.NOT: "[green]✓[/green]",
}
_PLAIN_WIDTH = 120  # where output goes to a file or another program
_MINUTES_UP_TO = 120  # longer waits are told in hours
_LARGE_HOURS = 100
_LABEL, _CELL = 31, 20  # columns taken by a metric's name, and by one of its figures
_NOTE = (
    "In brackets: 95% intervals; a range alone means that fewer than five were found. Silent "
    "errors are bad decisions that went out with nobody "
    "asked: fn_share of all the AI may take alone, fn_of_auto of those that went alone, fn_of_bad "
    "of all bad ones; estimated from the outcomes seen, as people judged them."
)
_FREED_NOTE = (
    "Freed time takes all that went out to have been done by hand otherwise, in the time each "
    "workflow is said to take by hand."
)


def console() -> Console:
    """Standard output, as wide as the terminal is."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else _PLAIN_WIDTH)


def _table(title: str, *headings: str) -> Table:
    table = Table(
        title=escape(title), box=box.SIMPLE_HEAD, title_justify="left", title_style="bold"
    )
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="left" if i == 0 else "right")
    return table


def done(what: str, path: Path) -> None:
    """Say where something was written."""
    console().print(f"[green]✓[/green] {what}: [bold]{escape(str(path))}[/bold]", soft_wrap=True)


def picture(made: Picture | Note, path: Path) -> None:
    """Write a figure, and say where; what cannot be drawn is an error."""
    png = drawn(made).png
    with replacing(path) as partial:
        partial.write_bytes(png)
    done("picture", path)


def drawn(made: Picture | Note) -> Picture:
    """A figure; an error where it cannot be drawn."""
    if isinstance(made, Note):
        raise LogError(made.text)
    return made


def scorecard(log: DecisionLog | StoredLog, *, by: str, workflows: bool) -> None:
    """The scorecard: one period with intervals and verdicts, or several side by side."""
    card = cards.scorecard(log, by=None if by == "all" else by, per_workflow=workflows)
    title = f"Scorecard: {log.record.get('source', 'decision log')}"
    currency = str(log.record.get("currency", ""))
    if by == "all":
        _one_period(card, title, currency)
    else:
        _periods(card, f"{title}, by {by}", currency)
    if workflows:
        _by_workflow(card)
    freed = f" {_FREED_NOTE}" if _has(card, "freed_hours") else ""
    console().print(f"[dim]{_NOTE}{freed}[/dim]")


def _one_period(card: cards.Scorecard, title: str, currency: str) -> None:
    table = _table(title, "", "figure", "95% interval", "n")

    def cells(metric: Metric) -> list[str]:
        e = card.get(metric.name)
        return [*parted(e, metric.unit), f"{e.n:,.0f}" if e.known else ""]

    _by_section(table, card, currency, cells)
    console().print(table)
    _verdicts(card, cards.ALL)


def _by_section(
    table: Table, card: cards.Scorecard, currency: str, cells: Callable[[Metric], list[str]]
) -> None:
    """One row for each metric, under a heading for each section."""
    for section in Section:
        metrics = [m for m in METRICS if m.section is section and _has(card, m.name)]
        if not metrics:
            continue
        if table.rows:
            table.add_section()
        heading = section.capitalize()
        if section is Section.MONEY:
            heading = f"{heading}, {currency} per 1,000 decisions".replace(",  ", " ")
        table.add_row(f"[bold]{heading}[/bold]")
        for metric in metrics:
            table.add_row(metric.title, *cells(metric))


def _verdicts(card: cards.Scorecard, period: str) -> None:
    """Every figure that has a target, against it, in words."""
    said = []
    for j in card.judge(period=period):
        sure = "" if j.sure else " [dim](chance could account for that)[/dim]"
        figure = written(j.estimate, j.metric.unit)
        said.append(f"{_MARKS[j.status]} {j.metric.title.lower()} {figure}: {j.words}{sure}")
    if said:
        title = "" if period == cards.ALL else f"[bold]{escape(period)}[/bold]\n"
        console().print(title + "  " + "\n  ".join(said))


def _has(card: cards.Scorecard, metric: str) -> bool:
    return bool((card.frame["metric"] == metric).any())


def _periods(card: cards.Scorecard, title: str, currency: str) -> None:
    out = console()
    shown = card.periods[-max(1, (out.width - _LABEL) // _CELL) :]
    cut = f" (last {len(shown)} of {len(card.periods)})" if len(shown) < len(card.periods) else ""
    table = _table(title + cut, "", *shown)

    def cells(metric: Metric) -> list[str]:
        return [_cell(card.get(metric.name, period=p), metric.unit) for p in shown]

    _by_section(table, card, currency, cells)
    out.print(table)
    for period in shown[-2:]:
        _verdicts(card, period)


def _cell(e: Estimate, unit: Unit) -> str:
    """A figure of a column; large ones without decimals, so that columns stay narrow."""
    large = unit is Unit.MONEY or (unit is Unit.HOURS_PER_WEEK and e.value >= _LARGE_HOURS)
    if not e.known or not large:
        return _short(e, unit)
    interval = "" if math.isnan(e.low) else f" ({e.low:.0f}-{e.high:.0f})"
    return f"{e.value:.0f}{'' if unit is Unit.MONEY else ' h'}{interval}"


def _short(e: Estimate, unit: Unit) -> str:
    """A figure and its interval in few characters."""
    if not e.known:
        return "-"
    if e.few:
        return parted(e, unit)[0]
    if unit not in (Unit.HOURS_PER_WEEK, Unit.MINUTES) or math.isnan(e.low):
        return written(e, unit)
    in_minutes = unit is Unit.MINUTES and e.high < _MINUTES_UP_TO
    scaled = e.scaled(1 / 60) if unit is Unit.MINUTES and not in_minutes else e
    word, d = ("min", 0) if in_minutes else ("h", 1)
    return f"{scaled.value:.{d}f} {word} ({scaled.low:.{d}f}-{scaled.high:.{d}f})"


def _by_workflow(card: cards.Scorecard) -> None:
    period = card.periods[-1]
    flows = [f for f in card.frame["workflow"].unique() if f != cards.ALL]
    names = ["decisions", "exception_rate", "fn_of_auto", "override_rate", "wait_minutes"]
    fit = 2 + (console().width - _LABEL) // _CELL
    names = [n for n in names if _has(card, n)][:fit]
    titles = {m.name: m for m in METRICS}
    label = "" if period == cards.ALL else f", {period}"
    table = _table(f"By workflow{label}", "", *(titles[n].title for n in names))
    for flow in flows:
        cells = [_short(card.get(n, period=period, workflow=flow), titles[n].unit) for n in names]
        table.add_row(escape(flow), *cells)
    console().print(table)


def thresholds(log: DecisionLog, cuts: list[float]) -> None:
    """What other thresholds would have given."""
    table = _table(
        f"What if: {log.record.get('source', 'decision log')}",
        "threshold", "exceptions", "95%", "wrong among the rest", "95%", "outcomes seen",
    )  # fmt: skip
    for row in curve(log, cuts).to_dict("records"):
        pairs = [
            (row[n], row[f"{n}_low"], row[f"{n}_high"]) for n in ("exception_rate", "fn_of_auto")
        ]
        cells = [text for pair in pairs for text in _fine(*pair)]
        table.add_row(f"{row['threshold']:g}", *cells, f"{row['fn_of_auto_n']:,.0f}")
    console().print(table)


def _fine(value: float, low: float, high: float) -> list[str]:
    """A share to a hundredth of a percent: neighbouring thresholds differ by little."""
    if math.isnan(value):
        return ["-", ""]
    return [f"{100 * value:.2f}%", f"{100 * low:.2f}-{100 * high:.2f}%"]


def diagnosis(d: Diagnosis) -> None:
    """Hoarding and abdication, if they are there, and the evidence."""
    out = console()
    for found, sentence in d.statements():
        out.print(f"{_FOUND[found]} {escape(sentence)}")
    table = _table("Evidence", "", "figure", "95% interval", "n", "how to read it")
    table.columns[-1].justify = "left"
    # the same figures stand behind both questions, so each pool's are shown once
    shown: set[tuple[str, str]] = set()
    for finding in d.findings:
        for e in finding.evidence:
            if (finding.who, e.name) not in shown:
                shown.add((finding.who, e.name))
                label = f"{finding.who}: {e.title.lower()}"
                table.add_row(escape(label), *e.written(), f"{e.estimate.n:,.0f}", e.means)
    if shown:
        out.print(table)


def break_even(s: Scenario) -> None:
    """How right the AI must be to be worth reviewing, workflow by workflow."""
    table = _table(
        f"Break-even of {s.name}: every proposal reviewed, against doing it by hand",
        "workflow", "must be right", "is right", "reviewers miss", "wrong with it", "by hand",
        "in money",
    )  # fmt: skip
    for row in break_even_table(s).to_dict("records"):
        mark = "[green]✓[/green]" if row["better"] else "[yellow]![/yellow]"
        table.add_row(
            f"{mark} {row['workflow']}",
            *(_share(row[name]) for name in ("reliability", "present", "miss_rate", "errors")),
            _share(row["unaided"]),
            _share(row["reliability_by_cost"]),
        )
    out = console()
    out.print(table)
    out.print(
        "[dim]must be right: below it more errors go out than by hand; in money: below it the "
        "time saved does not pay for the errors. Computed for the habits of the people, in the "
        "long run, with an empty queue and fresh eyes.[/dim]"
    )
    out.print(f"[dim]{BESIDE_THE_LITERATURE}[/dim]")


def _share(value: float) -> str:
    """A share, or what an end of the scale means."""
    if value <= 0:
        return "any will do"
    return "none will do" if math.isinf(value) else f"{value:.1%}"


def columns() -> None:
    """The data dictionary."""
    table = Table(box=box.SIMPLE_HEAD)
    for heading in ("column", "type", "range or values", "unit", "meaning", "if missing"):
        table.add_column(heading, overflow="fold")
    for name, row in dictionary().iterrows():
        star = " *" if row["required"] else ""
        table.add_row(
            f"{name}{star}", row["dtype"], row["range"], row["unit"], row["meaning"],
            row["missing means"],
        )  # fmt: skip
    console().print(table)
    console().print("* required (decision_id may be left out: the row number takes its place)")
