from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.calibration.tuning.bands import check_bands, triggered

MakeLog = Callable[..., hs.DecisionLog]

# --- known answers -------------------------------------------------------------------------------


def test_a_score_exactly_on_a_band_goes_the_way_the_contract_says(make_log: MakeLog) -> None:
    log = make_log(confidence=[0.9, 0.8999999, 0.7, 0.6999999])
    out = hs.rerouted(log, auto=0.9, review=0.7).frame
    assert out["route"].tolist() == ["auto", "review", "review", "triage"]
    assert out["reason"].isna().tolist() == [True, False, False, False]
    assert out["reason"].tolist()[1:] == ["medium_band", "medium_band", "low_band"]


def test_triggers_and_gates_hold_under_any_band(make_log: MakeLog) -> None:
    log = make_log(
        confidence=[0.99, 0.99, 0.5, 0.99],
        route=["review", "gate", "triage", "auto"],
        reasons=["deal_size+ethical", "gate", "low_band+ethical", ""],
    )
    out = hs.rerouted(log, auto=0.0, review=0.0).frame
    assert out["route"].tolist() == ["review", "gate", "review", "auto"]
    assert out["reasons"].tolist() == ["deal_size+ethical", "gate", "ethical", ""]
    assert out["reason"].tolist()[:3] == ["deal_size", "gate", "ethical"]
    assert out["exception"].tolist() == [True, False, True, False]


def test_the_same_bands_give_the_routes_the_simulation_took() -> None:
    scenario = hs.load("outbound")
    boundary = {**scenario.boundary.model_dump(), "workflows": {}}
    plain = scenario.with_(boundary=boundary)
    log = hs.simulate(plain, seed=3).log
    bands = plain.boundary.bands
    again = hs.rerouted(log, auto=bands.auto, review=bands.review)
    assert again.frame["route"].tolist() == log.frame["route"].tolist()
    assert again.frame["reasons"].tolist() == log.frame["reasons"].tolist()
    assert again.frame["reason"].astype(object).fillna("").tolist() == (
        log.frame["reason"].astype(object).fillna("").tolist()
    )


def test_what_people_did_under_other_routes_is_left_out(reference_run: hs.Run) -> None:
    out = hs.rerouted(reference_run.log, auto=0.9)
    assert "verdict" not in out.frame
    assert "ok" in out.frame
    assert out.record["bands"] == {"auto": 0.9, "review": 0.7}


def test_a_log_without_routes_takes_the_bands_of_its_mapping_else_90_70(make_log: MakeLog) -> None:
    scores = [0.95, 0.85, 0.75, 0.65]
    assert hs.routed(make_log(confidence=scores)).frame["exception"].sum() == 3
    own = {"bands": {"auto": 0.8, "review": 0.7}}
    assert hs.routed(make_log(record=own, confidence=scores)).frame["exception"].sum() == 2


# --- properties ----------------------------------------------------------------------------------


@given(
    scores=st.lists(st.sampled_from([0.5, 0.7, 0.8, 0.9, 0.95]), min_size=1, max_size=30),
    bands=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_more_is_never_automatic_under_a_higher_band(
    scores: list[float], bands: tuple[float, float]
) -> None:
    import pandas as pd

    times = pd.date_range("2026-09-01", periods=len(scores), tz="UTC")
    log = hs.DecisionLog(
        pd.DataFrame({"decision_id": range(len(scores)), "decided_at": times, "confidence": scores})
    )
    low, high = sorted(bands)
    looser = hs.rerouted(log, auto=low).frame["exception"].to_numpy()
    stricter = hs.rerouted(log, auto=high).frame["exception"].to_numpy()
    assert np.all(looser <= stricter)
    assert looser.sum() == (np.array(scores) < low).sum()


def test_triggered_is_what_only_the_reasons_say(make_log: MakeLog) -> None:
    log = make_log(reasons=["", "medium_band", "low_band+deal_size", "ethical", "gate"])
    assert triggered(log).tolist() == [False, False, True, True, False]


# --- errors --------------------------------------------------------------------------------------


def test_bands_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(hs.LogError, match=r"review band 0\.9 is above the auto band 0\.8"):
        check_bands(0.8, 0.9)


@pytest.mark.parametrize("auto", [-0.1, 1.01, 90, float("nan")])
def test_bands_outside_0_1_are_refused(auto: float) -> None:
    with pytest.raises(hs.LogError, match="must lie between 0 and 1"):
        check_bands(auto)
