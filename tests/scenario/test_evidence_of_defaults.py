"""What figures rest on besides the numbers of the file: defaults that it leaves alone."""

from __future__ import annotations

import pytest

import hitlsim as hs
from hitlsim.scenario.evidence import Default, defaults


@pytest.fixture(scope="module")
def reference() -> hs.Scenario:
    return hs.load("on-the-loop")


def found(scenario: hs.Scenario) -> dict[str, Default]:
    return {d.path: d for d in defaults(scenario)}


def test_a_default_counts_where_it_holds_and_not_where_the_file_says_otherwise(
    reference: hs.Scenario,
) -> None:
    left = [n for n, w in reference.workflows.items() if "rollback_hours" not in w.model_fields_set]
    hours = found(reference)["workflows.*.rollback_hours"]
    assert (hours.value, hours.mark, hours.times) == ("72", "?", len(left))
    assert 0 < len(left) < len(reference.workflows)


def test_every_default_has_its_evidence(reference: hs.Scenario) -> None:
    assert all(d.mark in "ABCS?" and d.source and d.times > 0 for d in defaults(reference))


def test_habits_in_use_are_listed_and_others_are_not(reference: hs.Scenario) -> None:
    names = {path.split(".")[1] for path in found(reference) if path.startswith("habits.")}
    assert names == {"typical", "careful", "novice"}
    kappa = found(reference)["habits.typical.prevalence_weight"]
    assert (kappa.value, kappa.mark) == ("0.55", "A")


def test_what_a_preset_says_itself_is_an_assumption(reference: hs.Scenario) -> None:
    careful = found(reference)["habits.careful.prevalence_weight"]
    assert (careful.value, careful.mark) == ("0.4", "?")


def test_a_change_elsewhere_makes_no_default_a_number_of_the_file(reference: hs.Scenario) -> None:
    assert defaults(reference.with_(weeks=20)) == defaults(reference)


def test_what_a_run_rests_on_stands_in_its_record(reference: hs.Scenario) -> None:
    rests_on = hs.simulate(reference.with_(weeks=6), seed=7).record["rests_on"]
    assert [row[0] for row in rests_on["defaults"]] == [d.path for d in defaults(reference)]
    assert ["workflows.lead_scoring.words", "40", "?", "a few fields"] in rests_on["file"]


def test_habits_that_vary_others_of_the_team_rest_on_the_preset_beneath(
    reference: hs.Scenario,
) -> None:
    pools = reference.to_dict()["pools"]
    pools["sdr-desk"]["reviewers"]["ana"]["habits"] = "greener"
    own = {"green": {"like": "novice", "lapse": 0.1}, "greener": {"like": "green", "fatigue": 0.3}}
    listed = found(reference.with_(habits=own, pools=pools))
    assert listed["habits.greener.follows_ai"].value == "3.3"
    assert "habits.greener.lapse" not in listed
    assert "habits.greener.fatigue" not in listed
