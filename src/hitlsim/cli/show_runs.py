"""What the terminal shows of many runs: means with intervals, and paired differences."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich import box
from rich.markup import escape
from rich.table import Table

from ..decisions.counting.metrics import BY_NAME, Section
from ..decisions.counting.scorecard import ALL
from ..present.style import shortened
from ..simulation.runs.comparison import Comparison
from ..simulation.runs.differences import Verdict
from ..simulation.runs.summaries import Summary
from ..simulation.runs.telling import KEY_METRICS, scale_of
from .show import console

_LABEL, _CELL = 31, 16  # columns taken by a metric's name, and by one of its figures
_NARROW = 100  # below so many columns of a terminal names of policies are cut
_VERDICTS = {
    "better": "[green]✓ better[/green]",
    "worse": "[red]✗ worse[/red]",
    "higher": "↑ higher",
    "lower": "↓ lower",
    "not enough evidence": "[dim]? unclear[/dim]",
}
_UNCLEAR = "Unclear: not enough evidence, more runs would tell."
_FLOW_METRICS = ("decisions", "exception_rate", "override_rate", "true_fn_of_auto", "wait_minutes")
_SILENT = (
    "Silent errors are bad decisions that went out with nobody asked: fn_share of all the AI may "
    "take alone, fn_of_auto of those that went alone; here as the simulation knows them."
)


def _table(headings: Sequence[str]) -> Table:
    table = Table(box=box.SIMPLE_HEAD)
    for i, heading in enumerate(headings):
        table.add_column(heading, justify="left" if i == 0 else "right", no_wrap=i > 0)
    return table


def _say(*texts: str) -> None:
    for text in texts:
        if text:
            console().print(f"[dim]{text}[/dim]")


def _rest(hidden: int) -> str:
    return f"{hidden} more metrics: --all." if hidden else ""


def _by_section(
    table: Table, metrics: Iterable[str], currency: str, cells: Callable[[str], Sequence[str]]
) -> None:
    """One row for each metric, under a heading for each section."""
    section: Section | None = None
    for name in metrics:
        metric = BY_NAME[name]
        if metric.section is not section:
            if section is not None:
                table.add_section()
            section = metric.section
            heading = section.capitalize()
            if section is Section.PEOPLE:
                heading += ", hours a week"
            if section is Section.MONEY:
                heading += f", {currency} per 1,000 decisions".replace(",  ", " ")
            table.add_row(f"[bold]{heading}[/bold]")
        table.add_row(metric.title, *cells(name))


def _shown(available: Iterable[str], *, everything: bool) -> tuple[list[str], int]:
    """Metrics to show, and how many are left out."""
    names = list(dict.fromkeys(available))
    some = names if everything else [n for n in names if n in KEY_METRICS] or names
    return some, len(names) - len(some)


# --- replicate -----------------------------------------------------------------------------------


def summary(s: Summary, *, by: str, everything: bool) -> None:
    """Means over runs; whole runs with the range of single ones, or period beside period."""
    whole = s.frame[s.frame["workflow"] == ALL]
    metrics, hidden = _shown(whole["metric"], everything=everything)
    if by == ALL:
        _whole(s, metrics)
    else:
        _periods(s, metrics, by)
    if (s.frame["workflow"] != ALL).any():
        _by_workflow(s)
    single = s.frame["p5"].notna().any()
    _say(
        f"{100 * s.confidence:g}% interval: where the mean of ever more such runs would end up, "
        "if the scenario is right.",
        "Nine in ten runs: what a single such stretch of time may show." if single else
        "Between which values nine in ten single runs lie can be said from 19 runs on.",
        _SILENT,
        _rest(hidden),
    )  # fmt: skip
    _notes(s.notes)


def _notes(notes: Iterable[str]) -> None:
    for note in notes:
        mark = "[yellow]![/yellow]" if "not reached" in note else "[green]✓[/green]"
        console().print(f"{mark} {note}")


def _whole(s: Summary, metrics: Sequence[str]) -> None:
    rows = s.rows(metrics)
    rows = rows[rows["workflow"] == ALL].set_index("metric")
    columns = {"mean": "mean", "interval": f"{100 * s.confidence:g}% interval"}
    columns |= {"single": "nine in ten runs", "known": "known in runs"}
    used = [c for c in columns if rows[c].any()]
    console().print(f"[bold]{escape(s.title)}[/bold]")
    table = _table(["", *(columns[c] for c in used)])
    currency = str(s.record.get("currency", ""))
    _by_section(table, metrics, currency, lambda name: [rows.loc[name, c] for c in used])
    console().print(table)


def _periods(s: Summary, metrics: Sequence[str], by: str) -> None:
    out = console()
    periods = list(dict.fromkeys(s.frame["period"]))
    shown = periods[-max(1, (out.width - _LABEL) // _CELL) :]
    cut = f" (last {len(shown)} of {len(periods)})" if len(shown) < len(periods) else ""
    out.print(
        f"[bold]{escape(s.title)}[/bold]\nby {by}{cut}; ± half the {100 * s.confidence:g}% interval"
    )
    table = _table(["", *shown])
    currency = str(s.record.get("currency", ""))
    _by_section(table, metrics, currency, lambda name: [_cell(s, name, p) for p in shown])
    out.print(table)


def _cell(s: Summary, metric: str, period: str, workflow: str = ALL) -> str:
    e = s.get(metric, period=period, workflow=workflow)
    if not e.known:
        return "-"
    scale = scale_of(BY_NAME[metric].unit, [e.value], [e.half_width])
    half = "" if not e.half_width > 0 else f" ±{scale.number(e.half_width)}"
    return f"{scale.figure(e.value)}{half}"


def _by_workflow(s: Summary) -> None:
    period = str(s.frame["period"].iloc[-1])
    flows = [f for f in dict.fromkeys(s.frame["workflow"]) if f != ALL]
    have = set(s.frame.loc[s.frame["workflow"] != ALL, "metric"])
    names = [n for n in _FLOW_METRICS if n in have]
    names = names[: max(1, (console().width - _LABEL) // _CELL)]
    label = "" if period == ALL else f", {period}"
    console().print(f"[bold]By workflow{label}[/bold]")
    table = _table(["", *(BY_NAME[n].title for n in names)])
    for flow in flows:
        table.add_row(flow, *(_cell(s, n, period, flow) for n in names))
    console().print(table)


# --- compare -------------------------------------------------------------------------------------


def comparison(c: Comparison, *, everything: bool) -> None:
    """A table for each policy beside the baseline, and what it says."""
    known = c.frame.loc[c.frame["difference_value"].notna(), "metric"]
    metrics, hidden = _shown(known, everything=everything)
    console().print(f"[bold]{escape(c.title)}[/bold]")
    for policy in c.policies[1:]:
        _against(c, policy, metrics)
    unclear = c.frame["difference_verdict"] == Verdict.OPEN
    _say(
        *(r for r in c.remarks() if r not in c.notes),
        _UNCLEAR if (unclear & c.frame["metric"].isin(metrics)).any() else "",
        _SILENT,
        _rest(hidden),
    )
    _notes(c.notes)


def _against(c: Comparison, policy: str, metrics: Sequence[str]) -> None:
    rows = c.rows(policy, metrics).set_index("metric")
    most = 10 if console().width < _NARROW else 40
    columns = {
        "baseline": shortened(c.baseline, most), "policy": shortened(policy, most),
        "difference": f"difference ({100 * c.confidence:g}%)", "verdict": "",
    }  # fmt: skip
    table = _table(["", *columns.values()])
    table.columns[-1].justify = "left"

    def cells(name: str) -> list[str]:
        row: dict[str, Any] = rows.loc[name].to_dict()
        verdict = _VERDICTS.get(row["verdict"], f"[dim]{row['verdict']}[/dim]")
        return [*(row[k] for k in columns if k != "verdict"), verdict]

    currency = c.scenarios[c.baseline].currency
    _by_section(table, [m for m in metrics if m in rows.index], currency, cells)
    console().print(table)
