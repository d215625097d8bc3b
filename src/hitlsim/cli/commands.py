"""The verbs. Each does its imports itself, so that ``hitlsim --help`` answers at once."""

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
        help="Where to list rows that cannot be used [default: NAME.rejects.csv, if any]."
    ),
]
AllowRejects = Annotated[
    float | None, typer.Option(help="Share of unusable rows that is tolerated [default: 0.01].")
]
Auto = Annotated[
    float | None, typer.Option(help="Re-route: the AI acts alone at this confidence or more.")
]
Review = Annotated[float | None, typer.Option(help="Re-route: held for triage below this.")]


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
Month = Annotated[str | None, typer.Option(help="Such as 2026-09 [default: last full month].")]
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


@app.command(epilog="Example: hitlsim demo --out reports")
def demo(out: Out = Path("reports"), seed: Seed = 7) -> None:
    """Simulate twelve weeks of a team, measure them, and write the monthly report."""
    from . import steps

    steps.demo(out, seed)


@app.command(epilog="Example: hitlsim init my-team && cd my-team && hitlsim simulate team.yaml")
def init(folder: Annotated[Path, typer.Argument(help="New folder for your team's files.")]) -> None:
    """Make a workspace: a scenario to edit, an example export with its mapping, the notebooks."""
    from . import workspace

    workspace.make(folder)


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
        from . import steps

        steps.print_schema()
        return
    if scenario is None:
        raise typer.BadParameter("give a scenario file, or --schema")
    from ..scenario.files import dump, load

    loaded = load(scenario)
    if resolved:
        typer.echo(dump(loaded), nl=False)
    elif break_even:
        from . import show

        show.break_even(loaded)
    else:
        from .surface_map import surface_map

        surface_map(loaded)


@app.command(epilog="Example: hitlsim simulate on-the-loop --seed 7 --by month")
def simulate(
    scenario: ScenarioFile,
    seed: Seed = 7,
    by: By = Period.MONTH,
    workflows: Annotated[bool, typer.Option("--workflows", help="Also by workflow.")] = False,
    log: Annotated[
        Path | None, typer.Option(help="Write the log here (.parquet, .csv, .csv.gz).")
    ] = None,
) -> None:
    """Simulate a scenario, write its decision log and show the scorecard."""
    from . import show, steps

    steps.check_name(log)
    run = steps.simulated(scenario, seed)
    show.scorecard(run.log, by=by, workflows=workflows)
    show.done("log", steps.write_log(run.log, log or steps.log_path(run)))


@app.command(epilog="Examples: hitlsim replicate on-the-loop --runs 40 | "
             "hitlsim replicate team.yaml --precision exception_rate=0.2%")  # fmt: skip
def replicate(
    scenario: ScenarioFile,
    runs: Runs = None,
    precision: Precision = None,
    at_most: AtMost = 500,
    confidence: Confidence = 0.95,
    seed: FirstSeed = 1,
    warm_up: WarmUp = 0,
    by: By = Period.ALL,
    workflows: Annotated[bool, typer.Option("--workflows", help="Also by workflow.")] = False,
    everything: Everything = False,
    workers: Workers = None,
    threads: Threads = False,
    csv: Csv = None,
) -> None:
    """Simulate a scenario many times: means with intervals, and how much single runs differ."""
    from . import many_runs

    plan = many_runs.plan(runs, precision, at_most, confidence, seed, warm_up, workers, threads)
    many_runs.replicate(scenario, plan, by=by, workflows=workflows, everything=everything, csv=csv)


@app.command(epilog="Examples: hitlsim compare on-the-loop understaffed --runs 10 | "
             "hitlsim compare today.yaml plan.yaml --precision exception_rate=0.2%")  # fmt: skip
def compare(
    scenarios: Annotated[
        list[str], typer.Argument(help="Scenario files or shipped names; the first is compared to.")
    ],
    runs: Runs = None,
    precision: Precision = None,
    at_most: AtMost = 500,
    confidence: Confidence = 0.95,
    seed: FirstSeed = 1,
    warm_up: WarmUp = 0,
    baseline: Annotated[
        str | None, typer.Option(help="Name of the one to compare to, if not the first.")
    ] = None,
    everything: Everything = False,
    workers: Workers = None,
    threads: Threads = False,
    csv: Csv = None,
) -> None:
    """Simulate several scenarios in the same worlds and tell what differs."""
    from . import many_runs

    plan = many_runs.plan(runs, precision, at_most, confidence, seed, warm_up, workers, threads)
    many_runs.compare(scenarios, plan, baseline=baseline, everything=everything, csv=csv)


