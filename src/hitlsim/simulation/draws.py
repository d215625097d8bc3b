"""Scenario and seed to all randomness, as flat arrays.

Each quantity of each workflow has a stream of its own, keyed by the names, so that neither a
threshold nor another workflow changes a draw: two policies meet the same world.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import ScenarioError
from ..scenario.base import Lognormal
from ..scenario.hours import DAY_MS, MINUTE_MS, WEEK_MS
from ..scenario.scenario import Scenario
from ..scenario.surface import Workflow
from .arriving import arrivals, list_drops, weekly
from .contract import DECISION, EMAIL, FIRST, LOOK, REDRAFT, ROUNDS, VISIT, Records, World

_LONGEST_MS = 30 * DAY_MS  # the far tail of a lognormal must not outlive every horizon
_NEVER_MS = 10_000 * WEEK_MS  # beyond every horizon
_SUREST = 700.0  # log-odds beyond which exp() overflows
_MOST_DECISIONS = 20_000_000
_DRAWN: dict[str, Any] = {
    "agent": True, "volume_per_week": True, "growth_per_week": True, "dispersion": True,
    "list_drop": True, "hours": True, "deal_size": True, "signal_shares": True, "ai": True,
    "review_seconds": True, "by_hand": {"minutes": True}, "surfacing": {"days": True},
    "email": {"reply_days": True},
}  # fmt: skip
"""What draws depend on in a workflow."""


class Draws:
    """All randomness of one scenario and seed.

    Attributes
    ----------
    world : World
        What engines read.
    email : ndarray
        EMAIL, for each decision; zeros where no email goes out.
    ids : ndarray of str
        Decision ids, in order of arrival.
    seed : int
    made_for : str
        Fingerprint of the parts of the scenario that they were drawn from.
    """

    def __init__(
        self, world: World, email: Records, ids: NDArray[np.str_], seed: int, made_for: str
    ) -> None:
        self.world = world
        self.email = email
        self.ids = ids
        self.seed = seed
        self.made_for = made_for

    def __len__(self) -> int:
        return len(self.world.decisions)


def check_seed(seed: int) -> int:
    """A seed as a plain int.

    >>> check_seed(7)
    7
    """
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or not 0 <= seed < 2**63:
        raise ScenarioError(f"seed {seed!r} must be a whole number from 0 to 2**63 - 1")
    return int(seed)


def stream(seed: int, *names: str) -> np.random.Generator:
    """The random stream of one named quantity.

    >>> float(stream(7, "crm_update", "u_flag").random()) == float(
    ...     stream(7, "crm_update", "u_flag").random())
    True
    """
    keys = [int.from_bytes(hashlib.blake2b(n.encode(), digest_size=8).digest()) for n in names]
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, *keys])))


def hash_unit(ids: NDArray[np.str_], salt: str) -> NDArray[np.float64]:
    """A number in [0, 1) for each id that looks random but never changes.

    The audit sample is chosen by it, before routing. The hash folds the id's bytes, eight at a
    time, through the finaliser of splitmix64.

    >>> a, b = hash_unit(np.array(["crm-000001", "crm-000002"]), "audit")
    >>> bool(0 <= a < 1 and a != b)
    True
    """
    raw = np.char.encode(ids, "utf-8")
    width = -(-max(raw.dtype.itemsize, 1) // 8)
    words = raw.astype(f"S{width * 8}").view("<u8").reshape(len(ids), width)
    start = int.from_bytes(hashlib.blake2b(salt.encode(), digest_size=8).digest())
    h = np.full(len(ids), start, np.uint64)
    for i in range(width):
        # an id must hash alike whatever the width of the array it stands in
        h = np.where(words[:, i] != 0, _mix(h ^ words[:, i]), h)
    return np.asarray((h >> np.uint64(11)).astype(np.float64) * 2.0**-53)


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = z + np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(z ^ (z >> np.uint64(31)))


def draw(scenario: Scenario, seed: int) -> Draws:
    """Draw everything random in a scenario.

    Parameters
    ----------
    scenario : Scenario
    seed : int
        0 to 2**63 - 1.

    Returns
    -------
    Draws

    Examples
    --------
    >>> import hitlsim as hs
    >>> len(draw(hs.load("outbound"), seed=7)) > 9_000
    True
    """
    seed = check_seed(seed)
    _check_volume(scenario)
    parts = [
        _draw_workflow(scenario, i, name, w, seed)
        for i, (name, w) in enumerate(scenario.workflows.items())
    ]
    decisions = np.concatenate([p[0] for p in parts])
    order = np.lexsort((decisions["workflow"], decisions["arrival"]))
    visits = np.concatenate([p[1] for p in parts]).reshape(-1, ROUNDS)[order].reshape(-1)
    ids = np.concatenate([p[2] for p in parts])[order]
    decisions = decisions[order]
    decisions["u_audit"] = hash_unit(ids, f"audit of {scenario.name}, seed {seed}")
    email = np.concatenate([p[3] for p in parts])[order]
    return Draws(World(decisions, visits), email, ids, seed, made_for(scenario))


def made_for(scenario: Scenario) -> str:
    """Fingerprint of what draws depend on: not the boundary, the team, the phases or the date."""
    own = {
        "name": scenario.name,
        "weeks": scenario.weeks,
        "holidays": [str(day) for day in sorted(scenario.holidays)],
        # lists come by the calendar
        "start": str(scenario.start) if _by_calendar(scenario) else "",
        "incidents": {n: i.model_dump(mode="json") for n, i in scenario.incidents.items()},
        "hours": {n: [str(w) for w in ws] for n, ws in scenario.hours.items()},
        "signals": {n: s.model_dump(mode="json") for n, s in scenario.signals.items()},
        "drafts": {n: a.draft_seconds.model_dump(mode="json") for n, a in scenario.agents.items()},
        "workflows": {
            n: w.model_dump(mode="json", include=_DRAWN) for n, w in scenario.workflows.items()
        },
    }
    return hashlib.blake2b(json.dumps(own).encode(), digest_size=16).hexdigest()


def _by_calendar(scenario: Scenario) -> bool:
    return bool(scenario.holidays) or any(w.list_drop for w in scenario.workflows.values())


def _check_volume(scenario: Scenario) -> None:
    expected = sum(
        weekly(w, scenario.weeks).sum() + sum(n for _, n in list_drops(scenario, w))
        for w in scenario.workflows.values()
    )
    if expected > _MOST_DECISIONS:
        raise ScenarioError(
            f"{scenario.name}: about {expected:.3g} decisions in {scenario.weeks} weeks are more "
            f"than one run can hold ({_MOST_DECISIONS:,}); simulate fewer weeks or less volume"
        )


def _draw_workflow(
    scenario: Scenario, index: int, name: str, w: Workflow, seed: int
) -> tuple[Any, Any, NDArray[np.str_], Any]:
    def of(purpose: str) -> np.random.Generator:
        return stream(seed, name, purpose)

    arrival = arrivals(scenario, w, of)
    n = len(arrival)
    decisions = np.zeros(n, DECISION)
    decisions["arrival"] = arrival
    decisions["workflow"] = index
    decisions["deal_size"] = np.round(_lognormal(w.deal_size, of("deal_size"), n), 2)
    log_odds = np.zeros(n)
    for bit, (signal, s) in enumerate(scenario.signals.items()):
        share = w.signal_shares.get(signal, s.share)
        present = of(f"signal {signal}").random(n) < share
        decisions["signals"] |= present.astype(np.int64) << bit
        log_odds += present * np.log(s.odds_of_ok)
    for u in ("u_look", "u_peek", "u_uptake", "u_hand", "u_surface"):
        decisions[u] = of(u).random(n)
    decisions["by_hand"] = _lognormal_ms(w.by_hand.minutes, of("by_hand"), n, MINUTE_MS)
    decisions["surface_after"] = np.clip(
        _lognormal(w.surfacing.days, of("surfacing"), n) * DAY_MS, 1, _NEVER_MS
    ).astype(np.int64)

    visits = np.zeros((n, ROUNDS), VISIT)
    for r, label in ((FIRST, "first"), (REDRAFT, "redraft"), (LOOK, "look")):
        v = visits[:, r]
        v["review"] = _lognormal_ms(w.review_seconds, of(f"{label} review"), n)
        for u in ("u_inspect", "u_flag", "u_edit", "u_know"):
            v[u] = of(f"{label} {u}").random(n)
        if r == LOOK:
            continue
        confidence = _confidence(w, of(f"{label} confidence"), n)
        v["confidence"] = confidence
        logit = w.ai.intercept + w.ai.slope * np.log(confidence / (1 - confidence)) + log_odds
        logit += _drift(scenario, name, arrival)
        v["logit_ok"] = np.clip(logit, -_SUREST, _SUREST)
        v["u_ok"] = of(f"{label} u_ok").random(n)
        v["draft"] = _lognormal_ms(scenario.agents[w.agent].draft_seconds, of(f"{label} draft"), n)
    ids = np.array([f"{name}-{i:06d}" for i in range(1, n + 1)], dtype=np.str_)
    return decisions, visits.reshape(-1), ids, _email(w, of, n)


def _email(w: Workflow, of: Callable[[str], np.random.Generator], n: int) -> Records:
    out = np.zeros(n, EMAIL)
    if w.email is None:
        return out
    for name in EMAIL.names or ():
        if name != "after":
            out[name] = of(f"email {name}").random(n)
    out["after"] = np.clip(
        _lognormal(w.email.reply_days, of("email after"), n) * DAY_MS, 1, _NEVER_MS
    ).astype(np.int64)
    return out


def _drift(scenario: Scenario, name: str, arrival: NDArray[np.int64]) -> NDArray[np.float64]:
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


def _confidence(w: Workflow, rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    """Rounded, hence tied, and never exactly 0 or 1: nobody's log-odds are infinite."""
    a = w.ai.confidence_mean * w.ai.confidence_concentration
    step = 10.0**-w.ai.confidence_decimals
    drawn = np.round(rng.beta(a, w.ai.confidence_concentration - a, n), w.ai.confidence_decimals)
    return np.asarray(np.clip(drawn, step, 1 - step))


def _lognormal(dist: Lognormal, rng: np.random.Generator, n: int) -> NDArray[np.float64]:
    return np.asarray(dist.median * np.exp(dist.sigma * rng.standard_normal(n)))


def _lognormal_ms(
    dist: Lognormal, rng: np.random.Generator, n: int, unit_ms: int = 1000
) -> NDArray[np.int64]:
    ms = _lognormal(dist, rng, n) * unit_ms
    return np.asarray(np.clip(ms, 1, _LONGEST_MS).astype(np.int64))
