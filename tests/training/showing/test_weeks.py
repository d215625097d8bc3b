"""Twelve weeks as a trainee sees them."""

from __future__ import annotations

import pytest

import hitlsim as hs
from hitlsim.present.picture import Note, Picture
from hitlsim.training.debrief import Debrief
from hitlsim.training.showing.weeks import draw_course, draw_weeks
from hitlsim.training.weeks.tables import habits_table
from hitlsim.training.weeks.twelve import Weeks, twelve_weeks


@pytest.fixture(scope="module")
def weeks(told: Debrief, reference_run: hs.Run) -> Weeks:
    return twelve_weeks(told.of("curlew"), reference_run.scenario, runs=2)


def test_both_figures_have_a_finding_an_alt_text_and_their_table(weeks: Weeks) -> None:
    for picture, rows in ((weeks.picture, 11), (draw_course(weeks), 12)):
        assert isinstance(picture, Picture)
        assert picture.png.startswith(b"\x89PNG")
        assert picture.alt.startswith(picture.title)
        assert "95 of 100" in picture.caption
        assert len(picture.table) == rows


def test_the_finding_says_what_the_three_teams_spend_and_let_through(weeks: Weeks) -> None:
    title, missed = weeks.picture.title, weeks.figures["you", "missed"].value
    assert title.startswith(f"With your habits {weeks.figures['you', 'review_hours'].value:.0f} h")
    assert f"{missed:.0%} of the wrong ones let through" in title
    assert title.count(" and ") == 3


def test_the_same_weeks_give_the_same_picture(weeks: Weeks) -> None:
    assert draw_weeks(weeks).png == weeks.picture.png


def test_a_notebook_shows_finding_figures_habits_and_what_is_assumed(weeks: Weeks) -> None:
    html = weeks._repr_html_()
    assert html.count("<figure>") == 2
    assert "The habits that your answers show" in html
    assert "What this takes for granted" in html
    assert "nan" not in html.split("base64")[0]


def test_habits_stand_beside_those_of_people_on_average(weeks: Weeks) -> None:
    table = habits_table(weeks)
    row = table[table["Habit"] == "Routine items opened"].iloc[0]
    assert row["On average"] == "0%"
    assert row["Rests on"] == "28 routine items of the steady round"


def test_one_week_has_no_course(told: Debrief) -> None:
    short = twelve_weeks(told.of("curlew"), hs.load("outbound").with_(weeks=1), runs=2)
    assert isinstance(draw_course(short), Note)
