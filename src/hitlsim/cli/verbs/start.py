"""First steps: the demo, a workspace, a scenario file, the columns of a log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import Out, Seed, app


@app.command(epilog="Example: hitlsim demo --out reports")
def demo(out: Out = Path("reports"), seed: Seed = 7) -> None:
    """Simulate twelve weeks of a team, measure them, and write the monthly report."""
    from .. import steps

    steps.demo(out, seed)


@app.command(epilog="Example: hitlsim init my-team && cd my-team && hitlsim simulate team.yaml")
def init(folder: Annotated[Path, typer.Argument(help="New folder for your team's files.")]) -> None:
    """Make a workspace: a scenario to edit, an example export, the notebooks, schedules."""
    from .. import workspace

    workspace.make(folder)


@app.command(epilog="Examples: hitlsim lab | hitlsim lab my-team --no-browser --port 8899")
def lab(
    folder: Annotated[Path, typer.Argument(help="Workspace made by hitlsim init.")] = Path(),
    port: Annotated[int, typer.Option(min=1, max=65535, help="Next free one if taken.")] = 8888,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Print the address, open nothing.")
    ] = False,
) -> None:
    """Open the notebooks of a workspace in JupyterLab, on this machine only."""
    from ..lab import open_lab

    open_lab(folder, port=port, browser=not no_browser)


@app.command(epilog="Examples: hitlsim check team.yaml | hitlsim check --schema > schema.json")
def check(
    scenario: Annotated[str | None, typer.Argument(help="Scenario file or shipped name.")] = None,
    resolved: Annotated[
        bool, typer.Option("--resolved", help="Print the scenario with everything spelled out.")
    ] = False,
    break_even: Annotated[
        bool, typer.Option("--break-even", help="How right the AI must be to be worth reviewing.")
    ] = False,
    schema: Annotated[
        bool, typer.Option("--schema", help="Print the JSON Schema of scenario files.")
    ] = False,
) -> None:
    """Check a scenario file and show what it says."""
    if schema:
        from .. import steps

        steps.print_schema()
        return
    if scenario is None:
        raise typer.BadParameter("give a scenario file, or --schema")
    from ...scenario.files import dump, load

    loaded = load(scenario)
    if resolved:
        typer.echo(dump(loaded), nl=False)
    elif break_even:
        from .. import show

        show.break_even(loaded)
    else:
        from ..surface_map import surface_map

        surface_map(loaded)


@app.command()
def columns() -> None:
    """Print the data dictionary: every column a decision log can have."""
    from .. import show

    show.columns()
