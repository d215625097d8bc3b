"""The application, and the options that several verbs share."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="hitlsim",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    add_completion=False,
    help="Find out, before your customers do, how much of your AI-assisted selling may run alone.",
    epilog="Start with [bold]hitlsim demo[/bold]. Your own log: [bold]hitlsim init my-team[/bold], "
    "then read docs/your-own-log.md.",
)

LogFile = Annotated[Path, typer.Argument(help="Decision log: .csv, .csv.gz or .parquet.")]
ScenarioFile = Annotated[str, typer.Argument(help="Scenario file, or the name of one that ships.")]
Seed = Annotated[int, typer.Option(help="Same scenario and seed: same log, to the byte.")]
Mapping = Annotated[
    Path | None, typer.Option("--map", help="Mapping file: your column names to ours.")
]
Rejects = Annotated[
    Path | None,
    typer.Option(
        help="Where to list rows that cannot be used \\[default: NAME.rejects.csv, if any]."
    ),
]
AllowRejects = Annotated[
    float | None, typer.Option(help="Share of unusable rows that is tolerated \\[default: 0.01].")
]
Auto = Annotated[
    float | None, typer.Option(help="Re-route: the AI acts alone at this confidence or more.")
]
Review = Annotated[float | None, typer.Option(help="Re-route: held for triage below this.")]
BoundaryFile = Annotated[
    Path | None, typer.Option("--boundary", help="Boundary spec to try: a file of its own (.yaml).")
]


class Period(StrEnum):
    """What the columns of a scorecard are."""

    ALL = "all"
    WEEK = "week"
    MONTH = "month"


By = Annotated[Period, typer.Option(help="Columns of the scorecard.")]
Runs = Annotated[int | None, typer.Option("--runs", "-n", help="How many runs; 20 if not said.")]
Precision = Annotated[
    list[str] | None,
    typer.Option(
        help="As many runs as it takes for an interval this narrow to either side, such as "
        "exception_rate=0.5% or wait_minutes=10 (commas, or again)."
    ),
]
AtMost = Annotated[int, typer.Option(help="Most runs for --precision.")]
Confidence = Annotated[float, typer.Option(help="Coverage of the intervals.")]
FirstSeed = Annotated[int, typer.Option("--seed", help="Seed of the first run; the next has +1.")]
WarmUp = Annotated[int, typer.Option("--warm-up", help="Weeks at the start that are not counted.")]
Workers = Annotated[int | None, typer.Option(help="Runs at once; one for each core if not said.")]
Threads = Annotated[bool, typer.Option("--threads", help="Threads rather than processes.")]
Everything = Annotated[bool, typer.Option("--all", help="Every metric.")]
Csv = Annotated[Path | None, typer.Option(help="Write the whole table here (.csv).")]
Out = Annotated[Path, typer.Option(help="Folder for reports.")]
Month = Annotated[str | None, typer.Option(help="Such as 2026-09 \\[default: last full month].")]
Force = Annotated[bool, typer.Option("--force", help="Run even if nothing has changed.")]
Band = Annotated[str, typer.Option(help="Band aimed at, as LOW-HIGH.")]


def _version(show: bool) -> None:
    if show:
        from importlib.metadata import version

        typer.echo(f"hitlsim {version('hitlsim')}")
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    pass
