"""A decision log watched: control charts that say what changed."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..options import AllowRejects, Auto, Band, LogFile, Mapping, Rejects, Review, app
from ..targets import PNG, Target, check_targets


class Stretch(StrEnum):
    """What is compared with the baseline."""

    WEEK = "week"
    MONTH = "month"


@app.command(epilog="Examples: hitlsim watch calls.csv --map calls.map.yaml --picture watch.png | "
             "hitlsim watch calls.csv --map calls.map.yaml --by month --fail-on-alarm")  # fmt: skip
def watch(
    log: LogFile,
    map_: Mapping = None,
    by: Annotated[Stretch, typer.Option(help="What is compared.")] = Stretch.WEEK,
    baseline: Annotated[
        int | None,
        typer.Option(
            help="How many of them, from the first, the others are compared with [default: those "
            "before steady state, else the first third, 8 weeks or 3 months at least]."
        ),
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", help="First day or month, such as 2026-09.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Last day or month.")] = None,
    exception_rate: Band = "0.10-0.15",
    auto: Auto = None,
    review: Review = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the charts here (.png).")] = None,
    fail_on_alarm: Annotated[
        bool, typer.Option("--fail-on-alarm", help="Exit code 3 if an alarm is in force.")
    ] = False,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:
    """Say what changed since the baseline, how much, and how often chance would say so."""
    from .. import show_watch, steps

    check_targets(Target("--picture", picture, PNG), read=(log, map_))
    decisions = steps.under(steps.read(log, map_, rejects, allow_rejects), auto, review)
    alarmed = show_watch.watch(
        decisions, by=by, baseline=baseline, since=since, until=until,
        band=steps.band(exception_rate), picture=picture,
    )  # fmt: skip
    if alarmed and fail_on_alarm:
        raise typer.Exit(3)
