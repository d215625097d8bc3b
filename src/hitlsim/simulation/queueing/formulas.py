"""Closed forms of queueing theory: an oracle for the engines, and the ground staffing stands on.

Arrivals are Poisson, queues are served in order of arrival, and nobody leaves unless a patience is
named; priorities have :mod:`hitlsim.simulation.queueing.priorities` to themselves. Rates and times
are in one unit of time, whichever it is: with rates per hour, waits come in hours. ``load`` is
arrival rate / service rate, in people (erlangs). Where a queue grows without bound everybody waits
(1.0), and for ever (``math.inf``).
"""

from __future__ import annotations

import math
from numbers import Integral
from typing import NamedTuple

import numpy as np

from ...errors import ScenarioError

_FAR = 12.0  # standard deviations beyond which a normal tail is nothing
_NOTHING = 42.0  # exp(-42) is below the last digit of 1.0
_LONGEST = 5_000_000  # lengths of a queue that are told apart


class ErlangA(NamedTuple):
    """What becomes of those who come to a queue that some leave."""

    wait_probability: float
    """Share of all that finds everybody busy."""
    abandon_probability: float
    """Share of all that leaves before service begins."""
    mean_wait: float
    """Mean time in the queue of all, those who leave and those who need not wait included."""


def at_least(least: float, *, below: float = math.inf, **values: float) -> None:
    """Refuse values outside ``least`` (included) to ``below`` (excluded)."""
    for name, value in values.items():
        if not least <= value < below:
            raise ScenarioError(
                f"{name} is {value!r}; it must be a number from {least:g}"
                + (f" to below {below:g}" if below < math.inf else " up, and finite")
            )


def above_zero(**values: float) -> None:
    """Refuse what is not a finite number above 0."""
    for name, value in values.items():
        if not 0 < value < math.inf:
            raise ScenarioError(f"{name} is {value!r}; it must be a finite number above 0")


def whole(least: int, servers: int) -> None:
    """Refuse a number of servers that nobody can have."""
    if not isinstance(servers, Integral) or servers < least:
        raise ScenarioError(f"servers is {servers!r}; it must be a whole number from {least} up")


# --- one class -----------------------------------------------------------------------------------


def _one_over_b(servers: int, load: float) -> float:
    """1 / Erlang B by recursion; grows beyond all bounds without harm where B is nothing."""
    inverse = 1.0
    for n in range(1, servers + 1):
        inverse = 1 + inverse * n / load
    return inverse


def erlang_b(servers: int, load: float) -> float:
    """Share of arrivals turned away where nobody may wait (M/G/c/c).

    Parameters
    ----------
    servers : int
        From 0 up.
    load : float
        Arrival rate / service rate, in people; from 0 up.

    Raises
    ------
    ScenarioError
        When there is no such desk.

    References
    ----------
    Erlang 1917; ``1/B(n) = 1 + (n/load) / B(n-1)`` (Jagerman 1974), which never overflows.

    Examples
    --------
    >>> round(erlang_b(5, 4.0), 6), erlang_b(0, 4.0)
    (0.199067, 1.0)
    """
    whole(0, servers)
    at_least(0, load=load)
    if load == 0:
        return 0.0 if servers else 1.0
    return 1 / _one_over_b(servers, load)


def erlang_c(servers: int, load: float) -> float:
    """Share of arrivals that must wait (M/M/c); 1.0 where load reaches the servers.

    Parameters
    ----------
    servers : int
        From 1 up.
    load : float
        Arrival rate / service rate, in people; from 0 up.

    Raises
    ------
    ScenarioError
        When there is no such desk.

    References
    ----------
    Erlang 1917; from Erlang B, ``C = B / (1 - (load/servers) (1 - B))``.

    Examples
    --------
    >>> round(erlang_c(14, 10.0), 6), erlang_c(3, 3.0)
    (0.174132, 1.0)
    """
    whole(1, servers)
    b = erlang_b(servers, load)
    return 1.0 if load >= servers else b / (1 - load / servers * (1 - b))


def mean_wait(servers: int, arrival_rate: float, service_rate: float, *, cv2: float = 1.0) -> float:
    """Mean wait before service: exact for M/M/c and M/G/1, an approximation for M/G/c.

    Parameters
    ----------
    servers : int
        From 1 up.
    arrival_rate : float
        From 0 up, per unit of time.
    service_rate : float
        Of one server, 1 / mean service time; above 0.
    cv2 : float
        Squared coefficient of variation of service times: 0 fixed, 1 exponential; from 0 up.

    Returns
    -------
    float
        In the unit of time of the rates; infinite where load reaches the servers.

    Raises
    ------
    ScenarioError
        When there is no such desk.

    Notes
    -----
    ``(1 + cv2) / 2`` times the wait of M/M/c. With one server that is Pollaczek's and Khinchine's
    formula; with several it is *an approximation*, best where the desk is busy.

    References
    ----------
    Pollaczek 1930, Khinchine 1932; Allen 1978 (Allen-Cunneen).

    Examples
    --------
    >>> round(mean_wait(3, 2.4, 1.0), 6)
    1.078652
    >>> [round(mean_wait(1, 0.8, 1.0, cv2=cv2), 6) for cv2 in (0, 0.5, 1, 4)]
    [2.0, 3.0, 4.0, 10.0]
    """
    at_least(0, arrival_rate=arrival_rate, cv2=cv2)
    above_zero(service_rate=service_rate)
    waits = erlang_c(servers, arrival_rate / service_rate)
    spare = servers * service_rate - arrival_rate
    return math.inf if spare <= 0 else waits * (1 + cv2) / 2 / spare


