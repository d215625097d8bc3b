"""What docs/scenarios.md shows loads, and every key it names exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import hitlsim as hs
from hitlsim.scenario.boundary_file import Change, load_boundary
from hitlsim.scenario.habits import PRESETS

DOC = Path(__file__).resolve().parents[1] / "docs" / "scenarios.md"
TEXT = DOC.read_text(encoding="utf-8")
BLOCK = re.compile(r"```yaml (?P<kind>\w+)\n(?P<text>.*?)```", re.DOTALL)
COMPLETE = [m["text"] for m in BLOCK.finditer(TEXT) if m["kind"] == "complete"]
PARTS = [m["text"] for m in BLOCK.finditer(TEXT) if m["kind"] == "part"]
SPECS = [m["text"] for m in BLOCK.finditer(TEXT) if m["kind"] == "spec"]

# words in backticks that are neither keys nor values of a scenario
OTHER = {"extends:", "key: value", "check", "simulate", "scenarios/", "(?)", "-", "_", "x3",
         "4", '"4"', "0.02", "2%", "weeks:", "fri 13:00", "EUR", "UTC", "boundary:", "measure",
         "boundary.yaml", "changes", "hs.write_boundary", *Change.model_fields}  # fmt: skip


def load_text(text: str, tmp_path: Path) -> hs.Scenario:
    file = tmp_path / "team.yaml"
    file.write_text(text, encoding="utf-8")
    return hs.load(file)


def strings(node: Any) -> set[str]:
    """All keys and texts of a schema or a scenario."""
    if isinstance(node, dict):
        return set(node).union(*(strings(v) for v in node.values()))
    if isinstance(node, list):
        return set().union(*(strings(v) for v in node))
    return {node} if isinstance(node, str) else set()


def keys_of_a_file() -> set[str]:
    schema = hs.json_schema()
    parts = [schema, *schema["$defs"].values()]
    return {key for part in parts for key in part.get("properties", {})}


def test_the_page_has_examples_of_both_kinds() -> None:
    assert len(COMPLETE) == 2
    assert len(PARTS) == 15
    assert len(SPECS) == 1
    blocks = [*COMPLETE, *PARTS, *SPECS]
    assert TEXT.count("```yaml") == len(blocks), "every example is tested"


@pytest.mark.parametrize("text", COMPLETE)
def test_a_complete_example_runs(text: str, tmp_path: Path) -> None:
    scenario = load_text(text, tmp_path)
    run = hs.simulate(scenario.with_(weeks=7), seed=7)
    assert len(run.log) > 100


@pytest.mark.parametrize("text", PARTS)
def test_a_part_fits_into_the_reference_scenario(text: str, tmp_path: Path) -> None:
    head = "" if text.startswith("name:") else "name: example\n"
    scenario = load_text(f"extends: on-the-loop\n{head}{text}", tmp_path)
    assert scenario != hs.load("on-the-loop")


@pytest.mark.parametrize("text", SPECS)
def test_a_boundary_spec_of_its_own_can_be_tried(text: str, tmp_path: Path) -> None:
    file = tmp_path / "boundary.yaml"
    file.write_text(text, encoding="utf-8")
    spec = load_boundary(file)
    tried = hs.load("on-the-loop").with_(boundary=spec.boundary)
    assert tried.boundary.bands_of("follow_up_email").auto == 0.91
    assert spec.changes[-1].expected == {"exception_rate": (0.132, 0.124, 0.141)}


def test_every_key_of_a_change_is_on_the_page() -> None:
    assert [key for key in Change.model_fields if f"`{key}`" not in TEXT] == []


def test_numbers_of_the_examples_carry_their_mark(tmp_path: Path) -> None:
    scenario = load_text(f"extends: on-the-loop\nname: example\n{PARTS[0]}", tmp_path)
    marks = {e.path: (e.mark, e.source) for e in scenario.evidence}
    count = "count in our mail platform, June to August"
    assert marks["workflows.follow_up_email.volume_per_week"] == ("B", count)


def test_every_key_is_on_the_page() -> None:
    assert {
        key for key in keys_of_a_file() if f"`{key}`" not in TEXT and f"`{key}:" not in TEXT
    } == set()


def test_every_word_in_backticks_exists(tmp_path: Path) -> None:
    prose = BLOCK.sub("", TEXT)
    prose = re.sub(r"```.*?```", "", prose, flags=re.DOTALL)
    known = strings(hs.json_schema()) | strings(hs.load("on-the-loop").to_dict()) | OTHER
    known |= {"run.governance", *PRESETS}
    known |= {p.stem for p in (DOC.parents[1] / "scenarios").glob("*.yaml")}
    for quoted in re.findall(r"`([^`]+)`", prose):
        if quoted.startswith(("hitlsim ", "extends: ")):
            continue
        # "intercept: 0, slope: 1" and "volume_per_week: 0" are keys with values
        words = re.findall(r"(\w+): [^,]+", quoted) or [quoted]
        assert quoted in known or set(words) <= known, quoted


def test_the_table_of_odds_is_the_formula() -> None:
    rows = re.findall(
        r"^\| (0\.\d\d) \| \D*(\d+)% \| (\d+)% \| (\d+)% \|$",
        re.sub("right in ", "", TEXT),
        re.MULTILINE,
    )
    assert len(rows) == 4
    for score, *shown in rows:
        odds = float(score) / (1 - float(score))
        for percent, (intercept, slope) in zip(
            shown, ((0, 1), (-0.25, 0.95), (-0.4, 0.6)), strict=True
        ):
            right = 1 / (1 + 2.718281828**-intercept * odds**-slope)
            assert round(100 * right) == int(percent)


def test_the_messages_are_what_load_says(tmp_path: Path) -> None:
    said = TEXT.split("up to ten things at once:\n\n```\n")[1].split("\n```")[0]
    wrong = (
        "extends: on-the-loop\nname: our-team\nteaches: mistakes\nboundary:\n"
        "  bands: {auto: 0.8, review: 0.9}\n"
        "workflows:\n  crm_update:\n    priority: 2\n    volume_per_wek: 900\n"
    )
    with pytest.raises(hs.ScenarioError) as caught:
        load_text(wrong, tmp_path)
    assert str(caught.value) == said
