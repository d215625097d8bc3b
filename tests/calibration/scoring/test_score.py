"""A learnt score: signal where there is one, none where there is none, and no look ahead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hitlsim.calibration.scoring import learnable, parts
from hitlsim.calibration.scoring.afterwards import suspects
from hitlsim.calibration.scoring.crossfit import cross_fit
from hitlsim.calibration.scoring.score import Score, score
from hitlsim.decisions.log import DecisionLog, from_parquet
from hitlsim.errors import LogError, NotEnoughEvidence
from tests.calibration.scoring.small_logs import seen, truth, with_ok


def lesson(log: DecisionLog) -> parts.Lesson:
    return parts.lesson(log, learnable.ask(log))


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    return seen(2500, 1)


@pytest.fixture(scope="module")
def found(frame: pd.DataFrame) -> Score:
    return score(with_ok(frame, truth(frame), 1))


# --- known answers: real calls -------------------------------------------------------------------


@pytest.fixture(scope="module")
def calls(bank_calls: Path) -> DecisionLog:
    d = pd.read_csv(bank_calls)
    right = (d["ai_advice"] == "pursue") == (d["subscribed"] == "yes")
    at = pd.to_datetime(d["called_on"], format="%d/%m/%Y", utc=True)
    frame = pd.DataFrame({"decision_id": d["call_id"], "channel": d["channel"], "decided_at": at})
    for name in ("ai_advice", "balance_eur", "job", "first_contact", "call_seconds"):
        frame[f"context_{name}"] = d[name]
    return DecisionLog(frame.assign(ok=pd.array(right, dtype="boolean"), confidence=d["score"]))


@pytest.fixture(scope="module")
def of_calls(calls: DecisionLog) -> Score:
    return score(calls)


def test_real_calls_name_the_call_length_and_do_without_it(of_calls: Score) -> None:
    assert [s.column for s in of_calls.suspects] == ["context_call_seconds"]
    assert "call_seconds" not in of_calls.record["columns"]
    assert of_calls.figures["log_loss_with"].value == pytest.approx(0.31, abs=0.015)
    assert of_calls.figures["auroc_with"].value == pytest.approx(0.80, abs=0.025)
    assert of_calls.figures["log_loss"].value <= 0.365
    assert of_calls.figures["auroc"].value >= 0.59
    assert of_calls.status == "signal"


def test_real_calls_came_with_a_better_confidence_and_are_told_so(of_calls: Score) -> None:
    assert of_calls.figures["given_log_loss"].value == pytest.approx(0.352, abs=5e-4)
    assert of_calls.figures["given_auroc"].value == pytest.approx(0.644, abs=5e-4)
    assert any("is better, keep it" in sentence for sentence in of_calls.why())


@pytest.mark.parametrize("seed", [1, 2])
def test_real_calls_with_shuffled_outcomes_have_no_signal(calls: DecisionLog, seed: int) -> None:
    """Chance says signal for 1% of shuffles; seeds are fixed."""
    ok = np.random.default_rng(seed).permutation(calls.frame["ok"])
    half = calls.frame.assign(ok=ok).iloc[::8].drop(columns="confidence")
    shuffled = score(DecisionLog(half))
    assert shuffled.status == "no signal"
    assert shuffled.suspects == ()
    assert shuffled.why()[0].startswith("No signal")


def test_few_real_deals_without_dates_keep_their_twins_together(bank_calls: Path) -> None:
    d = pd.read_csv(bank_calls.parent / "salvirt_b2b.csv", sep=";")
    frame = d.drop(columns="Status").add_prefix("context_")
    frame = frame.assign(
        decision_id=[f"d{i}" for i in range(len(d))],
        decided_at=pd.Timestamp("2015-01-01", tz="UTC"),
        ok=pd.array(d["Status"] == "Won", dtype="boolean"),
    )
    data = lesson(DecisionLog(frame))
    assert len(np.unique(data.group)) == len(d) - d.drop(columns="Status").duplicated().sum()
    for turn in parts.turns(data, 7):
        assert not np.isin(data.group[turn.score], data.group[turn.learn]).any()
    deals = score(DecisionLog(frame))
    assert deals.status == "signal"
    assert 0.76 < deals.figures["auroc"].value < 0.88
    assert any("by chance" in sentence for sentence in deals.warnings)


# --- simulated logs ------------------------------------------------------------------------------


def test_the_learnt_score_comes_near_the_truth(frame: pd.DataFrame, found: Score) -> None:
    assert found.status == "signal"
    assert set(found.columns["column"][:2]) == {"context_job", "context_balance"}
    late = seen(4000, 2)
    p = found.apply(DecisionLog(late)).frame["confidence"]
    # 2,500 rows leave an error of a few points in each P(ok)
    assert np.abs(p - truth(late)).mean() < 0.035


def test_honest_columns_are_not_taken_for_known_afterwards() -> None:
    for seed in range(4):
        made = seen(1500, seed)
        gap = made["context_balance"].where(made["channel"] == "phone")
        ok_where = truth(made) - 0.35 * (made["channel"] == "phone")
        log = with_ok(made, np.clip(ok_where, 0, 1), seed, context_balance=gap)
        data = lesson(log)
        assert suspects(data, 7) == []


@pytest.mark.parametrize("name", ["context_x7", "context_close_reason"])
def test_a_column_filled_only_for_one_outcome_is_named_whatever_it_is_called(name: str) -> None:
    frame = seen(900, 1)
    log = with_ok(frame, truth(frame), 1)
    wrong = ~log.frame["ok"].astype(bool)
    reason = pd.Series("price", frame.index).where(wrong & (np.arange(len(frame)) % 3 > 0))
    log = DecisionLog(log.frame.assign(**{name: reason}))
    told = score(log)
    assert [s.column for s in told.suspects] == [name]
    assert any("of the right ones and" in reason for reason in told.suspects[0].reasons)
    assert name not in set(told.columns["column"])
    kept = score(log, keep=[learnable.short(name)])
    assert kept.columns["column"][0] == name
    assert any("Kept because you asked" in sentence for sentence in kept.warnings)


def test_few_rows_without_signal_are_not_enough_evidence() -> None:
    made = seen(160, 5)
    told = score(with_ok(made, 0.85, 5))
    assert told.status == "not enough evidence"
    assert "would do" in told.why()[0]


def test_outcomes_of_the_future_change_no_score_of_the_past(frame: pd.DataFrame) -> None:
    data = lesson(with_ok(frame, truth(frame), 1))
    before = cross_fit(data, 7)
    cut = before.chosen[2].rows[-1]
    turned = data.right.copy()
    turned[cut + 1 :] = ~turned[cut + 1 :]
    after = cross_fit(replace(data, right=turned), 7)
    np.testing.assert_array_equal(before.p[: cut + 1], after.p[: cut + 1])
    assert not np.allclose(before.p[-50:], after.p[-50:])


def test_an_outcome_is_learnt_from_only_when_it_was_known(frame: pd.DataFrame) -> None:
    known_at = frame["decided_at"] + pd.Timedelta(days=20)
    data = lesson(with_ok(frame, truth(frame), 1, ok_at=known_at))
    turns = parts.turns(data, 7)
    for turn in turns:
        assert data.known_at_days[turn.learn].max() < turn.now_days
    assert turns[0].now_days > 20


def test_unknown_and_complaint_only_outcomes_teach_nothing_but_get_scores(
    frame: pd.DataFrame,
) -> None:
    log = with_ok(frame, truth(frame), 1)
    complaint = np.arange(len(frame)) % 5 == 0
    source = np.where(complaint, "complaint", "outcome")
    ok = log.frame["ok"].where(np.arange(len(frame)) % 7 > 0)
    log = DecisionLog(log.frame.assign(ok=ok, ok_source=source))
    data = lesson(log)
    assert not data.known[complaint].any()
    assert not data.known[::7].any()
    held = cross_fit(data, 7)
    assert not np.isnan(held.p[-100:]).any()


def test_audit_weights_undo_a_sample_that_prefers_the_wrong_ones(frame: pd.DataFrame) -> None:
    log = with_ok(frame, truth(frame), 1)
    share = np.where(log.frame["ok"].astype(bool), 0.25, 1.0)
    picked = np.random.default_rng(8).random(len(frame)) < share
    log = DecisionLog(log.frame.assign(ok=log.frame["ok"].where(picked), inclusion=share))
    p = score(log).apply(log).frame["confidence"]
    assert p.mean() == pytest.approx(truth(frame).mean(), abs=0.03)


def test_tests_of_reviewers_teach_nothing_and_get_no_score() -> None:
    frame = seen(900, 1)
    log = with_ok(frame, truth(frame), 1)
    tests = frame.assign(
        decision_id=[f"t{i}" for i in range(900)],
        context_balance=np.where(np.arange(900) % 2, 9.0, 9e5),
    )
    right = pd.array(np.arange(900) % 2 == 0, dtype="boolean")
    both = pd.concat([log.frame, tests.assign(ok=right, gold_ok=right)], ignore_index=True)
    told, without = score(DecisionLog(both)), score(log)
    assert told.figures == without.figures
    assert told.record["outcomes_known"] == 900
    assert told.scored is not None
    assert not told.scored.tests.any()


def test_a_known_outcome_that_had_no_chance_counts_as_one(frame: pd.DataFrame) -> None:
    chance = np.where(np.arange(len(frame)) < 10, 0.0, 1.0)
    log = with_ok(frame, truth(frame), 1)
    none, all_ones = log.frame.assign(inclusion=chance), log.frame.assign(inclusion=1.0)
    np.testing.assert_array_equal(
        lesson(DecisionLog(none)).weight, lesson(DecisionLog(all_ones)).weight
    )


def test_the_given_confidence_is_compared_on_the_decisions_that_have_one() -> None:
    # where there is no confidence the outcome is a coin: that must not count against the score
    frame = seen(1500, 6)
    some = np.arange(1500) % 2 == 0
    p = np.where(some, truth(frame), 0.5)
    told = score(with_ok(frame, p, 6, confidence=np.where(some, 0.85, np.nan), context_some=some))
    figures = told.figures
    assert figures["log_loss_beside_given"].n == figures["given_log_loss"].n == 250
    difference = figures["given_log_loss"].value - figures["log_loss_beside_given"].value
    assert figures["gain_over_given"].value == pytest.approx(difference)
    (sentence,) = [s for s in told.findings if "on the 250 decisions that have both" in s]
    ours = f"{figures['log_loss_beside_given'].value:.3f}".lstrip("0")
    assert f"log-loss {ours} (" in sentence


def test_the_scored_log_can_be_measured_and_says_where_its_scores_come_from(
    found: Score, tmp_path: Path
) -> None:
    assert found.scored is not None
    log = from_parquet(found.scored.to_parquet(tmp_path / "scored.parquet"))
    assert log.frame["confidence"].between(0, 1).all()
    told = log.record["learnt_score"]
    assert told["learnt_by"].endswith(("regression", "trees"))
    assert told["figures"]["log_loss"][0] == found.figures["log_loss"].value
    assert told["unscored"] == 2500 - len(log)


def test_the_same_seed_gives_the_same_score(frame: pd.DataFrame, found: Score) -> None:
    again = score(with_ok(frame, truth(frame), 1))
    assert again.model == found.model
    assert again.figures == found.figures


def test_the_order_of_rows_does_not_matter(frame: pd.DataFrame, found: Score) -> None:
    log = with_ok(frame, truth(frame), 1)
    mixed = DecisionLog(log.frame.sample(frac=1, random_state=3).reset_index(drop=True))
    told = score(mixed)
    assert told.scored is not None
    assert found.scored is not None
    ours = told.scored.frame.set_index("decision_id")["confidence"]
    theirs = found.scored.frame.set_index("decision_id")["confidence"]
    pd.testing.assert_series_equal(ours.sort_index(), theirs.sort_index())


# --- bad input -----------------------------------------------------------------------------------


def test_a_column_that_is_not_there_is_refused_with_the_nearest_name(frame: pd.DataFrame) -> None:
    with pytest.raises(LogError, match=r"leave_out 'jb': the log has no such .* mean 'job'"):
        score(with_ok(frame, 0.8, 1), leave_out=["jb"])


def test_a_log_without_outcomes_is_refused_with_what_it_takes(frame: pd.DataFrame) -> None:
    with pytest.raises(NotEnoughEvidence, match=r"0 outcomes are known.*it takes 50 at least"):
        score(DecisionLog(frame))


def test_outcomes_all_of_a_kind_at_the_end_judge_nothing() -> None:
    frame = seen(600, 1)
    right = np.ones(600)
    right[:120:4] = 0
    with pytest.raises(NotEnoughEvidence, match=r"all 200 outcomes .*last third.* are right"):
        score(with_ok(frame, right, 1))


def test_later_decisions_must_bring_the_columns_learnt_from(found: Score) -> None:
    late = seen(50, 9).drop(columns=["context_job", "channel"])
    with pytest.raises(LogError, match="the log lacks channel, job, which the score was learnt"):
        found.apply(DecisionLog(late))
    words = seen(50, 9).assign(context_balance="much")
    with pytest.raises(LogError, match=r"balance held numbers .* such as 'much' now"):
        found.apply(DecisionLog(words))
