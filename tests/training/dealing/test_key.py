"""The facilitator's key tells what is wrong, and is harmless wherever it is opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from hitlsim.errors import LogError
from hitlsim.training.dealing.deck import Deck, read_deck

NASTY = "=cmd|' /C calc'!A0<script>alert(1)</script>"


@pytest.fixture(scope="module")
def nasty(deck: Deck) -> Deck:
    items = tuple(replace(i, workflow=NASTY, title=NASTY) for i in deck.cards.items)
    return Deck(replace(deck.cards, items=items), tuple(f"-{i}" for i in deck.decision_ids))


def test_the_key_tells_for_each_item_what_is_wrong_and_what_mends_it(deck: Deck) -> None:
    key = deck.key
    assert len(key) == 120
    assert (key["truth"] == "wrong").sum() == 36
    wrong = key[key["truth"] == "wrong"]
    assert (wrong["what is wrong"] != "").all()
    assert (wrong["as shown"] != wrong["as it should be"]).all()
    row = wrong.iloc[0]
    item = deck.cards.items[0]
    assert row["as shown"] in item.lines
    assert row["as it should be"] in item.truth.mended
    assert key["decision"].tolist() == list(deck.decision_ids)


def test_a_deck_from_its_file_has_a_key_without_decisions(deck: Deck, tmp_path: Path) -> None:
    read = read_deck(deck.write(tmp_path / "deck.json"))
    pd.testing.assert_frame_equal(read.key, deck.key.drop(columns="decision"))
    page = read.write_key(tmp_path / "key.html").read_text("utf-8")
    assert deck.decision_ids[0] not in page


def test_the_page_opens_offline_and_runs_nothing(nasty: Deck, tmp_path: Path) -> None:
    page = nasty.write_key(tmp_path / "key.html").read_text("utf-8")
    assert "<script" not in page
    assert "http" not in page
    assert "&lt;script&gt;" in page
    assert page.count("<tr class=") == 120
    assert page.count('<tr class="wrong"') == 36


def test_no_cell_of_the_table_is_run_by_a_spreadsheet(nasty: Deck, tmp_path: Path) -> None:
    read = pd.read_csv(nasty.write_key(tmp_path / "key.csv"), dtype=str)
    assert (read["workflow"] == f"'{NASTY}").all()
    assert read["decision"].str.startswith("'-").all()
    assert not read.fillna("").map(lambda c: c.startswith(("=", "+", "-", "@"))).any(axis=None)
    assert read["item"].tolist() == nasty.key["item"].tolist()


def test_the_same_deck_gives_the_same_key_and_another_ending_is_refused(
    deck: Deck, tmp_path: Path
) -> None:
    a, b = (deck.write_key(tmp_path / name).read_bytes() for name in ("a.html", "b.html"))
    assert a == b
    with pytest.raises(LogError, match=r"is written as \.html or \.csv; give .* key\.html"):
        deck.write_key(tmp_path / "key.xlsx")
    with pytest.raises(LogError, match="cannot be written"):
        deck.write_key(tmp_path / "a.html" / "key.html")
