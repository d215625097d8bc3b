"""The replay of a desk: what a log says, moment by moment, and nothing from anywhere else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.present import style
from hitlsim.present.replaying.replay import packed, replay
from hitlsim.present.replaying.timeline import (
    ESCALATIONS,
    NOT_NAMED,
    by_day,
    midnights,
    queues,
    timeline,
)

MONDAY = pd.Timestamp("2026-09-07", tz="Europe/Berlin")
EVIL = "</script><script>alert(1)</script>"
Make = Callable[..., hs.DecisionLog]


def at(*hours: float | None) -> pd.Series:
    """Instants so many hours after Monday 00:00."""
    times = [pd.NaT if h is None else MONDAY + pd.Timedelta(hours=h) for h in hours]
    return pd.Series(times, dtype="datetime64[ms, Europe/Berlin]")


@pytest.fixture
def small(make_log: Make) -> hs.DecisionLog:
    """Four decisions waited (the first since Sunday, the third was escalated), one went alone."""
    return make_log(
        decided_at=at(-20, 9, 8, 10, 12),
        workflow=["email", "email", "crm", "stage", "email"],
        route=["review", "review", "review", "review", "auto"],
        pool=["sdr", "sdr", "sdr", "managers", None],
        queued_at=at(-20, 9, 8, 10, None),
        escalated_at=at(None, None, 32, None, None),
        started_at=at(9.5, 10, 33, 11, None),
        ended_at=at(10, 10.25, 33.5, None, None),
        reviewer=["ana", "ben", "grace", "grace", None],
        verdict=["approve", "edit", "reject", None, None],
        executed_at=at(10, 10.25, None, None, 13),
        look=[None, None, None, None, "audit"],
        looker=[None, None, None, None, "ana"],
        looked_at=at(None, None, None, None, 15),
        look_minutes=[None, None, None, None, 30.0],
    )


def told(events: pd.DataFrame) -> list[tuple[Any, ...]]:
    hours = (events["at"] - MONDAY) / pd.Timedelta(hours=1)
    rest = events[["event", "item", "pool", "reviewer"]].astype(object)
    rest = rest.where(rest.notna(), None)
    return list(zip(hours, *(rest[c] for c in rest), strict=True))


def embedded(path: Path) -> Any:
    found = re.search(r'id="log">(.*?)</script>', path.read_text(encoding="utf-8"))
    assert found
    return json.loads(found[1])


def test_every_event_is_there_in_order(small: hs.DecisionLog) -> None:
    assert told(timeline(small, "2026-09-07", names=True)) == [
        (-20, "queued", 0, "sdr", None),
        (8, "queued", 2, "sdr", None),
        (9, "queued", 1, "sdr", None),
        (9.5, "started", 0, "sdr", "ana"),
        (10, "queued", 3, "managers", None),
        (10, "started", 1, "sdr", "ben"),
        (10, "ended", 0, "sdr", "ana"),
        (10.25, "ended", 1, "sdr", "ben"),
        (11, "started", 3, "managers", "grace"),
        (13, "out", 4, None, None),
        (14.5, "looking", 4, "sdr", "ana"),
        (15, "looked", 4, "sdr", "ana"),
        (32, "escalated", 2, "managers", None),
        (33, "started", 2, "managers", "grace"),
        (33, "ended", 3, "managers", "grace"),
        (33.5, "ended", 2, "managers", "grace"),
    ]


def test_queues_can_be_counted_by_hand(small: hs.DecisionLog) -> None:
    found = queues(timeline(small, "2026-09-07"))
    assert found.loc[MONDAY + pd.Timedelta(hours=9)].to_dict() == {"managers": 0, "sdr": 3}
    assert found.loc[MONDAY + pd.Timedelta(hours=10)].to_dict() == {"managers": 1, "sdr": 1}
    assert found.loc[MONDAY + pd.Timedelta(hours=32)].to_dict() == {"managers": 1, "sdr": 0}
    assert found.iloc[-1].sum() == 0


def test_a_day_names_its_longest_queue(small: hs.DecisionLog) -> None:
    found = by_day(timeline(small, "2026-09-07", 2), midnights(small, "2026-09-07", 2))
    first, second = found.drop(columns="at").itertuples(index=False, name=None)
    assert first == ("Mon 7 Sep", 1, 2, 1, 3, "09:00", "sdr: 3")
    assert second == ("Tue 8 Sep", 0, 2, 0, 1, "00:00", "sdr: 1")


def test_the_script_gets_seconds_and_numbers(small: hs.DecisionLog) -> None:
    edges = midnights(small, "2026-09-07")
    found = packed(timeline(small, "2026-09-07"), edges)
    assert found["days"] == [0, 86400, 2 * 86400]
    assert found["pools"] == ["sdr", "managers"]
    assert found["people"] == [["sdr 1", 0], ["sdr 2", 0], ["managers 1", 1]]
    assert found["out"] == [["email", [13 * 3600]]]
    work = found["work"]
    assert np.cumsum(work["at"]).tolist() == [-20 * 3600, 8 * 3600, 9 * 3600, 10 * 3600]
    assert work["wait"] == [29.5 * 3600, 25 * 3600, 3600, 3600]
    assert work["take"] == [1800, 1800, 900, 22 * 3600]
    assert work["verdict"] == [0, 2, 1, -1]
    assert work["late"] == [[1, 24 * 3600, 1]]
    assert found["looks"]["at"] == [14.5 * 3600]
    assert found["looks"]["take"] == [1800]


def test_people_are_numbered_alike_in_every_window(small: hs.DecisionLog) -> None:
    whole = set(timeline(small, "2026-09-07")["reviewer"].dropna())
    second = set(timeline(small, "2026-09-08", 1)["reviewer"].dropna())
    assert whole == {"sdr 1", "sdr 2", "managers 1"}
    assert second == {"managers 1"}


def test_whoever_gets_escalations_only_has_a_lane_of_their_own(small: hs.DecisionLog) -> None:
    frame = small.frame.assign(reviewer=["ana", "ben", "ines", "grace", None])
    events = timeline(hs.DecisionLog(frame), "2026-09-07")
    moved = events[events["event"] == "escalated"].iloc[0]
    assert (moved["was"], moved["pool"]) == ("sdr", ESCALATIONS)
    assert f"{ESCALATIONS} 1" in set(events["reviewer"].dropna())


def test_a_log_may_have_the_pool_before_or_after_escalation(make_log: Make) -> None:
    """Crm waits with ops unless it was escalated; ines gets nothing but escalations."""
    log = make_log(
        decided_at=at(8, 8, 8),
        workflow=["crm", "crm", "crm"],
        pool=["ops", "ops", "leaders"],
        queued_at=at(8, 8, 8),
        escalated_at=at(None, 32, 32),
        started_at=at(9, 33, 33),
        ended_at=at(10, 34, 34),
        reviewer=["finn", "grace", "ines"],
    )
    events = timeline(log, names=True)
    moves = events[events["event"] == "escalated"]
    assert moves["was"].tolist() == ["ops", "ops"]
    assert moves["pool"].tolist() == [ESCALATIONS, "leaders"]
    homes = events.dropna(subset="reviewer").set_index("reviewer")["home"].to_dict()
    assert homes == {"finn": "ops", "grace": ESCALATIONS, "ines": "leaders"}


def test_what_nobody_began_waits_and_what_went_out_has_left(make_log: Make) -> None:
    log = make_log(
        decided_at=at(8, 8, 8),
        queued_at=at(8, 8, 8),
        started_at=at(9, None, None),
        ended_at=at(10, None, None),
        executed_at=at(10, 12, None),
    )
    events = timeline(log)
    assert queues(events)["desk"].tolist() == [3, 2, 1]
    assert set(events["reviewer"].dropna()) == {NOT_NAMED}


def test_times_that_contradict_each_other_are_put_in_order(make_log: Make) -> None:
    log = make_log(decided_at=at(8), queued_at=at(9), started_at=at(8.5), ended_at=at(8.25))
    events = timeline(log)
    assert set(events["at"]) == set(at(8.5))
    assert events["event"].tolist() == ["queued", "started", "ended"]


def test_the_default_is_the_last_week_the_log_has(make_log: Make) -> None:
    hours = [24.0 * day for day in range(20)]
    log = make_log(decided_at=at(*hours), queued_at=at(*hours), started_at=at(*hours),
                   ended_at=at(*hours))  # fmt: skip
    edges = midnights(log)
    assert str(edges[0]) == "2026-09-14 00:00:00+02:00"
    assert len(edges) == 8
    assert len(midnights(log, "2026-09-24", 31)) == 4  # no days after the log's last


def test_the_clock_on_the_wall_is_put_back_in_october(make_log: Make) -> None:
    hours = at(24 * 47, 24 * 49)
    log = make_log(decided_at=hours, queued_at=hours, started_at=hours, ended_at=hours)
    found = packed(timeline(log, "2026-10-24", 3), midnights(log, "2026-10-24", 3))
    assert np.diff(found["days"]).tolist() == [86400, 25 * 3600]
    assert found["shifts"] == [[27 * 3600, -3600]]


hours_ = st.one_of(st.none(), st.integers(-48, 200))
rows_ = st.tuples(hours_, hours_, hours_, hours_, hours_, st.sampled_from("xy"),
                  st.sampled_from(["a", "b", None]))  # fmt: skip


@settings(max_examples=30)
@given(st.lists(rows_, min_size=1, max_size=12), st.integers(0, 6), st.integers(1, 9))
def test_queues_are_never_negative_and_what_is_begun_had_queued(
    rows: list[tuple[Any, ...]], day: int, days: int
) -> None:
    """Whatever nonsense a log says about its times."""
    whole = (0, 10, 20, 15, 30, "x", "a")  # so that every column has a value
    columns = list(zip(whole, (180, *whole[1:]), *rows, strict=True))
    queued, started, ended, late, out, pool, who = columns
    log = hs.DecisionLog(
        pd.DataFrame(
            {
                "decided_at": at(0, 180, *[h[0] or 0 for h in rows]),
                "queued_at": at(*queued),
                "started_at": at(*started),
                "ended_at": at(*ended),
                "escalated_at": at(*late),
                "executed_at": at(*out),
                "pool": pool,
                "reviewer": who,
            }
        )
    )
    start = (log.frame["decided_at"].min() + pd.Timedelta(days=day)).date().isoformat()
    events = timeline(log, start, days)
    edges = midnights(log, start, days)
    assert events["at"].is_monotonic_increasing
    assert (events["at"] < edges[-1]).all()
    assert (queues(events) >= 0).all(axis=None)
    seen = {e: events[events["event"] == e].set_index("item")["at"] for e in events["event"]}
    for earlier, later in (("queued", "started"), ("started", "ended"), ("queued", "escalated")):
        after = seen.get(later, pd.Series(dtype=object))
        assert set(after.index) <= set(seen.get(earlier, after).index)
        assert all(seen[earlier][i] <= t for i, t in after.items())
    work = packed(events, edges)["work"]
    assert min([0, *work["wait"], *work["take"]]) >= -1
    assert all(
        a >= b for a, b in zip(np.cumsum(work["at"])[1:], np.cumsum(work["at"]), strict=False)
    )


def test_the_same_log_gives_the_same_bytes(small: hs.DecisionLog, tmp_path: Path) -> None:
    once = replay(small, tmp_path / "a.html")
    shuffled = small.frame.assign(true_ok=True)
    twice = replay(hs.DecisionLog(shuffled), str(tmp_path / "new" / "b.html"))
    assert once.read_bytes() == twice.read_bytes()
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["a.html"]


def test_no_name_leaves_the_log_unless_asked_for(small: hs.DecisionLog, tmp_path: Path) -> None:
    hidden = replay(small, tmp_path / "a.html", start="2026-09-07").read_text("utf-8")
    assert not re.search(r'"(ana|ben|grace)"', hidden)
    assert not any(f'"d{i}"' in hidden for i in range(5))
    named = embedded(replay(small, tmp_path / "b.html", start="2026-09-07", names=True))
    assert [name for name, _ in named["people"]] == ["ana", "ben", "grace"]


def test_a_name_that_would_be_markup_stays_a_name(small: hs.DecisionLog, tmp_path: Path) -> None:
    evil = small.frame.assign(workflow=EVIL, pool=f"{EVIL}&amp;", reviewer=f"<b>{EVIL}\u2028")
    log = hs.DecisionLog(evil, {"source": EVIL})
    path = replay(log, tmp_path / "a.html", start="2026-09-07", names=True)
    html = path.read_text("utf-8")
    assert html.count("</script>") == 2
    assert "<b>&lt;" not in html
    assert "<script>alert" not in html
    assert embedded(path)["pools"][0] == f"{EVIL}&amp;"


def test_the_page_says_what_it_cannot_show(make_log: Make, tmp_path: Path) -> None:
    least = make_log(decided_at=at(8), queued_at=at(8), started_at=at(9), ended_at=at(10))
    html = replay(least, tmp_path / "a.html").read_text("utf-8")
    assert "Looks afterwards are not shown" in html
    assert "Where marks stand means nothing" in html
    assert "Where an escalated one waited first" not in html
    assert "0 decisions already waited" in html


def test_the_page_says_what_waited_before(small: hs.DecisionLog, tmp_path: Path) -> None:
    html = replay(small, tmp_path / "a.html", start="2026-09-07").read_text("utf-8")
    assert "1 decisions already waited" in html
    assert "Where an escalated one waited first" in html
    assert "shown as work (pale)" in html
    assert "<title>Replay: 7 to 8 September 2026</title>" in html


def test_a_week_without_anything_at_the_desk_can_be_replayed(
    make_log: Make, tmp_path: Path
) -> None:
    log = make_log(
        decided_at=at(8, 500), queued_at=at(8, None), started_at=at(9, None), ended_at=at(10, None)
    )
    found = embedded(replay(log, tmp_path / "a.html", start="2026-09-21"))
    assert found["work"]["at"] == []
    assert found["pools"] == []


def test_a_clock_without_a_zone_will_do(make_log: Make, tmp_path: Path) -> None:
    times = at(8).dt.tz_localize(None)
    log = make_log(decided_at=times, queued_at=times, started_at=times, ended_at=times)
    assert embedded(replay(log, tmp_path / "a.html"))["shifts"] == []


def test_a_week_of_the_reference_is_small(reference_run: hs.Run, tmp_path: Path) -> None:
    path = replay(reference_run.log, tmp_path / "a.html", start="2026-08-03")
    assert path.stat().st_size < 2_000_000
    html = path.read_text("utf-8")
    assert not re.search(r"(src|href)=[\"']|url\(|@import", html)


def test_the_colours_are_those_of_the_figures() -> None:
    css = (files("hitlsim.present.replaying") / "replay.css").read_text("utf-8")
    light = dict(re.findall(r"--(\w+): (#\w+)", css.partition("@media")[0]))
    assert light["young"] == style.BLUE
    assert light["ageing"] == style.ORANGE
    assert light["old"] == style.VERMILLION
    assert (light["ink"], light["grey"], light["mist"]) == (style.INK, style.GREY, style.MIST)


def test_a_log_without_the_desk_is_refused(make_log: Make, tmp_path: Path) -> None:
    log = make_log(decided_at=at(8), queued_at=at(8))
    with pytest.raises(hs.LogError, match=r"no values in started_at, ended_at, but .*mapping"):
        replay(log, tmp_path / "a.html")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"start": "2027-01-04"}, "outside of the log; choose a day from 2026-09-06 to 2026-09-08"),
        ({"start": "7.9.2026"}, "start '7.9.2026' must be a day written like 2026-09-07"),
        ({"start": "2026-W37-1"}, "must be a day written like"),
        ({"start": 20260907}, "must be a day written like"),
        ({"days": 0}, "days is 0; it must be a whole number from 1 to 31"),
        ({"days": 32}, "days is 32; it must be"),
        ({"days": 2.0}, "days is 2.0; it must be"),
    ],
)
def test_days_that_cannot_be_replayed_are_refused(
    wrong: dict[str, Any], why: str, small: hs.DecisionLog, tmp_path: Path
) -> None:
    with pytest.raises(hs.LogError, match=why):
        replay(small, tmp_path / "a.html", **wrong)
    assert not list(tmp_path.iterdir())


# --- in a browser --------------------------------------------------------------------------------


@pytest.fixture
def opened(browser: Any, small: hs.DecisionLog, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Opens the small log's replay offline; at the end nobody may have complained."""
    path = replay(small, tmp_path / "desk.html", start="2026-09-07")
    complaints: list[str] = []
    asked: list[str] = []
    contexts = []

    def open_it(**settings: Any) -> Any:
        context = browser.new_context(offline=True, **{"reduced_motion": "reduce", **settings})
        contexts.append(context)
        tab = context.new_page()
        tab.on("console", lambda message: complaints.append(message.text))
        tab.on("pageerror", lambda error: complaints.append(str(error)))
        tab.on("request", lambda request: asked.append(request.url))
        tab.goto(path.resolve().as_uri())
        return tab

    yield open_it
    for context in contexts:
        context.close()
    assert complaints == []
    assert set(asked) == {path.resolve().as_uri()}


