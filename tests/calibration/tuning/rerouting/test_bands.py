from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.calibration.tuning.rerouting.bands import check_bands, triggered
from hitlsim.scenario.boundary import Boundary
from hitlsim.simulation import rules
from hitlsim.simulation.contract import DEAL_SIZE_BIT, LOW_BAND_BIT, MEDIUM_BAND_BIT, Route

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


def spec(**parts: Any) -> Boundary:
    return Boundary.model_validate(parts)


def routes_and_reasons(log: hs.DecisionLog, **under: Any) -> list[tuple[str, str]]:
    frame = hs.rerouted(log, **under).frame
    return list(zip(frame["route"].astype(str), frame["reasons"], strict=True))


@pytest.mark.parametrize("name", ["on-the-loop", "outbound", "enterprise-follow-up"])
def test_a_teams_own_boundary_spec_gives_the_routes_and_reasons_of_its_log(name: str) -> None:
    team = hs.load(name).with_(weeks=5)
    some = next(n for n, w in team.workflows.items() if w.automation_safe)
    boundary = team.boundary.model_dump()
    own = {**boundary["workflows"].get(some, {}), "signals": list(team.signals)[:1],
           "deal_size_above": 90_000}  # fmt: skip
    team = team.with_(boundary={**boundary, "workflows": {**boundary["workflows"], some: own}})
    log = hs.simulate(team, seed=3).log
    pulled = (log.frame["route"] == "peek").to_numpy()
    again = hs.rerouted(log, boundary=team.boundary)
    assert again.frame["route"][~pulled].tolist() == log.frame["route"][~pulled].tolist()
    assert again.frame["reasons"][~pulled].tolist() == log.frame["reasons"][~pulled].tolist()
    first = [r.partition("+")[0] for r in again.frame["reasons"]]
    assert again.frame["reason"].astype(object).fillna("").tolist() == first
    assert again.record["not_told"] == []


def test_a_spec_decides_triggers_anew_by_workflow(make_log: MakeLog) -> None:
    log = make_log(
        workflow=["mail", "mail", "crm", "crm", "crm"],
        confidence=[0.95, 0.95, 0.95, 0.6, 0.95],
        deal_size=[500.0, 50.0, 500.0, 500.0, 50.0],
        signals=["angry", "", "angry+rich", "", "rich"],
        route=["review", "review", "review", "gate", "auto"],
        reasons=["angry", "deal_size", "angry", "gate", ""],
    )
    new = spec(
        version=4, bands={"auto": 0.9, "review": 0.7}, triggers={"deal_size_above": 100},
        workflows={"mail": {"signals": ["angry"]}, "crm": {"deal_size_above": 1000}},
    )  # fmt: skip
    out = hs.rerouted(log, boundary=new)
    assert routes_and_reasons(log, boundary=new) == [
        ("review", "deal_size+angry"), ("auto", ""), ("auto", ""), ("gate", "gate"), ("auto", ""),
    ]  # fmt: skip
    assert out.frame["boundary_version"].tolist() == [4] * 5
    assert out.record["boundary_version"] == 4


def test_triggers_that_cannot_be_decided_anew_stay_and_it_is_said(make_log: MakeLog) -> None:
    log = make_log(
        workflow=["mail", "mail", "mail", "mail"],
        route=["review", "review", "auto", "triage"],
        reasons=["deal_size", "angry", "", "low_band+vip"],
        deal_size=[math.nan, 900.0, 900.0, 9.0],
    )
    new = spec(triggers={"deal_size_above": 100, "signals": ["angry"]}, workflows={"mial": {}})
    assert routes_and_reasons(log, boundary=new) == [
        ("review", "deal_size"), ("review", "deal_size+angry"), ("review", "deal_size"),
        ("review", "vip"),
    ]  # fmt: skip
    said = hs.rerouted(log, boundary=new).record["not_told"]
    assert "no decision of 'mial'" in said[0]
    assert "did you mean 'mail'?" in said[0]
    assert "does not say which signals a decision carried: angry of the boundary" in said[1]
    assert said[2].startswith("1 of 4 decisions have no deal size")
    assert len(said) == 3
    at_none = spec(bands={"auto": 0.9, "review": 0.7})
    assert hs.rerouted(log, boundary=at_none).record["not_told"] == []


def test_names_of_a_real_log_are_met_as_a_spec_may_write_them(make_log: MakeLog) -> None:
    log = make_log(workflow=["Cold e-mail", "CRM"], confidence=[0.85, 0.85],
                   signals=["Angry Customer", ""])  # fmt: skip
    new = spec(bands={"auto": 0.8, "review": 0.7}, triggers={"signals": ["angry-customer"]},
               workflows={"crm": {"auto": 0.9}})  # fmt: skip
    assert routes_and_reasons(log, boundary=new) == [
        ("review", "Angry Customer"), ("review", "medium_band"),
    ]  # fmt: skip


def test_decisions_behind_a_gate_need_no_score(make_log: MakeLog) -> None:
    log = make_log(confidence=[math.nan, 0.95], route=["gate", "auto"], reasons=["gate", ""])
    assert routes_and_reasons(log, auto=0.9) == [("gate", "gate"), ("auto", "")]


