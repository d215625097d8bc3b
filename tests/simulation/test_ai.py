"""The AI that nobody has described: overconfident, and its score says little (model.md 3)."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

import hitlsim as hs
from hitlsim.simulation.contract import FIRST


@pytest.fixture(scope="module")
def proposals() -> tuple[np.ndarray, np.ndarray]:
    """Confidence and outcome of many proposals of an AI with default settings."""
    base = hs.load("outbound")
    flow = base.workflows["contact_enrichment"].model_dump(by_alias=True, exclude={"ai"})
    flow.update(volume_per_week=20_000, signal_shares=dict.fromkeys(base.signals, 0.0))
    scenario = base.with_(workflows={**base.workflows, "contact_enrichment": flow}, weeks=5)
    world = hs.draw(scenario, 11).world
    mine = world.decisions["workflow"] == list(base.workflows).index("contact_enrichment")
    first = world.visits[FIRST][mine]
    return first["confidence"], first["u_ok"] < 1 / (1 + np.exp(-first["logit_ok"]))


def test_a_default_score_tells_failures_from_successes_little_better_than_chance(
    proposals: tuple[np.ndarray, np.ndarray],
) -> None:
    confidence, ok = proposals
    # 100,000 proposals: the standard error is below .002; (A) arXiv 2306.13063 has .60 (.52-.75)
    assert roc_auc_score(ok, confidence) == pytest.approx(0.60, abs=0.01)


def test_a_default_score_is_overconfident_by_fifteen_points(
    proposals: tuple[np.ndarray, np.ndarray],
) -> None:
    confidence, ok = proposals
    bins = np.minimum((10 * confidence).astype(int), 9)
    gaps = [(confidence[bins == b] - ok[bins == b]).sum() for b in range(10)]
    assert np.abs(gaps).sum() / len(ok) == pytest.approx(0.15, abs=0.01)  # (A) arXiv 2603.09985
    assert sum(gaps) > 0
