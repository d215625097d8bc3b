"""The JSON Schema that editors complete and check scenario files by."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

import hitlsim as hs
from hitlsim.scenario.files import read_yaml

SCENARIOS = Path(__file__).resolve().parents[2] / "scenarios"


def as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: as_json(v) for k, v in value.items()}
    if isinstance(value, list):
        return [as_json(v) for v in value]
    return value.isoformat() if isinstance(value, date) else value


def errors(path: Path) -> list[str]:
    validator = jsonschema.Draft202012Validator(
        hs.json_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    return [e.message for e in validator.iter_errors(as_json(read_yaml(path).values))]


def test_the_schema_that_ships_is_up_to_date() -> None:
    ships = (SCENARIOS / "scenario.schema.json").read_text(encoding="utf-8")
    fresh = json.dumps(hs.json_schema(), indent=2) + "\n"
    assert ships == fresh, (
        "write it anew: python -c 'import hitlsim, json; "
        "print(json.dumps(hitlsim.json_schema(), indent=2))' > scenarios/scenario.schema.json"
    )


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(hs.json_schema())


def test_every_key_is_explained() -> None:
    schema = hs.json_schema()
    parts = {"scenario": schema, **schema["$defs"]}
    unexplained = [
        f"{part}.{key}"
        for part, fields in parts.items()
        for key, field in fields.get("properties", {}).items()
        if "description" not in {**schema["$defs"].get(field.get("$ref", "")[8:], {}), **field}
    ]
    assert unexplained == []


def test_defaults_are_written_as_files_write_them() -> None:
    text = json.dumps(hs.json_schema())
    assert '"default": "fri 13:00"' in text
    assert "null" not in text, "a file cannot say null"


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda p: p.stem)
def test_what_ships_is_valid(path: Path) -> None:
    assert errors(path) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("weeks: 4", "weeks: '4'", "'4' is not of type 'integer'"),
        ("weeks: 4", "wekks: 4", "'wekks' was unexpected"),
        ("share: 0.02", "share: 2", "2 is greater than the maximum of 1"),
        ("class: execution", "class: exec", "'exec' is not one of"),
        ("  crm:", "  CRM update:", "'CRM update' does not match"),
        ('"tue 09:00"', "9", "9 is not of type 'string'"),
        ("teaches: One workflow, one desk.\n", "", "is not valid under any of the given schemas"),
    ],
)
def test_editors_underline_what_load_refuses(
    tmp_path: Path, small: str, old: str, new: str, message: str
) -> None:
    file = tmp_path / "team.yaml"
    file.write_text(small)
    assert errors(file) == []
    file.write_text(small.replace(old, new, 1))
    assert any(message in e for e in errors(file))
    with pytest.raises(hs.ScenarioError):
        hs.load(file)


def test_a_variation_may_leave_out_what_its_base_has(
    tmp_path: Path, load_text: Callable[..., hs.Scenario]
) -> None:
    text = "extends: outbound\nname: ours\nworkflows:\n  reply_triage: {priority: 1}\n"
    load_text(text)
    assert errors(tmp_path / "team.yaml") == []
