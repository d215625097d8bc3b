"""A deck is the same from the same seed, has the share of wrong ones asked for, and its weights
lead back to the log."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.errors import LogError, NotEnoughEvidence
from hitlsim.training.dealing.deck import Deck, draw_deck, fault_kind


def test_it_has_the_items_and_the_share_of_wrong_ones_that_were_asked_for(
    reference_run: hs.Run,
) -> None:
    f = draw_deck(reference_run.log, items=50, prevalence=0.2, seed=3).frame
    assert f.groupby("round")["right"].agg(["size", "sum"]).to_dict("list") == {
        "size": [50, 50, 50], "sum": [40, 40, 40],
    }  # fmt: skip
    assert f["decision_id"].is_unique
    assert f["item_id"].is_unique
    assert f.loc[f["round"] == "exception", "needs_look"].all()


def test_the_same_seed_draws_the_same_deck_and_another_seed_another(
    reference_run: hs.Run, deck: Deck
) -> None:
    again = draw_deck(reference_run.log)
    other = draw_deck(reference_run.log, seed=8)
    assert again.frame.equals(deck.frame)
    assert not set(other.frame["decision_id"]) <= set(deck.frame["decision_id"])


def test_weights_lead_back_to_the_log(reference_run: hs.Run, deck: Deck) -> None:
    log = reference_run.log.frame
    log = log[log["route"] != "manual"]
    for name in ("shadow", "steady"):
        part = deck.frame[deck.frame["round"] == name]
        assert part["weight"].sum() == pytest.approx(len(log), rel=1e-4)
        wrong = np.average(~part["right"], weights=part["weight"])
        assert wrong == pytest.approx((~log["true_ok"]).mean(), abs=1e-4)
    assert deck.record["prevalence_in_log"] == pytest.approx((~log["true_ok"]).mean(), abs=1e-6)


def test_workflows_are_as_frequent_as_in_the_log(reference_run: hs.Run) -> None:
    """Every so-manieth of each kind: of n drawn, a workflow's number is off by one at most."""
    f = draw_deck(reference_run.log, items=100, prevalence=0.5).frame
    f = f[(f["round"] == "shadow") & f["right"] & ~f["needs_look"]]
    log = reference_run.log.frame
    alone = log[log["true_ok"] & log["route"].isin(["auto", "peek"])]
    share = alone["workflow"].astype(str).value_counts(normalize=True)
    drawn = f["workflow"].value_counts().reindex(share.index, fill_value=0)
    assert (drawn - share * len(f)).abs().max() <= 1.0 + 1e-9


def test_wrong_items_have_a_mistake_and_right_ones_none(deck: Deck) -> None:
    assert (deck.frame["fault"] == "").equals(deck.frame["right"])
    assert not deck.frame["fault"].str.contains(r"[{}]").any()
    assert fault_kind("names {old_company}, which {name} has left") == (
        "names a company, which the person has left"
    )


def test_costs_that_somebody_gives_are_the_ones_used(reference_run: hs.Run) -> None:
    costs = {"harm": 500.0, "harm_deal_share": 0.0, "override_spoils": 0.0}
    f = draw_deck(reference_run.log, costs=costs).frame
    assert set(f["harm"]) == {500.0}
    assert f["needless_cost"].equals(f["look_cost"])


def test_a_deck_of_a_simulated_log_costs_what_its_scenario_says(reference_run: hs.Run) -> None:
    """Ten times the harm in one workflow, another wage: the items say so, nothing is assumed."""
    team, log = reference_run.scenario, reference_run.log
    flow = team.workflows["crm_update"]
    dear = flow.model_copy(update={"harm": flow.harm.model_copy(update={"fixed": 2000.0})})
    pools = {n: p.model_copy(update={"cost_per_hour": 2 * p.cost_per_hour})
             for n, p in team.pools.items()}  # fmt: skip
    usual, other = (
        draw_deck(log, costs=s)
        for s in (team, team.with_(workflows={**team.workflows, "crm_update": dear}, pools=pools))
    )
    assert usual.record["costs_assumed"] == []
    assert usual.record["costs_of"] == "on-the-loop"
    mine = (usual.frame["workflow"] == "crm_update").to_numpy()
    out = log.frame[log.frame["true_bad_out"].fillna(False).astype(bool)]
    crm = out[out["workflow"] == "crm_update"]
    # in the log itself as much is left of the harm, by the deals that happened to be undone
    left = 1 - 0.8 * crm["rolled_back"].astype(float).mean()
    whole = (20 + 0.001 * crm["deal_size"]).sum()
    assert left == pytest.approx(crm["true_harm"].sum() / whole, abs=0.05)
    deals = log.frame.set_index("decision_id").loc[usual.frame["decision_id"], "deal_size"]
    assert usual.frame.loc[mine, "harm"].to_numpy() == pytest.approx(
        (left * (20 + 0.001 * deals.to_numpy()))[mine], abs=0.006
    )
    assert (other.frame["harm"] > 5 * usual.frame["harm"]).equals(pd.Series(mine))
    assert (other.frame["look_cost"] > usual.frame["look_cost"]).all()


