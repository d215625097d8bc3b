"""The cases of a log: how likely each proposal is wrong, and what a look at it is worth."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ....decisions.columns import CONTEXT_PREFIX, LOOKS
from ....decisions.estimating import unseen
from ....decisions.log import DecisionLog
from ....errors import LogError
from ....scenario.boundary import Boundary
from ...fitting.judging import BELIEFS, Judging, judge, places_of
from ...fitting.labels import Labels, labels_of
from ...fitting.seen import LEAST_DAYS, Seen
from ...scoring.learnable import ask, groups
from ..costs import Costs
from ..proving.sample import hash_u
from ..rerouting.bands import gated
from ..rerouting.triggers import deal_sizes, flows_in, signals_in
from .cases import SHORTEST_MONTH_DAYS, Assumption, Bools, Cases, Floats, Ints, Looks
from .grid import Keep
from .policy import Policy
from .today import boundary_of

_EDGE = 1e-4
_USUAL_MINUTES = 0.9
"""Lognormal with a median of 45 seconds: the reading floor, and acting (Brysbaert 2019)."""
_FEW_REVIEWS = 20
"""Reviews of a workflow below which its time is that of all."""
_LONGEST = 10.0
"""Times the median beyond which a review was no longer one sitting."""
_DIGITS = 3
"""Scores are as good as equal in the third decimal, as far as what they mean is concerned."""
_MOSTLY = 0.5
_TOLD = 0.9
"""Of the outcomes that chance picked: where fewer are marked as looks, marks do not tell them."""
_TELLS = 0.5
"""Share of what was not known before that a log must tell, to be called measured."""


@dataclass(frozen=True)
class FromLog:
    """A log's cases, and the boundary that held when it was written."""

    cases: Cases
    boundary: Boundary
    keep: Keep
    notes: tuple[str, ...]
    judged: bool
    """Whether what is known of outcomes is mostly what people said."""
    start: pd.Timestamp
    """The first day, by the clock on the wall."""
    undated: bool = False
    """Whether it has no days of its own: all of it is said to be one month."""

    @property
    def today(self) -> Policy:
        """The rules of that boundary, with the signals that stay."""
        rules = Policy.of(self.boundary, self.cases.workflows).rules
        return Policy({f: replace(r, signals=self.keep.signals[f]) for f, r in rules.items()})

    @property
    def short(self) -> bool:
        """Whether it shows no week twice, so that nothing tells how weeks differ."""
        return not self.undated and _days(self.cases) < LEAST_DAYS


def from_log(log: DecisionLog, costs: Costs, boundary: Boundary | None = None) -> FromLog:
    """The cases of a log.

    Parameters
    ----------
    log : DecisionLog
        Real or simulated; columns that only a simulation has are not learnt from.
    costs : Costs
    boundary : Boundary, optional
        The spec that holds today; told from the log's routes if left out.

    Raises
    ------
    LogError
        When no decision of the log may go alone, or scores are missing.
    """
    free = ~gated(log)
    if not free.any():
        raise LogError("every decision of the log passes a gate; there is no threshold to set")
    own = DecisionLog(log.frame[free].reset_index(drop=True), log.record)
    frame = own.frame
    score = frame["confidence"].to_numpy(float, na_value=np.nan)
    if np.isnan(score).any():
        raise LogError(
            f"column confidence: {int(np.isnan(score).sum()):,} of {len(score):,} decisions have "
            "no score, so no threshold can be set for them; leave them out, or learn one: "
            "hitlsim score"
        )
    flow, names = flows_in(own)
    carried = signals_in(own, boundary)
    signals, present = carried.names, carried.present
    own = carried.log
    deals = deal_sizes(own)
    days = days_of(frame)
    start = days.min()
    known = unseen.sampled(frame)
    unmade, awaited = _picked(frame, known)
    learnt = _learn(own)
    p_bad = _chances(learnt, flow, score, present, names, signals)
    looks, assumed = _looks(own, flow, names, costs, learnt)
    harm = np.array([costs.of(f, "harm") for f in names])
    share = np.array([costs.of(f, "harm_deal_share") for f in names])
    middle = np.nanmedian(deals) if np.isfinite(deals).any() else 0.0
    cases = Cases(
        workflows=tuple(names), signals=signals, flow=flow, score=score, deal_size=deals,
        present=present, always=carried.always,
        day=np.asarray((days - start).dt.days, np.int64), p_bad=p_bad,
        harm=harm[flow] + share[flow] * np.where(np.isfinite(deals), deals, middle),
        known=known, bad=known & ~_ok(frame), chance=unseen.chances(frame),
        u=hash_u(frame["decision_id"].astype(str), "certificate"), looks=looks,
        truth=None if "true_ok" not in frame else ~frame["true_ok"].to_numpy(bool),
        routed_alone=np.asarray(frame["route"] == "auto") if "route" in frame else None,
        account=_accounts(own), unmade=unmade, awaited=awaited,
        assumptions=assumed, currency=str(log.record.get("currency", "")),
        source=str(log.record.get("source", "decision log")),
    )  # fmt: skip
    told, notes = boundary_of(own, cases, boundary)
    # a signal of the spec stays, even where too few decisions carry it to weigh it
    kept = {f: told.signals_of(f) for f in names}
    if boundary is None and not any(kept.values()):  # nothing tells whose triggers they were
        kept = dict.fromkeys(names, carried.fired)
    review = {f: told.bands_of(f).review for f in names}
    limits = {f: x for f in names if (x := told.deal_limit_of(f)) is not None}
    undated = bool(log.record.get("undated"))
    notes = (*carried.notes, *notes, *(() if undated else _short(cases)))
    return FromLog(
        cases, told, Keep(kept, review, limits), notes, _judged(frame, known), start, undated
    )


