"""Run a scenario many times, or several side by side, with a bar; Ctrl-C shows what is there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from ..atomic import replacing
from ..errors import ScenarioError
from ..scenario.files import load
from ..simulation.run import DEFAULT_ENGINE
from ..simulation.runs.comparing import paired
from ..simulation.runs.gathering import Gathering
from ..simulation.runs.planning import USUAL_RUNS, Plan
from ..simulation.runs.replicating import Replications, RunsDone
from ..simulation.runs.stopping import check_precision
from ..simulation.runs.summaries import summary_of
from . import show, show_runs
from .targets import Target, check_targets

INTERRUPTED = 130


def plan(
    runs: int | None,
    precision: list[str] | None,
    at_most: int,
    confidence: float,
    seed: int,
    warm_up: int,
    workers: int | None,
    threads: bool,
) -> Plan:
    """What the options of both verbs ask for."""
    return Plan(
        n=runs, precision=half_widths(precision) if precision else None, confidence=confidence,
        at_least=min(USUAL_RUNS, at_most), at_most=at_most, seed=seed, engine=DEFAULT_ENGINE,
        workers=workers, threads=threads, warm_up_weeks=warm_up,
    )  # fmt: skip


def half_widths(texts: list[str]) -> dict[str, float]:
    """Wanted half-widths of intervals, written as METRIC=HALF, in the metric's unit or percent.

    >>> half_widths(["exception_rate=0.5%", "wait_minutes=10"])
    {'exception_rate': 0.005, 'wait_minutes': 10.0}
    """
    out = {}
    for text in ",".join(texts).split(","):
        name, equals, number = text.strip().partition("=")
        try:
            if not equals:
                raise ValueError
            out[name] = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
        except ValueError:
            raise ScenarioError(
                f"--precision {text.strip()!r} must be written like exception_rate=0.005"
            ) from None
    return check_precision(out)


def replicate(
    scenario: str, plan: Plan, *, by: str, workflows: bool, everything: bool, csv: Path | None
) -> None:
    """Run one scenario many times and show the means."""
    loaded = load(scenario)
    check_targets(Target("--csv", csv, (".csv",)))
    gathering = Gathering(None if by == "all" else by, per_workflow=workflows)
    with _bar(loaded.name) as tell:
        runs = Replications(loaded, plan.checked(loaded, least=2), logs=False, progress=tell)

        def work() -> None:
            with runs:
                for run in runs:
                    gathering.add(run)

        stopped = _unless_interrupted(work)
    if stopped and len(gathering) < 2:
        _interrupted(len(gathering), runs.plan.n)
    said = [] if stopped else runs.sentences()
    summary = summary_of(gathering, confidence=plan.confidence, notes=said)
    show_runs.summary(summary, by=by, everything=everything)
    _write(summary.frame, csv)
    if stopped:
        _interrupted(len(gathering), runs.plan.n)


def compare(
    scenarios: list[str], plan: Plan, *, baseline: str | None, everything: bool, csv: Path | None
) -> None:
    """Run several scenarios in the same worlds and show what differs."""
    loaded = [load(s) for s in scenarios]
    check_targets(Target("--csv", csv, (".csv",)))
    with _bar(" | ".join(s.name for s in loaded)) as tell:
        pairs = paired(loaded, plan, baseline=baseline, progress=tell)

        def work() -> None:
            try:
                for _ in pairs:
                    pass
            finally:
                pairs.close()

        stopped = _unless_interrupted(work)
    if stopped and len(pairs) < 2:
        _interrupted(len(pairs), pairs.plan.n)
    comparison = pairs.comparison()
    show_runs.comparison(comparison, everything=everything)
    _write(comparison.frame, csv)
    if stopped:
        _interrupted(len(pairs), pairs.plan.n)


def _unless_interrupted(work: Callable[[], None]) -> bool:
    try:
        work()
    except KeyboardInterrupt:
        return True
    return False


def _interrupted(done: int, n: int | None) -> None:
    of = "" if n is None else f" of {n}"
    few = "; nothing can be said from fewer than two" if done < 2 else ""
    typer.echo(f"hitlsim: interrupted after {done}{of} runs{few}", err=True)
    raise typer.Exit(INTERRUPTED)


@contextmanager
def _bar(name: str) -> Iterator[RunsDone]:
    """A bar of runs; while it is not known how many, it only counts."""
    with Progress(
        TextColumn("running {task.fields[name]}"),
        BarColumn(),
        TextColumn("{task.fields[seen]},"),
        TimeRemainingColumn(),
        TextColumn("left"),
        console=show.console(),
        transient=True,
    ) as bar:
        task = bar.add_task("", total=None, name=name, seen="starting")

        def done(runs: int, total: int | None) -> None:
            of = "" if total is None else f" of {total}"
            bar.update(task, completed=runs, total=total, seen=f"run {runs}{of}")

        yield done


def _write(frame: pd.DataFrame, path: Path | None) -> None:
    if path is not None:
        with replacing(path) as partial:
            frame.to_csv(partial, index=False)
        show.done("table", path)
