"""How many reviewers at which hours, in the terminal."""

from __future__ import annotations

import re

import pandas as pd
from rich import box
from rich.markup import escape
from rich.table import Table

from ..calibration.demand import pools_of
from ..calibration.staffing import Staffing, staffing
from ..decisions.log import DecisionLog
from ..errors import LogError, NotEnoughEvidence
from .show import console

_UNITS = {"s": 1 / 60, "min": 1.0, "m": 1.0, "h": 60.0, "d": 1440.0}
_MARKS = {
    "recommended": "[green]✓[/green]",
    "out of reach": "[red]✗[/red]",
    "not enough evidence": "[yellow]![/yellow]",
}
_NOTE = (
    "People at the desk in each hour; . nobody need be there, empty: closed. In brackets: 95% "
    "intervals. Taken for granted: arrivals independent of each other within an hour, one queue in "
    "order of arrival, people who can all do everything, looks afterwards when nothing else waits. "
    "Holidays and sick leave come on top."
)


def minutes(text: str) -> float:
    """A time with its unit.

    >>> minutes("24h"), minutes("30 min"), minutes("1.5 h"), minutes("2d")
    (1440.0, 30.0, 90.0, 2880.0)
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-z]+)", text.strip().lower())
    if match is None or match[2] not in _UNITS:
        raise LogError(f"--within {text!r} must be a number and its unit, such as 24h or 30min")
    return float(match[1]) * _UNITS[match[2]]


def share(text: str, option: str) -> float:
    """A share, as a number or in percent.

    >>> share("80%", "--share"), share("0.8", "--share")
    (0.8, 0.8)
    """
    try:
        value = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 < value < 1:
        raise LogError(f"{option} {text!r} must lie between 0 and 1, such as 0.8 or 80%")
    return value


def targets(within: str, begun: str, utilisation: str) -> dict[str, float]:
    """What is asked for, as :func:`~hitlsim.calibration.staffing.staffing` takes it.

    >>> targets("24h", "80%", "85%")
    {'within_minutes': 1440.0, 'share': 0.8, 'utilisation': 0.85}
    """
    return {
        "within_minutes": minutes(within),
        "share": share(begun, "--share"),
        "utilisation": share(utilisation, "--utilisation"),
    }


def staff(
    log: DecisionLog,
    asked: dict[str, float],
    *,
    pool: str | None,
    open_hours: list[str] | None,
    phase: str | None,
) -> None:
    """Staff one pool, or one after the other."""
    several = pool is None and len(pools_of(log)) > 1
    out, hours, staffed = console(), 0.0, 0
    for name in pools_of(log) if several else [pool]:
        try:
            found = staffing(log, pool=name, open_hours=open_hours, phase=phase, **asked)
        except NotEnoughEvidence as e:
            if not several:
                raise
            out.print(f"[yellow]![/yellow] {escape(str(e))}\n")
            continue
        _one(found)
        hours += found.hours.value
        staffed += 1
    if staffed > 1:
        out.print(f"[bold]In all {hours:,.0f} hours a week for {staffed} pools.[/bold]\n")
    out.print(f"[dim]{_NOTE}[/dim]")


def _one(found: Staffing) -> None:
    out = console()
    out.print(_table(found))
    first, *rest = found.why()
    out.print(f"{_MARKS[found.status]} [bold]{escape(first)}[/bold]")
    for sentence in rest:
        out.print(f"  {escape(sentence)}")
    out.print()


def _table(found: Staffing) -> Table:
    people = found.table()
    whose = "" if found.pool == "all" else f" at {escape(found.pool)}"
    table = Table(
        title=f"People needed{whose}", box=box.SIMPLE_HEAD, title_justify="left",
        title_style="bold", show_footer=True,
    )  # fmt: skip
    table.add_column("", footer="hours")
    for day in people:
        table.add_column(day, justify="right", footer=str(people[day].sum()), min_width=4)
    table.add_column("week", justify="right", footer=str(people.sum().sum()), style="dim")
    for hour, row in people.iterrows():
        table.add_row(str(hour), *map(_cell, row), str(row.sum() or "."))
    return table


def _cell(n: int) -> str:
    if pd.isna(n):
        return ""
    return f"[bold]{n}[/bold]" if n else "[dim].[/dim]"
