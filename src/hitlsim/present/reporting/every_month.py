"""The same report for every full month of a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...decisions.log import DecisionLog, month_span
from ...errors import LogError, NotEnoughEvidence, ScenarioError
from ...scenario.scenario import Scenario
from .failures import DiskFull, ReportError
from .given import Given, Progress
from .manifest import ReportResult
from .report import make, silently
from .subject import OneMonth
from .template import Template


@dataclass(frozen=True)
class MonthDone:
    """What became of one month.

    Attributes
    ----------
    month : str
        As ``2026-09``.
    result : ReportResult or None
        Where its report lies; None where none was made.
    failed : str
        Why it failed; empty where it did not.
    left_out : str
        Why none was tried; empty where one was.
    """

    month: str
    result: ReportResult | None = None
    failed: str = ""
    left_out: str = ""


def report_months(
    name: str = "monthly",
    *,
    log: str | Path | DecisionLog | None = None,
    mapping: str | Path | None = None,
    scenario: str | Path | Scenario | None = None,
    seed: int | None = None,
    out: str | Path = "reports",
    force: bool = False,
    pdf: bool = False,
    parameters: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
) -> list[MonthDone]:
    """Make a report of every full month of a log, the earliest first.

    The log is read once. A month that fails does not stop the others; one that the log covers only
    in part is left out, and reports that are there already are not made again.

    Parameters
    ----------
    name, log, mapping, scenario, seed, out, force, pdf, parameters, progress
        As for :func:`hitlsim.report`.

    Returns
    -------
    list of MonthDone
        What became of each month.

    Raises
    ------
    LogError, ScenarioError
        When the log or a parameter cannot be used at all.
    DiskFull
        When there is no room for more.
    """
    template = Template.of(name)
    values = template.checked(parameters or {})
    given = Given(log, mapping, scenario, seed)
    return [
        *each_month(
            template, given, values, Path(out), force=force, pdf=pdf, say=progress or silently
        )
    ]


def each_month(
    template: Template,
    given: Given,
    values: dict[str, Any],
    out: Path,
    *,
    force: bool = False,
    pdf: bool = False,
    say: Progress,
) -> Iterator[MonthDone]:
    """The same, month by month."""
    if "month" not in template.declared:
        raise ScenarioError(f"report {template.name!r} is not on months: it cannot do all of them")
    if given.month is not None:
        raise ScenarioError("give one month, or ask for all of them, not both")
    given.refuse_idle(template.name, template.declared)
    source = given.source()
    say(f"{source.doing} to find its months")
    for month, part in _months(source.log):
        if part:
            yield MonthDone(month, left_out=f"the log has {part} only")
            continue
        subject = OneMonth(source, month)
        try:
            done = make(template, subject, values, out, force=force, pdf=pdf, say=say)
        except DiskFull:
            raise
        except (LogError, ScenarioError, NotEnoughEvidence, ReportError) as e:
            yield MonthDone(month, failed=str(e))
        else:
            yield MonthDone(month, done)


def _months(log: DecisionLog) -> Iterator[tuple[str, str]]:
    """The log's months, and what is missing of each."""
    from ..monthly.frames import local_days, missing_weekdays

    if not len(log):
        raise LogError("the log has no decisions; give one that has some")
    days = local_days(log)
    for month in log.months():
        missing = missing_weekdays(days.min(), days.max(), *month_span(month, None))
        inside = days[days.dt.strftime("%Y-%m") == month]
        part = f"{inside.min():%Y-%m-%d} to {inside.max():%Y-%m-%d}"
        yield month, part if max(missing) > 1 else ""
