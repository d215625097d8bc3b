"""A report on disk: notebook, HTML page, figures as JSON, and a manifest written last.

A run works in a hidden folder and replaces the last report only when everything is there. The
manifest is the commit mark: without one that fits, a report counts as not made.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ...decisions.log import DecisionLog
from ...errors import LogError, NotEnoughEvidence, ScenarioError
from ...scenario.scenario import Scenario
from .execute import as_it_lies, execute
from .failures import DiskFull, ReportError, ReportLocked, no_room
from .given import Given, Progress
from .manifest import (
    FAILED,
    NOTEBOOK,
    PAGE,
    PDF,
    RESULTS,
    ReportResult,
    add_pdf,
    as_json,
    commit,
    manifest_of,
    result_of,
)
from .notebooks import write_notebook
from .pdf import NoPdf, print_pdf
from .source import sha256
from .stages import Stages
from .subject import Subject
from .template import Template

__all__ = ["ReportError", "ReportLocked", "ReportResult", "report"]


def report(
    name: str = "monthly",
    *,
    log: str | Path | DecisionLog | None = None,
    mapping: str | Path | None = None,
    scenario: str | Path | Scenario | None = None,
    seed: int | None = None,
    answers: str | Path | None = None,
    month: str | None = None,
    out: str | Path = "reports",
    force: bool = False,
    pdf: bool = False,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> ReportResult:
    """Make a report, whole or not at all.

    Parameters
    ----------
    name : str
        Which report: ``monthly`` is on one month of a decision log, others on what their notebook
        declares (``docs/reports.md``).
    log : str, Path or DecisionLog, optional
        A log, or what :func:`hitlsim.read_log` reads, with its ``mapping``.
    scenario : str, Path or Scenario, optional
        A scenario, its file, or the name of one that ships; a report on a log simulates it.
    seed : int, optional
        Of the simulation; default 7.
    answers : str or Path, optional
        The answers of a training cohort.
    month : str, optional
        As ``2026-09``; default the last full month of the log.
    out : str or Path
        The report lies in ``out/name/``, in a folder named for its month, its scenario and seed,
        or its answers.
    force : bool
        Make it even if it is there already, from the same data, parameters and code.
    pdf : bool
        Also print it, with whatever Chromium there is; without one the page stands, and
        ``no_pdf`` of the result says why.
    parameters : mapping, optional
        Further parameters of the report's notebook, such as ``exception_high``.
    progress : callable, optional
        Called with one line at each stage.

    Returns
    -------
    ReportResult

    Raises
    ------
    LogError, ScenarioError
        When the log, its mapping, the scenario, the month or a parameter cannot be used.
    ReportLocked
        When another run is making the same report.
    DiskFull
        When there is no room for it.
    ReportError
        When anything else goes wrong; the last good report stays, the failed notebook lies beside.
    """
    template = Template.of(name)
    values = template.checked(parameters or {})
    say = progress or silently
    subject = Given(log, mapping, scenario, seed, answers, month).subject(
        name, template.declared, say
    )
    return make(template, subject, values, Path(out), force=force, pdf=pdf, say=say)


def make(
    template: Template,
    subject: Subject,
    values: dict[str, Any],
    out: Path,
    *,
    force: bool = False,
    pdf: bool = False,
    say: Progress,
) -> ReportResult:
    """Make the report on a subject, unless it is there; then the index of all reports."""
    from .index import INDEX, write_index

    key = {
        "report": template.name,
        "about": subject.key,
        "parameters": values,
        "inputs": subject.inputs,
        "notebook_sha256": sha256(template.path),
        "code": {"hitlsim": version("hitlsim"), "sha256": code_sha256()},
    }
    folder = out / template.name / subject.key
    made = None if force else manifest_of(folder, key)
    if made is not None and (not pdf or PDF in made["outputs"]):
        say(f"unchanged since it was made: {folder / PAGE}")
        if not (out / INDEX).is_file():
            write_index(out)
        return result_of(folder, made, skipped=True)
    stages = Stages(folder, hashlib.sha256(as_json(key).encode()).hexdigest())
    if made is None:
        subject.check(stages, say)
    with _alone(folder), _told_of_a_full_disk(stages):
        stages.sweep()
        if made is not None:  # all but the PDF
            no_pdf = _print(stages, folder / PAGE, folder, say)
            result = result_of(folder, add_pdf(folder, made, stages), skipped=True, no_pdf=no_pdf)
        else:
            if force:
                stages.drop()
            manifest, no_pdf = _make(template, subject, values, key, stages, pdf=pdf, say=say)
            result = result_of(folder, manifest, skipped=False, no_pdf=no_pdf)
        stages.close()
        write_index(out)
    return result


def _make(
    template: Template,
    subject: Subject,
    values: dict[str, Any],
    key: dict[str, Any],
    stages: Stages,
    *,
    pdf: bool,
    say: Progress,
) -> tuple[dict[str, Any], str]:
    """Do what is left of the stages; nothing of the last report is touched before the end."""
    from .front import Front
    from .schema import check_results

    try:
        running = {"results": stages.file(RESULTS).relative_to(stages.report).as_posix()}
        running |= subject.ready(stages)
        covers = subject.covers(stages)
        given = {**subject.given(stages.report), "results": RESULTS}
        given = {k: v for k, v in given.items() if k in template.declared}

        def run(partial: Path) -> None:
            say(f"running the notebook for {subject.key}")
            results = stages.file(RESULTS)
            now = {**values, **given, **running}
            ran = execute(template.path, stages.file(FAILED), now, results, stages.report)
            check_results(template.name, results)
            write_notebook(as_it_lies(ran, {k: given[k] for k in running}), partial)

        ran = stages.take("notebook", NOTEBOOK, run)
        results = json.loads(stages.file(RESULTS).read_text(encoding="utf-8"))
        front = Front.of(template.path, subject.title, results)

        def write(partial: Path) -> None:
            say("writing the page")
            partial.write_text(front.page(ran), encoding="utf-8")

        stages.take("page", PAGE, write)
    except (LogError, ScenarioError, NotEnoughEvidence):
        _keep(stages)
        raise
    except ReportError as e:
        raise type(e)(f"{e}; {_keep(stages)}") from None
    no_pdf = _print(stages, stages.file(PAGE), stages.report, say) if pdf else ""
    told = {**front.told(), "covers": covers, "seed": results.get("record", {}).get("seed")}
    return commit(stages, (NOTEBOOK, RESULTS, PAGE, *subject.beside), {**key, **told}), no_pdf


def _print(stages: Stages, page: Path, folder: Path, say: Progress) -> str:
    """Print the page; why not, where it cannot be."""

    def write(partial: Path) -> None:
        say("printing the PDF")
        print_pdf(page, partial, folder)

    try:
        stages.take("pdf", PDF, write)
    except NoPdf as e:
        return str(e)
    return ""


def _keep(stages: Stages) -> str:
    """Put a failed notebook beside the last good report, and say where."""
    ran, failed = stages.file(FAILED), stages.report / FAILED
    if not ran.is_file():
        return "it failed before its first cell"
    ran.replace(failed)
    return f"see {failed}"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Nobody else makes this report meanwhile."""
    from filelock import FileLock, Timeout

    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise ReportLocked(
            f"{folder}: another run is making this report; wait until it is done"
        ) from None
    try:
        yield
    finally:
        lock.release()


@contextmanager
def _told_of_a_full_disk(stages: Stages) -> Iterator[None]:
    """Where there is no room, what was begun gives its own back, and one message says it."""
    try:
        yield
    except (OSError, DiskFull) as e:
        if isinstance(e, OSError) and not no_room(e):
            raise
        stages.close()
        raise DiskFull(
            f"{stages.report}: the disk is full; the last good report stands; make room and run "
            "again"
        ) from None


def silently(_: str) -> None:
    """No progress is shown."""


def code_sha256() -> str:
    """Fingerprint of hitlsim's own sources, so that changed code makes the report anew."""
    home = Path(__file__).resolve().parents[2]
    digest = hashlib.sha256(usedforsecurity=False)
    for file in sorted(home.rglob("*.py")):
        digest.update(file.relative_to(home).as_posix().encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()
