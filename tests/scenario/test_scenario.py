"""The rules of a scenario. Each error names file, line, path, what is wrong, and the remedy."""

from __future__ import annotations

import copy
import pickle
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.scenario.base import FrozenMap
from hitlsim.scenario.boundary import Bands, Boundary
from hitlsim.scenario.files import read_yaml

Load = Callable[..., hs.Scenario]


# --- known answers -------------------------------------------------------------------------------


def test_bands_of_a_workflow_are_its_own_where_it_sets_them() -> None:
    spec = Boundary.model_validate(
        {"bands": {"auto": 0.9, "review": 0.6}, "workflows": {"a": {"auto": 0.8}, "b": {}}}
    )
    assert spec.bands_of("a") == Bands(auto=0.8, review=0.6)
    assert spec.bands_of("b") == spec.bands_of("elsewhere") == spec.bands


def test_the_deal_size_limit_of_a_workflow_is_its_own_where_it_sets_one() -> None:
    spec = Boundary.model_validate(
        {"triggers": {"deal_size_above": 100}, "workflows": {"a": {"deal_size_above": 5}}}
    )
    assert (spec.deal_limit_of("a"), spec.deal_limit_of("b")) == (5, 100)
    assert Boundary().deal_limit_of("a") is None


def test_the_signals_of_a_workflow_are_its_own_where_it_sets_them_even_none() -> None:
    own = {"a": {"signals": ["x"]}, "b": {"signals": []}, "c": {"auto": 0.9}}
    spec = Boundary.model_validate({"triggers": {"signals": ["x", "y"]}, "workflows": own})
    assert [spec.signals_of(n) for n in "abcd"] == [("x",), (), ("x", "y"), ("x", "y")]


def test_capacity_is_the_sum_of_all_shifts(small_scenario: hs.Scenario) -> None:
    assert small_scenario.pools["desk"].hours_per_week == 15
    assert small_scenario.capacity_hours_per_week == 15 + 5


def test_work_goes_to_the_pool_that_fills_the_role(small_scenario: hs.Scenario) -> None:
    assert small_scenario.pool_of_role("boss") == "bosses"
    assert [(p, n) for p, n, _ in small_scenario.reviewers()] == [
        ("desk", "ana"),
        ("bosses", "bob"),
    ]


def test_a_band_may_be_a_single_point(load_text: Load) -> None:
    scenario = load_text(old="{auto: 0.9, review: 0.7}", new="{auto: 0.8, review: 0.8}")
    assert scenario.boundary.bands.auto == scenario.boundary.bands.review


# --- properties: frozen, comparable, portable ----------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        lambda m: m.__setitem__("a", 2),
        lambda m: m.__delitem__("a"),
        lambda m: m.pop("a"),
        lambda m: m.popitem(),
        lambda m: m.clear(),
        lambda m: m.update(a=2),
        lambda m: m.setdefault("b", 2),
        lambda m: m.__ior__({"a": 2}),
    ],
)
def test_a_frozen_map_cannot_be_changed(change: Callable[[FrozenMap[int]], Any]) -> None:
    frozen = FrozenMap({"a": 1})
    with pytest.raises(TypeError, match=r"a scenario cannot be changed; .* scenario.with_\(\)"):
        change(frozen)
    assert frozen == {"a": 1}


def test_every_mapping_and_part_of_a_scenario_is_frozen() -> None:
    scenario = hs.load("outbound")
    mappings = [scenario.hours, scenario.signals, scenario.agents, scenario.workflows,
                scenario.pools, scenario.phases, scenario.boundary.workflows,
                scenario.pools["reps"].reviewers,
                scenario.workflows["reply_triage"].signal_shares]  # fmt: skip
    for mapping in mappings:
        assert isinstance(mapping, FrozenMap)
    with pytest.raises(ValueError, match="frozen"):
        scenario.__setattr__("weeks", 3)
    with pytest.raises(ValueError, match="frozen"):
        scenario.boundary.bands.__setattr__("auto", 0.1)


@given(st.dictionaries(st.text(), st.integers()))
def test_frozen_maps_travel(content: dict[str, int]) -> None:
    frozen = FrozenMap(content)
    for same in (pickle.loads(pickle.dumps(frozen)), copy.deepcopy(frozen)):  # noqa: S301
        assert type(same) is FrozenMap
        assert same == content


def test_scenarios_travel_to_other_processes() -> None:
    scenario = hs.load("on-the-loop")
    for same in (pickle.loads(pickle.dumps(scenario)), copy.deepcopy(scenario)):  # noqa: S301
        assert same == scenario
        assert same.fingerprint == scenario.fingerprint
        assert same.evidence == scenario.evidence


