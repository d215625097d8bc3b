"""Whether the advice would have worked, on your own months."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from ..options import AllowRejects, LogFile, Mapping, Rejects, app
from ..targets import PNG, Target, check_targets
from .tune import Rules

_SAFETY, _PEOPLE, _WRITES = "Targets", "What people do and cost", "What is written"


class Stretch(StrEnum):
    """How often advice is made."""

    MONTH = "month"
    WEEK = "week"


def _share(text: str) -> Any:
    return typer.Option(help=text, rich_help_panel=_SAFETY)


@app.command(epilog="Examples: hitlsim backtest calls.csv --map calls.map.yaml | "
             "hitlsim backtest calls.csv --map calls.map.yaml --fn-share 5% --learn 3 "
             "--picture backtest.png")  # fmt: skip
def backtest(
    log: LogFile,
    map_: Mapping = None,
    by: Annotated[Stretch, typer.Option(help="How often advice is made.")] = Stretch.MONTH,
    learn: Annotated[
        str, typer.Option(help="From how many of the last months (weeks) it is learnt, or all.")
    ] = "all",
    exception_rate: Annotated[str, _share("Band of exceptions, as LOW-HIGH; or none.")] = (
        "0.10-0.15"
    ),
    fn_share: Annotated[
        str | None, _share("Bad decisions that go alone, of all decisions, at most (2% or 0.02).")
    ] = None,
    fn_of_auto: Annotated[str | None, _share("The same of those that go alone.")] = None,
    fn_of_bad: Annotated[str | None, _share("The same of all bad ones.")] = None,
    confidence: Annotated[str | None, _share("Of that guarantee \\[default: 90%].")] = None,
    override_rate: Annotated[
        str | None, _share("Edits and rejections, of what people are asked, at least.")
    ] = None,
    hours: Annotated[float | None, _share("Hours a week for exceptions, at most.")] = None,
    cost: Annotated[float | None, _share("Cost of 1,000 decisions, at most.")] = None,
    together: Annotated[
        bool,
        typer.Option(
            "--together", help="The guarantees of all months must hold together.",
            rich_help_panel=_SAFETY,
        ),
    ] = False,
    rules: Annotated[
        Rules,
        typer.Option(help="What people keep in mind: thresholds with triggers, thresholds for each "
                     "workflow, or one threshold.", rich_help_panel=_PEOPLE),
    ] = Rules.TRIGGERS,
    costs: Annotated[
        str | None,
        typer.Option(help="What errors and looks cost: harm=20,hour=40, or a YAML file.",
                     rich_help_panel=_PEOPLE),
    ] = None,
    boundary: Annotated[
        Path | None,
        typer.Option(help="Boundary spec that doing nothing keeps \\[default: the log's routes].",
                     rich_help_panel=_PEOPLE),
    ] = None,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the months (.png).", rich_help_panel=_WRITES)
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option(help="Write every month and policy here (.csv).", rich_help_panel=_WRITES),
    ] = None,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:  # fmt: skip
    """Make the advice of tune at the end of each month, and judge it on the next."""
    from ...scenario.boundary_file import load_boundary
    from .. import show_backtest, steps, tuning

    check_targets(
        Target("--picture", picture, PNG), Target("--csv", csv, (".csv",)), read=(log, map_)
    )
    wanted = tuning.goals(
        exception_rate, {"hours_per_week": hours, "cost_per_1000": cost}, fn_share=fn_share,
        fn_of_auto=fn_of_auto, fn_of_bad=fn_of_bad, confidence=confidence,
        override_rate=override_rate,
    )  # fmt: skip
    asked = {
        **wanted, "by": by.value, "learn": show_backtest.window(learn), "rules": rules.value,
        "costs": None if costs is None else tuning.costs_of(costs), "together": together,
        "boundary": None if boundary is None else load_boundary(boundary),
    }  # fmt: skip
    decisions = steps.read(log, map_, rejects, allow_rejects)
    show_backtest.backtest(decisions, asked, picture=picture, csv=csv)
