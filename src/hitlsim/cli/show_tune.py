"""A recommendation in the terminal: what to do first, then figures, reasons, and what moves it."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from ..calibration.tuning.recommendation import Recommendation
from ..calibration.tuning.telling.plain import present_is_known
from ..present.style import shortened
from ..present.tuning import texts as text
from .show import _table, console

_MOST_RULES, _NAME = 12, 40
"""Workflows listed, and letters of their names; the file has all."""


def recommendation(rec: Recommendation, *, short: bool = False) -> None:
    """What to do, what it gives, why, and what it rests on; ``short`` leaves out what is finer."""
    out = console()
    first, *_ = rec.why()
    mark = "[green]✓[/green]" if rec.status == "recommended" else "[yellow]![/yellow]"
    out.print(f"{mark} [bold]{escape(first)}[/bold]")
    out.print(_rules(rec))
    if len(rec.met) > 1 or any(not m.kept or m.binds for m in rec.met):
        out.print(_targets(rec))
    out.print(_figures(rec))
    groups = rec.reasons()
    _reasons("Why", groups.pop("Why", []))
    if short:
        return
    _reasons("Guarantee", groups.pop("Guarantee", []))
    if rec.tied or rec.status == "unattainable":
        out.print(_attainable(rec))
    if text.ladder_differs(rec):
        out.print(_ladder(rec))
    _reasons("What moves it", groups.pop("What moves it", []))
    if not rec.sensitivity.empty:
        out.print(_moves(rec))
    _reasons("Assumptions", list(text.assumptions(rec)))
    out.print(f"[dim]{escape(text.taken_for_granted(rec))}[/dim]")


def _reasons(heading: str, sentences: list[str]) -> None:
    """Sentences under a heading, each with its mark, wrapped beside it."""
    if not sentences:
        return
    out = console()
    out.print(f"\n[bold]{heading}[/bold]")
    table = Table.grid(padding=(0, 1))
    for sentence in sentences:
        table.add_row(" [dim]-[/dim]", escape(sentence))
    out.print(table)


# --- tables --------------------------------------------------------------------------------------


def _rules(rec: Recommendation) -> Table:
    rows = text.rule_rows(rec)
    title = text.rules_title(rec)
    if len(rows) > 1 and present_is_known(rec):
        n = sum(row.changes for row in rows)
        title = f"{title}: {n or 'none'} of {len(rows)} workflows change"
    columns = text.columns(rows)
    table = _table(title, "", *columns)
    for i, row in enumerate(rows[:_MOST_RULES]):
        mark = "[green]>[/green]" if row.changes else " "
        cells = [_pair(pairs[i]) for pairs in columns.values()]
        name = escape(shortened(row.workflow, _NAME))
        table.add_row(f"{mark} {name}", *cells, style=None if row.changes else "dim")
    if len(rows) > _MOST_RULES:
        table.add_row(f"  and {len(rows) - _MOST_RULES} more (--out FILE has all)", style="dim")
    if said := text.always(rows):
        table.caption, table.caption_justify = f"As now, always asked: {escape(said)}.", "left"
    return table


def _pair(pair: text.Before) -> str:
    if not pair.changes:
        return f"[dim]{escape(pair.now)}[/dim]"
    before = f"{escape(pair.now)} → " if pair.now else ""
    return f"{before}[bold]{escape(pair.advised)}[/bold]"


def _targets(rec: Recommendation) -> Table:
    table = _table("Targets", "", "asked", "gives (95%)", "binds")
    table.columns[-1].justify = "left"
    for row in text.target_rows(rec):
        mark = "[green]✓[/green]" if row.kept else "[red]✗[/red]"
        table.add_row(f"{mark} {row.name}", row.asked, row.gives, escape(row.binds))
    return table


def _figures(rec: Recommendation) -> Table:
    rows = text.figure_rows(rec)
    today = any(row.today for row in rows)
    money = rec.currency and any(row.name == text.TITLES["cost_per_1000"] for row in rows)
    title = f"Figures (cost in {rec.currency})" if money else "Figures"
    table = _table(title, "", "with it", *(["today"] if today else []), "90/70 for all")
    table.padding = (0, 0, 0, 1)
    for row in rows:
        table.add_row(row.name, row.advised, *([row.today] if today else []), row.usual)
    return table


def _ladder(rec: Recommendation) -> Table:
    table = _table(
        "\nSimpler and finer rules (each: for each workflow)", "", "to remember", "exceptions",
        f"{rec.currency or 'cost'} per\n1,000",
    )  # fmt: skip
    for row in rec.ladder.to_dict("records"):
        here = bool(row["recommended"])
        table.add_row(
            f"{'[green]>[/green]' if here else ' '} {text.kind(row['rules'])}",
            text.remember(row["rules"], row["conditions"]).replace(" + ", " +\n"),
            f"{row['exception_rate']:.1%}", f"{row['cost_per_1000']:,.0f}",
            style="bold" if here else None,
        )  # fmt: skip
    if note := text.ladder_note(rec):
        table.caption, table.caption_justify = note, "left"
    return table


def _moves(rec: Recommendation) -> Table:
    table = _table(
        "\nEach at half and at twice its value", "", "measured", "looks pay up\nto exceptions of",
        "routed\notherwise",
    )  # fmt: skip
    for row in rec.sensitivity.to_dict("records"):
        low, high = sorted((row["wanted_low"], row["wanted_high"]))
        table.add_row(
            text.MOVERS.get(row["assumption"], row["assumption"]),
            "yes" if row["measured"] else "[yellow]no[/yellow]",
            f"{low:.0%} to {high:.0%}", f"{row['routed_otherwise']:.1%}",
        )  # fmt: skip
    if rec.runs:
        table.caption, table.caption_justify = text.ON_PAPER, "left"
    return table


def _attainable(rec: Recommendation) -> Table:
    flows = [str(f) for f in rec.attainable["workflow"].unique()]
    of = "" if flows == ["all"] else f", {', '.join(flows)}"
    table = _table(f"Attainable around it{of}", "threshold", "exception rate")
    near = rec.rate.value
    for row in rec.attainable.to_dict("records"):
        here = abs(row["exception_rate"] - near) < 0.5 / rec.rate.n
        table.add_row(
            f"{row['threshold']:.6g}", f"{row['exception_rate']:.1%} {'<' if here else ' '}",
            style="bold" if here else None,
        )  # fmt: skip
    return table
