"""The view moves the session, and shows what it says."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import hitlsim as hs
from hitlsim.present.exploring.session import Explorer, explore

pytest.importorskip("ipywidgets")


def alive() -> dict[str, Any]:
    """Every widget that the library keeps."""
    from ipywidgets.widgets import widget  # type: ignore[import-untyped]  # it has no types

    found: dict[str, Any] = widget._instances
    return found


@pytest.fixture
def view(explorer: Explorer) -> Iterator[Any]:
    yield explorer.widget()
    explorer.stop()


def test_a_slider_moves_the_session_and_the_picture(explorer: Explorer, view: Any) -> None:
    before = view.picture.value
    view.auto.value = 0.9000000000000001  # as steps add up
    assert explorer.moves == {("auto", ""): 0.9}
    assert view.picture.value != before
    assert "Moved: auto 0.85 → 0.9" in view.picture.value
    explorer.refine()
    assert "From 6 runs of each policy." in view.said.value
    assert "6 runs, " in view.picture.value


def test_every_control_reaches_the_session(explorer: Explorer, view: Any) -> None:
    view.workflow.value = "crm_update"
    assert view.auto.value == 0.8  # its own
    view.auto.value, view.review.value = 0.75, 0.55
    view.deal.value, view.signals.value = 100_000.0, ("ethical",)
    view.pool.value = "managers"
    assert view.people.value == 2
    view.people.value, view.habits.value = 3, "careful"
    view.audit.value, view.volume.value = 0.2, 1.2
    assert explorer.moves == {
        ("auto", "crm_update"): 0.75, ("review", "crm_update"): 0.55,
        ("deal_size_above", "crm_update"): 100_000.0, ("signals", "crm_update"): ("ethical",),
        ("reviewers", "managers"): 3, ("habits", "managers"): "careful",
        ("audit_share", ""): 0.2, ("volume", ""): 1.2,
    }  # fmt: skip
    view.workflow.value = ""
    assert view.auto.value == 0.85
    assert "follow up email" in view.whose.value
    view.deal.value = math.inf
    assert explorer.moves["deal_size_above", ""] is None


def test_where_each_workflow_has_its_own_bands_one_of_them_is_at_hand(
    five_weeks: hs.Scenario,
) -> None:
    """As in advice: the slider of all others would move nothing."""
    safe = [n for n, flow in five_weeks.workflows.items() if flow.automation_safe]
    own = hs.Boundary(workflows={name: {"auto": 0.8765} for name in safe})
    explorer = explore(five_weeks, boundary=own, runs=1)
    view = explorer.widget()
    assert view.workflow.value == max(safe, key=lambda n: five_weeks.workflows[n].volume_per_week)
    assert view.auto.value == 0.8765
    view.auto.value = 0.9
    assert explorer.answer.apart["all", "exception_rate"].value > 0
    view.workflow.value = ""
    assert view.whose.value.startswith("for none: each has bands of its own")
    assert "all others" in dict(view.workflow.options)


def test_a_move_that_cannot_be_is_told_and_the_slider_goes_back(
    explorer: Explorer, view: Any
) -> None:
    view.review.value = 0.95
    assert 'role="alert"' in view.said.value
    assert "lower review or raise auto" in view.said.value
    assert view.review.value == 0.6
    assert explorer.moves == {}


def test_what_went_wrong_stays_to_be_read_while_runs_go_on(explorer: Explorer, view: Any) -> None:
    view.auto.value = 0.9
    view.review.value = 0.95
    explorer.refine()
    assert 'role="alert"' in view.said.value
    assert "From 6 runs of each policy." in view.said.value
    view.auto.value = 0.91
    assert "alert" not in view.said.value


def test_a_move_made_in_another_cell_is_shown(explorer: Explorer, view: Any) -> None:
    view.kinds[0].click()
    explorer.set(auto=0.9, habits="careful").set(workflow="lead_scoring", review=0.3)
    assert view.auto.value == 0.9
    assert view.habits.value == "careful"
    assert "auto 0.85 → 0.9" in view.picture.value
    assert "lead scoring" in view.whose.value
    assert view.told.value == ""


def test_what_cannot_be_shown_has_not_moved(
    explorer: Explorer, view: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise hs.ScenarioError("no decision arises")

    explorer.stop()
    monkeypatch.setattr("hitlsim.present.exploring.session.answer_of", broken)
    before = view.picture.value
    view.auto.value = 0.9
    assert "no decision arises" in view.said.value
    assert (view.auto.value, view.picture.value, explorer.moves) == (0.85, before, {})


def test_runs_that_cannot_be_made_are_told(explorer: Explorer, view: Any) -> None:
    view._failed(MemoryError())
    assert "More runs could not be made: MemoryError" in view.said.value
    assert "From 1 run." in view.said.value
    view.auto.value = 0.9  # and another move tries again
    assert "are being made" in view.said.value


def test_a_few_runs_are_not_promised(five_weeks: hs.Scenario) -> None:
    few = explore(five_weeks, runs=3)
    assert "From 1 run of each policy." in few.widget().said.value


def test_many_moves_keep_no_more_than_one(view: Any) -> None:
    """Widgets are kept by their library for good: a move must make none."""
    view.auto.value = 0.9
    before = len(alive())
    for step in range(40):
        view.auto.value = 0.8 + 0.01 * (step % 5)
    assert len(alive()) == before


def test_a_cell_that_is_run_again_takes_its_old_view_away(
    five_weeks: hs.Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hitlsim.present.exploring import widget

    monkeypatch.setattr("IPython.display.display", lambda *_, **__: None)
    monkeypatch.setattr(widget, "_shown", {})
    cell = ["a"]
    monkeypatch.setattr(widget, "_cell", lambda: cell[0])

    def fresh() -> Explorer:
        return explore(five_weeks, runs=1)

    before = len(alive())
    first = fresh()
    first._ipython_display_()
    one_view = len(alive()) - before
    elsewhere, cell[0] = fresh(), "b"
    elsewhere._ipython_display_()
    assert len(alive()) - before == 2 * one_view, "two explorers at once"
    fresh()._ipython_display_()
    assert len(alive()) - before == 2 * one_view
    assert elsewhere._view is None
    assert first._view is not None
    first._ipython_display_()  # the same one in a second cell: it stays when that shows another
    fresh()._ipython_display_()
    assert first._view is not None


def test_pinning_and_starting_over(explorer: Explorer, view: Any) -> None:
    view.auto.value = 0.9
    view.pin.click()
    assert "Nothing moved: this is the pinned policy." in view.picture.value
    view.reset.click()
    assert view.auto.value == 0.85
    assert "Moved: auto 0.9 → 0.85" in view.picture.value


def test_buttons_tell_why(explorer: Explorer, view: Any) -> None:
    view.auto.value = 0.9
    explorer.stop()
    for button, kind in zip(
        view.kinds, ("silent error", "long wait", "needless exception"), strict=True
    ):
        view.phase.value = "exception-only"
        button.click()
        assert f"The worst {kind} of exception only" in view.told.value
        assert "Under the policy pinned" in view.told.value


def test_a_story_of_the_policy_before_is_taken_away(view: Any) -> None:
    view.kinds[0].click()
    assert view.told.value
    view.auto.value = 0.9
    assert view.told.value == ""


def test_a_clicked_mark_tells_why(view: Any) -> None:
    view.asked.value = "long wait|shadow#17"
    assert "The worst long wait of shadow" in view.told.value
    told = view.told.value
    view.asked.value = "nonsense|shadow#18"
    view.asked.value = "long wait|<b>#19"
    assert view.told.value == told


def test_the_code_is_shown_as_text(view: Any) -> None:
    view.auto.value = 0.9
    view.code.click()
    assert "explorer.set(auto=0.9)" in view.told.value


def test_the_boundary_is_written_and_a_refusal_told(
    view: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    view.write.click()
    assert "nothing changes" in view.said.value
    view.auto.value = 0.9
    view.write.click()
    assert hs.load_boundary("boundary.yaml").boundary.bands.auto == 0.9
    assert "boundary.yaml" in view.said.value
    view.path.value = str(tmp_path)
    view.write.click()
    assert 'role="alert"' in view.said.value


def test_the_table_is_made_when_it_is_opened(view: Any) -> None:
    assert view.table.value == ""
    view.more.selected_index = 0
    assert "Exception rate" in view.table.value
    before = view.table.value
    view.auto.value = 0.9
    assert view.table.value != before


def test_every_part_can_be_found_and_has_a_name(view: Any) -> None:
    for part in ("workflow", "auto", "review", "deal", "signals", "audit", "pool", "people",
                 "habits", "volume", "path", "phase"):  # fmt: skip
        widget = getattr(view, part)
        assert f"hitl-{part}" in widget._dom_classes
        assert widget.description
    for button in (view.pin, view.reset, view.code, view.write, *view.kinds):
        assert any(c.startswith("hitl-") for c in button._dom_classes)
        assert button.description


def test_a_notebook_without_a_kernel_shows_picture_and_table(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[Any] = []

    class Handle:
        def update(self, what: Any) -> None:
            shown.append(what)

    def display(what: Any, *, display_id: bool = False) -> Any:
        shown.append(what)
        return Handle() if display_id else None

    monkeypatch.setattr("IPython.display.display", display)
    explorer._ipython_display_()
    explorer.refine()
    box, still, *later = shown
    assert box is explorer.widget().box
    assert "The figures behind it" in still.data
    assert "data:image/svg+xml;base64," in still.data
    name = still.data.split('"')[1]
    assert f".{name} {{ display: none; }}" in explorer.widget().style.value
    assert later, "what is kept in the file is what was refined"


def test_without_widgets_the_picture_is_shown(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    shown: list[Any] = []
    monkeypatch.setitem(sys.modules, "hitlsim.present.exploring.widget", None)
    monkeypatch.setattr("IPython.display.display", shown.append)
    explorer._ipython_display_()
    assert "exceptions" in shown[0].title
