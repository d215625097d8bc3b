"""People by the hour, and what a shorter wait takes."""

from __future__ import annotations

import pytest

import hitlsim as hs
from hitlsim.present.drawing.staffing import busiest_pool, draw_people, draw_targets


def test_the_busiest_pool_is_the_one_with_most_work(reference_run: hs.Run) -> None:
    assert busiest_pool(reference_run.log) == "sdr-desk"
    nobody = hs.DecisionLog(reference_run.log.frame.drop(columns="pool"))
    assert busiest_pool(nobody) is None


def test_the_hours_in_the_picture_add_up_to_those_of_the_answer(reference_run: hs.Run) -> None:
    found = hs.staffing(reference_run.log, pool="sdr-desk")
    picture = draw_people(found)
    assert picture.table["People"].sum() == found.hours.value
    assert f"needs {found.hours.value:.0f} hours a week" in picture.title


def test_a_shorter_wait_never_takes_fewer_people(reference_run: hs.Run) -> None:
    targets = (60.0, 1440.0)
    picture = draw_targets(reference_run.log, pool="sdr-desk", targets_minutes=targets)
    hour, day = (
        hs.staffing(reference_run.log, pool="sdr-desk", within_minutes=t).hours.value
        for t in targets
    )
    assert hour >= day
    assert f"it takes {hour / day:.1f} times as many" in picture.title


@pytest.mark.parametrize("weeks", [6])
def test_a_log_too_short_for_an_interval_can_be_drawn(weeks: int) -> None:
    # two weeks of steady state: hours a week have no interval
    log = hs.simulate(hs.load("outbound").with_(weeks=weeks), seed=1).log
    found = hs.staffing(log, pool="reps")
    assert found.status == "not enough evidence"
    assert "not enough evidence" in draw_people(found).title
    assert draw_targets(log, pool="reps", targets_minutes=(1440.0,)).png
