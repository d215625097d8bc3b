from __future__ import annotations

import json
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hitlsim as hs
from hitlsim.calibration.tuning.proving.certificate import Certificate, certify
from hitlsim.calibration.tuning.proving.spending import Spending


def certificate(confidence: float, *, wrong: int = 0) -> Certificate:
    return certify(
        np.ones((400, 1), bool), np.arange(400) < wrong, at_most=0.02, confidence=confidence
    )


def after(retunes: int, *, confidence: float = 0.9, wrong: int = 0) -> Spending:
    """A year of twelve, that many re-tunes on."""
    spending = Spending(confidence=confidence, retunes=12)
    for month in range(1, retunes + 1):
        found = certificate(spending.each, wrong=wrong)
        spending = spending.spend(found, on=date(2026, month, 1), of="calls.csv")
    return spending


# --- known answers -------------------------------------------------------------------------------


def test_twelve_retunes_share_ten_percent() -> None:
    year = Spending(confidence=0.90, retunes=12)
    assert year.each == pytest.approx(1 - 0.1 / 12)
    assert year.left == 12
    assert after(5).left == 7
    assert after(12).left == 0


def test_a_certificate_where_nothing_held_has_spent_too() -> None:
    spending = after(3, wrong=200)
    assert spending.left == 9
    assert spending.entries[0].outcome == "nothing held"
    assert after(3).entries[0].outcome == "candidate 1 of 1 held"


def test_a_certificate_of_less_confidence_spends_more() -> None:
    spending = Spending().spend(certificate(0.95), on=date(2026, 1, 1), of="calls.csv")
    assert spending.left == 6


def test_guarantees_of_a_year_hold_together_as_often_as_planned() -> None:
    """800 years of 12 certificates of a rate that lies just beyond the limit.

    At most 10% of years may hold a wrong one; .042 more are four standard errors (a false alarm:
    1 in 30,000). With the year's confidence for each re-tune most years would hold one.
    """
    rng, year = np.random.default_rng(3), Spending(confidence=0.9, retunes=12)

    def broken(confidence: float) -> float:
        # whether it holds depends on the count of bad ones alone: ask once for each
        held = [
            certify(
                np.ones((600, 1), bool), np.arange(600) < k, at_most=0.05, confidence=confidence
            ).held[0]
            for k in range(60)
        ]
        wrong = rng.binomial(600, 0.0501, (800, 12))
        return float(np.array(held)[np.minimum(wrong, 59)].any(axis=1).mean())

    assert 0.02 < broken(year.each) < 0.10 + 0.042
    assert broken(year.confidence) > 0.5


# --- properties ----------------------------------------------------------------------------------


@given(
    confidence=st.floats(0.5, 0.99),
    retunes=st.integers(1, 24),
    spent=st.integers(0, 24),
)
def test_a_ledger_reads_back_as_written_and_never_runs_short_of_the_plan(
    confidence: float, retunes: int, spent: int
) -> None:
    spending = Spending(confidence=confidence, retunes=retunes)
    found = certificate(spending.each)
    for _ in range(min(spent, retunes)):
        spending = spending.spend(found, on=date(2026, 1, 1), of="calls.csv")
    assert spending.left == max(0, retunes - spent)
    assert Spending.from_dict(json.loads(json.dumps(spending.to_dict()))) == spending
    if not spending.left:
        with pytest.raises(hs.NotEnoughEvidence, match="is spent"):
            spending.spend(found, on=date(2026, 1, 1), of="calls.csv")


def test_what_is_written_down_is_plain_and_takes_dates_as_yaml_reads_them() -> None:
    written = after(1).to_dict()
    assert written["entries"] == [
        {
            "on": "2026-01-01",
            "of": "calls.csv",
            "rate": "fn_share",
            "at_most": 0.02,
            "confidence": pytest.approx(1 - 0.1 / 12),
            "n": 400,
            "outcome": "candidate 1 of 1 held",
        }
    ]
    entry = {**written["entries"][0], "on": date(2026, 1, 1)}
    assert Spending.from_dict({**written, "entries": [entry]}) == after(1)


def test_words_say_the_plan_what_was_spent_and_what_is_left() -> None:
    plan, spent, left = after(2).words()
    assert plan == (
        "With 90% confidence the guarantees of 12 re-tunes hold together, if each is asked for "
        "with 99.17%."
    )
    assert spent == (
        "2 certificates so far; the last, on 2026-02-01 from 400 labels of calls.csv: candidate 1 "
        "of 1 held."
    )
    assert left == "Left: 10. A re-tune counts whatever comes of it."
    assert "Left: 10" in after(2)._repr_html_()


# --- errors --------------------------------------------------------------------------------------


def test_when_all_is_spent_the_remedies_are_named() -> None:
    with pytest.raises(
        hs.NotEnoughEvidence,
        match=r"is spent: .* with the 12 so far at 90%\. Start a new period, or accept 89\.17% for",
    ):
        after(12).spend(certificate(1 - 0.1 / 12), on=date(2027, 1, 1), of="calls.csv")


def test_a_certificate_that_costs_more_than_is_left_is_refused_with_what_is_left() -> None:
    with pytest.raises(hs.NotEnoughEvidence, match=r"80% confidence spends.* ask for 90% or more"):
        Spending().spend(certificate(0.80), on=date(2026, 1, 1), of="calls.csv")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"confidnce": 0.9}, r"confidnce: unknown key; did you mean 'confidence'\?"),
        ({"retunes": 0}, "retunes: 0 must be at least 1"),
        ({"retunes": True}, "true is not a whole number"),
        ({"confidence": 0.2}, r"confidence: 0\.2 must be at least 0\.5"),
        ({"entries": [{"on": "soon"}]}, r"entries\.0\.on: 'soon' is not a date"),
        ({"confidence": 0.95}, r"spent: 12 certificates spend more than 95%.*hold with 90%"),
    ],
)
def test_a_ledger_changed_by_hand_is_refused_with_the_place(
    change: dict[str, Any], match: str
) -> None:
    with pytest.raises(hs.LogError, match=match):
        Spending.from_dict({**after(12).to_dict(), **change})


# --- the confidence of the next ------------------------------------------------------------------


@pytest.mark.parametrize("asked", [None, 0.9, 1 - 0.1 / 12])
def test_the_next_certificate_is_asked_for_with_the_share_planned(asked: float | None) -> None:
    assert Spending().confidence_for(asked) == pytest.approx(1 - 0.1 / 12)


def test_a_confidence_beside_the_plan_that_is_neither_is_refused() -> None:
    with pytest.raises(hs.LogError, match=r"95% and the plan .* each is asked for with 99\.17%"):
        Spending().confidence_for(0.95)
