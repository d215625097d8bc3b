"""What several verbs do: read a log, simulate with a progress bar, show the demo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ..calibration.tuning.rerouting.bands import rerouted, routed
from ..decisions.log import DecisionLog
from ..errors import LogError, ScenarioError
from ..scenario.boundary_file import load_boundary
from ..scenario.files import json_schema, load
from ..scenario.scenario import Scenario
from ..simulation.run import DayTally, Run
from ..simulation.run import simulate as run_scenario
from . import show


def print_schema() -> None:
    """JSON Schema of scenario files."""
    typer.echo(json.dumps(json_schema(), indent=2))


def numbers(texts: list[str]) -> list[float]:
    """Thresholds given with commas or by repeating the option.

    >>> numbers(["0.7,0.8", "0.9"])
    [0.7, 0.8, 0.9]
    """
    out = []
    for text in ",".join(texts).split(","):
        try:
            value = float(text)
        except ValueError:
            value = -1.0
        if not 0 <= value <= 1:
            raise LogError(f"--threshold {text.strip()!r} must be a number between 0 and 1")
        out.append(value)
    return out


def band(text: str) -> tuple[float, float]:
    """A band written as LOW-HIGH, in shares or percent.

    >>> band("0.10-0.15"), band("10-15%")
    ((0.1, 0.15), (0.1, 0.15))
    """
    unit = 100 if text.endswith("%") else 1
    low, dash, high = text.removesuffix("%").partition("-")
    try:
        if not dash:
            raise ValueError
        return float(low) / unit, float(high) / unit
    except ValueError:
        raise LogError(f"--exception-rate {text!r} must be written like 0.10-0.15") from None


def read(
    log: Path,
    mapping: Path | None,
    rejects: Path | None,
    allow_rejects: float | None,
    *,
    context: bool = False,
) -> DecisionLog:
    """A log from a file; says how many rows could not be used, and lists them in a file."""
    from ..decisions.reading.read import read_log
    from ..decisions.reading.rejects import write_rejects

    decisions = read_log(
        log, mapping, rejects=rejects, allow_rejects=allow_rejects, context=context
    )
    listed = rejects or Path(f"{log.name.partition('.')[0]}.rejects.csv")
    if len(decisions.rejects) and rejects is None:
        write_rejects(decisions.rejects, listed)
    for sentence in _left_out(decisions, listed):
        typer.echo(sentence, err=True)
    return decisions


def _left_out(log: DecisionLog, listed: Path) -> Iterator[str]:
    """What became of the rows that are not in a log, and what was doubtful about the others."""
    record, rejects = log.record, log.rejects
    for each in record.get("joined", ()):
        yield (
            f"{each['file']}: {each['decisions_with_partner']:,} of {len(log):,} decisions have a "
            f"row there; {each['rows_used']:,} of its {each['rows_read']:,} rows are used."
        )
    if len(rejects):
        lost, rows = record["rows_rejected"], record["rows_read"]
        copies, older = record["duplicates_identical"], record["duplicates_replaced"]
        counts = (
            (lost - copies - older, f"of {rows:,} rows could not be used"),
            (copies, f"of {rows:,} rows are copies of others"),
            (older, f"of {rows:,} rows are older states of others"),
            (len(rejects) - lost, "rows of other files are not used"),
        )
        said = ", ".join(f"{count:,} {what}" for count, what in counts if count)
        first = rejects.iloc[0]
        where = f"{first['file']}, " if "file" in rejects else ""
        where += f"row {first['row']}"
        where += f", column {first['column']}" if first["column"] else ""
        yield f"{said}, listed in {listed}; the first is {where}: {first['reason']}"
    if record.get("times_doubtful"):
        yield (
            f"{record['times_doubtful']:,} times come twice or never, since clocks were changed; "
            "the earlier one was taken, or the first after the change."
        )


def under(
    log: DecisionLog, auto: float | None, review: float | None, boundary: Path | None = None
) -> DecisionLog:
    """The log under bands or a boundary spec given on the command line, else under its own."""
    if boundary is not None:
        if auto is not None or review is not None:
            raise LogError("give --boundary, or --auto and --review, not both")
        now = rerouted(log, boundary=load_boundary(boundary).boundary)
        for sentence in now.record["not_told"]:
            typer.echo(sentence, err=True)
        return now
    if auto is not None:
        return rerouted(log, auto=auto, review=review)
    if review is not None:
        raise LogError("--review needs --auto beside it")
    if not log.has("route"):
        bands = log.record.get("bands")
        assumed = "" if bands else " (the usual default; set bands: in the mapping file)"
        now = routed(log)
        auto, review = now.record["bands"]["auto"], now.record["bands"]["review"]
        typer.echo(
            f"The log does not say what went alone: taken from the bands {auto:g}/{review:g}"
            f"{assumed}.",
            err=True,
        )
        return now
    return log


def simulated(scenario: str, seed: int, boundary: Path | None = None) -> Run:
    """A run, with a bar that shows the simulated weeks; under another boundary spec if given."""
    loaded = load(scenario)
    if boundary is not None:
        loaded = _with_boundary(loaded, boundary)
    with Progress(
        TextColumn("simulating {task.fields[name]}"),
        BarColumn(),
        TextColumn("day {task.completed:.0f} of {task.total:.0f}, {task.fields[seen]}"),
        TimeRemainingColumn(),
        console=show.console(),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=7 * loaded.weeks, name=loaded.name, seen="")

        def each_day(day: int, tally: DayTally) -> None:
            seen = f"{tally.decided:,} decisions, {tally.exceptions:,} exceptions"
            bar.update(task, completed=day + 1, seen=seen)

        return run_scenario(loaded, seed=seed, progress=each_day)


def _with_boundary(scenario: Scenario, file: Path) -> Scenario:
    try:
        return scenario.with_(boundary=load_boundary(file).boundary)
    except ScenarioError as e:
        if str(e).startswith("boundary."):
            raise ScenarioError(f"{file.name} does not fit {scenario.name}:\n{e}") from None
        raise


def log_path(run: Run, boundary: Path | None = None) -> Path:
    """Where a run's log goes unless told otherwise."""
    tried = f"-{boundary.stem}-{run.scenario.boundary.version}" if boundary else ""
    return Path("runs") / f"{run.scenario.name}-{run.seed}{tried}.parquet"


