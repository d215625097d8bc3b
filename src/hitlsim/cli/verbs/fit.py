"""A scenario learnt from logs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import AllowRejects, Csv, Mapping, Rejects, Seed, app


@app.command(epilog="Examples: hitlsim fit calls.csv --map calls.map.yaml --out team.yaml | "
             "hitlsim fit calls.csv --map calls.map.yaml --check --picture fit.png | "
             "hitlsim fit --work work.csv --opens 09:00 --out desk.yaml")  # fmt: skip
def fit(
    log: Annotated[Path | None, typer.Argument(help="Decision log.")] = None,
    map_: Mapping = None,
    work: Annotated[
        Path | None, typer.Option(help="Work log: who worked from when to when on what.")
    ] = None,
    work_columns: Annotated[
        str | None, typer.Option(help="Its columns, such as start=begun_at,end=done_at,person=who.")
    ] = None,
    timezone: Annotated[
        str | None,
        typer.Option(
            help="The clock of the work log's times [default: the decision log's; without one UTC]."
        ),
    ] = None,
    opens: Annotated[
        str | None,
        typer.Option(help="When the desk opens on weekdays, to check that clock: 09:00."),
    ] = None,
    clock_shift: Annotated[
        str | None, typer.Option(help="Move the work log's times by so much, such as 1h or -30min.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The scenario file to write.")] = Path("fitted.yaml"),
    check: Annotated[
        bool, typer.Option("--check", help="Compare the log's weeks with simulated ones.")
    ] = False,
    runs: Annotated[int, typer.Option(help="Runs for --check.")] = 40,
    picture: Annotated[Path | None, typer.Option(help="Draw that comparison here (.png).")] = None,
    csv: Csv = None,
    seed: Seed = 7,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:
    """Learn a scenario from a log: what it says with intervals, what it cannot say marked."""
    from .. import show_fit

    asked = show_fit.Asked(out, check, runs, picture, csv, seed, show_fit.shift_of(clock_shift))
    show_fit.refuse(log, map_, work, asked)
    decisions, pieces = show_fit.read(
        log, map_, work, work_columns, timezone, rejects, allow_rejects
    )
    show_fit.fit(decisions, pieces, opens=opens, asked=asked)
