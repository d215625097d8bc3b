"""Small worlds in which every branch of the model is taken, and most things coincide."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from hitlsim.simulation.contract import (
    AGENDA,
    DECISION,
    NEVER,
    PERSON,
    POLICY,
    ROUNDS,
    VISIT,
    WORKFLOW,
    Kind,
    LookKind,
    Records,
    Table,
    World,
    shift_item,
)
from tests.simulation.plain_loop import DAY, MINUTE, Case

HOUR = 60 * MINUTE
DAYS = 3
WORKFLOWS = 4
YES_OR_NO = (False, True)


class Small:
    """Everything in whole ticks, around midnights, from a few values."""

    def __init__(self, seed: int, tick: int, n: int, people: int, agents: int, pools: int) -> None:
        self.rng = np.random.default_rng(seed)
        self.tick, self.n, self.n_agents, self.n_pools = tick, n, agents, pools
        self.n_people = max(people, pools)
        self.n_queues = 2 * pools
        ticks = {m * DAY + k * tick for m in range(DAYS) for k in range(-3, 8)}
        self.moments = np.array(sorted(t for t in ticks if t >= 0))

    def one_of(self, *choices: Any, shares: tuple[float, ...] | None = None) -> Any:
        return self.rng.choice(np.array(choices), p=shares)

    def records(self, dtype: np.dtype[Any], n: int, **values: Any) -> Records:
        """Each field that is named has one of a few values; the others are 0."""
        out = np.zeros(n, dtype)
        for name, choices in values.items():
            out[name] = self.rng.choice(choices, n)
        return out

    def case(self) -> Case:
        roster = self.people()
        table = Table(
            workflows=self.workflows(),
            slots=self.slots(),
            people=roster,
            queues=self.skills(roster),
            n_queues=self.n_queues,
            agenda=self.agenda(),
            ready=np.empty(0, np.int64),
            horizon_ms=DAYS * DAY,
        )
        world = self.world()
        arrival = world.decisions["arrival"]
        held = self.rng.choice([0, 0, 0, 1, 2], self.n) * self.tick
        never = self.rng.random(self.n) < 0.05
        table = table._replace(ready=np.where(never, NEVER, arrival + held))
        return Case(table, world, [self.policies() for _ in range(DAYS)])

    def world(self) -> World:
        units = [0.0, 0.15, 0.3, 0.6, 0.85, 0.99]
        decisions = self.records(
            DECISION, self.n, arrival=self.moments, workflow=range(WORKFLOWS),
            deal_size=[50, 100, 100, 150], signals=[0, 0, 0, 1, 2, 3], u_audit=units, u_look=units,
            u_peek=units, u_uptake=units, by_hand=self.tick * np.arange(1, 4),
        )  # fmt: skip
        decisions.sort(order="arrival")
        durations = self.tick * np.arange(1, 4)
        visits = self.records(
            VISIT, ROUNDS * self.n, confidence=[0.6, 0.7, 0.8, 0.9, 0.95], logit_ok=[-1, 0, 1],
            u_ok=units, draft=durations, review=durations, u_inspect=units, u_flag=units,
            u_edit=units, u_know=units,
        )  # fmt: skip
        return World(decisions, visits.reshape(ROUNDS, self.n))

    # --- the desk --------------------------------------------------------------------------------

    def slots(self) -> NDArray[np.int64]:
        return self.rng.integers(1, 3, self.n_agents)

    def workflows(self) -> Records:
        """The two queues of pool p are 2p and 2p + 1."""
        out = self.records(
            WORKFLOW, WORKFLOWS, agent=range(self.n_agents), queue=range(self.n_queues),
            gated=[False, False, True], optional=YES_OR_NO, redrafts=[0, 1, 1], priority=[1, 1, 2],
            escalate_after=self.tick * np.arange(1, 4),
            skip_after=[NEVER] * 4 + [self.tick, 4 * self.tick], execute=[0, 0, self.tick],
        )  # fmt: skip
        out["optional"] &= out["gated"]
        out["pool"] = out["queue"] // 2
        for row in out:
            others = [q for q in range(self.n_queues) if q // 2 != row["pool"]]
            row["backup_queue"] = self.one_of(NEVER, *others)
        return out

    def people(self) -> Records:
        """Everybody has habits of their own; the first of each pool sits in it for certain."""
        ticks = self.tick / MINUTE * np.array([1, 4])
        out = self.records(
            PERSON, self.n_people, pool=range(self.n_pools), d_prime=[0, 1.5, 4],
            criterion=[-1, 0, 1], edit_share=[0, 0.3, 1], speed=[0.5, 1, 1, 2], hurry=[1, 1, 2],
            dwell=[0, 0, 2 * self.tick], skip=[1, self.tick], speed_accuracy=YES_OR_NO,
            prevalence=[0, 0.55], memory=[1, 2, 80], expects=[0.05, 0.5], feedback=[0, 0.5, 1],
            follows=[1, 3], reads=[0, 2, math.inf], lapse=[0, 0.2], by_trust=[0, 4],
            by_queue=[0, 1], by_repeats=[0, 1], fatigue=[0, 0.9],
            tires_in=ticks, rests_in=ticks, success=[0, 1], failure=[0, 3], alpha=[1, 5],
            beta=[1, 5],
            peeks=[-math.inf, -1, 1], peeks_by_trust=[0, 4], uses=[-1, 1], uses_by_trust=[0, 4],
        )  # fmt: skip
        out["pool"][: self.n_pools] = range(self.n_pools)
        return out

    def skills(self, roster: Records) -> tuple[tuple[int, ...], ...]:
        """The first of each pool can do everything."""
        every = [(2 * int(pool), 2 * int(pool) + 1) for pool in roster["pool"]]
        return tuple(
            both if person < self.n_pools else tuple(self.one_of(both[:1], both[1:]))
            if self.rng.random() < 0.5 else both
            for person, both in enumerate(every)
        )  # fmt: skip

    def agenda(self) -> Records:
        items: set[tuple[int, int, int]] = {
            (int(at), int(Kind.RELEASE), int(kind))
            for kind in LookKind
            for at in self.rng.choice(self.moments, 2)
        }
        for person in range(self.n_people):
            edges = np.unique(self.rng.choice(self.moments, 4)).tolist()
            for start, end in pairwise([*edges, DAYS * DAY]):
                if self.rng.random() < 0.8:  # shifts may touch: leaves and comes at one moment
                    items.add((start, int(Kind.SHIFT), shift_item(person, comes=True)))
                    items.add((end, int(Kind.SHIFT), shift_item(person, comes=False)))
        return np.array(sorted(items), AGENDA)

    def policies(self) -> Records:
        return self.records(
            POLICY, WORKFLOWS, on=[True] * 9 + [False], manual=[False] * 7 + [True],
            phase=range(3), waits=[False, True, True],
            look=[LookKind.OBSERVE, LookKind.BATCH, LookKind.SPOT_CHECK], look_share=[0, 0.5, 1],
            look_effort=[0.5, 1], bulk_above=[0.8, math.inf], bulk_effort=[0.5, 1],
            bulk_inspect=[0, 0.5, 1], auto=[0.7, 0.8, 0.9], review=[0.6, 0.7],
            deal_limit=[100, math.inf], triggers=range(4), audit=[0, 0.5, 1], learned=[0, 0, 1],
        )  # fmt: skip


class Crowd(Small):
    """So many people that those of one pool, and perhaps of both, take several words of bits.

    Many are there at once, and so much comes at one moment, and takes so long, that nearly all of
    them are needed.
    """

    def __init__(self, seed: int, tick: int, crowd: int, others: int) -> None:
        super().__init__(seed, tick, n=600, people=crowd + others, agents=2, pools=2)
        self.crowd = crowd

    def world(self) -> World:
        world = super().world()
        world.decisions["by_hand"] *= 4
        world.visits["review"] *= 4
        return world

    def slots(self) -> NDArray[np.int64]:
        return np.full(self.n_agents, self.n)  # nobody waits for a draft

    def people(self) -> Records:
        """The pools are mixed in the roster, so that nobody's place in one is that in the other."""
        out = super().people()
        pools = np.repeat([0, 1], [self.crowd, self.n_people - self.crowd])
        out["pool"] = self.rng.permuted(pools)
        out["pool"][: self.n_pools] = range(self.n_pools)
        return out

    def skills(self, roster: Records) -> tuple[tuple[int, ...], ...]:
        """Some can do nothing at all, so that others have to be looked for in later words."""
        every = super().skills(roster)
        nothing = self.rng.random(len(every)) < 0.2
        nothing[: self.n_pools] = False
        return tuple(() if none else own for none, own in zip(nothing, every, strict=True))


CASES = st.builds(
    Small,
    seed=st.integers(0, 2**32 - 1),
    tick=st.sampled_from([MINUTE, HOUR]),
    n=st.integers(0, 60),
    people=st.integers(1, 5),
    agents=st.integers(1, 2),
    pools=st.integers(1, 2),
).map(Small.case)
CROWDS = st.builds(
    Crowd,
    seed=st.integers(0, 2**32 - 1),
    tick=st.sampled_from([MINUTE, HOUR]),
    crowd=st.integers(70, 100),
    others=st.integers(1, 40),
).map(Small.case)