def waiting(tab: Any) -> list[str]:
    found: list[str] = tab.locator(".waiting b").all_inner_texts()
    return found


def until(tab: Any, clock: str) -> None:
    # by a locator: the page's policy forbids Playwright to evaluate a text again and again
    tab.locator("#clock b", has_text=clock).wait_for()


def go(tab: Any, hours: float) -> None:
    slider = tab.locator("#slider")
    slider.evaluate("(s, t) => { s.value = t; s.dispatchEvent(new Event('input')) }", hours * 3600)
    t = MONDAY + pd.Timedelta(hours=hours)
    until(tab, f"{t.day_name()[:3]} {t.day} Sep {t:%H:%M}")


@pytest.mark.browser
def test_pressing_play_lets_the_clock_run(opened: Callable[..., Any]) -> None:
    tab = opened()
    clock = tab.locator("#clock b")
    before = clock.inner_text()
    tab.wait_for_timeout(300)
    assert clock.inner_text() == before  # who wants less motion starts it
    tab.locator("#play").click()
    assert tab.locator("#play").inner_text() == "Pause"
    tab.locator(f"#clock b:not(:text-is('{before}'))").wait_for()
    tab.locator("h1").click()
    tab.keyboard.press("Space")
    assert tab.locator("#play").inner_text() == "Play"


