"""What is drawn for the decisions of one workflow, each quantity from a stream of its own."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...scenario.base import Lognormal
from ...scenario.hours import DAY_MS, MINUTE_MS, WEEK_MS
from ...scenario.scenario import Scenario
from ...scenario.surface import Workflow
from ...scenario.world import Email
from ..contract import DECISION, EMAIL, FIRST, LOOK, REDRAFT, ROUNDS, VISIT, Records
from ..jit import whole
from .streams import Of

Floats = NDArray[np.float64]
Times = NDArray[np.int64]

_SECOND_MS = 1000
_LONGEST_MS = 30 * DAY_MS  # the far tail of a lognormal must not outlive every horizon
_NEVER_MS = 10_000 * WEEK_MS  # beyond every horizon
_SUREST = 700.0  # log-odds beyond which exp() overflows

_LABELS = {FIRST: "first", REDRAFT: "redraft", LOOK: "look"}
_DRAFTED = (FIRST, REDRAFT)
_OF_DECISION = ("u_look", "u_peek", "u_uptake", "u_hand", "u_surface")
_OF_REVIEW = ("u_inspect", "u_flag", "u_edit", "u_know")


def purposes(scenario: Scenario) -> list[str]:
    """The names of all that is drawn for a workflow."""
    drafts = [f"{_LABELS[r]} {what}" for r in _DRAFTED for what in ("confidence", "u_ok", "draft")]
    reviews = [f"{r} {what}" for r in _LABELS.values() for what in ("review", *_OF_REVIEW)]
    signals = [f"signal {name}" for name in scenario.signals]
    email = [f"email {name}" for name in EMAIL.names or ()]
    own = ["arrival", "busy weeks", "deal_size", *_OF_DECISION, "by_hand", "surfacing"]
    return [*own, *signals, *drafts, *reviews, *email]


class Columns:
    """Records still column by column, which numpy fills faster than the fields of records.

    Parameters
    ----------
    dtype : structured dtype
        All fields have 8 bytes.
    n : int
    """

    def __init__(self, dtype: np.dtype[Any], n: int) -> None:
        self._names = dtype.names or ()
        self._dtype = dtype
        self._words = np.zeros((len(self._names), n), np.int64)

    def __getitem__(self, name: str) -> NDArray[Any]:
        column: NDArray[Any] = self._words[self._names.index(name)].view(self._dtype[name])
        return column

    def put(self, into: Records, place: NDArray[np.int64]) -> None:
        """As records, each at its place."""
        _put(into.view(np.int64).reshape(-1, len(self._words)), place, self._words)


@whole
def _put(rows: NDArray[np.int64], place: NDArray[np.int64], columns: NDArray[np.int64]) -> None:
    for i in range(len(place)):
        for k in range(len(columns)):
            rows[place[i], k] = columns[k, i]


def draw_decisions(scenario: Scenario, name: str, arrival: Times, of: Of) -> tuple[Columns, Floats]:
    """DECISION of each decision of a workflow, but for the hash of its id.

    Also what its signals add to the log-odds of the AI being right.
    """
    w, n = scenario.workflows[name], len(arrival)
    out = Columns(DECISION, n)
    out["arrival"][:] = arrival
    out["workflow"][:] = list(scenario.workflows).index(name)
    out["deal_size"][:] = np.round(_lognormal(w.deal_size, of("deal_size"), n), 2)
    signals, log_odds = np.zeros(n, np.int64), np.zeros(n)
    for bit, (signal, s) in enumerate(scenario.signals.items()):
        present = of(f"signal {signal}").random(n) < w.signal_shares.get(signal, s.share)
        signals |= present.astype(np.int64) << bit
        log_odds += present * np.log(s.odds_of_ok)
    out["signals"][:] = signals
    for u in _OF_DECISION:
        of(u).random(out=out[u])
    out["by_hand"][:] = _lognormal_ms(w.by_hand.minutes, of("by_hand"), n, MINUTE_MS, _LONGEST_MS)
    after = _lognormal_ms(w.surfacing.days, of("surfacing"), n, DAY_MS, _NEVER_MS)
    out["surface_after"][:] = after
    return out, log_odds


def draw_visits(
    scenario: Scenario, name: str, arrival: Times, log_odds: Floats, of: Of
) -> list[Columns]:
    """VISIT of each round of each decision of a workflow."""
    w, n = scenario.workflows[name], len(arrival)
    drafting = scenario.agents[w.agent].draft_seconds
    drift = _drift(scenario, name, arrival)
    rounds = [Columns(VISIT, n) for _ in range(ROUNDS)]
    for r, label in _LABELS.items():
        out = rounds[r]
        review = of(f"{label} review")
        out["review"][:] = _lognormal_ms(w.review_seconds, review, n, _SECOND_MS, _LONGEST_MS)
        for u in _OF_REVIEW:
            of(f"{label} {u}").random(out=out[u])
        if r not in _DRAFTED:
            continue
        confidence = _confidence(w, of(f"{label} confidence"), n)
        out["confidence"][:] = confidence
        logit = w.ai.intercept + w.ai.slope * np.log(confidence / (1 - confidence)) + log_odds
        logit += drift
        np.clip(logit, -_SUREST, _SUREST, out=out["logit_ok"])
        of(f"{label} u_ok").random(out=out["u_ok"])
        draft = of(f"{label} draft")
        out["draft"][:] = _lognormal_ms(drafting, draft, n, _SECOND_MS, _LONGEST_MS)
    return rounds


def draw_email(email: Email, of: Of, n: int) -> Columns:
    """EMAIL of so many decisions."""
    out = Columns(EMAIL, n)
    for name in EMAIL.names or ():
        if name != "after":
            of(f"email {name}").random(out=out[name])
    out["after"][:] = _lognormal_ms(email.reply_days, of("email after"), n, DAY_MS, _NEVER_MS)
    return out


def _drift(scenario: Scenario, name: str, arrival: Times) -> Floats:
    """What incidents add to the log-odds of being right, by time of arrival."""
    shift = np.zeros(len(arrival))
    week = arrival / WEEK_MS
    for incident in scenario.incidents.values():
        if incident.workflows and name not in incident.workflows:
            continue
        start = incident.from_week - 1
        end = math.inf if incident.weeks is None else start + incident.weeks
        grown = np.clip((week - start) / incident.ramp_weeks, 0, 1) if incident.ramp_weeks else 1.0
        shift += np.where((week >= start) & (week < end), incident.log_odds * grown, 0.0)
    return shift


def _confidence(w: Workflow, rng: np.random.Generator, n: int) -> Floats:
    """Rounded, hence tied, and never exactly 0 or 1: nobody's log-odds are infinite."""
    a = w.ai.confidence_mean * w.ai.confidence_concentration
    step = 10.0**-w.ai.confidence_decimals
    drawn = np.round(rng.beta(a, w.ai.confidence_concentration - a, n), w.ai.confidence_decimals)
    return np.asarray(np.clip(drawn, step, 1 - step))


def _lognormal(dist: Lognormal, rng: np.random.Generator, n: int) -> Floats:
    values = rng.standard_normal(n)
    values *= dist.sigma
    np.exp(values, out=values)
    values *= dist.median
    return values


def _lognormal_ms(
    dist: Lognormal, rng: np.random.Generator, n: int, unit_ms: int, longest_ms: int
) -> Times:
    ms = _lognormal(dist, rng, n)
    ms *= unit_ms
    return np.clip(ms, 1, longest_ms, out=ms).astype(np.int64)
