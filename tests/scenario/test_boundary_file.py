"""The boundary spec as a file: read back as written, and never written over something else."""

from __future__ import annotations

import datetime as dt
import math
import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.scenario.boundary import Boundary
from hitlsim.scenario.boundary_file import BoundarySpec, Change, load_boundary, write_boundary

DAY = dt.date(2026, 10, 1)


def change(version: int, **more: Any) -> Change:
    return Change(version=version, date=DAY, by="us", **more)


# --- known answers -------------------------------------------------------------------------------


def test_a_file_by_hand_says_only_what_differs(tmp_path: Path) -> None:
    file = tmp_path / "boundary.yaml"
    file.write_text("version: 4  # ours\nworkflows:\n  crm: {auto: 0.8, signals: []}\n")
    spec = load_boundary(file)
    assert (spec.boundary.version, spec.changes) == (4, ())
    assert spec.boundary.bands_of("crm").auto == 0.8
    assert spec.boundary.workflows["crm"].signals == ()


def test_each_version_adds_to_the_change_log(tmp_path: Path) -> None:
    file = tmp_path / "new" / "boundary.yaml"
    for version in (1, 2, 3):
        write_boundary(Boundary(version=version), file, changes=[change(version, why=["So."])])
    spec = load_boundary(file)
    assert spec.boundary.version == 3
    assert [c.version for c in spec.changes] == [1, 2, 3]


def test_the_file_of_every_team_that_ships_is_its_boundary(tmp_path: Path) -> None:
    for name in ("on-the-loop", "outbound", "inbox"):
        team = hs.load(name)
        again = load_boundary(write_boundary(team.boundary, tmp_path / f"{name}.yaml")).boundary
        assert again == team.boundary
        assert team.with_(boundary=again) == team


def test_the_file_explains_itself_and_keeps_figures_together(tmp_path: Path) -> None:
    expected = {"exception_rate": [0.132, 0.124, 0.141]}
    file = write_boundary(Boundary(), tmp_path / "b.yaml", changes=[change(1, expected=expected)])
    text = file.read_text("utf-8")
    assert "    exception_rate: [0.132, 0.124, 0.141]\n" in text
    head = text.partition("\nversion: ")[0]
    for key in (*Boundary.model_fields, "changes"):
        assert re.search(rf"^# {key} ", head, re.M), key
    assert all(line.startswith("#") and len(line) <= 100 for line in head.splitlines() if line)


def test_figures_of_numpy_are_plain_and_what_is_not_known_is_left_out() -> None:
    figures = {"n": np.int64(3), "rate": [np.float64(0.5), math.nan, None], "chance": None,
               "deep": {"when": dt.datetime(2026, 1, 2, 3, 4, tzinfo=dt.UTC), "nan": math.nan},
               "array": np.array([1.5, 2.5])}  # fmt: skip
    assert change(1, expected=figures).expected == {
        "n": 3, "rate": (0.5, "not known", "not known"), "array": (1.5, 2.5),
        "deep": {"when": "2026-01-02T03:04:00+00:00"},
    }  # fmt: skip


def test_long_names_and_sentences_are_not_broken(tmp_path: Path) -> None:
    long = " ".join(["many words"] * 40)
    made = change(1, why=[long], expected={long: {long: [long]}})
    file = write_boundary(Boundary(), tmp_path / "b.yaml", changes=[made])
    assert load_boundary(file).changes == (made,)
    assert f"- {long}\n" in file.read_text("utf-8")


def test_reasons_are_kept_as_single_lines() -> None:
    assert change(1, why=["Too many\n  exceptions.\x85"]).why == ("Too many exceptions.",)


# --- properties ----------------------------------------------------------------------------------

