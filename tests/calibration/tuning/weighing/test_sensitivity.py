from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from hitlsim.calibration.tuning.goals import Goals
from hitlsim.calibration.tuning.weighing.cases import Assumption, Cases
from hitlsim.calibration.tuning.weighing.grid import Shape
from hitlsim.calibration.tuning.weighing.holding import Band
from hitlsim.calibration.tuning.weighing.search import Searching
from hitlsim.calibration.tuning.weighing.sensitivity import sensitivity
from tests.calibration.tuning.tuning_worlds import cases_of, keep_none, looks_of


def world(**looks: float) -> Cases:
    rng = np.random.default_rng(1)
    score, flow = rng.beta(6, 1.5, 2000), np.arange(2000) % 2
    p = 1 / (1 + np.exp(0.5 + 0.8 * np.log(score / (1 - score))))
    return cases_of(score, p, flow=flow, harm=np.where(flow, 60.0, 15.0),
                    looks=looks_of(2, **{"money": 2.0, **looks}))  # fmt: skip


def table(cases: Cases, **goals: object) -> dict[str, dict[str, float]]:
    asked = Goals.model_validate({"exception_rate": None, "hours_per_week": 1e6, **goals})
    search = Searching(cases, asked, Band(*asked.band, 10**5), keep_none(cases), Shape.BANDS)
    rows: dict[str, dict[str, float]] = sensitivity(search).set_index("assumption").to_dict("index")
    return rows


def test_dearer_errors_ask_for_more_looks_and_dearer_hours_for_fewer() -> None:
    rows = table(world())
    assert rows["harm"]["wanted_low"] < rows["harm"]["wanted_high"]
    assert rows["hour"]["wanted_low"] > rows["hour"]["wanted_high"]
    assert rows["catches"]["wanted_low"] < rows["catches"]["wanted_high"]
    assert rows["overrides_right"]["wanted_low"] >= rows["overrides_right"]["wanted_high"]
    assert rows["errors of the AI"]["wanted_low"] < rows["errors of the AI"]["wanted_high"]


def test_what_moves_nothing_comes_last_with_nothing() -> None:
    rows = table(world(spoils=0.0))
    assert rows["overrides_right"]["routed_otherwise"] == 0.0
    assert list(rows)[-1] == "overrides_right"
    shares = [row["routed_otherwise"] for row in rows.values()]
    assert shares == sorted(shares, reverse=True)
    assert shares[0] > 0.02


def test_a_band_holds_the_rate_whatever_is_assumed() -> None:
    rows = table(world(), exception_rate=(0.10, 0.11))
    # who is asked may change, how many may not: at most all of them are others
    assert all(row["routed_otherwise"] <= 2 * 0.11 for row in rows.values())


def test_what_is_measured_is_told_from_what_is_assumed() -> None:
    told = (Assumption("harm", 20, "given", True), Assumption("hour", 40, "not in the log", False))
    rows = table(replace(world(), assumptions=told))
    assert (rows["harm"]["measured"], rows["hour"]["measured"]) == (True, False)
    assert rows["errors of the AI"]["measured"]


@pytest.mark.parametrize("factor", [0.5, 2.0])
def test_half_and_twice_are_what_it_says(factor: float) -> None:
    cases = world()
    row = table(cases)["harm"]
    again = replace(cases, harm=cases.harm * factor)
    goals = Goals(exception_rate=None, hours_per_week=1e6)
    search = Searching(again, goals, Band(0, 1, 10**5), keep_none(again), Shape.BANDS)
    side = row["wanted_low"] if factor < 1 else row["wanted_high"]
    assert search.found(explain=False).wanted_rate == pytest.approx(side)


def test_without_chances_of_being_wrong_there_is_nothing_to_vary() -> None:
    cases = world()
    assert table(replace(cases, p_bad=np.full(len(cases), np.nan))) == {}
