"""Queues in Ciw, a package for queueing networks that knows nothing of the engines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import ciw  # type: ignore[import-untyped]
import numpy as np
from numpy.typing import NDArray

from hitlsim.simulation.contract import NEVER
from tests.simulation.queueing import Customers, as_ms

Ints = NDArray[np.int64]
WITHOUT_END = float("inf")


class Arrivals(NamedTuple):
    """Sorted by time, then by class; the lowest class is the most urgent."""

    queued: Ints
    kind: Ints
    services: Ints

    @property
    def asked(self) -> Ints:
        """On the desk a draft of 1 ms comes first."""
        return self.queued - 1

    @property
    def kinds(self) -> list[int]:
        return [int(kind) for kind in np.unique(self.kind)]


class Seen(NamedTuple):
    """By customer; NEVER where it did not happen."""

    queued: Ints
    started: Ints
    ended: Ints
    person: Ints
    """Of those who are done."""


class Own(ciw.dists.Distribution):  # type: ignore[misc]
    """The service each customer brings; another one when they come back."""

    def __init__(self, *services: Ints) -> None:
        self._services = [each.tolist() for each in services]

    def sample(self, t: float | None = None, ind: Any = None) -> int:
        been_here = sum(r.node == 1 and r.record_type == "service" for r in ind.data_records)
        service: int = self._services[been_here][ind.id_number - 1]
        return service


class Elsewhere(ciw.routing.Leave):  # type: ignore[misc]
    """Who has waited too long goes to the second node."""

    def next_node_for_jockeying(self, ind: Any) -> Any:
        return self.simulation.nodes[2]


def _arriving(arrivals: Arrivals, kind: int) -> Any:
    """The gaps between those of one class; after the last one nobody comes."""
    gaps = np.diff(arrivals.queued[arrivals.kind == kind], prepend=0)
    return ciw.dists.Sequential([*gaps.tolist(), WITHOUT_END])


def _name(kind: int) -> str:
    """Of a class; at the same time Ciw lets the first in the alphabet in first."""
    return "abcdefgh"[kind]


def _records_of(until: int, **network: Any) -> list[Any]:
    """Everything Ciw tells about every customer."""
    classes = {name: i for i, name in enumerate(sorted(network["arrival_distributions"]))}
    simulation = ciw.Simulation(ciw.create_network(priority_classes=classes, **network))
    simulation.simulate_until_max_time(until)
    records: list[Any] = simulation.get_all_records(include_incomplete=True)
    return records


def _seen(records: Sequence[Any], n: int) -> Seen:
    """One record for each customer."""
    seen = Seen(*np.full((4, n), NEVER, np.int64))
    for record in records:
        customer = record.id_number - 1
        seen.queued[customer] = record.arrival_date
        if record.service_start_date is not None:
            seen.started[customer] = record.service_start_date
        # an end at the cut-off itself has not happened, though Ciw tells of it
        if record.record_type == "service":
            seen.ended[customer] = record.service_end_date
            seen.person[customer] = record.server_id - 1
    return seen


def in_one_queue(arrivals: Arrivals, people: Any, until: int) -> Seen:
    """Until somebody comes to it; ``people`` are a number or a schedule."""
    records = _records_of(
        until,
        arrival_distributions={_name(k): [_arriving(arrivals, k)] for k in arrivals.kinds},
        service_distributions={_name(k): [Own(arrivals.services)] for k in arrivals.kinds},
        number_of_servers=[people],
    )
    return _seen(records, len(arrivals.kind))


def with_redrafts(
    arrivals: Arrivals, people: int, until: int, rejected: NDArray[np.bool_], again: Ints
) -> tuple[Seen, Seen]:
    """A second node, of people without end, drafts again for 1 ms; the first and second visits."""

    def route(individual: Any, _: Any) -> list[int]:
        return [2, 1] if rejected[individual.id_number - 1] else []

    kinds, services = arrivals.kinds, Own(arrivals.services, again)
    records = _records_of(
        until,
        arrival_distributions={_name(k): [_arriving(arrivals, k), None] for k in kinds},
        service_distributions={_name(k): [services, ciw.dists.Deterministic(1)] for k in kinds},
        number_of_servers=[people, WITHOUT_END],
        routing={_name(k): ciw.routing.ProcessBased(route) for k in kinds},
    )
    visits: tuple[dict[int, Any], dict[int, Any]] = {}, {}
    for record in sorted(records, key=lambda record: record.arrival_date):
        if record.node == 1:
            visits[record.id_number in visits[0]][record.id_number] = record
    first, second = (_seen([*visit.values()], len(again)) for visit in visits)
    return first, second


def with_escalation(
    arrivals: Arrivals, people: list[int], until: int, patience: int
) -> tuple[Seen, dict[int, int]]:
    """Class 0 goes to the second node after a while, where class 1 is served; and who goes when."""
    never_loses_it = [None, None]
    services = [Own(arrivals.services)] * 2
    leave = ciw.routing.NetworkRouting([Elsewhere(), ciw.routing.Leave()])
    records = _records_of(
        until,
        arrival_distributions={
            "a": [_arriving(arrivals, 0), None],
            "b": [None, _arriving(arrivals, 1)],
        },
        service_distributions={"a": services, "b": services},
        number_of_servers=people,
        reneging_time_distributions={
            "a": [ciw.dists.Deterministic(patience), None],
            "b": never_loses_it,
        },
        routing={"a": leave, "b": leave},
    )
    went = {r.id_number - 1: r.exit_date for r in records if r.record_type == "renege"}
    stays = [record for record in records if record.record_type != "renege"]
    return _seen(stays, len(arrivals.kind)), went


def drawn_by_ciw(
    seed: int, rates: Sequence[float], people: int, n: int
) -> tuple[Customers, NDArray[np.float64]]:
    """The first ``n`` customers with Ciw's own random numbers, and how many minutes they wait.

    Exponential services of a minute.
    """
    ciw.seed(seed)
    names = [_name(kind) for kind in range(len(rates))]
    simulation = ciw.Simulation(
        ciw.create_network(
            arrival_distributions={
                name: [ciw.dists.Exponential(rate)] for name, rate in zip(names, rates, strict=True)
            },
            service_distributions={name: [ciw.dists.Exponential(1.0)] for name in names},
            priority_classes={name: kind for kind, name in enumerate(names)},
            number_of_servers=[people],
        )
    )
    simulation.simulate_until_max_customers(n + 100, method="Complete")  # nobody of n still waits
    records = sorted(simulation.get_all_records(), key=lambda record: record.id_number)[:n]
    assert [record.id_number for record in records] == list(range(1, n + 1))
    kind = np.array([names.index(record.customer_class) for record in records])
    arrivals, services, waits = np.array(
        [(record.arrival_date, record.service_time, record.waiting_time) for record in records]
    ).T
    gaps = np.diff(arrivals, prepend=0)
    return Customers(kind, gaps, services, as_ms(arrivals), as_ms(services)), waits