# --- what a log says -----------------------------------------------------------------------------


def _ok(frame: pd.DataFrame) -> NDArray[np.bool_]:
    if "ok" not in frame:
        return np.ones(len(frame), bool)
    return np.asarray(frame["ok"].astype("boolean").fillna(True), bool)


def _accounts(log: DecisionLog) -> Ints | None:
    """The account of each decision, by the column that a score would be learnt apart by."""
    columns = [name for name in log.frame if str(name).startswith(CONTEXT_PREFIX)]
    if not columns:
        return None
    brought = DecisionLog(log.frame[["decided_at", *columns]], log.record)
    asked = ask(brought)
    return None if asked.account is None else groups(brought.frame, asked)


def _picked(frame: pd.DataFrame, known: Bools) -> tuple[Bools, Bools] | tuple[None, None]:
    """Picked for a look without an outcome that counts: by whether that may depend on it.

    Whoever has not looked knows nothing of the outcome. One that takes long may be bad, and one
    that a complaint told before the look is. None where outcomes that chance picked are not marked
    as looks.
    """
    if "look" not in frame:
        return None, None
    picked = np.asarray(frame["look"].notna(), bool)
    by_chance = known & (unseen.chances(frame) < 1)
    if by_chance.any() and picked[by_chance].mean() < _TOLD:
        return None, None
    open_ = picked & ~known
    told = np.asarray(frame["ok"].notna(), bool) if "ok" in frame else np.zeros(len(frame), bool)
    if "looked_at" not in frame:
        return np.zeros(len(frame), bool), open_
    made = told | np.asarray(frame["looked_at"].notna(), bool)
    return open_ & ~made, open_ & made


def _judged(frame: pd.DataFrame, known: NDArray[np.bool_]) -> bool:
    if "ok_source" not in frame or not known.any():
        return False
    by_people = np.asarray(frame["ok_source"].isin(["review", *LOOKS]))
    return bool(by_people[known].mean() > _MOSTLY)


def days_of(frame: pd.DataFrame) -> pd.Series:
    """The day of each decision, by the clock on the wall."""
    return frame["decided_at"].dt.tz_localize(None).dt.normalize()


def _days(cases: Cases) -> int:
    return round(cases.weeks * 7)


def _short(cases: Cases) -> Iterator[str]:
    days = _days(cases)
    if days < SHORTEST_MONTH_DAYS:
        span = "one day only" if days == 1 else f"{days} days only"
        yield (
            f"The log covers {span}, and a month is taken to go on at their pace where its number "
            "of decisions is not given (next_month)."
        )


# --- what is learnt ------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Learnt:
    labels: Labels
    judged: Judging


def _learn(log: DecisionLog) -> _Learnt | None:
    """How right the AI is and how well people see; None where nobody ever judged."""
    if "ok" not in log.frame and "verdict" not in log.frame:
        return None
    rounded = log.frame.assign(confidence=log.frame["confidence"].astype(float).round(_DIGITS))
    labels = labels_of(Seen(DecisionLog(rounded, log.record), any_length=True))
    return _Learnt(labels, judge(labels)) if labels.n.sum() else None


def _chances(
    learnt: _Learnt | None,
    flow: Ints,
    score: Floats,
    present: Ints,
    names: list[str],
    signals: tuple[str, ...],
) -> Floats:
    """P(bad) of each decision, before anybody looked."""
    if learnt is None:
        return np.full(len(score), np.nan)
    at, v = places_of(learnt.labels), learnt.judged.mean
    inside = np.clip(score, _EDGE, 1 - _EDGE)
    number = {name: i for i, name in enumerate(learnt.labels.workflows)}
    usual = (BELIEFS["intercept"][0], BELIEFS["slope"][0])
    lines = np.array([
        (v[at.intercept][number[f]], v[at.slope][number[f]]) if f in number else usual
        for f in names
    ])  # fmt: skip
    right = lines[flow, 0] + lines[flow, 1] * np.log(inside / (1 - inside))
    for i, name in enumerate(signals):
        if name in learnt.labels.signal_names:
            right = right + v[at.signal][learnt.labels.signal_names.index(name)] * (
                present >> i & 1
            )
    return np.asarray(1 / (1 + np.exp(np.clip(right, -700, 700))))


