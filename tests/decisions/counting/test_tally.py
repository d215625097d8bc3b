"""The engines count what plain Python counts, whatever is in a log and whatever is missing."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings

import hitlsim as hs
from hitlsim.decisions.counting.counts import Counts
from hitlsim.decisions.counting.tally import tally, work
from tests.decisions.counting import plain
from tests.decisions.counting.random_logs import ZONES, random_log, random_logs
from tests.simulation.telling_team import telling_team


def check(log: hs.DecisionLog) -> None:
    """Counts exactly, minutes and money to what was written; weights but for rounding."""
    ours, theirs = tally(log), plain.tally(log)
    exact = [name for name in ours if name not in plain.WEIGHTS]
    pd.testing.assert_frame_equal(ours[exact], theirs[exact], check_exact=True)
    weights = [*plain.WEIGHTS]
    pd.testing.assert_frame_equal(ours[weights], theirs[weights], rtol=1e-12, atol=0)
    done = work(log)
    if len(done):
        pd.testing.assert_frame_equal(done, plain.work(log), check_exact=True)


@settings(max_examples=20)
@given(random_logs())
def test_any_small_log_is_counted_as_row_by_row(log: hs.DecisionLog) -> None:
    if log.has("route") and not log.tests.all():
        check(log)


@pytest.mark.parametrize("zone", ZONES)
def test_days_are_those_of_the_logs_clock_where_it_changes(zone: str) -> None:
    log = random_log(1, 300, zone)
    check(log)
    assert Counts.of_log(log).oldest_minutes.tolist() == plain.oldest(log)


def test_a_simulated_log_is_counted_as_row_by_row() -> None:
    log = hs.simulate(telling_team().with_(weeks=2), seed=7).log
    # minutes of a simulation are thirds of a minute and the like: row by row they round
    ours, theirs = tally(log), plain.tally(log)
    pd.testing.assert_frame_equal(ours, theirs[list(ours)], rtol=1e-12, atol=0)
    pd.testing.assert_frame_equal(work(log), plain.work(log), rtol=1e-12, atol=0)


def test_the_order_of_the_rows_changes_no_digit(reference_run: hs.Run) -> None:
    """Sums of floats would differ in the last digits."""
    log = reference_run.log
    mixed = hs.DecisionLog(log.frame.sample(frac=1, random_state=3), log.record)
    pd.testing.assert_frame_equal(tally(log), tally(mixed), check_exact=True)
    pd.testing.assert_frame_equal(work(log), work(mixed), check_exact=True)


def test_a_log_that_does_not_say_what_went_alone_is_refused() -> None:
    log = random_log(1, 5, "UTC", frozenset({"route"}))
    for count in (tally, work):
        with pytest.raises(hs.LogError, match=r"no column 'route'.*--auto 0.9 --review 0.7"):
            count(log)
