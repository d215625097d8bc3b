"""The published schemas of results: real results fit, and nothing else does."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]  # it has no types

import hitlsim as hs
from hitlsim.present.monthly.month import write_results
from hitlsim.present.reporting.failures import ReportError
from hitlsim.present.reporting.schema import check_results, results_schema
from hitlsim.present.rollout.rollout import rollout
from hitlsim.training.cohort import simulated_cohort
from hitlsim.training.dealing.deck import draw_deck
from hitlsim.training.debrief import debrief

Place = tuple[str | int, ...]
NAMES = ("monthly", "rollout", "training")
BY_NAME = {("policies",), ("trainees",)}
"""Objects whose keys are names of the user's own."""
FREE = {"record", "recommendation", "triggers", "audit", "workflows"}
"""What other files say of themselves, or a boundary spec of the team: held loosely."""
OPTIONAL = {"workflow", "title", "fault"}
"""Of an item of training; answers may not tell them."""


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory, reference_run: hs.Run) -> dict[str, Any]:
    """Results of a rollout and of a training cohort, as they lie on disk."""
    home = tmp_path_factory.mktemp("results")
    told = rollout(hs.load("outbound").with_(weeks=6), seed=7, runs=2, workers=1)
    cohort = simulated_cohort(draw_deck(reference_run.log), reference_run.scenario)
    found = {}
    for name, made in (("rollout", told), ("training", debrief(cohort))):
        path = write_results(made, home / f"{name}.json")
        check_results(name, path)
        found[name] = few(json.loads(path.read_text()))
    return found


def few(value: Any, at: Place = ()) -> Any:
    """The results with two of everything that is listed: as telling, and quicker to check."""
    if isinstance(value, dict):
        keys = list(value)[:1] if at in BY_NAME else list(value)
        return {key: few(value[key], (*at, key)) for key in keys}
    return [few(inside, (*at, 0)) for inside in value[:2]] if isinstance(value, list) else value


def objects(value: Any, at: Place = ()) -> Iterator[Place]:
    """Where in the results objects stand: of a list, in its first item."""
    if isinstance(value, dict):
        yield at
        for key, inside in value.items():
            if key not in FREE:
                yield from objects(inside, (*at, key))
    elif isinstance(value, list) and value:
        yield from objects(value[0], (*at, 0))


def drop(held: dict[str, Any], key: str) -> None:
    del held[key]


def retype(held: dict[str, Any], key: str) -> None:
    held[key] = "text" if isinstance(held[key], (dict, list)) else {"no": "such thing"}


def misname(held: dict[str, Any], key: str) -> None:
    held[f"{key} of mine"] = held[key]


@pytest.mark.parametrize("damage", [drop, retype, misname])
@pytest.mark.parametrize("name", ["rollout", "training"])
def test_whatever_is_missing_unknown_or_of_another_type_is_found(
    name: str, damage: Callable[[dict[str, Any], str], None], results: dict[str, Any]
) -> None:
    schema = Draft202012Validator(results_schema(name))
    tried, passed = 0, []
    for place in objects(results[name]):
        held = results[name]
        for step in place:
            held = held[step]
        for key in list(held):
            may_go = place in BY_NAME or (key in OPTIONAL and "items" in place)
            if may_go and damage is not retype:
                continue
            kept = copy.deepcopy(held)
            damage(held, key)
            tried += 1
            if schema.is_valid(results[name]):
                passed.append((*place, key))
            held.clear()
            held.update(kept)
    assert tried > 50
    assert passed == []


@pytest.mark.parametrize("name", ["rollout", "training"])
def test_the_first_places_that_do_not_fit_are_named(
    name: str, results: dict[str, Any], tmp_path: Path
) -> None:
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results[name] | {"headline": "", "summary": [{"topic": "A"}]}))
    with pytest.raises(ReportError, match=r"\$\.headline: .*; \$\.summary\[0\]: 'text' is a requ"):
        check_results(name, path)


def described(schema: Any, at: str = "$") -> Iterator[tuple[str, str]]:
    """All descriptions, with their places."""
    if isinstance(schema, dict):
        if isinstance(schema.get("description"), str):
            yield at, schema["description"]
        for key, inside in schema.items():
            yield from described(inside, f"{at}.{key}")


@pytest.mark.parametrize("name", ["any", *NAMES])
def test_schemas_are_schemas_and_their_descriptions_sentences(name: str) -> None:
    schema = results_schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"hitlsim:results/{name}"
    assert [(at, said) for at, said in described(schema) if not sentence(said)] == []


def sentence(said: str) -> bool:
    begins = said[0].isupper() or said[0].isdigit()
    return begins and said.endswith(".")