def write_log(log: DecisionLog, path: Path) -> Path:
    """Write a log in the format that the file's name asks for."""
    return log.to_parquet(path) if path.suffix == ".parquet" else log.to_csv(path)


def source(
    log: Path | None,
    mapping: Path | None,
    scenario: str | None,
    seed: int,
    rejects: Path | None,
    allow_rejects: float | None,
) -> DecisionLog:
    """A log from a file, or from a simulated run."""
    one_of(log, scenario)
    if log is not None:
        return read(log, mapping, rejects, allow_rejects)
    return simulated(str(scenario), seed).log


def one_of(log: Path | None, scenario: str | None) -> None:
    """Refuse both, and none."""
    if (log is None) == (scenario is None):
        raise ScenarioError("give either a decision log or --scenario NAME, not both and not none")


def demo(out: Path, seed: int) -> None:
    """The main job on the bundled scenario: simulate, measure, tune, report."""
    from ..calibration.tuning.tune import tune
    from . import reporting, show_tune

    say = show.console().print
    say("[bold]1. Simulate[/bold] the reference rollout: shadow, exception-only, steady state")
    run = simulated("on-the-loop", seed)
    log = write_log(run.log, log_path(run))
    show.done("log", log)
    say("\n[bold]2. Measure[/bold] it, month by month")
    show.scorecard(run.log, by="month", workflows=False)
    say("\n[bold]3. One decision's story[/bold]: a wrong one that nobody was asked about")
    say(str(run.story(_silent_error(run))), markup=False)
    say("\n[bold]4. Tune[/bold] the rules toward 10-15% exceptions")
    show_tune.recommendation(tune(run.log), short=True)
    say("[bold]5. Report[/bold] the last full month")
    reporting.report(reporting.Asked("monthly", log=log, out=out))
    say("\nOpen the report in a browser. Next: [bold]hitlsim init my-team[/bold]")


def _silent_error(run: Run) -> str:
    """A bad decision that went alone and came to light by a complaint."""
    frame = run.log.frame
    wrong = frame[frame["true_bad_out"] & (frame["route"] == "auto")]
    told = wrong[wrong["surfaced_by"] == "complaint"]
    return str((told if len(told) else wrong)["decision_id"].iloc[-1])
