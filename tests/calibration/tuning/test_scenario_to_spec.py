"""From a scenario to a boundary spec in a file and back: what was promised is what comes."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

import hitlsim as hs
from hitlsim.cli import main
from hitlsim.scenario.boundary_file import BoundarySpec
from tests.calibration.tuning.two_flows import team

FRESH = range(70_000, 70_016)
"""Seeds of worlds that no choice was made by."""
_T_19 = 2.093
"""Of a 95% interval of a mean over 20 runs."""


def short_team() -> hs.Scenario:
    """Two weeks of the team with two workflows: tuned in a few seconds."""
    return team().with_(weeks=2)


@pytest.fixture(scope="module")
def rec() -> hs.Recommendation:
    return hs.tune(short_team(), seed=3, workers=1)


@pytest.fixture(scope="module")
def spec(rec: hs.Recommendation, tmp_path_factory: pytest.TempPathFactory) -> BoundarySpec:
    """What stands in the file that was written."""
    file = tmp_path_factory.mktemp("spec") / "boundary.yaml"
    rec.write(file, who="Ana")
    return hs.load_boundary(file)


@pytest.mark.parametrize("figure", ["exception_rate", "override_rate", "hours_per_week"])
def test_simulated_under_the_spec_written_comes_what_its_entry_expects(
    spec: BoundarySpec, figure: str
) -> None:
    # two means of 20 and of 16 runs, four standard errors of their difference apart: a false alarm
    # in about 1 of 3,000 cases for each figure
    metric = {"hours_per_week": "hours_exceptions"}.get(figure, figure)
    world = short_team().with_(boundary=spec.boundary)
    runs = hs.replicate(world, n=len(FRESH), seed=FRESH[0], workers=1)
    seen = np.array([run.scorecard().get(metric).value for run in runs])
    expected = spec.changes[-1].expected[figure]
    theirs = (expected["high"] - expected["low"]) / 2 / _T_19
    apart = abs(seen.mean() - expected["value"])
    assert apart < 4 * np.hypot(theirs, seen.std(ddof=1) / np.sqrt(len(seen)))


def test_the_spec_written_holds_the_rules_and_keeps_the_band(
    rec: hs.Recommendation, spec: BoundarySpec
) -> None:
    assert rec.status == "recommended"
    assert spec.boundary == rec.policy.boundary(short_team().boundary)
    entry = spec.changes[-1]
    assert entry.expected["simulated_runs"] == rec.runs == 20
    assert entry.expected["from"] == rec.source
    assert not any(name.startswith("true_") for name in entry.expected)
    rate = entry.expected["exception_rate"]
    assert 0.10 < rate["low"] < rate["high"] < 0.15


def test_the_command_line_writes_the_same_spec(
    rec: hs.Recommendation, spec: BoundarySpec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    team_file, out = tmp_path / "team.yaml", tmp_path / "boundary.yaml"
    team_file.write_text(hs.dump(short_team()), encoding="utf-8")
    monkeypatch.setattr(sys, "argv", [
        "hitlsim", "tune", "--scenario", str(team_file), "--seed", "3", "--who", "Ana",
        "--out", str(out),
    ])  # fmt: skip
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    written = hs.load_boundary(out)
    assert written.boundary == spec.boundary
    assert written.changes[-1].expected == spec.changes[-1].expected
    assert written.changes[-1].by.startswith("Ana (hitlsim ")
    shown = " ".join(capsys.readouterr().out.split())
    assert f"{rec.met[0].price_seen.value:,.2f}" in shown
