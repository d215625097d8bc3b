"""A decision log, real or simulated: measured, told, reported."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import (
    AllowRejects,
    Auto,
    BoundaryFile,
    By,
    LogFile,
    Mapping,
    Period,
    Rejects,
    Review,
    Seed,
    app,
)


@app.command(epilog="Examples: hitlsim measure calls.csv --map calls.map.yaml --by month | "
             "hitlsim measure calls.csv --map calls.map.yaml --threshold 0.7,0.8,0.9 | "
             "hitlsim measure calls.csv --map calls.map.yaml --boundary boundary.yaml | "
             "hitlsim measure 'postgres://host/sales#decisions' --map calls.map.yaml")  # fmt: skip
def measure(
    log: Annotated[
        str,
        typer.Argument(
            help="Decision log: a file as hitlsim reads them. A folder of Parquet files, "
            "file.duckdb#table, URL#table, and Parquet above 200 MB are measured where they are."
        ),
    ],
    map_: Mapping = None,
    by: By = Period.ALL,
    workflows: Annotated[bool, typer.Option("--workflows", help="Also by workflow.")] = False,
    auto: Auto = None,
    review: Review = None,
    boundary: BoundaryFile = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(help="What if: exceptions and errors at these thresholds (commas, or again)."),
    ] = None,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:
    """Measure a decision log: scorecard, or what other thresholds would have given."""
    from ...decisions.counting.opening import stays
    from ...errors import LogError
    from .. import show, show_stored, steps

    if boundary is not None and threshold:
        raise LogError("give --boundary or --threshold, not both: they are two what-ifs")
    if stays(log):
        if boundary is not None:
            raise LogError(
                f"{log} is measured where it is, and there only bands can be tried: give --auto "
                "and --review, or a log that is read, such as one month of it as a file"
            )
        stored = show_stored.opened(log, map_, rejects, allow_rejects)
        if threshold:
            show.thresholds(show_stored.drawn(stored), steps.numbers(threshold))
        else:
            show.scorecard(show_stored.under(stored, auto, review), by=by, workflows=workflows)
        return
    decisions = steps.read(Path(log), map_, rejects, allow_rejects)
    if threshold:
        show.thresholds(decisions, steps.numbers(threshold))
    else:
        show.scorecard(steps.under(decisions, auto, review, boundary), by=by, workflows=workflows)


@app.command(epilog="Examples: hitlsim staff calls.csv --map calls.map.yaml --within 24h | "
             "hitlsim staff --scenario on-the-loop --pool sdr-desk")  # fmt: skip
def staff(
    log: Annotated[Path | None, typer.Argument(help="Decision log.")] = None,
    map_: Mapping = None,
    scenario: Annotated[str | None, typer.Option(help="Staff a simulated run instead.")] = None,
    seed: Seed = 7,
    pool: Annotated[str | None, typer.Option(help="Whose desk (default: each in turn).")] = None,
    within: Annotated[str, typer.Option(help="Longest wait, such as 24h or 30min.")] = "24h",
    share: Annotated[str, typer.Option(help="Share of items to begin within that.")] = "80%",
    utilisation: Annotated[
        str, typer.Option(help="Largest share of people's time that is work.")
    ] = "85%",
    open_: Annotated[
        list[str] | None,
        typer.Option(
            "--open",
            help="When people may be there: 'mon-fri 09:00-17:00', again for more, or always "
            "(default: when work is begun in the log).",
        ),
    ] = None,
    phase: Annotated[
        str | None, typer.Option(help="Phase of the rollout, or all (default: the last).")
    ] = None,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:
    """How many reviewers at which hours, so that enough is begun in time."""
    from .. import show_staffing, steps

    asked = show_staffing.targets(within, share, utilisation)
    decisions = steps.source(log, map_, scenario, seed, rejects, allow_rejects)
    show_staffing.staff(decisions, asked, pool=pool, open_hours=open_ or None, phase=phase)


@app.command(epilog="Example: hitlsim diagnose calls.csv --map calls.map.yaml")
def diagnose(log: LogFile, map_: Mapping = None) -> None:
    """Name hoarding and abdication, if a log shows them, with the evidence."""
    from ...decisions.diagnosing.diagnosis import diagnose as look
    from .. import show, steps

    show.diagnosis(look(steps.under(steps.read(log, map_, None, None), None, None)))


@app.command(epilog="Example: hitlsim story runs/on-the-loop-7.parquet lead_routing-000100")
def story(
    log: LogFile,
    decision_id: Annotated[str, typer.Argument(help="Which decision.")],
    map_: Mapping = None,
) -> None:
    """Tell what happened to one decision: saw, concluded, did, came of it."""
    from ...decisions.telling.trail import story as tell
    from .. import steps

    typer.echo(str(tell(steps.read(log, map_, None, None), decision_id)))


@app.command(
    epilog="Example: hitlsim replay runs/on-the-loop-7.parquet --start 2026-09-07 --days 5"
)
def replay(
    log: LogFile,
    map_: Mapping = None,
    start: Annotated[
        str | None, typer.Option(help="First day, such as 2026-09-07 [default: the busiest week].")
    ] = None,
    days: Annotated[int, typer.Option(help="How many days.")] = 7,
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("replay.html"),
) -> None:
    """Write a page that replays the desk: queues, people, escalations, as the log tells it."""
    from ...present.replaying.replay import replay as write
    from .. import show, steps

    decisions = steps.read(log, map_, None, None)
    show.done("replay", write(decisions, out, start=start, days=days))
