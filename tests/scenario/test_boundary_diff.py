"""What a new boundary spec would change: in what holds, told so that nobody can misread it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.scenario.boundary import Boundary
from hitlsim.scenario.boundary_diff import diff


def spec(auto: float = 0.9, **parts: Any) -> Boundary:
    return Boundary.model_validate({"bands": {"auto": auto}, **parts})


# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (spec(0.88), spec(0.91), "acts alone from 0.91 instead of 0.88"),
        (spec(), spec(bands={"auto": 0.9, "review": 0.65}),
         "is held for triage below 0.65 instead of 0.7"),
        (spec(), spec(0.9000001), "acts alone from 0.9000001 instead of 0.9"),
        (spec(), spec(triggers={"deal_size_above": 250_000}),
         "asks above a deal size of 250,000 instead of at none"),
        (spec(triggers={"deal_size_above": 250_000}), spec(),
         "asks at no deal size instead of above 250,000"),
        (spec(triggers={"deal_size_above": 600_000}), spec(triggers={"deal_size_above": 99.5}),
         "asks above a deal size of 99.5 instead of 600,000"),
        (spec(), spec(triggers={"signals": ["rich", "angry"]}), "asks at rich and angry as well"),
        (spec(triggers={"signals": ["rich"]}), spec(workflows={"mail": {"signals": []}}),
         "asks at rich no more"),
        (spec(audit={"share": 0.1}), spec(audit={"share": 0.05, "at": "mon 09:00"}),
         "is audited 5% mon 09:00 instead of 10% fri 13:00"),
        (spec(), spec(audit={"share": 0.1}), "is audited 10% fri 13:00 instead of not at all"),
        (spec(audit={"share": 0.1}), spec(audit={"share": 0.1, "workflows": ["crm"]}),
         "is audited no more, before 10% fri 13:00"),
    ],
)  # fmt: skip
def test_each_setting_has_its_sentence(old: Boundary, new: Boundary, says: str) -> None:
    found = diff(old, new, ["mail"])
    assert found.words() == [f"mail: {says}"]
    assert str(found) == f"mail: {says}"


def test_a_default_that_becomes_an_equal_own_value_is_no_difference() -> None:
    own = {"auto": 0.9, "review": 0.7, "signals": ["b", "a"], "deal_size_above": 5}
    triggers = {"signals": ["a", "b"], "deal_size_above": 5}
    old, new = spec(triggers=triggers), spec(version=2, triggers=triggers, workflows={"crm": own})
    found = diff(old, new, ["crm", "mail"], ["a", "b"])
    assert len(found) == 0
    assert found.frame.empty
    assert found.words() == ["Nothing differs."]
    assert "version 1 → 2" in found._repr_html_()


def test_what_is_the_same_for_several_is_said_once() -> None:
    flows = ["a", "b", "c", "d"]
    assert diff(spec(0.8), spec(0.9), flows).words() == [
        "all workflows: act alone from 0.9 instead of 0.8"
    ]
    but_one = spec(0.9, workflows={"b": {"auto": 0.8}})
    assert diff(spec(0.8), but_one, flows).words() == [
        "all workflows but b: act alone from 0.9 instead of 0.8"
    ]
    two = spec(0.8, workflows={"a": {"auto": 0.9}, "b": {"auto": 0.9}})
    assert diff(spec(0.8), two, flows).words() == ["a and b: act alone from 0.9 instead of 0.8"]
    assert diff(spec(0.8), spec(0.9, workflows={"a": {"auto": 0.8}})).words() == [
        "all others: acts alone from 0.9 instead of 0.8"
    ]


def test_the_frame_has_a_row_for_each_workflow_and_setting() -> None:
    new = spec(0.85, triggers={"signals": ["x"]}, workflows={"b": {"deal_size_above": 7}})
    frame = diff(spec(0.8), new, ["a", "b"]).frame
    assert frame.to_numpy().tolist() == [
        ["a", "auto", 0.8, 0.85], ["a", "signals", (), ("x",)], ["b", "auto", 0.8, 0.85],
        ["b", "deal_size_above", None, 7.0], ["b", "signals", (), ("x",)],
    ]  # fmt: skip


def test_the_table_says_never_and_escapes_what_a_file_says() -> None:
    html = diff(spec(), spec(triggers={"deal_size_above": 7}), ["<b>"])._repr_html_()
    assert "<td>never</td>" in html
    assert "&lt;b&gt;" in html
    assert "<b>" not in html


# --- properties ----------------------------------------------------------------------------------

OWN = st.fixed_dictionaries({}, optional={
    "auto": st.sampled_from([0.7, 0.8, 0.9]), "review": st.sampled_from([0.5, 0.7]),
    "deal_size_above": st.sampled_from([5, 50]),
    "signals": st.lists(st.sampled_from(["x", "y"]), unique=True),
})  # fmt: skip
SPECS = st.builds(
    lambda own, auto, signals: spec(auto, triggers={"signals": signals}, workflows=own),
    st.dictionaries(st.sampled_from("abc"), OWN), st.sampled_from([0.7, 0.9]),
    st.lists(st.sampled_from(["x", "y"]), unique=True),
)  # fmt: skip


@given(SPECS, SPECS)
def test_exactly_what_routes_otherwise_differs(old: Boundary, new: Boundary) -> None:
    found = diff(old, new, list("abc"))
    for name in "abc":
        said = {d.setting for d in found.differences if d.workflow == name}
        assert ("auto" in said) == (old.bands_of(name).auto != new.bands_of(name).auto)
        assert ("review" in said) == (old.bands_of(name).review != new.bands_of(name).review)
        assert ("deal_size_above" in said) == (old.deal_limit_of(name) != new.deal_limit_of(name))
        assert ("signals" in said) == (set(old.signals_of(name)) != set(new.signals_of(name)))
    back = diff(new, old, list("abc")).differences
    assert [(d.workflow, d.setting, d.after, d.before) for d in back if d.setting != "signals"] == [
        tuple(d) for d in found.differences if d.setting != "signals"
    ]
    assert (len(found) == 0) == (found.words() == ["Nothing differs."])


def test_a_team_that_ships_does_not_differ_from_itself() -> None:
    for name in ("on-the-loop", "outbound"):
        team = hs.load(name)
        assert not len(diff(team.boundary, team.boundary, list(team.workflows)))
