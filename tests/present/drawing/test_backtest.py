"""The figure of a backtest: its title is the verdict, and every month is in it."""

from __future__ import annotations

from functools import cache

from hitlsim.calibration.tuning.backtesting.backtest import Backtest, backtest
from hitlsim.present.drawing import backtest as drawing
from hitlsim.present.drawing.backtest import draw_backtest
from tests.calibration.tuning.backtest_logs import even, monthly_log


@cache
def found() -> Backtest:
    return backtest(monthly_log([even(500), even(500), even(9), even(500)]), fn_share=0.3)


def test_the_title_is_the_verdict_and_the_table_has_every_month() -> None:
    p = draw_backtest(found())
    assert p.png.startswith(b"\x89PNG")
    assert found().words()[0] == f"{p.title}."
    assert p.table["month"].tolist() == ["2026-02", "2026-03", "2026-04"]
    assert "not judged" in p.table["advice"][1]
    assert p.table["silent errors, advice"][0].endswith("%)")
    assert "Shaded months cannot be judged" in p.caption
    assert "4 policies over 3 months" in p.alt


def test_the_caption_names_the_months_of_best_guesses_and_what_was_followed_is_drawn() -> None:
    few, many = even(60, 0.6, 1.0), even(1000)
    p = draw_backtest(backtest(monthly_log([few, many, few, many]), rules="one", learn=1))
    assert "Not recommended, so that the advice drawn is a best guess: 2026-02, 2026-04;" in (
        p.caption
    )
    assert p.table["tune says"].tolist() == ["best guess", "recommended", "best guess"]
    assert "as followed" in p.table
    assert "4 policies" in p.alt


def test_no_line_of_the_legend_ends_in_a_piece_of_a_dash() -> None:
    """9.5 points a letter; dashes are in widths of the line."""
    long = drawing._KEY_LENGTH * 9.5 / drawing._LINE
    for look in drawing._LOOKS.values():
        if look.line == "-":
            continue
        dashes, at = look.line[1], 0.0
        while at + sum(dashes) < long:
            at += sum(dashes)
        ends, i = [], 0
        while at < long:
            ends.append((at, dashes[i % len(dashes)], i % 2 == 0))
            at += dashes[i % len(dashes)]
            i += 1
        start, width, drawn = ends[-1]
        assert not drawn or long - start > 0.9 * width


def test_a_log_without_outcomes_has_one_panel_and_no_column_of_silent_errors() -> None:
    p = draw_backtest(backtest(monthly_log([even(500)] * 3, ok="none"), rules="one"))
    assert "silent errors" not in p.alt
    assert "silent errors, advice" not in p.table
    height = int.from_bytes(p.png[20:24], "big")
    assert height < int.from_bytes(draw_backtest(found()).png[20:24], "big")


def test_a_backtest_without_a_band_is_drawn_too() -> None:
    p = draw_backtest(backtest(monthly_log([even(500)] * 3), exception_rate=None, fn_share=0.3))
    assert "exception rate" in p.alt


def test_the_same_backtest_gives_the_same_bytes() -> None:
    assert draw_backtest(found()).png == draw_backtest(found()).png
