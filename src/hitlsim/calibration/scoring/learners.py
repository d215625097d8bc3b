"""What learns: a regularised logistic regression, or trees; both kept as lists of numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, model_validator
from scipy.special import expit, logit

from ...scenario.base import Part
from . import encoding
from .encoding import Encoding, Floats, Kind

_EDGE = 1e-6
"""No score is nearer to 0 or 1: nobody can know that from a log."""
_FEW_FOR_LEVEL = 200
"""Fewer scores held out say too little about their level to correct it."""
FEW_OF_A_KIND = 10
"""Right ones, and wrong ones, that it takes at least to learn anything."""
TREES_FROM = 1000
"""Smaller logs get the simple learner only."""
_STRENGTHS = (0.05, 1.0)
_SHORTEST_HALF_LIFE_DAYS = 30.0


class Logistic(Part):
    """Coefficients over the columns of :meth:`Encoding.smooth`."""

    kind: Literal["logistic"] = "logistic"
    intercept: float
    coefficients: tuple[float, ...]

    def log_odds(self, frame: pd.DataFrame, columns: Encoding) -> Floats:
        return np.asarray(columns.smooth(frame) @ np.array(self.coefficients) + self.intercept)


class Tree(Part):
    """Nodes of one tree, the root first; children come after their parents."""

    column: tuple[int, ...]
    threshold: tuple[float, ...]
    left: tuple[int, ...]
    """Next node where the column is at most the threshold; 0 where the node is a leaf."""
    right: tuple[int, ...]
    missing_left: tuple[bool, ...]
    value: tuple[float, ...]
    """Added to the log odds in a leaf."""

    @model_validator(mode="after")
    def _leads_somewhere(self) -> Tree:
        n = len(self.value)
        lengths = {len(getattr(self, name)) for name in Tree.model_fields}
        ends = [(a == 0) == (b == 0) for a, b in zip(self.left, self.right, strict=False)]
        forth = [
            node < child < n
            for children in (self.left, self.right)
            for node, child in enumerate(children)
            if child
        ]
        if lengths != {n} or not n or not all(ends) or not all(forth):
            raise ValueError("the nodes of a tree do not fit together")
        return self

    def values(self, x: Floats) -> Floats:
        """The leaf's value for each row of :meth:`Encoding.plain`."""
        left, right = np.array(self.left), np.array(self.right)
        column, threshold = np.array(self.column), np.array(self.threshold)
        missing_left = np.array(self.missing_left)
        node = np.zeros(len(x), np.intp)
        going = np.arange(len(x))[left[node] > 0]
        while len(going):
            at = node[going]
            seen = x[going, column[at]]
            goes_left = np.where(np.isnan(seen), missing_left[at], seen <= threshold[at])
            node[going] = np.where(goes_left, left[at], right[at])
            going = going[left[node[going]] > 0]
        return np.asarray(np.array(self.value)[node])


class Trees(Part):
    """Boosted trees over the columns of :meth:`Encoding.plain`."""

    kind: Literal["trees"] = "trees"
    intercept: float
    trees: tuple[Tree, ...]

    def log_odds(self, frame: pd.DataFrame, columns: Encoding) -> Floats:
        x = columns.plain(frame)
        return np.asarray(self.intercept + sum(tree.values(x) for tree in self.trees))


class Level(Part):
    """A correction of the score's level, learnt from scores held out: ``slope z + shift``."""

    slope: Annotated[float, Field(gt=0)] = 1.0
    shift: float = 0.0

    def corrected(self, p: Floats) -> Floats:
        return chance(self.slope * logit(p) + self.shift)


class Model(Part):
    """All it takes to score a decision."""

    columns: Encoding
    learner: Annotated[Logistic | Trees, Field(discriminator="kind")]
    level: Level = Level()

    @model_validator(mode="after")
    def _parts_fit(self) -> Model:
        if isinstance(self.learner, Logistic):
            fits = len(self.learner.coefficients) == self.columns.width
        else:
            width = self.columns.narrow_width
            fits = all(0 <= c < width for tree in self.learner.trees for c in tree.column)
        if not fits:
            raise ValueError("the learner and its columns do not fit together")
        return self

    def scores(self, frame: pd.DataFrame) -> Floats:
        """P(the AI is right), for each row."""
        return self.level.corrected(chance(self.learner.log_odds(frame, self.columns)))


class Candidate(Part):
    """A way to learn, tried beside others."""

    kind: Literal["logistic", "trees"]
    strength: float = 1.0
    """Of the logistic: scikit-learn's C."""

    def __str__(self) -> str:
        if self.kind == "trees":
            return "boosted trees"
        strong = "strongly regularised " if self.strength < 1 else ""
        return f"{strong}logistic regression"


def candidates(known: int) -> list[Candidate]:
    """What is tried on a log with so many known outcomes; the safest first.

    >>> [str(c) for c in candidates(400)]
    ['strongly regularised logistic regression', 'logistic regression']
    """
    tried = [Candidate(kind="logistic", strength=c) for c in _STRENGTHS]
    return [*tried, Candidate(kind="trees")] if known >= TREES_FROM else tried


