"""How a reviewer sees, reads, tires and trusts: each rule for itself."""

from __future__ import annotations

import math
from random import Random
from statistics import NormalDist

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from hitlsim.simulation import reviewing
from hitlsim.simulation.table import signal_detection

SHARES = st.floats(0, 1)
INNER = st.floats(0.001, 0.999)
LOG_ODDS = st.floats(-20, 20)
WEIGHTS = st.floats(0, 10)
SEES = st.floats(0, 5)
CRITERIA = st.floats(-3, 3)
MINUTES = st.floats(0, 1000)
COUNTS = st.integers(0, 10_000)
A_BIT = 1e-12  # what is the same but for rounding


def read_chance(trust: float = 0.5, waiting: int = 0, repeats: int = 0, *, log_odds: float = 1.0,
                by_trust: float = 2.5, by_queue: float = 0.15, by_repeats: float = 0.3,
                lapse: float = 0.02) -> float:  # fmt: skip
    return reviewing.reading(
        log_odds, trust, by_trust, waiting, by_queue, repeats, by_repeats, lapse
    )


# --- known answers -------------------------------------------------------------------------------


def test_certain_and_impossible_chances_stay_so_and_nobody_has_none() -> None:
    all_parts = reviewing.in_parts(1.0)
    assert reviewing.in_parts(0.0) == 0
    for people in (1, 3, 7, 100):
        assert reviewing.mean_chance(people * all_parts, people) == 1.0
        assert reviewing.mean_chance(all_parts, people) == 1 / people
    assert reviewing.mean_chance(0, 0) == 0.0


@pytest.mark.parametrize(("hit", "false_alarm"), [(0.75, 0.2), (0.5, 0.5), (0.99, 0.01)])
def test_reviewers_flag_at_the_rates_the_scenario_gives_them(
    hit: float, false_alarm: float
) -> None:
    d_prime, criterion = signal_detection(hit, false_alarm)
    flagged = [reviewing.flag_chance(ok, d_prime, criterion, 1.0) for ok in (False, True)]
    assert flagged == pytest.approx([hit, false_alarm], abs=1e-12)


@pytest.mark.parametrize(("follows", "hit"), [(1.0, 0.8), (2.0, 2 / 3), (4.0, 0.5), (16.0, 0.2)])
def test_odds_of_following_a_wrong_draft_are_multiplied(follows: float, hit: float) -> None:
    d_prime, criterion = signal_detection(0.8, 0.1)  # odds of a miss 1 : 4
    assert reviewing.flag_chance(False, d_prime, criterion, follows) == pytest.approx(hit)
    assert reviewing.flag_chance(True, d_prime, criterion, follows) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("pace", "share"), [(0.5, 0.7311), (1.0, 1.0), (1.5, 1.0989), (2.0, 1.1353)]
)
def test_half_the_time_costs_a_quarter_of_the_sensitivity(pace: float, share: float) -> None:
    # (1 - exp(-2 pace)) / (1 - exp(-2)): normal pace takes two time constants
    assert reviewing.sensitivity(1.0, pace, 0.0, 0.5, 30.0) == pytest.approx(share, abs=5e-5)


@pytest.mark.parametrize(("minutes", "left"), [(0.0, 1.0), (30.0, 0.9241), (1e9, 0.88)])
def test_tiredness_takes_its_loss_in_the_end(minutes: float, left: float) -> None:
    d_prime = reviewing.sensitivity(1.0, math.inf, minutes, 0.12, 30.0)
    assert d_prime == pytest.approx(left, abs=5e-5)


def test_the_criterion_shifts_by_the_log_of_the_odds() -> None:
    shifted = reviewing.criterion_of(0.1, 0.5, 1 / (1 + math.e**2), 2.0)  # odds of an error e^-2
    assert shifted == pytest.approx(0.1 + 0.5 * 2 / 2.0)


def test_weight_1_is_the_ideal_observer() -> None:
    """Whoever moves an unbiased criterion all the way errs least often."""
    d_prime, errors = 1.6, 0.1
    ideal = reviewing.criterion_of(0.0, 1.0, errors, d_prime)

    def wrong(criterion: float) -> float:
        missed = 1 - reviewing.flag_chance(False, d_prime, criterion, 1.0)
        return errors * missed + (1 - errors) * reviewing.flag_chance(True, d_prime, criterion, 1)

    assert all(wrong(ideal) < wrong(ideal + by) for by in (-0.5, -0.05, 0.05, 0.5))


