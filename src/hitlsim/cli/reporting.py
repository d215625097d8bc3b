"""Reports, as asked for on the command line."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from ..decisions.log import DecisionLog
from ..errors import ScenarioError
from ..present.reporting.every_month import MonthDone, each_month
from ..present.reporting.failures import MONTHS_FAILED, NO_PDF
from ..present.reporting.given import Given
from ..present.reporting.index import write_index
from ..present.reporting.manifest import ReportResult
from ..present.reporting.report import make
from ..present.reporting.schema import results_schema
from ..present.reporting.template import Template
from . import show, steps


@dataclass(frozen=True)
class Asked:
    """What a user wants a report of, and how."""

    name: str
    log: Path | None = None
    mapping: Path | None = None
    scenario: str | None = None
    seed: int | None = None
    answers: Path | None = None
    month: str | None = None
    exception_rate: str | None = None
    parameters: tuple[str, ...] = ()
    out: Path = Path("reports")
    force: bool = False
    pdf: bool = False

    @property
    def given(self) -> Given:
        """The data; when a log is read, its rejects are told and listed."""
        return Given(
            self.log, self.mapping, self.scenario, self.seed, self.answers, self.month, _read
        )

    def values(self, template: Template) -> dict[str, Any]:
        """The notebook's parameters, from their texts."""
        given: dict[str, Any] = {}
        for text in self.parameters:
            name, equals, value = text.partition("=")
            if not equals:
                raise ScenarioError(f"--set {text!r} must be written like NAME=VALUE")
            line = template.declared.get(name)
            given[name] = value if line is None else line.read(value)
        if self.exception_rate is not None:
            given["exception_low"], given["exception_high"] = steps.band(self.exception_rate)
        return template.checked(given)


def report(asked: Asked) -> None:
    """Write one report; exit code 4 if only its PDF could not be made."""
    template = Template.of(asked.name)
    values = asked.values(template)
    subject = asked.given.subject(asked.name, template.declared, _say)
    result = make(template, subject, values, asked.out, force=asked.force, pdf=asked.pdf, say=_say)
    if result.skipped:
        typer.echo("Nothing has changed since this report was written; --force writes it again.")
    _tell_gaps(result)
    show.done("report", result.path_html)
    if result.path_pdf:
        show.done("PDF", result.path_pdf)
    if result.no_pdf:
        typer.echo(f"hitlsim: {result.no_pdf}", err=True)
        raise typer.Exit(NO_PDF)


def all_months(asked: Asked) -> None:
    """Write the reports of all full months; exit code 5 if one failed, 4 if only a PDF did."""
    template = Template.of(asked.name)
    values = asked.values(template)
    done = []
    for each in each_month(
        template, asked.given, values, asked.out, force=asked.force, pdf=asked.pdf, say=_say
    ):
        _tell(each)
        done.append(each)
    failed = [each.month for each in done if each.failed]
    results = [each.result for each in done if each.result]
    if results:
        show.done("index", asked.out / "index.html")
    elif not failed:
        typer.echo("No report was made: the log has no full month; name one with --month.")
    if failed:
        typer.echo(f"hitlsim: no report for {', '.join(failed)}; see above", err=True)
        raise typer.Exit(MONTHS_FAILED)
    if any(result.no_pdf for result in results):
        raise typer.Exit(NO_PDF)


def _tell(each: MonthDone) -> None:
    """One line for what became of a month."""
    if each.failed:
        typer.echo(f"{each.month}: failed: {each.failed}", err=True)
    elif each.left_out:
        remedy = "" if each.empty else f"; --month {each.month} makes it"
        typer.echo(f"{each.month}: left out: {each.left_out}{remedy}")
    elif each.result:
        _tell_made(each, each.result)


def _tell_made(each: MonthDone, result: ReportResult) -> None:
    gaps = f"; {each.gaps}" if each.gaps else ""
    typer.echo(
        f"{each.month}: {'unchanged' if result.skipped else 'made'}: {result.path_html}{gaps}"
    )
    if result.no_pdf:
        typer.echo(f"hitlsim: {result.no_pdf}", err=True)


def _tell_gaps(result: ReportResult) -> None:
    """Which days of its month the log lacks."""
    if result.gaps:
        start = "Part of a month only" if result.partly else "Days are missing"
        typer.echo(f"{start}: {result.gaps}.", err=True)


def index(asked: Asked) -> None:
    """Write the page that lists all reports."""
    if asked != Asked("index", out=asked.out):
        raise ScenarioError("the index takes nothing but --out, the folder of the reports")
    if not asked.out.is_dir():
        raise ScenarioError(f"{asked.out}: no such folder; give the one the reports are in")
    show.done("index", write_index(asked.out))


def schema(name: str) -> None:
    """Print the JSON Schema of a report's results."""
    if name != "any":
        Template.of(name)
    typer.echo(json.dumps(results_schema(name), indent=2))


def _read(log: Path, mapping: Path | None) -> DecisionLog:
    return steps.read(log, mapping, None, None)


def _say(line: str) -> None:
    typer.echo(f"  {line}")
