"""Closed forms for queues with priorities: who comes first waits less, and others pay for it.

What is begun is finished: an item that comes later may be served before another, but interrupts
nothing. Rates and times are in one unit of time, as in :mod:`hitlsim.simulation.queueing.formulas`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

from ...errors import ScenarioError
from .formulas import above_zero, at_least, erlang_c, whole


def priority_waits(
    arrival_rates: Sequence[float], mean_services: Sequence[float], cv2s: Sequence[float]
) -> tuple[float, ...]:
    """Mean wait of each class at one server, the first class before all others (M/G/1).

    Parameters
    ----------
    arrival_rates : sequence of float
        From 0 up, per unit of time; the most urgent class first.
    mean_services : sequence of float
        Mean service times of the classes; above 0.
    cv2s : sequence of float
        Squared coefficients of variation of their service times; from 0 up.

    Returns
    -------
    tuple of float
        In the unit of time; infinite for the classes that the server does not get through with.

    Raises
    ------
    ScenarioError
        When there is no class, the sequences differ in length, or a value makes no sense.

    Notes
    -----
    ``W[k] = W0 / ((1 - load of those before k) (1 - that and k's))``, where ``W0`` is the mean
    time until the server is free again. Of the first class that overloads the server only so much
    is served as it has time for, and of those behind nothing.

    References
    ----------
    Cobham 1954; Kleinrock 1976, vol. 2, section 3.6.

    Examples
    --------
    >>> [round(w, 4) for w in priority_waits([0.4, 0.3], [0.5, 2.0], [0.0, 1.0])]
    [1.5625, 7.8125]
    """
    if not len(arrival_rates) == len(mean_services) == len(cv2s) > 0:
        raise ScenarioError(
            f"{len(arrival_rates)} arrival rates, {len(mean_services)} mean services and "
            f"{len(cv2s)} cv2s; give one of each for every class, and at least one class"
        )
    residual, before = 0.0, 0.0
    for rate, service, cv2 in zip(arrival_rates, mean_services, cv2s, strict=True):
        at_least(0, arrival_rate=rate, cv2=cv2)
        above_zero(mean_service=service)
        served = min(rate * service, max(0.0, 1 - before))
        residual += served * service * (1 + cv2) / 2
        before += rate * service
    return _cobham(residual, [r * s for r, s in zip(arrival_rates, mean_services, strict=True)])


def priority_waits_of_many(
    servers: int, arrival_rates: Sequence[float], service_rate: float
) -> tuple[float, ...]:
    """Mean wait of each class at several servers with equal exponential services (M/M/c).

    Parameters
    ----------
    servers : int
        From 1 up.
    arrival_rates : sequence of float
        From 0 up, per unit of time; the most urgent class first.
    service_rate : float
        Of one server, the same for all classes; above 0.

    Returns
    -------
    tuple of float
        In the unit of time; infinite for the classes that the servers do not get through with.

    Raises
    ------
    ScenarioError
        When there is no class, or a value makes no sense.

    References
    ----------
    Cobham 1954; Davis 1966.

    Examples
    --------
    >>> [round(w, 6) for w in priority_waits_of_many(3, [1.2, 1.2], 1.0)]
    [0.359551, 1.797753]
    """
    whole(1, servers)
    above_zero(service_rate=service_rate)
    if not arrival_rates:
        raise ScenarioError("arrival_rates is empty; give the rate of at least one class")
    for rate in arrival_rates:
        at_least(0, arrival_rate=rate)
    capacity = servers * service_rate
    until_free = erlang_c(servers, sum(arrival_rates) / service_rate) / capacity
    return _cobham(until_free, [rate / capacity for rate in arrival_rates])


def _cobham(until_free: float, loads: Sequence[float]) -> tuple[float, ...]:
    """Waits by class, from the mean time until a server is free and the load of each class."""
    spare = [1.0, *(1 - load for load in accumulate(loads))]
    return tuple(
        until_free / (spare[k] * spare[k + 1]) if spare[k + 1] > 0 else math.inf
        for k in range(len(loads))
    )