def test_an_impression_is_an_exponentially_weighted_mean() -> None:
    expects = 0.2
    for error in (True, False, False, True):
        expects = reviewing.expects_after(expects, error, 4.0)
    ages = (1, 0.75, 0.75**2, 0.75**3)
    assert expects == pytest.approx(0.2 * 0.75**4 + 0.25 * (ages[0] + ages[3]))


def test_what_lowers_the_chance_of_reading_adds_up_in_log_odds() -> None:
    chance = read_chance(0.7, 9, 3, log_odds=2.0, by_trust=2.5, by_queue=0.2, by_repeats=0.3,
                         lapse=0.1)  # fmt: skip
    log_odds = 2.0 - 2.5 * 0.2 - 0.2 * math.log(10) - 0.3 * math.log(4)
    assert chance == pytest.approx(0.9 / (1 + math.exp(-log_odds)))


def test_who_reads_everything_reads_whatever_happens() -> None:
    assert read_chance(0.999, 10**6, 10**6, log_odds=math.inf, lapse=0.0) == 1.0


def test_minus_infinite_log_odds_mean_never_whatever_the_trust() -> None:
    assert reviewing.leaning(-math.inf, 10.0, 1.0) == 0.0


# --- properties ----------------------------------------------------------------------------------


@given(st.floats(-8, 8))
def test_normal_cdf(x: float) -> None:
    assert reviewing.normal_cdf(x) == pytest.approx(NormalDist().cdf(x), rel=1e-9, abs=1e-15)


@given(st.floats(allow_nan=False), st.floats(allow_nan=False))
def test_sigmoid_is_a_probability_that_rises(x: float, y: float) -> None:
    x, y = sorted((x, y))
    assert 0 <= reviewing.sigmoid(x) <= reviewing.sigmoid(y) <= 1


@given(INNER)
def test_sigmoid_undoes_log_odds(p: float) -> None:
    assert reviewing.sigmoid(math.log(p / (1 - p))) == pytest.approx(p, rel=1e-12)


@given(LOG_ODDS, WEIGHTS, SHARES, SHARES)
def test_a_positive_weight_leans_with_trust_and_a_negative_one_against(
    log_odds: float, weight: float, less: float, more: float
) -> None:
    less, more = sorted((less, more))
    assert reviewing.leaning(log_odds, weight, less) <= reviewing.leaning(log_odds, weight, more)
    assert reviewing.leaning(log_odds, -weight, less) >= reviewing.leaning(log_odds, -weight, more)


@given(LOG_ODDS, st.floats(-10, 10))
def test_nothing_leans_at_neutral_trust(log_odds: float, weight: float) -> None:
    assert reviewing.leaning(log_odds, weight, 0.5) == reviewing.sigmoid(log_odds)


@given(LOG_ODDS, SHARES, SHARES, COUNTS, COUNTS, SHARES)
def test_more_trust_reads_less(
    log_odds: float, less: float, more: float, waiting: int, repeats: int, lapse: float
) -> None:
    less, more = sorted((less, more))
    chances = [
        read_chance(trust, waiting, repeats, log_odds=log_odds, lapse=lapse)
        for trust in (more, less)
    ]
    assert 0 <= chances[0] <= chances[1] <= 1 - lapse


@given(SHARES, COUNTS, COUNTS, COUNTS, COUNTS)
def test_a_longer_queue_and_more_repeats_read_less(
    trust: float, short: int, long: int, few: int, many: int
) -> None:
    (short, long), (few, many) = sorted((short, long)), sorted((few, many))
    assert read_chance(trust, long, few) <= read_chance(trust, short, few)
    assert read_chance(trust, short, many) <= read_chance(trust, short, few)


@given(SHARES, COUNTS, COUNTS, LOG_ODDS)
def test_weights_of_0_leave_the_reading_as_it_is(
    trust: float, waiting: int, repeats: int, log_odds: float
) -> None:
    chance = read_chance(trust, waiting, repeats, log_odds=log_odds, by_trust=0.0, by_queue=0.0,
                         by_repeats=0.0, lapse=0.0)  # fmt: skip
    assert chance == reviewing.sigmoid(log_odds)


@given(SEES, st.floats(0, 20), st.floats(0, 20), MINUTES, MINUTES, SHARES)
def test_hurry_and_tiredness_see_less(
    d_prime: float, fast: float, slow: float, fresh: float, tired: float, loss: float
) -> None:
    (fast, slow), (fresh, tired) = sorted((fast, slow)), sorted((fresh, tired))

    def sees(pace: float, minutes: float) -> float:
        return reviewing.sensitivity(d_prime, pace, minutes, loss, 30.0)

    assert 0 <= sees(fast, tired) <= sees(slow, tired) + A_BIT
    assert sees(slow, tired) <= sees(slow, fresh) + A_BIT
    assert sees(math.inf, tired) == pytest.approx(sees(1.0, tired)), "inf: pace does not matter"
    assert sees(1.0, tired) >= (1 - loss) * d_prime - A_BIT, "more than the loss is never lost"


