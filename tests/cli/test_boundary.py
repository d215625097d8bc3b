"""``--boundary``: a boundary spec tried on a team and on a log."""

from __future__ import annotations

from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.scenario.boundary_file import load_boundary, write_boundary
from tests.cli.conftest import Run

TEAM = "extends: outbound\nname: ours\nweeks: 3\n"


@pytest.fixture
def stricter(tmp_path: Path) -> Path:
    """A spec under which nearly nothing goes alone."""
    (tmp_path / "team.yaml").write_text(TEAM)
    spec = hs.load("outbound").boundary
    bands = spec.bands.model_copy(update={"auto": 0.99})
    new = spec.model_copy(update={"version": 2, "bands": bands, "workflows": {}})
    return write_boundary(new, tmp_path / "boundary.yaml")


def test_a_spec_takes_the_place_of_the_teams_own(run: Run, stricter: Path, tmp_path: Path) -> None:
    for extra in ((), ("--boundary", "boundary.yaml")):
        code, out, err = run("simulate", "team.yaml", *extra)
        assert code == 0, err
        assert "Exception rate" in out
    runs = tmp_path / "runs"
    plain, tried = runs / "ours-7.parquet", runs / "ours-7-boundary-2.parquet"
    assert sorted(runs.iterdir()) == sorted([plain, tried]), "neither run replaces the other"
    rates = [hs.read_log(log).frame["exception"].mean() for log in (plain, tried)]
    assert rates[0] < 0.5 < rates[1]
    assert hs.read_log(tried).frame["boundary_version"].eq(2).all()


def test_a_log_is_measured_under_a_spec(run: Run, stricter: Path, tmp_path: Path) -> None:
    run("simulate", "team.yaml", "--log", "log.parquet")
    code, out, err = run("measure", "log.parquet", "--boundary", "boundary.yaml")
    assert (code, err) == (0, "")
    log = hs.read_log(tmp_path / "log.parquet")
    tried = hs.rerouted(log, boundary=load_boundary(stricter).boundary)
    rate = hs.scorecard(tried).get("exception_rate").value
    assert f"{rate:.1%}" in out


def test_what_the_log_cannot_tell_is_said(run: Run, stricter: Path, tmp_path: Path) -> None:
    rows = "".join(f"C{i},2026-03-0{1 + i % 9} 10:00,0.9\n" for i in range(9))
    (tmp_path / "calls.csv").write_text("decision_id,decided_at,confidence\n" + rows)
    code, _, err = run("measure", "calls.csv", "--boundary", "boundary.yaml")
    assert code == 0, err
    assert "does not say which signals a decision carried" in err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("simulate", "inbox", "--boundary", "boundary.yaml"), "boundary.yaml does not fit inbox:"),
        (("simulate", "team.yaml", "--boundary", "none.yaml"), "none.yaml: no such file"),
        (("simulate", "team.yaml", "--boundary", "team.yaml"), "team.yaml:1 extends: unknown key"),
        (("measure", "log.csv", "--boundary", "boundary.yaml", "--auto", "0.9"), "not both"),
        (("measure", "log.csv", "--boundary", "boundary.yaml", "--threshold", "0.9"), "not both"),
        (("measure", "a.duckdb#t", "--boundary", "boundary.yaml"), "only bands can be tried"),
    ],
)  # fmt: skip
def test_a_spec_that_cannot_be_tried_is_refused(
    run: Run, stricter: Path, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    rows = "decision_id,decided_at,confidence\nC1,2026-03-01 10:00,0.9\n"
    (tmp_path / "log.csv").write_text(rows)
    before = sorted(tmp_path.rglob("*"))
    code, _, err = run(*arguments)
    assert code == 2
    assert words in err
    assert "Traceback" not in err
    assert sorted(tmp_path.rglob("*")) == before
