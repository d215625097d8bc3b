"""Find out, before your customers do, how much of your AI-assisted selling may run alone.

The public names, nothing else. They are imported when first used, so that ``import hitlsim`` and
``hitlsim --help`` answer at once.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .shown import shown_by

if TYPE_CHECKING:
    from .calibration.break_even import BreakEven, break_even
    from .calibration.fitting.checking import PredictiveCheck
    from .calibration.fitting.fit import Fitted, fit
    from .calibration.recalibrate import Recalibrated, recalibrated
    from .calibration.reliability import ece, ece_null_band, reliability_table
    from .calibration.scoring.file import read_score
    from .calibration.scoring.score import Score, score
    from .calibration.staffing import Staffing, staffing
    from .calibration.tuning.backtesting.backtest import Backtest, backtest
    from .calibration.tuning.costs import Costs
    from .calibration.tuning.estimator import BoundaryTuner
    from .calibration.tuning.goals import Goals
    from .calibration.tuning.proving.spending import Spending
    from .calibration.tuning.recommendation import Recommendation
    from .calibration.tuning.rerouting.bands import rerouted, routed
    from .calibration.tuning.rerouting.curve import curve
    from .calibration.tuning.telling.writing import spending_of
    from .calibration.tuning.tune import tune
    from .decisions.columns import dictionary
    from .decisions.counting.scorecard import Scorecard, Targets, scorecard
    from .decisions.counting.stored import StoredLog, open_log
    from .decisions.diagnosing.diagnosis import Diagnosis, diagnose
    from .decisions.judging.hiding import partly_seen
    from .decisions.judging.silent import Silent, silent
    from .decisions.log import DecisionLog
    from .decisions.reading.drafting.draft import Draft
    from .decisions.reading.drafting.drafting import draft_mapping
    from .decisions.reading.read import read_log
    from .decisions.reading.work_log import WorkLog, read_work_log
    from .decisions.telling.trail import Story, story
    from .decisions.watching.power import Power, audit_power
    from .decisions.watching.watch import Watch, watch
    from .errors import LogError, NotEnoughEvidence, ScenarioError
    from .present.drawing.surface import SurfaceMap, surface_map
    from .present.exploring.session import Explorer, explore
    from .present.replaying.replay import replay
    from .present.reporting.every_month import report_months
    from .present.reporting.report import report
    from .present.reporting.schema import results_schema
    from .scenario.boundary import Boundary
    from .scenario.boundary_file import BoundarySpec, Change, load_boundary, write_boundary
    from .scenario.files import dump, json_schema, load
    from .scenario.scenario import Scenario
    from .simulation.run import Run, simulate
    from .simulation.runs.comparing import compare
    from .simulation.runs.comparison import Comparison
    from .simulation.runs.replicating import Replications, replicate
    from .simulation.runs.replication import Replication
    from .simulation.runs.summaries import Summary, summarise
    from .simulation.world.draws import draw
    from .training.answers import Answers, answers_of, read_answers
    from .training.cohort import simulated_cohort
    from .training.dealing.deck import Deck, draw_deck, read_deck
    from .training.debrief import Debrief, debrief
    from .training.desk.practise import OwnPractice, practise
    from .training.keeping.classroom import Classroom
    from .training.playing.session import Session
    from .training.weeks.measured import Measured
    from .training.weeks.measuring import habits_of
    from .training.weeks.twelve import Weeks, twelve_weeks

_HOME = {
    "Answers": "training.answers",
    "Backtest": "calibration.tuning.backtesting.backtest",
    "Boundary": "scenario.boundary",
    "BoundarySpec": "scenario.boundary_file",
    "BoundaryTuner": "calibration.tuning.estimator",
    "BreakEven": "calibration.break_even",
    "Change": "scenario.boundary_file",
    "Classroom": "training.keeping.classroom",
    "Comparison": "simulation.runs.comparison",
    "Costs": "calibration.tuning.costs",
    "Debrief": "training.debrief",
    "DecisionLog": "decisions.log",
    "Deck": "training.dealing.deck",
    "Diagnosis": "decisions.diagnosing.diagnosis",
    "Draft": "decisions.reading.drafting.draft",
    "Explorer": "present.exploring.session",
    "Fitted": "calibration.fitting.fit",
    "Goals": "calibration.tuning.goals",
    "LogError": "errors",
    "Measured": "training.weeks.measured",
    "NotEnoughEvidence": "errors",
    "OwnPractice": "training.desk.practise",
    "Power": "decisions.watching.power",
    "PredictiveCheck": "calibration.fitting.checking",
    "Recalibrated": "calibration.recalibrate",
    "Recommendation": "calibration.tuning.recommendation",
    "Replication": "simulation.runs.replication",
    "Replications": "simulation.runs.replicating",
    "Run": "simulation.run",
    "Scenario": "scenario.scenario",
    "ScenarioError": "errors",
    "Score": "calibration.scoring.score",
    "Scorecard": "decisions.counting.scorecard",
    "Session": "training.playing.session",
    "Silent": "decisions.judging.silent",
    "Spending": "calibration.tuning.proving.spending",
    "Staffing": "calibration.staffing",
    "StoredLog": "decisions.counting.stored",
    "Story": "decisions.telling.trail",
    "Summary": "simulation.runs.summaries",
    "SurfaceMap": "present.drawing.surface",
    "Targets": "decisions.counting.scorecard",
    "Watch": "decisions.watching.watch",
    "Weeks": "training.weeks.twelve",
    "WorkLog": "decisions.reading.work_log",
    "answers_of": "training.answers",
    "audit_power": "decisions.watching.power",
    "backtest": "calibration.tuning.backtesting.backtest",
    "break_even": "calibration.break_even",
    "compare": "simulation.runs.comparing",
    "curve": "calibration.tuning.rerouting.curve",
    "debrief": "training.debrief",
    "diagnose": "decisions.diagnosing.diagnosis",
    "dictionary": "decisions.columns",
    "draft_mapping": "decisions.reading.drafting.drafting",
    "draw": "simulation.world.draws",
    "draw_deck": "training.dealing.deck",
    "dump": "scenario.files",
    "ece": "calibration.reliability",
    "ece_null_band": "calibration.reliability",
    "explore": "present.exploring.session",
    "fit": "calibration.fitting.fit",
    "habits_of": "training.weeks.measuring",
    "json_schema": "scenario.files",
    "load": "scenario.files",
    "load_boundary": "scenario.boundary_file",
    "open_log": "decisions.counting.stored",
    "partly_seen": "decisions.judging.hiding",
    "practise": "training.desk.practise",
    "read_answers": "training.answers",
    "read_deck": "training.dealing.deck",
    "read_log": "decisions.reading.read",
    "read_score": "calibration.scoring.file",
    "read_work_log": "decisions.reading.work_log",
    "recalibrated": "calibration.recalibrate",
    "reliability_table": "calibration.reliability",
    "replay": "present.replaying.replay",
    "replicate": "simulation.runs.replicating",
    "report": "present.reporting.report",
    "report_months": "present.reporting.every_month",
    "rerouted": "calibration.tuning.rerouting.bands",
    "results_schema": "present.reporting.schema",
    "routed": "calibration.tuning.rerouting.bands",
    "score": "calibration.scoring.score",
    "scorecard": "decisions.counting.scorecard",
    "silent": "decisions.judging.silent",
    "simulate": "simulation.run",
    "simulated_cohort": "training.cohort",
    "spending_of": "calibration.tuning.telling.writing",
    "staffing": "calibration.staffing",
    "story": "decisions.telling.trail",
    "summarise": "simulation.runs.summaries",
    "surface_map": "present.drawing.surface",
    "tune": "calibration.tuning.tune",
    "twelve_weeks": "training.weeks.twelve",
    "watch": "decisions.watching.watch",
    "write_boundary": "scenario.boundary_file",
}

__all__ = [
    "Answers",
    "Backtest",
    "Boundary",
    "BoundarySpec",
    "BoundaryTuner",
    "BreakEven",
    "Change",
    "Classroom",
    "Comparison",
    "Costs",
    "Debrief",
    "DecisionLog",
    "Deck",
    "Diagnosis",
    "Draft",
    "Explorer",
    "Fitted",
    "Goals",
    "LogError",
    "Measured",
    "NotEnoughEvidence",
    "OwnPractice",
    "Power",
    "PredictiveCheck",
    "Recalibrated",
    "Recommendation",
    "Replication",
    "Replications",
    "Run",
    "Scenario",
    "ScenarioError",
    "Score",
    "Scorecard",
    "Session",
    "Silent",
    "Spending",
    "Staffing",
    "StoredLog",
    "Story",
    "Summary",
    "SurfaceMap",
    "Targets",
    "Watch",
    "Weeks",
    "WorkLog",
    "answers_of",
    "audit_power",
    "backtest",
    "break_even",
    "compare",
    "curve",
    "debrief",
    "diagnose",
    "dictionary",
    "draft_mapping",
    "draw",
    "draw_deck",
    "dump",
    "ece",
    "ece_null_band",
    "explore",
    "fit",
    "habits_of",
    "json_schema",
    "load",
    "load_boundary",
    "open_log",
    "partly_seen",
    "practise",
    "read_answers",
    "read_deck",
    "read_log",
    "read_score",
    "read_work_log",
    "recalibrated",
    "reliability_table",
    "replay",
    "replicate",
    "report",
    "report_months",
    "rerouted",
    "results_schema",
    "routed",
    "score",
    "scorecard",
    "silent",
    "simulate",
    "simulated_cohort",
    "spending_of",
    "staffing",
    "story",
    "summarise",
    "surface_map",
    "tune",
    "twelve_weeks",
    "watch",
    "write_boundary",
]


def _show(it: object) -> str:
    from .present.showing.show import show

    return show(it)


shown_by(_show)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'hitlsim' has no attribute {name!r}")
    value = getattr(import_module(f".{_HOME[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
