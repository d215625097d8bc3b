from __future__ import annotations

import pandas as pd
import pytest

from hitlsim.calibration.weights import looks_weights


@pytest.mark.parametrize("dtype", ["float64", "Float64"])
def test_each_outcome_stands_for_as_many_as_its_chance_says_and_never_for_infinitely_many(
    dtype: str,
) -> None:
    frame = pd.DataFrame({"inclusion": pd.array([0.02, 1.0, None, 0.0], dtype=dtype)})
    assert looks_weights(frame).tolist() == [50.0, 1.0, 1.0, 1.0]


def test_without_chances_each_outcome_stands_for_itself() -> None:
    assert looks_weights(pd.DataFrame({"ok": [True, False]})).tolist() == [1.0, 1.0]