def _looks(
    log: DecisionLog, flow: Ints, names: list[str], costs: Costs, learnt: _Learnt | None
) -> tuple[Looks, tuple[Assumption, ...]]:
    minutes, said = _minutes(log, flow, names, costs)
    catches, alarms, seen = _people(learnt, names)
    spoils = np.array([costs.of(f, "override_spoils") for f in names]) * alarms
    looks = Looks(minutes, minutes / 60 * costs.hour, _waiting(log, flow, names), catches, alarms,
                  spoils)  # fmt: skip
    given = costs.model_fields_set
    money = [
        Assumption(name, float(getattr(costs, name)), "given" if name in given else "not in the "
                   "log", name in given)
        for name in ("harm", "harm_deal_share", "hour", "override_spoils")
    ]  # fmt: skip
    return looks, (*money, said, *seen)


def _minutes(
    log: DecisionLog, flow: Ints, names: list[str], costs: Costs
) -> tuple[Floats, Assumption]:
    """Mean hands-on time of a review in each workflow."""
    took = np.full(len(flow), np.nan)
    if "review_minutes" in log.frame:
        took = log.frame["review_minutes"].to_numpy(float, na_value=np.nan)
    took = np.where(took > 0, took, np.nan)
    n = int(np.isfinite(took).sum())
    usual = _USUAL_MINUTES if costs.minutes is None else float(costs.minutes)
    if n >= _FEW_REVIEWS:
        took = np.minimum(took, _LONGEST * float(np.nanmedian(took)))
        usual = float(np.nanmean(took))
    out = np.full(len(names), usual)
    for i, name in enumerate(names):
        own = took[(flow == i) & np.isfinite(took)]
        given = costs.of(name, "minutes")
        if given is not None:
            out[i] = float(given)
        elif len(own) >= _FEW_REVIEWS:
            out[i] = float(own.mean())
    if costs.minutes is not None:
        return out, Assumption("minutes", usual, "given", True)
    if n >= _FEW_REVIEWS:
        return out, Assumption("minutes", usual, f"mean of {n:,} reviews of the log", True)
    return out, Assumption("minutes", usual, "not in the log", False)


def _waiting(log: DecisionLog, flow: Ints, names: list[str]) -> Floats:
    """What an exception loses by waiting, beyond what goes alone."""
    out = np.zeros(len(names))
    if not log.has("delay_cost", "route"):
        return out
    lost = log.frame["delay_cost"].to_numpy(float, na_value=0.0)
    alone = np.asarray(log.frame["route"] == "auto")
    for i in range(len(names)):
        asked, others = lost[(flow == i) & ~alone], lost[(flow == i) & alone]
        if len(asked) >= _FEW_REVIEWS and len(others):
            out[i] = max(0.0, float(asked.mean() - others.mean()))
    return out


def _people(
    learnt: _Learnt | None, names: list[str]
) -> tuple[Floats, Floats, tuple[Assumption, ...]]:
    """How often those who review each workflow override a wrong and a right proposal."""
    hit, alarm = (BELIEFS[k][0] for k in ("hit", "false_alarm"))
    usual = np.full(len(names), _share(hit)), np.full(len(names), _share(alarm))
    if learnt is None or not (learnt.labels.first >= 0).any():
        return *usual, (
            Assumption("catches", _share(hit), "nobody's verdicts are in the log", False),
            Assumption("overrides_right", _share(alarm), "nobody's verdicts are in the log", False),
        )
    labels, judged = learnt.labels, learnt.judged
    at = places_of(labels)
    catches, alarms, n = usual[0].copy(), usual[1].copy(), np.zeros(len(names))
    seen = labels.first >= 0
    for i, name in enumerate(names):
        here = (
            seen & (labels.workflow == labels.workflows.index(name))
            if (name in labels.workflows)
            else np.zeros(len(seen), bool)
        )
        by = np.bincount(labels.first_by[here], labels.n[here], len(labels.people))
        if by.sum():
            catches[i] = float(by @ _shares(judged.mean[at.hit])) / by.sum()
            alarms[i] = float(by @ _shares(judged.mean[at.false_alarm])) / by.sum()
            n[i] = by.sum()
    said = []
    weight = n if n.sum() else np.ones(len(names))
    for label, where, values in (("catches", at.hit, catches), ("overrides_right", at.false_alarm,
                                                                alarms)):  # fmt: skip
        told = 1 - np.diag(judged.cov)[where] / judged.prior_sd[where] ** 2
        measured = bool(np.median(told) >= _TELLS)
        source = f"{n.sum():,.0f} verdicts" if measured else "published evidence more than the log"
        said.append(Assumption(label, float(np.average(values, weights=weight)), source, measured))
    return catches, alarms, tuple(said)


def _share(log_odds: float) -> float:
    return float(1 / (1 + np.exp(-log_odds)))


def _shares(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))
