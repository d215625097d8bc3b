"""What a notebook shows: the figures with their intervals, nothing that would be markup."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import hitlsim as hs
from hitlsim.present.showing import show as module
from hitlsim.present.showing.show import show
from hitlsim.present.style import percent
from hitlsim.shown import Shown

EVIL = "<script>alert(1)</script>"
Make = Callable[..., hs.DecisionLog]


def below(kind: type[Any]) -> Iterator[type[Any]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


def test_everything_that_says_it_is_shown_is_shown_and_nothing_else() -> None:
    for name in hs.__all__:
        getattr(hs, name)
    for home in module._HOME:
        importlib.import_module(f"hitlsim.{home.rpartition('.')[0]}")
    there = {f"{k.__module__}.{k.__qualname__}".removeprefix("hitlsim.") for k in below(Shown)}
    assert there == set(module._HOME)
    for function in module._HOME.values():
        room, _, name = function.partition(".")
        assert callable(getattr(importlib.import_module(f"hitlsim.present.showing.{room}"), name))


def test_what_nobody_said_how_to_show_is_refused() -> None:
    with pytest.raises(TypeError, match="nothing here shows a list"):
        show([])


def test_importing_a_back_room_alone_is_enough_to_be_shown() -> None:
    code = (
        "from hitlsim.scenario.files import load; import sys; s = load('inbox'); "
        "before = 'matplotlib' in sys.modules; html = s._repr_html_(); "
        "print(before, 'matplotlib' in sys.modules, 'hitlsim' in html)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False", "True"]


# --- what is said --------------------------------------------------------------------------------


def test_a_scenario_shows_its_surface_and_no_names_of_people() -> None:
    s = hs.load("on-the-loop")
    html = s._repr_html_()
    for name in s.workflows:
        assert name.replace("_", " ") in html
    assert "5,045 decisions a week" in html
    assert "choice is looser" in html
    assert not [name for _, name, _ in s.reviewers() if name in html.lower().split()]


def test_a_run_shows_its_figures_with_intervals_and_its_seed(reference_run: hs.Run) -> None:
    html = reference_run._repr_html_()
    point, interval = percent(reference_run.scorecard().get("exception_rate"))[:-1].split(" (")
    assert f"<td>{point}</td><td>{interval}</td>" in html
    assert "seed 7" in html
    assert "on target" in html


def test_a_scorecard_of_months_has_a_column_for_each(reference_run: hs.Run) -> None:
    card = reference_run.scorecard(by="month")
    html = card._repr_html_()
    for month in card.periods:
        assert f'<th scope="col">{month}</th>' in html
    assert "nan" not in html.replace("governance", "").lower()


def test_a_recommendation_shows_what_to_do_first_and_why(reference_run: hs.Run) -> None:
    rec = hs.tune(reference_run.log)
    html = rec._repr_html_()
    places = [html.index(part) for part in ("headline", "With these rules", "<li>")]
    assert places == sorted(places)


def test_a_log_shows_how_much_of_when(make_log: Make) -> None:
    log = make_log(route=["auto"] * 3, workflow=[EVIL, "a", "b"])
    assert "decision log: 3 decisions" in log._repr_html_()
    assert "2026-09-01 to 2026-09-03" in log._repr_html_()
    empty = hs.DecisionLog(log.frame.head(0))
    assert "no decisions" in empty._repr_html_()


def test_what_a_log_says_is_never_markup(make_log: Make) -> None:
    log = make_log(
        {"source": EVIL}, route=["auto", "review"] * 20, workflow=[EVIL] * 40, pool=[EVIL] * 40,
        verdict=[None, "edit"] * 20, ok=[True, False] * 20,
    )  # fmt: skip
    shown: list[Any] = [
        log, hs.scorecard(log), hs.scorecard(log, per_workflow=True), hs.story(log, "d0"),
        hs.diagnose(log), hs.silent(log),
    ]  # fmt: skip
    for it in shown:
        html = it._repr_html_()
        assert EVIL not in html, type(it).__name__
    assert "&lt;script&gt;" in shown[0]._repr_html_()


def test_one_look_for_all(reference_run: hs.Run) -> None:
    for it in (reference_run, reference_run.scenario, reference_run.log):
        html = it._repr_html_()
        assert html.startswith('<div class="hitlsim"><style>')
        assert html.count("<style>") == 1
        assert len(html) < 40_000
