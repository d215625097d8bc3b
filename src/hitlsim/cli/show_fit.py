"""What was learnt from a log, in the terminal."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rich import box
from rich.markup import escape
from rich.table import Table

from ..atomic import replacing
from ..calibration.fitting.checking import PredictiveCheck
from ..calibration.fitting.clock import minutes_of
from ..calibration.fitting.fit import Fitted
from ..calibration.fitting.fit import fit as learn
from ..calibration.fitting.learnt import Path_
from ..decisions.log import DecisionLog
from ..decisions.reading.work_log import WorkLog, columns_said, read_work_log
from ..errors import LogError
from ..scenario.hours import time_zones
from . import show
from .show import console, done
from .targets import PNG, Target, check_targets

_NOTE = (
    "In brackets: 95% intervals. Intercept: log-odds of being right at a score of 0.5; slope: what "
    "a higher score really means (1 is honest, 0 nothing). Surface: of the bad ones that go out, "
    "those that come to light by themselves. Hits: bad drafts that are flagged, false alarms: good "
    "ones; as measured here, whatever causes them."
)
_MOST_ASSUMED = 8


class Asked(NamedTuple):
    """What is to be written and checked."""

    out: Path
    check: bool
    runs: int
    picture: Path | None
    csv: Path | None
    seed: int
    shift: float | None
    """Minutes by which the work log's times are moved, if somebody said so."""


def shift_of(text: str | None) -> float | None:
    """Minutes of ``--clock-shift``."""
    return None if text is None else minutes_of(text)


def refuse(log: Path | None, mapping: Path | None, work: Path | None, asked: Asked) -> None:
    """Say what is wrong with the command before anything is read."""
    if log is None and work is None:
        raise LogError("give a decision log, --work WORK.csv, or both")
    check_targets(
        Target("--out", asked.out, (".yaml", ".yml")),
        Target("--picture", asked.picture, PNG),
        Target("--csv", asked.csv, (".csv",)),
        read=(log, mapping, work),
    )


def read(
    log: Path | None,
    mapping: Path | None,
    work: Path | None,
    work_columns: str | None,
    timezone: str | None,
    rejects: Path | None,
    allow_rejects: float | None,
) -> tuple[DecisionLog | None, WorkLog | None]:
    """The logs that were named."""
    from . import steps

    decisions = None if log is None else steps.read(log, mapping, rejects, allow_rejects)
    if work is None:
        return decisions, None
    pieces = read_work_log(
        work, columns=columns_said(work_columns), timezone=timezone or _zone_of(decisions),
        rejects=rejects if log is None else None, allow_rejects=allow_rejects,
    )  # fmt: skip
    lost = len(pieces.rejects)
    if lost:
        first = pieces.rejects.iloc[0]
        console().print(
            f"{lost:,} of {lost + len(pieces):,} rows of {work.name} could not be used; the first "
            f"is row {first['row']}, column {first['column']}: {first['reason']}"
        )
    return decisions, pieces


def _zone_of(log: DecisionLog | None) -> str:
    """The clock that a work log beside this log is likely to go by."""
    zone = "UTC" if log is None else str(log.frame["decided_at"].dt.tz)
    return zone if zone in time_zones() else "UTC"


def fit(
    log: DecisionLog | None,
    work: WorkLog | None,
    *,
    opens: str | None,
    asked: Asked,
) -> None:
    """Learn, show, check, write."""
    name = asked.out.stem.lower().replace(" ", "-")
    fitted = learn(log, work=work, name=name, clock_shift=asked.shift, opens=opens, seed=asked.seed)
    learnt(fitted)
    check = fitted.check(asked.runs, seed=asked.seed) if asked.check or asked.picture else None
    if check is not None:
        checked(check)
    done("scenario", fitted.write(asked.out))
    if asked.csv is not None:
        with replacing(asked.csv) as partial:
            fitted.table.to_csv(partial, index=False)
        done("table", asked.csv)
    if check is not None and asked.picture is not None:
        from ..present.drawing.fit import draw_check

        show.picture(draw_check(check), asked.picture)


# --- what was learnt -----------------------------------------------------------------------------


