"""Figures: the same data give the same bytes, and other data another finding."""

from __future__ import annotations

import math
import re

import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.decisions.columns import DOMAINS
from hitlsim.decisions.counting.scorecard import Targets
from hitlsim.decisions.estimating.intervals import Estimate, clopper_pearson
from hitlsim.present import style
from hitlsim.present.drawing import watch as watch_picture
from hitlsim.present.monthly import desk, figures, tradeoff
from hitlsim.present.monthly.month import MonthReport
from hitlsim.present.picture import Note, Picture

BAND = (0.10, 0.15)
DRAW = [figures.exceptions_by_week, figures.exceptions_from, tradeoff.silent_errors, desk.desk_load,
        desk.manager_week, watch_picture.what_changed]  # fmt: skip


def picture(found: Picture | Note) -> Picture:
    assert isinstance(found, Picture)
    return found


def weeks(rates: list[float], *, in_month: int, whole: int | None = None) -> pd.DataFrame:
    """Weeks with given exception rates, the last ``in_month`` of them the month's."""
    k = len(rates)
    rows = [clopper_pearson(round(1000 * r), 1000) for r in rates]
    frame = pd.DataFrame(
        {
            "monday": pd.date_range("2026-06-01", periods=k, freq="7D"),
            "in_month": [i >= k - in_month for i in range(k)],
            "whole": [whole is None or i < whole for i in range(k)],
        }
    )
    for name in ("exception_rate", "wait_minutes", "within_24h"):
        frame[name] = [e.value for e in rows]
        frame[f"{name}_low"] = [e.low for e in rows]
        frame[f"{name}_high"] = [e.high for e in rows]
        frame[f"{name}_n"] = [e.n for e in rows]
    return frame


def draw_weeks(rates: list[float], *, in_month: int) -> Picture:
    return picture(
        figures.draw_exceptions(weeks(rates, in_month=in_month), BAND, month="July 2026")
    )


@pytest.mark.parametrize("draw", DRAW, ids=lambda d: d.__name__)
def test_a_figure_drawn_twice_has_the_same_bytes(
    draw: figures.Drawing, september: MonthReport
) -> None:
    once, twice = picture(draw(september)), picture(draw(september))
    assert once.png == twice.png
    assert once.html() == twice.html()
    assert once.png.startswith(b"\x89PNG")
    assert len(once.png) < 300_000


@pytest.mark.parametrize("draw", DRAW, ids=lambda d: d.__name__)
def test_a_figure_can_be_read_without_being_seen(
    draw: figures.Drawing, september: MonthReport
) -> None:
    p = picture(draw(september))
    html = p.html()
    assert p.title in p.alt
    assert len(p.alt) > len(p.title) + 30
    assert len(p.table) > 0
    assert all(part in html for part in ("<figure>", "alt=", "<figcaption>", "<details>"))


@pytest.mark.parametrize("draw", DRAW[:1] + DRAW[2:-1], ids=lambda d: d.__name__)
def test_a_caption_says_what_its_interval_assumes(
    draw: figures.Drawing, september: MonthReport
) -> None:
    caption = picture(draw(september)).caption
    assert "95%" in caption
    assert "independent" in caption


def test_the_users_own_matplotlib_settings_change_nothing(september: MonthReport) -> None:
    import matplotlib as mpl

    usual = picture(figures.exceptions_by_week(september)).png
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert picture(figures.exceptions_by_week(september)).png == usual


@pytest.mark.parametrize(
    ("rates", "title"),
    [
        ([0.12, 0.13, 0.12, 0.11], "Exceptions stayed inside 10-15% in every week"),
        ([0.30, 0.13, 0.12, 0.11], "Exceptions stayed inside 10-15% in every week of July 2026"),
        ([0.12, 0.18, 0.16, 0.22], "Exceptions were above 15% in every week of July 2026"),
        ([0.12, 0.02, 0.06, 0.04], "Exceptions were below 10% in every week of July 2026"),
        ([0.12, 0.02, 0.12, 0.20],
         "Exceptions were above 15% in 1 and below 10% in 1 of the 3 weeks of July 2026"),
    ],
)  # fmt: skip
def test_the_title_over_the_weeks_follows_the_data(rates: list[float], title: str) -> None:
    assert draw_weeks(rates, in_month=3).title == title


