"""docs/rules.md: every setting exists, every test exists, and every habit and rule has its row."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import hitlsim as hs

ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")


class Row(NamedTuple):
    rule: str
    setting: str
    test: str


ROWS = [
    Row(*match) for match in re.findall(r"^\| (?!rule )(.+?) \| `(.+?)` \| `(.+?)` \|$", TEXT, re.M)
]


def has(schema: dict[str, Any], node: dict[str, Any], steps: list[str]) -> bool:
    """Whether a path leads to something in a JSON Schema; ``*`` is any name."""
    if "$ref" in node:
        node = schema["$defs"][node["$ref"].rsplit("/", 1)[1]]
    if not steps:
        return True
    step, rest = steps[0], steps[1:]
    if step == "*":
        names = [*node.get("patternProperties", {}).values()]
        names += [node["additionalProperties"]] if node.get("additionalProperties") else []
        return any(has(schema, n, rest) for n in names)
    return step in node.get("properties", {}) and has(schema, node["properties"][step], rest)


def test_the_page_has_its_rules() -> None:
    assert len(ROWS) > 60
    lines = [line for line in TEXT.splitlines() if line.startswith("| ")]
    assert len(ROWS) == sum(not line.startswith("| rule |") for line in lines), "a row is torn"
    assert len({row.rule for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("setting", sorted({row.setting for row in ROWS}))
def test_every_setting_of_a_rule_exists(setting: str) -> None:
    schema = hs.json_schema()
    assert has(schema, schema, setting.split("."))


@pytest.mark.parametrize("test", sorted({row.test for row in ROWS}))
def test_every_test_of_a_rule_exists(test: str) -> None:
    file, name = test.split("::")
    assert f"def {name}(" in (ROOT / "tests" / file).read_text(encoding="utf-8")
