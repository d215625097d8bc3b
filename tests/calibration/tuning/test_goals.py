from __future__ import annotations

from typing import Any

import pytest

import hitlsim as hs
from hitlsim.calibration.tuning.goals import Goals, Limit, goals_of

# --- known answers -------------------------------------------------------------------------------


def test_left_out_targets_are_not_asked_for() -> None:
    goals = goals_of(None)
    assert [limit.figure for limit in goals.limits()] == ["exception_rate"]
    assert goals.band == (0.10, 0.15)
    assert goals.silent is None


def test_without_a_band_every_rate_is_allowed() -> None:
    goals = goals_of({"exception_rate": None, "fn_of_bad": 0.2})
    assert goals.band == (0.0, 1.0)
    assert goals.silent == ("fn_of_bad", 0.2)


def test_names_given_beside_an_object_win_over_it() -> None:
    goals = goals_of(Goals(fn_share=0.02, hours_per_week=5), fn_share=0.03)
    assert goals.fn_share == 0.03
    assert goals.hours_per_week == 5


def test_every_target_has_a_limit_on_the_right_side() -> None:
    goals = Goals(fn_share=0.02, override_rate=0.3, within_24h=0.8, within_48h=0.95,
                  utilisation=0.85, hours_per_week=6, cost_per_1000=900)  # fmt: skip
    sides = {limit.figure: (limit.least, limit.most) for limit in goals.limits()}
    assert sides == {
        "exception_rate": (0.10, 0.15), "fn_share": (None, 0.02), "utilisation": (None, 0.85),
        "hours_per_week": (None, 6), "cost_per_1000": (None, 900), "override_rate": (0.3, None),
        "within_24h": (0.8, None), "within_48h": (0.95, None),
    }  # fmt: skip


@pytest.mark.parametrize(("value", "missed"), [(0.10, 0.0), (0.15, 0.0), (0.05, 0.5), (0.30, 1.0)])
def test_a_limit_is_missed_by_its_relative_distance_and_kept_on_its_edge(
    value: float, missed: float
) -> None:
    assert Limit("exception_rate", 0.10, 0.15).missed_by(value) == pytest.approx(missed)


# --- errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"exception_rate": None}, "no target is given; give exception_rate"),
        ({"exception_rate": (0.15, 0.10)}, "is no band; give two shares, the lower one first"),
        ({"fn_share": 0.02, "fn_of_bad": 0.1}, "fn_share and fn_of_bad are both given"),
        ({"fn_share": 0.0}, "fn_share"),
        ({"fn_share": 1.0}, "fn_share"),
        ({"confidence": 0.3}, "confidence"),
        ({"within_24h": 0.9, "within_48h": 0.8}, "within_48h 0.8 asks for nothing beside"),
        ({"hours_per_week": 0.0}, "hours_per_week"),
        ({"fn_rate": 0.1}, "fn_rate"),
        ({"fn_share": float("nan")}, "fn_share"),
        ({"exception_rate": 0.12}, "0.12 is no band; give two shares, from and to"),
        ({"exception_rate": "10-15"}, "'10-15' is no band; give two shares"),
        ({"exception_rate": (0.1, 0.12, 0.15)}, "is no band; give two shares"),
    ],
)
def test_targets_that_make_no_sense_are_refused_by_name(asked: dict[str, Any], said: str) -> None:
    with pytest.raises(hs.LogError, match=said):
        goals_of(None, **asked)


@pytest.mark.parametrize("month", [2.5, True, "500"])
def test_a_month_has_a_whole_number_of_decisions(month: Any) -> None:
    scenario = hs.load("on-the-loop")
    with pytest.raises(hs.LogError, match=r"next_month .* must be a whole number of decisions"):
        hs.tune(scenario, next_month=month)
