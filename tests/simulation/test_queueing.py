"""The closed forms against published answers, against each other and against brute force."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import hitlsim as hs
from hitlsim.simulation.queueing.formulas import (
    erlang_a,
    erlang_b,
    erlang_c,
    mean_wait,
    servers_needed,
    wait_exceeds,
)
from hitlsim.simulation.queueing.priorities import priority_waits, priority_waits_of_many

# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("servers", "load", "answer"),
    [
        (2, 1.0, 0.333333), (3, 2.4, 0.647191), (5, 4.0, 0.554113), (10, 8.0, 0.409180),
        (14, 10.0, 0.174132), (20, 18.0, 0.550769), (12, 10.0, 0.449388), (7, 5.0, 0.324150),
        (5, 3.0, 0.236152),
    ],
)  # fmt: skip
def test_erlang_c_gives_the_published_waiting_chances(
    servers: int, load: float, answer: float
) -> None:
    # (7, 5) is published with five digits only
    assert erlang_c(servers, load) == pytest.approx(answer, abs=6e-7 if servers != 7 else 6e-6)


def test_erlang_b_is_the_share_of_a_poisson_count_at_its_upper_end() -> None:
    for servers, load in [(1, 0.5), (5, 4.0), (40, 30.0), (3, 100.0)]:
        direct = stats.poisson.pmf(servers, load) / stats.poisson.cdf(servers, load)
        assert erlang_b(servers, load) == pytest.approx(direct, rel=1e-9)


def test_a_hundred_calls_in_half_an_hour_to_fourteen_agents_begin_within_20_s() -> None:
    given_seconds = (14, 100 / 1800, 1 / 180)
    assert wait_exceeds(0, *given_seconds) == pytest.approx(0.1741, abs=5e-5)
    assert 1 - wait_exceeds(20, *given_seconds) == pytest.approx(0.88835, abs=5e-6)


@pytest.mark.parametrize(("cv2", "answer"), [(0.0, 2.0), (0.5, 3.0), (1.0, 4.0), (4.0, 10.0)])
def test_pollaczek_khinchine_grows_with_the_variance_of_service(cv2: float, answer: float) -> None:
    assert mean_wait(1, 0.8, 1.0, cv2=cv2) == pytest.approx(answer)


def test_m_m_3_waits_as_published() -> None:
    assert mean_wait(3, 2.4, 1.0) == pytest.approx(1.078652, abs=5e-7)


@pytest.mark.parametrize(
    ("rates", "per_server", "servers", "answers"),
    [
        ((1.2, 1.2), 1.0, 3, (0.359551, 1.797753)),
        ((0.2, 0.6), 1.0, 1, (2.0 - 1, 6.0 - 1)),  # published as time in system
        ((0.2, 0.6, 1.2), 3.0, 1, (0.238095, 0.324675, 0.909091)),
        ((0.2, 0.6, 1.2), 3.0, 2, (0.028736, 0.033156, 0.048077)),
    ],
)
def test_priorities_wait_as_published(
    rates: tuple[float, ...], per_server: float, servers: int, answers: tuple[float, ...]
) -> None:
    assert priority_waits_of_many(servers, rates, per_server) == pytest.approx(answers, abs=5e-7)


def test_fixed_and_exponential_services_share_a_server_as_published() -> None:
    assert priority_waits([0.4, 0.3], [0.5, 2.0], [0.0, 1.0]) == pytest.approx((1.5625, 7.8125))


def test_fifty_agents_with_impatient_callers_lose_three_in_a_hundred() -> None:
    # Garnett, Mandelbaum & Reiman 2002, table 1: 48 calls/min of 1 min, patience 2 min
    found = erlang_a(50, 48.0, 1.0, 2.0)
    assert found.abandon_probability == pytest.approx(0.031, abs=5e-4)
    assert 60 * found.mean_wait == pytest.approx(3.7, abs=0.05)
    assert 60 * mean_wait(50, 48.0, 1.0) == pytest.approx(20.8, abs=0.05), "nobody leaves"


def brute_force_erlang_a(
    servers: int, arrival: float, service: float, patience: float, states: int = 600
) -> tuple[float, float, float]:
    """From the balance of every state, one by one, with exact fractions of logarithms."""
    up = np.full(states, arrival)
    n = np.arange(1, states + 1)
    down = np.minimum(n, servers) * service + np.maximum(0, n - servers) / patience
    logs = np.concatenate([[0.0], np.cumsum(np.log(up / down))])
    p = np.exp(logs - logs.max())
    p /= p.sum()
    queue = float(np.maximum(0, np.arange(states + 1) - servers) @ p)
    return float(p[servers:].sum()), queue / patience / arrival, queue / arrival


@pytest.mark.parametrize(
    ("servers", "arrival", "service", "patience"),
    [(1, 0.5, 1.0, 1.0), (3, 2.4, 1.0, 5.0), (5, 20.0, 1.0, 2.0), (20, 18.0, 1.0, 0.01),
     (2, 300.0, 1.0, 1.0)],
)  # fmt: skip
def test_erlang_a_is_the_balance_of_its_states(
    servers: int, arrival: float, service: float, patience: float
) -> None:
    expected = brute_force_erlang_a(servers, arrival, service, patience)
    assert tuple(erlang_a(servers, arrival, service, patience)) == pytest.approx(expected, rel=1e-9)


def test_a_hopelessly_busy_desk_loses_what_it_cannot_serve() -> None:
    # fluid limit: of 2,000 an hour 1,000 are served, the others leave after ln 2 patiences
    found = erlang_a(1_000, 2_000.0, 1.0, 1_000.0)
    assert found.wait_probability == pytest.approx(1)
    assert found.abandon_probability == pytest.approx(0.5, rel=1e-6)


def test_thousands_of_servers_overflow_nothing() -> None:
    # at servers = load + b sqrt(load) the chance to wait is that of Halfin & Whitt 1981
    load, b = 10_000.0, 0.5
    limit = 1 / (1 + b * stats.norm.cdf(b) / stats.norm.pdf(b))
    assert erlang_c(10_050, load) == pytest.approx(limit, abs=0.01)
    assert erlang_b(10_000, 100.0) == 0
    assert erlang_c(10_000, 100.0) == 0
    assert erlang_a(10_000, 100.0, 1.0, 1.0) == (0, 0, 0)


def test_staffing_a_call_desk_takes_the_fewest_that_reach_the_target() -> None:
    seconds = {"within": 20.0, "share": 0.80, "utilisation": 0.99}
    assert servers_needed(100 / 1800, 1 / 180, **seconds) == 14
    assert 1 - wait_exceeds(20, 13, 100 / 1800, 1 / 180) < 0.80


# --- the ends ------------------------------------------------------------------------------------


@pytest.mark.parametrize("load", [3.0, 3.5, 1e9])
def test_where_load_reaches_the_servers_everybody_waits_for_ever(load: float) -> None:
    assert erlang_c(3, load) == 1
    assert mean_wait(3, load, 1.0) == math.inf
    assert wait_exceeds(1e6, 3, load, 1.0) == 1


def test_where_nobody_comes_nobody_waits() -> None:
    assert erlang_b(3, 0.0) == erlang_c(3, 0.0) == mean_wait(3, 0.0, 1.0) == 0
    assert erlang_b(0, 0.0) == 1, "with no server even the first would be turned away"
    assert servers_needed(0.0, 1.0, within=0) == 1
    assert priority_waits([0.0], [1.0], [1.0]) == (0,)


def test_of_an_overloaded_server_the_urgent_still_get_something() -> None:
    # the second class overloads the server: the third is never served, and the first finds the
    # server busy all the time, with a service of the first kind for 0.4 of it, else of the second
    waits = priority_waits([0.4, 1.0, 1.0], [1.0, 1.0, 9.0], [1.0, 0.0, 0.0])
    assert waits == pytest.approx(((0.4 * 1.0 + 0.6 * 0.5) / 0.6, math.inf, math.inf))
    many = priority_waits_of_many(2, [1.0, 1.5], 1.0)
    assert many == pytest.approx((0.5 / 0.5, math.inf))


# --- properties ----------------------------------------------------------------------------------

SERVERS = st.integers(1, 300)
LOADS = st.floats(0.01, 400)
BUSY = st.floats(0.01, 0.99)
CV2S = st.floats(0, 10)


@given(servers=SERVERS, load=LOADS)
def test_queueing_makes_wait_at_least_those_that_loss_turns_away(servers: int, load: float) -> None:
    assert 0 <= erlang_b(servers, load) <= erlang_c(servers, load) <= 1


@given(servers=SERVERS, load=LOADS, more=st.floats(0, 50))
def test_more_servers_or_less_load_never_make_more_wait(
    servers: int, load: float, more: float
) -> None:
    for chance in (erlang_b, erlang_c):
        here = chance(servers, load)
        assert chance(servers + 1, load) <= here + 1e-12
        assert chance(servers, load + more) >= here - 1e-12


@given(servers=SERVERS, busy=BUSY, cv2=CV2S)
def test_the_tail_of_waits_belongs_to_the_mean_wait(servers: int, busy: float, cv2: float) -> None:
    given_rates = (servers, busy * servers, 1.0)
    waits = wait_exceeds(0, *given_rates, cv2=cv2)
    if waits > 1e-200:
        # those who wait do so for an exponential time, so 1 in e waits longer than its mean
        mean = mean_wait(*given_rates, cv2=cv2) / waits
        assert wait_exceeds(mean, *given_rates, cv2=cv2) == pytest.approx(waits / math.e)


@given(servers=st.integers(1, 100), busy=st.floats(0.05, 0.95))
def test_with_endless_patience_nobody_leaves_and_erlang_a_is_erlang_c(
    servers: int, busy: float
) -> None:
    found = erlang_a(servers, busy * servers, 1.0, 1e9)
    assert found.wait_probability == pytest.approx(erlang_c(servers, busy * servers), rel=1e-4)
    assert found.mean_wait == pytest.approx(mean_wait(servers, busy * servers, 1.0), rel=1e-3)
    assert found.abandon_probability < 1e-6


@given(servers=st.integers(1, 50), load=st.floats(0.1, 100))
def test_without_patience_erlang_a_is_erlang_b(servers: int, load: float) -> None:
    found = erlang_a(servers, load, 1.0, 1e-9)
    assert found.abandon_probability == pytest.approx(erlang_b(servers, load), rel=1e-5, abs=1e-12)


@given(servers=st.integers(1, 50), load=st.floats(0.1, 200), patience=st.floats(0.01, 100))
def test_impatience_shortens_the_queue(servers: int, load: float, patience: float) -> None:
    leaving, longer = (erlang_a(servers, load, 1.0, p) for p in (patience, 2 * patience))
    assert 0 <= leaving.abandon_probability <= 1
    assert leaving.mean_wait <= longer.mean_wait * (1 + 1e-9)
    assert leaving.wait_probability <= erlang_c(servers, load) + 1e-9
    assert leaving.abandon_probability == pytest.approx(leaving.mean_wait / patience)


CLASSES = st.lists(st.tuples(st.floats(0.01, 1), st.floats(0.1, 5), CV2S), min_size=1, max_size=5)


def scaled(classes: list[tuple[float, float, float]], busy: float) -> list[list[float]]:
    """Rates, means and cv2s of classes that keep a server busy for this share of the time."""
    load = sum(rate * mean for rate, mean, _ in classes)
    return [
        [rate * busy / load for rate, _, _ in classes],
        [mean for _, mean, _ in classes],
        [cv2 for _, _, cv2 in classes],
    ]


@given(classes=CLASSES, busy=BUSY)
def test_what_the_urgent_gain_the_others_lose_as_kleinrock_says(
    classes: list[tuple[float, float, float]], busy: float
) -> None:
    rates, means, cv2s = scaled(classes, busy)
    residual = sum(r * m * m * (1 + c) / 2 for r, m, c in zip(rates, means, cv2s, strict=True))
    waits = priority_waits(rates, means, cv2s)
    conserved = sum(r * m * w for r, m, w in zip(rates, means, waits, strict=True))
    assert conserved == pytest.approx(busy * residual / (1 - busy))
    assert all(a <= b + 1e-12 for a, b in itertools.pairwise(waits)), "the urgent wait less"


@given(servers=SERVERS, busy=BUSY, shares=st.lists(st.floats(0.05, 1), min_size=1, max_size=5))
def test_among_several_servers_the_mean_wait_of_all_stays(
    servers: int, busy: float, shares: list[float]
) -> None:
    rates = [busy * servers * s / sum(shares) for s in shares]
    waits = priority_waits_of_many(servers, rates, 1.0)
    mean = sum(r * w for r, w in zip(rates, waits, strict=True)) / sum(rates)
    assert mean == pytest.approx(mean_wait(servers, busy * servers, 1.0), rel=1e-6, abs=1e-300)


@given(busy=BUSY, mean=st.floats(0.1, 5), cv2=CV2S)
def test_one_class_alone_is_m_g_1(busy: float, mean: float, cv2: float) -> None:
    (alone,) = priority_waits([busy / mean], [mean], [cv2])
    assert alone == pytest.approx(mean_wait(1, busy / mean, 1 / mean, cv2=cv2))


@settings(max_examples=50)
@given(load=st.floats(0.05, 500), within=st.floats(0, 5), share=st.floats(0.05, 0.99),
       utilisation=st.floats(0.3, 0.99), cv2=CV2S)  # fmt: skip
def test_one_server_fewer_would_miss_the_target(
    load: float, within: float, share: float, utilisation: float, cv2: float
) -> None:
    n = servers_needed(load, 1.0, within=within, share=share, utilisation=utilisation, cv2=cv2)
    assert load / n <= utilisation + 1e-6
    assert wait_exceeds(within, n, load, 1.0, cv2=cv2) <= 1 - share
    if n > 1:
        late = wait_exceeds(within, n - 1, load, 1.0, cv2=cv2)
        assert load / (n - 1) > utilisation or late > 1 - share


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: erlang_b(-1, 1.0), r"servers is -1; it must be a whole number from 0 up"),
        (lambda: erlang_c(0, 1.0), r"servers is 0; it must be a whole number from 1 up"),
        (lambda: erlang_c(2.5, 1.0), r"servers is 2.5; it must be a whole number"),  # type: ignore[arg-type]
        (lambda: erlang_c(2, math.nan), r"load is nan; it must be a number from 0 up"),
        (lambda: mean_wait(2, -1.0, 1.0), r"arrival_rate is -1.0; it must be a number from 0 up"),
        (lambda: mean_wait(2, 1.0, 0.0), r"service_rate is 0.0; it must be a finite number above"),
        (lambda: mean_wait(2, 1.0, 1.0, cv2=-1), r"cv2 is -1; it must be"),
        (lambda: wait_exceeds(-1, 2, 1.0, 1.0), r"limit is -1; it must be"),
        (lambda: erlang_a(2, 1.0, 1.0, math.inf), r"mean_patience is inf; it must be a finite"),
        (lambda: erlang_a(2, 9.0, 1.0, 1e15), r"such patience has no end: take erlang_c"),
        (lambda: servers_needed(1.0, 1.0, within=1, share=1), r"share is 1; .* from 0 to below 1"),
        (
            lambda: servers_needed(1.0, 1.0, within=1, utilisation=0),
            r"utilisation is 0; it must be a finite number above 0",
        ),
        (lambda: priority_waits([], [], []), r"at least one class"),
        (lambda: priority_waits([1.0], [1.0, 2.0], [1.0]), r"give one of each for every class"),
        (lambda: priority_waits_of_many(1, [], 1.0), r"the rate of at least one class"),
        (lambda: priority_waits_of_many(1, [-1.0], 1.0), r"arrival_rate is -1.0"),
    ],
)
def test_a_desk_that_cannot_be_is_refused(call: object, message: str) -> None:
    assert callable(call)
    with pytest.raises(hs.ScenarioError, match=message):
        call()
