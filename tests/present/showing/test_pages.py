"""Every page: readable for everybody, without a network, on a phone and on paper."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import hitlsim as hs

from ..conftest import log_of
from .pages import page_of_notebook, page_of_objects, written

WIDE, PHONE = 1200, 400
PAGES = ("monthly", "rollout", "replay", "light", "dark")


@pytest.fixture(scope="module")
def log() -> hs.DecisionLog:
    """Two small months; one workflow's name would be markup, another's is long."""
    made = log_of({"2026-08": (300, 36, 12), "2026-09": (300, 39, 9)})
    frame = made.frame
    frame["workflow"] = np.where(
        frame["workflow"] == "follow_up", "<script>alert(1)</script>", "routing_" * 6
    )
    return hs.DecisionLog(frame, made.record)


@pytest.fixture(scope="module")
def run() -> hs.Run:
    return hs.simulate(hs.load("inbox"), seed=7)


@pytest.fixture(scope="module")
def made(
    log: hs.DecisionLog, run: hs.Run, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Each page on disk."""
    home = tmp_path_factory.mktemp("pages")
    rec = hs.tune(run.log)
    flow = str(run.log.frame["decision_id"].iloc[0])
    objects = [
        run.scenario, run, run.log, log, run.scorecard(), hs.scorecard(log, by="month"), rec,
        rec.diff(), run.story(flow), hs.silent(log), hs.diagnose(run.log),
    ]  # fmt: skip
    parquet = log.to_parquet(home / "log.parquet")
    return {
        "monthly": written(
            page_of_notebook("report_monthly", log=str(parquet)), home / "monthly.html"
        ),
        "rollout": written(
            page_of_notebook("report_rollout", scenario="inbox", runs=2), home / "rollout.html"
        ),
        "replay": hs.replay(run.log, home / "replay.html"),
        "light": written(page_of_objects(objects, dark=False), home / "light.html"),
        "dark": written(page_of_objects(objects, dark=True), home / "dark.html"),
    }


@pytest.fixture(scope="module")
def opened(browser: Any, made: dict[str, Path]) -> Iterator[Callable[[str, int], Any]]:
    """A page, all unfolded, in a browser without a network; ``asked`` is what it asked for."""
    context = browser.new_context(bypass_csp=True, offline=True)
    tabs: dict[str, Any] = {}

    def open_(name: str, width: int) -> Any:
        if name not in tabs:
            tab = tabs[name] = context.new_page()
            tab.asked = []
            tab.on("request", lambda request: tab.asked.append(request.url))
            tab.goto(made[name].as_uri())
            tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        tabs[name].set_viewport_size({"width": width, "height": 900})
        return tabs[name]

    yield open_
    context.close()


def violations(tab: Any, rules: list[str] | None = None) -> list[str]:
    """What a checker calls serious or critical."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules is not None:
        options["runOnly"] = {"type": "rule", "values": rules}
    return [
        f"{v['id']}: {v['nodes'][0]['html'][:200]} {v['nodes'][0].get('failureSummary')}"
        for v in axe.run(tab, options=options).response["violations"]
        if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_checker_of_accessibility_finds_nothing_serious(
    opened: Callable[[str, int], Any], name: str
) -> None:
    assert violations(opened(name, WIDE)) == []
    # where tables scroll, the keyboard must reach them
    assert violations(opened(name, PHONE), ["scrollable-region-focusable"]) == []


def test_that_checker_would_see_what_cannot_be_read(browser: Any) -> None:
    tab = browser.new_page()
    tab.set_content('<html lang="en"><title>x</title><main><p style="color:#ccc">pale</p></main>')
    assert [v.split(":")[0] for v in violations(tab)] == ["color-contrast"]
    tab.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_but_itself(
    opened: Callable[[str, int], Any], made: dict[str, Path], name: str
) -> None:
    asked = opened(name, WIDE).asked
    assert made[name].as_uri() in asked
    assert [u for u in asked if u != made[name].as_uri() and not u.startswith("data:")] == []


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [1200, 400])
def test_nothing_runs_over_the_edge(
    opened: Callable[[str, int], Any], name: str, width: int
) -> None:
    tab = opened(name, width)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", PAGES)
def test_a_name_that_would_be_markup_is_not(made: dict[str, Path], name: str) -> None:
    assert "<script>alert" not in made[name].read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["monthly", "rollout"])
def test_on_paper_everything_folded_is_open_and_nothing_is_cut(
    opened: Callable[[str, int], Any], name: str
) -> None:
    tab = opened(name, 690)  # A4 between its margins
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
    tab.emulate_media(media="print")
    folded = tab.evaluate(
        "[...document.querySelectorAll('details')].map(d => d.lastElementChild.offsetHeight)"
    )
    cut = tab.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(s => s.scrollWidth > s.clientWidth + 1)"
        ".map(s => s.innerText.slice(0, 60))"
    )
    tab.emulate_media(media="screen")
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert folded
    assert min(folded) > 0
    assert cut == []


@pytest.mark.parametrize("name", ["monthly", "rollout"])
def test_every_picture_says_in_words_what_it_shows(made: dict[str, Path], name: str) -> None:
    pictures = re.findall(r'<img alt="([^"]*)"', made[name].read_text(encoding="utf-8"))
    assert pictures
    assert min(len(alt) for alt in pictures) > 40
