"""Where too few decisions of a log are wrong, mistakes are planted; they weigh as the log's do."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as trying
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.errors import NotEnoughEvidence
from hitlsim.training.dealing.deck import draw_deck

MakeLog = Callable[..., hs.DecisionLog]


def some(make_log: MakeLog, wrong_asked: int, wrong_alone: int) -> hs.DecisionLog:
    """400 decisions that a person was asked about and 1,600 that went alone."""
    n = np.arange(2000)
    ok = (n >= wrong_asked) & ((n < 400) | (n >= 400 + wrong_alone))
    return make_log(route=np.where(n < 400, "review", "auto"), ok=ok.tolist())


def test_too_few_wrong_ones_are_made_up_for_by_planted_ones(make_log: MakeLog) -> None:
    """40 a round, 3 in 10 wrong: 6 + 12 + 4 asked about, of which the log has 5; 14 alone."""
    deck = draw_deck(some(make_log, 5, 30))
    wrong = [item for item in deck.cards.items if not item.truth.right]
    planted = [item for item in wrong if item.truth.planted]
    assert (len(wrong), len(planted)) == (36, 17)
    assert all(item.needs_look for item in planted)
    assert deck.record["planted"] == 17
    assert deck.record["none_wrong_at_most"] == {}
    assert all(item.truth.told and item.truth.mended != item.lines for item in planted)
    assert any("17 mistakes were put into right decisions" in w for w in deck.warnings)


def test_planted_ones_weigh_as_much_as_the_wrong_ones_they_stand_for(make_log: MakeLog) -> None:
    f = draw_deck(some(make_log, 5, 30)).frame
    for name in ("shadow", "steady"):
        part = f[f["round"] == name]
        weight = part.groupby(["needs_look", "right"])["weight"].sum()
        assert weight.to_dict() == pytest.approx(
            {(True, False): 5, (True, True): 395, (False, False): 30, (False, True): 1570},
            abs=1e-2,
        )


def test_where_the_log_has_no_wrong_one_half_a_one_is_assumed(make_log: MakeLog) -> None:
    """Jeffreys: of 1,600 that went alone 1600 x .5 / 1601 would be wrong."""
    deck = draw_deck(some(make_log, 50, 0))
    assert deck.record["none_wrong_at_most"] == pytest.approx(
        {"went alone": 1 - 0.025 ** (1 / 1600)}
    )
    steady = deck.frame[(deck.frame["round"] == "steady") & ~deck.frame["needs_look"]]
    weight = steady.groupby("right")["weight"].sum()
    assert weight[False] == pytest.approx(1600 * 0.5 / 1601, abs=1e-3)
    assert weight.sum() == pytest.approx(1600, abs=1e-2)
    assert any("up to 0.23% of them may be (95%)" in w for w in deck.warnings)


def test_nothing_is_planted_where_there_is_enough_or_nobody_wants_it(make_log: MakeLog) -> None:
    assert draw_deck(some(make_log, 50, 30)).record["planted"] == 0
    with pytest.raises(NotEnoughEvidence, match=r"has 5 wrong decisions that a person was asked"):
        draw_deck(some(make_log, 5, 30), plant=False)


@trying(max_examples=8)
@given(
    asked=st.integers(0, 60), alone=st.integers(0, 60), items=st.integers(10, 60),
    prevalence=st.sampled_from([0.2, 0.3, 0.5]), seed=st.integers(0, 99),
)  # fmt: skip
def test_however_few_are_wrong_the_deck_is_as_asked_for(
    asked: int, alone: int, items: int, prevalence: float, seed: int
) -> None:
    def make(**columns: object) -> hs.DecisionLog:
        frame = pd.DataFrame(columns)
        at = pd.Timestamp("2026-09-01", tz="UTC")
        ids = [f"d{i}" for i in range(len(frame))]
        return hs.DecisionLog(frame.assign(decision_id=ids, decided_at=at, confidence=0.95))

    deck = draw_deck(some(make, asked, alone), items=items, prevalence=prevalence, seed=seed)
    f = deck.frame
    assert f.groupby("round").size().tolist() == [items] * 3
    assert (~f["right"]).groupby(f["round"]).sum().tolist() == [round(items * prevalence)] * 3
    assert f["decision_id"].is_unique
    assert f.loc[f["round"] == "steady", "weight"].sum() == pytest.approx(2000, abs=1e-2)
