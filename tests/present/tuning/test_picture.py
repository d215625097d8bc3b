"""The pictures of a recommendation: what they show is what was found."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

import hitlsim as hs
from hitlsim.calibration.tuning.proving.guarantee import Guarantee
from hitlsim.calibration.tuning.recommendation import Recommendation
from hitlsim.calibration.tuning.tune import tune
from hitlsim.calibration.tuning.weighing.policy import Policy
from hitlsim.decisions.estimating.intervals import NOTHING, Estimate
from hitlsim.present import style
from hitlsim.present.picture import Note, Picture
from hitlsim.present.tuning import panels as tuning_panels
from hitlsim.present.tuning import texts as tuning_text
from hitlsim.present.tuning.picture import draw_speed_safety, draw_tuning
from hitlsim.scenario.boundary import Bands, Boundary


@cache
def rec() -> Recommendation:
    return tune(hs.simulate(hs.load("outbound"), seed=7).log)


def drawn(found: Picture | Note) -> Picture:
    assert isinstance(found, Picture)
    return found


def panel(draw: Any, of: Recommendation) -> tuple[Any, str]:
    with style.drawing(4) as fig:
        ax = fig.add_subplot()
        return ax, draw(ax, of)


# --- findings ------------------------------------------------------------------------------------


def test_the_title_is_what_the_rules_save_and_the_alt_text_names_every_point() -> None:
    p = drawn(draw_speed_safety(rec()))
    assert f"{rec().saving.value:,.0f} per 1,000 decisions" in p.title
    for name in ("today", "90/70 for all", "recommended"):
        assert name in p.alt
    assert "95% intervals" in p.caption
    assert f"{rec().rate.n:,.0f} decisions" in p.caption


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [(5.0, 30.0, "save EUR 10 "), (-30.0, -5.0, "cost EUR 10 "), (-5.0, 30.0, "not sure")],
)
def test_a_saving_is_claimed_only_where_its_whole_interval_says_so(
    low: float, high: float, words: str
) -> None:
    value = 10.0 if high > 0 else -10.0
    saving = replace(rec().saving, value=value, low=low, high=high)
    assert words in tuning_panels.saving_words(replace(rec(), saving=saving))


def test_without_todays_rules_the_usual_bands_are_what_is_compared_with() -> None:
    alone = replace(rec(), today={}, saving=NOTHING)
    p = drawn(draw_speed_safety(alone))
    assert "with 90/70 bands" in p.title
    assert list(p.table["Rules"]) == ["90/70 for all", "recommended"]


# --- what is drawn -------------------------------------------------------------------------------


def test_points_lie_where_their_figures_say_with_intervals() -> None:
    ax, _ = panel(tuning_panels.speed_safety, rec())
    points = {c.get_label(): c for c in ax.containers}
    for name, figures in (("today", rec().today), ("recommended", rec().figures)):
        (x,), (y,) = points[name][0].get_data()
        assert x == pytest.approx(100 * figures["exception_rate"].value)
        assert y == pytest.approx(figures["cost_per_1000"].value)
        (bar,) = points[name][2][-1].get_segments()
        cost = figures["cost_per_1000"]
        assert bar[:, 1].tolist() == pytest.approx([cost.low, cost.high])


def test_nothing_marked_is_cut_off_and_no_rule_beats_the_exact_trade_off() -> None:
    ax, _ = panel(tuning_panels.speed_safety, rec())
    low, high = ax.get_ylim()
    for figures in (rec().today, rec().usual, rec().figures):
        cost = figures["cost_per_1000"]
        assert low < cost.low < cost.high < high
    best = np.interp(
        rec().rate.value, rec().frontier["exception_rate"], rec().frontier["cost_per_1000"]
    )
    assert best < rec().figures["cost_per_1000"].value


def test_the_band_is_drawn_only_where_one_was_asked_for() -> None:
    ax, _ = panel(tuning_panels.speed_safety, rec())
    assert any("band 10-15%" in t.get_text() for t in ax.texts)
    free = replace(rec(), goals=rec().goals.model_copy(update={"exception_rate": None}))
    ax, _ = panel(tuning_panels.speed_safety, free)
    assert not ax.texts


def test_simplicity_names_the_loss_against_a_judge_of_each() -> None:
    ax, title = panel(tuning_panels.simplicity, rec())
    cost = rec().ladder["cost_per_1000"]
    here = rec().ladder["recommended"]
    assert f"{cost[here].iloc[0] - cost.iloc[-1]:,.0f} more" in title
    assert [t.get_text() for t in ax.texts] == [f"{c:,.0f}" for c in cost]


def test_silent_errors_are_the_same_in_the_picture_and_in_the_row_of_their_name() -> None:
    name = "silent errors, judges' mistakes taken out"
    row = next(r for r in tuning_text.figure_rows(rec()) if r.name == name)
    own = rec().figures["expected_fn_share"].value
    assert row.advised.startswith(f"{own:.1%} (")
    ax, title = panel(tuning_panels.hours_silent, rec())
    assert name in ax.get_ylabel().replace("\n", " ")
    assert f"leave {own:.1%} silent errors (judges' mistakes taken out)" in title
    assert drawn(draw_tuning(rec())).table[name.capitalize()].iloc[-1] == row.advised


def test_without_judges_nothing_is_said_of_their_mistakes() -> None:
    known = replace(rec(), judged=False)
    names = [r.name for r in tuning_text.figure_rows(known)]
    assert [n for n in names if n.startswith("silent")] == ["silent errors"]
    ax, title = panel(tuning_panels.hours_silent, known)
    assert ax.get_ylabel().startswith("silent errors, expected")
    assert "judges" not in title


def test_the_line_is_called_best_by_what_it_is_best_in() -> None:
    ax, _ = panel(tuning_panels.speed_safety, rec())
    labels = [str(line.get_label()) for line in ax.get_lines()]
    assert any(label.startswith("best by cost") for label in labels)
    assert not any("the best there is" in label for label in labels)
    assert "another order may lie below" in drawn(draw_speed_safety(rec())).caption


def test_rules_at_other_exception_rates_are_not_compared_by_cost() -> None:
    ladder = rec().ladder.copy()
    ladder.loc[0, "exception_rate"] += 0.008
    _, title = panel(tuning_panels.simplicity, replace(rec(), ladder=ladder))
    assert "cost" not in title


@pytest.mark.parametrize(("low", "high"), [(0.001, 0.01), (0.9, 0.99), (0.0, 0.02), (0.4, 0.5)])
@pytest.mark.parametrize("draw", [tuning_panels.speed_safety, tuning_panels.tornado])
def test_the_bands_name_stays_inside_its_axis(draw: Any, low: float, high: float) -> None:
    wide = rec().band
    narrow = replace(rec(), band=replace(wide, low=low, high=high))
    with style.drawing(4) as fig:
        ax = fig.add_subplot()
        draw(ax, narrow)
        fig.draw_without_rendering()
        (said,) = (t for t in ax.texts if t.get_text().startswith("band"))
        box, room = said.get_window_extent(), ax.get_window_extent()
    assert room.x0 <= box.x0
    assert box.x1 <= room.x1


def test_the_tornado_spans_each_assumption_and_says_when_none_of_them_matters() -> None:
    ax, title = panel(tuning_panels.tornado, rec())
    s = rec().sensitivity
    spans = sorted((b.get_x(), b.get_x() + b.get_width()) for c in ax.containers for b in c)
    ends = np.sort(100 * s[["wanted_low", "wanted_high"]].to_numpy(), axis=1)
    assert np.allclose(spans, sorted(map(tuple, ends)))
    assert title == "Whatever is assumed, more looks would pay than the band allows"
    mixed = s.assign(wanted_low=0.05)
    assert panel(tuning_panels.tornado, replace(rec(), sensitivity=mixed))[1].startswith(
        "What moves it most"
    )


@pytest.mark.parametrize("status", ["recommended", "not enough evidence", "infeasible"])
def test_rules_that_are_not_recommended_are_not_called_so(status: str) -> None:
    named = tuning_panels.chosen(replace(rec(), status=status))
    assert (named == "recommended") == (status == "recommended")


def test_of_a_scenario_what_was_simulated_is_the_line() -> None:
    tried = pd.DataFrame({
        "policy": ["today", "at 10%", "at 5%"], "exception_rate": [0.12, 0.1, 0.05],
        "cost_per_1000": [900.0, 950.0, 990.0], "hours_per_week": [3.0, 2.0, 1.0],
        "fn_share": [0.05, 0.06, 0.07],
    })  # fmt: skip
    alone = replace(rec(), simulated=tried, runs=20, today={}, saving=NOTHING)
    ax, _ = panel(tuning_panels.speed_safety, alone)
    line = next(x for x in ax.get_lines() if "simulated" in str(x.get_label()))
    assert line.get_xdata().tolist() == [5.0, 10.0]
    assert (
        "means of 20 simulated runs"
        in drawn(draw_tuning(replace(rec(), simulated=tried, runs=20))).caption
    )


def test_of_a_scenario_the_line_lies_in_the_worlds_of_its_marks() -> None:
    """Today's rules cost 70 less in the runs of the line, the usual ones 30 less: 50 to add."""
    names = ["exception_rate", "cost_per_1000", "hours_per_week", "fn_share"]
    now, usual = ({n: f[n].value for n in names} for f in (rec().today, rec().usual))
    now["cost_per_1000"] -= 70
    usual["cost_per_1000"] -= 30
    rows = [{"policy": "today", **now}, {"policy": "90/70", **usual},
            {"policy": "at 10%", **now, "cost_per_1000": 950.0}]  # fmt: skip
    line = tuning_panels.simulated_line(replace(rec(), simulated=pd.DataFrame(rows), runs=20))
    assert line["cost_per_1000"].tolist() == pytest.approx([1000.0])
    assert line["exception_rate"].tolist() == pytest.approx([now["exception_rate"]])


