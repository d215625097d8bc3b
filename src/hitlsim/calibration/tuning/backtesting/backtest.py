"""Whether the advice would have worked: made at the end of each month, judged on the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

import numpy as np
import pandas as pd

from ....decisions.log import DecisionLog
from ....errors import LogError
from ....scenario.boundary import Boundary
from ....scenario.boundary_file import BoundarySpec
from ....shown import Shown
from ..costs import Costs, costs_of
from ..given import boundary_given, check_log
from ..goals import Goals, goals_of
from ..on_log import refuse_desk
from ..proving.spending import Spending
from ..rerouting.triggers import flows_in
from ..tune import SHAPES, RulesOf
from ..weighing.cases import Assumption
from ..weighing.from_log import from_log
from ..weighing.policy import Policy
from .judged import Asked
from .known_then import By, Calendar, what_is_dated, what_is_in_part
from .run import Run, chances


@dataclass(frozen=True, kw_only=True)
class Backtest(Shown):
    """Advice of each month, judged on the next.

    Attributes
    ----------
    frame : DataFrame
        One row for each month and policy: ``month`` (the one judged), ``policy``, ``n``,
        ``exception_rate`` with ``low`` and ``high``, ``inside`` (the band), ``status`` (what
        :func:`~hitlsim.tune` would have said of its rules; empty where there was no new advice),
        ``chance_stated`` (that it would be inside in a month of as many decisions as expected),
        ``chance_for_n`` (the same for as many as came), the three rates of silent errors and
        ``cost_per_1000`` with their intervals, ``guarantee`` (whether one was given),
        ``guarantee_held``, ``thresholds``, ``changed`` (in how many workflows the rule is new),
        ``moved`` (share of decisions routed otherwise than under the advice before),
        ``learnt_from`` (decisions) and ``note``: why a month cannot be judged.
    totals : DataFrame
        All months that can be judged together, one row for each policy: ``months``, ``inside``,
        and the same figures; ``saves`` is what 1,000 decisions would have cost less under the
        advice, ``saves_followed`` under what was recommended alone.
    chances : DataFrame
        Stated chances of being inside against what came: ``stated`` (a range), ``months``,
        ``mean_stated``, ``mean_for_n`` and ``held``.
    rules : mapping of str to Policy
        The rules in force in each month under the advice; exact, not to be rounded.
    followed : str
        The policy of a team that puts in force only what is recommended: the last such rules stay,
        and what held before until the first. It is the advice itself where all was recommended.
    nothing : str
        The policy that stands for doing nothing.
    """

    frame: pd.DataFrame
    totals: pd.DataFrame
    chances: pd.DataFrame
    rules: Mapping[str, Policy]
    goals: Goals
    by: By
    learn: Literal["all"] | int
    followed: str
    nothing: str
    first: str
    dated: str
    """What counts as known by the end of a month."""
    in_part: str
    """Which months the log has in part only; empty if none."""
    complete: bool
    """Whether every outcome is known, so that hindsight is exact."""
    assumptions: tuple[Assumption, ...]
    notes: tuple[str, ...] = ()
    """What has to be said of the log."""
    spending: Spending | None = None
    currency: str = ""
    source: str = "decision log"

    @property
    def policies(self) -> list[str]:
        """The policies compared, in order."""
        return list(self.totals["policy"])

    @property
    def judged(self) -> pd.DataFrame:
        """The rows of months that can be judged."""
        return self.frame[self.frame["note"] == ""]

    def of(self, policy: str) -> pd.DataFrame:
        """The months of one policy that can be judged, in order."""
        rows = self.judged
        return rows[rows["policy"] == policy].reset_index(drop=True)

    def total(self, policy: str) -> pd.Series:
        """All months together under one policy."""
        return self.totals.set_index("policy").loc[policy]

    def words(self) -> list[str]:
        """The verdict, then what it rests on, in sentences."""
        from .words import sentences

        return list(sentences(self))

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for ``results.json``."""
        from .plain import plain

        return plain(self)


