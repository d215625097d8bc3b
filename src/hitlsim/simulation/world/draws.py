"""Scenario and seed to all randomness, as flat arrays.

Each quantity of each workflow has a stream of its own, keyed by the names, so that neither a
threshold nor another workflow changes a draw: two policies meet the same world.
"""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import ScenarioError
from ...scenario.once import once_for_each
from ...scenario.scenario import Scenario
from ..contract import DECISION, EMAIL, ROUNDS, VISIT, Records, World
from .arriving import arrivals, list_drops, weekly
from .drawing import draw_decisions, draw_email, draw_visits, purposes
from .ids import Ids, as_bytes, as_text, hash_unit, numbered
from .streams import Streams

Places = NDArray[np.int64]

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
    seed : int
    made_for : str
        Fingerprint of the parts of the scenario that they were drawn from.
    """

    def __init__(self, world: World, email: Records, ids: Ids, seed: int, made_for: str) -> None:
        self.world = world
        self.email = email
        self._ids = ids
        self.seed = seed
        self.made_for = made_for

    @cached_property
    def ids(self) -> NDArray[np.str_]:
        """Decision ids, in order of arrival."""
        return as_text(self._ids)

    @property
    def ids_as_bytes(self) -> NDArray[np.bytes_]:
        """The same in UTF-8, of which text takes four times the memory."""
        return as_bytes(self._ids)

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
    flows = scenario.workflows
    streams = Streams(seed, flows, purposes(scenario))
    arrival = {name: arrivals(scenario, w, streams.of(name)) for name, w in flows.items()}
    counts = [len(times) for times in arrival.values()]
    # what arises at the same moment stays in the order of the workflows
    order = np.argsort(np.concatenate(list(arrival.values())), kind="stable")
    n, place = len(order), np.split(_ranks(order), np.cumsum(counts)[:-1])
    decisions, email = np.empty(n, DECISION), np.zeros(n, EMAIL)
    visits = np.empty((ROUNDS, n), VISIT)
    for (name, w), at in zip(flows.items(), place, strict=True):
        of, times = streams.of(name), arrival[name]
        own, log_odds = draw_decisions(scenario, name, times, of)
        own.put(decisions, at)
        rounds = draw_visits(scenario, name, times, log_odds, of)
        for drawn, into in zip(rounds, visits, strict=True):
            drawn.put(into, at)
        if w.email is not None:
            draw_email(w.email, of, len(times)).put(email, at)
    ids = numbered(list(flows), counts).take(order)
    decisions["u_audit"] = hash_unit(ids, f"audit of {scenario.name}, seed {seed}")
    world = World(decisions, visits)
    return Draws(world, email, ids, seed, made_for(scenario))


def _ranks(order: Places) -> Places:
    """Where each stands once they are in this order."""
    ranks = np.empty_like(order)
    ranks[order] = np.arange(len(order))
    return ranks


@once_for_each
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
