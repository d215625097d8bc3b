"""Find out, before your customers do, how much of your AI-assisted selling may run alone.

The public names, nothing else. They are imported when first used, so that ``import hitlsim`` and
``hitlsim --help`` answer at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .calibration.bands import rerouted, routed
    from .calibration.break_even import BreakEven, break_even
    from .calibration.curve import curve
    from .calibration.staffing import Staffing, staffing
    from .calibration.tune import Recommendation, tune
    from .decisions.columns import dictionary
    from .decisions.counting.scorecard import Scorecard, Targets, scorecard
    from .decisions.diagnosing.diagnosis import Diagnosis, diagnose
    from .decisions.log import DecisionLog
    from .decisions.reading.read import read_log
    from .decisions.telling.trail import Story, story
    from .errors import LogError, NotEnoughEvidence, ScenarioError
    from .present.replay import replay
    from .present.report import report
    from .scenario.files import dump, json_schema, load
    from .scenario.scenario import Scenario
    from .simulation.run import Run, simulate
    from .simulation.runs.comparing import compare
    from .simulation.runs.comparison import Comparison
    from .simulation.runs.replicating import Replications, replicate
    from .simulation.runs.replication import Replication
    from .simulation.runs.summaries import Summary, summarise
    from .simulation.world.draws import draw

_HOME = {
    "BreakEven": "calibration.break_even",
    "Comparison": "simulation.runs.comparison",
    "DecisionLog": "decisions.log",
    "Diagnosis": "decisions.diagnosing.diagnosis",
    "LogError": "errors",
    "NotEnoughEvidence": "errors",
    "Recommendation": "calibration.tune",
    "Replication": "simulation.runs.replication",
    "Replications": "simulation.runs.replicating",
    "Run": "simulation.run",
    "Scenario": "scenario.scenario",
    "ScenarioError": "errors",
    "Scorecard": "decisions.counting.scorecard",
    "Staffing": "calibration.staffing",
    "Story": "decisions.telling.trail",
    "Summary": "simulation.runs.summaries",
    "Targets": "decisions.counting.scorecard",
    "break_even": "calibration.break_even",
    "compare": "simulation.runs.comparing",
    "curve": "calibration.curve",
    "diagnose": "decisions.diagnosing.diagnosis",
    "dictionary": "decisions.columns",
    "draw": "simulation.world.draws",
    "dump": "scenario.files",
    "json_schema": "scenario.files",
    "load": "scenario.files",
    "read_log": "decisions.reading.read",
    "replay": "present.replay",
    "replicate": "simulation.runs.replicating",
    "report": "present.report",
    "rerouted": "calibration.bands",
    "routed": "calibration.bands",
    "scorecard": "decisions.counting.scorecard",
    "simulate": "simulation.run",
    "staffing": "calibration.staffing",
    "story": "decisions.telling.trail",
    "summarise": "simulation.runs.summaries",
    "tune": "calibration.tune",
}

__all__ = [
    "BreakEven",
    "Comparison",
    "DecisionLog",
    "Diagnosis",
    "LogError",
    "NotEnoughEvidence",
    "Recommendation",
    "Replication",
    "Replications",
    "Run",
    "Scenario",
    "ScenarioError",
    "Scorecard",
    "Staffing",
    "Story",
    "Summary",
    "Targets",
    "break_even",
    "compare",
    "curve",
    "diagnose",
    "dictionary",
    "draw",
    "dump",
    "json_schema",
    "load",
    "read_log",
    "replay",
    "replicate",
    "report",
    "rerouted",
    "routed",
    "scorecard",
    "simulate",
    "staffing",
    "story",
    "summarise",
    "tune",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'hitlsim' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
