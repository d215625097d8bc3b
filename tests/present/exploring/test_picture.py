"""The picture says in words what it draws, and draws what was found."""

from __future__ import annotations

import base64
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

import hitlsim as hs
from hitlsim.decisions.estimating.intervals import Estimate
from hitlsim.present.exploring import words
from hitlsim.present.exploring.picture import drawn, live_html
from hitlsim.present.exploring.session import Explorer, explore

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - we have written it ourselves


def texts(svg: str) -> list[str]:
    return [t.text or "" for t in parsed(svg).iter(f"{SVG}text")]


def bars(svg: str, css: str) -> list[float]:
    return [float(r.get("width", 0)) for r in parsed(svg).iter(f"{SVG}rect")
            if r.get("class") == css]  # fmt: skip


def test_the_titles_are_what_was_found(explorer: Explorer) -> None:
    a = explorer.set(auto=0.9).answer
    said = " ".join(texts(explorer.picture.svg))
    rate = a.now["steady-state", "exception_rate"].value
    assert f"Steady state: {rate:.1%} exceptions" in said
    assert "points more than pinned" in said
    assert "Moved: auto 0.85 → 0.9" in said


def test_longer_bars_are_larger_figures(explorer: Explorer) -> None:
    a = explorer.set(auto=0.9).answer
    now = bars(explorer.picture.svg, "bar")[:3]
    held = bars(explorer.picture.svg, "pinned")[:3]
    phases = ["shadow", "exception-only", "steady-state"]
    for widths, of in ((now, a.now), (held, a.pinned)):
        per_point = {round(w / of[p, "exception_rate"].value, 0)
                     for p, w in zip(phases, widths, strict=True)}  # fmt: skip
        assert max(per_point) - min(per_point) <= 1  # rounded to a tenth of a pixel
    assert all(n > h for n, h in zip(now, held, strict=True))


def test_the_caption_says_where_worlds_differ(explorer: Explorer) -> None:
    assert explorer.set(auto=0.9).picture.caption.endswith("day by day, in the same world.")
    assert "volumes differ" in explorer.set(volume=1.2).picture.caption
    assert "volumes differ" not in explorer.pin().set(auto=0.88).picture.caption


def test_an_interval_beyond_the_axis_ends_in_an_arrow(explorer: Explorer) -> None:
    a = explorer.answer
    at = "shadow", "exception_rate"
    wide = {**a.now, at: Estimate(0.12, 0.01, 0.95, 9, "")}
    few = drawn(explorer, replace(a, now=wide, pinned=wide)).count('class="beyond"')
    assert few == drawn(explorer, a).count('class="beyond"') + 1


def test_the_pinned_policy_has_no_outline_around_itself(explorer: Explorer) -> None:
    assert bars(explorer.picture.svg, "pinned") == []
    assert "Nothing moved: this is the pinned policy." in texts(explorer.picture.svg)


@pytest.mark.parametrize("name", ["outbound", "enterprise-follow-up", "understaffed", "inbox"])
def test_nothing_is_drawn_outside_of_the_picture(name: str) -> None:
    base = hs.load(name)
    e = explore(base.with_(weeks=min(5, base.weeks)))
    e.set(volume=1.3)
    svg = e.picture.svg
    assert "nan" not in svg
    assert "inf" not in re.sub(r"info\w*", "", svg)
    for mark in parsed(svg).iter():
        for key in ("x", "x1", "x2", "cx"):
            assert -5 <= float(mark.get(key, 0)) <= 520, mark.attrib


def test_the_table_has_every_figure_in_words(explorer: Explorer) -> None:
    table = explorer.set(auto=0.9).picture.table
    wanted = ["Phase", "Figure", "Now", "Pinned", "Difference", "n", "Interval assumes"]
    assert list(table.columns) == wanted
    assert "True cost of all three, EUR per 1,000" in set(table["Figure"])
    row = table[(table["Phase"] == "Steady state") & (table["Figure"] == "Exception rate")].iloc[0]
    assert re.fullmatch(r"\d+\.\d% \(\d+\.\d-\d+\.\d\)", row["Now"])
    assert row["Difference"].startswith("+")


