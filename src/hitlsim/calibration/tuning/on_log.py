"""Tuning on a decision log."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ...decisions.estimating.intervals import NOTHING, Estimate, clopper_pearson, ratio_of_clusters
from ...decisions.log import DecisionLog
from ...errors import LogError
from ...scenario.boundary import Bands, Boundary
from ..fitting.seen import LEAST_DAYS
from .costs import Costs, costs_of
from .goals import SILENT_RATES, Goals
from .proving.audit import audit_plan
from .proving.coverage import as_it_happened
from .proving.guarantee import Guarantee, family, guaranteed, split, with_rates
from .proving.spending import Spending
from .recommendation import Met, Recommendation
from .rerouting.bands import DEFAULT_AUTO, DEFAULT_REVIEW
from .rerouting.triggers import flows_in, texts_in, words_of
from .weighing.cases import SHORTEST_MONTH_DAYS, Bools, Cases, Figures
from .weighing.from_log import FromLog, days_of, from_log
from .weighing.frontier import along, frontier
from .weighing.grid import Shape
from .weighing.holding import Band, spread_of
from .weighing.kept import kept_signals
from .weighing.ladder import attainable, ladder
from .weighing.outlook import cost_of, outlook, per_look
from .weighing.policy import Policy
from .weighing.search import Found, Searching
from .weighing.sensitivity import sensitivity
from .weighing.settle import settled

_OF_A_DESK = ("within_24h", "within_48h", "utilisation")
_DAYS_A_MONTH = 30.44


def tune_log(
    log: DecisionLog,
    goals: Goals,
    shape: Shape,
    *,
    costs: Costs | Mapping[str, Any] | None,
    boundary: Boundary | None,
    next_month: int | None,
    spending: Spending | None,
) -> Recommendation:
    """See :func:`~hitlsim.calibration.tuning.tune.tune`."""
    refuse_desk(goals)
    read = from_log(log, costs_of(costs, tuple(flows_in(log)[1])), boundary)
    cases, today = read.cases, read.today
    month = monthly(cases) if next_month is None else next_month
    band = Band(*goals.band, month, spread_of(cases.day, today.asks(cases)))
    searching = Searching(cases, goals, band, read.keep, shape)
    fixing = _fixing(log, read, searching, goals, costs)
    found, guarantee = _found(read, searching, fixing, spending)
    if fixing.shape is not searching.shape:
        searching = Searching(cases, goals, band, read.keep, fixing.shape)
    now = today.asks(cases) if boundary is not None else _as_it_went(cases)
    each = None if spending is None else spending.each
    return _told(read, searching, fixing, found, guarantee, _fired(log), now, each)


def refuse_desk(goals: Goals) -> None:
    """Refuse targets that take a simulated desk."""
    for name in _OF_A_DESK:
        if getattr(goals, name) is not None:
            raise LogError(
                f"{name}: how long exceptions would wait under other rules takes a simulated desk; "
                f"learn one from the log first: hs.tune(hs.fit(log).scenario, {name}=...), or "
                "hitlsim fit, then hitlsim tune --scenario"
            )


def monthly(cases: Cases) -> int:
    """Decisions in a month of this log; as many a day where it is shorter than a month."""
    days = round(cases.weeks * 7)
    # four weeks are a February: a month like any other
    months = days / _DAYS_A_MONTH if days < SHORTEST_MONTH_DAYS else max(days / _DAYS_A_MONTH, 1.0)
    return max(1, int(len(cases) / months))


# --- searching, with a guarantee or without ------------------------------------------------------


def advised(
    log: DecisionLog,
    read: FromLog,
    searching: Searching,
    goals: Goals,
    costs: Costs | Mapping[str, Any] | None,
    spending: Spending | None,
) -> tuple[Found, Guarantee | None]:
    """The rules to recommend, and what is guaranteed of them where that is asked for."""
    return _found(read, searching, _fixing(log, read, searching, goals, costs), spending)


def _fixing(
    log: DecisionLog,
    read: FromLog,
    searching: Searching,
    goals: Goals,
    costs: Costs | Mapping[str, Any] | None,
) -> Searching:  # fmt: skip
    """The search that fixes the rules: for a guarantee with what earlier days alone tell."""
    if goals.silent is None:
        return searching
    early, _ = split(read.cases)
    first_days = _first_days(log, read, early)
    before = from_log(first_days, costs_of(costs, read.cases.workflows), read.boundary)
    cases = _aligned(read.cases, before.cases, early)
    return Searching(cases, goals, searching.band, read.keep, searching.shape)


def _found(
    read: FromLog, searching: Searching, fixing: Searching, spending: Spending | None
) -> tuple[Found, Guarantee | None]:
    """The rules of a search, and what days that it knows nothing of guarantee of them."""
    goals, best = fixing.goals, _settled(fixing, fixing.found(), read)
    if goals.silent is None:
        return best, None
    rate, at_most = goals.silent
    _, later = split(read.cases)
    members = family(fixing, best, goals.band[1])
    made, chosen = guaranteed(
        members, best, fixing.cases, read.cases.part(later), rate=rate, at_most=at_most,
        confidence=_confidence(goals, spending), most=searching.most,
    )  # fmt: skip
    chosen = chosen if chosen is best else fixing.judged(chosen)
    if made.holds:
        chosen = replace(
            chosen, out_of_reach={k: v for k, v in chosen.out_of_reach.items() if k != rate}
        )
    return with_rates(chosen, read.cases), made


def _confidence(goals: Goals, spending: Spending | None) -> float:
    """With which a guarantee is tested."""
    if spending is None:
        return goals.confidence
    return spending.confidence_for(
        goals.confidence if "confidence" in goals.model_fields_set else None
    )


def _first_days(log: DecisionLog, read: FromLog, early: Bools) -> DecisionLog:
    """What was decided on the days of the earlier cases."""
    day = (days_of(log.frame) - read.start).dt.days
    last = int(read.cases.day[early].max())
    return DecisionLog(log.frame[day <= last].reset_index(drop=True), log.record)


def _aligned(whole: Cases, before: Cases, early: Bools) -> Cases:
    """The earlier cases, with what was learnt from them alone, under the names of the whole log."""
    part = whole.part(early)
    number = [whole.workflows.index(f) for f in before.workflows]
    looks = whole.looks._replace(**{
        name: _placed(getattr(before.looks, name), getattr(whole.looks, name), number)
        for name in whole.looks._fields
    })  # fmt: skip
    return replace(part, p_bad=before.p_bad, looks=looks)


def _placed(
    own: NDArray[np.float64], usual: NDArray[np.float64], number: list[int]
) -> NDArray[np.float64]:
    out = usual.copy()
    out[number] = own
    return out


def _settled(searching: Searching, found: Found, read: FromLog) -> Found:
    cases = searching.cases
    if not cases.valued or searching.shape is Shape.ONE_BAND:
        return found
    rates = (min(searching.least, found.rate), max(searching.most, found.rate))
    return settled(found, cases, searching.goals, read.today, rates)


# --- telling -------------------------------------------------------------------------------------


def _told(
    read: FromLog,
    searching: Searching,
    fixing: Searching,
    found: Found,
    guarantee: Guarantee | None,
    fired: pd.Series,
    now: Bools | None,
    confidence: float | None,
) -> Recommendation:
    cases, goals, band = searching.cases, searching.goals, searching.band
    n, k, stays = len(cases), int(found.asks.sum()), searching.stays
    figures = as_it_happened(outlook(cases, found.asks), cases, found.asks)
    today = {} if now is None else outlook(cases, now)
    nearest, aim = _reachable(searching, found)
    trigger_rate = clopper_pearson(float(searching.forced), n)
    met = tuple(targets_met(goals, figures, found, searching, guarantee))
    status = status_of(trigger_rate, found, band, met, guarantee, n, short=read.short)
    supported = status in ("recommended", "infeasible", "unattainable") or band.supported(k, n)
    return Recommendation(
        status=status, goals=goals, shape=searching.shape, policy=found.policy,
        present=read.boundary, figures=figures, usual=outlook(cases, _usual(cases)), today=today,
        met=met, saving=_saving(cases, found.asks, now), band=band,
        chance_true_rate=band.chance_true(k, n), chance_next_month=band.chance_next(k, n),
        n_needed=None if supported else band.needed(aim), reachable=aim,
        attainable=attainable(searching, nearest), trigger_rate=trigger_rate,
        triggers=_only_by(fired), prices=found.prices, wanted_rate=found.wanted_rate,
        frontier=frontier(cases, forced=stays) if cases.valued else pd.DataFrame(),
        by_confidence=along(cases, -cases.score, forced=stays) if cases.valued else pd.DataFrame(),
        ladder=ladder(searching, found, fixing), guarantee=guarantee,
        per_look=per_look(cases, found.asks),
        audit=audit_plan(
            cases, found.asks, goals, band.month, confidence,
            alike=1.0 if guarantee is None else guarantee.alike,
        ),
        sensitivity=sensitivity(searching), assumptions=cases.assumptions,
        notes=(*read.notes, *_notes(cases, read, band)), currency=cases.currency,
        judged=read.judged, source=cases.source,
        kept_signals=kept_signals(cases, found.policy, read.keep),
    )  # fmt: skip


def status_of(
    trigger_rate: Estimate, found: Found, band: Band, met: tuple[Met, ...],
    guarantee: Guarantee | None, n: int, *, short: bool = False,
) -> str:  # fmt: skip
    """Whether rules can be recommended, or why not; ``short``: the log shows no week twice."""
    if trigger_rate.value > band.high:
        return "infeasible"
    others = [m for m in met if m.limit.figure not in ("exception_rate", *SILENT_RATES)]
    # what was missed on earlier days and is kept on all is not out of reach
    kept = {m.limit.figure for m in met if m.kept}
    if set(found.out_of_reach) - kept or any(m.figure.known and not m.kept for m in others):
        return "infeasible"
    if not band.low <= found.rate <= band.high:
        then = found.rate if guarantee is None else guarantee.rate
        # inside on the days it was fixed on, and outside since: that is drift or luck, not ties
        if band.low <= then <= band.high or not band.rates(n):
            return "not enough evidence"
        if found.tied:
            return "unattainable"
        return "infeasible" if len(met) > 1 else "not enough evidence"
    if guarantee is not None and not guarantee.holds:
        return "not enough evidence" if math.isnan(guarantee.least_rate) else "infeasible"
    if any(not m.figure.known for m in others):
        return "not enough evidence"
    k = float(found.asks.sum())
    sure = _anything(band) or (band.supported(k, n) and not short)
    return "recommended" if sure else "not enough evidence"


def _anything(band: Band) -> bool:
    """Whether no exception rate is asked for."""
    return (band.low, band.high) == (0.0, 1.0)


def targets_met(
    goals: Goals, figures: Figures, found: Found, searching: Searching,
    guarantee: Guarantee | None,
) -> list[Met]:  # fmt: skip
    """Every target, and what becomes of it under the rules found."""
    out = []
    for limit in goals.limits():
        name = limit.figure
        figure = figures.get(name, NOTHING)
        kept = figure.known and not limit.missed_by(figure.value)
        binds, price = searching.binding(name, found)
        could = found.out_of_reach.get(name, math.nan)
        if name == "cost_per_1000" and figure.known and not kept:
            # rules may be fixed on earlier days; what this says is said of all
            could = searching.rate_costing(limit.most or 0.0)
        if guarantee is not None and goals.silent is not None and name == goals.silent[0]:
            kept = guarantee.holds
            binds = binds or (guarantee.holds and guarantee.chosen != guarantee.wanted)
            could = guarantee.least_rate if not kept and math.isnan(could) else could
        out.append(Met(limit, figure, kept, binds, price, could, found.against.get(name, "")))
    return out


def _as_it_went(cases: Cases) -> Bools | None:
    """Which decisions people were asked about; None where the log does not say."""
    return None if cases.routed_alone is None else ~cases.routed_alone


def _saving(cases: Cases, asks: Bools, now: Bools | None) -> Estimate:
    """What 1,000 decisions would cost less than under what holds now."""
    if not cases.valued or now is None:
        return NOTHING
    less = cost_of(cases, now) - cost_of(cases, asks)
    days = len(np.bincount(cases.day))
    each = np.bincount(cases.day, minlength=days)
    return ratio_of_clusters(np.bincount(cases.day, less, days), each, clusters="days").scaled(1000)


def _usual(cases: Cases) -> Bools:
    usual = Boundary(bands=Bands(auto=DEFAULT_AUTO, review=DEFAULT_REVIEW))
    return Policy.of(usual, cases.workflows).asks(cases)


def _reachable(searching: Searching, found: Found) -> tuple[Policy, float]:
    """The rate nearest to the aim that scores allow."""
    band, n = searching.band, len(searching.cases)
    aim = band.middle if math.isnan(found.wanted_rate) else found.rate
    off = abs(found.rate - band.middle) if math.isnan(found.wanted_rate) else 0.0
    # off by less than one decision is the size of the log, more is ties
    return found.policy, found.rate if off > 1 / n else aim


def _fired(log: DecisionLog) -> pd.Series:
    """The triggers of each decision that more than one reason may have sent to a person."""
    codes, texts = texts_in(log, "reasons")
    words = np.array(["+".join(w) for w in words_of(texts)], object)
    return pd.Series(words[codes])


def _only_by(fired: pd.Series) -> dict[str, int]:
    """For each trigger, how many decisions no other trigger would have sent to a person."""
    counts = fired[fired != ""].value_counts()
    return {str(name): int(c) for name, c in counts.items() if "+" not in str(name)}


def _notes(cases: Cases, read: FromLog, band: Band) -> list[str]:
    said = []
    if read.short and not _anything(band):
        said.append(
            f"How days and weeks differ cannot be seen in so short a log, so that nothing is "
            f"promised of the next month: {LEAST_DAYS} days at least would do."
        )
    if len(cases.workflows) == 1:
        said.append(
            "There is one workflow only, so nothing can be shifted from one to another; the "
            "threshold does all."
        )
    if len(np.unique(cases.score)) == 1:
        said.append(
            f"Every score is {cases.score[0]:g}: no threshold tells decisions apart. Learn a score "
            "from other columns (hitlsim score), or use triggers."
        )
    for i, flow in enumerate(cases.workflows):
        own, auto = cases.score[cases.flow == i], read.boundary.bands_of(flow).auto
        if len(own) and not own.min() <= auto <= own.max():
            side = "below" if auto < own.min() else "above"
            said.append(
                f"{flow}: today's threshold {auto:g} lies {side} every score "
                f"({own.min():.3g} to {own.max():.3g}), so it decides nothing there."
            )
    return said
