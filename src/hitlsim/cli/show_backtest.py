"""A backtest in the terminal: the verdict, then months down and policies across."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from rich import box
from rich.markup import escape
from rich.table import Table

from ..atomic import replacing
from ..calibration.tuning.backtesting.backtest import Backtest
from ..calibration.tuning.backtesting.backtest import backtest as find
from ..calibration.tuning.backtesting.words import (
    SILENT,
    estimate,
    inside_word,
    says,
    share_held,
    silent_of,
)
from ..calibration.tuning.telling.words import chance
from ..decisions.log import DecisionLog
from ..errors import LogError
from . import show
from .show import console, done

_COLOURS = {"inside": "green", "outside": "red", "not judged": "dim"}
_NOTE = (
    "In brackets: 95% intervals, which take decisions (costs: days) as independent of each other. "
    "In hindsight: rules tuned on the very {by} they are judged on, which nobody can have."
)


def window(text: str) -> Literal["all"] | int:
    """From how many months advice is learnt.

    >>> window("all"), window("3")
    ('all', 3)
    """
    if text == "all":
        return "all"
    if not text.isdecimal() or int(text) < 1:
        raise LogError(f"--learn {text!r} must be all, or a number of months from 1 on")
    return int(text)


def backtest(
    log: DecisionLog, asked: dict[str, Any], *, picture: Path | None, csv: Path | None
) -> None:
    """Judge advice month by month, show it, and write what was asked for."""
    with console().status("making the advice of each month ..."):
        found = find(log, **asked)
    shown(found)
    if picture is not None:
        from ..present.backtest_picture import draw_backtest

        show.picture(draw_backtest(found), picture)
    if csv is not None:
        with replacing(csv) as partial:
            found.frame.to_csv(partial, index=False)
        done("table", csv)


def shown(b: Backtest) -> None:
    """The verdict, the months, all of them together, and what it rests on."""
    out = console()
    first, *rest = b.words()
    mark = "[green]✓[/green]" if share_held(b) >= 0.8 else "[yellow]![/yellow]"
    out.print(f"{mark} [bold]{escape(first)}[/bold]")
    out.print(_months(b))
    if b.frame[silent_of(b)].notna().any():
        out.print(_silent(b))
    out.print(_together(b))
    points = Table.grid(padding=(0, 1))
    for sentence in rest:
        points.add_row(" [dim]-[/dim]", escape(sentence))
    out.print(points)
    out.print(f"[dim]{_NOTE.format(by=b.by)}[/dim]")


def _table(title: str, *headings: str) -> Table:
    table = Table(title=escape(title), box=box.SIMPLE_HEAD, title_justify="left",
                  title_style="bold")  # fmt: skip
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="right" if i else "left", overflow="fold")
    return table


def _by_month(b: Backtest) -> list[tuple[str, dict[str, Any]]]:
    """Each month with the rows of all policies."""
    return [
        (str(month), {r["policy"]: r for r in rows.to_dict("records")})
        for month, rows in b.frame.groupby("month", sort=True)
    ]


def _months(b: Backtest) -> Table:
    stated = b.goals.exception_rate is not None
    said = ["stated\nchance"] if stated else []
    table = _table("Exception rate", b.by, "decisions", "tune says", *said, *b.policies)
    for month, rows in _by_month(b):
        advice = rows["advice"]
        cells = [f"{advice['n']:,}", f"[dim]{word}[/dim]" if (word := says(advice)) else ""]
        if stated:
            p = advice["chance_stated"]
            cells.append("" if pd.isna(p) else chance(p))
        table.add_row(month, *cells, *(_rate(rows[p]) for p in b.policies))
    return table


def _rate(row: dict[str, Any]) -> str:
    if row["note"] or math.isnan(row["exception_rate"]):
        return f"[dim]{inside_word(row) or '-'}[/dim]"
    word = inside_word(row)
    said = f"{row['exception_rate']:.1%} {word}".rstrip()
    return f"[{_COLOURS[word]}]{said}[/{_COLOURS[word]}]" if word else said


def _silent(b: Backtest) -> Table:
    name = silent_of(b)
    table = _table(SILENT[name].rstrip(",").capitalize(), b.by, "outcomes", *b.policies)
    for month, rows in _by_month(b):
        cells = [_share(pd.Series(rows[p]), name) for p in b.policies]
        table.add_row(month, f"{rows['advice']['outcomes']:,}", *cells)
    return table


def _share(row: pd.Series, name: str) -> str:
    """A share with its interval; above what was asked for in words as well as in colour."""
    if math.isnan(row[name]):
        return "[dim]-[/dim]"
    e = estimate(row, name)
    said = f"{e.value:.1%} ({100 * e.low:.1f}-{100 * e.high:.1f})"
    if row["note"]:
        return f"[dim]{said}[/dim]"
    above = "silent_kept" in row and row["silent_kept"] is False
    return f"[red]{said} above[/red]" if above else said


def _together(b: Backtest) -> Table:
    cash = f", {b.currency}" if b.currency else ""
    title = f"All {b.by}s that can be judged together"
    table = _table(title, "", "inside", "exceptions", "silent errors",
                   f"cost per 1,000{cash}", "the advice costs")  # fmt: skip
    for _, row in b.totals.iterrows():
        less = row["saves"]
        beside = ""
        if row["policy"] != "advice" and not math.isnan(less):
            beside = f"{abs(less):,.0f} {'less' if less > 0 else 'more'}"
        inside = f"{row['inside']} of {row['months']}" if b.goals.exception_rate else ""
        cost = "-" if math.isnan(row["cost_per_1000"]) else (
            f"{row['cost_per_1000']:,.0f} ({row['cost_per_1000_low']:,.0f}-"
            f"{row['cost_per_1000_high']:,.0f})"
        )  # fmt: skip
        table.add_row(
            str(row["policy"]), inside, f"{row['exception_rate']:.1%}",
            _share(pd.Series({**row.to_dict(), "note": ""}), silent_of(b)), cost, beside,
        )  # fmt: skip
    return table
