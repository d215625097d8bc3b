"""The small charts of a watched log: what they show is what was found."""

from __future__ import annotations

from functools import cache

import numpy as np

from hitlsim.decisions.watching.observed import CALIBRATION, SILENT
from hitlsim.decisions.watching.watch import Watch, watch
from hitlsim.present.drawing.watch import draw_watch, in_alarm, in_unit, what_changed
from hitlsim.present.monthly.month import MonthReport
from hitlsim.present.picture import Picture
from tests.decisions.watching.weekly_logs import CHANGES, weekly


@cache
def worse() -> Watch:
    return watch(weekly(odds=3))


def drawn(w: Watch) -> Picture:
    found = draw_watch(w)
    assert isinstance(found, Picture)
    return found


def test_the_title_is_the_finding_and_the_caption_says_how_often_chance_does_it() -> None:
    p = drawn(worse())
    assert p.title.startswith("Silent errors rose from")
    assert "alarms are in force for silent errors" in p.alt
    assert "By chance alone each chart raises an alarm about once in" in p.caption
    assert "Taken for granted" in p.caption


def test_the_table_holds_every_week_with_its_limits_and_alarms() -> None:
    table = drawn(worse()).table
    assert len(table) == len(worse().calendar.periods)
    alarms = table["Silent errors"].str.contains("alarm")
    assert not alarms[:CHANGES].any()
    assert alarms[CHANGES + 1 :].all()
    assert (table["Limits of silent errors"] != "").all()


def test_calibration_is_drawn_as_odds_beside_those_promised() -> None:
    d = in_unit(worse().charts[CALIBRATION])
    assert d.centre == 1
    assert np.nanmedian(d.value[:CHANGES]) < 1.3
    assert np.nanmedian(d.value[CHANGES:]) > 2


def test_no_week_of_the_baseline_is_marked() -> None:
    chart = worse().charts[SILENT]
    assert not in_alarm(chart)[: worse().calendar.baseline].any()


def test_the_same_log_gives_the_same_bytes() -> None:
    assert drawn(worse()).png == drawn(worse()).png


def test_the_report_draws_the_weeks_up_to_its_month(september: MonthReport) -> None:
    found = what_changed(september)
    assert isinstance(found, Picture)
    assert found.table["Week of"].iloc[-1] <= "2026-09-30"
