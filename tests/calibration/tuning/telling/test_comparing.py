"""What a recommendation is compared with: the spec given, the one that holds, or none."""

from __future__ import annotations

import datetime as dt
import math
from functools import cache
from pathlib import Path

import pytest

import hitlsim as hs
from hitlsim.errors import LogError
from hitlsim.scenario.boundary import Bands, Boundary


@cache
def log() -> hs.DecisionLog:
    return hs.simulate(hs.load("outbound"), seed=7).log


@cache
def bare() -> hs.Recommendation:
    """Of a log that says no routes: nothing tells what holds."""
    kept = ["decision_id", "decided_at", "confidence", "ok"]
    return hs.tune(hs.DecisionLog(log().frame[kept].reset_index(drop=True), {}))


@cache
def rec() -> hs.Recommendation:
    return hs.tune(log())


def test_what_nobody_said_is_not_shown_as_what_holds_now() -> None:
    table = bare().table()
    assert table["alone from (now)"].isna().all()
    assert table["deals above (now)"].isna().all()
    shown = bare()._repr_html_()
    assert "0.9<" not in shown
    assert "nan" not in shown.lower()
    assert "(now)" not in shown


def test_a_comparison_with_the_usual_bands_says_that_nobody_told_what_holds() -> None:
    (said,) = (s for s in bare().diff().words() if s.startswith("Nothing tells"))
    assert "usual bands, alone from 0.9 and held below 0.7" in said
    given = bare().diff(Boundary(bands=Bands(auto=0.9, review=0.7)))
    assert not any(s.startswith("Nothing tells") for s in given.words())
    assert not any(s.startswith("Nothing tells") for s in rec().diff().words())


def test_what_holds_is_shown_where_routes_tell_it() -> None:
    table = rec().table().set_index("workflow")
    for flow in rec().policy.rules:
        assert table.loc[flow, "alone from (now)"] == rec().present.bands_of(flow).auto
    limits = table["deals above (now)"]
    assert not any(math.isnan(x) for x in limits)


def test_a_file_of_a_spec_is_compared_with_as_the_spec_itself(tmp_path: Path) -> None:
    file = rec().write(tmp_path / "b.yaml", on=dt.date(2026, 9, 30))
    spec = hs.load_boundary(file)
    assert not rec().diff(spec).differences
    assert rec().diff(spec).old == spec.boundary


@pytest.mark.parametrize("against", [{"bands": {"auto": 0.9}}, "boundary.yaml", 0.9])
def test_what_is_no_spec_is_one_message_that_names_the_way(against: object) -> None:
    with pytest.raises(LogError, match=r"is no boundary spec; read one with hs\.load_boundary"):
        rec().diff(against)  # type: ignore[arg-type]