@pytest.mark.browser
def test_the_page_runs_by_itself_for_those_who_like_motion(opened: Callable[..., Any]) -> None:
    assert opened(reduced_motion="no-preference").locator("#play").inner_text() == "Pause"


@pytest.mark.browser
def test_the_slider_moves_the_desk(opened: Callable[..., Any]) -> None:
    tab = opened()
    go(tab, 9)
    assert waiting(tab) == ["3", "0"]
    assert tab.locator(".oldest").first.inner_text() == "oldest 29 h"
    go(tab, 11.5)
    assert waiting(tab) == ["1", "0"]
    busy = tab.locator(".person.busy")
    assert busy.count() == 1
    assert busy.locator(".who").inner_text() == "managers 1"
    assert busy.locator(".now").inner_text() == "stage"
    assert tab.locator(".people .tally i").evaluate_all("all => all.map(i => i.className)") == [
        "approve", "edit", ""
    ]  # fmt: skip
    go(tab, 32.5)
    assert waiting(tab) == ["0", "1"]
    assert tab.locator(".more").inner_text() == "1 escalated"
    assert tab.locator("#alone .count").inner_text() == "1"
    assert "managers: 1 waiting" in tab.locator("#said").inner_text()
    tab.locator("#slider").focus()
    tab.keyboard.press("ArrowRight")
    until(tab, "Tue 8 Sep 08:40")
    assert tab.locator("#slider").get_attribute("aria-valuetext") == "Tue 8 Sep 08:40"


