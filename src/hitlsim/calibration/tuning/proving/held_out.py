"""The tests under a certificate, by MAPIE, with what it takes silently and should not kept from it.

- A candidate that too few labels speak of gets no p-value there, or none that could pass, and takes
  all others with it. The caller leaves such candidates out, and lists them.
- A missing label is cast to a number there and counts as ok. The caller refuses it.
- A rate given as a performance is rounded up by a whole decision (1 - 999/1000 times 1,000 is above
  1). All rates are given as errors. Even so some pairs of counts are rounded up by one, to the
  safe side.
- Limits must be plain floats, and scores on a threshold go alone. It is handed who goes alone, so
  that no score is compared a second time.
- Its own fixed sequence turns the order round where looser candidates look safer: an order chosen
  on the labels it is tested on. Here the order stays as given.

As every rate is a share, its p-value (the smaller of Hoeffding's and Bentkus') is the exact
binomial one.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
HELD_OUT = 0.4
"""Share of a log's decisions, its last, on which rules are tested."""


def passing(
    alone: Mask, bad: Mask, *, rate: str, at_most: float, confidence: float, in_order: bool
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Positions of the candidates that hold, and the p-values of all.

    In MAPIE's words label 1 is ok, and prediction 1 goes alone.
    """
    from mapie.risk_control import (
        BinaryClassificationController,
        BinaryRisk,
    )

    condition = {
        "fn_share": lambda y, _: np.ones_like(y, dtype=bool),
        "fn_of_auto": lambda _, goes: goes == 1,
        "fn_of_bad": lambda y, _: y == 0,
    }[rate]
    risk = BinaryRisk(lambda y, goes: (goes == 1) & (y == 0), condition, higher_is_better=False)
    policies = np.ascontiguousarray(alone.T).astype(np.int8)
    controller = BinaryClassificationController(
        lambda rows, candidate: policies[candidate][rows],
        risk,
        at_most,
        confidence_level=confidence,
        best_predict_param_choice=risk,
        list_predict_params=np.arange(len(policies))[:, None],
        fwer_method=_in_order() if in_order else "bonferroni_holm",
    )
    with warnings.catch_warnings():
        # that none holds, or that all do, is an answer
        warnings.filterwarnings("ignore", "No predict parameters were found|All provided predict")
        controller.calibrate(np.arange(len(bad)), (~bad).astype(int))
    return (
        np.asarray(controller.valid_predict_params, np.int64).reshape(-1),
        np.asarray(controller.p_values, float).reshape(-1),
    )


def _in_order() -> Any:
    """MAPIE's frame for sequential tests with one rule: in the order given, up to a failure."""
    from mapie.risk_control import FWERProcedure

    class InOrder(FWERProcedure):  # type: ignore[misc]  # its library is untyped
        def _init_state(self, n_lambdas: int, delta: float) -> None:
            self.at, self.levels = 0, np.full(n_lambdas, delta)

        def _select_next_hypothesis(self, p_values: NDArray[np.float64]) -> int | None:
            return self.at if self.at < len(p_values) else None

        def _local_significance_levels(self) -> NDArray[np.float64]:
            return self.levels

        def _update_on_reject(self, hypothesis_index: int) -> None:
            self.at = hypothesis_index + 1

    return InOrder()
