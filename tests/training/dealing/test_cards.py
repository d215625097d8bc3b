"""A card lets the fault be found, betrays the truth in no other way, and hides who it was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.training.dealing.cards import items_of
from hitlsim.training.dealing.deck import Deck, draw_deck
from hitlsim.training.playing.item import Item

MakeLog = Callable[..., hs.DecisionLog]
PARTS = ("lines", "context", "account", "history", "signals", "asked_because")


@pytest.fixture(scope="module")
def both(reference_run: hs.Run) -> list[tuple[Item, Item]]:
    """The same 600 decisions as right ones and as wrong ones."""
    log = reference_run.log
    f = log.frame.iloc[::100].head(600)
    drawn = pd.DataFrame(
        {"at": np.arange(0, 60_000, 100)[:600], "round": "shadow", "workflow": f["workflow"],
         "right": True, "needs_look": f["route"] != "auto", "planted": False,
         "confidence": f["confidence"], "floor_seconds": 15.0, "harm": 1.0, "look_cost": 1.0,
         "needless_cost": 1.0, "weight": 1.0}
    )  # fmt: skip
    names = [f"i{i}" for i in range(600)]
    right = items_of(drawn, log, names)
    wrong = items_of(drawn.assign(right=False), log, names)
    return list(zip(right, wrong, strict=True))


def test_right_and_wrong_differ_in_the_facts_of_the_fault_only(
    both: list[tuple[Item, Item]],
) -> None:
    """Same title, account, signals, order and labels; and only what the fault is about differs."""
    for right, wrong in both:
        for name in ("title", "account", "history", "signals", "asked_because", "confidence",
                     "kind", "needs_look", "workflow", "carried"):  # fmt: skip
            assert getattr(right, name) == getattr(wrong, name), name
        assert len(right.lines) == len(wrong.lines)
        assert len(right.context) == len(wrong.context)
        if right.kind == "record":
            labels = [[line.partition(":")[0] for line in i.lines] for i in (right, wrong)]
            assert labels[0] == labels[1]
        apart = sum(a != b for a, b in zip(right.lines, wrong.lines, strict=True))
        assert (right.lines, right.context) != (wrong.lines, wrong.context)
        assert apart <= 3, "at most the company, which stands in three lines of an email"
        assert wrong.lines != wrong.truth.mended
        if right.context == wrong.context:
            assert wrong.truth.mended == right.lines


def test_length_does_not_tell_right_from_wrong(both: list[tuple[Item, Item]]) -> None:
    """Mean length of 600 texts; a hundredth of it is what faults themselves add or take."""
    right, wrong = (np.mean([sum(map(len, pair[side].lines)) for pair in both]) for side in (0, 1))
    assert wrong == pytest.approx(right, rel=0.02)


def test_every_wrong_card_says_what_is_wrong_and_right_ones_say_nothing(deck: Deck) -> None:
    for item in deck.cards.items:
        t = item.truth
        assert t.right == (t.fault == "") == (t.told == "") == (t.mended == ())
        assert not t.planted
        assert bool(item.asked_because) == item.needs_look
        shown = json.dumps([getattr(item, part) for part in (*PARTS, "title")])
        assert "{" not in shown, "a fact that nobody filled in"


def test_a_reviewer_sees_the_deal_in_two_digits_and_why_a_person_is_asked(deck: Deck) -> None:
    said = {line for item in deck.cards.items for line in item.asked_because}
    assert {"Band: medium confidence", "Gate: send", "Gate: clean-up"} <= said
    deals = [x for item in deck.cards.items for x in item.account if x.startswith("Deal: ")]
    assert len(deals) > 100
    digits = [deal.split()[2].replace(",", "").rstrip("0") for deal in deals]
    assert max(map(len, digits)) == 2
    assert all(deal.endswith(" EUR") for deal in deals)


def test_who_it_was_reaches_no_card(make_log: MakeLog, tmp_path: object) -> None:
    """Ids are emails, and every other column names somebody."""
    n = np.arange(400)
    who = [f"maria.lopez{i}@acme.example" for i in n]
    log = make_log(
        decision_id=who,
        route=np.where(n % 2, "review", "auto"),
        ok=(n % 3 > 0).tolist(),
        workflow=["<b>renewals</b>" if i % 5 else "calls & mails" for i in n],
        action=["Call Maria Lopez"] * 400,
        agent=["Lopez bot"] * 400,
        signals=["Maria is angry+first_time"] * 400,
        reasons=["Maria is angry+low_band"] * 400,
        sources=["lopez.pdf+thread"] * 400,
        gate=["Lopez signs"] * 400,
        reviewer=["Maria Lopez"] * 400,
        context_account=[f"Acme {i % 4}" for i in n],
    )
    deck = draw_deck(log, items=20)
    text = json.dumps(deck.cards.to_dict())
    for secret in ("maria", "lopez", "acme"):
        assert secret not in text.lower(), secret
    item = next(i for i in deck.cards.items if i.needs_look)
    assert item.workflow == "<b>renewals</b>", "as the log has it; whoever shows it escapes it"
    assert item.asked_because == ("Band: low confidence",)
    assert item.signals == ("first time: nobody here has worked with this industry yet",)
    assert item.context[-1] == "Made from: thread"


def test_of_an_account_only_the_count_of_what_went_before_is_told(make_log: MakeLog) -> None:
    n = np.arange(400)
    at = pd.Timestamp("2026-09-01", tz="UTC") + pd.to_timedelta(n, unit="h")
    log = make_log(
        route=np.where(n % 2, "review", "auto"), ok=(n % 3 > 0).tolist(), decided_at=at,
        context_account=[None if i % 7 == 0 else f"acme-{i % 4}" for i in n],
    )  # fmt: skip
    deck = draw_deck(log, items=20)
    for item, name in zip(deck.cards.items, deck.decision_ids, strict=True):
        i = int(name[1:])
        before = sum(j % 4 == i % 4 and j % 7 > 0 for j in range(i))
        expected = "Earlier of this kind" if i % 7 == 0 else f"account: {before:,} decisions"
        assert expected in item.history[-1]


def test_a_score_is_cut_off_so_that_none_rises_to_its_band(make_log: MakeLog) -> None:
    n = np.arange(400)
    log = make_log(route=np.where(n % 2, "review", "auto"), ok=(n % 3 > 0).tolist(),
                   confidence=np.where(n % 2, 0.84999999, 0.85))  # fmt: skip
    deck = draw_deck(log, items=10)
    assert {(i.needs_look, i.confidence) for i in deck.cards.items} == {
        (True, 0.849), (False, 0.85),
    }  # fmt: skip


def test_markup_is_escaped_wherever_a_deck_is_shown(deck: Deck, tmp_path: object) -> None:
    nasty = "<script>alert(1)</script>"
    items = tuple(replace(i, workflow=nasty, title=nasty) for i in deck.cards.items)
    bad = Deck(replace(deck.cards, items=items), deck.decision_ids)
    assert "<script>" not in bad._repr_html_()
