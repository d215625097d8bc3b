"""What outcomes that nobody looked at can and cannot tell."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import AllowRejects, Auto, LogFile, Mapping, Rejects, Review, app
from ..targets import PNG, Target, check_targets


@app.command(epilog="Examples: hitlsim silent calls.csv --map calls.map.yaml | "
             "hitlsim silent calls.csv --map calls.map.yaml --audit 5%")  # fmt: skip
def silent(
    log: LogFile,
    map_: Mapping = None,
    auto: Auto = None,
    review: Review = None,
    within: Annotated[str, typer.Option(help="How precisely to know them, to either side.")] = "1%",
    audit: Annotated[
        str | None,
        typer.Option(
            help="What if chance had picked only this share for a look, such as 5%? For a log "
            "whose outcomes are all known."
        ),
    ] = None,
    picture: Annotated[Path | None, typer.Option(help="Draw it (.png).")] = None,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:
    """How many silent errors there are: every way of counting, and which to believe."""
    from ...decisions.judging.hiding import partly_seen
    from ...decisions.judging.silent import silent as estimate
    from .. import show_silent, steps
    from ..show_staffing import share

    check_targets(Target("--picture", picture, PNG), read=(log, map_))
    precise = share(within, "--within")
    decisions = steps.under(steps.read(log, map_, rejects, allow_rejects), auto, review)
    if audit is not None:
        decisions = partly_seen(decisions, audit=share(audit, "--audit"))
    found = estimate(decisions, within=precise)
    show_silent.silent(found)
    if picture is not None:
        show_silent.draw(found, picture)


@app.command(epilog="Example: hitlsim recalibrate calls.csv --map calls.map.yaml "
             "--out calls.parquet && hitlsim tune calls.parquet")  # fmt: skip
def recalibrate(
    log: LogFile,
    map_: Mapping = None,
    out: Annotated[
        Path | None, typer.Option(help="Write the log with its new scores (.parquet).")
    ] = None,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:
    """Can scores be believed? Mend them if that helps on later decisions, else leave them alone."""
    from ...calibration.recalibrate import recalibrated
    from .. import show_silent, steps

    check_targets(Target("--out", out, (".parquet",)), read=(log, map_))
    mended = recalibrated(steps.read(log, map_, rejects, allow_rejects))
    show_silent.recalibrated(mended, out)