SHARES = st.floats(0, 1)
BANDS = st.tuples(SHARES, SHARES).map(lambda two: {"auto": max(two), "review": min(two)})
NAMES = st.from_regex(r"[a-z][a-z0-9_-]{0,9}", fullmatch=True)
SIGNALS = st.lists(NAMES, max_size=3)
DEALS = st.floats(0, 1e12, exclude_min=True)
TEXTS = st.text(min_size=1).filter(lambda t: any(c.isprintable() and c != " " for c in t))
VALUES = st.recursive(
    st.one_of(st.text(), st.booleans(), st.integers(-(2**63), 2**63), st.floats(allow_nan=False),
              st.dates()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FIGURES = st.dictionaries(TEXTS, VALUES, max_size=3)


def some_of(**parts: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries({}, optional=parts)


OWN = st.tuples(st.none() | BANDS, some_of(deal_size_above=DEALS, signals=SIGNALS)).map(
    lambda two: {**(two[0] or {}), **two[1]}
)
BOUNDARIES = some_of(
    version=st.integers(1, 10**9), bands=BANDS,
    triggers=some_of(deal_size_above=DEALS, signals=SIGNALS),
    audit=some_of(share=SHARES, workflows=SIGNALS, at=st.sampled_from(["mon 00:00", "sun 23:59"])),
)  # fmt: skip
CHANGES = st.lists(st.tuples(st.dates(), TEXTS, st.lists(TEXTS, max_size=3), FIGURES, FIGURES),
                   max_size=3)  # fmt: skip


@given(BOUNDARIES, st.dictionaries(NAMES, OWN, max_size=3), CHANGES)
def test_what_is_read_is_what_was_written(
    parts: dict[str, Any], own: dict[str, Any], made: list[tuple[Any, ...]]
) -> None:
    # a workflow that sets one band alone may not go with the other band of all: see the errors
    boundary = Boundary.model_validate({**parts, "workflows": own})
    changes = tuple(
        Change(version=boundary.version, date=date, by=by, why=why, expected=expected,
               confidence_spent=spent)
        for date, by, why, expected, spent in made
    )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        file = write_boundary(boundary, Path(folder) / "boundary.yaml", changes=changes)
        assert load_boundary(file) == BoundarySpec(boundary, changes)


def test_the_same_spec_is_the_same_file_to_the_byte(tmp_path: Path) -> None:
    one, other = (write_boundary(Boundary(), tmp_path / f"{n}.yaml") for n in "ab")
    assert one.read_bytes() == other.read_bytes()


# --- errors --------------------------------------------------------------------------------------


ENTRY = "- {version: %d, date: 2026-01-01, by: us}\n"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("bands: {auto: 0.9}\n", "b.yaml:1 version: is missing; add it (Goes up by one"),
        ("version: 2\nbandz: {}\n", "b.yaml:2 bandz: unknown key; did you mean 'bands'?"),
        ("version: 2\nbands: {auto: 0.6}\n",
         "b.yaml:2 bands: review band 0.7 is above the auto band 0.6; lower review or raise auto"),
        ("version: 2\nworkflows:\n  crm: {auto: 0.6}\n",
         "b.yaml:3 workflows.crm: review band 0.7 is above the auto band 0.6; lower review"),
        (f"version: 2\nchanges:\n{ENTRY % 3}",
         "b.yaml:3 changes.0.version: 3 is out of order: here it is at most 2, the version of"),
        (f"version: 2\nchanges:\n{ENTRY % 2}{ENTRY % 1}",
         "b.yaml:4 changes.1.version: 1 is out of order: here it is 2 to 2, the version of"),
        ("version: 2\nchanges:\n- {version: 2, date: soon, by: us}\n",
         "b.yaml:3 changes.0.date: 'soon' is not a date; write it like"),
        ("version: 2\nchanges:\n- {version: 2, date: 2026-01-01, by: ''}\n",
         "b.yaml:3 changes.0.by: is empty; write something"),
        ("version: 2\nchanges:\n- {version: 2, date: 2026-01-01, by: us, why: So.}\n",
         'b.yaml:3 changes.0.why: \'So.\' must be a list; write it like ["So."]'),
        ("weeks: 2\nboundary: {version: 2}\n", "b.yaml:2 boundary: this is a scenario, not a"),
        ("version: [\n", "b.yaml:2: not valid YAML"),
        ("", "b.yaml:1 is empty or not a mapping"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_refused_with_its_line_and_the_remedy(
    tmp_path: Path, text: str, says: str
) -> None:
    file = tmp_path / "b.yaml"
    file.write_text(text)
    with pytest.raises(hs.ScenarioError, match="^" + re.escape(says)) as caught:
        load_boundary(file)
    assert len(str(caught.value).splitlines()) == 1, "one mistake, one line"
    with pytest.raises(hs.ScenarioError, match=r"b\.yaml: is no boundary spec, so it is not over"):
        write_boundary(Boundary(version=3), file)
    assert file.read_text() == text


def write(file: Path, version: int, *changes: Change, **parts: Any) -> Path:
    boundary = Boundary.model_validate({"version": version, **parts})
    return write_boundary(boundary, file, changes=changes)


@pytest.mark.parametrize(
    ("writes", "says"),
    [
        (lambda f: write(f, 2), "holds version 2, so the next one is version 3, not 2; give the"),
        (lambda f: write(f, 4), "holds version 2, so the next one is version 3, not 4"),
        (lambda f: write(f, 3, change(2)), "a change is of version 2, but what is written is ver"),
        (lambda f: write(f, 3, workflows={"crm": {"auto": 0.1}}), "workflows.crm: review band"),
        (lambda f: write(f.parent, 3), "cannot be read"),
    ],
)
def test_what_must_not_be_written_leaves_the_file_as_it_was(
    tmp_path: Path, writes: Callable[[Path], Path], says: str
) -> None:
    file = write_boundary(Boundary(version=2), tmp_path / "boundary.yaml", changes=[change(2)])
    before = file.read_bytes()
    with pytest.raises(hs.ScenarioError, match=re.escape(says)):
        writes(file)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file], "nothing half-written"


def test_a_figure_that_no_file_can_hold_is_refused() -> None:
    with pytest.raises(ValueError, match=r"rates\.0 \{1\} is no text, number, date, list or map"):
        change(1, expected={"rates": [{1}]})


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(hs.ScenarioError, match=r"none\.yaml: no such file; check the path"):
        load_boundary(tmp_path / "none.yaml")
