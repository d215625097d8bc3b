"""Where the AI should act alone: from targets to rules."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from ..options import AllowRejects, Mapping, Rejects, app
from ..targets import PNG, Target, check_targets

_SAFETY, _PEOPLE, _WRITES = "Targets", "What people do and cost", "What is written"


class Rules(StrEnum):
    """How much people should keep in mind."""

    TRIGGERS = "triggers"
    BANDS = "bands"
    ONE = "one"


@app.command(epilog="Examples: hitlsim tune calls.csv --map calls.map.yaml | "
             "hitlsim tune calls.csv --map calls.map.yaml --fn-share 2% --out boundary.yaml | "
             "hitlsim tune --scenario team.yaml --within-24h 80% --picture team.png")  # fmt: skip
def tune(
    log: Annotated[Path | None, typer.Argument(help="Decision log.")] = None,
    map_: Mapping = None,
    scenario: Annotated[
        str | None, typer.Option(help="Tune a scenario instead: its rules are simulated.")
    ] = None,
    exception_rate: Annotated[
        str,
        typer.Option(help="Band of exceptions, as LOW-HIGH; or none.", rich_help_panel=_SAFETY),
    ] = "0.10-0.15",
    fn_share: Annotated[
        str | None,
        typer.Option(
            help="Bad decisions that go alone, of all decisions, at most (2% or 0.02).",
            rich_help_panel=_SAFETY,
        ),
    ] = None,
    fn_of_auto: Annotated[
        str | None,
        typer.Option(help="The same of those that go alone.", rich_help_panel=_SAFETY),
    ] = None,
    fn_of_bad: Annotated[
        str | None, typer.Option(help="The same of all bad ones.", rich_help_panel=_SAFETY)
    ] = None,
    confidence: Annotated[
        str | None,
        typer.Option(help="Of that guarantee \\[default: 90%].", rich_help_panel=_SAFETY),
    ] = None,
    override_rate: Annotated[
        str | None,
        typer.Option(
            help="Edits and rejections, of what people are asked, at least.",
            rich_help_panel=_SAFETY,
        ),
    ] = None,
    within_24h: Annotated[
        str | None,
        typer.Option(
            "--within-24h", help="Begun within 24 hours, at least (a scenario only).",
            rich_help_panel=_SAFETY,
        ),
    ] = None,
    within_48h: Annotated[
        str | None,
        typer.Option(
            "--within-48h", help="The same within 48 hours.", rich_help_panel=_SAFETY
        ),
    ] = None,
    utilisation: Annotated[
        str | None,
        typer.Option(help="Use of review hours, at most (a scenario only).",
                     rich_help_panel=_SAFETY),
    ] = None,
    hours: Annotated[
        float | None,
        typer.Option(help="Hours a week for exceptions, at most.", rich_help_panel=_SAFETY),
    ] = None,
    cost: Annotated[
        float | None,
        typer.Option(help="Cost of 1,000 decisions, at most.", rich_help_panel=_SAFETY),
    ] = None,
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
        typer.Option(help="Boundary spec that holds now \\[default: as the log shows it].",
                     rich_help_panel=_PEOPLE),
    ] = None,
    next_month: Annotated[
        int | None,
        typer.Option(help="Decisions expected next month \\[default: the mean].",
                     rich_help_panel=_PEOPLE),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(help="Write the next version of the boundary spec (.yaml).",
                     rich_help_panel=_WRITES),
    ] = None,
    who: Annotated[
        str, typer.Option(help="Who decided, for its change log.", rich_help_panel=_WRITES)
    ] = "",
    note: Annotated[
        str, typer.Option(help="Why, in your own words.", rich_help_panel=_WRITES)
    ] = "",
    retunes: Annotated[
        int | None,
        typer.Option(help="The guarantee is one of so many, such as 12 a year, that hold together.",
                     rich_help_panel=_WRITES),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Write rules that are not recommended, too.",
                     rich_help_panel=_WRITES),
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(help="Draw the trade-off (.png).", rich_help_panel=_WRITES)
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the simulations: same seed, same answer.")] = 7,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:  # fmt: skip
    """Find the rules that are best for your targets, with reasons and how sure they are."""
    from .. import tuning

    check_targets(
        Target("--out", out, (".yaml", ".yml")), Target("--picture", picture, PNG),
        read=(log, map_),
    )  # fmt: skip
    wanted = tuning.goals(
        exception_rate, {"hours_per_week": hours, "cost_per_1000": cost}, fn_share=fn_share,
        fn_of_auto=fn_of_auto, fn_of_bad=fn_of_bad, confidence=confidence,
        override_rate=override_rate, within_24h=within_24h, within_48h=within_48h,
        utilisation=utilisation,
    )  # fmt: skip
    asked = tuning.Asked(
        boundary, costs, rules.value, next_month, seed, retunes, out, who, note, force, picture
    )
    tuning.tune(tuning.source(log, map_, scenario, rejects, allow_rejects), wanted, asked)