def test_the_line_of_least_confident_first_says_that_triggers_stay() -> None:
    ax, _ = panel(tuning_panels.speed_safety, rec())
    labels = [str(line.get_label()) for line in ax.get_lines()]
    assert "least confident first, and triggers that stay" in labels
    none = replace(rec(), trigger_rate=replace(rec().trigger_rate, value=0.0))
    ax, _ = panel(tuning_panels.speed_safety, none)
    assert "least confident first" in [str(line.get_label()) for line in ax.get_lines()]


def test_where_looks_stop_to_pay_at_the_desk_is_no_line_among_bars_on_paper() -> None:
    ax, _ = panel(tuning_panels.tornado, rec())
    assert len(ax.get_lines()) == 1
    assert "on paper" not in ax.get_xlabel()
    ax, _ = panel(tuning_panels.tornado, replace(rec(), runs=20))
    assert not ax.get_lines()
    assert "on paper" in ax.get_xlabel()


# --- the whole -----------------------------------------------------------------------------------


def test_what_the_ladder_is_not_about_is_said_below_it() -> None:
    sure = Guarantee(None, (0.1,), None, 0, 0, ())
    with_guarantee, simulated = replace(rec(), guarantee=sure), replace(rec(), runs=20)
    for of, words in ((with_guarantee, "fixed on the earlier days"), (simulated, "On paper")):
        assert words in drawn(draw_tuning(of)).caption
        assert words not in drawn(draw_tuning(rec())).caption
        assert words not in drawn(draw_speed_safety(of)).caption


