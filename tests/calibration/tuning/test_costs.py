from __future__ import annotations

from typing import Any

import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.costs import Costs, costs_of


def test_what_a_workflow_does_not_set_is_as_for_all() -> None:
    costs = costs_of({"harm": 50, "workflows": {"crm": {"harm": 5, "minutes": 2}}}, ("crm", "mail"))
    assert [costs.of("crm", name) for name in ("harm", "minutes", "harm_deal_share")] == [
        5, 2, Costs().harm_deal_share,
    ]  # fmt: skip
    assert [costs.of("mail", name) for name in ("harm", "minutes")] == [50, None]


def test_a_cost_of_nothing_is_a_cost_and_not_a_missing_one() -> None:
    costs = costs_of({"workflows": {"crm": {"harm": 0}}}, ("crm",))
    assert costs.of("crm", "harm") == 0


def test_without_costs_all_are_assumed() -> None:
    assert costs_of(None, ("crm",)).model_fields_set == set()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"harm": -1}, "costs: harm"),
        ({"hour": 0}, "costs: hour"),
        ({"override_spoils": 1.5}, "costs: override_spoils"),
        ({"harms": 3}, "costs: harms"),
        ({"workflows": {"cmr": {"harm": 3}}}, "'cmr' is no workflow of the log; .*crm"),
        ({"workflows": {"crm": {"hour": 3}}}, "costs: workflows.crm.hour"),
    ],
)
def test_costs_that_make_no_sense_are_refused_by_name(given: dict[str, Any], said: str) -> None:
    with pytest.raises(hs.LogError, match=said):
        costs_of(given, ("crm", "mail"))
