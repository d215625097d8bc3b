"""Reports: one, all months of one, and the page that lists them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import Force, Mapping, Month, Out, app


@app.command(epilog="Examples: hitlsim report monthly --log calls.csv --map calls.map.yaml | "
             "hitlsim report monthly --log calls.csv --all-months --pdf | "
             "hitlsim report rollout --scenario on-the-loop | hitlsim report index")  # fmt: skip
def report(
    name: Annotated[
        str, typer.Argument(help="Which report; or index, to write the page that lists them all.")
    ] = "monthly",
    log: Annotated[Path | None, typer.Option(help="Decision log.")] = None,
    map_: Mapping = None,
    scenario: Annotated[
        str | None,
        typer.Option(
            help="A scenario, or one that ships; for monthly, a run of it."
        ),
    ] = None,
    seed: Annotated[
        int | None, typer.Option(help="Of its run \\[default: 7].")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="Answers of a training cohort.")
    ] = None,
    month: Month = None,
    all_months: Annotated[
        bool,
        typer.Option(
            "--all-months", help="Every full month that has no report from this log yet.",
        ),
    ] = False,
    exception_rate: Annotated[
        str | None, typer.Option(help="Band aimed at, as LOW-HIGH \\[default: 0.10-0.15].")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Another parameter of its notebook, as NAME=VALUE; or again."),
    ] = None,
    pdf: Annotated[
        bool,
        typer.Option("--pdf", help="Also a PDF, by any Chromium, Chrome, Edge or Brave."),
    ] = False,
    out: Out = Path("reports"),
    force: Force = False,
    schema: Annotated[
        bool,
        typer.Option("--schema", help="Print the JSON Schema of its results.json, and do nothing."),
    ] = False,
) -> None:  # fmt: skip
    """Write a report: a page that opens offline, its notebook, results.json, manifest.

    Exit codes: 0 it is there; 1 it failed, the last good one stands; 2 bad input;

    3 another run is making it; 4 no PDF; 5 some months failed; 6 the disk is full.
    """
    from .. import reporting

    asked = reporting.Asked(
        name, log, map_, scenario, seed, answers, month, exception_rate, tuple(set_ or ()), out,
        force, pdf,
    )  # fmt: skip
    if schema:
        reporting.schema(name)
    elif name == "index":
        reporting.index(asked)
    elif all_months:
        reporting.all_months(asked)
    else:
        reporting.report(asked)