def test_a_scenario_that_the_log_does_not_come_from_is_refused(reference_run: hs.Run) -> None:
    with pytest.raises(LogError, match=r"is none of the scenario 'inbox'; .*give the scenario"):
        draw_deck(reference_run.log, costs=hs.load("inbox"))


def test_every_kind_of_item_is_in_the_steady_round_however_small_the_deck(
    reference_run: hs.Run,
) -> None:
    """Else what a way of working costs would leave a kind of decisions out of account."""
    f = draw_deck(reference_run.log, items=20, prevalence=0.1).frame
    steady = f[f["round"] == "steady"]
    assert len(steady.groupby(["right", "needs_look"])) == 4
    assert steady["weight"].sum() == pytest.approx(
        draw_deck(reference_run.log).frame.query("round == 'steady'")["weight"].sum()
    )
    with pytest.raises(
        LogError, match=r"fewer than 2 wrong ones in a round; draw 20 items or more"
    ):
        draw_deck(reference_run.log, items=10, prevalence=0.1)


def test_costs_that_nobody_gave_are_listed_as_assumed(reference_run: hs.Run, deck: Deck) -> None:
    given = draw_deck(reference_run.log, costs={"harm": 500.0, "hour": 60.0})
    assert given.record["costs_assumed"] == ["harm_deal_share", "override_spoils"]
    assert len(deck.record["costs_assumed"]) == 4
    with pytest.raises(LogError, match="costs: harm"):
        draw_deck(reference_run.log, costs={"harm": -1.0})


def test_of_a_real_log_what_is_known_stands_for_what_is_not(
    make_log: Callable[..., hs.DecisionLog],
) -> None:
    """400 asked, all known; 1,600 alone, of which every fourth is: wrong ones 200 and 4 x 40."""
    asked = np.arange(2000) < 400
    ok = np.where(asked, np.arange(2000) % 2 == 0, np.arange(2000) % 40 >= 4)
    known = asked | (np.arange(2000) % 4 == 0)
    log = make_log(
        route=np.where(asked, "review", "auto"),
        ok=[bool(o) if k else None for o, k in zip(ok, known, strict=True)],
    )
    deck = draw_deck(log, items=10, prevalence=0.3)
    assert deck.record["prevalence_in_log"] == pytest.approx((200 + 160) / 2000)
    steady = deck.frame[deck.frame["round"] == "steady"]
    assert steady["weight"].sum() == pytest.approx(2000)


def test_real_calls_make_a_deck(bank_calls: Path, tmp_path: Path) -> None:
    """A bank's calls, every outcome known: .0773 below .9, .0656 of the others wrong."""
    mapping = tmp_path / "map.yaml"
    mapping.write_text(
        "columns: {decision_id: call_id, decided_at: called_on, confidence: score}\n"
        'date_format: "%d/%m/%Y"\n'
        'ok: {advice: ai_advice, outcome: subscribed, right_when: {pursue: "yes", drop: "no"}}\n'
    )
    deck = draw_deck(hs.read_log(bank_calls, mapping=mapping))
    assert len(deck) == 120
    assert deck.record["prevalence_in_log"] == pytest.approx(1 - 0.9261, abs=5e-4)
    steady = deck.frame[deck.frame["round"] == "steady"]
    asked = np.average(steady["needs_look"], weights=steady["weight"])
    assert asked == pytest.approx(0.0773, abs=5e-4)


def test_a_log_that_cannot_make_a_deck_says_why(
    make_log: Callable[..., hs.DecisionLog], reference_run: hs.Run
) -> None:
    with pytest.raises(LogError, match=r"whether proposals were right \(column ok\)"):
        draw_deck(make_log(route=["auto"] * 9))
    with pytest.raises(NotEnoughEvidence, match="has 2 wrong decisions that a person was asked"):
        draw_deck(make_log(route=["review"] * 9, ok=[True] * 7 + [False] * 2))
    for wrong in ({"items": 9}, {"items": 401}, {"prevalence": 0.0}, {"prevalence": 0.6}):
        with pytest.raises(LogError, match=f"{next(iter(wrong))}=.* must lie between"):
            draw_deck(reference_run.log, **wrong)
