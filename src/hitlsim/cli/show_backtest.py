"""A backtest in the terminal: the verdict, then months down and policies across."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from ..atomic import replacing
from ..calibration.tuning.backtesting.backtest import Backtest
from ..calibration.tuning.backtesting.backtest import backtest as find
from ..calibration.tuning.backtesting.judged import RECOMMENDED
from ..calibration.tuning.backtesting.tables import SILENT, estimate, inside_word, says, silent_of
from ..calibration.tuning.backtesting.verdict import band_of, good
from ..calibration.tuning.telling.amounts import chance
from ..decisions.log import DecisionLog
from ..errors import LogError
from . import show
from .show import console, done

_COLOURS = {"inside": "green", "outside": "red", "not judged": "dim"}
_SHORT = {"inside": "in", "outside": "out", "not judged": "-", RECOMMENDED: "yes",
          "best guess": "guess", "nothing new": "no new"}  # fmt: skip
"""Words where the terminal is narrow."""
_ANY = 1000
"""Columns in which any table has room."""
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
        from ..present.drawing.backtest import draw_backtest

        show.picture(draw_backtest(found), picture)
    if csv is not None:
        with replacing(csv) as partial:
            found.frame.to_csv(partial, index=False)
        done("table", csv)


def shown(b: Backtest) -> None:
    """The verdict, the months, all of them together, and what it rests on."""
    out = console()
    first, *rest = b.words()
    mark = "[green]✓[/green]" if good(b) else "[yellow]![/yellow]"
    out.print(f"{mark} [bold]{escape(first)}[/bold]")
    _fitting(out, lambda narrow: _months(b, narrow))
    if b.frame[silent_of(b)].notna().any():
        _fitting(out, lambda narrow: _silent(b, narrow))
    _fitting(out, lambda narrow: _together(b, narrow))
    out.print()
    points = Table.grid(padding=(0, 1))
    for sentence in rest:
        points.add_row(" [dim]-[/dim]", escape(sentence))
    out.print(points)
    out.print(f"[dim]{_NOTE.format(by=b.by)}[/dim]")


def _fitting(out: Console, table: Callable[[bool], Table]) -> None:
    """Print a table, in its narrow form where the terminal has no room for the other."""
    out.print()
    wide = table(False)
    room = out.measure(wide, options=out.options.update(max_width=_ANY)).maximum <= out.width
    out.print(wide if room else table(True))


def _table(narrow: bool, title: str, *headings: str) -> Table:
    table = Table(
        title=escape(title), box=box.SIMPLE_HEAD, title_justify="left", title_style="bold",
        padding=(0, 0 if narrow else 1, 0, 0), show_edge=False,
    )  # fmt: skip
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="right" if i else "left", overflow="fold")
    return table


def _by_month(b: Backtest) -> list[tuple[str, dict[str, Any]]]:
    """Each month with the rows of all policies."""
    return [
        (str(month), {r["policy"]: r for r in rows.to_dict("records")})
        for month, rows in b.frame.groupby("month", sort=True)
    ]


def _across(b: Backtest) -> list[str]:
    """The policies as headings of two lines."""
    return [policy.replace(" ", "\n") for policy in b.policies]


def _months(b: Backtest, narrow: bool) -> Table:
    stated = b.goals.exception_rate is not None
    said = ["tune says"]
    if stated:
        said = ["tune says,\nchance"] if narrow else ["tune says", "stated\nchance"]
    decisions = "deci-\nsions" if narrow else "decisions"
    asked = f" (asked for: {band_of(b)})" if stated else ""
    table = _table(narrow, f"Exception rate{asked}", b.by, decisions, *said, *_across(b))
    for month, rows in _by_month(b):
        advice = rows["advice"]
        word = says(advice)
        told = [_SHORT.get(word, word) if narrow else word]
        if stated:
            p = "" if pd.isna(advice["chance_stated"]) else chance(advice["chance_stated"])
            short = p.replace("over ", ">").replace("under ", "<")
            told = [", ".join(x for x in (*told, short) if x)] if narrow else [*told, p]
        rates = (_rate(rows[policy], narrow) for policy in b.policies)
        table.add_row(month, f"{advice['n']:,}", *(f"[dim]{t}[/dim]" for t in told), *rates)
    return table


def _rate(row: dict[str, Any], narrow: bool) -> str:
    word = inside_word(row)
    written = _SHORT.get(word, word) if narrow else word
    if row["note"] or math.isnan(row["exception_rate"]):
        return f"[dim]{written or '-'}[/dim]"
    said = f"{row['exception_rate']:.1%} {written}".rstrip()
    return f"[{_COLOURS[word]}]{said}[/{_COLOURS[word]}]" if word else said


def _silent(b: Backtest, narrow: bool) -> Table:
    name = silent_of(b)
    outcomes = "out-\ncomes" if narrow else "outcomes"
    table = _table(narrow, SILENT[name].rstrip(",").capitalize(), b.by, outcomes, *_across(b))
    for month, rows in _by_month(b):
        cells = [_share(pd.Series(rows[p]), name, narrow) for p in b.policies]
        table.add_row(month, f"{rows['advice']['outcomes']:,}", *cells)
    return table


def _share(row: pd.Series, name: str, narrow: bool) -> str:
    """A share with its interval; above what was asked for in words as well as in colour."""
    if math.isnan(row[name]):
        return "[dim]-[/dim]"
    e = estimate(row, name)
    above = not row["note"] and "silent_kept" in row and row["silent_kept"] is False
    value, interval = f"{e.value:.1%}", f"({100 * e.low:.1f}-{100 * e.high:.1f})"
    said = _two(f"{value} above" if above and narrow else value, interval, narrow)
    if above:
        return f"[red]{said}[/red]" if narrow else f"[red]{said} above[/red]"
    return f"[dim]{said}[/dim]" if row["note"] else said


def _two(value: str, interval: str, narrow: bool) -> str:
    """A figure and its interval, in two lines where there is no room for one."""
    return f"{value}\n{interval}" if narrow else f"{value} {interval}"


def _together(b: Backtest, narrow: bool) -> Table:
    cash = f", {b.currency}" if b.currency else ""
    title = f"All {b.by}s that can be judged together"
    table = _table(narrow, title, "", "inside", "exceptions", "silent errors",
                   f"cost per\n1,000{cash}", "the advice\ncosts")  # fmt: skip
    for _, row in b.totals.iterrows():
        less = row["saves"]
        beside = ""
        if row["policy"] != "advice" and not math.isnan(less):
            beside = f"{abs(less):,.0f} {'less' if less > 0 else 'more'}"
        inside = f"{row['inside']} of {row['months']}" if b.goals.exception_rate else ""
        cost = "-"
        if not math.isnan(row["cost_per_1000"]):
            ends = f"({row['cost_per_1000_low']:,.0f}-{row['cost_per_1000_high']:,.0f})"
            cost = _two(f"{row['cost_per_1000']:,.0f}", ends, narrow)
        silent = _share(pd.Series({**row.to_dict(), "note": ""}), silent_of(b), narrow)
        rate = f"{row['exception_rate']:.1%}"
        table.add_row(str(row["policy"]), inside, rate, silent, cost, beside)
    return table
