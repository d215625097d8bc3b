"""The framework: which access it recommends, why, and that more risk never loosens it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.scenario.framework import (
    Advice,
    calls_it_routine,
    changes_stage,
    execution_share,
    looser,
    looser_choices,
    recommend,
    unsafe_workflows,
    volume,
)
from hitlsim.scenario.surface import Access, DecisionClass, Gate, Stakes, Topic, Workflow

READ, DRAFT, APPROVED, ALONE = Access


def flow(**attributes: Any) -> Workflow:
    """Routine work, but for what is said."""
    routine = {
        "agent": "bot", "action": "write_crm", "class": "execution", "access": "automation-safe",
        "raci": {"accountable": "boss", "responsible": ["ops"]}, "volume_per_week": 500,
    }  # fmt: skip
    return Workflow.model_validate(routine | attributes)


# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attributes", "access", "first_reason"),
    [
        ({}, ALONE, "stakes low, reversible, consistent_data: routine work may go alone"),
        # neither rare work nor medium stakes are among the reasons to ask
        ({"volume_per_week": 5}, ALONE, "stakes low, reversible"),
        ({"stakes": "medium"}, ALONE, "stakes medium, reversible"),
        ({"deal_size": {"median": 300_000}}, ALONE, "stakes low, reversible"),
        ({"customer_facing": True}, APPROVED, "customer_facing: what a customer sees"),
        ({"stakes": "high"}, APPROVED, "stakes high: what touches revenue"),
        (
            {"stakes": "medium", "deal_size": {"median": 300_000}},
            APPROVED,
            "deal_size 300,000 and stakes medium: what touches revenue",
        ),
        ({"reversible": False}, APPROVED, "reversible false: what is hard to reverse"),
        ({"rollback_hours": 0}, APPROVED, "rollback_hours 0: what is hard to reverse"),
        ({"consistent_data": False}, APPROVED, "consistent_data false: what rests on inconsistent"),
        ({"class": "judgment"}, APPROVED, "class judgment: what takes judgment"),
        ({"action": "change_stage"}, APPROVED, "action change_stage: a stage of the pipeline"),
        ({"action": "delete_record"}, APPROVED, "action delete_record: nothing is deleted"),
        ({"needs_context": True}, DRAFT, "needs_context: what takes knowledge of the account"),
        ({"topic": "contract"}, DRAFT, "topic contract: contract, pricing and procurement"),
        ({"topic": "executive"}, DRAFT, "topic executive: communication with executives"),
        ({"topic": "objection-after-demo"}, DRAFT, "topic objection-after-demo: objections after"),
        ({"stakes": "high", "reversible": False}, DRAFT, "stakes high and hard to reverse: what"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_each_attribute_has_its_rule(
    attributes: dict[str, Any], access: Access, first_reason: str
) -> None:
    advice = recommend(flow(**attributes))
    assert advice.access is access
    assert advice.reasons[0].startswith(first_reason)


@pytest.mark.parametrize(
    ("attributes", "judgment", "human_only"),
    [
        ({}, False, False),
        ({"customer_facing": True, "reversible": False, "stakes": "medium"}, False, False),
        ({"needs_context": True}, True, False),
        ({"stakes": "high"}, True, False),
        ({"class": "judgment"}, True, False),
        ({"topic": "contract"}, True, True),
        ({"stakes": "high", "reversible": False}, True, True),
    ],
    ids=str,
)
def test_judgment_and_what_is_human_only(
    attributes: dict[str, Any], judgment: bool, human_only: bool
) -> None:
    advice = recommend(flow(**attributes))
    assert (advice.decision_class is DecisionClass.JUDGMENT) is judgment
    assert advice.human_only is human_only


def test_every_reason_against_it_is_given() -> None:
    email = flow(
        topic="contract", customer_facing=True, reversible=False, stakes="high",
        needs_context=True, consistent_data=False,
    )  # fmt: skip
    attributes = [reason.partition(":")[0] for reason in recommend(email).reasons]
    assert attributes == [
        "topic contract", "stakes high and hard to reverse", "needs_context", "customer_facing",
        "stakes high", "reversible false", "consistent_data false",
    ]  # fmt: skip


def test_few_choices_of_the_reference_are_looser_and_the_team_sees_which() -> None:
    chosen = dict(looser_choices(hs.load("on-the-loop")))
    assert set(chosen) == {"follow_up_email", "meeting_proposal"}
    assert chosen["follow_up_email"] == Advice(
        Access.MANAGER_APPROVED,
        DecisionClass.EXECUTION,
        (
            "customer_facing: what a customer sees is reviewed",
            "reversible false: what is hard to reverse is reviewed",
        ),
    )
    assert unsafe_workflows(hs.load("on-the-loop")) == ()


def test_calling_it_execution_is_looser_where_it_takes_judgment() -> None:
    stage = flow(action="change_stage", stakes="high", access="manager-approved",
                 gate="stage-change")  # fmt: skip
    advice = recommend(stage)
    assert advice.access is stage.access
    assert calls_it_routine(stage, advice)
    assert not calls_it_routine(flow(), recommend(flow()))


def test_access_runs_from_strict_to_loose() -> None:
    order = [READ, DRAFT, APPROVED, ALONE]
    assert [a.value for a in order] == [
        "read-only", "draft-only", "manager-approved", "automation-safe",
    ]  # fmt: skip
    for i, chosen in enumerate(order):
        assert [looser(chosen, advised) for advised in order] == [i > j for j in range(4)]


def test_the_execution_share_is_of_volume_lists_included(small_scenario: hs.Scenario) -> None:
    own = small_scenario.workflows["crm"].model_dump(by_alias=True, exclude_none=True)
    judged = own | {"class": "judgment", "volume_per_week": 0, "list_drop": {"contacts": 1300}}
    both = small_scenario.with_(workflows={"crm": own, "calls": judged})
    assert volume(both.workflows["calls"]) == pytest.approx(300)
    assert execution_share(both) == pytest.approx(0.25)
    silent = small_scenario.with_(workflows={"crm": own | {"volume_per_week": 0}})
    assert math.isnan(execution_share(silent))


@pytest.mark.parametrize(
    ("action", "changes"),
    [("change_stage", True), ("move-deal-stage", True), ("update_stage", True), ("stage", False),
     ("change_owner", False), ("score_stage", False), ("draft_stage_note", False)],
)  # fmt: skip
def test_which_actions_move_a_deal(action: str, changes: bool) -> None:
    assert changes_stage(action) is changes


# --- properties ----------------------------------------------------------------------------------

RISKS: dict[str, list[Any]] = {
    "stakes": [s.value for s in Stakes],
    "reversible": [True, False],
    "customer_facing": [False, True],
    "needs_context": [False, True],
    "consistent_data": [True, False],
    "class": ["execution", "judgment"],
    "topic": [None, "contract"],
    "deal_size": [{"median": m} for m in (55_000, 99_999, 100_000, 1e6)],
    "rollback_hours": [72, 0],
    "action": ["write_crm", "change_stage"],
}
"""Attributes, each from the safest value to the riskiest."""

levels = st.fixed_dictionaries({k: st.integers(0, len(v) - 1) for k, v in RISKS.items()})


def at(level: dict[str, int]) -> Workflow:
    return flow(**{name: RISKS[name][i] for name, i in level.items()})


@given(levels, levels)
def test_more_risk_never_loosens_the_advice(a: dict[str, int], b: dict[str, int]) -> None:
    riskier = {name: max(a[name], b[name]) for name in RISKS}
    advice, stricter = recommend(at(a)), recommend(at(riskier))
    assert not looser(stricter.access, advice.access)
    assert stricter.human_only >= advice.human_only
    assert (stricter.decision_class, advice.decision_class) != tuple(DecisionClass)


@given(levels, st.floats(0, 1e6), st.sampled_from([*Access]))
def test_neither_the_choice_nor_the_volume_changes_the_access(
    level: dict[str, int], many: float, access: Access
) -> None:
    here = at(level)
    gate = None if access is ALONE else Gate.SEND
    other = here.model_copy(update={"volume_per_week": many, "access": access, "gate": gate})
    assert recommend(here).access is recommend(other).access


@given(levels)
def test_there_is_always_a_reason_and_it_names_an_attribute(level: dict[str, int]) -> None:
    advice = recommend(at(level))
    names = {*Workflow.model_fields, "class"}
    assert advice.reasons
    assert all(reason.split()[0].strip(":,") in names for reason in advice.reasons)


@given(levels)
def test_what_is_always_human_is_never_advised_to_go_alone(level: dict[str, int]) -> None:
    workflow = at(level)
    if workflow.topic is not None:
        assert recommend(workflow).human_only
        assert looser(ALONE, recommend(workflow).access)


def test_every_topic_has_its_rule() -> None:
    for topic in Topic:
        assert recommend(flow(topic=topic.value)).reasons[0].startswith(f"topic {topic.value}: ")
