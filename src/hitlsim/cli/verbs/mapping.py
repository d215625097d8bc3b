"""From somebody's export to a mapping file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import app


@app.command("map", epilog="Examples: hitlsim map calls.csv | hitlsim map deals.xlsx --yes | "
             "hitlsim map deals.csv --preset salesforce --out deals.map.yaml")  # fmt: skip
def map_(
    file: Annotated[Path, typer.Argument(help="Export: CSV, Excel, JSON lines, Parquet ...")],
    out: Annotated[
        Path | None, typer.Option(help="The mapping file (default: NAME.map.yaml beside it).")
    ] = None,
    preset: Annotated[
        str | None,
        typer.Option(help="Whose export: salesforce, hubspot, zoho (default: found by looking)."),
    ] = None,
    sheet: Annotated[
        str | None, typer.Option(help="Which sheet of a workbook, if there are several.")
    ] = None,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; take what is most likely.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Overwrite a mapping file that is there.")
    ] = False,
) -> None:
    """Draft the mapping file of an export; asks only what looking at it cannot tell."""
    from .. import show_mapping

    show_mapping.draft(file, out, preset=preset, sheet=sheet, yes=yes, force=force)
