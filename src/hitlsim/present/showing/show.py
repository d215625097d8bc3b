"""Who shows what: by the name of its class, so that nothing is imported before it is needed."""

from __future__ import annotations

from importlib import import_module

_HOME = {
    "calibration.recalibrate.Recalibrated": "advised.words_only",
    "calibration.scoring.score.Score": "advised.score",
    "calibration.staffing.Staffing": "advised.staffing",
    "calibration.tuning.backtesting.backtest.Backtest": "advised.backtest",
    "calibration.tuning.proving.certificate.Certificate": "advised.words_only",
    "calibration.tuning.proving.spending.Spending": "advised.words_only",
    "calibration.tuning.recommendation.Recommendation": "advised.recommendation",
    "calibration.tuning.telling.comparing.ExpectedDiff": "decided.expected",
    "decisions.counting.scorecard.Scorecard": "happened.scorecard",
    "decisions.diagnosing.diagnosis.Diagnosis": "found.diagnosis",
    "decisions.judging.silent.Silent": "found.silent",
    "decisions.log.DecisionLog": "happened.log",
    "decisions.telling.trail.Story": "happened.story",
    "decisions.watching.watch.Watch": "found.watch",
    "scenario.boundary_diff.BoundaryDiff": "decided.difference",
    "scenario.scenario.Scenario": "decided.scenario",
    "simulation.run.Run": "happened.run",
    "simulation.runs.comparison.Comparison": "happened.comparison",
    "simulation.runs.summaries.Summary": "happened.summary",
}
"""Class to the function of this room that shows it."""


def show(it: object) -> str:
    """An object as HTML: one look, light or dark as the notebook around it, all text escaped.

    Examples
    --------
    >>> import hitlsim as hs
    >>> "The reference rollout" in show(hs.load("on-the-loop"))
    True
    """
    for kind in type(it).__mro__:
        name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("hitlsim.")
        if name in _HOME:
            module, _, function = _HOME[name].partition(".")
            shown: str = getattr(import_module(f".{module}", __package__), function)(it)
            return shown
    raise TypeError(f"nothing here shows a {type(it).__name__}")
