"""Reading, merging and writing of scenario files; every error says where, what and the remedy."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.scenario.files import read_yaml
from hitlsim.scenario.hours import Window

Load = Callable[..., hs.Scenario]


# --- known answers: extends ----------------------------------------------------------------------

CHILD = """\
extends: base.yaml
name: child
weeks: 6                # (?) longer
boundary:
  bands: {auto: 0.95}   # (A) from our shadow weeks
  triggers: {signals: [angry]}
workflows:
  crm: {priority: 2}
"""


@pytest.fixture
def family(tmp_path: Path, small: str) -> Path:
    (tmp_path / "base.yaml").write_text(small)
    child = tmp_path / "child.yaml"
    child.write_text(CHILD)
    return child


def test_mappings_merge_and_everything_else_is_replaced(family: Path) -> None:
    base, child = hs.load(family.with_name("base.yaml")), hs.load(family)
    assert (child.name, child.weeks) == ("child", 6)
    bands = child.boundary.bands
    assert (bands.auto, bands.review) == (0.95, 0.7), "what is not set stays as it was"
    assert child.workflows["crm"].priority == 2
    assert child.workflows["crm"].volume_per_week == base.workflows["crm"].volume_per_week
    assert child.pools == base.pools


def test_evidence_follows_the_number_that_wins(family: Path) -> None:
    evidence = hs.load(family).evidence
    marks = {e.path: (e.value, e.mark, e.source) for e in evidence}
    assert len(marks) == len(evidence), "each number once"
    assert marks["weeks"] == (6, "?", "longer")
    assert marks["boundary.bands.auto"] == (0.95, "A", "from our shadow weeks")
    assert marks["workflows.crm.priority"] == (2, "?", "")  # no mark: an assumption
    assert marks["workflows.crm.volume_per_week"] == (100, "C", "a vendor says")
    assert marks["boundary.bands.review"] == (0.7, "?", "")


def test_a_shipped_scenario_can_be_extended_by_name(load_text: Load) -> None:
    scenario = load_text("extends: on-the-loop\nname: ours\nweeks: 9\n")
    assert scenario.weeks == 9
    assert scenario.workflows == hs.load("on-the-loop").workflows


def test_a_phase_that_is_added_takes_its_place(load_text: Load, small: str, tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text(small)
    shadow = "phases:\n  shadow: {weeks: 1, looks: {share: 1.0}}\n"
    scenario = load_text("extends: base\n" + shadow)
    assert [str(p) for p in scenario.phases] == ["shadow", "steady-state"]


def test_positions_name_the_right_file(family: Path) -> None:
    family.write_text(CHILD.replace("auto: 0.95", "auto: 0.5"))
    with pytest.raises(hs.ScenarioError, match=r"^child.yaml:5 boundary.bands: review band 0.7"):
        hs.load(family)
    family.write_text(CHILD)
    base = family.with_name("base.yaml")
    base.write_text(base.read_text().replace("share: 0.02", "share: 2"))
    with pytest.raises(hs.ScenarioError, match=r"^base.yaml:8 signals.angry.share: 2 must be at"):
        hs.load(family)


# --- known answers: reading ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["on-the-loop", "outbound"])
def test_what_ships_loads_by_name_and_by_path(name: str) -> None:
    path = Path(__file__).resolve().parents[2] / "scenarios" / f"{name}.yaml"
    assert hs.load(name) == hs.load(path) == hs.load(str(path))
    assert hs.load(name).name == name


def test_yaml_1_2_is_read(load_text: Load) -> None:
    scenario = load_text(old="    agent: bot", new="    agent: bot\n    channel: no")
    assert scenario.workflows["crm"].channel == "no"


def test_a_byte_order_mark_does_no_harm(small: str, tmp_path: Path) -> None:
    file = tmp_path / "windows.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + small.replace("\n", "\r\n").encode())
    assert hs.load(file).weeks == 4


def test_positions_are_those_of_an_editor(tmp_path: Path) -> None:
    file = tmp_path / "a.yaml"
    file.write_text("# a comment\na:\n  b: [1,\n      2]\n")
    assert read_yaml(file).positions == {
        (): ("a.yaml", 1), ("a",): ("a.yaml", 2), ("a", "b"): ("a.yaml", 3),
        ("a", "b", 0): ("a.yaml", 3), ("a", "b", 1): ("a.yaml", 4),
    }  # fmt: skip


# --- properties ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["on-the-loop", "outbound"])
def test_what_is_dumped_loads_as_the_same(name: str, load_text: Load) -> None:
    scenario = hs.load(name)
    again = load_text(hs.dump(scenario))
    assert again == scenario
    assert again.fingerprint == scenario.fingerprint
    assert hs.dump(again) == hs.dump(scenario)


NUMBERS = st.floats(min_value=1e-9, max_value=1)


@settings(max_examples=50)
@given(share=NUMBERS, odds=NUMBERS, weight=st.floats(1e-6, 1e6))
def test_no_digit_is_lost_between_dump_and_load(
    tmp_path_factory: pytest.TempPathFactory,
    small_scenario: hs.Scenario,
    share: float,
    odds: float,
    weight: float,
) -> None:
    scenario = small_scenario.with_(
        signals={"new": {"share": share, "odds_of_ok": odds}},
        hours={"office": [Window((0,), 0, 60, weight)]},
    )
    file = tmp_path_factory.mktemp("dump") / "copy.yaml"
    file.write_text(hs.dump(scenario))
    assert hs.load(file) == scenario


# --- errors: the file ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nowhere.yaml", "nowhere.yaml: no such scenario file; give a path, or one that ships: "),
        ("On-The-Loop", "On-The-Loop: no such scenario file; did you mean 'on-the-loop'?"),
        ("name: small\n" * 50, "takes a path or a name, not the text of a scenario"),
    ],
)
def test_files_that_do_not_exist(name: str, message: str) -> None:
    with pytest.raises(hs.ScenarioError, match=re.escape(message)):
        hs.load(name)


def test_a_file_that_vanishes_or_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(hs.ScenarioError, match=r"gone.yaml: no such file; check the path"):
        read_yaml(tmp_path / "gone.yaml")
    with pytest.raises(hs.ScenarioError, match=r"cannot be read \(.+\); check its permissions"):
        read_yaml(tmp_path)


def test_readers_of_other_files_get_their_own_error(tmp_path: Path) -> None:
    with pytest.raises(hs.LogError, match="no such file"):
        read_yaml(tmp_path / "mapping.yaml", hs.LogError)


def test_a_file_that_is_not_utf_8(tmp_path: Path, small: str) -> None:
    file = tmp_path / "excel.yaml"
    file.write_bytes(small.replace("One", "Öne").encode("latin-1"))
    with pytest.raises(hs.ScenarioError, match=r"byte 21 is not UTF-8; save the file as UTF-8"):
        hs.load(file)


@pytest.mark.parametrize("text", ["", "# only a comment\n", "- a list\n", "a word\n", "{}\n"])
def test_a_file_without_keys(load_text: Load, text: str) -> None:
    with pytest.raises(
        hs.ScenarioError, match=r"^team.yaml:1 is empty or not a mapping; it must hold 'key: value'"
    ):
        load_text(text)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("weeks: 4", "\tweeks: 4", "4: not valid YAML: .*; indent with spaces, not with tabs"),
        ("weeks: 4", "weeks: [4", "5: not valid YAML: .*; look for a colon, quote or bracket"),
        ("weeks: 4", "weeks 4", "5: not valid YAML: .*; look for a colon"),
        ("One workflow", "One: workflow", "2: not valid YAML: .*; .* put text that contains ': '"),
        ("2026-08-03", "2026-02-30", "3: not valid YAML: day .*; mend the line"),
        ("phases:", "---\nphases:", "32: not valid YAML: .*; write one scenario in one file"),
        ("weeks: 4", "weeks: 4\nweeks: 5", "5 weeks: stands here for the second time; take one"),
        ("  desk:", "  desk: {}\n  desk:", "25 desk: stands here for the second time"),
        ("weeks: 4", "weeks:", "4 weeks: has no value; give one or take the line out"),
        ("share: 0.02", "share: null", "8 signals.angry.share: has no value"),
        ("[write_crm]", "[write_crm, ~]", "11 agents.bot.may.1: has no value"),
        ("  crm:", "  12:", "14 key 12 must be a word; put it in quotes"),
        ("weeks: 4", "weeks: !weeks 4", "4 weeks: is no text, number, list or mapping; take tags"),
        ("name: small", "name: !!binary aGk=", "1 name: is no text, number, list or mapping"),
    ],
)
def test_what_is_not_a_plain_yaml_mapping(
    load_text: Load, old: str, new: str, message: str
) -> None:
    with pytest.raises(hs.ScenarioError, match=f"^team.yaml:{message}"):
        load_text(old=old, new=new)


def test_files_that_would_fill_the_memory_are_refused(load_text: Load) -> None:
    doubling = "a: &a [x, x]\n" + "".join(
        f"{b}: &{b} [*{a}, *{a}]\n" for a, b in zip("abcdefghijklmnopqr", "bcdefghijklmnopqrs",
                                                    strict=True)
    )  # fmt: skip
    with pytest.raises(hs.ScenarioError, match="has more than 20,000 values; leave aliases out"):
        load_text(doubling)
    with pytest.raises(hs.ScenarioError, match="is nested too deeply; take a level out"):
        load_text("a: " + "[" * 3000 + "]" * 3000)


# --- errors: extends -----------------------------------------------------------------------------


def test_extends_must_not_go_in_circles(tmp_path: Path) -> None:
    for name, base in (("a", "b"), ("b", "c"), ("c", "a")):
        (tmp_path / f"{name}.yaml").write_text(f"extends: {base}\n")
    with pytest.raises(
        hs.ScenarioError,
        match=r"a.yaml: extends itself \(a.yaml -> b.yaml -> c.yaml -> a.yaml\); break the circle",
    ):
        hs.load(tmp_path / "a.yaml")


@pytest.mark.parametrize(
    ("base", "message"),
    [
        ("nowhere", "team.yaml:1 extends: nowhere: no such scenario file; give a path, or one"),
        ("outbond", "team.yaml:1 extends: outbond: no such scenario file; did you mean 'outbound'"),
        ("3", "team.yaml:1 extends: must be one name"),
        ("[outbound]", "team.yaml:1 extends: must be one name"),
        ("", "team.yaml:1 extends: has no value"),
    ],
)
def test_extends_what_does_not_exist(load_text: Load, base: str, message: str) -> None:
    with pytest.raises(hs.ScenarioError, match=re.escape(message)):
        load_text(f"extends: {base}\n")


def test_at_most_ten_problems_at_once(load_text: Load, small: str) -> None:
    with pytest.raises(hs.ScenarioError) as caught:
        load_text(small + "".join(f"extra{i}: 1\n" for i in range(14)))
    lines = str(caught.value).splitlines()
    assert len(lines) == 11
    assert lines[-1] == "... and 4 more"