def learnt(fitted: Fitted) -> None:
    """Workflows, signals, bands, people; then what was assumed and what was found."""
    out = console()
    s = fitted.scenario
    flows = [(name, ("workflows", name)) for name in s.workflows]
    _table(f"Learnt from {fitted.seen.weeks} weeks: what comes in", flows, fitted, [
        ("a week at first", ("volume_per_week",), 1),
        ("growth a week, %", ("growth_per_week",), 100),
        ("variance / mean", ("dispersion",), 1), ("review, s", ("review_seconds", "median"), 1),
    ])  # fmt: skip
    _table("What the AI is like", flows, fitted, [
        ("mean score", ("ai", "confidence_mean"), 1), ("intercept", ("ai", "intercept"), 1),
        ("slope", ("ai", "slope"), 1), ("surface, %", ("surfacing", "share"), 100),
    ])  # fmt: skip
    signals = [(name, ("signals", name)) for name in s.signals]
    _table("Signals", signals, fitted, [
        ("carried by, %", ("share",), 100), ("odds of being right, times", ("odds_of_ok",), 1),
    ])  # fmt: skip
    people = [(name, ("pools", pool, "reviewers", name)) for pool, name, _ in s.reviewers()]
    _table("People, without names", people, fitted, [
        ("hours a week", ("shifts",), 1), ("hits, %", ("hit_rate",), 100),
        ("false alarms, %", ("false_alarm_rate",), 100), ("speed", ("speed",), 1),
    ])  # fmt: skip
    _boundary(fitted)
    out.print(f"[dim]{_NOTE}[/dim]\n")
    _assumed(fitted)
    for note in fitted.notes:
        out.print(f"[yellow]![/yellow] {escape(note)}")
    out.print()


def _table(
    title: str,
    rows: Sequence[tuple[str, Path_]],
    fitted: Fitted,
    columns: Sequence[tuple[str, Path_, float]],
) -> None:
    """One row for each thing, one column for each number; nothing where nothing was learnt."""
    cells = [[_cell(fitted, (*at, *path), scale) for _, path, scale in columns] for _, at in rows]
    kept = [i for i in range(len(columns)) if any(row[i] for row in cells)]
    if not kept:
        return
    table = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    table.add_column("")
    for i in kept:
        table.add_column(columns[i][0], justify="right")
    for (name, _), row in zip(rows, cells, strict=True):
        table.add_row(name, *(row[i] or "[dim]assumed[/dim]" for i in kept))
    console().print(table)


def _cell(fitted: Fitted, path: Path_, scale: float) -> str:
    p = fitted.book.learnt.get(path)
    if p is None:
        return ""
    e = p.estimate
    between = "" if math.isnan(e.low) else f" ({_short(e.low * scale)} to {_short(e.high * scale)})"
    return f"{_short(e.value * scale)}{between}"


def _short(value: float) -> str:
    """Three digits.

    >>> _short(1295.4), _short(0.0123), _short(2.0)
    ('1,295', '0.0123', '2')
    """
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _boundary(fitted: Fitted) -> None:
    spec = fitted.scenario.boundary
    said = [f"alone from {spec.bands.auto:g}, held below {spec.bands.review:g}"]
    for name, own in spec.workflows.items():
        parts = [f"{k} {v:g}" for k, v in own.model_dump(exclude_none=True).items()
                 if k != "signals"]  # fmt: skip
        if own.signals is not None:
            parts.append(f"asks at {', '.join(own.signals) or 'no signal'}")
        said.append(f"{name}: {', '.join(parts)}")
    if spec.triggers.deal_size_above:
        said.append(f"asks above a deal of {spec.triggers.deal_size_above:,.6g}")
    if spec.triggers.signals:
        said.append(f"asks at {', '.join(spec.triggers.signals)}")
    if spec.audit.share:
        said.append(f"audits {spec.audit.share:.3g} of {', '.join(spec.audit.workflows)}")
    console().print(f"[bold]Boundary[/bold]  {'; '.join(said)}.\n")


def _assumed(fitted: Fitted) -> None:
    """How much rests on no log, with the first few."""
    times = Counter(_anywhere(text) for text in fitted.assumed)
    assumed = [text if n == 1 else f"{text} ({n} times)" for text, n in times.items()]
    first = "; ".join(assumed[:_MOST_ASSUMED])
    more = f" ... and {len(assumed) - _MOST_ASSUMED} more" if len(assumed) > _MOST_ASSUMED else ""
    console().print(
        f"[bold]{len(fitted.table):,} numbers learnt, {len(fitted.assumed)} assumed[/bold], since "
        f"the log does not tell them: {first}{more}. The file marks them (?) or leaves them out.\n"
    )


def _anywhere(text: str) -> str:
    """What was assumed, whichever workflow or person it is about.

    >>> _anywhere("workflows.mail.redrafts: 0"), _anywhere("boundary.bands.auto: 0.9")
    ('workflows.*.redrafts: 0', 'boundary.bands.auto: 0.9')
    """
    first, dot, rest = text.partition(".")
    named = first in ("workflows", "agents", "signals", "pools") and "." in rest
    return f"{first}.*.{rest.partition('.')[2]}" if dot and named else text


def checked(check: PredictiveCheck) -> None:
    """Whether the log's weeks look like simulated ones."""
    e = check.inside
    out = console()
    out.print(
        f"[bold]{e.value:.0%} of the weekly figures lie inside the bands[/bold] of {check.runs} "
        f"simulated runs, which are made to hold {check.level:.0%} ({max(0.0, e.low):.0%} to "
        f"{min(1.0, e.high):.0%}, n = {e.n:,.0f})."
    )
    for sentence in check.words():
        mark = "[red]✗[/red]" if "more than chance" in sentence else "[green]✓[/green]"
        out.print(f"  {mark} {sentence}")
    out.print()
