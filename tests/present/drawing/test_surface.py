"""The decision surface map as a table, in words and as a picture."""

from __future__ import annotations

import pytest

import hitlsim as hs
from hitlsim.present.drawing.surface import (
    SurfaceMap,
    break_even_told,
    draw_surface,
    reasons_told,
    surface_map,
)
from hitlsim.scenario.framework import Beside, beside_advice, looser_choices
from hitlsim.scenario.surface import DecisionClass


@pytest.fixture(scope="module")
def found() -> SurfaceMap:
    return surface_map(hs.load("on-the-loop"))


def test_it_names_as_looser_what_the_framework_does(found: SurfaceMap) -> None:
    loose = found.frame.loc[found.frame["choice"] == "looser", "workflow"]
    assert set(loose) == {c.workflow for c in looser_choices(found.scenario)}
    assert set(loose) == {"follow_up_email", "meeting_proposal"}


def test_calling_judgment_routine_is_looser_though_the_access_is_as_advised() -> None:
    """The terminal and the picture say so alike: one rule, in the framework."""
    scenario = hs.load("on-the-loop")
    flows = dict(scenario.workflows)
    stage = flows["stage_change"]
    flows["stage_change"] = stage.model_copy(update={"decision_class": DecisionClass.EXECUTION})
    changed = scenario.with_(workflows=flows)
    found = surface_map(changed).frame.set_index("workflow")
    assert found.loc["stage_change", "access"] == found.loc["stage_change", "advised_access"]
    assert found.loc["stage_change", "choice"] == "looser"
    assert beside_advice(changed)["stage_change"][1] is Beside.LOOSER


def test_the_share_that_may_go_alone_is_that_of_its_volume(found: SurfaceMap) -> None:
    # 800 + 400 + 1,000 + 300 + 1,300 + 600 + 250 of these and 220 + 25 + 90 + 60 more
    assert found.alone_share == pytest.approx(4650 / 5045)
    assert found.frame["volume_per_week"].is_monotonic_decreasing


def test_the_finding_counts_what_the_table_has(found: SurfaceMap) -> None:
    assert found.sentences()[0] == (
        "The AI may act alone in 7 of 11 workflows, 92% of a week's decisions."
    )


def test_an_unsafe_choice_is_said_before_all_others() -> None:
    scenario = hs.load("on-the-loop")
    flows = dict(scenario.workflows)
    reply = flows["objection_reply"]
    flows["objection_reply"] = reply.model_copy(
        update={"access": type(reply.access)("automation-safe"), "gate": None}
    )
    found = surface_map(scenario.with_(allow_unsafe=True, workflows=flows))
    assert "In objection reply it acts alone though a person must" in found.sentences()[1]
    assert "unsafe" in reasons_told(found).text


def test_reasons_are_words_first_and_then_the_setting_that_asks_for_them(
    found: SurfaceMap,
) -> None:
    assert not [s for s in found.sentences() if "_" in s]
    told = reasons_told(found).text
    assert "Because what a customer sees is reviewed (<code>customer_facing</code>)" in told
    assert "customer_facing:" not in told


def test_its_picture_says_in_words_what_it_shows_and_repeats_to_the_byte(found: SurfaceMap) -> None:
    picture = draw_surface(found)
    assert picture.title.endswith("in 2 that is more than is advised")
    assert len(picture.table) == 11
    assert picture.png == draw_surface(found).png


def test_the_break_even_counts_the_workflows_in_which_people_alone_do_better() -> None:
    scenario = hs.load("on-the-loop")
    table = [hs.break_even(scenario, name) for name in scenario.workflows]
    better = sum(row.better for row in table)
    assert f"in {better} of {len(table)} workflows" in break_even_told(scenario).text
