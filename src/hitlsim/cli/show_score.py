"""A learnt score in the terminal: what was found first, then figures, columns, and files."""

from __future__ import annotations

from pathlib import Path

from rich import box
from rich.markup import escape
from rich.table import Table

from ..calibration.scoring.file import read_score
from ..calibration.scoring.learnable import short
from ..calibration.scoring.score import Score
from ..calibration.scoring.score import score as learn
from ..calibration.scoring.words import figure
from ..decisions.log import DecisionLog
from . import show
from .show import console, done
from .steps import write_log

_MARKS = {
    "signal": "[green]✓[/green]",
    "no signal": "[red]✗[/red]",
    "not enough evidence": "[yellow]![/yellow]",
}
_NAMES = {
    "log_loss": "log-loss (lower is better)",
    "base_log_loss": "- of the base rate known then",
    "given_log_loss": "- of the confidence it came with",
    "log_loss_with": "- with what is known afterwards",
    "auroc": "AUROC (.5 is a coin, 1 perfect)",
    "given_auroc": "- of the confidence it came with",
    "auroc_with": "- with what is known afterwards",
    "brier": "Brier score (lower is better)",
    "ece": "calibration error",
    "ece_by_chance": "- of a perfect score, by chance",
}
_NOTE = (
    "Judged on decisions that nothing was learnt from ({on}). In brackets and columns: 95% "
    "intervals by resampling; {assumes}. Matters: how much the log-loss rises when the column's "
    "values are dealt out anew."
)


def columns(text: list[str] | None) -> list[str]:
    """Names given with commas or by repeating the option.

    >>> columns(["job, age", "channel"])
    ['job', 'age', 'channel']
    """
    return [name.strip() for name in ",".join(text or []).split(",") if name.strip()]


def learnt(
    log: DecisionLog,
    *,
    leave_out: list[str],
    keep: list[str],
    seed: int,
    out: Path | None,
    model: Path | None,
    picture: Path | None,
) -> None:
    """Learn a score, say what it is worth, and write what was asked for."""
    with console().status("learning, in order of time ..."):
        found = learn(log, leave_out=leave_out, keep=keep, seed=seed)
    _findings(found)
    console().print(_figures(found))
    console().print(_columns(found))
    assumes = found.figures["log_loss"].assumes
    console().print(f"[dim]{_NOTE.format(on=found.judged_on, assumes=assumes)}[/dim]")
    if out is not None and found.scored is not None:
        done(f"{len(found.scored):,} decisions with a score", write_log(found.scored, out))
    if model is not None:
        done("score, for later decisions", found.write(model))
    if picture is not None:
        from ..present.drawing.score import draw_score

        show.picture(draw_score(found), picture)


def applied(log: DecisionLog, model: Path, out: Path) -> None:
    """Score other decisions with a score that was learnt before."""
    found = read_score(model)
    scored = found.apply(log)
    out_loud = console()
    out_loud.print(f"{_MARKS[found.status]} When it was learnt: {escape(found.findings[0])}")
    seen = scored.record["learnt_score"]["decided_before_it_was_learnt"]
    if seen:
        which = "All" if seen == len(log) else f"{seen:,} of"
        out_loud.print(
            f"[yellow]![/yellow] {which} {len(log):,} decisions were taken before the score was "
            f"learnt (up to {found.record['learnt_until'][:10]}): on those it looks better than it "
            "is. hitlsim score LOG --out gives them scores that had not seen them."
        )
    done(f"{len(scored):,} decisions with a score", write_log(scored, out))


def _findings(found: Score) -> None:
    out = console()
    first, *rest = found.findings
    out.print(f"{_MARKS[found.status]} [bold]{escape(first)}[/bold]")
    for sentence in rest:
        out.print(f"  {escape(sentence)}")
    for sentence in found.warnings:
        out.print(f"[yellow]![/yellow] {escape(sentence)}")


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="right" if i else "left")
    return table


def _figures(found: Score) -> Table:
    by = found.record["learnt_by"]
    table = _table(f"Learnt by {by}", "", "figure", "95% interval", "n")
    for name, title in _NAMES.items():
        if name in found.figures:
            e = found.figures[name]
            value, interval = figure(e).rstrip(")").split(" (")
            table.add_row(title, value, interval, f"{e.n:,.0f}")
    return table


def _columns(found: Score) -> Table:
    table = _table("What it uses", "", "matters", "95% interval")
    for row in found.columns.to_dict("records"):
        interval = f"{row['low']:.4f} to {row['high']:.4f}"
        style = None if row["low"] > 0 else "dim"
        table.add_row(escape(short(row["column"])), f"{row['importance']:.4f}", interval,
                      style=style)  # fmt: skip
    return table