def texts_of(fig: Figure) -> list[Text]:
    """What is to be read, without the labels of ticks that lie outside their axis."""
    unseen = set()
    for ax in fig.findobj(Axes):
        for axis in (ax.xaxis, ax.yaxis):
            low, high = sorted(axis.get_view_interval())
            outside = [t for t in axis.get_major_ticks() if not low <= t.get_loc() <= high]
            unseen |= {label for t in outside for label in (t.label1, t.label2)}
    found = [t for t in fig.findobj(Text) if isinstance(t, Text) and t not in unseen]
    return [t for t in found if t.get_visible() and t.get_text().strip()]


@pytest.mark.parametrize("ladder", [True, False])
def test_no_text_of_the_whole_picture_covers_another(
    monkeypatch: pytest.MonkeyPatch, ladder: bool
) -> None:
    kept: list[Figure] = []
    save = style.to_png

    def keep(fig: Figure) -> bytes:
        kept.append(fig)
        return save(fig)

    monkeypatch.setattr(style, "to_png", keep)
    draw_tuning(rec() if ladder else replace(rec(), ladder=pd.DataFrame()))
    texts = texts_of(kept[0])
    assert len(texts) > 30
    boxes = [t.get_window_extent() for t in texts]
    for i, one in enumerate(boxes):
        assert one.x1 <= kept[0].bbox.x1 + 1, texts[i].get_text()
        for j, other in enumerate(boxes[:i]):
            apart = (
                one.x1 <= other.x0 + 1 or other.x1 <= one.x0 + 1
                or one.y1 <= other.y0 + 1 or other.y1 <= one.y0 + 1
            )  # fmt: skip
            assert apart, (texts[i].get_text(), texts[j].get_text())