def test_html_keeps_the_alt_text_and_runs_nothing(explorer: Explorer) -> None:
    html = explorer.picture._repr_html_()
    data = re.search(r'<img alt="([^"]+)" src="data:image/svg\+xml;base64,([^"]+)"', html)
    assert data
    assert "exceptions" in data[1]
    svg = base64.b64decode(data[2]).decode()
    for scripted in ("onclick", "<script", "http://", "https://"):
        assert scripted not in svg.replace("http://www.w3.org/2000/svg", "")


def test_a_notebook_shows_what_a_file_shows(explorer: Explorer) -> None:
    a = explorer.set(auto=0.9).answer
    html = live_html(explorer, a)
    for text in texts(drawn(explorer, a)):
        assert text in "".join(parsed(html).itertext())
    assert words.basis(explorer, a) in "".join(parsed(html).itertext())


def test_an_axis_of_shares_ends_at_all_of_it(explorer: Explorer) -> None:
    a = explorer.answer
    high = {at: Estimate(0.98, 0.97, 0.99, 9, "") if at[1] == "exception_rate" else e
            for at, e in a.now.items()}  # fmt: skip
    said = texts(drawn(explorer, replace(a, now=high, pinned=high)))
    assert "100%" in said
    assert "150%" not in said


def test_a_phase_that_some_run_never_reached_is_left_out_and_told(explorer: Explorer) -> None:
    a = explorer.answer
    few = replace(a, phases=a.phases[:-1])
    assert "Not reached in that run, so left out: steady state." in words.basis(explorer, few)
    assert "left out" not in words.basis(explorer, a)


@pytest.mark.parametrize("name", ["operator", "on-the-loop"])
def test_a_picture_is_as_high_as_its_phases_need(name: str) -> None:
    e = explore(hs.load(name).with_(weeks=4))
    for panel in parsed(live_html(e, e.answer)).iter(f"{SVG}svg"):
        high = float(panel.get("viewBox", "").split()[3])
        lowest = max(float(t.get("y", 0)) for t in panel.iter(f"{SVG}text"))
        assert high - 40 < lowest < high


def test_the_same_figures_give_the_same_picture(five_weeks: hs.Scenario) -> None:
    one, other = (explore(five_weeks, seed=3).set(auto=0.9).picture.svg for _ in range(2))
    assert one == other


def test_names_cannot_become_markup(explorer: Explorer) -> None:
    explorer.set(auto=0.9).pin('<script>"x"&').set(auto=0.8)
    svg = live_html(explorer, explorer.answer)
    assert "<script>" not in svg
    parsed(svg)


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (0.132, 0.13, 0.134, "inside 10-15%"),
        (0.101, 0.098, 0.104, "at the edge of 10-15%"),
        (0.08, 0.07, 0.09, "under 10-15%"),
        (0.2, 0.19, 0.21, "over 10-15%"),
    ],
)
def test_the_band_is_named_as_the_interval_lies(
    value: float, low: float, high: float, expected: str
) -> None:
    assert words._band_words(Estimate(value, low, high, 9, "")) == expected


def test_what_rounds_to_nothing_is_hardly_a_change(explorer: Explorer) -> None:
    a = explorer.set(auto=0.9).answer
    at = "steady-state", "wait_median"
    tiny = replace(a, apart={**a.apart, at: Estimate(0.2, 0.1, 0.3, 9, "")})
    assert words.waits_title(tiny).endswith("hardly any change from pinned")
    more = replace(a, apart={**a.apart, at: Estimate(20.0, 10.0, 30.0, 9, "")})
    assert words.waits_title(more).endswith("20 min more than pinned")


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        (-0.003, -0.007, 0.001, "no clear change from pinned"),
        (-0.003, -0.004, -0.002, "0.3 points fewer than pinned"),
        (0.003, math.nan, math.nan, "0.3 points more than pinned, from one run"),
        (0.0, 0.0, 0.0, "as pinned"),
    ],
)
def test_what_chance_can_explain_is_no_difference(
    value: float, low: float, high: float, expected: str, explorer: Explorer
) -> None:
    a = explorer.set(auto=0.9).answer
    apart = {**a.apart, ("steady-state", "true_fn_share"): Estimate(value, low, high, 9, "")}
    assert words.silent_title(replace(a, apart=apart)).endswith(f": {expected}")