# --- properties ----------------------------------------------------------------------------------

DECISION = st.fixed_dictionaries({
    "confidence": st.sampled_from([0.5, 0.7, 0.8, 0.9, 0.95]),
    "workflow": st.sampled_from(["a", "b"]),
    "route": st.sampled_from(["auto", "review", "triage", "gate", "peek", "manual"]),
    "deal_size": st.sampled_from([5.0, 50.0, math.nan]),
    "signals": st.sampled_from(["", "x", "y", "x+y"]),
    "reasons": st.sampled_from(["", "x", "deal_size", "low_band+x+y", "deal_size+z+medium_band"]),
})  # fmt: skip
OWN = st.fixed_dictionaries({}, optional={
    "auto": st.sampled_from([0.9, 0.95]), "deal_size_above": st.just(9),
    "signals": st.lists(st.sampled_from("xy"), unique=True),
})  # fmt: skip


@given(st.lists(DECISION, min_size=1, max_size=12), OWN, OWN)
def test_every_decision_goes_as_the_rule_sends_it_alone(
    rows: list[dict[str, Any]], own: dict[str, Any], other: dict[str, Any]
) -> None:
    """The scalar rule, one decision after the other, with triggers looked up in plain sets."""
    frame = pd.DataFrame(rows)
    frame["decision_id"] = range(len(rows))
    frame["decided_at"] = pd.Timestamp("2026-09-01", tz="UTC")
    boundary = spec(bands={"auto": 0.8, "review": 0.7}, triggers={"signals": ["y"]},
                    workflows={"a": own, "b": other})  # fmt: skip
    out = hs.rerouted(hs.DecisionLog(frame), boundary=boundary).frame
    for row, route, reasons in zip(rows, out["route"], out["reasons"], strict=True):
        flow, carried = row["workflow"], [s for s in row["signals"].split("+") if s]
        sized = not math.isnan(row["deal_size"])
        then = [w for w in row["reasons"].split("+") if w and not w.endswith("_band")]
        stays = [w for w in then if not (w in carried or (w == "deal_size" and sized))]
        asks = [s for s in carried if s in boundary.signals_of(flow)]
        bands, limit = boundary.bands_of(flow), boundary.deal_limit_of(flow)
        where, bits = rules.route(
            row["route"] == "manual", row["route"] == "gate", row["confidence"], bands.auto,
            bands.review, row["deal_size"], limit or math.inf, int(bool(stays or asks)), 1, False,
        )  # fmt: skip
        words = [
            *(["low_band"] if bits & LOW_BAND_BIT else []),
            *(["deal_size"] if bits & DEAL_SIZE_BIT else []), *stays, *asks,
            *(["medium_band"] if bits & MEDIUM_BAND_BIT else []),
        ]  # fmt: skip
        closed = where in (Route.GATE, Route.MANUAL)
        assert (route, reasons) == (Route(where).name.lower(), route if closed else "+".join(words))


def test_a_million_decisions_are_routed_anew_in_well_under_a_second(
    reference_run: hs.Run,
) -> None:
    frame = reference_run.log.frame
    frame = frame[["decision_id", "workflow", "decided_at", "confidence", "deal_size", "signals",
                   "route", "reasons"]]  # fmt: skip
    log = hs.DecisionLog(pd.concat([frame] * 17, ignore_index=True).iloc[:1_000_000])
    for under in ({"auto": 0.9}, {"boundary": reference_run.scenario.boundary}):
        times = []
        for _ in range(3):
            start = time.perf_counter()
            hs.rerouted(log, **under)
            times.append(time.perf_counter() - start)
        assert min(times) < 1.0, times


@given(
    scores=st.lists(st.sampled_from([0.5, 0.7, 0.8, 0.9, 0.95]), min_size=1, max_size=30),
    bands=st.tuples(st.floats(0, 1), st.floats(0, 1)),
)
def test_more_is_never_automatic_under_a_higher_band(
    scores: list[float], bands: tuple[float, float]
) -> None:
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


def test_bands_and_a_spec_at_once_or_neither_are_refused(make_log: MakeLog) -> None:
    log = make_log(confidence=[0.9])
    with pytest.raises(hs.LogError, match=r"give either bands .* or boundary=, not both"):
        hs.rerouted(log, auto=0.9, boundary=Boundary())
    with pytest.raises(hs.LogError, match="say under what: auto="):
        hs.rerouted(log)


def test_a_spec_whose_bands_do_not_go_together_is_refused(make_log: MakeLog) -> None:
    torn = spec(bands={"auto": 0.9, "review": 0.7}, workflows={"mail": {"auto": 0.5}})
    with pytest.raises(hs.LogError, match=r"workflows\.mail: review band 0\.7 is above the auto"):
        hs.rerouted(make_log(confidence=[0.9]), boundary=torn)


def test_a_decision_without_a_score_is_refused_and_not_sent_alone(make_log: MakeLog) -> None:
    with pytest.raises(hs.LogError, match="1 decisions have no confidence"):
        hs.rerouted(make_log(confidence=[0.95, math.nan]), auto=0.9)
