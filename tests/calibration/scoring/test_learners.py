"""What is learnt is kept as plain numbers; they must give what scikit-learn gives."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from hitlsim.calibration.scoring import encoding, learners
from hitlsim.calibration.scoring.encoding import Kind
from tests.calibration.scoring.small_logs import seen, truth

KINDS = {"context_job": Kind.WORDS, "context_age": Kind.NUMBER, "context_balance": Kind.NUMBER,
         "signals": Kind.TOKENS}  # fmt: skip


@pytest.fixture(scope="module")
def frame() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    made = seen(3000, 3)
    made["context_job"] = made["context_job"].astype(object).where(rng.random(3000) > 0.1)
    made["context_balance"] = made["context_balance"].where(rng.random(3000) > 0.2)
    made["signals"] = rng.choice(["", "a", "a+b", "c"], 3000)
    return made


Fitted = tuple[list[learners.Model], np.ndarray, np.ndarray]


@pytest.fixture(scope="module")
def fitted(frame: pd.DataFrame) -> Fitted:
    rng = np.random.default_rng(4)
    right, weight = rng.random(len(frame)) < truth(frame), rng.uniform(1, 3, len(frame))
    weight /= weight.mean()
    tried = learners.candidates(len(frame))
    return learners.fit_all(tried, frame, KINDS, right, weight, 7), right, weight


def test_logistic_scores_are_those_of_scikit_learn(frame: pd.DataFrame, fitted: Fitted) -> None:
    models, right, weight = fitted
    x = encoding.learn(frame, KINDS).smooth(frame)
    theirs = LogisticRegression(C=1.0, solver="newton-cholesky", max_iter=200)
    p = theirs.fit(x, right, sample_weight=weight).predict_proba(x)[:, 1]
    np.testing.assert_allclose(models[1].scores(frame), p, atol=1e-9)


def test_trees_walk_the_nodes_as_scikit_learn_does_gaps_included(
    frame: pd.DataFrame, fitted: Fitted
) -> None:
    models, right, weight = fitted
    x = encoding.learn(frame, KINDS).plain(frame)
    assert np.isnan(x).any()
    theirs = HistGradientBoostingClassifier(
        max_iter=60, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=100,
        l2_regularization=5.0, early_stopping=False, random_state=7,
    ).fit(x, right, sample_weight=weight)  # fmt: skip
    np.testing.assert_allclose(models[2].scores(frame), theirs.predict_proba(x)[:, 1], atol=1e-9)


def test_small_logs_get_the_simple_learner_only() -> None:
    assert {c.kind for c in learners.candidates(999)} == {"logistic"}
    assert "trees" in {c.kind for c in learners.candidates(1000)}


def test_unseen_words_and_empty_cells_are_scored(frame: pd.DataFrame, fitted: Fitted) -> None:
    models, _, _ = fitted
    new = frame.head(3).assign(
        context_job=["astronaut", None, "nurse"], signals=["zzz+a", None, ""],
        context_age=[np.nan, 1e9, -1e9],
    )  # fmt: skip
    for model in models:
        assert np.isfinite(model.scores(new)).all()


def test_a_number_that_never_varies_or_is_never_there_does_no_harm() -> None:
    made = pd.DataFrame({"a": [1.0] * 60, "b": [np.nan] * 60})
    columns = encoding.learn(made, {"a": Kind.NUMBER, "b": Kind.NUMBER})
    assert np.isfinite(columns.smooth(made)).all()


def test_the_level_correction_undoes_a_known_distortion() -> None:
    # scores were made overconfident by twice the log odds plus one; standard errors are near .03
    rng = np.random.default_rng(5)
    z = rng.normal(0.5, 1, 40_000)
    right = rng.random(len(z)) < 1 / (1 + np.exp(-z))
    level = learners.level_of(learners.chance(2 * z + 1), right, np.ones(len(z)))
    assert level.slope == pytest.approx(0.5, abs=0.04)
    assert level.shift == pytest.approx(-0.5, abs=0.06)


def test_too_few_scores_or_a_wrong_order_correct_nothing() -> None:
    p, right = np.linspace(0.1, 0.9, 199), np.arange(199) % 2 == 0
    assert learners.level_of(p, right, np.ones(199)) == learners.Level()
    p, right = np.linspace(0.1, 0.9, 400), np.arange(400) < 200
    assert learners.level_of(p, right, np.ones(400)) == learners.Level()


@pytest.mark.parametrize("change", [{"left": (5,)}, {"right": (0,)}, {"value": ()}])
def test_a_tree_that_leads_nowhere_is_refused(change: dict[str, tuple[int, ...]]) -> None:
    stump = {"column": (0, 0, 0), "threshold": (1.0, 0.0, 0.0), "left": (1, 0, 0),
             "right": (2, 0, 0), "missing_left": (True, False, False),
             "value": (0.0, -1.0, 1.0)}  # fmt: skip
    assert learners.Tree(**stump).values(np.array([[0.0], [2.0], [np.nan]])).tolist() == [-1, 1, -1]
    with pytest.raises(ValidationError, match="do not fit together"):
        learners.Tree(**stump | change)