@pytest.mark.browser
def test_a_click_on_the_chart_or_a_peak_goes_there(opened: Callable[..., Any]) -> None:
    tab = opened(viewport={"width": 1200, "height": 900})
    box = tab.locator("#chart canvas").bounding_box()
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + 30)
    until(tab, "Tue 8 Sep")
    tab.locator("#days button").first.click()
    until(tab, "Mon 7 Sep 09:00")
    tab.locator("#peak").click()
    until(tab, "Tue 8 Sep 00:00")


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1200])
def test_dots_are_drawn_and_nothing_scrolls_sideways(
    opened: Callable[..., Any], width: int, scheme: str
) -> None:
    tab = opened(viewport={"width": width, "height": 800}, color_scheme=scheme)
    go(tab, 9)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    drawn = tab.evaluate(
        """() => [...document.querySelectorAll("#desk canvas, #chart canvas")].map((c) => {
          const dots = c.getContext("2d").getImageData(0, 0, c.width, c.height).data;
          return dots.some((x, i) => i % 4 < 3 && Math.abs(x - dots[i - i % 4]) > 60);
        })"""
    )
    assert drawn == [True, True]


@pytest.mark.browser
def test_without_scripts_there_is_a_table(opened: Callable[..., Any]) -> None:
    tab = opened(java_script_enabled=False)
    assert not tab.locator("#player").is_visible()
    assert "09:00" in tab.locator("#days tbody").inner_text()
    assert "scripts" in tab.locator("noscript p").first.inner_text()


@pytest.mark.browser
def test_a_script_in_a_name_is_not_run(browser: Any, small: hs.DecisionLog, tmp_path: Path) -> None:
    evil = "<img src=x onerror=document.title='run'>" + EVIL
    frame = small.frame.assign(workflow=evil, pool=evil, reviewer=evil, looker=evil)
    path = replay(hs.DecisionLog(frame), tmp_path / "a.html", start="2026-09-07", names=True)
    tab = browser.new_page(reduced_motion="reduce")
    tab.goto(path.resolve().as_uri())
    go(tab, 9)
    assert tab.title() == "Replay: 7 to 8 September 2026"
    assert tab.locator(".lane h3").inner_text() == evil
    assert tab.locator("img").count() == 0
    tab.close()