def test_the_same_recommendation_gives_the_same_bytes() -> None:
    assert drawn(draw_tuning(rec())).png == drawn(draw_tuning(rec())).png


def test_where_nothing_tells_what_a_look_is_worth_a_sentence_says_what_would() -> None:
    bare = replace(rec(), frontier=pd.DataFrame())
    for draw in (draw_tuning, draw_speed_safety):
        found = draw(bare)
        assert isinstance(found, Note)
        assert "picked by chance" in found.text


# --- texts ---------------------------------------------------------------------------------------


def test_a_price_seen_at_the_desk_stands_with_its_interval_among_targets() -> None:
    (met,) = rec().met
    seen = Estimate(6.6, 5.8, 7.4, 20, "")
    (row,) = tuning_text.target_rows(replace(rec(), met=(replace(met, price_seen=seen),)))
    assert row.binds == "yes, EUR 6.60 (5.80 to 7.40) a look"
    few = replace(rec(), met=(replace(met, price_seen=seen.scaled(-1)),), wanted_rate=0.01)
    assert tuning_text.target_rows(few)[0].binds == row.binds


def test_every_reason_stands_under_one_heading() -> None:
    groups = rec().reasons()
    every = [s for sentences in groups.values() for s in sentences]
    assert sorted(every) == sorted(rec().why()[1:])
    assert any("moves the answer" in s for s in groups["What moves it"])


def test_a_rule_that_stays_is_told_from_one_that_changes() -> None:
    rows = {row.workflow: row for row in tuning_text.rule_rows(rec())}
    assert len(rows) == len(rec().policy.rules)
    for flow, rule in rec().policy.rules.items():
        now = rec().present.bands_of(flow).auto
        assert rows[flow].alone == (f"{now:.6g}", f"{rule.auto:.6g}")
        assert rows[flow].alone.changes == (f"{now:.6g}" != f"{rule.auto:.6g}")
    assert [row.changes for row in rows.values()] == sorted(
        (row.changes for row in rows.values()), reverse=True
    )


def test_workflows_with_the_same_rule_are_one_row() -> None:
    flows = rec().policy.rules
    one = next(iter(flows.values()))
    present = Boundary(bands=Bands(auto=0.9, review=0.7))
    alike = replace(rec(), policy=Policy(dict.fromkeys(flows, one)), present=present)
    (row,) = tuning_text.rule_rows(alike)
    assert row.workflow == f"all {len(flows)} workflows"


def test_where_nothing_tells_what_holds_only_what_is_advised_is_shown() -> None:
    usual = Boundary(bands=Bands(auto=0.9, review=0.7))
    bare = replace(rec(), today={}, present=usual)
    for row in tuning_text.rule_rows(bare):
        assert row.alone == ("", f"{rec().policy.rules[row.workflow].auto:.6g}")
        assert row.deals.now in ("", row.deals.advised)
    told = replace(bare, present=Boundary(bands=Bands(auto=0.8, review=0.6)))
    assert all(row.alone.now == "0.8" for row in tuning_text.rule_rows(told))
    held = replace(rec(), present=usual)
    assert all(row.alone.now == "0.9" for row in tuning_text.rule_rows(held))
