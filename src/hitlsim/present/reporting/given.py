"""What a user gives for a report, made into what the report is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...decisions.log import DecisionLog, month_span
from ...decisions.reading.read import read_log
from ...errors import ScenarioError
from ...scenario.scenario import Scenario
from .source import Read, Source
from .subject import Answers, OneMonth, Simulated, Subject

Progress = Callable[[str], None]
"""Called with one line at each stage."""

OURS = ("log", "mapping", "month", "scenario", "seed", "answers", "results")
"""Parameters that a report sets by itself."""
_SEED = 7


@dataclass(frozen=True)
class Given:
    """Data for a report, as :func:`hitlsim.report` takes them."""

    log: str | Path | DecisionLog | None = None
    mapping: str | Path | None = None
    scenario: str | Path | Scenario | None = None
    seed: int | None = None
    answers: str | Path | None = None
    month: str | None = None
    read: Read = read_log
    """How a log is read: on the command line its rejects are told and listed."""

    @property
    def any_seed(self) -> int:
        """The seed, or the usual one."""
        return _SEED if self.seed is None else self.seed

    def source(self) -> Source:
        """The log that is reported."""
        return Source.of(self.log, self.mapping, self.scenario, self.any_seed, self.read)

    def subject(self, name: str, declared: Mapping[str, Any], say: Progress) -> Subject:
        """What a report is about, by the parameters that its notebook declares.

        Raises
        ------
        LogError, ScenarioError
            When something is missing, cannot be used, or is of no use to this report.
        """
        self.refuse_idle(name, declared)
        if "log" in declared:
            source = self.source()
            if self.month is not None:
                month_span(self.month, None)
            return OneMonth(source, self.month or _last_month(source, say))
        if "answers" in declared:
            return Answers.of(self.answers)
        return Simulated.of(self.scenario, self.any_seed)

    def refuse_idle(self, name: str, declared: Mapping[str, Any]) -> None:
        """Refuse what a report has no use for."""
        known = [key for key in OURS if key in declared and key != "results"]
        if "log" in known:  # it can be simulated
            known += [key for key in ("scenario", "seed") if key not in known]
        given = (key for key in OURS if key != "results" and getattr(self, key) is not None)
        idle = [key for key in given if key not in known]
        if idle:
            raise ScenarioError(
                f"report {name!r} has no use for {idle[0]}; it takes "
                f"{', '.join(known) or 'no data'}"
            )


def _last_month(source: Source, say: Progress) -> str:
    from ..monthly.month import last_full_month

    say(f"{source.doing} to find its last full month")
    return last_full_month(source.log)
