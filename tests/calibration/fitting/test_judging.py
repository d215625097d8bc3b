"""How often the AI is right, found through people who err."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import hitlsim as hs
from hitlsim.calibration.fitting.judging import judge, places_of
from hitlsim.calibration.fitting.labels import Labels, labels_of
from hitlsim.calibration.fitting.seen import Seen

INTERCEPT, SLOPE = -0.3, 0.9


def log_of(
    rng: np.random.Generator, n: int, hit: float, alarm: float, *, twice: float = 0.0,
    outcomes: bool = False,
) -> hs.DecisionLog:  # fmt: skip
    """Reviews by ana, of which a share that she passed is looked at again by ben."""
    confidence = rng.beta(6, 1.5, n).round(3).clip(0.001, 0.999)
    right = INTERCEPT + SLOPE * np.log(confidence / (1 - confidence))
    bad = rng.random(n) > 1 / (1 + np.exp(-right))
    flags = [rng.random(n) < np.where(bad, hit, alarm) for _ in range(2)]
    again = ~flags[0] & (rng.random(n) < twice)
    frame = pd.DataFrame({
        "decision_id": [f"d{i}" for i in range(n)], "workflow": "mail",
        "decided_at": pd.Timestamp("2026-08-03", tz="UTC") + pd.to_timedelta(
            np.sort(rng.uniform(0, 60, n)), unit="D"),
        "confidence": confidence, "route": "review", "reviewer": "ana",
        "verdict": np.where(flags[0], "edit", "approve"),
        "looker": pd.Series("ben", range(n)).where(again),
        "look_verdict": pd.Series(np.where(flags[1], "edit", "approve")).where(again),
    })  # fmt: skip
    if outcomes:
        frame["ok"] = pd.array(~bad, dtype="boolean")
        frame["ok_source"] = "outcome"
    return hs.DecisionLog(frame)


def labels(log: hs.DecisionLog) -> Labels:
    return labels_of(Seen(log))


def found(log: hs.DecisionLog) -> tuple[np.ndarray, np.ndarray]:
    judged = judge(labels(log))
    return judged.mean, np.sqrt(np.diag(judged.cov))


def test_where_outcomes_tell_the_truth_it_is_plain_logistic_regression() -> None:
    """Against scikit-learn's without penalty; the beliefs weigh next to nothing on 6,000 rows."""
    from sklearn.linear_model import LogisticRegression

    log = log_of(np.random.default_rng(1), 6000, 0.8, 0.1, outcomes=True)
    c = log.frame["confidence"].to_numpy()
    logit = np.log(c / (1 - c))[:, None]
    plain = LogisticRegression(C=1e9).fit(logit, log.frame["ok"].to_numpy(bool))
    mean, _ = found(log)
    assert mean[0] == pytest.approx(plain.intercept_[0], abs=0.01)
    assert mean[1] == pytest.approx(plain.coef_[0, 0], abs=0.01)


def test_with_outcomes_peoples_rates_are_counts() -> None:
    log = log_of(np.random.default_rng(2), 6000, 0.8, 0.1, outcomes=True)
    bad = ~log.frame["ok"].to_numpy(bool)
    flagged = (log.frame["verdict"] == "edit").to_numpy()
    mean, _ = found(log)
    assert 1 / (1 + np.exp(-mean[2])) == pytest.approx(flagged[bad].mean(), abs=0.005)
    assert 1 / (1 + np.exp(-mean[3])) == pytest.approx(flagged[~bad].mean(), abs=0.005)


def test_verdicts_taken_at_their_word_would_be_wrong_and_these_are_not() -> None:
    """With 70% hits and 15% false alarms, the slope of verdicts on scores is too flat by a third.
    Six logs: without any bias a mean beyond 1.2 standard errors comes once in 150 times."""
    zs, naive = [], []
    for seed in range(6):
        log = log_of(np.random.default_rng(seed), 4000, 0.7, 0.15, twice=0.3)
        mean, error = found(log)
        zs.append((mean[:2] - [INTERCEPT, SLOPE]) / error[:2])
        c = log.frame["confidence"].to_numpy()
        x, y = np.log(c / (1 - c)), (log.frame["verdict"] == "approve").to_numpy(float)
        naive.append(np.cov(x, y)[0, 1] / x.var() / (y.mean() * (1 - y.mean())))
    assert np.mean(naive) < 0.7
    assert np.abs(np.mean(zs, axis=0)).max() < 1.2
    assert (np.abs(zs) < 3.5).all()


def test_what_the_log_cannot_tell_stays_as_uncertain_as_it_was() -> None:
    log = log_of(np.random.default_rng(3), 60, 0.8, 0.1)
    _, error = found(log)
    assert error[2] > 0.7  # of a belief of 1.0


def test_complaints_are_no_labels() -> None:
    log = log_of(np.random.default_rng(4), 500, 0.8, 0.1)
    frame = log.frame.assign(verdict=None, route="auto", ok=pd.array([False] * 500, "boolean"),
                             ok_source="complaint")  # fmt: skip
    assert labels(hs.DecisionLog(frame)).n.sum() == 0


def test_looks_in_bulk_and_work_by_hand_are_left_out() -> None:
    log = log_of(np.random.default_rng(5), 500, 0.8, 0.1, twice=1.0)
    every = labels(log)
    assert (every.second >= 0).any()
    bulk = labels(hs.DecisionLog(log.frame.assign(bulk=True)))
    assert not (bulk.second >= 0).any()
    assert labels(hs.DecisionLog(log.frame.assign(by_hand=True))).n.sum() == 0


def test_places_are_as_many_as_numbers() -> None:
    every = labels(log_of(np.random.default_rng(6), 500, 0.8, 0.1, twice=1.0))
    assert places_of(every).false_alarm.stop == len(judge(every).mean) == 2 + 2 * 2