def chance(log_odds: Floats) -> Floats:
    """Log odds as a share that claims no certainty."""
    return np.asarray(np.clip(expit(log_odds), _EDGE, 1 - _EDGE))


def half_life_days(span_days: float) -> float | None:
    """After how long a decision counts half: a quarter of the log; None if it is short.

    What was right last month says more on the next month than what was right last year.

    >>> half_life_days(360), half_life_days(80), half_life_days(20)
    (90.0, 30.0, None)
    """
    if span_days < 2 * _SHORTEST_HALF_LIFE_DAYS:
        return None
    return max(_SHORTEST_HALF_LIFE_DAYS, span_days / 4)


def recency(age_days: Floats, half_life: float | None) -> Floats:
    """Weight of rows by their age.

    >>> recency(np.array([0.0, 30.0]), 30).tolist()
    [1.0, 0.5]
    """
    return (
        np.ones(len(age_days)) if half_life is None else np.asarray(0.5 ** (age_days / half_life))
    )


def fit_all(
    tried: list[Candidate],
    frame: pd.DataFrame,
    kinds: Mapping[str, Kind],
    right: NDArray[np.bool_],
    weight: Floats,
    seed: int,
) -> list[Model]:
    """Let each candidate learn from the same rows."""
    columns = encoding.learn(frame, kinds)
    smooth = columns.smooth(frame)
    plain = columns.plain(frame) if any(c.kind == "trees" for c in tried) else smooth
    w = weight / weight.mean()
    models = []
    for one in tried:
        if one.kind == "logistic":
            learner: Logistic | Trees = _logistic(smooth, right, w, one.strength)
        else:
            learner = _trees(plain, right, w, seed)
        models.append(Model(columns=columns, learner=learner))
    return models


def _logistic(x: Floats, right: NDArray[np.bool_], weight: Floats, strength: float) -> Logistic:
    from sklearn.linear_model import LogisticRegression

    fitted = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=200)
    fitted.fit(x, right, sample_weight=weight)
    return Logistic(
        intercept=float(fitted.intercept_[0]), coefficients=tuple(fitted.coef_[0].tolist())
    )


def _trees(x: Floats, right: NDArray[np.bool_], weight: Floats, seed: int) -> Trees:
    from sklearn.ensemble import HistGradientBoostingClassifier

    fitted = HistGradientBoostingClassifier(
        max_iter=60, learning_rate=0.06, max_leaf_nodes=8, min_samples_leaf=100,
        l2_regularization=5.0, early_stopping=False, random_state=seed % 2**32,
    )  # fmt: skip
    # equal weights change no bit of what is learnt, but cost scikit-learn most of its time
    fitted.fit(x, right, sample_weight=None if np.ptp(weight) == 0 else weight)
    rounds = fitted._predictors  # noqa: SLF001 - scikit-learn shows its trees nowhere else
    intercept = float(np.ravel(fitted._baseline_prediction)[0])  # noqa: SLF001 - nor this
    return Trees(intercept=intercept, trees=tuple(_tree(one.nodes) for (one,) in rounds))


def _tree(nodes: NDArray[np.void]) -> Tree:
    leaf = nodes["is_leaf"].astype(bool)
    # where only what is missing goes right, the threshold is infinite
    threshold = np.clip(np.where(leaf, 0.0, nodes["num_threshold"]), -1e300, 1e300)
    return Tree(
        column=tuple(np.where(leaf, 0, nodes["feature_idx"]).tolist()),
        threshold=tuple(threshold.tolist()),
        left=tuple(np.where(leaf, 0, nodes["left"]).tolist()),
        right=tuple(np.where(leaf, 0, nodes["right"]).tolist()),
        missing_left=tuple((nodes["missing_go_to_left"].astype(bool) & ~leaf).tolist()),
        value=tuple(np.where(leaf, nodes["value"], 0.0).tolist()),
    )


def level_of(p: Floats, right: NDArray[np.bool_], weight: Floats) -> Level:
    """The level correction that held-out scores ask for; none where they are too few.

    Logistic on the score's log odds (Platt 1999), which two numbers suffice for.
    """
    from sklearn.linear_model import LogisticRegression

    if len(p) < _FEW_FOR_LEVEL or min(right.sum(), (~right).sum()) < FEW_OF_A_KIND:
        return Level()
    w = weight / weight.mean()
    fitted = LogisticRegression(C=1000.0, solver="newton-cholesky", max_iter=200)
    fitted.fit(logit(p)[:, None], right, sample_weight=w)
    slope = float(fitted.coef_[0, 0])
    # a slope of 0 or less says that the order is wrong, which no level can mend
    if slope <= 0 or not math.isfinite(slope):
        return Level()
    return Level(slope=slope, shift=float(fitted.intercept_[0]))


def log_losses(p: Floats, right: NDArray[np.bool_]) -> Floats:
    """Log-loss of each score against what came.

    >>> log_losses(np.array([0.5, 0.8]), np.array([True, False])).round(3).tolist()
    [0.693, 1.609]
    """
    return -np.log(np.where(right, p, 1 - p))
