from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import expit, logit

import hitlsim as hs
from hitlsim.calibration.recalibrate import recalibrated

MakeLog = Callable[..., hs.DecisionLog]
Floats = NDArray[np.float64]


def truth(p: Floats) -> Floats:
    """What overconfident scores are worth."""
    return np.asarray(expit(0.5 * logit(p) - 0.3))


def some(known: NDArray[np.bool_], values: object) -> pd.Series:
    """Values where something is known, else missing."""
    return (
        pd.Series(np.broadcast_to(np.asarray(values), known.shape))
        .astype("object")
        .where(known, None)
    )


def drawn(
    make_log: MakeLog, n: int, seed: int, right: Callable[[Floats], Floats]
) -> hs.DecisionLog:
    rng = np.random.default_rng(seed)
    p = rng.beta(12, 1, n).clip(0.01, 0.995)
    at = pd.Timestamp("2026-09-01", tz="UTC") + pd.to_timedelta(np.arange(n), unit="h")
    return make_log(confidence=p, ok=rng.random(n) < right(p), decided_at=at)


# --- known answers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("n", "method"), [(180, "temperature"), (600, "logistic"), (3000, "isotonic")]
)
def test_overconfident_scores_are_mended_by_what_their_number_allows(
    make_log: MakeLog, n: int, method: str
) -> None:
    log = drawn(make_log, n, 2, truth)
    mended = recalibrated(log)
    assert mended.method == method
    assert mended.adopted
    before, after = log.frame["confidence"], mended.log.frame["confidence"]
    wanted = truth(before.to_numpy(float))
    assert np.abs(after - wanted).mean() < 0.5 * np.abs(before - wanted).mean()
    assert mended.log.record["recalibration"]["adopted"]


def test_a_logistic_curve_finds_the_line_it_came_from(make_log: MakeLog) -> None:
    # standard errors at n = 1,000 are about .15 and .3; .6 and 1.2 are four of them
    mended = recalibrated(drawn(make_log, 1000, 6, truth)).log.frame["confidence"].to_numpy(float)
    p = drawn(make_log, 1000, 6, truth).frame["confidence"].to_numpy(float)
    slope, intercept = np.polyfit(logit(p), logit(mended), 1)
    assert slope == pytest.approx(0.5, abs=0.6)
    assert intercept == pytest.approx(-0.3, abs=1.2)


def test_curves_keep_the_order_of_scores(make_log: MakeLog) -> None:
    for n in (180, 600, 3000):
        log = drawn(make_log, n, 2, truth)
        order = np.argsort(log.frame["confidence"].to_numpy())
        assert (np.diff(recalibrated(log).log.frame["confidence"].to_numpy()[order]) >= 0).all()


def test_a_rising_curve_makes_few_new_ties(make_log: MakeLog) -> None:
    log = drawn(make_log, 3000, 2, truth)
    assert recalibrated(log).log.frame["confidence"].nunique() > 0.9 * 3000


def test_audited_decisions_weigh_as_many_as_they_stand_for(make_log: MakeLog) -> None:
    # alone .8 right, one in ten known; asked about .3 right, all known; the same score for both.
    # Unweighted the score would be mended to .55, weighted to .755
    rng, n = np.random.default_rng(4), 10_000
    alone = rng.random(n) < 0.91
    right = rng.random(n) < np.where(alone, 0.8, 0.3)
    known = ~alone | (rng.random(n) < 0.1)
    at = pd.Timestamp("2026-09-01", tz="UTC") + pd.to_timedelta(np.arange(n), unit="min")
    log = make_log(
        confidence=[0.9] * n, decided_at=at, ok=some(known, right),
        ok_source=some(known, "outcome"), inclusion=np.where(alone, 0.1, 1.0),
        route=np.where(alone, "auto", "review"),
    )  # fmt: skip
    assert recalibrated(log).log.frame["confidence"].iloc[0] == pytest.approx(0.755, abs=0.03)


# --- what must not be mended ---------------------------------------------------------------------


@pytest.mark.parametrize("n", [180, 600, 3000])
def test_good_scores_are_left_alone(make_log: MakeLog, n: int) -> None:
    # 40 logs with perfect scores. A gain above its standard error comes by chance in under .16 of
    # them, less as a curve costs something: more than 12 with probability < .01
    adopted = 0
    for seed in range(40):
        try:
            adopted += recalibrated(drawn(make_log, n, seed, lambda p: p)).adopted
        except hs.NotEnoughEvidence:
            assert n == 180
    assert adopted <= 12


def test_scores_of_a_world_that_changed_are_left_alone(make_log: MakeLog) -> None:
    # overconfident at first, perfect later: a curve learnt from the past would harm
    log = drawn(make_log, 3000, 5, lambda p: np.where(np.arange(len(p)) < 2100, truth(p), p))
    mended = recalibrated(log)
    assert not mended.adopted
    assert mended.log.frame["confidence"].equals(log.frame["confidence"])
    assert mended.why()[0].startswith("The scores stay as they are.")
    assert mended.gain.high < 0


def test_complaints_teach_nothing(make_log: MakeLog) -> None:
    log = drawn(make_log, 600, 3, truth)
    half = np.arange(600) % 2 == 0
    frame = log.frame.assign(ok_source=np.where(half, "complaint", "outcome"))
    frame.loc[half, "ok"] = False
    assert recalibrated(hs.DecisionLog(frame)).n == 300


def test_tests_of_reviewers_teach_nothing(make_log: MakeLog) -> None:
    log = drawn(make_log, 600, 3, truth)
    tests = log.frame.assign(decision_id=[f"t{i}" for i in range(600)], gold_ok=False, ok=False)
    both = pd.concat([log.frame.assign(gold_ok=None), tests], ignore_index=True)
    both["ok"] = both["ok"].astype("boolean")
    mended, alone = recalibrated(hs.DecisionLog(both)), recalibrated(log)
    assert mended.n == 600
    assert mended.why() == alone.why()
    pd.testing.assert_series_equal(
        mended.log.frame["confidence"].head(600), alone.log.frame["confidence"]
    )


def test_a_known_outcome_that_had_no_chance_counts_as_one(make_log: MakeLog) -> None:
    log = drawn(make_log, 600, 3, truth)
    chance = np.where(np.arange(600) % 50 == 0, 0.0, 1.0)
    mended = recalibrated(hs.DecisionLog(log.frame.assign(inclusion=chance)))
    assert mended.gain == recalibrated(log).gain


def test_outcomes_known_because_people_were_asked_raise_a_doubt(make_log: MakeLog) -> None:
    log = drawn(make_log, 3000, 2, truth)
    frame = log.frame.assign(route="auto")
    frame["ok"] = frame["ok"].where(frame["confidence"] < 0.95)
    doubt = recalibrated(hs.DecisionLog(frame)).why()[-1]
    assert "the log does not say that chance picked it" in doubt


# --- errors --------------------------------------------------------------------------------------


def test_without_wrong_ones_in_both_parts_nothing_is_learnt(make_log: MakeLog) -> None:
    with pytest.raises(hs.NotEnoughEvidence, match="earlier 70 outcomes 0 are wrong and 70 right"):
        recalibrated(make_log(ok=[True] * 100))
    with pytest.raises(hs.NotEnoughEvidence, match="later 30 outcomes 0 are wrong"):
        recalibrated(make_log(decided_at=pd.date_range("2026-09-01", periods=100, tz="UTC"),
                              ok=[False] * 20 + [True] * 80))  # fmt: skip
    with pytest.raises(hs.NotEnoughEvidence, match="earlier 0 outcomes"):
        recalibrated(make_log(ok=[None] * 5))
