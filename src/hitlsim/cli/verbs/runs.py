"""Scenarios simulated: once, many times, several beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..options import (
    AtMost,
    BoundaryFile,
    By,
    Confidence,
    Csv,
    Everything,
    FirstSeed,
    Period,
    Precision,
    Runs,
    ScenarioFile,
    Seed,
    Threads,
    WarmUp,
    Workers,
    app,
)
from ..targets import LOGS, Target, check_targets


@app.command(epilog="Examples: hitlsim simulate on-the-loop --seed 7 --by month | "
             "hitlsim simulate team.yaml --boundary boundary.yaml")  # fmt: skip
def simulate(
    scenario: ScenarioFile,
    seed: Seed = 7,
    boundary: BoundaryFile = None,
    by: By = Period.MONTH,
    workflows: Annotated[bool, typer.Option("--workflows", help="Also by workflow.")] = False,
    log: Annotated[
        Path | None, typer.Option(help="Write the log here (.parquet, .csv, .csv.gz).")
    ] = None,
) -> None:
    """Simulate a scenario, write its decision log and show the scorecard."""
    from .. import show, steps

    check_targets(Target("--log", log, LOGS), read=(boundary,))
    run = steps.simulated(scenario, seed, boundary)
    show.scorecard(run.log, by=by, workflows=workflows)
    show.done("log", steps.write_log(run.log, log or steps.log_path(run, boundary)))


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
    from .. import many_runs

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
    from .. import many_runs

    plan = many_runs.plan(runs, precision, at_most, confidence, seed, warm_up, workers, threads)
    many_runs.compare(scenarios, plan, baseline=baseline, everything=everything, csv=csv)