@app.command(epilog="Examples: hitlsim measure calls.csv --map calls.map.yaml --by month | "
             "hitlsim measure calls.csv --map calls.map.yaml --threshold 0.7,0.8,0.9")  # fmt: skip
def measure(
    log: LogFile,
    map_: Mapping = None,
    by: By = Period.ALL,
    workflows: Annotated[bool, typer.Option("--workflows", help="Also by workflow.")] = False,
    auto: Auto = None,
    review: Review = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option(help="What if: exceptions and errors at these thresholds (commas, or again)."),
    ] = None,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:
    """Measure a decision log: scorecard, or what other thresholds would have given."""
    from . import show, steps

    decisions = steps.read(log, map_, rejects, allow_rejects)
    if threshold:
        show.thresholds(decisions, steps.numbers(threshold))
    else:
        show.scorecard(steps.under(decisions, auto, review), by=by, workflows=workflows)


@app.command(epilog="Examples: hitlsim tune calls.csv --map calls.map.yaml | "
             "hitlsim tune --scenario on-the-loop --exception-rate 0.10-0.15")  # fmt: skip
def tune(
    log: Annotated[Path | None, typer.Argument(help="Decision log.")] = None,
    map_: Mapping = None,
    scenario: Annotated[str | None, typer.Option(help="Tune on a simulated run instead.")] = None,
    seed: Seed = 7,
    exception_rate: Band = "0.10-0.15",
    next_month: Annotated[
        int | None, typer.Option(help="Decisions expected next month [default: the log's mean].")
    ] = None,
    rejects: Rejects = None,
    allow_rejects: AllowRejects = None,
) -> None:
    """Find the threshold for a wanted exception rate, and the chance that it holds."""
    from ..calibration.tune import tune as find
    from . import show, steps

    decisions = steps.source(log, map_, scenario, seed, rejects, allow_rejects)
    band = steps.band(exception_rate)
    show.recommendation(find(decisions, exception_rate=band, next_month=next_month))


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
    from . import show_staffing, steps

    asked = show_staffing.targets(within, share, utilisation)
    decisions = steps.source(log, map_, scenario, seed, rejects, allow_rejects)
    show_staffing.staff(decisions, asked, pool=pool, open_hours=open_ or None, phase=phase)


@app.command(epilog="Examples: hitlsim report monthly --scenario on-the-loop --month 2026-09 | "
             "hitlsim report monthly --log calls.csv --map calls.map.yaml")  # fmt: skip
def report(
    name: Annotated[str, typer.Argument(help="Which report: monthly.")] = "monthly",
    log: Annotated[Path | None, typer.Option(help="Decision log.")] = None,
    map_: Mapping = None,
    scenario: Annotated[str | None, typer.Option(help="Report on a simulated run.")] = None,
    seed: Seed = 7,
    month: Month = None,
    exception_rate: Band = "0.10-0.15",
    out: Out = Path("reports"),
    force: Force = False,
) -> None:
    """Write a report: notebook, HTML that opens offline, results.json, manifest."""
    from . import steps

    steps.report(name, log, map_, scenario, seed, month, steps.band(exception_rate), out, force)


@app.command(epilog="Example: hitlsim story runs/on-the-loop-7.parquet lead_routing-000100")
def story(
    log: LogFile,
    decision_id: Annotated[str, typer.Argument(help="Which decision.")],
    map_: Mapping = None,
) -> None:
    """Tell what happened to one decision: saw, concluded, did, came of it."""
    from ..decisions.telling.trail import story as tell
    from . import steps

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
    from ..present.replay import replay as write
    from . import show, steps

    decisions = steps.read(log, map_, None, None)
    show.done("replay", write(decisions, out, start=start, days=days))


@app.command(epilog="Example: hitlsim diagnose calls.csv --map calls.map.yaml")
def diagnose(log: LogFile, map_: Mapping = None) -> None:
    """Name hoarding and abdication, if a log shows them, with the evidence."""
    from ..decisions.diagnosing.diagnosis import diagnose as look
    from . import show, steps

    show.diagnosis(look(steps.under(steps.read(log, map_, None, None), None, None)))


@app.command()
def columns() -> None:
    """Print the data dictionary: every column a decision log can have."""
    from . import show

    show.columns()