def test_a_week_that_is_cut_off_is_marked() -> None:
    frame = weeks([0.12, 0.12, 0.12, 0.40], in_month=3, whole=3)
    p = picture(figures.draw_exceptions(frame, BAND, month="July 2026"))
    assert p.title == "Exceptions were above 15% in 1 of the 3 weeks of July 2026"
    assert "Hollow points" in p.caption
    assert p.table["Covered"].tolist() == ["whole", "whole", "whole", "part"]


def test_a_handful_of_decisions_does_not_make_the_title() -> None:
    frame = weeks([0.12, 0.12, 0.12, 0.40], in_month=3)
    frame.loc[3, "exception_rate_n"] = 5
    p = picture(figures.draw_exceptions(frame, BAND, month="July 2026"))
    assert p.title == "Exceptions stayed inside 10-15% in every week"


def test_weeks_without_decisions_leave_a_gap_and_no_nan() -> None:
    frame = weeks([0.12, 0.12, 0.12, 0.12], in_month=3)
    columns = [c for c in frame if c.startswith("exception_rate")]
    frame.loc[1, columns] = [math.nan, math.nan, math.nan, 0.0]
    p = picture(figures.draw_exceptions(frame, BAND, month="July 2026"))
    assert p.table["Exception rate"].tolist()[1] == "not known"
    said = re.sub(r"base64,[^\"]*", "", p.html())  # a picture may spell anything
    assert "nan" not in said


def sources(**reasons: int) -> pd.DataFrame:
    return pd.DataFrame(
        {"workflow": "follow_up", "reason": list(reasons), "exceptions": list(reasons.values()),
         "judged": 0, "changed": 0}
    )  # fmt: skip


@pytest.mark.parametrize(
    ("reasons", "title"),
    [
        ({"medium_band": 60, "deal_size": 40}, "Medium confidence causes 60% of the exceptions"),
        ({"first_time": 30, "low_band": 25, "deal_size": 23, "ethical": 22},
         "First-time scenarios and low confidence cause 55% of the exceptions"),
        ({"deal_size": 5}, "All exceptions have one reason: deal size"),
        ({f"r{i}": 10 for i in range(10)},
         "No single reason dominates: it takes 5 to make half of the exceptions"),
    ],
)  # fmt: skip
def test_the_title_over_the_reasons_follows_the_data(reasons: dict[str, int], title: str) -> None:
    assert picture(figures.draw_sources(sources(**reasons), {}, month="July 2026")).title == title


def test_small_reasons_and_many_workflows_are_grouped_without_losing_any() -> None:
    table = pd.DataFrame(
        [{"workflow": f"flow {w}", "reason": f"reason {r}", "exceptions": 1 + w + r}
         for w in range(30) for r in range(9)]
    )  # fmt: skip
    p = picture(figures.draw_sources(table, {}, month="July 2026"))
    assert "other reasons" in p.table.columns
    assert p.table["Workflow"].iloc[-1] == "18 other workflows"
    assert p.table["All"].sum() == table["exceptions"].sum()


def test_odd_names_do_not_break_a_figure() -> None:
    odd = sources(medium_band=3).assign(workflow="$\\frac{1}{2}$ 日本 " + "long " * 30)
    p = picture(figures.draw_sources(odd, {}, month="July 2026"))
    assert "日本" in p.html()


@pytest.fixture(scope="module")
def curve(reference_run: hs.Run) -> pd.DataFrame:
    return hs.curve(reference_run.log, [0.7, 0.8, 0.85, 0.9, 0.95, 0.99])


