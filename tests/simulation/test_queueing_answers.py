"""The desk against what queueing theory knows, on both engines.

Each answer must lie inside a 99.99% interval from 30 independent replications, and the interval
must be narrow. There are 29 such intervals for each engine, so with fresh seeds a right engine
would fail with a chance of about 0.3%; the seeds are fixed.

The reference engine is slow, so it sees few customers, and its intervals are wide (and, the waits
of so few being skewed, miss more often: with fresh seeds four times in 300, as counted). Of these
customers the compiled engine must tell the same to the byte, and that one sees far more.

Not asked, since the desk has no such thing: Erlang B (nobody is turned away) and Erlang A (nobody
gives up), and work that is suspended when a shift ends (what is begun is finished).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from hitlsim.simulation.contract import FIRST, MINUTE_MS, NEVER, REDRAFT, ROUNDS, Records
from hitlsim.simulation.queueing.formulas import wait_exceeds
from hitlsim.simulation.run import DEFAULT_ENGINE
from tests.simulation.agreeing import parting
from tests.simulation.queueing import (
    MUST_WAIT,
    STAY,
    WAIT,
    Columns,
    Desk,
    Measure,
    System,
    as_ms,
    check,
    draw,
    fifo_waits,
    m_m_c,
    replication,
)

HOUR = 60 * MINUTE_MS
DAY = 24 * HOUR
NINE_TO_FIVE = [[(d * DAY + 9 * HOUR, d * DAY + 17 * HOUR) for d in range(3)]]

CUSTOMERS = {"compiled": 20_000, "reference": 300}
"""At least so many in each replication, after it has warmed up."""
MORE = {"compiled": 3, "reference": 3}
"""So many times as many where no control variate is close to what is asked for."""
NARROW = {"compiled": 0.06, "reference": 0.5}
"""Half-width of an interval of waits, relative to the answer; of shares it is half of that."""


@pytest.fixture
def desk(run_desk: Desk, engine: str) -> Desk:
    """A desk; whatever the reference engine says, the compiled one has to say as well."""

    def both(*args: object, **how: object) -> Records:
        out = run_desk(*args, **how)
        if engine != DEFAULT_ENGINE:
            parts = parting(out, run_desk(*args, **how, engine=DEFAULT_ENGINE))
            assert not parts, parts
        return out

    return both


# --- means and shares ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("servers", "load", "answer"),
    [
        (2, 1.0, 0.333333),
        (3, 2.4, 0.647191),
        (5, 3.0, 0.236152),
        (5, 4.0, 0.554113),
        (7, 5.0, 0.324150),
        (10, 8.0, 0.409180),
        (12, 10.0, 0.449388),
        (20, 18.0, 0.550769),
    ],
)
def test_so_many_must_wait_as_erlang_c_says(
    desk: Desk, engine: str, servers: int, load: float, answer: float
) -> None:
    system = m_m_c(servers, 1.0, load)
    assert MUST_WAIT.says(system) == pytest.approx([answer], abs=5e-7)
    one = replication(desk, system, MUST_WAIT, CUSTOMERS[engine])
    check([answer], one, narrow=NARROW[engine] / 2, seed=1)


def test_100_calls_in_half_an_hour_are_answered_in_time(desk: Desk, engine: str) -> None:
    """3 minutes each, 14 people: Erlang C (14, 10), and so many within 20 seconds."""
    system, limit, answers = m_m_c(14, 1 / 3, 100 / 30), 1 / 3, (0.174132, 0.88835)
    measure = Measure(
        lambda s: [*MUST_WAIT.says(s), 1 - wait_exceeds(limit, s.servers, s.rate, 1 / s.service)],
        lambda s, c, out: [
            *MUST_WAIT.sees(s, c, out),
            out["started"] - out["queued"] <= limit * MINUTE_MS,
        ],
    )
    assert measure.says(system) == pytest.approx(answers, abs=5e-6)
    one = replication(desk, system, measure, CUSTOMERS[engine])
    check(answers, one, narrow=NARROW[engine] / 2, seed=2)


@pytest.mark.parametrize(
    ("system", "measure", "answers"),
    [
        pytest.param(m_m_c(3, 1.0, 1.2, 1.2), WAIT, (0.359551, 1.797753), id="M/M/3"),
        pytest.param(m_m_c(1, 1.0, 0.2, 0.6), STAY, (2.0, 6.0), id="time in system"),
        pytest.param(
            m_m_c(1, 3.0, 0.2, 0.6, 1.2), WAIT, (0.238095, 0.324675, 0.909091), id="three on one"
        ),
        pytest.param(
            m_m_c(2, 3.0, 0.2, 0.6, 1.2), WAIT, (0.028736, 0.033156, 0.048077), id="three on two"
        ),
        pytest.param(
            System((0.4, 0.3), (0.5, 2.0), (0.0, 1.0)), WAIT, (1.5625, 7.8125), id="M/G/1"
        ),
    ],
)
def test_who_comes_first_waits_less_as_cobham_says(
    desk: Desk, engine: str, system: System, measure: Measure, answers: Sequence[float]
) -> None:
    assert measure.says(system) == pytest.approx(answers, abs=5e-7)
    one = replication(desk, system, measure, CUSTOMERS[engine])
    check(answers, one, narrow=NARROW[engine], seed=3)


@pytest.mark.parametrize(
    ("system", "answer"),
    [
        pytest.param(m_m_c(3, 1.0, 2.4), 1.078652, id="M/M/3"),
        *(
            pytest.param(System((0.8,), (1.0,), (cv2,)), answer, id=f"M/G/1, cv2 {cv2}")
            for cv2, answer in ((0.0, 2.0), (0.5, 3.0), (1.0, 4.0), (4.0, 10.0))
        ),
    ],
)
def test_one_class_waits_so_long(desk: Desk, engine: str, system: System, answer: float) -> None:
    """Erlang; Pollaczek and Khinchine."""
    assert WAIT.says(system) == pytest.approx([answer], abs=5e-7)
    one = replication(desk, system, WAIT, MORE[engine] * CUSTOMERS[engine])
    check([answer], one, narrow=NARROW[engine], seed=4)


def test_rework_is_queued_again(desk: Desk, engine: str) -> None:
    """One redraft at most, rate 4, service rate 8, a fifth rejected: time in system 0.375.

    With one class of exponential service times the station keeps its product form when customers
    change class on their way (Kelly 1975): load 4 * 1.2 / 8 = 0.6, so 1.5 in system, and 1.5 / 4
    by Little's law. (Rework without limit would give 0.416667.)
    """
    system, n = m_m_c(1, 8.0, 4.0), CUSTOMERS[engine]
    kept = slice(100, 100 + n)  # those who come after them also stand before their redrafts

    def one(rng: np.random.Generator) -> tuple[Columns, Columns]:
        first = draw(system, rng, 150 + n)
        again = rng.exponential(1 / 8, len(first.gaps))
        rejected = rng.random(len(again)) < 0.2
        out = desk(
            first.arrivals_ms,
            first.services_ms,
            rejected=rejected,
            redraft_services_ms=as_ms(again),
        )
        ended = np.where(rejected, out["ended"][REDRAFT::ROUNDS], out["ended"][FIRST::ROUNDS])
        work = first.services + rejected * again
        fifo = fifo_waits(first.arrivals_ms, as_ms(work), 1) / MINUTE_MS
        second_moment = (0.8 * 2 + 0.2 * 6) / 64
        controls = [
            first.gaps - 1 / 4,
            work - 1.2 / 8,
            fifo - 4 * second_moment / 2 / (1 - 0.6),
        ]
        stay = (ended - out["queued"][FIRST::ROUNDS]) / MINUTE_MS
        return [stay[kept]], [c[kept] for c in controls]

    check([0.375], one, narrow=NARROW[engine] / 4, seed=5)


def mean_of_first(n: int, load: float) -> float:
    """Mean wait of the first ``n`` at M/M/1 that starts empty, service rate 1.

    Between two arrivals a busy server would finish k or more with chance ``(1 / (1 + load))**k``.
    """
    ahead, waited = np.zeros(n + 1), 0.0
    ahead[0] = 1.0  # nobody is there when the first one comes
    more = (1 / (1 + load)) ** np.arange(n + 2)
    for _ in range(n):
        waited += float(ahead @ np.arange(n + 1)) / n
        come = np.zeros(n + 1)
        for there in range(n):
            left = there + 1 - np.arange(1, there + 2)  # for 1, 2, ... still there
            come[1 : there + 2] += ahead[there] * (more[left] - more[left + 1])
            come[0] += ahead[there] * more[there + 1]
        ahead = come
    return waited


def test_the_first_25_after_an_empty_start_wait_less(desk: Desk, engine: str) -> None:
    """M/M/1 with load 0.9: the steady mean of 8.1 is far away."""
    assert 0.9 * mean_of_first(25, 0.9) == pytest.approx(2.1245, abs=5e-5)
    starts = CUSTOMERS[engine] // 20
    weights = np.arange(24, 0, -1) / 25  # how many of the 25 a gap or a service can delay

    def one(rng: np.random.Generator) -> tuple[Columns, Columns]:
        gaps, services = rng.exponential(1, (starts, 25)), rng.exponential(0.9, (starts, 25))
        arrivals = np.cumsum(gaps, axis=1) + 400 * np.arange(starts)[:, None]
        out = desk(as_ms(arrivals).ravel(), as_ms(services).ravel())[FIRST::ROUNDS]
        waits = (out["started"] - out["queued"]) / MINUTE_MS
        return [waits], [(gaps[:, 1:] - 1) @ weights, (services[:, :24] - 0.9) @ weights]

    check([2.1245], one, narrow=NARROW[engine] / 2, seed=6)


# --- exactly -------------------------------------------------------------------------------------


@pytest.mark.parametrize("servers", [1, 3])
def test_fifo_to_the_millisecond(desk: Desk, servers: int) -> None:
    customers = draw(m_m_c(servers, 1.0, 0.8 * servers), np.random.default_rng(7), 5_000)
    queued, services = customers.arrivals_ms, customers.services_ms
    out = desk(queued, services, people=servers)[FIRST::ROUNDS]
    expected = fifo_waits(queued, services, servers)
    np.testing.assert_array_equal(out["started"] - out["queued"], expected, strict=True)


def test_three_hours_begun_at_four_are_finished_at_seven(desk: Desk) -> None:
    """And nothing is begun after the shift."""
    out = desk([16 * HOUR - 1, 16 * HOUR], [3 * HOUR, HOUR], shifts=NINE_TO_FIVE)[FIRST::ROUNDS]
    assert out["ended"][0] == 19 * HOUR
    assert out["started"][1] == DAY + 9 * HOUR


def test_backlog_at_opening_is_rate_times_hours_closed(desk: Desk) -> None:
    arrivals = np.arange(3 * 24 * 6) * 10 * MINUTE_MS  # six an hour
    services = np.full(len(arrivals), MINUTE_MS)
    for opening in (DAY + 9 * HOUR, 2 * DAY + 9 * HOUR):
        out = desk(arrivals, services, shifts=NINE_TO_FIVE, until_ms=opening)[FIRST::ROUNDS]
        assert np.sum((out["queued"] != NEVER) & (out["started"] == NEVER)) == 6 * 16