@given(CRITERIA, WEIGHTS, INNER, INNER, SEES)
def test_rarer_errors_raise_the_criterion(
    criterion: float, weight: float, rare: float, common: float, d_prime: float
) -> None:
    rare, common = sorted((rare, common))
    shifted = [reviewing.criterion_of(criterion, weight, e, d_prime) for e in (rare, common)]
    assert shifted[0] >= shifted[1]
    assert reviewing.criterion_of(criterion, weight, 0.5, d_prime) == criterion
    assert reviewing.criterion_of(criterion, 0.0, rare, d_prime) == criterion


@given(SEES, CRITERIA, CRITERIA, st.floats(1, 20))
def test_a_higher_criterion_flags_less_of_everything(
    d_prime: float, low: float, high: float, follows: float
) -> None:
    low, high = sorted((low, high))
    for ok in (False, True):
        chances = [reviewing.flag_chance(ok, d_prime, c, follows) for c in (high, low)]
        assert 0 <= chances[0] <= chances[1] + A_BIT
        assert chances[1] <= 1


@given(SEES, SEES, CRITERIA)
def test_who_sees_more_flags_more_of_the_bad_and_less_of_the_good(
    dim: float, keen: float, criterion: float
) -> None:
    dim, keen = sorted((dim, keen))
    bad, good = (
        [reviewing.flag_chance(ok, d, criterion, 1.0) for d in (dim, keen)] for ok in (False, True)
    )
    assert bad[0] <= bad[1]
    assert good[0] >= good[1]
    assert bad[1] >= good[1]


@given(SEES, CRITERIA, st.floats(1, 20), st.floats(1, 20))
def test_novices_follow_a_wrong_draft_more(
    d_prime: float, criterion: float, expert: float, novice: float
) -> None:
    expert, novice = sorted((expert, novice))
    hits = [reviewing.flag_chance(False, d_prime, criterion, f) for f in (novice, expert)]
    assert hits[0] <= hits[1] + A_BIT


@given(st.lists(SHARES, max_size=200), st.randoms(use_true_random=False))
def test_a_mean_chance_is_the_mean_whoever_comes_first(chances: list[float], rng: Random) -> None:
    parts = [reviewing.in_parts(chance) for chance in chances]
    mean = reviewing.mean_chance(sum(parts), len(parts))
    assert mean == pytest.approx(sum(chances) / max(1, len(chances)), abs=1e-9)
    assert 0 <= mean <= 1
    rng.shuffle(parts)
    total = 0
    for part in parts:
        total += part
    assert reviewing.mean_chance(total, len(parts)) == mean


@given(SHARES, SHARES)
def test_parts_are_whole_and_rise_with_the_chance(less: float, more: float) -> None:
    less, more = sorted((less, more))
    parts = [reviewing.in_parts(chance) for chance in (less, more)]
    assert all(isinstance(part, int) for part in parts)
    assert parts[0] <= parts[1]
    for chance, part in zip((less, more), parts, strict=True):
        # never more than the chance: whoever pulls nothing stays at nothing
        assert 0 <= chance - reviewing.mean_chance(part, 1) < 2**-30


@given(INNER, st.booleans(), st.floats(1, 1e9))
def test_an_impression_moves_towards_what_was_seen_and_stays_inside(
    expects: float, error: bool, memory: float
) -> None:
    after = reviewing.expects_after(expects, error, memory)
    assert 0.0005 <= after <= 0.9995, "or the criterion would be infinite"
    assert after >= expects if error else after <= expects
    longer = reviewing.expects_after(expects, error, 2 * memory)
    assert abs(longer - expects) <= abs(after - expects) + A_BIT


@given(MINUTES, MINUTES, MINUTES, st.floats(0.1, 1000))
def test_two_breaks_rest_as_much_as_one_as_long(
    tired: float, first: float, second: float, half_in: float
) -> None:
    assume(first + second < 500 * half_in)
    once = reviewing.rested(tired, first + second, half_in)
    twice = reviewing.rested(reviewing.rested(tired, first, half_in), second, half_in)
    assert twice == pytest.approx(once, rel=1e-9)
    assert 0 <= once <= tired
