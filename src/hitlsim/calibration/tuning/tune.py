"""Targets to rules: where the AI may act alone, from a decision log or a scenario."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Integral
from typing import Any, Literal

from ...decisions.log import DecisionLog
from ...errors import LogError
from ...scenario.boundary import Boundary
from ...scenario.boundary_file import BoundarySpec
from ...scenario.scenario import Scenario
from .costs import Costs
from .given import boundary_given, check_source
from .goals import Goals, goals_of
from .proving.spending import Spending
from .recommendation import Recommendation
from .weighing.grid import Shape

Progress = Callable[[str, float], None]
"""Told what is being done and how much of it is done, 0 to 1."""
SHAPES = {"one": Shape.ONE_BAND, "bands": Shape.BANDS, "triggers": Shape.TRIGGERS}
RulesOf = Literal["one", "bands", "triggers"]


def tune(
    source: DecisionLog | Scenario,
    goals: Goals | Mapping[str, Any] | None = None,
    *,
    exception_rate: tuple[float, float] | None = (0.10, 0.15),
    fn_share: float | None = None,
    fn_of_auto: float | None = None,
    fn_of_bad: float | None = None,
    confidence: float | None = None,
    override_rate: float | None = None,
    within_24h: float | None = None,
    within_48h: float | None = None,
    utilisation: float | None = None,
    hours_per_week: float | None = None,
    cost_per_1000: float | None = None,
    costs: Costs | Mapping[str, Any] | None = None,
    boundary: Boundary | BoundarySpec | None = None,
    rules: RulesOf = "triggers",
    next_month: int | None = None,
    spending: Spending | None = None,
    seed: int = 7,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Recommendation:
    """Find the rules that are best under given targets, and say how sure that is.

    From a log: how likely each proposal is wrong is learnt from the outcomes and verdicts seen, a
    look is worth the harm it prevents less what it costs, and the best rules of a readable kind are
    found exactly. From a scenario all that is known; the best rules are simulated besides, since
    waits, tiredness and trust change with what people are asked.

    Parameters
    ----------
    source : DecisionLog or Scenario
    goals : Goals or mapping, optional
        The targets in one piece; each may also be given by its name.
    exception_rate : (float, float), optional
        The band aimed at; None for none.
    fn_share, fn_of_auto, fn_of_bad : float, optional
        The one rate of silent errors that must not exceed this, with ``confidence``: P(auto and
        bad), P(bad given auto) or P(auto given bad).
    confidence : float, optional
        Of that guarantee; 0.90.
    override_rate : float, optional
        Least share of exceptions that people should have cause to change.
    within_24h, within_48h, utilisation : float, optional
        Of the desk; only from a scenario.
    hours_per_week, cost_per_1000 : float, optional
        At most.
    costs : Costs or mapping, optional
        What errors and looks cost where a log does not say; a scenario says it.
    boundary : Boundary or BoundarySpec, optional
        The spec that holds now; as the log shows it, or the scenario's.
    rules : {"triggers", "bands", "one"}
        How much people should keep in mind: thresholds with deal limits and signals for each
        workflow, thresholds only, or one threshold for all.
    next_month : int, optional
        Decisions expected next month; default the monthly mean.
    spending : Spending, optional
        Where guarantees are renewed each month: what of the confidence is left.
    seed, workers, progress
        Of the simulations.

    Returns
    -------
    Recommendation

    Raises
    ------
    LogError
        When targets contradict each other, no decision may go alone, or a target needs a scenario.

    Examples
    --------
    >>> import hitlsim as hs
    >>> rec = tune(hs.simulate(hs.load("on-the-loop"), seed=7).log)
    >>> rec.status, bool(0.10 < rec.rate.value < 0.15)
    ('recommended', True)
    """
    named = {
        "fn_share": fn_share, "fn_of_auto": fn_of_auto, "fn_of_bad": fn_of_bad,
        "confidence": confidence, "override_rate": override_rate, "within_24h": within_24h,
        "within_48h": within_48h, "utilisation": utilisation, "hours_per_week": hours_per_week,
        "cost_per_1000": cost_per_1000,
    }  # fmt: skip
    asked: dict[str, Any] = {k: v for k, v in named.items() if v is not None}
    if goals is None or exception_rate != (0.10, 0.15):
        asked["exception_rate"] = exception_rate
    wanted = goals_of(goals, **asked)
    if rules not in SHAPES:
        raise LogError(f"rules {rules!r} must be one of {', '.join(SHAPES)}")
    month = None if next_month is None else _whole(next_month)
    shape, present = SHAPES[rules], boundary_given(boundary)
    source = check_source(source)
    if isinstance(source, Scenario):
        from .on_scenario import tune_scenario

        if costs is not None:
            raise LogError(
                "costs: a scenario says itself what errors and looks cost; change them there, "
                "with scenario.with_(workflows=...)"
            )
        if spending is not None:
            raise LogError(
                "spending: a scenario is simulated anew as often as one likes, so no confidence is "
                "spent; leave it out"
            )
        return tune_scenario(
            source, wanted, shape, boundary=present, next_month=month, seed=seed,
            workers=workers, progress=progress,
        )  # fmt: skip
    from .on_log import tune_log

    return tune_log(
        source, wanted, shape, costs=costs, boundary=present, next_month=month,
        spending=spending,
    )  # fmt: skip


def _whole(next_month: object) -> int:
    """Decisions of a month: a whole number, at least 1."""
    if isinstance(next_month, bool) or not isinstance(next_month, Integral):
        raise LogError(f"next_month {next_month!r} must be a whole number of decisions")
    if int(next_month) < 1:
        raise LogError(f"next_month {next_month} must be at least 1")
    return int(next_month)
