"""Figures as words, and as pictures."""

from __future__ import annotations

import io
import math

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from PIL import Image

from hitlsim.decisions.counting.metrics import Unit
from hitlsim.decisions.estimating.intervals import NOTHING, Estimate, about, wilson
from hitlsim.present.change import Change, change, change_words
from hitlsim.present.style import DPI, drawing, duration, month_name, percent, to_png, written
from hitlsim.scenario.explain import listed


def _e(value: float, low: float, high: float, *, few: bool = False) -> Estimate:
    return Estimate(value, low, high, 100, "", few)


def test_a_percentage_shows_its_interval_once_without_repeating_the_sign() -> None:
    assert percent(_e(0.1234, 0.119, 0.128)) == "12.3% (11.9-12.8)"


def test_a_small_percentage_keeps_two_decimals() -> None:
    assert percent(_e(0.0037, 0.0031, 0.0044)) == "0.37% (0.31-0.44)"


def test_too_few_failures_give_an_interval_and_no_point() -> None:
    assert percent(_e(0.01, 0.001, 0.031, few=True)) == "between 0.1% and 3.1%"


@pytest.mark.parametrize("unit", list(Unit))
def test_what_is_not_known_is_never_written_as_nan(unit: Unit) -> None:
    assert written(NOTHING, unit) == "not known"


def test_a_figure_without_interval_has_no_empty_brackets() -> None:
    assert written(_e(0.5, math.nan, math.nan), Unit.SHARE) == "50.0%"


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(0, "0 min"), (59.4, "59 min"), (59.6, "1 h 0 min"), (290, "4 h 50 min"),
     (2879.6, "2 days 0 h"), (3419, "2 days 9 h"), (math.nan, "not known")],
)  # fmt: skip
def test_durations_never_show_sixty_minutes(minutes: float, said: str) -> None:
    assert duration(minutes) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.2, "0"), (99.4, "99"), (123.4, "123"), (1432.4, "1,430"), (9996, "10,000")],
)
def test_estimated_numbers_have_three_digits(value: float, said: str) -> None:
    assert about(value) == said


def test_months_and_lists_are_written_out() -> None:
    assert month_name("2027-01") == "January 2027"
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"


def test_a_change_within_chance_is_not_called_one() -> None:
    c = change(wilson(52, 400), wilson(50, 400))
    assert not c.clear
    assert change_words(c, Unit.SHARE, "May") == "no clear change since May"


def test_a_change_reproduces_newcombes_published_interval() -> None:
    # Newcombe 1998, table II (a), method 10: 56/70 - 48/80
    c = change(wilson(56, 70), wilson(48, 80))
    assert (round(c.low, 4), round(c.high, 4)) == (0.0524, 0.3339)


def test_a_change_against_nothing_says_nothing() -> None:
    assert change_words(change(wilson(5, 10), NOTHING), Unit.SHARE, "May") == ""


@pytest.mark.parametrize(
    ("c", "unit", "said"),
    [(Change(-0.034, -0.05, -0.01), Unit.SHARE, "down 3.4 points since May"),
     (Change(0.0004, 0.0001, 0.0007), Unit.SHARE, "up under 0.1 points since May"),
     (Change(75, 10, 140), Unit.MINUTES, "up 1 h 15 min since May"),
     (Change(-2.5, -3, -2), Unit.HOURS_PER_WEEK, "down 2.5 h since May")],
)  # fmt: skip
def test_a_clear_change_says_direction_and_size(c: Change, unit: Unit, said: str) -> None:
    assert change_words(c, unit, "May") == said


def test_a_picture_takes_little_room_and_no_colour_moves_far() -> None:
    with drawing(3) as figure:
        axes = figure.subplots()
        axes.fill_between(range(9), np.arange(9.0), color="#56B4E9", hatch="///", edgecolor="black")
        axes.plot(np.sin(np.arange(9)), color="#D55E00")
        axes.set_title("What went out that nobody asked about, week by week")
        png = to_png(figure)
        again = to_png(figure)
        canvas = FigureCanvasAgg(figure)
        canvas.draw()
    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")
    whole = io.BytesIO()
    drawn.save(whole, format="png")
    shown = Image.open(io.BytesIO(png))
    moved = np.abs(np.asarray(drawn, int) - np.asarray(shown.convert("RGB"), int))
    assert moved.max() <= 8
    assert len(png) < len(whole.getvalue()) / 2
    assert again == png
    assert [round(dpi) for dpi in shown.info["dpi"]] == [DPI, DPI]
