"""The same report for every full month of a log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pandas as pd

from ...decisions.log import DecisionLog
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
    empty : bool
        Whether it was left out since the log has no decision in it, so that none can be made.
    gaps : str
        Which of its working days the log lacks; empty where it lacks none.
    """

    month: str
    result: ReportResult | None = None
    failed: str = ""
    left_out: str = ""
    empty: bool = False
    gaps: str = ""


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

    The log is read once. A month that fails does not stop the others; one in which the log begins
    or ends is left out, as is one without a decision, and reports that are there already are not
    made again.

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
    for month in _months(source.log):
        if month.left_out:
            yield month
            continue
        subject = OneMonth(source, month.month)
        try:
            done = make(template, subject, values, out, force=force, pdf=pdf, say=say)
        except DiskFull:
            raise
        except (LogError, ScenarioError, NotEnoughEvidence, ReportError) as e:
            yield replace(month, failed=str(e))
        else:
            yield replace(month, result=done)


def _months(log: DecisionLog) -> Iterator[MonthDone]:
    """The log's months, those to be left out with the reason; silent ones only by their first."""
    from ..monthly.cover import Calendar

    if not len(log):
        raise LogError("the log has no decisions; give one that has some")
    calendar, months = Calendar.of(log), log.months()
    for month, after in zip_longest(months, months[1:]):
        cover = calendar.month(month)
        yield MonthDone(month, left_out=cover.told if cover.cut else "", gaps=cover.told)
        if after is not None and (silent := _between(month, after)):
            until = f" until {after}" if len(silent) > 1 else ""
            yield MonthDone(silent[0], left_out=f"the log has no decision{until}", empty=True)


def _between(month: str, after: str) -> list[str]:
    """The months between two."""
    return [str(m) for m in pd.period_range(month, after, freq="M")[1:-1]]