def test_the_title_over_the_thresholds_prices_fewer_silent_errors(curve: pd.DataFrame) -> None:
    p = picture(tradeoff.draw_tradeoff(curve, BAND, today=0.85, until="October 2026"))
    here = curve.set_index("threshold").loc[0.85]
    first = curve[curve["fn_share"] <= here["fn_share"] / 2].iloc[0]
    assert p.title == (
        f"Halving silent errors from {here['fn_share']:.1%} would take "
        f"{first['exception_rate']:.0%} exceptions, not {here['exception_rate']:.0%}"
    )
    assert "true" in " ".join(p.table.columns).lower()


def test_a_score_that_cannot_tell_says_so_in_the_title(curve: pd.DataFrame) -> None:
    flat = curve.assign(fn_share=0.05)
    p = picture(tradeoff.draw_tradeoff(flat, BAND, today=0.85, until="October 2026"))
    assert p.title.startswith("A stricter threshold helps little")


def test_an_unknown_threshold_is_not_drawn_as_todays(curve: pd.DataFrame) -> None:
    p = picture(tradeoff.draw_tradeoff(curve, BAND, until="October 2026"))
    assert p.title.startswith("From ")
    assert "today" not in p.table[""].tolist()


def test_without_truth_no_true_curve_is_promised(curve: pd.DataFrame) -> None:
    seen = curve[[c for c in curve if not c.startswith("true")]]
    p = picture(tradeoff.draw_tradeoff(seen, BAND, today=0.85, until="October 2026"))
    assert "true" not in p.html()


def test_a_desk_without_waits_still_shows_its_hours() -> None:
    frame = weeks([0.12, 0.12], in_month=1)
    frame[["wait_minutes", "within_24h"]] = math.nan
    frame = frame.assign(**{f"hours_{domain}": 1.0 for domain in DOMAINS})
    worked = Estimate(5.0, 4.0, 6.0, 2, "")
    p = picture(desk.draw_desk(frame, targets=Targets(), month="June 2026", worked=worked))
    assert p.title == "The desk worked 5.0 h a week"
    assert "Mean wait" not in p.table


SOME_LEFT = "Managers have 10 of 40 hours a week left for people work"


def week_of_managers(desk_hours: float, left: float) -> pd.DataFrame:
    rows = [
        ("exceptions", "desk", desk_hours),
        ("calls", "fixed", 2.0),
        ("strategy", "human", left),
    ]
    frame = pd.DataFrame(rows, columns=["domain", "kind", "hours"])
    return frame.assign(low=frame["hours"], high=frame["hours"], n=4, note="")


@pytest.mark.parametrize(
    ("left", "freed", "title"),
    [
        (10.0, 250.4, f"{SOME_LEFT}; by hand the work would have taken 250 hours more"),
        (10.0, -5.0, SOME_LEFT),
        (0.0, -5.0, "Managers have no hours left for people work: their 40 h a week are full"),
    ],
)  # fmt: skip
def test_the_title_over_the_managers_weeks_follows_the_data(
    left: float, freed: float, title: str
) -> None:
    p = desk.draw_manager_week(
        week_of_managers(38.0 - left, left), freed=Estimate(freed, freed - 9, freed + 9, 4, ""),
        spent=Estimate(20.0, 15.0, 25.0, 4, ""), managers=1, month="June 2026",
    )  # fmt: skip
    assert p.title == title
    assert "would not have been done" in p.caption
    assert p.table["Hours a week"].tolist()[1] == "2.0"


def test_without_freed_time_the_managers_weeks_stand_alone() -> None:
    p = desk.draw_manager_week(week_of_managers(30.0, 8.0), managers=1, month="June 2026")
    assert "by hand" not in p.caption.lower()


def test_lines_use_only_colours_that_can_be_told_apart_on_white() -> None:
    def contrast(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)

    for colour in (style.BLACK, style.BLUE, style.VERMILLION, style.GREEN, style.GREY):
        assert contrast(colour) >= 3
