"""A deck is the same from the same seed, has the share of wrong ones asked for, and its weights
lead back to the log."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable
from html import escape
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.errors import LogError, NotEnoughEvidence
from hitlsim.training.dealing.cards import fault_kind
from hitlsim.training.dealing.deck import Deck, draw_deck, read_deck
from hitlsim.training.playing.item import Cards


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
    assert all(item.title.startswith("Take the next step: ") for item in deck.cards.items)
    assert deck.record["prevalence_in_log"] == pytest.approx(1 - 0.9261, abs=5e-4)
    steady = deck.frame[deck.frame["round"] == "steady"]
    asked = np.average(steady["needs_look"], weights=steady["weight"])
    assert asked == pytest.approx(0.0773, abs=5e-4)


def test_a_log_that_cannot_make_a_deck_says_why(
    make_log: Callable[..., hs.DecisionLog], reference_run: hs.Run
) -> None:
    with pytest.raises(LogError, match=r"whether proposals were right \(column ok\)"):
        draw_deck(make_log(route=["auto"] * 9))
    few = make_log(route=["review"] * 9, ok=[True] * 7 + [False] * 2)
    with pytest.raises(
        NotEnoughEvidence, match=r"has 2 wrong decisions that a person was asked .*plant=True"
    ):
        draw_deck(few, plant=False)
    with pytest.raises(NotEnoughEvidence, match="has 0 right decisions that went alone; the deck"):
        draw_deck(few)
    for wrong in ({"items": 9}, {"items": 401}, {"prevalence": 0.0}, {"prevalence": 0.6}):
        with pytest.raises(LogError, match=f"{next(iter(wrong))}=.* must lie between"):
            draw_deck(reference_run.log, **wrong)


# --- further decks, files, what is shown ---------------------------------------------------------


def test_a_further_deck_shares_no_decision_and_no_name_with_the_others(
    reference_run: hs.Run, deck: Deck, tmp_path: Path
) -> None:
    log = reference_run.log
    second = draw_deck(log, other_than=deck)
    third = draw_deck(log, other_than=[read_deck(deck.write(tmp_path / "a.json")), second])
    decks = (deck, second, third)
    assert [d.letter for d in decks] == ["A", "B", "C"]
    ids = [i for d in decks for i in d.decision_ids]
    names = [i for d in decks for i in d.frame["item_id"]]
    assert len(set(ids)) == len(set(names)) == len(ids) == 360
    assert third.frame["item_id"][119] == "C3-40"
    assert draw_deck(log, other_than=deck) == second, "the same again"
    assert second.frame.groupby("round")["right"].sum().tolist() == [28, 28, 28]
    assert second.frame["weight"].sum() == pytest.approx(deck.frame["weight"].sum(), rel=1e-4)


def test_a_log_that_another_deck_has_used_up_says_so(
    make_log: Callable[..., hs.DecisionLog],
) -> None:
    """10 in each round: 5 + 10 + 3 asked about; 26 are enough for one deck, not for two."""
    n = np.arange(526)
    log = make_log(route=np.where(n < 26, "review", "auto"), ok=(n % 2 == 0).tolist())
    first = draw_deck(log, items=10)
    with pytest.raises(NotEnoughEvidence, match=r"asked about \(\d+ of them are in another deck"):
        draw_deck(log, items=10, other_than=first)
    bare = Deck(Cards(first.cards.items, {}, "A"))
    with pytest.raises(LogError, match="deck A does not say which decisions it has"):
        draw_deck(log, items=10, other_than=bare)


def test_a_deck_comes_back_from_its_file_as_it_was(deck: Deck, tmp_path: Path) -> None:
    first, again = (deck.write(tmp_path / name) for name in ("a.json", "b.json"))
    assert first.read_bytes() == again.read_bytes()
    read = read_deck(first)
    assert read == deck
    assert read.record == deck.record
    pd.testing.assert_frame_equal(read.frame, deck.frame.drop(columns="decision_id"))
    assert read.write(again).read_bytes() == first.read_bytes()
    with pytest.raises(LogError, match=r"cannot be written .*; give another path"):
        deck.write(first / "deck.json")


def test_the_file_names_no_decision(deck: Deck, tmp_path: Path) -> None:
    text = deck.write(tmp_path / "a.json").read_text()
    assert not [i for i in deck.decision_ids if i in text]
    marks = json.loads(text)["record"]["drawn"]
    assert len(set(marks)) == 120
    assert not {"drawn", "salt"} & set(deck.record), "answers must not carry them"


def test_a_deck_of_a_long_log_is_drawn_quickly_and_without_a_copy_of_it(
    reference_run: hs.Run,
) -> None:
    """60,576 decisions: .4 s here; the limit is wide, as other work may share the machine."""
    log = reference_run.log
    draw_deck(log)
    took = []
    for _ in range(2):
        start = time.perf_counter()
        first = draw_deck(log)
        took.append(time.perf_counter() - start)
    assert min(took) < 2
    tracemalloc.start()
    draw_deck(log, other_than=first)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < log.frame.memory_usage(deep=True).sum() / 1.2


def test_what_a_notebook_shows_is_the_deck_with_its_warnings(deck: Deck) -> None:
    told = deck._repr_html_()
    assert "Deck A: 120 items from simulation of on-the-loop" in told
    assert "8.9% (95% interval 8.7% to 9.1%)" in told
    assert "One card: 1-03" in told
    assert all(escape(w) in told for w in deck.warnings)
    assert deck.warnings[0].startswith("30% of the items are wrong, and 8.9% of the log's")
    assert any("Nobody stated what a wrong one costs" in w for w in deck.warnings)
