"""A score learnt from a log that has none, or a useless one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import AllowRejects, LogFile, Mapping, Rejects, app
from ..targets import ANY, LOGS, PNG, Target, check_targets


@app.command(epilog="Examples: hitlsim score calls.csv --map calls.map.yaml --out scored.parquet "
             "--model team.score --picture score.png | hitlsim score next.csv --map calls.map.yaml "
             "--with team.score --out next.parquet")  # fmt: skip
def score(
    log: LogFile,
    map_: Mapping = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the log with its score (.parquet, .csv, .csv.gz).")
    ] = None,
    model: Annotated[
        Path | None, typer.Option(help="Write the score, for later decisions, such as team.score.")
    ] = None,
    with_: Annotated[
        Path | None, typer.Option("--with", help="Score with this one; learn nothing.")
    ] = None,
    leave_out: Annotated[
        list[str] | None, typer.Option(help="Columns not to learn from (commas, or again).")
    ] = None,
    keep: Annotated[
        list[str] | None,
        typer.Option(help="Columns to learn from though they look known only afterwards."),
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw the score here (.png).")] = None,
    seed: Annotated[int, typer.Option(help="Same log and seed: same score.")] = 7,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:
    """Learn how likely the AI is right, from what was known beforehand; or score new decisions."""
    from ...errors import LogError
    from .. import show_score, steps

    check_targets(
        Target("--out", out, LOGS), Target("--model", model, ANY),
        Target("--picture", picture, PNG), read=(log, map_, with_),
    )  # fmt: skip
    if with_ is not None and (out is None or model or picture or leave_out or keep):
        raise LogError("--with FILE scores decisions and needs --out FILE beside it, nothing else")
    decisions = steps.read(log, map_, rejects, allow_rejects, context=True)
    if with_ is not None and out is not None:
        show_score.applied(decisions, with_, out)
        return
    show_score.learnt(
        decisions, leave_out=show_score.columns(leave_out), keep=show_score.columns(keep),
        seed=seed, out=out, model=model, picture=picture,
    )  # fmt: skip