def backtest(
    log: DecisionLog,
    goals: Goals | Mapping[str, Any] | None = None,
    *,
    by: By = "month",
    learn: Literal["all"] | int = "all",
    rules: RulesOf = "triggers",
    costs: Costs | Mapping[str, Any] | None = None,
    boundary: Boundary | BoundarySpec | None = None,
    together: bool = False,
    exception_rate: tuple[float, float] | None = (0.10, 0.15),
    fn_share: float | None = None,
    fn_of_auto: float | None = None,
    fn_of_bad: float | None = None,
    confidence: float | None = None,
    override_rate: float | None = None,
    hours_per_week: float | None = None,
    cost_per_1000: float | None = None,
) -> Backtest:
    """Make the advice of :func:`~hitlsim.tune` at the end of each month, judge it on the next.

    Advice is made from what was known by then. Where it is a best guess that ``tune`` would not
    have recommended, what a team that follows the tool would have kept is judged beside it. Both
    are compared with doing nothing, with the usual
    90/70 bands, and with the best rules in hindsight: tuned on the very month they are judged on,
    which nobody can have. Judged is with all that is known today. The decisions are those of the
    log: what people did is put on other routes as they were seen to do it.

    Parameters
    ----------
    log : DecisionLog
        Two months at least (two weeks with ``by="week"``).
    goals : Goals or mapping, optional
        The targets in one piece; each may also be given by its name.
    by : {"month", "week"}
        How often advice is made.
    learn : "all" or int
        From how many of the last months (weeks) advice is learnt. All of them is steadier, a few
        forget sooner what no longer holds.
    rules : {"triggers", "bands", "one"}
        How much people should keep in mind: thresholds with deal limits and signals for each
        workflow, thresholds only, or one threshold for all.
    costs : Costs or mapping, optional
        What errors and looks cost where a log does not say.
    boundary : Boundary or BoundarySpec, optional
        The spec that holds now, in place of the log's own routes: this is then doing nothing.
    together : bool
        Whether the guarantees of all months must hold together with ``confidence``, and not each
        by itself; :class:`~hitlsim.calibration.tuning.proving.spending.Spending` shares it out.
    exception_rate : (float, float), optional
        The band aimed at; None for none.
    fn_share, fn_of_auto, fn_of_bad : float, optional
        The one rate of silent errors that must not exceed this, with ``confidence``: P(auto and
        bad), P(bad given auto) or P(auto given bad).
    confidence : float, optional
        Of that guarantee; 0.90.
    override_rate : float, optional
        Least share of exceptions that people should have cause to change.
    hours_per_week, cost_per_1000 : float, optional
        At most.

    Returns
    -------
    Backtest

    Raises
    ------
    LogError
        When the log is none or has one month only, targets contradict each other, or a target
        needs a simulated desk.

    Examples
    --------
    >>> import hitlsim as hs
    >>> log = hs.simulate(hs.load("operator"), seed=7).log
    >>> found = backtest(log, by="month")
    >>> found.policies
    ['advice', 'as followed', 'doing nothing', 'usual 90/70', 'in hindsight']
    >>> bool((found.of("in hindsight")["inside"]).all())
    True
    """
    named = {
        "fn_share": fn_share, "fn_of_auto": fn_of_auto, "fn_of_bad": fn_of_bad,
        "confidence": confidence, "override_rate": override_rate,
        "hours_per_week": hours_per_week, "cost_per_1000": cost_per_1000,
    }  # fmt: skip
    log = _spelt(check_log(log, "backtest"))
    present = boundary_given(boundary)
    targets: dict[str, Any] = {k: v for k, v in named.items() if v is not None}
    if goals is None or exception_rate != (0.10, 0.15):
        targets["exception_rate"] = exception_rate
    wanted = goals_of(goals, **targets)
    refuse_desk(wanted)
    _check(rules, learn, by, together, wanted)
    calendar = Calendar.of_log(log, by)
    flows = tuple(flows_in(log)[1])
    money = costs_of(costs, flows)
    whole = from_log(log, money, present)
    asked = Asked(wanted, SHAPES[rules], money, present, whole.cases.workflows, by)
    window: Literal["all"] | int = "all" if isinstance(learn, str) else int(learn)
    run = Run(log, calendar, whole, asked, window, together)
    frame = run.frame()
    return Backtest(
        frame=frame, totals=run.totals(frame), chances=chances(frame),
        rules=run.rules, goals=wanted, by=by,
        learn=window, followed=run.followed, nothing=run.nothing, first=calendar.labels()[0],
        dated=what_is_dated(log), in_part=what_is_in_part(calendar), complete=run.cases.exact,
        assumptions=whole.cases.assumptions, notes=run.notes(), spending=run.spending,
        currency=whole.cases.currency, source=str(log.record.get("source", "decision log")),
    )  # fmt: skip


def _spelt(log: DecisionLog) -> DecisionLog:
    """With workflows as rules call them: a month alone might spell two alike names otherwise."""
    if "workflow" not in log.frame:
        return log
    codes, names = flows_in(log)
    spelt = pd.Series(np.array(names, object)[codes], log.frame.index)
    if (spelt == log.frame["workflow"]).all():
        return log
    return DecisionLog(log.frame.assign(workflow=spelt.astype("category")), log.record)


def _check(rules: str, learn: Literal["all"] | int, by: str, together: bool, goals: Goals) -> None:
    if rules not in SHAPES:
        raise LogError(f"rules {rules!r} must be one of {', '.join(SHAPES)}")
    whole = isinstance(learn, Integral) and not isinstance(learn, bool) and learn >= 1
    if learn != "all" and not whole:
        raise LogError(f"learn {learn!r} must be 'all', or a number of {by}s from 1 on")
    if together and goals.silent is None:
        raise LogError(
            "together: no rate of silent errors is asked for, so nothing is guaranteed; "
            "give fn_share, fn_of_auto or fn_of_bad"
        )
