"""The rollout report: one scenario from its first phase to its last, in many runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from ...calibration.tuning.recommendation import Recommendation
from ...calibration.tuning.tune import tune
from ...decisions.counting.scorecard import Judgement, Scorecard, Targets
from ...decisions.estimating.intervals import Estimate
from ...errors import LogError, NotEnoughEvidence, ScenarioError
from ...scenario.boundary import Bands, Boundary
from ...scenario.files import load
from ...scenario.scenario import Scenario
from ...simulation.run import DEFAULT_ENGINE, Run, simulate
from ...simulation.runs.comparing import paired
from ...simulation.runs.planning import MOST_RUNS, USUAL_RUNS, Plan
from ...simulation.world.draws import check_seed
from ..monthly.words import Sentence
from .gathered import Gathered, Spread
from .governed import Governed, governed, moves
from .spans import Span, spans
from .words import headline, sentences, warned

TODAY, TUNED, USUAL = "today's rules", "tuned rules", "90/70 for all"
"""The policies that meet the same worlds; the first is the one told in full."""

RunsDone = Callable[[int, int | None], None]


@dataclass(frozen=True)
class RolloutReport:
    """One scenario from its first phase to its last.

    Attributes
    ----------
    run : Run
        The run told as an example; the rules were tuned on its log, and no figure comes from it.
    seeds : tuple of int
        Of the runs behind the figures.
    targets : Targets
    spans : tuple of Span
        The phases: when each began and ended, what people look at, what ends it.
    phases : DataFrame
        One row for each policy, phase and metric: the mean over runs with its interval, and the
        paired differences to today's rules and to the phase before.
    since_first : mapping of str to Estimate
        How much a metric of the last phase differs from the first's, run by run.
    weeks : DataFrame
        One row for each week and metric, under today's rules.
    seen : DataFrame
        What the team of the example run itself could say of its silent errors, week by week.
    seen_in : DataFrame
        The same of each phase, beside the truth.
    governed, moved : tuple of Governed
        What governance did, in how many of the runs, when first, and why; ``moved``: what a
        criterion moved from phase to phase.
    policies : mapping of str to Boundary
    recommendation : Recommendation or None
    untuned : str
        Why there are no tuned rules; empty where there are.
    """

    scenario: Scenario
    run: Run
    seeds: tuple[int, ...]
    targets: Targets
    spans: tuple[Span, ...]
    phases: pd.DataFrame
    since_first: Mapping[str, Estimate]
    weeks: pd.DataFrame
    seen: pd.DataFrame
    seen_in: pd.DataFrame
    governed: tuple[Governed, ...]
    moved: tuple[Governed, ...]
    policies: Mapping[str, Boundary]
    recommendation: Recommendation | None
    untuned: str
    headline: str = ""
    sentences: tuple[Sentence, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The scenario's name in words."""
        return self.scenario.name

    @property
    def last(self) -> Span:
        """The phase in which the rollout ends."""
        return self.spans[-1]

    def get(self, metric: str, phase: str, policy: str = TODAY) -> Estimate:
        """A figure of a phase."""
        return self._spread(metric, phase, policy).mean

    def against_today(self, metric: str, policy: str) -> Estimate:
        """How much a figure of the last phase differs under other rules, in the same worlds."""
        return self._spread(metric, self.last.name, policy).apart

    def since_before(self, metric: str, phase: str) -> Estimate:
        """How much a figure differs from that of the phase before, in the same runs."""
        return self._spread(metric, phase, TODAY).since

    def _spread(self, metric: str, phase: str, policy: str) -> Spread:
        f = self.phases
        mine = (f["metric"] == metric) & (f["phase"] == phase) & (f["policy"] == policy)
        return Spread.of_row(f[mine].to_dict("records"))

    def judged(self, phase: str) -> dict[str, Judgement]:
        """Figures of a phase that have a target, against it."""
        f = self.phases
        mine = f[(f["policy"] == TODAY) & (f["phase"] == phase)]
        card = Scorecard(mine.assign(period=phase, workflow="all", few=False), self.targets)
        return {j.metric.name: j for j in card.judge(period=phase)}

    @property
    def subtitle(self) -> str:
        """What was simulated, in a line."""
        rules = f"{len(self.policies)} sets of rules"
        return (
            f"{self.scenario.weeks} weeks, {len(self.seeds)} runs under each of {rules}, seeds "
            f"{min(self.seeds)} to {max(self.seeds)}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values, for ``results.json``."""
        rec = self.recommendation
        return {
            "scenario": self.scenario.name,
            "seed": self.run.seed,
            "seeds": list(self.seeds),
            "subtitle": self.subtitle,
            "headline": self.headline,
            "summary": [s._asdict() for s in self.sentences],
            "warnings": list(self.warnings),
            "phases": [s.to_dict() for s in self.spans],
            "figures": self.phases.to_dict("records"),
            "weeks": self.weeks.to_dict("records"),
            "seen_by_the_team": {
                "weeks": self.seen.to_dict("records"),
                "phases": self.seen_in.to_dict("records"),
            },
            "moved_on": [g._asdict() for g in self.moved],
            "governance": [g._asdict() for g in self.governed],
            "policies": {n: b.model_dump(mode="json") for n, b in self.policies.items()},
            "recommendation": None if rec is None else rec.to_dict(),
            "untuned": self.untuned,
            "record": dict(self.run.record),
        }


def rollout(
    scenario: Scenario | str | Path,
    *,
    seed: int = 7,
    runs: int = USUAL_RUNS,
    exception_rate: tuple[float, float] = (0.10, 0.15),
    workers: int | None = None,
    progress: RunsDone | None = None,
) -> RolloutReport:
    """Take a scenario through its phases many times, under three sets of rules.

    The run with ``seed`` is the one told as an example, and rules are tuned on its log; the figures
    come from the next ``runs`` seeds, which those rules have not seen. All rules meet the same
    worlds.

    Parameters
    ----------
    scenario : Scenario, str or Path
        Or what :func:`hitlsim.load` reads.
    seed : int
    runs : int
        At least 2; from 19 on single runs have a range.
    exception_rate : (float, float)
        The band aimed at, as shares of 1.
    workers : int, optional
        How many runs at once; one for each core if not given.
    progress : callable, optional
        Called after each run.

    Returns
    -------
    RolloutReport

    Raises
    ------
    ScenarioError
        When the scenario cannot be read, or there are too few runs.

    Examples
    --------
    >>> report = rollout("inbox", runs=2, workers=1)
    >>> [span.name for span in report.spans]
    ['shadow', 'exception-only', 'steady-state']
    """
    if not isinstance(scenario, Scenario):
        scenario = load(scenario)
    seed, targets = check_seed(seed), _targets(exception_rate)
    plan = Plan(
        n=runs, precision=None, confidence=0.95, at_least=2, at_most=MOST_RUNS, seed=seed + 1,
        engine=DEFAULT_ENGINE, workers=workers, threads=False, warm_up_weeks=0,
    )  # fmt: skip
    plan.checked(scenario, least=2)
    run = simulate(scenario, seed=seed)
    rec, untuned = _tuned(run, exception_rate)
    policies = {TODAY: scenario.boundary}
    if rec is not None:
        policies[TUNED] = rec.after(scenario.boundary)
    policies[USUAL] = Boundary(version=scenario.boundary.version, bands=Bands())
    worlds = {name: scenario.with_(boundary=spec) for name, spec in policies.items()}
    phases = [str(p) for p in scenario.phases]
    gathered = Gathered(phases)
    pairs = paired(worlds, plan, progress=progress)
    try:
        for replications in pairs:
            gathered.add(dict(zip(policies, replications, strict=True)))
    finally:
        pairs.close()
    reached = spans(scenario, run.counts)
    report = RolloutReport(
        scenario=scenario,
        run=run,
        seeds=tuple(gathered.seeds),
        targets=targets,
        spans=reached,
        phases=gathered.phases(TODAY),
        since_first=gathered.since_first(TODAY, reached[-1].name),
        weeks=gathered.weeks(),
        seen=gathered.seen(run.counts),
        seen_in=gathered.seen_in(run.counts, phases),
        governed=governed(gathered.governance, scenario),
        moved=moves(gathered.governance, scenario),
        policies=policies,
        recommendation=rec,
        untuned=untuned,
    )
    return _told(report)


def _told(report: RolloutReport) -> RolloutReport:
    return replace(
        report,
        headline=headline(report),
        sentences=tuple(sentences(report)),
        warnings=tuple(warned(report)),
    )


def _targets(band: tuple[float, float]) -> Targets:
    usual = Targets()
    low, high = band
    if not 0 <= low < high <= 1:
        raise ScenarioError(
            f"exception_rate {band!r} must be two shares of 1, the lower one first, such as "
            "(0.10, 0.15)"
        )
    return Targets(
        exception_rate=band,
        too_loose=min(usual.too_loose, low),
        still_in_the_loop=max(usual.still_in_the_loop, high),
    )


def _tuned(run: Run, band: tuple[float, float]) -> tuple[Recommendation | None, str]:
    """Rules tuned on what the team of the example run saw, or why there are none."""
    try:
        rec = tune(run.log, exception_rate=band, boundary=run.scenario.boundary)
    except (LogError, NotEnoughEvidence) as e:
        return None, str(e)
    return (rec, "") if rec.status == "recommended" else (None, rec.aim())
