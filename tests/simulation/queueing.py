"""Queues whose answers are known, and intervals from replications of them.

Control variates narrow the intervals: quantities of the same inputs whose mean is known (the inputs
themselves; how often all would be busy, were there people without end; the wait, were the queue
first come, first served). They cost nothing and save most of the customers.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from hitlsim.simulation.contract import FIRST, MINUTE_MS, ROUNDS, Records
from hitlsim.simulation.queueing.formulas import erlang_c, mean_wait
from hitlsim.simulation.queueing.priorities import priority_waits, priority_waits_of_many

LEVEL = 0.9999
REPLICATIONS = 30

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Columns = Sequence[NDArray[np.generic]]
"""Quantities of each customer, whose means are looked at."""
Desk = Callable[..., Records]
Replication = Callable[[np.random.Generator], tuple[Columns, Columns]]
"""What is asked for, and control variates, which have mean 0."""


class System(NamedTuple):
    """Poisson arrivals of some classes, the most urgent first, at people who are all alike."""

    rates: tuple[float, ...]  # customers a minute
    services: tuple[float, ...]  # mean minutes
    cv2s: tuple[float, ...]
    servers: int = 1

    @property
    def rate(self) -> float:
        return sum(self.rates)

    @property
    def shares(self) -> list[float]:
        return [rate / self.rate for rate in self.rates]

    @property
    def service(self) -> float:
        return sum(share * mean for share, mean in zip(self.shares, self.services, strict=True))

    @property
    def squared_service(self) -> float:
        """The second moment."""
        parts = zip(self.shares, self.services, self.cv2s, strict=True)
        return sum(share * mean**2 * (1 + cv2) for share, mean, cv2 in parts)

    @property
    def load(self) -> float:
        return self.rate * self.service

    @property
    def cv2(self) -> float:
        return self.squared_service / self.service**2 - 1

    @property
    def fifo_wait(self) -> float:
        """Mean wait, were there no classes."""
        return mean_wait(self.servers, self.rate, 1 / self.service, cv2=self.cv2)

    @property
    def warm_up(self) -> int:
        """So many customers that the empty start is forgotten: three relaxation times.

        One is ``1 / (mu (sqrt(c) - sqrt(load))**2)`` at M/M/c; longer as services vary more.
        """
        spread = (1 + self.cv2) / 2
        minutes = self.service * spread / (math.sqrt(self.servers) - math.sqrt(self.load)) ** 2
        return max(100, math.ceil(3 * self.rate * minutes))


def m_m_c(servers: int, service_rate: float, *rates: float) -> System:
    """Exponential services, the same for all classes."""
    n = len(rates)
    return System(rates, (1 / service_rate,) * n, (1.0,) * n, servers)


class Customers(NamedTuple):
    """Those of one replication; minutes, except for what goes into a desk."""

    kind: Ints
    gaps: Floats
    services: Floats
    arrivals_ms: Ints
    services_ms: Ints


def as_ms(minutes: Floats) -> Ints:
    return np.maximum(1, minutes * MINUTE_MS).astype(np.int64)


def service_times(rng: np.random.Generator, cv2: float, n: int) -> Floats:
    """Mean 1: fixed, exponential, gamma, or (above 1) hyperexponential with balanced means."""
    if cv2 == 0:
        return np.ones(n)
    if cv2 == 1:
        return rng.exponential(1, n)
    if cv2 < 1:
        return rng.gamma(1 / cv2, cv2, n)
    p = 0.5 * (1 + math.sqrt((cv2 - 1) / (cv2 + 1)))
    return rng.exponential(np.where(rng.random(n) < p, 0.5 / p, 0.5 / (1 - p)))


def draw(system: System, rng: np.random.Generator, n: int) -> Customers:
    gaps = rng.exponential(1 / system.rate, n)
    kind = rng.choice(len(system.rates), n, p=system.shares)
    services = np.zeros(n)
    for i, (mean, cv2) in enumerate(zip(system.services, system.cv2s, strict=True)):
        mine = kind == i
        services[mine] = mean * service_times(rng, cv2, int(mine.sum()))
    return Customers(kind, gaps, services, as_ms(np.cumsum(gaps)), as_ms(services))


def fifo_waits(queued: Ints, services: Ints, servers: int) -> Ints:
    """First come, first served, exactly (Lindley 1952; Kiefer and Wolfowitz 1955)."""
    if servers == 1:
        work = np.cumsum(services)
        # the last time the one server was free began with somebody who did not wait
        slack = queued - (work - services)
        return np.maximum.accumulate(slack) - slack
    free, out = [0] * servers, []
    for at, service in zip(queued.tolist(), services.tolist(), strict=True):
        start = at if at > free[0] else free[0]  # twice as quick as max
        heapq.heapreplace(free, start + service)
        out.append(start - at)
    return np.array(out)


# --- what is asked for ---------------------------------------------------------------------------


class Measure(NamedTuple):
    """What closed forms say of a system, and the same of its customers."""

    says: Callable[[System], Sequence[float]]
    sees: Callable[[System, Customers, Records], Columns]


def _by_class(system: System, kind: Ints, of_each: NDArray[np.generic]) -> Columns:
    """Columns whose means are the means of each class; times in minutes."""
    parts = enumerate(system.shares)
    return [(kind == i) / share * of_each / MINUTE_MS for i, share in parts]


def _waits(system: System) -> tuple[float, ...]:
    if system.servers > 1:
        return priority_waits_of_many(system.servers, system.rates, 1 / system.service)
    return priority_waits(system.rates, system.services, system.cv2s)


def _stays(system: System) -> Sequence[float]:
    return [sum(both) for both in zip(_waits(system), system.services, strict=True)]


WAIT = Measure(_waits, lambda s, c, out: _by_class(s, c.kind, out["started"] - out["queued"]))
STAY = Measure(_stays, lambda s, c, out: _by_class(s, c.kind, out["ended"] - out["queued"]))
MUST_WAIT = Measure(
    lambda s: [erlang_c(s.servers, s.load)], lambda s, c, out: [out["started"] > out["queued"]]
)


def controls_of(system: System, customers: Customers) -> Iterator[NDArray[np.generic]]:
    """What has mean 0 whatever the desk does."""
    kind, gaps, services, arrivals, ms = customers
    yield gaps - 1 / system.rate
    if services.std() > 0:
        yield services - system.service
    if len(system.rates) == 1:
        # those at work, were there people without end: Poisson whatever the services
        ends = np.sort(arrivals + ms)
        busy = np.arange(len(ms)) - np.searchsorted(ends, arrivals, side="right")
        yield (busy >= system.servers) - stats.poisson.sf(system.servers - 1, system.load)
        if services.std() > 0:
            yield services**2 - system.squared_service
    else:
        fifo = fifo_waits(arrivals, ms, system.servers) / MINUTE_MS
        for i, share in enumerate(system.shares):
            yield (kind == i) / share * fifo - system.fifo_wait
            if i:
                yield (kind == i) - share


def replication(run_desk: Desk, system: System, measure: Measure, n: int) -> Replication:
    """One that warms up and then looks at ``n`` customers, or at half as many as that took."""
    before = system.warm_up
    n = max(n, before // 2)
    # with nobody behind them to overtake them, the last ones of a low class would wait less
    after = before // 3 if len(system.rates) > 1 else 0

    def one(rng: np.random.Generator) -> tuple[Columns, Columns]:
        customers = draw(system, rng, before + n + after)
        out = run_desk(
            customers.arrivals_ms, customers.services_ms, 1 + customers.kind, people=system.servers
        )
        columns = (
            measure.sees(system, customers, out[FIRST::ROUNDS]),
            controls_of(system, customers),
        )
        seen, controls = ([c[before : before + n] for c in some] for some in columns)
        return seen, controls

    return one


# --- intervals -----------------------------------------------------------------------------------


def _at_no_controls(values: Floats, controls: Floats) -> float:
    """What a straight line through the replications says where all controls are 0."""
    design = np.column_stack([np.ones(len(values)), controls])
    return float(np.linalg.lstsq(design, values, rcond=None)[0][0])


def interval(values: Floats, controls: Floats) -> tuple[float, float]:
    """Mean and half-width, from the means of each replication; ``controls`` have mean 0.

    Jackknifed (Nelson 1990): few replications of something skewed, with fitted controls, are
    biased, and the textbook's interval is too short.
    """
    n = len(values)
    all_but = np.array(
        [_at_no_controls(np.delete(values, i), np.delete(controls, i, 0)) for i in range(n)]
    )
    each = n * _at_no_controls(values, controls) - (n - 1) * all_but
    free = n - 1 - controls.shape[1]
    error = float(each.std(ddof=1)) / math.sqrt(n)
    return float(each.mean()), error * float(stats.t.ppf((1 + LEVEL) / 2, free))


def check(answers: Sequence[float], one: Replication, *, narrow: float, seed: int) -> None:
    """Each answer lies in the interval of independent replications, and that is narrow."""
    seen, controls = [], []
    for r in range(REPLICATIONS):
        of_each = one(np.random.default_rng((seed, r)))
        seen.append([column.mean() for column in of_each[0]])
        controls.append([column.mean() for column in of_each[1]])
    for answer, values in zip(answers, np.transpose(seen), strict=True):
        mean, half = interval(values, np.array(controls))
        assert half < narrow * answer, f"{half:.4f} is too wide to tell {answer}"
        assert abs(mean - answer) < half, f"{mean:.4f} +- {half:.4f} is not {answer}"
