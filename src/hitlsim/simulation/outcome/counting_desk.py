"""What the people of a run did and left, counted without its log.

The second way to count what :func:`hitlsim.decisions.counting.tally.work` and
:class:`~hitlsim.decisions.counting.counts.Counts` count in a log.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ...decisions.columns import DOMAINS
from ...scenario.hours import DAY_MS, MINUTE_MS
from ..contract import NEVER, REDRAFT, Route
from .aftermath import Floats, Times
from .taken import Into, Names, Taken


def work(t: Taken) -> pd.DataFrame:
    """As :func:`~hitlsim.decisions.counting.tally.work`."""
    parts = [_reviews(t), _looks(t)]
    some, day, minutes_ms, domain = (np.concatenate(of) for of in zip(*parts, strict=True))
    pools, domains = Names(list(t.scenario.pools)), Names(DOMAINS)
    key = t.key(day, some) * len(pools) + pools.place[t.pool()[some]]
    keys, group = np.unique(key * len(domains) + domains.place[domain], return_inverse=True)
    into = Into(group, len(keys))
    rest, domain = np.divmod(keys, len(domains))
    rest, pool = np.divmod(rest, len(pools))
    return pd.DataFrame(
        {
            **t.named(rest),
            "pool": pools.at(pool),
            "domain": domains.at(domain),
            "minutes": into(minutes_ms) / MINUTE_MS,
            "items": into().astype(np.int64),
        }
    )


def _reviews(t: Taken) -> tuple[Times, Times, Times, Times]:
    """Which decisions were reviewed, on which day, for how long, and the domain of each."""
    done = np.flatnonzero(t.asked["ended"] != NEVER)
    some, visits = t.waited[done], t.asked.take(done)
    took = np.zeros(len(t), np.int64)
    took[some] = visits["ended"] - visits["started"]
    again = t.visits(t.redrafted, REDRAFT)
    took[t.redrafted] += np.where(again["ended"] != NEVER, again["ended"] - again["started"], 0)
    route = visits["route"]
    domain = np.select(
        [visits["by_hand"] == 1, route == Route.GATE, route == Route.PEEK],
        [DOMAINS.index(name) for name in ("by hand", "gates", "peeks")],
        DOMAINS.index("exceptions"),
    )
    return some, t.clock.days(visits["started"]), took[some], domain


def _looks(t: Taken) -> tuple[Times, Times, Times, Times]:
    """The same of the looks; their day is that on which they ended."""
    done = np.flatnonzero(t.looks["ended"] != NEVER)
    visits = t.looks.take(done)
    domain = np.full(len(done), DOMAINS.index("looks"))
    days, took = t.clock.days(visits["ended"]), visits["ended"] - visits["started"]
    return t.picked[done], days, took, domain


def oldest(t: Taken) -> Floats:
    """For each day the age in minutes at its end of what had waited longest."""
    first, n = int(t.day.min()), int(np.ptp(t.day)) + 1
    if not len(t.waited):
        return np.full(n, np.nan)
    queued, started = t.asked["queued"], t.asked["started"]
    # it waits at the ends of the days from the one to before the other
    since = t.clock.days(queued) - first
    until = np.where(started == NEVER, n, np.minimum(t.clock.days(started) - first, n))
    over_night = np.flatnonzero(until > since)
    by_age = over_night[np.argsort(queued[over_night], kind="stable")]
    since, until = since[by_age], until[by_age]
    # each is the oldest on the days that those before it leave
    since = np.maximum(since, np.maximum.accumulate(np.concatenate([[0], until]))[:-1])
    oldest = np.full(n, NEVER)
    for i in np.flatnonzero(until > since):
        oldest[since[i] : until[i]] = queued[by_age[i]]
    ends = t.clock.since_epoch((first + 1 + np.arange(n)) * DAY_MS)
    age_ms = np.where(oldest == NEVER, 0, ends - t.clock.since_epoch(oldest))
    return np.asarray(age_ms / 1000 / 60)
