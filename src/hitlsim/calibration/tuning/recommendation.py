"""Where the AI should act alone, why, how sure that is, and what it would bring."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from ...decisions.estimating.intervals import NOTHING, Estimate
from ...decisions.log import DecisionLog
from ...scenario.boundary import Boundary
from ...scenario.boundary_file import BoundarySpec
from ...shown import Shown
from ..staffing import Staffing
from .goals import Goals, Limit
from .proving.audit import AuditPlan
from .proving.guarantee import Guarantee
from .proving.spending import Spending
from .weighing.cases import Assumption, Figures
from .weighing.grid import Prices, Shape
from .weighing.holding import ENOUGH, Band
from .weighing.kept import KeptSignal
from .weighing.outlook import PerLook
from .weighing.policy import Policy

if TYPE_CHECKING:
    from .telling.comparing import ExpectedDiff


@dataclass(frozen=True, slots=True)
class Met:
    """One target, and what became of it.

    Attributes
    ----------
    limit : Limit
    figure : Estimate
        What the recommended rules give.
    kept : bool
    binds : bool
        Whether the rules would be others without it.
    price : float
        What it costs, in money for each look, silent error or hour; NaN where it costs nothing.
    could_at : float
        Where it is not kept, the exception rate at which it could be; NaN where at none.
    against : str
        The target without which it could be kept; empty if there is none.
    """

    limit: Limit
    figure: Estimate
    kept: bool
    binds: bool = False
    price: float = math.nan
    could_at: float = math.nan
    against: str = ""
    at_most: float = math.nan
    """Of a scenario: what a rate of silent errors is at most, with the confidence asked for."""
    price_seen: Estimate = NOTHING
    """Of a scenario: the price as measured at the desk, with its interval; below 0 a look there
    costs more than it brings."""


@dataclass(frozen=True, kw_only=True)
class Recommendation(Shown):
    """Rules for the boundary spec, why, and how sure.

    Attributes
    ----------
    status : str
        ``recommended``, ``infeasible`` (targets contradict what can be had), ``unattainable`` (ties
        jump over the band) or ``not enough evidence``. Where it is not good, the nearest rules are
        given all the same.
    goals : Goals
    shape : Shape
        What kind of rules.
    policy : Policy
        Threshold, deal limit and signals of each workflow; exact, not to be rounded.
    present : Boundary
        The spec that holds now, as given or as the log shows it.
    figures, usual : dict of str to Estimate
        What the rules and vendors' usual 90/70 bands would have given on these decisions.
    today : dict of str to Estimate
        What the spec given as the present one would have given; without one what the log's own
        routes gave, empty where it has none.
    met : tuple of Met
        Every target, whether it is kept, whether it binds and what it costs.
    saving : Estimate
        What 1,000 decisions would cost less than today.
    band : Band
        Where the exception rate is to hold.
    chance_true_rate, chance_next_month : float
        Chance that the true rate and next month's lie inside the band.
    n_needed : int, optional
        Decisions that would do, for the true rate alone where no log could promise so small a
        month; None if there is evidence enough, or even a million would not do.
    reachable : float
        The rate nearest to the aim that scores allow; the aim unless they are tied.
    attainable : DataFrame
        Thresholds around the recommended one and the rates they give; ties allow no others.
    triggers : mapping of str to int
        Decisions that only this trigger sends to a person.
    prices : Prices
        Worth of one more look, minute or silent error where a target stops them.
    wanted_rate : float
        The exception rate at which another look would no longer pay.
    frontier, by_confidence : DataFrame
        The exact trade-off, and that of looking by confidence alone.
    ladder : DataFrame
        What simpler rules would give at the same rate: one row for each shape.
    guarantee : Guarantee, optional
        On silent errors, where a target names them.
    sensitivity : DataFrame
        Which assumption moves the answer.
    assumptions : tuple of Assumption
    """

    status: str
    goals: Goals
    shape: Shape
    policy: Policy
    present: Boundary
    figures: Figures
    usual: Figures
    today: Figures
    met: tuple[Met, ...]
    saving: Estimate
    band: Band
    chance_true_rate: float
    chance_next_month: float
    n_needed: int | None
    reachable: float
    attainable: pd.DataFrame
    trigger_rate: Estimate
    triggers: Mapping[str, int]
    prices: Prices
    wanted_rate: float
    frontier: pd.DataFrame
    by_confidence: pd.DataFrame
    ladder: pd.DataFrame
    guarantee: Guarantee | None
    sensitivity: pd.DataFrame
    assumptions: tuple[Assumption, ...]
    audit: AuditPlan | None
    per_look: PerLook
    """What looks bring, good and bad, at what the rules ask about."""
    judged: bool = False
    """Whether outcomes are what people said, who err, and not what came of it."""
    staffing: tuple[Staffing, ...] = ()
    """Of a scenario: people for each pool under these rules."""
    kept_signals: tuple[KeptSignal, ...] = ()
    """Today's signals, which stay: what looks at what only they send bring."""
    notes: tuple[str, ...] = ()
    currency: str = ""
    source: str = ""
    simulated: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Of a scenario: every policy tried along the trade-off, with its mean figures."""
    runs: int = 0
    """Of a scenario: simulated runs behind the figures."""

    # --- short cuts ------------------------------------------------------------------------------

    @property
    def target(self) -> tuple[float, float]:
        """The band of exception rates."""
        return self.band.low, self.band.high

    @property
    def next_month(self) -> int:
        """Decisions expected next month."""
        return self.band.month

    @property
    def auto(self) -> float:
        """The threshold where all workflows share one; NaN where they differ."""
        thresholds = {rule.auto for rule in self.policy.rules.values()}
        return thresholds.pop() if len(thresholds) == 1 else math.nan

    @property
    def rate(self) -> Estimate:
        """Exception rate that the rules would have given."""
        return self.figures["exception_rate"]

    @property
    def silent(self) -> Estimate:
        """Silent errors they would have left, as a share of all decisions allowed."""
        return self.figures.get("fn_share", NOTHING)

    @property
    def stays(self) -> bool:
        """Whether what holds today keeps every target already, and other rules bring nothing sure.

        The whole interval of the exception rate must lie inside the band.
        """
        e = self.today.get("exception_rate")
        if e is None or not (self.band.low <= e.low and e.high <= self.band.high):
            return False
        others = [m.limit for m in self.met if m.limit.figure != "exception_rate"]
        for limit in others:
            now = self.today.get(limit.figure)
            if now is None or not now.known or limit.missed_by(now.value):
                return False
        return not (self.saving.known and self.saving.low > 0)

    @property
    def tied(self) -> bool:
        """Whether ties keep the rate from what it was aimed at."""
        if self.goals.hours_per_week is not None:  # hours may have kept it from there
            return False
        return math.isnan(self.wanted_rate) and self.reachable != self.band.middle

    @property
    def n_needed_matters(self) -> bool:
        """Whether it is the band that lacks evidence, and not a guarantee."""
        if self.runs:
            return self.chance_next_month < ENOUGH
        return not self.band.supported(self.rate.value * self.rate.n, self.rate.n)

    @property
    def boundary(self) -> Boundary:
        """The next version of the boundary spec, with these rules: see :meth:`after`."""
        return self.after(self.present)

    def after(self, base: Boundary) -> Boundary:
        """The version after ``base``, with these rules; what they do not say stays.

        Where a guarantee is asked for the audit is made to give the labels that it takes.
        """
        spec = self.policy.boundary(base)
        plan = self.audit
        if self.goals.silent is None or plan is None or not plan.possible:
            return spec
        share = min(1.0, math.ceil(100 * max(plan.share, spec.audit.share)) / 100)
        audit = spec.audit.model_copy(update={"share": share, "workflows": ()})
        return spec.model_copy(update={"audit": audit})

    # --- the boundary spec -----------------------------------------------------------------------

    def diff(
        self, against: Boundary | BoundarySpec | None = None, *, log: DecisionLog | None = None
    ) -> ExpectedDiff:
        """What the rules would change, workflow by workflow, and what that is expected to bring.

        Parameters
        ----------
        against : Boundary or BoundarySpec, optional
            The spec to compare with; the present one if left out.
        log : DecisionLog, optional
            Decisions to count on: for each change by itself, how many a month it would send to
            people, and how many it would let go alone.

        Returns
        -------
        ExpectedDiff
            ``frame``, ``words()``; figures before and after only against the present spec.
        """
        from .telling.comparing import compared

        return compared(self, against, log)

    def write(
        self,
        path: str | Path,
        *,
        who: str = "",
        note: str = "",
        on: dt.date | None = None,
        spending: Spending | None = None,
        force: bool = False,
    ) -> Path:
        """Write the next version of the boundary spec, with an entry in its change log.

        The entry has the reasons, the targets, the figures expected with their intervals, and the
        confidence that a guarantee spent. Over a boundary spec that is there all that the rules do
        not say stays; without one the present spec is the base.

        Parameters
        ----------
        path : str or Path
            A YAML file; see :func:`~hitlsim.load_boundary`. It appears whole or not at all.
        who, note : str, optional
            Who decided, and why in their own words.
        on : date, optional
            Day of the change; today if left out.
        spending : Spending, optional
            What was given to ``tune``; left out, the plan that the file tells of goes on.
        force : bool
            Write rules that are not recommended, or begin a new period of spending early.

        Returns
        -------
        Path
            The file.

        Raises
        ------
        LogError
            When the rules are not recommended, nothing changes, or ``spending`` is none of the
            file's.
        NotEnoughEvidence
            When there is not enough evidence for them, or no confidence left.
        ScenarioError
            When the file is no boundary spec.

        Examples
        --------
        >>> import datetime, pathlib, tempfile
        >>> import hitlsim as hs
        >>> rec = hs.tune(hs.simulate(hs.load("outbound"), seed=7).log)
        >>> file = pathlib.Path(tempfile.mkdtemp()) / "boundary.yaml"
        >>> _ = rec.write(file, who="Ana", note="As agreed.", on=datetime.date(2026, 9, 30))
        >>> entry = hs.load_boundary(file).changes[-1]
        >>> entry.version, entry.why[0]
        (2, 'As agreed.')
        """
        from .telling.writing import write

        return write(
            self, path, who=who, note=note, on=on, spending=spending, force=force
        )  # fmt: skip

    # --- words -----------------------------------------------------------------------------------

    def aim(self) -> str:
        """What aiming at the targets asks for, whatever holds today."""
        from .telling.words import aim

        return aim(self)

    def why(self) -> list[str]:
        """What to do, then the reasons, in sentences."""
        from .telling.words import reasons

        return reasons(self)

    def reasons(self) -> dict[str, list[str]]:
        """The reasons by heading, without what to do."""
        from .telling.words import grouped

        return grouped(self)

    def table(self) -> pd.DataFrame:
        """One row for each workflow: threshold, deal limit, signals, as they are and as advised."""
        from .telling.plain import rules_table

        return rules_table(self)

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for ``results.json``."""
        from .telling.plain import plain

        return plain(self)