def wait_exceeds(
    limit: float, servers: int, arrival_rate: float, service_rate: float, *, cv2: float = 1.0
) -> float:
    """Share of arrivals that wait longer than ``limit``: exact for M/M/c.

    Parameters
    ----------
    limit : float
        From 0 up, in the unit of time of the rates.
    servers, arrival_rate, service_rate, cv2
        As for :func:`mean_wait`. Other than 1, ``cv2`` stretches the waits of M/M/c to the mean of
        Allen and Cunneen, which is *an approximation*, also with one server.

    Raises
    ------
    ScenarioError
        When there is no such desk.

    References
    ----------
    Erlang 1917: those who wait at M/M/c do so for an exponential time of rate ``c mu - lambda``.

    Examples
    --------
    100 calls in 30 minutes, 3 minutes each, 14 people; seconds:

    >>> round(1 - wait_exceeds(20, 14, 100 / 1800, 1 / 180), 5)
    0.88835
    """
    at_least(0, limit=limit, arrival_rate=arrival_rate, cv2=cv2)
    above_zero(service_rate=service_rate)
    waits = erlang_c(servers, arrival_rate / service_rate)
    spare = servers * service_rate - arrival_rate
    return 1.0 if spare <= 0 else waits * math.exp(-limit * spare * 2 / (1 + cv2))


def servers_needed(
    arrival_rate: float,
    service_rate: float,
    *,
    within: float,
    share: float = 0.80,
    utilisation: float = 0.85,
    cv2: float = 1.0,
) -> int:
    """Least servers with which enough is begun in time, and nobody is too busy.

    Parameters
    ----------
    arrival_rate, service_rate, cv2
        As for :func:`mean_wait`; with ``cv2`` other than 1 the answer is approximate.
    within : float
        Longest wait that counts as in time; from 0 up, in the unit of time of the rates.
    share : float
        Share of arrivals that must begin by then; from 0 up, below 1.
    utilisation : float
        Largest share of the time that a server may be busy; above 0, below 1.

    Returns
    -------
    int
        At least 1.

    Raises
    ------
    ScenarioError
        When there is no such desk.

    Notes
    -----
    The load is taken as it is, for ever: for a desk that closes at night or whose load changes
    with the hour, see :func:`~hitlsim.calibration.staffing.staffing`.

    Examples
    --------
    >>> servers_needed(200, 20, within=20 / 3600), servers_needed(200, 20, within=24)
    (14, 12)
    """
    at_least(0, arrival_rate=arrival_rate, within=within, cv2=cv2)
    above_zero(service_rate=service_rate, utilisation=utilisation)
    at_least(0, below=1, share=share, utilisation=utilisation)
    servers = max(1, math.ceil(arrival_rate / service_rate / utilisation - 1e-9))
    while wait_exceeds(within, servers, arrival_rate, service_rate, cv2=cv2) > 1 - share:
        servers += 1
    return servers


# --- impatience ----------------------------------------------------------------------------------


def erlang_a(
    servers: int, arrival_rate: float, service_rate: float, mean_patience: float
) -> ErlangA:
    """A queue that people leave when their patience ends (M/M/c+M); stable under any load.

    Parameters
    ----------
    servers : int
        From 1 up.
    arrival_rate, service_rate : float
        Above 0, per unit of time; the service rate is that of one server.
    mean_patience : float
        Mean of the exponential time that anybody is ready to wait; above 0, finite.

    Returns
    -------
    ErlangA
        Wait in the unit of time of the rates.

    Raises
    ------
    ScenarioError
        When there is no such desk.

    Notes
    -----
    With k in the queue the chance is that of an empty queue and all busy, times the product over
    j = 1..k of ``lambda / (c mu + j theta)``. Products are added as logarithms, from 12 standard
    deviations below the likeliest length to 12 above, so that nothing overflows or cancels.

    References
    ----------
    Palm 1957; Garnett, Mandelbaum & Reiman 2002, whose table 1 is the example below.

    Examples
    --------
    48 calls a minute of 1 minute each, 50 people, patience of 2 minutes:

    >>> busy = erlang_a(50, 48.0, 1.0, 2.0)
    >>> round(busy.abandon_probability, 3), round(60 * busy.mean_wait, 1)
    (0.031, 3.7)
    """
    whole(1, servers)
    above_zero(arrival_rate=arrival_rate, service_rate=service_rate, mean_patience=mean_patience)
    full, leave = servers * service_rate, 1 / mean_patience
    likeliest = max(0.0, (arrival_rate - full) / leave)
    spread = _FAR * math.sqrt(max(arrival_rate, full) / leave) + _NOTHING
    first, last = max(0, math.floor(likeliest - spread)), math.ceil(likeliest + spread)
    if arrival_rate < full:  # then the queue is at most that of M/M/c, which is geometric
        last = min(last, math.ceil(_NOTHING / math.log(full / arrival_rate)) + 1)
    if last - first > _LONGEST:
        raise ScenarioError(
            f"mean_patience is {mean_patience!r}, so long that the queue has over {_LONGEST:,} "
            "lengths; such patience has no end: take erlang_c and mean_wait"
        )
    queue = np.arange(first, last + 1, dtype=float)
    steps = np.log(arrival_rate) - np.log(full + leave * queue)
    steps[0] = 0.0
    logs = np.cumsum(steps)
    weights = np.exp(logs - logs.max())
    # far above the servers' capacity the chance that anybody is free is nothing
    free = 0.0 if first else _one_over_b(servers, arrival_rate / service_rate) - 1
    free *= math.exp(-logs.max())
    total = free + float(weights.sum())
    in_queue = float(queue @ weights) / total
    return ErlangA(
        float(weights.sum()) / total, leave * in_queue / arrival_rate, in_queue / arrival_rate
    )