def test_comments_and_layout_do_not_make_another_scenario(load_text: Load, small: str) -> None:
    plain, commented = load_text(small), load_text("# hello\n" + small.replace("(S)", "(A)"))
    assert plain == commented
    assert hash(plain) == hash(commented)
    assert plain.evidence != commented.evidence
    assert plain != load_text(old="weeks: 4", new="weeks: 5")


# --- properties: with_ ---------------------------------------------------------------------------


def test_with_makes_a_checked_copy(small_scenario: hs.Scenario) -> None:
    longer = small_scenario.with_(weeks=8, start=date(2026, 8, 10))
    assert (longer.weeks, longer.start, small_scenario.weeks) == (8, date(2026, 8, 10), 4)
    assert longer.workflows == small_scenario.workflows
    assert small_scenario.with_() == small_scenario


def test_with_does_not_carry_marks_over_to_other_numbers(small_scenario: hs.Scenario) -> None:
    def mark(s: hs.Scenario, path: str) -> tuple[float, str]:
        return next((e.value, e.mark) for e in s.evidence if e.path == path)

    assert mark(small_scenario, "weeks") == (4, "S")
    assert mark(small_scenario.with_(weeks=8), "weeks") == (8, "?")
    quiet = small_scenario.with_(signals={})
    assert not any(e.path.startswith("signals.") for e in quiet.evidence)
    path = "workflows.crm.volume_per_week"
    same = small_scenario.with_(workflows=dict(small_scenario.workflows))
    assert mark(same, path) == mark(quiet, path) == (100, "C")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"weeks": 0}, "weeks: 0 must be at least 1"),
        ({"wekks": 3}, "wekks: unknown key; did you mean 'weeks'?"),
        ({"hours": {}}, "workflows.crm.hours: 'office' is no profile; known: none"),
    ],
)
def test_with_refuses_what_a_file_may_not_say(
    small_scenario: hs.Scenario, change: dict[str, Any], message: str
) -> None:
    with pytest.raises(hs.ScenarioError, match=re.escape(message)):
        small_scenario.with_(**change)


def test_with_checks_parts_that_were_copied_unchecked(small_scenario: hs.Scenario) -> None:
    bands = small_scenario.boundary.bands.model_copy(update={"auto": 0.5})
    with pytest.raises(hs.ScenarioError, match=r"boundary.bands: review band 0.7 is above"):
        small_scenario.with_(boundary=small_scenario.boundary.model_copy(update={"bands": bands}))


# --- errors: the small scenario spoilt in one place ----------------------------------------------

WRONG = read_yaml(Path(__file__).with_name("wrong.yaml")).values


@pytest.mark.parametrize("case", WRONG["values"], ids=lambda c: c["says"].partition(":")[0])
def test_a_value_that_is_wrong(load_text: Load, case: dict[str, str]) -> None:
    message = "^" + re.escape(f"team.yaml:{case['says']}")
    with pytest.raises(hs.ScenarioError, match=message) as caught:
        load_text(old=case["old"], new=case["new"])
    assert len(str(caught.value).splitlines()) == 1, "one mistake, one line"


@pytest.mark.parametrize("case", WRONG["parts"], ids=lambda c: c["says"].partition(":")[0])
def test_parts_that_do_not_fit(load_text: Load, case: dict[str, str]) -> None:
    with pytest.raises(hs.ScenarioError, match="^" + re.escape(f"team.yaml:{case['says']}")):
        load_text(old=case["old"], new=case["new"])


def test_bands_of_a_workflow_that_is_never_alone_are_refused(load_text: Load, small: str) -> None:
    gated = small.replace("automation-safe", "manager-approved\n    gate: crm-sync")
    bands = "  workflows:\n    crm: {auto: 0.8}\n  bands:"
    message = "boundary.workflows.crm: bands and triggers need access 'automation-safe'; .* take"
    with pytest.raises(hs.ScenarioError, match=message):
        load_text(gated.replace("  bands:", bands))


def test_a_role_is_filled_by_one_pool(load_text: Load) -> None:
    with pytest.raises(hs.ScenarioError, match="'ops' is filled by pool 'desk' already; merge"):
        load_text(old="role: boss", new="role: ops")


def test_more_signals_than_the_log_can_hold_are_refused(load_text: Load) -> None:
    many = "signals:\n" + "".join(f"  s{i}: {{share: 0.1}}\n" for i in range(40))
    with pytest.raises(hs.ScenarioError, match="signals: has more entries than 40; take some out"):
        load_text(old="signals:\n", new=many)
